//! Records that Veche did not write: each stops a replay with a sentence that names what is wrong.

#![allow(clippy::unwrap_used)]

mod common;

use assembly::moderation::{self, By, Erased, Ground};
use assembly::question::{self, Admits};
use assembly::talk::{self, Admitted, Response, Who};
use assembly::{
    Act, Command, Entry, Field, MemberNo, ParticipantNo, QuestionId, State, StatementNo, UnixMs, apply, roll,
};
use common::*;

/// The sentence with which `act` at `at` is refused by a replay.
fn fault(state: &State, at: UnixMs, act: Act) -> String {
    let mut state = state.clone();
    apply(&mut state, &Entry { at, act }).expect_err("a forged entry was taken").to_string()
}

fn joined(question: u32, participant: u32, admitted: Admitted) -> Act {
    let (question, participant) = (QuestionId(question), ParticipantNo(participant));
    Act::Talk(talk::Entry::Joined(talk::Joined { question, participant, admitted, there: None }))
}

fn stated(question: u32, statement: u32, by: Option<u32>) -> talk::Stated {
    talk::Stated {
        question: QuestionId(question),
        statement: StatementNo(statement),
        by: by.map(ParticipantNo),
        text: text("Forged."),
        rejected: false,
        meta: false,
        then: None,
        there: None,
    }
}

fn responded(question: u32, participant: u32, statement: u32) -> talk::Responded {
    talk::Responded {
        question: QuestionId(question),
        participant: ParticipantNo(participant),
        statement: StatementNo(statement),
        response: Response::Disagree,
        then: None,
    }
}

fn says(entry: talk::Stated) -> Act {
    Act::Talk(talk::Entry::Stated(Box::new(entry)))
}

fn responds(entry: talk::Responded) -> Act {
    Act::Talk(talk::Entry::Responded(entry))
}

fn opened(question: u32) -> question::Opened {
    let open = open(Admits::Guests);
    question::Opened {
        question: QuestionId(question),
        title: open.title,
        why: None,
        decides: None,
        admits: open.admits,
        simulated: false,
        steps: open.steps,
    }
}

#[test]
fn a_record_begins_with_its_founding_and_has_one() {
    let founding = roll::Founded { origin: "o".into(), key: "k".into(), title: text("t") };
    let again = fault(&hall(), 30, Act::Roll(roll::Entry::Founded(Box::new(founding))));
    assert!(again.contains("founded before"), "{again}");
    let organiser = |member| roll::Admitted {
        member: MemberNo(member),
        role: roll::Role::Organiser,
        how: roll::How::Founding,
    };
    for act in [
        Act::Question(question::Entry::Opened(Box::new(opened(1)))),
        Act::Roll(roll::Entry::Admitted(organiser(1))),
        joined(1, 1, Admitted::Guest),
    ] {
        let unfounded = fault(&State::default(), 1, act);
        assert!(unfounded.contains("founds the assembly"), "{unfounded}");
    }
    for member in [0, 1, 3, u32::MAX] {
        let skipped = fault(&hall(), 30, Act::Roll(roll::Entry::Admitted(organiser(member))));
        assert!(skipped.contains("where 2 comes next"), "{skipped}");
    }
}

#[test]
fn time_does_not_go_back() {
    let early = fault(&hall(), 19, joined(1, 3, Admitted::Guest));
    assert!(early.contains("earlier than"), "{early}");
}

#[test]
fn numbers_come_in_sequence() {
    let hall = hall();
    for (act, next) in [
        (Act::Question(question::Entry::Opened(Box::new(opened(2)))), "3"),
        (Act::Question(question::Entry::Opened(Box::new(opened(4)))), "3"),
        (joined(1, 2, Admitted::Guest), "3"),
        (joined(1, u32::MAX, Admitted::Guest), "3"),
        (says(stated(1, 1, Some(1))), "2"),
        (says(stated(1, 3, Some(1))), "2"),
        (says(stated(1, 0, Some(1))), "2"),
    ] {
        let skipped = fault(&hall, 30, act);
        assert!(skipped.contains(&format!("where {next} comes next")), "{skipped}");
    }
}

#[test]
fn nothing_refers_to_what_does_not_exist() {
    let hall = hall();
    let shown = |participant, statement| {
        let shown = vec![(ParticipantNo(participant), StatementNo(statement))];
        Act::Talk(talk::Entry::Shown(talk::Shown { question: QuestionId(1), shown }))
    };
    let retracted = |participant, statement| {
        Act::Talk(talk::Entry::Retracted(talk::Retracted {
            question: QuestionId(1),
            participant: ParticipantNo(participant),
            statement: StatementNo(statement),
        }))
    };
    for act in [
        responds(responded(0, 1, 1)),
        responds(responded(3, 1, 1)),
        responds(responded(1, 0, 1)),
        responds(responded(1, 3, 1)),
        responds(responded(1, 1, 0)),
        responds(responded(1, 1, u32::MAX)),
        says(stated(1, 2, Some(3))),
        says(stated(u32::MAX, 2, Some(1))),
        joined(9, 1, Admitted::Guest),
        shown(1, 2),
        shown(9, 1),
        shown(2, 1),
        retracted(1, 1),
        retracted(2, 2),
        retracted(9, 1),
        Act::Question(question::Entry::Closed(question::Closed { question: QuestionId(7) })),
    ] {
        assert!(!fault(&hall, 30, act).is_empty());
    }
}

#[test]
fn nobody_speaks_before_or_after_time() {
    let hall = hall();
    for at in [1_000, u64::MAX] {
        for act in [responds(responded(1, 1, 1)), says(stated(1, 2, Some(1)))] {
            let late = fault(&hall, at, act);
            assert!(late.contains("not open"), "{late}");
        }
    }
    let mut closed = hall.clone();
    let close = question::Command::Close { question: QuestionId(1) };
    act(&mut closed, 40, Command::Question(close)).unwrap();
    let steps = vec![talk_step(0, None)];
    for act in [
        responds(responded(1, 1, 1)),
        says(stated(1, 2, Some(1))),
        Act::Talk(talk::Entry::Retracted(talk::Retracted {
            question: QuestionId(1),
            participant: ParticipantNo(2),
            statement: StatementNo(1),
        })),
        Act::Question(question::Entry::Closed(question::Closed { question: QuestionId(1) })),
        Act::Question(question::Entry::Scheduled(question::Scheduled { question: QuestionId(1), steps })),
    ] {
        assert!(!fault(&closed, 40, act).is_empty());
    }
}

#[test]
fn guests_do_not_get_into_a_question_of_the_roll() {
    let guest = fault(&hall(), 30, joined(2, 1, Admitted::Guest));
    assert!(guest.contains("admits no guests"), "{guest}");
}

/// Whoever runs the server cannot stuff a question with responses "from elsewhere".
#[test]
fn material_from_elsewhere_comes_with_the_opening_or_not_at_all() {
    let mut state = hall();
    act(&mut state, 30, Command::Talk(talk::Command::Import(Box::new(import())))).unwrap();
    // Right behind an import, a forged entry cannot be told from one more line of it. Behind the next
    // act it can.
    act(&mut state, 30, respond(3, Who::New, 1, Response::Agree)).unwrap();
    let imported = question::Imported {
        question: QuestionId(1),
        from: "polis".into(),
        format: "f".into(),
        digest: "d".into(),
        source: None,
    };
    for act in [
        joined(3, 4, Admitted::Imported),
        joined(3, 4, Admitted::Simulated),
        joined(1, 3, Admitted::Simulated),
        says(stated(3, 3, None)),
        says(stated(1, 2, None)),
        says(talk::Stated { rejected: true, ..stated(1, 2, Some(1)) }),
        says(talk::Stated { then: Some(1), ..stated(1, 2, Some(1)) }),
        responds(talk::Responded { then: Some(1), ..responded(1, 1, 1) }),
        responds(talk::Responded { then: Some(1), ..responded(3, 1, 1) }),
        Act::Question(question::Entry::Imported(Box::new(imported))),
    ] {
        assert!(!fault(&state, 31, act).is_empty());
    }
    let late = fault(&state, 1_000, responds(responded(3, 1, 1)));
    assert!(late.contains("not open"), "imported participants have no more rights than others: {late}");
    let aside = fault(&state, 31, responds(responded(3, 3, 2)));
    assert!(aside.contains("set aside"), "{aside}");
}

#[test]
fn nothing_is_erased_that_could_not_have_been() {
    let state = hall();
    // Entry 0 founds, 2 and 3 ask, 5 is the statement of participant 1.
    let erases = |entry, field, ground, by| {
        Act::Moderation(moderation::Entry::Erased(Erased { entry, field, ground, by }))
    };
    let organiser = |entry, field| erases(entry, field, Ground::Unlawful, By::Organiser);
    let own = |participant| erases(5, Field::Text, Ground::OwnRequest, author(1, participant));
    for (act, why) in [
        (organiser(state.size(), Field::Text), "does not stand before it"),
        (organiser(u64::MAX, Field::Text), "does not stand before it"),
        (organiser(1, Field::Title), "commits to no such text"),
        (organiser(5, Field::Title), "commits to no such text"),
        (organiser(2, Field::Why), "commits to no such text"),
        (own(2), "somebody who did not write it"),
        (own(0), "somebody who did not write it"),
        (erases(5, Field::Text, Ground::CourtOrder, author(1, 1)), "somebody who did not write it"),
        (erases(2, Field::Title, Ground::OwnRequest, author(1, 1)), "somebody who did not write it"),
        (erases(5, Field::Text, Ground::OwnRequest, author(9, 1)), "somebody who did not write it"),
    ] {
        let fault = fault(&state, 30, act);
        assert!(fault.contains(why), "{fault}");
    }
    let mut erased = state.clone();
    apply(&mut erased, &Entry { at: 30, act: own(1) }).unwrap();
    assert_eq!(
        erased.question(QuestionId(1)).unwrap().talk().statement(StatementNo(1)).unwrap().words(),
        None
    );
    let twice = fault(&erased, 30, organiser(5, Field::Text));
    assert!(twice.contains("erased before"), "{twice}");
    let late = fault(&erased, 30, responds(responded(1, 1, 1)));
    assert!(late.contains("were erased"), "{late}");
    for field in [Field::Title, Field::Text] {
        apply(
            &mut state.clone(),
            &Entry { at: 30, act: organiser(if field == Field::Title { 0 } else { 5 }, field) },
        )
        .unwrap();
    }
}

#[test]
fn a_key_is_changed_only_by_both_keys_here_and_now() {
    let mut state = State::default();
    act(&mut state, 5, found_signed(1)).unwrap();
    let rekey = |rekeyed| Act::Roll(roll::Entry::Rekeyed(Box::new(rekeyed)));
    let swap =
        |rekeyed: roll::Rekeyed| roll::Rekeyed { by_old: rekeyed.by_new, by_new: rekeyed.by_old, ..rekeyed };
    let (good, thief) = (rekeyed(2, 1, 2), rekeyed(2, 3, 2));
    let other = record::note::SigningKey::from_seed(&[2; 32], "veche.example/barn/record").unwrap();
    for (forged, why) in [
        // Only the new key signed, or somebody else's in the place of the old one.
        (roll::Rekeyed { by_old: good.by_new.clone(), ..good.clone() }, "has not signed"),
        (roll::Rekeyed { by_old: thief.by_old.clone(), ..good.clone() }, "has not signed"),
        (thief, "has not signed"),
        // Only the old key signed: nobody is made a key without knowing of it.
        (roll::Rekeyed { by_new: good.by_old.clone(), ..good.clone() }, "has not signed"),
        (roll::Rekeyed { key: signing_key(4).verifier().to_string(), ..good.clone() }, "has not signed"),
        (swap(good.clone()), "has not signed"),
        // Signed for another place in the record.
        (rekeyed(3, 1, 2), "does not fit the text"),
        (roll::Rekeyed { key: other.verifier().to_string(), ..good.clone() }, "two logs"),
        (roll::Rekeyed { key: signing_key(1).verifier().to_string(), ..good.clone() }, "before"),
        (roll::Rekeyed { key: "nonsense".into(), ..good.clone() }, "not a verifier key"),
        (roll::Rekeyed { by_old: "nonsense".into(), ..good.clone() }, "not a signature line"),
    ] {
        let fault = fault(&state, 6, rekey(forged));
        assert!(fault.contains("without the right to") && fault.contains(why), "{why}: {fault}");
    }
    let key = |state: &State| state.roll().key().unwrap().to_owned();
    assert_eq!(key(&state), signing_key(1).verifier().to_string());
    apply(&mut state, &Entry { at: 6, act: rekey(good) }).unwrap();
    apply(&mut state, &Entry { at: 7, act: rekey(rekeyed(3, 2, 3)) }).unwrap();
    assert_eq!(key(&state), signing_key(3).verifier().to_string());
    let at = |size| state.roll().key_at(size).map(str::to_owned);
    let keys = [1, 2, 3].map(|seed| Some(signing_key(seed).verifier().to_string()));
    assert_eq!([at(1), at(2), at(3), at(4), at(5)], [0, 0, 1, 2, 2].map(|place| keys[place].clone()));
    assert_eq!(at(0), None);
    // The old key comes back neither by its own hand nor by that of the newest.
    for from in [2, 3] {
        assert!(fault(&state, 8, rekey(rekeyed(4, from, 1))).contains("does not come back"));
    }
    // Nor does what was said of it before count again.
    assert!(fault(&state, 8, rekey(rekeyed(3, 2, 3))).contains("does not come back"));
}
