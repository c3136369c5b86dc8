//! The fuzzer's body as an ordinary test: over its corpus, and over inputs near those in it.

#[path = "../../fuzz/bodies.rs"]
mod bodies;

use std::fs;
use std::path::Path;
use web::bundle::archive::Archive;

/// The inputs kept for the fuzzer.
fn corpus() -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/archive");
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(!files.is_empty());
    files.iter().map(|file| fs::read(file).unwrap()).collect()
}

#[test]
fn the_fuzzer_holds_over_its_corpus_and_near_it() {
    for input in corpus() {
        bodies::archive(&input);
        for at in 0..input.len() {
            bodies::archive(&input[..at]);
            bodies::archive(&[&input[..at], &input[at + 1..]].concat());
            for change in [1, 0x20, 0x80] {
                let mut changed = input.clone();
                changed[at] ^= change;
                bodies::archive(&changed);
            }
        }
    }
}

#[test]
fn the_corpus_has_an_archive_that_is_accepted() {
    assert!(corpus().iter().any(|input| Archive::open(&input[..]).is_ok()));
}
