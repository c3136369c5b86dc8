//! Reads conversations that others wrote: what Polis exports, and a plain table.
//!
//! | Dialect | Files |
//! |---|---|
//! | [`Dialect::Export`] | `votes.csv`, `comments.csv`, `participants-votes.csv`, `summary.csv`, `stats-history.csv`: the openData folders |
//! | [`Dialect::Report`] | the same names from `/api/v3/reportExport`: seconds, often the raw sign, texts without quotes |
//! | [`Dialect::Api`] | `votes.json`, `comments.json`, `conversation.json`, `math-pca2.json` |
//! | [`Dialect::Table`] | one CSV file with the columns `participant`, `statement`, `response` |
//!
//! `participants-votes.csv` alone is enough, too. A file of another name is known by what is in it. Texts are what people wrote: treat them as untrusted.
//!
//! Nothing is believed that can be checked. Which sign means agree and whether times are seconds is found
//! out from the data and said in the [`Report`]. What cannot be read is refused whole, with file, line and
//! reason; nothing is skipped silently. Reading takes memory in proportion to the files.

mod api;
mod assemble;
mod chosen;
mod csv;
mod loose;
mod pairs;
mod sign;
mod tables;
mod told;

pub use pairs::pairs;

use crate::responses::{Flags, Responses, ResponsesBuilder, Value};
pub(crate) use chosen::{Chosen, File, Source};
use serde::Serialize;
use std::collections::BTreeSet;
use std::fmt;

/// Files by name; folders before the name do not matter.
#[derive(Clone, Debug, Default)]
pub struct Files<'a> {
    all: Vec<(&'a str, &'a [u8])>,
    agree_is: Option<AgreeIs>,
}

impl<'a> Files<'a> {
    /// No files.
    pub fn new() -> Files<'a> {
        Files::default()
    }

    /// Adds a file.
    #[must_use]
    pub fn with(mut self, name: &'a str, bytes: &'a [u8]) -> Files<'a> {
        self.all.push((name, bytes));
        self
    }

    /// Says which number means agree, for where the files cannot tell.
    #[must_use]
    pub fn agreeing(mut self, is: AgreeIs) -> Files<'a> {
        self.agree_is = Some(is);
        self
    }
}

impl<'a> FromIterator<(&'a str, &'a [u8])> for Files<'a> {
    fn from_iter<I: IntoIterator<Item = (&'a str, &'a [u8])>>(files: I) -> Files<'a> {
        Files { all: files.into_iter().collect(), agree_is: None }
    }
}

/// The number that means agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AgreeIs {
    /// 1.
    One,
    /// −1.
    MinusOne,
}

impl AgreeIs {
    fn sign(self) -> i8 {
        match self {
            AgreeIs::One => 1,
            AgreeIs::MinusOne => -1,
        }
    }
}

/// Why a conversation was not read: nothing of it was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The file; empty where a file is missing.
    pub file: String,
    /// The line in it, from 1, where one line is to blame.
    pub line: Option<u64>,
    /// What is wrong and what to do, as a sentence.
    pub reason: String,
}

impl Refusal {
    pub(crate) fn new(file: &str, line: impl Into<Option<u64>>, reason: impl Into<String>) -> Refusal {
        Refusal { file: file.to_owned(), line: line.into(), reason: reason.into() }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.file.as_str(), self.line) {
            ("", _) => write!(f, "{}", self.reason),
            (file, None) => write!(f, "{file}: {}", self.reason),
            (file, Some(line)) => write!(f, "{file}, line {line}: {}", self.reason),
        }
    }
}

impl std::error::Error for Refusal {}

/// A conversation as it was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Conversation {
    /// What it is about; empty where no file says.
    pub topic: String,
    /// The introduction; empty where no file says.
    pub description: String,
    /// By number.
    pub statements: Vec<Statement>,
    /// Every response, also those that were replaced later, by time; in the order of the file where times
    /// are equal or unknown.
    pub events: Vec<Event>,
    /// The groups the files say participants are in, by participant's number.
    pub published_groups: Vec<(u32, u32)>,
    /// What was found out, repaired and counted on the way.
    pub report: Report,
}

impl Conversation {
    /// The responses that count.
    pub fn responses(&self) -> Responses {
        let mut builder = ResponsesBuilder::new();
        for event in &self.events {
            builder.respond(event.participant, event.statement, event.value);
        }
        builder.build()
    }

    /// Participants who responded faster than anybody reads, as far as the files say when they did.
    pub fn too_fast(&self) -> BTreeSet<u32> {
        crate::map::too_fast(self.events.iter().filter_map(|event| Some((event.participant, event.time()?))))
    }

    /// The numbers of the statements that may be shown: all that are not rejected, whether anybody responded or not.
    pub fn shown(&self) -> Vec<u32> {
        let shown = self.statements.iter().filter(|statement| statement.moderation != Moderation::Rejected);
        shown.map(|statement| statement.number).collect()
    }

    /// Which statements are rejected or about the participants themselves.
    pub fn flags(&self) -> Flags {
        let mut flags = Flags::new();
        for statement in &self.statements {
            if statement.moderation == Moderation::Rejected {
                flags.reject(statement.number);
            }
            if statement.meta {
                flags.mark_meta(statement.number);
            }
        }
        flags
    }
}

/// A statement as it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// Its number.
    pub number: u32,
    /// Who wrote it, where known.
    pub author: Option<u32>,
    /// When, in milliseconds since 1970, where known.
    pub created: Option<u64>,
    /// What it says; empty where no file says.
    pub text: String,
    /// What moderators decided.
    pub moderation: Moderation,
    /// About the participants themselves.
    pub meta: bool,
    /// Written by those who set the conversation up, where known.
    pub seed: Option<bool>,
}

/// What moderators decided about a statement.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Moderation {
    /// Rejected.
    Rejected,
    /// Not decided, or not known.
    #[default]
    Unmoderated,
    /// Accepted.
    Accepted,
}

/// Somebody responded to a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    /// The participant's number.
    pub participant: u32,
    /// The statement's number.
    pub statement: u32,
    /// The response.
    pub value: Value,
    /// 0 where unknown: no file is believed that says 1970.
    time: u64,
}

impl Event {
    /// When, in milliseconds since 1970, where known.
    pub fn time(&self) -> Option<u64> {
        (self.time > 0).then_some(self.time)
    }
}

/// Who wrote the files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Dialect {
    /// Polis' exporter, as in its open data: milliseconds, +1 is agree, RFC 4180 quotes.
    #[serde(rename = "Polis export")]
    Export,
    /// Polis' report export: seconds; sign and quotes depend on its age.
    #[serde(rename = "Polis report export")]
    Report,
    /// Polis' JSON API.
    #[serde(rename = "Polis API")]
    Api,
    /// A plain table.
    #[serde(rename = "table")]
    Table,
}

/// What was found out, repaired and counted while reading.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Who wrote the files.
    pub dialect: Dialect,
    /// The number that means agree in the file of responses: 1 or −1.
    pub agree_is: i8,
    /// How that was found out, as a sentence.
    pub sign_because: String,
    /// Whether the sign is only assumed: the data could not decide, and nobody said it.
    pub sign_assumed: bool,
    /// The unit of times in the file of responses.
    pub times: Times,
    /// Participants with at least one response.
    pub participants: usize,
    /// Statements, with or without responses.
    pub statements: usize,
    /// Responses, including those that were replaced.
    pub responses: usize,
    /// Responses that were replaced by a later one of the same participant to the same statement.
    pub replaced: usize,
    /// Pairs of participant and statement that were given more than one value.
    pub changed: usize,
    /// Rejected statements that have responses all the same.
    pub rejected_with_responses: usize,
    /// Responses to rejected statements.
    pub responses_to_rejected: usize,
    /// Statements nobody responded to.
    pub without_responses: usize,
    /// Rows that had to be put together again because texts were written without quotes.
    pub repaired: usize,
    /// Whatever else is odd, as sentences.
    pub notes: Vec<String>,
}

/// The unit of times in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Times {
    /// Milliseconds since 1970.
    Milliseconds,
    /// Seconds since 1970.
    Seconds,
    /// The file has no times.
    Unknown,
}

/// Reads a conversation.
///
/// # Errors
/// [`Refusal`] for anything that is cut off, contradicts itself or is not what it seems to be.
pub fn read(files: &Files<'_>) -> Result<Conversation, Refusal> {
    let chosen = Chosen::from(files)?;
    let found = match chosen.source {
        Source::Csv => tables::read(&chosen)?,
        Source::Json => api::read(&chosen)?,
    };
    Ok(assemble::conversation(found))
}

/// What a dialect's reader hands over: checked, but with the file's own sign.
pub(crate) struct Found {
    pub dialect: Dialect,
    pub topic: String,
    pub description: String,
    pub statements: Vec<Statement>,
    /// (time, participant, statement, number in the file)
    pub votes: Vec<Vote>,
    pub times: Times,
    pub published_groups: Vec<(u32, u32)>,
    pub sign: sign::Sign,
    pub repaired: usize,
    pub notes: Vec<String>,
}

/// A response with the sign it has in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Vote {
    /// Milliseconds since 1970; 0 where unknown.
    pub time: u64,
    pub participant: u32,
    pub statement: u32,
    pub sign: i8,
}
