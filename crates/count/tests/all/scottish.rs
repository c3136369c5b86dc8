//! Scottish wards against complete reference counts and published winners.

use crate::common::{elections, files, open};
use count::rules::scottish::ScottishStv;
use count::{Lot, Rule, count};
use std::collections::BTreeMap;

/// The tallies of one stage of a Droop report: name to votes with five decimals.
type Stage = BTreeMap<String, String>;

/// Names as both sides can be compared: one space between words.
fn plain(s: &str) -> String {
    s.replace('"', "").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Stages of a report that move votes, with what stands under them, and the elected in order.
fn report(text: &str) -> (Vec<Stage>, Vec<String>) {
    let (mut stages, mut elected, mut open): (Vec<Stage>, Vec<String>, bool) = (vec![], vec![], false);
    for line in text.lines() {
        if let Some(action) = line.strip_prefix("Action: ") {
            // A transfer of a surplus of nothing is no stage here.
            open = action == "Begin Count"
                || action.starts_with("Transfer defeated")
                || (action.starts_with("Surplus transferred") && !action.ends_with("(0.00000)"));
            if open {
                stages.push(Stage::new());
            }
            let who = action
                .strip_prefix("Elect, transfer pending: ")
                .or(action.strip_prefix("Elect remaining candidates: "));
            elected.extend(who.map(plain));
            continue;
        }
        let entry = line.trim();
        if !open || !entry.contains(':') {
            continue;
        }
        let (kind, rest) = entry.split_once(':').unwrap();
        let Some(stage) = stages.last_mut() else { continue };
        if let Some((names, votes)) = rest.trim().rsplit_once(" (") {
            let votes = votes.trim_end_matches(')').to_owned();
            if ["Elected", "Pending", "Hopeful"].contains(&kind) {
                stage.insert(plain(names), votes);
            } else if kind == "Defeated" {
                for name in names.split(", ") {
                    stage.insert(plain(name), votes.clone());
                }
            }
        } else if ["Nontransferable votes", "Residual"].contains(&kind) {
            stage.insert(format!("*{kind}"), rest.trim().to_owned());
        }
    }
    (stages, elected)
}

#[test]
#[cfg_attr(not(veche_data), ignore = "the real elections are not here")]
fn every_stage_of_every_report_to_five_decimals() {
    let mut compared = 0;
    for path in files("stv/glasgow-2007", "blt") {
        let stem = path.file_stem().unwrap().to_str().unwrap();
        let text =
            std::fs::read_to_string(path.with_file_name(format!("{stem}-scotland-fixed-p5-d5.txt"))).unwrap();
        let (stages, elected) = report(&text);
        let read = open(&path);
        let n = read.election.options.len();
        // Droop's lot lets the first on the ballot drop out first.
        let lot = Lot::from_order(&(0..n).rev().collect::<Vec<_>>(), n).unwrap();
        let rule = Rule::ScottishStv(ScottishStv { seats: read.election.seats.unwrap() });
        let outcome = count(&read.election, &rule, &lot).unwrap();
        let names: Vec<String> = read.election.names().iter().map(|n| plain(n)).collect();
        let won: Vec<String> = outcome.winners.iter().map(|w| names[*w].clone()).collect();
        let (mut a, mut b) = (won.clone(), elected.clone());
        a.sort();
        b.sort();
        assert_eq!(a, b, "{stem}");
        let last = usize::from(outcome.rounds.last().unwrap().title.key == "round.last");
        assert_eq!(outcome.rounds.len() - last, stages.len(), "{stem}: number of stages");
        for (i, (round, stage)) in outcome.rounds.iter().zip(&stages).enumerate() {
            for (option, name) in names.iter().enumerate() {
                let ours = round.tally(option).unwrap().votes.cut(5);
                let theirs = stage.get(name).cloned().unwrap_or_else(|| "0.00000".to_owned());
                assert_eq!(ours, theirs, "{stem}, stage {}, {name}", i + 1);
                compared += 1;
            }
            for (kind, key) in
                [(count::Idle::Exhausted, "*Nontransferable votes"), (count::Idle::Rounding, "*Residual")]
            {
                let ours =
                    round.idle.iter().find(|x| x.0 == kind).map_or("0.00000".to_owned(), |x| x.1.cut(5));
                assert_eq!(ours, stage[key], "{stem}, stage {}, {key}", i + 1);
            }
        }
    }
    assert!(compared > 1000, "only {compared} numbers were compared");
}

#[test]
#[cfg_attr(not(veche_data), ignore = "the real elections are not here")]
fn published_winners_in_their_order() {
    let table = std::fs::read_to_string(elections().join("stv/winners.tsv")).unwrap();
    for row in table.lines().skip(1) {
        let (file, winners) = row.split_once('\t').unwrap();
        let folder = if file.starts_with("edinburgh") { "stv/edinburgh-2017" } else { "stv" };
        let read = open(&elections().join(folder).join(file));
        let rule = Rule::ScottishStv(ScottishStv { seats: read.election.seats.unwrap() });
        let lot = Lot::ballot_order(read.election.options.len());
        let outcome = count(&read.election, &rule, &lot).unwrap();
        let ours: Vec<String> = outcome
            .winners
            .iter()
            .map(|w| &read.election.options[*w])
            .map(|o| plain(&format!("{} {}", o.name, o.about)))
            .collect();
        let theirs: Vec<String> = winners.trim().split(" | ").map(plain).collect();
        assert_eq!(ours, theirs, "{file}");
    }
}
