//! A small assembly in a folder of its own, and ways to look at it and to damage it.

#![allow(dead_code, clippy::unwrap_used, reason = "test code; not every test uses every helper")]

use assembly::question::{self, Activity, Admits, Open, Step, StepName};
use assembly::talk::{self, Import, ImportedResponse, ImportedStatement, Response};
use assembly::{Command, QuestionId, State, StatementNo};
use record::checkpoint::SignedCheckpoint;
use record::policy::Policy;
use record::receipt::Receipt;
use record::tile::BundlePath;
use record::{Tree, leaf_hash};
use rusqlite::Connection;
use std::path::Path;
use std::time::{Duration, Instant};
use store::{Done, Failure, Founding, House, OpenError, PersonAct, Reader, Store, Token};
use tempfile::TempDir;
use tokio::runtime::Runtime;

pub fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

pub fn open(folder: &Path) -> Result<Store, OpenError> {
    Store::open(folder, &mut |_, _| ())
}

pub fn founding() -> Founding {
    Founding { slug: "hall".into(), title: "The hall".into(), address: "https://veche.example/".into() }
}

pub fn runtime() -> Runtime {
    Runtime::new().unwrap()
}

/// Always open for talk.
pub fn ask(title: &str) -> Open {
    let activities = Activity::ALL.to_vec();
    Open {
        title: store::text(title).unwrap(),
        why: Some(store::text("Because it is time.").unwrap()),
        decides: None,
        admits: Admits::Guests,
        simulated: false,
        steps: vec![Step { step: StepName::Talk, opens: 0, closes: None, activities }],
    }
}

/// An import whose participant `p` responds to every statement.
pub fn import(title: &str, participants: u32, statements: u32) -> Command {
    let statement = |n| ImportedStatement {
        by: None,
        text: store::text(format!("Statement {n}")).unwrap(),
        rejected: false,
        meta: false,
        then: None,
        there: Some(n),
    };
    let respond = |n: u32| ImportedResponse {
        participant: n / statements,
        statement: n % statements,
        response: Response::ALL[n as usize % 3],
        then: Some(u64::from(n)),
    };
    Command::Talk(talk::Command::Import(Box::new(Import {
        open: ask(title),
        provenance: None,
        participants: vec![None; participants as usize],
        statements: (0..statements).map(statement).collect(),
        responses: (0..participants * statements).map(respond).collect(),
    })))
}

/// An assembly with question 1, which has three statements by three guests. 9 entries.
pub fn hall(folder: &Path) -> (Store, House) {
    let mut store = open(folder).unwrap();
    let house = store.found(founding()).unwrap();
    let question = Command::Question(question::Command::Open(Box::new(ask("A garden?"))));
    house.command(question).unwrap();
    let runtime = runtime();
    for words in ["Plant trees.", "Keep the cars.", "Ask the children."] {
        runtime.block_on(house.act(&Token::random().unwrap(), state(words))).unwrap();
    }
    (store, house)
}

/// As [`hall`], with an import of 400 responses, so that the tree has more than one level of tiles.
pub fn large_hall(folder: &Path) -> (Store, House) {
    let (store, house) = hall(folder);
    house.command(import("Imported", 40, 10)).unwrap();
    (store, house)
}

pub fn state(words: &str) -> PersonAct {
    PersonAct::State { question: QuestionId(1), text: words.into() }
}

pub fn respond(question: u32, statement: u32, response: Response) -> PersonAct {
    PersonAct::Respond { question: QuestionId(question), statement: StatementNo(statement), response }
}

/// A new guest agrees with statement 1.
pub fn guest_agrees(house: &House) -> Result<Done, Failure> {
    runtime().block_on(house.act(&Token::random().unwrap(), respond(1, 1, Response::Agree)))
}

/// The bytes of an entry, as they stand on disk.
pub fn entry(folder: &Path, index: u64) -> Vec<u8> {
    let reader = Reader::open(folder).unwrap();
    let listed = reader.assemblies().unwrap().remove(0);
    let path = BundlePath::new(index / 256, (index % 256 + 1) as u16).unwrap();
    let bundle = reader.bundle(&listed, path).unwrap().unwrap();
    record::tile::decode_bundle(&bundle, path.width()).unwrap().pop().unwrap().to_vec()
}

pub fn policy(key: &str) -> Policy {
    Policy::new(key.parse().unwrap(), [], 0).unwrap()
}

/// The receipt holds for the entry on disk.
pub fn check_receipt(house: &House, folder: &Path, index: u64) {
    let receipt: Receipt = house.receipt(&house.read(), index).unwrap().parse().unwrap();
    assert_eq!(receipt.index(), index);
    receipt.verify(&entry(folder, index), &policy(&house.key())).unwrap();
}

/// The state is the fold of what is on disk, the tree the one over it, and the checkpoint signs it.
pub fn check_sound(house: &House, folder: &Path) {
    let live = house.read();
    let reader = Reader::open(folder).unwrap();
    let listed = reader.assemblies().unwrap().remove(0);
    let mut leaves = Vec::new();
    let mut state = State::default();
    for path in record::tile::bundles(live.tree.size()) {
        let bundle = reader.bundle(&listed, path).unwrap().unwrap();
        for bytes in record::tile::decode_bundle(&bundle, path.width()).unwrap() {
            let mut entry = assembly::Entry::decode(bytes, &mut Vec::new()).unwrap();
            for (field, opened) in reader.texts(&listed, leaves.len() as u64).unwrap() {
                assert!(assembly::apply_text(&mut entry, field, opened));
            }
            assembly::apply(&mut state, &entry).unwrap();
            leaves.push(leaf_hash(bytes));
        }
    }
    assert!(state == live.state, "the state in memory is not the fold of the record");
    assert!(Tree::from_leaf_hashes(leaves) == live.tree, "the tree in memory is not the record's");
    let checkpoint: SignedCheckpoint = live.checkpoint.parse().unwrap();
    checkpoint.verify(&policy(&house.key())).unwrap();
    let head = checkpoint.checkpoint();
    assert_eq!((head.size(), head.root()), (live.tree.size(), live.tree.root()));
    assert_eq!(reader.checkpoint(&listed).unwrap(), *live.checkpoint);
}

/// A connection of somebody else to the same database.
pub fn meddle(folder: &Path) -> Connection {
    let db = Connection::open(folder.join(store::DATABASE)).unwrap();
    db.busy_timeout(std::time::Duration::from_secs(20)).unwrap();
    db
}

/// The files of the folder in which one of these stands.
pub fn holding(folder: &Path, needles: &[&[u8]]) -> Vec<String> {
    let files = std::fs::read_dir(folder).unwrap().map(Result::unwrap);
    let holds = |bytes: &[u8]| {
        needles.iter().any(|needle| bytes.windows(needle.len()).any(|window| window == *needle))
    };
    files
        .filter(|file| holds(&std::fs::read(file.path()).unwrap()))
        .map(|file| file.file_name().into_string().unwrap())
        .collect()
}

/// Until what was erased is in no file any more.
pub fn wait_until_scrubbed(house: &House) {
    let started = Instant::now();
    while house.scrubbing() {
        assert!(started.elapsed() < Duration::from_secs(20), "remains are not removed");
        std::thread::sleep(Duration::from_millis(20));
    }
}
