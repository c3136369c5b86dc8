//! Budgets as their rules read.

use super::{Ballots, Q, q};
use crate::election::Form;
use crate::rules::greedy::{Greedy, Overflow};
use crate::rules::shares::{Comparison, Completion, EqualShares, Start, Stop};
use num_bigint::BigInt;
use num_traits::{One, Zero};

pub(super) fn greedy(rule: &Greedy, ballots: &Ballots<'_>) -> Vec<usize> {
    let options = &ballots.election.options;
    let unit = q(BigInt::from(10).pow(ballots.election.score_decimals));
    let points = |o: usize| -> Q {
        let mut sum = Q::zero();
        for vote in &ballots.votes {
            // Whoever names a project twice is one voter.
            if let Some(mark) = vote.marks.iter().find(|m| m.0 == o) {
                let first = rule.first_place.map_or(vote.marks.len() as i64, i64::from);
                sum += q(vote.weight)
                    * match ballots.form {
                        Form::Score if rule.by_points => q(mark.1) / &unit,
                        Form::Ranking if rule.by_points => q((first + 1 - i64::from(mark.1)).max(0)),
                        _ => Q::one(),
                    };
            }
        }
        sum
    };
    let named = |o: usize| ballots.votes.iter().any(|v| v.marks.iter().any(|m| m.0 == o));
    let mut left = ballots.election.budget.unwrap_or(0);
    let mut won: Vec<usize> = vec![];
    let all: Vec<usize> = (0..options.len()).collect();
    for o in ballots.order(&all, points) {
        let (Some(cost), false) = (options[o].cost, options[o].withdrawn) else { continue };
        let below = rule.threshold.as_ref().is_some_and(|t| points(o) < *t.rational());
        let taken = options[o].group.is_some() && won.iter().any(|w| options[*w].group == options[o].group);
        if !named(o) || below || taken {
            continue;
        }
        if cost <= left {
            won.push(o);
            left -= cost;
            continue;
        }
        match rule.overflow {
            Overflow::Skip => {}
            Overflow::Stop => break,
            Overflow::TopUp(share) => {
                if left > 0 && q(left) / q(cost) >= Q::new(share.numerator.into(), share.denominator.into()) {
                    won.push(o);
                }
                break;
            }
        }
    }
    won
}

/// Everyone holds `purse`. Buys what has the highest effective support until nothing can be paid.
/// Returns what was bought and what everyone still holds.
pub(super) fn buy<K: Ord>(
    ballots: &Ballots<'_>,
    votes: &[(Q, Vec<usize>)],
    purse: &Q,
    cost: impl Fn(usize) -> Option<Q>,
    tie: impl Fn(usize) -> K,
    groups: bool,
) -> (Vec<usize>, Vec<Q>) {
    let mut purses = vec![purse.clone(); votes.len()];
    let mut won: Vec<usize> = vec![];
    let group = |o: usize| ballots.election.options[o].group.as_deref().filter(|_| groups);
    let people = |o: usize| votes.iter().filter(|v| v.1.contains(&o)).map(|v| v.0.clone()).sum::<Q>();
    // What costs nothing needs nobody's money: it comes first if anybody wants it.
    for o in ballots.order(&ballots.standing, people) {
        let taken = group(o).is_some() && won.iter().any(|w| group(*w) == group(o));
        if cost(o).is_some_and(|c| c.is_zero()) && !people(o).is_zero() && !taken {
            won.push(o);
        }
    }
    loop {
        let mut best: Vec<(usize, Q, Q)> = vec![];
        for &o in &ballots.standing {
            let taken = group(o).is_some() && won.iter().any(|w| group(*w) == group(o));
            let Some(price) = cost(o).filter(|c| !c.is_zero() && !won.contains(&o) && !taken) else {
                continue;
            };
            let Some(most) = payment(votes, &purses, o, &price) else { continue };
            let support = &price / &most;
            match best.first().map(|b| support.cmp(&b.1)) {
                None | Some(std::cmp::Ordering::Greater) => best = vec![(o, support, most)],
                Some(std::cmp::Ordering::Equal) => best.push((o, support, most)),
                Some(std::cmp::Ordering::Less) => {}
            }
        }
        let tied: Vec<usize> = best.iter().map(|b| b.0).collect();
        let Some(&next) = ballots.order(&tied, &tie).first() else { return (won, purses) };
        let most = best.iter().find(|b| b.0 == next).map_or_else(Q::zero, |b| b.2.clone());
        for (vote, purse) in votes.iter().zip(&mut purses) {
            if vote.1.contains(&next) {
                *purse = (&*purse - &most).max(Q::zero());
            }
        }
        won.push(next);
    }
}

/// The ρ with Σ min(bᵢ, ρ) = cost; none if the supporters do not hold the cost.
fn payment(votes: &[(Q, Vec<usize>)], purses: &[Q], option: usize, cost: &Q) -> Option<Q> {
    let mut mine: Vec<(&Q, &Q)> =
        votes.iter().zip(purses).filter(|(v, _)| v.1.contains(&option)).map(|(v, b)| (b, &v.0)).collect();
    mine.sort();
    let held: Q = mine.iter().map(|(b, w)| *b * *w).sum();
    if held < *cost || mine.is_empty() {
        return None;
    }
    let (mut paid, mut people) = (Q::zero(), mine.iter().map(|m| m.1.clone()).sum::<Q>());
    for (money, weight) in mine {
        let share = (cost - &paid) / &people;
        if share <= *money {
            return Some(share);
        }
        paid += money * weight;
        people -= weight;
    }
    None
}

pub(super) fn equal_shares(rule: &EqualShares, ballots: &Ballots<'_>) -> Vec<usize> {
    let election = ballots.election;
    let budget = election.budget.unwrap_or(0);
    let votes: Vec<(Q, Vec<usize>)> =
        ballots.votes.iter().map(|v| (q(v.weight), ballots.supports(v))).collect();
    let voters = votes.iter().map(|v| v.0.clone()).sum::<Q>().max(Q::one());
    let unit = q(BigInt::from(10).pow(election.money_decimals));
    let cost = |o: usize| election.options[o].cost.map(q);
    let price = |o: usize| election.options[o].cost.unwrap_or(0);
    let people = |o: usize| votes.iter().filter(|v| v.1.contains(&o)).map(|v| v.0.clone()).sum::<Q>();
    let tie = |o: usize| (std::cmp::Reverse(price(o)), people(o));
    let spent = |won: &[usize]| won.iter().map(|o| price(*o)).sum::<u64>();
    let run = |share: &Q| buy(ballots, &votes, share, cost, tie, true).0;
    let mut share = match rule.start {
        Start::Exact => q(budget) / &voters,
        Start::Floored => (q(budget) / &voters / &unit).floor() * &unit,
    };
    let step = match rule.completion {
        Completion::None | Completion::Greedy => None,
        Completion::Add1 | Completion::Add1Greedy => Some(unit),
        Completion::Step(n) | Completion::StepGreedy(n) => Some(q(n) * unit),
    };
    let mut won = run(&share);
    let group = |o: usize| election.options[o].group.as_ref();
    let buyable = |won: &[usize]| {
        let taken = |o: usize| group(o).is_some() && won.iter().any(|w| group(*w) == group(o));
        ballots
            .standing
            .iter()
            .any(|o| price(*o) > 0 && !people(*o).is_zero() && !won.contains(o) && !taken(*o))
    };
    while let (Some(step), true) = (&step, buyable(&won)) {
        let left = budget.saturating_sub(spent(&won));
        let fits =
            |o: &&usize| price(**o) > 0 && price(**o) <= left && !won.contains(o) && spent(&won) <= budget;
        if rule.stop == Stop::OverspendOrExhaustive && !ballots.standing.iter().any(|o| fits(&o)) {
            break;
        }
        share += step;
        let next = run(&share);
        if spent(&next) > budget {
            break;
        }
        won = next;
    }
    if matches!(rule.completion, Completion::Greedy | Completion::Add1Greedy | Completion::StepGreedy(_)) {
        for o in ballots.order(&ballots.standing, people) {
            let group = &election.options[o].group;
            let taken = group.is_some() && won.iter().any(|w| election.options[*w].group == *group);
            if !won.contains(&o)
                && !taken
                && price(o) > 0
                && !people(o).is_zero()
                && spent(&won) + price(o) <= budget
            {
                won.push(o);
            }
        }
    }
    compare(rule.comparison, ballots, &votes, won)
}

/// The greedy result instead, if more voters prefer it.
fn compare(how: Comparison, ballots: &Ballots<'_>, votes: &[(Q, Vec<usize>)], won: Vec<usize>) -> Vec<usize> {
    if how == Comparison::None {
        return won;
    }
    let other = greedy(&Greedy::skip(), ballots);
    let value = |mine: &[usize], set: &[usize]| -> u64 {
        let liked = mine.iter().filter(|o| set.contains(o));
        match how {
            Comparison::Money => liked.map(|o| ballots.election.options[*o].cost.unwrap_or(0)).sum(),
            Comparison::Represented => u64::from(liked.count() > 0),
            _ => liked.count() as u64,
        }
    };
    let (mut ours, mut theirs) = (Q::zero(), Q::zero());
    for (weight, mine) in votes {
        match value(mine, &won).cmp(&value(mine, &other)) {
            std::cmp::Ordering::Greater => ours += weight,
            std::cmp::Ordering::Less => theirs += weight,
            std::cmp::Ordering::Equal => {}
        }
    }
    if theirs > ours { other } else { won }
}
