//! What should not happen while writing: nobody is told it was done, and the writer goes on from what is
//! on disk as soon as that can be read and written again.

#![allow(clippy::unwrap_used)]

mod common;

use assembly::talk::Response;
use assembly::{Command, QuestionId};
use common::*;
use rusqlite::Connection;
use std::path::Path;
use std::process::{Command as Process, Stdio};
use store::{Failure, House, Token};

fn stopped(house: &House) -> String {
    match guest_agrees(house) {
        Err(Failure::Stopped(why)) => {
            let whole = Failure::Stopped(why.clone()).to_string();
            assert!(whole.contains("Nothing was recorded") && !whole.contains(".."), "{whole}");
            assert!(why.ends_with(['.', '?']), "{why}");
            why
        }
        other => panic!("not stopped, but {other:?}"),
    }
}

/// The house is as it was before, and does its work.
fn goes_on(house: &House, folder: &Path, size: u64) {
    assert_eq!(guest_agrees(house).unwrap().entries, size..size + 2);
    check_sound(house, folder);
    check_receipt(house, folder, size + 1);
}

/// Only at its end nobody can know: what was to be written may be on the disk.
#[test]
fn a_failure_at_the_end_of_the_transaction_is_not_called_nothing() {
    let folder = folder();
    let (store, house) = large_hall(folder.path());
    let size = house.read().tree.size();
    let db = meddle(folder.path());
    db.execute_batch(
        "CREATE TABLE boom (id REFERENCES assembly DEFERRABLE INITIALLY DEFERRED);
         CREATE TRIGGER boom AFTER INSERT ON signed_head BEGIN INSERT INTO boom VALUES (99); END",
    )
    .unwrap();
    let failure = guest_agrees(&house).unwrap_err();
    assert!(matches!(failure, Failure::Unsure(_)), "{failure:?}");
    let sentence = failure.to_string();
    assert!(!sentence.contains("  "), "{sentence}");
    assert!(
        !sentence.contains("Nothing was") && sentence.contains("before you send it once more"),
        "{sentence}"
    );
    db.execute_batch("DROP TRIGGER boom; DROP TABLE boom").unwrap();
    goes_on(&house, folder.path(), size);
    drop(store);
}

/// At whatever point of the transaction it fails, the same.
#[test]
fn a_failure_at_any_point_of_the_transaction_loses_nothing() {
    let folder = folder();
    let (store, house) = large_hall(folder.path());
    let db = meddle(folder.path());
    for (n, point) in [
        "BEFORE INSERT ON tile",
        "BEFORE INSERT ON bundle",
        "BEFORE INSERT ON guest",
        "AFTER INSERT ON guest",
        "BEFORE INSERT ON signed_head",
        "AFTER INSERT ON signed_head",
        "BEFORE UPDATE ON assembly",
        "AFTER UPDATE ON assembly",
    ]
    .into_iter()
    .enumerate()
    {
        let size = house.read().tree.size();
        let checkpoint = house.read().checkpoint.clone();
        let kind = if n % 2 == 0 { "ABORT" } else { "ROLLBACK" };
        db.execute_batch(&format!(
            "CREATE TRIGGER boom {point} BEGIN SELECT RAISE({kind}, 'disk I/O error'); END"
        ))
        .unwrap();
        for _ in 0..3 {
            assert!(stopped(&house).contains("disk I/O error"), "{point}");
            assert_eq!((house.read().tree.size(), &house.read().checkpoint), (size, &checkpoint));
        }
        db.execute_batch("DROP TRIGGER boom").unwrap();
        goes_on(&house, folder.path(), size);
    }
    drop(store);
    check_sound(&open(folder.path()).unwrap().houses()[0], folder.path());
}

/// Texts too, and a whole import: nothing of it is left.
#[test]
fn an_import_that_fails_leaves_nothing() {
    let folder = folder();
    let (_store, house) = hall(folder.path());
    let size = house.read().tree.size();
    let db = meddle(folder.path());
    db.execute_batch(
        "CREATE TRIGGER boom BEFORE INSERT ON text WHEN NEW.entry > 1000
         BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END",
    )
    .unwrap();
    let refused = house.command(import("Many", 2_000, 5));
    assert!(matches!(refused, Err(Failure::Stopped(ref why)) if why.contains("full")), "{refused:?}");
    assert!(house.read().state.question(QuestionId(2)).is_none());
    goes_on(&house, folder.path(), size);
    db.execute_batch("DROP TRIGGER boom").unwrap();
    let done = house.command(import("Many", 2_000, 5)).unwrap();
    assert_eq!(done.entries, size + 2..size + 2 + 1 + 2_000 + 5 + 10_000);
    check_sound(&house, folder.path());
}

/// Everybody in a batch that fails is told so, the last ones, too, and none of it is there.
#[test]
fn everybody_in_a_failed_batch_is_told() {
    let folder = folder();
    let (store, house) = hall(folder.path());
    let size = house.read().tree.size();
    let db = meddle(folder.path());
    let trigger = "CREATE TRIGGER boom BEFORE UPDATE ON assembly BEGIN SELECT RAISE(ABORT, 'boom'); END";
    db.execute_batch(trigger).unwrap();
    let answers = runtime().block_on(async {
        let tasks: Vec<_> = (0..300)
            .map(|n| {
                let house = house.clone();
                let act = respond(1, n % 4 + 1, Response::Pass);
                tokio::spawn(async move { house.act(&Token::random().unwrap(), act).await })
            })
            .collect();
        let mut answers = Vec::new();
        for task in tasks {
            answers.push(task.await.unwrap());
        }
        answers
    });
    for answer in answers {
        let failure = answer.unwrap_err();
        // A refusal stays one: it was right whatever became of the others.
        assert!(matches!(failure, Failure::Stopped(_) | Failure::Refused(_)), "{failure:?}");
    }
    assert_eq!(house.read().tree.size(), size);
    db.execute_batch("DROP TRIGGER boom").unwrap();
    goes_on(&house, folder.path(), size);
    drop(store);
}

/// The table goes away and comes back: nothing is written without it, not even what does not need it.
#[test]
fn a_table_dropped_underneath_stops_the_writer_until_it_is_back() {
    let folder = folder();
    let (store, house) = hall(folder.path());
    let size = house.read().tree.size();
    let db = meddle(folder.path());
    for table in ["guest", "tile", "bundle", "signed_head", "text"] {
        let size = house.read().tree.size();
        db.execute_batch(&format!("ALTER TABLE {table} RENAME TO away")).unwrap();
        if table == "text" {
            let token = Token::random().unwrap();
            let answer = runtime().block_on(house.act(&token, state("Is anybody there?")));
            assert!(matches!(answer, Err(Failure::Stopped(_))), "{answer:?}");
        }
        assert!(stopped(&house).contains("no such table"), "{table}");
        assert!(stopped(&house).contains("no such table"), "{table}");
        assert_eq!(house.read().tree.size(), size);
        db.execute_batch(&format!("ALTER TABLE away RENAME TO {table}")).unwrap();
        goes_on(&house, folder.path(), size);
    }
    // Stopping while the writer is stopped does not hang.
    db.execute_batch("ALTER TABLE guest RENAME TO away").unwrap();
    stopped(&house);
    drop(store);
    db.execute_batch("ALTER TABLE away RENAME TO guest").unwrap();
    let store = open(folder.path()).unwrap();
    assert_eq!(store.houses()[0].read().tree.size(), size + 10);
}

#[test]
fn a_foreign_head_stops_the_writer() {
    let folder = folder();
    let (_store, house) = hall(folder.path());
    let size = house.read().tree.size();
    let db = meddle(folder.path());
    let right = house.read().checkpoint.to_string();
    db.execute("UPDATE assembly SET checkpoint = 'other'", []).unwrap();
    assert!(stopped(&house).contains("another head than this program signed last"));
    for _ in 0..2 {
        assert!(stopped(&house).contains("The signed head of the record cannot be trusted"));
    }
    db.execute("UPDATE assembly SET checkpoint = ?1", [right]).unwrap();
    goes_on(&house, folder.path(), size);
}

/// One size, one head: a second root for it is never signed.
#[test]
fn a_second_head_for_a_size_is_refused() {
    let folder = folder();
    let (_store, house) = hall(folder.path());
    let size = house.read().tree.size();
    let db = meddle(folder.path());
    // The next act makes the record two entries longer.
    let head = "INSERT INTO signed_head SELECT assembly, ?1, zeroblob(32) FROM signed_head LIMIT 1";
    db.execute(head, [size as i64 + 2]).unwrap();
    assert!(stopped(&house).contains("UNIQUE constraint failed"));
    for _ in 0..2 {
        let why = stopped(&house);
        assert!(why.contains(&format!("the last one that was signed counts {}", size + 2)), "{why}");
    }
    db.execute("DELETE FROM signed_head WHERE size = ?1", [size as i64 + 2]).unwrap();
    goes_on(&house, folder.path(), size);
}

const TABLES: [&str; 8] =
    ["assembly", "signed_head", "tile", "bundle", "text", "snapshot", "signing_key", "guest"];

/// Puts the contents of another database in the place of ours, underneath the running program.
fn replace(db: &Connection, with: &Path) {
    db.pragma_update(None, "foreign_keys", false).unwrap();
    db.execute("ATTACH ?1 AS other", [with.to_str().unwrap()]).unwrap();
    let all: String = TABLES
        .map(|table| format!("DELETE FROM {table}; INSERT INTO {table} SELECT * FROM other.{table};"))
        .concat();
    db.execute_batch(&format!("BEGIN IMMEDIATE; {all} COMMIT; DETACH other")).unwrap();
}

/// A second writer continued our record (as another node would): we catch up and go on.
#[test]
fn a_record_that_others_continued_is_caught_up() {
    let (ours, theirs) = (folder(), folder());
    drop(hall(ours.path()).0);
    let copy = theirs.path().join(store::DATABASE);
    meddle(ours.path()).execute("VACUUM INTO ?1", [copy.to_str().unwrap()]).unwrap();
    let store = open(ours.path()).unwrap();
    let house = store.houses()[0].clone();
    let size = house.read().tree.size();
    let other = open(theirs.path()).unwrap();
    for _ in 0..3 {
        guest_agrees(&other.houses()[0]).unwrap();
    }
    drop(other);
    replace(&meddle(ours.path()), &copy);
    let changes = house.changes();
    assert!(stopped(&house).contains("another head"));
    goes_on(&house, ours.path(), size + 6);
    assert_eq!(*changes.borrow(), size + 8);
}

/// An older copy in its place would let the same size be signed twice: refused for good.
#[test]
fn an_older_copy_in_its_place_is_refused() {
    let (folder, old) = (folder(), common::folder());
    let (store, house) = hall(folder.path());
    let copy = old.path().join("old.db");
    let db = meddle(folder.path());
    db.execute("VACUUM INTO ?1", [copy.to_str().unwrap()]).unwrap();
    let now = old.path().join("now.db");
    for _ in 0..3 {
        guest_agrees(&house).unwrap();
    }
    db.execute("VACUUM INTO ?1", [now.to_str().unwrap()]).unwrap();
    let size = house.read().tree.size();
    replace(&db, &copy);
    assert!(stopped(&house).contains("another head"));
    for _ in 0..3 {
        assert!(stopped(&house).contains("lacks entries that were shown already"));
        assert_eq!(house.read().tree.size(), size, "readers keep what they were shown");
    }
    replace(&db, &now);
    goes_on(&house, folder.path(), size);
    drop(store);
}

/// The disk is full, as far as the other process can tell: no file may grow beyond a limit (`ulimit -f`,
/// whose signal is ignored, so that writing fails).
#[test]
fn a_full_disk_loses_nothing_that_was_acknowledged() {
    let folder = folder();
    drop(hall(folder.path()));
    let limited = "trap '' XFSZ; ulimit -f 4096; exec \"$0\" --ignored --exact --nocapture writes_until_the_disk_is_full";
    let child = Process::new("sh")
        .args(["-c", limited])
        .arg(std::env::current_exe().unwrap())
        .env("VECHE_TEST_FOLDER", folder.path())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&child.stdout).into_owned();
    assert!(child.status.success(), "{said}{}", String::from_utf8_lossy(&child.stderr));
    let acknowledged: Vec<(usize, record::Hash)> = said
        .lines()
        .filter_map(|line| line.strip_prefix("ack ")?.split_once(' '))
        .map(|(index, leaf)| (index.parse().unwrap(), leaf.parse().unwrap()))
        .collect();
    assert!(acknowledged.len() > 20, "{said}");
    let store = open(folder.path()).unwrap();
    let house = store.houses()[0].clone();
    for (index, leaf) in &acknowledged {
        assert_eq!(house.read().tree.leaves().get(*index), Some(leaf), "entry {index} was lost");
    }
    assert_eq!(house.read().state.questions().len(), 1, "half an import");
    println!("{} entries acknowledged before the disk was full", acknowledged.len());
    let size = house.read().tree.size();
    goes_on(&house, folder.path(), size);
}

#[test]
#[ignore = "the process of a_full_disk_loses_nothing_that_was_acknowledged"]
fn writes_until_the_disk_is_full() {
    let folder = std::env::var_os("VECHE_TEST_FOLDER").unwrap();
    let store = open(folder.as_ref()).unwrap();
    let house = store.houses()[0].clone();
    let mut failures = 0;
    let large: Command = import("Too large for the disk", 500, 100);
    assert!(
        matches!(house.command(large), Err(Failure::Stopped(_) | Failure::Unsure(_))),
        "the limit does not hold"
    );
    for _ in 0..20_000 {
        match guest_agrees(&house) {
            Ok(done) => {
                let index = done.entry.unwrap();
                println!("ack {index} {}", house.read().tree.leaves()[index as usize]);
            }
            Err(Failure::Stopped(_) | Failure::Unsure(_)) => failures += 1,
            Err(other) => panic!("{other}"),
        }
        if failures == 3 {
            return;
        }
    }
    panic!("the disk never was full");
}
