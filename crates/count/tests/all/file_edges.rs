//! Edges of files that no other test came to, found as those of [`crate::edges`].

use crate::common::write;
use crate::edges::election;
use count::files::{Read, blt, pabulib, preflib, rctab};
use count::report::{Request, report};
use count::rules::irv::{Mode, Overvotes, RankedChoice};
use count::{BallotOption, By, Election, Form, Idle, Lot, Number, Repair, Rule, Share, count};

const SELECTED: &str = "META\nkey;value\nbudget;100\nvote_type;approval\nrule;greedy\nPROJECTS\nproject_id;cost;name;selected\n\
                  A;60;First;1\nB;50;Second;2\nVOTES\nvoter_id;vote\n1;A,B\n2;A\n";

fn repair<'a>(read: &'a Read, with: &str) -> Option<&'a Repair> {
    read.repairs.iter().find(|repair| repair.what.contains(with))
}

fn repaired(read: &Read, with: &str) -> bool {
    repair(read, with).is_some()
}

#[test]
fn what_follows_a_name_is_its_party_a_comment_or_left_out() {
    let named = |line: &str| blt::read(format!("1 1\n1 1 0\n0\n{line}\n\"Title\"\n").as_bytes()).unwrap();
    for (line, left_out) in [
        ("\"Ann\"", false),
        ("\"Ann\" # of the clerk", false),
        ("\"Ann\" \"Party\"", false),
        ("\"Ann\" Party", true),
    ] {
        let read = named(line);
        assert_eq!(read.election.names(), ["Ann"], "{line}");
        assert_eq!(repaired(&read, "left out"), left_out, "{line}: {:?}", read.repairs);
    }
    assert_eq!(named("\"Ann\" \"Party\"").election.options[0].about, "Party");
}

/// In `.blt` a weight of 0 ends the votes, so a vote of nobody is not written.
#[test]
fn votes_of_nobody_are_not_written() {
    let mut election = Election::new("T", ["A", "B"].map(BallotOption::named).to_vec(), Form::Ranking);
    for (weight, option) in [(2, 0), (0, 1), (3, 1)] {
        election.votes.push(weight, &mut [(option, 1)]).unwrap();
    }
    let read = blt::read(write("x.blt", &election, None).unwrap().as_bytes()).unwrap();
    assert_eq!((read.election.votes.total(), read.election.votes.len()), (5, 2));
}

const PB: &str = "META\nkey;value\nbudget;100\nvote_type;choose-1\nrule;greedy\nPROJECTS\nproject_id;cost;name\n\
                  A;60;First\nB;50;Second\nVOTES\nvoter_id;vote\n1;A\n2;B\n3;A\n";

#[test]
fn one_mark_for_one_choice_is_as_it_should_be() {
    let read = pabulib::read(PB.as_bytes()).unwrap();
    assert!(!repaired(&read, "several"), "{:?}", read.repairs);
    let read = pabulib::read(PB.replace("2;B", "2;B,A").as_bytes()).unwrap();
    assert!(repaired(&read, "several"), "{:?}", read.repairs);
}

/// Spreadsheets write as many separators in every line as the longest has.
#[test]
fn heads_of_sections_may_have_empty_cells() {
    let spread = PB
        .replace("META\n", "META;;\n")
        .replace("PROJECTS\n", "PROJECTS; ;\n")
        .replace("VOTES\n", "VOTES;\n");
    assert_eq!(
        pabulib::read(spread.as_bytes()).unwrap().election,
        pabulib::read(PB.as_bytes()).unwrap().election
    );
    // A line with more in it is none, so the budget after it is among the projects.
    assert!(pabulib::read(PB.replace("META\n", "META;x\n").as_bytes()).is_err());
}

#[test]
fn points_and_voters_are_written_each_in_their_column() {
    let named = ["A", "B"].map(|id| BallotOption { id: id.into(), cost: Some(5), ..BallotOption::named(id) });
    let mut election = Election::new("T", named.to_vec(), Form::Score);
    (election.budget, election.score_decimals) = (Some(9), 1);
    election.votes.push(2, &mut [(0, 15), (1, 20)]).unwrap();
    let text = write("x.pb", &election, None).unwrap();
    for line in ["voter_id;vote;points", "1;A,B;1.5,2", "2;A,B;1.5,2"] {
        assert!(text.lines().any(|l| l == line), "{line} is not in\n{text}");
    }
    election.votes = count::Votes::new(Form::Approval);
    election.votes.push(1, &mut [(1, 1)]).unwrap();
    let text = write("x.pb", &election, None).unwrap();
    assert!(text.contains("\nvoter_id;vote\n1;B\n"), "{text}");
}

/// Identifiers that a list of votes cannot hold are replaced by numbers, all of them.
#[test]
fn identifiers_that_cannot_be_listed_become_numbers() {
    let written = |ids: [&str; 2]| {
        let named = ids.map(|id| BallotOption { id: id.into(), cost: Some(5), ..BallotOption::named("x") });
        let mut election = Election::new("T", named.to_vec(), Form::Approval);
        election.budget = Some(9);
        election.votes.push(1, &mut [(0, 1), (1, 1)]).unwrap();
        write("x.pb", &election, None).unwrap().lines().last().unwrap().to_owned()
    };
    assert_eq!(written(["b", "a"]), "1;b,a");
    for odd in [["b", "b"], ["b", ""], ["b", " a"], ["b,c", "a"], ["b\n", "a"], ["", ""]] {
        assert_eq!(written(odd), "1;1,2", "{odd:?}");
    }
}

#[test]
fn heads_of_preflib_that_are_wrong_are_told() {
    let file = |head: &str, order: &str| {
        let text = format!(
            "# NUMBER ALTERNATIVES: 3\n# ALTERNATIVE NAME 1: A\n# ALTERNATIVE NAME 2: B\n# ALTERNATIVE NAME 3: C\n# NUMBER VOTERS: 3\n{head}\n{order}\n"
        );
        preflib::read(text.as_bytes(), if order.contains('{') { "cat" } else { "soi" }).unwrap()
    };
    assert!(!repaired(&file("# NUMBER UNIQUE ORDERS: 1", "3: 2,1"), "different orders"));
    assert!(repaired(&file("# NUMBER UNIQUE ORDERS: 2", "3: 2,1"), "different orders"));
    assert!(repaired(&file("# NUMBER UNIQUE PREFERENCES: 2", "3: 2,1"), "different orders"));
    // Two categories are approvals; three are a ranking.
    let form = |n: u32, order: &str| {
        file(&format!("# NUMBER CATEGORIES: {n}\n# CATEGORY NAME 1: Yes"), order).election.votes.form()
    };
    assert_eq!(form(2, "3: {1,2},{3}"), Form::Approval);
    assert_eq!(form(3, "3: {1},{2},{3}"), Form::Ranking);
}

fn contest(rules: &str, source: &str, ballots: &str) -> Read {
    let contest = format!(
        r#"{{"rules":{{"tiebreakMode":"useCandidateOrder"{rules}}},"candidates":[{{"name":"A"}},{{"name":"B"}}],
        "cvrFileSources":[{{"provider":"ess","filePath":"b.csv"{source}}}]}}"#
    );
    rctab::read(contest.as_bytes(), &[("b.csv".into(), ballots.as_bytes().to_vec())]).unwrap()
}

fn ranked(read: &Read) -> RankedChoice {
    match &read.rule {
        Some(Rule::RankedChoice(rule)) => rule.clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn numbers_of_a_contest_may_be_numbers_or_words() {
    for written in ["2", "\"2\"", "\" 2 \""] {
        let rules = format!(
            r#","overvoteRule":"alwaysSkipToNextRank","winnerElectionMode":"bottomsUp","numberOfWinners":{written}"#
        );
        assert_eq!(ranked(&contest(&rules, "", "rank1,rank2\nA,B\n")).winners, 2, "{written}");
    }
}

/// Where several names at a rank are unclear only if several of them are still in the race, an overvote whose names are
/// not known is unclear.
#[test]
fn overvotes_are_known_by_the_label_of_the_contest() {
    let rules = r#","overvoteRule":"exhaustIfMultipleContinuing""#;
    for (source, cell) in
        [("", "overvote"), (r#","overvoteLabel":"OV""#, "OV"), (r#","overvoteLabel":"OV""#, "overvote")]
    {
        let read = contest(rules, source, &format!("rank1,rank2\n{cell},A\nB,A\nB,\n"));
        assert_eq!(ranked(&read).overvotes, Overvotes::StopIfSeveralContinue);
        let outcome = count(&read.election, read.rule.as_ref().unwrap(), &Lot::ballot_order(2)).unwrap();
        assert_eq!(outcome.rounds[0].idle, [(Idle::Overvote, Number::from(1u64))], "{cell}");
        assert_eq!(outcome.rounds[0].tally(1).unwrap().votes, Number::from(2u64));
    }
}

/// Cast vote records name contests and candidates elsewhere; a write-in is one only where no candidate is meant.
#[test]
fn names_of_records_are_looked_up() {
    let config = r#"{"rules":{"tiebreakMode":"useCandidateOrder","overvoteRule":"exhaustImmediately"},
        "candidates":[{"name":"Ann"},{"name":"Bob"}],
        "cvrFileSources":[{"provider":"cdf","filePath":"b.json","contestId":"Mayor","undeclaredWriteInLabel":"W"}]}"#;
    let chosen = |selection: &str| {
        let ballots = format!(
            r#"{{"Election":[{{"Candidate":[{{"@id":"p1","Name":"Ann"}},{{"@id":"p2","Name":"Bob"}}],
            "Contest":[{{"@id":"c1","Name":"Mayor","ContestSelection":[
                {{"@id":"s1","CandidateIds":["p1"]}},{{"@id":"s2","CandidateIds":["p2"],"IsWriteIn":true}},
                {{"@id":"s3","IsWriteIn":true}},{{"@id":"s4","CandidateIds":["p2"],"IsWriteIn":false}}]}}]}}],
            "CVR":[{{"CVRSnapshot":[{{"CVRContest":[{{"ContestId":"c1","CVRContestSelection":[
                {{"ContestSelectionId":"{selection}","SelectionPosition":[{{"Rank":1}}]}}]}}]}}]}}]}}"#
        );
        let read = rctab::read(config.as_bytes(), &[("b.json".into(), ballots.into_bytes())]).unwrap();
        let vote = read.election.votes.get(0).unwrap().options.to_vec();
        read.election.options[vote[0] as usize].name.clone()
    };
    assert_eq!(
        ["s1", "s2", "s3", "s4"].map(chosen),
        ["Ann", "Bob", count::rules::irv::WRITE_INS, "Bob"].map(str::to_owned)
    );
}

#[test]
fn what_a_file_publishes_is_compared_and_ties_without_a_lot_are_told() {
    let counted = |text: &str, lot: Option<&str>| {
        let request = Request { lot: lot.map(str::to_owned), ..Request::default() };
        report("x.pb", text.as_bytes(), &[], &request).unwrap()
    };
    let with = |selected: [u8; 2]| {
        let text = PB.replace("project_id;cost;name", "project_id;cost;name;selected");
        let text = text.replace("First", &format!("First;{}", selected[0]));
        counted(&text.replace("Second", &format!("Second;{}", selected[1])), None).published.unwrap().same
    };
    assert_eq!([with([1, 0]), with([0, 1]), with([1, 1])], [true, false, false]);
    let tied = PB.replace("3;A\n", "");
    assert!(counted(&tied, None).no_lot && counted(&tied, None).outcome.ties[0].by == By::Lot);
    assert!(!counted(&tied, Some("2,1")).no_lot);
    assert!(!counted(PB, None).no_lot);
    assert_eq!(counted(&tied, Some("2,1")).outcome.winners, [1]);
}

#[test]
fn very_many_repairs_are_numbered() {
    let votes: String = (0..250).map(|n| format!("{n};A,A\n")).collect();
    let text = PB.replace("choose-1", "approval").replace("1;A\n2;B\n3;A\n", &votes);
    let repairs = pabulib::read(text.as_bytes()).unwrap().repairs;
    assert_eq!(repairs.iter().filter(|repair| repair.what.contains("twice")).count(), 200);
    assert_eq!(repairs.last().unwrap().what, "50 more repairs of this kind.");
    let few = pabulib::read(text.replacen(";A,A", ";A", 50).as_bytes()).unwrap().repairs;
    assert!(few.iter().all(|repair| !repair.what.contains("more repairs")), "{few:?}");
}

/// What another rule would change is said in the words for it: more, fewer or others.
#[test]
fn what_another_rule_would_change_is_said() {
    let text = PB.replace("choose-1", "approval").replace("B;50;Second\n", "B;50;Second\nC;30;Third\n");
    let text = text.replace("1;A\n2;B\n3;A\n", "1;A\n2;A,B\n3;A,B,C\n");
    let said = |rule: &str| {
        let request = Request { what_if: true, rule: Some(rule.into()), ..Request::default() };
        report("x.pb", text.as_bytes(), &[], &request).unwrap().text(true)
    };
    let (also, without) =
        (count::Words::english().text("what_if.also"), count::Words::english().text("what_if.without"));
    let start = |text: &str| text.split('{').next().unwrap().trim().to_owned();
    println!("{also} / {without}\n{}\n{}", said("greedy-no-skip"), said("greedy"));
    assert!(said("greedy-no-skip").contains(&also.replace("{new}", "Third")), "{}", start(&also));
    assert!(said("greedy").contains(&without.replace("{gone}", "Third")), "{}", start(&without));
}

#[test]
fn weights_and_names_of_blt_are_told_from_what_looks_like_them() {
    let votes = |lines: &str| blt::read(format!("2 1\n{lines}\n0\n\"A\"\n\"B\"\n\"T\"\n").as_bytes());
    assert_eq!(votes("(v1) 1 0\n3 2 0").unwrap().election.votes.total(), 4);
    for wrong in ["(v1 1 0", "v1) 1 0", "x 1 0"] {
        assert!(votes(wrong).unwrap_err().reason.contains("how many people"), "{wrong}");
    }
    // As many lines as are needed: then there is no comment among them to speak of.
    let all = blt::read(b"2 1\n1 1 0\n0\nAnn\nBob\nTitle\nMore\n").unwrap();
    assert!(!repaired(&all, "comments") && all.election.names() == ["Ann", "Bob"], "{:?}", all.repairs);
}

#[test]
fn what_blt_holds_is_read_back_and_absurd_ranks_are_refused() {
    let mut election = Election::new("T", ["A", "B"].map(BallotOption::named).to_vec(), Form::Ranking);
    election.options[0].about = "Party of \"A\"".into();
    election.votes.push(2, &mut [(0, 3), (1, 9_000)]).unwrap();
    let read = blt::read(write("x.blt", &election, None).unwrap().as_bytes()).unwrap();
    assert_eq!(read.election.options[0].about, election.options[0].about);
    assert_eq!(read.election.options[1].about, "");
    assert_eq!(read.election.votes, election.votes);
    election.votes.push(2, &mut [(0, 9_000), (1, 18_000)]).unwrap();
    assert!(write("x.blt", &election, None).is_ok());
    election.votes.push(2, &mut [(0, 10), (1, 10_011)]).unwrap();
    assert!(write("x.blt", &election, None).unwrap_err().reason.contains("10,000 ranks"));
}

#[test]
fn braces_of_preflib_are_not_within_each_other() {
    let file = |n: u32, order: &str, kind: &str| {
        let names: String = (1..=n).map(|i| format!("# ALTERNATIVE NAME {i}: {i}\n")).collect();
        let text = format!("# NUMBER ALTERNATIVES: {n}\n{names}# NUMBER VOTERS: 3\n{order}\n");
        preflib::read(text.as_bytes(), kind)
    };
    for wrong in ["3: {1,{2}}", "3: 1}", "3: {1", "3: }1{", "3: {{1,2}", "3: {{1},2}"] {
        assert!(file(2, wrong, "toi").is_err(), "{wrong}");
    }
    assert!(file(0, "3: 1", "soi").unwrap_err().reason.contains("0 alternatives"));
    let told = |order: &str, kind: &str| repaired(&file(2, order, kind).unwrap(), "no equals");
    assert_eq!(
        [told("3: {1,2}", "soi"), told("3: 1,2", "soi"), told("3: {1,2}", "toi")],
        [true, false, false]
    );
}

#[test]
fn what_is_no_contest_is_refused_and_labels_are_those_of_the_contest() {
    let read = |text: &str| rctab::read(text.as_bytes(), &[("b.csv".into(), b"rank1\nA\n".to_vec())]);
    for wrong in
        [r#"{"rules":{}}"#, r#"{"candidates":[{"name":"A"}]}"#, r#"{"rules":1,"candidates":2}"#, "[]"]
    {
        assert!(read(wrong).unwrap_err().reason.contains("not a contest"), "{wrong}");
    }
    let rules = r#","overvoteRule":"exhaustImmediately""#;
    let marks = |source: &str, cell: &str| {
        let read = contest(rules, source, &format!("rank1,rank2\n{cell},A\n"));
        let vote = read.election.votes.get(0).unwrap();
        let names = vote.options.iter().map(|o| read.election.options[*o as usize].name.clone());
        names.zip(vote.levels.to_vec()).collect::<Vec<_>>()
    };
    let only = vec![("A".to_owned(), 2)];
    for (source, cell) in
        [("", ""), ("", "undervote"), (r#","skippedRankLabel":"S""#, "S"), (r#","skippedRankLabel":"S""#, "")]
    {
        assert_eq!(marks(source, cell), only, "{source} {cell}");
    }
    let blank = r#","treatBlankAsUndeclaredWriteIn":true"#;
    let both = vec![(count::rules::irv::WRITE_INS.to_owned(), 1), ("A".to_owned(), 2)];
    assert_eq!(marks(blank, ""), both);
    assert_eq!(marks(blank, "undervote"), only);
}

#[test]
fn both_kinds_of_utf_16_are_refused() {
    for start in [[0xFF, 0xFE], [0xFE, 0xFF]] {
        let refusal = pabulib::read(&[&start[..], b"M\0E\0"].concat()).unwrap_err();
        assert!(refusal.reason.contains("UTF-16"), "{refusal}");
    }
}

#[test]
fn amounts_have_digits_before_or_after_their_point() {
    let cost = |amount: &str| {
        let read = pabulib::read(PB.replace("A;60", &format!("A;{amount}")).as_bytes());
        read.map(|read| (read.election.options[0].cost.unwrap(), read.election.money_decimals))
    };
    assert_eq!(cost("0.123456").unwrap(), (123_456, 6));
    assert_eq!(cost(".5").unwrap(), (5, 1));
    assert!(cost("0.1234567").is_err() && cost(".").is_err() && cost("+").is_err());
}

#[test]
fn lines_among_names_are_comments_only_where_names_are_enough() {
    let named = |lines: &str| blt::read(format!("2 1\n3 1 2 0\n0\n{lines}").as_bytes()).unwrap();
    let names = |read: &Read| read.election.names();
    let commented = named("# by the clerk\n\"Ann\"\n\"Bob\"\n\"Title\"\n");
    assert_eq!((names(&commented), &*commented.election.title), (vec!["Ann".into(), "Bob".into()], "Title"));
    let numbered = named("#1\n\"Bob\"\n\"Title\"\n");
    assert_eq!((names(&numbered), &*numbered.election.title), (vec!["#1".into(), "Bob".into()], "Title"));
    let longer = named("\"Ann\"\n\"Bob\"\n\"Title\"\n\"More\"\n\"Still more\"\n");
    assert_eq!(repair(&longer, "more lines after the title").unwrap().line, Some(7));
}

/// A short way reads what nearly all lines are; what is not quite so takes the long way, and both see the same.
#[test]
fn unusual_lines_of_votes_are_read_like_usual_ones() {
    let votes = |line: &str| blt::read(format!("3 1\n{line}\n0\n\"A\"\n\"B\"\n\"C\"\n\"T\"\n").as_bytes());
    let usual = votes("2 3 1 0").unwrap().election.votes;
    for same in ["  2  3 1 0  ", "2\t3\t1 0", "2 3\n1 0", "2 3 1 0 # clerk", "0000000002 3 1 0", "2 3 01 0"] {
        assert_eq!(votes(same).unwrap().election.votes, usual, "{same}");
    }
    assert_eq!(votes("999999999 3 1 0").unwrap().election.votes.total(), 999_999_999);
    assert_eq!(votes("1000000000 3 1 0").unwrap().election.votes.total(), 1_000_000_000);
    for wrong in ["2 4 0", "2 3 x 0", "x 3 0", "2 3 1", "2 3 10000000000 0"] {
        assert!(votes(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn orders_of_preflib_say_what_does_not_belong() {
    let order = |order: &str| {
        let text = format!(
            "# NUMBER ALTERNATIVES: 2\n# ALTERNATIVE NAME 1: A\n# ALTERNATIVE NAME 2: B\n# NUMBER VOTERS: 3\n{order}\n"
        );
        preflib::read(text.as_bytes(), "soi")
    };
    assert_eq!(order("3: 2,1").unwrap().election.votes.total(), 3);
    let refusal = order("3: 1,x").unwrap_err();
    assert!(refusal.line == Some(5) && refusal.reason.contains("“x” does not belong"), "{refusal}");
}

#[test]
fn approvals_are_written_as_two_categories() {
    let text =
        write("x.cat", &election(Form::Approval, &[(3, &[(0, 1)]), (2, &[]), (1, &[(0, 1), (2, 1)])]), None)
            .unwrap();
    for line in ["3: {1},{2,3}", "2: {},{1,2,3}", "1: {1,3},{2}"] {
        assert!(text.lines().any(|l| l == line), "{line} is not in\n{text}");
    }
    let text = write("x.toc", &election(Form::Ranking, &[(3, &[(0, 1), (1, 2), (2, 2)])]), None).unwrap();
    assert!(text.lines().any(|l| l == "3: 1,{2,3}"), "{text}");
}

#[test]
fn amounts_are_digits_with_at_most_six_decimals() {
    for wrong in [".", "-", "6x", "x6", "1.x", "1.2345678", "6 0", "1.2.3"] {
        let refusal = pabulib::read(SELECTED.replace("A;60", &format!("A;{wrong}")).as_bytes()).unwrap_err();
        assert_eq!(refusal.line, Some(8), "{wrong}: {refusal}");
    }
    for (right, cost) in [("60.", 60), ("060", 60), ("+60", 60), ("60.000000000", 60)] {
        let read = pabulib::read(SELECTED.replace("A;60", &format!("A;{right}")).as_bytes()).unwrap();
        assert_eq!((read.election.options[0].cost, read.election.money_decimals), (Some(cost), 0), "{right}");
    }
}

#[test]
fn bytes_of_another_encoding_are_named_with_their_line() {
    let text = SELECTED.replace("First", "F#rst");
    let latin: Vec<u8> = text.bytes().map(|b| if b == b'#' { 0xE9 } else { b }).collect();
    let read = pabulib::read(&latin).unwrap();
    assert_eq!(
        (repair(&read, "not UTF-8").unwrap().line, &*read.election.options[0].name),
        (Some(8), "Férst")
    );
}

#[test]
fn what_was_topped_up_was_published_as_won_only_where_the_rule_tops_up() {
    let published = |rule: &str| {
        pabulib::read(SELECTED.replace("rule;greedy", &format!("rule;{rule}")).as_bytes()).unwrap().published
    };
    assert_eq!(published("greedy").unwrap(), [0]);
    assert_eq!(published("greedy-custom").unwrap(), [0, 1]);
}

#[test]
fn the_usual_rule_follows_from_votes_and_seats() {
    let counted = |name: &str, text: &str, seats: Option<u32>| {
        let request = Request { seats, ..Request::default() };
        report(name, text.as_bytes(), &[], &request).unwrap().outcome.rule
    };
    let cat = write("x.cat", &election(Form::Approval, &[(3, &[(0, 1)]), (2, &[(1, 1)])]), None).unwrap();
    assert_eq!(counted("x.cat", &cat, Some(2)), Rule::parse("sequential-phragmen", Some(2)).unwrap());
    assert_eq!(counted("x.cat", &cat, Some(1)), Rule::parse("approval", Some(1)).unwrap());
    assert_eq!(counted("x.cat", &cat, None), Rule::parse("approval", None).unwrap());
    let soc = write("x.soc", &election(Form::Ranking, &[(3, &[(0, 1), (1, 2), (2, 3)])]), None).unwrap();
    assert_eq!(counted("x.soc", &soc, None), Rule::parse("irv", None).unwrap());
    assert_eq!(counted("x.soc", &soc, Some(1)), Rule::parse("irv", None).unwrap());
    assert_eq!(counted("x.soc", &soc, Some(2)), Rule::parse("scottish-stv", Some(2)).unwrap());
    let toc = write("x.toc", &election(Form::Ranking, &[(3, &[(0, 1), (1, 2), (2, 2)])]), None).unwrap();
    assert_eq!(counted("x.toc", &toc, None), Rule::parse("schulze", None).unwrap());
}

/// The title says every part once; a threshold of 0 is none.
#[test]
fn heads_of_budgets_say_what_is_there() {
    let read = |head: &str| {
        pabulib::read(PB.replace("budget;100", &format!("budget;100\n{head}")).as_bytes()).unwrap()
    };
    assert_eq!(
        read("unit;Springfield\ndistrict;North\nsubunit;Springfield").election.title,
        "Springfield, North"
    );
    assert_eq!(read("description;Our street\nunit;").election.title, "Our street");
    let threshold = |head: &str| match read(head).rule {
        Some(Rule::Greedy(greedy)) => greedy.threshold,
        _ => panic!("greedy is named"),
    };
    assert_eq!(threshold("min_project_score_threshold;0"), None);
    assert_eq!(threshold("min_project_score_threshold;2.5"), Some(Number::ratio(5, 2)));
}

/// What a contest of RCTab cannot hold is refused in words.
#[test]
fn contests_hold_whole_per_cents_and_tables_that_can_be_read() {
    let of = |numerator, denominator| {
        let mode = Mode::BottomsUpShare(Share { numerator, denominator });
        Some(Rule::RankedChoice(RankedChoice { mode, ..RankedChoice::usual() }))
    };
    let mut votes = election(Form::Ranking, &[(1, &[(0, 1), (1, 2)])]);
    let written = |votes: &Election, rule: &Option<Rule>| {
        rctab::write(votes, rule.as_ref(), "b.csv").map_err(|refusal| refusal.to_string())
    };
    for (numerator, denominator) in [(15, 100), (1, 4), (3, 20)] {
        assert!(written(&votes, &of(numerator, denominator)).is_ok(), "{numerator}/{denominator}");
    }
    for (numerator, denominator) in [(1, 3), (1, 1_000), (1, 0), (u64::MAX, 1)] {
        let refusal = written(&votes, &of(numerator, denominator)).unwrap_err();
        assert!(refusal.contains("whole per cent only"), "{refusal}");
    }
    votes.votes.push(1, &mut [(1, 30_000_000)]).unwrap();
    let refusal = written(&votes, &of(1, 4)).unwrap_err();
    assert!(refusal.contains("30000000 columns for 2 different votes"), "{refusal}");
}
