//! The last step, the same for every dialect: our sign, order of time, counting.

use super::sign::place;
use super::{Conversation, Event, Found, Moderation, Report, Times};
use crate::responses::Value;

/// `found.statements` sorted by number; every vote's statement is among them.
pub(super) fn conversation(found: Found) -> Conversation {
    let Found { mut votes, statements, sign, mut notes, .. } = found;
    notes.extend(sign.doubts);
    if found.times != Times::Unknown {
        votes.sort_by_key(|vote| vote.time);
    }
    let events: Vec<Event> = votes
        .iter()
        .map(|vote| Event {
            participant: vote.participant,
            statement: vote.statement,
            value: match vote.sign * sign.agree_is {
                1 => Value::Agree,
                -1 => Value::Disagree,
                _ => Value::Pass,
            },
            time: (found.times != Times::Unknown).then_some(vote.time),
        })
        .collect();
    drop(votes);

    let mut responses_to = vec![0usize; statements.len()];
    for event in &events {
        if let Some(at) = place(&statements, event.statement) {
            responses_to[at] += 1;
        }
    }
    let rejected = |at: &usize| statements[*at].moderation == Moderation::Rejected && responses_to[*at] > 0;
    let rejected: Vec<usize> = (0..statements.len()).filter(rejected).collect();
    let repeats = Repeats::of(&events);
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
    fn of(events: &[Event]) -> Repeats {
        let mut sorted: Vec<(u32, u32, Value)> =
            events.iter().map(|event| (event.participant, event.statement, event.value)).collect();
        sorted.sort_unstable();
        let mut repeats = Repeats { participants: 0, replaced: 0, changed: 0 };
        let mut participant = None;
        for pair in sorted.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
            let &[(who, ..), ..] = pair else { continue };
            repeats.participants += usize::from(participant.replace(who) != Some(who));
            repeats.replaced += pair.len() - 1;
            repeats.changed += usize::from(pair.iter().any(|&(_, _, value)| value != pair[0].2));
        }
        repeats
    }
}
