//! Opinion maps that are published: when, what is checked, and that everybody finds the same one.

#![allow(clippy::unwrap_used)]

mod common;

use assembly::question::{self, Admits};
use assembly::results::MapResult;
use assembly::talk::{self, FIRST_MAP, MAP_EVERY, Response, Who, map_due};
use assembly::{Act, Command, Entry, ParticipantNo, Question, QuestionId, Refusal, State, apply};
use common::*;
use opinion::Method;

const ID: QuestionId = QuestionId(1);

/// A question in which the first `responses` of these were given: everybody responds to five statements.
fn asked(responses: u64) -> State {
    let mut state = State::default();
    act(&mut state, 1, found()).unwrap();
    let mut open = open(Admits::Guests);
    open.steps = vec![talk_step(10, Some(10 * MAP_EVERY))];
    act(&mut state, 2, Command::Question(question::Command::Open(Box::new(open)))).unwrap();
    for words in ["One.", "Two.", "Three.", "Four.", "Five."] {
        act(&mut state, 10, say(1, Who::New, words)).unwrap();
    }
    respond_more(&mut state, responses);
    state
}

fn respond_more(state: &mut State, more: u64) {
    for _ in 0..more {
        let talk = state.question(ID).unwrap().talk();
        let (person, statement) = (talk.events() / 5, talk.events() % 5);
        let no = u32::try_from(6 + person).unwrap();
        let new = talk.participants().len() < no as usize;
        let who = if new { Who::New } else { participant(no) };
        let response = Response::ALL[((person + statement) % 3) as usize];
        let at = state.at();
        act(state, at, respond(1, who, statement as u32 + 1, response)).unwrap();
    }
}

fn here(state: &State) -> &Question {
    state.question(ID).unwrap()
}

fn publish(state: &mut State, at: u64, mapped: talk::Mapped) -> Result<Vec<Entry>, Refusal> {
    act(state, at, Command::Talk(talk::Command::Publish(Box::new(mapped))))
}

#[test]
fn a_map_is_due_with_enough_responses_with_a_quarter_more_daily_and_at_the_end() {
    let mut state = asked(FIRST_MAP - 1);
    assert!(!map_due(here(&state), 11));
    let early = mapped(here(&state)).0;
    assert_eq!(publish(&mut state, 11, early), Ok(Vec::new()), "nothing is due");
    assert!(map_due(here(&state), 10 * MAP_EVERY), "no more can come");
    respond_more(&mut state, 1);
    assert!(map_due(here(&state), 11));
    let first = mapped(here(&state)).0;
    assert_eq!(publish(&mut state, 11, first.clone()).unwrap().len(), 1);
    assert_eq!(publish(&mut state, 11, first), Ok(Vec::new()), "it is there already");
    assert!(!map_due(here(&state), 10 * MAP_EVERY), "nothing has changed since");
    respond_more(&mut state, 4);
    assert!(!map_due(here(&state), 12));
    assert!(map_due(here(&state), 11 + MAP_EVERY));
    respond_more(&mut state, 1);
    assert!(map_due(here(&state), 12));
    let second = mapped(here(&state)).0;
    publish(&mut state, 12, second).unwrap();
    respond_more(&mut state, 1);
    assert!(!map_due(here(&state), 13));
    act(&mut state, 13, Command::Question(question::Command::Close { question: ID })).unwrap();
    let last = mapped(here(&state)).0;
    assert_eq!(publish(&mut state, 14, last).unwrap().len(), 1, "a closed question has its last map");
    assert_eq!(here(&state).talk().maps().len(), 3);
}

/// A map is computed while responses go on. It is of the entries it says, and publishing it changes nothing
/// that is computed from the question.
#[test]
fn a_map_may_be_a_little_behind_and_never_older_than_the_last() {
    let mut state = asked(40);
    let (behind, _) = mapped(here(&state));
    respond_more(&mut state, 3);
    let (newer, _) = mapped(here(&state));
    let before = (here(&state).revision(), here(&state).talk().changed());
    publish(&mut state, 11, behind.clone()).unwrap();
    assert_eq!((here(&state).revision(), here(&state).talk().changed()), before);
    respond_more(&mut state, 20);
    publish(&mut state, 12, newer).unwrap();
    respond_more(&mut state, 40);
    assert_eq!(publish(&mut state, 13, behind), Ok(Vec::new()));
}

/// The map is of responses alone, so that it stays when somebody puts a statement; who was asked what does not.
#[test]
fn a_statement_nobody_responded_to_changes_the_exposure_and_no_map() {
    let mut state = asked(125);
    let before = (mapped(here(&state)).0, here(&state).talk().exposure());
    act(&mut state, 11, say(1, Who::New, "Six.")).unwrap();
    let after = (mapped(here(&state)).0, here(&state).talk().exposure());
    assert_eq!(before.0, after.0);
    assert_eq!((before.1.statements, before.1.under_20), (5, 0.0));
    assert_eq!((after.1.statements, after.1.under_20), (6, 1.0 / 6.0));
}

#[test]
fn what_can_be_checked_without_computing_is_checked() {
    let state = asked(60);
    let (right, _) = mapped(here(&state));
    type Harm = fn(&mut talk::Mapped);
    let wrong: [(&str, Harm); 8] = [
        ("method classic", |map| map.map.method = Method::Classic),
        ("version 0", |map| map.map.version = 0),
        ("can be new", |map| map.as_of += 1),
        ("can be new", |map| map.as_of = 2),
        ("59 responses, and 60 stand", |map| map.responses -= 1),
        ("members of 7 groups", |map| map.map.groups = vec![1; 7]),
        ("13 members", |map| map.map.groups = vec![6, 7]),
        ("no fingerprint", |map| map.map.map_digest.make_ascii_uppercase()),
    ];
    for (place, (what, change)) in wrong.into_iter().enumerate() {
        let mut mapped = right.clone();
        mapped.map.map_digest = "ab".repeat(32);
        change(&mut mapped);
        let refused = publish(&mut state.clone(), 11, mapped.clone()).unwrap_err().to_string();
        assert!(refused.contains(what), "{refused}");
        // A replay takes maps of other methods and versions: what they were is for a recount to find out.
        let forged = Entry { at: 11, act: Act::Talk(talk::Entry::Mapped(Box::new(mapped))) };
        assert_eq!(apply(&mut state.clone(), &forged).is_err(), place > 1, "{what}");
    }
}

/// What the server computes from its state and what others compute from the record are the same bytes.
#[test]
fn the_published_map_is_what_the_record_gives() {
    let mut state = asked(73);
    let (published, map) = mapped(here(&state));
    publish(&mut state, 11, published.clone()).unwrap();
    respond_more(&mut state, 25);
    let again = asked(73);
    let (_, found) = mapped(here(&again));
    assert_eq!(found.canonical_bytes(), map.canonical_bytes());
    assert_eq!(published.map.difference(&MapResult::of(&found)), None);
    assert_eq!(here(&again).talk().changed(), published.as_of);
    let (_, other) = mapped(here(&state));
    assert!(published.map.difference(&MapResult::of(&other)).unwrap().contains("of other responses"));
}

#[test]
fn choices_name_a_likelihood_and_a_map_that_was_there() {
    let mut state = asked(60);
    let (published, map) = mapped(here(&state));
    let entry = state.size();
    publish(&mut state, 11, published).unwrap();
    let who = ParticipantNo(1);
    let next = talk::next_statement(here(&state).talk(), Some(who), Some(&map), 7).unwrap();
    let right = talk::Choice {
        participant: who,
        statement: next.statement,
        chance: next.chance,
        as_of: state.size(),
    };
    let show = |map, shown| Command::Talk(talk::Command::Show { question: ID, map, shown });
    let size = state.size();
    for (map, choice) in [
        (Some(entry + 1), right),
        (Some(entry), talk::Choice { as_of: entry, ..right }),
        (Some(entry), talk::Choice { as_of: size + 1, ..right }),
        (None, talk::Choice { as_of: 1, ..right }),
        (None, talk::Choice { chance: 0, ..right }),
        (None, talk::Choice { chance: 1_000_001, ..right }),
    ] {
        assert_eq!(act(&mut state, 11, show(map, vec![choice])), Ok(Vec::new()));
        let chosen = talk::Chosen { question: ID, map, rule: 2, shown: vec![choice] };
        let forged = Entry { at: 11, act: Act::Talk(talk::Entry::Chosen(chosen)) };
        assert!(apply(&mut state.clone(), &forged).is_err(), "{forged:?}");
    }
    assert_eq!(act(&mut state, 11, show(Some(entry), vec![right, right])).unwrap().len(), 1);
    assert_eq!(act(&mut state, 11, show(Some(entry), vec![right])), Ok(Vec::new()), "noted already");
    assert!(here(&state).talk().participant(who).unwrap().mark(next.statement).is_some());
    // Who answered before it was written down was shown it all the same; nothing is counted twice.
    let next = talk::next_statement(here(&state).talk(), Some(who), Some(&map), 8).unwrap();
    act(&mut state, 11, respond(1, participant(1), next.statement.0, Response::Pass)).unwrap();
    let tally = here(&state).talk().statement(next.statement).unwrap().tally();
    let answered = talk::Choice { statement: next.statement, ..right };
    assert_eq!(act(&mut state, 11, show(Some(entry), vec![answered])).unwrap().len(), 1);
    assert_eq!(here(&state).talk().statement(next.statement).unwrap().tally(), tally);
}

/// Only the times here and the times there say how fast somebody was; what was imported without them says
/// nothing.
#[test]
fn whoever_responds_faster_than_anybody_reads_is_flagged() {
    let mut state = State::default();
    act(&mut state, 1, found()).unwrap();
    let mut import = import();
    import.statements = (0..12)
        .map(|no| talk::ImportedStatement {
            text: text(&format!("Statement {no}")),
            rejected: false,
            ..import.statements[0].clone()
        })
        .collect();
    import.responses = (0..24)
        .map(|place| talk::ImportedResponse {
            participant: place / 12,
            statement: place % 12,
            response: Response::Agree,
            then: (place < 12).then_some(1_000 + 100 * u64::from(place)),
        })
        .collect();
    act(&mut state, 20, Command::Talk(talk::Command::Import(Box::new(import)))).unwrap();
    let steps = vec![talk_step(10, None)];
    let schedule = question::Command::Schedule { question: ID, steps };
    act(&mut state, 20, Command::Question(schedule)).unwrap();
    for pause in [1, 3_000] {
        let no = u32::try_from(here(&state).talk().participants().len()).unwrap() + 1;
        for statement in 1..=12 {
            let at = state.at() + pause;
            let who = if statement == 1 { Who::New } else { participant(no) };
            act(&mut state, at, respond(1, who, statement, Response::Pass)).unwrap();
        }
    }
    let fast: Vec<u32> = here(&state).talk().too_fast().map(|no| no.0).collect();
    assert_eq!(fast, [1, 3]);
    let (_, map) = mapped(here(&state));
    let speed =
        map.findings.unwrap().care.into_iter().filter(|care| care.reason == opinion::Reason::ImpossibleSpeed);
    assert_eq!(speed.map(|care| care.participant).collect::<Vec<_>>(), [1, 3]);
}
