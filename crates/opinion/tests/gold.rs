//! The real Polis' complete results for three conversations (checks 1 and 2 of `opinion-polis-classic.md`).

#![allow(clippy::unwrap_used, reason = "a test stops where its data is not what it should be")]

use opinion::{Flags, Map, Responses, ResponsesBuilder, Side, Value, classic};
use serde_json::Value as Json;
use std::collections::HashMap;
use std::path::PathBuf;

const FOLDERS: [&str; 3] =
    ["150ptpt-3gp-no-strict-no-meta", "25ptpt-3gp-no-strict-with-meta", "below-100-ptpts"];

struct Gold {
    name: &'static str,
    responses: Responses,
    flags: Flags,
    blob: Json,
    /// By row.
    group_of: Vec<Option<u32>>,
}

fn json(folder: &str, file: &str) -> Json {
    let path = PathBuf::from(option_env!("VECHE_DATA_FOLDER").unwrap_or_default());
    let path = path.join("polis-gold").join(folder).join(file);
    serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap()
}

fn number(json: &Json) -> f64 {
    json.as_f64().or_else(|| json.as_str()?.parse().ok()).unwrap()
}

fn gold(name: &'static str) -> Gold {
    let votes = json(name, "votes.json");
    let comments = json(name, "comments.json");
    let blob = json(name, "math-pca2.json");
    let key = |object: &Json, a: &str, b: &str| number(object.get(a).or(object.get(b)).unwrap());
    let mut events: Vec<(f64, u32, u32, i64)> = votes
        .as_array()
        .unwrap()
        .iter()
        .map(|vote| {
            let participant = key(vote, "pid", "participant_id") as u32;
            let statement = key(vote, "tid", "statement_id") as u32;
            (number(&vote["modified"]), participant, statement, number(&vote["vote"]) as i64)
        })
        .collect();
    events.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut builder = ResponsesBuilder::new();
    for (_, participant, statement, vote) in events {
        builder.respond(participant, statement, Value::from_sign(vote).unwrap());
    }
    let mut flags = Flags::new();
    for comment in comments.as_array().unwrap() {
        let statement = key(comment, "tid", "statement_id") as u32;
        if key(comment, "mod", "moderated") == -1.0 {
            flags.reject(statement);
        }
        if comment["is_meta"] == Json::Bool(true) {
            flags.mark_meta(statement);
        }
    }
    let responses = builder.build();
    let mut group_of_base = HashMap::new();
    for group in blob["group-clusters"].as_array().unwrap() {
        for base in group["members"].as_array().unwrap() {
            group_of_base.insert(base.as_u64().unwrap(), group["id"].as_u64().unwrap() as u32);
        }
    }
    let mut group_of_participant = HashMap::new();
    let bases = &blob["base-clusters"];
    for (id, members) in bases["id"].as_array().unwrap().iter().zip(bases["members"].as_array().unwrap()) {
        for member in members.as_array().unwrap() {
            group_of_participant
                .insert(member.as_u64().unwrap() as u32, group_of_base[&id.as_u64().unwrap()]);
        }
    }
    let group_of = responses.participants().iter().map(|p| group_of_participant.get(p).copied()).collect();
    Gold { name, responses, flags, blob, group_of }
}

fn all() -> impl Iterator<Item = (Gold, Map)> {
    FOLDERS.into_iter().map(|folder| {
        let gold = gold(folder);
        let map = classic::map_with_groups(&gold.responses, &gold.flags, &gold.group_of);
        (gold, map)
    })
}

/// By statement number, in the order of the blob.
fn column(gold: &Gold, list: &Json) -> HashMap<u32, f64> {
    let tids = gold.blob["tids"].as_array().unwrap();
    tids.iter()
        .map(|tid| tid.as_u64().unwrap() as u32)
        .zip(list.as_array().unwrap().iter().map(number))
        .collect()
}

/// The largest relative difference; near 0, absolute.
#[derive(Default)]
struct Worst(f64);

impl Worst {
    fn see(&mut self, found: f64, expected: f64) {
        self.0 = self.0.max((found - expected).abs() / expected.abs().max(1e-3));
    }
}

#[test]
#[cfg_attr(not(veche_data), ignore = "the real data is not here")]
fn numbers_are_those_of_polis() {
    for (gold, map) in all() {
        let mut worst = [const { Worst(0.0) }; 4];
        // The blob's signs are the opposite of ours.
        let center = column(&gold, &gold.blob["pca"]["center"]);
        let extremity = column(&gold, &gold.blob["pca"]["comment-extremity"]);
        let left_out = |statement: &&opinion::Statement| statement.rejected || statement.meta;
        for statement in map.statements.iter().filter(|statement| !left_out(statement)) {
            worst[0].see(statement.mean, -center[&statement.number]);
        }
        for statement in &map.statements {
            let key = statement.number.to_string();
            worst[1].see(statement.extremity, extremity[&statement.number]);
            worst[2].see(statement.gac, number(&gold.blob["group-aware-consensus"][&key]));
            worst[3].see(statement.priority, number(&gold.blob["comment-priorities"][&key]));
        }
        let mut cosines = [0.0; 2];
        for (axis, cosine) in cosines.iter_mut().enumerate() {
            let theirs = column(&gold, &gold.blob["pca"]["comps"][axis]);
            let (mut product, mut length) = (0.0, 0.0);
            for statement in &map.statements {
                let entry = theirs[&statement.number];
                product += entry * statement.loadings[axis];
                length += entry * entry;
            }
            *cosine = (product / f64::sqrt(length)).abs();
        }
        let [center, extremity, gac, priority] = worst.map(|worst| worst.0);
        println!(
            "{}: center {center:.1e}, extremity {extremity:.1e}, gac {gac:.1e}, priority {priority:.1e}, 1-|cos| {:.1e} {:.1e}",
            gold.name,
            1.0 - cosines[0],
            1.0 - cosines[1]
        );
        assert_eq!(map.statements.len(), gold.blob["tids"].as_array().unwrap().len());
        assert!(center < 1e-9 && extremity < 1e-9 && gac < 1e-9 && priority < 1e-9, "{}", gold.name);
        assert!(cosines.iter().all(|cosine| *cosine > 1.0 - 1e-9), "{}", gold.name);
    }
}

#[test]
#[cfg_attr(not(veche_data), ignore = "the real data is not here")]
fn tallies_are_those_of_polis() {
    for (gold, map) in all() {
        for (index, group) in map.groups.iter().enumerate() {
            let theirs = &gold.blob["group-votes"][group.id.to_string()];
            assert_eq!(u64::from(group.size), theirs["n-members"].as_u64().unwrap());
            for statement in &map.statements {
                let votes = &theirs["votes"][statement.number.to_string()];
                let tally = statement.groups[index];
                let found = [tally.agree, tally.disagree, tally.seen].map(u64::from);
                assert_eq!(found.map(Some), ["A", "D", "S"].map(|key| votes[key].as_u64()), "{}", gold.name);
            }
        }
        for participant in &map.participants {
            let theirs = &gold.blob["user-vote-counts"][participant.number.to_string()];
            assert_eq!(theirs.as_u64(), Some(u64::from(participant.responses)));
        }
    }
}

#[test]
#[cfg_attr(not(veche_data), ignore = "the real data is not here")]
fn lists_are_those_of_polis() {
    for (gold, map) in all() {
        let mut worst = Worst::default();
        for group in &map.groups {
            let theirs = gold.blob["repness"][group.id.to_string()].as_array().unwrap();
            let numbers: Vec<u64> = theirs.iter().map(|entry| entry["tid"].as_u64().unwrap()).collect();
            let found: Vec<u64> =
                group.representative.iter().map(|entry| u64::from(entry.statement)).collect();
            assert_eq!(found, numbers, "{} group {}", gold.name, group.id);
            for (ours, theirs) in group.representative.iter().zip(theirs) {
                let side = if ours.side == Side::Agree { "agree" } else { "disagree" };
                assert_eq!(theirs["repful-for"], side);
                assert_eq!(theirs["n-success"].as_u64(), Some(u64::from(ours.count)));
                assert_eq!(theirs["n-trials"].as_u64(), Some(u64::from(ours.seen)));
                assert_eq!(theirs["best-agree"] == Json::Bool(true), ours.best_agree);
                assert_eq!(theirs.get("n-agree").and_then(Json::as_u64), ours.agree.map(u64::from));
                worst.see(ours.share, number(&theirs["p-success"]));
                worst.see(ours.share_test, number(&theirs["p-test"]));
                worst.see(ours.ratio, number(&theirs["repness"]));
                // Polis writes this one in single precision.
                let single = number(&theirs["repness-test"]);
                assert!((ours.ratio_test - single).abs() < 1e-6 * single.abs(), "{}", gold.name);
            }
        }
        for (ours, theirs) in [(&map.consensus.agree, "agree"), (&map.consensus.disagree, "disagree")] {
            let theirs = gold.blob["consensus"][theirs].as_array().unwrap();
            let numbers: Vec<u64> = theirs.iter().map(|entry| entry["tid"].as_u64().unwrap()).collect();
            assert_eq!(ours.iter().map(|entry| u64::from(entry.statement)).collect::<Vec<_>>(), numbers);
            for (ours, theirs) in ours.iter().zip(theirs) {
                assert_eq!(theirs["n-success"].as_u64(), Some(u64::from(ours.count)));
                assert_eq!(theirs["n-trials"].as_u64(), Some(u64::from(ours.seen)));
                worst.see(ours.share, number(&theirs["p-success"]));
                worst.see(ours.share_test, number(&theirs["p-test"]));
            }
        }
        println!("{}: lists equal, statistics within {:.1e}", gold.name, worst.0);
        assert!(worst.0 < 1e-9);
    }
}

/// Base centres are the means of their members' positions here, and each lies nearest to the weighted
/// centre of its own group.
#[test]
#[cfg_attr(not(veche_data), ignore = "the real data is not here")]
fn groups_of_polis_are_a_fixed_point() {
    for (gold, map) in all() {
        let positions: HashMap<u32, [f64; 2]> =
            map.participants.iter().map(|place| (place.number, [place.x, place.y])).collect();
        let bases = &gold.blob["base-clusters"];
        let lists = ["id", "members", "x", "y"].map(|key| bases[key].as_array().unwrap());
        // The axes' signs are arbitrary: take those of the base farthest out.
        let mut signs = [1.0; 2];
        let mut centres = Vec::new();
        for members in lists[1] {
            let members = members.as_array().unwrap();
            let mut sum = [0.0; 2];
            for member in members {
                let position = positions[&(member.as_u64().unwrap() as u32)];
                sum = [sum[0] + position[0], sum[1] + position[1]];
            }
            centres.push(sum.map(|sum| sum / members.len() as f64));
        }
        for axis in 0..2 {
            let farthest = (0..centres.len())
                .max_by(|&a, &b| centres[a][axis].abs().total_cmp(&centres[b][axis].abs()))
                .unwrap();
            signs[axis] = (centres[farthest][axis] * number(&lists[2 + axis][farthest])).signum();
        }
        let mut worst = Worst::default();
        for (at, centre) in centres.iter().enumerate() {
            for axis in 0..2 {
                worst.see(centre[axis] * signs[axis], number(&lists[2 + axis][at]));
            }
        }
        for (id, centre) in lists[0].iter().zip(&centres) {
            let own = gold.blob["group-clusters"]
                .as_array()
                .unwrap()
                .iter()
                .position(|group| group["members"].as_array().unwrap().contains(id));
            let nearest = (0..map.groups.len()).min_by(|&a, &b| {
                let distance = |group: usize| {
                    let group = &map.groups[group];
                    (centre[0] - group.x).hypot(centre[1] - group.y)
                };
                distance(a).total_cmp(&distance(b))
            });
            assert_eq!(nearest, own, "{} base {id}", gold.name);
        }
        println!(
            "{}: {} base centres within {:.1e}, all nearest to their group",
            gold.name,
            centres.len(),
            worst.0
        );
        assert!(worst.0 < 1e-9, "{}: {}", gold.name, worst.0);
    }
}
