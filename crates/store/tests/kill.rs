//! kill -9 under load and during imports: whatever was acknowledged is in the record afterwards, and
//! nothing is there by half.
//!
//! The test starts itself as another process, kills it, and opens the folder again, over and over.

#![allow(clippy::unwrap_used)]

mod common;

use assembly::talk::Response;
use common::*;
use record::receipt::Receipt;
use record::{Hash, consistency_proof, leaf_hash, verify_consistency};
use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use store::{House, Token};

const KILLS: u64 = 60;
/// Who acts at once in the other process.
const GUESTS: u32 = 48;
/// What each import holds.
const IMPORT: (u32, u32) = (60, 30);
/// Imports that one process begins, so that the record stays of a size to be read sixty times.
const IMPORTS: u32 = 3;

#[test]
fn what_was_acknowledged_survives_kill_nine() {
    let folder = folder();
    drop(hall(folder.path()));
    let mut kept: HashMap<u64, Hash> = HashMap::new();
    let (mut largest, mut before) = (0, Duration::ZERO);
    let mut heads = 0;
    for kill in 0..KILLS {
        let told = live_and_die(folder.path(), kill);
        largest = largest.max(told.len());
        let started = Instant::now();
        let store = open(folder.path()).expect("the folder opens after a kill");
        before += started.elapsed();
        let house = store.houses()[0].clone();
        heads += check(&house, folder.path(), &told);
        kept.extend(told.iter().map(|(index, leaf, _)| (*index, *leaf)));
        let live = house.read();
        for (index, leaf) in &kept {
            assert_eq!(live.tree.leaves().get(*index as usize), Some(leaf), "entry {index} was lost");
        }
        for question in live.state.questions().iter().skip(1) {
            let talk = question.talk();
            assert_eq!(talk.participants().len() as u32, IMPORT.0, "half an import");
            assert_eq!(talk.statements().len() as u32, IMPORT.1, "half an import");
            assert_eq!(talk.responses(), u64::from(IMPORT.0 * IMPORT.1), "half an import");
        }
        drop(live);
        if kill % 20 == 19 {
            check_sound(&house, folder.path());
        }
        // Left as a kill leaves it, at times: without the snapshot of a clean stop.
        if kill % 3 == 0 {
            drop(store);
            meddle(folder.path()).execute("DELETE FROM snapshot", []).unwrap();
        }
    }
    let store = open(folder.path()).unwrap();
    let size = store.houses()[0].read().tree.size();
    let imports = store.houses()[0].read().state.questions().len() - 1;
    println!(
        "{KILLS} kills, {} entries acknowledged (at most {largest} between two kills) under {heads} signed heads, \
         {imports} imports whole, {size} entries in the record, {} ms to open on average",
        kept.len(),
        before.as_millis() / u128::from(KILLS)
    );
    assert!(kept.len() as u64 > KILLS * 10, "the kills came before anything was done");
    assert!(imports > 0, "no import was finished");
    let changes = store.houses()[0].read().state.roll().keys().count() - 1;
    assert!(changes > 0, "the key was never changed");
}

/// An acknowledged entry: its index, its leaf, its receipt.
type Told = (u64, Hash, String);

/// Starts the other process, lets it work for a while, kills it; what it had acknowledged until then.
fn live_and_die(folder: &Path, kill: u64) -> Vec<Told> {
    let mut child: Child = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "--nocapture", "works_until_killed"])
        .env("VECHE_TEST_FOLDER", folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    assert!(lines.any(|line| line.ends_with("open")), "the other process could not open the folder");
    let reader = std::thread::spawn(move || {
        // A line is written whole by one call, but a pipe may be cut anywhere.
        lines.filter_map(|line| parse(&line)).collect::<Vec<_>>()
    });
    // From "nothing may have happened yet" to "an import is under way": 0 to 180 ms, spread evenly.
    std::thread::sleep(Duration::from_millis(kill * 37 % 181));
    child.kill().unwrap();
    child.wait().unwrap();
    reader.join().unwrap()
}

fn parse(line: &str) -> Option<Told> {
    let mut parts = line.strip_prefix("ack ")?.strip_suffix(" end")?.splitn(3, ' ');
    let (index, leaf, receipt) = (parts.next()?, parts.next()?, parts.next()?);
    Some((index.parse().unwrap(), leaf.parse().unwrap(), receipt.replace('|', "\n")))
}

/// Every receipt holds for the entry on disk, and under a head that the present record continues. How
/// many heads there were.
fn check(house: &House, folder: &Path, told: &[Told]) -> usize {
    let live = house.read();
    let mut heads: HashMap<u64, Hash> = HashMap::new();
    for (index, leaf, receipt) in told {
        let receipt: Receipt = receipt.parse().unwrap();
        assert_eq!(receipt.index(), *index);
        let bytes = entry(folder, *index);
        assert_eq!(leaf_hash(&bytes), *leaf);
        let head = receipt.checkpoint().checkpoint();
        let key = live.state.roll().key_at(head.size()).expect("it was founded");
        receipt.verify(&bytes, &policy(key)).expect("an acknowledged receipt holds");
        let known = *heads.entry(head.size()).or_insert(head.root());
        assert_eq!(known, head.root(), "two heads were signed for {} entries", head.size());
    }
    let (size, root) = (live.tree.size(), live.tree.root());
    for (old, old_root) in &heads {
        let proof = consistency_proof(&live.tree, *old, size).expect("no signed head is beyond the record");
        verify_consistency(*old, size, old_root, &root, &proof).expect("the record continues every head");
    }
    heads.len()
}

#[test]
#[ignore = "the process that what_was_acknowledged_survives_kill_nine kills"]
fn works_until_killed() {
    let folder = std::env::var_os("VECHE_TEST_FOLDER").unwrap();
    let store = open(folder.as_ref()).unwrap();
    let house = store.houses()[0].clone();
    say("open\n");
    let runtime = runtime();
    for guest in 0..GUESTS {
        let house = house.clone();
        runtime.spawn(async move {
            let token = Token::random().unwrap();
            for turn in 0.. {
                let act = match turn {
                    5 => state(&format!("Said by {}", token.seed())),
                    _ => respond(1, (turn / 3 + guest) % 3 + 1, Response::ALL[(turn % 3) as usize]),
                };
                let done = house.act(&token, act).await.unwrap();
                acknowledge(&house, done.entry.unwrap());
            }
        });
    }
    // A kill may come before, between and after these.
    house.retire_keys().unwrap();
    std::thread::sleep(Duration::from_millis(10));
    house.rotate_key(None).unwrap();
    for n in 0..IMPORTS {
        std::thread::sleep(Duration::from_millis(25));
        let done = house.command(import(&format!("Import {n}"), IMPORT.0, IMPORT.1)).unwrap();
        acknowledge(&house, done.entries.start);
        acknowledge(&house, done.entries.end - 1);
    }
    std::thread::sleep(Duration::from_secs(60));
    unreachable!("nobody killed this process");
}

/// Tells the parent, after the answer, what was answered.
fn acknowledge(house: &House, index: u64) {
    let (leaf, receipt) = {
        let live = house.read();
        (live.tree.leaves()[index as usize], house.receipt(&live, index).unwrap())
    };
    say(&format!("ack {index} {leaf} {} end\n", receipt.replace('\n', "|")));
}

fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    out.write_all(line.as_bytes()).unwrap();
    out.flush().unwrap();
}
