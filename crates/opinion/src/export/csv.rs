//! Comma-separated values, strictly after RFC 4180, with the line of everything.
//!
//! Where the first line has no comma, semicolons separate, or else tabs: so do spreadsheets write in half of the world.
//! Not a general reader: nothing else is guessed. Fields without quotes are not copied.

use super::{File, Refusal};
use serde::de::IgnoredAny;
use std::borrow::Cow;

/// Columns at most. Polis takes 10,000 statements; a header of millions must not cost memory.
const COLUMNS: usize = 100_000;

/// A file being read row by row.
pub(super) struct Table<'a> {
    pub name: &'a str,
    text: &'a str,
    at: usize,
    /// The line that `at` is in.
    line: u64,
    /// What stands between fields.
    pub separator: u8,
}

/// One row.
#[derive(Default)]
pub(super) struct Row<'a> {
    /// Where it starts.
    pub line: u64,
    pub fields: Vec<Cow<'a, str>>,
    /// Whether a line end follows, not the end of the file.
    pub ended: bool,
}

/// The text of a file: UTF-8, with or without a byte order mark, not empty.
pub(super) fn text<'a>(file: File<'a>) -> Result<&'a str, Refusal> {
    let File { name, bytes } = file;
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(Refusal::new(name, 1, "The file is UTF-16; save it as UTF-8."));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let good = &bytes[..error.valid_up_to()];
        let reason = if error.error_len().is_none() {
            "The file ends in the middle of a character: it is cut off. Export it again."
        } else {
            "The file is not UTF-8; save it as UTF-8."
        };
        Refusal::new(name, lines(good), reason)
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.trim().is_empty() {
        return Err(Refusal::new(name, None, "The file is empty."));
    }
    if let Some(at) = text.bytes().position(|byte| byte == 0) {
        let reason = "There is a zero byte: this is not a text file, or it was damaged.";
        return Err(Refusal::new(name, lines(&text.as_bytes()[..at]), reason));
    }
    Ok(text)
}

/// The line in which the text goes on.
fn lines(text: &[u8]) -> u64 {
    1 + text.iter().filter(|&&byte| byte == b'\n').count() as u64
}

/// Why a text is no table, if its first character tells, or its line ends.
fn no_table(text: &str) -> Option<String> {
    /// A map as it was printed, alone or with what it is about.
    #[derive(serde::Deserialize)]
    #[serde(untagged)]
    enum Printed {
        #[allow(dead_code, reason = "that they are there is what matters")]
        With { map: IgnoredAny, read: IgnoredAny },
        #[allow(dead_code, reason = "that they are there is what matters")]
        Alone { method: IgnoredAny, digest: IgnoredAny, participants: IgnoredAny },
    }
    let reason = match text.trim_start().as_bytes().first()? {
        b'{' if serde_json::from_str::<Printed>(text).is_ok() => {
            "This is an opinion map that was printed, not responses: it can be compared with another, and no more. Give the export it was made of."
        }
        b'{' | b'[' => {
            "This is JSON, and a table of comma-separated values is expected here. Of JSON only the files of Polis' API are read: votes.json, with comments.json beside it."
        }
        b'<' => "This is a web page, not a table: something else came instead of the file. Export it again.",
        _ if !text.contains('\n') && text.trim_end().contains('\r') => {
            "The lines end as on old Macs (CR), and so the file is one line. Save it with the line ends LF or CRLF."
        }
        _ => return None,
    };
    Some(reason.to_owned())
}

impl<'a> Table<'a> {
    pub fn new(file: File<'a>) -> Result<Table<'a>, Refusal> {
        let name = file.name;
        let text = text(file)?;
        if let Some(reason) = no_table(text) {
            return Err(Refusal::new(name, None, reason));
        }
        let first = text.trim_start_matches(['\r', '\n']).lines().next().unwrap_or_default();
        let separator = [b',', b';', b'\t'].into_iter().find(|&byte| first.as_bytes().contains(&byte));
        Ok(Table { name, text, at: 0, line: 1, separator: separator.unwrap_or(b',') })
    }

    pub fn refuse<T>(&self, line: impl Into<Option<u64>>, reason: impl Into<String>) -> Result<T, Refusal> {
        Err(Refusal::new(self.name, line, reason))
    }

    /// What has not been read, and the line it starts in.
    pub fn rest(&self) -> (&'a str, u64) {
        (&self.text[self.at..], self.line)
    }

    /// Reads the next row into `row`; false at the end of the file. Empty lines are passed over.
    pub fn next(&mut self, row: &mut Row<'a>) -> Result<bool, Refusal> {
        row.fields.clear();
        let bytes = self.text.as_bytes();
        loop {
            match bytes[self.at..] {
                [b'\n', ..] => self.at += 1,
                [b'\r', b'\n', ..] => self.at += 2,
                [] => return Ok(false),
                _ => break,
            }
            self.line += 1;
        }
        row.line = self.line;
        loop {
            if row.fields.len() == COLUMNS {
                let reason = format!("The row has more than {COLUMNS} columns; no export has so many.");
                return self.refuse(row.line, reason);
            }
            let field = if bytes.get(self.at) == Some(&b'"') { self.quoted()? } else { self.bare()? };
            row.fields.push(field);
            match bytes[self.at..] {
                [byte, ..] if byte == self.separator => self.at += 1,
                [b'\n', ..] => {
                    (self.at, self.line, row.ended) = (self.at + 1, self.line + 1, true);
                    return Ok(true);
                }
                [b'\r', b'\n', ..] => {
                    (self.at, self.line, row.ended) = (self.at + 2, self.line + 1, true);
                    return Ok(true);
                }
                [] => {
                    row.ended = false;
                    return Ok(true);
                }
                _ => {
                    let reason = "There is text behind a closing quotation mark: a quotation mark is missing or not doubled.";
                    return self.refuse(self.line, reason);
                }
            }
        }
    }

    fn bare(&mut self) -> Result<Cow<'a, str>, Refusal> {
        let start = self.at;
        let bytes = self.text.as_bytes();
        let separator = self.separator;
        let length =
            bytes[start..].iter().position(|&byte| matches!(byte, b'\n' | b'"') || byte == separator);
        let mut end = length.map_or(bytes.len(), |length| start + length);
        if bytes.get(end) == Some(&b'"') {
            let reason = "There is a quotation mark in the middle of a field that does not start with one.";
            return self.refuse(self.line, reason);
        }
        if bytes.get(end) == Some(&b'\n') && end > start && bytes[end - 1] == b'\r' {
            end -= 1;
        }
        self.at = end;
        Ok(Cow::Borrowed(&self.text[start..end]))
    }

    fn quoted(&mut self) -> Result<Cow<'a, str>, Refusal> {
        let opened = self.line;
        let bytes = self.text.as_bytes();
        let mut start = self.at + 1;
        let mut joined = String::new();
        loop {
            let Some(length) = bytes[start..].iter().position(|&byte| byte == b'"') else {
                let reason =
                    "The quotation mark opened here is never closed: the file is cut off or damaged.";
                return self.refuse(opened, reason);
            };
            let end = start + length;
            self.line += bytes[start..end].iter().filter(|&&byte| byte == b'\n').count() as u64;
            let part = &self.text[start..end];
            if bytes.get(end + 1) == Some(&b'"') {
                joined.push_str(part);
                joined.push('"');
                start = end + 2;
                continue;
            }
            self.at = end + 1;
            if joined.is_empty() {
                return Ok(Cow::Borrowed(part));
            }
            joined.push_str(part);
            return Ok(Cow::Owned(joined));
        }
    }
}

/// The names in a header row, and which of them a reader needs.
pub(super) struct Header {
    names: Vec<String>,
}

impl Header {
    /// Reads the first row.
    pub fn read(table: &mut Table<'_>) -> Result<Header, Refusal> {
        let mut row = Row::default();
        table.next(&mut row)?;
        let names: Vec<String> = row.fields.iter().map(|name| name.trim().to_ascii_lowercase()).collect();
        Ok(Header { names })
    }

    pub fn len(&self) -> usize {
        self.names.len()
    }

    pub fn names(&self) -> &[String] {
        &self.names
    }

    pub fn find(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|other| other == name)
    }

    /// Where the named columns are. No column may be there twice.
    pub fn need<const N: usize>(&self, table: &Table<'_>, names: [&str; N]) -> Result<[usize; N], Refusal> {
        let mut found = [0; N];
        for (found, name) in found.iter_mut().zip(names) {
            let Some(at) = self.find(name) else {
                let reason = format!(
                    "The column \"{name}\" is missing; the first line has to name the columns {}.",
                    names.join(", ")
                );
                return table.refuse(1, reason);
            };
            *found = at;
        }
        let mut sorted: Vec<&String> = self.names.iter().collect();
        sorted.sort_unstable();
        if let Some(twice) = sorted.windows(2).find(|pair| pair[0] == pair[1]) {
            return table.refuse(1, format!("The column \"{}\" is there twice.", shown(twice[0])));
        }
        Ok(found)
    }

    /// Reads the next row, which must have a field for every name.
    pub fn next<'a>(&self, table: &mut Table<'a>, row: &mut Row<'a>) -> Result<bool, Refusal> {
        if !table.next(row)? {
            return Ok(false);
        }
        if row.fields.len() == self.len() {
            return Ok(true);
        }
        let reason = if row.ended || row.fields.len() > self.len() {
            format!(
                "The row has {} fields, but the first line names {} columns.",
                row.fields.len(),
                self.len()
            )
        } else {
            "The file ends in the middle of a row: it is cut off. Export it again.".to_owned()
        };
        table.refuse(row.line, reason)
    }
}

impl Row<'_> {
    /// A whole number of at most `most`, written with digits only.
    pub fn whole(&self, table: &Table<'_>, at: usize, what: &str, most: u64) -> Result<u64, Refusal> {
        self.read(at, most).or_else(|other| {
            let shown = shown(self.fields[at].trim());
            table.refuse(
                self.line,
                match other {
                    NotRead::OutOfRange => out_of_range(what, &shown, most),
                    NotRead::NoNumber => format!("The {what} is \"{shown}\", which is not a whole number."),
                },
            )
        })
    }

    /// A participant's or statement's number.
    pub fn number(&self, table: &Table<'_>, at: usize, what: &str) -> Result<u32, Refusal> {
        let most = u64::from(u32::MAX);
        // At most u32::MAX, so the conversion loses nothing.
        self.read(at, most).map(|number| number as u32).or_else(|other| {
            let shown = shown(self.fields[at].trim());
            table.refuse(
                self.line,
                match other {
                    NotRead::OutOfRange => out_of_range(what, &shown, most),
                    NotRead::NoNumber => format!(
                        "The {what} is \"{shown}\". Participants and statements have numbers here, no names: give each a whole number of its own and write that in every row."
                    ),
                },
            )
        })
    }

    fn read(&self, at: usize, most: u64) -> Result<u64, NotRead> {
        let field = self.fields[at].trim();
        let unsigned = field.strip_prefix(['-', '+']).unwrap_or(field);
        match digits(field) {
            Some(number) if number <= most => Ok(number),
            Some(_) => Err(NotRead::OutOfRange),
            None if !unsigned.is_empty() && unsigned.bytes().all(|byte| byte.is_ascii_digit()) => {
                Err(NotRead::OutOfRange)
            }
            None => Err(NotRead::NoNumber),
        }
    }

    /// −1, 0 or 1.
    pub fn sign(&self, table: &Table<'_>, at: usize, what: &str) -> Result<i8, Refusal> {
        match sign(self.fields[at].trim()) {
            Some(sign) => Ok(sign),
            None => {
                let found = shown(&self.fields[at]);
                table.refuse(self.line, format!("The {what} is \"{found}\"; it can only be 1, 0 or -1."))
            }
        }
    }
}

/// Why a field gives no number.
enum NotRead {
    OutOfRange,
    NoNumber,
}

fn out_of_range(what: &str, shown: &str, most: u64) -> String {
    format!("The {what} is {shown}; it can only be a whole number from 0 to {most}, written with digits.")
}

pub(super) fn sign(field: &str) -> Option<i8> {
    match field {
        "1" | "+1" => Some(1),
        "0" => Some(0),
        "-1" => Some(-1),
        _ => None,
    }
}

/// A number of digits only; nothing else, not even a plus.
pub(super) fn digits(field: &str) -> Option<u64> {
    if field.is_empty() || field.len() > 19 {
        // 19 nines fit; what is longer is no number anybody counted.
        return None;
    }
    field
        .bytes()
        .try_fold(0u64, |number, byte| byte.is_ascii_digit().then(|| number * 10 + u64::from(byte - b'0')))
}

/// The start of a text, for a sentence: no line ends, not long.
pub(super) fn shown(text: &str) -> String {
    let mut short: String = text.chars().take(40).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Result<Vec<(u64, Vec<String>)>, String> {
        let mut table = Table::new(File { name: "t.csv", bytes: text.as_bytes() })
            .map_err(|refusal| refusal.to_string())?;
        let mut all = Vec::new();
        let mut row = Row::default();
        while table.next(&mut row).map_err(|refusal| refusal.to_string())? {
            all.push((row.line, row.fields.iter().map(|field| field.to_string()).collect()));
        }
        Ok(all)
    }

    fn strings(fields: &[&str]) -> Vec<String> {
        fields.iter().map(|field| field.to_string()).collect()
    }

    #[test]
    fn quotes_line_ends_and_empty_fields() {
        let text = "\u{feff}a,\"b \"\"c\"\", d\"\r\n\n\"x\ny\",\nlast,\"\"";
        let expected = vec![
            (1, strings(&["a", "b \"c\", d"])),
            (3, strings(&["x\ny", ""])),
            (5, strings(&["last", ""])),
        ];
        assert_eq!(rows(text), Ok(expected));
    }

    #[test]
    fn semicolons_and_tabs_separate_where_the_first_line_has_no_comma() {
        for separator in ['\t', ';'] {
            let text = "a|b|c\n1,5|\"x|y\"|\n".replace('|', &separator.to_string());
            let quoted = format!("x{separator}y");
            assert_eq!(
                rows(&text),
                Ok(vec![(1, strings(&["a", "b", "c"])), (2, strings(&["1,5", &quoted, ""]))])
            );
        }
        assert_eq!(rows("a;b,c\n"), Ok(vec![(1, strings(&["a;b", "c"]))]));
    }

    #[test]
    fn what_is_no_table_is_told_by_its_first_character_or_its_line_ends() {
        for (text, expected) in [
            ("{\"map\": {}, \"read\": {}}", "This is an opinion map that was printed"),
            ("{\"method\": \"map\", \"digest\": \"\", \"participants\": []}", "This is an opinion map"),
            (" [{\"a\": 1}]", "This is JSON"),
            ("{\"map\"", "This is JSON"),
            ("<html>", "This is a web page"),
            ("a,b\r1,2\r", "The lines end as on old Macs"),
        ] {
            let refusal = rows(text).unwrap_err();
            assert!(refusal.starts_with(&format!("t.csv: {expected}")), "{refusal}");
        }
    }

    #[test]
    fn ten_million_columns_cost_nothing() {
        let text = "0,".repeat(10_000_000);
        assert_eq!(
            rows(&text),
            Err("t.csv, line 1: The row has more than 100000 columns; no export has so many.".to_owned())
        );
    }

    #[test]
    fn damaged_quotes() {
        for (text, line) in [("a\nb,\"c\n\nd", 2), ("a\n\"b\"c", 2), ("a\nb\"c\"", 2)] {
            let refusal = rows(text).unwrap_err();
            assert!(refusal.starts_with(&format!("t.csv, line {line}: ")), "{refusal}");
        }
    }

    #[test]
    fn whole_numbers_are_digits() {
        assert_eq!(digits("0042"), Some(42));
        for bad in ["", "+1", "-1", "1.0", "1e3", "99999999999999999999", "٣"] {
            assert_eq!(digits(bad), None, "{bad}");
        }
    }
}
