//! How many opinion groups there are, if any, and who belongs to them.

#![allow(clippy::needless_range_loop, reason = "an axis is chosen by its index")]

use super::mixture::{All, Belonging, Mixture, Picked, Rows, overall};
use crate::agreement::adjusted_rand;
use crate::evaluate::{DROPPED, LEAST_RESPONSES};
use crate::responses::Responses;
use crate::shape::{Choice, MOST_GROUPS};
use crate::simulate::mix;
use rayon::prelude::*;

/// Whoever belongs to no group with at least this probability is between groups.
pub(super) const CLEAR: f64 = 0.7;

/// Groups must be found again when a tenth of the responses is dropped.
const STABLE: f64 = 0.85;

/// Two groups must predict hidden responses better than one by so many standard errors; each further group by
/// so many, and by this share of what the first division gained. One error and no such share would do on
/// average, but then a tenth of the responses decides between three groups and five.
const ERRORS: f64 = 2.0;
const FURTHER_ERRORS: f64 = 3.0;
const WORTH: f64 = 0.25;

/// A group has at least so many participants, or 2 % of them.
const SMALLEST: usize = 3;

/// Responses that numbers of groups are tried on, at most.
pub(super) fn sample_size(responses: usize) -> usize {
    (responses / 40).max(120_000)
}

/// How many times a tenth of the responses is dropped. In a small conversation chance is larger and time is
/// not short.
const DROPS: u64 = 3;
const MORE_DROPS: u64 = 9;
const SMALL: usize = 60_000;

/// Rounds for each start, more for the best of them, and over all rows at the end.
const FIRST_ROUNDS: usize = 6;
const MORE_ROUNDS: usize = 14;
const LAST_ROUNDS: usize = 10;

/// What was found.
pub(super) struct Found {
    pub choice: Vec<Choice>,
    /// Nothing where there are no distinct groups.
    pub mixture: Option<Mixture>,
}

/// Tries every number of groups. `sample` are rows of `all`, and `positions` where they stand.
pub(super) fn find(all: &All<'_>, sample: &[u32], positions: &[[f64; 2]]) -> Found {
    let columns = all.responses.columns();
    let whole = Trial::new(all, sample, None);
    let drops = if all.responses.len() <= SMALL { MORE_DROPS } else { DROPS };
    let drops: Vec<Trial> = (0..drops).map(|seed| Trial::new(all, sample, Some(seed))).collect();
    let trials: Vec<&Trial> = std::iter::once(&whole).chain(&drops).collect();
    let mixtures: Vec<Vec<Mixture>> =
        trials.par_iter().map(|trial| trial.mixtures(columns, positions)).collect();
    let members: Vec<Vec<Vec<Belonging>>> = trials
        .par_iter()
        .zip(&mixtures)
        .map(|(trial, mixtures)| mixtures.iter().map(|mixture| trial.members(mixture)).collect())
        .collect();
    let foresight: Vec<Vec<f64>> = (0..MOST_GROUPS)
        .into_par_iter()
        .map(|at| {
            (0..sample.len())
                .map(|row| {
                    drops
                        .iter()
                        .zip(&mixtures[1..])
                        .map(|(drop, found)| drop.foresight(&found[at], row))
                        .sum::<f64>()
                })
                .map(|sum| sum / drops.len() as f64)
                .collect()
        })
        .collect();
    let mut choice: Vec<Choice> = Vec::new();
    for at in 1..MOST_GROUPS {
        let (gain, error) = gain(&foresight[at], &foresight[at - 1]);
        let stability = members[1..].iter().map(|drop| alike(&members[0][at], &drop[at])).sum::<f64>()
            / drops.len() as f64;
        let sizes = sizes(&members[0][at], at + 1);
        let smallest = sizes.iter().copied().min().unwrap_or(0);
        let clear = whole.clear(&members[0][at]);
        let enough = smallest >= SMALLEST && smallest * 50 >= sample.len();
        choice.push(Choice {
            groups: at as u32 + 1,
            gain,
            error,
            stability,
            clear,
            smallest: smallest as u32,
            holds: gain > error * if at == 1 { ERRORS } else { FURTHER_ERRORS }
                && gain >= WORTH * choice.first().map_or(0.0, |first| first.gain)
                && stability >= STABLE
                && enough
                && clear >= 0.5,
        });
    }
    let taken = choice.iter().take_while(|choice| choice.holds).count();
    let taken = (taken > 0).then_some(taken);
    let mixture = taken.map(|at| {
        let everybody = overall(all, columns);
        let mut mixture = mixtures[0][at].clone();
        for _ in 0..LAST_ROUNDS {
            mixture = mixture.improved(all, &everybody);
        }
        mixture
    });
    Found { choice, mixture }
}

/// The group somebody clearly belongs to.
pub(super) fn clear_group(belonging: &Belonging) -> Option<usize> {
    belonging.iter().position(|&chance| chance >= CLEAR)
}

/// The sample, with a tenth of its responses hidden or not.
struct Trial {
    seen: Picked,
    hidden: Picked,
}

impl Trial {
    fn new(all: &All<'_>, sample: &[u32], seed: Option<u64>) -> Trial {
        let mut trial = Trial { seen: Picked::default(), hidden: Picked::default() };
        let mut scratch = Vec::new();
        for &row in sample {
            let slots = all.row(row as usize, &mut scratch);
            let hidden = |slot: &u32| seed.is_some_and(|seed| is_hidden(all.responses, seed, row, *slot));
            trial.seen.push(slots.iter().copied().filter(|slot| !hidden(slot)));
            trial.hidden.push(slots.iter().copied().filter(hidden));
        }
        trial
    }

    /// For 1 to the most groups, the best of several starts.
    fn mixtures(&self, columns: usize, positions: &[[f64; 2]]) -> Vec<Mixture> {
        let overall = overall(&self.seen, columns);
        let mut found: Vec<Mixture> = Vec::new();
        let mut labels = vec![0u8; positions.len()];
        for groups in 1..=MOST_GROUPS {
            let mut starts = vec![split(&labels, positions, groups)];
            if groups > 1 {
                starts.push(quantiles(positions, groups));
            }
            if groups > 2 {
                starts.push(sectors(positions, groups));
            }
            let rounds = |mut mixture: Mixture, rounds| {
                for _ in 0..rounds {
                    mixture = mixture.improved(&self.seen, &overall);
                }
                mixture
            };
            let begun: Vec<Mixture> = starts
                .par_iter()
                .map(|start| rounds(Mixture::start(&self.seen, &overall, groups, start), FIRST_ROUNDS))
                .collect();
            let best =
                begun.into_iter().reduce(|best, other| if other.fit > best.fit { other } else { best });
            let Some(best) = best else { break };
            let best = rounds(best, MORE_ROUNDS);
            labels = self.members(&best).iter().map(likeliest).collect();
            found.push(best);
        }
        found
    }

    fn members(&self, mixture: &Mixture) -> Vec<Belonging> {
        (0..self.seen.rows()).map(|row| mixture.belonging(self.seen.get(row)).0).collect()
    }

    fn foresight(&self, mixture: &Mixture, row: usize) -> f64 {
        mixture.foresight(self.seen.get(row), self.hidden.get(row))
    }

    /// The share of those with enough responses who clearly belong to a group.
    fn clear(&self, members: &[Belonging]) -> f64 {
        let enough = || (0..members.len()).filter(|&row| self.seen.get(row).len() >= LEAST_RESPONSES);
        let clear = enough().filter(|&row| clear_group(&members[row]).is_some()).count();
        clear as f64 / enough().count().max(1) as f64
    }
}

/// Follows from the seed and the numbers of participant and statement alone.
fn is_hidden(responses: &Responses, seed: u64, row: u32, slot: u32) -> bool {
    let participant = responses.participants[row as usize];
    let statement = responses.statements[slot as usize / crate::responses::SLOTS];
    let luck = mix(mix(seed ^ 0x6d61_7073) ^ (u64::from(participant) << 32 | u64::from(statement)));
    luck % DROPPED.1 < DROPPED.0
}

fn likeliest(belonging: &Belonging) -> u8 {
    let mut best = 0;
    for (group, chance) in belonging.iter().enumerate() {
        if *chance > belonging[best] {
            best = group;
        }
    }
    best as u8
}

/// Mean and standard error of the difference.
fn gain(more: &[f64], fewer: &[f64]) -> (f64, f64) {
    let count = more.len().max(2) as f64;
    let mean = more.iter().zip(fewer).map(|(more, fewer)| more - fewer).sum::<f64>() / count;
    let spread: f64 =
        more.iter().zip(fewer).map(|(more, fewer)| (more - fewer - mean) * (more - fewer - mean)).sum();
    (mean, (spread / (count - 1.0) / count).sqrt())
}

/// How alike two groupings are, over those who clearly belong to a group in both.
fn alike(one: &[Belonging], other: &[Belonging]) -> f64 {
    adjusted_rand(
        one.iter()
            .zip(other)
            .filter_map(|(one, other)| Some((clear_group(one)? as u32, clear_group(other)? as u32))),
    )
}

fn sizes(members: &[Belonging], groups: usize) -> Vec<usize> {
    let mut sizes = vec![0; groups];
    members.iter().filter_map(clear_group).for_each(|group| sizes[group] += 1);
    sizes
}

/// Equally many in each group, from left to right.
fn quantiles(positions: &[[f64; 2]], groups: usize) -> Vec<u8> {
    let mut order: Vec<usize> = (0..positions.len()).collect();
    order.sort_by(|&a, &b| positions[a][0].total_cmp(&positions[b][0]));
    let mut labels = vec![0; positions.len()];
    for (place, &row) in order.iter().enumerate() {
        labels[row] = (place * groups / positions.len()) as u8;
    }
    labels
}

/// Slices of the picture around its middle.
fn sectors(positions: &[[f64; 2]], groups: usize) -> Vec<u8> {
    let turn = std::f64::consts::TAU;
    positions
        .iter()
        .map(|&[x, y]| {
            let part = (libm::atan2(y, x) / turn + 1.0) % 1.0;
            ((part * groups as f64) as usize).min(groups - 1) as u8
        })
        .collect()
}

/// One group more: the most spread out is cut through its middle, across its longer side.
fn split(labels: &[u8], positions: &[[f64; 2]], groups: usize) -> Vec<u8> {
    let mut labels = labels.to_vec();
    if groups < 2 {
        return labels;
    }
    let mut widest = (0, 0, 0.0, -1.0);
    for group in 0..groups as u8 - 1 {
        for axis in 0..2 {
            let of = || (0..labels.len()).filter(|&row| labels[row] == group).map(|row| positions[row][axis]);
            let mean = of().sum::<f64>() / of().count().max(1) as f64;
            let spread: f64 = of().map(|place| (place - mean) * (place - mean)).sum();
            if spread > widest.3 {
                widest = (group, axis, mean, spread);
            }
        }
    }
    let (group, axis, mean, _) = widest;
    for (label, position) in labels.iter_mut().zip(positions) {
        if *label == group && position[axis] > mean {
            *label = groups as u8 - 1;
        }
    }
    labels
}
