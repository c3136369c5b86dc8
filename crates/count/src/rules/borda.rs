//! Borda: points for places.

use super::simple::next_by_points;
use super::{Case, tallies, top};
use crate::election::{Form, OVERVOTE, Vote};
use crate::number::Number;
use crate::outcome::{Counted, Refusal, Round, Status};
use crate::sentence::say;
use serde::{Deserialize, Serialize};

/// With `n` options a first place gives `n − 1` points, a last place 0. Options at one rank share the points of
/// the places they take together, and so do the unranked ones.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Borda {}

/// Twice the points one vote gives each standing option: halves come only from sharing, so doubling keeps integers.
pub(crate) fn doubled(vote: Vote<'_>, standing: &[usize], out: &mut [u64]) {
    let mut better = 0u64;
    let mut i = 0;
    let mut seen = vec![];
    while i < vote.options.len() {
        let level = vote.levels[i];
        let mut group = vec![];
        while i < vote.options.len() && vote.levels[i] == level {
            let option = vote.options[i] as usize;
            if vote.options[i] != OVERVOTE
                && standing.binary_search(&option).is_ok()
                && !seen.contains(&option)
            {
                group.push(option);
                seen.push(option);
            }
            i += 1;
        }
        share(&group, standing.len() as u64, &mut better, out);
    }
    let rest: Vec<usize> = standing.iter().copied().filter(|o| !seen.contains(o)).collect();
    share(&rest, standing.len() as u64, &mut better, out);
}

/// Gives a group of equals the mean of the places it takes: `2n − 2 − (first + last)`, places from 0.
fn share(group: &[usize], n: u64, better: &mut u64, out: &mut [u64]) {
    let size = group.len() as u64;
    if size == 0 {
        return;
    }
    let twice = 2 * n - 2 - (*better + *better + size - 1);
    for &option in group {
        out[option] += twice;
    }
    *better += size;
}

impl Borda {
    pub(crate) fn count(&self, case: &Case<'_>) -> Result<Counted, Refusal> {
        case.seats(1)?;
        case.needs(&[Form::Ranking, Form::ChooseOne], "rankings")?;
        case.check_rounds()?;
        let standing = case.standing();
        let mut sums = vec![0u128; case.options()];
        for vote in case.votes.iter() {
            let mut points = vec![0u64; case.options()];
            doubled(vote, &standing, &mut points);
            for (sum, p) in sums.iter_mut().zip(points) {
                *sum += u128::from(p) * u128::from(vote.weight);
            }
        }
        let points = |o: usize| Number::ratio(sums[o], 2);
        let (winners, ties) = top(&standing, 1, case.lot, |o| sums[o]);
        let mut round = Round::new(say!("round.points"), tallies(&standing, points));
        for tally in &mut round.tallies {
            tally.status = if winners.contains(&tally.option) { Status::Elected } else { Status::Eliminated };
        }
        round.elected.clone_from(&winners);
        let mut explanation: Vec<_> =
            winners.iter().map(|w| say!("score.sum", option = &[*w][..], points = points(*w))).collect();
        let rest: Vec<usize> = standing.iter().copied().filter(|o| !winners.contains(o)).collect();
        explanation.extend(next_by_points(&rest, case.lot, points));
        Ok(Counted { winners, ties, rounds: vec![round], explanation, ..Counted::default() })
    }
}
