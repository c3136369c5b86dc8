//! A backup: one file with everything of a data folder, made while the server runs.
//!
//! `VACUUM INTO` reads the database as it is at one moment and writes its rows into a fresh file. Nothing that was
//! deleted is copied, so the file holds no words that were erased; and whoever writes goes on meanwhile, as readers
//! of a write-ahead log keep nobody waiting. SQLite's own backup would copy the pages with all that was ever in them.

use crate::disk::{free_bytes, log_bytes, reserve};
use crate::folder::DATABASE;
use crate::private;
use crate::sql::{self, Error};
use crate::upkeep::{self, Work};
use assembly::UnixMs;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// A backup that is written but does not have its name yet. Dropped, it is gone.
pub struct Backup {
    partial: PathBuf,
    target: PathBuf,
    named: bool,
}

/// Why there is no backup.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The file is there.
    #[error(
        "There is a file {0} already, and a backup replaces nothing. Name another file, with the date in it, for example."
    )]
    Exists(PathBuf),
    /// Another backup to this place is under way, or was interrupted.
    #[error(
        "There is a file {0}: another backup is being written to this place, or one was interrupted. If none runs, \
         delete that file and try again."
    )]
    UnderWay(PathBuf),
    /// Not enough room.
    #[error(
        "The backup takes up to {needed} MB, and the disk that {target} is on has {free} MB free, {reserve} MB of \
         which stay free. Make room, or write it to another disk."
    )]
    NoRoom {
        /// Where it was to be written.
        target: PathBuf,
        /// Megabytes that it takes at most.
        needed: u64,
        /// Megabytes free.
        free: u64,
        /// Megabytes that must stay free.
        reserve: u64,
    },
    /// The file cannot be written.
    #[error(
        "The backup {0} could not be written: {1}. Check that the folder exists and that you may write to it."
    )]
    Write(PathBuf, io::Error),
    /// The database cannot be read.
    #[error("The backup could not be made: {0}. Check the disk, and run `veche fsck` on the folder.")]
    Database(#[from] Error),
}

impl From<rusqlite::Error> for BackupError {
    fn from(error: rusqlite::Error) -> Self {
        BackupError::Database(error.into())
    }
}

impl Backup {
    /// Writes everything that is in `folder` at this moment into a file beside `target`, for its owner's eyes only.
    /// Check it, then give it its name with [`Backup::name`]. `progress` hears, from another thread, how many bytes
    /// were written of at most how many.
    ///
    /// # Errors
    ///
    /// [`BackupError`]; nothing is left behind.
    pub fn write(
        folder: &Path,
        target: &Path,
        now: UnixMs,
        progress: &(dyn Fn(u64, u64) + Sync),
    ) -> Result<Self, BackupError> {
        if target.exists() {
            return Err(BackupError::Exists(target.to_owned()));
        }
        let source = folder.join(DATABASE);
        let db = sql::open_to_read(&source)?;
        let number = |name: &str| db.query_row(&format!("PRAGMA {name}"), (), |row| row.get::<_, i64>(0));
        let bytes = u64::try_from(number("page_count")? * number("page_size")?).unwrap_or(0);
        enough_room(folder, target, bytes)?;
        let partial = beside(target, ".partial");
        let failed = |error| BackupError::Write(target.to_owned(), error);
        let named = partial.clone();
        let path = named.to_str().ok_or_else(|| failed(io::ErrorKind::InvalidFilename.into()))?;
        match private::new_file(&partial) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                return Err(BackupError::UnderWay(partial));
            }
            other => other.map_err(failed)?,
        };
        let backup = Self { partial, target: target.to_owned(), named: false };
        let (done, watch) = std::sync::mpsc::channel::<()>();
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let watch = watch;
                while let Err(std::sync::mpsc::RecvTimeoutError::Timeout) = watch.recv_timeout(PROGRESS) {
                    progress(fs::metadata(&backup.partial).map_or(0, |about| about.len()), bytes);
                }
            });
            let written = backup.fill(&db, path, now);
            drop(done);
            written
        })?;
        File::open(&backup.partial).and_then(|file| file.sync_all()).map_err(failed)?;
        Ok(backup)
    }

    fn fill(&self, db: &rusqlite::Connection, path: &str, now: UnixMs) -> Result<(), Error> {
        db.execute("VACUUM INTO ?1", [path])?;
        let copy = sql::open_alone(&self.partial)?;
        // What waits there waits for the files of the folder; this file has no remains.
        copy.execute("DELETE FROM scrub", ())?;
        upkeep::note(&copy, Work::Backup, now, "")?;
        upkeep::note(&copy, Work::Copy, now, "")
    }

    /// Where it is until it has its name.
    pub fn file(&self) -> &Path {
        &self.partial
    }

    /// Gives it its name. Then it is on disk, whole.
    ///
    /// # Errors
    ///
    /// [`BackupError`], if there is a file of that name by now, or it cannot be named.
    pub fn name(mut self) -> Result<(), BackupError> {
        let failed = |error| BackupError::Write(self.target.clone(), error);
        // Whoever makes the empty file has the name; nobody's file is ever replaced.
        match private::new_file(&self.target) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                return Err(BackupError::Exists(self.target.clone()));
            }
            other => other.map_err(failed)?,
        };
        fs::rename(&self.partial, &self.target).map_err(failed)?;
        self.named = true;
        private::sync_folder_of(&self.target).map_err(failed)
    }
}

impl Drop for Backup {
    fn drop(&mut self) {
        if !self.named {
            // What cannot be removed is named in the error of the next try.
            let _ = fs::remove_file(&self.partial);
        }
    }
}

/// How often progress is said.
const PROGRESS: std::time::Duration = std::time::Duration::from_millis(200);

fn enough_room(folder: &Path, target: &Path, bytes: u64) -> Result<(), BackupError> {
    let place = target.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // A system that does not say how much is free is not a full disk.
    let Some(free) = free_bytes(place) else { return Ok(()) };
    // The server may be on the same disk: it must be able to go on.
    let reserve = reserve(log_bytes(folder), 0);
    if free >= bytes.saturating_add(reserve) {
        return Ok(());
    }
    let megabytes = |bytes: u64| bytes.div_ceil(1 << 20);
    Err(BackupError::NoRoom {
        target: target.to_owned(),
        needed: megabytes(bytes),
        free: free >> 20,
        reserve: megabytes(reserve),
    })
}

/// A name beside that of a file.
pub(crate) fn beside(file: &Path, ending: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}
