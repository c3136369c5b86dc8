//! `votes.csv`: one row for every response ever given. And the plain table.

use super::comments::Comments;
use super::matrix::MATRIX;
use super::{Clock, Times, open};
use crate::export::csv::{Header, Row, Table, shown};
use crate::export::sign::place;
use crate::export::{AgreeIs, File, Moderation, Refusal, Statement, Vote};

/// The columns of a plain table.
pub(in crate::export) const PLAIN: [&str; 3] = ["participant", "statement", "response"];
/// The columns of `votes.csv`.
pub(in crate::export) const POLIS: [&str; 4] = ["timestamp", "comment-id", "voter-id", "vote"];

pub(super) struct Votes<'a> {
    pub name: &'a str,
    pub shape: Shape,
    pub votes: Vec<Vote>,
    pub times: Times,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// `timestamp[,datetime],comment-id,voter-id,vote`
    Polis,
    /// `participant,statement,response`
    Plain,
}

/// `known`: the statements that exist, if that is known. `given`: the number that is said to mean agree.
pub(super) fn read<'a>(
    file: File<'a>,
    known: Option<&[Statement]>,
    given: Option<AgreeIs>,
) -> Result<Votes<'a>, Refusal> {
    let (mut table, header) = open(file)?;
    let any = |names: [&str; 3]| names.iter().any(|name| header.find(name).is_some());
    let polis = any(["comment-id", "voter-id", "vote"]);
    if any(PLAIN) && !polis && header.find("n-votes").is_none() {
        return plain(table, &header, given.unwrap_or(AgreeIs::One));
    }
    if !polis {
        let names = shown(&header.names().join(", "));
        let reason = format!(
            "The first line is \"{names}\", and it has to name the columns: {} in a plain table, {} in Polis' votes.csv, {} in its participants-votes.csv with a column for every statement.",
            PLAIN.join(", "),
            POLIS.join(", "),
            MATRIX.join(", ")
        );
        return table.refuse(1, reason);
    }
    let [time, statement, participant, vote] = header.need(&table, POLIS)?;
    let mut clock = Clock::default();
    let mut votes = Vec::new();
    let mut row = Row::default();
    while header.next(&mut table, &mut row)? {
        let number = row.number(&table, statement, "comment-id")?;
        if known.is_some_and(|known| place(known, number).is_none()) {
            let reason = format!(
                "There is a response to statement {number}, which is not in comments.csv: the files do not belong together, or comments.csv is cut off."
            );
            return table.refuse(row.line, reason);
        }
        votes.push(Vote {
            time: clock.read(&table, &row, time)?,
            participant: row.number(&table, participant, "voter-id")?,
            statement: number,
            sign: row.sign(&table, vote, "vote")?,
        });
    }
    Ok(Votes { name: file.name, shape: Shape::Polis, votes, times: clock.unit() })
}

/// Columns `participant`, `statement` and `response`, in any order; `time` or `timestamp` if there is one.
///
/// A response is agree, disagree or pass (in any case), or 1, −1 or 0; words mean what they say, whatever number is
/// said to mean agree. Without times, rows are in order of
/// time.
fn plain<'a>(mut table: Table<'a>, header: &Header, agree_is: AgreeIs) -> Result<Votes<'a>, Refusal> {
    let [participant, statement, response] = header.need(&table, PLAIN)?;
    let time = header.find("time").or(header.find("timestamp"));
    let mut clock = Clock::default();
    let mut votes = Vec::new();
    let mut row = Row::default();
    while header.next(&mut table, &mut row)? {
        let sign = match row.fields[response].trim() {
            word if word.eq_ignore_ascii_case("agree") => agree_is.sign(),
            word if word.eq_ignore_ascii_case("disagree") => -agree_is.sign(),
            word if word.eq_ignore_ascii_case("pass") => 0,
            other => match crate::export::csv::sign(other) {
                Some(sign) => sign,
                None => {
                    let found = shown(other);
                    let reason = format!(
                        "The response is \"{found}\"; it can only be agree, disagree or pass (or 1, -1 or 0)."
                    );
                    return table.refuse(row.line, reason);
                }
            },
        };
        votes.push(Vote {
            time: time.map_or(Ok(0), |time| clock.read(&table, &row, time))?,
            participant: row.number(&table, participant, "participant")?,
            statement: row.number(&table, statement, "statement")?,
            sign,
        });
    }
    Ok(Votes { name: table.name, shape: Shape::Plain, votes, times: clock.unit() })
}

/// Responses that comments.csv counts for the last statements and that are missing altogether, at least,
/// before a file is taken to be cut off; and as a share of all. Fewer can have been left out on purpose.
const CUT_OFF: u64 = 50;
const CUT_OFF_SHARE: f64 = 0.05;

impl Votes<'_> {
    /// Exporters sort responses by statement, so a file cut off between two lines lacks the last statements.
    pub fn refuse_cut_off(&self, comments: &Comments) -> Result<(), Refusal> {
        let sorted = self.votes.windows(2).all(|pair| pair[0].statement <= pair[1].statement);
        let Some(last) = self.votes.last().filter(|_| sorted && !comments.seconds) else { return Ok(()) };
        let mut all = 0;
        let mut missing = 0;
        for &(statement, agrees, disagrees) in &comments.counts {
            all += agrees + disagrees;
            let accepted = place(&comments.statements, statement)
                .is_some_and(|at| comments.statements[at].moderation == Moderation::Accepted);
            if statement > last.statement && accepted {
                missing += agrees + disagrees;
            }
        }
        if missing < CUT_OFF || (missing as f64) < CUT_OFF_SHARE * all as f64 {
            return Ok(());
        }
        let reason = format!(
            "The file ends with statement {}, but comments.csv counts {missing} responses to later ones: it is cut off. Export it again.",
            last.statement
        );
        Err(Refusal::new(self.name, None, reason))
    }
}
