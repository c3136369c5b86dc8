//! Exact numbers, for results and for people.

use num_bigint::BigInt;
use num_integer::Integer as _;
use num_rational::BigRational;
use num_traits::{One, Signed, ToPrimitive, Zero};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// An exact quotient of whole numbers. Written as `"13"`, `"0.5"` or `"13/7"`: never rounded.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Number(BigRational);

impl Number {
    /// A whole number.
    pub fn whole(n: impl Into<BigInt>) -> Self {
        Number(BigRational::from_integer(n.into()))
    }

    /// `n / d`; zero when `d` is zero, so that no input can make a count panic.
    pub fn ratio(n: impl Into<BigInt>, d: impl Into<BigInt>) -> Self {
        let (n, d) = (n.into(), d.into());
        // Results hold thousands of these. Machine words reduce the quotient in a tenth of the time.
        match (u64::try_from(&n), u64::try_from(&d)) {
            (_, Ok(0)) => Number::zero(),
            (Ok(n), Ok(d)) => {
                let common = n.gcd(&d);
                Number(BigRational::new_raw((n / common).into(), (d / common).into()))
            }
            _ => Number(BigRational::new(n, d)),
        }
    }

    /// `units / 10^decimals`: money and points as they stand in files.
    pub fn decimal(units: impl Into<BigInt>, decimals: u32) -> Self {
        Number::ratio(units, BigInt::from(10).pow(decimals))
    }

    /// `quotient ÷ d`, of a reduced quotient that may be of hundreds of digits. As any common divisor divides the short
    /// number, the long one is only divided once; a reduction of the result would take thousands of steps.
    pub(crate) fn part(quotient: &BigRational, d: &BigInt) -> Self {
        let common = quotient.numer().mod_floor(d).gcd(d);
        Number(BigRational::new_raw(quotient.numer() / &common, quotient.denom() * (d / &common)))
    }

    /// `n ÷ quotient`, both above zero, in the same way.
    pub(crate) fn how_often(n: u64, quotient: &BigRational) -> Self {
        Number(Number::part(quotient, &n.max(1).into()).0.recip())
    }

    /// Nothing.
    pub fn zero() -> Self {
        Number(BigRational::zero())
    }

    /// Nearest floating-point number: for pictures only, never for a decision.
    pub fn to_f64(&self) -> f64 {
        self.0.to_f64().unwrap_or(0.0)
    }

    /// True for exactly zero.
    pub fn is_zero(&self) -> bool {
        self.0.is_zero()
    }

    /// The exact quotient.
    pub fn rational(&self) -> &BigRational {
        &self.0
    }

    /// With `places` decimals, cut off (not rounded), as the Scottish reports print votes.
    pub fn cut(&self, places: u32) -> String {
        let scaled = (self.0.clone() * BigInt::from(10).pow(places)).trunc().to_integer();
        point(&scaled, places)
    }

    /// As [`Number::plain`], but cut off rather than rounded where `places` is short of five, and filled up to `places` if there are any, so that what is not
    /// quite enough is never said to be enough; a small amount that would read as 0 is said with five decimals.
    pub(crate) fn amount(&self, places: u32) -> String {
        if places >= 5 {
            return self.plain(places);
        }
        let ten = BigInt::from(10).pow(places);
        let cut = (&self.0 * &ten).trunc() / ten;
        if cut.is_zero() {
            return self.plain(5);
        }
        let mut said = Number(cut).plain(places);
        // 350.50, as prices are written.
        if let Some(point) = said.find('.') {
            let missing = (places as usize + 1).saturating_sub(said.len() - point);
            said.push_str(&"0".repeat(missing));
        }
        said
    }

    /// For people: thousands separated, at most `places` decimals, rounded half up, without idle zeros.
    pub fn plain(&self, places: u32) -> String {
        let half = BigRational::new(BigInt::one(), BigInt::from(2));
        let scaled = (self.0.abs() * BigInt::from(10).pow(places) + half).floor().to_integer();
        let text = point(&scaled, places);
        let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
        let fraction = fraction.trim_end_matches('0');
        let mut out = String::new();
        if self.0.is_negative() && !scaled.is_zero() {
            out.push('−');
        }
        for (i, digit) in whole.chars().enumerate() {
            if i > 0 && (whole.len() - i).is_multiple_of(3) {
                out.push(',');
            }
            out.push(digit);
        }
        if !fraction.is_empty() {
            out.push('.');
            out.push_str(fraction);
        }
        out
    }
}

impl From<BigRational> for Number {
    fn from(value: BigRational) -> Self {
        Number(value)
    }
}

impl From<u64> for Number {
    fn from(value: u64) -> Self {
        Number::whole(value)
    }
}

/// Whole digits with a point `places` from the right.
fn point(scaled: &BigInt, places: u32) -> String {
    let sign = if scaled.is_negative() { "-" } else { "" };
    let digits = scaled.abs().to_string();
    if places == 0 {
        return format!("{sign}{digits}");
    }
    let padded = format!("{digits:0>width$}", width = places as usize + 1);
    let (whole, fraction) = padded.split_at(padded.len() - places as usize);
    format!("{sign}{whole}.{fraction}")
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_integer() {
            return write!(f, "{}", self.0.numer());
        }
        // No divisor of 10⁹ is longer; whether a longer one is would cost a reduction each time.
        let most = if self.0.denom().bits() <= 30 { 9 } else { 0 };
        for places in 1..=most {
            let scaled = self.0.clone() * BigInt::from(10).pow(places);
            if scaled.is_integer() {
                return f.write_str(&point(scaled.numer(), places));
            }
        }
        write!(f, "{}/{}", self.0.numer(), self.0.denom())
    }
}

impl FromStr for Number {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("“{text}” is not a number.");
        if let Some((n, d)) = text.split_once('/') {
            let n: BigInt = n.parse().map_err(|_| wrong())?;
            let d: BigInt = d.parse().map_err(|_| wrong())?;
            return if d.is_zero() { Err(wrong()) } else { Ok(Number::ratio(n, d)) };
        }
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        if fraction.len() > 9 || !fraction.bytes().all(|b| b.is_ascii_digit()) {
            return Err(wrong());
        }
        let units: BigInt = format!("{whole}{fraction}").parse().map_err(|_| wrong())?;
        Ok(Number::decimal(units, fraction.len() as u32))
    }
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&self.to_string())
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_exactly_and_for_people() {
        assert_eq!(Number::ratio(13, 7).to_string(), "13/7");
        assert_eq!(Number::decimal(133_175_111, 2).to_string(), "1331751.11");
        assert_eq!(Number::decimal(133_175_111, 2).plain(2), "1,331,751.11");
        assert_eq!(Number::ratio(2, 3).plain(2), "0.67");
        assert_eq!(Number::ratio(2, 3).cut(5), "0.66666");
        assert_eq!(Number::whole(-1234).plain(0), "−1,234");
        assert_eq!(Number::ratio(1, 0), Number::zero());
        for text in ["13/7", "-0.5", "1331751.11", "0"] {
            assert_eq!(text.parse::<Number>().map(|n| n.to_string()), Ok(text.to_owned()));
        }
        assert!("1/0".parse::<Number>().is_err());
        assert!("1.2.3".parse::<Number>().is_err());
    }
}
