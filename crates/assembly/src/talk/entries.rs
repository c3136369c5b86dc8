//! What the record says about talk.

use super::Response;
use crate::entry::{Body, entries, is_false};
use crate::results::MapResult;
use crate::{Field, ParticipantNo, QuestionId, StatementNo, Text, UnixMs};
use serde::{Deserialize, Serialize};

entries! {
    /// What the record says about talk.
    pub enum Entry {
        /// Somebody responded to a statement.
        Responded(Responded) = "talk.responded",
        /// Somebody took a response back.
        Retracted(Retracted) = "talk.retracted",
        /// Statements were shown to participants. Older records have it; it is no longer written.
        Shown(Shown) = "talk.shown",
        /// Statements were chosen for participants and shown to them.
        Chosen(Chosen) = "talk.chosen",
        /// An opinion map was published.
        Mapped(Box<Mapped>) = "talk.mapped",
        /// Somebody became a participant of the question.
        Joined(Joined) = "talk.joined",
        /// Somebody put a statement to everyone.
        Stated(Box<Stated>) = "talk.stated",
    }
}

impl Entry {
    /// Which question it is about.
    pub fn question(&self) -> QuestionId {
        match self {
            Entry::Responded(entry) => entry.question,
            Entry::Retracted(entry) => entry.question,
            Entry::Shown(entry) => entry.question,
            Entry::Chosen(entry) => entry.question,
            Entry::Mapped(entry) => entry.question,
            Entry::Joined(entry) => entry.question,
            Entry::Stated(entry) => entry.question,
        }
    }
}

/// Somebody responded to a statement. The latest response counts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Responded {
    /// In which question.
    pub question: QuestionId,
    /// Who.
    pub participant: ParticipantNo,
    /// To which statement.
    pub statement: StatementNo,
    /// What.
    pub response: Response,
    /// When it was given, if it was given elsewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub then: Option<UnixMs>,
}

/// Somebody took a response back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retracted {
    /// In which question.
    pub question: QuestionId,
    /// Whose.
    pub participant: ParticipantNo,
    /// To which statement.
    pub statement: StatementNo,
}

/// Statements were shown to participants, without a word about how they were chosen: what [`Chosen`] says
/// now. Whoever responded to a statement was shown it, too, without a word here.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shown {
    /// In which question.
    pub question: QuestionId,
    /// Which statement to whom.
    pub shown: Vec<(ParticipantNo, StatementNo)>,
}

/// Statements were chosen for participants and shown to them. Written in batches, so that the record does not
/// grow by a line a view. Some may have responded before it is written; they were shown it all the same.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Chosen {
    /// In which question.
    pub question: QuestionId,
    /// Index of the entry that published the opinion map they were chosen by. Without it, there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub map: Option<u64>,
    /// The version of the rule they were chosen by ([`opinion::next::VERSION`]). Entries of the first do not name it.
    #[serde(default = "first_rule", skip_serializing_if = "is_first_rule")]
    pub rule: u32,
    /// What to whom, and how likely that was.
    pub shown: Vec<Choice>,
}

fn first_rule() -> u32 {
    1
}

fn is_first_rule(rule: &u32) -> bool {
    *rule == first_rule()
}

/// One statement chosen for one participant. Everything the choice followed from stands in the record, but for
/// the seed: with it, one could find out which browser a participant sits at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "(ParticipantNo, StatementNo, u32, u64)", from = "(ParticipantNo, StatementNo, u32, u64)")]
pub struct Choice {
    /// For whom.
    pub participant: ParticipantNo,
    /// Which statement.
    pub statement: StatementNo,
    /// How likely it was to be chosen, in millionths, rounded up: 1..=1,000,000.
    pub chance: u32,
    /// How many entries the record had, whose tallies and responses it was chosen by. Where the participant joined by
    /// a later entry, it was chosen for somebody without responses.
    pub as_of: u64,
}

impl From<Choice> for (ParticipantNo, StatementNo, u32, u64) {
    fn from(Choice { participant, statement, chance, as_of }: Choice) -> Self {
        (participant, statement, chance, as_of)
    }
}

impl From<(ParticipantNo, StatementNo, u32, u64)> for Choice {
    fn from((participant, statement, chance, as_of): (ParticipantNo, StatementNo, u32, u64)) -> Self {
        Self { participant, statement, chance, as_of }
    }
}

/// An opinion map was published: what people act on from now on, and what a recount must find.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapped {
    /// Of which question.
    pub question: QuestionId,
    /// How many entries of the record it is computed from; the last of them gave or took back a response.
    pub as_of: u64,
    /// How many responses stood then.
    pub responses: u64,
    /// The map, in short.
    pub map: MapResult,
}

/// Somebody became a participant of the question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Joined {
    /// Of which question.
    pub question: QuestionId,
    /// The number given to them, used only there.
    pub participant: ParticipantNo,
    /// How they came in.
    #[serde(rename = "as")]
    pub admitted: Admitted,
    /// The number they had where they come from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub there: Option<u32>,
}

/// How a participant came into a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Admitted {
    /// With the link, without an account.
    Guest,
    /// With material from elsewhere.
    Imported,
    /// Not a person: made by a program.
    Simulated,
}

/// Somebody put a statement to everyone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stated {
    /// In which question.
    pub question: QuestionId,
    /// The number given to it.
    pub statement: StatementNo,
    /// Who, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<ParticipantNo>,
    /// The statement.
    pub text: Text,
    /// It was set aside where it comes from: it takes no responses and stays out of the opinion map.
    #[serde(default, skip_serializing_if = "is_false")]
    pub rejected: bool,
    /// It is about the people who respond, not about the question: it stays out of the opinion map.
    #[serde(default, skip_serializing_if = "is_false")]
    pub meta: bool,
    /// When it was put, if it was put elsewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub then: Option<UnixMs>,
    /// The number it had where it comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub there: Option<u32>,
}

impl Body for Responded {}
impl Body for Retracted {}
impl Body for Shown {}
impl Body for Chosen {}
impl Body for Mapped {}
impl Body for Joined {}
impl Body for Stated {
    fn texts(&mut self) -> Vec<(Field, &mut Text)> {
        vec![(Field::Text, &mut self.text)]
    }
}
