//! One assembly as the rest of the program sees it: read it, ask its writer, hear of changes.

use crate::cosign::Witnessing;
use crate::disk::Disk;
use crate::meters::Meters;
use crate::reader::{Listed, Reader};
use crate::sql::Error;
use crate::vault::{Token, Vault};
use crate::writer::Job;
use assembly::{
    Command, Field, Opened, ParticipantNo, QuestionId, Refusal, State, StatementNo,
    talk::{Choice, Response},
};
use record::Tree;
use record::tile::BundlePath;
use rusqlite::Connection;
use std::ops::{Deref, Range};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{SyncSender, TrySendError};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};
use tokio::sync::{oneshot, watch};

/// How many commands may wait for the writer. At 10,000 a second the last of them waits less than
/// half a second; whoever comes later is told to try again.
pub(crate) const QUEUE: usize = 4_096;

/// One assembly: its record, its state, its writer. Cheap to clone.
#[derive(Clone)]
pub struct House(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub listed: Listed,
    /// The verifier key that signs the record now. Changed only while `live` is locked for writing.
    pub key: RwLock<Arc<str>>,
    /// What is committed. Only the writer writes, and only after its commit; readers hold the lock
    /// for the time of one page.
    pub live: RwLock<Live>,
    pub jobs: SyncSender<Job>,
    pub changes: watch::Sender<u64>,
    /// Connections that read rows which are not kept in memory. Taken out while in use.
    pub readers: Mutex<Vec<Reader>>,
    pub folder: std::path::PathBuf,
    /// Connections that write rows of the vault which belong to no entry. Taken out while in use.
    pub vaults: Mutex<Vec<Connection>>,
    /// Remains of erased words may still stand in a file; the writer is at it.
    pub scrubbing: AtomicBool,
    /// None where no witnesses are configured.
    pub witnessing: RwLock<Option<Witnessing>>,
    /// Size of the head that witnesses are asked about.
    pub candidates: watch::Sender<u64>,
    /// Why the writer takes nothing any more; set once.
    pub halted: OnceLock<Arc<str>>,
    /// How much room the disk must have.
    pub disk: Disk,
    /// The writer failed, and has not come back to what is on disk yet.
    pub stopped: AtomicBool,
    pub meters: Meters,
    /// Rows that say who is who and were changed on disk, as of the last loading.
    pub damaged: AtomicU64,
}

/// What is committed and in memory.
pub struct Live {
    /// The fold of the record.
    pub state: State,
    /// The tree over the record's entries.
    pub tree: Tree,
    /// The last signed checkpoint, with the record's own signature alone. What is served: [`House::checkpoint`].
    pub checkpoint: Arc<str>,
    pub(crate) vault: Vault,
}

/// What a person asks for; who they are in the question, the vault knows.
#[derive(Debug, Clone)]
pub enum PersonAct {
    /// Respond to a statement.
    Respond {
        /// In which question.
        question: QuestionId,
        /// To which statement.
        statement: StatementNo,
        /// What.
        response: Response,
    },
    /// Take a response back.
    Retract {
        /// In which question.
        question: QuestionId,
        /// To which statement.
        statement: StatementNo,
    },
    /// Erase the words of a statement of one's own.
    Erase {
        /// In which question.
        question: QuestionId,
        /// Which statement.
        statement: StatementNo,
    },
    /// Put a statement to everyone.
    State {
        /// In which question.
        question: QuestionId,
        /// The statement.
        text: String,
    },
}

/// What was done, and stands on disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    /// The number of whoever asked, in the question asked about.
    pub participant: Option<ParticipantNo>,
    /// Entries added. Empty if what was asked for stood already.
    pub entries: Range<u64>,
    /// The entry that says what was asked for, be it new or not.
    pub entry: Option<u64>,
}

/// A text that is not kept beside its entry, although no entry says that it was erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "The {} of entry {entry} is missing, and no entry says that it was erased: somebody deleted it quietly. Restore it \
     from a backup or from a mirror.", .field.name()
)]
pub struct MissingText {
    /// The entry.
    pub entry: u64,
    /// Which of its texts.
    pub field: Field,
}

/// Why nothing was done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The rules of the house say no.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Too many are waiting.
    #[error(
        "Too many people are sending at this moment. Nothing was recorded; send it again in a few seconds."
    )]
    Busy,
    /// The writer cannot write.
    #[error(
        "The record cannot be written right now: {0} Nothing was recorded; tell whoever runs this server, and try again later."
    )]
    Stopped(String),
    /// The disk failed at the very end, when everything may have been on it or not.
    #[error(
        "The disk failed while your act was written: {0} It may have been recorded or not. Load the page again to see, \
         before you send it once more."
    )]
    Unsure(String),
    /// The disk is almost full.
    #[error(
        "The disk of this server is almost full, so nothing new is taken. Nothing was recorded, and nothing that \
         was recorded is lost; everything can be read as before. Tell whoever runs this server, and send it again later."
    )]
    Full,
    /// A row could not be read.
    #[error("The record cannot be read right now: {0}. Tell whoever runs this server, and try again later.")]
    Unreadable(String),
}

impl Failure {
    /// A word for programs, stable over versions.
    pub fn code(&self) -> &'static str {
        match self {
            Failure::Refused(refusal) => refusal.code(),
            Failure::Busy => "busy",
            Failure::Stopped(_) => "stopped",
            Failure::Unsure(_) => "unsure",
            Failure::Full => "full",
            Failure::Unreadable(_) => "unreadable",
        }
    }

    pub(crate) fn gone() -> Self {
        Failure::Stopped("the part of the program that writes it has ended.".into())
    }
}

impl House {
    /// The first part of its addresses.
    pub fn slug(&self) -> &str {
        &self.0.listed.slug
    }

    /// The name under which its checkpoints are signed.
    pub fn origin(&self) -> &str {
        &self.0.listed.origin
    }

    /// The verifier key that signs its record now.
    pub fn key(&self) -> Arc<str> {
        Arc::clone(&self.0.key.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// What is committed. A read lock: use it and let it go, never hold it while waiting.
    pub fn read(&self) -> impl Deref<Target = Live> {
        self.0.live.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Which participant of the question the guest with this token is.
    pub fn participant(&self, token: &Token, question: QuestionId) -> Option<ParticipantNo> {
        self.read().vault.participant(token.digest(), question)
    }

    /// The record's size, after each commit.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.0.changes.subscribe()
    }

    /// Asks for something in the name of the guest with this token, who becomes a participant by it.
    /// Answers after the commit.
    ///
    /// # Errors
    ///
    /// [`Failure`]: nothing was done.
    pub async fn act(&self, token: &Token, act: PersonAct) -> Result<Done, Failure> {
        let (reply, answer) = oneshot::channel();
        self.send(Job::Act { token: token.digest(), act, reply })?;
        answer.await.unwrap_or_else(|_| Err(Failure::gone()))
    }

    /// Carries out a command of whoever runs the server. Answers after the commit; blocks until then, so
    /// it must not be called from asynchronous code.
    ///
    /// # Errors
    ///
    /// [`Failure`]: nothing was done.
    pub fn command(&self, command: Command) -> Result<Done, Failure> {
        let (reply, answer) = oneshot::channel();
        self.0.meters.waiting.inc();
        self.0.jobs.send(Job::Command { command: Box::new(command), reply }).map_err(|_| Failure::gone())?;
        answer.blocking_recv().unwrap_or_else(|_| Err(Failure::gone()))
    }

    /// As [`House::command`], for asynchronous code.
    ///
    /// # Errors
    ///
    /// [`Failure`]: nothing was done.
    pub async fn carry_out(&self, command: Command) -> Result<Done, Failure> {
        let (reply, answer) = oneshot::channel();
        self.send(Job::Command { command: Box::new(command), reply })?;
        answer.await.unwrap_or_else(|_| Err(Failure::gone()))
    }

    /// Whether remains of erased words may still stand in a file of the folder, because somebody else reads the
    /// database at this moment. The writer tries again until they are gone.
    pub fn scrubbing(&self) -> bool {
        self.0.scrubbing.load(Ordering::Relaxed)
    }

    /// Whether the disk is so full at this moment that nothing new is taken. Asks the disk.
    pub fn is_full(&self) -> bool {
        self.0.disk.short(&self.0.folder).is_some()
    }

    /// Whether the writer failed and nothing can be recorded at this moment.
    pub fn is_stopped(&self) -> bool {
        self.0.stopped.load(Ordering::Relaxed)
    }

    /// What is counted of this assembly.
    pub fn meters(&self) -> &Meters {
        &self.0.meters
    }

    /// The data folder it is in.
    pub fn folder(&self) -> &std::path::Path {
        &self.0.folder
    }

    /// How many rows that say which guest is which participant were changed on disk. They were left out at the
    /// start: these guests are new participants now, and nobody is another.
    pub fn damaged_guests(&self) -> u64 {
        self.0.damaged.load(Ordering::Relaxed)
    }

    /// The texts that are missing on disk although no entry says that they were erased, in the order of entries.
    /// Reads which rows there are, not what is in them.
    ///
    /// # Errors
    ///
    /// [`Failure::Unreadable`].
    pub async fn missing_texts(&self) -> Result<Vec<MissingText>, Failure> {
        let house = self.clone();
        self.with_reader(move |reader, listed| {
            // The state first: rows of entries that come meanwhile are not asked for.
            let mut state = house.read().state.clone();
            reader.missing_texts(listed, &mut state)
        })
        .await
    }

    /// Notes that a statement was chosen for a participant, by the map that entry `map` published, and shown.
    /// Written with other entries, some time later; if the queue is full or the power fails, the showing goes
    /// unnoted.
    pub fn shown(&self, question: QuestionId, map: Option<u64>, choice: Choice) {
        let _ = self.send(Job::Shown { question, map, choice });
    }

    /// Closes the connections that wait for their next use.
    pub(crate) fn close_idle(&self) {
        self.0.readers.lock().unwrap_or_else(PoisonError::into_inner).clear();
        self.0.vaults.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Ends the writer: what waits is committed, and a snapshot written.
    pub fn stop(&self) {
        // Not tokio's: a store may be dropped by code that runs inside its runtime.
        let (reply, answer) = std::sync::mpsc::channel();
        self.0.meters.waiting.inc();
        if self.0.jobs.send(Job::Stop { reply }).is_ok() {
            let _ = answer.recv();
        }
    }

    /// The bytes of a bundle of entries, or `None` if the record has no such bundle yet.
    ///
    /// # Errors
    ///
    /// [`Failure::Unreadable`].
    pub async fn bundle(&self, path: BundlePath) -> Result<Option<Vec<u8>>, Failure> {
        self.with_reader(move |reader, listed| reader.bundle(listed, path)).await
    }

    /// The words kept beside an entry, by field.
    ///
    /// # Errors
    ///
    /// [`Failure::Unreadable`].
    pub async fn texts(&self, entry: u64) -> Result<Vec<(Field, Opened)>, Failure> {
        self.with_reader(move |reader, listed| reader.texts(listed, entry)).await
    }

    /// A connection of one's own, for whoever reads many rows one after the other.
    ///
    /// # Errors
    ///
    /// [`Failure::Unreadable`].
    pub fn reader(&self) -> Result<Reader, Failure> {
        Reader::open(&self.0.folder).map_err(|error| Failure::Unreadable(error.to_string()))
    }

    /// The assembly as a [`Reader`] knows it.
    pub fn listed(&self) -> &Listed {
        &self.0.listed
    }

    /// Does something to the vault that belongs to no entry.
    pub(crate) async fn with_vault<T: Send + 'static>(
        &self,
        act: impl FnOnce(&mut Connection, i64) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Failure> {
        let house = Arc::clone(&self.0);
        let act = move || {
            let lock = || house.vaults.lock().unwrap_or_else(PoisonError::into_inner);
            let pooled = lock().pop();
            let mut db = match pooled {
                Some(db) => db,
                None => crate::sql::open_durable(&house.folder.join(crate::DATABASE))?,
            };
            let done = act(&mut db, house.listed.id)?;
            lock().push(db);
            Ok::<T, Error>(done)
        };
        let failed = |error: String| Failure::Unreadable(error);
        tokio::task::spawn_blocking(act)
            .await
            .map_err(|error| failed(error.to_string()))?
            .map_err(|error| failed(error.to_string()))
    }

    fn send(&self, job: Job) -> Result<(), Failure> {
        self.0.meters.waiting.inc();
        self.0.jobs.try_send(job).map_err(|error| {
            let failure = match error {
                TrySendError::Full(_) => Failure::Busy,
                TrySendError::Disconnected(_) => Failure::gone(),
            };
            self.0.meters.waiting.dec();
            self.0.meters.came_of(Err(&failure));
            failure
        })
    }

    pub(crate) async fn with_reader<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Reader, &Listed) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Failure> {
        let house = Arc::clone(&self.0);
        let read = move || {
            let lock = || house.readers.lock().unwrap_or_else(PoisonError::into_inner);
            let pooled = lock().pop();
            let reader = match pooled {
                Some(reader) => reader,
                None => Reader::open(&house.folder)?,
            };
            let found = read(&reader, &house.listed);
            lock().push(reader);
            found
        };
        let unreadable = |error: String| Failure::Unreadable(error);
        tokio::task::spawn_blocking(read)
            .await
            .map_err(|error| unreadable(error.to_string()))?
            .map_err(|error| unreadable(error.to_string()))
    }
}
