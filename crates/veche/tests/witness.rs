//! `veche witness` over HTTP: every status of the specification, and a promise that outlives the process.

mod common;

use common::witness::{NAME, Witness};
use common::{Server, json};
use record::checkpoint::{Checkpoint, SignedCheckpoint};
use record::note::{SigningKey, VerifierKey};
use record::tile::{TileNodes, TilePath};
use record::witness::Request;
use record::{EMPTY_ROOT, Hash, Tree, consistency_proof, leaf_hash, root_at};

const ORIGIN: &str = "example.org/log";

fn key(seed: u8, origin: &str) -> SigningKey {
    SigningKey::from_seed(&[seed; 32], origin).expect("a key")
}

fn tree(size: u64, flavour: &str) -> Tree {
    Tree::from_leaf_hashes((0..size).map(|i| leaf_hash(format!("{flavour} {i}").as_bytes())))
}

fn request(old: u64, proof: Vec<Hash>, size: u64, root: Hash, key: &SigningKey) -> Request {
    let head = Checkpoint::new(key.name(), size, root).expect("a head");
    Request::new(old, proof, SignedCheckpoint::sign(head, key).expect("a key of that name"))
        .expect("a request")
}

fn honest(old: u64, size: u64, all: &Tree, key: &SigningKey) -> Request {
    let proof = consistency_proof(all, old, size).expect("a proof");
    request(old, proof, size, root_at(all, size).expect("a root"), key)
}

#[test]
fn every_answer_is_the_specifications_and_the_promise_outlives_the_process() {
    let data = tempfile::tempdir().expect("a folder");
    let (log, all, other) = (key(1, ORIGIN), tree(40, "one"), tree(40, "other"));
    let vkey = log.verifier().to_string();
    let witness = Witness::start(data.path(), NAME, "127.0.0.1:0", &[&vkey]);

    witness.cosigned(&honest(0, 5, &all, &log), log.verifier());
    witness.cosigned(&honest(5, 12, &all, &log), log.verifier());
    // Asked again: the same head, a newer time.
    witness.cosigned(&honest(12, 12, &all, &log), log.verifier());

    let stranger = key(2, "example.org/unknown");
    let refused = [
        (honest(0, 20, &all, &stranger).to_string(), 404),
        (honest(12, 20, &all, &key(2, ORIGIN)).to_string(), 403),
        (request(13, vec![], 12, all.root(), &log).to_string(), 400),
        (honest(12, 20, &other, &log).to_string(), 422),
        (request(12, vec![EMPTY_ROOT; 63], 20, root_at(&all, 20).expect("a root"), &log).to_string(), 422),
        (honest(12, 12, &other, &log).to_string(), 409),
        (honest(0, 20, &all, &log).to_string().replacen("old 0\n", &"A".repeat(200), 1), 400),
        (String::new(), 400),
        ("old 0\n\nx".into(), 400),
    ];
    for (body, expected) in &refused {
        let (status, kind, said) = witness.ask(body);
        assert_eq!((status, kind.as_str()), (*expected, "text/plain; charset=utf-8"), "{said}");
        assert!(said.ends_with(".\n"), "{said}");
    }
    assert_eq!(witness.ask(&"x".repeat(100_000)).0, 413);
    for old in [0, 5, 11] {
        let answer = witness.ask(&honest(old, 20, &all, &log).to_string());
        assert_eq!(answer, (409, "text/x.tlog.size".into(), "12\n".into()));
    }
    let get = witness.agent.get(format!("{}/add-checkpoint", witness.url)).call().expect("an answer");
    assert_eq!(get.status(), 405);

    // Killed, not stopped: what it cosigned it still knows, under the same key.
    let before = witness.key.clone();
    drop(witness);
    let changed = key(3, ORIGIN);
    let witness = Witness::start(
        data.path(),
        NAME,
        "127.0.0.1:0",
        &[&vkey, &changed.verifier().to_string(), &format!("{vkey} odd name")],
    );
    assert_eq!(witness.key, before);
    let answer = witness.ask(&honest(0, 20, &other, &log).to_string());
    assert_eq!((answer.0, answer.2.as_str()), (409, "12\n"));
    assert_eq!(witness.ask(&honest(12, 20, &other, &log).to_string()).0, 422);
    witness.cosigned(&honest(12, 20, &all, &changed), changed.verifier());
    // A log whose key has another name than its checkpoints' first line.
    let text = format!("odd name\n40\n{}\n", all.root());
    let note = record::note::SignedNote::new(text.as_str(), vec![log.sign(&text)]).expect("a note");
    assert_eq!(witness.ask(&format!("old 0\n\n{note}")).0, 200);
    let data = data.path().to_str().expect("a path");
    let busy = json(&["witness", "--data", data, "--name", NAME, "--listen", "127.0.0.1:0"], 2);
    assert!(busy["error"].as_str().unwrap_or_default().contains("in use"), "{busy}");
    drop(witness);
    for (arguments, why) in [
        (vec!["--name", "witness.example/w2"], "keeps its name"),
        (vec!["--name", "two words"], "keeps its name"),
        (vec!["--name", NAME, "--log", "nonsense"], "not a verifier key"),
        (vec!["--name", NAME, "--log", &before.to_string()], "the log's own key"),
    ] {
        let failed =
            json(&[&["witness", "--data", data, "--listen", "127.0.0.1:0"], &arguments[..]].concat(), 2);
        assert!(failed["error"].as_str().unwrap_or_default().contains(why), "{failed}");
    }
}

#[test]
fn of_many_that_ask_at_once_one_history_wins() {
    let data = tempfile::tempdir().expect("a folder");
    let log = key(1, ORIGIN);
    let witness = Witness::start(data.path(), NAME, "127.0.0.1:0", &[&log.verifier().to_string()]);
    let trees = [tree(64, "one"), tree(64, "other")];
    let won: Vec<(usize, u64)> = std::thread::scope(|scope| {
        let ask = |(number, all): (usize, &Tree)| {
            let mut won = Vec::new();
            for size in 1..=64 {
                // From wherever the witness says it stands.
                let old = witness.ask(&honest(0, size, all, &log).to_string());
                let old = if old.0 == 200 {
                    won.push((number, size));
                    continue;
                } else {
                    old.2.trim().parse()
                };
                let Ok(old) = old else { continue };
                if old <= size && witness.ask(&honest(old, size, all, &log).to_string()).0 == 200 {
                    won.push((number, size));
                }
            }
            won
        };
        let threads: Vec<_> = trees
            .iter()
            .enumerate()
            .chain(trees.iter().enumerate())
            .map(|one| scope.spawn(move || ask(one)))
            .collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("no panic")).collect()
    });
    let mut histories: Vec<usize> = won.iter().map(|(number, _)| *number).collect();
    histories.sort_unstable();
    histories.dedup();
    assert_eq!(histories.len(), 1, "{won:?}");
}

#[test]
fn a_running_record_can_be_witnessed() {
    let (data, house) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    let server = Server::start("demo", house.path());
    let log: VerifierKey =
        String::from_utf8(server.get("/lindenhof/record/key")).expect("text").trim().parse().expect("a key");
    let witness = Witness::start(data.path(), NAME, "127.0.0.1:0", &[&log.to_string()]);
    let head =
        || SignedCheckpoint::from_bytes(&server.get("/lindenhof/record/checkpoint")).expect("a checkpoint");
    let first = head();
    witness.cosigned(&Request::new(0, vec![], first.clone()).expect("a request"), &log);
    server.respond("lindenhof", 1, "agree");
    let second = head();
    let tiles =
        |path: TilePath| -> Result<Vec<u8>, String> { Ok(server.get(&format!("/lindenhof/record/{path}"))) };
    let (old, new) = (first.checkpoint().size(), second.checkpoint().size());
    let nodes = TileNodes::checked(&tiles, new, &second.checkpoint().root()).expect("tiles");
    let proof = consistency_proof(&nodes, old, new).expect("a proof");
    witness.cosigned(&Request::new(old, proof, second).expect("a request"), &log);
}
