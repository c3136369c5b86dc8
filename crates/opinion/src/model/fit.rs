//! Variational rounds: everybody given the statements, the statements given everybody, the priors given both.

#![allow(
    clippy::needless_range_loop,
    reason = "rows and columns of small matrices read best by their indices"
)]

use super::normal::{
    End, Evidence, Moments, Normal, OWN, PACKED, Prior, Square, Total, Weights, logistic, square,
};
use crate::chunks::in_parts;
use crate::responses::{AGREE, DISAGREE, Responses, SLOTS, Word, with_words};
use crate::simulate::mix;

/// Rounds: 16 score 0.3518, 24 0.3516, 40 0.3512 (mean log-loss of eight conversations).
const ROUNDS: usize = 24;

/// Rounds where they run over a sample.
const FEWER_ROUNDS: usize = 16;

/// Rounds before the priors are learned: until then the factors are still finding their directions.
const SETTLING: usize = 3;

/// Times a person's posterior is refined from the prior. With 3 predictions score 0.001 worse.
const REFINEMENTS: usize = 5;

/// The same where there are more responses than rounds run over, and in the last round.
const FEWER_REFINEMENTS: usize = 3;

/// Responses that rounds run over for a map. Where there are more, they run over the participants whose
/// numbers, mixed, are lowest; a last round takes in everybody. To 1,000 statements these are 200 each; of very
/// many responses it is one in forty.
pub(crate) fn sample_size(responses: usize) -> usize {
    (responses / 40).max(200_000)
}

/// The same for predictions, which are not needed while somebody waits.
pub(crate) const LARGE_SAMPLE: usize = 4_000_000;

/// Partial sums over rows, at most: 16 × 1,000 statements × 288 bytes = 4.6 MB.
const PARTS: usize = 16;

/// What is believed before any response (variances of people's leniency, of statements' agreeability and
/// loadings), and how many people or statements that belief weighs. From 0.3 to 4 for the loadings every
/// conversation scored better, 0.3596 to 0.3512 in the mean.
const LENIENCY: f64 = 0.3;
const AGREEABLE: f64 = 1.5;
const LOADING: f64 = 4.0;
const BELIEF: f64 = 20.0;

/// Variational posteriors are drawn towards even odds; this makes up for it. Without it the calibration
/// error is 0.031 instead of 0.021.
const SHARPENING: f64 = 1.1;

/// A fitted model.
pub(crate) struct Model {
    /// By column; the prior for statements left out.
    pub statements: Vec<Normal>,
    pub(super) moments: Vec<Moments>,
    pub(super) people: Normal,
    anything: Normal,
    pub(super) weights: Weights,
    pub(super) left_out: Vec<bool>,
    refinements: usize,
    /// By column: how much a response weighs for somebody of whom nothing is known yet.
    first_weights: Vec<f32>,
}

/// Where somebody stands.
pub(crate) type Person = Normal;

/// Fits the model to `responses`, which must be canonical. Rounds
/// run over at most `most` responses; a last one takes in all.
pub(crate) fn fit(responses: &Responses, most: usize) -> Model {
    let rows = sample(responses, most);
    let mut model = Model::start(responses);
    let sampling = rows.len() < responses.rows();
    if sampling {
        model.refinements = FEWER_REFINEMENTS;
    }
    let mut sampled: Vec<Moments> = vec![model.people.moments(End::Person); rows.len()];
    for round in 0..if sampling { FEWER_ROUNDS } else { ROUNDS } {
        let people = Prior::of(&model.people);
        let statements = Prior::of(&model.anything);
        let parts = in_parts_of(&mut sampled, |start, part| {
            let mut sums = Sums::new(responses.columns());
            let mut weights = Vec::new();
            for (at, person) in part.iter_mut().enumerate() {
                let row = rows[start + at] as usize;
                let posterior = model.posterior(responses, row, person, &people, &mut weights);
                *person = posterior.moments(End::Person);
                sums.add(&model, responses, row, person, &weights);
                sums.people.add(person, 1.0, 1.0);
            }
            sums
        });
        let sums = Sums::join(parts, responses.columns());
        model.learn(&sums, &statements, rows.len(), round >= SETTLING);
    }
    if sampling {
        model.first_weights = model.weights_of_nobody();
        let statements = Prior::of(&model.anything);
        let parts = in_parts(responses.rows(), PARTS, |range| {
            let mut sums = Sums::new(responses.columns());
            let mut weights = Vec::new();
            for row in range {
                let person = model.weighed_person(responses, row, &mut weights).moments(End::Person);
                sums.add(&model, responses, row, &person, &weights);
            }
            sums
        });
        model.learn(&Sums::join(parts, responses.columns()), &statements, responses.rows(), false);
    }
    model.first_weights = model.weights_of_nobody();
    model
}

impl Model {
    fn start(responses: &Responses) -> Model {
        let people = Normal { mean: [0.0; OWN], covariance: diagonal(LENIENCY, 1.0) };
        let anything = Normal { mean: [0.0; OWN], covariance: diagonal(AGREEABLE, LOADING) };
        // Something must tell the factors apart. Statements' numbers do, so that the same statement starts
        // in the same place with a few responses more.
        let start = |&number: &u32| {
            let mut mean = [0.0; OWN];
            for (factor, loading) in mean.iter_mut().enumerate().skip(1) {
                let bits = mix(u64::from(number) << 8 | factor as u64) >> 11;
                *loading = bits as f64 / (1u64 << 52) as f64 - 1.0;
            }
            Normal { mean, covariance: diagonal(0.05, 0.05) }
        };
        let statements: Vec<Normal> = responses.statements.iter().map(start).collect();
        Model {
            moments: statements.iter().map(|normal| normal.moments(End::Statement)).collect(),
            statements,
            people,
            anything,
            weights: Weights::new(),
            left_out: vec![false; responses.columns()],
            refinements: REFINEMENTS,
            first_weights: Vec::new(),
        }
    }

    /// The same model for other columns, each with the column it was before; of new ones nothing is known.
    pub(crate) fn over(&self, from: &[Option<usize>], left_out: Vec<bool>) -> Model {
        let statements: Vec<Normal> =
            from.iter().map(|from| from.map_or(self.anything, |column| self.statements[column])).collect();
        let mut model = Model {
            moments: statements.iter().map(|normal| normal.moments(End::Statement)).collect(),
            statements,
            people: self.people,
            anything: self.anything,
            weights: self.weights.clone(),
            left_out,
            refinements: self.refinements,
            first_weights: Vec::new(),
        };
        model.first_weights = model.weights_of_nobody();
        model
    }

    /// By column: whether it is without influence.
    pub(crate) fn left_out(&self) -> &[bool] {
        &self.left_out
    }

    /// Somebody of whom nothing is known.
    pub(crate) fn nobody(&self) -> Person {
        self.people
    }

    /// Where a participant stands.
    pub(crate) fn person(&self, responses: &Responses, row: usize) -> Person {
        self.weighed_person(responses, row, &mut Vec::new())
    }

    /// The same, with how much each of their responses weighed for it.
    fn weighed_person(&self, responses: &Responses, row: usize, weights: &mut Vec<f32>) -> Person {
        let prior = Prior::of(&self.people);
        let mut evidence = Evidence::NONE;
        self.each(responses, row, |column, half| {
            evidence.add(&self.moments[column], self.first_weights[column], half);
        });
        let mut person = evidence.posterior(End::Person, &prior);
        for _ in 1..self.refinements {
            person = self.posterior(responses, row, &person.moments(End::Person), &prior, weights);
        }
        person
    }

    fn weights_of_nobody(&self) -> Vec<f32> {
        let doubled = self.people.moments(End::Person).doubled();
        (0..self.moments.len()).map(|column| self.weight(&doubled, column)).collect()
    }

    /// How likely somebody agrees with the statement in a column, given that they take a side; with one that
    /// nothing is known of where there is no column.
    pub(crate) fn probability(&self, person: &Person, column: Option<usize>) -> f64 {
        let statement = column.and_then(|column| self.statements.get(column)).unwrap_or(&self.anything);
        let mut mean = person.mean[0] + statement.mean[0];
        for factor in 1..OWN {
            mean += person.mean[factor] * statement.mean[factor];
        }
        let mut spread = person.covariance[0][0] + statement.covariance[0][0];
        for one in 1..OWN {
            spread += 2.0 * (person.covariance[0][one] * statement.mean[one]);
            spread += 2.0 * (statement.covariance[0][one] * person.mean[one]);
            for other in 1..OWN {
                spread += person.mean[one] * statement.covariance[one][other] * person.mean[other]
                    + statement.mean[one] * person.covariance[one][other] * statement.mean[other]
                    + person.covariance[one][other] * statement.covariance[one][other];
            }
        }
        // The logistic function averaged over a normal distribution (MacKay 1992).
        let odds = mean / (1.0 + std::f64::consts::FRAC_PI_8 * spread.max(0.0)).sqrt();
        logistic((SHARPENING * odds).clamp(-7.0, 7.0))
    }

    /// How much a response to the statement weighs for somebody with these moments.
    #[inline]
    pub(super) fn weight(&self, doubled: &[f32; PACKED], column: usize) -> f32 {
        self.weights.of(square(doubled, &self.moments[column].second))
    }

    fn posterior(
        &self,
        responses: &Responses,
        row: usize,
        person: &Moments,
        prior: &Prior,
        weights: &mut Vec<f32>,
    ) -> Normal {
        let doubled = person.doubled();
        let mut evidence = Evidence::NONE;
        weights.clear();
        self.each(responses, row, |column, half| {
            let weight = self.weight(&doubled, column);
            weights.push(weight);
            evidence.add(&self.moments[column], weight, half);
        });
        evidence.posterior(End::Person, prior)
    }

    /// Calls `work` with the column of every response that takes a side, and +½ for agree, −½ for disagree.
    fn each(&self, responses: &Responses, row: usize, mut work: impl FnMut(usize, f32)) {
        let range = responses.offsets[row]..responses.offsets[row + 1];
        with_words!(responses, words => for word in &words[range] {
            let slot = word.slot();
            let half = match slot % SLOTS {
                AGREE => 0.5,
                DISAGREE => -0.5,
                _ => continue,
            };
            if !self.left_out[slot / SLOTS] {
                work(slot / SLOTS, half);
            }
        })
    }

    fn learn(&mut self, sums: &Totals, prior: &Prior, people: usize, priors: bool) {
        for (column, evidence) in sums.evidence.iter().enumerate() {
            self.statements[column] = evidence.posterior(End::Statement, prior);
        }
        if priors {
            self.people.covariance =
                learned(&sums.people.products(End::Person), people as f64, &diagonal(LENIENCY, 1.0));
            let count = self.statements.len() as f64;
            let mut products = [[0.0; OWN]; OWN];
            let mut mean = [0.0; OWN];
            for statement in &self.statements {
                for row in 0..OWN {
                    mean[row] += statement.mean[row] / (count + 2.0);
                }
            }
            for statement in &self.statements {
                for row in 0..OWN {
                    for column in 0..OWN {
                        products[row][column] += (statement.mean[row] - mean[row])
                            * (statement.mean[column] - mean[column])
                            + statement.covariance[row][column];
                    }
                }
            }
            self.anything =
                Normal { mean, covariance: learned(&products, count, &diagonal(AGREEABLE, LOADING)) };
        }
        self.moments = self.statements.iter().map(|normal| normal.moments(End::Statement)).collect();
    }
}

/// A covariance from `count` products, drawn towards what was believed before.
fn learned(products: &Square, count: f64, belief: &Square) -> Square {
    let mut covariance = [[0.0; OWN]; OWN];
    for row in 0..OWN {
        for column in 0..OWN {
            covariance[row][column] =
                (products[row][column] + BELIEF * belief[row][column]) / (count + BELIEF);
        }
    }
    covariance
}

fn diagonal(intercept: f64, factors: f64) -> Square {
    let mut matrix = [[0.0; OWN]; OWN];
    matrix[0][0] = intercept;
    for (factor, row) in matrix.iter_mut().enumerate().skip(1) {
        row[factor] = factors;
    }
    matrix
}

/// Sums over rows.
struct Sums {
    evidence: Vec<Evidence>,
    /// First and second moments of the people.
    people: Evidence,
}

impl Sums {
    fn new(columns: usize) -> Sums {
        Sums { evidence: vec![Evidence::NONE; columns], people: Evidence::NONE }
    }

    /// What the responses of a person say about statements. They weigh what they weighed for the person: any
    /// weights give a bound, and in the end both are the same.
    fn add(&mut self, model: &Model, responses: &Responses, row: usize, person: &Moments, weights: &[f32]) {
        let mut weights = weights.iter();
        model.each(responses, row, |column, half| {
            let weight = weights.next().copied().unwrap_or_default();
            self.evidence[column].add(person, weight, half);
        });
    }

    fn join(parts: Vec<Sums>, columns: usize) -> Totals {
        let mut totals = Totals { evidence: vec![Total::default(); columns], people: Total::default() };
        for part in parts {
            totals.evidence.iter_mut().zip(&part.evidence).for_each(|(sum, more)| sum.join(more));
            totals.people.join(&part.people);
        }
        totals
    }
}

/// [`Sums`] added up.
struct Totals {
    evidence: Vec<Total>,
    people: Total,
}

/// Rows with about `most` responses at most, ascending; all where there are not more.
pub(crate) fn sample(responses: &Responses, most: usize) -> Vec<u32> {
    let rows = responses.rows() as u32;
    if responses.len() <= most {
        return (0..rows).collect();
    }
    let mut order: Vec<(u64, u32)> =
        (0..rows).map(|row| (mix(u64::from(responses.participants[row as usize])), row)).collect();
    order.sort_unstable();
    let mut total = 0;
    let mut chosen = Vec::new();
    for (_, row) in order {
        total += responses.row_len(row as usize);
        if total > most && !chosen.is_empty() {
            break;
        }
        chosen.push(row);
    }
    chosen.sort_unstable();
    chosen
}

/// Calls `work` on consecutive parts of `items` and where each starts; how they are cut depends on their
/// number alone.
fn in_parts_of<T: Send, R: Send>(items: &mut [T], work: impl Fn(usize, &mut [T]) -> R + Sync) -> Vec<R> {
    use rayon::prelude::*;
    let size = items.len().div_ceil(PARTS).max(1_024);
    if items.len() <= size {
        return vec![work(0, items)];
    }
    items.par_chunks_mut(size).enumerate().map(|(part, items)| work(part * size, items)).collect()
}
