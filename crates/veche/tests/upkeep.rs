//! `fsck`, `backup`, `restore`, `doctor`, health and numbers, through the program, on real folders.

mod common;

use common::{Server, json, run};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use store::{Store, Work};

fn text(path: &Path) -> &str {
    path.to_str().expect("a path")
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

fn problems(found: &Value) -> Vec<&str> {
    let problems = found["problems"].as_array().expect("problems");
    problems.iter().map(|problem| problem["sentence"].as_str().expect("a sentence")).collect()
}

fn error(answer: &Value) -> &str {
    answer["error"].as_str().expect("a sentence")
}

/// A folder with the demonstration and some guests' responses, whole in one file, with a snapshot.
fn furnished() -> tempfile::TempDir {
    let data = folder();
    let server = Server::start("demo", data.path());
    for statement in 1..4 {
        server.respond("lindenhof", statement, "agree");
    }
    server.stop();
    assert!(in_one_file(data.path()));
    data
}

/// Whether all of the database stands in its main file.
fn in_one_file(data: &Path) -> bool {
    fs::metadata(data.join("veche.db-wal")).map_or(true, |log| log.len() == 0)
}

/// Erases the words that an entry brought.
fn erase(data: &Path, entry: u64) {
    let entry = entry.to_string();
    json(&["erase", "--data", text(data), "--entry", &entry, "--ground", "personal-data-of-another"], 0);
}

fn copy_of(data: &Path) -> tempfile::TempDir {
    let copy = folder();
    fs::copy(data.join(store::DATABASE), copy.path().join(store::DATABASE)).expect("a copy");
    copy
}

/// Puts a guest with the right sum into the vault who is not on the record.
fn stranger(participant: u32) -> String {
    let token = [7; 32];
    let digest = Sha256::new_with_prefix(b"veche/guest/v1\0")
        .chain_update(1_i64.to_be_bytes())
        .chain_update(token)
        .chain_update(1_u32.to_be_bytes())
        .chain_update(participant.to_be_bytes())
        .finalize();
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let (token, sum) = (hex(&token), hex(&digest[..8]));
    format!("INSERT INTO guest VALUES (1, x'{token}', 1, {participant}, x'{sum}')")
}

fn meddle(data: &Path) -> rusqlite::Connection {
    let db = rusqlite::Connection::open(data.join(store::DATABASE)).expect("a database");
    db.pragma_update(None, "foreign_keys", false).expect("a pragma");
    db
}

#[test]
fn fsck_finds_whatever_was_changed() {
    let data = furnished();
    let whole = json(&["fsck", "--data", text(data.path())], 0);
    assert!(whole["assemblies"][0]["size"].as_u64() > Some(2_000) && problems(&whole).is_empty(), "{whole}");
    let flip = |table: &str, column: &str, at: u32, which: &str| {
        format!(
            "UPDATE {table} SET {column} = CAST(substr({column}, 1, {at})
             || iif(substr({column}, {at} + 1, 1) = x'07', x'08', x'07') || substr({column}, {at} + 2) AS BLOB)
             WHERE {which}"
        )
    };
    let cases: [(&str, String, &str); 19] = [
        ("an entry", flip("bundle", "entries", 3_000, "n = 1"), "was changed"),
        ("a leaf", flip("tile", "hashes", 40, "level = 0 AND n = 2"), "tree over entry"),
        ("a tile above", flip("tile", "hashes", 40, "level = 1"), "tile/1/"),
        ("a row gone", "DELETE FROM bundle WHERE n = 3".into(), "could not be read"),
        (
            "a row too many",
            "INSERT INTO bundle SELECT assembly, 99, entries FROM bundle WHERE n = 0".into(),
            "Row 99",
        ),
        (
            "a tile too many",
            "INSERT INTO tile SELECT assembly, 2, 0, hashes FROM tile WHERE level = 1".into(),
            "level 2",
        ),
        ("the head", "UPDATE assembly SET checkpoint = replace(checkpoint, 'A', 'B')".into(), "signed head"),
        (
            "an old head",
            "UPDATE signed_head SET root = zeroblob(32) WHERE size = (SELECT min(size) FROM signed_head)"
                .into(),
            "head that was signed for",
        ),
        (
            "the last head",
            "DELETE FROM signed_head WHERE size = (SELECT max(size) FROM signed_head)".into(),
            "last one that was signed",
        ),
        ("words", "UPDATE text SET words = words || '!' WHERE entry = 2".into(), "entry 2 was changed"),
        ("words gone", "DELETE FROM text WHERE entry = 2".into(), "deleted it quietly"),
        (
            "words too many",
            "INSERT INTO text SELECT assembly, 9999, field, salt, words FROM text LIMIT 1".into(),
            "9999",
        ),
        (
            "a field",
            "INSERT INTO text SELECT assembly, 83, 'why', salt, words FROM text WHERE entry = 83".into(),
            "its why",
        ),
        ("a guest", "UPDATE guest SET participant = 9999".into(), "rows of the vault"),
        // A whole row of another database: its sum is right.
        ("a stranger", stranger(9_999), "participant 9999 of question 1"),
        (
            "a report",
            "INSERT INTO report (assembly, entry, ground, note, at) VALUES (1, 9999, 'threat', '', 0)".into(),
            "9999",
        ),
        (
            "remains",
            "INSERT INTO scrub (assembly, entry, field) VALUES (1, 2, 'text')".into(),
            "may still stand",
        ),
        (
            "another key",
            "UPDATE signing_key SET seed = zeroblob(32)".into(),
            "Restore the vault that belongs",
        ),
        ("a foreign row", "INSERT INTO guest VALUES (7, x'00', 1, 1, x'00')".into(), "table guest"),
    ];
    for (what, sql, expected) in cases {
        let copy = copy_of(data.path());
        let changed = meddle(copy.path()).execute(&sql, ()).expect(what);
        assert!(changed > 0, "{what}: nothing was changed");
        let found = json(&["fsck", "--data", text(copy.path())], 1);
        let said = problems(&found);
        assert!(said.iter().any(|said| said.contains(expected)), "{what}: {said:#?}");
        let sentences = String::from_utf8(run(&["fsck", "--data", text(copy.path())]).stdout).expect("text");
        assert!(sentences.starts_with("Something in") && sentences.contains(expected), "{what}: {sentences}");
    }
    // A snapshot that hashes well and is that of another state.
    let copy = copy_of(data.path());
    let db = meddle(copy.path());
    let mut state: Vec<u8> =
        db.query_row("SELECT state FROM snapshot", (), |row| row.get(0)).expect("a snapshot");
    *state.last_mut().expect("bytes") ^= 1;
    db.execute("UPDATE snapshot SET state = ?1", [state]).expect("an update");
    drop(db);
    let found = json(&["fsck", "--data", text(copy.path())], 1);
    assert!(problems(&found)[0].contains("snapshot"), "{found}");
    // A page of the database.
    let copy = copy_of(data.path());
    let db = meddle(copy.path());
    let root: u64 = db
        .query_row("SELECT rootpage FROM sqlite_schema WHERE name = 'guest'", (), |row| row.get::<_, i64>(0))
        .expect("a page") as u64;
    drop(db);
    let file = copy.path().join(store::DATABASE);
    let mut bytes = fs::read(&file).expect("bytes");
    let at = (root as usize - 1) * 4_096;
    bytes[at + 8..at + 200].fill(0x55);
    fs::write(&file, bytes).expect("writing");
    let found = json(&["fsck", "--data", text(copy.path())], 1);
    assert!(problems(&found)[0].contains("The database is damaged"), "{found}");
    let doctor = json(&["doctor", "--data", text(copy.path())], 1);
    let finding = |about: &str| {
        let all = doctor["findings"].as_array().expect("findings");
        all.iter()
            .find(|one| one["about"] == about)
            .unwrap_or_else(|| panic!("nothing about {about}"))
            .clone()
    };
    assert_eq!(finding("database")["status"], "act_now");

    let nothing = json(&["fsck", "--data", text(&data.path().join("nowhere"))], 2);
    assert!(error(&nothing).contains("neither a data folder"), "{nothing}");
}

#[test]
fn a_backup_beside_a_running_server_is_whole_and_nobody_elses() {
    let (data, place) = (folder(), folder());
    let server = Server::start("demo", data.path());
    let target = place.path().join("veche.backup");
    let entry = server.entry_of(1);
    let kept = server.get(&format!("/lindenhof/record/text/{entry}"));
    let kept: Value = serde_json::from_slice(&kept).expect("JSON");
    let words = kept["texts"]["text"]["text"].as_str().expect("words").as_bytes().to_vec();
    let holds =
        |file: &Path| fs::read(file).expect("a file").windows(words.len()).any(|window| window == words);
    let early = place.path().join("early.backup");
    json(&["backup", "--data", text(data.path()), text(&early)], 0);
    assert!(holds(&early), "the test does not see words that are there");
    erase(data.path(), entry);
    let made = json(&["backup", "--data", text(data.path()), text(&target)], 0);
    assert_eq!(made["remembered"], true);
    assert!(!holds(&target), "erased words are in the backup");
    let mode = fs::metadata(&target).expect("a file").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(fs::read_dir(place.path()).expect("a folder").count(), 2, "something was left behind");
    for command in [["fsck", "--data", text(&target)], ["--json", "verify", text(&target)]] {
        assert!(run(&command).status.success());
    }
    let health: Value = serde_json::from_str(&server.ask("/health").1).expect("JSON");
    assert_eq!(health["backup"], made["at"], "{health}");

    // Nothing is ever replaced, and what is not sound is not backed up.
    let again = json(&["backup", "--data", text(data.path()), text(&target)], 2);
    assert!(error(&again).contains("already"), "{again}");
    fs::write(place.path().join("x.partial"), b"").expect("a file");
    let under_way = json(&["backup", "--data", text(data.path()), text(&place.path().join("x"))], 2);
    assert!(error(&under_way).contains("another backup"), "{under_way}");
    server.stop();
    meddle(data.path()).execute("UPDATE text SET words = 'other' WHERE entry = 2", ()).expect("an update");
    let unsound = json(&["backup", "--data", text(data.path()), text(&place.path().join("y"))], 2);
    assert!(error(&unsound).contains("entry 2 was changed"), "{unsound}");
    assert!(!place.path().join("y").exists() && !place.path().join("y.partial").exists());
}

/// The record of the mirror after the data folder is lost: nothing shown is contradicted.
#[test]
fn a_lost_folder_is_restored_to_where_its_mirror_ends() {
    let (data, place) = (folder(), folder());
    let at = |name: &str| place.path().join(name);
    let server = Server::start("demo", data.path());
    server.respond("lindenhof", 1, "agree");
    json(&["backup", "--data", text(data.path()), text(&at("backup"))], 0);
    for statement in 1..6 {
        server.respond("lindenhof", statement, "disagree");
    }
    erase(data.path(), server.entry_of(9));
    let mirrored = json(&["mirror", &server.url, text(&at("mirror"))], 0);
    let receipt = server.respond("lindenhof", 2, "agree")["receipt"].as_str().expect("a receipt").to_owned();
    fs::write(at("receipt"), &receipt).expect("a file");
    server.stop();
    // After an orderly end everything stands in one file.
    assert!(in_one_file(data.path()));
    fs::rename(data.path().join(store::DATABASE), at("lost.db")).expect("a rename");
    fs::remove_dir_all(data.path()).expect("the folder goes");

    let restore = |folder: &str, more: &[&str], code: i32| {
        let (backup, folder) = (at("backup"), at(folder));
        let mut arguments = vec!["restore", text(&backup), "--data", text(&folder)];
        arguments.extend(more);
        json(&arguments, code)
    };
    let mirror = at("mirror");
    let mirror = ["--mirror", text(&mirror)];
    let alone = restore("a", &[], 2);
    assert!(
        error(&alone).contains("second history") && error(&alone).contains("--nothing-newer-was-shown"),
        "{alone}"
    );
    // Somebody has a receipt for an entry that no copy has.
    let seen = at("receipt");
    let beyond = restore("a", &[mirror[0], mirror[1], "--head", text(&seen)], 2);
    assert!(error(&beyond).contains("Find a copy that has them"), "{beyond}");
    assert!(!at("a").join(store::DATABASE).exists());

    let done = restore("a", &mirror, 0);
    let outcome = &done["assemblies"][0];
    assert_eq!((&outcome["size"], &outcome["root"]), (&mirrored["size"], &mirrored["root"]), "{done}");
    assert_eq!(outcome["unknown"], 5, "{done}");
    let restored = at("a");
    json(&["fsck", "--data", text(&restored)], 0);
    assert_eq!(json(&["verify", text(&restored)], 0)["erased"], 1);
    json(&["recount", text(&restored)], 0);
    let twice = restore("a", &mirror, 2);
    assert!(error(&twice).contains("holds data already"), "{twice}");

    // It goes on, and those who kept a copy follow.
    let server = Server::start("serve", &restored);
    server.respond("lindenhof", 1, "pass");
    json(&["recount", &server.url], 0);
    let followed = json(&["mirror", &server.url, mirror[1]], 0);
    assert_eq!(followed["size"].as_u64(), mirrored["size"].as_u64().map(|size| size + 2), "{followed}");
    let doctor = json(&["doctor", "--data", text(&restored)], 0);
    let restored_line =
        doctor["findings"].as_array().expect("findings").iter().find(|one| one["about"] == "restored");
    assert!(
        restored_line.expect("a finding")["sentence"].as_str().expect("text").contains("from a copy"),
        "{doctor}"
    );
    drop(server);

    // A second history, made by whoever says that nothing was shown, is told from the first.
    restore("fork", &["--nothing-newer-was-shown"], 0);
    let fork = at("fork");
    let server = Server::start("serve", &fork);
    for statement in 1..9 {
        server.respond("lindenhof", statement, "disagree");
    }
    server.stop();
    let conflict = restore("b", &[mirror[0], mirror[1], "--mirror", text(&fork)], 1);
    let said = problems(&conflict)[0];
    assert!(said.contains("Two records go by the same name") && said.matches("\n— ").count() == 2, "{said}");
    assert!(!at("b").join(store::DATABASE).exists());

    // The old folder, and a folder that lies about its words.
    let old = at("old");
    fs::create_dir(&old).expect("a folder");
    fs::copy(at("lost.db"), old.join(store::DATABASE)).expect("a copy");
    let from_old = restore("c", &["--mirror", text(&old), "--head", text(&seen)], 0);
    assert_eq!(from_old["assemblies"][0]["size"].as_u64(), mirrored["size"].as_u64().map(|size| size + 2));
    meddle(&old).execute("UPDATE text SET words = 'other' WHERE entry = 2", ()).expect("an update");
    assert!(problems(&restore("d", &["--mirror", text(&old)], 1))[0].contains("entry 2 was changed"));
    let other = furnished();
    assert!(error(&restore("d", &["--mirror", text(other.path())], 2)).contains("not in the backup"));

    // A backup is not served as it is, nor restored if it is damaged.
    let by_hand = at("by hand");
    fs::create_dir(&by_hand).expect("a folder");
    fs::copy(at("backup"), by_hand.join(store::DATABASE)).expect("a copy");
    let refused = json(&["serve", "--data", text(&by_hand), "--listen", "127.0.0.1:0"], 2);
    assert!(error(&refused).contains("veche restore"), "{refused}");
    assert_eq!(json(&["doctor", "--data", text(&by_hand)], 1)["status"], "act_now");
    meddle(&by_hand).execute("DELETE FROM text WHERE entry = 2", ()).expect("a delete");
    let damaged = by_hand.join(store::DATABASE);
    let refused = json(&["restore", text(&damaged), "--data", text(&at("e")), mirror[0], mirror[1]], 1);
    assert!(problems(&refused)[0].contains("deleted it quietly"), "{refused}");
}

#[test]
fn health_and_numbers_tell_what_was_found_and_nothing_about_anybody() {
    let data = furnished();
    let day = 24 * 60 * 60 * 1_000;
    store::worked(data.path(), Work::Fsck, store::clock() - day, "").expect("a note");
    let server = Server::start_with("serve", data.path(), &["--metrics", "127.0.0.1:0"]);
    server.respond("lindenhof", 1, "agree");
    assert_eq!(server.try_to_respond("lindenhof", 999).0, 404);
    assert_eq!(server.ask("/nowhere/at/all").0, 404);
    let (status, health) = server.ask("/health");
    assert!(
        status == 200 && health.contains(r#""status":"ok""#) && health.contains(r#""backup":null"#),
        "{health}"
    );
    let numbers =
        || ureq::get(&server.metrics).call().expect("numbers").body_mut().read_to_string().expect("text");
    let text_of = numbers();
    for line in [
        "veche_entries{assembly=\"lindenhof\"} 29",
        "veche_acts_total{assembly=\"lindenhof\",outcome=\"acknowledged\"} 1",
        "veche_acts_total{assembly=\"lindenhof\",outcome=\"no_such_statement\"} 1",
        "veche_commit_seconds_count{assembly=\"lindenhof\"} 1",
        "veche_waiting_jobs{assembly=\"lindenhof\"} 0",
        "veche_http_requests_total{class=\"act\",status=\"200\"} 1",
        "veche_http_requests_total{class=\"nowhere\",status=\"404\"} 1",
        "veche_http_request_seconds_bucket",
        "veche_disk_free_bytes ",
        "veche_disk_full 0",
        "veche_fsck_sound 1",
        "veche_last_fsck_timestamp_seconds 1",
        "# EOF",
    ] {
        assert!(text_of.contains(line), "{line} is not in\n{text_of}");
    }
    assert!(!text_of.contains("backup"), "no backup was made");
    assert_eq!(server.ask("/metrics").0, 404, "the numbers are not public");

    store::worked(data.path(), Work::Fsck, store::clock(), "Entry 7 was changed.").expect("a note");
    let (status, health) = server.ask("/health");
    assert!(
        status == 503 && health.contains("degraded") && health.contains("Entry 7 was changed."),
        "{health}"
    );
    assert!(numbers().contains("veche_fsck_sound 0"));
    let doctor = json(&["doctor", "--data", text(data.path()), "--address", &server.url], 1);
    let all = doctor["findings"].as_array().expect("findings");
    let of = |about: &str| -> Vec<&Value> { all.iter().filter(|one| one["about"] == about).collect() };
    assert_eq!(of("fsck")[0]["status"], "act_now");
    assert_eq!(of("address")[0]["status"], "act_now");
    assert_eq!(of("origin")[0]["status"], "look_at_this", "it was founded under another port");
    assert_eq!(of("backup")[0]["status"], "look_at_this");
    assert_eq!(of("server")[0]["status"], "fine");
    assert_eq!(of("clock").len(), 2, "against the record and against the address: {doctor}");
    fs::set_permissions(data.path(), fs::Permissions::from_mode(0o755)).expect("rights");
    fs::set_permissions(data.path().join(store::DATABASE), fs::Permissions::from_mode(0o644))
        .expect("rights");
    let said = String::from_utf8(run(&["doctor", "--data", text(data.path())]).stdout).expect("text");
    assert!(said.contains("act now") && said.contains("chmod go-rwx"), "{said}");

    // One process has the folder to itself.
    let second = json(&["serve", "--data", text(data.path()), "--listen", "127.0.0.1:0"], 2);
    assert!(error(&second).contains("in use by another Veche"), "{second}");
    assert!(
        error(&json(&["restore", text(&data.path().join("x")), "--data", text(data.path())], 2))
            .contains("holds data")
    );
}

/// The record's last entry is from a clock two hours ahead of this machine's.
#[test]
fn a_clock_that_was_set_back_is_said() {
    let data = folder();
    {
        let ahead: fn() -> u64 = || store::clock() + 2 * 60 * 60 * 1_000;
        let mut store = Store::open_with_clock(data.path(), ahead, &mut |_, _| ()).expect("a store");
        let founding = store::Founding {
            slug: "hall".into(),
            title: "The hall".into(),
            address: "https://veche.example".into(),
        };
        store.found(founding).expect("a founding");
    }
    let doctor = json(&["doctor", "--data", text(data.path())], 1);
    let clock = doctor["findings"].as_array().expect("findings").iter().find(|one| one["about"] == "clock");
    let clock = clock.expect("a finding");
    assert_eq!(clock["status"], "act_now");
    assert!(clock["sentence"].as_str().expect("text").contains("119 minutes behind"), "{clock}");
    // The server says so, too, when it has something to write, and the record stays in order.
    let export = folder();
    common::write_export(export.path(), 6);
    let arguments =
        ["import", "polis", text(export.path()), "--data", text(data.path()), "--assembly", "hall"];
    assert!(run(&arguments).status.success());
    let log = data.path().join("log");
    let server = Server::start_logging("serve", data.path(), &[], fs::File::create(&log).expect("a file"));
    server.respond("hall", 1, "agree");
    server.stop();
    let said = fs::read_to_string(&log).expect("text");
    assert!(said.contains("seconds behind the record") && said.contains("Set the clock"), "{said}");
    json(&["fsck", "--data", text(data.path())], 0);
}
