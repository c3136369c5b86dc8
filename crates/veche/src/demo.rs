//! The demonstration: a housing co-operative that we made up, with two questions and simulated
//! participants, labelled as such everywhere.

mod courtyard;
mod heating;

use crate::fail::Failed;
use assembly::question::{Activity, Admits, Open, Step, StepName};
use assembly::talk::{self, Import, ImportedResponse, ImportedStatement, Response};
use assembly::{Command, UnixMs};
use std::path::{Path, PathBuf};
use store::{Founding, House, Store};

const DAY: UnixMs = 24 * 60 * 60 * 1_000;

/// A question of the demonstration.
struct Scene {
    title: &'static str,
    why: &'static str,
    decides: &'static str,
    /// How many simulated participants each opinion group has.
    groups: &'static [u32],
    /// Chance in a hundred that a participant is asked a statement at all.
    asked: u64,
    closes_in_days: u64,
    sayings: &'static [Saying],
}

/// A statement, and what each opinion group makes of it: how many in a hundred agree and how many
/// disagree; the others pass.
struct Saying(&'static str, &'static [(u64, u64)]);

/// Where the demonstration is kept when nobody says: a folder that is not there yet.
pub fn fresh_folder() -> PathBuf {
    let base = std::env::temp_dir();
    (1u32..)
        .map(|n| base.join(if n == 1 { "veche-demo".to_owned() } else { format!("veche-demo-{n}") }))
        .find(|folder| !folder.exists())
        .unwrap_or(base)
}

/// Opens the demonstration in a folder.
///
/// # Errors
///
/// If the folder cannot be used or holds an assembly already.
pub fn prepare(folder: &Path, address: &str) -> Result<Store, Failed> {
    let mut store = Store::open(folder, &mut |_, _| ())?;
    if !store.houses().is_empty() {
        return Err(Failed::new(format!(
            "The folder {} holds an assembly already, and the demonstration wants a fresh one. Look at that one with \
             `veche serve --data {0}`, or name another folder with --data.",
            folder.display()
        )));
    }
    let founding = Founding {
        slug: "lindenhof".into(),
        title: "Lindenhof Housing Co-operative (a demonstration)".into(),
        address: address.into(),
    };
    let house = store.found(founding)?;
    for (scene, seed) in [(&courtyard::SCENE, 11), (&heating::SCENE, 23)] {
        open(&house, scene, seed)?;
    }
    Ok(store)
}

fn open(house: &House, scene: &Scene, seed: u64) -> Result<(), Failed> {
    let now = store::clock();
    let participants: u32 = scene.groups.iter().sum();
    let mut statements = Vec::with_capacity(scene.sayings.len());
    for (place, Saying(words, _)) in (0u64..).zip(scene.sayings) {
        statements.push(ImportedStatement {
            by: Some((mix(seed ^ mix(place)) % u64::from(participants)) as u32),
            text: store::text(*words)?,
            rejected: false,
            meta: false,
            then: Some(now.saturating_sub(6 * DAY) + place * DAY / 8),
            there: None,
        });
    }
    let import = Import {
        open: Open {
            title: store::text(scene.title)?,
            why: Some(store::text(scene.why)?),
            decides: Some(store::text(scene.decides)?),
            admits: Admits::Guests,
            simulated: true,
            steps: vec![Step {
                step: StepName::Talk,
                opens: now,
                closes: Some(now + scene.closes_in_days * DAY),
                activities: vec![Activity::State, Activity::Respond],
            }],
        },
        provenance: None,
        participants: vec![None; participants as usize],
        statements,
        responses: responses(scene, seed),
    };
    house.command(Command::Talk(talk::Command::Import(Box::new(import))))?;
    crate::publish::newest(house)
}

/// What the simulated participants say, one participant after the other.
fn responses(scene: &Scene, seed: u64) -> Vec<ImportedResponse> {
    let group_of = |participant: u32| {
        let mut last = 0;
        scene.groups.iter().position(|size| {
            last += size;
            participant < last
        })
    };
    let people: u32 = scene.groups.iter().sum();
    let mut responses = Vec::new();
    for turn in 0..people {
        // Groups are mixed in the order of arrival, as people are. 37 has no factor in common with
        // any number of participants here, so everybody comes once.
        let group = group_of((turn * 37) % people);
        for (statement, Saying(_, leanings)) in (0u32..).zip(scene.sayings) {
            let die =
                |which: u64| mix(seed ^ mix(u64::from(turn) << 20 | u64::from(statement) << 4 | which)) % 100;
            let Some((agree, disagree)) = group.and_then(|group| leanings.get(group)) else { continue };
            if die(1) >= scene.asked {
                continue;
            }
            let response = match die(2) {
                die if die < *agree => Response::Agree,
                die if die < agree + disagree => Response::Disagree,
                _ => Response::Pass,
            };
            responses.push(ImportedResponse { participant: turn, statement, response, then: None });
        }
    }
    responses
}

/// SplitMix64's mixer (Steele, Lea, Flood 2014): the demonstration is the same every time.
fn mix(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}
