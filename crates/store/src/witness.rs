//! What a witness keeps: its key, and for each log the last head it cosigned. One SQLite file, one thread
//! that judges and writes.
//!
//! Invariant: a cosignature leaves only after the head it is for is on disk, and no two requests are judged
//! by the same head unless neither changes it. All requests that wait are judged one after the other and
//! committed together, so that many logs share one wait for the disk.
//!
//! Invariant: after a failure to write, nothing in memory is believed; the heads are read from disk again
//! before the next request is judged.

use crate::{private, sql};
use record::checkpoint::SignedCheckpoint;
use record::note::{CosigningKey, Signature, VerifierKey};
use record::witness::{Head, Log, Refusal, Request, decide};
use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior};
use std::collections::BTreeMap;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use tokio::sync::oneshot;

/// The name of the database in a witness' folder.
pub const WITNESS_DATABASE: &str = "witness.db";
/// The file whose lock says that a process has the folder.
const LOCK: &str = "witness.lock";
/// Requests that may wait. One takes about 0.2 ms, so the last of them waits less than a second.
const QUEUE: usize = 4_096;
/// Requests committed together at most.
const BATCH: usize = 512;

const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS witness_key (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    name TEXT NOT NULL,
    seed BLOB NOT NULL CHECK (length(seed) = 32)
) STRICT;
-- checkpoint is the signed note as it came: what the log said, should it ever say something else.
CREATE TABLE IF NOT EXISTS witness_head (
    origin TEXT PRIMARY KEY,
    checkpoint TEXT NOT NULL
) STRICT, WITHOUT ROWID;
";

/// A witness: cosigns heads of the logs it knows, each only if it continues the one before. Cheap to clone.
#[derive(Clone)]
pub struct Witness(Arc<Inner>);

struct Inner {
    jobs: SyncSender<Job>,
    verifier: VerifierKey,
    logs: Vec<Log>,
}

struct Job {
    request: Request,
    answer: oneshot::Sender<Result<Signature, WitnessError>>,
}

/// Why there is no cosignature.
#[derive(Debug, Clone, thiserror::Error)]
pub enum WitnessError {
    /// The rules of a witness forbid it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Too many requests wait.
    #[error("Too many requests wait at this moment. Send it again in a few seconds.")]
    Busy,
    /// The head could not be written down.
    #[error("The head could not be written down, so it was not cosigned. Send it again later.")]
    Failed,
}

/// Why a folder cannot be that of a witness.
#[derive(Debug, thiserror::Error)]
pub enum WitnessOpenError {
    /// The folder cannot be made or written to.
    #[error(
        "The folder {0} cannot be used: {1}. Check that it exists, or can be made, and that you may write to it."
    )]
    Folder(PathBuf, std::io::Error),
    /// Another process has it.
    #[error("The folder {0} is in use by another witness. Stop that one first, or name another folder.")]
    InUse(PathBuf),
    /// The database cannot be opened, or what is in it cannot be read.
    #[error("The database in the folder {0} cannot be used: {1}.")]
    Database(PathBuf, sql::Error),
    /// A head in the database is not one.
    #[error(
        "The last head of {origin} in the folder {folder} cannot be read. The folder was damaged; without that head \
         this witness cannot keep its promise. Begin with a new folder and a new name."
    )]
    Head {
        /// The folder.
        folder: PathBuf,
        /// The log.
        origin: String,
    },
    /// The key in the folder has another name.
    #[error(
        "The key in the folder {folder} is named {found}, not {asked}. A key keeps its name: start with --name {found}, \
         or name another folder."
    )]
    OtherName {
        /// The folder.
        folder: PathBuf,
        /// The key's name.
        found: String,
        /// The name asked for.
        asked: String,
    },
    /// Not a name a key can have.
    #[error(transparent)]
    Key(#[from] record::note::KeyError),
    /// No random bytes.
    #[error(transparent)]
    Random(#[from] crate::RandomError),
}

impl Witness {
    /// Opens the folder of a witness, or makes it with a new key of that name.
    ///
    /// # Errors
    ///
    /// [`WitnessOpenError`], a sentence.
    pub fn open(folder: &Path, name: &str, known: Vec<Log>) -> Result<Self, WitnessOpenError> {
        let unusable = |error| WitnessOpenError::Folder(folder.to_owned(), error);
        private::folder(folder).map_err(unusable)?;
        let lock = private::file(&folder.join(LOCK)).map_err(unusable)?;
        lock.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => WitnessOpenError::InUse(folder.to_owned()),
            TryLockError::Error(error) => unusable(error),
        })?;
        let mut logs: Vec<Log> = Vec::new();
        for log in known {
            if !logs.iter_mut().any(|earlier| earlier.merge(&log)) {
                logs.push(log);
            }
        }
        private::file(&folder.join(WITNESS_DATABASE)).map_err(unusable)?;
        let db = open(folder)?;
        let key = key(&db, folder, name)?;
        let heads = heads(&db, folder)?;
        let (jobs, queue) = sync_channel(QUEUE);
        let verifier = key.verifier().clone();
        let judge =
            Judge { db: Some(db), folder: folder.to_owned(), key, logs: logs.clone(), heads, _lock: lock };
        std::thread::Builder::new()
            .name("witness".into())
            .spawn(move || judge.run(&queue))
            .map_err(unusable)?;
        Ok(Self(Arc::new(Inner { jobs, verifier, logs })))
    }

    /// The key that others verify the cosignatures with.
    pub fn verifier(&self) -> &VerifierKey {
        &self.0.verifier
    }

    /// The logs it knows.
    pub fn logs(&self) -> &[Log] {
        &self.0.logs
    }

    /// Cosigns what `request` brings, if the rules allow it. The head is on disk when this answers.
    ///
    /// # Errors
    ///
    /// [`WitnessError`]; nothing was cosigned.
    pub async fn cosign(&self, request: Request) -> Result<Signature, WitnessError> {
        let (answer, answered) = oneshot::channel();
        self.0.jobs.try_send(Job { request, answer }).map_err(|error| match error {
            TrySendError::Full(_) => WitnessError::Busy,
            TrySendError::Disconnected(_) => WitnessError::Failed,
        })?;
        answered.await.unwrap_or(Err(WitnessError::Failed))
    }
}

/// The thread that judges.
struct Judge {
    /// None after a failure, until it was opened again.
    db: Option<Connection>,
    folder: PathBuf,
    key: CosigningKey,
    logs: Vec<Log>,
    heads: BTreeMap<String, Head>,
    /// Held as long as the thread lives; the system lets it go even when the process is killed.
    _lock: File,
}

impl Judge {
    fn run(mut self, queue: &Receiver<Job>) {
        while let Ok(first) = queue.recv() {
            let jobs: Vec<Job> = std::iter::once(first).chain(queue.try_iter().take(BATCH - 1)).collect();
            self.batch(jobs);
        }
    }

    fn batch(&mut self, jobs: Vec<Job>) {
        if let Err(error) = self.recover() {
            tracing::error!(%error, "The witness' folder cannot be read; nothing is cosigned.");
            jobs.into_iter().for_each(|job| reply(job.answer, Err(WitnessError::Failed)));
            return;
        }
        // What this batch adds; believed only once it is on disk.
        let mut new: BTreeMap<&str, (Head, &SignedCheckpoint)> = BTreeMap::new();
        let mut judged = Vec::with_capacity(jobs.len());
        for Job { request, .. } in &jobs {
            let origin = request.checkpoint().checkpoint().origin();
            let log = self.logs.iter().find(|log| log.origin() == origin);
            let last = new.get(origin).map(|(head, _)| *head).or_else(|| self.heads.get(origin).copied());
            let decided = decide(log, last, request);
            if let Ok(head) = &decided
                && last != Some(*head)
            {
                new.insert(origin, (*head, request.checkpoint()));
            }
            judged.push(decided);
        }
        let kept = match &mut self.db {
            Some(db) if !new.is_empty() => keep(db, &new),
            _ => Ok(()),
        };
        let kept = match kept {
            Ok(()) => {
                self.heads.extend(new.into_iter().map(|(origin, (head, _))| (origin.to_owned(), head)));
                true
            }
            Err(error) => {
                tracing::error!(%error, "The witness could not write a head down; it will read its folder again.");
                self.db = None;
                false
            }
        };
        for (job, decided) in jobs.into_iter().zip(judged) {
            let answer = match decided {
                Err(refusal) => Err(refusal.into()),
                Ok(_) if !kept => Err(WitnessError::Failed),
                Ok(_) => self.sign(&job.request),
            };
            reply(job.answer, answer);
        }
    }

    fn sign(&self, request: &Request) -> Result<Signature, WitnessError> {
        let seconds = crate::clock() / 1_000;
        self.key.cosign(request.checkpoint().note().text(), seconds).map_err(|_| WitnessError::Failed)
    }

    /// After a failure: reads everything from disk again, by the code that runs at the start.
    fn recover(&mut self) -> Result<(), WitnessOpenError> {
        if self.db.is_none() {
            let db = open(&self.folder)?;
            self.heads = heads(&db, &self.folder)?;
            self.db = Some(db);
        }
        Ok(())
    }
}

/// Nobody waits any more if that fails.
fn reply(answer: oneshot::Sender<Result<Signature, WitnessError>>, with: Result<Signature, WitnessError>) {
    let _ = answer.send(with);
}

fn open(folder: &Path) -> Result<Connection, WitnessOpenError> {
    let open = || -> Result<Connection, sql::Error> {
        let db = sql::open_durable(&folder.join(WITNESS_DATABASE))?;
        db.execute_batch(SCHEMA)?;
        Ok(db)
    };
    open().map_err(|error| WitnessOpenError::Database(folder.to_owned(), error))
}

/// The key in the folder; a new one where there is none.
fn key(db: &Connection, folder: &Path, name: &str) -> Result<CosigningKey, WitnessOpenError> {
    let failed = |error: rusqlite::Error| WitnessOpenError::Database(folder.to_owned(), error.into());
    let read = "SELECT name, seed FROM witness_key";
    let found: Option<(String, [u8; 32])> =
        db.query_row(read, (), |row| Ok((row.get(0)?, row.get(1)?))).optional().map_err(failed)?;
    match found {
        Some((found, seed)) if found == name => Ok(CosigningKey::from_seed(&seed, name)?),
        Some((found, _)) => {
            Err(WitnessOpenError::OtherName { folder: folder.to_owned(), found, asked: name.to_owned() })
        }
        None => {
            let seed = crate::random()?;
            let key = CosigningKey::from_seed(&seed, name)?;
            db.execute("INSERT INTO witness_key (only, name, seed) VALUES (1, ?1, ?2)", (name, seed))
                .map_err(failed)?;
            Ok(key)
        }
    }
}

fn heads(db: &Connection, folder: &Path) -> Result<BTreeMap<String, Head>, WitnessOpenError> {
    let read = || -> Result<Vec<(String, String)>, rusqlite::Error> {
        db.prepare("SELECT origin, checkpoint FROM witness_head")?
            .query_map((), |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect()
    };
    let rows = read().map_err(|error| WitnessOpenError::Database(folder.to_owned(), error.into()))?;
    let head = |(origin, checkpoint): (String, String)| {
        let parsed: Option<SignedCheckpoint> = checkpoint.parse().ok();
        let head = parsed.map(|signed| signed.checkpoint().clone()).filter(|head| head.origin() == origin);
        match head {
            Some(head) => Ok((origin, Head { size: head.size(), root: head.root() })),
            None => Err(WitnessOpenError::Head { folder: folder.to_owned(), origin }),
        }
    };
    rows.into_iter().map(head).collect()
}

fn keep(db: &mut Connection, new: &BTreeMap<&str, (Head, &SignedCheckpoint)>) -> Result<(), rusqlite::Error> {
    let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    {
        let mut write = transaction.prepare_cached(
            "INSERT INTO witness_head (origin, checkpoint) VALUES (?1, ?2)
             ON CONFLICT (origin) DO UPDATE SET checkpoint = excluded.checkpoint",
        )?;
        for (origin, (_, checkpoint)) in new {
            write.execute((origin, checkpoint.to_string()))?;
        }
    }
    transaction.commit()
}
