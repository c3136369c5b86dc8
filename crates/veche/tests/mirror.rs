//! `mirror` against a running server: a whole copy, going on after a stop, refusing a fork.

mod common;

use common::{Server, json, veche};
use record::checkpoint::SignedCheckpoint;
use record::tile::{bundles, tiles};
use serde_json::Value;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::Stdio;

fn text(path: &Path) -> &str {
    path.to_str().expect("a path")
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

fn copy_data(from: &Path, to: &Path) {
    for file in std::fs::read_dir(from).expect("the folder") {
        let file = file.expect("a file");
        // The socket for orders belongs to the process that made it.
        if file.path().is_dir() {
            continue;
        }
        std::fs::copy(file.path(), to.join(file.file_name())).expect("a copy");
    }
}

/// Every file under a folder, by its path in it.
fn files(folder: &Path) -> Vec<String> {
    let (mut found, mut open) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(next) = open.pop() {
        for path in std::fs::read_dir(next).expect("a folder").map(|entry| entry.expect("an entry").path()) {
            if path.is_dir() {
                open.push(path);
            } else {
                found.push(text(path.strip_prefix(folder).expect("below it")).to_owned());
            }
        }
    }
    found.sort();
    found
}

/// The files of the record are there, of its present width only, and are what the server gives.
fn is_whole(copy: &Path, server: &Server) {
    let head = SignedCheckpoint::from_bytes(&std::fs::read(copy.join("checkpoint")).expect("the head"));
    let size = head.expect("a head").checkpoint().size();
    let mut expected: Vec<String> = tiles(size).map(|path| path.to_string()).collect();
    expected.extend(bundles(size).map(|path| path.to_string()));
    expected.sort();
    let found = files(copy);
    let tiles: Vec<_> = found.iter().filter(|name| name.starts_with("tile/")).cloned().collect();
    assert_eq!(tiles, expected);
    for name in found.iter().filter(|name| *name != "mirror.lock") {
        let kept = std::fs::read(copy.join(name)).expect(name);
        assert_eq!(kept, server.get(&format!("/lindenhof/record/{name}")), "{name}");
    }
}

#[test]
fn a_copy_is_the_record_and_grows_with_it() {
    let (data, copy) = (folder(), folder());
    let copy = copy.path().join("made/by/mirror");
    let server = Server::start("demo", data.path());
    let first = json(&["mirror", &server.url, text(&copy)], 0);
    assert!(first["size"].as_u64() > Some(2_000) && first["texts"].as_u64() > Some(10), "{first}");
    is_whole(&copy, &server);
    json(&["verify", text(&copy)], 0);
    json(&["recount", text(&copy)], 0);

    let again = json(&["mirror", &server.url, text(&copy)], 0);
    assert_eq!((&again["before"], &again["fetched"]), (&first["size"], &Value::from(0)), "{again}");
    for response in ["agree", "pass", "disagree"] {
        server.respond("lindenhof", 1, response);
    }
    let grown = json(&["mirror", &server.url, text(&copy)], 0);
    assert!(grown["size"].as_u64() > first["size"].as_u64(), "{grown}");
    assert!(grown["fetched"].as_u64() < Some(100_000), "only the last row is fetched: {grown}");
    is_whole(&copy, &server);
    json(&["verify", text(&copy)], 0);

    // Interrupted: the head was not written yet, and what is beyond it is in any state.
    let broken = folder();
    std::fs::create_dir_all(broken.path().join("tile/entries")).expect("a folder");
    std::fs::copy(copy.join("tile/entries/000"), broken.path().join("tile/entries/000")).expect("a file");
    std::fs::write(broken.path().join("tile/entries/001"), b"half a fi").expect("a file");
    let resumed = json(&["mirror", &server.url, text(broken.path())], 0);
    assert!(resumed["fetched"].as_u64() < first["fetched"].as_u64(), "{resumed}");
    is_whole(broken.path(), &server);

    // Another key than the one it was begun with.
    let other = "example.org/log+8f13f9e4+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c";
    let failed = json(&["mirror", &server.url, text(&copy), "--key", other], 2);
    assert!(
        failed["error"].as_str().unwrap_or_default().contains("not of a record with that key"),
        "{failed}"
    );
    let place = text(data.path());
    for arguments in [["mirror", place, text(&copy)], ["mirror", &server.url, place]] {
        let failed = json(&arguments, 2);
        assert!(failed["error"].as_str().unwrap_or_default().ends_with('.'), "{failed}");
    }
    drop(server);
    json(&["mirror", "http://127.0.0.1:9/lindenhof", text(&copy)], 2);
    json(&["verify", text(&copy)], 0);
}

/// Told at every run, until the text is back or an entry says that it was erased; `verify` on the copy says it, too.
#[test]
fn a_text_that_is_missing_is_missed_at_every_run() {
    let (data, copy) = (folder(), folder());
    let server = Server::start("demo", data.path());
    let db = rusqlite::Connection::open(data.path().join(store::DATABASE)).expect("the database");
    db.busy_timeout(std::time::Duration::from_secs(20)).expect("patience");
    db.execute_batch("CREATE TEMP TABLE kept AS SELECT * FROM text ORDER BY entry DESC LIMIT 2")
        .expect("a copy");
    let entries: Vec<u64> = db
        .prepare("SELECT entry FROM kept ORDER BY entry")
        .and_then(|mut query| query.query_map([], |row| row.get::<_, i64>(0))?.collect::<Result<Vec<_>, _>>())
        .expect("entries")
        .into_iter()
        .map(i64::unsigned_abs)
        .collect();
    db.execute_batch("DELETE FROM text WHERE entry IN (SELECT entry FROM kept)").expect("a deletion");
    let missed = |code: i32| -> Vec<u64> {
        let copied = json(&["mirror", &server.url, text(copy.path())], code);
        let verified = json(&["verify", text(copy.path())], code);
        let of = |found: &Value| -> Vec<u64> {
            let problems = found["problems"].as_array().expect("problems");
            problems.iter().map(|problem| problem["entry"].as_u64().expect("an entry")).collect()
        };
        assert_eq!(of(&copied), of(&verified));
        of(&copied)
    };
    assert_eq!(missed(1), entries);
    assert_eq!(missed(1), entries, "nothing new, and still missing");
    server.respond("lindenhof", 1, "agree");
    assert_eq!(missed(1), entries, "something new, and still missing");
    // One is put back; of the other an entry says that it is gone.
    db.execute("INSERT INTO text SELECT * FROM kept WHERE entry = ?1", [entries[0].to_string()])
        .expect("a row");
    assert_eq!(missed(1), entries[1..]);
    json(
        &[
            "erase",
            "--data",
            text(data.path()),
            "--entry",
            &entries[1].to_string(),
            "--ground",
            "court-order",
        ],
        0,
    );
    assert_eq!(missed(0), [0; 0]);
    assert!(!copy.path().join("missing.json").exists());
    assert_eq!(missed(0), [0; 0]);
}

#[test]
fn a_fork_and_a_shorter_record_are_refused_and_written_down() {
    let (data, backup, copy) = (folder(), folder(), folder());
    drop(Server::start("demo", data.path()));
    copy_data(data.path(), backup.path());
    let server = Server::start("serve", data.path());
    server.respond("lindenhof", 1, "agree");
    server.respond("lindenhof", 2, "agree");
    json(&["mirror", &server.url, text(copy.path())], 0);
    drop(server);
    let before = std::fs::read(copy.path().join("checkpoint")).expect("the head");

    // The backup is shorter; then it goes on with other acts, to the same size and beyond.
    let server = Server::start("serve", backup.path());
    for (acts, why) in
        [(0, "become shorter"), (1, "two records that part"), (1, "two records"), (3, "two records")]
    {
        for _ in 0..acts {
            server.respond("lindenhof", 1, "disagree");
        }
        let refused = json(&["mirror", &server.url, text(copy.path())], 1);
        let sentence = refused["problems"][0]["sentence"].as_str().unwrap_or_default();
        assert!(sentence.contains(why), "{refused}");
        let evidence = PathBuf::from(refused["evidence"].as_str().expect("the evidence"));
        let head = |name: &str| {
            SignedCheckpoint::from_bytes(&std::fs::read(evidence.join(name)).expect(name)).expect("a head")
        };
        assert_eq!(head("remembered.checkpoint").to_string().into_bytes(), before);
        let served = head("served.checkpoint").to_string().into_bytes();
        assert_eq!(served, server.get("/lindenhof/record/checkpoint"));
        let means = std::fs::read_to_string(evidence.join("what-this-means.txt")).expect("words");
        assert!(means.contains(sentence), "{means}");
    }
    let longer = files(&copy.path().join("evidence"));
    assert_eq!(longer.len(), 4 * 3, "{longer:?}");
    assert_eq!(std::fs::read(copy.path().join("checkpoint")).expect("the head"), before);
    json(&["verify", text(copy.path())], 0);
}

#[test]
fn a_copy_is_followed_and_offered() {
    let (data, copy, second) = (folder(), folder(), folder());
    let server = Server::start("demo", data.path());
    let arguments =
        ["--json", "mirror", &server.url, text(copy.path()), "--every", "1", "--serve", "127.0.0.1:0"];
    let mut child = veche(&arguments).stdout(Stdio::piped()).spawn().expect("the program starts");
    let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
    let mut next =
        || -> Value { serde_json::from_str(&lines.next().expect("a line").expect("text")).expect("JSON") };
    let url = next()["url"].as_str().expect("an address").to_owned();
    let size = next()["size"].as_u64();
    let narrow = size.map(|size| size % 256).filter(|width| *width > 0).expect("a narrow row");
    let last = size.expect("a size") / 256;
    let bundle = format!("tile/entries/{last:03}.p/{narrow}");
    server.respond("lindenhof", 1, "agree");
    while next()["size"].as_u64() <= size {}

    // What has become wider in the copy is still there in its old width, as at the server itself.
    for path in [bundle, format!("tile/0/{last:03}.p/{narrow}"), "checkpoint".into(), "text/0".into()] {
        let mut from_copy = ureq::get(format!("{url}/{path}")).call().expect(&path);
        let mut original = ureq::get(format!("{}/lindenhof/record/{path}", server.url)).call().expect(&path);
        for header in ["content-type", "cache-control", "content-security-policy", "x-content-type-options"] {
            assert_eq!(from_copy.headers().get(header), original.headers().get(header), "{path} {header}");
        }
        let bytes = from_copy.body_mut().read_to_vec().expect("a body");
        assert_eq!(bytes, original.body_mut().read_to_vec().expect("a body"), "{path}");
    }
    let failing = [
        "mirror.lock",
        "../checkpoint",
        "%2e%2e/checkpoint",
        "tile/%2e%2e/mirror.lock",
        "tile/0/..%2f..%2fmirror.lock",
        "tile/0/999",
        "text/..%2fmirror.lock",
        "text/00",
        "text/999999",
        "evidence",
        "",
    ];
    for path in failing {
        let answer = ureq::get(format!("{url}/{path}")).call();
        assert!(matches!(answer, Err(ureq::Error::StatusCode(404))), "{path}");
    }
    assert!(matches!(ureq::get(format!("{url}/checkpoint?x")).call(), Err(ureq::Error::StatusCode(400))));
    let busy = json(&["mirror", &server.url, text(copy.path())], 2);
    assert!(busy["error"].as_str().unwrap_or_default().contains("Another Veche"), "{busy}");

    // A stranger checks the copy, and makes a copy of it, without the server.
    drop(server);
    json(&["verify", &url], 0);
    json(&["mirror", &url, text(second.path())], 0);
    json(&["verify", text(second.path())], 0);
    child.kill().expect("it runs");
    child.wait().expect("it ends");
}

#[test]
fn what_does_not_fit_is_not_copied() {
    // A copy with one changed file, offered by itself, is the dishonest server.
    let (data, copy) = (folder(), folder());
    let server = Server::start("demo", data.path());
    json(&["mirror", &server.url, text(copy.path())], 0);
    drop(server);
    let offer = || {
        let arguments =
            ["--json", "mirror", "http://127.0.0.1:9/x", text(copy.path()), "--serve", "127.0.0.1:0"];
        let mut child = veche(&arguments).stdout(Stdio::piped()).spawn().expect("the program starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("its output")).read_line(&mut line).expect("a line");
        let ready: Value = serde_json::from_str(&line).expect("JSON");
        (child, ready["url"].as_str().expect("an address").to_owned())
    };
    let (mut child, url) = offer();
    for (name, at, entry, why) in [
        ("tile/entries/003", 300, Some(768..1024), "is not what the signed head says"),
        ("text/2", 60, Some(2..3), "entry 2"),
        ("checkpoint", 70, None, "signed head"),
    ] {
        let file = copy.path().join(name);
        let whole = std::fs::read(&file).expect(name);
        let mut changed = whole.clone();
        changed[at] ^= 0x01;
        std::fs::write(&file, &changed).expect(name);
        let victim = folder();
        let found = json(&["mirror", &url, text(victim.path())], 1);
        let problem = &found["problems"][0];
        assert!(problem["sentence"].as_str().unwrap_or_default().contains(why), "{name}: {found}");
        assert!(
            entry.is_none_or(|range| range.contains(&problem["entry"].as_u64().unwrap_or(9_999))),
            "{found}"
        );
        assert!(!victim.path().join(name).exists() || !name.starts_with("tile"), "{name} was copied");
        std::fs::write(&file, &whole).expect(name);
        json(&["mirror", &url, text(victim.path())], 0);
    }
    child.kill().expect("it runs");
    child.wait().expect("it ends");
}
