//! Who is grouped (§1.3), and into which groups (§1.5, §1.6).

use super::bunches::{Centre, Point, first_distinct, many, weighted};
use super::{Grouping, Positions};
use crate::responses::Responses;
use crate::shape::{Base, Tried};

/// Responses that make a participant count, or as many as there are statements if that is fewer.
const RESPONSES: usize = 7;
/// Where fewer participants count, those with most responses are added.
const PARTICIPANTS: usize = 15;
/// Small bunches, at most.
const BUNCHES: usize = 100;
/// Steps to find them: 100 and the one that finds nothing to change.
const BUNCH_STEPS: usize = 101;
/// Groups, at most.
const GROUPS: usize = 5;
/// Steps to find groups.
const GROUP_STEPS: usize = 21;
/// Every so many bunches allow another group.
const BUNCHES_PER_GROUP: usize = 12;

/// Finds the groups.
pub(super) fn find(responses: &Responses, positions: &Positions) -> Grouping {
    let rows = grouped_rows(responses);
    let points: Vec<Point> = rows.iter().map(|&row| positions.participants[row as usize]).collect();
    let (bunches, bunch_of) = many(&points, first_distinct(points.iter(), BUNCHES), BUNCH_STEPS);
    let mut sizes = vec![0u32; bunches.len()];
    bunch_of.iter().for_each(|&bunch| sizes[usize::from(bunch)] += 1);

    let most = GROUPS.min(2 + bunches.len() / BUNCHES_PER_GROUP);
    let mut tried = Vec::new();
    let mut best: Option<(f64, Clustering)> = None;
    if !bunches.is_empty() {
        for groups in 2..=most {
            let clustering = Clustering::of(&bunches, &sizes, groups);
            let silhouette = silhouette(&bunches, &clustering.group_of);
            tried.push(Tried { groups: groups as u32, silhouette });
            // Equally good: the larger number of groups.
            if best.as_ref().is_none_or(|(highest, _)| silhouette >= *highest) {
                best = Some((silhouette, clustering));
            }
        }
    }
    let clustering = best.map_or_else(Clustering::default, |(_, clustering)| clustering);

    let mut group_of = vec![None; responses.rows()];
    for (&row, &bunch) in rows.iter().zip(&bunch_of) {
        group_of[row as usize] = Some(clustering.group_of[usize::from(bunch)] as u32);
    }
    let groups: Vec<(u32, Point)> = clustering.centres.iter().map(|centre| (centre.id, centre.at)).collect();
    let bases = (bunches.iter().zip(&sizes).zip(&clustering.group_of))
        .map(|((bunch, &size), &group)| Base {
            id: bunch.id,
            x: bunch.at[0],
            y: bunch.at[1],
            size,
            group: groups[group].0,
        })
        .collect();
    Grouping { group_of, groups, bases, tried }
}

/// Takes the groups as they are; centres are means of the members' positions.
pub(super) fn given(responses: &Responses, positions: &Positions, group_of: &[Option<u32>]) -> Grouping {
    let mut ids: Vec<u32> = group_of.iter().take(responses.rows()).flatten().copied().collect();
    ids.sort_unstable();
    ids.dedup();
    let index_of = |id: u32| ids.partition_point(|&known| known < id) as u32;
    let group_of: Vec<Option<u32>> =
        (0..responses.rows()).map(|row| group_of.get(row).copied().flatten().map(index_of)).collect();
    let mut sums = vec![([0.0; 2], 0.0); ids.len()];
    for (group, &[x, y]) in group_of.iter().zip(&positions.participants) {
        if let &Some(group) = group {
            let (sum, count): &mut (Point, f64) = &mut sums[group as usize];
            sum[0] += x;
            sum[1] += y;
            *count += 1.0;
        }
    }
    let groups =
        ids.iter().zip(sums).map(|(&id, (sum, count))| (id, [sum[0] / count, sum[1] / count])).collect();
    Grouping { group_of, groups, bases: Vec::new(), tried: Vec::new() }
}

/// The rows of participants who count, in order.
fn grouped_rows(responses: &Responses) -> Vec<u32> {
    let rows = responses.rows();
    let enough = RESPONSES.min(responses.columns());
    let mut grouped: Vec<u32> =
        (0..rows).filter(|&row| responses.row_len(row) >= enough).map(|row| row as u32).collect();
    if grouped.len() < PARTICIPANTS {
        let mut others: Vec<u32> =
            (0..rows).filter(|&row| responses.row_len(row) < enough).map(|row| row as u32).collect();
        others.sort_by_key(|&row| std::cmp::Reverse(responses.row_len(row as usize)));
        others.truncate(PARTICIPANTS - grouped.len());
        grouped.extend(others);
        grouped.sort_unstable();
    }
    grouped
}

#[derive(Default)]
struct Clustering {
    centres: Vec<Centre>,
    /// Index into `centres`, by bunch.
    group_of: Vec<usize>,
}

impl Clustering {
    fn of(bunches: &[Centre], sizes: &[u32], groups: usize) -> Clustering {
        let points: Vec<(Point, u32)> =
            bunches.iter().zip(sizes).map(|(bunch, &size)| (bunch.at, size)).collect();
        let start = first_distinct(bunches.iter().map(|bunch| &bunch.at), groups);
        let (centres, group_of) = weighted(&points, start, GROUP_STEPS);
        Clustering { centres, group_of }
    }
}

/// Mean silhouette of bunches, each counting once; −1..=1, 0 for a single group.
fn silhouette(bunches: &[Centre], group_of: &[usize]) -> f64 {
    let groups = group_of.iter().max().map_or(0, |&last| last + 1);
    let mut total = 0.0;
    for (own, bunch) in group_of.iter().zip(bunches) {
        let mut sums = vec![(0.0, 0.0); groups];
        for (group, other) in group_of.iter().zip(bunches) {
            let (x, y) = (bunch.at[0] - other.at[0], bunch.at[1] - other.at[1]);
            let (sum, count): &mut (f64, f64) = &mut sums[*group];
            *sum += (x * x + y * y).sqrt();
            *count += 1.0;
        }
        let (within, members) = sums[*own];
        let between = (sums.iter().enumerate())
            .filter(|&(group, &(_, count))| group != *own && count > 0.0)
            .map(|(_, (sum, count))| sum / count)
            .fold(f64::INFINITY, f64::min);
        if members > 1.0 && between.is_finite() {
            let within = within / (members - 1.0);
            let larger = within.max(between);
            if larger > 0.0 {
                total += (between - within) / larger;
            }
        }
    }
    if bunches.is_empty() { 0.0 } else { total / bunches.len() as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ResponsesBuilder, Value};

    fn at(places: &[Point]) -> Vec<Centre> {
        (0..).zip(places).map(|(id, &at)| Centre { id, at }).collect()
    }

    #[test]
    fn silhouette_by_hand() {
        // Two at distance 1, one at distance 4 from the first and 3 from the second; the single one counts 0.
        let bunches = at(&[[0.0, 0.0], [1.0, 0.0], [4.0, 0.0]]);
        let expected = (3.0 / 4.0 + 2.0 / 3.0) / 3.0;
        assert!((silhouette(&bunches, &[0, 0, 1]) - expected).abs() < 1e-15);
        assert_eq!(silhouette(&bunches, &[0, 0, 0]), 0.0);
        assert_eq!(silhouette(&[], &[]), 0.0);
    }

    fn with_lengths(lengths: &[u32]) -> Responses {
        let mut builder = ResponsesBuilder::new();
        for (participant, &length) in (0..).zip(lengths) {
            (0..length).for_each(|statement| builder.respond(participant, statement, Value::Agree));
        }
        builder.build()
    }

    #[test]
    fn seven_responses_or_as_many_as_there_are_statements() {
        let mut lengths = [7; 20];
        lengths[3] = 6;
        lengths[4] = 12;
        let grouped = grouped_rows(&with_lengths(&lengths));
        assert_eq!(grouped.len(), 19);
        assert!(!grouped.contains(&3));
        assert_eq!(grouped_rows(&with_lengths(&[3; 20])).len(), 20, "only three statements");
    }

    #[test]
    fn below_fifteen_those_with_most_responses_are_added() {
        let lengths = [1, 2, 9, 1, 6, 2, 2, 8, 1, 3, 3, 3, 3, 3, 3, 3, 3, 2];
        let grouped = grouped_rows(&with_lengths(&lengths));
        // Two have seven; then 6, eight times 3, and of those with 2 the first.
        assert_eq!(grouped, [1, 2, 4, 5, 6, 7, 9, 10, 11, 12, 13, 14, 15, 16, 17]);
    }
}
