//! Erased words are in no file of the folder, whatever happens while they are erased; and words that were deleted
//! without an entry are missed.

#![allow(clippy::unwrap_used)]

mod common;

use assembly::moderation::{self, By, Erased, Ground};
use assembly::{Command, Field, Opened, QuestionId, Refusal, StatementNo};
use common::*;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};
use store::{Failure, House, MissingText, PersonAct, Reader, Reported, Token};

/// The entry of the statement “Plant trees.” in [`hall`].
const PLANT: u64 = 4;

fn erase(entry: u64, field: Field) -> Command {
    let erased = Erased { entry, field, ground: Ground::PersonalDataOfAnother, by: By::Organiser };
    Command::Moderation(moderation::Command::Erase(erased))
}

fn text(folder: &Path, entry: u64) -> Opened {
    let reader = Reader::open(folder).unwrap();
    let listed = reader.assemblies().unwrap().remove(0);
    reader.texts(&listed, entry).unwrap().remove(0).1
}

/// The files of the folder in which the words or their salt stand.
fn traces(folder: &Path, text: &Opened) -> Vec<String> {
    holding(folder, &[text.text.as_bytes(), &text.salt.0, text.salt.to_string().as_bytes()])
}

#[test]
fn erased_words_are_in_no_file_when_the_answer_comes() {
    let folder = folder();
    let (store, house) = hall(folder.path());
    let plant = text(folder.path(), PLANT);
    assert!(!traces(folder.path(), &plant).is_empty(), "the test does not see words that are there");
    // Others have the database open, and have read from it.
    let _other = Reader::open(folder.path()).unwrap();
    let words = runtime().block_on(house.texts(PLANT)).unwrap();
    assert_eq!(words[0].1, plant);
    let title = text(folder.path(), 0);
    house.command(erase(PLANT, Field::Text)).unwrap();
    assert!(!house.scrubbing());
    assert_eq!(traces(folder.path(), &plant), [""; 0]);
    house.command(erase(0, Field::Title)).unwrap();
    wait_until_scrubbed(&house);
    assert_eq!(traces(folder.path(), &plant), [""; 0]);
    assert_eq!(traces(folder.path(), &title), [""; 0]);
    assert_eq!(runtime().block_on(house.texts(PLANT)).unwrap(), []);
    let again = house.command(erase(PLANT, Field::Text));
    assert_eq!(again, Err(Failure::Refused(Refusal::AlreadyErased(PLANT))));
    check_sound(&house, folder.path());
    assert_eq!(runtime().block_on(house.missing_texts()), Ok(Vec::new()));
    // Also not in the snapshot, and not after a start from it and without it.
    drop((house, store));
    for snapshot in [true, false] {
        if !snapshot {
            meddle(folder.path()).execute("DELETE FROM snapshot", ()).unwrap();
        }
        let store = open(folder.path()).unwrap();
        let house = &store.houses()[0];
        check_sound(house, folder.path());
        let live = house.read();
        let erasure = live.state.erasure(PLANT, Field::Text).unwrap();
        let statement = live.state.question(QuestionId(1)).unwrap().talk().statement(StatementNo(1)).unwrap();
        assert_eq!((statement.words(), statement.erased()), (None, Some(erasure)));
        assert_eq!(traces(folder.path(), &plant), [""; 0]);
    }
}

#[test]
fn rows_that_moved_between_pages_leave_nothing_behind() {
    let folder = folder();
    let (_store, house) = hall(folder.path());
    let first = house.command(import("Large", 2, 3_000)).unwrap().entries.start;
    // Entries of the import: the question, two participants, then the statements.
    let entries: Vec<u64> = (0..3_000).step_by(3).map(|n| first + 3 + n).collect();
    let texts: Vec<Opened> = entries.iter().map(|entry| text(folder.path(), *entry)).collect();
    for entry in entries {
        house.command(erase(entry, Field::Text)).unwrap();
    }
    wait_until_scrubbed(&house);
    let bytes: Vec<Vec<u8>> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|file| std::fs::read(file.unwrap().path()).unwrap())
        .collect();
    // Words like “Statement 3” stand in others; the salt is each text's own.
    let salts: std::collections::HashSet<[u8; 32]> = texts.iter().map(|text| text.salt.0).collect();
    let left =
        bytes.iter().flat_map(|bytes| bytes.windows(32)).filter(|window| salts.contains(*window)).count();
    assert_eq!(left, 0, "copies of erased texts stand in unused parts of pages");
}

#[test]
fn a_long_reader_delays_the_scrubbing_and_does_not_prevent_it() {
    let folder = folder();
    let (_store, house) = hall(folder.path());
    let plant = text(folder.path(), PLANT);
    let reader = meddle(folder.path());
    reader.execute_batch("BEGIN; SELECT * FROM text;").unwrap();
    let started = Instant::now();
    house.command(erase(PLANT, Field::Text)).unwrap();
    assert!(started.elapsed() < Duration::from_secs(5), "whoever erases waits for a reader");
    assert!(house.scrubbing(), "remains are there, and nobody says so");
    guest_agrees_with_another(&house);
    assert!(!traces(folder.path(), &plant).is_empty());
    reader.execute_batch("ROLLBACK").unwrap();
    wait_until_scrubbed(&house);
    assert_eq!(traces(folder.path(), &plant), [""; 0]);
}

fn guest_agrees_with_another(house: &House) {
    let agree = respond(1, 2, assembly::talk::Response::Agree);
    runtime().block_on(house.act(&Token::random().unwrap(), agree)).unwrap();
}

#[test]
fn a_kill_between_commit_and_scrubbing_is_healed_at_the_next_start() {
    let folder = folder();
    drop(hall(folder.path()));
    let plant = text(folder.path(), PLANT);
    let mut child = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "--nocapture", "erases_and_cannot_scrub"])
        .env("VECHE_TEST_FOLDER", folder.path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    assert!(lines.any(|line| line.ends_with("erased")), "the other process did not erase");
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(!traces(folder.path(), &plant).is_empty(), "the kill came too late to show anything");
    let store = open(folder.path()).unwrap();
    wait_until_scrubbed(&store.houses()[0]);
    assert_eq!(traces(folder.path(), &plant), [""; 0]);
    check_sound(&store.houses()[0], folder.path());
    let marked: i64 =
        meddle(folder.path()).query_row("SELECT count(*) FROM scrub", (), |row| row.get(0)).unwrap();
    assert_eq!(marked, 0);
}

/// The other process.
#[test]
#[ignore = "started by the test above"]
fn erases_and_cannot_scrub() {
    let Some(folder) = std::env::var_os("VECHE_TEST_FOLDER") else { return };
    let folder = Path::new(&folder);
    let store = open(folder).unwrap();
    let reader = meddle(folder);
    reader.execute_batch("BEGIN; SELECT * FROM text;").unwrap();
    store.houses()[0].command(erase(PLANT, Field::Text)).unwrap();
    println!("erased");
    std::thread::sleep(Duration::from_secs(60));
}

#[test]
fn a_guest_erases_their_own_words_once_and_nobody_elses() {
    let folder = folder();
    let (_store, house) = hall(folder.path());
    let (me, other) = (Token::random().unwrap(), Token::random().unwrap());
    let runtime = runtime();
    let act = |who: &Token, act: PersonAct| runtime.block_on(house.act(who, act));
    let put = act(&me, state("My name is Ivan Petrov.")).unwrap().entry.unwrap();
    act(&other, respond(1, 4, assembly::talk::Response::Disagree)).unwrap();
    let words = text(folder.path(), put);
    let mine = PersonAct::Erase { question: QuestionId(1), statement: StatementNo(4) };
    let theirs = PersonAct::Erase { question: QuestionId(1), statement: StatementNo(1) };
    let not_yours = |entry| Err(Failure::Refused(Refusal::NotYours(entry)));
    assert_eq!(act(&other, mine.clone()), not_yours(put));
    assert_eq!(act(&Token::random().unwrap(), mine.clone()), not_yours(put));
    assert_eq!(act(&me, theirs), not_yours(PLANT));
    // A double click: both at once, one entry.
    let size = house.read().state.size();
    let both = runtime.block_on(async { tokio::join!(house.act(&me, mine.clone()), house.act(&me, mine)) });
    let done = both.0.clone().or(both.1.clone()).unwrap();
    assert_eq!(done.entries, size..size + 1);
    let refused = [both.0, both.1].into_iter().find_map(Result::err);
    assert_eq!(refused, Some(Failure::Refused(Refusal::AlreadyErased(put))));
    wait_until_scrubbed(&house);
    assert_eq!(traces(folder.path(), &words), [""; 0]);
    let live = house.read();
    let statement = live.state.question(QuestionId(1)).unwrap().talk().statement(StatementNo(4)).unwrap();
    assert_eq!(statement.tally().disagree, 1, "what was said to it stays");
    assert!(statement.erased().unwrap().by_author);
}

#[test]
fn a_text_put_and_erased_in_one_breath_is_never_written() {
    let folder = folder();
    let (_store, house) = hall(folder.path());
    let me = Token::random().unwrap();
    let size = house.read().state.size();
    runtime().block_on(async {
        let mine = PersonAct::Erase { question: QuestionId(1), statement: StatementNo(4) };
        let (put, erased) = tokio::join!(house.act(&me, state("Too fast.")), house.act(&me, mine));
        put.unwrap();
        erased.unwrap();
    });
    assert_eq!(house.read().state.size(), size + 3);
    check_sound(&house, folder.path());
}

#[test]
fn a_quiet_deletion_is_missed() {
    let folder = folder();
    drop(hall(folder.path()));
    let missing =
        vec![MissingText { entry: 2, field: Field::Why }, MissingText { entry: PLANT, field: Field::Text }];
    for snapshot in [true, false] {
        let db = meddle(folder.path());
        db.execute("DELETE FROM text WHERE entry = 4 OR (entry = 2 AND field = 'why')", ()).unwrap();
        if !snapshot {
            db.execute("DELETE FROM snapshot", ()).unwrap();
        }
        let store = open(folder.path()).unwrap();
        let found = runtime().block_on(store.houses()[0].missing_texts()).unwrap();
        assert_eq!(found, missing);
        assert!(found[0].to_string().contains("The why of entry 2 is missing"), "{}", found[0]);
    }
}

#[test]
fn words_that_come_back_are_deleted_again() {
    let folder = folder();
    let (store, house) = hall(folder.path());
    let plant = text(folder.path(), PLANT);
    house.command(erase(PLANT, Field::Text)).unwrap();
    drop((house, store));
    for snapshot in [true, false] {
        let db = meddle(folder.path());
        let row = "INSERT INTO text (assembly, entry, field, salt, words) VALUES (1, 4, 'text', ?1, ?2)";
        db.execute(row, (plant.salt.0, &*plant.text)).unwrap();
        if !snapshot {
            db.execute("DELETE FROM snapshot", ()).unwrap();
        }
        drop(db);
        let store = open(folder.path()).unwrap();
        let house = &store.houses()[0];
        wait_until_scrubbed(house);
        assert_eq!(runtime().block_on(house.texts(PLANT)).unwrap(), []);
        assert_eq!(traces(folder.path(), &plant), [""; 0]);
        check_sound(house, folder.path());
    }
}

#[test]
fn a_link_lets_one_organiser_into_one_assembly_once() {
    let folder = folder();
    let (mut store, house) = hall(folder.path());
    let other = store.found(store::Founding { slug: "barn".into(), ..founding() }).unwrap();
    let refused = store::organiser_link(folder.path(), None, 1_000).unwrap_err().to_string();
    assert!(refused.contains("hall, barn"), "{refused}");
    let link = |now| store::organiser_link(folder.path(), Some("hall"), now).unwrap().1;
    runtime().block_on(async {
        let token = link(1_000);
        assert_eq!(other.enter(token, 1_001).await, Ok(None), "a link for another assembly");
        let both = tokio::join!(house.enter(token, 1_001), house.enter(token, 1_001));
        let sessions: Vec<Token> = [both.0.unwrap(), both.1.unwrap()].into_iter().flatten().collect();
        assert_eq!(sessions.len(), 1, "a link was used twice");
        assert_eq!(house.enter(token, 1_002).await, Ok(None), "a link was used again");
        let session = sessions[0];
        assert_eq!(house.organises(&session, 1_002).await, Ok(true));
        assert_eq!(other.organises(&session, 1_002).await, Ok(false), "a session of another assembly");
        assert_eq!(house.organises(&token, 1_002).await, Ok(false), "the link is not the session");
        assert_eq!(house.organises(&session, 1_001 + store::SESSION_MS).await, Ok(false), "too long ago");
        let late = link(1_000);
        assert_eq!(house.enter(late, 1_000 + store::LINK_MS).await, Ok(None), "a link that has expired");
        house.leave(&session).await.unwrap();
        assert_eq!(house.organises(&session, 1_002).await, Ok(false), "signed out");
    });
}

#[test]
fn reports_wait_until_somebody_decides() {
    let folder = folder();
    let (_store, house) = hall(folder.path());
    let ground = Ground::PersonalDataOfAnother;
    let note = "It says “Plant trees.”, and Ivan Petrov lives there.";
    runtime().block_on(async {
        for _ in 0..10 {
            assert_eq!(house.report(PLANT, ground, note.into(), 50).await, Ok(Reported::Kept));
        }
        assert_eq!(house.report(PLANT, ground, note.into(), 50).await, Ok(Reported::Enough));
        assert_eq!(house.report(5, ground, "Another.".into(), 60).await, Ok(Reported::Kept));
        assert_eq!(house.reports(60).await.unwrap().len(), 11);
        house.dismiss(5).await.unwrap();
        let waiting = house.reports(60).await.unwrap();
        assert!(waiting.iter().all(|report| (report.entry, &*report.note) == (PLANT, note)), "{waiting:?}");
        assert_eq!(house.reports(51 + store::REPORT_MS).await, Ok(Vec::new()), "too long ago");
        let plant = text(folder.path(), PLANT);
        house.carry_out(erase(PLANT, Field::Text)).await.unwrap();
        assert_eq!(house.reports(60).await, Ok(Vec::new()));
        wait_until_scrubbed(&house);
        assert_eq!(traces(folder.path(), &plant), [""; 0], "reports may quote what was erased");
    });
}

#[test]
fn two_assemblies_of_a_folder_erase_at_once() {
    let folder = folder();
    let (mut store, hall) = hall(folder.path());
    let barn = store.found(store::Founding { slug: "barn".into(), ..founding() }).unwrap();
    let first = [&hall, &barn].map(|house| house.command(import("More", 1, 40)).unwrap().entries.start + 2);
    let reader = Reader::open(folder.path()).unwrap();
    let listed = reader.assemblies().unwrap();
    let salts: Vec<Opened> = (0..2)
        .flat_map(|place| (0..40).map(move |n| (place, first[place] + n)))
        .map(|(place, entry)| reader.texts(&listed[place], entry).unwrap().remove(0).1)
        .collect();
    std::thread::scope(|scope| {
        for (house, first) in [&hall, &barn].into_iter().zip(first) {
            scope.spawn(move || {
                for entry in first..first + 40 {
                    house.command(erase(entry, Field::Text)).unwrap();
                    guest_talks(house);
                }
            });
        }
    });
    wait_until_scrubbed(&hall);
    wait_until_scrubbed(&barn);
    let bytes: Vec<u8> = std::fs::read_dir(folder.path())
        .unwrap()
        .flat_map(|file| std::fs::read(file.unwrap().path()).unwrap_or_default())
        .collect();
    let salts: std::collections::HashSet<[u8; 32]> = salts.iter().map(|text| text.salt.0).collect();
    assert_eq!(salts.len(), 80);
    assert!(bytes.windows(32).all(|window| !salts.contains(window)), "a salt is left");
    check_sound(&hall, folder.path());
}

fn guest_talks(house: &House) {
    let question = house.read().state.questions().last().unwrap().id();
    let put = PersonAct::State { question, text: format!("Guest at {}.", house.read().state.size()) };
    runtime().block_on(house.act(&Token::random().unwrap(), put)).unwrap();
}
