//! `veche keys`, and everybody who checks with an old key: led to the new one, and not to a forged one.

mod common;

use common::{Server, json, run};
use record::note::SigningKey;
use record::rekey::Rekey;
use serde_json::Value;
use std::path::Path;

fn text(path: &Path) -> &str {
    path.to_str().expect("a path")
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

fn keys(data: &Path, what: &[&str], code: i32) -> Value {
    json(&[&["keys"], what, &["--data", text(data)]].concat(), code)
}

fn newest(shown: &Value) -> String {
    let all = shown["keys"].as_array().expect("keys");
    all.last().expect("one")["key"].as_str().expect("a key").to_owned()
}

fn signing(shown: &Value) -> Vec<bool> {
    shown["keys"].as_array().expect("keys").iter().filter_map(|key| key["signs"].as_bool()).collect()
}

#[test]
fn whoever_trusts_the_old_key_is_led_to_the_new_one() {
    let (data, out) = (folder(), folder());
    let server = Server::start("demo", data.path());
    let old = newest(&keys(data.path(), &["show"], 0));
    let at = |name: &str| out.path().join(name);
    let answer = server.respond("lindenhof", 1, "agree");
    std::fs::write(at("before.txt"), answer["receipt"].as_str().expect("a receipt")).expect("a file");
    let copies = ["early", "late", "fresh"].map(at);
    for copy in &copies[..2] {
        json(&["mirror", &server.url, text(copy)], 0);
    }

    // Beside the running server.
    let rotated = keys(data.path(), &["rotate"], 0);
    let new = newest(&rotated);
    assert_ne!(old, new);
    assert_eq!(signing(&rotated), [true, true]);
    assert_eq!(String::from_utf8(server.get("/lindenhof/record/key")).expect("text").trim(), new);
    let answer = server.respond("lindenhof", 2, "pass");
    std::fs::write(at("both.txt"), answer["receipt"].as_str().expect("a receipt")).expect("a file");
    json(&["mirror", &server.url, text(&copies[0])], 0);
    for key in [&old, &new] {
        json(&["verify", &server.url, "--key", key], 0);
        json(&["mirror", &server.url, text(&copies[0]), "--key", key], 0);
    }

    let retired = keys(data.path(), &["retire"], 0);
    assert_eq!(signing(&retired), [false, true]);
    let answer = server.respond("lindenhof", 3, "disagree");
    std::fs::write(at("after.txt"), answer["receipt"].as_str().expect("a receipt")).expect("a file");
    // One copy saw the change, one did not, one is new.
    for copy in &copies {
        json(&["mirror", &server.url, text(copy)], 0);
        json(&["mirror", &server.url, text(copy), "--key", &old], 0);
        json(&["mirror", &server.url, text(copy), "--key", &new], 0);
    }
    json(&["export", &server.url, "--all", "-o", text(&at("all.tar"))], 0);
    for place in [&*server.url, text(data.path()), text(&copies[1]), text(&at("all.tar"))] {
        for arguments in [&["verify", place][..], &["recount", place]] {
            json(arguments, 0);
            json(&[arguments, &["--key", &old]].concat(), 0);
            json(&[arguments, &["--key", &new]].concat(), 0);
        }
        let checked = json(&["verify", place, "--key", &old], 0);
        assert_eq!(
            (checked["key"].as_str(), checked["keys"].as_array().map(Vec::len)),
            (Some(&*new), Some(2))
        );
    }
    let said = String::from_utf8(run(&["verify", &server.url, "--key", &old]).stdout).expect("text");
    assert!(said.contains(&format!("Signed by {new}")) && said.contains("signed by both"), "{said}");

    // Receipts from before, between and after, for whoever knows either key.
    for name in ["before.txt", "both.txt", "after.txt"] {
        for key in [&old, &new] {
            json(&["verify-receipt", text(&at(name)), "--from", &server.url, "--key", key], 0);
        }
        json(&["verify-receipt", text(&at(name)), "--from", text(&copies[0])], 0);
    }
    let alone = json(&["verify-receipt", text(&at("after.txt")), "--entry", "x", "--key", &old], 1);
    assert!(alone["not_shown"][0].as_str().expect("a sentence").contains("--from"), "{alone}");

    // Neither a stranger's key nor one of the same name that the record never had.
    let name = old.split('+').next().expect("a name");
    let stranger = SigningKey::from_seed(&[9; 32], name).expect("a key").verifier().to_string();
    for place in [&*server.url, text(&copies[0]), text(&at("all.tar"))] {
        let checked = json(&["verify", place, "--key", &stranger], 1);
        assert!(
            checked["problems"][0]["sentence"].as_str().expect("a sentence").contains("never had the key")
        );
    }
    json(&["mirror", &server.url, text(&copies[0]), "--key", &stranger], 2);
    json(&["mirror", &server.url, text(&at("nothing")), "--key", &stranger], 1);
    json(&["verify-receipt", text(&at("after.txt")), "--from", &server.url, "--key", &stranger], 1);

    // Without a server, with a key made in advance, and back from a start.
    drop(server);
    let created = keys(data.path(), &["create", "-o", text(&at("next.key"))], 0);
    let secret = std::fs::read_to_string(at("next.key")).expect("the key");
    assert!(secret.starts_with("PRIVATE+KEY+"), "the form others read");
    assert_eq!(
        std::os::unix::fs::MetadataExt::mode(&std::fs::metadata(at("next.key")).expect("it")) & 0o777,
        0o600
    );
    let rotated = keys(data.path(), &["rotate", "--to", text(&at("next.key"))], 0);
    assert_eq!(newest(&rotated), created["key"].as_str().expect("a key"));
    let again = keys(data.path(), &["rotate", "--to", text(&at("next.key"))], 2);
    assert!(again["error"].as_str().expect("a sentence").contains("signs already"), "{again}");
    std::fs::write(at("next.key"), secret.replace("lindenhof", "birkenhof")).expect("a file");
    keys(data.path(), &["rotate", "--to", text(&at("next.key"))], 2);
    let server = Server::start("serve", data.path());
    let url = server.url.clone();
    json(&["verify", &url, "--key", &old], 0);
    json(&["mirror", &url, text(&copies[1]), "--key", &old], 0);
}

/// Somebody with the old key alone, and somebody with the new key alone, write a change into a record of their own.
#[test]
fn a_forged_change_of_keys_is_named_by_its_entry() {
    let (data, out) = (folder(), folder());
    drop(Server::start("demo", data.path()));
    let shown = keys(data.path(), &["rotate"], 0);
    let entry = shown["keys"][1]["entry"].as_u64().expect("an entry");
    let origin = shown["origin"].as_str().expect("a name").to_owned();
    let thief = SigningKey::from_seed(&[3; 32], &origin).expect("a key");
    // The database is forged as a whole: entry, tree and head are the thief's, everything else fits.
    let (real, ours) = (shown["keys"][0]["key"].as_str().expect("a key"), thief.verifier().to_string());
    let (_, by_new) = Rekey::sign(entry, &SigningKey::from_seed(&[4; 32], &origin).expect("a key"), &thief)
        .expect("signed");
    let copy = out.path().join("copy");
    let source = store::Reader::open(data.path()).expect("the folder");
    let listed = source.assemblies().expect("assemblies").remove(0);
    let mut entries = Vec::new();
    for path in record::tile::bundles(entry) {
        let bytes = source.bundle(&listed, path).expect("rows").expect("a row");
        let all = record::tile::decode_bundle(&bytes, path.width()).expect("entries");
        entries.extend(all.into_iter().map(<[u8]>::to_vec));
    }
    let at = String::from_utf8_lossy(entries.last().expect("one"))
        .split("\"at\":")
        .nth(1)
        .and_then(|rest| rest.split(',').next().map(str::to_owned))
        .expect("a time");
    entries.push(
        format!(r#"{{"v":1,"at":{at},"kind":"roll.rekeyed","key":"{ours}","by_old":"{by_new}","by_new":"{by_new}"}}"#)
            .into_bytes(),
    );
    common::write_record(&copy, &origin, &entries, &[&thief]);
    for index in 0..entry {
        let texts = source.texts(&listed, index).expect("texts");
        let fields: Vec<_> = texts.iter().map(|(field, _)| *field).collect();
        if let Some(file) = web::bundle::text_file(index, &fields, &texts) {
            std::fs::create_dir_all(copy.join("text")).expect("a folder");
            std::fs::write(copy.join(format!("text/{index}")), file).expect("a file");
        }
    }
    for arguments in [&["verify", text(&copy)][..], &["verify", text(&copy), "--key", real]] {
        let checked = json(arguments, 1);
        let problem = &checked["problems"][0];
        assert_eq!(problem["entry"].as_u64(), Some(entry), "{checked}");
        assert!(
            problem["sentence"].as_str().expect("a sentence").contains("without the right to"),
            "{checked}"
        );
    }
    json(&["verify", text(&copy), "--key", &ours], 1);
    json(&["recount", text(&copy)], 1);
}
