//! A few statements that represent everybody in proportion.

use super::Placed;
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
/// most, where somebody who agrees with *n* of those taken already counts 1 ÷ (n + 1). Who agrees is what
/// they responded; where they did not, what they would likelier respond.
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
    let agrees: Vec<Vec<bool>> = {
        use rayon::prelude::*;
        rows.par_iter().map(|&row| agreed(model, responses, row as usize, &columns)).collect()
    };
    let group_of: Vec<Option<u8>> = rows.iter().map(|&row| places[row as usize].group).collect();

    let mut taken: Vec<usize> = Vec::new();
    let mut with = vec![0usize; rows.len()];
    while taken.len() < MOST.min(columns.len()) {
        let mut gains = vec![0.0; columns.len()];
        for (agrees, &with) in agrees.iter().zip(&with) {
            let counts = 1.0 / (with as f64 + 1.0);
            agrees
                .iter()
                .zip(&mut gains)
                .filter(|(agrees, _)| **agrees)
                .for_each(|(_, gain)| *gain += counts);
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
        agrees.iter().zip(&mut with).filter(|(agrees, _)| agrees[best]).for_each(|(_, with)| *with += 1);
        let done = |of: Certificate| of.two >= ENOUGH;
        if taken.len() >= FEWEST
            && done(certificate(with.iter().copied()))
            && (0..groups).all(|group| done(of_group(&with, &group_of, group)))
        {
            break;
        }
    }
    Slate {
        statements: taken.iter().map(|&at| statements[columns[at]].number).collect(),
        participants: rows.len() as u32,
        all: certificate(with.iter().copied()),
        groups: (0..groups).map(|group| of_group(&with, &group_of, group)).collect(),
    }
}

fn of_group(with: &[usize], group_of: &[Option<u8>], group: usize) -> Certificate {
    let members = with.iter().zip(group_of).filter(|(_, of)| of.map(usize::from) == Some(group));
    certificate(members.map(|(&with, _)| with))
}

fn certificate(with: impl Iterator<Item = usize>) -> Certificate {
    let (mut people, mut one, mut two) = (0u32, 0u32, 0u32);
    for with in with {
        people += 1;
        one += u32::from(with >= 1);
        two += u32::from(with >= 2);
    }
    let share = |count: u32| f64::from(count) / f64::from(people.max(1));
    Certificate { one: share(one), two: share(two) }
}

/// Whether a participant agrees with each of `columns`.
fn agreed(model: &Model, responses: &Responses, row: usize, columns: &[usize]) -> Vec<bool> {
    let person = model.person(responses, row);
    let mut said: Vec<Option<bool>> = vec![None; responses.columns()];
    for (statement, value) in responses.row(row) {
        if let Ok(column) = responses.statements.binary_search(&statement) {
            said[column] = Some(value == Value::Agree);
        }
    }
    columns.iter().map(|&column| said[column].unwrap_or_else(|| model.leans(&person, column))).collect()
}
