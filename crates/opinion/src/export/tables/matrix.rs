//! `participants-votes.csv`: one row for every participant, one column for every statement.

use super::votes::Votes;
use super::{open, refuse_unended};
use crate::export::csv::{Row, digits, shown};
use crate::export::sign::place;
use crate::export::{File, Refusal, Statement, Vote};
use std::collections::HashMap;

/// The columns of `participants-votes.csv` beside those of statements.
pub(in crate::export) const MATRIX: [&str; 5] =
    ["participant", "group-id", "n-votes", "n-agree", "n-disagree"];

pub(super) struct Matrix<'a> {
    pub name: &'a str,
    pub participants: usize,
    /// Latest responses, row by row.
    pub votes: Vec<Vote>,
    /// (participant, group)
    pub groups: Vec<(u32, u32)>,
    /// Rows whose own counts of agreeing and disagreeing say that 1 means agree.
    pub plus: u64,
    /// Rows whose own counts say that −1 does.
    pub minus: u64,
    pub notes: Vec<String>,
}

pub(super) fn read<'a>(file: File<'a>, known: Option<&[Statement]>) -> Result<Matrix<'a>, Refusal> {
    let (mut table, header) = open(file)?;
    let [participant, group, count, agree, disagree] = header.need(&table, MATRIX)?;
    let mut columns = Vec::new();
    let mut notes = Vec::new();
    for (at, name) in header.names().iter().enumerate() {
        match digits(name) {
            Some(number) if number <= u64::from(u32::MAX) => columns.push((at, number as u32)),
            None if name.starts_with(|c: char| c.is_ascii_alphabetic()) => {
                if !["participant", "xid", "group-id", "n-comments", "n-votes", "n-agree", "n-disagree"]
                    .contains(&name.as_str())
                {
                    notes.push(format!("The column \"{}\" of {} was not read.", shown(name), file.name));
                }
            }
            _ => {
                let reason = format!(
                    "The column \"{}\" is neither a known name nor a statement's number.",
                    shown(name)
                );
                return table.refuse(1, reason);
            }
        }
    }
    if let Some(&(_, unknown)) =
        columns.iter().find(|(_, number)| known.is_some_and(|known| place(known, *number).is_none()))
    {
        let reason = format!(
            "There is a column for statement {unknown}, which is not in comments.csv: the files do not belong together, or comments.csv is cut off."
        );
        return table.refuse(1, reason);
    }
    let mut matrix = Matrix {
        name: file.name,
        participants: 0,
        votes: Vec::new(),
        groups: Vec::new(),
        plus: 0,
        minus: 0,
        notes,
    };
    let mut seen: HashMap<u32, u64> = HashMap::new();
    let mut odd = 0;
    let mut row = Row { ended: true, ..Row::default() };
    while header.next(&mut table, &mut row)? {
        let number = row.number(&table, participant, "participant")?;
        if let Some(before) = seen.insert(number, row.line) {
            return table.refuse(
                row.line,
                format!("Participant {number} is there twice; they were in line {before} before."),
            );
        }
        matrix.participants += 1;
        // Tools that know no missing whole numbers write 1.0.
        match row.fields[group].trim() {
            "" => (),
            id => match digits(id.strip_suffix(".0").unwrap_or(id)) {
                Some(id) if id <= u64::from(u32::MAX) => matrix.groups.push((number, id as u32)),
                _ => {
                    return table.refuse(
                        row.line,
                        format!("The group-id is \"{}\", which is not a whole number.", shown(id)),
                    );
                }
            },
        }
        let mut found = (0, 0, 0);
        for &(at, statement) in &columns {
            if row.fields[at].is_empty() {
                continue;
            }
            let sign = row.sign(&table, at, "response")?;
            found = (found.0 + 1, found.1 + u64::from(sign == 1), found.2 + u64::from(sign == -1));
            matrix.votes.push(Vote { time: 0, participant: number, statement, sign });
        }
        let most = u64::from(u32::MAX);
        let said = (
            row.whole(&table, count, "n-votes", most)?,
            row.whole(&table, agree, "n-agree", most)?,
            row.whole(&table, disagree, "n-disagree", most)?,
        );
        let different = said.1 != said.2;
        matrix.plus += u64::from(different && said == found);
        matrix.minus += u64::from(different && said == (found.0, found.2, found.1));
        odd += u64::from(said != found && said != (found.0, found.2, found.1));
    }
    refuse_unended(&table, &row)?;
    if odd > 0 {
        matrix.notes.push(format!("{odd} rows of {} have other counts than responses.", file.name));
    }
    Ok(matrix)
}

impl Matrix<'_> {
    /// What is odd about it beside the responses themselves.
    pub fn compare(&self, votes: &Votes<'_>) -> Option<String> {
        let mut latest: HashMap<(u32, u32), (u64, i8)> = HashMap::with_capacity(self.votes.len());
        for vote in &votes.votes {
            let entry = latest.entry((vote.participant, vote.statement)).or_insert((vote.time, vote.sign));
            if vote.time >= entry.0 {
                *entry = (vote.time, vote.sign);
            }
        }
        let (mut other, mut missing) = (0, 0);
        for cell in &self.votes {
            match latest.get(&(cell.participant, cell.statement)) {
                Some(&(_, sign)) => other += usize::from(sign != cell.sign),
                None => missing += 1,
            }
        }
        let surplus = latest.len() + missing - self.votes.len();
        (other + missing + surplus > 0).then(|| {
            format!(
                "{} and {} differ: {other} responses have another value, {missing} are only in the first, {surplus} only in the second. The second counts.",
                self.name, votes.name
            )
        })
    }
}
