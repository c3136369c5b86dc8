//! The wire format is frozen: exact bytes of one entry of each kind, and what is not an entry.

#![allow(clippy::unwrap_used)]

mod common;

#[path = "../fuzz/bodies.rs"]
mod bodies;

use assembly::moderation::{By, Ground};
use assembly::question::{self, Admits};
use assembly::results::MapResult;
use assembly::talk::{self, Response, Who};
use assembly::{
    Act, Command, DecodeError, Entry, Field, ParticipantNo, QuestionId, State, StatementNo, apply, roll,
};
use common::*;
use proptest::prelude::*;
use std::path::Path;

/// One entry of each kind, with everything an entry of it can say.
fn entries() -> Vec<Entry> {
    let mut state = State::default();
    let mut all = act(&mut state, 5, found()).unwrap();
    let mut full = open(Admits::Roll);
    full.why = Some(text("why"));
    full.decides = Some(text("decides"));
    full.simulated = true;
    full.steps.push(talk_step(2_000, None));
    for (at, command) in [
        (6, Command::Question(question::Command::Open(Box::new(full)))),
        (7, Command::Talk(talk::Command::Import(Box::new(import())))),
        (20, respond(2, Who::New, 1, Response::Pass)),
        (21, say(2, participant(3), "Say \"yes\" to trees")),
        (22, retract(2, 2, 1)),
        (23, Command::Question(question::Command::Schedule { question: QuestionId(2), steps: Vec::new() })),
        (24, Command::Question(question::Command::Close { question: QuestionId(2) })),
    ] {
        all.extend(act(&mut state, at, command).unwrap());
    }
    let mut made_up = talk::Import { provenance: None, responses: Vec::new(), ..import() };
    made_up.open.simulated = true;
    made_up.statements[0].meta = true;
    all.extend(act(&mut state, 25, Command::Talk(talk::Command::Import(Box::new(made_up)))).unwrap());
    // As it was written before the likelihood of a choice was noted.
    let shown = vec![(ParticipantNo(1), StatementNo(1)), (ParticipantNo(2), StatementNo(1))];
    let shown = talk::Entry::Shown(talk::Shown { question: QuestionId(3), shown });
    let shown = Entry { at: 26, act: Act::Talk(shown) };
    apply(&mut state, &shown).unwrap();
    all.push(shown);
    all.extend(
        act(&mut state, 27, erase(7, Field::Text, Ground::PersonalDataOfAnother, By::Organiser)).unwrap(),
    );
    all.extend(act(&mut state, 28, erase(PUT, Field::Text, Ground::OwnRequest, author(2, 3))).unwrap());
    // A record whose keys can sign.
    let mut signed = State::default();
    all.extend(act(&mut signed, 5, found_signed(1)).unwrap());
    all.extend(act(&mut signed, 6, Command::Roll(roll::Command::Rekey(rekeyed(2, 1, 2)))).unwrap());
    // Digests as an earlier version of the method found them: replaying computes no map.
    let digest = |digit: &str| digit.repeat(64);
    let short = MapResult {
        method: opinion::Method::Map,
        version: 1,
        responses_digest: digest("a"),
        map_digest: digest("0"),
        groups: vec![1],
    };
    let talk = state.question(QuestionId(2)).unwrap().talk();
    let (as_of, responses) = (talk.changed(), talk.responses());
    let mapped = talk::Mapped { question: QuestionId(2), as_of, responses, map: short };
    let mapped = Entry { at: 29, act: Act::Talk(talk::Entry::Mapped(Box::new(mapped))) };
    let map = state.size();
    apply(&mut state, &mapped).unwrap();
    all.push(mapped);
    let choice = |no, as_of| talk::Choice {
        participant: ParticipantNo(no),
        statement: StatementNo(2),
        chance: 250_000,
        as_of,
    };
    // By the first rule, which entries do not name, and by the one there is now.
    let question = QuestionId(2);
    for (map, shown) in [(None, choice(1, map)), (Some(map), choice(3, map + 1))] {
        let chosen = talk::Chosen { question, map, rule: 1, shown: vec![shown] };
        let chosen = Entry { at: 30, act: Act::Talk(talk::Entry::Chosen(chosen)) };
        apply(&mut state, &chosen).unwrap();
        all.push(chosen);
    }
    let shown = vec![talk::Choice { statement: StatementNo(3), ..choice(1, map + 2) }];
    let show = talk::Command::Show { question, map: Some(map), shown };
    all.extend(act(&mut state, 31, Command::Talk(show)).unwrap());
    all
}

/// The entry of the statement that participant 3 of question 2 put.
const PUT: u64 = 14;

#[test]
fn every_kind_is_written_as_it_always_was() {
    let lines: Vec<String> =
        entries().iter().map(|entry| String::from_utf8(encode(entry)).unwrap()).collect();
    let frozen = include_str!("wire.jsonl");
    for (now, then) in lines.iter().zip(frozen.lines()) {
        assert_eq!(now, then, "an entry is written in other bytes than before");
    }
    assert_eq!(lines.len(), frozen.lines().count());
    let kinds: std::collections::BTreeSet<_> = entries().iter().map(Entry::kind).collect();
    assert_eq!(kinds.len(), 15, "a new kind needs a line here: {kinds:?}");
}

#[test]
fn every_kind_is_read_as_it_always_was() {
    let mut scratch = Vec::new();
    for (line, entry) in include_str!("wire.jsonl").lines().zip(entries()) {
        let read = Entry::decode(line.as_bytes(), &mut scratch).unwrap();
        assert_eq!((read.at, read.kind()), (entry.at, entry.kind()));
        assert_eq!(encode(&read), line.as_bytes());
    }
}

/// What is said of bytes that are no entry.
fn refused(bytes: &[u8]) -> DecodeError {
    let error = Entry::decode(bytes, &mut Vec::new()).expect_err(&String::from_utf8_lossy(bytes));
    assert!(error.to_string().starts_with("the entry ") && error.to_string().len() < 500, "{error}");
    error
}

#[test]
fn what_is_not_known_is_not_skipped() {
    let closed = r#"{"v":1,"at":24,"kind":"question.closed","question":2}"#;
    assert!(Entry::decode(closed.as_bytes(), &mut Vec::new()).is_ok());
    let change = |from: &str, to: &str| {
        let changed = closed.replacen(from, to, 1);
        assert_ne!(changed, closed);
        refused(changed.as_bytes())
    };
    for (from, to) in
        [("\"v\":1", "\"v\":2"), ("\"v\":1", "\"v\":0"), ("\"v\":1", "\"v\":18446744073709551615")]
    {
        assert!(matches!(change(from, to), DecodeError::Version(_)), "{to}");
    }
    for kind in ["question.opend", "question", "", "talk.closed", "Question.closed", "\u{1b}[2J"] {
        let error = change("question.closed", kind);
        assert!(matches!(error, DecodeError::Kind(_)), "{kind}");
        assert!(!error.to_string().contains('\u{1b}'));
    }
    for (from, to) in [
        ("\"question\":2", "\"question\":2,\"by\":1"),
        ("\"question\":2", "\"question\":2,\"\\u001b\":1"),
        ("\"question\":2", "\"question\":2,\"question\":2"),
        ("\"question\":2", "\"question\":4294967296"),
        ("\"question\":2", "\"question\":-1"),
        ("\"question\":2", "\"question\":\"2\""),
        ("\"question\":2", "\"question\":null"),
        (",\"question\":2", ""),
        (",\"question\":2", ","),
        ("2}", "2}}"),
        ("2}", "2} x"),
        ("2}", "2"),
    ] {
        let error = change(from, to);
        assert!(matches!(error, DecodeError::Body { .. }), "{to}: {error}");
        assert!(!error.to_string().contains('\u{1b}'));
    }
    for (from, to) in [("2}", "2}\n"), ("2}", "2 }"), ("n\":2", "n\": 2")] {
        assert!(matches!(change(from, to), DecodeError::Form), "{to:?}");
    }
    for (from, to) in [
        ("{\"v\"", "{ \"v\""),
        ("{\"v\"", "[\"v\""),
        ("\"v\":1,\"at\":24", "\"at\":24,\"v\":1"),
        ("\"at\":24,\"kind\":\"question.closed\"", "\"kind\":\"question.closed\",\"at\":24"),
        ("\"at\":24", "\"at\":024"),
        ("\"at\":24", "\"at\":-24"),
        ("\"at\":24", "\"at\":18446744073709551616"),
        ("\"at\":24", "\"at\":"),
        ("\"at\":24,", ""),
        ("\"v\":1", "\"v\":01"),
        ("\"v\":1", "\"v\":1.0"),
    ] {
        assert!(matches!(change(from, to), DecodeError::Shape), "{to}");
    }
}

/// What says the same in other bytes would let two records say the same with other roots.
#[test]
fn there_is_one_way_to_write_an_entry() {
    let lines: Vec<_> = include_str!("wire.jsonl").lines().collect();
    let line = |kind: &str| *lines.iter().find(|line| line.contains(kind)).unwrap();
    for (kind, from, to) in [
        ("talk.responded", "\"participant\":1,\"statement\":1", "\"statement\":1,\"participant\":1"),
        ("talk.responded", "\"response\":\"agree\"", "\"response\":\"\\u0061gree\""),
        ("talk.stated", "\"rejected\":true", "\"rejected\":true,\"meta\":false"),
        ("talk.joined", "\"there\":77", "\"there\":null"),
        ("talk.chosen", "\"map\":26,\"shown\"", "\"map\":26,\"rule\":1,\"shown\""),
        ("question.scheduled", "[]", "[ ]"),
    ] {
        let line = lines.iter().find(|line| line.contains(kind) && line.contains(from)).unwrap();
        let error = refused(line.replacen(from, to, 1).as_bytes());
        assert!(matches!(error, DecodeError::Form), "{to}: {error}");
    }
    for line in [line("roll.founded"), line("question.imported"), line("talk.stated")] {
        for end in 0..line.len() {
            refused(&line.as_bytes()[..end]);
        }
    }
}

/// The inputs kept for the fuzzer.
fn corpus() -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/entry");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    assert!(files.len() >= 11);
    files.iter().map(|file| std::fs::read(file).unwrap()).collect()
}

#[test]
fn the_fuzzer_holds_over_its_corpus() {
    corpus().iter().for_each(|data| bodies::entry(data));
}

proptest! {
    #[test]
    fn the_fuzzer_holds_near_its_corpus(
        bytes in prop::sample::select(corpus()),
        [at, length] in any::<[usize; 2]>(),
        piece in prop::collection::vec(any::<u8>(), 0..4),
    ) {
        let mut bytes = bytes;
        let at = at % (bytes.len() + 1);
        let end = (at + length % 4).min(bytes.len());
        bytes.splice(at..end, piece);
        bodies::entry(&bytes);
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        bodies::entry(&bytes);
    }

    #[test]
    fn any_body_is_read_or_refused(
        kind in prop::sample::select(entries().iter().map(Entry::kind).collect::<Vec<_>>()),
        rest in "[{},:\"a-z0-9\\[\\]]{0,60}",
    ) {
        bodies::entry(format!("{{\"v\":1,\"at\":1,\"kind\":\"{kind}\"{rest}").as_bytes());
    }
}
