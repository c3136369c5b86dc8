//! Edges of budgets and shares that no other test came to, found as those of [`crate::edges`].

use crate::edges::election;
use count::rules::committee::{Committee, Method, Rest};
use count::rules::greedy::{Greedy, Overflow};
use count::rules::shares::{Comparison, Completion, EqualShares, Start, Stop};
use count::{
    BallotOption, By, Election, Fate, Form, Lot, Outcome, Rule, Sentence, Share, Value, Words, count, margin,
    way, what_if,
};
use proptest::collection::{btree_set, vec};
use proptest::prelude::*;
use std::collections::BTreeSet;

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
        let told: Vec<(usize, Vec<usize>, usize)> =
            outcome.ties.iter().map(|tie| (tie.round, tie.tied.clone(), tie.chosen)).collect();
        (outcome.winners, told)
    };
    assert_eq!(counted(&[(2, &[0, 1, 2])]), (vec![2, 1], vec![(2, vec![1, 0], 1)]));
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
        let votes: Vec<String> =
            outcome.rounds[0].tallies.iter().map(|tally| tally.votes.to_string()).collect();
        assert_eq!(votes, if by_points { ["4.5", "5.5", "0.2"] } else { ["3", "5", "2"] });
        lines.iter().map(|line| line.points.as_ref().map(ToString::to_string)).collect()
    };
    assert_eq!(points(true), ["4.5", "5.5", "0.2"].map(|text| Some(text.to_owned())));
    assert!(points(false).iter().all(Option::is_none));
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

/// Where shares are raised, the lot is told once for every share that was tried: as if each had been counted by itself.
fn told_of_every_share(votes: &[(u64, &[u32])], costs: &[u64], budget: u64) -> Result<(), TestCaseError> {
    let counted = |completion: Completion, budget: u64| {
        let rule = EqualShares { completion, ..EqualShares::usual() };
        count(&priced(votes, costs, budget), &Rule::EqualShares(rule), &Lot::ballot_order(costs.len()))
            .unwrap()
    };
    let told = |outcome: &Outcome| -> Vec<(Vec<usize>, usize)> {
        let by_lot = outcome.ties.iter().filter(|tie| tie.by == By::Lot);
        by_lot.map(|tie| (tie.tied.clone(), tie.chosen)).collect()
    };
    let raised = counted(Completion::Add1, budget);
    let account = raised.account.as_ref().unwrap();
    // The share after the last is tried, too, unless there was nothing left to raise it for.
    let more = account.lines.iter().any(|line| line.fate == Fate::TooLittleSupport && line.votes > 0);
    let voters: u64 = votes.iter().map(|(weight, _)| weight).sum();
    let tried = account.raises.unwrap() + u64::from(more);
    let all: BTreeSet<_> =
        (0..=tried).flat_map(|n| told(&counted(Completion::None, budget + n * voters))).collect();
    let mut once = told(&raised);
    once.sort_unstable();
    prop_assert_eq!(once, all.into_iter().collect::<Vec<_>>());
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_lot_is_told_for_every_share_that_was_tried(votes in vec((1u64..3, btree_set(0u32..4, 0..4)), 1..6), costs in vec(1u64..9, 4), budget in 1u64..20) {
        let votes: Vec<(u64, Vec<u32>)> = votes.into_iter().map(|(w, set)| (w, set.into_iter().collect())).collect();
        let votes: Vec<(u64, &[u32])> = votes.iter().map(|(weight, marks)| (*weight, &marks[..])).collect();
        told_of_every_share(&votes, &costs, budget)?;
    }
}

/// With a share of 8 the two are equal, and either is more than the budget.
#[test]
fn the_lot_may_have_decided_where_raises_end() {
    told_of_every_share(&[(1, &[0, 1])], &[8, 8, 1], 1).unwrap();
    told_of_every_share(&[(1, &[0, 1]), (2, &[1, 2])], &[8, 8, 8], 3).unwrap();
}

/// What is left goes to most votes first; where equals compete for it, the lot is told, in the step after the last.
#[test]
fn the_lot_that_completes_is_told() {
    let votes = priced(&[(1, &[0]), (1, &[1]), (1, &[2, 3]), (1, &[3])], &[30, 30, 20, 20], 60);
    let rule = EqualShares { completion: Completion::Greedy, ..EqualShares::usual() };
    let outcome = count(&votes, &Rule::EqualShares(rule), &Lot::ballot_order(4)).unwrap();
    let told: Vec<(usize, &[usize], usize)> =
        outcome.ties.iter().map(|tie| (tie.round, &tie.tied[..], tie.chosen)).collect();
    // Everybody holds 15: two pay for the last project, then 40 are left.
    assert_eq!(outcome.winners, [3, 0]);
    assert_eq!(told, [(2, &[0, 1, 2][..], 0)]);
}

/// Of equals of which all are funded, or none could have been, the lot decides nothing.
#[test]
fn the_lot_of_most_votes_first_is_told_only_where_it_decides() {
    let told = |costs: &[u64], overflow: Overflow, order: &[usize]| {
        let votes = priced(&[(3, &[0, 1])], costs, 100);
        let (rule, lot) =
            (Rule::Greedy(Greedy { overflow, ..Greedy::skip() }), Lot::from_order(order, 2).unwrap());
        let outcome = count(&votes, &rule, &lot).unwrap();
        (outcome.winners.clone(), outcome.ties.iter().map(|tie| tie.chosen).collect::<Vec<_>>())
    };
    let top_up = Overflow::TopUp(Share::of(4, 5));
    for overflow in [Overflow::Skip, Overflow::Stop, top_up] {
        assert_eq!(told(&[60, 40], overflow, &[0, 1]), (vec![0, 1], vec![]), "{overflow:?}");
        assert_eq!(told(&[200, 300], overflow, &[0, 1]), (vec![], vec![]), "{overflow:?}");
        assert_eq!(told(&[60, 90], overflow, &[0, 1]), (vec![0], vec![0]), "{overflow:?}");
    }
    // The first ended the count for the second, which would have been funded.
    assert_eq!(told(&[200, 40], Overflow::Stop, &[0, 1]), (vec![], vec![0]));
    assert_eq!(told(&[200, 40], Overflow::Stop, &[1, 0]), (vec![1], vec![1]));
    assert_eq!(told(&[200, 40], Overflow::Skip, &[0, 1]).0, [1]);
    // Whoever was topped up left nothing for the others.
    assert_eq!(told(&[60, 50], top_up, &[0, 1]), (vec![0, 1], vec![0, 1]));
}

/// Where more people prefer most votes first, a voter is told what of theirs is funded, not of a share that is not used.
#[test]
fn a_vote_in_a_result_that_was_preferred_goes_no_way_through_shares() {
    // Four hold 25 each: only the small project can be paid, but three of them wanted the large one.
    let votes = priced(&[(3, &[0]), (1, &[1])], &[90, 20], 100);
    let rule = |comparison: Comparison| {
        Rule::EqualShares(EqualShares { completion: Completion::None, comparison, ..EqualShares::usual() })
    };
    let steps = |comparison: Comparison| {
        let outcome = count(&votes, &rule(comparison), &Lot::ballot_order(2)).unwrap();
        let steps = way(&votes, &outcome, 0).unwrap();
        (outcome.winners, steps.into_iter().map(|step| step.sentence.key.to_string()).collect::<Vec<_>>())
    };
    assert_eq!(steps(Comparison::None), (vec![1], vec!["way.share".into(), "way.none_won".into()]));
    assert_eq!(steps(Comparison::Projects), (vec![0], vec!["way.supported".into(), "way.won".into()]));
}
