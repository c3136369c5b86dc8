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
    let said = run(&["opinion", "evaluate", &export]);
    assert!(String::from_utf8_lossy(&said.stdout).contains("statement means"), "{said:?}");
}
