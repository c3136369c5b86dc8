//! How two maps differ: who moved, and which lists changed.
//!
//! For two maps of one conversation at different times or by different methods, or of the same conversation on
//! different machines. It measures nothing that is not on the maps, and judges neither.

use crate::agreement::adjusted_rand;
use crate::shape::{Difference, Map, Side};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// The differences from one map to another.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Comparison {
    /// Whether both were computed from the same responses.
    pub same_responses: bool,
    /// Whether they are the same map, byte for byte.
    pub same_map: bool,
    /// Participants on both.
    pub participants: u32,
    /// Participants on the first only, and on the second only.
    pub only: [u32; 2],
    /// Sizes of the groups of each.
    pub groups: [Vec<u32>; 2],
    /// Groups that are taken for the same, by their ids: see [`matched`].
    pub matched: Vec<Match>,
    /// Adjusted Rand index over the participants who are in a group on both; see [`agreement()`].
    pub agreement: f64,
    /// The same over all participants on both, where those in no group count as one group more.
    pub agreement_all: f64,
    /// Who is in another group than the one matched to theirs, or left theirs, or came to one.
    pub moved: Vec<Moved>,
    /// The lists that changed.
    pub lists: Vec<Changed>,
}

/// A group of the first map and the one of the second that has most of its members.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Match {
    /// Its id on the first.
    pub from: u32,
    /// Its id on the second.
    pub to: u32,
    /// Participants who are in both.
    pub shared: u32,
}

/// A participant who did not stay. At least one of the groups is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Moved {
    /// The participant's number.
    pub participant: u32,
    /// The group's id on the first map.
    pub from: Option<u32>,
    /// The group's id on the second.
    pub to: Option<u32>,
}

/// A list of statements.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum List {
    /// What every group responds to alike; what most respond to alike, where one of the maps is classic.
    CommonGround,
    /// What sets a group apart.
    Differences,
    /// What a minority holds.
    Dissent,
    /// The statements that represent everybody.
    Slate,
}

/// A list that is not the same on both.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Changed {
    /// Which list.
    pub list: List,
    /// For differences, the group they are about.
    pub group: Option<Match>,
    /// How many entries are on both.
    pub kept: usize,
    /// What is on the first only, by statement.
    pub lost: Vec<Entry>,
    /// What is on the second only, by statement.
    pub gained: Vec<Entry>,
}

/// A line of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Entry {
    /// The statement's number.
    pub statement: u32,
    /// The response it is listed for.
    pub side: Side,
    /// For differences, whether the group gives that response less often than the rest, not more.
    pub less: bool,
}

/// Compares two maps. They may be of any method and of any responses.
pub fn compare(from: &Map, to: &Map) -> Comparison {
    let [before, after] = [from, to].map(groups_of);
    let both: Vec<(u32, Option<u32>, Option<u32>)> =
        before.iter().filter_map(|(&number, &group)| Some((number, group, *after.get(&number)?))).collect();
    let matched = matched(from, to);
    let moved = both
        .iter()
        .filter(|(_, from, to)| match (from, to) {
            (None, None) => false,
            (Some(from), Some(to)) => !matched.iter().any(|pair| (pair.from, pair.to) == (*from, *to)),
            _ => true,
        })
        .map(|&(participant, from, to)| Moved { participant, from, to })
        .collect();
    Comparison {
        same_responses: from.digest == to.digest,
        same_map: from == to,
        participants: both.len() as u32,
        only: [before.len() - both.len(), after.len() - both.len()].map(|count| count as u32),
        groups: [from, to].map(|map| map.groups.iter().map(|group| group.size).collect()),
        agreement: agreement(both.iter().map(|&(_, from, to)| (from, to))),
        agreement_all: adjusted_rand(both.iter().map(|&(_, from, to)| (from, to))),
        moved,
        lists: lists(from, to, &matched),
        matched,
    }
}

/// How alike two groupings are: adjusted Rand index over those who are in a group in both.
///
/// A grouping without groups says that all belong together; then so it is counted, over all of the other's.
pub fn agreement(pairs: impl IntoIterator<Item = (Option<u32>, Option<u32>)>) -> f64 {
    adjusted_rand(in_groups(pairs.into_iter().collect()))
}

/// The groups of those whom [`agreement()`] is over.
pub(crate) fn in_groups(pairs: Vec<(Option<u32>, Option<u32>)>) -> Vec<(u32, u32)> {
    let none = [pairs.iter().all(|pair| pair.0.is_none()), pairs.iter().all(|pair| pair.1.is_none())];
    pairs
        .into_iter()
        .filter_map(|(from, to)| Some((if none[0] { 0 } else { from? }, if none[1] { 0 } else { to? })))
        .collect()
}

/// Pairs groups of two maps, those with the most members in common first; each group is in one pair at most.
///
/// Only participants on both maps count. Of the smaller group's members at least half are in both groups, and half of
/// those who would not be by chance alone: of two groups one always has half of any third, and that makes nothing the
/// same.
pub fn matched(from: &Map, to: &Map) -> Vec<Match> {
    let [before, after] = [from, to].map(groups_of);
    let mut shared: BTreeMap<(u32, u32), u32> = BTreeMap::new();
    let mut sizes: [BTreeMap<u32, u32>; 2] = Default::default();
    let mut people = 0;
    for (number, from) in before {
        let Some(&to) = after.get(&number) else { continue };
        people += 1;
        for (sizes, group) in sizes.iter_mut().zip([from, to]) {
            group.into_iter().for_each(|group| *sizes.entry(group).or_default() += 1);
        }
        if let (Some(from), Some(to)) = (from, to) {
            *shared.entry((from, to)).or_default() += 1;
        }
    }
    let size = |of: usize, group: &u32| i64::from(sizes[of].get(group).copied().unwrap_or(0));
    // Times the number of people, so that all are whole.
    let same = |from: &u32, to: &u32, shared: u32| {
        let (from, to, shared) = (size(0, from), size(1, to), i64::from(shared));
        let (smaller, chance) = (from.min(to), from * to);
        2 * shared >= smaller && 2 * (shared * people - chance) >= smaller * people - chance
    };
    let mut pairs: Vec<Match> = shared
        .into_iter()
        .filter(|((from, to), shared)| same(from, to, *shared))
        .map(|((from, to), shared)| Match { from, to, shared })
        .collect();
    pairs.sort_by_key(|pair| (std::cmp::Reverse(pair.shared), pair.from, pair.to));
    let mut taken: Vec<Match> = Vec::new();
    for pair in pairs {
        if taken.iter().all(|other| other.from != pair.from && other.to != pair.to) {
            taken.push(pair);
        }
    }
    taken.sort_by_key(|pair| pair.from);
    taken
}

fn groups_of(map: &Map) -> BTreeMap<u32, Option<u32>> {
    map.participants.iter().map(|participant| (participant.number, participant.group)).collect()
}

fn lists(from: &Map, to: &Map, matched: &[Match]) -> Vec<Changed> {
    let mut changed = Vec::new();
    let mut add = |list, group, before: BTreeSet<Entry>, after: BTreeSet<Entry>| {
        if before != after {
            changed.push(Changed {
                list,
                group,
                kept: before.intersection(&after).count(),
                lost: before.difference(&after).copied().collect(),
                gained: after.difference(&before).copied().collect(),
            });
        }
    };
    let entry = |statement: u32, side: Side| Entry { statement, side, less: false };
    let (Some(before), Some(after)) = (&from.findings, &to.findings) else {
        // What both methods have.
        let consensus = |map: &Map| {
            let agree = map.consensus.agree.iter().map(|common| entry(common.statement, Side::Agree));
            let disagree =
                map.consensus.disagree.iter().map(|common| entry(common.statement, Side::Disagree));
            agree.chain(disagree).collect()
        };
        add(List::CommonGround, None, consensus(from), consensus(to));
        let apart = |map: &Map, id: u32| {
            let groups = map.groups.iter().filter(|group| group.id == id);
            groups.flat_map(|group| &group.representative).map(|one| entry(one.statement, one.side)).collect()
        };
        for &pair in matched {
            add(List::Differences, Some(pair), apart(from, pair.from), apart(to, pair.to));
        }
        return changed;
    };
    let both = [before, after];
    let [before, after] =
        both.map(|all| all.common_ground.iter().map(|common| entry(common.statement, common.side)).collect());
    add(List::CommonGround, None, before, after);
    for &pair in matched {
        let of = |at: usize, id: u32| {
            let differences = both[at].differences.iter().filter(|difference| difference.group == id);
            let less = |difference: &Difference| difference.effect < 0.0;
            differences.map(|one| Entry { less: less(one), ..entry(one.statement, one.side) }).collect()
        };
        add(List::Differences, Some(pair), of(0, pair.from), of(1, pair.to));
    }
    let [before, after] =
        both.map(|all| all.dissent.iter().map(|dissent| entry(dissent.statement, dissent.side)).collect());
    add(List::Dissent, None, before, after);
    let [before, after] =
        both.map(|all| all.slate.statements.iter().map(|&number| entry(number, Side::Agree)).collect());
    add(List::Slate, None, before, after);
    changed
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Flags, Responses, ResponsesBuilder, Value, classic, map};

    /// Two camps, and a little of their own.
    fn camps() -> Responses {
        let mut builder = ResponsesBuilder::new();
        for participant in 0..200u32 {
            for statement in 0..14 {
                let odd = (participant * 7 + statement * 5) % 11 == 0;
                let agree = (participant + statement).is_multiple_of(2) != odd;
                builder.respond(participant, statement, if agree { Value::Agree } else { Value::Disagree });
            }
        }
        builder.build()
    }

    #[test]
    fn a_map_does_not_differ_from_itself() {
        for map in [map::map(&camps(), &Flags::new()), classic::map(&camps(), &Flags::new())] {
            let found = compare(&map, &map);
            assert!(
                found.same_map && found.same_responses && found.moved.is_empty() && found.lists.is_empty()
            );
            assert_eq!((found.agreement, found.agreement_all, found.only), (1.0, 1.0, [0, 0]));
            assert!(!found.matched.is_empty() && found.matched.iter().all(|pair| pair.from == pair.to));
        }
    }

    #[test]
    fn renamed_groups_are_matched_and_movers_named() {
        let before = map::map(&camps(), &Flags::new());
        let mut after = before.clone();
        let last = after.groups.len() as u32 - 1;
        for participant in &mut after.participants {
            participant.group = participant.group.map(|group| last - group);
        }
        let first = after.participants.iter().position(|p| p.group == Some(0)).unwrap();
        let number = after.participants[first].number;
        after.participants[first].group = None;
        after.consensus.agree.clear();
        if let Some(findings) = &mut after.findings {
            findings.slate.statements.truncate(1);
        }
        let found = compare(&before, &after);
        assert!(found.matched.iter().all(|pair| pair.from == last - pair.to));
        assert_eq!(found.moved, [Moved { participant: number, from: Some(last), to: None }]);
        assert_eq!(found.agreement, 1.0);
        assert!(found.agreement_all < 1.0 && !found.same_map && found.same_responses);
        let slate = found.lists.iter().find(|changed| changed.list == List::Slate).unwrap();
        assert_eq!((slate.kept, slate.gained.len()), (1, 0));
    }

    #[test]
    fn what_a_group_does_less_is_not_what_it_does_more() {
        let before = map::map(&camps(), &Flags::new());
        let mut after = before.clone();
        let turned = after.findings.as_mut().and_then(|found| found.differences.first_mut()).unwrap();
        turned.effect = -turned.effect;
        let (statement, side) = (turned.statement, turned.side);
        let found = compare(&before, &after);
        let [changed] = &found.lists[..] else { panic!("{:?}", found.lists) };
        assert_eq!(changed.lost, [Entry { statement, side, less: false }]);
        assert_eq!(changed.gained, [Entry { statement, side, less: true }]);
    }

    #[test]
    fn groups_that_share_few_of_their_members_are_not_the_same() {
        let before = map::map(&camps(), &Flags::new());
        let mut after = before.clone();
        assert_eq!(before.groups.len(), 2);
        // Everybody is dealt anew, whichever of the two groups they were in: camps are odd and even.
        let mut deal = |into: &dyn Fn(usize) -> Option<u32>| {
            (0..).zip(&mut after.participants).for_each(|(at, participant)| participant.group = into(at));
            matched(&before, &after).iter().map(|pair| (pair.from, pair.to)).collect::<Vec<_>>()
        };
        assert_eq!(deal(&|at| Some([7, 7, 8, 8][at % 4])), []);
        assert_eq!(deal(&|at| Some(if at % 20 < 3 { 8 } else { 7 })), []);
        // Nine in ten of one of the old groups, and few of the other.
        let of = before.participants[0].group.unwrap();
        assert_eq!(deal(&|at| (at % 2 == 0 && at % 20 > 0 || at % 20 == 1).then_some(7)), [(of, 7)]);
    }

    #[test]
    fn no_groups_means_all_together() {
        assert_eq!(agreement([(None, Some(0)), (None, Some(1))]), 0.0);
        assert_eq!(agreement([(None, None), (None, None)]), 1.0);
        assert_eq!(agreement([(Some(3), Some(0)), (Some(4), None), (Some(4), Some(1))]), 1.0);
        assert_eq!(agreement([]), 1.0);
    }

    #[test]
    fn methods_can_be_compared() {
        let responses = camps();
        let found = compare(&classic::map(&responses, &Flags::new()), &map::map(&responses, &Flags::new()));
        assert!(found.same_responses && !found.same_map && found.participants == 200);
    }
}
