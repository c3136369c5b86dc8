//! The fuzzers' bodies as ordinary tests: over the whole corpus, over inputs near those in it, and over
//! any bytes.

#![allow(clippy::unwrap_used)]

#[path = "../fuzz/bodies.rs"]
mod bodies;

use std::fs;
use std::path::Path;

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
    let near =
        (prop::sample::select(corpus(name)), any::<[usize; 2]>(), prop::collection::vec(any::<u8>(), 0..4));
    let near = near.prop_map(|(mut bytes, [at, length], piece)| {
        let at = at % (bytes.len() + 1);
        let end = (at + length % 4).min(bytes.len());
        bytes.splice(at..end, piece);
        bytes
    });
    prop_oneof![4 => near, 1 => prop::collection::vec(any::<u8>(), 0..200)]
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

fuzzed!(note key checkpoint receipt witness policy path bundle commitment proof log);
