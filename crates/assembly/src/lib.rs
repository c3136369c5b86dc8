//! The rules of the house: what may happen in an assembly, and what follows from it.
//!
//! The state of an assembly is a fold over its record:
//!
//! - [`decide`] says which entries a [`Command`] would add to the record, or refuses with a
//!   sentence;
//! - [`apply`] is the only way a [`State`] changes, on the server and in everybody's recount.
//!
//! Both are pure: no clock, no disk, no randomness. Time comes in with the command, and so do the
//! salts of its texts.
//!
//! What this crate is not: it does not know who is who (that is the vault's), how entries are kept
//! or served, or how a page looks.
//!
//! Laws, each a property test in `tests/laws.rs`: replaying the decided entries gives the live
//! state; `decide` never panics; `apply` never fails on what `decide` decided; an unknown kind or
//! version stops a replay with a sentence.

mod entry;
mod ids;
pub mod moderation;
pub mod question;
mod refusal;
pub mod results;
pub mod roll;
mod state;
pub mod talk;
mod text;

pub use entry::{Act, DecodeError, Entry, MAX_ENTRY_BYTES};
pub use ids::{MemberNo, ParticipantNo, QuestionId, StatementNo, UnixMs};
pub use question::Question;
pub use refusal::Refusal;
pub use state::{Fault, State, apply, apply_text};
pub use text::{Field, Opened, Text};

/// Something somebody asks the assembly to do. One variant an activity.
#[derive(Debug, Clone)]
pub enum Command {
    /// Found the assembly or admit people to it.
    Roll(roll::Command),
    /// Open, schedule or close a question.
    Question(question::Command),
    /// Put statements, respond to them, take responses back.
    Talk(talk::Command),
    /// Erase words.
    Moderation(moderation::Command),
}

/// Says which entries `command`, given at `at`, would add to the record of `state`.
///
/// The entries carry their texts, so that they can be kept beside the record. An empty list means
/// that what was asked for is already so: the same response sent twice is one entry.
///
/// # Errors
///
/// A [`Refusal`]: a sentence for the person who asked. Nothing is added.
pub fn decide(state: &State, at: UnixMs, command: Command) -> Result<Vec<Entry>, Refusal> {
    // `at` never decreases in the record, whatever the clock does.
    let at = at.max(state.at());
    let acts = match command {
        Command::Roll(command) => roll::decide(state, command)?,
        Command::Question(command) => question::decide(state, at, command)?,
        Command::Talk(command) => talk::decide(state, at, command)?,
        Command::Moderation(command) => moderation::decide(state, command)?,
    };
    if state.size() + acts.len() as u64 > state::MAX_ENTRIES {
        return Err(Refusal::RecordFull);
    }
    Ok(acts.into_iter().map(|act| Entry { at, act }).collect())
}
