//! What changes on disk behind our back is found at the next start, and said in a sentence.

#![allow(clippy::unwrap_used)]

mod common;

use common::*;
use std::path::Path;

/// Carries out `sql` on a closed folder that has 460 entries, and gives the sentence of the next start,
/// with the snapshot of the clean stop and without it: both must say the same.
fn after(sql: &str) -> String {
    let folder = folder();
    drop(large_hall(folder.path()).0);
    damage(folder.path(), sql);
    let with = sentence(folder.path());
    meddle(folder.path()).execute("DELETE FROM snapshot", []).unwrap();
    assert_eq!(with, sentence(folder.path()), "{sql}");
    with
}

fn damage(folder: &Path, sql: &str) {
    let db = meddle(folder);
    db.pragma_update(None, "foreign_keys", false).unwrap();
    assert_eq!(db.execute(sql, []).unwrap(), 1, "{sql} changed no row");
}

fn sentence(folder: &Path) -> String {
    let error = open(folder).err().expect("damage was not found").to_string();
    assert!(error.starts_with("The assembly “hall” cannot be opened. ") && error.ends_with('.'), "{error}");
    error
}

/// SQL that changes the byte at `at` (from 1) of a column.
fn flip(table: &str, column: &str, at: u32, row: &str) -> String {
    let rest = |from: String, length: &str| format!("substr(CAST({column} AS BLOB), {from}{length})");
    let (before, byte, after) = (
        rest("1".into(), &format!(", {}", at - 1)),
        rest(at.to_string(), ", 1"),
        rest((at + 1).to_string(), ""),
    );
    let kind = if ["words", "checkpoint"].contains(&column) { "TEXT" } else { "BLOB" };
    format!(
        "UPDATE {table} SET {column} = CAST({before} || CASE {byte} WHEN X'41' THEN X'42' ELSE X'41' END || \
         {after} AS {kind}) WHERE {row}"
    )
}

#[test]
fn nothing_is_found_where_nothing_changed() {
    let folder = folder();
    drop(large_hall(folder.path()).0);
    open(folder.path()).unwrap();
}

#[test]
fn a_changed_entry_is_named() {
    // Entry 0 begins after two bytes of length.
    let first = after(&flip("bundle", "entries", 60, "n = 0"));
    assert!(first.contains("Entry 0 of the record was changed after it was signed."), "{first}");
    let later = after(
        "UPDATE bundle SET entries = CAST(substr(entries, 1, length(entries) - 1) || X'41' AS BLOB) WHERE n = 1",
    );
    assert!(later.contains("Entry 459 of the record was changed"), "{later}");
}

#[test]
fn a_bundle_cut_or_gone_is_named() {
    for sql in [
        "UPDATE bundle SET entries = substr(entries, 1, length(entries) - 1) WHERE n = 0",
        "UPDATE bundle SET entries = CAST(entries || X'0000' AS BLOB) WHERE n = 0",
        "UPDATE bundle SET entries = X'' WHERE n = 0",
        "UPDATE bundle SET entries = CAST(X'FFFF' || substr(entries, 3) AS BLOB) WHERE n = 0",
        "DELETE FROM bundle WHERE n = 0",
        "UPDATE bundle SET n = 7 WHERE n = 0",
    ] {
        let error = after(sql);
        assert!(error.contains("Row 0 of the record's entries is missing or damaged."), "{error}");
    }
}

#[test]
fn a_changed_leaf_names_its_entry() {
    let leaf = after(&flip("tile", "hashes", 32 * 5 + 7, "level = 0 AND n = 0"));
    assert!(leaf.contains("its 460 entries do not lead to the signed head"), "{leaf}");
    assert!(leaf.contains("Entry 5 "), "{leaf}");
    for sql in [
        "UPDATE tile SET hashes = substr(hashes, 1, length(hashes) - 1) WHERE level = 0 AND n = 1",
        "UPDATE tile SET hashes = X'' WHERE level = 0 AND n = 1",
        "DELETE FROM tile WHERE level = 0 AND n = 1",
    ] {
        let error = after(sql);
        assert!(error.contains("Row 1 of the record's leaves is missing or damaged."), "{error}");
    }
}

#[test]
fn a_changed_tile_above_is_found() {
    for sql in [
        flip("tile", "hashes", 3, "level = 1"),
        "UPDATE tile SET hashes = X'' WHERE level = 1".into(),
        "DELETE FROM tile WHERE level = 1".into(),
    ] {
        let error = after(&sql);
        assert!(error.contains("Row 0 of the record's tree is missing or damaged."), "{error}");
    }
}

#[test]
fn changed_words_name_their_entry() {
    for sql in [
        flip("text", "words", 2, "entry = 2 AND field = 'why'"),
        flip("text", "salt", 32, "entry = 2 AND field = 'why'"),
        "UPDATE text SET words = CAST(X'FF' AS TEXT) WHERE entry = 2 AND field = 'why'".into(),
        "UPDATE text SET salt = X'00' WHERE entry = 2 AND field = 'why'".into(),
        "UPDATE text SET field = 'text' WHERE entry = 2 AND field = 'why'".into(),
        "UPDATE text SET field = 'wherefore' WHERE entry = 2 AND field = 'why'".into(),
        "INSERT INTO text SELECT assembly, entry, 'source', salt, words FROM text WHERE entry = 2 AND field = 'why'"
            .into(),
    ] {
        let error = after(&sql);
        assert!(error.contains("The text kept beside entry 2 is not the one"), "{sql}: {error}");
    }
    let beyond = after("UPDATE text SET entry = 9000 WHERE entry = 2 AND field = 'why'");
    assert!(beyond.contains("beside entry 9000 "), "{beyond}");
}

#[test]
fn a_changed_head_is_not_believed() {
    for at in [3, 30, 45, 70, 110] {
        let error = after(&flip("assembly", "checkpoint", at, "id = 1"));
        assert!(error.contains("The signed head of the record cannot be trusted"), "{error}");
    }
    let other = after("UPDATE assembly SET checkpoint = ''");
    assert!(other.contains("The signed head of the record cannot be trusted"), "{other}");
}

#[test]
fn a_changed_or_lost_key_is_found() {
    let changed = after(&flip("signing_key", "seed", 9, "assembly = 1"));
    assert!(changed.contains("The signed head of the record cannot be trusted"), "{changed}");
    for sql in ["DELETE FROM signing_key", "UPDATE signing_key SET seed = X'00'"] {
        let error = after(sql);
        assert!(error.contains("The signing key of the record is missing or damaged."), "{error}");
    }
    let named = after("UPDATE assembly SET origin = 'veche.example/other/record'");
    assert!(named.contains("The signed head of the record cannot be trusted"), "{named}");
}

/// An older head, rightly signed, over the record as it was then: going on from it would sign a second
/// head for a size.
#[test]
fn a_head_that_is_not_the_last_one_signed_is_refused() {
    for sql in [
        "DELETE FROM signed_head WHERE size = 460",
        "UPDATE signed_head SET root = zeroblob(32) WHERE size = 460",
        "INSERT INTO signed_head SELECT assembly, 461, root FROM signed_head WHERE size = 460",
    ] {
        let error = after(sql);
        assert!(
            error.contains("The signed head of the record counts 460 entries, but the last one"),
            "{error}"
        );
    }
}
