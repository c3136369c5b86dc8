//! Edges of what is told beside a result, found as those of [`crate::edges`] or by reading results as a voter.

use crate::edges::election;
use count::report::{Request, report};
use count::rules::consent::{Block, Consent, Objection, ObjectionFate};
use count::rules::motion::{Base, Motion, Quorum, QuorumOf, TieRule};
use count::{
    BallotOption, Election, Form, Idle, Lot, Number, Rule, Share, Words, count, margin, way, what_if,
};

/// Who marks only what was withdrawn is told so, and counted among those who count for nobody.
#[test]
fn a_mark_for_what_was_withdrawn_counts_for_nobody() {
    let mut votes = election(Form::ChooseOne, &[(4, &[(0, 1)]), (3, &[(1, 1)]), (7, &[(2, 1)])]);
    votes.options[2].withdrawn = true;
    for name in ["plurality", "approval"] {
        let outcome = count(&votes, &Rule::parse(name, None).unwrap(), &Lot::ballot_order(3)).unwrap();
        assert_eq!(outcome.rounds[0].idle, [(Idle::Blank, Number::from(7u64))], "{name}");
    }
    let outcome = count(&votes, &Rule::parse("plurality", None).unwrap(), &Lot::ballot_order(3)).unwrap();
    let steps = way(&votes, &outcome, 2).unwrap();
    assert_eq!(steps[0].sentence.key, "way.withdrawn");
}

#[test]
fn a_vote_is_told_how_it_stood_to_the_winner() {
    let votes =
        election(Form::Ranking, &[(3, &[(0, 1), (1, 2)]), (2, &[(1, 1), (0, 2), (2, 3)]), (1, &[(2, 1)])]);
    let outcome = count(&votes, &Rule::parse("schulze", None).unwrap(), &Lot::ballot_order(3)).unwrap();
    let keys = |vote: usize| -> Vec<String> {
        way(&votes, &outcome, vote).unwrap().into_iter().map(|step| step.sentence.key.into()).collect()
    };
    assert_eq!(outcome.winners, [0]);
    assert_eq!([keys(0), keys(1)], [vec!["way.for_winner"], vec!["way.for_winner", "way.against_winner"]]);
    assert_eq!(keys(2), ["way.against_winner", "way.neither"]);
    let motion = election(Form::Motion, &[(3, &[(0, 1)]), (4, &[(1, 1)]), (1, &[(2, 1)])]);
    let outcome = count(&motion, &Rule::parse("motion", None).unwrap(), &Lot::ballot_order(3)).unwrap();
    for (vote, key) in ["way.yes", "way.no", "way.abstained"].into_iter().enumerate() {
        let steps = way(&motion, &outcome, vote).unwrap();
        assert_eq!([&*steps[0].sentence.key, &*steps[1].sentence.key], [key, "motion.rejected"]);
    }
}

/// Beyond the ties whose other outcome is worked out, the result says how many there are.
#[test]
fn ties_that_are_too_many_to_try_are_numbered() {
    let mut votes = election(Form::Approval, &[]);
    votes.options = (0..60).map(|n| BallotOption::named(n.to_string())).collect();
    for option in 0..60 {
        votes.votes.push(1, &mut [(option, 1)]).unwrap();
    }
    let rule = Rule::parse("sequential-phragmen", Some(30)).unwrap();
    let outcome = count(&votes, &rule, &Lot::ballot_order(60)).unwrap();
    let tried = outcome.ties.iter().filter(|tie| tie.otherwise.is_some()).count();
    let said = outcome.explanation.iter().find(|sentence| sentence.key == "tie.not_tried").unwrap();
    assert_eq!(crate::laws::number(said, "ties"), Some(Number::whole(outcome.ties.len() - tried)));
    assert!(tried > 0 && tried < outcome.ties.len());
}

#[test]
fn somebody_may_be_in_without_anybody_being_out() {
    let votes = election(Form::Approval, &[(3, &[(0, 1), (1, 1)])]);
    let mut votes = Election { budget: Some(100), ..votes };
    votes.options.iter_mut().zip([200, 40, 70]).for_each(|(option, cost)| option.cost = Some(cost));
    let outcome =
        count(&votes, &Rule::parse("greedy-no-skip", None).unwrap(), &Lot::ballot_order(3)).unwrap();
    let said: Vec<String> =
        outcome.explanation.iter().map(|s| Words::english().say(s, &votes.names())).collect();
    assert!(said.iter().any(|s| s.ends_with("the lot chose Ann. Without it Bob would be in.")), "{said:?}");
}

/// A rule for one seat is not given several without a word, and what cannot be said is named.
#[test]
fn seats_and_margins_that_do_not_fit_are_told() {
    let board = "3 2\n4 1 2 0\n3 2 0\n2 3 0\n0\n\"Ann\"\n\"Bob\"\n\"Cem\"\n\"Board\"\n";
    let ask = |rule: &str, seats: Option<u32>| {
        let request = Request { rule: Some(rule.to_owned()), seats, what_if: true, ..Request::default() };
        report("board.blt", board.as_bytes(), &[], &request)
    };
    let told = |rule: &str, seats: Option<u32>| -> bool {
        ask(rule, seats).unwrap().repairs.iter().any(|repair| repair.what.contains("number of seats is 2"))
    };
    assert!(told("irv", None) && !told("scottish-stv", None) && !told("meek", Some(3)));
    let refusal = ask("irv", Some(2)).unwrap_err();
    assert!(refusal.reason.contains("this rule elects one"), "{refusal}");
    // Everybody is elected, whoever votes how.
    let all = ask("scottish-stv", Some(3)).unwrap();
    assert!(
        all.margin.is_none() && all.text(true).contains("How close it was is not said"),
        "{}",
        all.text(true)
    );
}

#[test]
fn another_share_for_a_motion_keeps_its_quorum() {
    let votes = election(Form::Motion, &[(3, &[(0, 1)]), (1, &[(1, 1)])]);
    let quorum = Some(Quorum { of: QuorumOf::Turnout, share: Share::of(1, 2), eligible: 100 });
    let rule =
        Motion { base: Base::YesAndNo, share: Share::of(1, 2), strict: true, quorum, tie: TieRule::Fails };
    let lot = Lot::ballot_order(3);
    let outcome = count(&votes, &Rule::Motion(rule), &lot).unwrap();
    let carried: Vec<String> = what_if(&votes, &outcome, &lot)
        .into_iter()
        .filter(|other| other.winners.as_ref().is_ok_and(|winners| !winners.is_empty()))
        .map(|other| other.key)
        .collect();
    assert_eq!(carried, ["what_if.no_quorum"]);
}

#[test]
fn equal_points_of_places_are_told() {
    let votes = election(Form::Ranking, &[(1, &[(0, 1), (1, 2), (2, 3)]), (1, &[(1, 1), (0, 2), (2, 3)])]);
    let outcome = count(&votes, &Rule::parse("borda", None).unwrap(), &Lot::ballot_order(3)).unwrap();
    assert_eq!(outcome.ties.iter().map(|tie| &tie.tied[..]).collect::<Vec<_>>(), [[0, 1]]);
}

#[test]
fn equals_for_the_second_place_of_the_runoff_are_told() {
    let votes = election(Form::Score, &[(1, &[(0, 5), (1, 2), (2, 2)])]);
    let outcome = count(&votes, &Rule::parse("star", None).unwrap(), &Lot::ballot_order(3)).unwrap();
    assert_eq!(outcome.ties.iter().map(|tie| &tie.tied[..]).collect::<Vec<_>>(), [[1, 2]]);
}

/// Who objected and no longer does took part, too.
#[test]
fn no_more_people_object_than_take_part() {
    let objections = [1, 2, 2]
        .map(|participant| Objection { participant, round: 1, fate: ObjectionFate::Withdrawn(1) })
        .to_vec();
    let counted = |participants: u64| {
        let rule = Consent { block: Block::People(1), participants, objections: objections.clone() };
        count(&election(Form::ChooseOne, &[]), &Rule::Consent(rule), &Lot::ballot_order(3))
    };
    assert!(counted(1).is_err());
    assert_eq!(counted(2).unwrap().winners, [0]);
}

/// A sum is short of so many points exactly; a mean also moves with the number of opinions.
#[test]
fn only_sums_of_points_have_an_exact_margin() {
    let votes = election(Form::Score, &[(3, &[(0, 5), (1, 4)]), (2, &[(1, 3), (2, 2)])]);
    let exact = |rule: &str| {
        let outcome = count(&votes, &Rule::parse(rule, None).unwrap(), &Lot::ballot_order(3)).unwrap();
        margin(&votes, &outcome, &Lot::ballot_order(3)).unwrap().exact
    };
    assert!(exact("score"));
    assert!(!exact(r#"{"rule":"score","blank":"no_opinion","least_opinions":1}"#));
}

#[test]
fn a_recipe_says_what_its_rule_does_and_nothing_else() {
    let file = "META\nkey;value\nbudget;100\nvote_type;approval\nPROJECTS\nproject_id;cost;name\n1;60;A\n2;50;B\nVOTES\nvoter_id;vote\n1;1\n2;2\n";
    let recipe = |rule: &str| {
        let request = Request { rule: Some(rule.to_owned()), ..Request::default() };
        report("x.pb", file.as_bytes(), &[], &request).unwrap().recipe
    };
    let shares = |completion: &str, comparison: &str| {
        recipe(&format!(
            r#"{{"rule":"equal_shares","start":"exact","completion":"{completion}","stop":"overspend","comparison":"{comparison}"}}"#
        ))
    };
    let says = |recipe: &str| {
        ["begin anew", "With what is left", "which of the two results"].map(|part| recipe.contains(part))
    };
    assert_eq!(says(&shares("none", "none")), [false, false, false]);
    assert_eq!(says(&shares("add1", "none")), [true, false, false]);
    assert_eq!(says(&shares("greedy", "projects")), [false, true, true]);
    assert!(recipe("greedy").contains("left out") && !recipe("greedy-no-skip").contains("left out"));
}

/// Consent needs no votes: its rule with the objections is the whole file.
#[test]
fn consent_is_counted_from_its_objections() {
    let file = r#"{"rule":"consent","block":{"people":2},"participants":9,"objections":[{"participant":4,"round":1,"fate":"open"}]}"#;
    let told = report("river.json", file.as_bytes(), &[], &Request::default()).unwrap().text(true);
    assert!(told.contains("9 people take part.") && told.contains("1. The proposal"), "{told}");
    let refusal = report("river.json", file.replace("open", "shut").as_bytes(), &[], &Request::default());
    assert!(refusal.unwrap_err().reason.contains("not a rule"));
}

#[test]
fn votes_on_a_motion_are_written_and_read_back() {
    let file = "3 1\n3 1 0\n2 2 0\n0\n\"Yes\"\n\"No\"\n\"Abstain\"\n\"Roof\"\n";
    let request = || Request { rule: Some("motion".to_owned()), ..Request::default() };
    let first = report("m.blt", file.as_bytes(), &[], &request()).unwrap();
    let again = report("m.blt", first.files("m.blt").unwrap()[0].1.as_bytes(), &[], &request()).unwrap();
    assert_eq!(first.outcome, again.outcome);
}
