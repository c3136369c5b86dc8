//! The last step, the same for every dialect: our sign, order of time, counting.

use super::sign::place;
use super::{Conversation, Event, Found, Moderation, Report, Statement, Times};
use crate::responses::Value;

/// `found.statements` sorted by number; every vote's statement is among them.
pub(super) fn conversation(found: Found) -> Conversation {
    let Found { mut votes, statements, sign, mut notes, .. } = found;
    notes.extend(sign.doubts);
    if found.times != Times::Unknown {
        votes.sort_by_key(|vote| vote.time);
    }
    // As large as a vote, so this takes no memory of its own.
    let events: Vec<Event> = votes
        .into_iter()
        .map(|vote| Event {
            participant: vote.participant,
            statement: vote.statement,
            value: match vote.sign * sign.agree_is {
                1 => Value::Agree,
                -1 => Value::Disagree,
                _ => Value::Pass,
            },
            time: vote.time,
        })
        .collect();

    let mut responses_to = vec![0usize; statements.len()];
    for event in &events {
        if let Some(at) = place(&statements, event.statement) {
            responses_to[at] += 1;
        }
    }
    let rejected = |at: &usize| statements[*at].moderation == Moderation::Rejected && responses_to[*at] > 0;
    let rejected: Vec<usize> = (0..statements.len()).filter(rejected).collect();
    let repeats = Repeats::of(&events, &statements);
    let report = Report {
        dialect: found.dialect,
        agree_is: sign.agree_is,
        sign_because: sign.because,
        sign_assumed: sign.assumed,
        times: found.times,
        participants: repeats.participants,
        statements: statements.len(),
        responses: events.len(),
        replaced: repeats.replaced,
        changed: repeats.changed,
        rejected_with_responses: rejected.len(),
        responses_to_rejected: rejected.iter().map(|&at| responses_to[at]).sum(),
        without_responses: responses_to.iter().filter(|&&count| count == 0).count(),
        repaired: found.repaired,
        notes,
    };
    Conversation {
        topic: found.topic,
        description: found.description,
        statements,
        events,
        published_groups: found.published_groups,
        report,
    }
}

/// How often participants responded to the same statement again.
struct Repeats {
    participants: usize,
    replaced: usize,
    changed: usize,
}

impl Repeats {
    fn of(events: &[Event], statements: &[Statement]) -> Repeats {
        // Participant, place of the statement (30 bits), value (2 bits): one number sorts fastest.
        let key = |event: &Event| {
            let place = place(statements, event.statement).unwrap_or(0) as u64;
            u64::from(event.participant) << 32 | place << 2 | event.value.code() as u64
        };
        let mut sorted: Vec<u64> = events.iter().map(key).collect();
        sorted.sort_unstable();
        let mut repeats = Repeats { participants: 0, replaced: 0, changed: 0 };
        let mut participant = None;
        for pair in sorted.chunk_by(|a, b| a >> 2 == b >> 2) {
            let (Some(first), Some(last)) = (pair.first(), pair.last()) else { continue };
            let who = first >> 32;
            repeats.participants += usize::from(participant.replace(who) != Some(who));
            repeats.replaced += pair.len() - 1;
            repeats.changed += usize::from(first != last);
        }
        repeats
    }
}

const _: () = assert!(size_of::<Event>() == size_of::<super::Vote>());
