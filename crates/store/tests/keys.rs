//! Changing the key that signs a record: one transaction, and nothing by half.

#![allow(clippy::unwrap_used)]

mod common;

use assembly::Act;
use assembly::roll;
use common::*;
use record::checkpoint::SignedCheckpoint;
use record::note::SigningKey;
use store::{Failure, House};

/// Which of these keys signed the head that is served.
fn signs(house: &House, keys: &[&str]) -> Vec<bool> {
    let head: SignedCheckpoint = house.read().checkpoint.parse().unwrap();
    keys.iter().map(|key| head.verify(&policy(key)).is_ok()).collect()
}

#[test]
fn a_new_key_takes_over_with_its_entry_and_the_old_one_signs_until_it_is_retired() {
    let folder = folder();
    let (store, house) = large_hall(folder.path());
    let first = house.key();
    let size = house.read().tree.size();
    let done = house.rotate_key(None).unwrap();
    assert_eq!(done.entry, Some(size));
    let second = house.key();
    assert_ne!(first, second);
    assert_eq!(signs(&house, &[&first, &second]), [true, true]);
    check_sound(&house, folder.path());
    check_receipt(&house, folder.path(), size);
    // The founding and its key stay where they are.
    let keys: Vec<(String, u64)> =
        house.read().state.roll().keys().map(|(key, entry)| (key.to_owned(), entry)).collect();
    assert_eq!(keys, [(first.to_string(), 0), (second.to_string(), size)]);

    // Over a start with a snapshot, and over one without.
    drop((store, house));
    for without in [false, true] {
        if without {
            meddle(folder.path()).execute("DELETE FROM snapshot", []).unwrap();
        }
        let store = open(folder.path()).unwrap();
        let house = store.houses()[0].clone();
        assert_eq!(house.key(), second);
        guest_agrees(&house).unwrap();
        assert_eq!(signs(&house, &[&first, &second]), [true, true]);
        check_sound(&house, folder.path());
    }

    let store = open(folder.path()).unwrap();
    let house = store.houses()[0].clone();
    let before = house.read().tree.size();
    let secret = || -> Vec<u8> {
        meddle(folder.path()).query_row("SELECT seed FROM old_signing_key", [], |row| row.get(0)).unwrap()
    };
    let secret = secret();
    assert!(!holding(folder.path(), &[&secret]).is_empty(), "the test does not see a key that is there");
    house.retire_keys().unwrap();
    wait_until_scrubbed(&house);
    assert_eq!(
        holding(folder.path(), &[&secret]),
        Vec::<String>::new(),
        "a key that was retired is still there"
    );
    assert_eq!(signs(&house, &[&first, &second]), [false, true]);
    assert_eq!(house.read().tree.size(), before, "retiring adds nothing to the record");
    check_sound(&house, folder.path());
    let kept: i64 = meddle(folder.path())
        .query_row("SELECT count(*) FROM old_signing_key", [], |row| row.get(0))
        .unwrap();
    assert_eq!(kept, 0);
    guest_agrees(&house).unwrap();
    assert_eq!(signs(&house, &[&first, &second]), [false, true]);
    drop((store, house));
    check_sound(&open(folder.path()).unwrap().houses()[0], folder.path());
}

#[test]
fn a_key_made_in_advance_takes_over_once() {
    let folder = folder();
    let (_store, house) = hall(folder.path());
    let seed = [7; 32];
    house.rotate_key(Some(seed)).unwrap();
    let key = SigningKey::from_seed(&seed, house.origin()).unwrap();
    assert_eq!(*house.key(), key.verifier().to_string());
    let size = house.read().tree.size();
    let Err(Failure::Refused(refusal)) = house.rotate_key(Some(seed)) else { panic!("it took over twice") };
    assert_eq!(refusal.code(), "rekey");
    assert_eq!(house.read().tree.size(), size);
    for _ in 0..3 {
        house.rotate_key(None).unwrap();
    }
    let Err(Failure::Refused(refusal)) = house.rotate_key(None) else { panic!("too many keys sign") };
    assert!(refusal.to_string().contains("retire them first"), "{refusal}");
    house.retire_keys().unwrap();
    house.rotate_key(None).unwrap();
    check_sound(&house, folder.path());
}

/// Wherever writing fails, the record goes on under the key it had.
#[test]
fn a_change_that_fails_leaves_the_old_key_and_no_entry() {
    let folder = folder();
    let (_store, house) = hall(folder.path());
    let db = meddle(folder.path());
    let (key, size) = (house.key(), house.read().tree.size());
    for table in ["signing_key", "assembly"] {
        db.execute_batch(&format!(
            "CREATE TRIGGER no BEFORE UPDATE ON {table} BEGIN SELECT RAISE(ABORT, 'no'); END"
        ))
        .unwrap();
        assert!(matches!(house.rotate_key(None), Err(Failure::Stopped(_))), "{table}");
        db.execute_batch("DROP TRIGGER no").unwrap();
        assert_eq!((house.key(), house.read().tree.size()), (key.clone(), size));
        let kept: i64 = db.query_row("SELECT count(*) FROM old_signing_key", [], |row| row.get(0)).unwrap();
        assert_eq!(kept, 0, "{table}");
    }
    // What fails after it does not take it back, and what fails before it leaves nothing of it.
    house.rotate_key(None).unwrap();
    assert_ne!(house.key(), key);
    guest_agrees(&house).unwrap();
    check_sound(&house, folder.path());
}

/// The database of one moment with the key of another: nothing is signed in the wrong name.
#[test]
fn a_key_that_the_record_does_not_name_signs_nothing() {
    let folder = folder();
    let (store, house) = hall(folder.path());
    let seed = || -> Vec<u8> {
        meddle(folder.path()).query_row("SELECT seed FROM signing_key", [], |row| row.get(0)).unwrap()
    };
    let old = seed();
    house.rotate_key(None).unwrap();
    let new = seed();
    drop((store, house));
    meddle(folder.path()).execute("UPDATE signing_key SET seed = ?1", [old]).unwrap();
    let refused = |what: &str| {
        let Err(error) = open(folder.path()) else { panic!("it was opened with {what}") };
        error.to_string()
    };
    // The head is signed by the new key, too, so only the record itself can tell.
    assert!(refused("a key that was given up").contains("not the one that the record names"));
    let db = meddle(folder.path());
    db.execute("UPDATE signing_key SET seed = ?1", [new]).unwrap();
    db.execute("UPDATE old_signing_key SET seed = zeroblob(32)", []).unwrap();
    assert!(refused("an old key that was changed").contains("not the one that the record names"));
}

#[test]
fn the_entry_names_both_keys_and_nobody() {
    let folder = folder();
    let (_store, house) = hall(folder.path());
    let index = house.rotate_key(None).unwrap().entry.unwrap();
    let bytes = entry(folder.path(), index);
    let read = assembly::Entry::decode(&bytes, &mut Vec::new()).unwrap();
    let Act::Roll(roll::Entry::Rekeyed(rekeyed)) = read.act else { panic!("{read:?}") };
    assert_eq!(*rekeyed.key, *house.key());
    assert!(bytes.len() < 1_000, "{}", String::from_utf8_lossy(&bytes));
}
