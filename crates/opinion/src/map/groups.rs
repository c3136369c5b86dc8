//! How many opinion groups there are, if any, and who belongs to them.

use super::mixture::{All, Belonging, Mixture, Picked, Rows, overall};
use super::starts::{self, quantiles, sectors, split};
use crate::agreement::adjusted_rand;
use crate::chunks::in_chunks;
use crate::evaluate::{DROPPED, LEAST_RESPONSES};
use crate::responses::Responses;
use crate::shape::{Choice, MOST_GROUPS};
use crate::simulate::mix;
use rayon::prelude::*;

/// Whoever belongs to no group with at least this probability, as things are and as if all groups were of one size, is in none.
pub const CLEAR: f64 = 0.7;

/// Groups must be found again when a tenth of the responses is dropped: by this adjusted Rand index.
pub const STABLE: f64 = 0.85;

/// Hidden responses are foreseen half by one number of groups and half by fewer: this must be better than by fewer alone.
/// That the larger number foresees them better by itself would ask for more: it must then earn back what its shares lose
/// by following fewer people each, which nearly cancels what it gains, so that a tenth of the responses decides. Half of
/// it loses a quarter of that, and groups that are not there gain nothing.
const MIXED: f64 = 0.5;

/// Each further group must be better by so many standard errors, and by this share of what the first division gained.
/// One error and no such share would do on average, but then a tenth of the responses decides between three groups and
/// five. Of eight real conversations and three tenths dropped of each, first divisions that stay gain 5.2 errors or more
/// and further ones 0.52 of the first; those that do not stay, 3.7 and 0.46.
pub const ERRORS: f64 = 4.5;
/// See [`ERRORS`].
pub const WORTH: f64 = 0.48;

/// A group has at least so many participants, and one in so many of all.
pub const SMALLEST: usize = 3;
/// See [`SMALLEST`].
pub const ONE_IN: usize = 50;

/// Most of those with enough responses must clearly belong to a group.
pub const MOSTLY: f64 = 0.5;

/// Responses that numbers of groups are tried on, at most.
pub(super) fn sample_size(responses: usize) -> usize {
    (responses / 40).max(120_000)
}

/// How many of the ten tenths of the responses are hidden in turn. In a small conversation chance is larger and
/// time is not short.
const PARTS: u64 = 5;
const MORE_PARTS: u64 = 10;
const SMALL: usize = 60_000;

/// How much responses may count for the group somebody belongs to. Where people of one group respond alike in
/// ways the group does not explain, all of them count for less than their number, and to count them fully would
/// make memberships surer than they are.
const WEIGHTS: [f64; 7] = [1.0, 0.85, 0.7, 0.55, 0.4, 0.3, 0.2];

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

/// Tries one group more as long as that holds. `sample` are rows of `all`.
pub(super) fn find(all: &All<'_>, sample: &[u32]) -> Found {
    let columns = all.responses.columns();
    let parts = if all.responses.len() <= SMALL { MORE_PARTS } else { PARTS };
    // The first with everything, then without each part.
    let trials: Vec<Trial> =
        std::iter::once(None).chain((0..parts).map(Some)).map(|part| Trial::new(all, sample, part)).collect();
    let overall: Vec<Vec<f64>> = trials.par_iter().map(|trial| overall(&trial.seen, columns)).collect();
    let positions: Vec<Vec<[f64; 2]>> = trials
        .par_iter()
        .zip(&overall)
        .map(|(trial, overall)| starts::positions(&trial.seen, overall))
        .collect();
    let mut choice: Vec<Choice> = Vec::new();
    // By the last number of groups, and by the last that held.
    let mut before: Vec<Tried> = Vec::new();
    let mut held: Vec<Tried> = Vec::new();
    // What was found with everything, by each number that held.
    let mut found: Vec<Mixture> = Vec::new();
    for groups in 1..=MOST_GROUPS {
        let last = if before.is_empty() { &held } else { &before };
        let tried: Vec<Tried> = (0..trials.len())
            .into_par_iter()
            .map(|at| {
                let labels = last.get(at).map(|last| last.members.iter().map(likeliest).collect());
                trials[at].best(&overall[at], groups, labels, &positions[at])
            })
            .collect();
        before.clear();
        if groups == 1 {
            held = tried;
            continue;
        }
        let next = self::weight(&trials[1..], &tried[1..]);
        let first = choice.iter().find(|choice| choice.holds);
        let compared = compare(&trials, &held, &tried, next, first);
        let holds = compared.holds;
        let unstable = compared.stability < STABLE && compared.gain > ERRORS * compared.error;
        choice.push(compared);
        if holds {
            found.extend(tried.first().map(|whole| whole.mixture.clone().weighing(next)));
            held = tried;
        } else if unstable && groups == 2 {
            // Three groups that are equally far apart are divided in two in three ways.
            before = tried;
        } else {
            break;
        }
    }
    // The last of them, or an earlier one where a group turns out to be too small among all.
    let everybody = self::overall(all, columns);
    let mixture = found.into_iter().rev().find_map(|found| {
        let weight = found.weight();
        let improved = |mixture: Mixture, _| mixture.improved(all, &everybody);
        let mixture = (0..LAST_ROUNDS).fold(found.weighing(1.0), improved).weighing(weight);
        let group_of = in_chunks(all.rows(), |rows| {
            let mut scratch = Vec::new();
            let group = |row| mixture.clear(&mixture.belonging(all.row(row, &mut scratch)).0);
            rows.map(group).collect::<Vec<Option<usize>>>()
        });
        let smallest = smallest(group_of.concat().into_iter(), mixture.groups);
        if large_enough(smallest, all.rows()) {
            return Some(mixture);
        }
        let tried = choice.iter_mut().filter(|choice| choice.groups as usize == mixture.groups);
        tried.for_each(|choice| {
            (choice.holds, choice.smallest, choice.people) = (false, smallest as u32, all.rows() as u32);
        });
        None
    });
    Found { choice, mixture }
}

/// Half way, in ratios, between 1 and the one of [`WEIGHTS`] with which hidden responses are foreseen best. With 1,
/// simulated people are said to be in their groups by 0.03 oftener than they are (0.11 where they are few), with
/// the best by 0.03 seldomer, half way by less than 0.02 either way.
fn weight(trials: &[Trial], found: &[Tried]) -> f64 {
    let foresight = |weight: f64| -> f64 {
        let of = |(trial, tried): (&Trial, &Tried)| -> f64 {
            let mixture = tried.mixture.clone().weighing(weight);
            mixture.foresight(&trial.seen, &trial.hidden).into_iter().map(libm::log).sum()
        };
        trials.iter().zip(found).map(of).sum()
    };
    let tried: Vec<f64> = WEIGHTS.par_iter().map(|&weight| foresight(weight)).collect();
    let mut best = 0;
    for at in 1..WEIGHTS.len() {
        if tried[at] > tried[best] {
            best = at;
        }
    }
    WEIGHTS[best].sqrt()
}

/// A number of groups, fitted to what a trial sees.
struct Tried {
    mixture: Mixture,
    members: Vec<Belonging>,
    /// How likely each hidden response was held to be.
    foresight: Vec<f64>,
}

/// Whether more groups than `before` hold. `first`: what the first division gained.
fn compare(
    trials: &[Trial],
    before: &[Tried],
    tried: &[Tried],
    weight: f64,
    first: Option<&Choice>,
) -> Choice {
    let (whole, parts) = (&tried[0], &tried[1..]);
    let groups = whole.mixture.groups;
    let mut gains = vec![0.0; whole.members.len()];
    for ((trial, more), fewer) in trials[1..].iter().zip(parts).zip(&before[1..]) {
        let mut pairs = more.foresight.iter().zip(&fewer.foresight);
        for (row, gain) in gains.iter_mut().enumerate() {
            for (more, fewer) in pairs.by_ref().take(trial.hidden.get(row).len()) {
                *gain += libm::log(1.0 + MIXED * (more / fewer - 1.0)) / parts.len() as f64;
            }
        }
    }
    let (gain, error) = gain(&gains);
    // As sure as they would be shown.
    let group_of: Vec<Vec<Option<usize>>> = trials
        .par_iter()
        .zip(tried)
        .map(|(trial, tried)| {
            let mixture = tried.mixture.clone().weighing(weight);
            trial.members(&mixture).iter().map(|belonging| mixture.clear(belonging)).collect()
        })
        .collect();
    let stability =
        group_of[1..].iter().map(|part| alike(&group_of[0], part)).sum::<f64>() / parts.len() as f64;
    let smallest = smallest(group_of[0].iter().copied(), groups);
    let clear = trials[0].clear(&group_of[0]);
    let enough = large_enough(smallest, whole.members.len());
    let worth = gain >= WORTH * first.map_or(0.0, |first| first.gain);
    Choice {
        groups: groups as u32,
        gain,
        error,
        stability,
        clear,
        people: whole.members.len() as u32,
        smallest: smallest as u32,
        holds: gain > error * ERRORS && worth && stability >= STABLE && enough && clear >= MOSTLY,
    }
}

/// The sample, with a tenth of its responses hidden or not.
struct Trial {
    seen: Picked,
    hidden: Picked,
}

impl Trial {
    fn new(all: &All<'_>, sample: &[u32], part: Option<u64>) -> Trial {
        let mut trial = Trial { seen: Picked::default(), hidden: Picked::default() };
        let mut scratch = Vec::new();
        for &row in sample {
            let slots = all.row(row as usize, &mut scratch);
            let hidden = |slot: &u32| part.is_some_and(|part| part_of(all.responses, row, *slot) == part);
            trial.seen.push(slots.iter().copied().filter(|slot| !hidden(slot)));
            trial.hidden.push(slots.iter().copied().filter(hidden));
        }
        trial
    }

    /// The best of several starts. `labels`: everybody's group with one group less.
    fn best(&self, overall: &[f64], groups: usize, labels: Option<Vec<u8>>, positions: &[[f64; 2]]) -> Tried {
        let labels = labels.unwrap_or_else(|| vec![0; positions.len()]);
        let mut starts: Vec<Vec<u8>> = match groups {
            1 => vec![labels],
            2 => (0..2).map(|axis| split(&labels, positions, 1, 0, Some(axis))).collect(),
            _ => (0..groups - 1).map(|at| split(&labels, positions, groups - 1, at as u8, None)).collect(),
        };
        if groups > 1 {
            starts.push(quantiles(positions, groups));
        }
        if groups > 2 {
            starts.push(sectors(positions, groups));
        }
        let rounds = |mut mixture: Mixture, rounds| {
            for _ in 0..rounds {
                mixture = mixture.improved(&self.seen, overall);
            }
            mixture
        };
        let begin = |labels: &Vec<u8>| Mixture::start(&self.seen, overall, groups, labels);
        let mixture = if groups == 1 {
            begin(&starts[0])
        } else {
            let begun: Vec<Mixture> =
                starts.par_iter().map(|labels| rounds(begin(labels), FIRST_ROUNDS)).collect();
            let better = |best: Mixture, other: Mixture| if other.fit > best.fit { other } else { best };
            begun
                .into_iter()
                .reduce(better)
                .map_or_else(|| begin(&starts[0]), |best| rounds(best, MORE_ROUNDS))
        };
        Tried {
            members: self.members(&mixture),
            foresight: mixture.foresight(&self.seen, &self.hidden),
            mixture,
        }
    }

    fn members(&self, mixture: &Mixture) -> Vec<Belonging> {
        (0..self.seen.rows()).map(|row| mixture.belonging(self.seen.get(row)).0).collect()
    }

    /// The share of those with enough responses who clearly belong to a group.
    fn clear(&self, group_of: &[Option<usize>]) -> f64 {
        let enough =
            || (group_of.iter().enumerate()).filter(|(row, _)| self.seen.get(*row).len() >= LEAST_RESPONSES);
        let clear = enough().filter(|(_, group)| group.is_some()).count();
        clear as f64 / enough().count().max(1) as f64
    }
}

/// Which of the ten tenths a response is in: follows from the numbers of participant and statement alone.
fn part_of(responses: &Responses, row: u32, slot: u32) -> u64 {
    let participant = responses.participants[row as usize];
    let statement = responses.statements[slot as usize / crate::responses::SLOTS];
    mix(mix(0x6d61_7073) ^ (u64::from(participant) << 32 | u64::from(statement))) % (DROPPED.1 / DROPPED.0)
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

/// Mean and standard error.
fn gain(gains: &[f64]) -> (f64, f64) {
    let count = gains.len().max(2) as f64;
    let mean = gains.iter().sum::<f64>() / count;
    let spread: f64 = gains.iter().map(|gain| (gain - mean) * (gain - mean)).sum();
    (mean, (spread / (count - 1.0) / count).sqrt())
}

/// How alike two groupings are, over those who clearly belong to a group in both.
fn alike(one: &[Option<usize>], other: &[Option<usize>]) -> f64 {
    adjusted_rand(one.iter().zip(other).filter_map(|(one, other)| Some(((*one)? as u32, (*other)? as u32))))
}

/// The size of the smallest group.
fn smallest(group_of: impl Iterator<Item = Option<usize>>, groups: usize) -> usize {
    let mut sizes = vec![0; groups];
    group_of.flatten().for_each(|group| sizes[group] += 1);
    sizes.into_iter().min().unwrap_or(0)
}

/// Whether the smallest of the groups of so many people is none too small.
pub(crate) fn large_enough(smallest: usize, people: usize) -> bool {
    smallest >= SMALLEST && smallest * ONE_IN >= people
}
