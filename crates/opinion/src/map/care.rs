//! Rows of responses that do not look like somebody's considered opinion. Flags, not verdicts.

use crate::responses::{Flags, Responses, SLOTS, Word, with_words};
use crate::shape::{Care, Map, Reason, Statement, Tally};
use crate::simulate::mix;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Responses a row must have before anything is said about it.
const LEAST: usize = 10;

/// A row of one response to everything is flagged where fewer than one in a million would respond so by
/// chance, given how all respond to each statement.
const STRAIGHT: f64 = 1e-6;

/// Share of responses in which nearly identical rows are the same.
const IDENTICAL: f64 = 0.95;

/// A coincidence is suspicious where it would happen once in e to this power.
const COINCIDENCE: f64 = 10.0;

/// People of everybody's opinion who are imagined in each group, where a coincidence is judged.
const OTHERS: f64 = 5.0;

/// Responses of a row that are changed, at most, to count the rows that differ from it in two.
const MOST_CHANGED: usize = 64;

/// Parts a row is cut into to find nearly identical ones: two rows that differ in fewer responses than this
/// are equal in a part.
const PARTS: u64 = 4;

/// Milliseconds between responses that nobody needs less of to read a sentence.
const READING: u64 = 1_000;

/// Participants who respond faster than anybody reads: of at least ten responses, the time between one and the
/// next is under a second in more than half of the cases. `times` in milliseconds, in any order.
pub fn too_fast(times: impl IntoIterator<Item = (u32, u64)>) -> BTreeSet<u32> {
    let mut times: Vec<(u32, u64)> = times.into_iter().collect();
    times.sort_unstable();
    let mut paces: BTreeMap<u32, Pace> = BTreeMap::new();
    for (participant, time) in times {
        paces.entry(participant).or_default().note(time);
    }
    paces.into_iter().filter_map(|(number, pace)| pace.is_too_fast().then_some(number)).collect()
}

/// How fast somebody responds, kept up with every response, in 16 bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pace {
    last: u64,
    responses: u32,
    quick: u32,
}

impl Pace {
    /// They responded at `time`, in milliseconds; times are noted in their order.
    pub fn note(&mut self, time: u64) {
        let quick = self.responses > 0 && time.saturating_sub(self.last) < READING;
        self.quick = self.quick.saturating_add(u32::from(quick));
        self.responses = self.responses.saturating_add(1);
        self.last = time;
    }

    /// Whether that is faster than anybody reads: see [`too_fast`].
    pub fn is_too_fast(self) -> bool {
        self.responses as usize >= LEAST && u64::from(self.quick) * 2 > u64::from(self.responses) - 1
    }
}

/// All flags, by participant's number.
pub(super) fn flagged(
    responses: &Responses,
    flags: &Flags,
    map: &Map,
    too_fast: &BTreeSet<u32>,
) -> Vec<Care> {
    let counts = Counts::new(responses, flags, map);
    let mut found: Vec<Care> = Vec::new();
    for (row, &participant) in responses.participants.iter().enumerate() {
        if is_straight(responses, row, &counts) {
            found.push(Care { participant, reason: Reason::StraightLining, like: None });
        }
        if too_fast.contains(&participant) {
            found.push(Care { participant, reason: Reason::ImpossibleSpeed, like: None });
        }
    }
    found.extend(copies(responses, &counts));
    found.sort_by_key(|care| (care.participant, care.reason));
    found
}

/// How many gave each response, and how many responded to its statement, by slot; zeros for statements left
/// out. Of all, and of each group.
struct Counts {
    all: Vec<[u32; 2]>,
    groups: Vec<Vec<[u32; 2]>>,
    group_of: Vec<Option<u32>>,
}

impl Counts {
    fn new(responses: &Responses, flags: &Flags, map: &Map) -> Counts {
        let of = |tally: &dyn Fn(&Statement) -> Tally| {
            let mut counts = vec![[0; 2]; responses.columns() * SLOTS];
            for (column, statement) in map.statements.iter().enumerate() {
                if !flags.left_out(statement.number) {
                    let tally = tally(statement);
                    for (code, count) in [tally.pass, tally.agree, tally.disagree].into_iter().enumerate() {
                        counts[column * SLOTS + code] = [count, tally.seen];
                    }
                }
            }
            counts
        };
        Counts {
            all: of(&|statement| statement.tally),
            groups: (0..map.groups.len()).map(|group| of(&|statement| statement.groups[group])).collect(),
            group_of: map.participants.iter().map(|participant| participant.group).collect(),
        }
    }

    /// ln of the share that gave a response; 0 for statements left out.
    fn chance(&self, slot: usize) -> f64 {
        let [count, seen] = self.all[slot];
        if seen == 0 { 0.0 } else { libm::log((f64::from(count) + 0.5) / (f64::from(seen) + 1.5)) }
    }

    /// The same among those who are in a group with the participant of `row`, `without` some of those who gave it. Whoever
    /// holds with a camp responds much like others in it; that alone makes nobody a copy. Everybody's share counts as
    /// so many of the group as are [`OTHERS`].
    fn chance_like(&self, row: u32, slot: usize, without: u32) -> f64 {
        let fewer = |of: [u32; 2]| of.map(|number| f64::from(number.saturating_sub(without)));
        if self.all[slot][1] == 0 {
            return 0.0;
        }
        let [count, seen] = fewer(self.all[slot]);
        let share = (count + 0.5) / (seen + 1.5);
        let Some(group) = self.group_of[row as usize] else { return libm::log(share) };
        let [count, seen] = fewer(self.groups[group as usize][slot]);
        libm::log((count + OTHERS * share) / (seen + OTHERS))
    }
}

fn is_straight(responses: &Responses, row: usize, counts: &Counts) -> bool {
    let range = responses.offsets[row]..responses.offsets[row + 1];
    if range.len() < LEAST {
        return false;
    }
    with_words!(responses, words => {
        let words = &words[range];
        let first = words[0].slot() % SLOTS;
        words.iter().all(|word| word.slot() % SLOTS == first)
            && words.iter().map(|word| counts.chance(word.slot())).sum::<f64>() < libm::log(STRAIGHT)
    })
}

/// Rows that are nearly the same as an earlier one, which is the one of the participant with the lowest
/// number; only where two people who respond like others of their group would hardly ever coincide so, or so many not
/// exactly so; and equal ones only where they stand alone: see [`Rows::alone`].
fn copies(responses: &Responses, counts: &Counts) -> Vec<Care> {
    let people = responses.rows().max(1) as f64;
    // One coincidence in e¹⁰ among all pairs.
    let rare = -2.0 * libm::log(people) - COINCIDENCE;
    let rows = Rows::new(responses);
    let mut like: BTreeMap<u32, u32> = BTreeMap::new();
    for equal in rows.keys.chunk_by(|a, b| a.0 == b.0).filter(|equal| equal.len() > 1) {
        let (row, many) = (equal[0].1, equal.len() as u32);
        let chance = rows.chance(row, counts, many);
        if (is_crowd(many, chance, people) || chance < rare) && rows.alone(row) {
            like.extend(equal[1..].iter().map(|&(_, other)| (other, row)));
        }
    }
    for part in 0..PARTS {
        for equal in keys(responses, Some(part)).chunk_by(|a, b| a.0 == b.0) {
            let first = equal[0].1;
            for &(_, row) in &equal[1..] {
                if !like.contains_key(&row) && rows.is_copy(first, row, counts, rare) {
                    like.insert(row, like.get(&first).copied().unwrap_or(first));
                }
            }
        }
    }
    like.into_iter()
        .map(|(row, first)| Care {
            participant: responses.participants[row as usize],
            reason: Reason::NearlyIdentical,
            like: Some(responses.participants[first as usize]),
        })
        .collect()
}

/// [`key`] of every row that is long enough, and the row; equal ones beside each other.
fn keys(responses: &Responses, part: Option<u64>) -> Vec<(u64, u32)> {
    let long = (0..responses.rows()).filter(|&row| responses.row_len(row) >= LEAST);
    let mut keys: Vec<(u64, u32)> = long.map(|row| (key(responses, row, part), row as u32)).collect();
    keys.sort_unstable();
    keys
}

/// A number that is equal for rows with equal responses to the statements of the part, or to all: the sum of one for
/// each response, so that it is known what it would be with another response.
fn key(responses: &Responses, row: usize, part: Option<u64>) -> u64 {
    let range = responses.offsets[row]..responses.offsets[row + 1];
    let mut key = 0u64;
    with_words!(responses, words => for word in &words[range] {
        let slot = word.slot();
        if part.is_none_or(|part| mix(slot as u64 / SLOTS as u64) % PARTS == part) {
            key = key.wrapping_add(mix(slot as u64));
        }
    });
    key
}

/// Whether so many equal rows would hardly ever be among so many people who respond like others of their group: of `n`
/// people there are `n` over `m` times `m` who could be equal, and all but the first must happen to respond as the first
/// does.
fn is_crowd(many: u32, chance: f64, people: f64) -> bool {
    let choices: f64 = (1..=many).map(|m| libm::log((people - f64::from(m - 1)) / f64::from(m))).sum();
    choices + f64::from(many - 1) * chance < -COINCIDENCE
}

/// The rows that are long enough, by what they are.
struct Rows<'a> {
    responses: &'a Responses,
    keys: Vec<(u64, u32)>,
}

impl Rows<'_> {
    fn new(responses: &Responses) -> Rows<'_> {
        Rows { responses, keys: keys(responses, None) }
    }

    fn slots(&self, row: u32) -> Vec<usize> {
        let range = self.responses.offsets[row as usize]..self.responses.offsets[row as usize + 1];
        with_words!(self.responses, words => words[range].iter().map(|word| word.slot()).collect())
    }

    /// How many rows have a key.
    fn with(&self, key: u64) -> u32 {
        let to = |key: (u64, u32)| self.keys.partition_point(|&other| other < key);
        (to((key, u32::MAX)) - to((key, 0))) as u32
    }

    /// ln of how likely somebody responds as the participant of a row does, `without` so many who do.
    fn chance(&self, row: u32, counts: &Counts, without: u32) -> f64 {
        self.slots(row).into_iter().map(|slot| counts.chance_like(row, slot, without)).sum()
    }

    /// Whether the rows that are equal to this one are more than its surroundings explain. Where people hold with a
    /// camp, and depart from it now and then, those who never do, who do once and who do twice are as many as in a
    /// Poisson distribution: n₀ = n₁² ÷ 2 n₂. Copies have hardly any rows near them. Equal rows are to be twice
    /// what that says, with n₁ and n₂ as far off as they may well be by chance.
    fn alone(&self, row: u32) -> bool {
        let slots = self.slots(row);
        let key = key(self.responses, row as usize, None);
        // What the key changes by with each other response to each statement.
        let changes: Vec<[u64; 2]> = slots
            .iter()
            .map(|&slot| {
                let code = slot % SLOTS;
                [1, 2].map(|other| {
                    let other = slot - code + (code + other) % (SLOTS - 1);
                    mix(other as u64).wrapping_sub(mix(slot as u64))
                })
            })
            .collect();
        let one: u32 = changes.iter().flatten().map(|change| self.with(key.wrapping_add(*change))).sum();
        if one == 0 {
            return true;
        }
        let mut two = 0;
        // Of very long rows some pairs of responses stand for all.
        let stride = (changes.len() / MOST_CHANGED).max(1);
        for (at, first) in changes.iter().enumerate().step_by(stride) {
            for second in &changes[at + 1..] {
                for (a, b) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
                    two += self.with(key.wrapping_add(first[a]).wrapping_add(second[b]));
                }
            }
        }
        let (one, two) = (f64::from(one), f64::from(two) * stride as f64);
        let (one, two) = (one + 2.0 * one.sqrt() + 2.0, (two - 2.0 * two.sqrt()).max(1.0));
        f64::from(self.with(key)) > one * one / two
    }

    /// Whether two rows that are not equal are nearly so, and that is no coincidence.
    fn is_copy(&self, first: u32, row: u32, counts: &Counts, rare: f64) -> bool {
        let (one, other) = (self.slots(first), self.slots(row));
        let mut same = 0usize;
        let mut at = 0;
        let mut shared = Vec::new();
        for &slot in &one {
            while at < other.len() && other[at] < slot {
                at += 1;
            }
            if other.get(at) == Some(&slot) {
                same += 1;
                shared.push(slot);
            }
        }
        let longer = one.len().max(other.len());
        if same == longer || (same as f64) < IDENTICAL * longer as f64 {
            return false;
        }
        // A thousand copies must not make what they copy look common.
        let many = self.with(key(self.responses, first as usize, None));
        shared.into_iter().map(|slot| counts.chance_like(first, slot, many)).sum::<f64>() < rare
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_reads_ten_statements_in_five_seconds() {
        let fast = (0..10).map(|at| (7, 1_000_000 + at * 500));
        let slow = (0..10).map(|at| (8, 1_000_000 + at * 2_500));
        let few = (0..9).map(|at| (9, at));
        assert_eq!(too_fast(fast.chain(slow).chain(few)), BTreeSet::from([7]));
    }
}
