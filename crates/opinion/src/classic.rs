//! The method of Polis (pol.is, its Clojure worker of 2024), so that a conversation that moves here shows
//! the numbers it had.
//!
//! The steps, with the section of `opinion-polis-classic.md` they follow:
//! [`positions()`] (§1.2, §1.4), who is grouped (§1.3), small bunches (§1.5), groups (§1.6), statistics and
//! lists (§1.7–1.9), group-informed consensus and priorities (§1.10–1.11).
//!
//! What it is not: a good method. What is wrong with it is measured in `opinion.md`; it is here for
//! comparison and for continuity. [`DEVIATIONS`] lists where a result that anybody can compute again from
//! the responses alone must depart from a long-running worker.

mod bunches;
mod covariance;
mod eigen;
mod groups;
mod lists;
mod positions;
mod statistics;
mod tallies;

pub use positions::{Positions, positions};
pub(crate) use statistics::{group_informed_consensus, ratio_test, share_test};

use crate::responses::{Flags, Responses};
use crate::shape::{Base, Group, Map, Method, Participant, Statement, Tried};
use tallies::Tallies;

/// Changes whenever the same responses could give another map.
pub const VERSION: u32 = 1;

/// Where this departs from Polis; every [`Map`] carries these sentences.
pub const DEVIATIONS: [&str; 6] = [
    "Participants are taken in order of their first response, and statements by number; Polis takes both in the order its worker first saw them.",
    "Nothing is remembered between computations: groups, their number and who is grouped follow from the responses alone; Polis starts from its last result and delays changes in the number of groups.",
    "The axes are exact: they are the two directions of largest variance to machine precision, each with the sign that makes its largest loading (the first, among equals) positive. Polis stops after 100 rounds from a random start, with an arbitrary sign.",
    "All participants are used for the axes, however many there are; Polis samples above 10,000.",
    "No participant or statement is dropped; Polis silently ignores those above number 100,000 and 10,000.",
    "Priorities use the groups of this computation; Polis uses those of the one before.",
];

/// The complete map.
///
/// Any responses are fine: with nobody, or with one participant or statement, the map says so by being
/// empty or by having everybody in the middle.
pub fn map(responses: &Responses, flags: &Flags) -> Map {
    let positions = positions(responses, flags);
    let grouping = groups::find(responses, &positions);
    describe(responses, flags, &positions, grouping)
}

/// The map for groups that are given, one entry per row of `responses`: positions, tallies, lists,
/// consensus and priorities are computed, the groups are not. For checking published results.
///
/// Rows beyond the end of `group_of` belong to no group.
pub fn map_with_groups(responses: &Responses, flags: &Flags, group_of: &[Option<u32>]) -> Map {
    let positions = positions(responses, flags);
    let grouping = groups::given(responses, &positions, group_of);
    describe(responses, flags, &positions, grouping)
}

/// Who is in which group.
pub(crate) struct Grouping {
    /// Index into `groups`, by row.
    group_of: Vec<Option<u32>>,
    /// Id and centre.
    groups: Vec<(u32, [f64; 2])>,
    bases: Vec<Base>,
    tried: Vec<Tried>,
}

fn describe(responses: &Responses, flags: &Flags, positions: &Positions, grouping: Grouping) -> Map {
    let all = tallies::overall(responses);
    let tallies = Tallies::of_groups(responses, &grouping);
    let left_out: Vec<bool> = responses.statements.iter().map(|&number| flags.left_out(number)).collect();
    let groups = grouping
        .groups
        .iter()
        .enumerate()
        .map(|(group, &(id, [x, y]))| Group {
            id,
            size: tallies.sizes[group],
            x,
            y,
            representative: lists::representative(responses, &left_out, &tallies, group),
        })
        .collect();
    let statements = responses
        .statements
        .iter()
        .enumerate()
        .map(|(column, &number)| {
            let of_groups = tallies.of_statement(column);
            Statement {
                number,
                rejected: flags.rejected(number),
                meta: flags.meta(number),
                tally: all[column],
                mean: positions.means[column],
                loadings: positions.loadings[column],
                extremity: positions.extremities[column],
                gac: statistics::group_informed_consensus(&of_groups),
                priority: statistics::priority(&of_groups, positions.extremities[column], flags.meta(number)),
                groups: of_groups,
            }
        })
        .collect();
    let participants = (0..responses.rows())
        .map(|row| Participant {
            number: responses.participants[row],
            x: positions.participants[row][0],
            y: positions.participants[row][1],
            group: grouping.group_of[row].map(|group| grouping.groups[group as usize].0),
            responses: responses.row_len(row) as u32,
        })
        .collect();
    Map {
        method: Method::Classic,
        version: VERSION,
        digest: crate::digest::hex(&responses.digest()),
        deviations: DEVIATIONS.iter().map(|&sentence| sentence.to_owned()).collect(),
        participants,
        statements,
        groups,
        tried: grouping.tried,
        bases: grouping.bases,
        consensus: lists::consensus(responses, &left_out, &all),
        findings: None,
    }
}
