//! What holds for every result, by whatever rule: looked at by [`crate::agreement`] for all its random elections.

use count::rules::irv::Mode;
use count::rules::shares::{Completion, Start};
use count::{Account, By, Fate, Form, Idle, Line, Outcome, Purpose, Round, Sentence, Status, Tie, Value};
use count::{Election, Lot, Number, Rule, Vote, WayStep, way};
use num_rational::BigRational;
use proptest::prelude::*;
use std::collections::BTreeMap;

/// Fails with a sentence where a law is broken.
pub fn hold(election: &Election, outcome: &Outcome, lot: &Lot) -> Result<(), TestCaseError> {
    let hexadecimal = |text: &str| text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit());
    prop_assert!(hexadecimal(&outcome.rule_digest) && hexadecimal(&outcome.votes_digest));
    prop_assert_eq!(outcome.voters, election.votes.total());
    prop_assert!(!outcome.explanation.is_empty());
    prop_assert!(!outcome.rounds.is_empty() || outcome.winners.is_empty() || outcome.account.is_some());
    let mut winners = outcome.winners.clone();
    winners.sort_unstable();
    winners.dedup();
    prop_assert_eq!(winners.len(), outcome.winners.len(), "somebody won twice");
    for winner in &outcome.winners {
        // Who won is named among the sentences; a motion is what they all are about.
        let named = outcome.explanation.iter().any(|sentence| names(sentence, *winner));
        prop_assert!(named || matches!(outcome.rule, Rule::Motion(_)), "{} in {:?}", winner, outcome);
    }
    for sentence in outcome.explanation.iter().filter(|sentence| sentence.key.ends_with(".blank")) {
        prop_assert!(number(sentence, "votes").is_some_and(|votes| !votes.is_zero()), "{:?}", sentence);
    }
    ties(outcome, lot)?;
    told(outcome)?;
    if transfers(&outcome.rule) {
        nothing_is_lost(outcome)?;
        ways_add_up(election, outcome)?;
    }
    money(election, outcome)
}

fn names(sentence: &Sentence, option: usize) -> bool {
    let named = |value: &Value| matches!(value, Value::Options(options) if options.contains(&option));
    sentence.values.iter().any(|(_, value)| named(value))
}

/// A number that a sentence says.
pub fn number(sentence: &Sentence, name: &str) -> Option<Number> {
    sentence.values.iter().find_map(|(key, value)| match value {
        Value::Number(number) if *key == name => Some(number.clone()),
        _ => None,
    })
}

fn transfers(rule: &Rule) -> bool {
    matches!(rule, Rule::ScottishStv(_) | Rule::Meek(_) | Rule::RankedChoice(_))
}

fn ties(outcome: &Outcome, lot: &Lot) -> Result<(), TestCaseError> {
    for (n, tie) in outcome.ties.iter().enumerate() {
        prop_assert!(tie.tied.len() > 1 && tie.tied.contains(&tie.chosen), "{:?}", tie);
        // A budget may be that of two counts that were compared.
        let last = if outcome.account.is_some() { usize::MAX } else { outcome.rounds.len() + 1 };
        prop_assert!((1..=last).contains(&tie.round), "{:?}", tie);
        if tie.by == By::Lot && transfers(&outcome.rule) {
            let asked =
                if tie.purpose == Purpose::Drop { lot.last(&tie.tied) } else { lot.favoured(&tie.tied) };
            // Where several are equal and more than one of them wins, the last to win is named.
            let several = tie.tied.iter().filter(|option| outcome.winners.contains(option)).count() > 1;
            prop_assert!(Some(tie.chosen) == asked || several, "{:?}", tie);
        }
        // With another lot, ranked choice may come to a round that cannot be counted.
        let told = tie.otherwise.is_some() || n >= 24 || matches!(outcome.rule, Rule::RankedChoice(_));
        prop_assert!(tie.by != By::Lot || told, "{:?}", tie);
    }
    Ok(())
}

/// Whoever is said to be elected in a round is marked so there and wins; what breaks ties is said as often as it did;
/// votes move away from those who left, and from those elected only where surpluses are passed on.
fn told(outcome: &Outcome) -> Result<(), TestCaseError> {
    let mut elected = vec![];
    for round in outcome.rounds.iter().filter(|_| outcome.account.is_none()) {
        elected.extend(&round.elected);
        for tally in &round.tallies {
            let is = tally.status == Status::Elected;
            prop_assert_eq!(is, elected.contains(&tally.option), "{} in {:?}", tally.option, round);
        }
        if let Rule::RankedChoice(rule) = &outcome.rule {
            let surplus = matches!(rule.mode, Mode::SeveralPerRound | Mode::OnePerRound) && rule.winners > 1;
            let gives = |o: usize| round.eliminated.contains(&o) || (surplus && round.elected.contains(&o));
            prop_assert!(round.moves.iter().all(|moved| gives(moved.from)), "{:?}", round);
        }
    }
    if !transfers(&outcome.rule) {
        return Ok(());
    }
    for tie in &outcome.ties {
        let round = &outcome.rounds[tie.round - 1];
        let left = if tie.purpose == Purpose::Drop { &round.eliminated } else { &round.elected };
        let surplus = matches!(outcome.rule, Rule::ScottishStv(_)) && tie.purpose != Purpose::Drop;
        prop_assert!(surplus || left.contains(&tie.chosen), "{:?} {:?}", tie, round);
    }
    for (drop, by_lot, keys) in [
        (true, true, &["stv.tie_lot_drop"][..]),
        (false, true, &["stv.tie_lot"]),
        (true, false, &["stv.tie_stage_drop", "irv.tie_round_drop"]),
        (false, false, &["stv.tie_stage", "irv.tie_round"]),
    ] {
        let said = outcome.explanation.iter().filter(|sentence| keys.contains(&&*sentence.key)).count();
        let is = |tie: &&Tie| (tie.purpose == Purpose::Drop) == drop && (tie.by == By::Lot) == by_lot;
        prop_assert_eq!(said, outcome.ties.iter().filter(is).count(), "{:?} {:?}", keys, outcome.ties);
    }
    let earlier = outcome.ties.iter().filter_map(|tie| match tie.by {
        By::EarlierRound(round) => Some(Number::whole(round)),
        _ => None,
    });
    let mut told: Vec<Number> = outcome
        .explanation
        .iter()
        .filter(|s| s.key.starts_with("stv.tie_stage") || s.key.starts_with("irv.tie_round"))
        .filter_map(|s| number(s, "stage").or(number(s, "round")))
        .collect();
    let mut earlier: Vec<Number> = earlier.collect();
    earlier.sort();
    told.sort();
    prop_assert_eq!(earlier, told);
    Ok(())
}

/// Every vote is somewhere in every round, and whoever gave nothing away has what they had and what came.
fn nothing_is_lost(outcome: &Outcome) -> Result<(), TestCaseError> {
    let sum = |round: &Round| -> BigRational {
        let idle = round.idle.iter().map(|(_, votes)| votes.rational());
        round.tallies.iter().map(|tally| tally.votes.rational()).chain(idle).sum()
    };
    let all = sum(&outcome.rounds[0]);
    for (before, after) in outcome.rounds.iter().zip(&outcome.rounds[1..]) {
        prop_assert_eq!(&sum(after), &all, "{:?}", after);
        prop_assert!(after.idle.iter().all(|(_, votes)| !votes.is_zero()), "{:?}", after);
        // Where steps are stages, votes move before the tallies.
        let step = match outcome.rule {
            Rule::ScottishStv(_) => after,
            _ => before,
        };
        // A pass that was stopped early is followed by another, in which those who dropped out stand again.
        let passes = matches!(&outcome.rule, Rule::RankedChoice(rule) if rule.mode == Mode::Passes);
        let again = passes && before.eliminated.iter().any(|o| after.tally(*o).is_some());
        if matches!(outcome.rule, Rule::Meek(_)) {
            moves_add_up(before, after)?;
        }
        if matches!(outcome.rule, Rule::Meek(_)) || again {
            continue;
        }
        for gone in &step.eliminated {
            let had = before.tally(*gone).map(|had| had.votes.rational().clone()).unwrap_or_default();
            let moved = step.moves.iter().filter(|moved| moved.from == *gone);
            let moved: BigRational = moved.map(|moved| moved.votes.rational()).sum();
            prop_assert_eq!(moved, had, "{} in {:?}", gone, step);
        }
        if step.moves.is_empty() {
            continue;
        }
        let mut come: BTreeMap<Option<usize>, BigRational> = BTreeMap::new();
        for moved in &step.moves {
            prop_assert!(!moved.votes.is_zero() && Some(moved.from) != moved.to, "{:?}", moved);
            *come.entry(moved.to).or_default() += moved.votes.rational();
        }
        for tally in &after.tallies {
            let Some(had) = before.tally(tally.option).map(|had| had.votes.rational()) else { continue };
            // A surplus too small to be passed on is taken from who was elected, and counts for nobody.
            let settled = tally.status == Status::Elected && Some(&tally.votes) == after.threshold.as_ref();
            if step.moves.iter().all(|moved| moved.from != tally.option) && !settled {
                let came = come.get(&Some(tally.option)).cloned().unwrap_or_default();
                prop_assert_eq!(&(had + came), tally.votes.rational(), "{} in {:?}", tally.option, after);
            } else if step.eliminated.contains(&tally.option) {
                prop_assert!(tally.votes.is_zero() && tally.status == Status::Eliminated, "{:?}", after);
            }
        }
        let idle = |round: &Round| -> BigRational {
            let idle =
                round.idle.iter().filter(|(why, _)| *why != Idle::Rounding && *why != Idle::LastSurplus);
            idle.map(|(_, votes)| votes.rational()).sum()
        };
        let to_nobody = come.get(&None).cloned().unwrap_or_default();
        prop_assert!(idle(after) >= idle(before) && idle(after) <= idle(before) + to_nobody, "{:?}", after);
    }
    Ok(())
}

/// To the last decimal, what every option and nobody had, less what they gave, and what came, is what they then have.
fn moves_add_up(before: &Round, after: &Round) -> Result<(), TestCaseError> {
    let mut votes: BTreeMap<Option<usize>, BigRational> = BTreeMap::new();
    let mut add = |who, number: BigRational| *votes.entry(who).or_default() += number;
    for moved in &before.moves {
        let number = moved.votes.rational();
        prop_assert!(!moved.votes.is_zero() && Some(moved.from) != moved.to, "{:?}", moved);
        prop_assert!(moved.votes > Number::zero() || moved.to.is_none(), "{:?}", moved);
        add(Some(moved.from), -number.clone());
        add(moved.to, number.clone());
    }
    for (round, sign) in [(before, 1), (after, -1)] {
        let sign = BigRational::from_integer(sign.into());
        for tally in &round.tallies {
            add(Some(tally.option), tally.votes.rational() * &sign);
        }
        for (_, idle) in &round.idle {
            add(None, idle.rational() * &sign);
        }
    }
    let zero = BigRational::default();
    prop_assert!(votes.values().all(|rest| *rest == zero), "{:?} {:?} {:?}", votes, before, after);
    Ok(())
}

fn money(election: &Election, outcome: &Outcome) -> Result<(), TestCaseError> {
    let Some(account) = &outcome.account else { return Ok(()) };
    let mut options: Vec<usize> = account.lines.iter().map(|line| line.option).collect();
    options.sort_unstable();
    prop_assert_eq!(options, (0..election.options.len()).collect::<Vec<_>>(), "every project has one line");
    let funded = |fate: Fate| matches!(fate, Fate::Funded | Fate::Completed | Fate::ToppedUp);
    let lines = || account.lines.iter();
    let spent: BigRational = lines().filter(|line| funded(line.fate)).map(|line| line.cost.rational()).sum();
    prop_assert_eq!(&spent, account.spent.rational());
    let winners: Vec<usize> = lines().filter(|line| funded(line.fate)).map(|line| line.option).collect();
    prop_assert_eq!(&winners, &outcome.winners);
    let rest = outcome.explanation.iter().find(|sentence| sentence.key == "budget.spent").unwrap();
    let said = ["spent", "budget", "left"].map(|name| number(rest, name).unwrap().rational().clone());
    let left = account.budget.rational() - &spent;
    prop_assert_eq!(said, [spent.clone(), account.budget.rational().clone(), left]);
    if let Some(share) = &account.share {
        shares(election, outcome, account, share)?;
    }
    let topped = lines().any(|line| line.fate == Fate::ToppedUp);
    prop_assert!(topped || account.spent <= account.budget, "{:?}", account);
    for line in lines() {
        // Whoever names a project twice is one voter. Equal shares take any points above 0 for a vote.
        let above = account.share.is_some() && election.votes.form() == Form::Score;
        let names = |vote: &Vote<'_>| {
            let mut marks = vote.options.iter().zip(vote.levels);
            marks.any(|(option, level)| *option as usize == line.option && (*level > 0 || !above))
        };
        let voted = election.votes.iter().filter(names);
        prop_assert_eq!(line.votes, voted.map(|vote| vote.weight).sum::<u64>(), "{:?}", line);
        if let (Some(payment), Some(support)) = (&line.payment, &line.effective_support) {
            let carried = payment.rational() * support.rational();
            let all = Number::from(line.votes);
            prop_assert!(payment.is_zero() || &carried == line.cost.rational(), "{:?}", line);
            prop_assert!(!payment.is_zero() || (line.cost.is_zero() && *support == all), "{:?}", line);
            prop_assert!(*support <= all && Some(payment) <= account.share.as_ref(), "{:?}", line);
        }
        if line.fate == Fate::TooLittleSupport {
            prop_assert!(line.held.as_ref().is_some_and(|held| *held < line.cost), "{:?}", line);
        }
        let groups = |line: &Line| election.options[line.option].group.clone();
        if line.fate == Fate::GroupTaken {
            prop_assert!(
                lines().any(|other| funded(other.fate) && groups(other) == groups(line)),
                "{:?}",
                line
            );
        }
    }
    Ok(())
}

/// Shares grow by as much as is said, and every project has the one sentence that says what became of it.
fn shares(
    election: &Election,
    outcome: &Outcome,
    account: &Account,
    share: &Number,
) -> Result<(), TestCaseError> {
    let Rule::EqualShares(rule) = &outcome.rule else { return Ok(()) };
    let first = account.budget.rational() / BigRational::from_integer(election.votes.total().max(1).into());
    let first = if rule.start == Start::Floored { first.floor() } else { first };
    let step = match rule.completion {
        Completion::None | Completion::Greedy => 0,
        Completion::Add1 | Completion::Add1Greedy => 1,
        Completion::Step(units) | Completion::StepGreedy(units) => units,
    };
    let raised = BigRational::from_integer((account.raises.unwrap_or(0) * step).into());
    prop_assert_eq!(&(first + raised), share.rational());
    for line in &account.lines {
        let key = match line.fate {
            Fate::Funded if line.cost.is_zero() => "shares.free",
            Fate::Funded => "shares.funded",
            Fate::Completed => "shares.completed",
            Fate::NoVotes => "budget.no_votes",
            Fate::Withdrawn => "budget.withdrawn",
            Fate::GroupTaken => "budget.group_taken",
            _ => "shares.too_little",
        };
        let of = |sentence: &&Sentence| sentence.key == key && names(sentence, line.option);
        prop_assert_eq!(outcome.explanation.iter().filter(of).count(), 1, "{:?}", line);
    }
    let completion = outcome.explanation.iter().any(|sentence| sentence.key == "shares.completion");
    let completed = account.lines.iter().any(|line| line.fate == Fate::Completed);
    prop_assert_eq!(completion, completed);
    Ok(())
}

/// What all voters are told of their vote makes up the votes of everyone who is in the race or elected in that round.
fn ways_add_up(election: &Election, outcome: &Outcome) -> Result<(), TestCaseError> {
    if matches!(outcome.rule, Rule::Meek(_)) {
        return Ok(());
    }
    let mut sums = vec![vec![BigRational::default(); election.options.len()]; outcome.rounds.len()];
    for (entry, vote) in election.votes.iter().enumerate() {
        let mut held = None;
        let mut steps = way(election, outcome, entry).unwrap().into_iter().peekable();
        for (at, sums) in sums.iter_mut().enumerate() {
            while let Some(WayStep { sentence, .. }) = steps.next_if(|step| step.round == at + 1) {
                let option = || (0..election.options.len()).find(|option| names(&sentence, *option));
                match &*sentence.key {
                    "way.counts_for" => held = option().map(|option| (option, Number::whole(1))),
                    "way.counts_part" => held = option().zip(number(&sentence, "value")),
                    "way.exhausted" | "way.unclear" | "way.blank" => held = None,
                    _ => {}
                }
            }
            if let Some((option, value)) = &held {
                sums[*option] += value.rational() * BigRational::from_integer(vote.weight.into());
            }
        }
    }
    for (round, sums) in outcome.rounds.iter().zip(sums) {
        for tally in &round.tallies {
            if tally.status == Status::Continuing || round.elected.contains(&tally.option) {
                prop_assert_eq!(
                    &sums[tally.option],
                    tally.votes.rational(),
                    "{} in {:?}",
                    tally.option,
                    round
                );
            }
        }
    }
    Ok(())
}
