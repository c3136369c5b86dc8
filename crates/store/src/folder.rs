//! One data folder: locked, opened, and assemblies founded in it.

use crate::disk::Disk;
use crate::house::{Failure, House, Inner, Live, QUEUE};
use crate::keys::Keys;
use crate::load::{self, LoadError, Loaded};
use crate::meters::Meters;
use crate::organise;
use crate::private;
use crate::reader::{Listed, Reader};
use crate::scrub;
use crate::sql::{self, signed};
use crate::upkeep::{self, Work};
use crate::vault::Vault;
use crate::writer::Writer;
use assembly::{Command, Field, State, UnixMs, roll};
use record::Tree;
use record::note::SigningKey;
use rusqlite::{Connection, TransactionBehavior};
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Mutex, OnceLock, RwLock};
use std::thread::JoinHandle;
use tokio::sync::watch;

/// The name of the database in a data folder.
pub const DATABASE: &str = "veche.db";
/// The file whose lock says that a process has the folder.
pub(crate) const LOCK: &str = "veche.lock";

/// A data folder that this process has to itself, with all assemblies in it.
pub struct Store {
    folder: PathBuf,
    clock: fn() -> UnixMs,
    houses: Vec<House>,
    writers: Vec<JoinHandle<()>>,
    /// Held as long as the store lives; the system lets it go even when the process is killed.
    _lock: File,
}

/// An assembly to be founded.
#[derive(Debug, Clone)]
pub struct Founding {
    /// The first part of its addresses: lower-case letters, digits and hyphens.
    pub slug: String,
    /// Its name.
    pub title: String,
    /// The address of the server as people will type it, with scheme: `https://example.org`.
    pub address: String,
}

/// Why a folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The folder cannot be made or written to.
    #[error(
        "The folder {0} cannot be used: {1}. Check that it exists, or can be made, and that you may write to it."
    )]
    Folder(PathBuf, std::io::Error),
    /// Another process has it.
    #[error(
        "The folder {0} is in use by another Veche. Stop that one first, or give this one another folder with --data."
    )]
    InUse(PathBuf),
    /// The database is a backup as it was written.
    #[error(
        "The folder {0} holds a backup that was copied there by hand. Served like this it could sign a second history of \
         its record, which nobody would trust again. Move it away and use `veche restore BACKUP --data {0}`."
    )]
    Copy(PathBuf),
    /// The database cannot be opened.
    #[error("The database in the folder {0} cannot be opened: {1}.")]
    Database(PathBuf, sql::Error),
    /// What is in it cannot be used.
    #[error("The assembly “{0}” cannot be opened. {1}")]
    Load(String, LoadError),
    /// The address part is not one.
    #[error(
        "“{0}” cannot be the first part of an address. Use lower-case letters, digits and hyphens, at most 60 of them."
    )]
    Slug(String),
    /// The address part is taken.
    #[error("There is already an assembly at /{0} in this folder.")]
    Taken(String),
    /// The address is not one.
    #[error("“{0}” is not the address of a server. Write it as people will type it: https://example.org.")]
    Address(String),
    /// The founding failed.
    #[error(transparent)]
    Failed(#[from] Failure),
    /// No random bytes.
    #[error(transparent)]
    Random(#[from] crate::RandomError),
}

impl Store {
    /// Opens a folder, or makes it, and loads what is in it. `progress` hears how many entries were
    /// read of how many.
    ///
    /// # Errors
    ///
    /// [`OpenError`], a sentence.
    pub fn open(folder: &Path, progress: &mut dyn FnMut(u64, u64)) -> Result<Self, OpenError> {
        Self::open_with_clock(folder, crate::clock, progress)
    }

    /// As [`Store::open`], with another clock than the machine's.
    ///
    /// # Errors
    ///
    /// [`OpenError`], a sentence.
    pub fn open_with_clock(
        folder: &Path,
        clock: fn() -> UnixMs,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<Self, OpenError> {
        let unusable = |error| OpenError::Folder(folder.to_owned(), error);
        private::folder(folder).map_err(unusable)?;
        let lock = private::file(&folder.join(LOCK)).map_err(unusable)?;
        lock.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => OpenError::InUse(folder.to_owned()),
            TryLockError::Error(error) => unusable(error),
        })?;
        private::file(&folder.join(DATABASE)).map_err(unusable)?;
        let database = |error| OpenError::Database(folder.to_owned(), error);
        let mut db = sql::open_to_write(&folder.join(DATABASE)).map_err(database)?;
        if upkeep::last(&db, Work::Copy).map_err(database)?.is_some() {
            return Err(OpenError::Copy(folder.to_owned()));
        }
        organise::forget(&db, clock()).map_err(|error| database(error.into()))?;
        // What a process that was killed had not finished. If it cannot be done now, the writers go on trying.
        scrub::scrub(&mut db, &mut 0).map_err(database)?;
        drop(db);
        let mut store =
            Self { folder: folder.to_owned(), clock, houses: Vec::new(), writers: Vec::new(), _lock: lock };
        let reader = Reader::open(folder).map_err(database)?;
        for listed in reader.assemblies().map_err(database)? {
            let loaded = load::load(&reader, &listed, progress)
                .map_err(|error| OpenError::Load(listed.slug.clone(), error))?;
            store.start(listed, loaded)?;
        }
        Ok(store)
    }

    /// The assemblies, in the order of founding.
    pub fn houses(&self) -> &[House] {
        &self.houses
    }

    /// Founds an assembly.
    ///
    /// # Errors
    ///
    /// [`OpenError`], a sentence; nothing was founded.
    pub fn found(&mut self, founding: Founding) -> Result<House, OpenError> {
        let Founding { slug, title, address } = founding;
        let letters = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if slug.is_empty() || slug.len() > 60 || !slug.chars().all(letters) {
            return Err(OpenError::Slug(slug));
        }
        let origin = origin(&address, &slug).ok_or(OpenError::Address(address))?;
        // Refused before anything is made, so that nothing is left behind.
        let check = roll::Command::Found {
            origin: origin.clone(),
            key: origin.clone(),
            title: crate::text(title.as_str())?,
        };
        assembly::decide(&State::default(), 0, Command::Roll(check)).map_err(Failure::from)?;
        let house = match self.houses.iter().find(|house| house.slug() == slug) {
            // A founding that was interrupted goes on where it stopped.
            Some(house) if house.read().state.size() == 0 => house.clone(),
            Some(_) => return Err(OpenError::Taken(slug)),
            None => self.prepare(&slug, &origin)?,
        };
        let title = crate::text(title)?;
        let (origin, key) = (house.origin().to_owned(), house.key().to_string());
        house.command(Command::Roll(roll::Command::Found { origin, key, title }))?;
        Ok(house)
    }

    /// Makes the key and the empty record of an assembly.
    fn prepare(&mut self, slug: &str, origin: &str) -> Result<House, OpenError> {
        let seed = crate::random()?;
        let address = || OpenError::Address(origin.to_owned());
        let signer = SigningKey::from_seed(&seed, origin).map_err(|_| address())?;
        let tree = Tree::new();
        let keys = Keys::first(signer);
        let checkpoint = keys.sign_head(None, 0, tree.root()).map_err(|_| address())?;
        let insert = || -> Result<i64, sql::Error> {
            let mut db = sql::open_to_write(&self.folder.join(DATABASE))?;
            let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            transaction.execute(
                "INSERT INTO assembly (slug, origin, checkpoint) VALUES (?1, ?2, ?3)",
                (slug, origin, &*checkpoint),
            )?;
            let id = transaction.last_insert_rowid();
            transaction.execute("INSERT INTO signing_key (assembly, seed) VALUES (?1, ?2)", (id, seed))?;
            transaction.commit()?;
            Ok(id)
        };
        let id = insert().map_err(|error| OpenError::Database(self.folder.clone(), error))?;
        let listed = Listed { id, slug: slug.to_owned(), origin: origin.to_owned() };
        let loaded = Loaded {
            keys,
            checkpoint,
            tree,
            state: State::default(),
            vault: Vault::default(),
            damaged: 0,
            tail: Vec::new(),
            snapshot: 0,
            left_over: Vec::new(),
        };
        self.start(listed, loaded)
    }

    /// Starts the writer of an assembly.
    fn start(&mut self, listed: Listed, loaded: Loaded) -> Result<House, OpenError> {
        let Loaded { keys, checkpoint, tree, state, vault, damaged, tail, snapshot, left_over } = loaded;
        let mut db = sql::open_to_write(&self.folder.join(DATABASE))
            .map_err(|error| OpenError::Database(self.folder.clone(), error))?;
        erase_left_over(&mut db, &listed, &left_over)
            .map_err(|error| OpenError::Database(self.folder.clone(), error.into()))?;
        let (jobs, queue) = sync_channel(QUEUE);
        let ahead = state.clone();
        let inner = Arc::new(Inner {
            key: RwLock::new(keys.newest().verifier().to_string().into()),
            changes: watch::Sender::new(tree.size()),
            live: RwLock::new(Live { state, tree, checkpoint, vault }),
            jobs,
            readers: Mutex::new(Vec::new()),
            folder: self.folder.clone(),
            vaults: Mutex::new(Vec::new()),
            // Until the writer has looked.
            scrubbing: AtomicBool::new(true),
            witnessing: RwLock::new(None),
            candidates: watch::Sender::new(0),
            halted: OnceLock::new(),
            disk: Disk::default(),
            stopped: AtomicBool::new(false),
            meters: Meters::default(),
            damaged: AtomicU64::new(damaged),
            listed,
        });
        let writer = Writer::new(db, Arc::clone(&inner), self.clock, keys, ahead, tail, snapshot);
        let thread = std::thread::Builder::new()
            .name(format!("writer of {}", inner.listed.slug))
            .spawn(move || writer.run(&queue))
            .map_err(|error| OpenError::Folder(self.folder.clone(), error))?;
        let house = House(inner);
        self.writers.push(thread);
        self.houses.push(house.clone());
        Ok(house)
    }
}

/// Whether a process has the folder at this moment.
pub fn is_in_use(folder: &Path) -> bool {
    // Without the file there is no lock; a file that may not be read tells nothing.
    let Ok(lock) = File::open(folder.join(LOCK)) else { return false };
    matches!(lock.try_lock_shared(), Err(TryLockError::WouldBlock))
}

/// Deletes words that an entry says were erased.
fn erase_left_over(
    db: &mut Connection,
    listed: &Listed,
    left_over: &[(u64, Field)],
) -> Result<(), rusqlite::Error> {
    if left_over.is_empty() {
        return Ok(());
    }
    let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for (entry, field) in left_over {
        tracing::warn!(
            assembly = listed.slug,
            "The {} of entry {entry} was erased and was here again, as after restoring a part of a backup. It is \
             deleted now.",
            field.name()
        );
        scrub::delete(&transaction, listed.id, signed(*entry), field.name())?;
    }
    transaction.commit()
}

impl Drop for Store {
    /// Lets the writers finish what they were asked and write their snapshots.
    fn drop(&mut self) {
        // The connection that is closed last copies the log into the database: it must be a writer's, so that
        // everything stands in one file afterwards.
        for house in &self.houses {
            house.close_idle();
        }
        for house in &self.houses {
            house.stop();
        }
        for writer in self.writers.drain(..) {
            // A writer that panicked has already said so.
            let _ = writer.join();
        }
    }
}

/// The name of a record: its address without scheme and trailing slash.
fn origin(address: &str, slug: &str) -> Option<String> {
    let rest = address.strip_prefix("https://").or_else(|| address.strip_prefix("http://"))?;
    let host = rest.trim_end_matches('/');
    let plain = |c: char| c.is_ascii_graphic() && !matches!(c, '+' | '?' | '#' | '@');
    (!host.is_empty() && host.chars().all(plain)).then(|| format!("{host}/{slug}/record"))
}
