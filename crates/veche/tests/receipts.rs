//! `verify-receipt` on receipts of a running server, and on those that others made.

mod common;

use common::{Server, json, run};
use serde_json::Value;
use std::path::Path;

fn list(found: &Value, name: &str) -> String {
    found[name].as_array().into_iter().flatten().filter_map(Value::as_str).collect::<Vec<_>>().join("\n")
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a path")
}

#[test]
fn a_receipt_of_a_running_server_proves_its_entry_and_no_other() {
    let data = tempfile::tempdir().expect("a folder");
    let folder = tempfile::tempdir().expect("a folder");
    let server = Server::start("demo", data.path());
    let answer = server.respond("lindenhof", 1, "agree");
    let index = answer["entry"].as_u64().expect("its entry");
    let file = folder.path().join("receipt.txt");
    std::fs::write(&file, answer["receipt"].as_str().expect("a receipt")).expect("a file");
    let receipt = text(&file);
    let key = String::from_utf8(server.get("/lindenhof/record/key")).expect("text");
    let key = key.trim();

    let found = json(&["verify-receipt", receipt, "--from", &server.url], 0);
    assert_eq!(found["index"].as_u64(), Some(index));
    let entry = found["entry"].as_str().expect("the entry").to_owned();
    assert!(entry.contains("\"response\":\"agree\""), "{entry}");
    assert!(list(&found, "shown").contains("continues"), "{found}");
    assert!(list(&found, "not_shown").contains("--key"), "{found}");

    // Later acts do not spoil it, and it needs no network once the entry is at hand.
    server.respond("lindenhof", 2, "disagree");
    json(&["verify-receipt", receipt, "--from", &server.url, "--key", key], 0);
    json(&["verify-receipt", receipt, "--from", text(data.path()), "--key", key], 0);
    drop(server);
    json(&["verify-receipt", receipt, "--entry", &entry, "--key", key], 0);
    let kept = folder.path().join("entry.json");
    std::fs::write(&kept, format!("{entry}\n")).expect("a file");
    json(&["verify-receipt", receipt, "--entry", text(&kept), "--key", key], 0);
    let said = String::from_utf8(run(&["verify-receipt", receipt, "--entry", &entry, "--key", key]).stdout);
    let said = said.expect("text");
    assert!(said.contains(&format!("entry {index} stands in the record")), "{said}");

    // Scanned, mailed, or saved by an editor with a will of its own.
    let whole = std::fs::read_to_string(&file).expect("the receipt");
    let scanned = folder.path().join("scanned.txt");
    for other in [
        whole.trim_end().to_owned(),
        format!("\u{feff}{}", whole.replace('\n', "\r\n")),
        whole.replace('\u{2014}', "â\u{80}\u{94}"),
        whole.replace('\u{2014}', "â€”") + "\n\n",
    ] {
        std::fs::write(&scanned, &other).expect("a file");
        json(&["verify-receipt", text(&scanned), "--entry", &entry, "--key", key], 0);
    }

    // Half a proof is not one.
    let found = json(&["verify-receipt", receipt, "--key", key], 2);
    assert!(list(&found, "not_shown").contains("does not hold the entry"), "{found}");
    let found = json(&["verify-receipt", receipt, "--entry", &entry], 2);
    assert!(list(&found, "not_shown").contains("Who signed"), "{found}");

    let other = entry.replace("agree", "pass");
    let found = json(&["verify-receipt", receipt, "--entry", &other, "--key", key], 1);
    assert!(list(&found, "problems").contains("not the one that the receipt was made for"), "{found}");
    let stranger = "example.org/log+8f13f9e4+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c";
    let found = json(&["verify-receipt", receipt, "--entry", &entry, "--key", stranger], 1);
    assert!(list(&found, "problems").contains("not of example.org"), "{found}");

    // Every changed character is noticed, whatever it is part of.
    let whole = std::fs::read(&file).expect("the receipt");
    for at in (0..whole.len()).step_by(whole.len() / 40 + 1) {
        let mut changed = whole.clone();
        changed[at] ^= 0x02;
        std::fs::write(&file, &changed).expect("a file");
        let output = run(&["verify-receipt", receipt, "--entry", &entry, "--key", key]);
        assert!(matches!(output.status.code(), Some(1 | 2)), "byte {at}");
    }
    for (bytes, why) in [(&b"not a receipt"[..], "not a receipt"), (&b"\xff\xfe"[..], "not text")] {
        std::fs::write(&file, bytes).expect("a file");
        let failed = json(&["verify-receipt", receipt], 2);
        assert!(failed["error"].as_str().unwrap_or_default().contains(why), "{failed}");
    }
    let failed = json(&["verify-receipt", "no such file"], 2);
    assert!(failed["error"].as_str().unwrap_or_default().contains("Reading no such file"), "{failed}");
}

#[test]
fn a_receipt_from_another_fork_of_the_record_is_evidence() {
    // Two servers with the same key: one copied its folder, and both went on.
    let (one, two) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    drop(Server::start("demo", one.path()));
    for file in std::fs::read_dir(one.path()).expect("the folder") {
        let file = file.expect("a file");
        // The socket for orders belongs to the process that made it.
        if file.path().is_dir() {
            continue;
        }
        std::fs::copy(file.path(), two.path().join(file.file_name())).expect("a copy");
    }
    let server = Server::start("serve", one.path());
    let answer = server.respond("lindenhof", 1, "agree");
    let file = two.path().join("receipt.txt");
    std::fs::write(&file, answer["receipt"].as_str().expect("a receipt")).expect("a file");
    drop(server);
    let server = Server::start("serve", two.path());
    server.respond("lindenhof", 1, "disagree");
    server.respond("lindenhof", 2, "disagree");
    let found = json(&["verify-receipt", text(&file), "--from", &server.url], 1);
    assert!(list(&found, "problems").contains("different records"), "{found}");
}

#[test]
#[cfg_attr(not(veche_data), ignore = "the shared test data is absent; set VECHE_DATA")]
fn receipts_made_by_others_hold_with_their_witness() {
    let folder = Path::new(option_env!("VECHE_DATA_FOLDER").unwrap_or_default()).join("record/own-tlog");
    let vectors: Value =
        serde_json::from_slice(&std::fs::read(folder.join("vectors.json")).expect("the vectors"))
            .expect("JSON");
    let key = |name: &str| vectors[name].as_str().expect("a key").to_owned();
    let own = tempfile::tempdir().expect("a folder");
    let policy = own.path().join("policy");
    let lines = format!("log {}\nwitness w1 {}\nquorum w1\n", key("log_vkey"), key("witness_vkey"));
    std::fs::write(&policy, lines).expect("a file");
    for (size, index) in [(1, 0), (2, 0), (255, 85), (256, 85), (257, 85), (600, 200), (70_000, 23_333)] {
        let at = folder.join(format!("log-{size}"));
        let receipt = at.join(format!("proof-{index}.tlog-proof"));
        let entry = format!("entry {index}");
        let common = ["verify-receipt", text(&receipt), "--policy", text(&policy)];
        let found = json(&[&common[..], &["--entry", &entry]].concat(), 0);
        assert!(list(&found, "shown").contains("witness.example/w1 saw"), "{found}");
        json(&[&common[..], &["--entry", "entry 1"]].concat(), 1);
        if at.join("tile").is_dir() {
            let found = json(&[&common[..], &["--from", text(&at)]].concat(), 0);
            assert_eq!(found["entry"], entry.as_str());
        }
    }
}
