//! Absurd files and absurd numbers: a sentence, never a panic, never silence.

use count::files::{blt, pabulib, preflib, read};
use count::report::{Request, report};
use count::rules::shares::{Completion, EqualShares};
use count::{BallotOption, Election, Form, Lot, Rule, Value, count};
use proptest::prelude::*;

const PB: &str = "META\nkey;value\nbudget;100\nvote_type;approval\nrule;greedy\nPROJECTS\nproject_id;cost;name\nA;60;First\nB;50;Second\nVOTES\nvoter_id;vote\n1;A,B\n2;A\n";
const BLT: &str = "3 2\n4 1 2 0\n2 3=2 0\n1 - 3 0\n0\n\"A\"\n\"B\"\n#3\n\"Title\"";

fn refused(text: &str, with: &str) {
    let refusal = pabulib::read(text.as_bytes()).unwrap_err().to_string();
    assert!(refusal.contains(with), "{refusal}");
    assert!(refusal.ends_with('.') || refusal.ends_with('?'), "no sentence: {refusal}");
}

#[test]
fn pabulib_files_are_refused_with_line_and_reason() {
    assert!(pabulib::read(PB.as_bytes()).is_ok());
    refused(&PB.replace("1;A,B", "1;A,Z"), "Line 12: The vote names project “Z”");
    refused(&PB.replace("A;60", "A;-60"), "negative");
    refused(&PB.replace("A;60", "A;1e9"), "not an amount");
    refused(&PB.replace("A;60", "A;9000000000000000"), "No budget is that large");
    refused(&PB.replace("A;60", "A;99999999999999999999999"), "not an amount");
    refused(&PB.replace("budget;100", "budget;-1"), "negative");
    refused(&PB.replace("B;50", "A;50"), "twice");
    refused(&PB.replace("vote_type;approval", "vote_type;telepathy"), "telepathy");
    refused(PB.split("VOTES").next().unwrap(), "cut off");
    refused("", "cut off");
    refused("hello", "META");
    refused(&PB.replace("project_id;cost", "project_id;price"), "“cost” is missing");
    refused("META\nPROJECTS\nVOTES\nMETA\n", "in this order");
}

#[test]
fn pabulib_repairs_are_listed() {
    let list = |text: &[u8]| {
        pabulib::read(text).unwrap().repairs.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    };
    assert!(list(format!("\u{feff}{PB}").as_bytes()).contains("byte order mark"));
    assert!(list(PB.replacen('\n', "\r\n", 3).as_bytes()).contains("two different ways"));
    assert!(list(PB.replace("1;A,B", "1;A,A,B").as_bytes()).contains("names project A twice"));
    assert!(list(PB.replace("B;50", "B;999999999").as_bytes()).contains("withdrawn"));
    assert!(list(PB.replace("voter_id;vote", "voter_id;vote;age;sex").as_bytes()).contains("age, sex"));
    assert!(list(PB.replace("budget;100", "budget;100\nnum_votes;7").as_bytes()).contains("says 7 votes"));
    assert!(list(PB.replace("First", "\"First").as_bytes()).contains("never closed"));
    let latin: Vec<u8> =
        PB.replace("First", "F#rst").bytes().map(|b| if b == b'#' { 0xE9 } else { b }).collect();
    assert!(list(&latin).contains("not UTF-8"));
    let read = pabulib::read(PB.replace("A;60;First", "A;60.25;\"One; \"\"two\"\"\"").as_bytes()).unwrap();
    assert_eq!((read.election.options[0].cost, read.election.money_decimals), (Some(6025), 2));
    assert_eq!(read.election.options[0].name, "One; \"two\"");
}

#[test]
fn a_withdrawn_project_does_not_stop_the_count() {
    let text = PB.replace("rule;greedy", "rule;greedy-no-skip").replace("A;60", "A;999999999");
    let read = pabulib::read(text.as_bytes()).unwrap();
    let outcome = count(&read.election, &read.rule.unwrap(), &Lot::ballot_order(2)).unwrap();
    assert_eq!(outcome.winners, [1]);
}

#[test]
fn blt_dialects_are_read() {
    let read = blt::read(BLT.as_bytes()).unwrap();
    assert_eq!(read.election.names(), ["A", "B", "#3"]);
    assert_eq!(read.election.title, "Title");
    assert_eq!(read.election.votes.get(1).unwrap().levels, [1, 1]);
    assert_eq!(read.election.votes.get(2).unwrap().levels, [2]);
    let comments =
        "2 1 # two\n-2\n3 1\n 2 0 # over two lines\n(id) 2 0\n0 # end\n\"Ann \"\"A.\"\" Lee\" # first\nBob\n";
    let read = blt::read(comments.as_bytes()).unwrap();
    assert_eq!(read.election.names(), ["Ann \"A.\" Lee", "Bob"]);
    assert!(read.election.options[1].withdrawn);
    assert_eq!(read.election.votes.total(), 4);
    let nicks = "2 1\n[nick ann bob]\n[tie bob ann]\n2 ann=bob 0\n0\n\"Ann\" \"Party\"\n\"Bob\"\n\"T\"\n";
    let read = blt::read(nicks.as_bytes()).unwrap();
    assert_eq!(
        (read.election.lot.as_deref(), read.election.options[0].about.as_str()),
        (Some(&[0, 1][..]), "Party")
    );
    for (bad, with) in [
        ("", "0"),
        ("x 2\n", "two whole numbers"),
        ("2 1\n1 3 0\n0\n\"A\"\n\"B\"\n", "options are 1 to 2"),
        ("2 1\n1 1 2\n", "cut off"),
        ("2 1\nten 1 0\n0\n\"A\"\n\"B\"\n", "whole number"),
        ("3 1\n0\n\"A\"\n", "names only 1"),
        ("0 1\n0\n", "between 1 and"),
        ("2 1\n99999999999999999999 1 0\n0\n\"A\"\n\"B\"\n", "whole number"),
        ("2 1\n9223372036854775807 1 0\n0\n\"A\"\n\"B\"\n", "more than"),
    ] {
        let refusal = blt::read(bad.as_bytes()).unwrap_err().to_string();
        assert!(refusal.contains(with), "{bad:?}: {refusal}");
    }
}

#[test]
fn preflib_files_old_and_new_are_read() {
    let new = "# TITLE: T\n# NUMBER ALTERNATIVES: 3\n# NUMBER VOTERS: 5\n# NUMBER UNIQUE ORDERS: 2\n# ALTERNATIVE NAME 1: A\n# ALTERNATIVE NAME 2: B\n# ALTERNATIVE NAME 3: C\n3: 1,{2,3}\n2: 2\n";
    let old = "3\n1,A\n2,B\n3,C\n5,5,2\n3,1,{2,3}\n2,2\n";
    let (a, b) =
        (preflib::read(new.as_bytes(), "toi").unwrap(), preflib::read(old.as_bytes(), "toi").unwrap());
    assert_eq!((a.election.votes, a.election.options.clone()), (b.election.votes, b.election.options));
    assert!(a.repairs.is_empty() && b.repairs.is_empty());
    let cat =
        "# NUMBER ALTERNATIVES: 3\n# NUMBER VOTERS: 4\n# NUMBER CATEGORIES: 2\n3: {1,3},{2}\n1: {},{1,2,3}\n";
    let read = preflib::read(cat.as_bytes(), "cat").unwrap();
    assert_eq!(
        (read.election.votes.form(), read.election.votes.get(0).unwrap().options),
        (Form::Approval, &[0, 2][..])
    );
    for (bad, with) in [
        ("", "begins with #"),
        ("# TITLE: x\n", "does not say how many"),
        ("# NUMBER ALTERNATIVES: 2\n1: 3\n", "1 to 2"),
        ("# NUMBER ALTERNATIVES: 2\n1: 1,1\n", "twice"),
        ("# NUMBER ALTERNATIVES: 2\n1: {1\n", "never closed"),
        ("# NUMBER ALTERNATIVES: 2\nx: 1\n", "whole number"),
    ] {
        let refusal = preflib::read(bad.as_bytes(), "soi").unwrap_err().to_string();
        assert!(refusal.contains(with), "{bad:?}: {refusal}");
    }
    assert!(preflib::read(new.replace("3: 1,{2,3}", "3: 1,2").as_bytes(), "soc").unwrap().repairs.len() == 1);
}

#[test]
fn counts_that_cannot_be_are_refused_in_a_sentence() {
    let named = |n: usize| {
        (0..n)
            .map(|i| BallotOption { cost: Some(10), ..BallotOption::named(i.to_string()) })
            .collect::<Vec<_>>()
    };
    let mut election = Election::new("t", named(3), Form::Ranking);
    election.votes.push(1, &mut [(0, 1)]).unwrap();
    let lot = Lot::ballot_order(3);
    let refusal = |e: &Election, rule: &Rule| {
        count(e, rule, &Lot::ballot_order(e.options.len())).unwrap_err().to_string()
    };
    for seats in [0, 4, u32::MAX] {
        for name in ["scottish-stv", "meek", "block-vote", "sequential-pav", "ranked-choice-several"] {
            assert!(
                refusal(&election, &Rule::parse(name, Some(seats)).unwrap()).contains("seats"),
                "{name} {seats}"
            );
        }
    }
    assert!(refusal(&election, &Rule::parse("equal-shares", None).unwrap()).contains("budget"));
    election.budget = Some(0);
    assert!(refusal(&election, &Rule::parse("greedy", None).unwrap()).contains("budget is 0"));
    election.budget = Some(u64::MAX);
    assert!(refusal(&election, &Rule::parse("greedy", None).unwrap()).contains("more than"));
    election.budget = Some(1_000_000_000);
    for option in &mut election.options {
        option.cost = Some(900_000_000);
    }
    let slow = Rule::EqualShares(EqualShares { completion: Completion::Add1, ..EqualShares::usual() });
    let mut two = election.clone();
    two.votes.push(1, &mut [(1, 1), (2, 2)]).unwrap();
    assert!(count(&two, &slow, &lot).is_err_and(|e| e.to_string().contains("larger step")));
    assert!(refusal(&election, &Rule::parse("motion", None).unwrap()).contains("yes, no or abstain"));
    assert!(
        refusal(&Election::new("t", vec![], Form::Ranking), &Rule::parse("irv", None).unwrap())
            .contains("nothing to choose")
    );
    let mut wrong = Election::new("t", named(2), Form::Approval);
    wrong.votes.push(1, &mut [(7, 1)]).unwrap();
    assert!(refusal(&wrong, &Rule::parse("approval", None).unwrap()).contains("names option 8"));
    let many = Election::new("t", named(3_000), Form::Ranking);
    assert!(refusal(&many, &Rule::parse("irv", None).unwrap()).contains("at most 2000"));
    assert!(refusal(&many, &Rule::parse("schulze", None).unwrap()).contains("at most 500"));
}

#[test]
fn a_million_options_and_a_vote_with_a_million_marks_are_counted() {
    let n = 1_000_000u32;
    let named = (0..n).map(|i| BallotOption::named(i.to_string())).collect();
    let mut election = Election::new("t", named, Form::Approval);
    election.votes.push(1, &mut (0..n).map(|o| (o, 1)).collect::<Vec<_>>()).unwrap();
    election.votes.push(1, &mut [(999_999, 1)]).unwrap();
    let outcome =
        count(&election, &Rule::parse("approval", None).unwrap(), &Lot::ballot_order(n as usize)).unwrap();
    assert_eq!(outcome.winners, [999_999]);
    let mut long =
        Election::new("t", vec![BallotOption::named("A"), BallotOption::named("B")], Form::Ranking);
    long.votes.push(1, &mut (0..1_000_000).map(|i| (i as u32 % 2, i + 1)).collect::<Vec<_>>()).unwrap();
    for name in ["irv", "scottish-stv", "meek", "borda", "schulze"] {
        let outcome = count(&long, &Rule::parse(name, None).unwrap(), &Lot::ballot_order(2)).unwrap();
        assert_eq!(outcome.winners, [0], "{name}");
    }
}

/// One vote for a million projects, of which some thousand are funded: nothing is searched for among them.
#[test]
fn a_million_options_that_are_all_marked_end_in_time() {
    let start = std::time::Instant::now();
    let n = 1_000_000u32;
    let named =
        (0..n).map(|i| BallotOption { cost: Some(u64::from(i) + 1), ..BallotOption::named(i.to_string()) });
    let mut election = Election::new("t", named.collect(), Form::Approval);
    election.budget = Some(1_000_000);
    election.votes.push(1, &mut (0..n).map(|o| (o, 1)).collect::<Vec<_>>()).unwrap();
    let lot = Lot::ballot_order(n as usize);
    let outcome = count(&election, &Rule::parse("greedy", None).unwrap(), &lot).unwrap();
    assert_eq!(outcome.winners.len(), 1_413);
    assert!(count(&election, &Rule::parse("equal-shares", None).unwrap(), &lot).is_err());
    assert!(start.elapsed().as_secs() < 120, "{:?}", start.elapsed());
}

/// Files as large as somebody would send to stop a server: read and counted, or refused, in seconds.
#[test]
fn huge_files_end_in_time() {
    let start = std::time::Instant::now();
    let ends = |name: &str, text: &str| {
        let said = match report(name, text.as_bytes(), &[], &Request::default()) {
            Ok(report) => report.text(false),
            Err(refusal) => refusal.to_string(),
        };
        println!("{name}: {:?}", start.elapsed());
        assert!(said.contains(' ') && start.elapsed().as_secs() < 120, "{name}: {:?}", start.elapsed());
        said
    };
    let projects: String = (0..1_000_000).map(|i| format!("p{i};1\n")).collect();
    let head = "META\nkey;value\nbudget;100\nvote_type;approval\nrule;greedy\nPROJECTS\nproject_id;cost\n";
    ends("many.pb", &format!("{head}{projects}VOTES\nvoter_id;vote\n1;p7,p8\n"));
    let all: Vec<String> = (0..100_000).map(|i| format!("p{}", i % 2)).collect();
    let twice = format!("{head}p0;1\np1;2\nVOTES\nvoter_id;vote\n1;{}\n", all.join(","));
    assert!(ends("twice.pb", &twice).contains("twice"));
    let named: Vec<String> = (0..300_000).map(|i| format!("p{i}")).collect();
    let costs: String = (0..300_000).map(|i| format!("p{i};1\n")).collect();
    ends("all.pb", &format!("{head}{costs}VOTES\nvoter_id;vote\n1;{}\n", named.join(",")));
    let marks: String = (0..1_000_000).map(|i| format!("{} ", i % 3 + 1)).collect();
    ends("long.blt", &format!("3 1\n1 {marks}0\n2 3 0\n0\n\"A\"\n\"B\"\n\"C\"\n\"T\"\n"));
    let order: Vec<String> = (1..=300_000).map(|i| i.to_string()).collect();
    ends("long.soi", &format!("# NUMBER ALTERNATIVES: 300000\n# NUMBER VOTERS: 1\n1: {}\n", order.join(",")));
    assert!(
        ends("none.soi", "# NUMBER ALTERNATIVES: 18446744073709551615\n# NUMBER VOTERS: 1\n1: 1\n")
            .ends_with('.')
    );
    assert!(ends("none.blt", "18446744073709551615 1\n1 1 0\n0\n").ends_with('.'));
    let rows = "1;A,B\n".repeat(1_000_000);
    ends("voters.pb", &PB.replace("1;A,B\n2;A\n", &rows));
    ends("quote.pb", &PB.replace("First", &format!("\"{}", "x;\n".repeat(500_000))));
}

#[test]
fn names_that_look_like_markup_stay_text() {
    let evil = PB.replace("First", "<script>alert(1)</script>&\"'");
    let report =
        report("x.pb", evil.as_bytes(), &[], &Request { what_if: true, ..Request::default() }).unwrap();
    let page = report.html();
    assert!(!page.contains("<script") && page.contains("&lt;script&gt;"));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_make_a_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300), which in 0usize..4, at in 0usize..200, cut in 0usize..200) {
        let seeds = [PB, BLT, "# NUMBER ALTERNATIVES: 2\n3: 1,{2}\n", "{\"candidates\":[{\"name\":\"A\"}],\"rules\":{}}"];
        let mut text = seeds[which].as_bytes().to_vec();
        text.splice(at.min(text.len())..(at + cut).min(text.len()).max(at.min(text.len())), bytes.iter().copied());
        for name in ["x.pb", "x.blt", "x.soi", "x.toc", "x.cat", "x.json", "x"] {
            for input in [&text, &bytes] {
                let beside = [("ballots.csv".to_owned(), input.clone())];
                if let Ok(read) = read(name, input, &beside) {
                    let rule = read.rule.clone().unwrap_or_else(|| Rule::parse("approval", None).unwrap());
                    let _ = count(&read.election, &rule, &Lot::ballot_order(read.election.options.len()));
                }
            }
        }
    }

    #[test]
    fn what_is_written_is_read_back(votes in proptest::collection::vec((1u64..5, proptest::collection::btree_map(0u32..4, 1i32..6, 0..5)), 0..10)) {
        let named = (0..4).map(|i| BallotOption { id: format!("BO.{i}/23"), name: format!("Na\"me; {i}"), cost: Some(i * 100 + 25), ..BallotOption::default() }).collect();
        let mut election = Election::new("A \"title\"", named, Form::Ranking);
        (election.budget, election.money_decimals, election.seats) = (Some(12_345), 2, Some(2));
        for (weight, marks) in &votes {
            election.votes.push(*weight, &mut marks.iter().map(|(o, l)| (*o, *l)).collect::<Vec<_>>()).unwrap();
        }
        let again = blt::read(blt::write(&election).unwrap().as_bytes()).unwrap().election;
        prop_assert_eq!(again.votes.canonical(), election.votes.canonical());
        prop_assert_eq!((again.names(), &again.title), (election.names(), &election.title));
        // PrefLib has no skipped ranks: then it is refused, and otherwise nothing is lost.
        if let Ok((extension, text)) = preflib::write(&election) {
            let again = preflib::read(text.as_bytes(), extension).unwrap();
            prop_assert_eq!(again.election.votes.canonical(), election.votes.canonical());
            prop_assert!(again.repairs.is_empty(), "{:?}", again.repairs);
        } else {
            prop_assert!(votes.iter().any(|(_, marks)| (1..6).any(|l| marks.values().all(|m| *m != l) && marks.values().any(|m| *m > l))));
        }
        let mut approval = Election { votes: count::Votes::new(Form::Approval), ..election.clone() };
        for (weight, marks) in &votes {
            approval.votes.push(*weight, &mut marks.keys().map(|o| (*o, 1)).collect::<Vec<_>>()).unwrap();
        }
        let again = pabulib::read(pabulib::write(&approval).unwrap().as_bytes()).unwrap().election;
        prop_assert_eq!(again.votes.canonical(), approval.votes.canonical());
        prop_assert_eq!((again.budget, again.money_decimals, &again.options), (approval.budget, approval.money_decimals, &approval.options));
    }
}

/// Everybody marks everything, and all costs are the same: each choice is a tie of all that are left.
#[test]
fn thousands_of_equals_do_not_make_a_result_of_their_square() {
    for (n, rule) in
        [(10_000u32, "greedy"), (10_000, "block-vote"), (250, "equal-shares"), (250, "sequential-pav")]
    {
        let named = |i: u32| BallotOption { cost: Some(10), ..BallotOption::named(i.to_string()) };
        let mut election = Election::new("t", (0..n).map(named).collect(), Form::Approval);
        election.budget = Some(u64::from(n) * 5);
        election.votes.push(7, &mut (0..n).map(|o| (o, 1)).collect::<Vec<_>>()).unwrap();
        let rule = Rule::parse(rule, Some(n / 2)).unwrap();
        let outcome = count(&election, &rule, &Lot::ballot_order(n as usize)).unwrap();
        assert_eq!(outcome.winners.len(), n as usize / 2);
        let named: usize = outcome.ties.iter().map(|tie| tie.tied.len()).sum();
        assert!(named > 0 && named <= count::limits::MAX_TIED, "{named}");
        let more: Vec<_> = outcome.explanation.iter().filter(|sentence| sentence.key == "tie.more").collect();
        let beyond = if n > 1_000 { n as usize / 2 - outcome.ties.len() } else { 0 };
        let told = more.first().map_or(Value::from(0usize), |sentence| sentence.values[0].1.clone());
        assert_eq!((told, more.len()), (beyond.into(), usize::from(n > 1_000)));
    }
}
