//! Opening the database, and the pieces of SQL that more than one module needs.

use crate::vault;
use rusqlite::{Connection, OpenFlags};
use rusqlite_migration::{M, Migrations};
use std::path::Path;
use std::time::Duration;

/// The steps from an empty file to today's schema.
fn migrations() -> Migrations<'static> {
    Migrations::new(vec![
        M::up(include_str!("migrations/0001.sql")),
        M::up(include_str!("migrations/0002.sql")),
        M::up_with_hook(include_str!("migrations/0006.sql"), |transaction| Ok(vault::sum_up(transaction)?)),
    ])
}

/// How long a connection waits for another one's transaction to end. Writers of several assemblies
/// share one file; a transaction takes milliseconds, an import seconds.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// After a large transaction the write-ahead log is cut back to this size.
const WAL_LIMIT: i64 = 64 << 20;

/// A connection that writes: the schema is brought up to date first.
pub(crate) fn open_to_write(file: &Path) -> Result<Connection, Error> {
    let mut db = open_durable(file)?;
    migrations().to_latest(&mut db)?;
    Ok(db)
}

/// A connection that writes, to a file whose schema is the caller's.
pub(crate) fn open_durable(file: &Path) -> Result<Connection, Error> {
    let db = Connection::open(file)?;
    db.busy_timeout(PATIENCE)?;
    // WAL lets readers go on while the writer commits; FULL makes COMMIT wait for the disk.
    db.pragma_update(None, "journal_mode", "WAL")?;
    db.pragma_update(None, "synchronous", "FULL")?;
    db.pragma_update(None, "secure_delete", true)?;
    db.pragma_update(None, "foreign_keys", true)?;
    db.pragma_update(None, "journal_size_limit", WAL_LIMIT)?;
    Ok(db)
}

/// A connection that only reads. Other processes may have the file open.
pub(crate) fn open_to_read(file: &Path) -> Result<Connection, Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(file, flags)?;
    db.busy_timeout(PATIENCE)?;
    Ok(db)
}

/// What SQLite answers when something is wrong.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A statement failed.
    #[error(transparent)]
    Sqlite(#[from] rusqlite::Error),
    /// The schema could not be brought up to date.
    #[error(transparent)]
    Migration(#[from] rusqlite_migration::Error),
}

/// SQLite counts in signed 64 bits; so do sizes and indexes here, which stay far below.
pub(crate) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
