//! What is fuzzed. The ordinary tests run the same function over the corpus (`tests/wire.rs`).

#![allow(missing_docs, clippy::unwrap_used, reason = "test code")]

use assembly::{Entry, State, apply};

/// What is accepted is written back byte for byte, and applying it to an empty assembly does not panic.
pub fn entry(data: &[u8]) {
    let mut scratch = Vec::new();
    match Entry::decode(data, &mut scratch) {
        Ok(entry) => {
            let mut bytes = Vec::new();
            entry.encode(&mut bytes).unwrap();
            assert_eq!(bytes, data);
            let _ = apply(&mut State::default(), &entry);
        }
        Err(error) => assert!(error.to_string().starts_with("the entry ")),
    }
}
