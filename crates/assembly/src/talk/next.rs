//! Which statement to show next.

use super::{Response, Talk};
use crate::{ParticipantNo, StatementNo};
use opinion::next::{Shown, Tallies};

/// What to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Next {
    /// Which statement.
    pub statement: StatementNo,
    /// How likely it was to be chosen given everything but the seed, in millionths, rounded up.
    pub chance: u32,
}

impl From<Shown> for Next {
    fn from(Shown { statement, probability }: Shown) -> Self {
        // Probabilities of what is shown are above 0 and at most 1.
        let chance = (probability * 1e6).ceil().clamp(1.0, 1e6) as u32;
        Self { statement: StatementNo(statement), chance }
    }
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
    let (tallies, answers) = asked(talk, participant);
    // The count of answers moves the choice on after each response.
    let turn = seed ^ (answers.len() as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    opinion::next::next_statement(&tallies, map, &answers, turn).map(Next::from)
}

/// How likely each statement is to be the one that [`next_statement`] gives, whatever the seed; by number. A number
/// that nobody has yet is somebody who is not a participant yet.
pub fn likelihoods(
    talk: &Talk,
    participant: Option<ParticipantNo>,
    map: Option<&opinion::Map>,
) -> Vec<Shown> {
    let (tallies, answers) = asked(talk, participant);
    opinion::next::likelihoods(&tallies, map, &answers)
}

/// What the rule goes by: the statements that may be shown to somebody, and their answers.
fn asked(talk: &Talk, participant: Option<ParticipantNo>) -> (Tallies, Vec<(u32, opinion::Value)>) {
    let own = participant.and_then(|no| talk.participant(no));
    let answers = own.into_iter().flat_map(super::Participant::for_opinion).collect();
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
    (tallies, answers)
}

/// A response as the opinion map reads it.
pub(super) fn value(response: Response) -> opinion::Value {
    match response {
        Response::Agree => opinion::Value::Agree,
        Response::Disagree => opinion::Value::Disagree,
        Response::Pass => opinion::Value::Pass,
    }
}
