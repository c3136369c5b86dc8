//! The CSV files of Polis' exporters, and the plain table.

mod comments;
mod matrix;
mod summary;
mod votes;

use super::csv::{Header, Row, Table};
use super::sign::{self, Evidence, Sign};
use super::{AgreeIs, Chosen, Dialect, Found, Moderation, Refusal, Statement, Times, Vote};
pub(super) use comments::COMMENTS;
use comments::Comments;
pub(super) use matrix::MATRIX;
use matrix::Matrix;
pub(super) use votes::{PLAIN, POLIS};
use votes::{Shape, Votes};

/// Reads whatever of the files is there.
pub(super) fn read(chosen: &Chosen<'_>) -> Result<Found, Refusal> {
    let comments = chosen.comments.map(comments::read).transpose()?;
    let known = comments.as_ref().map(|comments| comments.statements.as_slice());
    let votes = chosen.votes.map(|file| votes::read(file, known, chosen.agree_is)).transpose()?;
    let matrix = chosen.matrix.map(|file| matrix::read(file, known)).transpose()?;
    let summary = chosen.summary.map(summary::read).transpose()?.unwrap_or_default();
    let mut notes = chosen.notes.clone();
    if let (Some(votes), Some(comments)) = (&votes, &comments) {
        votes.refuse_cut_off(comments)?;
    }
    if let (None, Some(matrix), Some(voters)) = (&votes, &matrix, summary.voters)
        && (matrix.participants as u64) < voters
    {
        notes.push(format!(
            "summary.csv counts {voters} participants, {} has {}: rows may be missing at its end.",
            matrix.name, matrix.participants
        ));
    }
    if let (Some(file), Some(votes)) = (chosen.history, &votes) {
        let counted = summary::last_count(file)?;
        if counted != votes.votes.len() as u64 {
            notes.push(format!(
                "{} counts {counted} responses, {} has {}.",
                file.name,
                votes.name,
                votes.votes.len()
            ));
        }
    }
    let responses = match (&votes, &matrix) {
        (Some(votes), _) => votes.votes.as_slice(),
        (None, Some(matrix)) => matrix.votes.as_slice(),
        (None, None) => &[],
    };
    let bare = known.is_none().then(|| bare_statements(responses.iter().map(|vote| vote.statement)));
    let statements = bare.as_deref().or(known).unwrap_or_default();
    let evidence = evidence(responses, statements, votes.as_ref(), comments.as_ref(), matrix.as_ref());
    let sign = find_sign(chosen.agree_is, &evidence, votes.as_ref(), comments.as_ref());
    if let (Some(votes), Some(matrix)) = (&votes, &matrix) {
        notes.extend(matrix.compare(votes));
    }
    if let Some(matrix) = &matrix {
        notes.extend(matrix.notes.iter().cloned());
    }
    let shape = votes.as_ref().map(|votes| votes.shape);
    let times = votes.as_ref().map_or(Times::Unknown, |votes| votes.times);
    let dialect = match shape {
        Some(Shape::Plain) => Dialect::Table,
        _ if seconds(votes.as_ref(), comments.as_ref()) => Dialect::Report,
        _ => Dialect::Export,
    };
    let published_groups = matrix.as_ref().map_or_else(Vec::new, |matrix| matrix.groups.clone());
    let repaired = comments.as_ref().map_or(0, |comments| comments.repaired);
    if comments.is_none() && dialect != Dialect::Table {
        notes.push(
            "There is no comments.csv: texts, authors and what moderators decided are not known.".to_owned(),
        );
    }
    let has_votes = votes.is_some();
    let votes = votes.map(|votes| votes.votes).or(matrix.map(|matrix| matrix.votes)).unwrap_or_default();
    if !has_votes {
        notes.push("There is no votes.csv: only latest responses are known, without times; rows are in the order of participants-votes.csv.".to_owned());
    }
    let statements = match comments {
        Some(comments) => comments.statements,
        None => bare.unwrap_or_default(),
    };
    Ok(Found {
        dialect,
        topic: summary.topic,
        description: summary.description,
        statements,
        votes,
        times,
        published_groups,
        sign,
        repaired,
        notes,
    })
}

/// Statements of which only the numbers are known, sorted.
pub(super) fn bare_statements(numbers: impl Iterator<Item = u32>) -> Vec<Statement> {
    let mut numbers: Vec<u32> = numbers.collect();
    numbers.sort_unstable();
    numbers.dedup();
    let bare = |number| Statement {
        number,
        author: None,
        created: None,
        text: String::new(),
        moderation: Moderation::default(),
        meta: false,
        seed: None,
    };
    numbers.into_iter().map(bare).collect()
}

fn seconds(votes: Option<&Votes<'_>>, comments: Option<&Comments>) -> bool {
    votes.is_some_and(|votes| votes.times == Times::Seconds)
        || comments.is_some_and(|comments| comments.seconds)
}

/// What speaks for one sign or the other, the surest first.
fn evidence(
    responses: &[Vote],
    statements: &[Statement],
    votes: Option<&Votes<'_>>,
    comments: Option<&Comments>,
    matrix: Option<&Matrix<'_>>,
) -> Vec<Evidence> {
    let mut evidence = Vec::new();
    if let Some(comments) = comments {
        evidence.push(sign::authors(responses, statements));
        let what = "the agrees and disagrees of comments.csv";
        let mut counts = sign::counts(what, responses, statements, &comments.counts);
        if seconds(votes, Some(comments)) {
            // The first report exporter counted 1 as agree there, too: equal numbers prove nothing.
            counts.plus = 0;
        }
        evidence.push(counts);
    }
    if let Some(matrix) = matrix {
        evidence.push(Evidence {
            what: "the n-agree and n-disagree of participants-votes.csv",
            plus: matrix.plus,
            minus: matrix.minus,
            least: 2,
            clear: sign::CLEAR,
        });
    }
    evidence.push(sign::first_responses(responses, statements));
    evidence
}

fn find_sign(
    given: Option<AgreeIs>,
    evidence: &[Evidence],
    votes: Option<&Votes<'_>>,
    comments: Option<&Comments>,
) -> Sign {
    if let (Some(Votes { shape: Shape::Plain, .. }), None) = (votes, given) {
        let because = "A plain table says agree, disagree and pass, or 1, -1 and 0.".to_owned();
        return Sign { agree_is: 1, because, assumed: false, doubts: Vec::new() };
    }
    let unquoted = comments.is_some_and(|comments| comments.repaired > 0);
    match (seconds(votes, comments), unquoted) {
        (true, true) => {
            sign::decide(given, evidence, -1, "the exporter that leaves out quotes writes -1 for agree")
        }
        (true, false) => sign::decide(given, evidence, 1, "newer report exporters write 1 for agree"),
        (false, _) => sign::decide(given, evidence, 1, "this exporter writes 1 for agree"),
    }
}

/// Times are plausible between 2000 and 2100; in milliseconds.
pub(super) const TIMES: std::ops::RangeInclusive<u64> = 946_684_800_000..=4_102_444_800_000;

/// A file's times: all seconds or all milliseconds, found from the first.
#[derive(Default)]
struct Clock {
    seconds: Option<bool>,
}

impl Clock {
    /// In milliseconds.
    fn read(&mut self, table: &Table<'_>, row: &Row<'_>, at: usize) -> Result<u64, Refusal> {
        let raw = row.whole(table, at, "timestamp", *TIMES.end())?;
        self.take(raw).map_or_else(|reason| table.refuse(row.line, reason), Ok)
    }

    fn take(&mut self, raw: u64) -> Result<u64, String> {
        // As seconds 2100 is 4.1e9, as milliseconds 2000 is 9.5e11: nothing plausible lies between.
        let seconds = raw < 100_000_000_000;
        let time = if seconds { raw * 1000 } else { raw };
        if !TIMES.contains(&time) {
            return Err(format!("The timestamp is {raw}, which is no time between 2000 and 2100."));
        }
        if *self.seconds.get_or_insert(seconds) != seconds {
            return Err(format!("The timestamp is {raw}: some rows have seconds, others milliseconds."));
        }
        Ok(time)
    }

    fn unit(&self) -> Times {
        match self.seconds {
            Some(true) => Times::Seconds,
            Some(false) => Times::Milliseconds,
            None => Times::Unknown,
        }
    }
}

/// A file whose last row is not ended may have lost part of it.
fn refuse_unended(table: &Table<'_>, row: &Row<'_>) -> Result<(), Refusal> {
    if row.ended {
        return Ok(());
    }
    table.refuse(
        row.line,
        "The last line has no end: the file is cut off. Export it again, or end the line if it is complete.",
    )
}

/// A file with its header read.
pub(super) fn open<'a>(file: super::File<'a>) -> Result<(Table<'a>, Header), Refusal> {
    let mut table = Table::new(file)?;
    let header = Header::read(&mut table)?;
    Ok((table, header))
}
