//! Scottish STV as its rules 45 to 52 read, and Meek's count as its inventors describe it.

use super::{Ballots, Plain, PlainRound, Q, UNKNOWN, q};
use crate::rules::meek::{EqualRanks, Meek};
use crate::rules::scottish::ScottishStv;
use num_bigint::BigInt;
use num_traits::{One, Zero};

/// Rule 46: preferences in consecutive order, each clear.
fn clear(vote: &Plain) -> Vec<usize> {
    let mut out: Vec<usize> = vec![];
    for (i, (rank, options)) in vote.ranks.iter().enumerate() {
        if *rank != i as i32 + 1 || options.len() != 1 || options[0] == UNKNOWN || out.contains(&options[0]) {
            break;
        }
        out.push(options[0]);
    }
    out
}

fn five(value: Q) -> Q {
    let unit = BigInt::from(100_000);
    Q::new((value * &unit).floor().to_integer(), unit)
}

pub(super) fn scottish(rule: &ScottishStv, ballots: &Ballots<'_>) -> Vec<usize> {
    let seats = rule.seats as usize;
    // A paper: its preferences, how many like it, its value, where it lies.
    let mut papers: Vec<(Vec<usize>, u64, Q, Option<usize>)> = vec![];
    let mut continuing = ballots.standing.clone();
    for vote in &ballots.votes {
        let order = clear(vote);
        if let Some(&first) = order.iter().find(|o| continuing.contains(o)) {
            papers.push((order, vote.weight, q(1), Some(first)));
        }
    }
    let valid: u64 = papers.iter().map(|p| p.1).sum();
    let quota = q(valid / (seats as u64 + 1) + 1);
    let mut votes = vec![q(0); ballots.election.options.len()];
    for paper in &papers {
        votes[paper.3.unwrap_or(0)] += q(paper.1);
    }
    let (mut elected, mut waiting, mut stages): (Vec<usize>, Vec<usize>, Vec<Vec<Q>>) =
        (vec![], vec![], vec![]);
    loop {
        stages.push(votes.clone());
        for option in ballots.order(&continuing, |o| votes[o].clone()) {
            if votes[option] >= quota {
                elected.push(option);
                continuing.retain(|o| *o != option);
                if votes[option] > quota {
                    waiting.push(option);
                }
            }
        }
        if elected.len() >= seats {
            return elected;
        }
        if continuing.len() <= seats - elected.len() {
            elected.extend(ballots.order(&continuing, |o| votes[o].clone()));
            return elected;
        }
        let narrow = |from: &[usize], most: bool| -> usize {
            let mut tied = from.to_vec();
            for stage in stages.iter().rev() {
                let values = tied.iter().map(|o| stage[*o].clone());
                let best = if most { values.max() } else { values.min() };
                tied.retain(|o| Some(&stage[*o]) == best.as_ref());
            }
            let by_lot = ballots.order(&tied, |_| 0);
            if most { by_lot[0] } else { by_lot[by_lot.len() - 1] }
        };
        let from = if waiting.is_empty() {
            let out = narrow(&continuing, false);
            continuing.retain(|o| *o != out);
            out
        } else {
            let high = narrow(&waiting, true);
            let surplus = &votes[high] - &quota;
            for paper in papers.iter_mut().filter(|p| p.3 == Some(high)) {
                paper.2 = five(&surplus * &paper.2 / &votes[high]);
            }
            waiting.retain(|o| *o != high);
            high
        };
        votes[from] = if elected.contains(&from) { quota.clone() } else { q(0) };
        for paper in papers.iter_mut().filter(|p| p.3 == Some(from)) {
            let at = paper.0.iter().position(|o| *o == from).unwrap_or(0);
            paper.3 = paper.0[at + 1..].iter().copied().find(|o| continuing.contains(o));
            if let Some(next) = paper.3 {
                votes[next] += &paper.2 * q(paper.1);
            }
        }
    }
}

/// Who wins, and every round.
pub(super) fn meek(rule: &Meek, ballots: &Ballots<'_>) -> (Vec<usize>, Vec<PlainRound>) {
    let mut rounds = vec![];
    let seats = rule.seats as usize;
    let unit = BigInt::from(10).pow(rule.decimals);
    let down = |v: Q| Q::new((v * &unit).floor().to_integer(), unit.clone());
    let up = |v: Q| Q::new((v * &unit).ceil().to_integer(), unit.clone());
    let step = Q::new(1.into(), unit.clone());
    let omega = Q::new(1.into(), BigInt::from(10).pow(rule.omega));
    let n = ballots.election.options.len();
    let (mut keep, mut continuing, mut elected) = (vec![Q::one(); n], ballots.standing.clone(), vec![]);
    let total: Q = ballots.votes.iter().map(|v| q(v.weight)).sum();
    let ranks: Vec<(Q, Vec<Vec<usize>>)> =
        ballots.votes.iter().map(|v| (q(v.weight), preferences(v, &ballots.standing))).collect();
    while elected.len() < seats && continuing.len() > seats - elected.len() {
        let mut last = total.clone();
        let (mut votes, mut surplus, mut quota);
        let reached = loop {
            votes = vec![Q::zero(); n];
            for (weight, ranks) in &ranks {
                let mut give = |o: usize, power: Q| votes[o] += power * weight;
                if rule.equal_ranks == EqualRanks::Split && ranks.iter().any(|r| r.len() > 1) {
                    split(ranks, Q::one(), &keep, &down, &mut give);
                } else {
                    pass(ranks, &keep, &down, &mut give);
                }
            }
            quota = down(votes.iter().sum::<Q>() / q(seats + 1)) + &step;
            let mut reached: Vec<usize> = continuing.iter().copied().filter(|o| votes[*o] >= quota).collect();
            if reached.len() > seats - elected.len() {
                reached = ballots.order(&reached, |o| votes[o].clone());
                reached.truncate(seats - elected.len());
                reached.sort_unstable();
            }
            let holders: Vec<usize> = elected.iter().chain(&reached).copied().collect();
            let over = holders.iter().map(|o| &votes[*o] - &quota);
            surplus = over.map(|s| if rule.only_positive_surplus { s.max(Q::zero()) } else { s }).sum::<Q>();
            if !reached.is_empty() || surplus <= omega || surplus >= last {
                break reached;
            }
            last = surplus;
            for &o in &elected {
                let o: usize = o;
                if !votes[o].is_zero() {
                    keep[o] = up(up(&keep[o] * &quota) / &votes[o]).min(Q::one());
                }
            }
        };
        let mut round = PlainRound {
            votes: ballots.standing.iter().map(|o| (*o, votes[*o].clone().into())).collect(),
            threshold: quota.into(),
            elected: reached.clone(),
            eliminated: vec![],
        };
        if !reached.is_empty() {
            rounds.push(round);
            continuing.retain(|o| !reached.contains(o));
            elected.extend(reached);
            continue;
        }
        let least = continuing.iter().map(|o| votes[*o].clone()).min().unwrap_or_else(Q::zero)
            + surplus.max(Q::zero());
        let low: Vec<usize> = continuing.iter().copied().filter(|o| votes[*o] <= least).collect();
        let by_lot = ballots.order(&low, |_| 0);
        let out = by_lot[by_lot.len() - 1];
        round.eliminated = vec![out];
        rounds.push(round);
        keep[out] = Q::zero();
        continuing.retain(|o| *o != out);
    }
    if elected.len() < seats {
        elected.extend(continuing);
    }
    (elected, rounds)
}

/// Ranks without options that were withdrawn or named before.
fn preferences(vote: &Plain, standing: &[usize]) -> Vec<Vec<usize>> {
    let mut seen: Vec<usize> = vec![];
    let mut out = vec![];
    for (_, options) in &vote.ranks {
        let mut rank: Vec<usize> =
            options.iter().copied().filter(|o| standing.contains(o) && !seen.contains(o)).collect();
        rank.sort_unstable();
        rank.dedup();
        seen.extend(&rank);
        if !rank.is_empty() {
            out.push(rank);
        }
    }
    out
}

/// Down the ranks; equals as the mean over all orders of them, by elementary symmetric polynomials.
fn pass(ranks: &[Vec<usize>], keep: &[Q], down: &impl Fn(Q) -> Q, give: &mut impl FnMut(usize, Q)) {
    let mut power = Q::one();
    for rank in ranks {
        if let [o] = rank[..] {
            give(o, down(&power * &keep[o]));
            power = down(&power * (Q::one() - &keep[o]));
            continue;
        }
        let passed: Vec<Q> = rank.iter().map(|o| Q::one() - &keep[*o]).collect();
        for (i, &o) in rank.iter().enumerate() {
            let mut poly = vec![Q::zero(); rank.len()];
            poly[0] = Q::one();
            for (j, a) in passed.iter().enumerate().filter(|(j, _)| *j != i) {
                let old = poly.clone();
                for k in 1..rank.len() {
                    poly[k] = &old[k] + down(&old[k - 1] * a);
                }
                debug_assert!(j != i);
            }
            let others = rank.len() - 1;
            let mean: Q = poly.iter().enumerate().map(|(k, p)| down(p / choose(others, k))).sum();
            let weight = down(down(mean * &keep[o]) / q(rank.len()));
            give(o, down(&power * weight));
        }
        let rest = passed.iter().fold(Q::one(), |p, a| down(p * a));
        power = down(power * rest);
    }
}

fn choose(n: usize, k: usize) -> Q {
    (0..k).map(|i| Q::new((n - i).into(), (i + 1).into())).product()
}

fn split(
    ranks: &[Vec<usize>],
    power: Q,
    keep: &[Q],
    down: &impl Fn(Q) -> Q,
    give: &mut impl FnMut(usize, Q),
) {
    let Some((rank, rest)) = ranks.split_first() else { return };
    let open: Vec<usize> = rank.iter().copied().filter(|o| !keep[*o].is_zero()).collect();
    for &o in &open {
        let part = down(&power / q(open.len()));
        give(o, down(&part * &keep[o]));
        let left = down(&part * (Q::one() - &keep[o]));
        if !left.is_zero() {
            split(rest, left, keep, down, give);
        }
    }
}
