//! What the server does by itself once a day: check everything in its folder, without keeping anybody waiting.

use crate::fsck::fsck;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;
use store::{Pace, Reader, Work};

/// The first check comes so long after the start: people who come back first get their answers.
const FIRST: Duration = Duration::from_secs(5 * 60);
/// From one check to the next.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Begins to check the folder once a day, in a thread that ends with the process: it writes nothing but one row at the
/// end of a check.
///
/// # Errors
///
/// If the system gives no thread.
pub fn begin(data: PathBuf) -> std::io::Result<()> {
    let work = move || {
        thread::sleep(first(&data));
        loop {
            round(&data);
            thread::sleep(DAY);
        }
    };
    thread::Builder::new().name("daily check".into()).spawn(work).map(drop)
}

/// How long until the first check: a server that starts again and again does not check again and again, unless there
/// was something that may have been mended meanwhile.
fn first(data: &Path) -> Duration {
    let last = Reader::open(data).and_then(|reader| reader.last(Work::Fsck)).ok().flatten();
    let last = last.filter(|last| last.said.is_empty());
    let age = last.map(|last| Duration::from_millis(store::clock().saturating_sub(last.at)));
    age.map_or(FIRST, |age| DAY.saturating_sub(age).max(FIRST))
}

/// Checks once, and remembers and says what was found.
fn round(data: &Path) {
    let said = match fsck(data, Pace::gentle()) {
        Ok(found) => found.first().unwrap_or_default().to_owned(),
        Err(failed) => format!("The folder could not be checked. {failed}"),
    };
    if said.is_empty() {
        tracing::info!("everything in the folder was checked and is as it should be");
    } else {
        tracing::error!(
            "the daily check found something: {said} Run `veche fsck` on the folder to see everything."
        );
    }
    if let Err(error) = store::worked(data, Work::Fsck, store::clock(), &said) {
        tracing::error!("what the daily check found cannot be remembered: {error}");
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use opinion::simulate::Plan;

    #[test]
    fn a_round_is_remembered_with_what_it_found() {
        let folder = tempfile::tempdir().unwrap();
        let plan = Plan { participants: 20, statements: 10, responses_each: 5, groups: 2, seed: 1 };
        let (store, _) = crate::bench::furnish(folder.path(), &plan).unwrap();
        assert_eq!(first(folder.path()), FIRST);
        round(folder.path());
        let last = || Reader::open(folder.path()).unwrap().last(Work::Fsck).unwrap().unwrap();
        assert_eq!(last().said, "");
        assert!(first(folder.path()) > DAY - FIRST);
        let db = rusqlite::Connection::open(folder.path().join(store::DATABASE)).unwrap();
        db.execute("UPDATE text SET words = 'other' WHERE entry = 2", ()).unwrap();
        round(folder.path());
        assert!(last().said.contains("entry 2 was changed"), "{}", last().said);
        assert_eq!(first(folder.path()), FIRST);
        drop(store);
    }
}
