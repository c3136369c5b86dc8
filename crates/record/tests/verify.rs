//! One changed byte anywhere in a log, and the answer names the entry, the range or the checkpoint.

#![allow(clippy::unwrap_used)]

mod common;

use common::{Files, entries};
use proptest::prelude::*;
use record::checkpoint::Checkpoint;
use record::tile::{self, FilePath};
use record::verify::{Blame, Fault, MAX_FAULTS, Report, verify_log};
use record::{EMPTY_ROOT, Hash, Tree};

fn check(files: &Files, size: u64, root: Hash) -> Report<String> {
    let head = Checkpoint::new("example.org/log", size, root).unwrap();
    verify_log(files, &head, |_, _| {})
}

/// The number of the entry that byte `at` of a bundle belongs to.
fn entry_at(bytes: &[u8], at: usize) -> u64 {
    let (mut end, mut index) = (0, 0);
    loop {
        end += 2 + usize::from(u16::from_be_bytes([bytes[end], bytes[end + 1]]));
        if at < end {
            return index;
        }
        index += 1;
    }
}

/// Changes one byte and checks that the answer names exactly the place.
fn change(files: &Files, tree: &Tree, path: FilePath, at: usize, flip: u8) {
    let mut changed = files.clone();
    let bytes = changed.0.get_mut(&path).unwrap();
    bytes[at] ^= flip;
    let report = check(&changed, tree.size(), tree.root());
    assert!(!report.is_sound());
    let place = path.entries().start + at as u64 / 32;
    let [fault] = report.faults.as_slice() else {
        panic!("{path} byte {at}: {:?}", report.faults);
    };
    let right = match (path, fault) {
        (FilePath::Bundle(_), Fault::Entry { index, blame, .. }) => {
            *blame == Blame::Below && *index == path.entries().start + entry_at(&files.0[&path], at)
        }
        (FilePath::Bundle(_), Fault::Bundle { index, .. }) => {
            *index == path.entries().start + entry_at(&files.0[&path], at)
        }
        (FilePath::Tile(tile), Fault::Entry { index, others: 0, blame: Blame::Tile }) => {
            tile.level() == 0 && *index == place
        }
        (FilePath::Tile(tile), Fault::Tile { path: named, entries, others: 0, blame: Blame::Tile }) => {
            let first = (tile.index() * 256 + at as u64 / 32) << tile.height();
            *named == tile && *entries == (first..first + (1 << tile.height()))
        }
        _ => false,
    };
    assert!(right, "{path} byte {at}: {fault:?}");
    // With the one fault set right the log leads to its checkpoint.
    assert_eq!(report.root, Some(tree.root()));
}

proptest! {
    #[test]
    fn one_changed_byte_is_found_where_it_is(
        size in prop_oneof![1..10_u64, 250..260_u64, 500..600_u64, 1..1500_u64],
        which in any::<usize>(), at in any::<usize>(), flip in 1..=255_u8,
    ) {
        let (files, tree) = Files::of(&entries(size));
        prop_assert_eq!(check(&files, size, tree.root()), Report { root: Some(tree.root()), faults: vec![] });
        let (path, bytes) = files.0.iter().nth(which % files.0.len()).unwrap();
        change(&files, &tree, *path, at % bytes.len(), flip);
    }

    #[test]
    fn a_cut_or_missing_file_is_named(
        size in 1..1500_u64, which in any::<usize>(), keep in any::<usize>(), gone in any::<bool>(),
    ) {
        let (mut files, tree) = Files::of(&entries(size));
        let path = *files.0.keys().nth(which % files.0.len()).unwrap();
        let bytes = files.0.get_mut(&path).unwrap();
        if gone {
            files.0.remove(&path);
        } else {
            bytes.truncate(keep % bytes.len());
        }
        let report = check(&files, size, tree.root());
        prop_assert_eq!(report.faults.len(), 1, "{:?}", report.faults);
        let named = match &report.faults[0] {
            Fault::Missing { path, .. } => *path,
            Fault::TileLength { path, .. } => FilePath::Tile(*path),
            Fault::Bundle { path, .. } => FilePath::Bundle(*path),
            other => panic!("{other:?}"),
        };
        prop_assert_eq!(named, path);
        prop_assert_eq!(report.root, Some(tree.root()));
    }

    #[test]
    fn another_root_is_the_checkpoints_fault(size in 0..800_u64, bit in 0..256_usize) {
        let (files, tree) = Files::of(&entries(size));
        let mut root = tree.root();
        root.0[bit / 8] ^= 1 << (bit % 8);
        let report = check(&files, size, root);
        prop_assert_eq!(report.faults, vec![Fault::Root { expected: root, found: tree.root() }]);
    }
}

#[test]
fn every_byte_of_a_small_log_is_guarded() {
    let (files, tree) = Files::of(&entries(258));
    for (path, bytes) in &files.0 {
        for at in 0..bytes.len() {
            change(&files, &tree, *path, at, 0x01);
        }
    }
}

#[test]
fn the_upper_levels_of_a_large_log_are_guarded() {
    let size = 256 * 257 + 3;
    let (files, tree) = Files::of(&entries(size));
    let upper = tile::tiles(size).filter(|path| path.level() > 0);
    for path in upper {
        for at in [0, 31, usize::from(path.width()) * 32 - 1] {
            change(&files, &tree, FilePath::Tile(path), at, 0x80);
        }
    }
    for path in tile::bundles(size).step_by(64) {
        change(&files, &tree, FilePath::Bundle(path), 100, 0x20);
    }
}

#[test]
fn every_entry_is_shown_once_and_in_order() {
    let entries = entries(600);
    let (files, tree) = Files::of(&entries);
    let head = Checkpoint::new("example.org/log", 600, tree.root()).unwrap();
    let mut seen = Vec::new();
    let report = verify_log(&files, &head, |index, entry| seen.push((index, entry.to_vec())));
    assert!(report.is_sound());
    assert!(seen.into_iter().eq((0..).zip(entries)));
}

#[test]
fn a_log_rebuilt_over_a_changed_entry_is_the_checkpoints_matter() {
    // Whoever changes an entry and rebuilds every tile still cannot lead to the signed root.
    let (_, honest) = Files::of(&entries(600));
    let mut changed = entries(600);
    changed[300] = b"another".to_vec();
    let (files, tree) = Files::of(&changed);
    let report = check(&files, 600, honest.root());
    assert_eq!(report.faults, [Fault::Root { expected: honest.root(), found: tree.root() }]);
}

#[test]
fn a_checkpoint_that_claims_too_much_ends_the_reading() {
    let (files, tree) = Files::of(&entries(10));
    let report = check(&files, u64::MAX, tree.root());
    assert_eq!(report.root, None);
    assert!((MAX_FAULTS..MAX_FAULTS + 10).contains(&report.faults.len()));
    assert!(check(&files, 0, EMPTY_ROOT).is_sound());
}

#[test]
fn faults_are_told_in_sentences() {
    let (files, tree) = Files::of(&entries(600));
    let mut changed = files.clone();
    for (path, at) in [
        ("tile/entries/000", 14),
        ("tile/entries/000", 34),
        ("tile/entries/001", 0),
        ("tile/0/002.p/88", 1),
        ("tile/1/000.p/2", 63),
    ] {
        changed.0.get_mut(&path.parse().unwrap()).unwrap()[at] ^= 1;
    }
    let mut root = tree.root();
    let told =
        |report: Report<String>| report.faults.iter().map(|fault| format!("{fault}\n")).collect::<String>();
    assert_eq!(
        told(check(&changed, 600, root)),
        "Entry 3 and 1 more in its file were changed: the tree above leads to the checkpoint.\n\
         From entry 256 on, the file tile/entries/001 cannot be read: it was cut there, or a length in it was changed.\n\
         The file tile/1/000.p/2 does not fit what lies below it, entries 256 to 511. The file was changed: what \
         lies below leads to the checkpoint.\n\
         The tree over entry 512 was changed: what it stands on leads to the checkpoint.\n"
    );
    root.0[0] ^= 1;
    changed = files;
    changed.0.remove(&"tile/entries/002.p/88".parse().unwrap());
    changed.0.get_mut(&"tile/0/000".parse().unwrap()).unwrap().pop();
    assert_eq!(
        told(check(&changed, 600, root)),
        "The file tile/0/000 has 8191 bytes and not 8192: it was cut or is not what it should be.\n\
         The file tile/entries/002.p/88 could not be read, so entries 512 to 599 are not fully checked. There is no \
         tile/entries/002.p/88.\n\
         The log does not lead to its checkpoint. If nothing else is wrong, every entry and every tile agree and it \
         is the checkpoint that belongs to another log or was changed.\n"
    );
}
