//! A bundle: taken away from a server, a folder and a copy, checked with nothing else there; and archives that somebody
//! else made or changed.

mod common;

use common::{Server, json, run};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::path::Path;
use std::process::Command;
use web::bundle::tar::{self, BLOCK, END};

fn text(path: &Path) -> &str {
    path.to_str().expect("a path")
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

/// The files of an archive, in their order.
fn files(bundle: &[u8]) -> Vec<(String, Vec<u8>)> {
    let (mut found, mut rest) = (Vec::new(), bundle);
    while let Some(header) = rest.first_chunk::<BLOCK>().and_then(tar::read) {
        let length = usize::try_from(header.size).expect("small");
        found.push((header.name, rest[BLOCK..BLOCK + length].to_vec()));
        rest = &rest[BLOCK + length.next_multiple_of(BLOCK)..];
    }
    assert_eq!(rest, END);
    found
}

fn archive(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let packed = files.iter().flat_map(|(name, bytes)| tar::file(name, bytes, 0).expect("it fits"));
    packed.chain(END).collect()
}

fn hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The sentence with which a file is refused.
fn refused(file: &Path, bytes: &[u8]) -> String {
    std::fs::write(file, bytes).expect("a file");
    let failed = json(&["verify", text(file)], 2);
    json(&["recount", text(file)], 2);
    failed["error"].as_str().expect("a sentence").to_owned()
}

#[test]
fn a_bundle_is_the_same_from_everywhere_and_needs_nothing_else() {
    let (data, out) = (folder(), folder());
    let server = Server::start("demo", data.path());
    let at = |name: &str| out.path().join(name);
    let export = |place: &str, what: &[&str], name: &str| {
        let file = at(name);
        let done = json(&[&["export", place, "-o", text(&file)], what].concat(), 0);
        (done, std::fs::read(file).expect("the bundle"))
    };
    let (whole, all) = export(&server.url, &["--all"], "all.tar");
    let (part, one) = export(&server.url, &["--question", "1"], "one.tar");
    assert_eq!((&whole["published"], &part["published"]), (&Value::from(2), &Value::from(1)));
    assert_eq!(whole["record"]["size"], part["record"]["size"]);
    assert!(part["record"]["texts"].as_u64() < whole["record"]["texts"].as_u64());
    assert_eq!(
        part["record"]["texts"]
            .as_u64()
            .zip(part["record"]["left_out"].as_u64())
            .map(|(here, there)| here + there),
        whole["record"]["texts"].as_u64(),
        "the texts of one question, and those said to be left out, are all there are"
    );

    // A browser gets the same bytes, and so does whoever has the folder, a bundle, or (without results) a copy.
    assert_eq!(server.get("/lindenhof/bundle.tar"), all);
    assert_eq!(server.get("/lindenhof/q/1/bundle.tar"), one);
    assert_eq!(export(text(data.path()), &["--all"], "data.tar").1, all);
    assert_eq!(export(text(&at("all.tar")), &["--question", "1"], "again.tar").1, one);
    json(&["mirror", &server.url, text(&at("copy"))], 0);
    let (copied, from_copy) = export(text(&at("copy")), &["--all"], "copied.tar");
    assert!(copied["published"].is_null(), "{copied}");
    let rows = |bundle: &[u8]| {
        files(bundle).into_iter().filter(|(name, _)| name.contains("tile/")).collect::<Vec<_>>()
    };
    assert_eq!(rows(&from_copy), rows(&all));
    for arguments in [&["--all"][..], &["--question", "2"]] {
        let failed =
            json(&[&["export", text(&at("one.tar")), "-o", text(&at("no.tar"))], arguments].concat(), 2);
        assert!(failed["error"].as_str().expect("a sentence").contains("question 1 alone"), "{failed}");
    }
    let failed = json(&["export", &server.url, "--question", "9", "-o", text(&at("no.tar"))], 2);
    assert!(
        failed["error"].as_str().expect("a sentence").contains("no question 9") && !at("no.tar").exists()
    );
    let failed = json(&["export", &server.url, "--all", "-o", text(&at("all.tar"))], 2);
    assert!(failed["error"].as_str().expect("a sentence").contains("not written over"), "{failed}");

    // Nobody's words but those of the question are in its bundle; nobody's name is in either.
    let named = |bundle: &[u8]| files(bundle).into_iter().filter(|(name, _)| name.contains("text/")).count();
    assert!(named(&one) < named(&all));

    // Elsewhere, with the server gone.
    drop((server, data));
    for name in ["all.tar", "one.tar"] {
        let checked = json(&["verify", text(&at(name))], 0);
        assert_eq!(checked["warnings"].as_array().map(Vec::len), Some(0));
        let recounted = json(&["recount", text(&at(name))], 0);
        assert_eq!(recounted["compared"], if name == "all.tar" { 2 } else { 1 }, "{name}");
    }
    let said = String::from_utf8(run(&["verify", text(&at("one.tar"))]).stdout).expect("text");
    assert!(said.contains("This is a bundle of question 1: all entries are here"), "{said}");

    // Other people's tools read it, and the folder it makes is a copy of a record like any other.
    let unpacked = Command::new("tar").args(["xf", text(&at("one.tar")), "-C", text(out.path())]).output();
    let unpacked = unpacked.expect("tar runs");
    assert_eq!((unpacked.status.success(), &unpacked.stderr[..]), (true, &b""[..]));
    let copy = at("record");
    json(&["verify", text(&copy)], 0);
    assert_eq!(json(&["recount", text(&copy)], 0)["compared"], 1);
    let words = std::fs::read_to_string(copy.join("README.txt")).expect("words");
    assert!(words.contains("veche recount <this bundle> --question 1"), "{words}");
    std::fs::write(copy.join("README.txt"), words + " ").expect("a file");
    json(&["verify", text(&copy)], 2);
}

#[test]
fn every_changed_byte_of_a_bundle_is_named_or_refused() {
    let (data, export) = (folder(), folder());
    common::write_export(export.path(), 60);
    json(&["import", "polis", text(export.path()), "--data", text(data.path())], 0);
    let file = export.path().join("bundle.tar");
    json(&["export", text(data.path()), "--all", "-o", text(&file)], 0);
    let whole = std::fs::read(&file).expect("the bundle");
    // Somewhere in each header, content and filling, and at the end.
    let mut places = Vec::new();
    let mut at = 0;
    for (_, bytes) in files(&whole) {
        let ends = at + BLOCK + bytes.len();
        places.extend([
            at + 1,
            at + 130,
            at + 150,
            at + 300,
            at + BLOCK,
            at + BLOCK + bytes.len() / 2,
            ends - 1,
        ]);
        at = ends.next_multiple_of(BLOCK);
        places.extend((ends < at).then_some(at - 1));
    }
    places.extend([at + 9, whole.len() - 1]);
    for place in places {
        let mut changed = whole.clone();
        changed[place] ^= 0x04;
        std::fs::write(&file, &changed).expect("a file");
        let output = run(&["verify", text(&file)]);
        let said = [output.stdout, output.stderr].concat();
        assert!(
            matches!(output.status.code(), Some(1 | 2)),
            "byte {place}: {}",
            String::from_utf8_lossy(&said)
        );
    }
    for length in [0, 100, BLOCK, BLOCK + 10, whole.len() / 2, whole.len() - BLOCK, whole.len() - 1] {
        let sentence = refused(&file, &whole[..length]);
        assert!(
            sentence.contains("cut off") || sentence.contains("packed by another"),
            "{length}: {sentence}"
        );
    }
}

#[test]
fn a_changed_result_and_a_hostile_archive_are_found_out() {
    let (data, out) = (folder(), folder());
    let server = Server::start("demo", data.path());
    let file = out.path().join("bundle.tar");
    json(&["export", &server.url, "--question", "1", "-o", text(&file)], 0);
    let whole = files(&std::fs::read(&file).expect("the bundle"));
    let place = |name: &str| whole.iter().position(|(has, _)| has == &format!("record/{name}")).expect(name);
    let words = |name: &str| String::from_utf8(whole[place(name)].1.clone()).expect("text");

    // Somebody who knows the form publishes another number.
    let results = words("results.json");
    let agree = results.find("\"agree\":").expect("a number") + 8;
    let mut other = results.clone();
    other.replace_range(agree..=agree, if other[agree..].starts_with('1') { "2" } else { "1" });
    let forge = |about: String, results: &str| {
        let mut forged = whole.clone();
        forged[place("results.json")].1 = results.as_bytes().to_vec();
        forged[place("bundle.json")].1 = about.into_bytes();
        std::fs::write(&file, archive(&forged)).expect("a file");
    };
    let hash = |results: &str| hex(results.as_bytes());
    forge(words("bundle.json").replace(&hash(&results), &hash(&other)), &other);
    json(&["verify", text(&file)], 0);
    let recounted = json(&["recount", text(&file)], 1);
    let difference = recounted["differences"][0]["sentence"].as_str().expect("a sentence");
    assert!(difference.starts_with("Question 1: statement "), "{difference}");

    // The bundle of one question does not pass for that of another.
    forge(words("bundle.json").replace("\"question\":1", "\"question\":2"), &results);
    let checked = json(&["verify", text(&file)], 1);
    let sentences: Vec<_> =
        checked["problems"].as_array().expect("a list").iter().map(|one| &one["sentence"]).collect();
    assert!(
        sentences.iter().any(|said| said.as_str().is_some_and(|said| said.contains("is missing"))),
        "{checked}"
    );
    assert!(
        sentences.iter().any(|said| said.as_str().is_some_and(|said| said.contains("belong to no entry"))),
        "{checked}"
    );

    let with = |name: &str, bytes: &[u8]| {
        let mut more = whole.clone();
        more.push((name.into(), bytes.into()));
        archive(&more)
    };
    for (name, why) in [
        ("record/text/2", "twice"),
        ("record/text/02", "which no bundle has"),
        ("record/../../etc/passwd", "which no bundle has"),
        ("/etc/passwd", "which no bundle has"),
        ("record/text/999999999", "does not have"),
        ("record/tile/0/999", "does not have"),
        ("record/tile/entries/000.p/7", "does not have"),
    ] {
        let sentence = refused(&file, &with(name, b"{}"));
        assert!(sentence.contains(why), "{name}: {sentence}");
    }
    // Links, folders, long names and owners have other headers than Veche writes; so has whatever `tar` packs.
    let mut link = archive(&whole);
    link[156] = b'2';
    assert!(refused(&file, &link).contains("not a bundle that Veche wrote"));
    let mut huge = archive(&whole);
    let header = tar::file("record/README.txt", b"", 0).expect("a header");
    huge[..BLOCK].copy_from_slice(&header[..BLOCK]);
    huge[124..135].copy_from_slice(b"77777777777");
    huge[148..156].copy_from_slice(b"        ");
    let sum: u32 = huge[..BLOCK].iter().map(|byte| u32::from(*byte)).sum();
    huge[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    assert!(refused(&file, &huge).contains("more than it can be"));
    for name in ["README.txt", "bundle.json", "checkpoint", "results.json"] {
        let mut less = whole.clone();
        less.remove(place(name));
        assert!(refused(&file, &archive(&less)).contains(name), "{name}");
    }
    let mut less = whole.clone();
    less.remove(place("tile/entries/000"));
    std::fs::write(&file, archive(&less)).expect("a file");
    assert_eq!(json(&["verify", text(&file)], 1)["problems"][0]["entry"], 0);
}

#[test]
fn erased_words_are_in_no_bundle_and_a_quiet_deletion_shows() {
    let (data, out) = (folder(), folder());
    let server = Server::start("demo", data.path());
    let statement: Value =
        serde_json::from_slice(&server.get("/lindenhof/q/1/statements.json")).expect("statements");
    let first = &statement["statements"][0];
    let (entry, words) = (first["entry"].to_string(), first["text"].as_str().expect("words").to_owned());
    json(&["erase", "--data", text(data.path()), "--entry", &entry, "--ground", "unlawful"], 0);
    let file = out.path().join("bundle.tar");
    let done = json(&["export", &server.url, "--question", "1", "-o", text(&file)], 0);
    assert_eq!(done["record"]["erased"], 1, "{done}");
    let bundle = std::fs::read(&file).expect("the bundle");
    let holds =
        |bundle: &[u8], needle: &str| bundle.windows(needle.len()).any(|window| window == needle.as_bytes());
    assert!(!holds(&bundle, &words));
    assert!(!files(&bundle).iter().any(|(name, _)| *name == format!("record/text/{entry}")));
    drop(server);

    let db = rusqlite::Connection::open(data.path().join(store::DATABASE)).expect("the database");
    db.execute("DELETE FROM text WHERE entry = (SELECT max(entry) FROM text)", ()).expect("a deletion");
    drop(db);
    let quiet = out.path().join("quiet.tar");
    let done = json(&["export", text(data.path()), "--all", "-o", text(&quiet)], 1);
    assert!(
        done["record"]["problems"][0]["sentence"].as_str().expect("a sentence").contains("quietly"),
        "{done}"
    );
    json(&["verify", text(&quiet)], 1);
}
