//! The witness' rules: every answer of the specification, and the promise behind them.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use record::checkpoint::{Checkpoint, SignedCheckpoint};
use record::note::{CosigningKey, SigningKey};
use record::witness::{
    Answer, AnswerError, Head, Log, LogError, Refusal, Request, RequestError, decide, read_answer,
};
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

fn cosigner(seed: u8) -> CosigningKey {
    CosigningKey::from_seed(&[seed; 32], "witness.example/w1").unwrap()
}

/// What a witness that saw `last` answers, as it comes over the wire.
fn answered(last: Option<Head>, request: &Request) -> (u16, &'static str, String) {
    match decide(Some(&log()), last, request) {
        Ok(_) => {
            let signature = cosigner(4).cosign(request.checkpoint().note().text(), 1_800_000_000).unwrap();
            (200, "text/plain; charset=utf-8", format!("{signature}\n"))
        }
        Err(Refusal::Conflict { size }) => (409, "text/x.tlog.size", format!("{size}\n")),
        Err(refusal) => (refusal.status(), "text/plain; charset=utf-8", format!("{refusal}\n")),
    }
}

#[test]
fn every_answer_is_understood_or_said_to_be_none() {
    let (tree, verifier) = (tree(12, 0), cosigner(4).verifier().clone());
    let request = honest(5, &tree);
    let read = |request: &Request, status, kind: &str, body: &str| {
        read_answer(request, 12, &verifier, status, kind, body.as_bytes())
    };
    let good = cosigner(4).cosign(request.checkpoint().note().text(), 7).unwrap();
    let other = cosigner(5).cosign(request.checkpoint().note().text(), 7).unwrap();
    let wrong = cosigner(4).cosign("something else\n", 7).unwrap();
    let cosigned = Ok(Answer::Cosigned { signature: good.clone(), time: 7 });
    let size = "text/x.tlog.size";
    let same = honest(12, &tree);
    for (request, status, kind, body, expected) in [
        (&request, 200, "", format!("{good}\n"), cosigned.clone()),
        (&request, 200, "text/html", format!("{other}\n{good}\n{good}\n"), cosigned),
        (&request, 200, "", format!("{other}\n"), Err(AnswerError::OtherKey)),
        (&request, 200, "", format!("{wrong}\n"), Err(AnswerError::BadSignature)),
        (&request, 200, "", format!("{good}\n{wrong}\n"), Err(AnswerError::BadSignature)),
        (&request, 200, "", String::new(), Err(AnswerError::Form)),
        (&request, 200, "text/html", "<html>hello</html>\n".into(), Err(AnswerError::Form)),
        (&request, 409, size, "7\n".into(), Ok(Answer::From(7))),
        (&request, 409, "Text/X.Tlog.Size; charset=utf-8", "0".into(), Ok(Answer::From(0))),
        (&request, 409, size, "12\n".into(), Ok(Answer::From(12))),
        (&request, 409, size, "13\n".into(), Ok(Answer::Ahead { size: 13 })),
        (&request, 409, size, "5\n".into(), Err(AnswerError::Conflict)),
        (&request, 409, size, "-7\n".into(), Err(AnswerError::Conflict)),
        (&request, 409, "text/plain", "7\n".into(), Err(AnswerError::Conflict)),
        (&same, 409, "text/plain", "another root\n".into(), Ok(Answer::Other { size: 12 })),
        (&same, 409, size, "12\n".into(), Ok(Answer::Other { size: 12 })),
        (&same, 409, size, "5\n".into(), Ok(Answer::From(5))),
        (&request, 422, "", String::new(), Ok(Answer::Other { size: 5 })),
        (&honest(0, &tree), 422, "", String::new(), Err(AnswerError::Status(422))),
        (&request, 403, "", String::new(), Err(AnswerError::NotSigned)),
        (&request, 404, "", String::new(), Err(AnswerError::UnknownLog)),
        (&request, 308, "", String::new(), Err(AnswerError::Elsewhere(308))),
        (&request, 500, "", String::new(), Err(AnswerError::Status(500))),
    ] {
        assert_eq!(read(request, status, kind, &body), expected, "{status} {kind} {body}");
    }
    // The record has grown while the witness was asked: what it has seen is not beyond it.
    assert_eq!(read_answer(&request, 13, &verifier, 409, size, b"13\n"), Ok(Answer::From(13)));
    assert!(matches!(read_answer(&request, 13, &verifier, 200, "", b"\xff\n"), Err(AnswerError::Form)));
}

proptest! {
    #[test]
    fn an_honest_log_is_cosigned_at_the_second_asking(seen in 0..40_u64, guess in 0..40_u64, grown in 0..20_u64) {
        let tree = tree(seen.max(guess) + grown.max(1), 0);
        let last = (seen > 0).then(|| Head { size: seen, root: root_at(&tree, seen).unwrap() });
        let verifier = cosigner(4).verifier().clone();
        let ask = |old| {
            let request = honest(old, &tree);
            let (status, kind, body) = answered(last, &request);
            read_answer(&request, tree.size(), &verifier, status, kind, body.as_bytes()).unwrap()
        };
        let answer = match ask(guess) {
            Answer::From(size) => ask(size),
            answer => answer,
        };
        let held = matches!(&answer, Answer::Cosigned { time: 1_800_000_000, .. });
        prop_assert!(held, "{answer:?}");
    }

    #[test]
    fn a_log_that_was_rolled_back_is_told_so(seen in 2..60_u64, back in 1..60_u64, grown in 0..60_u64) {
        // It went back behind what the witness saw, and on with other entries.
        let kept = seen - 1 - (back % seen).min(seen - 1);
        let witnessed = tree(seen, 0);
        let last = Head { size: seen, root: witnessed.root() };
        let ours = Tree::from_leaf_hashes(
            witnessed.leaves().iter().copied().take(kept as usize).chain((0..grown.max(1)).map(|i| leaf_hash(&i.to_le_bytes()))),
        );
        let verifier = cosigner(4).verifier().clone();
        let ask = |old| {
            let request = honest(old, &ours);
            let (status, kind, body) = answered(Some(last), &request);
            read_answer(&request, ours.size(), &verifier, status, kind, body.as_bytes()).unwrap()
        };
        let answer = match ask(0) {
            Answer::From(size) => ask(size),
            answer => answer,
        };
        let expected = if ours.size() < seen { Answer::Ahead { size: seen } } else { Answer::Other { size: seen } };
        prop_assert_eq!(answer, expected);
    }
}
