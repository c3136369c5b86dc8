//! K-means in the plane (§1.5, §1.6): plain Lloyd steps, and the same steps for millions of points.

mod tree;

use tree::Tree;

/// A point in the plane.
pub(super) type Point = [f64; 2];

/// Two sets of centres are the same when, sorted and paired, all are closer than this.
const SAME: f64 = 0.01;

/// A bunch of points around a centre.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Centre {
    pub id: u32,
    pub at: Point,
}

/// The first `most` distinct points, in order.
pub(super) fn first_distinct<'a>(points: impl Iterator<Item = &'a Point>, most: usize) -> Vec<Centre> {
    let mut centres: Vec<Centre> = Vec::new();
    for &at in points {
        if centres.len() == most {
            break;
        }
        if centres.iter().all(|centre| centre.at != at) {
            centres.push(Centre { id: centres.len() as u32, at });
        }
    }
    centres
}

/// Whether a step changed little enough to stop: both lists sorted, then compared pair by pair. A longer
/// list's surplus is not compared, as in the original.
fn same(before: &[Centre], after: &[Centre]) -> bool {
    let sorted = |centres: &[Centre]| {
        let mut points: Vec<Point> = centres.iter().map(|centre| centre.at).collect();
        points.sort_by(|a, b| a[0].total_cmp(&b[0]).then(a[1].total_cmp(&b[1])));
        points
    };
    sorted(before).iter().zip(sorted(after)).all(|(a, b)| squared(*a, b).sqrt() < SAME)
}

fn squared(a: Point, b: Point) -> f64 {
    let (x, y) = (a[0] - b[0], a[1] - b[1]);
    x * x + y * y
}

/// The nearest centre; of equally near ones the last.
fn nearest(point: Point, centres: &[Centre]) -> usize {
    let mut best = (0, f64::INFINITY);
    for (index, centre) in centres.iter().enumerate() {
        let distance = squared(point, centre.at);
        if distance <= best.1 {
            best = (index, distance);
        }
    }
    best.0
}

/// Lloyd steps from `centres` on weighted points, until nothing moves much, at most `steps`.
///
/// Returns the new centres and, by point, the index of its centre. Centres without points vanish.
pub(super) fn weighted(
    points: &[(Point, u32)],
    mut centres: Vec<Centre>,
    steps: usize,
) -> (Vec<Centre>, Vec<usize>) {
    let mut assigned = Vec::new();
    for _ in 0..steps {
        assigned = points.iter().map(|&(point, _)| nearest(point, &centres)).collect();
        let mut sums = vec![([0.0; 2], 0.0); centres.len()];
        for (&(point, weight), &centre) in points.iter().zip(&assigned) {
            let (sum, total): &mut (Point, f64) = &mut sums[centre];
            sum[0] += point[0] * f64::from(weight);
            sum[1] += point[1] * f64::from(weight);
            *total += f64::from(weight);
        }
        let means = sums.iter().map(|(sum, total)| (*total > 0.0).then(|| [sum[0] / total, sum[1] / total]));
        let (after, renumbered) = moved(&centres, means);
        assigned.iter_mut().for_each(|centre| *centre = renumbered[*centre]);
        let done = same(&centres, &after);
        centres = after;
        if done {
            break;
        }
    }
    (centres, assigned)
}

/// Centres at their means, without those that have none; and the new index of each old centre.
fn moved(centres: &[Centre], means: impl Iterator<Item = Option<Point>>) -> (Vec<Centre>, Vec<usize>) {
    let mut after = Vec::with_capacity(centres.len());
    let mut renumbered = Vec::with_capacity(centres.len());
    for (centre, mean) in centres.iter().zip(means) {
        renumbered.push(after.len());
        after.extend(mean.map(|at| Centre { id: centre.id, at }));
    }
    (after, renumbered)
}

/// [`weighted`] for many points of weight 1.
///
/// Means are exact but for one rounding each; see [`tree`].
pub(super) fn many(points: &[Point], mut centres: Vec<Centre>, steps: usize) -> (Vec<Centre>, Vec<u8>) {
    assert!(centres.len() <= usize::from(u8::MAX) + 1, "centres are numbered in a byte");
    if points.is_empty() || centres.is_empty() {
        return (Vec::new(), Vec::new());
    }
    let tree = Tree::new(points);
    let mut assigned = Vec::new();
    for step in 1..=steps {
        let sums = tree.sums(&centres);
        let means = sums.iter().map(|sum| (sum.count > 0).then(|| tree.units.mean(sum)));
        let (after, renumbered) = moved(&centres, means);
        let done = same(&centres, &after);
        if done || step == steps {
            assigned = tree.assign(&centres, &renumbered);
        }
        centres = after;
        if done {
            break;
        }
    }
    (centres, assigned)
}

#[cfg(test)]
mod tests {
    use super::tree::{Sum, Units};
    use super::*;

    fn scattered(count: usize, seed: u64) -> Vec<Point> {
        let unit = |bits: u64| (bits >> 11) as f64 / (1u64 << 53) as f64;
        (0..count as u64)
            .map(|at| {
                let bunch = crate::simulate::mix(at ^ seed) % 7;
                let spread = |axis: u64| {
                    (0..4)
                        .map(|part| unit(crate::simulate::mix(seed + at * 16 + axis * 4 + part)))
                        .sum::<f64>()
                };
                // Rounded to a grid, so that there are coincident points and ties.
                let place = |axis: u64| ((bunch * (axis + 2) % 5) as f64 + spread(axis)) * 64.0;
                [place(0).round() / 64.0, place(1).round() / 64.0]
            })
            .collect()
    }

    /// [`many`], step by step without a tree.
    fn plainly(points: &[Point], mut centres: Vec<Centre>, steps: usize) -> (Vec<Centre>, Vec<u8>) {
        let units = Units::of(points);
        let mut assigned = Vec::new();
        for _ in 0..steps {
            let mut sums = vec![Sum::default(); centres.len()];
            assigned = points.iter().map(|&point| nearest(point, &centres)).collect();
            points.iter().zip(&assigned).for_each(|(&point, &centre)| units.add(&mut sums[centre], point));
            let means = sums.iter().map(|sum| (sum.count > 0).then(|| units.mean(sum)));
            let (after, renumbered) = moved(&centres, means);
            assigned.iter_mut().for_each(|centre| *centre = renumbered[*centre]);
            let done = same(&centres, &after);
            centres = after;
            if done {
                break;
            }
        }
        (centres, assigned.into_iter().map(|centre| centre as u8).collect())
    }

    #[test]
    fn the_tree_gives_the_same_bits_as_going_through_all() {
        for (count, most, seed) in [(1, 3, 1), (30, 100, 2), (500, 10, 3), (5_000, 100, 4), (70_000, 40, 5)] {
            for steps in [1, 3, 101] {
                let points = scattered(count, seed);
                let centres = first_distinct(points.iter(), most);
                assert!(
                    many(&points, centres.clone(), steps) == plainly(&points, centres, steps),
                    "{count} points, {steps} steps"
                );
            }
        }
    }

    #[test]
    fn equally_near_goes_to_the_last() {
        let centres = [[-1.0, 0.0], [1.0, 0.0], [0.0, 1.0]];
        let centres: Vec<Centre> = (0..).zip(centres).map(|(id, at)| Centre { id, at }).collect();
        assert_eq!(nearest([0.0, 0.0], &centres), 2);
        assert_eq!(nearest([0.0, -5.0], &centres), 1);
    }

    #[test]
    fn weighted_means_by_hand() {
        let points = [([0.0, 0.0], 1), ([1.0, 0.0], 3), ([10.0, 2.0], 1)];
        let start = vec![Centre { id: 0, at: [0.0, 0.0] }, Centre { id: 1, at: [10.0, 2.0] }];
        let (centres, assigned) = weighted(&points, start, 21);
        assert_eq!(assigned, [0, 0, 1]);
        assert_eq!(centres[0].at, [0.75, 0.0]);
        assert_eq!(centres[1].at, [10.0, 2.0]);
    }

    #[test]
    fn a_centre_without_points_vanishes() {
        let points = [([0.0, 0.0], 1), ([1.0, 0.0], 1)];
        let start = [[0.5, 0.0], [50.0, 0.0], [0.5, 0.0]];
        let start: Vec<Centre> = (0..).zip(start).map(|(id, at)| Centre { id, at }).collect();
        let (centres, assigned) = weighted(&points, start, 21);
        assert_eq!(centres, [Centre { id: 2, at: [0.5, 0.0] }]);
        assert_eq!(assigned, [0, 0]);
    }
}
