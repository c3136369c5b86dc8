//! Who is shown what: made-up people, by `next_statement` and by the rule of Polis.

use super::machine::Figures;
use crate::fail::Failed;
use crate::output::Output;
use crate::progress::Bar;
use opinion::evaluate::exposure;
use opinion::next::{Tallies, next_statement};
use opinion::simulate::Plan;
use opinion::{Flags, Live, Map, Value, classic};
use std::collections::{BTreeMap, BTreeSet};

const PEOPLE: u32 = 1_500;
const STATEMENTS: u32 = 300;
const SEEDS: [u64; 3] = [1, 2, 3];

/// The map is made anew after so many people.
const REFRESHED: u32 = 100;

/// A statement that is not on the map yet has this priority: Polis' formula with no responses and an extremity of 0.
const NEW: f64 = 5.0625;

pub fn run(output: Output) -> Result<(), Failed> {
    let bar = Bar::new("Routing", 2 * SEEDS.len() as u64);
    let mut done = 0;
    let mut figures = Figures::new();
    for (name, ours) in [("the rule of Polis", false), ("next_statement", true)] {
        let mut sums = [0.0; 3];
        for seed in SEEDS {
            let live = routed(seed, ours);
            let asked: Vec<u32> = (0..STATEMENTS).map(|statement| live.tally(statement).seen).collect();
            let found = exposure(&asked);
            let each = [100.0 * found.under_20, found.median, found.age_correlation];
            sums.iter_mut().zip(each).for_each(|(sum, value)| *sum += value / SEEDS.len() as f64);
            done += 1;
            bar.set(done);
        }
        figures.add(format!("{name}: statements with fewer than 20 responses"), sums[0], "%", "");
        figures.add("  responses to the middle statement", sums[1], "", "");
        figures.add("  rank correlation of youth and responses", sums[2], "", "");
    }
    bar.done();
    output.result(&figures, || {
        format!(
            "{PEOPLE} people respond to 3 to 40 of {STATEMENTS} statements, of which a quarter is there from the start \
             and the rest comes in during the first two thirds; means of {} conversations.\n{}",
            SEEDS.len(),
            figures.sentences()
        )
    });
    Ok(())
}

/// A conversation in which everybody responds to what they are shown.
fn routed(seed: u64, ours: bool) -> Live {
    let plan =
        Plan { participants: PEOPLE, statements: STATEMENTS, responses_each: STATEMENTS, groups: 3, seed };
    let mut live = Live::new();
    let mut last: Option<Map> = None;
    let mut luck = seed;
    let mut next = move || {
        luck = luck.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        luck >> 33
    };
    for person in 0..PEOPLE {
        let there = (STATEMENTS / 4 + STATEMENTS * 3 / 4 * person / (PEOPLE * 2 / 3)).min(STATEMENTS);
        let would: BTreeMap<u32, Value> = plan.row(person).into_iter().collect();
        for _ in 0..3 + next() % 38 {
            let statements = (0..there).map(|statement| (statement, live.tally(statement))).collect();
            let chosen = if ours {
                let tallies = Tallies { active: person, statements };
                next_statement(&tallies, last.as_ref(), live.row(person), next()).map(|shown| shown.statement)
            } else {
                by_priority(&statements, last.as_ref(), live.row(person), next())
            };
            let Some(statement) = chosen else { break };
            live.respond(person, statement, would.get(&statement).copied());
        }
        if person % REFRESHED == REFRESHED - 1 {
            last = Some(if ours {
                live.refresh(&Flags::new(), &BTreeSet::new())
            } else {
                classic::map(&live.responses(), &Flags::new())
            });
        }
    }
    live
}

/// In proportion to the statement's priority on the last map.
fn by_priority(
    statements: &[(u32, opinion::Tally)],
    map: Option<&Map>,
    answered: &[(u32, Value)],
    luck: u64,
) -> Option<u32> {
    let priority = |number: u32| {
        let found = map.and_then(|map| map.statements.iter().find(|statement| statement.number == number));
        found.map_or(NEW, |statement| statement.priority)
    };
    let open: Vec<(u32, f64)> = statements
        .iter()
        .filter(|(number, _)| !answered.iter().any(|(other, _)| other == number))
        .map(|&(number, _)| (number, priority(number)))
        .collect();
    let total: f64 = open.iter().map(|(_, priority)| priority).sum();
    let mut rest = (luck % 1_000_000) as f64 / 1e6 * total;
    for &(number, priority) in &open {
        rest -= priority;
        if rest <= 0.0 {
            return Some(number);
        }
    }
    open.last().map(|&(number, _)| number)
}
