//! Every rule again, plain: as the law or the paper reads, with nothing clever. Slow, and meant to be.

use crate::Rule;
use crate::election::Election;
use crate::lot::Lot;
use crate::outcome::{Outcome, Refusal};
use crate::rules::shares::EqualShares;

/// Equal shares with every comparison made by exact integers, so that tests can show that the floating-point filter
/// never changes anything.
///
/// # Errors
/// As [`crate::count`].
pub fn equal_shares_without_filter(
    election: &Election,
    rule: &EqualShares,
    lot: &Lot,
) -> Result<Outcome, Refusal> {
    election.check()?;
    let votes = election.votes.canonical();
    let case = crate::rules::Case { election, votes: &votes, lot };
    let counted = rule.count_with(&case, false)?;
    let mut outcome = crate::count(election, &Rule::EqualShares(rule.clone()), lot)?;
    outcome.winners = counted.winners;
    outcome.rounds = counted.rounds;
    outcome.account = counted.account;
    Ok(outcome)
}
