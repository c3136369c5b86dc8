//! Real conversations as Polis exported them, and how near the map comes to the groups it published
//! (check 3 of `opinion-polis-classic.md`).

#![allow(clippy::unwrap_used, reason = "a test stops where its data is not what it should be")]

mod common;

use opinion::agreement::adjusted_rand;
use opinion::export::{Conversation, Dialect, Times};
use opinion::{Map, classic};
use std::collections::{BTreeMap, HashMap};

/// Folder, and the least agreement with the published groups; 0 where they cannot be reproduced.
const FOLDERS: [(&str, f64); 8] = [
    ("15-per-hour-seattle", 0.96),
    ("american-assembly.bowling-green", 0.87),
    ("austria-climate.5twd2jsnkf.2022-08-08", 0.96),
    ("brexit-consensus", 0.87),
    ("scoop-hivemind.freshwater", 0.0),
    ("scoop-hivemind.taxes", 0.96),
    ("scoop-hivemind.ubi", 0.0),
    ("vtaiwan.uberx", 0.87),
];

fn all() -> impl Iterator<Item = (&'static str, f64, Conversation)> {
    FOLDERS.into_iter().map(|(name, least)| {
        let files = common::folder(&format!("polis/{name}"));
        (name, least, common::conversation(&files).unwrap_or_else(|refusal| panic!("{name}: {refusal}")))
    })
}

#[test]
#[cfg_attr(not(veche_data), ignore = "the real data is not here")]
fn exports_are_read_with_the_right_sign() {
    for (name, _, conversation) in all() {
        let report = &conversation.report;
        println!("{name}: {report:#?}");
        assert_eq!(
            (report.dialect, report.agree_is, report.sign_assumed),
            (Dialect::Export, 1, false),
            "{name}"
        );
        let times = if name.ends_with("bowling-green") { Times::Unknown } else { Times::Milliseconds };
        assert_eq!(report.times, times, "{name}");
        assert!(!conversation.topic.is_empty() && conversation.statements.iter().all(|s| !s.text.is_empty()));
        assert!(conversation.events.windows(2).all(|pair| pair[0].time() <= pair[1].time()), "{name}");
    }
}

#[test]
#[cfg_attr(not(veche_data), ignore = "the real data is not here")]
fn gold_is_read_with_the_right_sign() {
    for name in ["150ptpt-3gp-no-strict-no-meta", "25ptpt-3gp-no-strict-with-meta", "below-100-ptpts"] {
        let mut files = common::folder(&format!("polis-gold/{name}"));
        for without in ["", "math-pca2.json", "comments.json"] {
            files.retain(|(file, _)| file != without);
            let conversation = common::conversation(&files).unwrap();
            let report = &conversation.report;
            println!("{name} {report:#?}");
            assert_eq!(report.dialect, Dialect::Api);
            assert_eq!((report.agree_is, report.sign_assumed), (1, false), "{name}: {}", report.sign_because);
            assert_eq!(conversation.published_groups.is_empty(), !without.is_empty());
        }
    }
}

/// Whoever responds first to a statement is mostly its author, and agrees.
#[test]
#[cfg_attr(not(veche_data), ignore = "the real data is not here")]
fn responses_alone_tell_their_sign() {
    for (name, _) in FOLDERS {
        let files = common::folder(&format!("polis/{name}"));
        let Some((_, votes)) = files.into_iter().find(|(file, _)| file == "votes.csv") else { continue };
        let votes = String::from_utf8(votes).unwrap().replace("\r\n", "\n");
        let turned = votes.replace(",1\n", ",x\n").replace(",-1\n", ",1\n").replace(",x\n", ",-1\n");
        for (sign, text) in [(1, votes), (-1, turned)] {
            let found = common::conversation(&[("votes.csv".to_owned(), text.into_bytes())]).unwrap().report;
            assert_eq!((found.agree_is, found.sign_assumed), (sign, false), "{name}: {}", found.sign_because);
        }
    }
}

/// Everybody in a group moves to the nearest centre of the published groups; how many stay?
fn reassigned(map: &Map, published: &HashMap<u32, u32>) -> f64 {
    let mut centres: BTreeMap<u32, ([f64; 2], f64)> = BTreeMap::new();
    for participant in &map.participants {
        if let Some(&group) = published.get(&participant.number) {
            let (sum, count) = centres.entry(group).or_default();
            *sum = [sum[0] + participant.x, sum[1] + participant.y];
            *count += 1.0;
        }
    }
    let nearest = |x: f64, y: f64| {
        let distance =
            |(sum, count): &([f64; 2], f64)| (sum[0] / count - x).powi(2) + (sum[1] / count - y).powi(2);
        centres.iter().min_by(|a, b| distance(a.1).total_cmp(&distance(b.1))).map(|(&group, _)| group)
    };
    adjusted_rand(map.participants.iter().filter_map(|participant| {
        Some((*published.get(&participant.number)?, nearest(participant.x, participant.y)?))
    }))
}

#[test]
#[cfg_attr(not(veche_data), ignore = "the real data is not here")]
fn published_groups_are_nearly_a_fixed_point() {
    for (name, least, conversation) in all() {
        let map = classic::map(&conversation.responses(), &conversation.flags());
        let published: HashMap<u32, u32> = conversation.published_groups.iter().copied().collect();
        let fixed = reassigned(&map, &published);
        let found = adjusted_rand(
            map.participants
                .iter()
                .filter_map(|participant| Some((*published.get(&participant.number)?, participant.group?))),
        );
        println!(
            "{name}: ARI {fixed:.4} by nearest published centre; {found:.4} of our own {} groups",
            map.groups.len()
        );
        assert!(fixed >= least, "{name}: {fixed}");
    }
}
