//! `summary.csv` and `stats-history.csv`.

use super::open;
use crate::export::csv::{Row, Table, digits};
use crate::export::{File, Refusal};

/// What it says about the conversation as a whole.
#[derive(Debug, Default)]
pub(super) struct Summary {
    pub topic: String,
    pub description: String,
    pub voters: Option<u64>,
}

/// Rows of key and value, without a header; later exporters write a URL that is `undefined` or has no scheme.
pub(super) fn read(file: File<'_>) -> Result<Summary, Refusal> {
    let mut table = Table::new(file)?;
    let mut summary = Summary::default();
    let mut row = Row::default();
    let mut known = 0;
    while table.next(&mut row)? {
        let [key, value] = &row.fields[..] else {
            let reason = format!("The row has {} fields; it should be a name and a value.", row.fields.len());
            return table.refuse(row.line, reason);
        };
        known += 1;
        match key.as_ref() {
            "topic" => summary.topic = value.to_string(),
            "conversation-description" => summary.description = value.to_string(),
            "voters" => summary.voters = Some(row.whole(&table, 1, "number of voters", u64::MAX)?),
            "url" | "views" | "voters-in-conv" | "commenters" | "comments" | "groups" => (),
            _ => known -= 1,
        }
    }
    if known == 0 {
        return table.refuse(1, "This is not a summary: it names no topic, url, voters, comments or groups.");
    }
    Ok(summary)
}

/// The number of responses in the last row.
pub(super) fn last_count(file: File<'_>) -> Result<u64, Refusal> {
    let (mut table, header) = open(file)?;
    let [votes] = header.need(&table, ["n-votes"])?;
    let mut row = Row::default();
    let mut last = 0;
    while header.next(&mut table, &mut row)? {
        last = match digits(&row.fields[votes]) {
            Some(number) => number,
            None => return table.refuse(row.line, "The column n-votes is not a whole number."),
        };
    }
    Ok(last)
}
