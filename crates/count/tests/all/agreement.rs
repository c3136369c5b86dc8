//! The fast implementation of every rule against the plain one: on random votes and on the real elections; and laws
//! that hold for every rule.

use count::files::rctab;
use count::reference::PlainRound;
use count::rules::committee::{Committee, Method, Rest};
use count::rules::greedy::{Greedy, Overflow};
use count::rules::irv::{Mode, Overvotes, RankedChoice, TieBreak};
use count::rules::meek::{EqualRanks, Meek};
use count::rules::motion::{Base, Motion, Quorum, QuorumOf, TieRule};
use count::rules::scottish::ScottishStv;
use count::rules::shares::{Comparison, Completion, EqualShares, Start, Stop};
use count::rules::simple::{Blank, BlockVote, Score};
use count::{BallotOption, By, Election, Form, Lot, Number, Outcome, Rule, Share, count, reference};
use proptest::prelude::*;
use std::collections::BTreeSet;

/// Votes as (weight, marks); options by number, levels by form.
type Marks = Vec<(u64, Vec<(u32, i32)>)>;

fn election(options: usize, form: Form, votes: &Marks) -> Election {
    let named = (0..options).map(|i| BallotOption::named(format!("Option {i}"))).collect();
    let mut election = Election::new("random", named, form);
    for (weight, marks) in votes {
        election.votes.push(*weight, &mut marks.clone()).unwrap();
    }
    election
}

/// The same election, from which one option may have been withdrawn.
fn without(mut election: Election, withdrawn: Option<usize>) -> Election {
    if let Some(option) = withdrawn {
        election.options[option].withdrawn = true;
    }
    election
}

/// Rankings with equals, skipped ranks, and options named twice.
fn rankings(options: usize) -> impl Strategy<Value = Marks> {
    let mark = (0..options as u32, prop_oneof![4 => 0i32..1, 1 => 1i32..3]);
    let vote = proptest::collection::vec(mark, 0..options + 1).prop_map(|marks| {
        let mut rank = 0;
        let mut out = vec![];
        for (i, (option, extra)) in marks.into_iter().enumerate() {
            rank += if extra == 2 && i > 0 { 0 } else { 1 + extra % 2 };
            if !out.contains(&(option, rank)) {
                out.push((option, rank));
            }
        }
        out
    });
    proptest::collection::vec((1u64..9, vote), 1..25)
}

/// Strict rankings without repetition.
fn strict(options: usize) -> impl Strategy<Value = Marks> {
    let all: Vec<u32> = (0..options as u32).collect();
    let vote = (Just(all).prop_shuffle(), 0..=options).prop_map(|(order, n)| {
        order.into_iter().take(n).enumerate().map(|(i, o)| (o, i as i32 + 1)).collect()
    });
    proptest::collection::vec((1u64..30, vote), 1..30)
}

fn approvals(options: usize) -> impl Strategy<Value = Marks> {
    let vote = proptest::collection::btree_set(0..options as u32, 0..=options)
        .prop_map(|set| set.into_iter().map(|o| (o, 1)).collect());
    proptest::collection::vec((1u64..5, vote), 1..20)
}

fn points(options: usize) -> impl Strategy<Value = Marks> {
    let vote = proptest::collection::btree_map(0..options as u32, -2i32..6, 0..=options)
        .prop_map(|map| map.into_iter().collect());
    proptest::collection::vec((1u64..5, vote), 1..20)
}

fn lot(options: usize) -> impl Strategy<Value = Lot> {
    Just((0..options).collect::<Vec<_>>())
        .prop_shuffle()
        .prop_map(move |o| Lot::from_order(&o, options).unwrap())
}

/// Both implementations agree; the order of the votes changes nothing.
fn check(election: &Election, rule: &Rule, lot: &Lot) -> Result<(), TestCaseError> {
    let fast = count(election, rule, lot);
    let plain = reference::count(election, rule, lot);
    prop_assert_eq!(
        fast.as_ref().map(|o| &o.winners).map_err(Clone::clone),
        plain.as_ref().map(|(winners, _)| winners).map_err(Clone::clone),
        "{:?}",
        rule
    );
    let mut other = election.clone();
    other.votes = count::Votes::new(election.votes.form());
    for i in (0..election.votes.len()).rev() {
        let vote = election.votes.get(i).unwrap();
        let mut marks: Vec<(u32, i32)> =
            vote.options.iter().copied().zip(vote.levels.iter().copied()).collect();
        other.votes.push(vote.weight, &mut marks).unwrap();
    }
    prop_assert_eq!(&fast, &count(&other, rule, lot));
    let Ok(outcome) = fast else { return Ok(()) };
    rounds_agree(&outcome, &plain.unwrap().1)?;
    crate::laws::hold(election, &outcome, lot)?;
    // Where another lot gives another result, the result says that the lot decided.
    let mut order = lot.order();
    order.reverse();
    let reversed = Lot::from_order(&order, order.len()).unwrap();
    if let Ok(turned) = count(election, rule, &reversed) {
        let set = |winners: &[usize]| winners.iter().copied().collect::<BTreeSet<_>>();
        let told = outcome.ties.iter().any(|tie| tie.by == By::Lot);
        prop_assert!(told || set(&outcome.winners) == set(&turned.winners), "{:?} {:?}", rule, outcome.ties);
    }
    Ok(())
}

/// Not only who wins, but every number on the way is the same by both implementations.
pub fn rounds_agree(outcome: &Outcome, plain: &[PlainRound]) -> Result<(), TestCaseError> {
    let fast = match (&outcome.rule, plain.len()) {
        (Rule::RankedChoice(_), _) => &outcome.rounds[..],
        (Rule::Meek(_), n) => &outcome.rounds[1..=n],
        _ => return Ok(()),
    };
    prop_assert_eq!(fast.len(), plain.len(), "{:?} {:?}", fast, plain);
    for (fast, plain) in fast.iter().zip(plain) {
        for (option, votes) in &plain.votes {
            prop_assert_eq!(
                fast.tally(*option).map(|tally| &tally.votes),
                Some(votes),
                "{} in {:?}",
                option,
                fast
            );
        }
        let set = |options: &[usize]| options.iter().copied().collect::<BTreeSet<_>>();
        let bottoms_up = matches!(&outcome.rule, Rule::RankedChoice(rule) if rule.mode == Mode::BottomsUp);
        prop_assert_eq!(fast.threshold.as_ref(), (!bottoms_up).then_some(&plain.threshold), "{:?}", fast);
        prop_assert_eq!(set(&fast.elected), set(&plain.elected), "{:?}", fast);
        prop_assert_eq!(set(&fast.eliminated), set(&plain.eliminated), "{:?}", fast);
    }
    Ok(())
}

fn ranked_choice() -> impl Strategy<Value = RankedChoice> {
    let mode = prop_oneof![
        3 => Just(Mode::SingleWinner),
        2 => Just(Mode::SeveralPerRound),
        2 => Just(Mode::OnePerRound),
        1 => Just(Mode::BottomsUp),
        1 => Just(Mode::Passes),
        1 => (1u64..60).prop_map(|p| Mode::BottomsUpShare(Share::of(p, 100))),
    ];
    let overvotes =
        prop_oneof![Just(Overvotes::Skip), Just(Overvotes::Stop), Just(Overvotes::StopIfSeveralContinue)];
    let ties = prop_oneof![Just(TieBreak::Lot), Just(TieBreak::PreviousRounds)];
    let flags = (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>());
    let most = proptest::option::weighted(0.2, 1u32..4);
    let numbers =
        (1u32..4, proptest::option::of(0u32..3), proptest::option::of(1u32..6), 0u32..6, 0u64..4, most);
    (mode, overvotes, ties, flags, numbers).prop_map(|(mode, overvotes, ties, f, n)| RankedChoice {
        winners: if mode == Mode::SingleWinner { 1 } else { n.0 },
        mode,
        overvotes,
        ties,
        skipped_ranks: n.1,
        most_ranks: n.2,
        decimals: n.3,
        minimum_votes: n.4,
        stop_at_duplicate: f.0,
        batch: f.1,
        fixed_threshold: f.2 && mode == Mode::SingleWinner,
        hare: f.3,
        fractional_threshold: f.4,
        until_two: mode == Mode::SingleWinner && n.0 == 3,
        stop_after: n.5,
    })
}

proptest! {
    #![proptest_config(ProptestConfig { max_shrink_iters: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn ranked_choice_agrees(votes in rankings(5), lot in lot(5), rule in ranked_choice(), withdrawn in proptest::option::weighted(0.2, 0usize..5)) {
        check(&without(election(5, Form::Ranking, &votes), withdrawn), &Rule::RankedChoice(rule), &lot)?;
    }

    /// What RCTab calls the options of a rule is read as the same rule.
    #[test]
    fn contests_of_ranked_choice_are_written_and_read_back(
        votes in rankings(4), rule in ranked_choice(), until_two in any::<bool>(), withdrawn in proptest::option::weighted(0.2, 0usize..4),
        stop_after in proptest::option::of(1u32..9), seed in proptest::option::of(0i64..99)) {
        let ties = seed.map_or(rule.ties, TieBreak::Shuffled);
        let rule = Rule::RankedChoice(RankedChoice { until_two, stop_after, ties, ..rule });
        let election = without(election(4, Form::Ranking, &votes), withdrawn);
        let [contest, ballots] = rctab::write(&election, Some(&rule), "b.csv").unwrap();
        let read = rctab::read(contest.as_bytes(), &[("b.csv".to_owned(), ballots.into_bytes())]).unwrap();
        prop_assert_eq!(read.rule, Some(rule));
        prop_assert_eq!(read.election.votes.canonical(), election.votes.canonical());
        prop_assert_eq!(read.election.names(), election.names());
        let out = |election: &Election| election.options.iter().map(|option| option.withdrawn).collect::<Vec<_>>();
        prop_assert_eq!(out(&read.election), out(&election));
    }

    #[test]
    fn transferable_votes_agree(votes in strict(6), odd in rankings(6), lot in lot(6), seats in 1u32..5,
                                split in any::<bool>(), positive in any::<bool>(), decimals in 0u32..10, withdrawn in proptest::option::weighted(0.2, 0usize..6)) {
        let equal_ranks = if split { EqualRanks::Split } else { EqualRanks::AllOrders };
        for votes in [votes, odd] {
            let election = without(election(6, Form::Ranking, &votes), withdrawn);
            check(&election, &Rule::ScottishStv(ScottishStv { seats }), &lot)?;
            let meek = Meek { seats, decimals, omega: decimals.min(6), equal_ranks, only_positive_surplus: positive };
            check(&election, &Rule::Meek(meek), &lot)?;
        }
    }

    #[test]
    fn comparisons_and_places_agree(votes in rankings(5), lot in lot(5), withdrawn in proptest::option::weighted(0.2, 0usize..5)) {
        let election = without(election(5, Form::Ranking, &votes), withdrawn);
        for name in ["schulze", "ranked-pairs", "borda", "plurality", "approval"] {
            check(&election, &Rule::parse(name, None).unwrap(), &lot)?;
        }
        check(&election, &Rule::BlockVote(BlockVote { seats: 2, most_marks: None }), &lot)?;
    }

    #[test]
    fn points_agree(votes in points(4), lot in lot(4), least in 0u64..6, withdrawn in proptest::option::weighted(0.2, 0usize..4)) {
        let election = without(election(4, Form::Score, &votes), withdrawn);
        for name in ["score", "star", "plurality", "approval", "schulze", "ranked-pairs"] {
            check(&election, &Rule::parse(name, None).unwrap(), &lot)?;
        }
        check(&election, &Rule::Score(Score { blank: Blank::NoOpinion, least_opinions: least }), &lot)?;
    }

    #[test]
    fn committees_agree(votes in approvals(6), lot in lot(6), seats in 1u32..6, withdrawn in proptest::option::weighted(0.2, 0usize..6)) {
        let election = without(election(6, Form::Approval, &votes), withdrawn);
        let methods = [
            Method::SequentialPav,
            Method::SequentialPhragmen,
            Method::EqualShares(Rest::Empty),
            Method::EqualShares(Rest::Phragmen),
            Method::EqualShares(Rest::MostVotes),
        ];
        for method in methods {
            check(&election, &Rule::Committee(Committee { seats, method }), &lot)?;
        }
        check(&election, &Rule::BlockVote(BlockVote { seats, most_marks: Some(3) }), &lot)?;
    }

    #[test]
    fn motions_agree(votes in proptest::collection::vec((0u32..3, prop_oneof![1u64..4, 1u64..50]), 1..4), n in 1u64..5, half in any::<bool>(), strict in any::<bool>(),
                     base in 0usize..4, quorum in proptest::option::of((any::<bool>(), 0u64..5)), chair in 0usize..4) {
        let marks: Marks = votes.iter().map(|(o, w)| (*w, vec![(*o, 1)])).collect();
        let election = election(3, Form::Motion, &marks);
        let base = [Base::YesAndNo, Base::AllVotes, Base::Present(200), Base::Eligible(300)][base].clone();
        let quorum = quorum.map(|(yes, n)| Quorum {
            of: if yes { QuorumOf::Yes } else { QuorumOf::Turnout }, share: Share::of(n, 5), eligible: 300,
        });
        let tie = [TieRule::Fails, TieRule::ChairDecides(None), TieRule::ChairDecides(Some(true)), TieRule::ChairDecides(Some(false))][chair];
        let rule = Motion { base, share: if half { Share::of(1, 2) } else { Share::of(n, 5) }, strict, quorum, tie };
        check(&election, &Rule::Motion(rule), &Lot::ballot_order(3))?;
    }

    #[test]
    fn budgets_agree(votes in approvals(6), scores in points(6), ranks in rankings(6), lot in lot(6), costs in proptest::collection::vec(prop_oneof![1 => Just(0u64), 6 => 1u64..80], 6),
                     budget in 1u64..150, kind in 0usize..6, stop in any::<bool>(), floored in any::<bool>(),
                     group in any::<bool>(), comparison in 0usize..4, threshold in proptest::option::of(0u64..8),
                     by_points in any::<bool>(), first_place in proptest::option::of(1u32..7),
                     withdrawn in proptest::option::weighted(0.2, 0usize..6)) {
        let completion = [Completion::None, Completion::Greedy, Completion::Add1, Completion::Add1Greedy, Completion::Step(3), Completion::StepGreedy(2)][kind];
        let rule = EqualShares {
            start: if floored { Start::Floored } else { Start::Exact },
            completion,
            stop: if stop { Stop::Overspend } else { Stop::OverspendOrExhaustive },
            comparison: [Comparison::None, Comparison::Projects, Comparison::Money, Comparison::Represented][comparison],
        };
        for (form, votes) in [(Form::Approval, votes), (Form::Score, scores), (Form::Ranking, ranks)] {
            let mut election = without(election(6, form, &votes), withdrawn);
            election.budget = Some(budget);
            for (option, cost) in election.options.iter_mut().zip(&costs) {
                option.cost = Some(*cost);
            }
            if group {
                election.options[1].group = Some("a".into());
                election.options[2].group = Some("a".into());
            }
            check(&election, &Rule::EqualShares(rule.clone()), &lot)?;
            let exact = reference::equal_shares_without_filter(&election, &rule, &lot).unwrap();
            prop_assert_eq!(count(&election, &Rule::EqualShares(rule.clone()), &lot).unwrap(), exact);
            for overflow in [Overflow::Skip, Overflow::Stop, Overflow::TopUp(Share::of(4, 5))] {
                let threshold = threshold.map(Number::from);
                check(&election, &Rule::Greedy(Greedy { overflow, threshold, by_points, first_place }), &lot)?;
            }
        }
    }
}

#[test]
#[cfg_attr(not(veche_data), ignore = "the real elections are not here")]
fn both_agree_on_real_budgets() {
    for path in crate::common::files("pb", "pb") {
        let read = crate::common::open(&path);
        let (n, votes) = (read.election.options.len(), read.election.votes.total());
        let lot = Lot::ballot_order(n);
        let mut rules: Vec<Rule> = read.rule.iter().cloned().collect();
        if votes < 1_700 {
            for name in ["greedy", "greedy-no-skip", "greedy-80"] {
                rules.push(Rule::parse(name, None).unwrap());
            }
            rules.push(Rule::EqualShares(EqualShares {
                completion: Completion::Greedy,
                ..EqualShares::usual()
            }));
        }
        if votes < 800 && read.election.votes.form() == Form::Approval {
            for name in ["sequential-pav", "sequential-phragmen", "committee-equal-shares"] {
                rules.push(Rule::parse(name, Some(3)).unwrap());
            }
        }
        for rule in rules {
            if votes > 20_000 || (matches!(rule, Rule::EqualShares(_)) && votes > 1_700) {
                continue;
            }
            let fast = count(&read.election, &rule, &lot).unwrap().winners;
            assert_eq!(
                fast,
                reference::winners(&read.election, &rule, &lot).unwrap(),
                "{} {rule:?}",
                path.display()
            );
        }
    }
}

#[test]
#[cfg_attr(not(veche_data), ignore = "the real elections are not here")]
fn both_agree_on_real_rankings() {
    let mut paths = crate::common::files("stv", "blt");
    paths.extend(crate::common::files("stv/edinburgh-2017", "blt"));
    paths.extend(crate::common::files("stv/glasgow-2007", "blt").into_iter().take(4));
    paths.extend(crate::common::files("irv", "soi"));
    for path in paths {
        let read = crate::common::open(&path);
        let seats = read.election.seats.unwrap_or(1);
        let lot = Lot::ballot_order(read.election.options.len());
        for name in
            ["scottish-stv", "irv", "schulze", "ranked-pairs", "borda", "plurality", "ranked-choice-several"]
        {
            let rule = Rule::parse(name, Some(seats)).unwrap();
            let fast = count(&read.election, &rule, &lot).unwrap();
            let (winners, rounds) = reference::count(&read.election, &rule, &lot).unwrap();
            assert_eq!(fast.winners, winners, "{} {name}", path.display());
            rounds_agree(&fast, &rounds).unwrap();
        }
    }
}
