//! A backup becomes a data folder again.
//!
//! Invariant: the database appears under its name only when it is whole, on disk, and goes on where the record that
//! was shown to others ends. A record restored from an older state would otherwise sign other entries under numbers
//! that were signed before: a second history. So a backup cannot be served as it is ([`crate::OpenError::Copy`]).

use crate::backup::beside;
use crate::folder::{DATABASE, LOCK};
use crate::keys::Keys;
use crate::load::{self, LoadError};
use crate::private;
use crate::reader::{Listed, Reader};
use crate::rows;
use crate::scrub;
use crate::sql::{self, signed};
use crate::upkeep::{self, Work};
use assembly::{State, UnixMs};
use record::tile::{BundlePath, decode_bundle, encode_tile, new_bundles, new_tiles};
use record::{Hash, Tree, leaf_hash};
use rusqlite::TransactionBehavior;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// A folder that is being restored. Dropped before its end, nothing is left of it but an empty folder.
pub struct Restoring {
    partial: PathBuf,
    database: PathBuf,
    done: bool,
    _lock: File,
}

/// Why a folder was not restored.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// The record signs with a key that the backup does not hold.
    #[error(
        "The record changed its key after the backup was made, and the backup does not hold the new key. Without that key \
         the record cannot go on: restore a backup from after the change, or put the new key back first."
    )]
    Rekeyed,
    /// There is data.
    #[error(
        "The folder {0} holds data already, and restoring replaces nothing. Restore into a new folder; or, if what is in \
         this one is really to go, move it away first and keep it: its record may be newer than the backup, and can \
         then be given with --mirror."
    )]
    Holds(PathBuf),
    /// Another process uses the folder.
    #[error(
        "The folder {0} is in use by another Veche. Stop that one first, or restore into another folder."
    )]
    InUse(PathBuf),
    /// The folder cannot be written.
    #[error(
        "The folder {0} cannot be used: {1}. Check that it can be made, that you may write to it, and that the disk has \
         room for the backup."
    )]
    Folder(PathBuf, io::Error),
    /// The database cannot be written.
    #[error("The backup could not be restored: {0}. Check the disk.")]
    Database(#[from] sql::Error),
    /// The record of the backup cannot be read.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// What was given as newer entries does not lead to the head.
    #[error("The newer entries of the record do not lead to their signed head. Nothing was restored.")]
    Entries,
}

impl From<rusqlite::Error> for RestoreError {
    fn from(error: rusqlite::Error) -> Self {
        RestoreError::Database(error.into())
    }
}

impl Restoring {
    /// Copies a backup into a folder that holds no data, under a name that no server opens.
    ///
    /// # Errors
    ///
    /// [`RestoreError`]; the folder is as it was.
    pub fn begin(backup: &Path, folder: &Path) -> Result<Self, RestoreError> {
        let unusable = |error| RestoreError::Folder(folder.to_owned(), error);
        let database = folder.join(DATABASE);
        private::folder(folder).map_err(unusable)?;
        let lock = private::file(&folder.join(LOCK)).map_err(unusable)?;
        lock.try_lock().map_err(|_| RestoreError::InUse(folder.to_owned()))?;
        // A log without its database is data, too.
        if database.exists() || beside(&database, "-wal").exists() {
            return Err(RestoreError::Holds(folder.to_owned()));
        }
        let partial = beside(&database, ".restoring");
        // What an earlier try left: this one has the folder now.
        match fs::remove_file(&partial) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(unusable(error)),
            _ => {}
        }
        let copy = private::new_file(&partial).map_err(unusable)?;
        let restoring = Self { partial, database, done: false, _lock: lock };
        let mut from = File::open(backup).map_err(unusable)?;
        io::copy(&mut from, &mut &copy).map_err(unusable)?;
        copy.sync_all().map_err(unusable)?;
        Ok(restoring)
    }

    /// Where the database is until it has its name.
    pub fn file(&self) -> &Path {
        &self.partial
    }

    /// Adds the entries that a record has more than the backup, exactly as they are, with their texts. `state` is
    /// the fold of the longer record, `size` and `root` its head, which the record's own key signed; `bundle` gives
    /// its rows of entries.
    ///
    /// # Errors
    ///
    /// [`RestoreError`], or the failure of `bundle`. Nothing was added.
    pub fn catch_up<E: From<RestoreError>>(
        &self,
        assembly: &Listed,
        state: &mut State,
        root: Hash,
        mut bundle: impl FnMut(BundlePath) -> Result<Vec<u8>, E>,
    ) -> Result<(), E> {
        let reader = Reader::open_file(&self.partial).map_err(RestoreError::from)?;
        let keys = Keys::load(&reader, assembly).map_err(RestoreError::from)?;
        if !keys.are_named_by(state) {
            return Err(RestoreError::Rekeyed.into());
        }
        let checkpoint = reader.checkpoint(assembly).map_err(RestoreError::from)?;
        let old = load::open_head(keys.newest(), &checkpoint).map_err(RestoreError::from)?.size();
        let size = state.size();
        let mut leaves = load::leaves(&reader, assembly, old).map_err(RestoreError::from)?;
        drop(reader);
        let mut bundles = Vec::new();
        for path in new_bundles(old, size) {
            let bytes = bundle(path)?;
            let entries = decode_bundle(&bytes, path.width()).map_err(|_| RestoreError::Entries)?;
            let known = usize::try_from(old.saturating_sub(path.first_entry())).unwrap_or(usize::MAX);
            leaves.extend(entries.iter().skip(known).map(|entry| leaf_hash(entry)));
            bundles.push((path.index(), bytes));
        }
        let tree = Tree::from_leaf_hashes(leaves);
        if (tree.size(), tree.root()) != (size, root) {
            return Err(RestoreError::Entries.into());
        }
        // The same key signs the same head again: the same bytes.
        let head = keys.sign_head(None, size, root).map_err(|_| RestoreError::Entries)?;
        Ok(self.add(assembly, state, &tree, old, &bundles, &head)?)
    }

    fn add(
        &self,
        assembly: &Listed,
        state: &mut State,
        tree: &Tree,
        old: u64,
        bundles: &[(u64, Vec<u8>)],
        checkpoint: &str,
    ) -> Result<(), RestoreError> {
        let mut db = sql::open_alone(&self.partial)?;
        let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let erased: Vec<_> = state
            .erasures()
            .filter(|(.., erasure)| erasure.entry >= old)
            .map(|(entry, field, _)| (entry, field))
            .collect();
        for (entry, field) in erased {
            scrub::delete(&transaction, assembly.id, signed(entry), field.name())?;
        }
        for path in new_tiles(old, tree.size()) {
            let hashes = encode_tile(tree, path).map_err(|_| RestoreError::Entries)?;
            rows::put_tile(&transaction, assembly.id, path, &hashes)?;
        }
        for (n, entries) in bundles {
            rows::put_bundle(&transaction, assembly.id, *n, entries)?;
        }
        for (entry, field, text) in state.texts_mut().filter(|(entry, ..)| *entry >= old) {
            if let Some(opened) = text.opened() {
                rows::put_text(&transaction, assembly.id, entry, field, opened)?;
            }
        }
        rows::put_head(&transaction, assembly.id, tree.size(), tree.root(), checkpoint)?;
        transaction.commit()?;
        scrub::scrub(&mut db, &mut 0)?;
        Ok(())
    }

    /// Makes the folder one that a server can open. `said` is what the backup was compared with.
    ///
    /// # Errors
    ///
    /// [`RestoreError`]; the folder holds no data.
    pub fn finish(mut self, now: UnixMs, said: &str) -> Result<(), RestoreError> {
        let db = sql::open_alone(&self.partial)?;
        upkeep::note(&db, Work::Restore, now, said)?;
        upkeep::forget(&db, Work::Copy)?;
        drop(db);
        let place = || {
            File::open(&self.partial)?.sync_all()?;
            fs::rename(&self.partial, &self.database)?;
            private::sync_folder_of(&self.database)
        };
        place().map_err(|error| RestoreError::Folder(self.database.clone(), error))?;
        self.done = true;
        Ok(())
    }
}

impl Drop for Restoring {
    fn drop(&mut self) {
        if !self.done {
            // What cannot be removed is replaced by the next try.
            let _ = fs::remove_file(&self.partial);
        }
    }
}
