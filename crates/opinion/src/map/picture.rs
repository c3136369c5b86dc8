//! Two axes for the picture, out of the factors of the model.

#![allow(
    clippy::needless_range_loop,
    reason = "rows and columns of small matrices read best by their indices"
)]

use crate::model::{Model, Normal};
use crate::responses::Responses;

pub(super) const FACTORS: usize = 5;
pub(super) type Square = [[f64; FACTORS]; FACTORS];

/// The two directions in which the model's log-odds differ most between people.
///
/// In these units the log-odds of agreeing are those of the statement and the person's leniency, plus
/// `x · loadings[0] + y · loadings[1]`, plus the factors that the picture leaves out.
pub(crate) struct Picture {
    /// From factors to positions.
    to_position: [[f64; FACTORS]; 2],
    /// By column; zeros for statements left out.
    pub loadings: Vec<[f64; 2]>,
}

impl Picture {
    /// `asked`: responses by column.
    pub(super) fn new(model: &Model, responses: &Responses, asked: &[u32]) -> Picture {
        // People's factors have covariance C = L Lᵀ; in u = L e, the e are of equal size in all directions.
        let people = model.nobody().covariance;
        let root = cholesky(&people);
        let total: f64 = asked.iter().copied().map(f64::from).sum::<f64>().max(1.0);
        let mut weight = [[0.0; FACTORS]; FACTORS];
        for (statement, &asked) in model.statements.iter().zip(asked) {
            let loading = rotated(statement, &root);
            for row in 0..FACTORS {
                for column in 0..FACTORS {
                    weight[row][column] += f64::from(asked) / total * loading[row] * loading[column];
                }
            }
        }
        let (values, vectors) = eigen(weight);
        let mut order = [0, 1, 2, 3, 4];
        order.sort_by(|&a, &b| values[b].total_cmp(&values[a]));
        let inverse = lower_inverse(&root);
        let mut picture =
            Picture { to_position: [[0.0; FACTORS]; 2], loadings: vec![[0.0; 2]; responses.columns()] };
        for axis in 0..2 {
            let value = values[order[axis]];
            if value < 1e-9 {
                continue;
            }
            let direction: [f64; FACTORS] = std::array::from_fn(|row| vectors[row][order[axis]]);
            for factor in 0..FACTORS {
                for row in factor..FACTORS {
                    picture.to_position[axis][factor] += value.sqrt() * direction[row] * inverse[row][factor];
                }
            }
            for (statement, loading) in model.statements.iter().zip(&mut picture.loadings) {
                let rotated = rotated(statement, &root);
                loading[axis] = rotated.iter().zip(direction).map(|(a, b)| a * b).sum::<f64>() / value.sqrt();
            }
            let mut largest: f64 = 0.0;
            for loading in &picture.loadings {
                if loading[axis].abs() > largest.abs() {
                    largest = loading[axis];
                }
            }
            if largest < 0.0 {
                picture.to_position[axis].iter_mut().for_each(|entry| *entry = -*entry);
                picture.loadings.iter_mut().for_each(|loading| loading[axis] = -loading[axis]);
            }
        }
        picture
    }

    /// The same axes for other columns, each with the column it was before; new ones load on neither.
    pub(super) fn over(&self, from: &[Option<usize>]) -> Picture {
        let loadings = from.iter().map(|from| from.map_or([0.0; 2], |column| self.loadings[column]));
        Picture { to_position: self.to_position, loadings: loadings.collect() }
    }

    /// Where somebody stands.
    pub(crate) fn position(&self, person: &Normal) -> [f64; 2] {
        self.to_position.map(|axis| axis.iter().zip(&person.mean[1..]).map(|(a, b)| a * b).sum())
    }

    /// Variance along x, covariance, variance along y.
    pub(crate) fn uncertainty(&self, person: &Normal) -> [f64; 3] {
        let [x, y] = &self.to_position;
        let between = |one: &[f64; FACTORS], other: &[f64; FACTORS]| {
            let mut sum = 0.0;
            for row in 0..FACTORS {
                for column in 0..FACTORS {
                    sum += one[row] * person.covariance[row + 1][column + 1] * other[column];
                }
            }
            sum
        };
        [between(x, x), between(x, y), between(y, y)]
    }
}

/// A statement's loadings where people's factors are of equal size: Lᵀ v.
fn rotated(statement: &Normal, root: &Square) -> [f64; FACTORS] {
    std::array::from_fn(|column| {
        (column..FACTORS).map(|row| root[row][column] * statement.mean[row + 1]).sum()
    })
}

/// L of the factors' covariance, lower triangular.
fn cholesky(people: &[[f64; FACTORS + 1]; FACTORS + 1]) -> Square {
    let mut root = [[0.0; FACTORS]; FACTORS];
    for row in 0..FACTORS {
        for column in 0..=row {
            let mut rest = people[row + 1][column + 1];
            for inner in 0..column {
                rest -= root[row][inner] * root[column][inner];
            }
            root[row][column] =
                if row == column { rest.max(1e-12).sqrt() } else { rest / root[column][column] };
        }
    }
    root
}

fn lower_inverse(root: &Square) -> Square {
    let mut inverse = [[0.0; FACTORS]; FACTORS];
    for column in 0..FACTORS {
        for row in column..FACTORS {
            let mut rest = if row == column { 1.0 } else { 0.0 };
            for inner in column..row {
                rest -= root[row][inner] * inverse[inner][column];
            }
            inverse[row][column] = rest / root[row][row];
        }
    }
    inverse
}

/// Eigenvalues and eigenvectors (in columns) of a symmetric matrix, by Jacobi's rotations. Twelve rounds
/// are more than a matrix of this size ever needs.
pub(super) fn eigen(mut matrix: Square) -> ([f64; FACTORS], Square) {
    let mut vectors = [[0.0; FACTORS]; FACTORS];
    for (diagonal, row) in vectors.iter_mut().enumerate() {
        row[diagonal] = 1.0;
    }
    for _ in 0..12 {
        for p in 0..FACTORS {
            for q in p + 1..FACTORS {
                if matrix[p][q].abs() < 1e-300 {
                    continue;
                }
                let theta = (matrix[q][q] - matrix[p][p]) / (2.0 * matrix[p][q]);
                let sign = if theta < 0.0 { -1.0 } else { 1.0 };
                let tangent = sign / (theta.abs() + (theta * theta + 1.0).sqrt());
                let cosine = 1.0 / (tangent * tangent + 1.0).sqrt();
                let sine = tangent * cosine;
                for row in &mut matrix {
                    (row[p], row[q]) = (cosine * row[p] - sine * row[q], sine * row[p] + cosine * row[q]);
                }
                for column in 0..FACTORS {
                    let (a, b) = (matrix[p][column], matrix[q][column]);
                    (matrix[p][column], matrix[q][column]) = (cosine * a - sine * b, sine * a + cosine * b);
                }
                for row in &mut vectors {
                    (row[p], row[q]) = (cosine * row[p] - sine * row[q], sine * row[p] + cosine * row[q]);
                }
            }
        }
    }
    (std::array::from_fn(|at| matrix[at][at]), vectors)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eigenvectors_give_the_matrix_back() {
        let mut matrix = [[0.0; FACTORS]; FACTORS];
        for row in 0..FACTORS {
            for column in 0..FACTORS {
                matrix[row][column] = 1.0 / (1.0 + row as f64 + column as f64);
            }
        }
        let (values, vectors) = eigen(matrix);
        for row in 0..FACTORS {
            for column in 0..FACTORS {
                let again: f64 =
                    (0..FACTORS).map(|at| vectors[row][at] * values[at] * vectors[column][at]).sum();
                assert!((again - matrix[row][column]).abs() < 1e-12);
            }
        }
    }
}
