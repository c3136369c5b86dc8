//! 480 approval elections with all winning committees (abcvoting).

use crate::common::unpacked;
use count::rules::committee::{Committee, Method, Rest};
use count::rules::simple::BlockVote;
use count::{BallotOption, Election, Form, Lot, Rule, count};
use std::collections::BTreeSet;

struct Instance {
    election: Election,
    seats: u32,
    results: Vec<(String, BTreeSet<Vec<usize>>)>,
}

/// A list of lists of numbers as YAML writes it in one or several lines.
fn lists(text: &str) -> Vec<Vec<usize>> {
    let inner = text.trim().trim_start_matches('[').trim_end_matches(']');
    inner
        .split('[')
        .flat_map(|p| p.split(']'))
        .filter(|p| p.bytes().any(|b| b.is_ascii_digit()))
        .map(|p| {
            let mut list: Vec<usize> = p.split(',').filter_map(|n| n.trim().parse().ok()).collect();
            list.sort_unstable();
            list
        })
        .collect()
}

/// The same, but empty lists (votes for nobody) stay.
fn profile(text: &str) -> Vec<Vec<usize>> {
    let mut out = vec![];
    let mut depth = 0;
    for piece in text.split_inclusive(['[', ']']) {
        if piece.ends_with('[') {
            depth += 1;
        } else if piece.ends_with(']') {
            if depth == 2 {
                out.push(
                    piece.trim_end_matches(']').split(',').filter_map(|n| n.trim().parse().ok()).collect(),
                );
            }
            depth -= 1;
        }
    }
    out
}

fn instance(text: &str) -> Instance {
    let joined =
        text.replace("\n      ", " ").replace("\n    ", " ").replace("\n  r", "\nr").replace("\n  [", " [");
    let (mut votes, mut options, mut seats, mut results, mut rule) = (vec![], 0, 0, vec![], String::new());
    for line in joined.lines() {
        let (key, value) = line.split_once(':').unwrap_or((line, ""));
        match key.trim_start_matches("- ").trim() {
            "profile" => votes = profile(value),
            "num_cand" => options = value.trim().parse().unwrap(),
            "committeesize" => seats = value.trim().parse().unwrap(),
            "rule_id" => value.trim().clone_into(&mut rule),
            "result" => results.push((rule.clone(), lists(value).into_iter().collect())),
            _ => {}
        }
    }
    let named = (0..options).map(|i: usize| BallotOption::named(i.to_string())).collect();
    let mut election = Election::new("committee", named, Form::Approval);
    for vote in votes {
        let mut marks: Vec<(u32, i32)> = vote.into_iter().map(|o| (o as u32, 1)).collect();
        election.votes.push(1, &mut marks).unwrap();
    }
    Instance { election, seats, results }
}

fn rule(id: &str, seats: u32) -> Option<Rule> {
    let method = match id {
        "av" => return Some(Rule::BlockVote(BlockVote { seats, most_marks: Some(u32::MAX) })),
        "seqpav" => Method::SequentialPav,
        "seqphragmen" => Method::SequentialPhragmen,
        "equal-shares" => Method::EqualShares(Rest::Phragmen),
        "equal-shares-with-av-completion" => Method::EqualShares(Rest::MostVotes),
        _ => return None,
    };
    Some(Rule::Committee(Committee { seats, method }))
}

/// Orders in which options could be favoured: all of them for few options, otherwise some.
fn orders(n: usize) -> Vec<Vec<usize>> {
    fn permute(rest: &mut Vec<usize>, at: usize, out: &mut Vec<Vec<usize>>) {
        if at == rest.len() {
            return out.push(rest.clone());
        }
        for i in at..rest.len() {
            rest.swap(at, i);
            permute(rest, at + 1, out);
            rest.swap(at, i);
        }
    }
    let mut all: Vec<usize> = (0..n).collect();
    let mut out = vec![];
    if n <= 5 {
        permute(&mut all, 0, &mut out);
    } else {
        for k in 0..n {
            out.push((0..n).map(|i| (i + k) % n).collect());
            out.push((0..n).map(|i| (2 * n - i + k) % n).collect());
        }
    }
    out
}

#[test]
#[cfg_attr(not(veche_data), ignore = "the real elections are not here")]
fn every_committee_is_among_those_that_win() {
    let folder = unpacked("committees/abcvoting_480_instances_MIT.tgz");
    let mut files: Vec<_> =
        std::fs::read_dir(folder.join("test_instances")).unwrap().flatten().map(|e| e.path()).collect();
    files.retain(|p| p.extension().is_some_and(|e| e == "yaml"));
    files.sort();
    let (mut compared, mut complete) = (0, 0);
    for path in files {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let instance = instance(&std::fs::read_to_string(&path).unwrap());
        let n = instance.election.options.len();
        for (id, committees) in &instance.results {
            let Some(rule) = rule(id, instance.seats) else { continue };
            if committees.is_empty() {
                continue;
            }
            let mut found = BTreeSet::new();
            for order in orders(n) {
                let lot = Lot::from_order(&order, n).unwrap();
                let mut won = count(&instance.election, &rule, &lot).unwrap().winners;
                won.sort_unstable();
                assert!(committees.contains(&won), "{name}, {id}: {won:?} is not in {committees:?}");
                found.insert(won);
            }
            if n <= 5 {
                assert_eq!(&found, committees, "{name}, {id}");
                complete += 1;
            }
            compared += 1;
        }
    }
    assert!(compared > 3_000, "only {compared} results were compared");
    eprintln!("{compared} results compared, {complete} of them with all committees");
}
