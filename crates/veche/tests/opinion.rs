//! `veche opinion`: exports in, maps, predictions and figures out, without a server.

mod common;

use common::{json, run};
use std::path::Path;

fn write(folder: &Path, name: &str, text: &str) -> String {
    let file = folder.join(name);
    std::fs::write(&file, text).expect("writing");
    file.to_str().expect("a readable path").to_owned()
}

/// Two camps that respond in opposite ways, and a little of their own.
fn camps(folder: &Path, name: &str, people: u32) -> String {
    let mut table = String::from("participant,statement,response\n");
    for participant in 0..people {
        for statement in 0..14u32 {
            let odd = (participant * 7 + statement * 5) % 11 == 0;
            let side = if (participant + statement).is_multiple_of(2) != odd { "agree" } else { "disagree" };
            table += &format!("{participant},{statement},{side}\n");
        }
    }
    write(folder, name, &table)
}

#[test]
fn responses_are_predicted() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut train = String::from("participant,statement,response\n");
    for participant in 0..40u32 {
        for statement in 0..8u32 {
            let side = if (participant + statement).is_multiple_of(2) { "agree" } else { "disagree" };
            if (participant, statement) != (0, 7) && (participant, statement) != (1, 7) {
                train += &format!("{participant},{statement},{side}\n");
            }
        }
    }
    let train = write(folder.path(), "votes.csv", &train);
    let pairs = write(folder.path(), "pairs.csv", "participant,statement\n0,7\n1,7\n99,99\n");
    let predicted = json(&["opinion", "predict", &train, "--pairs", &pairs], 0);
    let agree = |row: usize| predicted[row]["agree"].as_f64().expect("a probability");
    assert!(agree(0) < 0.3 && agree(1) > 0.7, "{predicted}");
    assert!(agree(2) > 0.2 && agree(2) < 0.8, "{predicted}");
    let wrong = write(folder.path(), "wrong.csv", "participant,statement\n0,seven\n");
    let refused = json(&["opinion", "predict", &train, "--pairs", &wrong], 2);
    assert!(refused["error"].as_str().unwrap_or_default().contains("line 2"), "{refused}");
}

#[test]
fn maps_are_compared_whether_printed_or_made() {
    let folder = tempfile::tempdir().expect("a folder");
    let first = camps(folder.path(), "first.csv", 60);
    let second = camps(folder.path(), "second.csv", 64);
    let picture = folder.path().join("map.svg");
    let svg = picture.to_str().expect("a path");
    let map = json(&["opinion", "map", &first, "--svg", svg], 0);
    assert_eq!(
        (map["map"]["method"].as_str(), map["map"]["groups"].as_array().map(Vec::len)),
        (Some("map"), Some(2))
    );
    assert!(std::fs::read_to_string(picture).expect("the picture").starts_with("<svg"));
    let printed = write(folder.path(), "map.json", &map.to_string());
    let bare = write(folder.path(), "bare.json", &map["map"].to_string());
    for other in [&first, &bare] {
        let same = json(&["opinion", "compare", &printed, other], 0);
        assert_eq!(same["same_map"].as_bool(), Some(true), "{same}");
    }
    let found = json(&["opinion", "compare", &printed, &second], 0);
    assert_eq!((found["participants"].as_u64(), found["only"][1].as_u64()), (Some(60), Some(4)), "{found}");
    assert_eq!(found["agreement"].as_f64(), Some(1.0), "{found}");
    let methods = json(&["opinion", "compare", &first, &first, "--other-method", "classic"], 0);
    assert_eq!(methods["same_map"].as_bool(), Some(false));
    let said = run(&["opinion", "compare", &printed, &second]);
    assert!(String::from_utf8_lossy(&said.stdout).contains("60 participants are on both maps"), "{said:?}");
    let broken = json(&["opinion", "compare", &printed, &write(folder.path(), "broken.json", "{")], 2);
    assert!(broken["error"].as_str().is_some_and(|error| error.contains("broken.json")), "{broken}");
}

#[test]
fn both_methods_are_evaluated_side_by_side() {
    let folder = tempfile::tempdir().expect("a folder");
    let export = camps(folder.path(), "camps.csv", 60);
    let found = json(&["opinion", "evaluate", &export], 0);
    let of = |name: &str| {
        let mean = found["mean"].as_array().expect("means");
        let one = mean.iter().find(|one| one["name"].as_str() == Some(name)).expect("a predictor");
        one["log_loss"].as_f64().expect("a number")
    };
    assert!(of("map") < of("statement means"), "{found}");
    let groupings = found["conversations"][0]["groupings"].as_array().expect("methods");
    let stability = groupings.iter().map(|grouping| grouping["stability"].as_f64().expect("a number"));
    assert_eq!(stability.count(), 2);
    for grouping in groupings {
        let share = grouping["compared"].as_f64().expect("a share");
        assert!(share > 0.5 && share <= 1.0, "{grouping}");
        assert!(grouping["stability_all"].as_f64().is_some(), "{grouping}");
        assert!(grouping["found_again"][2]["agreement_all"].as_f64().is_some(), "{grouping}");
    }
    let said = run(&["opinion", "evaluate", &export]);
    let said = String::from_utf8_lossy(&said.stdout);
    assert!(said.contains("statement means"), "{said}");
    assert_eq!(said.matches(" % of people who are in a group both times\n").count(), 2, "{said}");
    assert_eq!(said.matches(") over everybody\n").count(), 2, "{said}");
}

/// An export of three people who read everything and one who cannot have, and two statements nobody was asked about.
fn hasty(folder: &Path) -> String {
    let mut comments =
        String::from("timestamp,datetime,comment-id,author-id,agrees,disagrees,moderated,comment-body\n");
    let mut votes = String::from("timestamp,datetime,comment-id,voter-id,vote\n");
    for statement in 0..14u64 {
        let agrees = if statement < 12 { 4 } else { 0 };
        comments += &format!("1699999999000,-,{statement},0,{agrees},0,1,Statement number {statement}\n");
    }
    for statement in 0..12u64 {
        for (person, pause) in [(0, 4_000), (1, 300), (2, 2_000), (3, 9_000)] {
            votes += &format!("{},-,{statement},{person},1\n", 1_700_000_000_000 + statement * pause);
        }
    }
    write(folder, "comments.csv", &comments);
    write(folder, "votes.csv", &votes);
    folder.to_str().expect("a readable path").to_owned()
}

#[test]
fn what_nobody_was_asked_about_counts() {
    let folder = tempfile::tempdir().expect("a folder");
    let export = hasty(folder.path());
    let map = json(&["opinion", "map", &export], 0);
    assert_eq!(map["exposure"]["statements"], 14, "{map}");
    assert_eq!(map["exposure"]["under_20"], 1.0);
    assert_eq!(map["map"]["statements"].as_array().map(Vec::len), Some(12), "the map is of responses alone");
    let evaluated = json(&["opinion", "evaluate", &export], 0);
    assert_eq!(evaluated["conversations"][0]["exposure"], map["exposure"], "{evaluated}");
    let said = run(&["opinion", "map", &export]);
    let said = String::from_utf8_lossy(&said.stdout);
    assert!(
        said.contains(
            "100 % of 14 statements have fewer than 20.\n  12. \"Statement number 12\"\n      0 responses"
        ),
        "{said}"
    );
}

/// The times of an export tell who responded faster than anybody reads, here as after an import.
#[test]
fn impossible_speed_is_flagged_as_on_a_server() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = tempfile::tempdir().expect("a folder");
    let export = hasty(folder.path());
    json(
        &["import", "polis", &export, "--title", "Hasty?", "--data", data.path().to_str().expect("a path")],
        0,
    );
    let store = store::Store::open(data.path(), &mut |_, _| ()).expect("a store");
    let there: Vec<u32> = {
        let live = store.houses()[0].read();
        let talk = live.state.questions().first().expect("a question").talk();
        talk.too_fast().filter_map(|no| talk.participant(no)?.there()).collect()
    };
    assert_eq!(there, [1]);
    let map = json(&["opinion", "map", &export], 0);
    let care = map["map"]["findings"]["care"].as_array().expect("flags");
    let fast = care.iter().filter(|care| care["reason"] == "impossible_speed");
    let fast: Vec<u64> = fast.map(|care| care["participant"].as_u64().expect("a number")).collect();
    assert_eq!(fast, [1]);
    let said = run(&["opinion", "map", &export]);
    assert!(String::from_utf8_lossy(&said.stdout).contains("  1 responded faster than anybody can read\n"));
}
