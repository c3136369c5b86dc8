//! What all readers need: decoding, lines, quoted fields, decimals.

use super::Repairs;
use crate::outcome::Refusal;
use std::borrow::Cow;

/// The text of a file without byte order mark; what is not UTF-8 is read as Windows' Western encoding.
pub(super) fn decode<'a>(bytes: &'a [u8], repairs: &mut Repairs) -> Result<Cow<'a, str>, Refusal> {
    if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) {
        return Err(Refusal::new("The file is UTF-16. Save it as UTF-8 and try again."));
    }
    let bytes = match bytes.strip_prefix(&[0xEF, 0xBB, 0xBF]) {
        Some(rest) => {
            repairs.all("The file begins with a byte order mark; it was left out.");
            rest
        }
        None => bytes,
    };
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(e) => {
            let line = bytes[..e.valid_up_to()].iter().filter(|b| **b == b'\n').count() + 1;
            repairs.at(
                line,
                "The file is not UTF-8. It was read as Western European (Latin-1); check the names.",
            );
            Cow::Owned(bytes.iter().map(|b| char::from(*b)).collect())
        }
    };
    let has = |byte: u8| text.as_bytes().contains(&byte);
    if has(0) {
        return Err(Refusal::new(
            "The file holds zero bytes, so it is not a text file. Was the right file chosen?",
        ));
    }
    if has(b'\r') {
        let ends = text.as_bytes().iter().filter(|b| **b == b'\n').count();
        if ends == 0 {
            return Ok(Cow::Owned(text.replace('\r', "\n")));
        }
        if text.as_bytes().windows(2).filter(|w| w == b"\r\n").count() < ends {
            repairs.all("Lines end in two different ways; both were read.");
        }
    }
    Ok(text)
}

/// Lines with their numbers from 1, without line ends.
pub(super) fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> + Clone {
    text.split('\n').enumerate().map(|(i, l)| (i + 1, l.strip_suffix('\r').unwrap_or(l)))
}

/// A whole number of units of `10^-decimals`, as written: `1331751.11` is `(133175111, 2)`.
pub(super) fn decimal(text: &str) -> Option<(i64, u32)> {
    let text = text.trim();
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let fraction = fraction.trim_end_matches('0');
    if (whole.is_empty() && fraction.is_empty()) || fraction.len() > 6 {
        return None;
    }
    // After a 0 only digits are part of a number.
    let units: i64 = format!("0{whole}{fraction}").parse().ok()?;
    Some((sign * units, fraction.len() as u32))
}

/// The same amount with more decimals, if it fits.
pub(super) fn rescale((units, decimals): (i64, u32), to: u32) -> Option<i64> {
    units.checked_mul(10i64.checked_pow(to.checked_sub(decimals)?)?)
}

/// Splits a record at `separator`. A field that begins with a quote ends at the next single quote; two quotes in it
/// are one. `None`: the last quote is not closed, so the record goes on in the next line.
pub(super) fn fields(record: &str, separator: char) -> Option<Vec<Cow<'_, str>>> {
    if !record.contains('"') {
        return Some(record.split(separator).map(Cow::Borrowed).collect());
    }
    let mut out = vec![];
    let mut rest = record;
    loop {
        if let Some(quoted) = rest.strip_prefix('"') {
            let (text, after) = unquote(quoted)?;
            let end = after.find(separator).unwrap_or(after.len());
            out.push(Cow::Owned(text + &after[..end]));
            rest = &after[end..];
        } else {
            let end = rest.find(separator).unwrap_or(rest.len());
            out.push(Cow::Borrowed(&rest[..end]));
            rest = &rest[end..];
        }
        match rest.strip_prefix(separator) {
            Some(next) => rest = next,
            None => return Some(out),
        }
    }
}

/// The text up to the closing quote (two quotes are one), and what follows. `text` begins after the opening quote.
pub(super) fn unquote(text: &str) -> Option<(String, &str)> {
    let mut out = String::new();
    let mut rest = text;
    loop {
        let at = rest.find('"')?;
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        match rest.strip_prefix('"') {
            Some(next) => {
                out.push('"');
                rest = next;
            }
            None => return Some((out, rest)),
        }
    }
}

/// A text as it can stand in one line of a file: control characters become spaces.
pub(in crate::files) fn one_line(text: &str) -> String {
    text.replace(char::is_control, " ")
}

/// A field as it must be written so that it is read back the same.
pub(in crate::files) fn quoted(field: &str, separator: char) -> String {
    let clean = one_line(field);
    if clean.contains([separator, '"']) { format!("\"{}\"", clean.replace('"', "\"\"")) } else { clean }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_keep_quoted_separators() {
        let list = |r| fields(r, ';').map(|f| f.into_iter().map(Cow::into_owned).collect::<Vec<_>>());
        assert_eq!(list("a;\"b;c\";d").unwrap(), ["a", "b;c", "d"]);
        assert_eq!(list("\"\"\"Orlik\"\" – boisko\";1").unwrap(), ["\"Orlik\" – boisko", "1"]);
        assert_eq!(list("Kino \"Pod gwiazdami\";2").unwrap(), ["Kino \"Pod gwiazdami\"", "2"]);
        assert_eq!(list("\"Orlik\" x;2").unwrap(), ["Orlik x", "2"]);
        assert_eq!(list("\"open;2"), None);
        assert_eq!(list("").unwrap(), [""]);
    }

    #[test]
    fn decimals_are_exact() {
        assert_eq!(decimal("1331751.11"), Some((133_175_111, 2)));
        assert_eq!(decimal("10.50"), Some((105, 1)));
        assert_eq!(decimal("-3"), Some((-3, 0)));
        assert_eq!(
            (decimal("1e6"), decimal(""), decimal("."), decimal("1,5"), decimal("99999999999999999999")),
            (None, None, None, None, None)
        );
        let wrong = ["x", "1.x", "x.1", "-x.5", "1.1234567"].map(decimal);
        assert_eq!((wrong, decimal("1.123456")), ([None; 5], Some((1_123_456, 6))));
        assert_eq!(rescale((105, 1), 3), Some(10_500));
        assert_eq!(rescale((i64::MAX, 0), 2), None);
    }
}
