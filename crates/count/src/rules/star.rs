//! STAR: score, then automatic runoff.

use super::simple::points;
use super::{Case, tallies};
use crate::election::Form;
use crate::number::Number;
use crate::outcome::{By, Counted, Refusal, Round, Status, Ties};
use crate::sentence::say;
use serde::{Deserialize, Serialize};

/// The two options with most points; of the two, the one more voters rate higher.
///
/// Ties as in the official STAR protocol: equal points go to who is preferred head to head, then to the lot; an
/// equal runoff goes to more points, then to the lot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Star {}

/// How many voters rate `a` above `b`, and `b` above `a`.
pub(crate) fn head_to_head(case: &Case<'_>, a: usize, b: usize) -> (u64, u64) {
    let (mut for_a, mut for_b) = (0, 0);
    for vote in case.votes.iter() {
        let level = |o: usize| {
            let at = vote.options.iter().position(|x| *x as usize == o);
            at.map_or(0, |i| vote.levels[i])
        };
        let (x, y) = (level(a), level(b));
        for_a += if x > y { vote.weight } else { 0 };
        for_b += if y > x { vote.weight } else { 0 };
    }
    (for_a, for_b)
}

impl Star {
    /// The better of several options with equal points: whoever wins most comparisons among them, then the lot.
    fn pick(case: &Case<'_>, tied: &[usize], ties: &mut Ties) -> usize {
        let Some(&only) = tied.first() else { return 0 };
        if tied.len() == 1 {
            return only;
        }
        let wins = |a: usize| {
            tied.iter()
                .filter(|b| {
                    **b != a && {
                        let (x, y) = head_to_head(case, a, **b);
                        x > y
                    }
                })
                .count()
        };
        let most = tied.iter().map(|o| wins(*o)).max().unwrap_or(0);
        let best: Vec<usize> = tied.iter().copied().filter(|o| wins(*o) == most).collect();
        let chosen = case.lot.favoured(&best).unwrap_or(only);
        let by = if best.len() == 1 { By::HeadToHead } else { By::Lot };
        let tied = if by == By::Lot { best } else { tied.to_vec() };
        ties.choice(1, &tied, chosen, by);
        chosen
    }

    pub(crate) fn count(&self, case: &Case<'_>) -> Result<Counted, Refusal> {
        case.seats(1)?;
        case.needs(&[Form::Score, Form::Approval, Form::ChooseOne], "points for options")?;
        let sums = points(case);
        let mut standing = case.standing();
        let mut ties = Ties::default();
        let mut finalists = vec![];
        while finalists.len() < 2 && !standing.is_empty() {
            let most = standing.iter().map(|o| sums[*o].0).max().unwrap_or(0);
            let tied: Vec<usize> = standing.iter().copied().filter(|o| sums[*o].0 == most).collect();
            // Two equal options for two places need no tie broken.
            let chosen =
                if tied.len() + finalists.len() <= 2 { tied[0] } else { Self::pick(case, &tied, &mut ties) };
            standing.retain(|o| *o != chosen);
            finalists.push(chosen);
        }
        let decimals = case.election.score_decimals;
        let all = case.standing();
        let mut scores =
            Round::new(say!("round.points"), tallies(&all, |o| Number::decimal(sums[o].0, decimals)));
        for tally in &mut scores.tallies {
            if !finalists.contains(&tally.option) {
                tally.status = Status::Eliminated;
                scores.eliminated.push(tally.option);
            }
        }
        let mut explanation = vec![say!("star.finalists", options = &finalists)];
        let (winner, runoff) = match finalists[..] {
            [a, b] => {
                let (x, y) = head_to_head(case, a, b);
                let winner = if x != y {
                    if x > y { a } else { b }
                } else if sums[a].0 != sums[b].0 {
                    if sums[a].0 > sums[b].0 { a } else { b }
                } else {
                    let chosen = case.lot.favoured(&[a, b]).unwrap_or(a);
                    ties.by_lot(2, &[a, b], chosen);
                    chosen
                };
                let loser = if winner == a { b } else { a };
                let (won, lost) = if winner == a { (x, y) } else { (y, x) };
                let neither = case.votes.total() - x - y;
                explanation.push(say!(
                    "star.runoff",
                    winner = &[winner][..],
                    loser = &[loser][..],
                    won = won,
                    lost = lost,
                    neither = neither
                ));
                if won == lost {
                    explanation.push(say!("star.equal", winner = &[winner][..]));
                }
                let mut round = Round::new(
                    say!("round.runoff"),
                    tallies(&[winner, loser], |o| if o == winner { won.into() } else { lost.into() }),
                );
                round.tallies[0].status = Status::Elected;
                round.tallies[1].status = Status::Eliminated;
                round.elected = vec![winner];
                round.idle = vec![(crate::outcome::Idle::Exhausted, neither.into())];
                (winner, Some(round))
            }
            _ => (finalists.first().copied().unwrap_or(0), None),
        };
        let rounds = std::iter::once(scores).chain(runoff).collect();
        Ok(Counted { winners: vec![winner], ties, rounds, explanation, ..Counted::default() })
    }
}
