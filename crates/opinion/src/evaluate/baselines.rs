//! What a method must beat: predictions from statements alone, and from what the classic map shows.

#![allow(
    clippy::needless_range_loop,
    reason = "rows and columns of small matrices read best by their indices"
)]

use super::Pair;
use crate::model::logistic;
use crate::responses::{Flags, Responses, Value};
use crate::shape::Map;
use std::collections::HashMap;

/// The share of those who took a side on the statement that agreed, with one imagined response for and one
/// against.
pub fn statement_means(train: &Responses, pairs: &[Pair]) -> Vec<f64> {
    let sides = Sides::count(train, |_| 0, 1);
    pairs.iter().map(|&(_, statement)| sides.share(statement, 0, 0.5, 2.0)).collect()
}

/// The share in the participant's classic group, drawn towards the share among all as if two in the group
/// had responded like all.
pub fn classic_groups(train: &Responses, pairs: &[Pair]) -> Vec<f64> {
    let map = crate::classic::map(train, &Flags::new());
    let index: HashMap<u32, usize> =
        map.groups.iter().enumerate().map(|(index, group)| (group.id, index + 1)).collect();
    let group_of: HashMap<u32, usize> = map
        .participants
        .iter()
        .filter_map(|participant| Some((participant.number, *index.get(&participant.group?)?)))
        .collect();
    let all = Sides::count(train, |_| 0, 1);
    let sides =
        Sides::count(train, |number| group_of.get(&number).copied().unwrap_or(0), map.groups.len() + 1);
    pairs
        .iter()
        .map(|&(participant, statement)| {
            let mean = all.share(statement, 0, 0.5, 2.0);
            match group_of.get(&participant) {
                Some(&group) => sides.share(statement, group, mean, 2.0),
                None => mean,
            }
        })
        .collect()
}

/// What the classic map's two axes say: for every statement a logistic regression on the participants'
/// positions (in units of their spread), with a prior of precision 1 on the slopes and 0.1 on the intercept.
pub fn classic_positions(train: &Responses, pairs: &[Pair]) -> Vec<f64> {
    let map = crate::classic::map(train, &Flags::new());
    let places = places(&map);
    let mut seen: HashMap<u32, Vec<([f64; 3], f64)>> = HashMap::new();
    for (row, &participant) in train.participants().iter().enumerate() {
        let place = places.get(&participant).copied().unwrap_or([1.0, 0.0, 0.0]);
        for (statement, value) in train.row(row).filter(|&(_, value)| value != Value::Pass) {
            seen.entry(statement).or_default().push((place, f64::from(u8::from(value == Value::Agree))));
        }
    }
    let slopes: HashMap<u32, [f64; 3]> =
        seen.into_iter().map(|(statement, seen)| (statement, regression(&seen))).collect();
    pairs
        .iter()
        .map(|(participant, statement)| {
            let place = places.get(participant).copied().unwrap_or([1.0, 0.0, 0.0]);
            let slope = slopes.get(statement).copied().unwrap_or_default();
            logistic(dot(place, slope))
        })
        .collect()
}

/// (1, x, y) by participant's number; x and y with mean square 1.
fn places(map: &Map) -> HashMap<u32, [f64; 3]> {
    let count = map.participants.len().max(1) as f64;
    let spread = |axis: fn(&crate::Participant) -> f64| {
        (map.participants.iter().map(|at| axis(at) * axis(at)).sum::<f64>() / count).sqrt().max(1e-9)
    };
    let (x, y) = (spread(|at| at.x), spread(|at| at.y));
    map.participants.iter().map(|at| (at.number, [1.0, at.x / x, at.y / y])).collect()
}

/// Newton's method; the prior makes the problem well-posed whatever was seen.
fn regression(seen: &[([f64; 3], f64)]) -> [f64; 3] {
    const PRIOR: [f64; 3] = [0.1, 1.0, 1.0];
    let mut slope = [0.0; 3];
    for _ in 0..8 {
        let mut matrix = [[PRIOR[0], 0.0, 0.0], [0.0, PRIOR[1], 0.0], [0.0, 0.0, PRIOR[2]]];
        let mut right = [0.0; 3];
        for axis in 0..3 {
            right[axis] = -PRIOR[axis] * slope[axis];
        }
        for &(place, agreed) in seen {
            let share = logistic(dot(place, slope));
            for row in 0..3 {
                right[row] += (agreed - share) * place[row];
                for column in 0..3 {
                    matrix[row][column] += share * (1.0 - share) * place[row] * place[column];
                }
            }
        }
        let step = crate::model::solve(&matrix, &right);
        for axis in 0..3 {
            slope[axis] += step[axis].clamp(-2.0, 2.0);
        }
    }
    slope
}

fn dot(a: [f64; 3], b: [f64; 3]) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

/// Responses that take a side, by statement and group of participants.
struct Sides(HashMap<u32, Vec<[f64; 2]>>);

impl Sides {
    fn count(train: &Responses, group_of: impl Fn(u32) -> usize, groups: usize) -> Sides {
        let mut sides: HashMap<u32, Vec<[f64; 2]>> = HashMap::new();
        for (row, &participant) in train.participants().iter().enumerate() {
            let group = group_of(participant);
            for (statement, value) in train.row(row).filter(|&(_, value)| value != Value::Pass) {
                let counts = &mut sides.entry(statement).or_insert_with(|| vec![[0.0; 2]; groups])[group];
                counts[0] += f64::from(u8::from(value == Value::Agree));
                counts[1] += 1.0;
            }
        }
        Sides(sides)
    }

    fn share(&self, statement: u32, group: usize, towards: f64, imagined: f64) -> f64 {
        let [agree, all] = self.0.get(&statement).map_or([0.0; 2], |groups| groups[group]);
        (agree + towards * imagined) / (all + imagined)
    }
}
