//! Simulates who is shown what, with `next_statement` and with the rule of Polis, and floods of responses.
//!
//! `cargo run --release -p opinion --example route`. Made-up people arrive one after the other and respond to
//! 3 to 40 statements each; statements are added while they do. The map is refreshed after every 100 people.

use opinion::next::{Tallies, next_statement};
use opinion::simulate::Plan;
use opinion::{Flags, Live, Map, ResponsesBuilder, Value, agreement, classic, evaluate, map};
use std::collections::{BTreeMap, BTreeSet};

const PEOPLE: u32 = 1_500;
const STATEMENTS: u32 = 120;

fn main() {
    println!("{PEOPLE} people, {STATEMENTS} statements, a quarter there from the start");
    for seed in 1..=3 {
        for (name, ours) in [("Polis' rule", false), ("next_statement", true)] {
            let live = routed(seed, ours);
            let figures = evaluate::exposure(&live.responses(), &Flags::new());
            println!(
                "seed {seed} {name:15} under 20: {:.1} % of {}, middle {}, age and responses {:.2}",
                100.0
                    * (figures.under_20
                        + f64::from(STATEMENTS - figures.statements as u32) / f64::from(STATEMENTS)),
                figures.statements,
                figures.median,
                figures.age_correlation
            );
        }
    }
    println!("floods: groups (adjusted Rand index of the others), common ground lost or gained");
    for clones in [false, true] {
        for percent in [5, 10, 20] {
            flood(clones, percent);
        }
    }
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
        // Statements come in during the first two thirds.
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
        if person % 100 == 99 {
            last = Some(if ours {
                live.refresh(&Flags::new(), &BTreeSet::new())
            } else {
                classic::map(&live.responses(), &Flags::new())
            });
        }
    }
    live
}

/// Polis: in proportion to the statement's priority on the last map; new statements have 5.0625.
fn by_priority(
    statements: &[(u32, opinion::Tally)],
    map: Option<&Map>,
    answered: &[(u32, Value)],
    luck: u64,
) -> Option<u32> {
    let priority = |number: u32| {
        let found = map.and_then(|map| map.statements.iter().find(|statement| statement.number == number));
        found.map_or(5.0625, |statement| statement.priority)
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

/// How far a flood moves groups and common ground, with and without the flagged.
fn flood(clones: bool, percent: u32) {
    let plan = Plan { participants: 600, statements: 80, responses_each: 40, groups: 2, seed: 11 };
    let build = |flood: u32| {
        let mut builder = ResponsesBuilder::new();
        for person in 0..plan.participants {
            plan.row(person).into_iter().for_each(|(number, value)| builder.respond(person, number, value));
        }
        for person in 0..flood {
            for (number, value) in plan.row(if clones { 0 } else { person }) {
                builder.respond(10_000 + person, number, if clones { value } else { Value::Agree });
            }
        }
        map::map(&builder.build(), &Flags::new())
    };
    let (before, after) = (build(0), build(plan.participants * percent / 100));
    let groups: BTreeMap<u32, u32> =
        before.participants.iter().filter_map(|p| Some((p.number, p.group?))).collect();
    let index = agreement::adjusted_rand(
        after.participants.iter().filter_map(|p| Some((*groups.get(&p.number)?, p.group?))),
    );
    let common = |map: &Map| -> BTreeSet<u32> {
        map.findings
            .iter()
            .flat_map(|findings| &findings.common_ground)
            .map(|common| common.statement)
            .collect()
    };
    let Some(findings) = &after.findings else { return };
    let without: Option<BTreeSet<u32>> = findings
        .without_flagged
        .as_ref()
        .map(|w| w.common_ground.iter().map(|common| common.statement).collect());
    let moved = |to: &BTreeSet<u32>| to.symmetric_difference(&common(&before)).count();
    println!(
        "{percent:2} % {}: {} groups (were {}), index {index:.3}, common ground {} moved {}, without {} flagged moved {:?}",
        if clones { "clones   " } else { "all agree" },
        after.groups.len(),
        before.groups.len(),
        common(&before).len(),
        moved(&common(&after)),
        findings.care.len(),
        without.map(|without| moved(&without)),
    );
}
