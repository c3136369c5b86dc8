//! What a folder promises when nothing goes wrong: answers after the commit, the same after a restart.

#![allow(clippy::unwrap_used)]

mod common;

use assembly::talk::{Choice, Response, Tally};
use assembly::{Command, ParticipantNo, QuestionId, Refusal, StatementNo, roll};
use common::*;
use sha2::{Digest as _, Sha256};
use std::sync::atomic::{AtomicU64, Ordering};
use store::{Done, Failure, Founding, House, OpenError, PersonAct, Store, Token};

fn tally(house: &House, question: u32, statement: u32) -> Tally {
    let live = house.read();
    let question = live.state.question(QuestionId(question)).unwrap();
    question.talk().statement(StatementNo(statement)).unwrap().tally()
}

#[test]
fn every_act_is_an_entry_with_a_receipt() {
    let folder = folder();
    let (_store, house) = hall(folder.path());
    assert_eq!(house.read().tree.size(), 9);
    let token = Token::random().unwrap();
    let runtime = runtime();
    let act = |act| runtime.block_on(house.act(&token, act));
    let first = act(respond(1, 2, Response::Disagree)).unwrap();
    assert_eq!(first, Done { participant: Some(ParticipantNo(4)), entries: 9..11, entry: Some(10) });
    let again = act(respond(1, 2, Response::Disagree)).unwrap();
    assert_eq!(again, Done { participant: Some(ParticipantNo(4)), entries: 11..11, entry: Some(10) });
    let other = act(respond(1, 2, Response::Pass)).unwrap();
    assert_eq!((other.entries, other.entry), (11..12, Some(11)));
    let back = act(PersonAct::Retract { question: QuestionId(1), statement: StatementNo(2) }).unwrap();
    assert_eq!((back.entries, back.entry), (12..13, Some(12)));
    assert_eq!(tally(&house, 1, 2), Tally { shown: 1, ..Tally::default() });
    assert_eq!(act(state("Plant trees.")), Err(Refusal::AlreadySaid(StatementNo(1)).into()));
    let stated = act(state("More benches.")).unwrap();
    assert_eq!(act(state(" More benches. ")).unwrap().entry, stated.entry);
    assert_eq!(house.participant(&token, QuestionId(1)), Some(ParticipantNo(4)));
    assert_eq!(house.participant(&Token::random().unwrap(), QuestionId(1)), None);
    (0..house.read().tree.size()).for_each(|index| check_receipt(&house, folder.path(), index));
    assert_eq!(house.receipt(&house.read(), house.read().tree.size()), None);
    check_sound(&house, folder.path());
    for (name, words) in
        [(assembly::Field::Title, "A garden?"), (assembly::Field::Why, "Because it is time.")]
    {
        let texts = runtime.block_on(house.texts(2)).unwrap();
        assert!(texts.iter().any(|(field, opened)| *field == name && &*opened.text == words));
    }
}

#[test]
fn a_restart_gives_the_same_house() {
    let folder = folder();
    let (store, house) = large_hall(folder.path());
    let token = Token::random().unwrap();
    runtime().block_on(house.act(&token, respond(1, 3, Response::Agree))).unwrap();
    drop(store);
    let snapshots = |sql: &str| meddle(folder.path()).execute(sql, []).unwrap();
    // With the snapshot of the clean stop; without one; with what another program wrote; a damaged one.
    for prepare in [
        "UPDATE snapshot SET size = size",
        "DELETE FROM snapshot",
        "UPDATE snapshot SET format = 'veche/state/of-tomorrow'",
        "UPDATE snapshot SET root = zeroblob(32)",
        "UPDATE snapshot SET size = size - 1",
        "UPDATE snapshot SET size = size + 1",
        "UPDATE snapshot SET state = CAST(substr(state, 1, 100) || X'00' || substr(state, 102) AS BLOB)",
        "UPDATE snapshot SET state = CAST(substr(state, 1, length(state) - 1) || X'07' AS BLOB)",
        "UPDATE snapshot SET state = zeroblob(length(state))",
        "UPDATE snapshot SET state = X''",
    ] {
        let changed = snapshots(prepare);
        assert_eq!(changed, 1, "{prepare}");
        let store = open(folder.path()).unwrap();
        let again = store.houses()[0].clone();
        {
            let (before, after) = (house.read(), again.read());
            assert!(before.state == after.state, "{prepare}");
            assert!(before.tree == after.tree, "{prepare}");
            assert_eq!(before.checkpoint, after.checkpoint, "{prepare}");
        }
        assert_eq!(again.participant(&token, QuestionId(1)), house.participant(&token, QuestionId(1)));
        check_sound(&again, folder.path());
        // Nothing was added, so that a snapshot is written only where it was not used.
        drop(store);
        snapshots("UPDATE snapshot SET size = size");
    }
}

/// A snapshot is really read: one that says something else, and fits its digest, is believed.
#[test]
fn an_orderly_end_leaves_one_file_even_if_somebody_reads() {
    let folder = folder();
    let (store, house) = hall(folder.path());
    let reader = store::Reader::open(folder.path()).unwrap();
    let size = reader.edge(house.listed()).unwrap().size;
    assert_eq!(size, house.read().tree.size());
    drop(store);
    assert_eq!(std::fs::metadata(folder.path().join("veche.db-wal")).unwrap().len(), 0);
    assert_eq!(reader.edge(house.listed()).unwrap().size, size);
}

#[test]
fn a_snapshot_is_used() {
    let folder = folder();
    let (store, house) = large_hall(folder.path());
    drop(store);
    let db = meddle(folder.path());
    let mut bytes: Vec<u8> = db.query_row("SELECT state FROM snapshot", [], |row| row.get(0)).unwrap();
    // The state ends with the number of responses ever given in the last question: 400 as a varint.
    *bytes.last_mut().unwrap() += 1;
    let digest = Sha256::digest(&bytes[32..]);
    bytes[..32].copy_from_slice(&digest);
    db.execute("UPDATE snapshot SET state = ?1", [bytes]).unwrap();
    let store = open(folder.path()).unwrap();
    let events = |house: &House| house.read().state.questions().last().unwrap().talk().events();
    assert_eq!((events(&house), events(&store.houses()[0])), (400, 400 + 128));
}

#[test]
fn a_stale_snapshot_is_caught_up_from_the_record() {
    let folder = folder();
    let (store, house) = large_hall(folder.path());
    drop(store);
    let db = meddle(folder.path());
    type Row = (i64, Vec<u8>, String, Vec<u8>);
    let snapshot: Row = db
        .query_row("SELECT size, root, format, state FROM snapshot", [], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        })
        .unwrap();
    assert_eq!(snapshot.0 as u64, house.read().tree.size());
    let mut more = open(folder.path()).unwrap();
    let house = more.houses()[0].clone();
    for n in 0..300 {
        let token = Token::random().unwrap();
        runtime().block_on(house.act(&token, respond(1, n % 3 + 1, Response::Pass))).unwrap();
    }
    runtime().block_on(house.act(&Token::random().unwrap(), state("Later."))).unwrap();
    assert!(matches!(more.found(founding()), Err(OpenError::Taken(_))));
    drop(more);
    let sql = "UPDATE snapshot SET size = ?1, root = ?2, format = ?3, state = ?4";
    db.execute(sql, snapshot).unwrap();
    let mut heard = Vec::new();
    let store = Store::open(folder.path(), &mut |read, of| heard.push((read, of))).unwrap();
    let again = store.houses()[0].clone();
    assert!(again.read().state == house.read().state);
    check_sound(&again, folder.path());
    let size = house.read().tree.size();
    assert_eq!(heard.last(), Some(&(size, size)));
    assert!(heard.is_sorted());
}

#[test]
fn a_folder_is_opened_once() {
    let folder = folder();
    let (store, _) = hall(folder.path());
    let refused = |again: Result<Store, OpenError>| {
        let error = again.err().unwrap();
        assert!(matches!(error, OpenError::InUse(_)));
        assert!(error.to_string().contains("in use by another Veche. Stop that one first"), "{error}");
    };
    refused(open(folder.path()));
    let other = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "--nocapture", "opens_as_another_process"])
        .env("VECHE_TEST_FOLDER", folder.path())
        .output()
        .unwrap();
    assert!(other.status.success(), "{}", String::from_utf8_lossy(&other.stderr));
    drop(store);
    open(folder.path()).unwrap();
}

#[test]
#[ignore = "the other process of a_folder_is_opened_once"]
fn opens_as_another_process() {
    let folder = std::env::var_os("VECHE_TEST_FOLDER").unwrap();
    let error = open(folder.as_ref()).err().unwrap();
    assert!(error.to_string().contains("in use by another Veche"), "{error}");
}

#[test]
fn a_founding_is_whole_or_goes_on() {
    let folder = folder();
    let mut store = open(folder.path()).unwrap();
    for (slug, address, title) in [
        ("", "https://a.example", "T"),
        ("Hall", "https://a.example", "T"),
        ("hall", "a.example", "T"),
        ("hall", "https://", "T"),
        ("hall", "https://a b", "T"),
        ("hall", "https://a.example", " "),
        ("hall", "https://a.example", "\u{0}"),
    ] {
        let founding = Founding { slug: slug.into(), title: title.into(), address: address.into() };
        assert!(store.found(founding).is_err(), "{slug} {address} {title}");
        assert!(store.houses().is_empty(), "{slug} {address} {title} left something behind");
    }
    drop(store);
    let (store, house) = hall(folder.path());
    drop(store);
    // As if the power had failed between the key and the first entry.
    let empty = common::folder();
    let mut store = open(empty.path()).unwrap();
    store.found(founding()).unwrap();
    drop(store);
    let db = meddle(empty.path());
    let key: Vec<u8> = db.query_row("SELECT seed FROM signing_key", [], |row| row.get(0)).unwrap();
    for table in ["tile", "bundle", "text", "snapshot", "signed_head"] {
        db.execute(&format!("DELETE FROM {table}"), []).unwrap();
    }
    let signer = record::note::SigningKey::from_seed(&key.try_into().unwrap(), house.origin()).unwrap();
    let head = record::checkpoint::Checkpoint::new(house.origin(), 0, record::EMPTY_ROOT).unwrap();
    let head = record::checkpoint::SignedCheckpoint::sign(head, &signer).unwrap().to_string();
    db.execute("UPDATE assembly SET checkpoint = ?1", [head]).unwrap();
    let mut store = open(empty.path()).unwrap();
    assert_eq!(store.houses()[0].read().tree.size(), 0);
    let house = store.found(founding()).unwrap();
    assert_eq!(house.read().state.roll().title(), "The hall");
    assert_eq!(store.houses().len(), 1);
    check_sound(&house, empty.path());
}

#[test]
fn assemblies_in_one_folder_keep_apart() {
    let folder = folder();
    let (mut store, hall) = hall(folder.path());
    let yard = store.found(Founding { slug: "yard".into(), ..founding() }).unwrap();
    assert_ne!(hall.key(), yard.key());
    guest_agrees(&hall).unwrap();
    assert_eq!((hall.read().tree.size(), yard.read().tree.size()), (11, 2));
    let refused = guest_agrees(&yard);
    assert_eq!(refused, Err(Refusal::NoSuchQuestion(QuestionId(1)).into()));
    drop(store);
    let store = open(folder.path()).unwrap();
    let slugs: Vec<_> = store.houses().iter().map(House::slug).collect();
    assert_eq!(slugs, ["hall", "yard"]);
    assert_eq!(store.houses()[1].read().tree.size(), 2);
}

/// Many at once: each gets their own answer, refusals disturb nobody, double submits are one entry.
#[test]
fn many_at_once_each_get_their_own_answer() {
    let folder = folder();
    let (store, house) = hall(folder.path());
    house.command(import("Second", 2, 3)).unwrap();
    let mut changes = house.changes();
    let before = house.read().tree.size();
    let runtime = runtime();
    let answers = runtime.block_on(async {
        let tasks: Vec<_> = (0..600u32)
            .map(|n| {
                let house = house.clone();
                let (question, statement) = (n % 2 + 1, n % 4 + 1);
                tokio::spawn(async move {
                    let token = Token::random().unwrap();
                    let act = || respond(question, statement, Response::ALL[n as usize % 3]);
                    let twice = tokio::join!(house.act(&token, act()), house.act(&token, act()));
                    (n, token, twice)
                })
            })
            .collect();
        let mut answers = Vec::new();
        for task in tasks {
            answers.push(task.await.unwrap());
        }
        answers
    });
    assert!(changes.has_changed().unwrap());
    let size = *changes.borrow_and_update();
    assert_eq!(size, house.read().tree.size());
    // Every fourth names a statement that is not there.
    assert_eq!(size - before, 2 * 450);
    for (n, token, (one, two)) in answers {
        let (question, statement) = (QuestionId(n % 2 + 1), StatementNo(n % 4 + 1));
        if statement.0 == 4 {
            let refused = Failure::Refused(Refusal::NoSuchStatement(statement));
            assert_eq!((one, two), (Err(refused.clone()), Err(refused)));
            assert_eq!(house.participant(&token, question), None);
            continue;
        }
        let (one, two) = (one.unwrap(), two.unwrap());
        assert_eq!(one.entries.clone().count() + two.entries.clone().count(), 2, "{one:?} {two:?}");
        assert_eq!((one.entry, one.participant), (two.entry, two.participant));
        assert_eq!(house.participant(&token, question), one.participant);
        let live = house.read();
        let talk = live.state.question(question).unwrap().talk();
        let said = talk.response(one.participant.unwrap(), statement);
        assert_eq!(said, Some((Response::ALL[n as usize % 3], one.entry.unwrap())));
    }
    for index in (0..size).step_by(97) {
        check_receipt(&house, folder.path(), index);
    }
    check_sound(&house, folder.path());
    let heads: i64 = meddle(folder.path())
        .query_row("SELECT count(*) FROM signed_head WHERE size > ?1", [before as i64], |row| row.get(0))
        .unwrap();
    println!("{} entries in {heads} transactions", size - before);
    assert!(heads < 900, "no two acts shared a transaction");
    drop(store);
}

#[test]
fn showings_are_written_in_batches() {
    let folder = folder();
    let (store, house) = hall(folder.path());
    let before = house.read().tree.size();
    let show = |house: &House, question, no, statement| {
        let (participant, statement) = (ParticipantNo(no), StatementNo(statement));
        house.shown(
            QuestionId(question),
            None,
            Choice { participant, statement, chance: 400_000, as_of: before },
        );
    };
    for _ in 0..3 {
        show(&house, 1, 1, 2);
        show(&house, 1, 2, 1);
        show(&house, 1, 99, 1);
        show(&house, 9, 1, 1);
    }
    guest_agrees(&house).unwrap();
    assert_eq!(house.read().tree.size(), before + 2, "too early to write showings");
    drop(store);
    let store = open(folder.path()).unwrap();
    let house = store.houses()[0].clone();
    assert_eq!(house.read().tree.size(), before + 3, "one entry, written when the house was closed");
    assert_eq!([tally(&house, 1, 1).shown, tally(&house, 1, 2).shown], [2, 1]);
    for no in (1..=4).chain(1_000..1_200) {
        (1..=3).for_each(|statement| show(&house, 1, no, statement));
    }
    guest_agrees(&house).unwrap();
    assert_eq!([tally(&house, 1, 1).shown, tally(&house, 1, 2).shown], [5, 4]);
    check_sound(&house, folder.path());
}

/// The clock of the tests: where it stands.
static NOW: AtomicU64 = AtomicU64::new(0);

#[test]
fn time_in_the_record_never_goes_back() {
    let folder = folder();
    let clock = || NOW.load(Ordering::SeqCst);
    let set = |now| NOW.store(now, Ordering::SeqCst);
    set(1_000_000);
    let mut store = Store::open_with_clock(folder.path(), clock, &mut |_, _| ()).unwrap();
    let house = store.found(founding()).unwrap();
    let open = || Command::Question(assembly::question::Command::Open(Box::new(ask("Is it time?"))));
    for (now, at) in [
        (2_000_000, 2_000_000),
        (1_999_999, 2_000_000),
        (0, 2_000_000),
        (2_000_001, 2_000_001),
        (u64::MAX, u64::MAX),
        (3_000_000, u64::MAX),
    ] {
        set(now);
        house.command(open()).unwrap();
        assert_eq!(house.read().state.at(), at);
    }
    check_sound(&house, folder.path());
    drop(store);
    let store = Store::open_with_clock(folder.path(), clock, &mut |_, _| ()).unwrap();
    assert_eq!(store.houses()[0].read().state.at(), u64::MAX);
}

#[test]
fn a_large_import_is_one_transaction() {
    let folder = folder();
    let (store, house) = hall(folder.path());
    let heads = || -> i64 {
        meddle(folder.path()).query_row("SELECT count(*) FROM signed_head", [], |row| row.get(0)).unwrap()
    };
    let (before, size) = (heads(), house.read().tree.size());
    let done = house.command(import("Large", 500, 100)).unwrap();
    assert_eq!(done.entries, size..size + 1 + 500 + 100 + 50_000);
    assert_eq!(heads(), before + 1);
    check_receipt(&house, folder.path(), done.entries.end - 1);
    drop(store);
    let store = open(folder.path()).unwrap();
    let again = store.houses()[0].clone();
    assert_eq!(again.read().state.question(QuestionId(2)).unwrap().talk().responses(), 50_000);
    check_sound(&again, folder.path());
}

/// A store may be dropped where blocking is not allowed to tokio's own channels.
#[test]
fn a_store_can_be_dropped_inside_a_runtime() {
    let folder = folder();
    let (store, house) = hall(folder.path());
    runtime().block_on(async move { drop(store) });
    let gone = guest_agrees(&house);
    assert!(matches!(gone, Err(Failure::Stopped(_))), "{gone:?}");
    let found =
        roll::Command::Found { origin: "o".into(), key: "k".into(), title: store::text("t").unwrap() };
    assert!(matches!(house.command(Command::Roll(found)), Err(Failure::Stopped(_))));
    open(folder.path()).unwrap();
}

#[cfg(unix)]
#[test]
fn nobody_else_on_the_machine_can_read_the_folder() {
    use std::os::unix::fs::PermissionsExt as _;
    let above = folder();
    let folder = above.path().join("ours");
    let store = Store::open(&folder, &mut |_, _| ()).unwrap();
    let rights = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(rights(&folder), 0o700);
    for file in std::fs::read_dir(&folder).unwrap() {
        let file = file.unwrap().path();
        assert_eq!(rights(&file), 0o600, "{}", file.display());
    }
    drop(store);
}
