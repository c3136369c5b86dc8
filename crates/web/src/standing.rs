//! Where somebody stands: how near to each opinion group, and on what they differ from it.

use assembly::talk::{Participant, Response};
use assembly::{ParticipantNo, StatementNo};
use opinion::{Map, Tally};
use serde::Serialize;

/// In how many statements with a group one must have taken a side before nearness means anything.
pub const FEW: u32 = 3;

/// Where a participant stands.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Standing {
    /// Their number in the question.
    pub participant: ParticipantNo,
    /// How many statements they responded to.
    pub responses: usize,
    /// Index in the map's groups of the one the map puts them in.
    pub group: Option<usize>,
    /// Index in the map's groups of the one they respond most alike with, if they took enough sides.
    pub nearest: Option<usize>,
    /// How they stand to each group of the map, in its order.
    pub groups: Vec<Nearness>,
}

/// How somebody stands to one opinion group.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Nearness {
    /// Statements on which they and most of the group take a side.
    pub compared: u32,
    /// On how many of them it is the same side.
    pub alike: u32,
    /// Where it is another side, the clearest first.
    pub differ: Vec<StatementNo>,
}

impl Standing {
    /// Compares what a participant said with what each group of the map said.
    pub fn of(map: &Map, no: ParticipantNo, participant: &Participant) -> Self {
        let groups: Vec<_> = (0..map.groups.len()).map(|group| nearness(map, participant, group)).collect();
        let on_map = map.participants.iter().find(|on_map| on_map.number == no.0);
        let group = on_map
            .and_then(|on_map| on_map.group)
            .and_then(|id| map.groups.iter().position(|group| group.id == id));
        // Compared as fractions, so that the first of equals wins on every machine.
        let nearest = groups
            .iter()
            .enumerate()
            .filter(|(_, near)| near.compared >= FEW)
            .reduce(|best, next| {
                let (b, n) = (best.1, next.1);
                if u64::from(n.alike) * u64::from(b.compared) > u64::from(b.alike) * u64::from(n.compared) {
                    next
                } else {
                    best
                }
            })
            .map(|(index, _)| index);
        Self { participant: no, responses: participant.responses(), group, nearest, groups }
    }

    /// The group to speak of: the one the map puts them in, or the nearest.
    pub fn home(&self) -> Option<usize> {
        self.group.or(self.nearest)
    }
}

fn nearness(map: &Map, participant: &Participant, group: usize) -> Nearness {
    let mut near = Nearness { compared: 0, alike: 0, differ: Vec::new() };
    let mut differ = Vec::new();
    for mark in participant.marks() {
        let Some(response @ (Response::Agree | Response::Disagree)) = mark.response() else { continue };
        let Ok(place) = map.statements.binary_search_by_key(&mark.statement().0, |s| s.number) else {
            continue;
        };
        let Some(tally) = map.statements.get(place).and_then(|s| s.groups.get(group)) else { continue };
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
