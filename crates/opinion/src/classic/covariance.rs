//! What the eigenvectors are taken of: `XᵀX`, where `X` is (response − mean) where there is a response and
//! exactly 0 elsewhere.
//!
//! Multiplying by it takes one pass over the responses. Building it takes about as long as a pass for every
//! two responses of a participant, and makes multiplying nearly free. Which is better depends on how many
//! passes will be needed, and that nobody knows: so passes are made until they have cost as much as
//! building, and then it is built. That is never more than twice the cost of the better choice.

use super::eigen::Pair;
use crate::chunks::{in_chunks, in_parts};
use crate::responses::{Responses, SLOTS, Word, with_words};

/// Statements up to which the matrix is built at all: 2,048² × 8 bytes = 34 MB, once for each part.
const COLUMNS: usize = 2_048;

/// Parts that are summed up separately, so that threads can share the work.
const PARTS: usize = 3;

/// What adding to one entry of the matrix costs, measured in a pass's cost for one response.
const ENTRY: f64 = 1.2;

/// The matrix, in whatever form is cheaper by now.
pub(super) struct Covariance<'a> {
    responses: &'a Responses,
    /// By slot.
    deviations: &'a [f64],
    passes: usize,
    /// Passes that cost as much as building.
    worth: f64,
    built: Option<Vec<f64>>,
}

impl<'a> Covariance<'a> {
    pub fn new(responses: &'a Responses, deviations: &'a [f64]) -> Covariance<'a> {
        let entries: f64 = (0..responses.rows())
            .map(|row| responses.row_len(row) as f64)
            .map(|length| length * (length + 1.0) / 2.0)
            .sum();
        let worth = match responses.columns() {
            columns if columns <= COLUMNS => ENTRY * entries / responses.len() as f64,
            _ => f64::INFINITY,
        };
        Covariance { responses, deviations, passes: 0, worth, built: None }
    }

    /// The matrix times two vectors.
    pub fn times(&mut self, block: &[Pair]) -> Vec<Pair> {
        if self.built.is_none() && self.passes as f64 >= self.worth {
            self.built = Some(build(self.responses, self.deviations));
        }
        self.passes += 1;
        match &self.built {
            Some(matrix) => matrix.chunks_exact(block.len()).map(|row| dot(row, block)).collect(),
            None => pass(self.responses, self.deviations, block),
        }
    }
}

fn dot(row: &[f64], block: &[Pair]) -> Pair {
    let mut sum = [0.0; 2];
    for (entry, pair) in row.iter().zip(block) {
        sum[0] += entry * pair[0];
        sum[1] += entry * pair[1];
    }
    sum
}

/// The whole matrix, row by row.
fn build(responses: &Responses, deviations: &[f64]) -> Vec<f64> {
    let columns = responses.columns();
    let mut parts = in_parts(responses.rows(), PARTS, |rows| {
        let mut matrix = vec![0.0; columns * columns];
        let mut own: Vec<(usize, f64)> = Vec::new();
        with_words!(responses, words => {
            for row in rows {
                own.clear();
                let row = &words[responses.offsets[row]..responses.offsets[row + 1]];
                own.extend(row.iter().map(|word| (word.slot() / SLOTS, deviations[word.slot()])));
                for (at, &(column, deviation)) in own.iter().enumerate() {
                    let line = &mut matrix[column * columns..][..columns];
                    for &(other, other_deviation) in &own[at..] {
                        line[other] += deviation * other_deviation;
                    }
                }
            }
        });
        matrix
    })
    .into_iter();
    let mut matrix = parts.next().unwrap_or_default();
    for part in parts {
        matrix.iter_mut().zip(part).for_each(|(total, part)| *total += part);
    }
    // Rows are in ascending order of columns, so only the upper half was filled.
    for row in 1..columns {
        for column in 0..row {
            matrix[row * columns + column] = matrix[column * columns + row];
        }
    }
    matrix
}

/// `Xᵀ(X v)` for two vectors at once, in one pass over the responses.
///
/// Words index both tables directly: a row reads one entry per response, and adds its sum to one
/// entry per response.
fn pass(responses: &Responses, deviations: &[f64], block: &[Pair]) -> Vec<Pair> {
    let table = weigh(deviations, block);
    let parts = in_chunks(responses.rows(), |rows| {
        let mut sums = vec![[0.0; 2]; table.len()];
        with_words!(responses, words => {
            for row in rows {
                let row = &words[responses.offsets[row]..responses.offsets[row + 1]];
                let [x, y] = row_sum(row, &table);
                for word in row {
                    let sum = &mut sums[word.slot()];
                    sum[0] += x;
                    sum[1] += y;
                }
            }
        });
        fold_slots(&sums, deviations)
    });
    let mut total = vec![[0.0; 2]; block.len()];
    for part in parts {
        for (total, part) in total.iter_mut().zip(part) {
            total[0] += part[0];
            total[1] += part[1];
        }
    }
    total
}

/// By slot: deviation times the column's weights.
pub(super) fn weigh(deviations: &[f64], weights: &[Pair]) -> Vec<Pair> {
    (deviations.chunks_exact(SLOTS).zip(weights))
        .flat_map(|(slots, &[x, y])| slots.iter().map(move |deviation| [deviation * x, deviation * y]))
        .collect()
}

/// By column: slots' sums times their deviations.
fn fold_slots(sums: &[Pair], deviations: &[f64]) -> Vec<Pair> {
    (sums.chunks_exact(SLOTS).zip(deviations.chunks_exact(SLOTS)))
        .map(|(sums, deviations)| {
            let mut folded = [0.0; 2];
            for (sum, deviation) in sums.iter().zip(deviations) {
                folded[0] += sum[0] * deviation;
                folded[1] += sum[1] * deviation;
            }
            folded
        })
        .collect()
}

/// A row's entries of `table`, summed.
pub(super) fn row_sum<W: Word>(row: &[W], table: &[Pair]) -> Pair {
    let mut sum = [0.0; 2];
    for word in row {
        let [x, y] = table[word.slot()];
        sum[0] += x;
        sum[1] += y;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulate::Plan;

    #[test]
    fn built_or_not_it_multiplies_alike() {
        let plan = Plan { participants: 300, statements: 25, responses_each: 9, groups: 2, seed: 4 };
        let responses = plan.responses();
        let deviations: Vec<f64> = (0..25 * SLOTS).map(|slot| (slot % 7) as f64 / 4.0 - 0.5).collect();
        let block: Vec<Pair> = (0..25).map(|at| [1.0 / (1.0 + at as f64), at as f64]).collect();
        let mut covariance = Covariance::new(&responses, &deviations);
        let by_pass = covariance.times(&block);
        assert!(covariance.built.is_none());
        covariance.worth = 0.0;
        let by_matrix = covariance.times(&block);
        assert!(covariance.built.is_some());
        for (one, other) in by_pass.iter().flatten().zip(by_matrix.iter().flatten()) {
            assert!((one - other).abs() < 1e-9 * one.abs().max(1.0), "{one} {other}");
        }
    }
}
