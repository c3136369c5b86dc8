//! Meek counts against the logs of stv-rs, nine decimals, every round.

use crate::common::unpacked;
use count::files::blt;
use count::rules::meek::{EqualRanks, Meek};
use count::{Lot, Number, Rule, count};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// One action of a log with full counts: what happened, name to votes, quota.
#[derive(Debug)]
struct Action {
    what: String,
    votes: BTreeMap<String, String>,
    quota: String,
}

fn actions(log: &str) -> Vec<Action> {
    let mut out: Vec<Action> = vec![];
    for line in log.lines() {
        if let Some(what) = line.strip_prefix("Action: ") {
            out.push(Action { what: what.to_owned(), votes: BTreeMap::new(), quota: String::new() });
            continue;
        }
        let Some(action) = out.last_mut() else { continue };
        let Some((kind, rest)) = line.trim().split_once(':') else { continue };
        if kind == "Quota" {
            rest.trim().clone_into(&mut action.quota);
        } else if let Some((names, votes)) = rest.trim().rsplit_once(" (") {
            for name in names.split(", ") {
                action.votes.insert(name.to_owned(), votes.trim_end_matches(')').to_owned());
            }
        }
    }
    out.retain(|a| !a.votes.is_empty());
    out
}

/// The same nine decimals or, if `loose`, the same to a thousandth of a vote.
fn near(a: &str, b: &str, loose: bool) -> bool {
    let (x, y): (Number, Number) = (a.parse().unwrap(), b.parse().unwrap());
    x == y || (loose && (x.to_f64() - y.to_f64()).abs() < 1e-3)
}

fn logs(folder: &Path, out: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().flatten().map(|e| e.path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            logs(&path, out);
        } else if path.extension().is_some_and(|e| e == "log") {
            out.push(path);
        }
    }
}

#[test]
#[cfg_attr(not(veche_data), ignore = "the real elections are not here")]
fn every_round_of_every_log_with_nine_decimals() {
    let root = unpacked("meek/stv-rs_testdata_Apache2.tgz").join("testdata");
    let mut all = vec![];
    logs(&root.join("meek"), &mut all);
    let (mut compared, mut skipped) = (0, vec![]);
    for path in all {
        let name = path.strip_prefix(root.join("meek")).unwrap().to_str().unwrap().to_owned();
        let (stem, kind) = name.split_once('.').unwrap();
        let ballots = root.join("ballots").join(format!("{stem}.blt"));
        let log = std::fs::read_to_string(&path).unwrap();
        let ended = log.contains("Action: Count Complete");
        if kind.contains("approx") || !ballots.exists() || !ended {
            skipped.push(name);
            continue;
        }
        let read = match blt::read(&std::fs::read(&ballots).unwrap()) {
            Ok(read) => read,
            Err(refused) => {
                skipped.push(format!("{name}: {refused}"));
                continue;
            }
        };
        let n = read.election.options.len();
        // stv-rs lets the first on the ballot drop out first.
        let order = read.election.lot.clone().unwrap_or_else(|| (0..n).rev().collect());
        let lot = Lot::from_order(&order, n).unwrap();
        let rule = Rule::Meek(Meek {
            seats: read.election.seats.unwrap(),
            decimals: 9,
            omega: 6,
            equal_ranks: if kind.contains("equalize") { EqualRanks::AllOrders } else { EqualRanks::Split },
            only_positive_surplus: name.contains("force_positive_surplus") || name.starts_with("crashes"),
        });
        let outcome = count(&read.election, &rule, &lot).unwrap();
        let names = read.election.names();
        let rounds = &outcome.rounds;
        // With three or more equals, what stv-rs cuts off depends on the order in which a file writes them. Here it must
        // not, so the last decimals may differ.
        let loose = kind.contains("equalize") && name.starts_with("random/");
        let mut at = 0;
        for action in actions(&log) {
            let here = match action.what.split(':').next().unwrap() {
                "Begin Count" => 0,
                "Count Complete" => rounds.len() - 1,
                w if w.starts_with("Elect remaining") || w.starts_with("Defeat remaining") => continue,
                w => {
                    let who = action.what.rsplit(": ").next().unwrap();
                    let option = names.iter().position(|n| n == who).unwrap();
                    let elect = w.starts_with("Elect");
                    let found = rounds.iter().position(|r| {
                        if elect { r.elected.contains(&option) } else { r.eliminated.contains(&option) }
                    });
                    found.unwrap_or_else(|| panic!("{name}: {} is not in our count", action.what))
                }
            };
            assert!(here >= at, "{name}: {} comes too early", action.what);
            at = here;
            for (option, who) in names.iter().enumerate() {
                let Some(theirs) = action.votes.get(who) else { continue };
                let ours = rounds[here].tally(option).unwrap().votes.cut(9);
                assert!(near(&ours, theirs, loose), "{name}, {}, {who}: {ours}, {theirs}", action.what);
                compared += 1;
            }
            let quota = rounds[here].threshold.as_ref().map(|q: &Number| q.cut(9)).unwrap();
            assert!(
                near(&quota, &action.quota, loose),
                "{name}, {}: quota {quota}, {}",
                action.what,
                action.quota
            );
        }
    }
    eprintln!("not compared: {skipped:#?}");
    assert!(compared > 5_000, "only {compared} numbers were compared");
}
