//! The state of an assembly, and the one way it changes.

use crate::moderation::{self, Erasure};
use crate::{Act, Entry, Field, Opened, Question, QuestionId, Text, UnixMs, question, roll, talk};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The most entries a record may hold, so that an entry's index fits into 32 bits of memory. At a
/// hundred entries a second, that is sixteen months without a pause.
pub(crate) const MAX_ENTRIES: u64 = u32::MAX as u64;

/// Everything the record of one assembly says, folded.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct State {
    size: u64,
    at: UnixMs,
    /// The assembly and who may take part.
    pub(crate) roll: roll::Roll,
    /// The texts whose words were erased, by entry and field. Their texts know it, too, but a serialised text
    /// is its commitment alone.
    erased: BTreeMap<(u64, Field), Erasure>,
    /// The questions, by number.
    pub(crate) questions: Vec<Question>,
}

/// An entry that does not follow from those before it: the record is not one that Veche wrote.
///
/// It never happens on what [`decide`](crate::decide) decided; met in a replay, it stops the replay.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("it does not follow from the entries before it: {0}")]
pub struct Fault(pub(crate) String);

impl State {
    /// How many entries were folded: the index of the next one.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The time of the last entry; 0 before the first.
    pub fn at(&self) -> UnixMs {
        self.at
    }

    /// The assembly and who may take part.
    pub fn roll(&self) -> &roll::Roll {
        &self.roll
    }

    /// The questions, in the order of their numbers.
    pub fn questions(&self) -> &[Question] {
        &self.questions
    }

    /// The question of that number.
    pub fn question(&self, id: QuestionId) -> Option<&Question> {
        self.questions.get(id.place()?)
    }

    pub(crate) fn question_mut(&mut self, id: QuestionId) -> Result<&mut Question, Fault> {
        id.place()
            .and_then(|place| self.questions.get_mut(place))
            .ok_or_else(|| Fault(format!("question {id} does not exist")))
    }

    /// What the record says about the erasing of a text, if its words were erased.
    pub fn erasure(&self, entry: u64, field: Field) -> Option<Erasure> {
        self.erased.get(&(entry, field)).copied()
    }

    /// Every text whose words were erased, by entry and field.
    pub fn erasures(&self) -> impl ExactSizeIterator<Item = (u64, Field, Erasure)> {
        self.erased.iter().map(|((entry, field), erasure)| (*entry, *field, *erasure))
    }

    /// Puts words back beside their commitments after a snapshot was read. `words` is asked for each text that
    /// was not erased; what it does not know stays unknown.
    ///
    /// # Errors
    ///
    /// The first entry whose words are not what it commits to.
    pub fn reopen(&mut self, mut words: impl FnMut(u64, Field) -> Option<Opened>) -> Result<(), u64> {
        let erased = std::mem::take(&mut self.erased);
        let mut first = Ok(());
        for (entry, field, text) in self.texts_mut() {
            if let Some(erasure) = erased.get(&(entry, field)) {
                text.erase(*erasure);
            } else if let Some(opened) = words(entry, field)
                && !text.open(opened)
            {
                first = first.and(Err(entry));
            }
        }
        self.erased = erased;
        first
    }

    /// Whether the entry commits to a text of that field. Finds whatever [`State::texts_mut`] lists, without
    /// going through the list.
    pub(crate) fn has_text(&self, entry: u64, field: Field) -> bool {
        self.roll.has_text(entry, field)
            || self.questions.iter().any(|question| question.has_text(entry, field))
    }

    /// Forgets the words of a text. The question it stands in has changed by that.
    pub(crate) fn erase(&mut self, entry: u64, field: Field, erasure: Erasure, index: u32) {
        if let Some(question) = self.questions.iter_mut().find(|question| question.has_text(entry, field)) {
            question.erase(entry, field, erasure);
            question.touch(index);
        } else {
            let mut texts = self.roll.texts_mut();
            if let Some((.., text)) = texts.find(|(of, has, _)| (*of, *has) == (entry, field)) {
                text.erase(erasure);
            }
        }
        self.erased.insert((entry, field), erasure);
    }

    /// Every text of the state with the entry and field it stands in. Every text of the record stands in the
    /// state: what is not found here could not be erased.
    pub fn texts_mut(&mut self) -> impl Iterator<Item = (u64, Field, &mut Text)> {
        let roll = self.roll.texts_mut();
        roll.chain(self.questions.iter_mut().flat_map(Question::texts_mut))
    }
}

/// Folds the next entry of the record into the state. The only way the state changes.
///
/// # Errors
///
/// [`Fault`] if the entry does not follow from those before it. The state is then unusable.
pub fn apply(state: &mut State, entry: &Entry) -> Result<(), Fault> {
    if entry.at < state.at {
        return Err(Fault(format!(
            "its time, {}, is earlier than that of the entry before, {}",
            entry.at, state.at
        )));
    }
    let index = u32::try_from(state.size).map_err(|_| Fault("the record is too long to number".into()))?;
    if index == 0 && !matches!(entry.act, Act::Roll(roll::Entry::Founded(_))) {
        return Err(Fault("the first entry of a record founds the assembly, and this one does not".into()));
    }
    match &entry.act {
        Act::Roll(act) => roll::apply(state, index, entry.at, act)?,
        Act::Question(act) => question::apply(state, index, entry.at, act)?,
        Act::Talk(act) => talk::apply(state, index, entry.at, act)?,
        Act::Moderation(act) => moderation::apply(state, index, entry.at, act)?,
    }
    state.size += 1;
    state.at = entry.at;
    Ok(())
}

/// Puts words that were kept beside the record back into an entry, before it is applied. Says
/// whether the entry has such a field and the words are those it commits to.
#[must_use]
pub fn apply_text(entry: &mut Entry, field: Field, opened: Opened) -> bool {
    let mut texts = entry.texts();
    texts.iter_mut().find(|(has, _)| *has == field).is_some_and(|(_, text)| text.open(opened))
}

/// Keeps what an entry says inside the serialised state as its JSON, as in the record. Entries leave out
/// keys that say nothing, which formats without keys (those of snapshots) cannot read back.
pub(crate) mod as_json {
    use serde::de::{DeserializeOwned, Error as _};
    use serde::{Deserialize as _, Deserializer, Serialize, Serializer, ser::Error as _};

    pub fn serialize<T: Serialize, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
        serde_json::to_string(value).map_err(S::Error::custom)?.serialize(serializer)
    }

    pub fn deserialize<'de, T: DeserializeOwned, D: Deserializer<'de>>(from: D) -> Result<T, D::Error> {
        serde_json::from_str(&String::deserialize(from)?).map_err(D::Error::custom)
    }
}
