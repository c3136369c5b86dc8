//! The two leading eigenvectors of a symmetric, positive semidefinite matrix that is only known by what it
//! does to vectors.
//!
//! Block Lanczos with two vectors, all new vectors kept orthogonal to all old ones, and a thick restart
//! (Wu and Simon, "Thick-restart Lanczos method for large symmetric eigenvalue problems", 2000). It reaches
//! machine precision in a tenth of the passes that power iteration needs, and two vectors at once cannot
//! miss an eigenvalue that occurs twice.

/// One entry of each of two vectors.
pub(super) type Pair = [f64; 2];

/// Vectors kept before a restart. Solving the small problem costs about 48³ × 60 operations = 7 million.
const BASIS: usize = 48;
/// Vectors kept by a restart.
const KEPT: usize = 12;
const _: () = assert!(KEPT + 4 <= BASIS && KEPT >= 2);

/// Passes at most; only matrices whose second and third eigenvalue agree to many digits come near.
const PASSES: usize = 600;

/// How far an eigenvector may be off, as a share of the largest eigenvalue. Rounding alone gives 1e-15.
const RESIDUAL: f64 = 1e-13;

/// An eigenvalue below this share of the largest counts as 0: there is no second direction.
const NOTHING: f64 = 1e-13;

/// The two leading eigenvectors, entry by entry, and their eigenvalues.
///
/// Each has length 1, and the first of its largest entries (within one millionth) is positive. Where the
/// eigenvalue is 0 the vector is all 0. `apply` multiplies two vectors by the matrix.
pub(super) fn leading_pair(
    size: usize,
    mut apply: impl FnMut(&[Pair]) -> Vec<Pair>,
) -> (Vec<Pair>, [f64; 2]) {
    let mut space = Space::new(size);
    space.extend(start(size));
    let mut passes = 0;
    while space.applied < space.basis.len() && passes < PASSES {
        space.apply(&mut apply);
        passes += 1;
        // With a handful of vectors nothing has converged yet; what takes long is checked rarely.
        let checked = passes % if passes < BASIS / 2 { 2 } else { 6 } == 0;
        if space.basis.len() > 6 && checked && space.has_converged() {
            break;
        }
        if space.basis.len() + 2 > BASIS {
            space.restart();
        }
    }
    let (values, vectors) = space.ritz(2);
    let mut pairs = vec![[0.0; 2]; size];
    let mut spread = [0.0; 2];
    let largest = values.first().copied().unwrap_or(0.0);
    for (axis, (&value, mut vector)) in values.iter().zip(vectors).enumerate() {
        if value > 0.0 && value > NOTHING * largest {
            orient(&mut vector);
            spread[axis] = value;
            for (pair, entry) in pairs.iter_mut().zip(vector) {
                pair[axis] = entry;
            }
        }
    }
    (pairs, spread)
}

/// Two vectors that no real data is orthogonal to: fixed pseudo-random entries in −0.5..0.5.
fn start(size: usize) -> Vec<Vec<f64>> {
    let entry = |at: usize, vector: u64| {
        let bits = crate::simulate::mix((at as u64) * 2 + vector);
        (bits >> 11) as f64 / (1u64 << 53) as f64 - 0.5
    };
    (0..2).map(|vector| (0..size).map(|at| entry(at, vector)).collect()).collect()
}

fn orient(vector: &mut [f64]) {
    let largest = vector.iter().fold(0.0, |largest: f64, entry| largest.max(entry.abs()));
    let first = vector.iter().find(|entry| entry.abs() >= largest * (1.0 - 1e-6));
    if first.is_some_and(|&entry| entry < 0.0) {
        vector.iter_mut().for_each(|entry| *entry = -*entry);
    }
}

/// An orthonormal basis, and what is known of the matrix in it.
struct Space {
    size: usize,
    basis: Vec<Vec<f64>>,
    /// How many of the basis the matrix has been applied to.
    applied: usize,
    /// `small[i][j] = basis[j] · A basis[i]` for `i < applied` and all `j` that were known then.
    small: Vec<Vec<f64>>,
}

impl Space {
    fn new(size: usize) -> Space {
        Space { size, basis: Vec::new(), applied: 0, small: Vec::new() }
    }

    /// Adds the part of each vector that is new. Rounding noise is not.
    fn extend(&mut self, vectors: Vec<Vec<f64>>) {
        for mut vector in vectors {
            if self.basis.len() == self.size {
                return;
            }
            let before = norm(&vector);
            for _ in 0..2 {
                self.remove_known(&mut vector);
            }
            let left = norm(&vector);
            if left > 1e-12 * before && left > 0.0 {
                vector.iter_mut().for_each(|entry| *entry /= left);
                // Once more at unit length: what little was left may have been mostly rounding.
                self.remove_known(&mut vector);
                let length = norm(&vector);
                if length > 0.5 {
                    vector.iter_mut().for_each(|entry| *entry /= length);
                    self.basis.push(vector);
                }
            }
        }
    }

    fn remove_known(&self, vector: &mut [f64]) {
        for known in &self.basis {
            let share = dot(known, vector);
            vector.iter_mut().zip(known).for_each(|(entry, known)| *entry -= share * known);
        }
    }

    /// Applies the matrix to the one or two vectors it has not been applied to.
    fn apply(&mut self, matrix: &mut impl FnMut(&[Pair]) -> Vec<Pair>) {
        let fresh: Vec<usize> = (self.applied..self.basis.len()).take(2).collect();
        let block: Vec<Pair> = (0..self.size)
            .map(|at| [self.basis[fresh[0]][at], fresh.get(1).map_or(0.0, |&second| self.basis[second][at])])
            .collect();
        let image = matrix(&block);
        let images: Vec<Vec<f64>> =
            (0..fresh.len()).map(|vector| image.iter().map(|pair| pair[vector]).collect()).collect();
        self.applied += fresh.len();
        self.extend(images.clone());
        for image in &images {
            self.small.push(self.basis.iter().map(|known| dot(known, image)).collect());
        }
    }

    /// The `count` leading eigenpairs within the applied part, largest first.
    fn ritz(&self, count: usize) -> (Vec<f64>, Vec<Vec<f64>>) {
        let (values, weights) = self.solve();
        let vectors = weights.iter().take(count).map(|weights| self.combine(weights)).collect();
        (values.into_iter().take(count).collect(), vectors)
    }

    fn solve(&self) -> (Vec<f64>, Vec<Vec<f64>>) {
        let applied = self.applied;
        let mut matrix: Vec<Vec<f64>> = (0..applied)
            .map(|i| {
                (0..applied)
                    .map(|j| {
                        let (low, high) = (i.min(j), i.max(j));
                        // Computed when the later of the two was applied, so both are known.
                        self.small[high][low]
                    })
                    .collect()
            })
            .collect();
        jacobi(&mut matrix)
    }

    fn combine(&self, weights: &[f64]) -> Vec<f64> {
        let mut vector = vec![0.0; self.size];
        for (weight, known) in weights.iter().zip(&self.basis) {
            vector.iter_mut().zip(known).for_each(|(entry, known)| *entry += weight * known);
        }
        vector
    }

    /// Whether the two leading eigenvectors lie in the space, but for rounding.
    ///
    /// What the matrix makes of an eigenvector beyond the space lies in the vectors added last.
    fn has_converged(&self) -> bool {
        let (values, weights) = self.solve();
        let largest = values.first().copied().unwrap_or(0.0);
        weights.iter().take(2).all(|weights| self.residual(weights) <= RESIDUAL * largest)
    }

    /// Length of the part of `A v` outside the applied space.
    fn residual(&self, weights: &[f64]) -> f64 {
        (self.applied..self.basis.len())
            .map(|fresh| {
                // What the matrix made of older vectors has no part in vectors added later.
                let coupling = |known: &Vec<f64>| known.get(fresh).copied().unwrap_or(0.0);
                let part: f64 =
                    weights.iter().zip(&self.small).map(|(weight, known)| weight * coupling(known)).sum();
                part * part
            })
            .sum::<f64>()
            .sqrt()
    }

    /// Keeps the leading eigenvectors found so far and the vectors the matrix has not been applied to.
    fn restart(&mut self) {
        let (values, vectors) = self.ritz(KEPT);
        let fresh = self.basis.split_off(self.applied);
        self.applied = vectors.len();
        self.basis = vectors;
        self.small = (0..values.len())
            .map(|i| (0..values.len()).map(|j| if i == j { values[i] } else { 0.0 }).collect())
            .collect();
        self.extend(fresh);
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn norm(vector: &[f64]) -> f64 {
    dot(vector, vector).sqrt()
}

/// All eigenpairs of a small symmetric matrix, largest first: cyclic Jacobi rotations.
fn jacobi(matrix: &mut [Vec<f64>]) -> (Vec<f64>, Vec<Vec<f64>>) {
    const SWEEPS: usize = 40;
    let size = matrix.len();
    // Row i is the i-th eigenvector in the end.
    let mut vectors: Vec<Vec<f64>> =
        (0..size).map(|i| (0..size).map(|j| if i == j { 1.0 } else { 0.0 }).collect()).collect();
    for _ in 0..SWEEPS {
        let mut rotated = false;
        for p in 0..size {
            for q in p + 1..size {
                let off = matrix[p][q];
                let scale = matrix[p][p].abs().max(matrix[q][q].abs());
                if off == 0.0 || off.abs() < f64::EPSILON * 1e-3 * scale {
                    continue;
                }
                rotated = true;
                let theta = (matrix[q][q] - matrix[p][p]) / (2.0 * off);
                let tangent = theta.signum() / (theta.abs() + (theta * theta + 1.0).sqrt());
                let cosine = 1.0 / (tangent * tangent + 1.0).sqrt();
                rotate(matrix, &mut vectors, (p, q), (cosine, tangent * cosine));
            }
        }
        if !rotated {
            break;
        }
    }
    let mut order: Vec<usize> = (0..size).collect();
    order.sort_by(|&a, &b| matrix[b][b].total_cmp(&matrix[a][a]));
    (order.iter().map(|&i| matrix[i][i]).collect(), order.iter().map(|&i| vectors[i].clone()).collect())
}

fn rotate(
    matrix: &mut [Vec<f64>],
    vectors: &mut [Vec<f64>],
    (p, q): (usize, usize),
    (cosine, sine): (f64, f64),
) {
    for row in matrix.iter_mut() {
        let (at_p, at_q) = (row[p], row[q]);
        row[p] = cosine * at_p - sine * at_q;
        row[q] = sine * at_p + cosine * at_q;
    }
    rotate_rows(matrix, (p, q), (cosine, sine));
    matrix[p][q] = 0.0;
    matrix[q][p] = 0.0;
    rotate_rows(vectors, (p, q), (cosine, sine));
}

fn rotate_rows(rows: &mut [Vec<f64>], (p, q): (usize, usize), (cosine, sine): (f64, f64)) {
    let (before, after) = rows.split_at_mut(q);
    for (at_p, at_q) in before[p].iter_mut().zip(after[0].iter_mut()) {
        (*at_p, *at_q) = (cosine * *at_p - sine * *at_q, sine * *at_p + cosine * *at_q);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair_of(matrix: &[Vec<f64>]) -> (Vec<Pair>, [f64; 2]) {
        leading_pair(matrix.len(), |block| {
            matrix
                .iter()
                .map(|row| {
                    row.iter().zip(block).fold([0.0; 2], |sum, (entry, pair)| {
                        [sum[0] + entry * pair[0], sum[1] + entry * pair[1]]
                    })
                })
                .collect()
        })
    }

    #[test]
    fn two_by_two_by_hand() {
        // Eigenvalues 3 and 1 with (1, 1)/√2 and (1, −1)/√2.
        let (vectors, values) = pair_of(&[vec![2.0, 1.0], vec![1.0, 2.0]]);
        let half = 0.5f64.sqrt();
        for (found, expected) in [
            (values[0], 3.0),
            (values[1], 1.0),
            (vectors[0][0], half),
            (vectors[1][0], half),
            (vectors[0][1], half),
            (vectors[1][1], -half),
        ] {
            assert!((found - expected).abs() < 1e-14, "{found} instead of {expected}");
        }
    }

    #[test]
    fn nothing_beyond_the_rank() {
        let (vectors, values) = pair_of(&[vec![4.0, -2.0, 0.0], vec![-2.0, 1.0, 0.0], vec![0.0; 3]]);
        assert!((values[0] - 5.0).abs() < 1e-14);
        assert_eq!(values[1], 0.0);
        assert!(vectors.iter().all(|pair| pair[1] == 0.0));
        assert!(vectors[0][0] > 0.0 && vectors[1][0] < 0.0, "the largest entry is positive");
        let (vectors, values) = pair_of(&vec![vec![0.0; 5]; 5]);
        assert_eq!((vectors, values), (vec![[0.0; 2]; 5], [0.0; 2]));
    }

    #[test]
    fn an_eigenvalue_that_occurs_twice_is_found_twice() {
        let mut matrix = vec![vec![0.0; 40]; 40];
        for (at, row) in matrix.iter_mut().enumerate() {
            row[at] = if at == 7 || at == 23 { 5.0 } else { 1.0 + at as f64 / 100.0 };
        }
        let (vectors, values) = pair_of(&matrix);
        assert!((values[0] - 5.0).abs() < 1e-12 && (values[1] - 5.0).abs() < 1e-12);
        let product: f64 = vectors.iter().map(|pair| pair[0] * pair[1]).sum();
        assert!(product.abs() < 1e-12, "orthogonal");
    }

    #[test]
    fn close_eigenvalues_need_restarts_and_get_exact() {
        // 1, 0.999, 0.998, …: slow for any method of this kind.
        let size = 400;
        let matrix: Vec<Vec<f64>> = (0..size)
            .map(|at| (0..size).map(|to| if at == to { 1.0 - at as f64 / 1000.0 } else { 0.0 }).collect())
            .collect();
        let (vectors, values) = pair_of(&matrix);
        assert!((values[0] - 1.0).abs() < 1e-12 && (values[1] - 0.999).abs() < 1e-12, "{values:?}");
        assert!((vectors[0][0] - 1.0).abs() < 1e-12 && (vectors[1][1] - 1.0).abs() < 1e-12);
    }
}
