//! What was done to keep a folder well, and when: checked whole, backed up, restored.
//!
//! It stands in the database, so that the server, `veche backup` beside it and `veche doctor` after it know the same.

use crate::folder::DATABASE;
use crate::house::{Failure, House};
use crate::reader::Reader;
use crate::sql::{self, Error, signed};
use assembly::UnixMs;
use rusqlite::{Connection, OptionalExtension as _};
use std::path::Path;

/// A kind of work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    /// Everything in the folder was checked. What is said is the first problem, or nothing.
    Fsck,
    /// A complete backup was made.
    Backup,
    /// The folder was made from a backup. What is said is what that was compared with.
    Restore,
    /// This database is a backup: it must not be served before it was restored.
    Copy,
}

impl Work {
    fn name(self) -> &'static str {
        match self {
            Work::Fsck => "fsck",
            Work::Backup => "backup",
            Work::Restore => "restore",
            Work::Copy => "copy",
        }
    }
}

/// The last work of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Worked {
    /// When it was complete.
    pub at: UnixMs,
    /// What came of it, in a sentence; empty if there is nothing to say.
    pub said: String,
}

/// Remembers in the folder that some work was done. Works beside a running server.
///
/// # Errors
///
/// If the database cannot be written.
pub fn worked(folder: &Path, work: Work, at: UnixMs, said: &str) -> Result<(), Error> {
    note(&sql::open_to_write(&folder.join(DATABASE))?, work, at, said)
}

pub(crate) fn note(db: &Connection, work: Work, at: UnixMs, said: &str) -> Result<(), Error> {
    let sql = "INSERT OR REPLACE INTO upkeep (work, at, said) VALUES (?1, ?2, ?3)";
    db.execute(sql, (work.name(), signed(at), said))?;
    Ok(())
}

pub(crate) fn forget(db: &Connection, work: Work) -> Result<(), Error> {
    db.execute("DELETE FROM upkeep WHERE work = ?1", [work.name()])?;
    Ok(())
}

pub(crate) fn last(db: &Connection, work: Work) -> Result<Option<Worked>, Error> {
    // A folder that no server of this version has opened yet has no such table.
    if !sql::has_table(db, "upkeep")? {
        return Ok(None);
    }
    let mut query = db.prepare_cached("SELECT at, said FROM upkeep WHERE work = ?1")?;
    let read = |row: &rusqlite::Row<'_>| {
        Ok(Worked { at: u64::try_from(row.get::<_, i64>(0)?).unwrap_or(0), said: row.get(1)? })
    };
    Ok(query.query_row([work.name()], read).optional()?)
}

impl Reader {
    /// The last work of that kind.
    ///
    /// # Errors
    ///
    /// If the database cannot be read.
    pub fn last(&self, work: Work) -> Result<Option<Worked>, Error> {
        last(&self.db, work)
    }
}

impl House {
    /// The last work of that kind on the folder this assembly is in.
    ///
    /// # Errors
    ///
    /// [`Failure::Unreadable`].
    pub async fn last(&self, work: Work) -> Result<Option<Worked>, Failure> {
        self.with_reader(move |reader, _| reader.last(work)).await
    }
}
