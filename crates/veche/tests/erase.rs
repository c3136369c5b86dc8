//! `erase` beside a running server and without one: no file holds the words any more, copies follow, and whoever
//! checks tells an erasure from a quiet deletion.

mod common;

use common::{Server, json, run};
use serde_json::Value;
use std::path::Path;
use std::time::{Duration, Instant};

fn text(path: &Path) -> &str {
    path.to_str().expect("a path")
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

/// A statement of the demonstration with its entry, its words and its salt.
struct Said {
    entry: u64,
    needles: Vec<Vec<u8>>,
}

fn statement(server: &Server, no: u32) -> Said {
    let read = |path: &str| -> Value { serde_json::from_slice(&server.get(path)).expect("JSON") };
    let entry = read(&format!("/lindenhof/q/1/s/{no}.json"))["entry"].as_u64().expect("an entry");
    let kept = read(&format!("/lindenhof/record/text/{entry}"));
    let kept = &kept["texts"]["text"];
    let (words, salt) = (kept["text"].as_str().expect("words"), kept["salt"].as_str().expect("a salt"));
    let raw: record::commitment::Salt = serde_json::from_value(kept["salt"].clone()).expect("a salt");
    Said { entry, needles: vec![words.as_bytes().to_vec(), salt.as_bytes().to_vec(), raw.0.to_vec()] }
}

/// Every file under a folder that holds the words or the salt.
fn traces(folder: &Path, said: &Said) -> Vec<String> {
    let (mut found, mut open) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(next) = open.pop() {
        for entry in std::fs::read_dir(next).expect("a folder").map(|entry| entry.expect("an entry")) {
            let kind = entry.file_type().expect("a kind");
            if kind.is_dir() {
                open.push(entry.path());
            } else if kind.is_file() {
                let bytes = std::fs::read(entry.path()).expect("a file");
                let holds = |needle: &Vec<u8>| bytes.windows(needle.len()).any(|window| window == *needle);
                if said.needles.iter().any(holds) {
                    found.push(entry.path().display().to_string());
                }
            }
        }
    }
    found
}

fn erase(data: &Path, entry: u64, code: i32) -> Value {
    let entry = entry.to_string();
    json(&["erase", "--data", text(data), "--entry", &entry, "--ground", "personal-data-of-another"], code)
}

fn problems(checked: &Value) -> Vec<&str> {
    let problems = checked["problems"].as_array().expect("problems");
    problems.iter().map(|problem| problem["sentence"].as_str().expect("a sentence")).collect()
}

#[test]
fn erasing_beside_a_running_server_reaches_every_file_and_every_copy() {
    let (data, copy, fresh) = (folder(), folder(), folder());
    let server = Server::start("demo", data.path());
    let said = statement(&server, 1);
    assert!(!traces(data.path(), &said).is_empty(), "the test does not see words that are there");
    json(&["mirror", &server.url, text(copy.path())], 0);
    assert_eq!(traces(copy.path(), &said).len(), 1);
    // What an interrupted run left of it.
    let left = copy.path().join(format!("text/{}.tmp", said.entry));
    std::fs::copy(copy.path().join(format!("text/{}", said.entry)), &left).expect("a file");
    // Others have the database open.
    let reader = store::Reader::open(data.path()).expect("a reader");
    reader.assemblies().expect("a list");

    let done = erase(data.path(), said.entry, 0);
    assert_eq!((done["entry"].as_u64(), &done["gone_from_files"]), (Some(said.entry), &Value::from(true)));
    assert_eq!(traces(data.path(), &said), [""; 0]);
    let again = erase(data.path(), said.entry, 2);
    assert!(again["error"].as_str().expect("a sentence").contains("erased before"), "{again}");

    // The copy as it was holds for the head it has; then it follows.
    json(&["verify", text(copy.path())], 0);
    let followed = json(&["mirror", &server.url, text(copy.path())], 0);
    assert_eq!(followed["erased"], 1, "{followed}");
    let whole = json(&["mirror", &server.url, text(fresh.path())], 0);
    assert_eq!((&whole["erased"], problems(&whole).len()), (&Value::from(1), 0), "{whole}");
    for folder in [copy.path(), fresh.path()] {
        assert_eq!(traces(folder, &said), [""; 0]);
    }
    for place in [&server.url, text(data.path()), text(copy.path()), text(fresh.path())] {
        let checked = json(&["verify", place], 0);
        assert_eq!(
            (&checked["erased"], checked["warnings"].as_array().map(Vec::len)),
            (&Value::from(1), Some(0))
        );
        let recounted = json(&["recount", place], 0);
        assert_eq!(recounted["record"]["erased"], 1);
        let sentence = String::from_utf8(run(&["verify", place]).stdout).expect("text");
        assert!(sentence.contains("1 text was erased, with its entry."), "{sentence}");
    }

    // Words that a copy keeps nevertheless are said to be there.
    let kept = format!(
        r#"{{"index":{},"texts":{{"text":{{"salt":"{}","text":"{}"}}}}}}"#,
        said.entry,
        String::from_utf8_lossy(&said.needles[1]),
        String::from_utf8_lossy(&said.needles[0])
    );
    std::fs::write(copy.path().join(format!("text/{}", said.entry)), kept).expect("a file");
    let checked = json(&["verify", text(copy.path())], 0);
    let warning = checked["warnings"][0]["sentence"].as_str().expect("a sentence");
    assert!(warning.contains("is still here, although entry"), "{warning}");

    // A text that goes without an entry is missed.
    let quiet = statement(&server, 2);
    std::fs::remove_file(fresh.path().join(format!("text/{}", quiet.entry))).expect("a file");
    let checked = json(&["verify", text(fresh.path())], 1);
    assert_eq!(
        problems(&checked),
        [format!(
            "The text of entry {} is missing, and no entry says that it was erased: somebody deleted it quietly.",
            quiet.entry
        )]
    );
    json(&["recount", text(fresh.path())], 1);
}

#[test]
fn a_kill_right_after_the_commit_is_healed_by_the_next_start() {
    let data = folder();
    let server = Server::start("demo", data.path());
    let said = statement(&server, 3);
    // A reader that does not end keeps the log from being cut.
    let reader = rusqlite::Connection::open(data.path().join(store::DATABASE)).expect("the database");
    reader.execute_batch("BEGIN; SELECT * FROM text;").expect("a transaction");
    let done = erase(data.path(), said.entry, 0);
    assert_eq!(done["gone_from_files"], false, "{done}");
    drop(server);
    // The files as a loss of power leaves them: a reader that ends would tidy up.
    let left = folder();
    for name in ["veche.db", "veche.db-wal"] {
        std::fs::copy(data.path().join(name), left.path().join(name)).expect("a copy");
    }
    assert!(!traces(left.path(), &said).is_empty(), "the kill came too late to show anything");
    let server = Server::start("serve", left.path());
    let started = Instant::now();
    while !traces(left.path(), &said).is_empty() {
        assert!(started.elapsed() < Duration::from_secs(20), "{:?}", traces(left.path(), &said));
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(json(&["verify", &server.url], 0)["erased"], 1);
}

#[test]
fn erasing_needs_no_server() {
    let data = folder();
    let server = Server::start("demo", data.path());
    let said = statement(&server, 1);
    drop(server);
    let entry = said.entry.to_string();
    let output = run(&["erase", "--data", text(data.path()), "--entry", &entry, "--ground", "court-order"]);
    let sentence = String::from_utf8(output.stdout).expect("text");
    assert!(sentence.contains("a court or an authority ordered it"), "{sentence}");
    assert!(sentence.contains("No file of the data folder holds the words any more."), "{sentence}");
    assert_eq!(traces(data.path(), &said), [""; 0]);
    json(&["verify", text(data.path())], 0);
    let nothing = erase(data.path(), 999_999, 2);
    assert!(nothing["error"].as_str().expect("a sentence").contains("no entry 999999"), "{nothing}");
    let nothing = json(&["erase", "--data", text(data.path()), "--entry", "1", "--ground", "unlawful"], 2);
    assert!(nothing["error"].as_str().expect("a sentence").contains("has no text “text”"), "{nothing}");
    let other = run(&["erase", "--data", text(data.path()), "--entry", &entry, "--ground", "dislike"]);
    assert_eq!(other.status.code(), Some(2), "grounds are a closed list");
    let quiet = rusqlite::Connection::open(data.path().join(store::DATABASE)).expect("the database");
    quiet.execute("DELETE FROM text WHERE entry = 0", ()).expect("a deletion");
    drop(quiet);
    let checked = json(&["verify", text(data.path())], 1);
    assert_eq!(problems(&checked).len(), 1, "{checked}");
    assert!(problems(&checked)[0].starts_with("The title of entry 0 is missing"), "{checked}");
}

#[test]
fn a_link_from_the_command_line_works_on_the_running_server() {
    let data = folder();
    let server = Server::start("demo", data.path());
    let link = json(&["organiser", "--data", text(data.path()), "--address", &server.url], 0);
    let url = link["url"].as_str().expect("an address");
    assert!(url.starts_with(&format!("{}/lindenhof/organise/enter/", server.url)), "{url}");
    let agent: ureq::Agent = ureq::Agent::config_builder().max_redirects(0).build().into();
    let enter = || agent.post(url).header("Sec-Fetch-Site", "same-origin").send_empty();
    let entered = enter().expect("an answer");
    assert_eq!(entered.status(), 303);
    assert!(enter().is_err(), "the link worked twice");
    let cookie =
        entered.headers()["set-cookie"].to_str().expect("a cookie").split(';').next().expect("its value");
    let page = agent.get(format!("{}/lindenhof/organise", server.url)).header("Cookie", cookie).call();
    assert_eq!(page.expect("the page").status(), 200);
    let wrong = json(&["organiser", "--data", text(data.path()), "--assembly", "barn"], 2);
    assert!(wrong["error"].as_str().expect("a sentence").contains("lindenhof"), "{wrong}");
}
