//! What only the database can tell of a record and its vault, beside what every outsider can check: that SQLite's
//! own structure is whole, that every head ever signed is one of this record, that no row stands too many, and that
//! the vault speaks of people who exist.
//!
//! [`Rows`] are read before the record itself is checked and judged after it, by the state that the record folds to:
//! so this works while the server goes on writing.

use crate::load::{self, LoadError};
use crate::pace::Pace;
use crate::reader::{Listed, Reader};
use crate::sql::{Error, has_table, signed};
use crate::vault::each_guest;
use assembly::{Field, ParticipantNo, QuestionId, State};
use record::tile::{FULL_WIDTH, decode_bundle, tiles};
use record::{Hash, Tree, root_at};
use rusqlite::{ErrorCode, OptionalExtension as _};
use std::collections::BTreeSet;

/// The most problems of one kind that are listed.
const MANY: usize = 20;
/// Steps of SQLite's machine between two looks at the pace.
const STEPS: i32 = 1_000;

/// Something that does not fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// The entry it is about, if it is about one.
    pub entry: Option<u64>,
    /// What is wrong, in a sentence.
    pub sentence: String,
}

/// A stored snapshot of the state.
pub struct Kept {
    /// How many entries it has folded.
    pub size: u64,
    state: Vec<u8>,
}

impl Kept {
    /// Whether it is what the record folds to.
    pub fn is(&self, state: &State) -> bool {
        load::write_snapshot(state).is_ok_and(|bytes| bytes == self.state)
    }
}

/// The rows of one assembly beside its record, as they stood at one moment.
pub struct Rows {
    /// The verifier key that belongs to the signing key.
    pub key: String,
    /// The stored snapshot, if this program can read one of that format.
    pub snapshot: Option<Kept>,
    size: u64,
    texts: Vec<(u64, String)>,
    guests: Vec<(QuestionId, ParticipantNo)>,
    reports: Vec<u64>,
    troubles: Vec<Trouble>,
}

impl Reader {
    /// What SQLite finds when it reads the whole database (`integrity_check`) and every reference in it. Empty:
    /// nothing.
    ///
    /// # Errors
    ///
    /// If the check cannot be made.
    pub fn integrity(&self, pace: &Pace) -> Result<Vec<String>, Error> {
        // The log cannot be cut as long as this lasts.
        let mut pace = pace.brisk();
        let rest = move || {
            pace.breathe();
            false
        };
        self.db.progress_handler(STEPS, Some(rest))?;
        let found = self.integrity_now();
        self.db.progress_handler(0, None::<fn() -> bool>)?;
        found
    }

    fn integrity_now(&self) -> Result<Vec<String>, Error> {
        let mut found: Vec<String> = Vec::new();
        match self.said(&format!("PRAGMA integrity_check({MANY})"), &mut found) {
            // Too broken to be checked to the end.
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseCorrupt) => {
                found.push(error.to_string());
            }
            other => other?,
        }
        found.retain(|said| said != "ok");
        if !found.is_empty() {
            let damaged = |said| format!("The database is damaged: SQLite says “{said}”. Restore a backup.");
            return Ok(found.into_iter().map(damaged).collect());
        }
        self.said("PRAGMA foreign_key_check", &mut found)?;
        let foreign = |table| {
            format!(
                "A row of the table {table} belongs to an assembly that is not in the database. Restore a backup."
            )
        };
        Ok(found.into_iter().take(MANY).map(foreign).collect())
    }

    /// The first column of what a question to SQLite answers.
    fn said(&self, question: &str, into: &mut Vec<String>) -> Result<(), rusqlite::Error> {
        let mut query = self.db.prepare(question)?;
        for row in query.query_map((), |row| row.get::<_, String>(0))? {
            into.push(row?);
        }
        Ok(())
    }

    /// What SQLite finds wrong in a quick look; `None`: nothing.
    ///
    /// # Errors
    ///
    /// If the check cannot be made.
    pub fn quick_check(&self) -> Result<Option<String>, Error> {
        let said: String = self.db.query_row("PRAGMA quick_check(1)", (), |row| row.get(0))?;
        Ok((said != "ok").then_some(said))
    }

    /// How many erased texts may still have remains in the files of the folder.
    ///
    /// # Errors
    ///
    /// If the database cannot be read.
    pub fn remains(&self) -> Result<u64, Error> {
        if !has_table(&self.db, "scrub")? {
            return Ok(0);
        }
        let count: i64 = self.db.query_row("SELECT count(*) FROM scrub", (), |row| row.get(0))?;
        Ok(u64::try_from(count).unwrap_or(0))
    }

    /// Reads, in one moment, what stands beside the record, and checks what needs no state.
    ///
    /// # Errors
    ///
    /// If the database cannot be read. What is wrong in it is said by [`Rows::judge`].
    pub fn rows(&self, assembly: &Listed, pace: &mut Pace) -> Result<Rows, Error> {
        // One moment: readers of a log see it as it was when they began.
        let transaction = self.db.unchecked_transaction()?;
        let mut rows = Rows {
            key: String::new(),
            snapshot: None,
            size: 0,
            texts: Vec::new(),
            guests: Vec::new(),
            reports: Vec::new(),
            troubles: Vec::new(),
        };
        match self.heads(assembly, &mut rows, pace) {
            Ok(()) => {}
            Err(LoadError::Sql(error)) => return Err(error),
            Err(error) => rows.trouble(None, error.to_string()),
        }
        self.beside(assembly, &mut rows)?;
        drop(transaction);
        Ok(rows)
    }

    /// The key, every head ever signed, and the rows that a record of that size has.
    fn heads(&self, assembly: &Listed, rows: &mut Rows, pace: &mut Pace) -> Result<(), LoadError> {
        let signer = load::signing_key(self, assembly)?;
        rows.key = signer.verifier().to_string();
        let head = load::open_head(&signer, &self.checkpoint(assembly)?)?;
        rows.size = head.size();
        load::last_signed(self, assembly, &head)?;
        self.widths(assembly, rows)?;
        let tree = Tree::from_leaf_hashes(load::leaves(self, assembly, head.size())?);
        rows.snapshot = self.kept(assembly, &tree)?;
        let sql = "SELECT size, root FROM signed_head WHERE assembly = ?1 ORDER BY size";
        let mut query = self.db.prepare(sql)?;
        let mut heads = query.query([assembly.id])?;
        let mut wrong = 0;
        while let Some(row) = heads.next()? {
            pace.breathe();
            let size = u64::try_from(row.get::<_, i64>(0)?).unwrap_or(u64::MAX);
            let fits = size <= tree.size() && root_at(&tree, size).ok() == Some(Hash(row.get(1)?));
            if !fits && wrong < MANY {
                wrong += 1;
                rows.trouble(
                    None,
                    format!(
                        "The head that was signed for {size} entries is not one of this record: the table of signed \
                         heads was changed, or the record was. Restore a backup."
                    ),
                );
            }
        }
        Ok(())
    }

    /// Rows of tiles and entries that are too many or too long for the record.
    fn widths(&self, assembly: &Listed, rows: &mut Rows) -> Result<(), Error> {
        let expected: BTreeSet<(u8, u64, u64)> = tiles(rows.size)
            .map(|path| (path.level(), path.index(), u64::from(path.width()) * Hash::LEN as u64))
            .collect();
        let sql = "SELECT level, n, length(hashes) FROM tile WHERE assembly = ?1";
        let mut query = self.db.prepare(sql)?;
        let stored = query.query_map([assembly.id], |row| {
            let number = |column| row.get::<_, i64>(column).map(|n| u64::try_from(n).unwrap_or(u64::MAX));
            Ok((row.get::<_, u8>(0)?, number(1)?, number(2)?))
        })?;
        for tile in stored {
            let tile = tile?;
            if !expected.contains(&tile) {
                let (level, n, _) = tile;
                rows.trouble(
                    None,
                    format!(
                        "Row {n} of the record's tree at level {level} has another length than a record of {} entries \
                         gives it. Restore a backup.",
                        rows.size
                    ),
                );
            }
        }
        let full = u64::from(FULL_WIDTH);
        let last: Option<i64> = self
            .db
            .prepare("SELECT max(n) FROM bundle WHERE assembly = ?1")?
            .query_row([assembly.id], |row| row.get(0))?;
        let Some(last) = last.and_then(|n| u64::try_from(n).ok()) else { return Ok(()) };
        let width = rows.size.saturating_sub(last.saturating_mul(full)).min(full);
        let sql = "SELECT entries FROM bundle WHERE assembly = ?1 AND n = ?2";
        let bytes: Option<Vec<u8>> =
            self.db.prepare(sql)?.query_row((assembly.id, signed(last)), |row| row.get(0)).optional()?;
        // At most 256, which fits.
        let whole = bytes.is_some_and(|bytes| width > 0 && decode_bundle(&bytes, width as u16).is_ok());
        if !whole {
            rows.trouble(
                None,
                format!(
                    "Row {last} of the record's entries holds something else than the entries up to the last one, {}. \
                     Restore a backup.",
                    rows.size.saturating_sub(1)
                ),
            );
        }
        Ok(())
    }

    fn kept(&self, assembly: &Listed, tree: &Tree) -> Result<Option<Kept>, Error> {
        let sql = "SELECT size, root, state FROM snapshot WHERE assembly = ?1 AND format = ?2";
        let row = self
            .db
            .prepare(sql)?
            .query_row((assembly.id, load::SNAPSHOT_FORMAT), |row| {
                Ok((row.get::<_, i64>(0)?, Hash(row.get(1)?), row.get(2)?))
            })
            .optional()?;
        Ok(row.and_then(|(size, root, state)| {
            let size = u64::try_from(size).ok()?;
            // A snapshot of another record is not used at a start, either.
            (size <= tree.size() && root_at(tree, size).ok() == Some(root)).then_some(Kept { size, state })
        }))
    }

    /// Texts, guests and reports.
    fn beside(&self, assembly: &Listed, rows: &mut Rows) -> Result<(), Error> {
        let number = |row: &rusqlite::Row<'_>| Ok(u64::try_from(row.get::<_, i64>(0)?).unwrap_or(u64::MAX));
        let mut query = self.db.prepare("SELECT entry, field FROM text WHERE assembly = ?1")?;
        let texts = query.query_map([assembly.id], |row| Ok((number(row)?, row.get(1)?)))?;
        rows.texts = texts.collect::<Result<_, _>>()?;
        let guests = &mut rows.guests;
        let damaged =
            each_guest(&self.db, assembly.id, |guest| guests.push((guest.question, guest.participant)))?;
        if damaged > 0 {
            rows.trouble(
                None,
                format!(
                    "{damaged} rows of the vault that say which guest is which participant were changed on disk. They are \
                     not believed: these guests become new participants. Check the disk, and restore a backup."
                ),
            );
        }
        let mut query = self.db.prepare("SELECT entry FROM report WHERE assembly = ?1")?;
        rows.reports = query.query_map([assembly.id], number)?.collect::<Result<_, _>>()?;
        Ok(())
    }
}

impl Rows {
    /// What does not fit, judged by the state of the whole record. The record must hold at least the entries that
    /// it held when the rows were read.
    pub fn judge(mut self, state: &mut State) -> Vec<Trouble> {
        if state.size() < self.size {
            // The record itself is not whole, which says more than anything here could.
            return self.troubles;
        }
        let known: BTreeSet<(u64, Field)> =
            state.texts_mut().map(|(entry, field, _)| (entry, field)).collect();
        for (entry, name) in std::mem::take(&mut self.texts) {
            // Words that an entry says were erased are known, too: the check of the record finds those.
            if Field::named(&name).is_none_or(|field| !known.contains(&(entry, field))) {
                self.trouble(
                    Some(entry),
                    format!(
                        "Words are kept beside entry {entry} as its {name}, and the entry commits to no such text. They \
                         are nobody's; restore a backup."
                    ),
                );
            }
        }
        for (question, participant) in std::mem::take(&mut self.guests) {
            let exists =
                state.question(question).is_some_and(|one| one.talk().participant(participant).is_some());
            if !exists {
                self.trouble(
                    None,
                    format!(
                        "The vault knows somebody as participant {participant} of question {question}, who is not on \
                         the record. A part of the database is newer than the rest; restore one backup whole."
                    ),
                );
            }
        }
        for entry in std::mem::take(&mut self.reports) {
            if entry >= state.size() {
                self.trouble(
                    None,
                    format!("A report speaks of entry {entry}, which is not on the record. Restore one backup whole."),
                );
            }
        }
        self.troubles
    }

    fn trouble(&mut self, entry: Option<u64>, sentence: String) {
        if self.troubles.len() < 5 * MANY {
            self.troubles.push(Trouble { entry, sentence });
        }
    }
}
