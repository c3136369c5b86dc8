//! Small normal distributions, packed so that the inner loops run over whole lanes.

#![allow(
    clippy::needless_range_loop,
    reason = "rows and columns of small matrices read best by their indices"
)]

/// Numbers that describe an end of a response: an intercept and the factors.
pub(super) const OWN: usize = 6;

/// The same with a constant one: `(a, 1, u)` for people and `(1, b, v)` for statements, so that the
/// log-odds are a plain scalar product.
pub(super) const ENDS: usize = OWN + 1;

/// Entries of a symmetric matrix of that size.
pub(super) const PACKED: usize = ENDS * (ENDS + 1) / 2;
const _: () = assert!(PACKED.is_multiple_of(4));

/// A square matrix over an end's own numbers.
pub(super) type Square = [[f64; OWN]; OWN];

/// Which of the entries of an end is the constant one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    Person,
    Statement,
}

/// Where the entries of an end and their products are.
struct Places {
    /// The constant one.
    one: usize,
    /// The end's own numbers: the intercept, and the factors.
    own: [usize; OWN],
    /// Their products with the constant one.
    single: [usize; OWN],
    /// Their products with each other.
    products: [[usize; OWN]; OWN],
}

static PERSON: Places = Places::new(1);
static STATEMENT: Places = Places::new(0);

impl Places {
    const fn new(one: usize) -> Places {
        let own = [1 - one, 2, 3, 4, 5, 6];
        let (mut single, mut products) = ([0; OWN], [[0; OWN]; OWN]);
        let mut row = 0;
        while row < OWN {
            single[row] = at(one, own[row]);
            let mut column = 0;
            while column < OWN {
                products[row][column] = at(own[row], own[column]);
                column += 1;
            }
            row += 1;
        }
        Places { one, own, single, products }
    }
}

impl End {
    fn places(self) -> &'static Places {
        match self {
            End::Person => &PERSON,
            End::Statement => &STATEMENT,
        }
    }
}

/// Where an entry of the symmetric matrix is, row at most column.
const fn at(row: usize, column: usize) -> usize {
    let (row, column) = if row <= column { (row, column) } else { (column, row) };
    row * ENDS - row * (row + 1) / 2 + column
}

/// A normal distribution of an end's own numbers: intercept first.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Normal {
    pub mean: [f64; OWN],
    pub covariance: Square,
}

impl Normal {
    /// First and second moments, with the constant one.
    pub(super) fn moments(&self, end: End) -> Moments {
        let Places { one, own, single, products } = end.places();
        let mut moments = Moments { first: [0.0; 8], second: [0.0; PACKED] };
        let mean = self.mean.map(|mean| mean as f32);
        moments.first[*one] = 1.0;
        moments.second[at(*one, *one)] = 1.0;
        for row in 0..OWN {
            moments.first[own[row]] = mean[row];
            moments.second[single[row]] = mean[row];
            for column in row..OWN {
                moments.second[products[row][column]] =
                    (self.mean[row] * self.mean[column] + self.covariance[row][column]) as f32;
            }
        }
        moments
    }
}

/// Expected values of an end's entries and of their products. Single precision: twice as many fit a lane,
/// and a posterior is never known to seven digits.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moments {
    /// The last is always 0.
    pub first: [f32; 8],
    pub second: [f32; PACKED],
}

impl Moments {
    /// Products of different entries counted twice: what [`square`] wants of one of the ends.
    pub(super) fn doubled(&self) -> [f32; PACKED] {
        let mut doubled = self.second.map(|product| 2.0 * product);
        for entry in 0..ENDS {
            doubled[at(entry, entry)] = self.second[at(entry, entry)];
        }
        doubled
    }
}

/// The expected square of the log-odds between two ends that are independent.
#[inline]
pub(super) fn square(doubled: &[f32; PACKED], other: &[f32; PACKED]) -> f32 {
    let mut lanes = [0.0; 4];
    for (one, other) in doubled.chunks_exact(4).zip(other.chunks_exact(4)) {
        for lane in 0..4 {
            lanes[lane] += one[lane] * other[lane];
        }
    }
    (lanes[0] + lanes[1]) + (lanes[2] + lanes[3])
}

/// What the responses say about one end.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Evidence {
    first: [f32; 8],
    second: [f32; PACKED],
}

impl Evidence {
    pub(super) const NONE: Evidence = Evidence { first: [0.0; 8], second: [0.0; PACKED] };

    /// A response: `half` is +½ for agree and −½ for disagree, `weight` is [`Weights::of`].
    #[inline]
    pub(super) fn add(&mut self, other: &Moments, weight: f32, half: f32) {
        for (sum, product) in self.second.iter_mut().zip(&other.second) {
            *sum += weight * product;
        }
        for (sum, entry) in self.first.iter_mut().zip(&other.first) {
            *sum += half * entry;
        }
    }

    /// The posterior of an end that had this prior.
    pub(super) fn posterior(&self, end: End, prior: &Prior) -> Normal {
        posterior(&self.first, &self.second, end, prior)
    }
}

/// Evidence of many, added up.
#[derive(Clone, Copy, Debug)]
pub(super) struct Total {
    first: [f64; 8],
    second: [f64; PACKED],
}

impl Default for Total {
    fn default() -> Total {
        Total { first: [0.0; 8], second: [0.0; PACKED] }
    }
}

impl Total {
    pub(super) fn join(&mut self, more: &Evidence) {
        self.second.iter_mut().zip(&more.second).for_each(|(sum, more)| *sum += f64::from(*more));
        self.first.iter_mut().zip(&more.first).for_each(|(sum, more)| *sum += f64::from(*more));
    }

    /// The summed products of an end's own numbers, where its own moments were added with weight 1.
    pub(super) fn products(&self, end: End) -> Square {
        end.places().products.map(|row| row.map(|at| self.second[at]))
    }

    /// The posterior of an end that had this prior.
    pub(super) fn posterior(&self, end: End, prior: &Prior) -> Normal {
        posterior(&self.first, &self.second, end, prior)
    }
}

/// The posterior of an end that had this prior, after evidence of either precision.
fn posterior<T: Copy + Into<f64>>(first: &[T; 8], second: &[T; PACKED], end: End, prior: &Prior) -> Normal {
    let Places { own, single, products, .. } = end.places();
    let (mut precision, mut right) = (prior.precision, prior.right);
    for row in 0..OWN {
        right[row] += first[own[row]].into() - second[single[row]].into();
        // Half of it is enough for `inverse`.
        for column in 0..=row {
            precision[row][column] += second[products[row][column]].into();
        }
    }
    let covariance = inverse(&precision);
    Normal { mean: times(&covariance, &right), covariance }
}

/// A prior in the form that evidence is added to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Prior {
    precision: Square,
    right: [f64; OWN],
}

impl Prior {
    pub(super) fn of(normal: &Normal) -> Prior {
        let precision = inverse(&normal.covariance);
        Prior { precision, right: times(&precision, &normal.mean) }
    }
}

/// How much a response weighs, by the expected square of its log-odds: tanh(√x/2) ÷ (2√x).
#[derive(Clone)]
pub(super) struct Weights(Vec<f32>);

/// Table entries per unit of √x, and how far the table reaches; beyond it tanh is 1 to 13 digits.
const STEPS: usize = 64;
const REACH: usize = 32;

impl Weights {
    pub(super) fn new() -> Weights {
        let weight = |step: usize| match step {
            0 => 0.25,
            _ => {
                let root = step as f64 / STEPS as f64;
                (libm::tanh(root / 2.0) / (2.0 * root)) as f32
            }
        };
        Weights((0..=REACH * STEPS).map(weight).collect())
    }

    #[inline]
    pub(super) fn of(&self, square: f32) -> f32 {
        let root = square.max(0.0).sqrt();
        let place = root * STEPS as f32;
        let step = place as usize;
        match (self.0.get(step), self.0.get(step + 1)) {
            (Some(&here), Some(&next)) => here + (place - step as f32) * (next - here),
            _ => 0.5 / root,
        }
    }
}

/// 1 ÷ (1 + e^−x).
pub(crate) fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + libm::exp(-x))
}

fn times<const D: usize>(matrix: &[[f64; D]; D], vector: &[f64; D]) -> [f64; D] {
    let mut product = [0.0; D];
    for (sum, row) in product.iter_mut().zip(matrix) {
        for (entry, factor) in row.iter().zip(vector) {
            *sum += entry * factor;
        }
    }
    product
}

/// The inverse of a symmetric positive definite matrix, by sweeping its pivots (Beaton 1964); such a matrix needs
/// no pivoting, and what stands on and left of the diagonal is enough.
pub(super) fn inverse<const D: usize>(matrix: &[[f64; D]; D]) -> [[f64; D]; D] {
    let mut swept = *matrix;
    for pivot in 0..D {
        let scale = 1.0 / swept[pivot][pivot];
        let mut column = [0.0; D];
        for row in 0..D {
            column[row] = if row < pivot { swept[pivot][row] } else { swept[row][pivot] };
        }
        column[pivot] = 0.0;
        for row in 0..D {
            let factor = column[row] * scale;
            // Whole rows: what stands right of the diagonal is never read, and a fixed length is faster than half of it.
            for (entry, other) in swept[row].iter_mut().zip(&column) {
                *entry -= factor * other;
            }
        }
        for row in 0..D {
            let entry = column[row] * scale;
            if row < pivot { swept[pivot][row] = entry } else { swept[row][pivot] = entry }
        }
        swept[pivot][pivot] = -scale;
    }
    let mut inverse = [[0.0; D]; D];
    for row in 0..D {
        for column in 0..=row {
            inverse[row][column] = -swept[row][column];
            inverse[column][row] = -swept[row][column];
        }
    }
    inverse
}

/// Solves a symmetric positive definite system.
pub(crate) fn solve<const D: usize>(matrix: &[[f64; D]; D], right: &[f64; D]) -> [f64; D] {
    times(&inverse(matrix), right)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn normal(shift: f64) -> Normal {
        let mut covariance = [[0.0; OWN]; OWN];
        for row in 0..OWN {
            for column in 0..OWN {
                covariance[row][column] = if row == column { 1.0 + shift } else { 0.1 * shift };
            }
        }
        Normal { mean: [0.5, -0.25, shift, 0.125, -1.0, 0.75], covariance }
    }

    #[test]
    fn the_expected_square_is_that_of_the_log_odds() {
        let (person, statement) = (normal(0.5), normal(0.2));
        let found = square(&person.moments(End::Person).doubled(), &statement.moments(End::Statement).second);
        let mut mean = person.mean[0] + statement.mean[0];
        let mut spread = person.covariance[0][0] + statement.covariance[0][0];
        for k in 1..OWN {
            mean += person.mean[k] * statement.mean[k];
            spread += 2.0
                * (person.covariance[0][k] * statement.mean[k] + statement.covariance[0][k] * person.mean[k]);
            for l in 1..OWN {
                spread += person.mean[k] * statement.covariance[k][l] * person.mean[l]
                    + statement.mean[k] * person.covariance[k][l] * statement.mean[l]
                    + person.covariance[k][l] * statement.covariance[k][l];
            }
        }
        assert!((f64::from(found) - mean * mean - spread).abs() < 1e-5, "{found} {}", mean * mean + spread);
    }

    #[test]
    fn weights_are_near_the_function() {
        let weights = Weights::new();
        assert_eq!(weights.of(0.0), 0.25);
        for root in [0.01f32, 0.7, 3.3, 17.77, 31.99, 32.0, 500.0] {
            let exact = libm::tanhf(root / 2.0) / (2.0 * root);
            assert!((weights.of(root * root) / exact - 1.0).abs() < 1e-4, "{root}");
        }
    }

    #[test]
    fn a_matrix_times_its_inverse_is_one() {
        let matrix = normal(0.7).covariance;
        let inverse = inverse(&matrix);
        for row in 0..OWN {
            for (column, found) in times(&matrix, &inverse[row]).into_iter().enumerate() {
                assert!((found - f64::from(u8::from(row == column))).abs() < 1e-12);
            }
        }
    }

    #[test]
    fn evidence_moves_the_prior() {
        let prior = Normal { mean: [0.0; OWN], ..normal(0.0) };
        let other = normal(0.3).moments(End::Statement);
        let mut evidence = Evidence::NONE;
        assert_eq!(evidence.posterior(End::Person, &Prior::of(&prior)).mean, [0.0; OWN]);
        (0..50).for_each(|_| evidence.add(&other, 0.2, 0.5));
        let posterior = evidence.posterior(End::Person, &Prior::of(&prior));
        assert!(posterior.mean[0] > 0.0 && posterior.covariance[0][0] < 1.0);
    }
}
