//! `comments.csv`: the statements.

use super::{Clock, Times, open, refuse_unended};
use crate::export::csv::{Header, Row, Table, shown};
use crate::export::loose::{self, Kind};
use crate::export::{File, Moderation, Refusal, Statement};
use std::borrow::Cow;

#[derive(Debug)]
pub(super) struct Comments {
    /// By number.
    pub statements: Vec<Statement>,
    /// Statement, agrees, disagrees: counted by the exporter, also responses that were replaced.
    pub counts: Vec<(u32, u64, u64)>,
    pub seconds: bool,
    pub repaired: usize,
}

/// The columns of `comments.csv`; others may be there.
pub(in crate::export) const COMMENTS: [&str; 7] =
    ["timestamp", "comment-id", "author-id", "agrees", "disagrees", "moderated", "comment-body"];

pub(super) fn read(file: File<'_>) -> Result<Comments, Refusal> {
    let (mut table, header) = open(file)?;
    let columns = Columns::of(&table, &header)?;
    let (rest, line) = table.rest();
    match strict(&mut table, &header, &columns) {
        // Only exporters that write seconds leave out quotes.
        Err(refusal)
            if in_seconds(rest, &columns) && columns.text + 1 == header.len() && table.separator == b',' =>
        {
            loosely(&table, rest, line, &header, &columns)
                .map_err(|again| if again.line == Some(line) { refusal } else { again })
        }
        result => result,
    }
}

/// Where the columns are.
struct Columns {
    time: usize,
    number: usize,
    author: usize,
    agrees: usize,
    disagrees: usize,
    moderated: usize,
    text: usize,
    meta: Option<usize>,
    seed: Option<usize>,
}

impl Columns {
    fn of(table: &Table<'_>, header: &Header) -> Result<Columns, Refusal> {
        let [time, number, author, agrees, disagrees, moderated, text] = header.need(table, COMMENTS)?;
        let (meta, seed) = (header.find("is-meta"), header.find("is-seed"));
        Ok(Columns { time, number, author, agrees, disagrees, moderated, text, meta, seed })
    }
}

fn strict(table: &mut Table<'_>, header: &Header, columns: &Columns) -> Result<Comments, Refusal> {
    let mut collected = Collected::default();
    let mut row = Row { ended: true, ..Row::default() };
    while header.next(table, &mut row)? {
        collected.add(table, &row, columns)?;
    }
    refuse_unended(table, &row)?;
    Ok(collected.finish(0))
}

fn in_seconds(rest: &str, columns: &Columns) -> bool {
    let first = rest.lines().find(|line| !line.is_empty());
    let time = first.and_then(|line| line.split(',').nth(columns.time));
    time.and_then(crate::export::csv::digits)
        .is_some_and(|raw| Clock::default().take(raw).is_ok() && raw < 100_000_000_000)
}

fn loosely(
    table: &Table<'_>,
    rest: &str,
    line: u64,
    header: &Header,
    columns: &Columns,
) -> Result<Comments, Refusal> {
    let kinds: Vec<Kind> = (0..columns.text)
        .map(|at| match at {
            at if [columns.time, columns.number, columns.agrees, columns.disagrees].contains(&at) => {
                Kind::Digits
            }
            at if at == columns.moderated => Kind::Sign,
            _ => Kind::Anything,
        })
        .collect();
    let (rows, repaired) = loose::rows(table.name, rest, line, &kinds)?;
    let mut collected = Collected::default();
    let mut row = Row::default();
    debug_assert_eq!(kinds.len() + 1, header.len());
    for loose in rows {
        row.line = loose.line;
        row.fields.clear();
        row.fields.extend(loose.fields.into_iter().map(Cow::Borrowed));
        row.fields.push(Cow::Owned(loose.text));
        collected.add(table, &row, columns)?;
    }
    row.ended = rest.ends_with('\n');
    refuse_unended(table, &row)?;
    Ok(collected.finish(repaired))
}

#[derive(Default)]
struct Collected {
    clock: Clock,
    /// With agrees, disagrees and line.
    statements: Vec<(Statement, u64, u64)>,
    lines: std::collections::HashMap<u32, u64>,
}

impl Collected {
    fn add(&mut self, table: &Table<'_>, row: &Row<'_>, columns: &Columns) -> Result<(), Refusal> {
        let number = row.number(table, columns.number, "comment-id")?;
        if let Some(before) = self.lines.insert(number, row.line) {
            return table.refuse(
                row.line,
                format!("Statement {number} is there twice; it was in line {before} before."),
            );
        }
        let author = match row.fields[columns.author].trim() {
            "" | "-1" => None,
            _ => Some(row.number(table, columns.author, "author-id")?),
        };
        let moderation = match row.sign(table, columns.moderated, "column moderated")? {
            -1 => Moderation::Rejected,
            0 => Moderation::Unmoderated,
            _ => Moderation::Accepted,
        };
        let yes = |at: Option<usize>, what: &str| -> Result<Option<bool>, Refusal> {
            let Some(at) = at else { return Ok(None) };
            match row.fields[at].trim().to_ascii_lowercase().as_str() {
                "" => Ok(None),
                "true" | "1" => Ok(Some(true)),
                "false" | "0" => Ok(Some(false)),
                other => table.refuse(
                    row.line,
                    format!("The column {what} is \"{}\"; it can only be true or false.", shown(other)),
                ),
            }
        };
        let statement = Statement {
            number,
            author,
            created: Some(self.clock.read(table, row, columns.time)?),
            text: row.fields[columns.text].as_ref().to_owned(),
            moderation,
            meta: yes(columns.meta, "is-meta")?.unwrap_or(false),
            seed: yes(columns.seed, "is-seed")?,
        };
        let most = u64::from(u32::MAX);
        let agrees = row.whole(table, columns.agrees, "number of agrees", most)?;
        let disagrees = row.whole(table, columns.disagrees, "number of disagrees", most)?;
        self.statements.push((statement, agrees, disagrees));
        Ok(())
    }

    fn finish(mut self, repaired: usize) -> Comments {
        self.statements.sort_by_key(|(statement, ..)| statement.number);
        let counts = self
            .statements
            .iter()
            .map(|(statement, agrees, disagrees)| (statement.number, *agrees, *disagrees))
            .collect();
        Comments {
            counts,
            statements: self.statements.into_iter().map(|(statement, ..)| statement).collect(),
            seconds: self.clock.unit() == Times::Seconds,
            repaired,
        }
    }
}
