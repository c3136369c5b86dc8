//! The sentences of a count: every one that the code says is there, and none is there for nothing.

use count::Words;
use std::path::Path;

fn sources(folder: &Path, all: &mut String) {
    for entry in std::fs::read_dir(folder).expect("the sources").flatten() {
        if entry.path().is_dir() {
            sources(&entry.path(), all);
        } else {
            all.push_str(&std::fs::read_to_string(entry.path()).expect("a source"));
        }
    }
}

#[test]
fn every_sentence_in_the_code_has_english_words_and_every_word_is_used() {
    let mut all = String::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut all);
    let english = Words::english();
    for piece in all.split("say!(\"").skip(1).chain(all.split(".text(\"").skip(1)) {
        let key = piece.split('"').next().expect("a key");
        assert!(english.keys().any(|known| known == key), "no English for {key}");
    }
    for name in all.split("\"what_if.").skip(1).filter_map(|piece| piece.split('"').next()) {
        let key = format!("what_if.{name}");
        assert!(english.keys().any(|known| known == key), "no English for {key}");
    }
    for name in all.split("\"what_if.").skip(1).filter_map(|piece| piece.split('"').next()) {
        let key = format!("what_if.{name}");
        assert!(english.keys().any(|known| known == key), "no English for {key}");
    }
    let free = ["recipe.", "rule."];
    for key in english.keys().filter(|k| !free.iter().any(|f| k.starts_with(f))) {
        assert!(all.contains(&format!("\"{key}\"")), "{key} is said nowhere");
    }
}
