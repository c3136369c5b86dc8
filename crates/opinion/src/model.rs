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
pub(crate) use normal::{Normal, solve};
pub(crate) use standing::{Newcomer, Standing};

use crate::responses::Responses;
use std::collections::HashMap;

/// How likely each participant is to agree with each statement, given that they take a side; in the order
/// of `pairs`, each a participant's number and a statement's number. Always strictly between 0 and 1.
///
/// Nothing is learned from outside `train`. A participant or statement that is not in it is taken for one
/// drawn from the same crowd; with no responses at all everything is even.
pub fn predict(train: &Responses, pairs: &[(u32, u32)]) -> Vec<f64> {
    let train = train.canonical();
    let model = fit(&train, &vec![false; train.columns()], fit::LARGE_SAMPLE);
    let mut people: HashMap<u32, Person> = HashMap::new();
    pairs
        .iter()
        .map(|&(participant, statement)| {
            let person = people.entry(participant).or_insert_with(|| {
                match train.participants.binary_search(&participant) {
                    Ok(row) => model.person(&train, row),
                    Err(_) => model.nobody(),
                }
            });
            model.probability(person, train.statements.binary_search(&statement).ok())
        })
        .collect()
}
