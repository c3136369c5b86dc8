//! The one way in: an election, a rule and a lot order go in, an outcome comes out.

use crate::digest::{rule_digest, votes_digest};
use crate::election::{Election, Votes};
use crate::lot::Lot;
use crate::outcome::{By, Counted, Outcome, Purpose, Refusal, Tie};
use crate::rule::Rule;
use crate::rules::Case;
use crate::sentence::{Sentence, say};
use std::collections::BTreeSet;

/// Ties by lot whose other outcome is worked out. Each is a count of its own.
const MOST_COUNTERFACTUALS: usize = 24;

/// Marks and options of all these counts together, but for the first: some seconds.
const MOST_COUNTERFACTUAL_WORK: usize = 20_000_000;

/// Counts the votes by the rule. `lot` breaks the ties that the rule's own steps leave.
///
/// # Errors
/// A sentence that says why these votes cannot be counted by this rule.
pub fn count(election: &Election, rule: &Rule, lot: &Lot) -> Result<Outcome, Refusal> {
    election.check()?;
    let votes = election.votes.canonical();
    let case = Case { election, votes: &votes, lot };
    let mut counted = run(rule, &case)?;
    counterfactuals(rule, &case, &mut counted);
    let ties = counted.ties.told(&mut counted.explanation);
    Ok(Outcome {
        rule: rule.clone(),
        rule_digest: rule_digest(rule),
        votes_digest: votes_digest(election, &votes),
        voters: votes.total(),
        winners: counted.winners,
        ties,
        rounds: counted.rounds,
        account: counted.account,
        explanation: counted.explanation,
    })
}

/// Who wins, and nothing else: for counting the same votes many times. `votes` need not be canonical.
pub(crate) fn winners(
    election: &Election,
    votes: &Votes,
    rule: &Rule,
    lot: &Lot,
) -> Result<Vec<usize>, Refusal> {
    run(rule, &Case { election, votes, lot }).map(|c| c.winners)
}

/// The rule's own count.
pub(crate) fn run(rule: &Rule, case: &Case<'_>) -> Result<Counted, Refusal> {
    match rule {
        Rule::Motion(r) => r.count(case),
        Rule::Plurality(r) => r.count(case),
        Rule::Approval(r) => r.count(case),
        Rule::BlockVote(r) => r.count(case),
        Rule::Score(r) => r.count(case),
        Rule::Star(r) => r.count(case),
        Rule::RankedChoice(r) => r.count(case),
        Rule::Schulze(r) => r.count(case),
        Rule::RankedPairs(r) => r.count(case),
        Rule::Borda(r) => r.count(case),
        Rule::ScottishStv(r) => r.count(case),
        Rule::Meek(r) => r.count(case),
        Rule::Committee(r) => r.count(case),
        Rule::Greedy(r) => r.count(case),
        Rule::EqualShares(r) => r.count(case),
        Rule::Consent(r) => r.count(),
    }
}

/// For every tie the lot decided: who would have won had it not picked whom it picked.
fn counterfactuals(rule: &Rule, case: &Case<'_>, counted: &mut Counted) {
    let winners = counted.winners.clone();
    let work = case.votes.iter().map(|vote| vote.options.len() + 1).sum::<usize>() + case.options();
    let most = (MOST_COUNTERFACTUAL_WORK / work).clamp(1, MOST_COUNTERFACTUALS);
    let mut said = vec![];
    let mut by_lot = counted.ties.list.iter_mut().filter(|t| t.by == By::Lot);
    for tie in by_lot.by_ref().take(most) {
        let lot = case.lot.moved(tie.chosen, &tie.tied, tie.purpose == Purpose::Drop);
        let other = Case { election: case.election, votes: case.votes, lot: &lot };
        let Ok(other) = run(rule, &other) else { continue };
        said.push(sentence(tie, &winners, &other.winners));
        tie.otherwise = Some(other.winners);
    }
    let more = by_lot.count();
    if more > 0 {
        said.push(say!("tie.not_tried", ties = more));
    }
    counted.explanation.append(&mut said);
}

/// "Tie between A and B; the lot chose A; without it B."
fn sentence(tie: &Tie, winners: &[usize], other: &[usize]) -> Sentence {
    let (new, gone) = difference(winners, other);
    let (tied, chosen) = (&tie.tied, &[tie.chosen][..]);
    if new.is_empty() && gone.is_empty() {
        return say!("tie.no_difference", options = tied, chosen = chosen);
    }
    let mut sentence = match tie.purpose {
        Purpose::Choose => say!("tie.chosen", options = tied, chosen = chosen),
        Purpose::Drop => say!("tie.dropped", options = tied, chosen = chosen),
        Purpose::Transfer => say!("tie.transferred", options = tied, chosen = chosen),
    };
    // Somebody may be in without anybody being out: then the words for that are left out.
    if !new.is_empty() && !gone.is_empty() {
        sentence.values.push(("both".into(), 2u64.into()));
    }
    for (name, options) in [("instead", &new), ("gone", &gone)] {
        if !options.is_empty() {
            sentence.values.push((name.into(), options.into()));
        }
    }
    sentence
}

/// Who is among these winners and was not among those before, and who no longer is; both in ballot order.
pub(crate) fn difference(before: &[usize], now: &[usize]) -> (Vec<usize>, Vec<usize>) {
    let [before, now]: [BTreeSet<usize>; 2] = [before, now].map(|winners| winners.iter().copied().collect());
    (now.difference(&before).copied().collect(), before.difference(&now).copied().collect())
}
