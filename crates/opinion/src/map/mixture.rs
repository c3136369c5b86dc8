//! Latent classes: each participant is taken to belong to one of k groups, and each group to have its own
//! shares of agree, disagree and pass for every statement (Lazarsfeld; fitted by expectation-maximisation).

use super::groups::CLEAR;
use crate::chunks::in_parts;
use crate::responses::{Responses, SLOTS, Word, with_words};
use crate::shape::MOST_GROUPS;

/// How many imagined responses, spread like everybody's, each group has for each statement. They keep groups
/// from being built on what two or three people said.
const IMAGINED: f64 = 4.0;

/// Partial sums over rows, at most.
const PARTS: usize = 16;

/// Rows of responses, each as `column × 4 + code`.
pub(super) trait Rows: Sync {
    fn rows(&self) -> usize;
    /// The row's responses; `scratch` is for those that must make them.
    fn row<'a>(&'a self, row: usize, scratch: &'a mut Vec<u32>) -> &'a [u32];
}

/// All rows of a conversation, without the columns left out.
pub(super) struct All<'a> {
    pub responses: &'a Responses,
    pub left_out: &'a [bool],
}

impl Rows for All<'_> {
    fn rows(&self) -> usize {
        self.responses.rows()
    }

    fn row<'a>(&'a self, row: usize, scratch: &'a mut Vec<u32>) -> &'a [u32] {
        let range = self.responses.offsets[row]..self.responses.offsets[row + 1];
        scratch.clear();
        with_words!(self.responses, words => scratch.extend(
            words[range].iter().map(|word| word.slot()).filter(|slot| !self.left_out[slot / SLOTS])
                .map(|slot| slot as u32)
        ));
        scratch
    }
}

/// Some rows, copied.
#[derive(Clone, Default)]
pub(super) struct Picked {
    slots: Vec<u32>,
    ends: Vec<usize>,
}

impl Picked {
    pub(super) fn push(&mut self, row: impl Iterator<Item = u32>) {
        self.slots.extend(row);
        self.ends.push(self.slots.len());
    }

    pub(super) fn get(&self, row: usize) -> &[u32] {
        let start = if row == 0 { 0 } else { self.ends[row - 1] };
        &self.slots[start..self.ends[row]]
    }
}

impl Rows for Picked {
    fn rows(&self) -> usize {
        self.ends.len()
    }

    fn row<'a>(&'a self, row: usize, _: &'a mut Vec<u32>) -> &'a [u32] {
        self.get(row)
    }
}

/// Probabilities by group; entries beyond the number of groups are 0.
pub(super) type Belonging = [f64; MOST_GROUPS];

/// A number for each group, in whole lanes; those beyond the number of groups are 0. Single precision is
/// enough: a part of two million rows is 125,000 of them, whose counts it holds exactly and whose chances it sums with
/// an error of less than one in a thousand.
type Lanes = [f32; 8];
const _: () = assert!(MOST_GROUPS <= 8);

/// A fitted mixture.
#[derive(Clone)]
pub(super) struct Mixture {
    pub groups: usize,
    /// ln of the groups' sizes.
    sizes: Lanes,
    /// ln of the share of a response in each group, by slot.
    shares: Vec<Lanes>,
    /// How well the rows fitted, before the last improvement.
    pub fit: f64,
    /// How much what somebody said counts for the group they belong to: 1 as if responses within a group had
    /// nothing to do with each other, less where they have.
    weight: f64,
}

impl Mixture {
    /// From a first guess of everybody's group.
    pub(super) fn start(rows: &impl Rows, overall: &[f64], groups: usize, labels: &[u8]) -> Mixture {
        let mut sums = Sums::new(overall.len(), groups);
        let mut scratch = Vec::new();
        for (row, &label) in labels.iter().enumerate().take(rows.rows()) {
            let mut belonging = [0.0; MOST_GROUPS];
            belonging[usize::from(label)] = 1.0;
            sums.add(rows.row(row, &mut scratch), &belonging);
        }
        sums.mixture(overall)
    }

    /// The same groups, with what somebody said counting for so much.
    pub(super) fn weighing(self, weight: f64) -> Mixture {
        Mixture { weight, ..self }
    }

    /// See [`Mixture::weighing`].
    pub(super) fn weight(&self) -> f64 {
        self.weight
    }

    /// The same groups in another order.
    pub(super) fn ordered(&self, order: &[usize]) -> Mixture {
        let moved = |from: &Lanes| {
            let mut to = [0.0; 8];
            to.iter_mut().zip(order).for_each(|(to, &at)| *to = from[at]);
            to
        };
        Mixture { sizes: moved(&self.sizes), shares: self.shares.iter().map(moved).collect(), ..*self }
    }

    /// The same groups for other columns, each with the column it was before; responses in new ones say nothing.
    pub(super) fn over(&self, from: &[Option<usize>]) -> Mixture {
        let shares = from.iter().flat_map(|from| match from {
            Some(column) => self.shares[column * SLOTS..][..SLOTS].to_vec(),
            None => vec![[0.0; 8]; SLOTS],
        });
        Mixture { shares: shares.collect(), ..*self }
    }

    /// One round of expectation and maximisation.
    pub(super) fn improved(&self, rows: &impl Rows, overall: &[f64]) -> Mixture {
        let parts = in_parts(rows.rows(), PARTS, |range| {
            let mut sums = Sums::new(overall.len(), self.groups);
            let mut scratch = Vec::new();
            for row in range {
                let slots = rows.row(row, &mut scratch);
                let (belonging, fit) = self.belonging(slots);
                sums.add(slots, &belonging);
                sums.fit += fit;
            }
            sums
        });
        let mut parts = parts.into_iter();
        let mut sums = parts.next().unwrap_or_else(|| Sums::new(overall.len(), self.groups));
        for part in parts {
            for (sum, more) in
                sums.counts.iter_mut().zip(&part.counts).chain([(&mut sums.sizes, &part.sizes)])
            {
                sum.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
            }
            sums.fit += part.fit;
        }
        sums.mixture(overall)
    }

    /// How likely somebody with these responses belongs to each group, and ln of how likely the responses
    /// are.
    pub(super) fn belonging(&self, slots: &[u32]) -> (Belonging, f64) {
        let mut logs = self.sizes;
        for &slot in slots {
            for (sum, share) in logs.iter_mut().zip(&self.shares[slot as usize]) {
                *sum += share;
            }
        }
        let logs: [f64; 8] = std::array::from_fn(|group| {
            let size = f64::from(self.sizes[group]);
            size + self.weight * (f64::from(logs[group]) - size)
        });
        let most = logs[..self.groups].iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let mut belonging = [0.0; MOST_GROUPS];
        let mut total = 0.0;
        for (chance, log) in belonging.iter_mut().zip(&logs[..self.groups]) {
            *chance = libm::exp(log - most);
            total += *chance;
        }
        belonging.iter_mut().for_each(|chance| *chance /= total);
        (belonging, most + libm::log(total))
    }

    /// The group somebody clearly belongs to: [`CLEAR`] is their probability, and would be if groups were of one size. Of
    /// whom little is known, the size of the largest group alone would say that they belong to it.
    pub(super) fn clear(&self, belonging: &Belonging) -> Option<usize> {
        let group = belonging.iter().position(|&chance| chance >= CLEAR)?;
        let evidence = |at: usize| belonging[at] / libm::exp(f64::from(self.sizes[at]));
        let all: f64 = (0..self.groups).map(evidence).sum();
        (evidence(group) >= CLEAR * all).then_some(group)
    }

    /// How likely each of `hidden` is for somebody who gave the responses `seen`, row after row.
    pub(super) fn foresight(&self, seen: &Picked, hidden: &Picked) -> Vec<f64> {
        let chances: Vec<Belonging> = (self.shares.iter())
            .map(|shares| {
                let mut chances = [0.0; MOST_GROUPS];
                let groups = chances.iter_mut().zip(&shares[..self.groups]);
                groups.for_each(|(chance, share)| *chance = libm::exp(f64::from(*share)));
                chances
            })
            .collect();
        let mut found = Vec::with_capacity(hidden.slots.len());
        for row in 0..seen.rows() {
            let hidden = hidden.get(row);
            if hidden.is_empty() {
                continue;
            }
            let (belonging, _) = self.belonging(seen.get(row));
            found.extend(hidden.iter().map(|slot| -> f64 {
                chances[*slot as usize].iter().zip(&belonging).map(|(share, of)| share * of).sum()
            }));
        }
        found
    }
}

/// Everybody's share of each response, by slot, with half a response imagined for each.
pub(super) fn overall(rows: &impl Rows, columns: usize) -> Vec<f64> {
    let mut shares = vec![0.5; columns * SLOTS];
    let mut scratch = Vec::new();
    for row in 0..rows.rows() {
        rows.row(row, &mut scratch).iter().for_each(|&slot| shares[slot as usize] += 1.0);
    }
    for column in shares.chunks_exact_mut(SLOTS) {
        // The fourth slot stands for nothing.
        column[SLOTS - 1] = 0.0;
        let total: f64 = column.iter().sum();
        column.iter_mut().for_each(|share| *share /= total);
    }
    shares
}

struct Sums {
    groups: usize,
    counts: Vec<Lanes>,
    sizes: Lanes,
    fit: f64,
}

impl Sums {
    fn new(slots: usize, groups: usize) -> Sums {
        Sums { groups, counts: vec![[0.0; 8]; slots], sizes: [0.0; 8], fit: 0.0 }
    }

    fn add(&mut self, slots: &[u32], belonging: &Belonging) {
        let mut lanes = [0.0; 8];
        lanes.iter_mut().zip(belonging).for_each(|(lane, chance)| *lane = *chance as f32);
        let add = |sums: &mut Lanes| sums.iter_mut().zip(&lanes).for_each(|(sum, lane)| *sum += lane);
        add(&mut self.sizes);
        slots.iter().for_each(|&slot| add(&mut self.counts[slot as usize]));
    }

    fn mixture(self, overall: &[f64]) -> Mixture {
        let mut shares = vec![[0.0; 8]; overall.len()];
        let columns = self.counts.chunks_exact(SLOTS).zip(overall.chunks_exact(SLOTS));
        for ((counts, overall), shares) in columns.zip(shares.chunks_exact_mut(SLOTS)) {
            for group in 0..self.groups {
                let total: f64 = counts.iter().map(|counts| f64::from(counts[group])).sum();
                // The last slot is unused.
                for code in 0..SLOTS - 1 {
                    let count = f64::from(counts[code][group]) + IMAGINED * overall[code];
                    shares[code][group] = libm::log(count / (total + IMAGINED)) as f32;
                }
            }
        }
        let people: f64 = self.sizes.iter().copied().map(f64::from).sum::<f64>() + self.groups as f64;
        let mut sizes = [0.0; 8];
        for (size, count) in sizes.iter_mut().zip(&self.sizes[..self.groups]) {
            *size = libm::log((f64::from(*count) + 1.0) / people) as f32;
        }
        Mixture { groups: self.groups, sizes, shares, fit: self.fit, weight: 1.0 }
    }
}
