//! What organisers work with: reports, one-time links, sessions. All of it is vault, none of it record.
//!
//! Everything here is read from and written to the database itself, so that a link made by `veche organiser` works
//! on the server that runs at the same time.

use crate::folder::{DATABASE, OpenError};
use crate::house::{Failure, House};
use crate::reader::Listed;
use crate::sql::{self, Error, signed};
use crate::vault::{Token, TokenDigest};
use assembly::UnixMs;
use assembly::moderation::Ground;
use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior};
use std::path::Path;

/// How long a one-time link can be used: as long as it takes to walk to another machine.
pub const LINK_MS: UnixMs = 15 * 60 * 1_000;
/// How long a browser stays signed in: a working day.
pub const SESSION_MS: UnixMs = 12 * 60 * 60 * 1_000;
/// How long a report waits for a decision before it is forgotten.
pub const REPORT_MS: UnixMs = 180 * 24 * 60 * 60 * 1_000;
/// The longest note on a report, in characters.
pub const MAX_NOTE: usize = 500;
/// Reports about one entry that are kept: more say nothing new.
const REPORTS_AN_ENTRY: i64 = 10;
/// Reports of one assembly that are kept: at 2,200 bytes at most each, 5 MB.
const REPORTS: i64 = 2_000;

/// What somebody said should not stand on the record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Its number.
    pub id: i64,
    /// The entry with the words.
    pub entry: u64,
    /// Why, in the reporter's eyes.
    pub ground: Ground,
    /// What they wrote about it.
    pub note: String,
    /// When.
    pub at: UnixMs,
}

/// What became of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reported {
    /// It was kept.
    Kept,
    /// Others reported the same before, as often as is useful; it waits for a decision already.
    Enough,
    /// More reports wait than can be kept.
    Full,
}

/// Makes a one-time link into the assembly at `slug` (or the only one of the folder). Works beside a running
/// server. Gives the assembly and what the link holds.
///
/// # Errors
///
/// [`OpenError`], a sentence.
pub fn organiser_link(folder: &Path, slug: Option<&str>, now: UnixMs) -> Result<(Listed, Token), LinkError> {
    let assembly = crate::Reader::open(folder)
        .and_then(|reader| reader.assemblies())
        .map_err(|error| OpenError::Database(folder.to_owned(), error))?;
    let known = || assembly.iter().map(|one| one.slug.as_str()).collect::<Vec<_>>().join(", ");
    let found = match slug {
        Some(slug) => assembly.iter().find(|one| one.slug == slug),
        None => assembly.first().filter(|_| assembly.len() == 1),
    };
    let Some(found) = found else { return Err(LinkError::Which(known())) };
    let token = Token::random().map_err(OpenError::from)?;
    let keep = || -> Result<(), Error> {
        let db = sql::open_to_write(&folder.join(DATABASE))?;
        forget_expired(&db, now)?;
        db.execute(
            "INSERT INTO organiser_link (assembly, token, expires) VALUES (?1, ?2, ?3)",
            (found.id, token.digest().0, signed(now.saturating_add(LINK_MS))),
        )?;
        Ok(())
    };
    keep().map_err(|error| OpenError::Database(folder.to_owned(), error))?;
    Ok((found.clone(), token))
}

/// Why no link was made.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// Not said which, or no such one.
    #[error("Say with --assembly which assembly the link is for. Those in this folder: {0}.")]
    Which(String),
    /// The folder cannot be used.
    #[error(transparent)]
    Open(#[from] OpenError),
}

impl House {
    /// Keeps a report about an entry.
    ///
    /// # Errors
    ///
    /// [`Failure::Unreadable`]: it was not kept.
    pub async fn report(
        &self,
        entry: u64,
        ground: Ground,
        note: String,
        now: UnixMs,
    ) -> Result<Reported, Failure> {
        self.with_vault(move |db, assembly| {
            let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            forget(&transaction, now)?;
            let (all, same): (i64, i64) = transaction.query_row(
                "SELECT count(*), count(*) FILTER (WHERE entry = ?2) FROM report WHERE assembly = ?1",
                (assembly, signed(entry)),
                |row| Ok((row.get(0)?, row.get(1)?)),
            )?;
            if same >= REPORTS_AN_ENTRY {
                return Ok(Reported::Enough);
            }
            if all >= REPORTS {
                return Ok(Reported::Full);
            }
            transaction.execute(
                "INSERT INTO report (assembly, entry, ground, note, at) VALUES (?1, ?2, ?3, ?4, ?5)",
                (assembly, signed(entry), ground.name(), note, signed(now)),
            )?;
            transaction.commit()?;
            Ok(Reported::Kept)
        })
        .await
    }

    /// The reports that wait for a decision, the oldest first.
    ///
    /// # Errors
    ///
    /// [`Failure::Unreadable`].
    pub async fn reports(&self, now: UnixMs) -> Result<Vec<Report>, Failure> {
        self.with_vault(move |db, assembly| {
            let mut query = db.prepare(
                "SELECT id, entry, ground, note, at FROM report WHERE assembly = ?1 AND at >= ?2 ORDER BY id",
            )?;
            let oldest = signed(now.saturating_sub(REPORT_MS));
            let rows = query.query_map((assembly, oldest), |row| {
                let number = |column| row.get::<_, i64>(column).map(|n| u64::try_from(n).unwrap_or(0));
                Ok(Report {
                    id: row.get(0)?,
                    entry: number(1)?,
                    // Every ground that was ever written is one; a damaged row is shown with the first.
                    ground: Ground::named(&row.get::<_, String>(2)?).unwrap_or(Ground::PersonalDataOfAnother),
                    note: row.get(3)?,
                    at: number(4)?,
                })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// Forgets the reports about an entry: the organiser decided that its words stay.
    ///
    /// # Errors
    ///
    /// [`Failure::Unreadable`].
    pub async fn dismiss(&self, entry: u64) -> Result<(), Failure> {
        self.with_vault(move |db, assembly| {
            db.execute("DELETE FROM report WHERE assembly = ?1 AND entry = ?2", (assembly, signed(entry)))?;
            Ok(())
        })
        .await
    }

    /// Uses a one-time link: gives what the browser's cookie holds from now on, or `None` if the link is not
    /// one of this assembly, was used before, or has expired. Of two who use it at once, one gets in.
    ///
    /// # Errors
    ///
    /// [`Failure::Unreadable`].
    pub async fn enter(&self, link: Token, now: UnixMs) -> Result<Option<Token>, Failure> {
        let session = Token::random().map_err(|error| Failure::Unreadable(error.to_string()))?;
        self.with_vault(move |db, assembly| {
            let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            forget_expired(&transaction, now)?;
            let used = transaction.execute(
                "DELETE FROM organiser_link WHERE assembly = ?1 AND token = ?2",
                (assembly, link.digest().0),
            )?;
            if used == 1 {
                transaction.execute(
                    "INSERT INTO organiser_session (assembly, token, expires) VALUES (?1, ?2, ?3)",
                    (assembly, session.digest().0, signed(now.saturating_add(SESSION_MS))),
                )?;
            }
            transaction.commit()?;
            Ok((used == 1).then_some(session))
        })
        .await
    }

    /// Whether the cookie is that of a browser which is signed in as an organiser of this assembly.
    ///
    /// # Errors
    ///
    /// [`Failure::Unreadable`].
    pub async fn organises(&self, session: &Token, now: UnixMs) -> Result<bool, Failure> {
        let TokenDigest(digest) = session.digest();
        self.with_vault(move |db, assembly| {
            let sql = "SELECT expires FROM organiser_session WHERE assembly = ?1 AND token = ?2";
            let expires: Option<i64> = db.query_row(sql, (assembly, digest), |row| row.get(0)).optional()?;
            Ok(expires.is_some_and(|expires| expires > signed(now)))
        })
        .await
    }

    /// Signs a browser out.
    ///
    /// # Errors
    ///
    /// [`Failure::Unreadable`].
    pub async fn leave(&self, session: &Token) -> Result<(), Failure> {
        let TokenDigest(digest) = session.digest();
        self.with_vault(move |db, assembly| {
            let sql = "DELETE FROM organiser_session WHERE assembly = ?1 AND token = ?2";
            db.execute(sql, (assembly, digest))?;
            Ok(())
        })
        .await
    }
}

/// Deletes everything here whose time is over.
pub(crate) fn forget(db: &Connection, now: UnixMs) -> Result<(), rusqlite::Error> {
    db.execute("DELETE FROM report WHERE at < ?1", [signed(now.saturating_sub(REPORT_MS))])?;
    forget_expired(db, now)
}

fn forget_expired(db: &Connection, now: UnixMs) -> Result<(), rusqlite::Error> {
    for table in ["organiser_link", "organiser_session"] {
        db.execute(&format!("DELETE FROM {table} WHERE expires <= ?1"), [signed(now)])?;
    }
    Ok(())
}
