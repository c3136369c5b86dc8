//! Where to start from when groups are sought: where people roughly stand, and cuts through that picture.
//!
//! Each trial starts from what it sees. The axes of the map are found from all responses; to start from them would
//! tell a trial what was hidden from it, and noise would seem to be foreseen.

use super::mixture::{Picked, Rows};
use super::picture::{FACTORS, eigen};
use crate::responses::{AGREE, DISAGREE, SLOTS};
use crate::simulate::mix;

/// Rounds of subspace iteration. They need not settle: what comes of it is cut in pieces and improved.
const ROUNDS: usize = 12;

/// How many imagined responses in the middle everybody has, and every statement.
const IMAGINED: f64 = 4.0;

/// Where the rows stand along the two directions in which they differ most: agreement less disagreement, each less
/// the statement's mean, divided by the root of how many responses row and column have (as in correspondence
/// analysis, so that nobody weighs by having said much). Found by subspace iteration from a start that follows from
/// the columns' numbers (Halko, Martinsson and Tropp 2011).
pub(super) fn positions(seen: &Picked, overall: &[f64]) -> Vec<[f64; 2]> {
    let columns = overall.len() / SLOTS;
    let mut asked = vec![IMAGINED; columns];
    (0..seen.rows()).flat_map(|row| seen.get(row)).for_each(|&slot| asked[slot as usize / SLOTS] += 1.0);
    let scale: Vec<f64> = asked.iter().map(|asked| 1.0 / asked.sqrt()).collect();
    // By slot, what a response counts.
    let counts: Vec<f64> = (0..columns * SLOTS)
        .map(|slot| {
            let shares = &overall[slot / SLOTS * SLOTS..][..SLOTS];
            let value =
                f64::from(u8::from(slot % SLOTS == AGREE)) - f64::from(u8::from(slot % SLOTS == DISAGREE));
            (value - shares[AGREE] + shares[DISAGREE]) * scale[slot / SLOTS]
        })
        .collect();
    let mut directions: Vec<[f64; FACTORS]> = (0..columns)
        .map(|column| {
            std::array::from_fn(|factor| {
                let luck = mix(mix(column as u64) ^ factor as u64) >> 11;
                luck as f64 / (1u64 << 53) as f64 - 0.5
            })
        })
        .collect();
    let mut rows = vec![[0.0; FACTORS]; seen.rows()];
    for _ in 0..ROUNDS {
        orthonormal(&mut directions);
        for (row, place) in rows.iter_mut().enumerate() {
            *place = placed(seen.get(row), &counts, &directions);
        }
        directions.iter_mut().for_each(|direction| *direction = [0.0; FACTORS]);
        for (row, place) in rows.iter().enumerate() {
            for &slot in seen.get(row) {
                let count = counts[slot as usize];
                let direction = &mut directions[slot as usize / SLOTS];
                direction.iter_mut().zip(place).for_each(|(sum, place)| *sum += count * place);
            }
        }
    }
    orthonormal(&mut directions);
    for (row, place) in rows.iter_mut().enumerate() {
        *place = placed(seen.get(row), &counts, &directions);
    }
    // Within the subspace, the directions in which rows differ most.
    let mut spread = [[0.0; FACTORS]; FACTORS];
    for place in &rows {
        for (line, one) in spread.iter_mut().zip(place) {
            line.iter_mut().zip(place).for_each(|(sum, other)| *sum += one * other);
        }
    }
    let (values, vectors) = eigen(spread);
    let mut order: [usize; FACTORS] = std::array::from_fn(|at| at);
    order.sort_by(|&a, &b| values[b].total_cmp(&values[a]).then(a.cmp(&b)));
    rows.iter()
        .map(|place| {
            [order[0], order[1]].map(|axis| place.iter().zip(&vectors).map(|(at, row)| at * row[axis]).sum())
        })
        .collect()
}

fn placed(row: &[u32], counts: &[f64], directions: &[[f64; FACTORS]]) -> [f64; FACTORS] {
    let mut place = [0.0; FACTORS];
    for &slot in row {
        let count = counts[slot as usize];
        let direction = &directions[slot as usize / SLOTS];
        place.iter_mut().zip(direction).for_each(|(sum, along)| *sum += count * along);
    }
    let scale = 1.0 / (row.len() as f64 + IMAGINED).sqrt();
    place.map(|along| along * scale)
}

/// Gram and Schmidt; a direction that is nothing but the ones before it becomes zero.
fn orthonormal(directions: &mut [[f64; FACTORS]]) {
    for factor in 0..FACTORS {
        for before in 0..factor {
            let along: f64 = directions.iter().map(|of| of[factor] * of[before]).sum();
            directions.iter_mut().for_each(|of| of[factor] -= along * of[before]);
        }
        let length = directions.iter().map(|of| of[factor] * of[factor]).sum::<f64>().sqrt();
        let scale = if length > 1e-9 { 1.0 / length } else { 0.0 };
        directions.iter_mut().for_each(|of| of[factor] *= scale);
    }
}

/// Equally many in each group, from left to right.
pub(super) fn quantiles(positions: &[[f64; 2]], groups: usize) -> Vec<u8> {
    let mut order: Vec<usize> = (0..positions.len()).collect();
    order.sort_by(|&a, &b| positions[a][0].total_cmp(&positions[b][0]));
    let mut labels = vec![0; positions.len()];
    for (place, &row) in order.iter().enumerate() {
        labels[row] = (place * groups / positions.len()) as u8;
    }
    labels
}

/// Slices of the picture around its middle.
pub(super) fn sectors(positions: &[[f64; 2]], groups: usize) -> Vec<u8> {
    let turn = std::f64::consts::TAU;
    positions
        .iter()
        .map(|&[x, y]| {
            let part = (libm::atan2(y, x) / turn + 1.0) % 1.0;
            ((part * groups as f64) as usize).min(groups - 1) as u8
        })
        .collect()
}

/// One group more: one of them is cut through its middle, across its longer side or the axis given.
pub(super) fn split(
    labels: &[u8],
    positions: &[[f64; 2]],
    groups: usize,
    group: u8,
    axis: Option<usize>,
) -> Vec<u8> {
    let along = |axis: usize| {
        let of = || (0..labels.len()).filter(|&row| labels[row] == group).map(|row| positions[row][axis]);
        let mean = of().sum::<f64>() / of().count().max(1) as f64;
        (axis, mean, of().map(|place| (place - mean) * (place - mean)).sum::<f64>())
    };
    let (axis, mean, _) = match axis {
        Some(axis) => along(axis),
        None if along(1).2 > along(0).2 => along(1),
        None => along(0),
    };
    let mut labels = labels.to_vec();
    for (label, position) in labels.iter_mut().zip(positions) {
        if *label == group && position[axis] > mean {
            *label = groups as u8;
        }
    }
    labels
}
