//! Numbers as different versions of the API write them: 3, 3.0, "3", and times as "2020-06-29T20:11:22.421Z".

use crate::export::csv::digits;
use serde::de::{Deserialize, Deserializer, Error, Visitor};
use std::fmt;

/// A participant's or statement's number, or a count.
pub(super) struct Number(pub u32);

/// −1, 0 or 1.
pub(super) struct Sign(pub i8);

/// A time, if there is one, in milliseconds since 1970.
#[derive(Default)]
pub(super) struct Time {
    pub milliseconds: Option<u64>,
    /// Whether it was written in seconds.
    pub seconds: bool,
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Number, D::Error> {
        let number = deserializer.deserialize_any(Whole)?;
        let number = number.and_then(|number| u32::try_from(number).ok());
        number.map(Number).ok_or_else(|| D::Error::custom("A number is missing, negative or too large"))
    }
}

impl<'de> Deserialize<'de> for Sign {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Sign, D::Error> {
        match deserializer.deserialize_any(Whole)? {
            Some(sign @ -1..=1) => Ok(Sign(sign as i8)),
            Some(other) => {
                Err(D::Error::custom(format!("A vote or moderation is {other}; it can only be 1, 0 or -1")))
            }
            None => Err(D::Error::custom("A vote or moderation is missing; it can only be 1, 0 or -1")),
        }
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Time, D::Error> {
        let Some(number) = deserializer.deserialize_any(Whole)? else { return Ok(Time::default()) };
        let implausible = || D::Error::custom(format!("The time {number} is not between 2000 and 2100"));
        let number = u64::try_from(number).map_err(|_| implausible())?;
        let seconds = number < 100_000_000_000;
        let milliseconds = if seconds { number * 1000 } else { number };
        if !crate::export::tables::TIMES.contains(&milliseconds) {
            return Err(implausible());
        }
        Ok(Time { milliseconds: Some(milliseconds), seconds })
    }
}

/// Nothing for null.
struct Whole;

impl Visitor<'_> for Whole {
    type Value = Option<i64>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a whole number or a time")
    }

    fn visit_unit<E: Error>(self) -> Result<Option<i64>, E> {
        Ok(None)
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Option<i64>, E> {
        Ok(Some(number))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Option<i64>, E> {
        i64::try_from(number).map(Some).map_err(|_| E::custom(format!("The number {number} is too large")))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Option<i64>, E> {
        // Beyond 2⁵³ not every whole number can be written.
        if number.fract() != 0.0 || number.abs() > 9e15 {
            return Err(E::custom(format!("The number {number} is not whole, or too large")));
        }
        Ok(Some(number as i64))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Option<i64>, E> {
        let (negative, unsigned) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let number = digits(unsigned).and_then(|number| i64::try_from(number).ok());
        match number.map(|number| if negative { -number } else { number }).or_else(|| instant(text)) {
            Some(number) => Ok(Some(number)),
            None => Err(E::custom(format!(
                "\"{}\" is neither a whole number nor a time",
                crate::export::csv::shown(text)
            ))),
        }
    }
}

/// Milliseconds since 1970 of a time like `2020-06-29T20:11:22.421000Z`, in UTC.
fn instant(text: &str) -> Option<i64> {
    let text = text.strip_suffix('Z').or_else(|| text.strip_suffix("+00:00"))?;
    let (date, time) = text.split_once(['T', ' '])?;
    let part = |text: Option<&str>, most: u64| Some(digits(text?)?).filter(|&number| number <= most);
    let mut date = date.split('-');
    let (year, month, day) = (part(date.next(), 9999)?, part(date.next(), 12)?, part(date.next(), 31)?);
    let (time, fraction) = time.split_once('.').unwrap_or((time, "0"));
    let mut time = time.split(':');
    let (hour, minute, second) = (part(time.next(), 23)?, part(time.next(), 59)?, part(time.next(), 60)?);
    if date.next().is_some() || time.next().is_some() || month == 0 || day == 0 || year < 1970 {
        return None;
    }
    let milliseconds =
        digits(fraction.get(..3.min(fraction.len()))?)? * [1, 100, 10, 1][fraction.len().min(3)];
    let seconds = days(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second;
    i64::try_from(seconds * 1000 + milliseconds).ok()
}

/// Days since 1970 in the Gregorian calendar (Hinnant, "chrono-compatible low-level date algorithms").
fn days(year: u64, month: u64, day: u64) -> u64 {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let in_era = (year % 400) * 365 + (year % 400) / 4 - (year % 400) / 100;
    (year / 400) * 146_097 + in_era + (153 * month + 2) / 5 + day - 1 - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times() {
        assert_eq!(instant("1970-01-01T00:00:00Z"), Some(0));
        assert_eq!(instant("2020-06-29T20:11:22.421000Z"), Some(1_593_461_482_421));
        assert_eq!(instant("2000-02-29T12:00:00.5+00:00"), Some(951_825_600_500));
        for bad in ["", "2020-06-29", "2020-13-01T00:00:00Z", "2020-06-29T20:11Z", "2020-06-29T20:11:22.é1Z"]
        {
            assert_eq!(instant(bad), None, "{bad}");
        }
    }
}
