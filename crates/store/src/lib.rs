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

mod backup;
mod batch;
mod cosign;
mod disk;
mod earlier;
mod folder;
mod fsck;
mod heads;
mod house;
mod keys;
mod load;
mod meters;
mod organise;
mod pace;
mod private;
mod reader;
mod restore;
mod rows;
mod scrub;
mod sql;
mod upkeep;
mod vault;
mod witness;
mod writer;

pub use backup::{Backup, BackupError};
pub use cosign::{GoByError, Seen, Vouching, WITNESS_PATIENCE};
pub use disk::{free_bytes, log_bytes, reserve};
pub use folder::{DATABASE, Founding, OpenError, Store, is_in_use};
pub use fsck::{Kept, Rows, Trouble};
pub use house::{Done, Failure, House, Live, MissingText, PersonAct};
pub use load::LoadError;
pub use meters::{Meters, Outcome};
pub use organise::{LINK_MS, LinkError, MAX_NOTE, REPORT_MS, Report, Reported, SESSION_MS, organiser_link};
pub use pace::Pace;
pub use reader::{Edge, Listed, Reader};
pub use restore::{RestoreError, Restoring};
pub use sql::Error as SqlError;
pub use upkeep::{Work, Worked, worked};
pub use vault::Token;
pub use witness::{WITNESS_DATABASE, Witness, WitnessError, WitnessOpenError};

/// A text with a fresh salt of its own.
///
/// # Errors
///
/// [`RandomError`]: without a salt a text must not be committed to.
pub fn text(words: impl Into<std::sync::Arc<str>>) -> Result<assembly::Text, RandomError> {
    Ok(assembly::Text::new(record::commitment::Salt(random()?), words))
}

/// The operating system has no random bytes to give.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("The operating system gives no random bytes ({0}), and without them nothing can be kept safely.")]
pub struct RandomError(#[from] getrandom::Error);

/// 32 random bytes from the operating system.
///
/// # Errors
///
/// [`RandomError`].
pub fn random() -> Result<[u8; 32], RandomError> {
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
