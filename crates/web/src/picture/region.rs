//! The shape of a crowd: where its people stand densest, as outlines.
//!
//! Everybody counts as a soft spot; the outline runs where the spots together are as dense as they are around the
//! last of those it is to hold. So a region shows where people are, and not where two of them happen to stand.

use super::round;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Width of a cell in which people are counted.
const CELL: f64 = 8.0;
/// Cells around the picture, so that every outline closes.
const EDGE: usize = 12;
/// How far a spot reaches with few people and with many, in cells: a crowd needs less to be a shape.
const SOFT: (f64, f64) = (4.0, 1.8);

/// An outline, as the path of an SVG, for each share of the `points`; nothing without points.
pub(super) fn outlines<const N: usize>(
    points: &[(f64, f64)],
    size: (f64, f64),
    shares: [f64; N],
) -> Vec<String> {
    if points.is_empty() {
        return Vec::new();
    }
    let grid = Grid::of(points, size);
    let mut densities: Vec<f64> = points.iter().map(|&point| grid.at(point)).collect();
    densities.sort_by(|a, b| b.total_cmp(a));
    let densest = densities.first().copied().unwrap_or(0.0);
    let level = |share: f64| {
        let last = ((points.len() as f64 * share).ceil() as usize).clamp(1, points.len());
        // A little below, so that the last one is inside; and where people stand on one spot, around the spot.
        densities.get(last - 1).map_or(0.0, |density| (density * 0.97).min(densest * (1.0 - 0.6 * share)))
    };
    shares.iter().map(|share| path(&grid.outline(level(*share)))).collect()
}

struct Grid {
    width: usize,
    height: usize,
    cells: Vec<f64>,
}

impl Grid {
    fn of(points: &[(f64, f64)], size: (f64, f64)) -> Self {
        let (width, height) = ((size.0 / CELL) as usize + 2 * EDGE, (size.1 / CELL) as usize + 2 * EDGE);
        let mut grid = Grid { width, height, cells: vec![0.0; width * height] };
        for &point in points {
            let place = grid.place(point);
            if let Some(cell) = grid.cells.get_mut(place) {
                *cell += 1.0;
            }
        }
        let soft = SOFT.0 * (points.len() as f64).powf(-1.0 / 6.0) * 1.8;
        grid.soften(soft.clamp(SOFT.1, SOFT.0));
        grid
    }

    fn place(&self, (x, y): (f64, f64)) -> usize {
        let cell = |at: f64, most: usize| ((at / CELL).max(0.0) as usize + EDGE).min(most - EDGE - 1);
        cell(y, self.height) * self.width + cell(x, self.width)
    }

    fn at(&self, point: (f64, f64)) -> f64 {
        self.cells.get(self.place(point)).copied().unwrap_or(0.0)
    }

    /// Spreads every cell as a bell curve, along rows and then along columns.
    fn soften(&mut self, width: f64) {
        let reach = (3.0 * width).ceil() as isize;
        let bell: Vec<f64> =
            (-reach..=reach).map(|at| (-((at * at) as f64) / (2.0 * width * width)).exp()).collect();
        for (step, length, lines, next) in
            [(1, self.width, self.height, self.width), (self.width, self.height, self.width, 1)]
        {
            for line in 0..lines {
                let from: Vec<f64> = (0..length).map(|at| self.cells[line * next + at * step]).collect();
                for at in 0..length {
                    let near = (-reach..=reach)
                        .zip(&bell)
                        .filter_map(|(away, weight)| Some(from.get(at.checked_add_signed(away)?)? * weight));
                    self.cells[line * next + at * step] = near.sum();
                }
            }
        }
    }

    /// The lines around all that is denser than `level` (marching squares), each closed, in the picture's units.
    fn outline(&self, level: f64) -> Vec<Vec<(f64, f64)>> {
        // From the edge of a cell where a line enters it to the one where it leaves; the dense side is at the left.
        let mut lines: BTreeMap<Edge, Edge> = BTreeMap::new();
        for y in 0..self.height - 1 {
            for x in 0..self.width - 1 {
                let dense = |x: usize, y: usize| usize::from(self.cells[y * self.width + x] > level);
                let which =
                    dense(x, y) | dense(x + 1, y) << 1 | dense(x + 1, y + 1) << 2 | dense(x, y + 1) << 3;
                let (top, bottom) = (Edge { y, x, down: false }, Edge { y: y + 1, x, down: false });
                let (left, right) = (Edge { y, x, down: true }, Edge { y, x: x + 1, down: true });
                let pieces: &[(Edge, Edge)] = match which {
                    1 => &[(left, top)],
                    2 => &[(top, right)],
                    3 => &[(left, right)],
                    4 => &[(right, bottom)],
                    5 => &[(left, top), (right, bottom)],
                    6 => &[(top, bottom)],
                    7 => &[(left, bottom)],
                    8 => &[(bottom, left)],
                    9 => &[(bottom, top)],
                    10 => &[(top, right), (bottom, left)],
                    11 => &[(bottom, right)],
                    12 => &[(right, left)],
                    13 => &[(right, top)],
                    14 => &[(top, left)],
                    _ => &[],
                };
                lines.extend(pieces.iter().copied());
            }
        }
        let mut closed = Vec::new();
        while let Some((mut edge, mut next)) = lines.pop_first() {
            let mut line = vec![self.crossing(edge, level)];
            loop {
                edge = next;
                line.push(self.crossing(edge, level));
                match lines.remove(&edge) {
                    Some(after) => next = after,
                    None => break,
                }
            }
            line.pop();
            closed.push(line);
        }
        closed
    }

    /// Where on an edge the density passes the level.
    fn crossing(&self, Edge { y, x, down }: Edge, level: f64) -> (f64, f64) {
        let of = |x: usize, y: usize| self.cells.get(y * self.width + x).copied().unwrap_or(0.0);
        let (from, to) = (of(x, y), if down { of(x, y + 1) } else { of(x + 1, y) });
        let part = if from == to { 0.5 } else { ((level - from) / (to - from)).clamp(0.0, 1.0) };
        let unit = |at: usize, part: f64| (at as f64 - EDGE as f64 + 0.5 + part) * CELL;
        if down { (unit(x, 0.0), unit(y, part)) } else { (unit(x, part), unit(y, 0.0)) }
    }
}

/// Between a cell's middle and that of the next, to the right or down.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Edge {
    y: usize,
    x: usize,
    down: bool,
}

/// Closed lines as a path that runs smoothly through the middles between their points.
fn path(lines: &[Vec<(f64, f64)>]) -> String {
    let mut path = String::new();
    for line in lines {
        // Every second point is enough for a soft shape.
        let points: Vec<(f64, f64)> = line.iter().copied().step_by(2).collect();
        let (Some(first), Some(last)) = (points.first(), points.last()) else { continue };
        let middle = |a: &(f64, f64), b: &(f64, f64)| ((a.0 + b.0) / 2.0, (a.1 + b.1) / 2.0);
        let start = middle(last, first);
        let _ = write!(path, "M{} {}", round(start.0), round(start.1));
        for (at, point) in points.iter().enumerate() {
            let to = middle(point, points.get(at + 1).unwrap_or(first));
            let _ = write!(path, "Q{} {} {} {}", round(point.0), round(point.1), round(to.0), round(to.1));
        }
        path.push('Z');
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_holds_its_share_and_closes() {
        let points: Vec<(f64, f64)> =
            (0..200).map(|at| (320.0 + f64::from(at % 20) * 4.0, 200.0 + f64::from(at / 20) * 4.0)).collect();
        let grid = Grid::of(&points, (640.0, 480.0));
        let whole = grid.cells.iter().sum::<f64>();
        assert!(whole > 200.0);
        let outlines = outlines(&points, (640.0, 480.0), [0.8, 0.5]);
        assert_eq!(outlines.len(), 2);
        assert!(outlines.iter().all(|path| path.starts_with('M') && path.ends_with('Z')), "{outlines:?}");
        assert_eq!(outlines[0].matches('Z').count(), 1, "one crowd is one shape");
    }

    #[test]
    fn crowds_apart_are_shapes_apart_and_nobody_is_none() {
        let two: Vec<(f64, f64)> = (0..60)
            .map(|at| (if at % 2 == 0 { 40.0 } else { 600.0 } + f64::from(at) / 10.0, 240.0))
            .collect();
        let outlines = outlines(&two, (640.0, 480.0), [0.8]);
        assert_eq!(outlines[0].matches('Z').count(), 2);
        assert!(super::outlines(&[], (640.0, 480.0), [0.8]).is_empty());
        assert!(super::outlines(&[(1.0, 1.0)], (640.0, 480.0), [0.8])[0].ends_with('Z'));
    }

    #[test]
    fn people_on_one_spot_have_a_region_that_can_be_seen() {
        for people in [1, 40, 4_000] {
            for outline in outlines(&vec![(320.0, 240.0); people], (640.0, 480.0), [0.8, 0.5]) {
                let numbers = outline.split(|c: char| !c.is_ascii_digit() && c != '.');
                let across: Vec<f64> = numbers.filter_map(|number| number.parse().ok()).step_by(2).collect();
                let (left, right) = (
                    across.iter().copied().fold(640.0, f64::min),
                    across.iter().copied().fold(0.0, f64::max),
                );
                assert!(right - left > 16.0, "{people} people: {outline}");
            }
        }
    }
}
