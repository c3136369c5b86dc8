//! The nearest centre for millions of points at once.
//!
//! It never guesses: points are kept in a tree of boxes, centres that no point of a box can be nearest to are
//! ruled out (Kanungo et al., "An efficient k-means clustering algorithm", 2002), and a whole box is taken
//! at once when one centre is left. Sums of coordinates are exact integers, so that the order of adding
//! cannot matter and going through all points one by one gives the same bits.

use super::{Centre, Point, squared};
use rayon::prelude::*;
use std::ops::Range;

/// Coordinates as integers, so that sums are exact whatever their order.
///
/// The largest coordinate has 60 bits; the sum of 2³² of them fits in 128 bits with room to spare.
#[derive(Clone, Copy)]
pub(super) struct Units {
    per_one: f64,
}

impl Units {
    pub fn of(points: &[Point]) -> Units {
        let largest =
            points.iter().fold(0.0, |largest: f64, point| largest.max(point[0].abs()).max(point[1].abs()));
        let exponent = ((largest.to_bits() >> 52) & 0x7ff) as i64 - 1023;
        // A power of two: multiplying by it rounds nothing.
        let power = (60 - exponent.clamp(-900, 900)) + 1023;
        Units { per_one: f64::from_bits((power as u64) << 52) }
    }

    pub fn add(self, sum: &mut Sum, point: Point) {
        sum.x += (point[0] * self.per_one) as i128;
        sum.y += (point[1] * self.per_one) as i128;
        sum.count += 1;
    }

    pub fn mean(self, sum: &Sum) -> Point {
        let count = f64::from(sum.count);
        [sum.x as f64 / count / self.per_one, sum.y as f64 / count / self.per_one]
    }
}

#[derive(Clone, Copy, Default)]
pub(super) struct Sum {
    x: i128,
    y: i128,
    pub count: u32,
}

impl Sum {
    fn add(&mut self, other: &Sum) {
        self.x += other.x;
        self.y += other.y;
        self.count += other.count;
    }
}

/// Points sorted into nested boxes.
pub(super) struct Tree {
    pub units: Units,
    points: Vec<Placed>,
    /// Every node stands before its two halves.
    nodes: Vec<Node>,
    /// The subtrees that threads share.
    shares: Vec<usize>,
}

#[derive(Clone, Copy)]
struct Placed {
    at: Point,
    index: u32,
}

struct Node {
    range: Range<u32>,
    low: Point,
    high: Point,
    sum: Sum,
    /// Where the second half is; the first half follows the node. Nothing for a leaf.
    second: Option<u32>,
}

/// Points in a leaf, at most: below this, going through them is cheaper than going through boxes.
const LEAF: usize = 24;

/// Points above which threads share the work.
const SHARED: usize = 65_536;

/// Halvings until the subtrees that threads share.
const SHARE_DEPTH: u32 = 5;

impl Tree {
    pub fn new(points: &[Point]) -> Tree {
        let units = Units::of(points);
        let mut placed: Vec<Placed> = (0u32..).zip(points).map(|(index, &at)| Placed { at, index }).collect();
        let depth = if points.len() > SHARED { SHARE_DEPTH } else { 0 };
        let mut tree = Tree { units, points: Vec::new(), nodes: Vec::new(), shares: Vec::new() };
        tree.nodes = grow(units, &mut placed, 0, depth);
        tree.points = placed;
        tree.find_shares(0, depth);
        tree
    }

    fn find_shares(&mut self, node: usize, depth: u32) {
        match self.nodes[node].second {
            Some(second) if depth > 0 => {
                self.find_shares(node + 1, depth - 1);
                self.find_shares(second as usize, depth - 1);
            }
            _ => self.shares.push(node),
        }
    }

    /// By centre: the sum of the points that are nearest to it.
    pub fn sums(&self, centres: &[Centre]) -> Vec<Sum> {
        let of_share = |&node: &usize| {
            let mut sums = vec![Sum::default(); centres.len()];
            Search::new(self, centres).visit(node, 0, &mut |range, centre, sum| match sum {
                Some(sum) => sums[centre].add(sum),
                None => {
                    self.points[range].iter().for_each(|placed| self.units.add(&mut sums[centre], placed.at))
                }
            });
            sums
        };
        let parts: Vec<Vec<Sum>> = if self.shares.len() == 1 {
            self.shares.iter().map(of_share).collect()
        } else {
            self.shares.par_iter().map(of_share).collect()
        };
        let mut total = vec![Sum::default(); centres.len()];
        for part in parts {
            total.iter_mut().zip(&part).for_each(|(total, part)| total.add(part));
        }
        total
    }

    /// By point, in the order they were given: the nearest centre's new index.
    pub fn assign(&self, centres: &[Centre], renumbered: &[usize]) -> Vec<u8> {
        let mut assigned = vec![0; self.points.len()];
        Search::new(self, centres).visit(0, 0, &mut |range, centre, _| {
            for placed in &self.points[range] {
                assigned[placed.index as usize] = renumbered[centre] as u8;
            }
        });
        assigned
    }
}

/// One walk down the tree.
struct Search<'a> {
    tree: &'a Tree,
    centres: &'a [Centre],
    /// A stack: each node's candidates stand behind those of the node above it; ascending.
    candidates: Vec<u8>,
}

impl<'a> Search<'a> {
    fn new(tree: &'a Tree, centres: &'a [Centre]) -> Search<'a> {
        Search { tree, centres, candidates: (0..centres.len()).map(|centre| centre as u8).collect() }
    }

    /// Calls `found` with ranges of points, the centre all of them are nearest to and, where known, their
    /// sum. The candidates of the node above start at `above`.
    fn visit(
        &mut self,
        node: usize,
        above: usize,
        found: &mut impl FnMut(Range<usize>, usize, Option<&Sum>),
    ) {
        let here = &self.tree.nodes[node];
        let own = self.candidates.len();
        self.rule_out(here, above);
        let range = here.range.start as usize..here.range.end as usize;
        match (&self.candidates[own..], here.second) {
            (&[only], _) => found(range, usize::from(only), Some(&here.sum)),
            (_, Some(second)) => {
                self.visit(node + 1, own, found);
                self.visit(second as usize, own, found);
            }
            (left, None) => {
                for at in range {
                    let point = self.tree.points[at].at;
                    let mut best = (0, f64::INFINITY);
                    for &candidate in left {
                        let distance = squared(point, self.centres[usize::from(candidate)].at);
                        if distance <= best.1 {
                            best = (usize::from(candidate), distance);
                        }
                    }
                    found(at..at + 1, best.0, None);
                }
            }
        }
        self.candidates.truncate(own);
    }

    /// Stacks those candidates from `above` on that may be nearest to a point of the box.
    ///
    /// Rounding is monotone, so a bound computed like a distance bounds the computed distances too, and
    /// ties are never ruled out.
    fn rule_out(&mut self, node: &Node, above: usize) {
        let own = self.candidates.len();
        let bound = (self.candidates[above..own].iter())
            .map(|&candidate| node.farthest(self.centres[usize::from(candidate)].at))
            .fold(f64::INFINITY, f64::min);
        for at in above..own {
            let candidate = self.candidates[at];
            if node.nearest(self.centres[usize::from(candidate)].at) <= bound {
                self.candidates.push(candidate);
            }
        }
    }
}

impl Node {
    /// Squared distance from the nearest place in the box.
    fn nearest(&self, point: Point) -> f64 {
        let x = (self.low[0] - point[0]).max(point[0] - self.high[0]).max(0.0);
        let y = (self.low[1] - point[1]).max(point[1] - self.high[1]).max(0.0);
        x * x + y * y
    }

    /// Squared distance from the farthest place in the box.
    fn farthest(&self, point: Point) -> f64 {
        let x = (point[0] - self.low[0]).max(self.high[0] - point[0]);
        let y = (point[1] - self.low[1]).max(self.high[1] - point[1]);
        x * x + y * y
    }
}

/// The nodes over `points`, which start at `first` among all; threads share the upper `depth` halvings.
fn grow(units: Units, points: &mut [Placed], first: usize, depth: u32) -> Vec<Node> {
    let mut nodes = Vec::new();
    let node = Node::around(points, first);
    let middle = if depth > 0 { node.halve(points) } else { None };
    let Some(middle) = middle else {
        grow_into(&mut nodes, units, points, first);
        return nodes;
    };
    let (left, right) = points.split_at_mut(middle);
    let halves =
        rayon::join(|| grow(units, left, first, depth - 1), || grow(units, right, first + middle, depth - 1));
    nodes.push(node);
    for half in [halves.0, halves.1] {
        let at = nodes.len() as u32;
        nodes[0].second = Some(at);
        nodes[0].sum.add(&half[0].sum);
        nodes.extend(half.into_iter().map(|mut node| {
            node.second = node.second.map(|second| second + at);
            node
        }));
    }
    nodes
}

fn grow_into(nodes: &mut Vec<Node>, units: Units, points: &mut [Placed], first: usize) {
    let at = nodes.len();
    let mut node = Node::around(points, first);
    let Some(middle) = node.halve(points) else {
        points.iter().for_each(|placed| units.add(&mut node.sum, placed.at));
        nodes.push(node);
        return;
    };
    nodes.push(node);
    let (left, right) = points.split_at_mut(middle);
    grow_into(nodes, units, left, first);
    let second = nodes.len();
    grow_into(nodes, units, right, first + middle);
    let mut sum = nodes[at + 1].sum;
    sum.add(&nodes[second].sum);
    nodes[at].sum = sum;
    nodes[at].second = Some(second as u32);
}

impl Node {
    fn around(points: &[Placed], first: usize) -> Node {
        let (mut low, mut high) = ([f64::INFINITY; 2], [f64::NEG_INFINITY; 2]);
        for placed in points {
            for axis in 0..2 {
                low[axis] = low[axis].min(placed.at[axis]);
                high[axis] = high[axis].max(placed.at[axis]);
            }
        }
        let range = first as u32..(first + points.len()) as u32;
        Node { range, low, high, sum: Sum::default(), second: None }
    }

    /// Sorts the points into two halves along the longer side of the box; nothing where a leaf will do.
    fn halve(&self, points: &mut [Placed]) -> Option<usize> {
        let (width, height) = (self.high[0] - self.low[0], self.high[1] - self.low[1]);
        if points.len() <= LEAF || width.max(height) <= 0.0 {
            return None;
        }
        let axis = usize::from(height > width);
        let middle = points.len() / 2;
        points.select_nth_unstable_by(middle, |a, b| a.at[axis].total_cmp(&b.at[axis]));
        Some(middle)
    }
}
