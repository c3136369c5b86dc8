//! Counting responses: of everybody, and of each group.

use super::Grouping;
use crate::chunks::in_chunks;
use crate::responses::{AGREE, DISAGREE, PASS, Responses, SLOTS, Word, with_words};
use crate::shape::Tally;

/// By column.
pub(super) fn overall(responses: &Responses) -> Vec<Tally> {
    let nobody_apart = vec![Some(0); responses.rows()];
    slots(responses, 1, &nobody_apart).chunks_exact(SLOTS).map(tally).collect()
}

/// Responses counted by group and statement, on the raw responses: flags make no difference.
pub(super) struct Tallies {
    /// Participants in each group.
    pub sizes: Vec<u32>,
    columns: usize,
    /// `cells[group * columns + column]`
    cells: Vec<Tally>,
}

impl Tallies {
    pub fn of_groups(responses: &Responses, grouping: &Grouping) -> Tallies {
        let groups = grouping.groups.len();
        let mut sizes = vec![0; groups];
        for &group in grouping.group_of.iter().flatten() {
            sizes[group as usize] += 1;
        }
        let cells =
            slots(responses, groups, &grouping.group_of).chunks_exact(SLOTS).map(tally).collect::<Vec<_>>();
        Tallies { sizes, columns: responses.columns(), cells }
    }

    pub fn groups(&self) -> usize {
        self.sizes.len()
    }

    pub fn get(&self, group: usize, column: usize) -> Tally {
        self.cells[group * self.columns + column]
    }

    /// One statement's tallies, by group.
    pub fn of_statement(&self, column: usize) -> Vec<Tally> {
        (0..self.groups()).map(|group| self.get(group, column)).collect()
    }
}

fn tally(slots: &[u32]) -> Tally {
    let (agree, disagree, pass) = (slots[AGREE], slots[DISAGREE], slots[PASS]);
    Tally { agree, disagree, pass, seen: agree + disagree + pass }
}

/// `[group][column][code]`, flat. Counts fit: there are fewer than 2³² participants.
fn slots(responses: &Responses, groups: usize, group_of: &[Option<u32>]) -> Vec<u32> {
    let width = responses.columns() * SLOTS;
    let parts = in_chunks(responses.rows(), |rows| {
        let mut counts = vec![0u32; groups * width];
        with_words!(responses, words => {
            for row in rows {
                let Some(group) = group_of[row] else { continue };
                let counts = &mut counts[group as usize * width..][..width];
                for word in &words[responses.offsets[row]..responses.offsets[row + 1]] {
                    counts[word.slot()] += 1;
                }
            }
        });
        counts
    });
    sum(parts, groups * width)
}

/// Adds parts of equal length up, in order.
fn sum(parts: Vec<Vec<u32>>, length: usize) -> Vec<u32> {
    let mut parts = parts.into_iter();
    let mut total = parts.next().unwrap_or_else(|| vec![0; length]);
    for part in parts {
        total.iter_mut().zip(part).for_each(|(total, part)| *total += part);
    }
    total
}
