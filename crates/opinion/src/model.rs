//! The factor model: what somebody would say to a statement they have not seen.
//!
//! The log-odds that participant *i* agrees with statement *j*, given that they take a side, are
//! `a_i + b_j + u_i · v_j`: how lenient the person is, how agreeable the statement, and five factors on
//! which people and statements differ. Only responses that are there are used; nothing is filled in, and
//! a pass says nothing about the side.
//!
//! It is fitted as a Bayesian model, not by choosing: `(a_i, u_i)` and `(b_j, v_j)` have normal priors whose
//! means and full covariances are learned with the rest, the posterior is a product of normal distributions
//! found by variational rounds with the bound of Jaakkola and Jordan ("Bayesian parameter estimation via
//! variational methods", 2000), and a prediction is averaged over it. A factor that the responses do not
//! support shrinks away, down to none, so that there is no number of factors to choose.
//!
//! Given the responses the result is one number for all machines: sums are taken in a fixed order, the
//! start follows from the statements' numbers, and the exponential function is `libm`'s.

mod fit;
mod normal;
mod standing;

pub(crate) use fit::{Model, Person, fit, sample, sample_size};
pub(crate) use normal::{Normal, logistic, solve};
pub(crate) use standing::{Newcomer, Standing};

use crate::responses::{AGREE, DISAGREE, Responses, SLOTS, Value, Word, with_words};
use crate::simulate::mix;
use rayon::prelude::*;
use std::collections::HashMap;

/// Responses up to which it is tried out how far the model can be trusted. In a small conversation it may find
/// factors in noise; in a large one it is always right to trust it, and trying would take time.
const SMALL: usize = 20_000;

/// Parts that are hidden in turn to try it out.
const PARTS: u64 = 5;

/// How likely each participant is to agree with each statement, given that they take a side; in the order
/// of `pairs`, each a participant's number and a statement's number. Always strictly between 0 and 1.
///
/// Nothing is learned from outside `train`. A participant or statement that is not in it is taken for one
/// drawn from the same crowd; with no responses at all everything is even. In a small conversation the model is
/// mixed with the statements' means, in the proportion that foresees hidden responses best.
pub fn predict(train: &Responses, pairs: &[(u32, u32)]) -> Vec<f64> {
    let train = train.canonical();
    let modelled = modelled(&train, pairs);
    if train.len() > SMALL {
        return modelled;
    }
    let means = Means::of(&train);
    let trust = trust(&train);
    let mixed = |(modelled, &(_, statement)): (f64, &(u32, u32))| {
        trust * modelled + (1.0 - trust) * means.share(&train, statement)
    };
    modelled.into_iter().zip(pairs).map(mixed).collect()
}

fn modelled(train: &Responses, pairs: &[(u32, u32)]) -> Vec<f64> {
    let model = fit(train, fit::LARGE_SAMPLE);
    let mut people: HashMap<u32, Person> = HashMap::new();
    pairs
        .iter()
        .map(|&(participant, statement)| {
            let person = people.entry(participant).or_insert_with(|| {
                match train.participants.binary_search(&participant) {
                    Ok(row) => model.person(train, row),
                    Err(_) => model.nobody(),
                }
            });
            model.probability(person, train.statements.binary_search(&statement).ok())
        })
        .collect()
}

/// The share of the model in predictions, 0..=1, in tenths: what would have been best for responses hidden in turn.
/// `train` is canonical.
fn trust(train: &Responses) -> f64 {
    let part_of = |participant: u32, statement: u32| {
        mix(mix(0x7472_7573) ^ (u64::from(participant) << 32 | u64::from(statement))) % PARTS
    };
    let tried: Vec<Vec<(f64, f64)>> = (0..PARTS)
        .into_par_iter()
        .map(|part| {
            let is_hidden = |participant, statement, value| {
                value != Value::Pass && part_of(participant, statement) == part
            };
            let seen =
                train.filtered(|participant, statement, value| !is_hidden(participant, statement, value));
            let mut pairs = Vec::new();
            let mut agreed = Vec::new();
            for (row, &participant) in train.participants.iter().enumerate() {
                for (statement, value) in train.row(row) {
                    if is_hidden(participant, statement, value) {
                        pairs.push((participant, statement));
                        agreed.push(value == Value::Agree);
                    }
                }
            }
            let means = Means::of(&seen);
            (modelled(&seen, &pairs).into_iter().zip(pairs).zip(agreed))
                .map(|((modelled, (_, statement)), agreed)| {
                    let mean = means.share(&seen, statement);
                    if agreed { (modelled, mean) } else { (1.0 - modelled, 1.0 - mean) }
                })
                .collect()
        })
        .collect();
    let gains = |tenths: u32| -> Vec<f64> {
        let trust = f64::from(tenths) / 10.0;
        let given =
            |(modelled, mean): &(f64, f64)| libm::log((trust * modelled + (1.0 - trust) * mean) / mean);
        tried.iter().flatten().map(given).collect()
    };
    let mut best = (0.0, 0);
    for tenths in (1..=10).rev() {
        let found = gains(tenths).iter().sum::<f64>();
        if found > best.0 {
            best = (found, tenths);
        }
    }
    // A gain of less than so many standard errors is taken for luck.
    const ERRORS: f64 = 1.0;
    let gains = gains(best.1);
    let count = gains.len().max(2) as f64;
    let mean = gains.iter().sum::<f64>() / count;
    let variance = gains.iter().map(|gain| (gain - mean) * (gain - mean)).sum::<f64>() / (count - 1.0);
    if mean > ERRORS * (variance / count).sqrt() { f64::from(best.1) / 10.0 } else { 0.0 }
}

/// By column: the share of those who took a side that agreed, with one imagined response for and one against.
struct Means(Vec<f64>);

impl Means {
    fn of(responses: &Responses) -> Means {
        let mut counts = vec![[1.0, 2.0]; responses.columns()];
        with_words!(responses, words => for word in words {
            let [agree, sides] = &mut counts[word.slot() / SLOTS];
            match word.slot() % SLOTS {
                AGREE => (*agree, *sides) = (*agree + 1.0, *sides + 1.0),
                DISAGREE => *sides += 1.0,
                _ => {}
            }
        });
        Means(counts.into_iter().map(|[agree, sides]| agree / sides).collect())
    }

    fn share(&self, responses: &Responses, statement: u32) -> f64 {
        responses.statements.binary_search(&statement).map_or(0.5, |column| self.0[column])
    }
}
