//! Floods of rows that are nobody's considered opinion: how far they move groups and common ground, with and without
//! the participants that are flagged.

use crate::fail::Failed;
use crate::output::Output;
use crate::progress::Bar;
use opinion::compare::agreement;
use opinion::simulate::Plan;
use opinion::{Flags, Map, Responses, ResponsesBuilder, Value, classic, map};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

const PEOPLE: u32 = 1_500;
const SEEDS: [u64; 3] = [11, 12, 13];
const PERCENT: [u32; 3] = [5, 10, 20];

/// Numbers of the flood's participants start here.
const FLOOD: u32 = 1_000_000;

#[derive(Serialize)]
struct Flooded {
    flood: &'static str,
    percent: u32,
    /// Means over conversations.
    #[serde(flatten)]
    moved: Moved,
}

/// Groups are compared by the adjusted Rand index over those who are not of the flood.
#[derive(Serialize, Default)]
struct Moved {
    classic_groups: f64,
    groups: f64,
    common_ground: f64,
    flagged: f64,
    wrongly_flagged: f64,
    groups_without: f64,
    common_ground_without: f64,
}

pub fn run(output: Output) -> Result<(), Failed> {
    let cases: Vec<(bool, u32)> =
        [false, true].into_iter().flat_map(|clones| PERCENT.map(|percent| (clones, percent))).collect();
    let bar = Bar::new("Flooding", (cases.len() * SEEDS.len()) as u64);
    let mut table: Vec<Flooded> = cases
        .iter()
        .map(|&(clones, percent)| Flooded {
            flood: if clones { "clones" } else { "all agree" },
            percent,
            moved: Moved::default(),
        })
        .collect();
    let mut done = 0;
    for seed in SEEDS {
        let plan = Plan { participants: PEOPLE, statements: 80, responses_each: 40, groups: 2, seed };
        let calm = flooded(plan, 0, false);
        let before = [classic::map(&calm, &Flags::new()), map::map(&calm, &Flags::new())];
        for (&(clones, percent), line) in cases.iter().zip(&mut table) {
            let responses = flooded(plan, PEOPLE * percent / 100, clones);
            line.moved.add(&before, &responses, percent);
            done += 1;
            bar.set(done);
        }
    }
    bar.done();
    output.result(&table, || sentences(&table));
    Ok(())
}

/// The plan's people, and a flood that copies the first of them or agrees to everything it sees.
fn flooded(plan: Plan, flood: u32, clones: bool) -> Responses {
    let mut builder = ResponsesBuilder::new();
    for person in 0..plan.participants {
        plan.row(person).into_iter().for_each(|(number, value)| builder.respond(person, number, value));
    }
    for person in 0..flood {
        for (number, value) in plan.row(if clones { 0 } else { person }) {
            builder.respond(FLOOD + person, number, if clones { value } else { Value::Agree });
        }
    }
    builder.build()
}

impl Moved {
    fn add(&mut self, [classic_before, before]: &[Map; 2], responses: &Responses, percent: u32) {
        let after = map::map(responses, &Flags::new());
        let flagged: BTreeSet<u32> = (after.findings.iter())
            .flat_map(|findings| findings.care.iter().map(|care| care.participant))
            .collect();
        let rest = responses.filtered(|participant, _, _| !flagged.contains(&participant));
        let without = map::map(&rest, &Flags::new());
        let here = flagged.iter().filter(|&&number| number < FLOOD).count() as f64;
        let flood = (f64::from(PEOPLE * percent) / 100.0).max(1.0);
        let sums = [
            (&mut self.classic_groups, groups(classic_before, &classic::map(responses, &Flags::new()))),
            (&mut self.groups, groups(before, &after)),
            (&mut self.common_ground, common(before, &after)),
            (&mut self.flagged, 100.0 * (flagged.len() as f64 - here) / flood),
            (&mut self.wrongly_flagged, here),
            (&mut self.groups_without, groups(before, &without)),
            (&mut self.common_ground_without, common(before, &without)),
        ];
        sums.into_iter().for_each(|(sum, value)| *sum += value / SEEDS.len() as f64);
    }
}

fn groups(before: &Map, after: &Map) -> f64 {
    let group: BTreeMap<u32, Option<u32>> = before.participants.iter().map(|p| (p.number, p.group)).collect();
    agreement(after.participants.iter().filter_map(|p| Some((*group.get(&p.number)?, p.group))))
}

/// Statements that came to or left the common ground.
fn common(before: &Map, after: &Map) -> f64 {
    let [before, after] = [before, after].map(|map| -> BTreeSet<u32> {
        map.findings
            .iter()
            .flat_map(|found| found.common_ground.iter().map(|common| common.statement))
            .collect()
    });
    before.symmetric_difference(&after).count() as f64
}

fn sentences(table: &[Flooded]) -> String {
    let mut out = format!(
        "{PEOPLE} people in two groups, and a flood of so many more; means of {} conversations. Groups: adjusted Rand \
         index of the people's groups before and after, 1 is unmoved. Common ground: statements that came or left.\n\
         {:<10} {:>5} {:>9} {:>8} {:>8} {:>9} {:>9} {:>10} {:>10}\n",
        SEEDS.len(),
        "flood",
        "%",
        "classic",
        "groups",
        "common",
        "flagged",
        "wrongly",
        "groups w/o",
        "common w/o"
    );
    for Flooded { flood, percent, moved } in table {
        out += &format!(
            "{flood:<10} {percent:>5} {:>9.3} {:>8.3} {:>8.1} {:>7.1} % {:>9.1} {:>10.3} {:>10.1}\n",
            moved.classic_groups,
            moved.groups,
            moved.common_ground,
            moved.flagged,
            moved.wrongly_flagged,
            moved.groups_without,
            moved.common_ground_without
        );
    }
    out
}
