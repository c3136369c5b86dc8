//! How good a method is, measured on a conversation that already happened.
//!
//! **Prediction.** Responses to rejected statements are removed, and participants with fewer than
//! [`LEAST_RESPONSES`] of the rest. Of the responses that take a side (agree or disagree) [`HIDDEN`] are
//! hidden, a predictor learns from what is left, and says of each hidden one how likely it was *agree*.
//! Passes are never hidden and may be learned from. Figures are means over [`SEEDS`].
//!
//! **Stability.** [`DROPPED`] of all responses are dropped and the groups found again: the adjusted Rand
//! index ([`crate::agreement`]) of the two groupings, over those who are in a group both times and over everybody.
//!
//! **Exposure.** How many were asked about each statement, and how much earlier ones were favoured.
//!
//! What is hidden or dropped follows from the seed and the participants' and statements' numbers alone, so
//! the same conversation is split alike everywhere. [`figures`] puts all of it side by side for both methods;
//! everything else here knows no method and is given functions.

mod baselines;
mod exposure;
mod figures;

pub use baselines::{classic_groups, classic_positions, statement_means};
pub use exposure::{Exposure, exposure};
pub use figures::{Figures, Grouping, Predictor, STEPS, figures, mean};

use crate::agreement::adjusted_rand;
use crate::compare::{agreement, in_groups};
use crate::responses::{Flags, Responses, Value};
use crate::simulate::mix;
use serde::Serialize;
use std::collections::BTreeMap;

/// Responses a participant must have to be part of the judging of predictions.
pub const LEAST_RESPONSES: usize = 7;

/// The share of the responses that take a side that is hidden: one in five.
pub const HIDDEN: (u64, u64) = (1, 5);

/// The share of all responses that is dropped to see whether groups stay: one in ten.
pub const DROPPED: (u64, u64) = (1, 10);

/// Figures are means over splits with these seeds.
pub const SEEDS: [u64; 3] = [1, 2, 3];

/// Bins of the calibration error.
pub const BINS: usize = 10;

/// A participant's number and a statement's number.
pub type Pair = (u32, u32);

/// A conversation of which some responses are hidden.
#[derive(Clone, Debug, PartialEq)]
pub struct Split {
    /// What a predictor may learn from.
    pub train: Responses,
    /// What it is asked.
    pub pairs: Vec<Pair>,
    /// What was answered: whether each pair's response was *agree*; otherwise it was *disagree*.
    pub agreed: Vec<bool>,
}

/// Hides a fifth of the responses that take a side.
pub fn split(responses: &Responses, flags: &Flags, seed: u64) -> Split {
    let allowed = responses.filtered(|_, statement, _| !flags.rejected(statement));
    let enough: Vec<u32> = (0..allowed.rows())
        .filter(|&row| allowed.row_len(row) >= LEAST_RESPONSES)
        .map(|row| allowed.participants()[row])
        .collect::<std::collections::BTreeSet<u32>>()
        .into_iter()
        .collect();
    let judged = allowed.filtered(|participant, _, _| enough.binary_search(&participant).is_ok());
    let mut sides: Vec<(u64, Pair, bool)> = Vec::new();
    for (row, &participant) in judged.participants().iter().enumerate() {
        for (statement, value) in judged.row(row).filter(|&(_, value)| value != Value::Pass) {
            sides.push((luck(seed, participant, statement), (participant, statement), value == Value::Agree));
        }
    }
    sides.sort_unstable();
    sides.truncate((sides.len() as u64 * HIDDEN.0 / HIDDEN.1) as usize);
    let last = sides.last().map(|&(luck, pair, _)| (luck, pair));
    let train = judged.filtered(|participant, statement, value| {
        value == Value::Pass || Some((luck(seed, participant, statement), (participant, statement))) > last
    });
    Split {
        train,
        pairs: sides.iter().map(|&(_, pair, _)| pair).collect(),
        agreed: sides.iter().map(|&(_, _, agreed)| agreed).collect(),
    }
}

/// A number that looks random and depends on these three alone.
fn luck(seed: u64, participant: u32, statement: u32) -> u64 {
    mix(mix(seed) ^ (u64::from(participant) << 32 | u64::from(statement)))
}

/// How good predictions were.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Score {
    /// Mean over the responses of −ln of the probability given to what was answered; lower is better, and
    /// ln 2 ≈ 0.693 is what a coin reaches. Probabilities count as at least one in a million.
    pub log_loss: f64,
    /// Expected calibration error: probabilities of *agree* in [`BINS`] bins of equal width; the mean over
    /// the responses of |mean probability − share that agreed| of their bin. 0 is best.
    pub calibration: f64,
    /// What the calibration error would be by chance alone if all probabilities were right: with few responses in a
    /// bin, their share is never exactly the mean probability.
    pub calibration_by_chance: f64,
    /// The share of responses for which the likelier side was the answer.
    pub accuracy: f64,
}

/// Compares probabilities of *agree* with what was answered. All 0 where nothing was asked.
pub fn score(probabilities: &[f64], agreed: &[bool]) -> Score {
    let total = probabilities.len().min(agreed.len()).max(1) as f64;
    let mut score = Score::default();
    let mut bins = [[0.0; 3]; BINS];
    for (&probability, &agreed) in probabilities.iter().zip(agreed) {
        let given = if agreed { probability } else { 1.0 - probability };
        score.log_loss -= libm::log(given.max(1e-6)) / total;
        score.accuracy += if (probability > 0.5) == agreed { 1.0 / total } else { 0.0 };
        let bin = ((probability * BINS as f64) as usize).min(BINS - 1);
        bins[bin][0] += probability;
        bins[bin][1] += f64::from(u8::from(agreed));
        bins[bin][2] += probability * (1.0 - probability);
    }
    score.calibration = bins.iter().map(|[said, was, _]| (said - was).abs() / total).sum();
    // The mean size of a normal error is √(2/π) of its standard deviation.
    let chance = |[.., variance]: &[f64; 3]| (variance * std::f64::consts::FRAC_2_PI).sqrt() / total;
    score.calibration_by_chance = bins.iter().map(chance).sum();
    score
}

/// Mean score of a predictor over [`SEEDS`].
///
/// The predictor is given what it may learn from and the pairs it is asked, and returns the probability of
/// *agree* for each pair, in their order.
pub fn judge(
    responses: &Responses,
    flags: &Flags,
    predict: impl Fn(&Responses, &[Pair]) -> Vec<f64>,
) -> Score {
    let mut mean = Score::default();
    for seed in SEEDS {
        let Split { train, pairs, agreed } = split(responses, flags, seed);
        let score = score(&predict(&train, &pairs), &agreed);
        mean.log_loss += score.log_loss / SEEDS.len() as f64;
        mean.calibration += score.calibration / SEEDS.len() as f64;
        mean.calibration_by_chance += score.calibration_by_chance / SEEDS.len() as f64;
        mean.accuracy += score.accuracy / SEEDS.len() as f64;
    }
    mean
}

/// The responses without a tenth of them.
pub fn without_a_tenth(responses: &Responses, seed: u64) -> Responses {
    responses
        .filtered(|participant, statement, _| luck(!seed, participant, statement) % DROPPED.1 >= DROPPED.0)
}

/// How alike groups are when a tenth of the responses is dropped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Again {
    /// Adjusted Rand index over the participants who are in a group both times; see [`crate::compare::agreement`].
    pub agreement: f64,
    /// The same over everybody, where those in no group count as one group more.
    pub agreement_all: f64,
    /// The share of all participants whom the first index compares, 0..=1: those in a group both times.
    pub compared: f64,
}

/// How alike the groups stay when a tenth of the responses is dropped, for each of [`SEEDS`].
///
/// `groups` gives the group of each participant, by number; nothing for those in none. Where groups are found
/// only with or only without the tenth, that counts as 0.
pub fn found_again(
    responses: &Responses,
    groups: impl Fn(&Responses) -> Vec<(u32, Option<u32>)> + Sync,
) -> [Again; SEEDS.len()] {
    use rayon::prelude::*;
    let before: BTreeMap<u32, Option<u32>> = groups(responses).into_iter().collect();
    let mut found = [Again::default(); SEEDS.len()];
    found.par_iter_mut().zip(SEEDS).for_each(|(found, seed)| {
        let after = groups(&without_a_tenth(responses, seed)).into_iter();
        let pairs: Vec<_> =
            after.filter_map(|(number, group)| Some((*before.get(&number)?, group))).collect();
        *found = Again {
            agreement: agreement(pairs.iter().copied()),
            agreement_all: adjusted_rand(pairs.iter().copied()),
            compared: in_groups(pairs).len() as f64 / before.len().max(1) as f64,
        };
    });
    found
}

/// The mean of [`Again::agreement`].
pub fn stability(
    responses: &Responses,
    groups: impl Fn(&Responses) -> Vec<(u32, Option<u32>)> + Sync,
) -> f64 {
    found_again(responses, groups).iter().map(|again| again.agreement).sum::<f64>() / SEEDS.len() as f64
}
