//! How close it was: exactly where a formula exists, otherwise a bound that is called a bound.

use crate::counting::winners;
use crate::election::{Election, Form, Votes};
use crate::lot::Lot;
use crate::number::Number;
use crate::outcome::{Fate, Outcome, Status, Tally};
use crate::rule::Rule;
use crate::rules::Case;
use crate::rules::greedy::{Greedy, Overflow};
use crate::rules::motion::{self, Motion};
use crate::sentence::{Sentence, say};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Counts made to find one bound.
const MOST_TRIALS: usize = 40;

/// Marks times options above which a bound by trial counts is not looked for.
const MOST_TRIAL_WORK: u64 = 100_000_000;

/// How many votes another result was away.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Margin {
    /// Votes (or points, where `sentence` says so).
    pub votes: Number,
    /// True: fewer would not have done. False: so many would have done, perhaps fewer.
    pub exact: bool,
    /// What exactly is said.
    pub sentence: Sentence,
    /// For budgets: what each project that was not funded was short of, in votes or points.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub short: Vec<(usize, Number)>,
}

impl Margin {
    /// Heading under which the sentence stands: it says whether the number is exact or a bound.
    pub(crate) fn heading(&self) -> &'static str {
        if self.exact { "page.close_exact" } else { "page.close_bound" }
    }
}

/// The margin of an outcome. `None` when there is no other result (everybody is elected) or no bound was found.
pub fn margin(election: &Election, outcome: &Outcome, lot: &Lot) -> Option<Margin> {
    let votes = election.votes.canonical();
    let case = Case { election, votes: &votes, lot };
    match &outcome.rule {
        Rule::Plurality(_) | Rule::Approval(_) | Rule::BlockVote(_) => sums(outcome, lot),
        Rule::Score(_) => points(&case, outcome, lot),
        Rule::Motion(rule) => motions(rule, &case),
        Rule::Greedy(rule) => budget(rule, &case, outcome),
        Rule::Consent(_) => None,
        rule => trials(rule, &case, outcome),
    }
}

/// Last winner against best loser: so many more votes for the loser, and one more if the lot is against it.
fn sums(outcome: &Outcome, lot: &Lot) -> Option<Margin> {
    let (loser, gap, least) = gap(outcome, lot)?;
    let votes = Number::from(
        gap.rational()
            + if least {
                num_rational::BigRational::from_integer(1.into())
            } else {
                num_rational::BigRational::from_integer(0.into())
            },
    );
    let sentence = say!("margin.sums", option = &[loser][..], votes = &votes);
    Some(Margin { votes, exact: true, sentence, short: vec![] })
}

fn points(case: &Case<'_>, outcome: &Outcome, lot: &Lot) -> Option<Margin> {
    let (loser, gap, _) = gap(outcome, lot)?;
    let mean = matches!(&outcome.rule, Rule::Score(s) if s.blank == crate::rules::simple::Blank::NoOpinion);
    let sentence = if mean {
        say!("margin.means", option = &[loser][..], points = &gap)
    } else {
        say!("margin.points", option = &[loser][..], points = &gap)
    };
    // One more opinion moves a mean, and one more may be all that an option lacks to be compared at all.
    let exact = case.votes.form() == Form::Score && !mean;
    Some(Margin { votes: gap, exact, sentence, short: vec![] })
}

/// Best loser, its distance from the last winner, and whether it would lose the tie.
fn gap(outcome: &Outcome, lot: &Lot) -> Option<(usize, Number, bool)> {
    let round = outcome.rounds.first()?;
    let winners: BTreeSet<usize> = outcome.winners.iter().copied().collect();
    let won = |o: usize| winners.contains(&o);
    let last = round
        .tallies
        .iter()
        .filter(|t| won(t.option))
        .min_by(|a, b| a.votes.cmp(&b.votes).then(lot.place(b.option).cmp(&lot.place(a.option))))?;
    let next = round
        .tallies
        .iter()
        .filter(|t| !won(t.option))
        .max_by(|a, b| a.votes.cmp(&b.votes).then(lot.place(b.option).cmp(&lot.place(a.option))))?;
    let gap = Number::from(last.votes.rational() - next.votes.rational());
    Some((next.option, gap, lot.place(next.option) > lot.place(last.option)))
}

/// The fewest people who, had they voted the other way, would have changed the result.
fn motions(rule: &Motion, case: &Case<'_>) -> Option<Margin> {
    let [yes, no, abstain] = motion::tally(case);
    let carried = rule.carried([yes, no, abstain]);
    let changed = |k: u64| {
        if carried {
            [yes - k, no + k, abstain]
        } else {
            let from_no = k.min(no);
            [yes + k, no - from_no, abstain - (k - from_no)]
        }
    };
    let most = if carried { yes } else { no + abstain };
    let flips = |k: u64| rule.carried(changed(k)) != carried;
    if !flips(most) {
        return None;
    }
    let (mut low, mut high) = (0, most);
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if flips(middle) { high = middle } else { low = middle }
    }
    let sentence = if carried {
        say!("margin.motion_carried", votes = high)
    } else {
        say!("margin.motion_rejected", votes = high)
    };
    Some(Margin { votes: high.into(), exact: true, sentence, short: vec![] })
}

/// For each project that was not funded, how many more votes (or points) would have got it in, all else equal.
fn budget(rule: &Greedy, case: &Case<'_>, outcome: &Outcome) -> Option<Margin> {
    let account = outcome.account.as_ref()?;
    let (people, points) = rule.sums(case);
    if case.options() > 400 {
        return None;
    }
    let scale =
        if case.votes.form() == Form::Score && rule.by_points { case.election.score_decimals } else { 0 };
    let mut short = vec![];
    for line in
        account.lines.iter().filter(|l| !matches!(l.fate, Fate::Funded | Fate::ToppedUp | Fate::Withdrawn))
    {
        let own = points[line.option];
        // Only overtaking somebody, or reaching the threshold, can help.
        let mut levels: Vec<i128> = points.iter().filter(|p| **p >= own).flat_map(|p| [*p, *p + 1]).collect();
        if let Some(t) = &rule.threshold {
            let least = t.rational() * num_bigint::BigInt::from(10).pow(scale);
            levels.extend(num_traits::ToPrimitive::to_i128(&least.ceil().to_integer()));
        }
        levels.retain(|l| *l > own);
        levels.sort_unstable();
        levels.dedup();
        let enough = levels.into_iter().find(|level| {
            let mut trial = points.clone();
            trial[line.option] = *level;
            funded_with(rule, case, &people, &trial, line.option, scale)
        });
        if let Some(level) = enough {
            short.push((line.option, Number::decimal(level - own, scale)));
        }
    }
    let (closest, votes) = short.iter().min_by(|a, b| a.1.cmp(&b.1)).cloned()?;
    let mut sentence = say!("margin.budget", option = &[closest][..]);
    let points = rule.by_points && matches!(case.votes.form(), Form::Score | Form::Ranking);
    sentence.values.push((if points { "points" } else { "votes" }.into(), (&votes).into()));
    Some(Margin { votes, exact: true, sentence, short })
}

/// Would `option` be funded with these points?
fn funded_with(
    rule: &Greedy,
    case: &Case<'_>,
    people: &[u64],
    points: &[i128],
    option: usize,
    scale: u32,
) -> bool {
    let mut order: Vec<usize> = (0..points.len()).collect();
    order.sort_by_key(|o| (std::cmp::Reverse(points[*o]), case.lot.place(*o)));
    let mut left = case.election.budget.unwrap_or(0);
    let mut groups: Vec<&str> = vec![];
    for o in order {
        let about = &case.election.options[o];
        let (Some(cost), false) = (about.cost, about.withdrawn) else { continue };
        let below = rule.threshold.as_ref().is_some_and(|t| Number::decimal(points[o], scale) < *t);
        let taken = about.group.as_deref().is_some_and(|g| groups.contains(&g));
        if (people[o] == 0 && o != option) || below || taken {
            continue;
        }
        if cost <= left {
            left -= cost;
            groups.extend(about.group.as_deref());
            if o == option {
                return true;
            }
            continue;
        }
        if rule.overflow != Overflow::Skip {
            return o == option && rule.overflow.tops_up(left, cost);
        }
    }
    false
}

/// A bound by trial: so many more people who vote for one loser alone would change who wins.
fn trials(rule: &Rule, case: &Case<'_>, outcome: &Outcome) -> Option<Margin> {
    let work = case.votes.iter().map(|v| v.options.len() as u64 + 1).sum::<u64>() * case.options() as u64;
    if work > MOST_TRIAL_WORK {
        return None;
    }
    let mut before = outcome.winners.clone();
    before.sort_unstable();
    let mut best: Option<(u64, usize)> = None;
    let mut trials = 0;
    for loser in runners_up(outcome) {
        let mut changes = |k: u64| {
            trials += 1;
            let Some(votes) = with(case, loser, k) else { return false };
            winners(case.election, &votes, rule, case.lot).is_ok_and(|mut w| {
                w.sort_unstable();
                w != before
            })
        };
        let most = best.map_or(case.votes.total().saturating_mul(2).max(4), |b| b.0);
        let mut high = 1;
        while high < most && !changes(high) {
            high = (high * 4).min(most);
        }
        if best.is_some() && high >= most || !changes(high) {
            continue;
        }
        let mut low = high / 4;
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            if changes(middle) { high = middle } else { low = middle }
        }
        best = Some((high, loser));
        if trials > MOST_TRIALS {
            break;
        }
    }
    let (votes, loser) = best?;
    let sentence = say!("margin.bound", option = &[loser][..], votes = votes);
    Some(Margin { votes: votes.into(), exact: false, sentence, short: vec![] })
}

/// The votes and `k` more that mark `option` alone.
fn with(case: &Case<'_>, option: usize, k: u64) -> Option<Votes> {
    let mut votes = case.votes.clone();
    let level = if votes.form() == Form::Score {
        case.votes.iter().flat_map(|v| v.levels.iter().copied()).max().unwrap_or(1).max(1)
    } else {
        1
    };
    votes.push(k, &mut [(option as u32, level)]).ok()?;
    Some(votes)
}

/// Up to three options that did not win but came furthest.
fn runners_up(outcome: &Outcome) -> Vec<usize> {
    let winners: BTreeSet<usize> = outcome.winners.iter().copied().collect();
    let mut out = vec![];
    if let Some(account) = &outcome.account {
        let open = |f: Fate| matches!(f, Fate::TooLittleSupport | Fate::TooExpensive);
        out.extend(account.lines.iter().filter(|l| open(l.fate)).map(|l| l.option).take(3));
    }
    // From the last round back, those who were still in the race; where a rule has one round, nobody is.
    let rounds = outcome.rounds.iter().rev();
    let open = rounds.clone().map(|r| (r, false)).chain(rounds.take(1).map(|r| (r, true)));
    for (round, out_too) in open {
        let lost = |t: &&Tally| !winners.contains(&t.option);
        let mut tallies: Vec<_> =
            round.tallies.iter().filter(lost).filter(|t| out_too || t.status != Status::Eliminated).collect();
        tallies.sort_by(|a, b| b.votes.cmp(&a.votes).then(a.option.cmp(&b.option)));
        for tally in tallies {
            if out.len() < 3 && !out.contains(&tally.option) {
                out.push(tally.option);
            }
        }
    }
    out
}
