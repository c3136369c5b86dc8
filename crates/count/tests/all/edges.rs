//! Edges that no other test came to: each was found by changing one line of the program and seeing nothing fail
//! (mutation testing, see CONTRIBUTING.md).

use count::files::{Read, blt, pabulib, preflib, rctab, write};
use count::report::{Request, report};
use count::rules::committee::{Committee, Method, Rest};
use count::rules::consent::{Block, Consent, Objection, ObjectionFate};
use count::rules::greedy::{Greedy, Overflow};
use count::rules::irv::{Mode, RankedChoice, TieBreak};
use count::rules::meek::{EqualRanks, Meek};
use count::rules::motion::{Base, Motion, Quorum, QuorumOf, TieRule};
use count::rules::shares::{Comparison, Completion, EqualShares, Start, Stop};
use count::{
    BallotOption, By, Election, Fate, Form, Idle, Lot, Number, OVERVOTE, Refusal, Rule, Sentence, Share,
    Status, Value, Votes, Words, count, margin, way, what_if,
};

const PB: &str = "META\nkey;value\nbudget;100\nvote_type;approval\nrule;greedy\nPROJECTS\nproject_id;cost;name;selected\n\
                  A;60;First;1\nB;50;Second;2\nVOTES\nvoter_id;vote\n1;A,B\n2;A\n";

fn election(form: Form, votes: &[(u64, &[(u32, i32)])]) -> Election {
    let named = ["Ann", "Bob", "Cem"].map(BallotOption::named).to_vec();
    let mut election = Election::new("test", named, form);
    for (weight, marks) in votes {
        election.votes.push(*weight, &mut marks.to_vec()).unwrap();
    }
    election
}

fn repair(read: &Read, with: &str) -> Option<usize> {
    read.repairs.iter().find(|repair| repair.what.contains(with)).unwrap_or_else(|| panic!("no {with}")).line
}

#[test]
fn a_lot_order_names_everybody_once() {
    for wrong in [&[0, 0, 1][..], &[0, 1], &[0, 1, 3], &[0, 1, 2, 2]] {
        assert!(Lot::from_order(wrong, 3).is_err(), "{wrong:?}");
    }
    assert_eq!(Lot::from_order(&[2, 0, 1], 3).unwrap().order(), [2, 0, 1]);
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
    assert_eq!(repair(&longer, "more lines after the title"), Some(7));
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
    let text = write("x.cat", &election(Form::Approval, &[(3, &[(0, 1)]), (2, &[]), (1, &[(0, 1), (2, 1)])]))
        .unwrap();
    for line in ["3: {1},{2,3}", "2: {},{1,2,3}", "1: {1,3},{2}"] {
        assert!(text.lines().any(|l| l == line), "{line} is not in\n{text}");
    }
    let text = write("x.toc", &election(Form::Ranking, &[(3, &[(0, 1), (1, 2), (2, 2)])])).unwrap();
    assert!(text.lines().any(|l| l == "3: 1,{2,3}"), "{text}");
}

#[test]
fn only_the_contest_that_is_wanted_is_counted() {
    let contest = |rules: &str, wanted: &str| {
        format!(
            r#"{{"rules":{{"tiebreakMode":"useCandidateOrder","overvoteRule":"exhaustImmediately"{rules}}},
            "candidates":[{{"name":"A"}},{{"name":"B"}}],
            "cvrFileSources":[{{"provider":"cdf","filePath":"b.json","contestId":"{wanted}"}}]}}"#
        )
    };
    let choice = |contest: &str, who: &str| {
        format!(
            r#"{{"ContestId":"{contest}","CVRContestSelection":[{{"ContestSelectionId":"{who}","SelectionPosition":[{{"Rank":1}}]}}]}}"#
        )
    };
    let ballots = format!(
        r#"{{"CVR":[{{"CVRSnapshot":[{{"CVRContest":[{},{}]}}]}}]}}"#,
        choice("mayor", "A"),
        choice("clerk", "B")
    );
    let read =
        |contest: &str| rctab::read(contest.as_bytes(), &[("b.json".into(), ballots.clone().into_bytes())]);
    for (wanted, option) in [("mayor", 0), ("clerk", 1)] {
        let read = read(&contest("", wanted)).unwrap();
        let marks: Vec<u32> = read.election.votes.iter().flat_map(|v| v.options.to_vec()).collect();
        assert_eq!(marks, [option], "{wanted}");
    }
    for (rules, rounds) in [("0", None), ("1", Some(1)), ("4", Some(4))] {
        let rules = format!(r#","stopTabulationEarlyAfterRound":"{rules}""#);
        let Some(Rule::RankedChoice(rule)) = read(&contest(&rules, "mayor")).unwrap().rule else { panic!() };
        assert_eq!(rule.stop_after, rounds);
    }
}

#[test]
fn amounts_are_digits_with_at_most_six_decimals() {
    for wrong in [".", "-", "6x", "x6", "1.x", "1.2345678", "6 0", "1.2.3"] {
        let refusal = pabulib::read(PB.replace("A;60", &format!("A;{wrong}")).as_bytes()).unwrap_err();
        assert_eq!(refusal.line, Some(8), "{wrong}: {refusal}");
    }
    for (right, cost) in [("60.", 60), ("060", 60), ("+60", 60), ("60.000000000", 60)] {
        let read = pabulib::read(PB.replace("A;60", &format!("A;{right}")).as_bytes()).unwrap();
        assert_eq!((read.election.options[0].cost, read.election.money_decimals), (Some(cost), 0), "{right}");
    }
}

#[test]
fn bytes_of_another_encoding_are_named_with_their_line() {
    let text = PB.replace("First", "F#rst");
    let latin: Vec<u8> = text.bytes().map(|b| if b == b'#' { 0xE9 } else { b }).collect();
    let read = pabulib::read(&latin).unwrap();
    assert_eq!((repair(&read, "not UTF-8"), &*read.election.options[0].name), (Some(8), "Férst"));
}

#[test]
fn what_was_topped_up_was_published_as_won_only_where_the_rule_tops_up() {
    let published = |rule: &str| {
        pabulib::read(PB.replace("rule;greedy", &format!("rule;{rule}")).as_bytes()).unwrap().published
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
    let cat = write("x.cat", &election(Form::Approval, &[(3, &[(0, 1)]), (2, &[(1, 1)])])).unwrap();
    assert_eq!(counted("x.cat", &cat, Some(2)), Rule::parse("sequential-phragmen", Some(2)).unwrap());
    assert_eq!(counted("x.cat", &cat, Some(1)), Rule::parse("approval", Some(1)).unwrap());
    assert_eq!(counted("x.cat", &cat, None), Rule::parse("approval", None).unwrap());
    let soc = write("x.soc", &election(Form::Ranking, &[(3, &[(0, 1), (1, 2), (2, 3)])])).unwrap();
    assert_eq!(counted("x.soc", &soc, None), Rule::parse("irv", None).unwrap());
    assert_eq!(counted("x.soc", &soc, Some(1)), Rule::parse("irv", None).unwrap());
    assert_eq!(counted("x.soc", &soc, Some(2)), Rule::parse("scottish-stv", Some(2)).unwrap());
    let toc = write("x.toc", &election(Form::Ranking, &[(3, &[(0, 1), (1, 2), (2, 2)])])).unwrap();
    assert_eq!(counted("x.toc", &toc, None), Rule::parse("schulze", None).unwrap());
}

#[test]
fn a_share_is_between_none_and_all() {
    let votes = election(Form::Motion, &[(3, &[(0, 1)]), (1, &[(1, 1)])]);
    let with = |numerator, denominator| -> Result<bool, Refusal> {
        let share = Share { numerator, denominator };
        let rule = Motion { base: Base::YesAndNo, share, strict: false, quorum: None, tie: TieRule::Fails };
        count(&votes, &Rule::Motion(rule), &Lot::ballot_order(3)).map(|outcome| !outcome.winners.is_empty())
    };
    assert!(with(3, 2).is_err() && with(1, 0).is_err() && with(0, 0).is_err());
    assert_eq!([with(3, 4), with(4, 5), with(1, 1)], [Ok(true), Ok(false), Ok(false)]);
}

/// Equal votes are the chair's only where half of yes and no decides; a quorum of turnout counts abstentions.
#[test]
fn equal_votes_on_a_motion_go_to_the_chair_where_half_decides() {
    let carried =
        |base: Base, share: Share, chair: Option<bool>, quorum: Option<QuorumOf>, sums: [u64; 3]| {
            let votes: Vec<(u64, [(u32, i32); 1])> =
                sums.iter().zip(0..).map(|(weight, option)| (*weight, [(option, 1)])).collect();
            let votes: Vec<(u64, &[(u32, i32)])> =
                votes.iter().map(|(weight, marks)| (*weight, &marks[..])).collect();
            let tie = chair.map_or(TieRule::Fails, |yes| TieRule::ChairDecides(Some(yes)));
            let quorum = quorum.map(|of| Quorum { of, share: Share::of(1, 2), eligible: 10 });
            let rule = Motion { base, share, strict: false, quorum, tie };
            let votes = election(Form::Motion, &votes);
            !count(&votes, &Rule::Motion(rule), &Lot::ballot_order(3)).unwrap().winners.is_empty()
        };
    let half = Share::of(1, 2);
    assert!(!carried(Base::YesAndNo, half, None, None, [4, 4, 1]));
    assert!(carried(Base::YesAndNo, half, Some(true), None, [4, 4, 1]));
    assert!(!carried(Base::YesAndNo, half, Some(false), None, [4, 4, 1]));
    // Elsewhere the share says what equal votes mean.
    assert!(!carried(Base::YesAndNo, Share::of(2, 3), Some(true), None, [4, 4, 1]));
    assert!(carried(Base::YesAndNo, Share::of(1, 3), None, None, [4, 4, 1]));
    assert!(carried(Base::AllVotes, Share::of(2, 5), Some(false), None, [4, 4, 1]));
    for (of, sums, is) in [
        (QuorumOf::Turnout, [2, 1, 2], true),
        (QuorumOf::Turnout, [2, 1, 1], false),
        (QuorumOf::Turnout, [3, 2, 0], true),
        (QuorumOf::Yes, [4, 1, 5], false),
        (QuorumOf::Yes, [5, 1, 0], true),
    ] {
        assert_eq!(carried(Base::YesAndNo, half, None, Some(of), sums), is, "{of:?} {sums:?}");
    }
}

#[test]
fn a_tie_that_an_earlier_stage_breaks_is_told() {
    let votes: &[(u64, &[(u32, i32)])] =
        &[(8, &[(0, 1)]), (5, &[(1, 1)]), (4, &[(2, 1)]), (1, &[(3, 1), (2, 2)]), (0, &[])];
    let mut votes = election(Form::Ranking, votes);
    votes.options.push(BallotOption::named("Dee"));
    let outcome =
        count(&votes, &Rule::parse("scottish-stv", Some(1)).unwrap(), &Lot::ballot_order(4)).unwrap();
    let told: Vec<(usize, &[usize], usize, By)> =
        outcome.ties.iter().map(|tie| (tie.round, &tie.tied[..], tie.chosen, tie.by)).collect();
    assert_eq!(told, [(3, &[1, 2][..], 2, By::EarlierRound(1))]);
}

/// Of three with equal points, two equal pairs and one that is not: only whoever wins a pair is ahead.
#[test]
fn equal_pairs_are_no_wins_among_those_with_equal_points() {
    let votes: &[(u64, &[(u32, i32)])] = &[(1, &[(2, 2)]), (1, &[(0, 1)]), (1, &[(0, 1), (1, 2)])];
    let votes = election(Form::Score, votes);
    let lot = Lot::from_order(&[1, 0, 2], 3).unwrap();
    let outcome = count(&votes, &Rule::parse("star", None).unwrap(), &lot).unwrap();
    let first = &outcome.ties[0];
    assert_eq!((&first.tied[..], first.chosen, first.by), (&[0, 1, 2][..], 0, By::HeadToHead));
}

fn priced(votes: &[(u64, &[u32])], costs: &[u64], budget: u64) -> Election {
    let named =
        costs.iter().map(|cost| BallotOption { cost: Some(*cost), ..BallotOption::named("x") }).collect();
    let mut election = Election::new("budget", named, Form::Approval);
    election.budget = Some(budget);
    for (weight, options) in votes {
        election.votes.push(*weight, &mut options.iter().map(|o| (*o, 1)).collect::<Vec<_>>()).unwrap();
    }
    election
}

#[test]
fn of_free_projects_of_one_group_one_is_funded_and_the_lot_is_told() {
    let rule = Rule::parse("equal-shares", None).unwrap();
    let counted = |votes: &[(u64, &[u32])]| {
        let mut election = priced(votes, &[0, 0, 0], 10);
        election.options.iter_mut().take(2).for_each(|option| option.group = Some("g".into()));
        let outcome = count(&election, &rule, &Lot::from_order(&[2, 1, 0], 3).unwrap()).unwrap();
        let told: Vec<(Vec<usize>, usize)> =
            outcome.ties.iter().map(|tie| (tie.tied.clone(), tie.chosen)).collect();
        (outcome.winners, told)
    };
    assert_eq!(counted(&[(2, &[0, 1, 2])]), (vec![2, 1], vec![(vec![1, 0], 1)]));
    assert_eq!(counted(&[(2, &[0, 2]), (1, &[1, 0])]), (vec![0, 2], vec![]));
}

/// Raises end as soon as nothing more fits into the budget; what costs exactly what is left fits.
#[test]
fn raises_end_when_nothing_more_fits() {
    let shares = EqualShares {
        start: Start::Exact,
        completion: Completion::Add1,
        stop: Stop::OverspendOrExhaustive,
        comparison: Comparison::None,
    };
    let counted = |votes: &[(u64, &[u32])], costs: &[u64]| {
        let election = priced(votes, costs, 100);
        let lot = Lot::ballot_order(costs.len());
        let outcome = count(&election, &Rule::EqualShares(shares.clone()), &lot).unwrap();
        (outcome.winners, outcome.account.unwrap().raises)
    };
    // Ten people hold 10 each. 40 are left, and the second project costs 40: with 14 each its three can pay.
    assert_eq!(counted(&[(6, &[0]), (3, &[1]), (1, &[])], &[60, 40]), (vec![0, 1], Some(4)));
    // It costs more than is left, and there is nothing to wait for.
    assert_eq!(counted(&[(6, &[0]), (4, &[1])], &[60, 50]), (vec![0], Some(0)));
}

#[test]
fn seats_are_given_to_rules_that_have_them() {
    let seats = |name: &str| Rule::parse(name, None).unwrap().with_seats(Some(3)).seats();
    assert_eq!((seats("irv"), seats("greedy")), (Some(1), None));
    for name in ["ranked-choice-several", "scottish-stv", "meek", "sequential-pav", "block-vote"] {
        assert_eq!(seats(name), Some(3), "{name}");
    }
}

#[test]
fn other_rules_are_of_the_same_kind() {
    let mut votes = election(Form::Approval, &[(3, &[(0, 1)]), (2, &[(1, 1), (2, 1)])]);
    votes.budget = Some(10);
    votes.options.iter_mut().for_each(|option| option.cost = Some(4));
    let lot = Lot::ballot_order(3);
    let money = |rule: &Rule| matches!(rule, Rule::Greedy(_) | Rule::EqualShares(_));
    for name in ["approval", "greedy"] {
        let rule = Rule::parse(name, Some(1)).unwrap();
        let others = what_if(&votes, &count(&votes, &rule, &lot).unwrap(), &lot);
        assert!(
            !others.is_empty() && others.iter().all(|other| money(&other.rule) == money(&rule)),
            "{name}"
        );
    }
}

/// A proposal stands if too few people still object at the end; whoever objects twice is one person.
#[test]
fn consent_is_blocked_by_enough_people_who_still_object() {
    use ObjectionFate::{Integrated, Open, Withdrawn};
    let votes = election(Form::ChooseOne, &[]);
    let counted = |block: Block, fates: &[(u64, ObjectionFate)]| {
        let objections =
            fates.iter().map(|&(participant, fate)| Objection { participant, round: 1, fate }).collect();
        let rule = Consent { block, participants: 10, objections };
        count(&votes, &Rule::Consent(rule), &Lot::ballot_order(3)).unwrap().winners
    };
    let (two, fifth) = (Block::People(2), Block::Share(Share::of(1, 5)));
    for block in [two, fifth] {
        assert_eq!(counted(block, &[]), [0]);
        assert_eq!(counted(block, &[(1, Open)]), [0]);
        assert_eq!(counted(block, &[(1, Open), (1, Open)]), [0]);
        assert_eq!(counted(block, &[(1, Open), (2, Open)]), [0; 0]);
        assert_eq!(counted(block, &[(1, Open), (2, Withdrawn(2))]), [0]);
        assert_eq!(counted(block, &[(1, Open), (2, Integrated(2)), (3, Open)]), [0; 0]);
    }
}

#[test]
fn who_beats_everybody_is_told_their_closest_rival() {
    let equal: &[(u32, i32)] = &[(1, 1), (0, 2), (2, 2)];
    let votes: &[(u64, &[(u32, i32)])] =
        &[(6, &[(0, 1), (1, 2), (2, 3)]), (4, &[(1, 1), (0, 2), (2, 3)]), (1, equal)];
    let votes = election(Form::Ranking, votes);
    for name in ["schulze", "ranked-pairs"] {
        let outcome = count(&votes, &Rule::parse(name, None).unwrap(), &Lot::ballot_order(3)).unwrap();
        let said: Vec<String> =
            outcome.explanation.iter().map(|s| Words::english().say(s, &votes.names())).collect();
        assert!(said.iter().any(|s| s.contains("Bob") && s.contains('6') && s.contains('5')), "{said:?}");
    }
}

#[test]
fn parameters_that_make_no_sense_are_refused() {
    let votes = election(Form::Ranking, &[(3, &[(0, 1), (1, 2)]), (2, &[(1, 1)])]);
    let refused = |rule: Rule| count(&votes, &rule, &Lot::ballot_order(3)).is_err();
    let meek = |decimals, omega| {
        let (equal_ranks, only_positive_surplus) = (EqualRanks::AllOrders, false);
        Rule::Meek(Meek { seats: 1, decimals, omega, equal_ranks, only_positive_surplus })
    };
    assert_eq!([meek(9, 6), meek(9, 9), meek(10, 6), meek(5, 6)].map(refused), [false, false, true, true]);
    let until_two =
        |mode| Rule::RankedChoice(RankedChoice { until_two: true, mode, ..RankedChoice::usual() });
    assert_eq!([until_two(Mode::SingleWinner), until_two(Mode::OnePerRound)].map(refused), [false, true]);
}

#[test]
fn another_rule_for_a_budget_keeps_its_threshold() {
    let mut votes = election(Form::Approval, &[(3, &[(0, 1)]), (2, &[(1, 1), (2, 1)])]);
    votes.budget = Some(20);
    votes.options.iter_mut().for_each(|option| option.cost = Some(4));
    let (rule, lot) =
        (Rule::Greedy(Greedy { threshold: Some(3.into()), ..Greedy::skip() }), Lot::ballot_order(3));
    let others = what_if(&votes, &count(&votes, &rule, &lot).unwrap(), &lot);
    let greedy: Vec<(bool, usize)> = others
        .iter()
        .filter_map(|other| match &other.rule {
            Rule::Greedy(greedy) => Some((greedy.threshold.is_some(), other.winners.as_ref().unwrap().len())),
            _ => None,
        })
        .collect();
    assert!(greedy.contains(&(true, 1)) && greedy.contains(&(false, 3)), "{greedy:?}");
    assert!(greedy.iter().all(|(kept, winners)| (*winners == 1) == *kept), "{greedy:?}");
}

#[test]
fn steps_of_a_way_are_those_of_the_count() {
    let mut votes = election(Form::Approval, &[(3, &[(0, 1), (1, 1)]), (2, &[(1, 1), (2, 1)])]);
    votes.budget = Some(20);
    votes.options.iter_mut().zip([8, 0, 8]).for_each(|(option, cost)| option.cost = Some(cost));
    let rule = Rule::parse("equal-shares", None).unwrap();
    let outcome = count(&votes, &rule, &Lot::ballot_order(3)).unwrap();
    for vote in 0..2 {
        let steps = way(&votes, &outcome, vote).unwrap();
        assert!(steps.iter().all(|step| step.round >= 1), "{steps:?}");
        assert!(steps.windows(2).all(|pair| pair[0].round <= pair[1].round), "{steps:?}");
    }
}

#[test]
fn points_have_the_decimals_of_the_votes() {
    let mut votes = election(Form::Score, &[(3, &[(0, 15), (1, 5)]), (2, &[(1, 20), (2, 1)])]);
    (votes.budget, votes.score_decimals) = (Some(20), 1);
    votes.options.iter_mut().for_each(|option| option.cost = Some(8));
    let points = |by_points: bool| -> Vec<Option<String>> {
        let rule = Rule::Greedy(Greedy { by_points, ..Greedy::skip() });
        let outcome = count(&votes, &rule, &Lot::ballot_order(3)).unwrap();
        let mut lines = outcome.account.unwrap().lines;
        lines.sort_by_key(|line| line.option);
        lines.iter().map(|line| line.points.as_ref().map(ToString::to_string)).collect()
    };
    assert_eq!(points(true), ["4.5", "5.5", "0.2"].map(|text| Some(text.to_owned())));
    assert!(points(false).iter().all(Option::is_none));
}

#[test]
fn digests_tell_rules_and_votes_apart() {
    let votes = election(Form::Approval, &[(3, &[(0, 1)]), (2, &[(1, 1)])]);
    let other = election(Form::Approval, &[(2, &[(0, 1)]), (3, &[(1, 1)])]);
    let lot = Lot::ballot_order(3);
    let digests = |election: &Election, rule: &str| {
        let outcome = count(election, &Rule::parse(rule, None).unwrap(), &lot).unwrap();
        (outcome.rule_digest, outcome.votes_digest)
    };
    let (rule, votes_digest) = digests(&votes, "approval");
    assert_eq!(digests(&votes, "plurality").1, votes_digest);
    assert_ne!(digests(&votes, "plurality").0, rule);
    assert_eq!(digests(&other, "approval").0, rule);
    assert_ne!(digests(&other, "approval").1, votes_digest);
}

#[test]
fn votes_know_whether_there_are_any() {
    let mut votes = Votes::new(Form::Approval);
    assert!(votes.is_empty());
    votes.push(1, &mut []).unwrap();
    assert!(!votes.is_empty());
}

#[test]
fn long_quotients_are_reduced_and_written_out() {
    let whole: Number = "12345678901234567890123456789/123456789012345678901234567890".parse().unwrap();
    assert_eq!(whole.to_string().parse::<Number>().unwrap(), whole);
    for (units, decimals, text) in
        [(0u64, 5, "0"), (150_000, 5, "1.5"), (u64::MAX, 0, "18446744073709551615"), (7, 9, "0.000000007")]
    {
        assert_eq!(Number::decimal(units, decimals).to_string(), text);
    }
    assert_eq!(Number::decimal(1u64, 10).to_string(), "1/10000000000");
    assert_eq!(Number::decimal(-15i64, 1).to_string(), "-1.5");
    assert_eq!(Number::decimal(u128::MAX, 2).to_string(), "3402823669209384634633746074317682114.55");
}

/// The lot, seeds of RCTab and earlier rounds break ties of two in their own ways: Java's first number for the seed 42
/// is 0.7275636800328681, so the second in the order of names is drawn.
#[test]
fn seeds_draw_what_rctab_draws() {
    let votes = election(Form::Ranking, &[(3, &[(0, 1)]), (3, &[(1, 1)]), (4, &[(2, 1), (0, 2)])]);
    let dropped = |ties: TieBreak, order: &[usize]| {
        let rule = Rule::RankedChoice(RankedChoice { ties, ..RankedChoice::usual() });
        let outcome = count(&votes, &rule, &Lot::from_order(order, 3).unwrap()).unwrap();
        assert_eq!(outcome.ties.len(), 1);
        (outcome.rounds[0].eliminated.clone(), outcome.ties[0].by)
    };
    for order in [[0, 1, 2], [2, 1, 0]] {
        assert_eq!(dropped(TieBreak::Seed(42), &order), (vec![1], By::Seed));
        assert_eq!(dropped(TieBreak::PreviousRoundsThenSeed(42), &order), (vec![1], By::Seed));
    }
    assert_eq!(dropped(TieBreak::Lot, &[0, 1, 2]), (vec![1], By::Lot));
    assert_eq!(dropped(TieBreak::Lot, &[1, 0, 2]), (vec![0], By::Lot));
}

/// The shares that are raised are whole units of money, whatever its decimals.
#[test]
fn floored_shares_are_whole_units_of_money() {
    let mut votes = priced(&[(3, &[0])], &[300], 100_050);
    votes.money_decimals = 2;
    let share = |start: Start| {
        let rule = EqualShares {
            start,
            completion: Completion::None,
            stop: Stop::Overspend,
            comparison: Comparison::None,
        };
        let outcome = count(&votes, &Rule::EqualShares(rule), &Lot::ballot_order(1)).unwrap();
        let said: Vec<String> =
            outcome.explanation.iter().map(|s| Words::english().say(s, &votes.names())).collect();
        assert!(said.iter().any(|s| s.contains("333.5")), "{said:?}");
        outcome.account.unwrap().share.unwrap().to_string()
    };
    assert_eq!([share(Start::Exact), share(Start::Floored)], ["333.5".to_owned(), "333".to_owned()]);
}

#[test]
fn a_project_that_was_withdrawn_is_told_as_such_though_it_has_a_cost() {
    let mut votes = priced(&[(3, &[0, 1])], &[30, 30], 100);
    votes.options[1].withdrawn = true;
    for name in ["equal-shares", "greedy"] {
        let outcome = count(&votes, &Rule::parse(name, None).unwrap(), &Lot::ballot_order(2)).unwrap();
        let fates: Vec<(usize, Fate)> =
            outcome.account.unwrap().lines.iter().map(|line| (line.option, line.fate)).collect();
        assert_eq!(fates, [(0, Fate::Funded), (1, Fate::Withdrawn)], "{name}");
    }
}

/// Every project has one sentence that says what became of it, and what was funded stands first.
#[test]
fn greedy_says_what_became_of_every_project() {
    let mut votes =
        priced(&[(9, &[0]), (8, &[1]), (7, &[2]), (3, &[3]), (1, &[4])], &[80, 5, 5, 5, 5, 5], 100);
    votes.options.iter_mut().skip(1).take(2).for_each(|option| option.group = Some("g".into()));
    votes.budget = Some(20);
    let rule = Rule::Greedy(Greedy { threshold: Some(2.into()), ..Greedy::skip() });
    let outcome = count(&votes, &rule, &Lot::ballot_order(6)).unwrap();
    let said = |option: usize| {
        let of = |s: &&Sentence| s.values.iter().any(|(_, value)| *value == Value::Options(vec![option]));
        outcome.explanation.iter().find(of).map_or("", |sentence| &*sentence.key)
    };
    assert_eq!(
        [0, 1, 2, 3, 4, 5].map(said),
        [
            "greedy.too_expensive",
            "greedy.funded",
            "budget.group_taken",
            "greedy.funded",
            "greedy.below",
            "budget.no_votes"
        ]
    );
    let lines = outcome.account.unwrap().lines;
    let order: Vec<usize> = lines.iter().map(|line| line.option).collect();
    assert_eq!(order[..2], [1, 3]);
}

#[test]
fn seats_that_shares_leave_empty_are_told() {
    let votes = election(Form::Approval, &[(3, &[(0, 1)]), (3, &[(1, 1)]), (2, &[(2, 1)])]);
    let full = election(Form::Approval, &[(3, &[(0, 1)]), (3, &[(1, 1)])]);
    let told = |votes: &Election, seats: u32| {
        let rule = Rule::Committee(Committee { seats, method: Method::EqualShares(Rest::Phragmen) });
        let outcome = count(votes, &rule, &Lot::ballot_order(3)).unwrap();
        assert_eq!(outcome.winners.len(), seats as usize);
        outcome.explanation.iter().any(|sentence| sentence.key == "committee.rest_shared")
    };
    assert_eq!([told(&full, 2), told(&votes, 3)], [false, true]);
}

/// Only who beats nobody's every rival needs the strength of paths; a single option needs nothing.
#[test]
fn paths_are_told_only_where_they_decide() {
    let told = |votes: &[(u64, &[(u32, i32)])], options: usize| {
        let mut votes = election(Form::Ranking, votes);
        votes.options.truncate(options);
        let outcome =
            count(&votes, &Rule::parse("schulze", None).unwrap(), &Lot::ballot_order(options)).unwrap();
        outcome.explanation.iter().any(|sentence| sentence.key == "pairs.strongest")
    };
    assert!(told(
        &[(5, &[(0, 1), (1, 2), (2, 3)]), (4, &[(1, 1), (2, 2), (0, 3)]), (3, &[(2, 1), (0, 2), (1, 3)])],
        3
    ));
    assert!(!told(&[(5, &[(0, 1), (1, 2), (2, 3)]), (4, &[(1, 1), (2, 2), (0, 3)])], 3));
    assert!(!told(&[(5, &[(0, 1)])], 1));
}

#[test]
fn objections_that_cannot_be_are_refused() {
    use ObjectionFate::{Integrated, Open, Withdrawn};
    let votes = election(Form::ChooseOne, &[]);
    let refused = |participants: u64, objections: &[(u64, u32, ObjectionFate)]| {
        let objections = objections
            .iter()
            .map(|&(participant, round, fate)| Objection { participant, round, fate })
            .collect();
        let rule = Consent { block: Block::People(1), participants, objections };
        count(&votes, &Rule::Consent(rule), &Lot::ballot_order(3)).is_err()
    };
    assert!(!refused(1, &[(1, 1, Open)]) && !refused(9, &[(1, 2, Withdrawn(2)), (1, 3, Integrated(4))]));
    assert!(refused(9, &[(1, 0, Open)]) && refused(9, &[(1, 0, Withdrawn(1))]));
    assert!(refused(9, &[(1, 2, Withdrawn(1))]) && refused(9, &[(1, 2, Integrated(1))]));
    assert!(refused(1, &[(1, 1, Open), (2, 1, Open)]));
}

#[test]
fn ballots_too_long_for_rounds_are_refused() {
    let named = (0..2_001).map(|n| BallotOption::named(n.to_string())).collect();
    let mut votes = Election::new("long", named, Form::Ranking);
    votes.votes.push(1, &mut [(0, 1)]).unwrap();
    for name in ["irv", "scottish-stv", "meek"] {
        let refusal =
            count(&votes, &Rule::parse(name, None).unwrap(), &Lot::ballot_order(2_001)).unwrap_err();
        assert!(refusal.reason.contains("2000 options"), "{refusal}");
    }
}

#[test]
fn half_is_half_but_not_more_than_half() {
    let half = Share::of(1, 2);
    assert_eq!(
        [half.reached(5, 10, false), half.reached(5, 10, true), half.reached(6, 10, true)],
        [true, false, true]
    );
    let votes = election(Form::Motion, &[(5, &[(0, 1)]), (3, &[(1, 1)]), (2, &[(2, 1)])]);
    let carried = |base: Base, strict: bool| {
        let rule = Motion { base, share: half, strict, quorum: None, tie: TieRule::Fails };
        !count(&votes, &Rule::Motion(rule), &Lot::ballot_order(3)).unwrap().winners.is_empty()
    };
    // Five of ten are half, and with a tenth no half of eleven.
    assert_eq!([carried(Base::AllVotes, false), carried(Base::AllVotes, true)], [true, false]);
    assert!(carried(Base::YesAndNo, true) && !carried(Base::Present(11), false));
}

#[test]
fn blank_votes_stand_in_the_first_round() {
    for name in ["plurality", "approval", "block-vote"] {
        let rule = Rule::parse(name, Some(1)).unwrap();
        let idle = |votes: &[(u64, &[(u32, i32)])]| {
            count(&election(Form::Approval, votes), &rule, &Lot::ballot_order(3)).unwrap().rounds[0]
                .idle
                .clone()
        };
        assert_eq!(idle(&[(3, &[(0, 1)]), (2, &[])]), [(Idle::Blank, Number::from(2u64))], "{name}");
        assert_eq!(idle(&[(3, &[(0, 1)])]), [], "{name}");
    }
}

#[test]
fn star_shows_points_and_then_its_runoff() {
    let votes = election(Form::Score, &[(3, &[(0, 5), (1, 4)]), (4, &[(0, 1), (1, 4), (2, 2)])]);
    let outcome = count(&votes, &Rule::parse("star", None).unwrap(), &Lot::ballot_order(3)).unwrap();
    let tallies = |round: usize| -> Vec<(usize, String, Status)> {
        let tallies = outcome.rounds[round].tallies.iter();
        tallies.map(|tally| (tally.option, tally.votes.to_string(), tally.status)).collect()
    };
    use Status::{Continuing, Elected, Eliminated};
    let named = |o: usize, votes: &str, status| (o, votes.to_owned(), status);
    assert_eq!(
        tallies(0),
        [named(0, "19", Continuing), named(1, "28", Continuing), named(2, "8", Eliminated)]
    );
    assert_eq!(tallies(1), [named(1, "4", Elected), named(0, "3", Eliminated)]);
}

#[test]
fn every_form_of_votes_has_its_other_rules() {
    let keys = |form: Form, rule: &str| -> Vec<String> {
        let votes = election(form, &[(3, &[(0, 1)]), (2, &[(1, 1)])]);
        let lot = Lot::ballot_order(3);
        let outcome = count(&votes, &Rule::parse(rule, None).unwrap(), &lot).unwrap();
        what_if(&votes, &outcome, &lot).into_iter().map(|other| other.key).collect()
    };
    for (form, rule, key) in [
        (Form::Score, "score", "what_if.star"),
        (Form::Approval, "approval", "what_if.single_marks"),
        (Form::Ranking, "irv", "what_if.schulze"),
        (Form::Motion, "motion", "what_if.two_thirds"),
    ] {
        assert!(keys(form, rule).iter().any(|other| other == key), "{rule}: {:?}", keys(form, rule));
    }
    let committee = |form: Form, rule: &str| {
        let votes = election(form, &[(3, &[(0, 1)]), (2, &[(1, 1)])]);
        let lot = Lot::ballot_order(3);
        let outcome = count(&votes, &Rule::parse(rule, Some(2)).unwrap(), &lot).unwrap();
        what_if(&votes, &outcome, &lot).len()
    };
    assert!(
        committee(Form::Approval, "sequential-pav") >= 3 && committee(Form::Ranking, "scottish-stv") >= 4
    );
}

/// Votes drawn again are as many as their new weights, and nobody's votes are left out.
#[test]
fn other_weights_make_other_votes() {
    let votes = election(Form::Approval, &[(3, &[(0, 1)]), (2, &[(1, 1), (2, 1)]), (1, &[])]).votes;
    let other = votes.reweighted(&[2, 0, 5]);
    assert_eq!((other.total(), other.len()), (7, 2));
    let weights: Vec<(u64, usize)> = other.iter().map(|vote| (vote.weight, vote.options.len())).collect();
    assert_eq!(weights, [(2, 1), (5, 0)]);
}

#[test]
fn a_vote_for_nothing_on_the_ballot_is_refused() {
    let wrong = |votes: &[(u64, &[(u32, i32)])]| {
        count(
            &election(Form::Approval, votes),
            &Rule::parse("approval", None).unwrap(),
            &Lot::ballot_order(3),
        )
    };
    assert!(wrong(&[(1, &[(2, 1)])]).is_ok());
    let refusal = wrong(&[(1, &[(3, 1)])]).unwrap_err();
    assert!(refusal.reason.contains("option 4"), "{refusal}");
    let none = Election::new("none", vec![], Form::Approval);
    assert!(count(&none, &Rule::parse("approval", None).unwrap(), &Lot::ballot_order(0)).is_err());
}

/// The names of a motion's options decide only where they are all names of what there is.
#[test]
fn options_of_a_motion_are_known_by_name_where_all_are() {
    let named = |names: &[&str]| -> Vec<String> {
        let options = names.iter().map(|name| BallotOption::named(*name)).collect();
        Election::new("m", options, Form::ChooseOne).as_motion().unwrap().names()
    };
    assert_eq!(named(&["No", "Yes"]), ["Yes", "No"]);
    assert_eq!(named(&["Abstain", "No", "Yes"]), ["Yes", "No", "Abstain"]);
    assert_eq!(named(&["Abstain", "No"]), ["Abstain", "No"]);
    assert_eq!(named(&["No", "Build it"]), ["No", "Build it"]);
}

#[test]
fn points_that_are_short_have_the_decimals_of_the_votes() {
    let mut votes = election(Form::Score, &[(1, &[(0, 50), (1, 30), (2, 10)])]);
    (votes.budget, votes.score_decimals) = (Some(10), 1);
    votes.options.iter_mut().for_each(|option| option.cost = Some(8));
    let short = |rule: Greedy, lot: &[usize]| -> Vec<(usize, String)> {
        let (rule, lot) = (Rule::Greedy(rule), Lot::from_order(lot, 3).unwrap());
        let found = margin(&votes, &count(&votes, &rule, &lot).unwrap(), &lot).unwrap();
        assert!(found.exact && found.short.iter().any(|short| short.1 == found.votes));
        found.short.iter().map(|(option, points)| (*option, points.to_string())).collect()
    };
    let told = |one: &str, two: &str| vec![(1, one.to_owned()), (2, two.to_owned())];
    let by_points = Greedy { by_points: true, ..Greedy::skip() };
    assert_eq!(short(by_points.clone(), &[0, 1, 2]), told("2.1", "4.1"));
    assert_eq!(short(by_points.clone(), &[2, 1, 0]), told("2", "4"));
    // Nobody is funded: each lacks what the threshold asks for.
    let high = Greedy { threshold: Some(6.into()), ..by_points };
    assert_eq!(short(high, &[0, 1, 2]), [(0, "1".to_owned()), (1, "3".to_owned()), (2, "5".to_owned())]);
    // By votes the points do not matter: one more vote overtakes.
    assert_eq!(short(Greedy { by_points: false, ..Greedy::skip() }, &[0, 1, 2]), told("1", "1"));
}

#[test]
fn points_between_winner_and_loser_are_the_margin() {
    let votes = election(Form::Score, &[(2, &[(0, 5), (1, 3)]), (1, &[(1, 2), (2, 1)])]);
    let lot = Lot::ballot_order(3);
    let outcome = count(&votes, &Rule::parse("score", None).unwrap(), &lot).unwrap();
    let found = margin(&votes, &outcome, &lot).unwrap();
    assert_eq!((found.votes.to_string().as_str(), found.exact), ("2", true));
    let votes = election(Form::Approval, &[(4, &[(0, 1)]), (2, &[(1, 1)])]);
    for (order, more) in [([0, 1, 2], "3"), ([1, 0, 2], "2")] {
        let lot = Lot::from_order(&order, 3).unwrap();
        let outcome = count(&votes, &Rule::parse("approval", None).unwrap(), &lot).unwrap();
        assert_eq!(margin(&votes, &outcome, &lot).unwrap().votes.to_string(), more);
    }
}

#[test]
fn numbers_have_at_most_nine_decimals() {
    for wrong in ["1.1234567890", "1.x", "1.-5", "x", "1/0", "1/x", ""] {
        assert!(wrong.parse::<Number>().is_err(), "{wrong}");
    }
    for (right, near) in [("1.123456789", 1.123_456_789), ("-3/4", -0.75), ("2", 2.0)] {
        assert!((right.parse::<Number>().unwrap().to_f64() - near).abs() < 1e-15, "{right}");
    }
}

#[test]
fn rules_refuse_votes_of_another_form() {
    for (form, name) in [
        (Form::Ranking, "star"),
        (Form::Approval, "irv"),
        (Form::Approval, "scottish-stv"),
        (Form::Score, "meek"),
        (Form::Motion, "approval"),
        (Form::Ranking, "score"),
        (Form::Ranking, "motion"),
    ] {
        let votes = election(form, &[(3, &[(0, 1)])]);
        let refusal = count(&votes, &Rule::parse(name, None).unwrap(), &Lot::ballot_order(3)).unwrap_err();
        assert!(refusal.reason.contains("which these votes are not"), "{name}: {refusal}");
    }
}

/// A published digest must stay what it is: the order of votes and their bytes are part of the record.
#[test]
fn digests_stay_what_they_were() {
    let mut votes = election(
        Form::Ranking,
        &[
            (3, &[(0, 1), (1, 2), (2, 3)]),
            (2, &[(OVERVOTE, 1), (1, 2)]),
            (4, &[(2, 1), (OVERVOTE, 2), (0, 3)]),
            (1, &[(1, 1), (2, 2), (OVERVOTE, 3), (0, 4)]),
            (1, &[(1, 1), (2, 2), (0, 3)]),
            (5, &[(1, 1)]),
            (1, &[(2, 1), (1, 2), (0, 3)]),
            (1, &[]),
            (2, &[(0, 2), (1, 3)]),
        ],
    );
    let digest = |votes: &Election| {
        count(votes, &Rule::parse("plurality", None).unwrap(), &Lot::ballot_order(votes.options.len()))
            .unwrap()
            .votes_digest
    };
    assert_eq!(digest(&votes), "9d439665349422071b767fba0f12c3d3c59f634cb5688d13b3aa051c1c93b85d");
    votes.options.extend((3..300).map(|n| BallotOption::named(n.to_string())));
    for n in 3..290u32 {
        votes.votes.push(1, &mut [(n, 1), (n + 7, 2), (n / 2, 3), (OVERVOTE, 4), (n / 3, 5)]).unwrap();
    }
    assert_eq!(digest(&votes), "68a4762110163569ba1a6d3300c38bab11c4c44edaa78366b3646a147af26226");
}

#[test]
fn parameters_of_ranked_choice_are_checked() {
    let votes = election(Form::Ranking, &[(3, &[(0, 1)]), (2, &[(1, 1)])]);
    let refused =
        |rule: RankedChoice| count(&votes, &Rule::RankedChoice(rule), &Lot::ballot_order(3)).is_err();
    let share = |share: Share| RankedChoice { mode: Mode::BottomsUpShare(share), ..RankedChoice::usual() };
    let with = |decimals: u32, winners: u32| RankedChoice { decimals, winners, ..RankedChoice::usual() };
    assert!(
        !refused(share(Share::of(1, 3)))
            && refused(share(Share::of(0, 3)))
            && refused(share(Share::of(4, 3)))
    );
    assert!(!refused(with(9, 1)) && refused(with(10, 1)) && refused(with(4, 2)));
}

#[test]
fn comparisons_are_of_five_hundred_options_at_most() {
    let many = |n: usize| {
        let named = (0..n).map(|i| BallotOption::named(i.to_string())).collect();
        let mut votes = Election::new("many", named, Form::Ranking);
        votes.votes.push(1, &mut [(1, 1)]).unwrap();
        votes
    };
    for name in ["schulze", "ranked-pairs"] {
        let rule = Rule::parse(name, None).unwrap();
        let refusal = count(&many(501), &rule, &Lot::ballot_order(501)).unwrap_err();
        assert!(refusal.reason.contains("at most 500"), "{refusal}");
        let mut none = many(2);
        none.options.iter_mut().for_each(|option| option.withdrawn = true);
        assert!(count(&none, &rule, &Lot::ballot_order(2)).is_err());
        assert!(count(&election(Form::Motion, &[(1, &[(0, 1)])]), &rule, &Lot::ballot_order(3)).is_err());
    }
}

#[test]
fn nobody_blocks_where_nobody_objects() {
    let rule = Consent { block: Block::Share(Share::of(0, 5)), participants: 10, objections: vec![] };
    let votes = election(Form::ChooseOne, &[]);
    assert_eq!(count(&votes, &Rule::Consent(rule), &Lot::ballot_order(3)).unwrap().winners, [0]);
}

/// Only a project that was withdrawn needs no cost; one that is topped up is told with what was left for it.
#[test]
fn projects_need_a_cost_and_the_last_may_be_topped_up() {
    let mut votes = priced(&[(3, &[0, 1]), (1, &[0])], &[60, 45], 100);
    let rule = |overflow| Rule::Greedy(Greedy { overflow, ..Greedy::skip() });
    let outcome = count(&votes, &rule(Overflow::TopUp(Share::of(4, 5))), &Lot::ballot_order(2)).unwrap();
    assert_eq!(outcome.winners, [0, 1]);
    let said = |key: &str| outcome.explanation.iter().filter(|sentence| sentence.key == key).count();
    assert_eq!((said("greedy.funded"), said("greedy.topped_up"), said("budget.withdrawn")), (1, 1, 0));
    votes.options[1].cost = None;
    let refusal = count(&votes, &rule(Overflow::Skip), &Lot::ballot_order(2)).unwrap_err();
    assert!(refusal.reason.contains("has no cost"), "{refusal}");
    votes.options[1].withdrawn = true;
    assert_eq!(count(&votes, &rule(Overflow::Skip), &Lot::ballot_order(2)).unwrap().winners, [0]);
}
