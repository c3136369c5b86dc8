//! `veche count`: files in, results out, without a server.

mod common;

use common::json;
use std::path::Path;

fn write(folder: &Path, name: &str, text: &str) -> String {
    let file = folder.join(name);
    std::fs::write(&file, text).expect("writing");
    file.to_str().expect("a readable path").to_owned()
}

#[test]
fn a_file_of_votes_is_counted() {
    let folder = tempfile::tempdir().expect("a folder");
    let ballots = "3 1\n4 1 2 0\n3 2 1 0\n2 3 2 0\n0\n\"Ada\"\n\"Ben\"\n\"Cem\"\n\"A made-up election\"\n";
    let file = write(folder.path(), "made-up.blt", ballots);
    let html = folder.path().join("page.html");
    // First 4, 3, 2; Cem drops out, and his two votes make it Ben with 5 of 9.
    let counted = json(&["count", &file, "--rule", "irv", "--html", html.to_str().expect("a path")], 0);
    assert_eq!(counted["outcome"]["winners"], serde_json::json!([1]), "{counted}");
    let page = std::fs::read_to_string(html).expect("the page");
    assert!(page.contains("Ben") && !page.contains("<script"), "{page}");
    let other = folder.path().join("made-up.soi");
    json(&["count", &file, "--write", other.to_str().expect("a path")], 0);
    let again = json(&["count", other.to_str().expect("a path"), "--rule", "irv"], 0);
    assert_eq!(again["outcome"]["winners"], counted["outcome"]["winners"], "{again}");
    let wrong = folder.path().join("made-up.csv");
    let refused = json(&["count", &file, "--write", wrong.to_str().expect("a path")], 2);
    assert!(refused["error"].as_str().unwrap_or_default().contains("not a format"), "{refused}");
    let refused = json(&["count", &write(folder.path(), "cut.blt", "3 1\n4 1 2")], 2);
    assert!(refused["error"].as_str().unwrap_or_default().contains("line"), "{refused}");
    assert!(json(&["count", "--rules"], 0).is_array());
}
