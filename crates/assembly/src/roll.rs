//! The assembly and its roll: who may take part, and how each was admitted.
//!
//! Members are numbers here. Who is who stands in the vault alone.

use crate::entry::{Body, entries};
use crate::state::{Fault, as_json};
use crate::{Act, Field, MemberNo, Refusal, State, Text, UnixMs};
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
}

/// The assembly and its roll.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Roll {
    #[serde(with = "as_json")]
    founded: Option<Founded>,
    members: Vec<Member>,
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
    let Command::Found { origin, key, title } = command;
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

pub(crate) fn apply(state: &mut State, index: u32, at: UnixMs, entry: &Entry) -> Result<(), Fault> {
    match entry {
        Entry::Founded(founded) => {
            if index != 0 {
                return Err(Fault("it founds an assembly that was founded before".into()));
            }
            state.roll.founded = Some((**founded).clone());
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
