//! Where somebody stands: how near to each opinion group, and on what they differ from it.

use assembly::talk::{Participant, Response};
use assembly::{ParticipantNo, StatementNo};
use opinion::map::Placed;
use opinion::{Map, Tally};
use serde::Serialize;

/// On how many statements one must have taken a side before it is told how likely a group is theirs: with fewer, nobody
/// is counted when it is judged whether there are groups.
pub const FEW: usize = opinion::evaluate::LEAST_RESPONSES;
/// Compared on fewer statements than this, somebody is told a group only if it is theirs with a likelihood of [`SURE`].
const COMPARED: u32 = 12;
/// See [`COMPARED`].
const SURE: f32 = 0.9;

/// Where a participant stands.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Standing {
    /// Their number in the question.
    pub participant: ParticipantNo,
    /// How many statements they responded to.
    pub responses: usize,
    /// On how many of those that shape the map they took a side; a pass says nothing about where somebody stands.
    pub sides: usize,
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

/// How somebody stands to an opinion group, or to everybody. Passes are left out on both sides.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Nearness {
    /// Statements on which they take a side, and more of those others one side than the other.
    pub compared: u32,
    /// On how many of them they take the side that more of those others take.
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
            sides: sides(map, participant).count(),
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

    /// Whether they took too few sides to stand anywhere, and how many more it takes.
    pub fn too_early(&self) -> Option<usize> {
        FEW.checked_sub(self.sides).filter(|more| *more > 0)
    }

    /// The groups they may belong to with at least one chance in ten, the likeliest first.
    pub fn likely(&self) -> Vec<(usize, f32)> {
        self.ranked().into_iter().filter(|(_, chance)| *chance >= 0.1).collect()
    }

    /// The two likeliest groups, the likelier first, where it is too close to tell which is theirs: they take the same
    /// side as both on equally many of what is compared, or little is compared and neither is sure.
    pub fn too_close(&self) -> Option<[usize; 2]> {
        let [(first, chance), (second, _), ..] = self.ranked()[..] else { return None };
        let (here, there) = (self.groups.get(first)?, self.groups.get(second)?);
        let share = |of: &Nearness, other: &Nearness| u64::from(of.alike) * u64::from(other.compared);
        let equal = here.compared > 0 && there.compared > 0 && share(here, there) == share(there, here);
        (equal || (chance < SURE && here.compared < COMPARED)).then_some([first, second])
    }

    fn ranked(&self) -> Vec<(usize, f32)> {
        let mut ranked: Vec<_> = self.memberships.iter().copied().enumerate().collect();
        ranked.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        ranked
    }
}

fn nearness<'m>(
    map: &'m Map,
    participant: &Participant,
    of: impl Fn(&'m opinion::Statement) -> Option<&'m Tally>,
) -> Nearness {
    let mut near = Nearness { compared: 0, alike: 0, differ: Vec::new() };
    let mut differ = Vec::new();
    for (statement, response) in sides(map, participant) {
        let Some((side, clarity)) = of(statement).and_then(side) else { continue };
        near.compared += 1;
        if side == response {
            near.alike += 1;
        } else {
            differ.push((clarity, StatementNo(statement.number)));
        }
    }
    differ.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    near.differ = differ.into_iter().map(|(_, statement)| statement).collect();
    near
}

/// What somebody agrees or disagrees with, of the statements that shape the map.
fn sides<'m>(
    map: &'m Map,
    participant: &Participant,
) -> impl Iterator<Item = (&'m opinion::Statement, Response)> {
    participant.marks().iter().filter_map(|mark| {
        let response = mark.response().filter(|response| *response != Response::Pass)?;
        let statement = map.statement(mark.statement().0)?;
        (!statement.rejected && !statement.meta).then_some((statement, response))
    })
}

/// The side that more of a group's members take, though it need not be most of them, and by how clear a margin.
fn side(tally: &Tally) -> Option<(Response, f64)> {
    let margin = (f64::from(tally.agree) - f64::from(tally.disagree)) / f64::from(tally.seen + 2);
    match tally.agree.cmp(&tally.disagree) {
        std::cmp::Ordering::Greater => Some((Response::Agree, margin)),
        std::cmp::Ordering::Less => Some((Response::Disagree, -margin)),
        std::cmp::Ordering::Equal => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standing(chances: [f32; 2], alike: [u32; 2], compared: u32) -> Standing {
        let near = |alike| Nearness { compared, alike, differ: Vec::new() };
        Standing {
            participant: ParticipantNo(1),
            responses: compared as usize,
            sides: compared as usize,
            as_of: 1,
            position: None,
            uncertainty: None,
            memberships: chances.to_vec(),
            group: None,
            groups: alike.map(near).to_vec(),
            everybody: near(0),
        }
    }

    #[test]
    fn a_group_is_told_only_where_it_is_nearer() {
        assert_eq!(standing([0.02, 0.98], [3, 7], 8).too_close(), None);
        assert_eq!(standing([0.02, 0.98], [7, 7], 8).too_close(), Some([1, 0]), "as near to both");
        assert_eq!(standing([0.8, 0.2], [7, 6], 8).too_close(), Some([0, 1]), "little is compared");
        assert_eq!(standing([0.8, 0.2], [12, 6], 14).too_close(), None);
        assert_eq!(standing([0.8, 0.2], [7, 6], 8).likely(), [(0, 0.8), (1, 0.2)]);
    }
}
