//! Texts that were written without quotes: commas, line ends and quotation marks in them break rows.
//!
//! Polis' first report exporter wrote `comments.csv` like this. A line starts a row exactly when its fields
//! before the text are what they must be; any other line belongs to the text before it.

use super::Refusal;
use super::csv::{digits, sign};

/// Puts rows together again: the fields before the text, then the text, which is in the last column.
///
/// `rest` is the file behind the header, `line` its first line; `columns` counts the text. Returns rows with
/// their lines, and how many had to be put together.
pub(super) fn rows<'a>(
    name: &str,
    rest: &'a str,
    line: u64,
    kinds: &[Kind],
) -> Result<(Vec<LooseRow<'a>>, usize), Refusal> {
    let mut rows: Vec<LooseRow<'a>> = Vec::new();
    let mut repaired = 0;
    for (at, text) in (line..).zip(rest.split_inclusive('\n')) {
        match split(text.trim_end_matches(['\n', '\r']), kinds) {
            Some((fields, body)) => rows.push(LooseRow { line: at, fields, text: body.to_owned(), lines: 1 }),
            None => {
                let Some(row) = rows.last_mut() else {
                    let reason = "The first row does not have the fields that the first line names.";
                    return Err(Refusal::new(name, at, reason));
                };
                row.text.push('\n');
                row.text.push_str(text.trim_end_matches(['\n', '\r']));
                row.lines += 1;
            }
        }
    }
    for row in &mut rows {
        if let Some(text) = unquoted(&row.text) {
            row.text = text;
        } else if row.lines > 1 || row.text.contains([',', '"']) {
            repaired += 1;
        }
    }
    Ok((rows, repaired))
}

/// A row that was put together.
pub(super) struct LooseRow<'a> {
    pub line: u64,
    /// The fields before the text.
    pub fields: Vec<&'a str>,
    pub text: String,
    lines: usize,
}

/// What a field before the text must look like.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Digits,
    Sign,
    Anything,
}

fn split<'a>(line: &'a str, kinds: &[Kind]) -> Option<(Vec<&'a str>, &'a str)> {
    let mut fields = Vec::with_capacity(kinds.len());
    let mut rest = line;
    for kind in kinds {
        let (field, behind) = rest.split_once(',')?;
        let fits = match kind {
            Kind::Digits => digits(field).is_some(),
            Kind::Sign => sign(field).is_some(),
            Kind::Anything => true,
        };
        if !fits {
            return None;
        }
        fields.push(field);
        rest = behind;
    }
    Some((fields, rest))
}

/// A text that was quoted after all, without its quotes.
fn unquoted(text: &str) -> Option<String> {
    let inner = text.strip_prefix('"')?.strip_suffix('"')?;
    let single = inner.replace("\"\"", "");
    (!single.contains('"')).then(|| inner.replace("\"\"", "\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_joined_to_the_row_they_belong_to() {
        let text = "17,1,Simple\n18,-1,one, two\nand \"three\"\n\n19,x\n19,0,\"was, \"\"quoted\"\"\"\n";
        let (rows, repaired) = rows("c.csv", text, 2, &[Kind::Digits, Kind::Sign]).unwrap();
        let found: Vec<(u64, &str)> = rows.iter().map(|row| (row.line, row.text.as_str())).collect();
        let expected = [(2, "Simple"), (3, "one, two\nand \"three\"\n\n19,x"), (7, "was, \"quoted\"")];
        assert_eq!(found, expected);
        assert_eq!(repaired, 1);
    }

    #[test]
    fn text_before_the_first_row_is_refused() {
        let refusal = rows("c.csv", "hello\n", 2, &[Kind::Digits]).map(|_| ()).unwrap_err();
        assert_eq!(refusal.line, Some(2));
    }
}
