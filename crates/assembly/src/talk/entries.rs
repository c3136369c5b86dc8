//! What the record says about talk.

use super::Response;
use crate::entry::{Body, entries, is_false};
use crate::{Field, ParticipantNo, QuestionId, StatementNo, Text, UnixMs};
use serde::{Deserialize, Serialize};

entries! {
    /// What the record says about talk.
    pub enum Entry {
        /// Somebody responded to a statement.
        Responded(Responded) = "talk.responded",
        /// Somebody took a response back.
        Retracted(Retracted) = "talk.retracted",
        /// Statements were shown to participants.
        Shown(Shown) = "talk.shown",
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

/// Statements were shown to participants. Written in batches, so that the record does not grow by
/// a line a view. Whoever responded to a statement was shown it, too, without a word here.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shown {
    /// In which question.
    pub question: QuestionId,
    /// Which statement to whom.
    pub shown: Vec<(ParticipantNo, StatementNo)>,
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
impl Body for Joined {}
impl Body for Stated {
    fn texts(&mut self) -> Vec<(Field, &mut Text)> {
        vec![(Field::Text, &mut self.text)]
    }
}
