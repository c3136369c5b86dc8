//! Comparing every pair of options: Schulze and ranked pairs.

use super::Case;
use crate::election::{Form, OVERVOTE, Votes};
use crate::limits::MAX_PAIR_OPTIONS;
use crate::lot::Lot;
use crate::number::Number;
use crate::outcome::{Counted, Refusal, Round, Status, Tally, Ties};
use crate::sentence::{Sentence, say};
use serde::{Deserialize, Serialize};

/// Strongest paths over winning votes (Schulze 2011). Unranked options are below all ranked ones.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Schulze {}

/// The strongest comparison is locked in first, unless it contradicts those before it (Tideman 1987), by winning
/// votes; equally strong ones: fewer against first, then by the lot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RankedPairs {}

/// How many prefer row to column. Rows and columns are all options of the ballot.
pub(crate) struct Pairs {
    n: usize,
    cells: Vec<u64>,
}

impl Pairs {
    pub fn of(votes: &Votes, n: usize) -> Self {
        let mut cells = vec![0u64; n * n];
        for vote in votes.iter() {
            let mut level = vec![i64::MAX; n];
            for (option, l) in vote.options.iter().zip(vote.levels).rev() {
                if *option != OVERVOTE {
                    // A repeated option keeps its best place; points are turned round, more is better.
                    let place = if votes.form() == Form::Score { -i64::from(*l) } else { i64::from(*l) };
                    let best = &mut level[*option as usize];
                    *best = place.min(*best);
                }
            }
            if votes.form() == Form::Score {
                level.iter_mut().filter(|l| **l == i64::MAX).for_each(|l| *l = 0);
            }
            for (a, row) in level.iter().zip(cells.chunks_exact_mut(n)) {
                if *a == i64::MAX {
                    continue;
                }
                for (b, cell) in level.iter().zip(row) {
                    *cell += if a < b { vote.weight } else { 0 };
                }
            }
        }
        Pairs { n, cells }
    }

    pub fn get(&self, a: usize, b: usize) -> u64 {
        self.cells[a * self.n + b]
    }
}

fn ready(case: &Case<'_>) -> Result<(), Refusal> {
    case.seats(1)?;
    case.needs(&[Form::Ranking, Form::ChooseOne, Form::Approval, Form::Score], "rankings")?;
    if case.options() > MAX_PAIR_OPTIONS {
        return Err(Refusal::new(format!(
            "This rule compares every pair of options, which is done for at most {MAX_PAIR_OPTIONS}; there are {}.",
            case.options()
        )));
    }
    Ok(())
}

/// A round that shows for each option how many of the others it beats, and the sentence for a clear winner.
fn comparisons(case: &Case<'_>, pairs: &Pairs, winner: usize) -> (Round, Vec<Sentence>) {
    let standing = case.standing();
    let beats = |a: usize| standing.iter().filter(|b| pairs.get(a, **b) > pairs.get(**b, a)).count();
    let tallies = standing
        .iter()
        .map(|&o| Tally {
            option: o,
            votes: Number::whole(beats(o)),
            status: if o == winner { Status::Elected } else { Status::Eliminated },
        })
        .collect();
    let mut round = Round::new(say!("round.pairs"), tallies);
    round.elected = vec![winner];
    let mut said = vec![];
    if beats(winner) + 1 == standing.len() {
        said.push(say!("pairs.beats_all", winner = &[winner][..]));
        let closest = standing
            .iter()
            .filter(|o| **o != winner)
            .min_by_key(|o| pairs.get(winner, **o) - pairs.get(**o, winner));
        if let Some(&c) = closest {
            let (won, lost) = (pairs.get(winner, c), pairs.get(c, winner));
            said.push(say!(
                "pairs.closest",
                winner = &[winner][..],
                loser = &[c][..],
                won = won,
                lost = lost
            ));
        }
    } else {
        let over: Vec<usize> =
            standing.iter().copied().filter(|o| pairs.get(*o, winner) > pairs.get(winner, *o)).collect();
        said.push(say!("pairs.no_clear", winner = &[winner][..], beaten = beats(winner)));
        if !over.is_empty() {
            said.push(say!("pairs.loses_to", winner = &[winner][..], over = &over));
        }
    }
    (round, said)
}

impl Schulze {
    /// Options that no other option beats by a stronger path.
    pub(crate) fn unbeaten(pairs: &Pairs, standing: &[usize]) -> Vec<usize> {
        let n = pairs.n;
        let mut path = vec![0u64; n * n];
        for &a in standing {
            for &b in standing {
                let (ab, ba) = (pairs.get(a, b), pairs.get(b, a));
                path[a * n + b] = if a != b && ab > ba { ab } else { 0 };
            }
        }
        for &via in standing {
            for &a in standing {
                let first = path[a * n + via];
                if first == 0 || a == via {
                    continue;
                }
                for &b in standing {
                    let through = first.min(path[via * n + b]);
                    let direct = &mut path[a * n + b];
                    if a != b && through > *direct {
                        *direct = through;
                    }
                }
            }
        }
        standing
            .iter()
            .copied()
            .filter(|&a| standing.iter().all(|&b| path[a * n + b] >= path[b * n + a]))
            .collect()
    }

    pub(crate) fn count(&self, case: &Case<'_>) -> Result<Counted, Refusal> {
        ready(case)?;
        let pairs = Pairs::of(case.votes, case.options());
        let best = Self::unbeaten(&pairs, &case.standing());
        let winner = case.lot.favoured(&best).unwrap_or(0);
        let (round, mut explanation) = comparisons(case, &pairs, winner);
        let mut ties = Ties::default();
        if best.len() > 1 {
            explanation.push(say!("pairs.tied", options = &best));
            ties.by_lot(1, &best, winner);
        } else if explanation.len() > 1 && !explanation[0].key.ends_with("beats_all") {
            explanation.push(say!("pairs.strongest", winner = &[winner][..]));
        }
        Ok(Counted { winners: vec![winner], ties, rounds: vec![round], explanation, ..Counted::default() })
    }
}

impl RankedPairs {
    /// The option on top when all comparisons are locked in, in an order that `lot` makes complete.
    pub(crate) fn winner(pairs: &Pairs, standing: &[usize], lot: &Lot) -> usize {
        let mut order = vec![];
        for &a in standing {
            for &b in standing {
                if pairs.get(a, b) > pairs.get(b, a) {
                    order.push((a, b));
                }
            }
        }
        order.sort_by_key(|&(a, b)| {
            (
                std::cmp::Reverse(pairs.get(a, b)),
                pairs.get(b, a),
                lot.place(a),
                std::cmp::Reverse(lot.place(b)),
            )
        });
        let n = pairs.n;
        let mut reach = vec![false; n * n];
        for &(a, b) in &order {
            if reach[b * n + a] {
                continue;
            }
            for &x in standing {
                if x == a || reach[x * n + a] {
                    for &y in standing {
                        if y == b || reach[b * n + y] {
                            reach[x * n + y] = true;
                        }
                    }
                }
            }
        }
        let top: Vec<usize> =
            standing.iter().copied().filter(|&a| !standing.iter().any(|&b| reach[b * n + a])).collect();
        lot.favoured(&top).unwrap_or(0)
    }

    pub(crate) fn count(&self, case: &Case<'_>) -> Result<Counted, Refusal> {
        ready(case)?;
        let pairs = Pairs::of(case.votes, case.options());
        let standing = case.standing();
        let winner = Self::winner(&pairs, &standing, case.lot);
        let (round, mut explanation) = comparisons(case, &pairs, winner);
        let mut ties = Ties::default();
        // The lot decided if another lot order would have given another winner. Reversing it, and favouring each
        // option in turn, finds every option that some lot order puts on top or first among equals.
        let mut able = vec![winner];
        for &o in &standing {
            let other = Self::winner(&pairs, &standing, &case.lot.moved(o, &standing, true));
            if !able.contains(&other) {
                able.push(other);
            }
        }
        if able.len() > 1 {
            able.sort_unstable();
            explanation.push(say!("pairs.tied", options = &able));
            ties.by_lot(1, &able, winner);
        } else if !explanation[0].key.ends_with("beats_all") {
            explanation.push(say!("pairs.locked", winner = &[winner][..]));
        }
        Ok(Counted { winners: vec![winner], ties, rounds: vec![round], explanation, ..Counted::default() })
    }
}
