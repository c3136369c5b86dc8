//! The assembly and its roll: who may take part, how each was admitted, and under which keys the record signs.
//!
//! Members are numbers here. Who is who stands in the vault alone.

use crate::entry::{Body, entries};
use crate::state::{Fault, as_json};
use crate::{Act, Field, MemberNo, Refusal, State, Text, UnixMs};
use record::note::{Signature, VerifierKey};
use record::rekey::Rekey;
use serde::{Deserialize, Serialize};

/// The longest name of an assembly, in characters.
pub const MAX_TITLE: usize = 120;
/// The longest address and the longest key, in characters.
pub const MAX_ADDRESS: usize = 2_000;

entries! {
    /// What the record says about the assembly and its roll.
    pub enum Entry {
        /// The assembly was founded: always the first entry.
        Founded(Box<Founded>) = "roll.founded",
        /// Somebody was admitted to the roll.
        Admitted(Admitted) = "roll.admitted",
        /// The record goes on under another key.
        Rekeyed(Box<Rekeyed>) = "roll.rekeyed",
    }
}

/// The assembly was founded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Founded {
    /// The name under which the record signs its checkpoints: its address without scheme.
    pub origin: String,
    /// The key that signs them, as a verifier key (C2SP signed-note).
    pub key: String,
    /// The name of the assembly.
    pub title: Text,
}

/// Somebody was admitted to the roll.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Admitted {
    /// The number given to them.
    pub member: MemberNo,
    /// As what.
    #[serde(rename = "as")]
    pub role: Role,
    /// By which way they came in.
    pub how: How,
}

/// From the next head on, another key signs the record.
///
/// Both keys have signed the text of [`record::rekey`] that names this entry by its number; an entry that lacks one of
/// the two signatures is a fault wherever it is met.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rekeyed {
    /// The key from now on, as a verifier key (C2SP signed-note).
    pub key: String,
    /// The signature line of the key until now.
    pub by_old: String,
    /// The signature line of the key from now on.
    pub by_new: String,
}

/// As what somebody is on the roll.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// May open and close questions.
    Organiser,
}

/// How somebody was admitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum How {
    /// By whoever runs the server, when the assembly was founded.
    Founding,
}

impl Body for Founded {
    fn texts(&mut self) -> Vec<(Field, &mut Text)> {
        vec![(Field::Title, &mut self.title)]
    }
}
impl Body for Admitted {}
impl Body for Rekeyed {}

/// What can be asked of the roll.
#[derive(Debug, Clone)]
pub enum Command {
    /// Found the assembly, with one organiser.
    Found {
        /// The address of the record without scheme and trailing slash.
        origin: String,
        /// The verifier key of the record.
        key: String,
        /// The name of the assembly.
        title: Text,
    },
    /// Go on under another key. The signatures name the entry that is to be written next.
    Rekey(Rekeyed),
}

/// The assembly and its roll.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Roll {
    #[serde(with = "as_json")]
    founded: Option<Founded>,
    /// The keys after the founding's, in their order.
    later: Vec<Term>,
    members: Vec<Member>,
}

/// A key and since when it signs the record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Term {
    /// The verifier key.
    pub key: String,
    /// Index of the entry that names it.
    pub entry: u64,
    /// When.
    pub at: UnixMs,
}

/// Somebody on the roll.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Member {
    /// Their number.
    pub number: MemberNo,
    /// As what.
    pub role: Role,
    /// How they came in.
    pub how: How,
    /// When.
    pub at: UnixMs,
}

impl Roll {
    /// The founding, once it happened.
    pub fn founded(&self) -> Option<&Founded> {
        self.founded.as_ref()
    }

    /// The key that signs heads of `size` entries: the last one named by an entry under them.
    pub fn key_at(&self, size: u64) -> Option<&str> {
        let founded = self.founded.as_ref().filter(|_| size > 0)?;
        let later = self.later.iter().rev().find(|term| term.entry < size);
        Some(later.map_or(&founded.key, |term| &term.key))
    }

    /// The key that signs the record now.
    pub fn key(&self) -> Option<&str> {
        self.key_at(u64::MAX)
    }

    /// Every key that the record was signed by, from the founding's on, with the entry that names it.
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = (&str, u64)> {
        let founding = self.founded.iter().map(|founded| (&*founded.key, 0));
        founding.chain(self.later.iter().map(|term| (&*term.key, term.entry)))
    }

    /// The name of the assembly, or words that say that it is gone.
    pub fn title(&self) -> &str {
        self.founded.as_ref().and_then(|founded| founded.title.words()).unwrap_or("(no name)")
    }

    /// Everybody on the roll, in the order of admission.
    pub fn members(&self) -> &[Member] {
        &self.members
    }

    pub(crate) fn has_text(&self, entry: u64, field: Field) -> bool {
        self.founded.is_some() && (entry, field) == (0, Field::Title)
    }

    pub(crate) fn texts_mut(&mut self) -> impl Iterator<Item = (u64, Field, &mut Text)> {
        // The founding is always entry 0.
        self.founded.iter_mut().map(|founded| (0, Field::Title, &mut founded.title))
    }
}

pub(crate) fn decide(state: &State, command: Command) -> Result<Vec<Act>, Refusal> {
    let (origin, key, title) = match command {
        Command::Found { origin, key, title } => (origin, key, title),
        Command::Rekey(rekeyed) => {
            may_rekey(state, &rekeyed).map_err(Refusal::Rekey)?;
            return Ok(vec![Act::Roll(Entry::Rekeyed(Box::new(rekeyed)))]);
        }
    };
    if state.size() != 0 {
        return Err(Refusal::AlreadyFounded);
    }
    crate::text::check(title.words(), MAX_TITLE)?;
    crate::text::check(Some(&origin), MAX_ADDRESS)?;
    crate::text::check(Some(&key), MAX_ADDRESS)?;
    let organiser = Admitted { member: MemberNo(1), role: Role::Organiser, how: How::Founding };
    let founded = Box::new(Founded { origin, key, title });
    Ok(vec![Act::Roll(Entry::Founded(founded)), Act::Roll(Entry::Admitted(organiser))])
}

/// Whether the next entry may name that key: it is the record's, was never its key before, and both have signed. The
/// error is a sentence.
fn may_rekey(state: &State, rekeyed: &Rekeyed) -> Result<(), String> {
    let roll = &state.roll;
    let parsed = |key: &str| key.parse::<VerifierKey>().map_err(|error| error.to_string());
    let old = parsed(roll.key().ok_or("Nothing was founded yet, so there is no key to change.")?)?;
    let new = parsed(&rekeyed.key)?;
    // A key that was given up may be in other hands by now.
    let known = |(key, _): (&str, u64)| parsed(key).is_ok_and(|key| key.to_bytes() == new.to_bytes());
    if roll.keys().any(known) {
        return Err(
            "The new key signed this record before. A key that was given up does not come back.".into()
        );
    }
    if new.to_string() != rekeyed.key {
        return Err("The new key is not written as keys are.".into());
    }
    let line = |line: &str| line.parse::<Signature>().map_err(|error| error.to_string());
    let change = Rekey::new(state.size(), old, new).map_err(|error| error.to_string())?;
    let (by_old, by_new) = (line(&rekeyed.by_old)?, line(&rekeyed.by_new)?);
    if (by_old.to_string(), by_new.to_string()) != (rekeyed.by_old.clone(), rekeyed.by_new.clone()) {
        return Err("A signature is not written as signatures are.".into());
    }
    change.verify(by_old, by_new).map_err(|error| error.to_string())
}

pub(crate) fn apply(state: &mut State, index: u32, at: UnixMs, entry: &Entry) -> Result<(), Fault> {
    match entry {
        Entry::Founded(founded) => {
            if index != 0 {
                return Err(Fault("it founds an assembly that was founded before".into()));
            }
            state.roll.founded = Some((**founded).clone());
        }
        Entry::Rekeyed(rekeyed) => {
            may_rekey(state, rekeyed)
                .map_err(|why| Fault(format!("it names another key without the right to. {why}")))?;
            state.roll.later.push(Term { key: rekeyed.key.clone(), entry: index.into(), at });
        }
        Entry::Admitted(admitted) => {
            let expected = MemberNo::at_place(state.roll.members.len());
            if admitted.member != expected {
                return Err(Fault(format!(
                    "it admits member {} where {expected} comes next",
                    admitted.member
                )));
            }
            state.roll.members.push(Member {
                number: admitted.member,
                role: admitted.role,
                how: admitted.how,
                at,
            });
        }
    }
    Ok(())
}
