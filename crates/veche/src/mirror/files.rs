//! The folder of a copy: plain files in the layout of tlog-tiles, written so that a crash at any moment
//! leaves a copy that holds.
//!
//! Invariant: what the file `checkpoint` speaks of is on disk. It is written last, after everything else
//! was flushed; files beyond it may be there after a crash, in any state, and are checked before use.

use crate::fail::Failed;
use record::tile::{BundlePath, FULL_WIDTH, FilePath, TilePath};
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// The file whose lock says that a process writes this copy.
const LOCK: &str = "mirror.lock";
/// How many files are flushed at a time. A flush waits for the disk, not for the processor.
const FLUSHERS: usize = 16;

/// The folder of a copy, held by this process.
pub struct Folder {
    root: PathBuf,
    /// Written since the last [`Folder::flush`].
    written: Mutex<BTreeSet<PathBuf>>,
    /// Held as long as this lives; the system lets it go even when the process is killed.
    _lock: File,
}

impl Folder {
    /// Opens the folder, or makes it.
    ///
    /// # Errors
    ///
    /// A sentence, if it cannot be used or another process has it.
    pub fn open(root: &Path) -> Result<Self, Failed> {
        let failed = |error| Failed::io(format!("Using the folder {}", root.display()), error);
        fs::create_dir_all(root).map_err(failed)?;
        if root.join(store::DATABASE).exists() {
            return Err(Failed::new(format!(
                "{} is the data folder of a server, not a place for a copy. Name another folder.",
                root.display()
            )));
        }
        let lock = File::create(root.join(LOCK)).map_err(failed)?;
        lock.try_lock().map_err(|_| {
            Failed::new(format!(
                "Another Veche is writing the copy in {}. Let it finish, or choose another folder.",
                root.display()
            ))
        })?;
        Ok(Self { root: root.to_owned(), written: Mutex::default(), _lock: lock })
    }

    /// Where it is.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// What a file holds, or `None` if there is none.
    pub fn read(&self, path: &str) -> Result<Option<Vec<u8>>, Failed> {
        let file = self.root.join(path);
        match fs::read(&file) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Failed::io(format!("Reading {}", file.display()), error)),
        }
    }

    /// Writes a file, whole or not at all as far as other programs see. It is on disk after
    /// [`Folder::flush`]: a flush for every file would take longer than all the rest.
    pub fn write(&self, path: &str, bytes: &[u8]) -> Result<(), Failed> {
        self.write_with(path, bytes, false)
    }

    /// Writes a file that is on disk when this returns.
    pub fn write_now(&self, path: &str, bytes: &[u8]) -> Result<(), Failed> {
        self.write_with(path, bytes, true)?;
        self.flush()
    }

    fn write_with(&self, path: &str, bytes: &[u8], flushed: bool) -> Result<(), Failed> {
        let file = self.root.join(path);
        let mut name = file.as_os_str().to_owned();
        name.push(".tmp");
        let temporary = PathBuf::from(name);
        let write = || -> std::io::Result<()> {
            let mut open = match File::create(&temporary) {
                Err(error) if error.kind() == ErrorKind::NotFound => {
                    fs::create_dir_all(file.parent().unwrap_or(&self.root))?;
                    File::create(&temporary)?
                }
                other => other?,
            };
            open.write_all(bytes)?;
            if flushed {
                open.sync_all()?;
            }
            fs::rename(&temporary, &file)
        };
        write().map_err(|error| Failed::io(format!("Writing {}", file.display()), error))?;
        self.written.lock().unwrap_or_else(PoisonError::into_inner).insert(file);
        Ok(())
    }

    /// Removes a file, and what an interrupted write of it may have left, for good.
    pub fn remove(&self, path: &str) -> Result<(), Failed> {
        let file = self.root.join(path);
        for gone in [file.clone(), self.root.join(format!("{path}.tmp"))] {
            match fs::remove_file(&gone) {
                Err(error) if error.kind() != ErrorKind::NotFound => {
                    return Err(Failed::io(format!("Removing {}", gone.display()), error));
                }
                _ => {}
            }
        }
        self.written.lock().unwrap_or_else(PoisonError::into_inner).remove(&file);
        match file.parent().filter(|parent| parent.exists()) {
            Some(parent) => sync(&parent.to_owned()),
            None => Ok(()),
        }
    }

    /// Makes everything written so far survive a loss of power: each file, then the folders they are named
    /// in.
    pub fn flush(&self) -> Result<(), Failed> {
        let files = std::mem::take(&mut *self.written.lock().unwrap_or_else(PoisonError::into_inner));
        let mut folders = BTreeSet::new();
        for file in &files {
            let above = file.ancestors().skip(1).take_while(|folder| folder.starts_with(&self.root));
            folders.extend(above.map(Path::to_owned));
        }
        for paths in [Vec::from_iter(files), Vec::from_iter(folders)] {
            let share = paths.len().div_ceil(FLUSHERS).max(1);
            std::thread::scope(|scope| {
                let flushers: Vec<_> = paths
                    .chunks(share)
                    .map(|paths| scope.spawn(|| paths.iter().try_for_each(sync)))
                    .collect();
                flushers.into_iter().try_for_each(|flusher| {
                    flusher.join().unwrap_or_else(|_| Err(Failed::new("Flushing files to disk broke off.")))
                })
            })?;
        }
        Ok(())
    }

    /// Removes the narrower files that `path` replaces.
    pub fn prune(&self, path: FilePath) -> Result<(), Failed> {
        let (whole, width) = match path {
            FilePath::Tile(path) => (
                TilePath::new(path.level(), path.index(), FULL_WIDTH).map(|whole| whole.to_string()),
                path.width(),
            ),
            FilePath::Bundle(path) => {
                (BundlePath::new(path.index(), FULL_WIDTH).map(|whole| whole.to_string()), path.width())
            }
        };
        // The last tile that 64 bits can count has no full width; nobody will see it.
        let Ok(whole) = whole else { return Ok(()) };
        let folder = self.root.join(whole + ".p");
        let remove = || -> std::io::Result<()> {
            if width == FULL_WIDTH {
                return fs::remove_dir_all(&folder);
            }
            for file in fs::read_dir(&folder)? {
                let file = file?;
                if file.file_name().to_str() != Some(&width.to_string()) {
                    fs::remove_file(file.path())?;
                }
            }
            Ok(())
        };
        match remove() {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(Failed::io(format!("Removing what was replaced in {}", folder.display()), error))
            }
            _ => Ok(()),
        }
    }
}

fn sync(path: &PathBuf) -> Result<(), Failed> {
    // On Windows folders cannot be opened like this, and need not be.
    if cfg!(windows) && path.is_dir() {
        return Ok(());
    }
    let synced = File::open(path).and_then(|file| file.sync_all());
    synced.map_err(|error| Failed::io(format!("Flushing {} to disk", path.display()), error))
}
