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
    assert_eq!([0, 1, 2].map(|row| predicted[row]["known"].as_bool()), [Some(true), Some(true), Some(false)]);
    let said = run(&["opinion", "predict", &train, "--pairs", &pairs]);
    assert!(
        errors(&said).contains("1 of 3 pairs names people or statements without responses in "),
        "{said:?}"
    );
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
fn what_the_groups_no_longer_hold_is_told_with_its_direction() {
    let folder = tempfile::tempdir().expect("a folder");
    let map = json(&["opinion", "map", &camps(folder.path(), "camps.csv", 60)], 0);
    let first = write(folder.path(), "first.json", &map.to_string());
    let mut turned = map.clone();
    let difference = &mut turned["map"]["findings"]["differences"][0];
    difference["effect"] = serde_json::json!(-0.5);
    let (statement, side) = (difference["statement"].clone(), difference["side"].clone());
    let second = write(folder.path(), "second.json", &turned.to_string());
    let said = run(&["opinion", "compare", &first, &second]);
    let text = String::from_utf8_lossy(&said.stdout).into_owned();
    let side = side.as_str().expect("a side");
    assert!(
        text.contains(&format!("  lost: {statement} ({side})\n  gained: {statement} ({side}s less)\n")),
        "{text}"
    );
}

#[test]
fn statements_are_compared_with_their_texts_and_strangers_are_not_matched() {
    let folder = tempfile::tempdir().expect("a folder");
    let export = folder.path().join("export");
    std::fs::create_dir(&export).expect("a folder");
    common::write_export(&export, 40);
    let export = export.to_str().expect("a path");
    let said = run(&["opinion", "compare", export, &camps(folder.path(), "camps.csv", 40)]);
    let text = String::from_utf8_lossy(&said.stdout).into_owned();
    assert!(text.contains("  lost: 4 (agree) \"Statement 4, \"quoted\", on two lines: 五號\"\n"), "{text}");
    // Camps of people in fours, and camps of people who are odd or even: they have nothing to do with each other.
    let mut table = String::from("participant,statement,response\n");
    for (participant, statement) in
        (0..60u32).flat_map(|participant| (0..14).map(move |one| (participant, one)))
    {
        let agree = (participant / 2 + statement) % 2 == 0;
        table += &format!("{participant},{statement},{}\n", if agree { "agree" } else { "disagree" });
    }
    let strangers = write(folder.path(), "strangers.csv", &table);
    let said = run(&["opinion", "compare", &camps(folder.path(), "camps.csv", 60), &strangers]);
    let text = String::from_utf8_lossy(&said.stdout).into_owned();
    assert!(text.contains("No group of the first corresponds to one of the second"), "{text}");
    assert!(!text.contains(" of the first is "), "{text}");
}

fn errors(output: &std::process::Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Where nothing tells which number means agree, every command says that it only assumes it, unless it is told.
#[test]
fn an_assumed_sign_is_never_silent() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut votes = String::from("timestamp,comment-id,voter-id,vote\n");
    for (participant, statement) in
        (0..8u32).flat_map(|participant| (0..4).map(move |one| (participant, one)))
    {
        votes += &format!("1730000000,{statement},{participant},{}\n", if participant == 3 { 1 } else { -1 });
    }
    let export = write(folder.path(), "votes.csv", &votes);
    let pairs = write(folder.path(), "pairs.csv", "participant,statement\n0,0\n");
    let data = folder.path().join("data");
    let commands: [&[&str]; 5] = [
        &["opinion", "map", &export],
        &["opinion", "predict", &export, "--pairs", &pairs],
        &["opinion", "compare", &export, &export],
        &["opinion", "evaluate", &export],
        &["import", "polis", &export, "--data", data.to_str().expect("a path")],
    ];
    for command in commands {
        let warned = run(command);
        assert!(
            warned.status.success() && errors(&warned).contains("That 1 means agree is only assumed"),
            "{warned:?}"
        );
        let told = run(&[command, &["--agree-is", "-1"]].concat());
        assert!(told.status.success() && !errors(&told).contains("assumed"), "{told:?}");
    }
    let text = |more: &[&str]| {
        String::from_utf8(run(&[&["opinion", "map", &export], more].concat()).stdout).expect("text")
    };
    let how = "\nHow this was read\n-----------------\nRead as: Polis report export, ";
    assert!(
        text(&[]).contains(&format!("{how}+1 is agree (assumed), times in seconds. Assumed: ")),
        "{}",
        text(&[])
    );
    assert!(text(&["--agree-is", "-1"]).contains(&format!("{how}-1 is agree, times in seconds. Given ")));
    let tally = |more: &[&str]| {
        json(&[&["opinion", "map", &export], more].concat(), 0)["map"]["statements"][0]["tally"]["agree"]
            .as_u64()
    };
    assert_eq!(
        (tally(&[]), tally(&["--agree-is", "1"]), tally(&["--agree-is=-1"])),
        (Some(1), Some(1), Some(7))
    );
    assert!(errors(&run(&["opinion", "map", &export, "--agree-is", "0"])).contains("it can only be 1 or -1"));
}

#[test]
fn one_of_a_kind_is_not_told_in_the_plural_and_nothing_hidden_is_no_figure() {
    let folder = tempfile::tempdir().expect("a folder");
    let tiny = write(folder.path(), "tiny.csv", "participant,statement,response\n1,1,agree\n");
    let text = |command: &str| String::from_utf8(run(&["opinion", command, &tiny]).stdout).expect("text");
    let map = text("map");
    assert!(
        map.contains(
            "Half of the statements have 1 response or more; 100 % of 1 statement has fewer than 20.\n"
        ),
        "{map}"
    );
    let evaluated = text("evaluate");
    assert!(evaluated.contains(": 1 participant, 1 statement, 1 response, 0 hidden\n"), "{evaluated}");
    assert!(evaluated.contains("Mean:\n  predictions: – (nothing could be hidden: "), "{evaluated}");
    assert!(!evaluated.contains("0.0000") && !evaluated.contains("-0.0"), "{evaluated}");
}

#[test]
fn one_bad_export_is_named_and_the_others_are_evaluated() {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in [("bad", "timestamp,comment-id,voter-id,vote\n1,2\n"), ("worse", "")] {
        let export = folder.path().join("all").join(name);
        std::fs::create_dir_all(&export).expect("a folder");
        write(&export, "votes.csv", text);
    }
    let all = folder.path().join("all");
    let [bad, worse] = ["bad", "worse"].map(|name| format!("{}: votes.csv", all.join(name).display()));
    let nothing = json(&["opinion", "evaluate", all.to_str().expect("a path")], 2);
    let sentence = nothing["error"].as_str().unwrap_or_default();
    assert!(sentence.contains(&bad) && sentence.contains(&worse), "{sentence}");
    let good = camps(folder.path(), "camps.csv", 30);
    let said = run(&["--json", "opinion", "evaluate", &good, all.to_str().expect("a path")]);
    assert_eq!(said.status.code(), Some(2));
    assert!(
        errors(&said).contains(&format!("{bad}, line 2: ")) && errors(&said).contains(&worse),
        "{said:?}"
    );
    let found: serde_json::Value = serde_json::from_slice(&said.stdout).expect("JSON");
    assert_eq!(found["conversations"].as_array().map(Vec::len), Some(1));
}

/// `/dev/full` is a disk without room.
#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_is_noticed() {
    let folder = tempfile::tempdir().expect("a folder");
    let export = camps(folder.path(), "camps.csv", 20);
    let ballots = write(folder.path(), "a.blt", "2 1\n3 1 0\n1 2 0\n0\n\"Ada\"\n\"Ben\"\n\"Made up\"\n");
    let full = || std::fs::File::options().write(true).open("/dev/full").expect("a full disk");
    let commands: [&[&str]; 7] = [
        &["--json", "opinion", "map", &export],
        &["opinion", "map", &export],
        &["--json", "opinion", "map", "nowhere"],
        &["count", &ballots],
        &["--help"],
        &["count", "--help"],
        &["--version"],
    ];
    for command in commands {
        let ended = common::veche(command).stdout(full()).output().expect("an end");
        assert_eq!(ended.status.code(), Some(2), "{command:?}");
        let expected = "veche: Writing to standard output failed: No space left on device (os error 28); what is there is incomplete.\n";
        assert_eq!(errors(&ended), expected, "{command:?}");
    }
    let commands: [&[&str]; 2] =
        [&["opinion", "map", &export, "--svg", "/dev/full"], &["count", &ballots, "--html", "/dev/full"]];
    for command in commands {
        let ended = run(command);
        assert_eq!(ended.status.code(), Some(2), "{command:?}");
        assert!(errors(&ended).contains("Writing /dev/full failed: "), "{ended:?}");
    }
    // Who closes a pipe has seen enough.
    let mut child = common::veche(&["opinion", "map", &export])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("a start");
    drop(child.stdout.take());
    let ended = child.wait_with_output().expect("an end");
    assert!(ended.status.success() && ended.stderr.is_empty(), "{ended:?}");
}

#[test]
fn a_picture_does_not_replace_what_it_is_of() {
    let folder = tempfile::tempdir().expect("a folder");
    let export = camps(folder.path(), "votes.csv", 20);
    let ballots = write(folder.path(), "a.blt", "2 1\n3 1 0\n1 2 0\n0\n\"Ada\"\n\"Ben\"\n\"Made up\"\n");
    let place = folder.path().to_str().expect("a path");
    let same = format!("{place}/./votes.csv");
    let before = std::fs::read(&export).expect("the file");
    let commands: [&[&str]; 4] = [
        &["opinion", "map", &export, "--svg", &same],
        &["opinion", "map", place, "--svg", &same],
        &["count", &ballots, "--html", &ballots],
        &["count", &ballots, "--write", &ballots],
    ];
    for command in commands {
        let refused = json(command, 2);
        assert!(
            refused["error"].as_str().is_some_and(|error| error.contains("would destroy it")),
            "{refused}"
        );
    }
    assert_eq!(std::fs::read(&export).expect("the file"), before);
}

#[test]
#[cfg(unix)]
fn a_file_that_cannot_be_looked_at_is_not_missing() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("votes.csv");
    // Also the operator may not look at a link that leads to itself.
    std::os::unix::fs::symlink(&file, &file).expect("a link");
    let refused = json(&["opinion", "map", folder.path().to_str().expect("a path")], 2);
    let error = refused["error"].as_str().unwrap_or_default();
    assert!(error.starts_with(&format!("Reading {} failed: ", file.display())), "{error}");
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
