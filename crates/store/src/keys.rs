//! The keys that sign the heads of a record: the newest, and those before it that still sign beside it.
//!
//! A change of keys is one transaction: the entry that both keys signed, the new key, and the first head that the new
//! key signs. A key that was given up signs on until it is retired, so that witnesses and mirrors that know only that
//! key go on working; whoever does not know a signature ignores it.

use crate::house::{Done, Failure, House};
use crate::load::{self, LoadError};
use crate::reader::{Listed, Reader};
use crate::scrub;
use crate::sql::{Error, signed};
use crate::writer::Job;
use assembly::{Command, Refusal, State, roll};
use record::Hash;
use record::checkpoint::{Checkpoint, CheckpointError, SignedCheckpoint};
use record::note::SigningKey;
use record::rekey::Rekey;
use rusqlite::Connection;
use std::sync::Arc;
use tokio::sync::oneshot;

/// The most old keys that sign beside the newest. Each adds a line of about 150 bytes to every head and receipt.
const MAX_OLD: usize = 4;

/// The keys of one record. The writer's; nobody else signs.
pub(crate) struct Keys {
    newest: SigningKey,
    old: Vec<SigningKey>,
}

/// A key that takes over with the batch being written.
pub(crate) struct Next {
    seed: [u8; 32],
    key: SigningKey,
    /// The entry that named the key before it.
    since: u64,
}

impl Keys {
    /// The key of a record that was just begun.
    pub fn first(newest: SigningKey) -> Self {
        Self { newest, old: Vec::new() }
    }

    pub fn load(reader: &Reader, assembly: &Listed) -> Result<Self, LoadError> {
        let newest = load::signing_key(reader, assembly)?;
        let sql = "SELECT seed FROM old_signing_key WHERE assembly = ?1 ORDER BY since DESC";
        let mut query = reader.db.prepare(sql)?;
        let seeds = query.query_map([assembly.id], |row| row.get::<_, Vec<u8>>(0))?;
        let mut old = Vec::new();
        for seed in seeds {
            let seed = seed?.try_into().map_err(|_| LoadError::Key)?;
            old.push(SigningKey::from_seed(&seed, &assembly.origin).map_err(|_| LoadError::Key)?);
        }
        Ok(Self { newest, old })
    }

    /// Whether the record names all of them, the newest as the one that signs now. A record that was not founded yet
    /// names none.
    pub fn are_named_by(&self, state: &State) -> bool {
        let roll = state.roll();
        let named = |key: &SigningKey| {
            let key = key.verifier().to_string();
            roll.keys().any(|(named, _)| named == key)
        };
        roll.key().is_none_or(|key| key == self.newest.verifier().to_string()) && self.old.iter().all(named)
    }

    pub fn newest(&self) -> &SigningKey {
        &self.newest
    }

    /// Signs the head of a record, the newest key first; with `next`, that one before all.
    pub fn sign_head(&self, next: Option<&Next>, size: u64, root: Hash) -> Result<Arc<str>, CheckpointError> {
        let first = next.map_or(&self.newest, |next| &next.key);
        let checkpoint = Checkpoint::new(first.name(), size, root)?;
        let text = checkpoint.to_string();
        let mut head = SignedCheckpoint::sign(checkpoint, first)?;
        let others = next.map(|_| &self.newest).into_iter().chain(&self.old);
        head.add(others.map(|key| key.sign(&text)))?;
        Ok(head.to_string().into())
    }

    /// Prepares a change to the key of `seed`: the command that says it in the record.
    pub fn change(&self, state: &State, seed: [u8; 32]) -> Result<(Next, Command), Refusal> {
        if self.old.len() >= MAX_OLD {
            return Err(Refusal::Rekey(format!(
                "{MAX_OLD} old keys still sign beside the newest; retire them first (veche keys retire)."
            )));
        }
        let refuse = |why: String| Refusal::Rekey(why);
        let key =
            SigningKey::from_seed(&seed, self.newest.name()).map_err(|error| refuse(error.to_string()))?;
        let (by_old, by_new) =
            Rekey::sign(state.size(), &self.newest, &key).map_err(|error| refuse(error.to_string()))?;
        let rekeyed = roll::Rekeyed {
            key: key.verifier().to_string(),
            by_old: by_old.to_string(),
            by_new: by_new.to_string(),
        };
        let since = state.roll().keys().last().map_or(0, |(_, entry)| entry);
        Ok((Next { seed, key, since }, Command::Roll(roll::Command::Rekey(rekeyed))))
    }

    /// The next key has taken over.
    pub fn advance(&mut self, next: Next) {
        let before = std::mem::replace(&mut self.newest, next.key);
        self.old.insert(0, before);
    }

    /// Forgets the old keys; how many there were.
    pub fn retire(&mut self) -> usize {
        std::mem::take(&mut self.old).len()
    }
}

impl Next {
    /// Writes the change, within the transaction of its entry.
    pub fn write(&self, db: &Connection, assembly: i64) -> rusqlite::Result<()> {
        db.execute(
            "INSERT INTO old_signing_key (assembly, since, seed) SELECT assembly, ?2, seed FROM signing_key WHERE assembly = ?1",
            (assembly, signed(self.since)),
        )?;
        db.execute("UPDATE signing_key SET seed = ?2 WHERE assembly = ?1", (assembly, self.seed))?;
        Ok(())
    }
}

/// Deletes the old keys, and puts a head that they did not sign in the place of the last one.
pub(crate) fn delete_old(db: &Connection, assembly: i64, head: &str) -> Result<(), Error> {
    scrub::delete_old_keys(db, assembly)?;
    db.execute("UPDATE assembly SET checkpoint = ?2 WHERE id = ?1", (assembly, head))?;
    Ok(())
}

impl House {
    /// Goes on under another key: the one of `seed`, which must be secret and random, or a new one. Answers after the
    /// commit with the entry that says it; blocks until then.
    ///
    /// # Errors
    ///
    /// [`Failure`]: the record is signed as before.
    pub fn rotate_key(&self, seed: Option<[u8; 32]>) -> Result<Done, Failure> {
        let fresh = || crate::random().map_err(|error| Failure::Stopped(error.to_string()));
        let seed = seed.map_or_else(fresh, Ok)?;
        let (reply, answer) = oneshot::channel();
        self.0.jobs.send(Job::Rekey { seed, reply }).map_err(|_| Failure::gone())?;
        answer.blocking_recv().unwrap_or_else(|_| Err(Failure::gone()))
    }

    /// Retires the keys that were given up: they sign nothing more and are deleted. Blocks until that is done.
    ///
    /// # Errors
    ///
    /// [`Failure`]: they sign as before.
    pub fn retire_keys(&self) -> Result<Done, Failure> {
        let (reply, answer) = oneshot::channel();
        self.0.jobs.send(Job::Retire { reply }).map_err(|_| Failure::gone())?;
        answer.blocking_recv().unwrap_or_else(|_| Err(Failure::gone()))
    }
}
