//! Moderation: words that are taken out of sight, always with an entry that says so.
//!
//! One act so far: *erased*. The words of one text and their salt are deleted wherever they are kept; the entry
//! that committed to them stays, and so does everything that was said to them. A text that is missing without
//! such an entry was deleted quietly, and every verifier says so.

use crate::entry::{Body, entries};
use crate::state::Fault;
use crate::{Act, Field, ParticipantNo, QuestionId, Refusal, State, UnixMs};
use serde::{Deserialize, Serialize};

entries! {
    /// What the record says about moderation.
    pub enum Entry {
        /// The words of a text were erased.
        Erased(Erased) = "moderation.erased",
    }
}

/// The words of a text were erased, with their salt.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Erased {
    /// The entry that commits to the text.
    pub entry: u64,
    /// Which text of that entry.
    pub field: Field,
    /// Why.
    pub ground: Ground,
    /// Who decided it.
    pub by: By,
}

impl Body for Erased {}

/// Why words are erased. A closed list: "other" would be a way to erase what one does not like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ground {
    /// Whoever wrote the words asked for it.
    OwnRequest,
    /// The words hold personal data of somebody who did not agree to that.
    PersonalDataOfAnother,
    /// The words, or the right to publish them, belong to somebody else.
    RightsOfAnother,
    /// Publishing the words is against the law in itself: a threat, incitement, a secret that the law protects.
    Unlawful,
    /// A court or an authority ordered it.
    CourtOrder,
}

impl Ground {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Ground; 5] = [
        Ground::PersonalDataOfAnother,
        Ground::OwnRequest,
        Ground::RightsOfAnother,
        Ground::Unlawful,
        Ground::CourtOrder,
    ];

    /// The code, as in the record and in forms.
    pub fn name(self) -> &'static str {
        match self {
            Ground::OwnRequest => "own-request",
            Ground::PersonalDataOfAnother => "personal-data-of-another",
            Ground::RightsOfAnother => "rights-of-another",
            Ground::Unlawful => "unlawful",
            Ground::CourtOrder => "court-order",
        }
    }

    /// The ground of that code.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|ground| ground.name() == name)
    }

    /// The ground in words that can follow a colon.
    pub fn words(self) -> &'static str {
        match self {
            Ground::OwnRequest => "whoever wrote it asked for that",
            Ground::PersonalDataOfAnother => "it held personal data of somebody else",
            Ground::RightsOfAnother => "the words belong to somebody else",
            Ground::Unlawful => "publishing it is against the law",
            Ground::CourtOrder => "a court or an authority ordered it",
        }
    }
}

/// Who decided that words be erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum By {
    /// An organiser of the assembly, or whoever runs its server.
    Organiser,
    /// Whoever put the statement.
    #[serde(untagged)]
    Author(Author),
}

/// Whoever put a statement: the participant of a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Author {
    /// In which question.
    pub question: QuestionId,
    /// Who there.
    pub participant: ParticipantNo,
}

/// What is known of a text whose words were erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erasure {
    /// Index of the entry that says so.
    pub entry: u64,
    /// When.
    pub at: UnixMs,
    /// Why.
    pub ground: Ground,
    /// Whether whoever wrote the words decided it; else an organiser did.
    pub by_author: bool,
}

/// What can be asked of moderation.
#[derive(Debug, Clone)]
pub enum Command {
    /// Erase the words of a text.
    Erase(Erased),
}

pub(crate) fn decide(state: &State, command: Command) -> Result<Vec<Act>, Refusal> {
    let Command::Erase(erased) = command;
    may_erase(state, &erased)?;
    Ok(vec![Act::Moderation(Entry::Erased(erased))])
}

/// Whether there is such a text, with its words, and whoever asks may erase it.
fn may_erase(state: &State, erased: &Erased) -> Result<(), Refusal> {
    let Erased { entry, field, ground, by } = *erased;
    if entry >= state.size() {
        return Err(Refusal::NoSuchEntry(entry));
    }
    // Said first to whoever asks for somebody else's words: what became of them is none of their business here.
    if let By::Author(Author { question, participant }) = by {
        let talk = state.question(question).ok_or(Refusal::NoSuchQuestion(question))?.talk();
        let own = talk.put_by_entry(entry).is_some_and(|statement| statement.by() == Some(participant));
        if !own || field != Field::Text || ground != Ground::OwnRequest {
            return Err(Refusal::NotYours(entry));
        }
    }
    if state.erasure(entry, field).is_some() {
        return Err(Refusal::AlreadyErased(entry));
    }
    if !state.has_text(entry, field) {
        return Err(Refusal::NoSuchText { entry, field });
    }
    Ok(())
}

pub(crate) fn apply(state: &mut State, index: u32, at: UnixMs, entry: &Entry) -> Result<(), Fault> {
    let Entry::Erased(erased) = entry;
    may_erase(state, erased).map_err(|refusal| {
        Fault(format!("it erases the {} of entry {}, {}", erased.field.name(), erased.entry, why(&refusal)))
    })?;
    let erasure = Erasure {
        entry: u64::from(index),
        at,
        ground: erased.ground,
        by_author: matches!(erased.by, By::Author(_)),
    };
    state.erase(erased.entry, erased.field, erasure, index);
    Ok(())
}

fn why(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::NoSuchEntry(_) => "which does not stand before it",
        Refusal::NoSuchText { .. } => "which commits to no such text",
        Refusal::AlreadyErased(_) => "whose words were erased before",
        _ => "in the name of somebody who did not write it",
    }
}
