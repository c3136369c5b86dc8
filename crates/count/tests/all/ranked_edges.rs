//! Edges of ranked choice that no other test came to, found as those of [`crate::edges`].

use crate::edges::election;
use count::rules::irv::{Mode, RankedChoice, TieBreak, WRITE_INS};
use count::{
    BallotOption, By, Election, Form, Idle, Lot, Number, Outcome, Refusal, Rule, Share, Words, count, margin,
    way,
};

/// An election of three in which everybody names these options in this order.
fn rankings(votes: &[(u64, &[u32])]) -> Election {
    let votes: Vec<(u64, Vec<(u32, i32)>)> =
        votes.iter().map(|(weight, order)| (*weight, order.iter().copied().zip(1..).collect())).collect();
    let votes: Vec<(u64, &[(u32, i32)])> =
        votes.iter().map(|(weight, marks)| (*weight, &marks[..])).collect();
    election(Form::Ranking, &votes)
}

fn counted(rule: RankedChoice, election: &Election) -> Result<Outcome, Refusal> {
    count(election, &Rule::RankedChoice(rule), &Lot::ballot_order(election.options.len()))
}

fn dropped(outcome: &Outcome) -> Vec<&[usize]> {
    outcome.rounds.iter().map(|round| &round.eliminated[..]).collect()
}

#[test]
fn a_count_that_goes_on_ends_with_two() {
    let rule = RankedChoice { until_two: true, ..RankedChoice::usual() };
    for votes in [&[(10, &[0][..]), (3, &[1]), (2, &[2, 1])][..], &[(10, &[0]), (2, &[1]), (1, &[2])]] {
        for batch in [false, true] {
            let outcome = counted(RankedChoice { batch, ..rule.clone() }, &rankings(votes)).unwrap();
            assert_eq!(dropped(&outcome), [&[][..], &[2], &[]], "{votes:?}, batch {batch}");
            assert_eq!((&outcome.winners[..], &outcome.rounds[0].elected[..]), (&[0][..], &[0][..]));
        }
    }
}

/// A minimum is of votes, whatever part of a vote is counted.
#[test]
fn options_below_the_minimum_drop_out_together() {
    let rule = |minimum_votes: u64| RankedChoice { minimum_votes, ..RankedChoice::usual() };
    let mut votes = rankings(&[(6, &[0]), (5, &[1]), (2, &[2]), (2, &[3])]);
    votes.options.push(count::BallotOption::named("Dee"));
    assert_eq!(dropped(&counted(rule(3), &votes).unwrap()), [&[2, 3][..], &[]]);
    assert_eq!(dropped(&counted(rule(2), &votes).unwrap())[0].len(), 1);
    // Two that are equal are drawn between only where both have the minimum.
    let equal = rankings(&[(4, &[0]), (4, &[1])]);
    let two = |minimum: u64, fixed_threshold: bool| {
        let mut equal = equal.clone();
        equal.options.truncate(2);
        counted(RankedChoice { fixed_threshold, ..rule(minimum) }, &equal).map(|outcome| outcome.winners)
    };
    assert_eq!(two(4, false), Ok(vec![0]));
    assert!(two(5, false).unwrap_err().reason.contains("has the 5 votes"));
    // A majority that is less than the minimum is not enough.
    assert!(counted(rule(5), &rankings(&[(4, &[0]), (3, &[1])])).is_err());
    // Where the first threshold stays, the better of the last two is elected even if it has less.
    assert_eq!(two(5, true), Ok(vec![0]));
}

#[test]
fn undeclared_names_drop_out_before_those_below_the_minimum() {
    let mut votes = rankings(&[(4, &[0]), (3, &[2]), (1, &[1])]);
    votes.options[2].id = WRITE_INS.into();
    let outcome = counted(RankedChoice { minimum_votes: 2, ..RankedChoice::usual() }, &votes).unwrap();
    assert_eq!(dropped(&outcome)[0], [2]);
    // Where nobody wrote a name in, nothing waits for it.
    let mut votes = rankings(&[(4, &[0]), (3, &[1])]);
    votes.options[2].id = WRITE_INS.into();
    assert_eq!(counted(RankedChoice::usual(), &votes).unwrap().rounds.len(), 1);
}

/// Those who are below somebody only if they are counted once stay: together the two have more than Bob.
#[test]
fn a_batch_is_all_who_cannot_win_together() {
    let mut votes = rankings(&[(6, &[0]), (3, &[1]), (2, &[2]), (2, &[3])]);
    votes.options.push(count::BallotOption::named("Dee"));
    let batch = |election: &Election| {
        dropped(&counted(RankedChoice { batch: true, ..RankedChoice::usual() }, election).unwrap())[0]
            .to_vec()
    };
    assert_eq!(batch(&votes), [3]);
    let mut votes = rankings(&[(9, &[0]), (8, &[1]), (2, &[2]), (2, &[3])]);
    votes.options.push(count::BallotOption::named("Dee"));
    assert_eq!(batch(&votes), [2, 3]);
}

#[test]
fn a_share_that_is_reached_exactly_is_reached() {
    let votes = rankings(&[(2, &[0]), (1, &[1]), (1, &[2])]);
    let winners = |share: Share| {
        counted(RankedChoice { mode: Mode::BottomsUpShare(share), ..RankedChoice::usual() }, &votes)
            .unwrap()
            .winners
    };
    assert_eq!(winners(Share::of(1, 4)), [0, 1, 2]);
    assert_eq!(winners(Share::of(26, 100)).len(), 2);
}

#[test]
fn where_one_is_elected_a_round_two_take_two_rounds() {
    let votes = rankings(&[(6, &[0]), (5, &[1]), (1, &[2])]);
    let elected = |mode: Mode| -> Vec<Vec<usize>> {
        let outcome = counted(RankedChoice { winners: 2, mode, ..RankedChoice::usual() }, &votes).unwrap();
        outcome
            .rounds
            .iter()
            .map(|round| round.elected.clone())
            .filter(|elected| !elected.is_empty())
            .collect()
    };
    assert_eq!(elected(Mode::OnePerRound), [[0], [1]]);
    assert_eq!(elected(Mode::SeveralPerRound), [[0, 1]]);
}

/// Where as many stand as there are seats, what somebody has too much goes to nobody.
#[test]
fn the_last_surplus_counts_for_nobody() {
    let mut votes = rankings(&[(10, &[0, 1]), (1, &[1])]);
    votes.options.truncate(2);
    let rule = RankedChoice { winners: 2, mode: Mode::SeveralPerRound, ..RankedChoice::usual() };
    let outcome = counted(rule, &votes).unwrap();
    assert_eq!(outcome.winners, [0, 1]);
    assert_eq!(outcome.rounds[1].idle, [(Idle::LastSurplus, Number::from(6u64))]);
}

/// In each runoff a vote is read from its first preference again, and said once to whom it goes.
#[test]
fn a_vote_goes_through_every_runoff_once() {
    let votes = rankings(&[(5, &[0]), (4, &[1, 0]), (3, &[2, 1])]);
    let rule = RankedChoice { winners: 2, mode: Mode::Passes, ..RankedChoice::usual() };
    let outcome = counted(rule, &votes).unwrap();
    assert_eq!(outcome.winners, [1, 0]);
    let said: Vec<(usize, String)> = way(&votes, &outcome, 0)
        .unwrap()
        .into_iter()
        .map(|step| (step.round, step.sentence.key.into()))
        .collect();
    // Round 1 of the first runoff, and round 1 of the second, where Ann is elected at once.
    let counts = |round: usize| (round, "way.counts_for".to_owned());
    assert_eq!(said, [counts(1), counts(3), (3, "way.elected".to_owned())]);
}

/// Ballots that are all blank: votes ÷ seats is 0, and everybody has that.
#[test]
fn of_equals_at_a_threshold_of_nothing_as_many_are_elected_as_there_are_seats() {
    let rule = RankedChoice { winners: 2, mode: Mode::SeveralPerRound, hare: true, ..RankedChoice::usual() };
    let outcome = counted(rule, &rankings(&[(3, &[])])).unwrap();
    assert_eq!(outcome.winners, [0, 1]);
    let told: Vec<(&[usize], usize)> = outcome.ties.iter().map(|tie| (&tie.tied[..], tie.chosen)).collect();
    assert_eq!(told, [(&[0, 1, 2][..], 1)]);
}

#[test]
fn what_broke_a_tie_is_said_in_words() {
    let said = |ties: TieBreak, votes: &[(u64, &[u32])]| {
        let outcome = counted(RankedChoice { ties, ..RankedChoice::usual() }, &rankings(votes)).unwrap();
        let keys: Vec<String> = outcome
            .explanation
            .iter()
            .map(|sentence| sentence.key.to_string())
            .filter(|key| key.contains("tie"))
            .collect();
        (outcome.ties[0].by, keys)
    };
    // Four to four in the second round; in the first it was four to three.
    let won = said(TieBreak::PreviousRounds, &[(4, &[0]), (3, &[1]), (1, &[2, 1])]);
    assert_eq!(won, (By::EarlierRound(1), vec!["irv.tie_round".to_owned()]));
    let (by, keys) = said(TieBreak::Seed(42), &[(3, &[0]), (3, &[1]), (4, &[2, 0])]);
    assert_eq!((by, &keys[..]), (By::Seed, &["irv.tie_seed".to_owned()][..]));
}

/// Whoever was second at the end is tried first, not who dropped out long before.
#[test]
fn the_runner_up_is_who_came_closest() {
    let mut votes = rankings(&[(50, &[0]), (49, &[1]), (9, &[2, 0]), (8, &[3]), (7, &[4])]);
    votes.options.extend(["Dee", "Eve"].map(count::BallotOption::named));
    let lot = Lot::ballot_order(5);
    let outcome = count(&votes, &Rule::parse("irv", None).unwrap(), &lot).unwrap();
    let found = margin(&votes, &outcome, &lot).unwrap();
    let Some((_, count::Value::Options(loser))) = found.sentence.values.first() else { panic!() };
    assert_eq!(loser[..], [1]);
}

/// Rounds are numbered through all runoffs, and what is said of those fits.
#[test]
fn rounds_of_several_runoffs_are_numbered_through() {
    let votes = rankings(&[(5, &[0]), (4, &[1, 0]), (3, &[2, 1])]);
    let mode = Mode::Passes;
    let outcome = counted(RankedChoice { winners: 2, mode, ..RankedChoice::usual() }, &votes).unwrap();
    let rounds: Vec<(String, Option<Number>)> = outcome
        .explanation
        .iter()
        .map(|sentence| (sentence.key.to_string(), crate::laws::number(sentence, "round")))
        .collect();
    let at = |key: &str, round: u64| (key.to_owned(), Some(Number::from(round)));
    assert_eq!(
        rounds,
        [
            ("irv.start".to_owned(), None),
            at("irv.eliminated", 1),
            at("irv.elected", 2),
            at("irv.next_runoff", 3),
            at("irv.elected", 3),
        ]
    );
}

/// From the bottom up nobody is elected by a number of votes, so none is said.
#[test]
fn from_the_bottom_up_nobody_needs_a_number_of_votes() {
    let votes = rankings(&[(10, &[0, 1]), (4, &[2]), (3, &[1, 2])]);
    let mode = Mode::BottomsUp;
    let outcome = counted(RankedChoice { winners: 2, mode, ..RankedChoice::usual() }, &votes).unwrap();
    let keys: Vec<&str> = outcome.explanation.iter().map(|sentence| &*sentence.key).collect();
    let below = "irv.elected_below";
    assert_eq!(keys, ["irv.start_bottoms_up", "irv.eliminated", below, below]);
    assert!(outcome.rounds.iter().all(|round| round.threshold.is_none()));
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
    let said: Vec<String> =
        outcome.explanation.iter().map(|s| Words::english().say(s, &votes.names())).collect();
    assert!(said.iter().any(|s| s.contains("stage 1") && s.contains("Bob and Cem")), "{said:?}");
}
