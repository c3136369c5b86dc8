//! Rows of responses that do not look like somebody's considered opinion. Flags, not verdicts.

use crate::responses::{Flags, Responses, SLOTS, Word, with_words};
use crate::shape::{Care, Map, Reason};
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
/// out.
struct Counts(Vec<[u32; 2]>);

impl Counts {
    fn new(responses: &Responses, flags: &Flags, map: &Map) -> Counts {
        let mut counts = vec![[0; 2]; responses.columns() * SLOTS];
        for (column, statement) in map.statements.iter().enumerate() {
            if !flags.left_out(statement.number) {
                let tally = statement.tally;
                for (code, count) in [tally.pass, tally.agree, tally.disagree].into_iter().enumerate() {
                    counts[column * SLOTS + code] = [count, tally.seen];
                }
            }
        }
        Counts(counts)
    }

    /// ln of the share that gave a response, `without` some of those who did; 0 for statements left out.
    fn chance(&self, slot: usize, without: u32) -> f64 {
        let [count, seen] = self.0[slot].map(|number| f64::from(number.saturating_sub(without)));
        if self.0[slot][1] == 0 { 0.0 } else { libm::log((count + 0.5) / (seen + 1.5)) }
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
            && words.iter().map(|word| counts.chance(word.slot(), 0)).sum::<f64>() < libm::log(STRAIGHT)
    })
}

/// Rows that are nearly the same as an earlier one, which is the one of the participant with the lowest
/// number; only where two people who respond like everybody would hardly ever coincide so, or so many not exactly so.
fn copies(responses: &Responses, counts: &Counts) -> Vec<Care> {
    let people = responses.rows().max(1) as f64;
    // One coincidence in e¹⁰ among all pairs.
    let rare = -2.0 * libm::log(people) - COINCIDENCE;
    let mut like: BTreeMap<u32, u32> = BTreeMap::new();
    for equal in keys(responses, None).chunk_by(|a, b| a.0 == b.0) {
        if equal.len() > 1 && is_crowd(responses, equal, counts, people) {
            like.extend(equal[1..].iter().map(|&(_, row)| (row, equal[0].1)));
        }
    }
    for part in 0..PARTS {
        for equal in keys(responses, Some(part)).chunk_by(|a, b| a.0 == b.0) {
            let first = equal[0].1;
            // A thousand copies must not make what they copy look common.
            let many = equal.len() as u32;
            for &(_, row) in &equal[1..] {
                let pair = (first as usize, row as usize);
                if !like.contains_key(&row) && is_copy(responses, pair, counts, many, rare) {
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

/// Whether so many equal rows would hardly ever be among so many people who respond like everybody: of `n` people
/// there are `n` over `m` times `m` who could be equal, and all but the first must happen to respond as the first does.
fn is_crowd(responses: &Responses, equal: &[(u64, u32)], counts: &Counts, people: f64) -> bool {
    let many = equal.len() as u32;
    let range = {
        let row = equal[0].1 as usize;
        responses.offsets[row]..responses.offsets[row + 1]
    };
    let chance: f64 = with_words!(responses, words => {
        words[range].iter().map(|word| counts.chance(word.slot(), many)).sum()
    });
    let choices: f64 = (1..=many).map(|m| libm::log((people - f64::from(m - 1)) / f64::from(m))).sum();
    choices + f64::from(many - 1) * chance < -COINCIDENCE
}

/// A number that is equal for rows with equal responses to the statements of the part, or to all.
fn key(responses: &Responses, row: usize, part: Option<u64>) -> u64 {
    let range = responses.offsets[row]..responses.offsets[row + 1];
    let mut key = part.unwrap_or(PARTS);
    with_words!(responses, words => for word in &words[range] {
        let slot = word.slot();
        if part.is_none_or(|part| mix(slot as u64 / SLOTS as u64) % PARTS == part) {
            key = mix(key ^ slot as u64);
        }
    });
    key
}

fn is_copy(
    responses: &Responses,
    (one, other): (usize, usize),
    counts: &Counts,
    many: u32,
    rare: f64,
) -> bool {
    let row = |row: usize| -> Vec<usize> {
        let range = responses.offsets[row]..responses.offsets[row + 1];
        with_words!(responses, words => words[range].iter().map(|word| word.slot()).collect())
    };
    let (one, other) = (row(one), row(other));
    let mut same = 0usize;
    let mut chance = 0.0;
    let mut at = 0;
    for &slot in &one {
        while at < other.len() && other[at] < slot {
            at += 1;
        }
        if other.get(at) == Some(&slot) {
            same += 1;
            chance += counts.chance(slot, many);
        }
    }
    same as f64 >= IDENTICAL * one.len().max(other.len()) as f64 && chance < rare
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
