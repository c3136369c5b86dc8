//! Where an assembly's record and its vault are kept: one folder with one SQLite file.
//!
//! Whoever changes anything goes through the writer of the assembly: one thread that takes all waiting
//! commands as a batch, decides them, and commits entries, texts, tiles, the signed checkpoint and what
//! belongs to them in the vault in **one transaction**. `COMMIT` is the point of no return; only then
//! do readers see anything and does anybody get an answer.
//!
//! Invariant: what readers see ([`House::read`]) is on disk. Invariant: an unexpected failure in the
//! writer is never worked around; the writer loads everything from disk again, by the code that runs at
//! the start, before it takes another command.
//!
//! What this crate is not: it decides nothing about what may happen (that is `assembly`'s), and it
//! knows no HTTP.

mod folder;
mod house;
mod load;
mod reader;
mod sql;
mod vault;
mod writer;

pub use folder::{DATABASE, Founding, OpenError, Store};
pub use house::{Done, Failure, House, Live, PersonAct};
pub use load::LoadError;
pub use reader::{Listed, Reader};
pub use sql::Error as SqlError;
pub use vault::Token;

/// 32 random bytes from the operating system.
///
/// # Errors
///
/// If the operating system has none to give.
pub fn random() -> Result<[u8; 32], getrandom::Error> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}

/// The clock of this machine, in milliseconds since 1970; 0 if it stands before that.
pub fn clock() -> assembly::UnixMs {
    std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0, |since| u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}
