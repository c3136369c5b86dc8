//! RCTab's contests, every round: tallies, threshold, inactive ballots, who drops out and who is elected.

use crate::common::{elections, open};
use count::rules::irv::RankedChoice;
use count::{Idle, Lot, Number, Outcome, Read, Rule, count};
use serde_json::Value as Json;

fn number(json: &Json) -> Number {
    json.as_str().unwrap_or("0").parse().unwrap()
}

fn idle(outcome: &Outcome, round: usize, kinds: &[Idle]) -> Number {
    let parts = outcome.rounds[round].idle.iter().filter(|i| kinds.contains(&i.0));
    parts.fold(Number::zero(), |sum, i| Number::from(sum.rational() + i.1.rational()))
}

fn compare(read: &Read, report: &Json, label: &str) {
    let names = read.election.names();
    let lot = Lot::ballot_order(names.len());
    let outcome = count(&read.election, read.rule.as_ref().unwrap(), &lot).unwrap();
    let results = report["results"].as_array().unwrap();
    assert_eq!(outcome.rounds.len(), results.len(), "{label}: number of rounds");
    for (i, (ours, theirs)) in outcome.rounds.iter().zip(results).enumerate() {
        for (name, votes) in theirs["tally"].as_object().unwrap() {
            let option = names.iter().position(|n| n == name).unwrap();
            let tally = ours.tally(option).map_or(Number::zero(), |t| t.votes.clone());
            assert_eq!(tally, number(votes), "{label}, round {}, {name}", i + 1);
        }
        assert_eq!(ours.threshold, Some(number(&theirs["threshold"])), "{label}, round {}: threshold", i + 1);
        let mut events = (vec![], vec![]);
        for result in theirs["tallyResults"].as_array().unwrap() {
            events.0.extend(result["elected"].as_str().map(str::to_owned));
            events.1.extend(result["eliminated"].as_str().map(str::to_owned));
        }
        let named = |list: &[usize]| {
            let mut out: Vec<String> = list.iter().map(|o| names[*o].clone()).collect();
            out.sort();
            out
        };
        events.0.sort();
        events.1.sort();
        assert_eq!((named(&ours.elected), named(&ours.eliminated)), events, "{label}, round {}", i + 1);
        let inactive = &theirs["inactiveBallots"];
        let kinds = [
            ("exhaustedChoices", vec![Idle::Exhausted]),
            ("overvotes", vec![Idle::Overvote]),
            ("repeatedRankings", vec![Idle::Repeated]),
            ("skippedRankings", vec![Idle::SkippedRanks]),
        ];
        for (key, kind) in kinds {
            assert_eq!(idle(&outcome, i, &kind), number(&inactive[key]), "{label}, round {}: {key}", i + 1);
        }
    }
}

fn report(folder: &str) -> Json {
    let path = elections().join("irv").join(folder);
    let file = std::fs::read_dir(path)
        .unwrap()
        .flatten()
        .map(|e| e.path())
        .find(|p| p.to_str().unwrap().ends_with("detailed_report.json"));
    serde_json::from_slice(&std::fs::read(file.unwrap()).unwrap()).unwrap()
}

fn config(folder: &str) -> std::path::PathBuf {
    let path = elections().join("irv").join(folder);
    std::fs::read_dir(path)
        .unwrap()
        .flatten()
        .map(|e| e.path())
        .find(|p| p.to_str().unwrap().ends_with("config.json"))
        .unwrap()
}

#[test]
#[cfg_attr(not(veche_data), ignore = "the real elections are not here")]
fn minneapolis_2017_all_six_rounds() {
    let read = open(&config("minneapolis-2017"));
    assert_eq!(read.election.votes.total(), 105_928);
    compare(&read, &report("minneapolis-2017"), "Minneapolis");
}

#[test]
#[cfg_attr(not(veche_data), ignore = "the real elections are not here")]
fn several_winners_with_a_fractional_threshold() {
    let folder = "test_set_multi_winner_fractional_threshold";
    compare(&open(&config(folder)), &report(folder), folder);
}

/// The ballots of this contest are not in the data; its report says how they must have run.
#[test]
#[cfg_attr(not(veche_data), ignore = "the real elections are not here")]
fn ties_by_previous_rounds_and_then_by_the_seed() {
    let folder = "tiebreak_previous_round_counts_then_random_test";
    let bytes = std::fs::read(config(folder)).unwrap();
    let ballots = "count,rank1,rank2,rank3\n3,Sneezy,,\n3,Dopey,,\n2,Grumpy,,\n1,Happy,Grumpy,\n";
    let beside = [("ballots.csv".to_owned(), ballots.as_bytes().to_vec())];
    let read = count::files::read("config.json", &bytes, &beside).unwrap();
    compare(&read, &report(folder), folder);
}

#[test]
#[cfg_attr(not(veche_data), ignore = "the real elections are not here")]
fn districts_of_new_south_wales() {
    for (file, winner) in [("00058-00000001.soi", "APLIN Greg"), ("00058-00000200.soi", "WARREN Greg")] {
        let read = open(&elections().join("irv").join(file));
        let lot = Lot::ballot_order(read.election.options.len());
        let outcome = count(&read.election, &Rule::RankedChoice(RankedChoice::usual()), &lot).unwrap();
        assert_eq!(read.election.options[outcome.winners[0]].name, winner, "{file}");
        assert!(read.repairs.is_empty(), "{file}: {:?}", read.repairs);
    }
}
