//! The witness' rules: every answer of the specification, and the promise behind them.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use record::checkpoint::{Checkpoint, SignedCheckpoint};
use record::note::{CosigningKey, SigningKey};
use record::witness::{Head, Log, LogError, Refusal, Request, RequestError, decide};
use record::{EMPTY_ROOT, Hash, ProofMismatch, Tree, consistency_proof, leaf_hash, root_at};

const ORIGIN: &str = "example.org/log";

fn key(seed: u8) -> SigningKey {
    SigningKey::from_seed(&[seed; 32], ORIGIN).unwrap()
}

fn log() -> Log {
    Log::new(ORIGIN, key(1).verifier().clone()).unwrap()
}

fn tree(size: u64, flavour: u8) -> Tree {
    Tree::from_leaf_hashes((0..size).map(|i| leaf_hash(&[&i.to_be_bytes()[..], &[flavour]].concat())))
}

fn head(tree: &Tree) -> Head {
    Head { size: tree.size(), root: tree.root() }
}

fn signed(size: u64, root: Hash, key: &SigningKey) -> SignedCheckpoint {
    SignedCheckpoint::sign(Checkpoint::new(key.name(), size, root).unwrap(), key).unwrap()
}

/// The honest request to go from `old` to the size of `tree`.
fn honest(old: u64, tree: &Tree) -> Request {
    let proof = consistency_proof(tree, old, tree.size()).unwrap();
    Request::new(old, proof, signed(tree.size(), tree.root(), &key(1))).unwrap()
}

#[test]
fn first_contact_growth_and_repetition_are_cosigned() {
    let tree = tree(12, 0);
    let first = honest(0, &tree);
    assert_eq!(decide(Some(&log()), None, &first), Ok(head(&tree)));
    assert_eq!(decide(Some(&log()), Some(Head::default()), &first), Ok(head(&tree)));
    let old = Head { size: 5, root: root_at(&tree, 5).unwrap() };
    assert_eq!(decide(Some(&log()), Some(old), &honest(5, &tree)), Ok(head(&tree)));
    assert_eq!(decide(Some(&log()), Some(head(&tree)), &honest(12, &tree)), Ok(head(&tree)));
    let empty = Request::new(0, Vec::new(), signed(0, EMPTY_ROOT, &key(1))).unwrap();
    assert_eq!(decide(Some(&log()), None, &empty), Ok(Head::default()));
    assert_eq!(decide(Some(&log()), Some(Head::default()), &empty), Ok(Head::default()));
}

#[test]
fn every_refusal_has_the_status_of_the_specification() {
    let long = tree(12, 0);
    let known = Some(head(&tree(5, 0)));
    let statuses = [
        // 404: no log, or the log of another origin.
        (decide(None, None, &honest(0, &long)), Refusal::UnknownLog, 404),
        // 403: signed by a key of the same name that is not the log's.
        (
            decide(Some(&log()), None, &Request::new(0, vec![], signed(12, long.root(), &key(2))).unwrap()),
            Refusal::NotSigned,
            403,
        ),
        // 400: the old size beyond the checkpoint's, wherever the witness stands.
        (
            decide(Some(&log()), known, &Request::new(13, vec![], signed(12, long.root(), &key(1))).unwrap()),
            Refusal::OldTooLarge { old: 13, size: 12 },
            400,
        ),
        // 409 with a size: the proof begins elsewhere.
        (decide(Some(&log()), known, &honest(0, &long)), Refusal::Conflict { size: 5 }, 409),
        (decide(Some(&log()), known, &honest(4, &long)), Refusal::Conflict { size: 5 }, 409),
        (decide(Some(&log()), None, &honest(5, &long)), Refusal::Conflict { size: 0 }, 409),
        // 409: the log rolled back is asked for from its own size.
        (decide(Some(&log()), known, &honest(3, &tree(3, 0))), Refusal::Conflict { size: 5 }, 409),
        // 409 without a size: a second head of one size.
        (decide(Some(&log()), known, &honest(5, &tree(5, 1))), Refusal::OtherRoot, 409),
        // 422: another history, a proof where none belongs, none where one belongs, the root of nothing.
        (decide(Some(&log()), known, &honest(5, &tree(12, 1))), Refusal::Proof(ProofMismatch::OldRoot), 422),
        (
            decide(
                Some(&log()),
                None,
                &Request::new(0, vec![EMPTY_ROOT], signed(12, long.root(), &key(1))).unwrap(),
            ),
            Refusal::Proof(ProofMismatch::Length),
            422,
        ),
        (
            decide(Some(&log()), known, &Request::new(5, vec![], signed(12, long.root(), &key(1))).unwrap()),
            Refusal::Proof(ProofMismatch::Length),
            422,
        ),
        (
            decide(
                Some(&log()),
                known,
                &Request::new(5, vec![EMPTY_ROOT], signed(5, tree(5, 0).root(), &key(1))).unwrap(),
            ),
            Refusal::Proof(ProofMismatch::Length),
            422,
        ),
        (
            decide(Some(&log()), None, &Request::new(0, vec![], signed(0, long.root(), &key(1))).unwrap()),
            Refusal::Proof(ProofMismatch::Root),
            422,
        ),
    ];
    for (found, expected, status) in statuses {
        assert_eq!(found, Err(expected.clone()));
        assert_eq!(expected.status(), status, "{expected}");
        assert!(expected.to_string().ends_with('.'), "{expected}");
    }
    assert_eq!(Refusal::Malformed(RequestError::Form).status(), 400);
}

#[test]
fn signatures_are_judged_as_signed_note_says() {
    let tree = tree(3, 0);
    // Unknown keys are ignored, also beside the known one.
    let mut request = honest(0, &tree);
    let text = request.checkpoint().note().text().to_owned();
    let witness = CosigningKey::from_seed(&[9; 32], "witness.example/w1").unwrap();
    let mut checkpoint = request.checkpoint().clone();
    checkpoint.add([witness.cosign(&text, 1).unwrap(), key(2).sign(&text)]).unwrap();
    request = Request::new(0, vec![], checkpoint).unwrap();
    assert_eq!(decide(Some(&log()), None, &request), Ok(head(&tree)));
    // A bad one by a known key spoils it.
    let mut checkpoint = signed(3, tree.root(), &key(2));
    checkpoint.add([key(1).sign("another text\n")]).unwrap();
    let request = Request::new(0, vec![], checkpoint).unwrap();
    assert_eq!(decide(Some(&log()), None, &request), Err(Refusal::NotSigned));
    // Two keys while the log changes from one to the other; origins other than the key's name.
    let mut both = log();
    assert!(both.merge(&Log::new(ORIGIN, key(2).verifier().clone()).unwrap()));
    assert_eq!(both.keys().len(), 2);
    let request = Request::new(0, vec![], signed(3, tree.root(), &key(2))).unwrap();
    assert_eq!(decide(Some(&both), None, &request), Ok(head(&tree)));
    let other = Log::new("go.sum database tree", key(1).verifier().clone()).unwrap();
    assert!(!both.merge(&other));
    assert_eq!(decide(Some(&other), None, &honest(0, &tree)), Err(Refusal::UnknownLog));
    assert!(matches!(Log::new("x", witness.verifier().clone()), Err(LogError::NotALog { .. })));
    assert_eq!(Log::new("", key(1).verifier().clone()), Err(LogError::Origin));
}

#[test]
fn only_the_form_of_the_specification_is_read() {
    let tree = tree(12, 0);
    let text = honest(5, &tree).to_string();
    assert_eq!(text.parse::<Request>().unwrap().to_string(), text);
    assert!(text.starts_with("old 5\n"));
    let line = format!("{EMPTY_ROOT}\n");
    let with = |count: usize| text.replacen("old 5\n", &format!("old 5\n{}", line.repeat(count)), 1);
    let own = honest(5, &tree).to_string().lines().take_while(|line| !line.is_empty()).count() - 1;
    assert!(with(63 - own).parse::<Request>().is_ok());
    assert_eq!(with(64 - own).parse::<Request>(), Err(RequestError::Form));
    for bad in [
        String::new(),
        "old 5\n".into(),
        "old 5\n\n".into(),
        text.replacen("old 5", "old 05", 1),
        text.replacen("old 5", "old -5", 1),
        text.replacen("old 5", "old  5", 1),
        text.replacen("old 5", "Old 5", 1),
        text.replacen("old 5", "old 18446744073709551616", 1),
        text.replacen("old 5\n", "", 1),
        text.replacen("old 5\n", "old 5\nAAAA\n", 1),
        text.replacen("old 5\n", "old 5\r\n", 1),
        text.replacen("\n\n", "\n", 1),
        text.replacen("\n\n", "\n\n\n", 1),
        text.trim_end().to_owned(),
        text.split("\u{2014}").next().unwrap().to_owned(),
    ] {
        assert!(bad.parse::<Request>().is_err(), "{bad:?}");
    }
    assert_eq!(Request::from_bytes(b"old 0\n\n\xff"), Err(RequestError::Form));
    assert!(Request::new(0, vec![EMPTY_ROOT; 64], signed(12, tree.root(), &key(1))).is_err());
}

proptest! {
    /// Whatever is asked for in whatever order, the heads that are cosigned are heads of one log.
    #[test]
    fn cosigned_heads_are_of_one_growing_log(
        asked in prop::collection::vec((0u64..40, 0u64..40, 0u8..2, any::<bool>()), 1..40)
    ) {
        let trees = [tree(40, 0), tree(40, 1)];
        let (mut last, mut flavours, mut sizes) = (None::<Head>, Vec::new(), vec![0]);
        for (old, size, flavour, follow) in asked {
            let old = if follow { last.map_or(0, |head| head.size) } else { old };
            let all = &trees[usize::from(flavour)];
            let proof = if old <= size { consistency_proof(all, old, size).unwrap() } else { Vec::new() };
            let root = root_at(all, size).unwrap();
            let request = Request::new(old, proof, signed(size, root, &key(1))).unwrap();
            if let Ok(head) = decide(Some(&log()), last, &request) {
                prop_assert_eq!(head, Head { size, root });
                prop_assert!(sizes.last().is_some_and(|last| *last <= size));
                last = Some(head);
                sizes.push(size);
                if size > 0 {
                    flavours.push(flavour);
                }
            }
        }
        flavours.dedup();
        prop_assert!(flavours.len() <= 1);
    }
}
