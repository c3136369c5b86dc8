//! An outsider checks: `verify` and `recount` on a running server, on its folder, and on a copy in which
//! single bytes were changed.

mod common;

use common::{Server, json};
use record::checkpoint::SignedCheckpoint;
use record::policy::Policy;
use record::receipt::Receipt;
use record::tile::{bundles, decode_bundle, tiles};
use std::path::Path;

/// Writes the record of a running server to plain files; gives the number of entries.
fn copy(server: &Server, assembly: &str, folder: &Path) -> u64 {
    let save = |path: &str| {
        let file = folder.join(path);
        std::fs::create_dir_all(file.parent().expect("a parent")).expect("a folder");
        std::fs::write(&file, server.get(&format!("/{assembly}/record/{path}"))).expect("a file");
    };
    save("checkpoint");
    let head = SignedCheckpoint::from_bytes(&std::fs::read(folder.join("checkpoint")).expect("the head"))
        .expect("a checkpoint");
    let size = head.checkpoint().size();
    tiles(size).for_each(|path| save(&path.to_string()));
    bundles(size).for_each(|path| save(&path.to_string()));
    for path in bundles(size) {
        let bytes = std::fs::read(folder.join(path.to_string())).expect("a bundle");
        for (index, entry) in
            (path.first_entry()..).zip(decode_bundle(&bytes, path.width()).expect("entries"))
        {
            let kind = String::from_utf8_lossy(entry).into_owned();
            let has_text = ["roll.founded", "question.opened", "question.imported", "talk.stated"];
            if has_text.iter().any(|name| kind.contains(name)) {
                save(&format!("text/{index}"));
            }
        }
    }
    size
}

#[test]
fn a_running_server_and_its_folder_check_out() {
    let data = tempfile::tempdir().expect("a folder");
    let server = Server::start("demo", data.path());
    let folder = data.path().to_str().expect("a path");
    let before = json(&["verify", &server.url], 0);
    assert!(before["size"].as_u64() > Some(2_000), "{before}");

    let answer = server.respond("lindenhof", 1, "agree");
    let entry = answer["entry"].as_u64().expect("the entry that says it");
    let receipt: Receipt = answer["receipt"].as_str().expect("a receipt").parse().expect("readable");
    let key = String::from_utf8(server.get("/lindenhof/record/key")).expect("text");
    let policy = Policy::new(key.trim().parse().expect("a key"), [], 0).expect("a policy");
    let copied = tempfile::tempdir().expect("a folder");
    let size = copy(&server, "lindenhof", copied.path());
    let last = bundles(size).find(|path| path.first_entry() + 256 > entry).expect("its bundle");
    let bytes = std::fs::read(copied.path().join(last.to_string())).expect("the bundle");
    let entries = decode_bundle(&bytes, last.width()).expect("entries");
    let said = entries[usize::try_from(entry - last.first_entry()).expect("small")];
    receipt.verify(said, &policy).expect("the receipt proves the entry");
    assert!(String::from_utf8_lossy(said).contains("\"statement\":1,\"response\":\"agree\""));

    for place in [server.url.as_str(), folder, copied.path().to_str().expect("a path")] {
        let after = json(&["verify", place], 0);
        assert_eq!(after["size"].as_u64(), Some(size), "{place}");
        assert_eq!(after["problems"].as_array().map(Vec::len), Some(0));
        json(&["verify", place, "--key", key.trim()], 0);
        let recounted = json(&["recount", place], 0);
        // Of each question its numbers, its map and the classic one.
        let compared = if place == server.url { 6 } else { 0 };
        assert_eq!(recounted["compared"].as_u64(), Some(compared), "{place}");
        assert_eq!(recounted["results"].as_array().map(Vec::len), Some(2));
    }
    json(&["recount", &format!("{}/lindenhof/q/1", server.url), "--question", "2"], 0);
    let missing = json(&["recount", &server.url, "--question", "9"], 2);
    assert_eq!(missing["error"], "There is no question 9 in this record.");
    let mistyped = "example.org/other/record+3b4f8a2e+AfXR5bjxYoF89JG/vTi5mxHKt05PcLHctj36PQOFfE/w";
    let failed = json(&["verify", &server.url, "--key", mistyped], 2);
    assert!(failed["error"].as_str().unwrap_or_default().contains("mistyped"), "{failed}");
    let other = "example.org/log+8f13f9e4+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c";
    let failed = json(&["verify", &server.url, "--key", other], 1);
    assert!(failed["problems"][0]["entry"].is_null(), "{failed}");
}

#[test]
fn every_changed_byte_of_a_copy_is_named() {
    let data = tempfile::tempdir().expect("a folder");
    let export = tempfile::tempdir().expect("a folder");
    common::write_export(export.path(), 60);
    let paths = [export.path(), data.path()].map(|path| path.to_str().expect("a path").to_owned());
    json(&["import", "polis", &paths[0], "--data", &paths[1]], 0);
    let server = Server::start("serve", data.path());
    let folder = tempfile::tempdir().expect("a folder");
    let size = copy(&server, "assembly", folder.path());
    drop(server);
    let place = folder.path().to_str().expect("a path");
    json(&["verify", place], 0);

    let mut files: Vec<String> =
        tiles(size).map(|path| path.to_string()).chain(bundles(size).map(|path| path.to_string())).collect();
    files.extend(["checkpoint".to_owned(), "text/0".to_owned(), "text/2".to_owned()]);
    for name in files {
        let file = folder.path().join(&name);
        let whole = std::fs::read(&file).expect(&name);
        // Every byte of every file is `record`'s own test; here, the sentences of the whole program.
        for place_in_file in (0..whole.len()).step_by(whole.len() / 9 + 1) {
            let mut changed = whole.clone();
            changed[place_in_file] ^= 0x08;
            std::fs::write(&file, &changed).expect(&name);
            let found = json(&["verify", place], 1);
            let problem = &found["problems"][0];
            let sentence = problem["sentence"].as_str().unwrap_or_default();
            if name == "checkpoint" {
                assert!(sentence.contains("checkpoint") || sentence.contains("key"), "{name}: {found}");
            } else {
                assert!(problem["entry"].is_u64(), "{name} at {place_in_file}: {found}");
                assert!(sentence.to_lowercase().contains("entr"), "{name} at {place_in_file}: {sentence}");
            }
            json(&["recount", place], 1);
        }
        std::fs::write(&file, &whole).expect(&name);
    }
    std::fs::remove_file(folder.path().join("text/2")).expect("a text");
    let quiet = json(&["verify", place], 1);
    assert_eq!(quiet["problems"][0]["entry"], 2, "{quiet}");
}

#[test]
fn what_is_not_a_record_is_said_in_a_sentence() {
    let empty = tempfile::tempdir().expect("a folder");
    let place = empty.path().to_str().expect("a path");
    for arguments in [&["verify", place][..], &["recount", place], &["verify", "http://127.0.0.1:9"]] {
        let failed = json(arguments, 2);
        let sentence = failed["error"].as_str().unwrap_or_default();
        assert!(sentence.ends_with('.') || sentence.ends_with('?'), "{sentence}");
    }
    let failed = json(&["serve", "--data", place, "--listen", "127.0.0.1:0"], 2);
    assert!(failed["error"].as_str().unwrap_or_default().contains("no assembly"), "{failed}");
}
