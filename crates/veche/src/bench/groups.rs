//! Groups of made-up conversations: whether they are found again when a tenth of the responses is dropped, and whether
//! people are in the groups they are said to be in.

use super::machine::Figures;
use crate::fail::Failed;
use crate::output::Output;
use crate::progress::Bar;
use opinion::evaluate::stability;
use opinion::simulate::{Plan, Spread};
use opinion::{Flags, Map, Responses, map};
use std::collections::BTreeMap;

/// Participants, statements, responses each.
const PLANTED: [[u32; 3]; 6] =
    [[60, 20, 12], [150, 40, 30], [150, 80, 60], [300, 80, 60], [400, 60, 30], [1_500, 100, 30]];
const SPREAD: [[u32; 3]; 3] = [[60, 20, 15], [200, 40, 25], [1_000, 80, 40]];
const DIRECTIONS: [u32; 4] = [0, 1, 2, 4];
/// Noise: many statements, few people.
const SPARSE: [[u32; 3]; 6] =
    [[40, 300, 60], [50, 200, 40], [60, 150, 30], [100, 300, 40], [200, 500, 50], [300, 600, 40]];
const SEEDS: [u64; 3] = [1, 2, 3];

/// Groups that are shown must be found again this well.
const BAR: f64 = 0.85;

/// Memberships of groups with fewer people than this are told apart from the others.
const FEW: u32 = 150;

/// What somebody was said to be in with which probability, and whether they are.
#[derive(Default)]
struct Said {
    people: f64,
    said: f64,
    right: f64,
}

pub fn run(output: Output) -> Result<(), Failed> {
    let planted: Vec<Plan> = (1..=4)
        .flat_map(|groups| PLANTED.map(|case| (groups, case)))
        .flat_map(|(groups, [participants, statements, responses_each])| {
            SEEDS.map(|seed| Plan { participants, statements, responses_each, groups, seed })
        })
        .collect();
    let spread: Vec<Spread> = DIRECTIONS
        .into_iter()
        .flat_map(|directions| SPREAD.map(|case| (directions, case)))
        .flat_map(|(directions, [participants, statements, responses_each])| {
            SEEDS.map(|seed| Spread { participants, statements, responses_each, directions, seed })
        })
        .collect();
    let noise: Vec<Spread> = SPARSE
        .into_iter()
        .flat_map(|[participants, statements, responses_each]| {
            (1..=10).map(move |seed| Spread { participants, statements, responses_each, directions: 0, seed })
        })
        .collect();
    let bar = Bar::new("Groups", (planted.len() + spread.len() + noise.len()) as u64);
    let mut done = 0;
    let mut figures = Figures::new();
    let mut said: [Said; 2] = Default::default();
    let mut indices = |name: &str, all: &mut dyn Iterator<Item = (Responses, Option<Plan>)>| {
        let (mut count, mut shown) = (0, Vec::new());
        for (responses, plan) in all {
            let found = map::map(&responses, &Flags::new());
            if !found.groups.is_empty() {
                shown.push(stability(&responses, |responses| groups_of(&map::map(responses, &Flags::new()))));
                if let Some(plan) = plan.filter(|plan| plan.groups as usize == found.groups.len()) {
                    said[usize::from(plan.participants / plan.groups < FEW)].add(&plan, &found);
                }
            }
            count += 1;
            done += 1;
            bar.set(done);
        }
        let below = shown.iter().filter(|index| **index < BAR).count();
        let mean = shown.iter().sum::<f64>() / shown.len().max(1) as f64;
        figures.add(format!("{name}: conversations"), f64::from(count), "", "");
        figures.add("  that show groups", shown.len() as f64, "", "");
        figures.add("  of these, found again with an index below 0.85", below as f64, "", "0");
        figures.add("  mean index", mean, "", "≥ 0.85");
    };
    indices("planted groups", &mut planted.iter().map(|plan| (plan.responses(), Some(*plan))));
    indices("no groups", &mut spread.iter().map(|spread| (spread.responses(), None)));
    let shown = noise.iter().filter(|noise| {
        done += 1;
        bar.set(done);
        !map::map(&noise.responses(), &Flags::new()).groups.is_empty()
    });
    let shown = shown.count();
    bar.done();
    figures.add(
        "independent people, few of them, many statements: conversations",
        noise.len() as f64,
        "",
        "",
    );
    figures.add("  that show groups", shown as f64, "", "0");
    for (Said { people, said, right }, which) in said.iter().zip(["150 people or more", "fewer"]) {
        figures.add(format!("planted groups of {which} that are all found: people"), *people, "", "");
        figures.add("  likeliest membership, as said", said / people.max(1.0), "", "");
        figures.add("  and how often it is right", right / people.max(1.0), "", "");
    }
    output.result(&figures, || {
        format!(
            "Made-up conversations of 60 to 1,500 people: in one to four planted groups, spread evenly over none to four \
             directions, or with nothing in common. A tenth of the responses is dropped three times.\n{}",
            figures.sentences()
        )
    });
    Ok(())
}

fn groups_of(map: &Map) -> Vec<(u32, Option<u32>)> {
    map.participants.iter().map(|participant| (participant.number, participant.group)).collect()
}

impl Said {
    /// Found groups are those planted that most of their people are in.
    fn add(&mut self, plan: &Plan, found: &Map) {
        let Some(findings) = &found.findings else { return };
        let likeliest: Vec<(u32, usize, f64)> = (found.participants.iter().zip(&findings.places))
            .filter_map(|(participant, place)| {
                let of = place.memberships.as_slice();
                let best = (0..of.len()).max_by(|&a, &b| of[a].total_cmp(&of[b]))?;
                Some((plan.group_of(participant.number), best, f64::from(of[best])))
            })
            .collect();
        let mut together: BTreeMap<(usize, u32), u32> = BTreeMap::new();
        likeliest.iter().for_each(|&(planted, best, _)| *together.entry((best, planted)).or_default() += 1);
        let is = |best: usize| {
            (0..plan.groups)
                .max_by_key(|&planted| together.get(&(best, planted)).copied().unwrap_or_default())
        };
        for &(planted, best, chance) in &likeliest {
            self.people += 1.0;
            self.said += chance;
            self.right += f64::from(u8::from(is(best) == Some(planted)));
        }
    }
}
