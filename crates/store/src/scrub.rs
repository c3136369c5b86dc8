//! Making sure that erased words, and keys that were retired, are in no file of the folder any more.
//!
//! Deleting a row is not enough. The pages of the write-ahead log hold it as it was until they are copied into
//! the database and the log is cut; and SQLite, although it overwrites what it deletes (`secure_delete`), leaves
//! copies of rows in the unused parts of pages when it moves rows between pages (about one text in a thousand, as
//! measured). So the tables that held the words are written anew, which overwrites every page they ever had, and
//! then the log is cut.
//!
//! Invariant: a row of the table `scrub` is committed together with the erasing and goes only when all this is
//! done. A process that is killed in between does it at its next start.

use crate::house::Inner;
use crate::sql::Error;
use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

/// The tables in which words of people stand that can be erased (the texts, and reports that may quote them), and
/// those of the secret keys.
const TABLES: [&str; 4] = ["text", "report", "signing_key", "old_signing_key"];
/// How long to wait for others who read or write the database at this moment.
const PATIENCE: Duration = Duration::from_millis(50);

/// Remains are looked after again so long after the last time …
const AGAIN: Duration = Duration::from_secs(1);
/// … or so many times as long as that took, so that erasing cannot keep everybody else waiting.
const SHARE: u32 = 20;

/// When remains are looked after. The writer's.
pub(crate) struct Scrubber {
    /// They may stand in a file.
    due: bool,
    /// Not before this are they looked after again.
    next: Option<Instant>,
    /// Up to which of them the tables were written anew.
    anew: i64,
    /// It was said that they cannot be removed yet.
    said: bool,
}

/// At the start it is time: a process before this one may not have come to it.
impl Default for Scrubber {
    fn default() -> Self {
        Self { due: true, next: None, anew: 0, said: false }
    }
}

impl Scrubber {
    /// Something was erased.
    pub fn ask(&mut self, house: &Inner) {
        self.due = true;
        house.scrubbing.store(true, Ordering::Relaxed);
    }

    /// How long the writer may wait for others before it is time again; nothing if there is nothing to remove.
    pub fn pause(&self) -> Option<Duration> {
        let next = || self.next.map_or(Duration::ZERO, |next| next.saturating_duration_since(Instant::now()));
        self.due.then(next)
    }

    /// Removes the remains of what was erased from the files, if it is time. That they may stand there a little
    /// longer fails nothing that was asked for: it is said, and tried again.
    pub fn run(&mut self, db: &mut Connection, house: &Inner) {
        if !self.due || self.next.is_some_and(|next| Instant::now() < next) {
            return;
        }
        let started = Instant::now();
        let outcome = scrub(db, &mut self.anew);
        if !matches!(outcome, Ok(Scrubbed::Nothing)) {
            self.next = Some(Instant::now() + AGAIN.max(started.elapsed() * SHARE));
        }
        self.due = !matches!(outcome, Ok(Scrubbed::Nothing | Scrubbed::Clean));
        let said = std::mem::replace(&mut self.said, self.due);
        house.scrubbing.store(self.due, Ordering::Relaxed);
        let slug = &house.listed.slug;
        match outcome {
            Ok(Scrubbed::Nothing | Scrubbed::Clean) if said => {
                tracing::info!(assembly = slug, "what was erased is in no file of the folder any more");
            }
            Ok(Scrubbed::Later) if !said => tracing::warn!(
                assembly = slug,
                "what was erased may still stand in the files of the database, because another program reads it at \
                 this moment. It is not shown or served any more; removing it is tried again every second."
            ),
            Err(error) if !said => tracing::error!(
                assembly = slug,
                "what was erased may still stand in the files of the database: {error}. It is not shown or served any \
                 more; removing it is tried again."
            ),
            _ => {}
        }
    }
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scrubbed {
    /// There was nothing to do.
    Nothing,
    /// Everything that waited is gone.
    Clean,
    /// Somebody else reads or writes the database; remains may stand in the log until they have finished.
    Later,
}

/// Deletes a text and the reports about its entry, and notes that remains of them have to be removed. Part of the
/// caller's transaction.
pub(crate) fn delete(db: &Connection, assembly: i64, entry: i64, field: &str) -> Result<(), rusqlite::Error> {
    db.execute(
        "DELETE FROM text WHERE assembly = ?1 AND entry = ?2 AND field = ?3",
        (assembly, entry, field),
    )?;
    db.execute("DELETE FROM report WHERE assembly = ?1 AND entry = ?2", (assembly, entry))?;
    db.execute("INSERT INTO scrub (assembly, entry, field) VALUES (?1, ?2, ?3)", (assembly, entry, field))?;
    Ok(())
}

/// Deletes the keys before the newest, and notes that remains of them have to be removed. Part of the caller's
/// transaction.
pub(crate) fn delete_old_keys(db: &Connection, assembly: i64) -> Result<(), rusqlite::Error> {
    db.execute(
        "INSERT INTO scrub (assembly, entry, field) SELECT assembly, since, 'key' FROM old_signing_key WHERE assembly = ?1",
        [assembly],
    )?;
    db.execute("DELETE FROM old_signing_key WHERE assembly = ?1", [assembly])?;
    Ok(())
}

/// Removes the remains of what was erased, if there is any. `anew` is the number of the last row after whose
/// erasing the tables were written anew, 0 at the start: while a reader keeps the log from being cut, that need not
/// be done again and again.
pub(crate) fn scrub(db: &mut Connection, anew: &mut i64) -> Result<Scrubbed, Error> {
    let Some(last) = waiting(db)? else { return Ok(Scrubbed::Nothing) };
    db.busy_timeout(PATIENCE)?;
    let done = scrub_up_to(db, last, anew);
    db.busy_timeout(crate::sql::PATIENCE)?;
    match done {
        Err(error) if is_busy(&error) => Ok(Scrubbed::Later),
        other => Ok(other?),
    }
}

/// The number of the last row that waits.
fn waiting(db: &Connection) -> Result<Option<i64>, rusqlite::Error> {
    db.query_row("SELECT max(id) FROM scrub", (), |row| row.get(0)).optional().map(Option::flatten)
}

fn scrub_up_to(db: &mut Connection, last: i64, anew: &mut i64) -> Result<Scrubbed, rusqlite::Error> {
    if *anew < last {
        let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for table in TABLES {
            write_anew(&transaction, table)?;
        }
        transaction.commit()?;
        *anew = last;
    }
    if !cut_log(db)? {
        return Ok(Scrubbed::Later);
    }
    db.execute("DELETE FROM scrub WHERE id <= ?1", [last])?;
    Ok(Scrubbed::Clean)
}

/// Copies a table into fresh pages; those of the old one are overwritten as they are freed.
fn write_anew(db: &Connection, table: &str) -> Result<(), rusqlite::Error> {
    let sql: String =
        db.query_row("SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ?1", [table], |row| {
            row.get(0)
        })?;
    let columns = sql.find('(').map_or("", |at| &sql[at..]);
    db.execute_batch(&format!(
        "CREATE TABLE {table}_anew {columns};
         INSERT INTO {table}_anew SELECT * FROM {table};
         DROP TABLE {table};
         ALTER TABLE {table}_anew RENAME TO {table};"
    ))
}

/// Copies the log into the database and cuts it to nothing. Says whether that was possible.
pub(crate) fn cut_log(db: &Connection) -> Result<bool, rusqlite::Error> {
    db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", (), |row| row.get::<_, i64>(0)).map(|busy| busy == 0)
}

fn is_busy(error: &rusqlite::Error) -> bool {
    use rusqlite::ErrorCode::{DatabaseBusy, DatabaseLocked};
    matches!(error.sqlite_error_code(), Some(DatabaseBusy | DatabaseLocked))
}
