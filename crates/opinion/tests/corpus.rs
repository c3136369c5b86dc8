//! The fuzzers' bodies as ordinary tests: over the whole corpus, over inputs near those in it, and over
//! any bytes.

#![allow(clippy::unwrap_used)]

#[path = "../fuzz/bodies.rs"]
mod bodies;

use std::fs;
use std::path::Path;

use opinion::simulate::Plan;
use opinion::{Flags, classic, map};
use proptest::prelude::*;

/// The inputs kept for one fuzzer.
fn corpus(name: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(name);
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(!files.is_empty(), "{name} has no corpus");
    files.iter().map(|file| fs::read(file).unwrap()).collect()
}

/// An input of the corpus with a piece of it replaced, or any bytes.
fn input(name: &str) -> impl Strategy<Value = Vec<u8>> + use<> {
    let piece = prop_oneof![
        4 => prop::collection::vec(any::<u8>(), 0..4),
        2 => prop::sample::select(vec!["\n", ",", "\"", "-1", "0", "1", "4294967296", "1e9", "null", "\r\n", "\u{feff}", "[", "}"])
            .prop_map(|text| text.as_bytes().to_vec()),
    ];
    let near = (prop::sample::select(corpus(name)), any::<[usize; 2]>(), piece);
    let near = near.prop_map(|(mut bytes, [at, length], piece)| {
        let at = at % (bytes.len() + 1);
        let end = (at + length % 4).min(bytes.len());
        bytes.splice(at..end, piece);
        bytes
    });
    prop_oneof![6 => near, 1 => prop::collection::vec(any::<u8>(), 0..200)]
}

macro_rules! fuzzed {
    ($($name:ident)*) => {$(
        mod $name {
            use super::*;

            #[test]
            fn holds_over_the_corpus() {
                corpus(stringify!($name)).iter().for_each(|data| bodies::$name(data));
            }

            proptest! {
                #[test]
                fn holds_near_the_corpus(data in input(stringify!($name))) {
                    bodies::$name(&data);
                }
            }
        }
    )*};
}

fuzzed!(export pairs printed);

/// What the corpus is there for: every dialect is read, not only refused.
#[test]
fn every_dialect_in_the_corpus_is_read() {
    use opinion::export::{Files, read};
    for data in corpus("export") {
        let text = String::from_utf8(data).unwrap();
        let files: Vec<(&str, &str)> =
            text.split("=== ").skip(1).map(|file| file.split_once('\n').unwrap()).collect();
        let files: Files<'_> = files.iter().map(|&(name, text)| (name, text.as_bytes())).collect();
        let read = read(&files);
        assert!(read.is_ok(), "{read:?}");
    }
}

/// The corpus of printed maps is of maps as they are printed today.
#[test]
fn printed_maps_are_read_again() {
    let plan = Plan { participants: 12, statements: 5, responses_each: 4, groups: 2, seed: 3 };
    let maps = [classic::map(&plan.responses(), &Flags::new()), map::map(&plan.responses(), &Flags::new())];
    for map in maps {
        let again: opinion::Map = serde_json::from_slice(&map.canonical_bytes()).unwrap();
        assert_eq!(again, map);
        bodies::printed(&map.canonical_bytes());
    }
}
