//! Which statement to show somebody next.
//!
//! A pure function of tallies, the last map, the person's responses and a seed. How likely each statement is
//! follows from everything but the seed, so that the log of what was shown can be checked by anybody.
//!
//! 1. **Exposure.** Every statement is to be seen by max(20, 5 % of those active), and by each group in
//!    proportion. While any is below, four in five showings go to those, each in proportion to what it lacks.
//! 2. **Information.** Otherwise statements whose answer says most about where the person stands.
//! 3. **Close calls.** Statements of which it is open whether they are common ground.
//!
//! Liking a statement and disliking it are treated alike by the first two. The second asks for what people are
//! divided on: a statement on which all take one side, whichever it is, counts for less by that, at most five
//! times. The third asks about agreement, because common ground does. How many have seen a statement makes it less
//! likely to be shown.

use crate::responses::Value;
use crate::shape::{Map, Statement, Tally};
use crate::simulate::mix;

/// Changes whenever the same record could give another likelihood.
pub const VERSION: u32 = 2;

/// Responses every statement is to have, at least; and one in how many of those active.
pub const FLOOR: u32 = 20;
/// See [`FLOOR`].
pub const FLOOR_SHARE: u32 = 20;

/// How showings are divided: exposure, information, close calls; while statements are below the floor, and
/// when none is.
const BELOW: [f64; 3] = [0.8, 0.15, 0.05];
const ABOVE: [f64; 3] = [0.0, 0.7, 0.3];
/// The least that the spread of answers, share·(1 − share), counts for: a fifth of the most, which is a quarter.
const LEAST_SPREAD: f64 = 0.05;

/// Statements that may be shown.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tallies {
    /// How many participants take part.
    pub active: u32,
    /// Every statement that may be shown, with all its responses so far.
    pub statements: Vec<(u32, Tally)>,
}

/// A statement that may be shown.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shown {
    /// The statement's number.
    pub statement: u32,
    /// How likely it is to be chosen, given everything but the seed, 0..=1.
    pub probability: f64,
}

/// The statement to show next; nothing where the person has responded to all.
///
/// `map` is the last one, of either method, if there is one; of statements that are not on it, groups saw what their
/// sizes make likely.
pub fn next_statement(
    tallies: &Tallies,
    map: Option<&Map>,
    answers: &[(u32, Value)],
    seed: u64,
) -> Option<Shown> {
    // A race of exponential clocks: each statement has luck of its own, so that with the same seed the choice
    // stays while the others' probabilities move a little.
    let time = |shown: &Shown| {
        let luck = ((mix(seed ^ mix(u64::from(shown.statement))) >> 11) as f64 + 0.5) / (1u64 << 53) as f64;
        -libm::log(luck) / shown.probability
    };
    let racing = likelihoods(tallies, map, answers)
        .into_iter()
        .filter(|shown| shown.probability > 0.0)
        .map(|shown| (time(&shown), shown));
    racing.reduce(|first, other| if other.0 < first.0 { other } else { first }).map(|(_, shown)| shown)
}

/// How likely each statement is to be shown next to which the person has not responded, by number. They add up to 1.
pub fn likelihoods(tallies: &Tallies, map: Option<&Map>, answers: &[(u32, Value)]) -> Vec<Shown> {
    let answered: std::collections::HashSet<u32> = answers.iter().map(|&(statement, _)| statement).collect();
    let mut open: Vec<(u32, Tally)> = tallies.statements.clone();
    open.retain(|(statement, _)| !answered.contains(statement));
    open.sort_unstable_by_key(|&(statement, _)| statement);
    let floor = f64::from(FLOOR.max(tallies.active.div_ceil(FLOOR_SHARE)));
    let groups = Groups::new(map, answers);
    let weights: Vec<[f64; 3]> =
        open.iter().map(|&(number, tally)| groups.weights(number, tally, floor)).collect();
    let mut sums = [0.0; 3];
    for weights in &weights {
        sums.iter_mut().zip(weights).for_each(|(sum, weight)| *sum += weight);
    }
    let mut parts = if sums[0] > 0.0 { BELOW } else { ABOVE };
    // A purpose that no statement serves leaves its part to information, which every statement serves.
    for purpose in [0, 2] {
        if sums[purpose] <= 0.0 {
            parts[1] += parts[purpose];
            parts[purpose] = 0.0;
        }
    }
    let probability = |weights: &[f64; 3]| {
        (0..3).filter(|&part| parts[part] > 0.0).map(|part| parts[part] * weights[part] / sums[part]).sum()
    };
    (open.iter().zip(&weights))
        .map(|(&(statement, _), weights)| Shown { statement, probability: probability(weights) })
        .collect()
}

/// The groups of the map, and how likely the person belongs to each.
struct Groups<'a> {
    map: Option<&'a Map>,
    of: Vec<f64>,
}

impl<'a> Groups<'a> {
    fn new(map: Option<&'a Map>, answers: &[(u32, Value)]) -> Groups<'a> {
        let mut groups = Groups { map, of: Vec::new() };
        let Some(map) = map else { return groups };
        let people: u32 = map.groups.iter().map(|group| group.size).sum();
        let mut logs: Vec<f64> = map
            .groups
            .iter()
            .map(|group| libm::log((f64::from(group.size) + 1.0) / (f64::from(people) + 1.0)))
            .collect();
        // A sum depends on the order of its numbers; what is shown must not.
        let mut answers = answers.to_vec();
        answers.sort_unstable();
        for (statement, value) in answers {
            let Some(statement) = groups.statement(statement) else { continue };
            for (log, tally) in logs.iter_mut().zip(&statement.groups) {
                let count = match value {
                    Value::Agree => tally.agree,
                    Value::Disagree => tally.disagree,
                    Value::Pass => tally.pass,
                };
                *log += libm::log((f64::from(count) + 1.0) / (f64::from(tally.seen) + 3.0));
            }
        }
        let most = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let chances: Vec<f64> = logs.iter().map(|log| libm::exp(log - most)).collect();
        let total: f64 = chances.iter().sum();
        groups.of = chances.iter().map(|chance| chance / total).collect();
        groups
    }

    fn statement(&self, number: u32) -> Option<&'a Statement> {
        self.map?.statement(number)
    }

    /// What a statement weighs for each of the three purposes.
    fn weights(&self, number: u32, tally: Tally, floor: f64) -> [f64; 3] {
        let statement = self.statement(number);
        // Shown more often than needed, a statement makes room for others.
        let room = 1.0 / (1.0 + f64::from(tally.seen) / floor);
        let room = room * room;
        let share = self.share(statement, tally);
        let spread = (share * (1.0 - share)).max(LEAST_SPREAD);
        let extremity = statement.map_or(1.0, |statement| statement.extremity * statement.extremity);
        [
            self.missing(statement, tally, floor),
            room * spread * (0.1 + extremity),
            room * self.open_call(statement, tally),
        ]
    }

    /// How far below the floor a statement is, 0..=1: among all, or in the groups the person may belong to. Who
    /// responded since the map is taken to belong to groups as everybody does, in proportion to their sizes.
    fn missing(&self, statement: Option<&Statement>, tally: Tally, floor: f64) -> f64 {
        let below = |seen: f64, floor: f64| (1.0 - seen / floor).max(0.0);
        let mut in_groups = 0.0;
        if let Some(map) = self.map {
            let people: u32 = map.groups.iter().map(|group| group.size).sum();
            let since = tally.seen.saturating_sub(statement.map_or(0, |statement| statement.tally.seen));
            for (place, (group, of)) in map.groups.iter().zip(&self.of).enumerate() {
                let part = f64::from(group.size) / f64::from(people.max(1));
                let then = statement.and_then(|statement| statement.groups.get(place));
                let seen = f64::from(then.map_or(0, |tally| tally.seen)) + f64::from(since) * part;
                in_groups += of * below(seen, (floor * part).max(1.0));
            }
        }
        below(f64::from(tally.seen), floor).max(in_groups)
    }

    /// How likely the person agrees, roughly.
    fn share(&self, statement: Option<&Statement>, tally: Tally) -> f64 {
        let smooth =
            |tally: Tally| (f64::from(tally.agree) + 1.0) / (f64::from(tally.agree + tally.disagree) + 2.0);
        match statement {
            Some(statement) if !self.of.is_empty() => {
                self.of.iter().zip(&statement.groups).map(|(of, &tally)| of * smooth(tally)).sum()
            }
            _ => smooth(tally),
        }
    }

    /// How open it is whether more than half of every group agree: the width of the interval around one half
    /// in the group where agreement is lowest; 0 where that is settled.
    fn open_call(&self, statement: Option<&Statement>, tally: Tally) -> f64 {
        let tallies =
            statement.map(|statement| statement.groups.as_slice()).filter(|groups| !groups.is_empty());
        let lowest = (tallies.unwrap_or(&[tally]).iter())
            .map(|tally| crate::map::share(tally.agree, tally.seen))
            .min_by(|a, b| a.low.total_cmp(&b.low));
        lowest.filter(|share| share.low < 0.5 && share.high > 0.5).map_or(0.0, |share| share.high - share.low)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Flags, simulate::Plan};

    fn tallies(seen: &[u32]) -> Tallies {
        let statements = seen.iter().enumerate().map(|(number, &seen)| {
            let agree = seen / 2;
            (number as u32, Tally { agree, disagree: seen - agree, pass: 0, seen })
        });
        Tallies { active: 100, statements: statements.collect() }
    }

    #[test]
    fn probabilities_add_up_and_are_those_of_the_draw() {
        let plan = Plan { participants: 300, statements: 12, responses_each: 9, groups: 2, seed: 4 };
        let map = crate::map::map(&plan.responses(), &Flags::new());
        let tallies = tallies(&[0, 3, 19, 20, 40, 400, 7, 9, 100, 0, 22, 30, 5]);
        let answers = [(0, Value::Agree), (8, Value::Pass)];
        for map in [None, Some(&map)] {
            let mut drawn = [0u32; 13];
            let mut said = [0.0; 13];
            for seed in 0..20_000 {
                let Some(shown) = next_statement(&tallies, map, &answers, seed) else {
                    panic!("eleven are left")
                };
                drawn[shown.statement as usize] += 1;
                said[shown.statement as usize] = shown.probability;
            }
            // One that is unlikely enough may not have been drawn.
            let all: Vec<f64> =
                likelihoods(&tallies, map, &answers).iter().map(|shown| shown.probability).collect();
            assert!((all.iter().sum::<f64>() - 1.0).abs() < 1e-9 && all.iter().all(|&chance| chance > 0.0));
            for (drawn, said) in drawn.iter().zip(said) {
                assert!((f64::from(*drawn) / 20_000.0 - said).abs() < 0.015, "{drawn} {said}");
            }
            assert_eq!((drawn[0], drawn[8]), (0, 0), "answered");
            assert!(said[9] > said[3] && said[6] > said[3], "below the floor first");
        }
    }

    #[test]
    fn what_came_since_the_map_counts_for_its_groups() {
        let plan = Plan { participants: 900, statements: 60, responses_each: 40, groups: 3, seed: 5 };
        let map = crate::map::map(&plan.responses(), &Flags::new());
        assert!(map.groups.len() > 1 && map.statements.len() == 60);
        // The floor is 5,000; one statement is below it, and the last is newer than the map.
        let mut seen = [6_000; 61];
        seen[7] = 4_000;
        let tallies = Tallies { active: 100_000, ..tallies(&seen) };
        let likely = likelihoods(&tallies, Some(&map), &[]);
        for Shown { statement, probability } in likely {
            assert_eq!(probability > 0.8, statement == 7, "statement {statement}: {probability}");
        }
    }

    #[test]
    fn liking_and_disliking_are_alike_and_unanimity_costs_no_more_than_a_factor_of_five() {
        let tally = |agree, disagree| Tally { agree, disagree, pass: 0, seen: 2_000 };
        let statements = vec![(1, tally(2_000, 0)), (2, tally(0, 2_000)), (3, tally(1_000, 1_000))];
        let likely = likelihoods(&Tallies { active: 100, statements }, None, &[]);
        let [liked, disliked, divided] = [0, 1, 2].map(|place| likely[place].probability);
        assert!((liked - disliked).abs() < 1e-12 && liked > 0.0, "{liked} {disliked}");
        // The divided one alone is a close call.
        let ratio = (divided - ABOVE[2]) / liked;
        assert!((ratio - 5.0).abs() < 1e-3, "{ratio}");
    }

    #[test]
    fn the_same_seed_stays_with_its_statement() {
        let before = tallies(&[30, 33, 29, 40, 25, 61, 37, 28]);
        let mut after = before.clone();
        after.statements[3].1.seen += 1;
        after.statements[3].1.agree += 1;
        let stayed = (0..1_000)
            .filter(|&seed| {
                next_statement(&before, None, &[], seed) == next_statement(&before, None, &[], seed)
            })
            .filter(|&seed| {
                let of = |tallies| next_statement(tallies, None, &[], seed).map(|shown| shown.statement);
                of(&before) == of(&after)
            })
            .count();
        assert!(stayed > 980, "{stayed} of 1,000 stay with one response more");
    }

    #[test]
    fn nothing_left_nothing_shown() {
        assert_eq!(next_statement(&tallies(&[4]), None, &[(0, Value::Pass)], 1), None);
        assert_eq!(next_statement(&Tallies::default(), None, &[], 1), None);
    }
}
