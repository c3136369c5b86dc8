//! Where somebody stands: how near to each opinion group, and on what they differ from it.

use assembly::talk::{Participant, Response};
use assembly::{ParticipantNo, StatementNo};
use opinion::map::Placed;
use opinion::{Map, Tally};
use serde::Serialize;

/// In how many statements one must have taken a side before standing somewhere means anything.
pub const FEW: usize = 3;

/// Where a participant stands.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Standing {
    /// Their number in the question.
    pub participant: ParticipantNo,
    /// How many statements they responded to.
    pub responses: usize,
    /// How many entries of the record the map is of.
    pub as_of: u64,
    /// Where they are on it, by what they say now; they may have responded after the map.
    pub position: Option<[f64; 2]>,
    /// How surely: variance along x, covariance, variance along y.
    pub uncertainty: Option<[f64; 3]>,
    /// How likely they belong to each group of the map, in its order; none where there are no groups.
    pub memberships: Vec<f32>,
    /// Index in the map's groups of the one they clearly belong to.
    pub group: Option<usize>,
    /// How they stand to each group of the map, in its order.
    pub groups: Vec<Nearness>,
    /// How they stand to everybody taken together.
    pub everybody: Nearness,
}

/// How somebody stands to an opinion group, or to everybody.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Nearness {
    /// Statements on which they and most of those others take a side.
    pub compared: u32,
    /// On how many of them it is the same side.
    pub alike: u32,
    /// Where it is another side, the clearest first.
    pub differ: Vec<StatementNo>,
}

impl Standing {
    /// Compares what a participant said with what each group of the map said. `as_of` is how many entries the
    /// map is of, `placed` where they stand on it.
    pub fn of(
        map: &Map,
        as_of: u64,
        no: ParticipantNo,
        participant: &Participant,
        placed: Option<Placed>,
    ) -> Self {
        Self {
            participant: no,
            responses: participant.responses(),
            as_of,
            position: placed.map(|placed| placed.position),
            uncertainty: placed.map(|placed| placed.place.uncertainty),
            memberships: placed.map_or_else(Vec::new, |placed| placed.place.memberships.as_slice().to_vec()),
            group: placed.and_then(|placed| placed.group).map(usize::from),
            groups: (0..map.groups.len())
                .map(|group| nearness(map, participant, |statement| statement.groups.get(group)))
                .collect(),
            everybody: nearness(map, participant, |statement| Some(&statement.tally)),
        }
    }

    /// The groups they may belong to with at least one chance in ten, the likeliest first.
    pub fn likely(&self) -> Vec<(usize, f32)> {
        let mut likely: Vec<_> =
            self.memberships.iter().copied().enumerate().filter(|(_, chance)| *chance >= 0.1).collect();
        likely.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        likely
    }
}

fn nearness<'m>(
    map: &'m Map,
    participant: &Participant,
    of: impl Fn(&'m opinion::Statement) -> Option<&'m Tally>,
) -> Nearness {
    let mut near = Nearness { compared: 0, alike: 0, differ: Vec::new() };
    let mut differ = Vec::new();
    for mark in participant.marks() {
        let Some(response @ (Response::Agree | Response::Disagree)) = mark.response() else { continue };
        let Ok(place) = map.statements.binary_search_by_key(&mark.statement().0, |s| s.number) else {
            continue;
        };
        let Some(tally) = map.statements.get(place).and_then(&of) else { continue };
        let Some((side, clarity)) = side(tally) else { continue };
        near.compared += 1;
        if side == response {
            near.alike += 1;
        } else {
            differ.push((clarity, mark.statement()));
        }
    }
    differ.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    near.differ = differ.into_iter().map(|(_, statement)| statement).collect();
    near
}

/// The side most of a group's members who responded take, and by how clear a margin.
fn side(tally: &Tally) -> Option<(Response, f64)> {
    let margin = (f64::from(tally.agree) - f64::from(tally.disagree)) / f64::from(tally.seen + 2);
    match tally.agree.cmp(&tally.disagree) {
        std::cmp::Ordering::Greater => Some((Response::Agree, margin)),
        std::cmp::Ordering::Less => Some((Response::Disagree, -margin)),
        std::cmp::Ordering::Equal => None,
    }
}
