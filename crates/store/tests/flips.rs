//! Every byte of a small data folder with one bit changed: it is found at the start or by whoever looks at the
//! record, or it has no effect on anything that is served. It is never served as if nothing were wrong.

#![allow(clippy::unwrap_used)]

mod common;

use assembly::talk::Response;
use assembly::{Field, QuestionId};
use common::*;
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use store::{DATABASE, House, Reader, SqlError, Token};

/// A folder with every kind of row that belongs to the record, in the smallest pages that SQLite has, so that few
/// bytes are unused; and guests whose place is known.
fn small(folder: &Path) -> Vec<Token> {
    let (store, house) = hall(folder);
    let runtime = runtime();
    let tokens: Vec<_> = (0..3).map(|_| Token::random().unwrap()).collect();
    for (token, statement) in tokens.iter().zip(1..) {
        runtime.block_on(house.act(token, respond(1, statement, Response::Agree))).unwrap();
    }
    drop(store);
    let db = meddle(folder);
    db.execute_batch("PRAGMA journal_mode = DELETE; PRAGMA page_size = 512; VACUUM;").unwrap();
    tokens
}

/// A folder that no disk has to be waited for, where there is such a place.
fn in_memory() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm").unwrap_or_else(|_| folder())
}

/// What is served of a house.
#[derive(PartialEq, Debug)]
struct Served {
    checkpoint: String,
    key: String,
    state: assembly::State,
    tree: record::Tree,
    files: Vec<Option<Vec<u8>>>,
}

/// The words as they are served, by entry and field, with their salts.
type Texts = BTreeMap<(u64, Field), (String, String)>;

fn served(house: &House, folder: &Path) -> Result<(Served, Texts), SqlError> {
    let reader = Reader::open(folder)?;
    let Some(listed) = reader.assemblies()?.into_iter().next() else {
        panic!("there is no assembly any more")
    };
    let live = house.read();
    let size = live.tree.size();
    let mut files = Vec::new();
    for path in record::tile::bundles(size) {
        files.push(reader.bundle(&listed, path)?);
    }
    for path in record::tile::tiles(size) {
        files.push(reader.tile(&listed, path)?);
    }
    let mut texts = Texts::new();
    for entry in 0..size {
        let opened = reader.texts(&listed, entry)?.into_iter();
        texts.extend(
            opened
                .map(|(field, opened)| ((entry, field), (opened.salt.to_string(), opened.text.to_string()))),
        );
    }
    let (checkpoint, key) = (live.checkpoint.to_string(), house.key().to_owned());
    Ok((Served { checkpoint, key, state: live.state.clone(), tree: live.tree.clone(), files }, texts))
}

/// Each guest's participant.
fn guests(house: &House, tokens: &[Token]) -> Vec<Option<assembly::ParticipantNo>> {
    tokens.iter().map(|token| house.participant(token, QuestionId(1))).collect()
}

/// What became of a changed bit.
#[derive(PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Came {
    /// The program did not start, and said why.
    Refused,
    /// The program started and named it.
    Named,
    /// SQLite's own check names it, which is a part of `fsck`.
    Checked,
    /// Words are missing for whoever reads the record, which every verifier names.
    Missing,
    /// Reading fails with a sentence.
    Unreadable,
    /// Everything is what it was.
    Nothing,
}

#[test]
fn no_changed_bit_is_served_as_if_nothing_were_wrong() {
    let made = folder();
    let tokens = small(made.path());
    let bytes = fs::read(made.path().join(DATABASE)).unwrap();
    let (whole, words, known) = {
        let copy = folder();
        fs::write(copy.path().join(DATABASE), &bytes).unwrap();
        let store = open(copy.path()).unwrap();
        let house = &store.houses()[0];
        let (whole, words) = served(house, copy.path()).unwrap();
        (whole, words, guests(house, &tokens))
    };
    let one = |place: &mut tempfile::TempDir, at: usize| {
        let path = place.path();
        for file in fs::read_dir(path).unwrap() {
            fs::remove_file(file.unwrap().path()).unwrap();
        }
        let mut changed = bytes.clone();
        changed[at] ^= 1 << (at % 8);
        fs::write(path.join(DATABASE), &changed).unwrap();
        let store = match open(path) {
            Ok(store) => store,
            Err(error) => {
                let error = error.to_string();
                assert!(error.ends_with('.'), "byte {at}: {error}");
                return Came::Refused;
            }
        };
        let house = store.houses().first().unwrap_or_else(|| panic!("byte {at}: the assembly is gone"));
        let Ok((now, texts)) = served(house, path) else { return Came::Unreadable };
        let now_known = guests(house, &tokens);
        for (now, before) in now_known.iter().zip(&known) {
            assert!(now == before || now.is_none(), "byte {at}: a guest is another participant");
        }
        for (place, text) in &texts {
            assert_eq!(words.get(place), Some(text), "byte {at}: other words are served for {place:?}");
        }
        let missing = runtime().block_on(house.missing_texts()).is_ok_and(|missing| !missing.is_empty());
        if texts != words || missing {
            return Came::Missing;
        }
        assert!(now == whole, "byte {at}: something else is served, as if nothing were wrong");
        match now_known == known {
            true => Came::Nothing,
            // Lost, and said; nobody took another's place.
            false if house.damaged_guests() > 0 => Came::Named,
            false => {
                let found: String = meddle(path)
                    .query_row("PRAGMA integrity_check", [], |row| row.get(0))
                    .unwrap_or_else(|error| error.to_string());
                assert_ne!(found, "ok", "byte {at}: a guest is lost, and nothing says so");
                Came::Checked
            }
        }
    };
    let came: Vec<_> = (0..bytes.len()).into_par_iter().map_init(in_memory, one).collect();
    let mut counts = BTreeMap::new();
    for came in &came {
        *counts.entry(came).or_insert(0) += 1;
    }
    println!("{} bytes: {counts:?}", bytes.len());
    assert!(counts[&Came::Refused] > bytes.len() / 4, "{counts:?}");
}
