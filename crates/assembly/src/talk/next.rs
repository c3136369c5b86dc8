//! Which statement to show next.

use super::{Response, Talk};
use crate::{ParticipantNo, StatementNo};
use opinion::next::Tallies;

/// What to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Next {
    /// Which statement.
    pub statement: StatementNo,
    /// How likely it was to be chosen given everything but the seed, in millionths, rounded up.
    pub chance: u32,
}

/// The statement to show next to a participant, or to somebody who is not one yet; `None` if there is none left
/// that they have neither put nor responded to.
///
/// `map` is the last published one, of this question. The rule is [`opinion::next`]'s: the exposure floor first,
/// then what says most about where the person stands, then close calls of common ground. A caller who passes the
/// same seed for the same person sees the same statement until they respond, unless the chances moved much.
pub fn next_statement(
    talk: &Talk,
    participant: Option<ParticipantNo>,
    map: Option<&opinion::Map>,
    seed: u64,
) -> Option<Next> {
    let marks = participant.and_then(|no| talk.participant(no)).map_or(&[][..], |own| own.marks());
    let answers: Vec<(u32, opinion::Value)> =
        marks.iter().filter_map(|mark| Some((mark.statement().0, value(mark.response()?)))).collect();
    let open = talk.statements().iter().filter(|statement| {
        statement.takes_responses() && (participant.is_none() || statement.by() != participant)
    });
    let tallies = Tallies {
        active: u32::try_from(talk.participants().len()).unwrap_or(u32::MAX),
        statements: open
            .map(|statement| {
                let tally = statement.tally();
                let seen = tally.responses();
                let (agree, disagree, pass) = (tally.agree, tally.disagree, tally.pass);
                (statement.no().0, opinion::Tally { agree, disagree, pass, seen })
            })
            .collect(),
    };
    // The count of answers moves the choice on after each response.
    let turn = seed ^ (answers.len() as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let shown = opinion::next::next_statement(&tallies, map, &answers, turn)?;
    // Probabilities are above 0 and at most 1.
    let chance = (shown.probability * 1e6).ceil().clamp(1.0, 1e6) as u32;
    Some(Next { statement: StatementNo(shown.statement), chance })
}

/// A response as the opinion map reads it.
pub(super) fn value(response: Response) -> opinion::Value {
    match response {
        Response::Agree => opinion::Value::Agree,
        Response::Disagree => opinion::Value::Disagree,
        Response::Pass => opinion::Value::Pass,
    }
}
