//! The laws of the house, for any history of commands.

#![allow(clippy::unwrap_used)]

mod common;

use assembly::moderation::{By, Ground};
use assembly::talk::{Response, Who};
use assembly::{
    Act, Entry, Field, MAX_ENTRY_BYTES, Opened, ParticipantNo, QuestionId, Refusal, State, StatementNo,
    apply, apply_text, decide, talk,
};
use common::*;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// A record in the making: the live state, the entries' bytes, and the words beside them.
#[derive(Default)]
struct Record {
    state: State,
    entries: Vec<Entry>,
    bytes: Vec<Vec<u8>>,
    texts: Vec<(usize, Field, Opened)>,
}

impl Record {
    fn of(history: Vec<(u64, assembly::Command)>) -> Self {
        let mut record = Self::default();
        for (at, command) in history {
            let _ = record.act(at, command);
        }
        record
    }

    fn act(&mut self, at: u64, command: assembly::Command) -> Result<usize, Refusal> {
        let entries = decide(&self.state, at, command).inspect_err(|refusal| {
            assert!(!refusal.code().is_empty() && refusal.to_string().ends_with('.'), "{refusal}");
        })?;
        let count = entries.len();
        for mut entry in entries {
            assert!(entry.at >= self.state.at(), "time went back");
            assert!(entry.at >= at || entry.at == self.state.at(), "time was made up");
            let bytes = encode(&entry);
            assert!(bytes.len() <= MAX_ENTRY_BYTES, "{} bytes", bytes.len());
            apply(&mut self.state, &entry).expect("what was decided can be applied");
            let index = self.bytes.len();
            self.texts.extend(
                entry.texts().into_iter().map(|(field, text)| (index, field, text.opened().unwrap().clone())),
            );
            self.bytes.push(bytes);
            self.entries.push(entry);
        }
        assert_eq!(self.state.size(), self.bytes.len() as u64);
        Ok(count)
    }

    /// The fold over the bytes, with the words put back that `kept` keeps.
    fn replay(&self, kept: impl Fn(u64, Field) -> bool) -> State {
        let mut state = State::default();
        let mut scratch = Vec::new();
        let mut texts = self.texts.iter().filter(|(of, field, _)| kept(*of as u64, *field)).peekable();
        for (index, bytes) in self.bytes.iter().enumerate() {
            let mut entry = Entry::decode(bytes, &mut scratch).unwrap();
            while let Some((_, field, opened)) = texts.next_if(|(of, ..)| *of == index) {
                assert!(apply_text(&mut entry, *field, opened.clone()));
            }
            if entry.texts().iter().all(|(_, text)| text.opened().is_some()) {
                assert_eq!(entry, self.entries[index]);
            }
            apply(&mut state, &entry).unwrap();
        }
        state
    }
}

/// What the entries say, counted in the plainest way.
#[derive(Default)]
struct Naive {
    standing: BTreeMap<(u32, u32), Response>,
    shown: BTreeSet<(u32, u32)>,
    responders: Vec<ParticipantNo>,
    events: u64,
}

impl Naive {
    fn of(entries: &[Entry], question: QuestionId) -> Self {
        let mut naive = Self::default();
        for entry in entries {
            match &entry.act {
                Act::Talk(entry) if entry.question() != question => {}
                Act::Talk(talk::Entry::Responded(it)) => {
                    naive.standing.insert((it.participant.0, it.statement.0), it.response);
                    naive.shown.insert((it.participant.0, it.statement.0));
                    naive.events += 1;
                    if !naive.responders.contains(&it.participant) {
                        naive.responders.push(it.participant);
                    }
                }
                Act::Talk(talk::Entry::Retracted(it)) => {
                    naive.standing.remove(&(it.participant.0, it.statement.0));
                }
                Act::Talk(talk::Entry::Shown(it)) => {
                    naive.shown.extend(it.shown.iter().map(|(who, what)| (who.0, what.0)));
                }
                Act::Talk(talk::Entry::Chosen(it)) => {
                    naive.shown.extend(it.shown.iter().map(|it| (it.participant.0, it.statement.0)));
                }
                _ => {}
            }
        }
        naive
    }

    fn check(&self, talk: &talk::Talk) {
        assert_eq!(talk.responses(), self.standing.len() as u64);
        assert_eq!(talk.events(), self.events);
        assert_eq!(talk.responders(), self.responders);
        for statement in talk.statements() {
            let no = statement.no().0;
            let count = |response| {
                self.standing.iter().filter(|((_, of), said)| *of == no && **said == response).count() as u32
            };
            let tally = statement.tally();
            assert_eq!([tally.agree, tally.disagree, tally.pass], Response::ALL.map(count), "statement {no}");
            let shown = self.shown.iter().filter(|(_, of)| *of == no).count();
            assert_eq!(tally.shown as usize, shown, "statement {no} shown");
        }
        for ((who, what), response) in &self.standing {
            let said = talk.response(ParticipantNo(*who), StatementNo(*what)).map(|(said, _)| said);
            assert_eq!(said, Some(*response));
        }
        let opinion = talk.for_opinion();
        assert_eq!(opinion.len(), self.standing.len());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Also: `decide` never panics, `apply` never fails on what it decided, `at` never decreases, every
    /// entry fits into the record, and what is read is what was written.
    #[test]
    fn replaying_the_record_gives_the_live_state(history in history()) {
        let record = Record::of(history);
        prop_assert_eq!(&record.replay(|_, _| true), &record.state);
        for question in record.state.questions() {
            Naive::of(&record.entries, question.id()).check(question.talk());
        }
    }

    /// A snapshot is the state without words; with the words put back it is the live state again.
    #[test]
    fn a_snapshot_is_the_state_without_words(history in history()) {
        let record = Record::of(history);
        let bytes = postcard::to_stdvec(&record.state).unwrap();
        let mut state: State = postcard::from_bytes(&bytes).unwrap();
        prop_assert_eq!(state.reopen(|_, _| None), Ok(()));
        prop_assert_eq!(&state, &record.replay(|_, _| false));
        let words = |entry, field| {
            let found = record.texts.iter().find(|(of, has, _)| (*of as u64, *has) == (entry, field));
            Some(found.unwrap().2.clone())
        };
        prop_assert_eq!(state.reopen(words), Ok(()));
        prop_assert_eq!(&state, &record.state);
    }

    /// Whoever never had the erased words finds the same state as whoever saw them come and go; nothing else of
    /// the state changed by erasing; and no word or salt of them is left in it.
    #[test]
    fn erased_words_leave_the_state_and_nothing_else_does(history in history()) {
        let record = Record::of(history);
        let kept = |entry, field| record.state.erasure(entry, field).is_none();
        prop_assert_eq!(&record.replay(kept), &record.state);
        let mut state = record.state.clone();
        for (entry, field, text) in state.texts_mut() {
            prop_assert_eq!(text.erased().is_none(), kept(entry, field));
            prop_assert_eq!(text.opened().is_some(), kept(entry, field));
        }
        for (entry, field, erasure) in record.state.erasures() {
            prop_assert!(erasure.entry > entry && erasure.entry < record.state.size());
            // A second time there is nothing to erase, for nobody.
            let again = decide(&record.state, 0, erase(entry, field, Ground::CourtOrder, By::Organiser));
            prop_assert_eq!(again, Err(Refusal::AlreadyErased(entry)));
        }
        let without: Vec<Entry> =
            record.entries.iter().filter(|entry| !matches!(entry.act, Act::Moderation(_))).cloned().collect();
        for question in record.state.questions() {
            Naive::of(&without, question.id()).check(question.talk());
        }
    }

    /// Every text of the state can be erased by an organiser, and a statement by its author alone.
    #[test]
    fn every_text_can_be_erased_once(history in history(), who in 1..4u32) {
        let record = Record::of(history);
        let mut all = record.state.clone();
        let texts: Vec<(u64, Field)> = all.texts_mut().map(|(entry, field, _)| (entry, field)).collect();
        for (entry, field) in texts {
            let gone = record.state.erasure(entry, field).is_some();
            let organiser = decide(&record.state, 0, erase(entry, field, Ground::Unlawful, By::Organiser));
            prop_assert_eq!(organiser.is_ok(), !gone);
            let own = record.state.question(QuestionId(1)).and_then(|question| {
                let put = question.talk().put_by_entry(entry)?;
                Some(field == Field::Text && put.by() == Some(ParticipantNo(who)))
            });
            let theirs = decide(&record.state, 0, erase(entry, field, Ground::OwnRequest, author(1, who)));
            prop_assert_eq!(theirs.is_ok(), own == Some(true) && !gone);
            let pretext = decide(&record.state, 0, erase(entry, field, Ground::CourtOrder, author(1, who)));
            prop_assert!(pretext.is_err());
        }
    }

    /// The server's clock may do what it likes.
    #[test]
    fn time_never_goes_back(history in history(), at in any::<u64>()) {
        let mut record = Record::of(history);
        let before = record.state.at();
        if record.act(at, ask(assembly::question::Admits::Guests)).is_ok() {
            prop_assert_eq!(record.state.at(), before.max(at));
        }
    }

    /// Sent twice, it is one entry.
    #[test]
    fn what_is_sent_twice_is_done_once(history in history(), (at, command) in command()) {
        let mut record = Record::of(history);
        let numbered = match &command {
            assembly::Command::Talk(talk::Command::Respond { who, .. } | talk::Command::State { who, .. }) => {
                *who != Who::New
            }
            _ => false,
        };
        let first = record.act(at, command.clone());
        if numbered && first.is_ok() {
            prop_assert_eq!(record.act(at, command), Ok(0));
        }
    }

    /// Taking a response back leaves the tallies as if it had only been seen.
    #[test]
    fn taking_back_undoes_the_count(history in history(), who in 1..4u32, what in 1..4u32) {
        let mut record = Record::of(history);
        let tally = |record: &Record| {
            Some(record.state.question(QuestionId(1))?.talk().statement(StatementNo(what))?.tally())
        };
        let before = tally(&record);
        let at = record.state.at();
        let standing = record.state.question(QuestionId(1))
            .and_then(|question| question.talk().response(ParticipantNo(who), StatementNo(what)));
        if standing.is_none() && record.act(at, respond(1, participant(who), what, Response::Agree)).is_ok() {
            prop_assert_eq!(record.act(at, retract(1, who, what)), Ok(1));
            let (before, after) = (before.unwrap(), tally(&record).unwrap());
            prop_assert_eq!(before.responses(), after.responses());
            prop_assert!(after.shown - before.shown <= 1);
            prop_assert_eq!(
                record.act(at, retract(1, who, what)),
                Err(Refusal::NothingToRetract(StatementNo(what)))
            );
        }
    }

    /// What an entry says can be asked of the state for ever: the statement to show next is one that
    /// takes responses and has none from this participant.
    #[test]
    fn the_next_statement_takes_a_response(history in history(), who in 0..5u32, seed in any::<u64>()) {
        let record = Record::of(history);
        for question in record.state.questions() {
            let talk = question.talk();
            let next = talk::next_statement(talk, Some(ParticipantNo(who)), None, seed);
            let open = talk.statements().iter().filter(|statement| {
                statement.takes_responses()
                    && statement.by() != Some(ParticipantNo(who))
                    && talk.response(ParticipantNo(who), statement.no()).is_none()
            });
            prop_assert_eq!(next.is_some(), open.count() > 0);
            if let Some(talk::Next { statement: no, chance }) = next {
                prop_assert!((1..=1_000_000).contains(&chance));
                prop_assert!(talk.statement(no).unwrap().takes_responses());
                prop_assert!(talk.response(ParticipantNo(who), no).is_none());
            }
        }
    }
}

#[test]
fn a_step_that_ends_before_it_begins_is_refused() {
    let mut state = hall();
    let steps = vec![talk_step(30, Some(20))];
    let backwards = assembly::question::Command::Schedule { question: QuestionId(1), steps };
    let refusal = act(&mut state, 30, assembly::Command::Question(backwards)).unwrap_err();
    assert_eq!(refusal, Refusal::BackwardsStep { step: "Talk" });
}

#[test]
fn steps_that_do_not_fit_into_an_entry_are_refused() {
    let mut state = hall();
    let longest = assembly::question::Step {
        opens: u64::MAX,
        closes: Some(u64::MAX),
        step: assembly::question::StepName::Answer,
        ..talk_step(0, None)
    };
    for (count, right) in [(assembly::question::MAX_STEPS, true), (assembly::question::MAX_STEPS + 1, false)]
    {
        let steps = vec![longest.clone(); count];
        let schedule = assembly::question::Command::Schedule { question: QuestionId(2), steps };
        let done = act(&mut state, 30, assembly::Command::Question(schedule));
        assert_eq!(done.is_ok(), right, "{done:?}");
    }
}

#[test]
fn an_import_is_all_or_nothing() {
    let mut state = hall();
    for wrong in [
        |import: &mut talk::Import| import.responses[1].participant = 2,
        |import: &mut talk::Import| import.responses[2].statement = u32::MAX,
        |import: &mut talk::Import| import.statements[1].by = Some(2),
        |import: &mut talk::Import| {
            import.statements[0].text = text(&"x".repeat(talk::MAX_IMPORTED_STATEMENT + 1));
        },
    ] {
        let mut import = import();
        wrong(&mut import);
        let refused = decide(&state, 30, assembly::Command::Talk(talk::Command::Import(Box::new(import))));
        assert!(matches!(refused, Err(Refusal::Import(_))), "{refused:?}");
    }
    let whole = assembly::Command::Talk(talk::Command::Import(Box::new(import())));
    assert_eq!(act(&mut state, 30, whole).unwrap().len(), 9);
    let talk = state.question(QuestionId(3)).unwrap().talk();
    let tally = talk.statement(StatementNo(1)).unwrap().tally();
    assert_eq!([tally.agree, tally.disagree, tally.pass, tally.shown], [1, 1, 0, 2]);
}
