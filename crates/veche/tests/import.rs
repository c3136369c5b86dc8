//! `veche import polis`: everything or nothing.

mod common;

use common::{Server, json, veche, write_export};
use std::path::Path;

fn path(folder: &Path) -> &str {
    folder.to_str().expect("a readable path")
}

#[test]
fn an_export_becomes_a_question() {
    let (export, data) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    write_export(export.path(), 40);
    let first = json(&["import", "polis", path(export.path()), "--data", path(data.path())], 0);
    assert_eq!(first["participants"], 40);
    assert_eq!(first["statements"], 5);
    assert_eq!(first["responses"], 200);
    assert_eq!(first["report"]["agree_is"], 1);
    // Question, provenance, 40 participants, 5 statements, 200 responses.
    assert_eq!(first["entries"], 247);
    let title = ["--title", "Once more?"];
    let arguments = ["import", "polis", path(export.path()), "--data", path(data.path()), title[0], title[1]];
    assert_eq!(json(&arguments, 0)["page"], "/assembly/q/2");

    let server = Server::start("serve", data.path());
    let page = String::from_utf8(server.get("/assembly/q/1")).expect("text");
    assert!(page.contains("Does it work?"));
    let other = String::from_utf8(server.get("/assembly/q/2")).expect("text");
    assert!(other.contains("Once more?"));
    let refused = json(&["import", "polis", path(export.path()), "--data", path(data.path())], 2);
    assert!(refused["error"].as_str().unwrap_or_default().contains("in use by another Veche"), "{refused}");
    // The question goes on living here.
    assert!(server.respond("assembly", 2, "disagree")["receipt"].is_string());
    json(&["recount", &server.url], 0);
}

#[test]
fn a_broken_export_leaves_nothing_behind() {
    let (export, data) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    write_export(export.path(), 40);
    json(&["import", "polis", path(export.path()), "--data", path(data.path())], 0);
    let before = json(&["verify", path(data.path())], 0);
    let votes = std::fs::read(export.path().join("votes.csv")).expect("the file");
    let text = String::from_utf8(votes.clone()).expect("text");
    let broken: [(&str, Vec<u8>); 7] = [
        ("nothing in it", Vec::new()),
        ("other columns", text.replacen("voter-id", "voter", 1).into_bytes()),
        ("not UTF-8", [&votes[..], b"1,-,0,\xff,1\n"].concat()),
        ("a vote for no statement", [&votes[..], b"1700000000000,-,77,3,1\n"].concat()),
        ("a vote that is none", [&votes[..], b"1700000000000,-,1,3,5\n"].concat()),
        ("a row cut off", votes[..votes.len() - 9].to_vec()),
        ("ten million columns", ",".repeat(10_000_000).into_bytes()),
    ];
    for (what, bytes) in broken {
        std::fs::write(export.path().join("votes.csv"), bytes).expect("writing");
        let refused = json(&["import", "polis", path(export.path()), "--data", path(data.path())], 2);
        let sentence = refused["error"].as_str().unwrap_or_default();
        assert!(sentence.starts_with("votes.csv"), "{what}: {sentence}");
        assert!(sentence.ends_with("Nothing was imported."), "{what}: {sentence}");
        let after = json(&["verify", path(data.path())], 0);
        assert_eq!(after["root"], before["root"], "{what}");
    }
}

/// Kills an import at many moments: the question is there whole, or not at all.
#[test]
fn a_killed_import_leaves_everything_or_nothing() {
    let (export, data) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    write_export(export.path(), 4_000);
    let arguments = ["import", "polis", path(export.path()), "--data", path(data.path())];
    let started = std::time::Instant::now();
    json(&arguments, 0);
    let whole = started.elapsed();
    // A question with its import is one transaction; its map comes right after, if the program lives so long.
    let each = 2 + 4_000 + 5 + 20_000;
    let mut questions = 1;
    for kill in 0..20u32 {
        let mut child = veche(&arguments)
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .expect("the program starts");
        std::thread::sleep(whole * kill / 20);
        child.kill().expect("a kill");
        child.wait().expect("its end");
        let found = json(&["verify", path(data.path())], 0)["size"].as_u64().expect("a size");
        let (there, maps) = ((found - 2) / each, (found - 2) % each);
        assert!((questions..=questions + 1).contains(&there) && maps <= there, "kill {kill}: {found}");
        questions = there;
    }
}

#[test]
#[cfg_attr(not(veche_data), ignore = "the real data is not here; set VECHE_DATA")]
fn every_real_conversation_is_imported_and_recounted() {
    let folder = Path::new(option_env!("VECHE_DATA_FOLDER").unwrap_or("."));
    let data = tempfile::tempdir().expect("a folder");
    let mut exports: Vec<_> = ["polis", "polis-gold"]
        .iter()
        .flat_map(|kind| std::fs::read_dir(folder.join(kind)).expect("the data"))
        .map(|entry| entry.expect("an entry").path())
        .collect();
    exports.sort();
    for export in &exports {
        json(&["import", "polis", path(export), "--data", path(data.path()), "--title", "Real"], 0);
    }
    let recounted = json(&["recount", path(data.path())], 0);
    let results = recounted["results"].as_array().expect("results");
    for (export, result) in exports.iter().zip(results) {
        let map = json(&["opinion", "map", path(export), "--method", "classic"], 0);
        let said =
            |statement: &serde_json::Value| ["agree", "disagree", "pass"].map(|key| statement[key].as_u64());
        let sorted = |mut all: Vec<[Option<u64>; 3]>| {
            all.retain(|said| said.iter().any(|count| *count > Some(0)));
            all.sort_unstable();
            all
        };
        let statements = |of: &serde_json::Value| of.as_array().expect("statements").clone();
        let there =
            statements(&map["map"]["statements"]).iter().map(|statement| said(&statement["tally"])).collect();
        let here = statements(&result["statements"]).iter().map(said).collect();
        // What the record says was said is what the files say: nothing was lost on the way.
        assert_eq!(sorted(here), sorted(there), "{}", export.display());
    }
}
