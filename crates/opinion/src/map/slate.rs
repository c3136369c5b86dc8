//! A few statements that represent everybody in proportion.

use super::Placed;
use super::statistics::share as interval;
use crate::model::{Model, sample};
use crate::responses::{Responses, Value};
use crate::shape::{Certificate, Slate, Statement};

/// How many statements a slate has: as few as possible, at least so many where there are as many.
const FEWEST: usize = 5;
const MOST: usize = 15;

/// It is long enough when so many of everybody, and of each group, agree with two of them.
const ENOUGH: f64 = 0.9;

/// A statement must have been responded to by so many, or by one in twenty.
const LEAST: u32 = 20;

/// Responses of the participants it is computed over, at most, and statements that are considered: those
/// with the most agreement. 50,000 responses are a thousand participants, whom a thousand more would join
/// with the same shares to within 3 %.
const SAMPLE: usize = 50_000;
const CONSIDERED: usize = 300;

/// Sequential proportional approval voting (Thiele 1895): in each step the statement is taken that adds
/// most, where somebody who agrees with *n* of those taken already counts 1 ÷ (n + 1). Who responded agrees or
/// does not; who did not agrees with the likelihood that they take a side and that one, so that they count for the
/// expected value of 1 ÷ (n + 1).
pub(super) fn find(
    model: &Model,
    responses: &Responses,
    statements: &[Statement],
    places: &[Placed],
    groups: usize,
) -> Slate {
    let rows = sample(responses, SAMPLE);
    let least = LEAST.min((responses.rows() as u32).div_ceil(20));
    let share = |column: usize| {
        let tally = statements[column].tally;
        (f64::from(tally.agree) + 1.0) / (f64::from(tally.seen) + 2.0)
    };
    let mut columns: Vec<usize> = (0..statements.len())
        .filter(|&column| {
            let statement = &statements[column];
            !statement.rejected && !statement.meta && statement.tally.seen >= least
        })
        .collect();
    columns.sort_by(|&a, &b| share(b).total_cmp(&share(a)).then(a.cmp(&b)));
    columns.truncate(CONSIDERED);
    let passing: Vec<f64> = statements.iter().map(passing).collect();
    let mut people: Vec<Person> = {
        use rayon::prelude::*;
        let of = |&row: &u32| Person::new(model, responses, row as usize, &columns, &passing, places);
        rows.par_iter().filter_map(of).collect()
    };

    let mut taken: Vec<usize> = Vec::new();
    while taken.len() < MOST.min(columns.len()) {
        let mut gains = vec![0.0; columns.len()];
        for person in &people {
            let counts = person.counts();
            gains.iter_mut().zip(&person.agrees).for_each(|(gain, agrees)| *gain += counts * agrees.chance);
        }
        let mut best: Option<usize> = None;
        for at in (0..columns.len()).filter(|at| !taken.contains(at)) {
            let better = |best: usize| {
                gains[at] > gains[best] || (gains[at] == gains[best] && columns[at] < columns[best])
            };
            if best.is_none_or(better) {
                best = Some(at);
            }
        }
        let Some(best) = best.filter(|&best| gains[best] > 0.0) else { break };
        taken.push(best);
        people.iter_mut().for_each(|person| person.take(best));
        let done = |of: Certificate| of.two >= ENOUGH;
        if taken.len() >= FEWEST
            && done(certificate(&people, None))
            && (0..groups).all(|group| done(certificate(&people, Some(group as u8))))
        {
            break;
        }
    }
    Slate {
        statements: taken.iter().map(|&at| statements[columns[at]].number).collect(),
        participants: people.len() as u32,
        all: certificate(&people, None),
        groups: (0..groups).map(|group| certificate(&people, Some(group as u8))).collect(),
    }
}

/// Whether somebody agrees with a statement: how likely, and whether they said so.
#[derive(Clone, Copy)]
struct Agrees {
    chance: f64,
    said: bool,
}

/// Somebody for whom the slate is found.
struct Person {
    group: Option<u8>,
    agrees: Vec<Agrees>,
    /// How likely they agree with so many of the statements taken.
    with: [f64; MOST + 1],
    /// With how many they said that they agree.
    said: usize,
}

impl Person {
    /// Nothing where they said nothing that counts.
    fn new(
        model: &Model,
        responses: &Responses,
        row: usize,
        columns: &[usize],
        passing: &[f64],
        places: &[Placed],
    ) -> Option<Person> {
        let mut said: Vec<Option<Value>> = vec![None; responses.columns()];
        // How often they pass, and how often others do on the same statements.
        let (mut passed, mut expected, mut seen) = (0.0, 0.0, 0.0);
        for (statement, value) in responses.row(row) {
            // What is left out says nothing about anybody.
            let counts = |column: &usize| !model.left_out()[*column];
            if let Some(column) = responses.statements.binary_search(&statement).ok().filter(counts) {
                said[column] = Some(value);
                passed += f64::from(u8::from(value == Value::Pass));
                expected += passing[column];
                seen += 1.0;
            }
        }
        if seen == 0.0 {
            return None;
        }
        let place = model.person(responses, row);
        // Their odds of passing against those of others, as if they had also responded to one more as others do.
        let usual = expected / seen;
        let odds = |passed: f64| (passed + usual) / (seen - passed + 1.0 - usual);
        let more = odds(passed) / odds(expected);
        let agrees = |&column: &usize| match said[column] {
            Some(value) => {
                let said = value == Value::Agree;
                Agrees { chance: f64::from(u8::from(said)), said }
            }
            None => {
                let odds = passing[column] / (1.0 - passing[column]) * more;
                let side = 1.0 / (1.0 + odds);
                Agrees { chance: side * model.probability(&place, Some(column)), said: false }
            }
        };
        let mut with = [0.0; MOST + 1];
        with[0] = 1.0;
        Some(Person { group: places[row].group, agrees: columns.iter().map(agrees).collect(), with, said: 0 })
    }

    /// What one statement more that they agree with counts.
    fn counts(&self) -> f64 {
        self.with.iter().enumerate().map(|(with, chance)| chance / (with as f64 + 1.0)).sum()
    }

    fn take(&mut self, at: usize) {
        let Agrees { chance, said } = self.agrees[at];
        for with in (0..MOST).rev() {
            self.with[with + 1] += self.with[with] * chance;
            self.with[with] *= 1.0 - chance;
        }
        self.said += usize::from(said);
    }
}

/// The share that passes on a statement, with half a pass of one response imagined.
fn passing(statement: &Statement) -> f64 {
    (f64::from(statement.tally.pass) + 0.5) / (f64::from(statement.tally.seen) + 1.0)
}

/// What the slate does for everybody, or for a group.
fn certificate(people: &[Person], group: Option<u8>) -> Certificate {
    let (mut all, mut said_one, mut said_two, mut one, mut two) = (0, 0, 0, 0.0, 0.0);
    for person in people.iter().filter(|person| group.is_none() || person.group == group) {
        all += 1;
        said_one += u32::from(person.said >= 1);
        said_two += u32::from(person.said >= 2);
        one += 1.0 - person.with[0];
        two += 1.0 - person.with[0] - person.with[1];
    }
    // Sums of chances may miss 0 and 1 by a rounding.
    let expected = |sum: f64| (sum / f64::from(all.max(1))).clamp(0.0, 1.0);
    Certificate {
        said_one: interval(said_one, all),
        said_two: interval(said_two, all),
        one: expected(one),
        two: expected(two),
    }
}
