//! Schulze and ranked pairs by their definitions.

use super::{Ballots, Plain};
use crate::election::Form;

fn place(form: Form, vote: &Plain, option: usize) -> i64 {
    let levels = vote.marks.iter().filter(|m| m.0 == option).map(|m| i64::from(m.1));
    match form {
        Form::Score => -levels.max().unwrap_or(0),
        _ => levels.min().unwrap_or(i64::MAX),
    }
}

fn prefer(ballots: &Ballots<'_>, a: usize, b: usize) -> u64 {
    let better = |v: &&Plain| place(ballots.form, v, a) < place(ballots.form, v, b);
    ballots.votes.iter().filter(better).map(|v| v.weight).sum()
}

/// Strength of the strongest path: lower the bar until `b` can be reached from `a` over wins of at least that.
fn strongest(wins: &[(usize, usize, u64)], a: usize, b: usize) -> u64 {
    let mut bars: Vec<u64> = wins.iter().map(|w| w.2).collect();
    bars.sort_unstable();
    for bar in bars.into_iter().rev() {
        let mut reached = vec![a];
        let mut at = 0;
        while at < reached.len() {
            let here = reached[at];
            for w in wins.iter().filter(|w| w.0 == here && w.2 >= bar) {
                if !reached.contains(&w.1) {
                    reached.push(w.1);
                }
            }
            at += 1;
        }
        if reached.contains(&b) {
            return bar;
        }
    }
    0
}

fn wins(ballots: &Ballots<'_>) -> Vec<(usize, usize, u64, u64)> {
    let mut out = vec![];
    for &a in &ballots.standing {
        for &b in ballots.standing.iter().filter(|b| **b != a) {
            let (x, y) = (prefer(ballots, a, b), prefer(ballots, b, a));
            if x > y {
                out.push((a, b, x, y));
            }
        }
    }
    out
}

pub(super) fn schulze(ballots: &Ballots<'_>) -> Vec<usize> {
    let wins: Vec<(usize, usize, u64)> = wins(ballots).into_iter().map(|w| (w.0, w.1, w.2)).collect();
    let ahead = |a: usize| {
        ballots.standing.iter().all(|&b| a == b || strongest(&wins, a, b) >= strongest(&wins, b, a))
    };
    let best: Vec<usize> = ballots.standing.iter().copied().filter(|o| ahead(*o)).collect();
    ballots.order(&best, |_| 0).into_iter().take(1).collect()
}

pub(super) fn ranked_pairs(ballots: &Ballots<'_>) -> Vec<usize> {
    let lot = ballots.lot;
    let mut wins = wins(ballots);
    wins.sort_by(|x, y| {
        y.2.cmp(&x.2)
            .then(x.3.cmp(&y.3))
            .then(lot.place(x.0).cmp(&lot.place(y.0)))
            .then(lot.place(y.1).cmp(&lot.place(x.1)))
    });
    let mut locked: Vec<(usize, usize, u64)> = vec![];
    for (a, b, ..) in wins {
        if strongest(&locked, b, a) == 0 {
            locked.push((a, b, 1));
        }
    }
    let top: Vec<usize> =
        ballots.standing.iter().copied().filter(|o| !locked.iter().any(|l| l.1 == *o)).collect();
    ballots.order(&top, |_| 0).into_iter().take(1).collect()
}
