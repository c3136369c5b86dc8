//! One person, one response at a time.

use super::fit::{Model, Person};
use super::normal::{End, Evidence, Moments, Prior};

/// Refinements of somebody who is taken up with the responses they have.
const REFINEMENTS: usize = 3;

/// What the responses of one person say so far.
#[derive(Clone, Debug)]
pub(crate) struct Standing {
    evidence: Evidence,
    moments: Moments,
}

/// How everybody starts.
#[derive(Clone, Debug)]
pub(crate) struct Newcomer {
    prior: Prior,
    moments: Moments,
}

impl Newcomer {
    pub(crate) fn new(model: &Model) -> Newcomer {
        Newcomer { prior: Prior::of(&model.people), moments: model.people.moments(End::Person) }
    }

    /// Somebody who gave these responses: columns, and +½ for agree or −½ for disagree.
    pub(crate) fn taken_up(&self, model: &Model, sides: &[(usize, f32)]) -> (Standing, Person) {
        let mut standing = Standing { evidence: Evidence::NONE, moments: self.moments };
        let mut person = model.people;
        for _ in 0..REFINEMENTS {
            let doubled = standing.moments.doubled();
            standing.evidence = Evidence::NONE;
            for &(column, half) in sides.iter().filter(|(column, _)| !model.left_out[*column]) {
                standing.evidence.add(&model.moments[column], model.weight(&doubled, column), half);
            }
            person = standing.evidence.posterior(End::Person, &self.prior);
            standing.moments = person.moments(End::Person);
        }
        (standing, person)
    }

    /// The same person with one response more; one that takes no side moves nobody.
    pub(crate) fn with(&self, standing: &mut Standing, model: &Model, side: Option<(usize, f32)>) -> Person {
        if let Some((column, half)) = side.filter(|&(column, _)| !model.left_out[column]) {
            let weight = model.weight(&standing.moments.doubled(), column);
            standing.evidence.add(&model.moments[column], weight, half);
        }
        let person = standing.evidence.posterior(End::Person, &self.prior);
        standing.moments = person.moments(End::Person);
        person
    }
}
