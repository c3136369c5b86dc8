//! The factor model (exploration)
#![allow(missing_docs, clippy::needless_range_loop)]
mod fit;
pub use fit::{Options, fit_predict};
use crate::responses::Responses;

pub fn predict(train: &Responses, pairs: &[(u32, u32)]) -> Vec<f64> {
    fit_predict::<3>(train, pairs, Options::default())
}

/// Solves a symmetric positive definite system by Cholesky's method.
pub(crate) fn solve<const D: usize>(matrix: [[f64; D]; D], right: [f64; D]) -> [f64; D] {
    let inverse = fit::inverse(&matrix);
    let mut result = [0.0; D];
    for row in 0..D {
        for column in 0..D {
            result[row] += inverse[row][column] * right[column];
        }
    }
    result
}
