//! Small elections of every kind, told in full. Read the snapshots as somebody who was there.

use count::report::{Request, report};
use count::{BallotOption, Election, Form, Lot, Outcome, Rule, Words, count, way};
use std::fmt::Write;

fn told(name: &str, file: &str, rule: Option<&str>, vote: usize) -> String {
    let request =
        Request { rule: rule.map(String::from), what_if: true, vote: Some(vote), ..Request::default() };
    let report = report(name, file.as_bytes(), &[], &request).unwrap();
    // The fingerprints at the end are tested elsewhere.
    let text = report.text(true);
    text.lines().filter(|l| !l.starts_with("Fingerprint")).collect::<Vec<_>>().join("\n")
}

const STREET: &str = "META\nkey;value\ndescription;What our street buys\nbudget;1000\nvote_type;approval\nrule;equalshares/add1\nPROJECTS\nproject_id;cost;name\n1;600;Playground\n2;400;Bicycle racks\n3;350.50;Lime trees\n4;0;Street named after Ada\n5;300;Fountain\n6;900;Mural\n7;999999999;Car park\nVOTES\nvoter_id;vote\n1;1,2\n2;1,2\n3;1\n4;1,4\n5;3\n6;3,2\n7;3,4\n8;2,3\n9;5\n10;7\n";

#[test]
fn a_street_shares_its_money_equally() {
    insta::assert_snapshot!(told("street.pb", STREET, Some("equal-shares"), 2));
}

#[test]
fn a_street_funds_most_votes_first() {
    insta::assert_snapshot!(told("street.pb", STREET, Some("greedy"), 1));
}

#[test]
fn a_club_elects_a_board_of_two() {
    let file = "5 2\n12 1 2 0\n3 1 3 2 0\n6 2 3 0\n5 3 2 0\n4 4 3 0\n2 5 4 0\n1 0\n0\n\"Ann\"\n\"Bob\"\n\"Cem\"\n\"Dee\"\n\"Eve\"\n\"Board of the rowing club\"\n";
    insta::assert_snapshot!(told("board.blt", file, None, 2));
}

#[test]
fn a_house_picks_a_colour_by_ranking() {
    let file = "# TITLE: Colour of the stairwell\n# NUMBER ALTERNATIVES: 4\n# NUMBER VOTERS: 17\n# NUMBER UNIQUE ORDERS: 5\n# ALTERNATIVE NAME 1: White\n# ALTERNATIVE NAME 2: Yellow\n# ALTERNATIVE NAME 3: Green\n# ALTERNATIVE NAME 4: Grey\n6: 1,4\n5: 2,3,1\n3: 3,2\n2: 4,3\n1: 4\n";
    insta::assert_snapshot!(told("colour.soi", file, Some("irv"), 4));
}

#[test]
fn a_school_ranks_and_compares_all_pairs() {
    let file = "# TITLE: Name of the new hall\n# NUMBER ALTERNATIVES: 3\n# NUMBER VOTERS: 12\n# NUMBER UNIQUE ORDERS: 3\n# ALTERNATIVE NAME 1: Forum\n# ALTERNATIVE NAME 2: Harbour\n# ALTERNATIVE NAME 3: Nest\n5: 1,2,3\n4: 2,3,1\n3: 3,1,2\n";
    insta::assert_snapshot!(told("hall.soc", file, Some("schulze"), 1));
}

/// The rounds as data, a line each.
fn rounds(outcome: &Outcome, names: &[String]) -> String {
    let mut out = String::new();
    for (number, round) in outcome.rounds.iter().enumerate() {
        write!(out, "{}. {}:", number + 1, Words::english().say(&round.title, names)).unwrap();
        for tally in &round.tallies {
            write!(out, " {} {} {:?};", names[tally.option], tally.votes, tally.status).unwrap();
        }
        if let Some(needed) = &round.threshold {
            write!(out, " needed {needed};").unwrap();
        }
        for (why, votes) in &round.idle {
            write!(out, " {why:?} {votes};").unwrap();
        }
        for moved in &round.moves {
            let to = moved.to.map_or("nobody", |to| &names[to]);
            write!(out, " {} → {to} {};", names[moved.from], moved.votes).unwrap();
        }
        for (option, keep) in &round.keeps {
            write!(out, " {} keeps {keep};", names[*option]).unwrap();
        }
        writeln!(out, " in {:?}, out {:?}", round.elected, round.eliminated).unwrap();
    }
    out
}

/// One small election for every rule not told above: what happened, and how to count it by hand.
#[test]
fn every_rule_tells_its_count_and_its_recipe() {
    let board = "5 2\n12 1 2 0\n3 1 3 2 0\n6 2 3 0\n5 3 2 0\n4 4 3 0\n2 5 4 0\n1 0\n0\n\"Ann\"\n\"Bob\"\n\"Cem\"\n\"Dee\"\n\"Eve\"\n\"Board\"\n";
    let motion = "3 1\n30 1 0\n12 2 0\n4 3 0\n0\n\"Yes\"\n\"No\"\n\"Abstain\"\n\"Buy the hall\"\n";
    let marks = "# TITLE: Reps\n# NUMBER ALTERNATIVES: 4\n# NUMBER VOTERS: 14\n# NUMBER CATEGORIES: 2\n6: {1,2},{3,4}\n4: {1},{2,3,4}\n3: {3},{1,2,4}\n1: {},{1,2,3,4}\n";
    let points = "META\nkey;value\nvote_type;scoring\nPROJECTS\nproject_id;cost;name\n1;0;Tea\n2;0;Coffee\n3;0;Water\nVOTES\nvoter_id;vote;points\na;1,2;5,1\nb;1,2;4,3\nc;2,3;5,1\nd;2;2.5\n";
    let quorum = r#"{"rule":"motion","base":{"eligible":100},"share":{"numerator":1,"denominator":2},"strict":true,"quorum":{"of":"turnout","share":{"numerator":1,"denominator":4},"eligible":100},"tie":"fails"}"#;
    let consent = r#"{"rule":"consent","block":{"people":1},"participants":12,"objections":[{"participant":1,"round":1,"fate":{"integrated":2}},{"participant":2,"round":1,"fate":{"withdrawn":2}}]}"#;
    let means = r#"{"rule":"score","blank":"no_opinion","least_opinions":2}"#;
    let mut all = String::new();
    for (name, file, rules) in [
        ("motion.blt", motion, &["motion", quorum, consent][..]),
        (
            "board.blt",
            board,
            &[
                "plurality",
                "block-vote",
                "irv",
                "ranked-choice-several",
                "scottish-stv",
                "schulze",
                "ranked-pairs",
                "borda",
                "meek",
            ],
        ),
        ("reps.cat", marks, &["approval", "sequential-pav", "sequential-phragmen", "committee-equal-shares"]),
        ("drink.pb", points, &["score", means, "star"]),
        ("street.pb", STREET, &["greedy-no-skip", "greedy-80"]),
    ] {
        for rule in rules {
            let seats = (name == "reps.cat" && *rule != "approval").then_some(2);
            let request = Request { rule: Some((*rule).to_owned()), seats, ..Request::default() };
            let report = report(name, file.as_bytes(), &[], &request).unwrap();
            let winners: Vec<&str> =
                report.outcome.winners.iter().map(|w| report.options[*w].as_str()).collect();
            all += &format!("## {}: {}\n", report.rule_name, winners.join(", "));
            all += &report.explanation.iter().map(|s| format!("- {s}\n")).collect::<String>();
            all += &rounds(&report.outcome, &report.options);
            all += &format!("By hand: {}\n\n", report.recipe);
        }
    }
    insta::assert_snapshot!(all);
}

/// What every voter of small elections is told, by every rule that follows a vote.
#[test]
fn ways_of_votes() {
    let mut told = String::new();
    let named = |names: &[&str]| names.iter().map(|name| BallotOption::named(*name)).collect::<Vec<_>>();
    let ranking = {
        let mut election = Election::new("Board", named(&["Ann", "Bob", "Cem", "Dee", "Eva"]), Form::Ranking);
        election.options[4].withdrawn = true;
        for (weight, marks) in [
            (9, vec![(0, 1), (1, 2), (2, 3)]),
            (4, vec![(1, 1), (4, 2), (0, 3)]),
            (3, vec![(2, 1), (3, 2)]),
            (2, vec![(3, 1), (2, 2), (1, 3)]),
            (1, vec![(3, 1)]),
            (1, vec![(1, 1), (2, 1)]),
            (1, vec![]),
        ] {
            election.votes.push(weight, &mut marks.clone()).unwrap();
        }
        election
    };
    let points = {
        let mut election = Election::new("Colour", named(&["Red", "Green", "Blue"]), Form::Score);
        election.score_decimals = 1;
        for marks in [vec![(0, 50), (1, 35)], vec![(1, 50), (2, 0)], vec![(2, 5)]] {
            election.votes.push(1, &mut marks.clone()).unwrap();
        }
        election
    };
    let budget = {
        let mut election =
            Election::new("Street", named(&["Trees", "Bench", "Lamp", "Party"]), Form::Approval);
        election.budget = Some(120);
        for (option, cost) in election.options.iter_mut().zip([60, 30, 0, 90]) {
            option.cost = Some(cost);
        }
        for marks in [vec![0, 1], vec![0, 1, 2], vec![0], vec![3]] {
            election.votes.push(1, &mut marks.iter().map(|o| (*o, 1)).collect::<Vec<_>>()).unwrap();
        }
        election
    };
    for (election, rule, seats) in [
        (&ranking, "plurality", 1),
        (&ranking, "borda", 1),
        (&ranking, "irv", 1),
        (&ranking, "ranked-choice-several", 2),
        (&ranking, "scottish-stv", 2),
        (&ranking, "meek", 2),
        (&points, "score", 1),
        (&points, "star", 1),
        (&budget, "equal-shares", 1),
        (&budget, "greedy", 1),
    ] {
        let rule = Rule::parse(rule, Some(seats)).unwrap();
        let outcome = count(election, &rule, &Lot::ballot_order(election.options.len())).unwrap();
        writeln!(told, "{}", Words::english().text(&format!("rule.{}", rule.key()))).unwrap();
        for vote in 0..election.votes.len() {
            for step in way(election, &outcome, vote).unwrap() {
                let said = Words::english().say(&step.sentence, &election.names());
                writeln!(told, "  vote {}, {}: {said}", vote + 1, step.round).unwrap();
            }
        }
    }
    insta::assert_snapshot!(told);
}
