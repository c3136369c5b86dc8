//! What is fuzzed: one function for each reader. The ordinary tests run the same functions over the corpus
//! (`tests/corpus.rs`).
//!
//! The law of every reader: it ends with a value or a refusal, and what it accepts holds together, so that
//! everything behind it works.

#![allow(missing_docs, clippy::unwrap_used, reason = "test code")]

use opinion::compare::compare;
use opinion::export::{Files, pairs as read_pairs, read};
use opinion::{Map, classic};

/// Above this many responses no map is made: it would only cost time.
const SMALL: usize = 2_000;

/// A file in an input starts with a line of this and its name.
const FILE: &[u8] = b"=== ";

/// The files of a folder, one after the other.
pub fn export(data: &[u8]) {
    let mut files: Vec<(String, Vec<u8>)> = Vec::new();
    for line in data.split_inclusive(|&byte| byte == b'\n') {
        match (line.strip_prefix(FILE), files.last_mut()) {
            (Some(name), _) => files.push((String::from_utf8_lossy(name).trim().to_owned(), Vec::new())),
            (None, Some((_, bytes))) => bytes.extend_from_slice(line),
            (None, None) => {}
        }
    }
    let files: Files<'_> = files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
    let conversation = match read(&files) {
        Ok(conversation) => conversation,
        Err(refusal) => return assert!(!refusal.reason.is_empty() && refusal.line != Some(0)),
    };
    assert_eq!(read(&files).unwrap(), conversation);
    assert!(conversation.statements.windows(2).all(|pair| pair[0].number < pair[1].number));
    let known = |number| conversation.statements.binary_search_by_key(&number, |known| known.number).is_ok();
    assert!(conversation.events.iter().all(|event| known(event.statement)));
    let (report, responses) = (&conversation.report, conversation.responses());
    assert_eq!(report.responses, conversation.events.len());
    assert_eq!(report.responses - report.replaced, responses.len());
    assert_eq!(report.participants, responses.participants().len());
    if responses.len() <= SMALL {
        let map = classic::map(&responses, &conversation.flags());
        assert_eq!(map.participants.len(), report.participants);
    }
}

/// A table of pairs.
pub fn pairs(data: &[u8]) {
    match read_pairs("pairs.csv", data) {
        Ok(found) => assert!(found.len() <= data.len() / 2),
        Err(refusal) => assert!(!refusal.reason.is_empty() && refusal.line != Some(0)),
    }
}

/// A map that was printed: it may say anything, and is compared all the same.
pub fn printed(data: &[u8]) {
    let Ok(map) = serde_json::from_slice::<Map>(data) else { return };
    let again: Map = serde_json::from_slice(&map.canonical_bytes()).unwrap();
    assert_eq!(again.canonical_bytes(), map.canonical_bytes());
    let same = compare(&map, &map);
    assert!(same.lists.is_empty() && same.only == [0, 0]);
}
