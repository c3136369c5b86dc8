//! How much room the disk has, and when to take nothing new any more.
//!
//! A commit that finds the disk full fails whole: nothing acknowledged is lost. But whoever came then is told that
//! something broke, and a full disk also keeps words from being erased. So the writer stops taking new acts while
//! there is still room, says why, and goes on by itself when there is room again. Erasing goes on in the reserve.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// What is kept free at least: the log of a large transaction and the tables of words written anew by an erasure.
const RESERVE: u64 = 64 << 20;
/// The reserve is at least so many times the log and the largest batch: a batch goes into the log, from there into
/// the database, and pages beside it change with it.
const TIMES: u64 = 3;
/// The disk is asked again after so long …
const AGAIN: Duration = Duration::from_secs(1);
/// … or after so many bytes were written.
const MANY: u64 = 8 << 20;

/// Bytes that are free for this process on the disk that `path` is on. `None` if the system does not say.
pub fn free_bytes(path: &Path) -> Option<u64> {
    let disk = rustix::fs::statvfs(path).ok()?;
    Some(disk.f_bavail.saturating_mul(disk.f_frsize))
}

/// Below how many free bytes nothing new is taken, with a write-ahead log of `log` bytes and batches of at most
/// `batch`.
pub fn reserve(log: u64, batch: u64) -> u64 {
    RESERVE.max(TIMES.saturating_mul(log.saturating_add(batch)))
}

/// The size of the write-ahead log of a folder, in bytes; 0 if there is none.
pub fn log_bytes(folder: &Path) -> u64 {
    std::fs::metadata(folder.join(format!("{}-wal", crate::DATABASE))).map_or(0, |about| about.len())
}

/// What the writer knows of the disk. Others read it.
#[derive(Debug, Default)]
pub(crate) struct Disk {
    /// Nothing new is taken.
    pub full: AtomicBool,
    /// Bytes free when last asked.
    pub free: AtomicU64,
}

/// The writer's look at the disk: not at every act.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    asked: Option<Instant>,
    /// Bytes written since.
    written: u64,
    /// Bytes of the largest batch so far.
    largest: u64,
}

impl Watch {
    /// Hears of each batch that is to be written.
    pub fn wrote(&mut self, bytes: u64) {
        self.written = self.written.saturating_add(bytes);
        self.largest = self.largest.max(bytes);
    }

    /// Whether new acts can be taken. Asks the disk if it is time.
    pub fn has_room(&mut self, folder: &Path, disk: &Disk) -> bool {
        let due = self.asked.is_none_or(|asked| asked.elapsed() >= AGAIN) || self.written >= MANY;
        if due {
            self.asked = Some(Instant::now());
            self.written = 0;
            self.ask(folder, disk);
        }
        !disk.full.load(Ordering::Relaxed)
    }

    fn ask(&self, folder: &Path, disk: &Disk) {
        // A system that does not say how much is free is not a full disk.
        let Some(free) = free_bytes(folder) else { return };
        let needed = reserve(log_bytes(folder), self.largest);
        disk.free.store(free, Ordering::Relaxed);
        let full = free < needed;
        let was = disk.full.swap(full, Ordering::Relaxed);
        let megabytes = |bytes: u64| bytes >> 20;
        if full && !was {
            tracing::error!(
                "the disk is almost full: {} MB are free and {} MB are kept in reserve, so nothing new is taken. Reading \
                 and erasing go on. Make room; the server then goes on by itself.",
                megabytes(free),
                megabytes(needed)
            );
        } else if was && !full {
            tracing::info!("the disk has {} MB free again; new acts are taken", megabytes(free));
        }
    }
}
