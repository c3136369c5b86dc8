//! How much room the disk has, and when to take nothing new any more.
//!
//! A commit that finds the disk full fails whole: nothing acknowledged is lost. But whoever came then is told that
//! something broke, and a full disk also keeps words from being erased. So the writer stops taking new acts while
//! there is still room, says why, and goes on by itself when there is room again. Erasing goes on in the reserve.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
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

/// What others may know of the writer's look at the disk.
#[derive(Debug, Default)]
pub(crate) struct Disk {
    /// Bytes of the largest batch so far.
    largest: AtomicU64,
}

impl Disk {
    /// How much is missing now: the bytes free and the bytes needed, if there are fewer.
    pub fn short(&self, folder: &Path) -> Option<(u64, u64)> {
        // A system that does not say how much is free is not a full disk.
        let free = free_bytes(folder)?;
        let needed = reserve(log_bytes(folder), self.largest.load(Ordering::Relaxed));
        (free < needed).then_some((free, needed))
    }
}

/// The writer's look at the disk: not at every act.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    asked: Option<Instant>,
    /// Bytes written since.
    written: u64,
    /// Nothing new is taken.
    full: bool,
}

impl Watch {
    /// Hears of each batch that is to be written.
    pub fn wrote(&mut self, bytes: u64, disk: &Disk) {
        self.written = self.written.saturating_add(bytes);
        disk.largest.fetch_max(bytes, Ordering::Relaxed);
    }

    /// Whether new acts can be taken. Asks the disk if it is time.
    pub fn has_room(&mut self, folder: &Path, disk: &Disk) -> bool {
        if self.asked.is_none_or(|asked| asked.elapsed() >= AGAIN) || self.written >= MANY {
            self.asked = Some(Instant::now());
            self.written = 0;
            self.ask(folder, disk);
        }
        !self.full
    }

    fn ask(&mut self, folder: &Path, disk: &Disk) {
        let short = disk.short(folder);
        let was = std::mem::replace(&mut self.full, short.is_some());
        match short {
            Some((free, needed)) if !was => tracing::error!(
                "the disk is almost full: {} MB are free and {} MB are kept in reserve, so nothing new is taken. Reading \
                 and erasing go on. Make room; the server then goes on by itself.",
                free >> 20,
                needed.div_ceil(1 << 20)
            ),
            None if was => tracing::info!("the disk has room again; new acts are taken"),
            _ => {}
        }
    }
}
