//! Synthetic conversations for demonstrations and measurements: the same plan gives the same responses
//! everywhere.

use crate::model::logistic;
use crate::responses::{Responses, ResponsesBuilder, Rows, Value};

/// A conversation to make up. Participants belong to latent groups of nearly equal size; each group leans to
/// one side on most statements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    /// How many participants, numbered from 0.
    pub participants: u32,
    /// How many statements, numbered from 0.
    pub statements: u32,
    /// How many different statements each participant responds to; at most all.
    pub responses_each: u32,
    /// How many latent groups; at least 1.
    pub groups: u32,
    /// Different seeds give different conversations.
    pub seed: u64,
}

impl Plan {
    /// The latent group of a participant.
    pub fn group_of(&self, participant: u32) -> u32 {
        (mix(self.seed ^ mix(u64::from(participant))) % u64::from(self.groups.max(1))) as u32
    }

    /// A participant's responses in ascending order of statements.
    pub fn row(&self, participant: u32) -> Vec<(u32, Value)> {
        let mut row = Vec::new();
        self.fill(participant, &self.leanings(), &mut vec![false; self.statements as usize], &mut row);
        row.into_iter().filter_map(|(statement, value)| Some((statement, value?))).collect()
    }

    /// All responses.
    pub fn responses(&self) -> Responses {
        let each = self.responses_each.min(self.statements) as usize;
        let mut rows = Rows::new((0..self.statements).collect(), each * self.participants as usize);
        let leanings = self.leanings();
        let mut chosen = vec![false; self.statements as usize];
        let mut row = Vec::with_capacity(each);
        for participant in 0..self.participants {
            self.fill(participant, &leanings, &mut chosen, &mut row);
            rows.push(participant, &row);
        }
        rows.finish()
    }

    /// By group and statement: chances of agreeing, and of agreeing or disagreeing, out of 256.
    fn leanings(&self) -> Vec<[u8; 2]> {
        let mut leanings = Vec::new();
        for group in 0..u64::from(self.groups.max(1)) {
            for statement in 0..u64::from(self.statements) {
                let common = mix(self.seed.wrapping_mul(31) ^ statement);
                let own = mix(common ^ (group + 1).wrapping_mul(0x5851_f42d_4c95_7f2d));
                // One statement in four divides nobody.
                let bits = if common.is_multiple_of(4) { common } else { own };
                let agree = match (bits >> 8) % 4 {
                    0 => 40,
                    1 => 90,
                    2 => 140,
                    _ => 200,
                };
                let speaks = 208 + ((common >> 32) % 32) as u8;
                leanings.push([(u32::from(speaks) * agree / 256) as u8, speaks]);
            }
        }
        leanings
    }

    /// `chosen` is all false, before and after.
    fn fill(
        &self,
        participant: u32,
        leanings: &[[u8; 2]],
        chosen: &mut [bool],
        row: &mut Vec<(u32, Option<Value>)>,
    ) {
        row.clear();
        let group = self.group_of(participant) as usize;
        let leanings = &leanings[group * chosen.len()..][..chosen.len()];
        let mut state = mix(self.seed.wrapping_add(mix(u64::from(participant) ^ 0xa5a5_a5a5)));
        let total = u64::from(self.statements);
        // Floyd's sampling: every choice of statements is equally likely, with one draw for each.
        for last in total - u64::from(self.responses_each.min(self.statements))..total {
            state = mix(state);
            let drawn = ((state >> 32) * (last + 1)) >> 32;
            let statement = if chosen[drawn as usize] { last } else { drawn } as usize;
            chosen[statement] = true;
            let [agree, speaks] = leanings[statement];
            let luck = (state & 255) as u8;
            let value = match luck {
                luck if luck < agree => Value::Agree,
                luck if luck < speaks => Value::Disagree,
                _ => Value::Pass,
            };
            row.push((statement as u32, Some(value)));
        }
        row.sort_unstable_by_key(|&(statement, _)| statement);
        for &(statement, _) in row.iter() {
            chosen[statement as usize] = false;
        }
    }
}

/// A conversation of people who form no groups: they are spread evenly around the middle of so many directions, and what
/// they say follows from where they stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spread {
    /// How many participants, numbered from 0.
    pub participants: u32,
    /// How many statements, numbered from 0.
    pub statements: u32,
    /// How often each participant responds; a later response to the same statement replaces the earlier one.
    pub responses_each: u32,
    /// In how many directions people differ; with 0 only statements do.
    pub directions: u32,
    /// Different seeds give different conversations.
    pub seed: u64,
}

impl Spread {
    /// Everybody's responses: one in ten passes, the others by the log-odds of agreeing.
    pub fn responses(&self) -> Responses {
        /// How much a step along a direction counts.
        const LOADING: f64 = 1.3;
        let seed = mix(self.seed);
        let directions = u64::from(self.directions);
        // Participant, statement or response; which of them; and what is drawn for it.
        let key = |kind: u64, number: u64, part: u64| mix(mix(mix(seed ^ kind) ^ number) ^ part);
        let mut built = ResponsesBuilder::new();
        for participant in 0..self.participants {
            let place: Vec<f64> =
                (0..directions).map(|part| normal(key(1, u64::from(participant), part))).collect();
            for response in 0..self.responses_each {
                let drawn = key(2, u64::from(participant) << 32 | u64::from(response), 0);
                let statement = drawn % u64::from(self.statements.max(1));
                let odds = place.iter().zip(1..).fold(normal(key(3, statement, 0)), |odds, (place, part)| {
                    odds + LOADING * place * normal(key(3, statement, part))
                });
                let luck = uniform(mix(drawn));
                let value = match luck {
                    luck if luck < 0.1 => Value::Pass,
                    luck if (luck - 0.1) / 0.9 < logistic(odds) => Value::Agree,
                    _ => Value::Disagree,
                };
                built.respond(participant, statement as u32, value);
            }
        }
        built.build()
    }
}

/// Between 0 and 1.
fn uniform(bits: u64) -> f64 {
    (bits >> 11) as f64 / (1u64 << 53) as f64
}

/// Nearly normal: twelve uniform numbers have a variance of 1 together.
fn normal(key: u64) -> f64 {
    (0..12).map(|n| uniform(mix(key ^ n))).sum::<f64>() - 6.0
}

/// The output function of SplitMix64 (Steele, Lea, Flood 2014): every input bit moves every output bit.
pub fn mix(input: u64) -> u64 {
    let mut bits = input.wrapping_add(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_what_was_asked_for_and_repeatable() {
        let plan = Plan { participants: 40, statements: 30, responses_each: 12, groups: 3, seed: 5 };
        let responses = plan.responses();
        assert_eq!(responses, plan.responses());
        assert_eq!(responses.len(), 40 * 12);
        for (row, &participant) in responses.participants().iter().enumerate() {
            assert_eq!(responses.row(row).collect::<Vec<_>>(), plan.row(participant));
        }
        assert_ne!(responses, Plan { seed: 6, ..plan }.responses());
    }

    #[test]
    fn people_who_are_spread_differ_in_as_many_directions_as_asked() {
        let spread = Spread { participants: 200, statements: 20, responses_each: 40, directions: 1, seed: 3 };
        let responses = spread.responses();
        assert_eq!(responses, spread.responses());
        assert_eq!((responses.rows(), responses.columns()), (200, 20));
        // Where people stand in directions, what they say to two statements goes together; otherwise it does not.
        let related = |directions: u32| -> f64 {
            let responses = Spread { directions, ..spread }.responses();
            let columns: Vec<Vec<f64>> = (0..20)
                .map(|statement| {
                    let side = |row: usize| responses.row(row).find(|said| said.0 == statement);
                    let sides = |row| side(row).map_or(0.0, |(_, value)| f64::from(value.sign()));
                    let mean = (0..200).map(sides).sum::<f64>() / 200.0;
                    (0..200).map(|row| sides(row) - mean).collect()
                })
                .collect();
            let product =
                |a: usize, b: usize| columns[a].iter().zip(&columns[b]).map(|(a, b)| a * b).sum::<f64>();
            let pairs = || (0..20).flat_map(|a| (0..a).map(move |b| (a, b)));
            pairs().map(|(a, b)| product(a, b).abs()).sum::<f64>() / 200.0 / pairs().count() as f64
        };
        assert!(related(1) > 2.0 * related(0), "{} {}", related(1), related(0));
    }

    #[test]
    fn more_responses_than_statements_are_all_of_them() {
        let plan = Plan { participants: 2, statements: 3, responses_each: 50, groups: 0, seed: 0 };
        assert_eq!(plan.responses().len(), 6);
        assert_eq!(Plan { participants: 0, ..plan }.responses().len(), 0);
    }
}
