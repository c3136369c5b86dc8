//! Edges that no other test came to: each was found by changing one line of the program and seeing nothing fail
//! (mutation testing, see CONTRIBUTING.md).

use count::rules::consent::{Block, Consent, Objection, ObjectionFate};
use count::rules::irv::{Mode, RankedChoice};
use count::rules::meek::{EqualRanks, Meek};
use count::rules::motion::{Base, Motion, Quorum, QuorumOf, TieRule};
use count::{
    BallotOption, By, Election, Form, Idle, Lot, Number, OVERVOTE, Refusal, Rule, Share, Status, Votes,
    Words, count, margin, what_if,
};

/// An election of three with these votes.
pub fn election(form: Form, votes: &[(u64, &[(u32, i32)])]) -> Election {
    let named = ["Ann", "Bob", "Cem"].map(BallotOption::named).to_vec();
    let mut election = Election::new("test", named, form);
    for (weight, marks) in votes {
        election.votes.push(*weight, &mut marks.to_vec()).unwrap();
    }
    election
}

#[test]
fn a_lot_order_names_everybody_once() {
    for wrong in [&[0, 0, 1][..], &[0, 1], &[0, 1, 3], &[0, 1, 2, 2]] {
        assert!(Lot::from_order(wrong, 3).is_err(), "{wrong:?}");
    }
    assert_eq!(Lot::from_order(&[2, 0, 1], 3).unwrap().order(), [2, 0, 1]);
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

#[test]
fn seats_are_given_to_rules_that_have_them() {
    let seats = |name: &str| Rule::parse(name, None).unwrap().with_seats(Some(3)).seats();
    assert_eq!((seats("irv"), seats("greedy")), (Some(1), None));
    for name in ["ranked-choice-several", "scottish-stv", "meek", "sequential-pav", "block-vote"] {
        assert_eq!(seats(name), Some(3), "{name}");
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
    let rule = Motion {
        base: Base::AllVotes,
        share: Share::of(2, 3),
        strict: false,
        quorum: None,
        tie: TieRule::Fails,
    };
    let outcome = count(&votes, &Rule::Motion(rule), &Lot::ballot_order(3)).unwrap();
    assert_eq!(outcome.rounds[0].threshold, Some(Number::ratio(20, 3)));
}

/// Three equals who are all elected and pass on a part of what they get, as the plain implementation has it.
#[test]
fn three_equals_at_one_rank_share_a_vote_in_all_orders() {
    let mut votes = election(
        Form::Ranking,
        &[
            (31, &[(0, 1), (3, 2)]),
            (30, &[(1, 1), (4, 2)]),
            (29, &[(2, 1), (3, 2)]),
            (20, &[(0, 1), (1, 1), (2, 1), (3, 2), (4, 3)]),
            (7, &[(3, 1)]),
            (6, &[(4, 1)]),
        ],
    );
    votes.options.extend(["Dee", "Eve"].map(BallotOption::named));
    let equal_ranks = EqualRanks::AllOrders;
    let rule =
        Rule::Meek(Meek { seats: 4, decimals: 9, omega: 6, equal_ranks, only_positive_surplus: false });
    let lot = Lot::ballot_order(5);
    let outcome = count(&votes, &rule, &lot).unwrap();
    let (winners, plain) = count::reference::count(&votes, &rule, &lot).unwrap();
    assert_eq!((&outcome.winners, outcome.winners.len()), (&winners, 4));
    let passes_on = outcome.rounds[2].keeps.iter().filter(|(_, keep)| *keep < Number::whole(1)).count();
    assert_eq!(passes_on, 3);
    crate::agreement::rounds_agree(&outcome, &plain).unwrap();
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
