//! Where statements and participants stand (§1.2, §1.4).

use super::covariance::{Covariance, row_sum, weigh};
use super::eigen::{Pair, leading_pair};
use crate::chunks::in_chunks;
use crate::responses::{AGREE, DISAGREE, Flags, PASS, Responses, SLOTS, Word, with_words};

/// The two axes on which responses differ most, and where everybody and everything stands on them.
///
/// Missing responses count as the statement's mean. Statements that are left out ([`Flags::left_out`]) count
/// as passed by everybody, also by those who never saw them.
#[derive(Clone, Debug, PartialEq)]
pub struct Positions {
    /// By column: mean response, −1..=1; 0 for statements left out.
    pub means: Vec<f64>,
    /// By column: weight on each axis. The squares of an axis sum to 1, or all are 0 where responses do
    /// not differ in so many directions.
    pub loadings: Vec<[f64; 2]>,
    /// Sum of squares along each axis, of responses less the statement's mean.
    pub spread: [f64; 2],
    /// By row, stretched by √(statements ÷ responses).
    pub participants: Vec<[f64; 2]>,
    /// By column: distance from the middle of somebody who only agreed with this statement.
    pub extremities: Vec<f64>,
}

/// Computes the positions.
pub fn positions(responses: &Responses, flags: &Flags) -> Positions {
    let left_out: Vec<bool> = responses.statements.iter().map(|&number| flags.left_out(number)).collect();
    let means = means(responses, &left_out);
    let deviations = deviations(&means, &left_out);
    let columns = responses.columns();
    let (loadings, spread) = if responses.rows() < 2 || columns < 2 {
        (vec![[0.0; 2]; columns], [0.0; 2])
    } else {
        let mut covariance = Covariance::new(responses, &deviations);
        leading_pair(columns, |block| covariance.times(block))
    };
    let stretch = (columns as f64).sqrt();
    let extremities = (loadings.iter().zip(&means))
        .map(|(&[x, y], mean)| {
            let (x, y) = (stretch * (1.0 - mean) * x, stretch * (1.0 - mean) * y);
            (x * x + y * y).sqrt()
        })
        .collect();
    let participants = project(responses, &left_out, &deviations, &loadings);
    Positions { means, loadings, spread, participants, extremities }
}

fn means(responses: &Responses, left_out: &[bool]) -> Vec<f64> {
    let tallies = super::tallies::overall(responses);
    (tallies.iter().zip(left_out))
        .map(|(tally, &left_out)| {
            if left_out {
                return 0.0;
            }
            (f64::from(tally.agree) - f64::from(tally.disagree)) / f64::from(tally.seen)
        })
        .collect()
}

/// By slot: response less the statement's mean; 0 for statements left out.
fn deviations(means: &[f64], left_out: &[bool]) -> Vec<f64> {
    let mut table = vec![0.0; means.len() * SLOTS];
    for (column, (&mean, &left_out)) in means.iter().zip(left_out).enumerate() {
        if !left_out {
            table[column * SLOTS + AGREE] = 1.0 - mean;
            table[column * SLOTS + PASS] = -mean;
            table[column * SLOTS + DISAGREE] = -1.0 - mean;
        }
    }
    table
}

/// `√(S / n) · Σ (response − mean) · loading`, where statements left out count as responded to by all.
fn project(responses: &Responses, left_out: &[bool], deviations: &[f64], loadings: &[Pair]) -> Vec<Pair> {
    let table = weigh(deviations, loadings);
    let columns = responses.columns() as f64;
    let zeroed = left_out.iter().filter(|&&left_out| left_out).count();
    let parts = in_chunks(responses.rows(), |rows| {
        let mut positions = Vec::with_capacity(rows.len());
        with_words!(responses, words => {
            for row in rows {
                let row = &words[responses.offsets[row]..responses.offsets[row + 1]];
                let [x, y] = row_sum(row, &table);
                let own = if zeroed == 0 {
                    row.len()
                } else {
                    row.iter().filter(|word| !left_out[word.slot() / SLOTS]).count()
                };
                let stretch = (columns / (own + zeroed).max(1) as f64).sqrt();
                // Adding 0 turns −0 into 0, so that equal positions have equal bytes.
                positions.push([stretch * x + 0.0, stretch * y + 0.0]);
            }
        });
        positions
    });
    if parts.len() == 1 { parts.into_iter().flatten().collect() } else { parts.concat() }
}
