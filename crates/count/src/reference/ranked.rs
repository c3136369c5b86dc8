//! Ranked choice, plainly: every round all votes are read again from their first rank.

use super::{Ballots, Plain, PlainRound, Q, UNKNOWN, q};
use crate::rules::irv::{Mode, Overvotes, RankedChoice, TieBreak, WRITE_INS};
use num_bigint::BigInt;
use num_traits::Zero;

/// Who wins, and every round.
pub(super) fn count(rule: &RankedChoice, ballots: &Ballots<'_>) -> (Vec<usize>, Vec<PlainRound>) {
    if rule.mode != Mode::Passes {
        return pass(rule, rule.winners as usize, ballots, &[]);
    }
    let one = RankedChoice { mode: Mode::SingleWinner, winners: 1, ..rule.clone() };
    let (mut won, mut rounds): (Vec<usize>, Vec<PlainRound>) = (vec![], vec![]);
    for _ in 0..rule.winners {
        let (next, more) = pass(&one, 1, ballots, &won);
        won.extend(next);
        rounds.extend(more);
    }
    (won, rounds)
}

/// For whom a vote counts while `stands` stand.
fn reads(rule: &RankedChoice, vote: &Plain, stands: &[usize]) -> Option<usize> {
    let (mut before, mut seen): (i32, Vec<usize>) = (0, vec![]);
    for (rank, options) in &vote.ranks {
        if rule.most_ranks.is_some_and(|most| *rank as u32 > most) {
            return None;
        }
        if rule.skipped_ranks.is_some_and(|most| i64::from(*rank) - i64::from(before) - 1 > i64::from(most)) {
            return None;
        }
        before = *rank;
        if rule.stop_at_duplicate && options.iter().any(|o| seen.contains(o)) {
            return None;
        }
        seen.extend(options);
        let here: Vec<usize> = options.iter().copied().filter(|o| stands.contains(o)).collect();
        let unknown = options.contains(&UNKNOWN);
        if options.len() > 1 || unknown {
            match rule.overvotes {
                Overvotes::Skip => continue,
                Overvotes::Stop => return None,
                Overvotes::StopIfSeveralContinue if here.len() > 1 || (unknown && options.len() == 1) => {
                    return None;
                }
                Overvotes::StopIfSeveralContinue => {}
            }
        }
        if let Some(option) = here.first() {
            return Some(*option);
        }
    }
    None
}

/// Cuts a quotient off after the rule's decimals.
fn cut(value: Q, decimals: u32) -> Q {
    let unit = BigInt::from(10).pow(decimals);
    Q::new((value * &unit).floor().to_integer(), unit)
}

#[allow(clippy::too_many_lines)]
fn pass(
    rule: &RankedChoice,
    seats: usize,
    ballots: &Ballots<'_>,
    before: &[usize],
) -> (Vec<usize>, Vec<PlainRound>) {
    let standing: Vec<usize> = ballots.standing.iter().copied().filter(|o| !before.contains(o)).collect();
    let transfers = matches!(rule.mode, Mode::SeveralPerRound | Mode::OnePerRound) && seats > 1;
    let mut left = standing.clone();
    let (mut won, mut rounds): (Vec<usize>, Vec<PlainRound>) = (vec![], vec![]);
    let mut worth: Vec<Q> = ballots.votes.iter().map(|_| q(1)).collect();
    let mut holder: Vec<Option<usize>> = vec![None; ballots.votes.len()];
    let mut history: Vec<Vec<Q>> = vec![];
    let mut threshold = q(0);
    loop {
        let mut tally = vec![q(0); ballots.election.options.len()];
        for (i, vote) in ballots.votes.iter().enumerate() {
            if holder[i].is_none_or(|h| !left.contains(&h)) && (holder[i].is_some() || history.is_empty()) {
                holder[i] = reads(rule, vote, &left);
            }
            if let Some(h) = holder[i] {
                tally[h] += &worth[i] * q(vote.weight);
            }
        }
        let active: Q = left.iter().map(|o| tally[*o].clone()).sum();
        if history.is_empty() || (seats == 1 && !rule.fixed_threshold) {
            let decimals = if rule.fractional_threshold { rule.decimals } else { 0 };
            let unit = Q::new(1.into(), BigInt::from(10).pow(decimals));
            threshold = match rule.mode {
                Mode::BottomsUpShare(s) => {
                    let exact = &active * Q::new(s.numerator.into(), s.denominator.into());
                    let unit = Q::new(1.into(), BigInt::from(10).pow(rule.decimals));
                    (exact / &unit).ceil() * unit
                }
                _ if rule.hare => (&active / q(seats) / &unit).ceil() * &unit,
                _ => cut(&active / q(seats + 1), decimals) + unit,
            };
            threshold = threshold.max(q(rule.minimum_votes));
        }
        let order = ballots.order(&left, |o| tally[o].clone());
        let write_in = left
            .iter()
            .copied()
            .find(|o| ballots.election.options[*o].id == WRITE_INS && !tally[*o].is_zero());
        let break_tie = |tied: &[usize], win: bool| -> usize {
            let mut tied = tied.to_vec();
            if rule.ties == TieBreak::PreviousRounds {
                for round in history.iter().rev() {
                    let best = if win {
                        tied.iter().map(|o| &round[*o]).max()
                    } else {
                        tied.iter().map(|o| &round[*o]).min()
                    };
                    let best = best.cloned();
                    tied.retain(|o| Some(&round[*o]) == best.as_ref());
                }
            }
            let by_lot = ballots.order(&tied, |_| 0);
            if win { by_lot[0] } else { by_lot[by_lot.len() - 1] }
        };
        let mut now: Vec<usize> = vec![];
        let unfilled = seats.saturating_sub(won.len());
        if write_in.is_none() {
            if let Mode::BottomsUpShare(_) = rule.mode {
                if left.iter().all(|o| tally[*o] >= threshold) {
                    now.clone_from(&order);
                }
            } else if unfilled > 0 {
                let candidates: Vec<usize> = order.iter().copied().filter(|o| !won.contains(o)).collect();
                let best: Vec<usize> =
                    order.iter().copied().filter(|o| tally[*o] == tally[order[0]]).collect();
                if candidates.len() <= unfilled {
                    now = candidates;
                } else if rule.fixed_threshold && left.len() == seats + 1 {
                    now.clone_from(&best);
                } else if rule.mode != Mode::BottomsUp {
                    now = order.iter().copied().filter(|o| tally[*o] >= threshold).collect();
                }
                let several = now.len() > 1 && (rule.mode == Mode::OnePerRound || rule.fixed_threshold);
                let two = seats == 1
                    && now.is_empty()
                    && left.len() == 2
                    && left.iter().all(|o| tally[*o] >= q(rule.minimum_votes));
                if several || two {
                    now = vec![if best.len() > 1 { break_tie(&best, true) } else { best[0] }];
                }
                now.truncate(unfilled);
            }
        }
        let mut lost: Vec<usize> = vec![];
        let open = won.len() < seats
            || matches!(rule.mode, Mode::BottomsUpShare(_))
            || (rule.until_two && left.len() > 2);
        if now.is_empty() && open {
            lost.extend(write_in);
            if lost.is_empty() {
                lost = left.iter().copied().filter(|o| tally[*o] < q(rule.minimum_votes)).collect();
            }
            if lost.is_empty() && rule.batch {
                // The longest tail whose votes together are fewer than those of anyone above it.
                // Where two are to be left, not one shorter than that.
                for cut_at in if rule.until_two { 2 } else { 1 }..order.len() {
                    let tail: Q = order[cut_at..].iter().map(|o| tally[*o].clone()).sum();
                    if tail < tally[order[cut_at - 1]] && order.len() - cut_at > 1 {
                        lost = order[cut_at..].to_vec();
                        break;
                    }
                }
            }
            if lost.is_empty() {
                let Some(last) = order.last() else { return (won, rounds) };
                let tied: Vec<usize> = order.iter().copied().filter(|o| tally[*o] == tally[*last]).collect();
                lost.push(if tied.len() > 1 { break_tie(&tied, false) } else { *last });
            }
        }
        rounds.push(PlainRound {
            votes: left.iter().map(|o| (*o, tally[*o].clone().into())).collect(),
            threshold: threshold.clone().into(),
            elected: now.clone(),
            eliminated: lost.clone(),
        });
        for &winner in &now {
            won.push(winner);
            if transfers {
                let extra = &tally[winner] - &threshold;
                let part = if extra > q(0) { cut(extra / &tally[winner], rule.decimals) } else { q(0) };
                for (i, held) in holder.iter().enumerate() {
                    if *held == Some(winner) {
                        worth[i] = cut(&worth[i] * &part, rule.decimals);
                    }
                }
            }
        }
        if transfers {
            left.retain(|o| !now.contains(o));
        }
        left.retain(|o| !lost.contains(o));
        history.push(tally);
        let stop = rule.stop_after.is_some_and(|most| history.len() >= most as usize);
        let done = if rule.until_two {
            left.len() <= won.len() + 1 && lost.is_empty()
        } else if let Mode::BottomsUpShare(_) = rule.mode {
            !won.is_empty()
        } else {
            // One more round shows where the last surplus went.
            won.len() >= seats && (!transfers || now.is_empty())
        };
        if stop || done {
            return (won, rounds);
        }
    }
}
