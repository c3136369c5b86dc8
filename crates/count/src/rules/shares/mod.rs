//! Method of Equal Shares for budgets (Peters, Pierczyński and Skowron 2021; Wieliczka 2023, Assen 2024).

pub(crate) mod market;

use super::{Case, among, approved, greedy};
use crate::election::Form;
use crate::limits::{MAX_RAISE_WORK, RAISE};
use crate::number::Number;
use crate::outcome::{Account, By, Counted, Fate, Line, Refusal, Round, Status, Tally, Ties};
use crate::sentence::say;
use market::{Details, Market, Run};
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::Zero;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Every voter holds the same share of the money; projects are paid by their supporters, as evenly as possible.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EqualShares {
    /// What everyone starts with.
    pub start: Start,
    /// What happens with money that is left because supporters run out.
    pub completion: Completion,
    /// When raising the shares ends.
    pub stop: Stop,
    /// Whether more voters may prefer the greedy result.
    pub comparison: Comparison,
}

/// Everyone's share at the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Start {
    /// Budget ÷ voters, exactly.
    Exact,
    /// Budget ÷ voters, whole units of money.
    Floored,
}

/// What is done with what is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Completion {
    /// Nothing.
    None,
    /// Most votes first, whatever still fits.
    Greedy,
    /// Everyone's share grows by one unit of money, and all is counted anew.
    Add1,
    /// As `add1`, then most votes first, whatever still fits.
    Add1Greedy,
    /// Everyone's share grows by this many units of money at a time.
    Step(u64),
    /// As `step`, then most votes first, whatever still fits.
    StepGreedy(u64),
}

/// When raising ends. The last result within the budget counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stop {
    /// At the first share that spends more than the budget.
    Overspend,
    /// There, or as soon as nothing more would fit into the budget.
    OverspendOrExhaustive,
}

/// A comparison with most-votes-first; the greedy result counts if more voters prefer it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Comparison {
    /// None.
    None,
    /// Voters prefer the result with more of the projects they voted for.
    Projects,
    /// Voters prefer the result that spends more on projects they voted for.
    Money,
    /// Voters prefer a result with at least one project they voted for.
    Represented,
}

impl EqualShares {
    /// Wieliczka's rule of 2023 as published.
    pub fn usual() -> Self {
        EqualShares {
            start: Start::Exact,
            completion: Completion::Add1,
            stop: Stop::Overspend,
            comparison: Comparison::None,
        }
    }

    /// Units of money by which shares grow, if they do.
    fn step(&self, unit: u64) -> Option<u64> {
        match self.completion {
            Completion::None | Completion::Greedy => None,
            Completion::Add1 | Completion::Add1Greedy => Some(unit),
            Completion::Step(n) | Completion::StepGreedy(n) => Some(n.saturating_mul(unit)),
        }
    }

    pub(crate) fn raises(&self) -> bool {
        self.step(1).is_some()
    }

    pub(crate) fn then_greedy(&self) -> bool {
        matches!(self.completion, Completion::Greedy | Completion::Add1Greedy | Completion::StepGreedy(_))
    }
}

/// Projects and supporters of a budget.
pub(crate) fn market<'a>(case: &'a Case<'a>) -> Market<'a> {
    let n = case.options();
    let mut supporters = vec![vec![]; n];
    let mut people = vec![0; n];
    let form = case.votes.form();
    for (i, vote) in case.votes.iter().enumerate() {
        for option in approved(form, vote) {
            // One mark each: a project named twice by a vote is one supporter.
            if supporters[option].last() != Some(&(i as u32)) {
                supporters[option].push(i as u32);
                people[option] += vote.weight;
            }
        }
    }
    let options = &case.election.options;
    Market {
        costs: options.iter().map(|o| if o.withdrawn { None } else { o.cost }).collect(),
        supporters,
        weights: case.votes.iter().map(|v| v.weight).collect(),
        people,
        cheaper_first: true,
        groups: options.iter().map(|o| o.group.as_deref()).collect(),
        lot: case.lot,
    }
}

/// The final share and what it buys.
pub(crate) struct Raised {
    /// Everyone's share: numerator and denominator, in money units.
    pub share: (BigInt, BigInt),
    pub raises: u64,
    pub run: Run,
    /// What the lot decided with other shares on the way.
    pub others: Ties,
}

impl EqualShares {
    /// Finds the share whose result counts. `filter` only decides how fast.
    pub(crate) fn raise(
        &self,
        case: &Case<'_>,
        market: &Market<'_>,
        budget: u64,
        filter: bool,
    ) -> Result<Raised, Refusal> {
        let voters = case.votes.total();
        let unit = 10u64.saturating_pow(case.election.money_decimals);
        let (mut share, denominator) = match self.start {
            Start::Exact => (BigInt::from(budget), BigInt::from(voters.max(1))),
            Start::Floored => (BigInt::from(budget / voters.max(1) / unit * unit), BigInt::from(1)),
        };
        let mut run = market.run(share.clone(), denominator.clone(), filter, Details::None);
        let mut raises = 0u64;
        let mut others = OtherShares::default();
        let marks: u64 = market.supporters.iter().map(|s| s.len() as u64 + 1).sum();
        let most = MAX_RAISE_WORK / (marks + RAISE);
        if let Some(step) = self.step(unit) {
            if step == 0 {
                return Err(Refusal::new(
                    "The shares grow by 0 at a time, so they never grow. Say a step of at least 1.",
                ));
            }
            let grow = &denominator * step;
            loop {
                let full = self.stop == Stop::OverspendOrExhaustive && exhaustive(market, &run, budget);
                if full || nothing_left(market, &run) || voters == 0 {
                    break;
                }
                others.note(&run);
                raises += 1;
                if raises > most {
                    return Err(Refusal::new(format!(
                        "The shares would have to be raised more than {most} times, which takes too long. Choose a larger step for so much money and so few voters."
                    )));
                }
                let more = &share + &grow;
                let next = market.run(more.clone(), denominator.clone(), filter, Details::None);
                if next.spent > budget {
                    others.note(&next);
                    raises -= 1;
                    break;
                }
                (share, run) = (more, next);
            }
        }
        let run = market.run(share.clone(), denominator.clone(), filter, Details::Projects);
        let others = others.besides(&run);
        Ok(Raised { share: (share, denominator), raises, run, others })
    }

    pub(crate) fn count(&self, case: &Case<'_>) -> Result<Counted, Refusal> {
        self.count_with(case, true)
    }

    pub(crate) fn count_with(&self, case: &Case<'_>, filter: bool) -> Result<Counted, Refusal> {
        case.needs(&[Form::ChooseOne, Form::Approval, Form::Ranking, Form::Score], "votes for projects")?;
        // Among equals every purchase looks at all of them again, with longer and longer numbers.
        case.check_rounds()?;
        let budget = greedy::budget(case)?;
        let market = market(case);
        let raised = self.raise(case, &market, budget, filter)?;
        let mut result = Report { case, market: &market, budget, raised: &raised, out: Counted::default() };
        result.bought();
        let completed = if self.then_greedy() { result.complete() } else { vec![] };
        result.out.winners.extend(&completed);
        result.account(&completed);
        result.explain(self, &completed);
        let compared = self.comparison != Comparison::None && result.compare(self.comparison);
        if compared {
            return greedy::Greedy::skip().count(case).map(|mut greedy| {
                greedy.explanation.insert(0, say!("shares.greedy_preferred"));
                // With another lot these shares may have been preferred.
                greedy.ties.extend(&result.out.ties, 0);
                greedy
            });
        }
        Ok(result.out)
    }
}

/// What the lot decided with other shares than those that remain. It may have decided where the raises end.
#[derive(Default)]
struct OtherShares {
    seen: BTreeSet<(Vec<usize>, usize)>,
    ties: Ties,
}

impl OtherShares {
    fn note(&mut self, run: &Run) {
        for tie in run.ties.list.iter().filter(|tie| tie.by == By::Lot) {
            let found = (tie.tied.clone(), tie.chosen);
            // What the list has no room for is not kept here either.
            if !self.seen.contains(&found) && self.ties.by_lot(tie.round, &tie.tied, tie.chosen) {
                self.seen.insert(found);
            }
        }
    }

    /// Those that are not also among the ties of the run that remains.
    fn besides(mut self, run: &Run) -> Ties {
        let last: BTreeSet<_> = run.ties.list.iter().map(|tie| (&tie.tied[..], tie.chosen)).collect();
        self.ties.list.retain(|tie| !last.contains(&(&tie.tied[..], tie.chosen)));
        self.ties
    }
}

/// Is everything funded that any amount of money could fund?
fn nothing_left(market: &Market<'_>, run: &Run) -> bool {
    let winners = run.winners();
    let funded = among(market.costs.len(), &winners);
    let groups: BTreeSet<&str> = winners.iter().filter_map(|f| market.groups[*f]).collect();
    let taken = |p: usize| market.groups[p].is_some_and(|group| groups.contains(group));
    (0..market.costs.len())
        .all(|p| market.people[p] == 0 || market.costs[p].is_none_or(|c| c == 0) || funded[p] || taken(p))
}

/// Would nothing more fit into the budget?
fn exhaustive(market: &Market<'_>, run: &Run, budget: u64) -> bool {
    let left = budget.saturating_sub(run.spent);
    let funded = among(market.costs.len(), &run.winners());
    (0..market.costs.len())
        .all(|p| funded[p] || market.costs[p].is_none_or(|c| c == 0 || c > left || run.spent > budget))
}

struct Report<'a> {
    case: &'a Case<'a>,
    market: &'a Market<'a>,
    budget: u64,
    raised: &'a Raised,
    out: Counted,
}

impl Report<'_> {
    fn money(&self, units: impl Into<BigInt>) -> Number {
        Number::decimal(units, self.case.election.money_decimals)
    }

    fn exact_money(&self, units: &BigRational) -> Number {
        Number::part(units, &BigInt::from(10).pow(self.case.election.money_decimals))
    }

    fn cost(&self, option: usize) -> u64 {
        self.market.costs[option].unwrap_or(0)
    }

    /// Cost ÷ payment; where nothing is paid, the number of supporters, which is what it tends to with the cost.
    fn support(&self, option: usize, payment: &BigRational) -> Number {
        if payment.is_zero() {
            return Number::from(self.market.people[option]);
        }
        Number::how_often(self.cost(option), payment)
    }

    fn bought(&mut self) {
        self.out.winners = self.raised.run.winners();
        self.out.ties.clone_from(&self.raised.run.ties);
        self.out.ties.extend(&self.raised.others, 0);
        for bought in &self.raised.run.bought {
            let option = bought.option;
            let support = self.support(option, &bought.payment);
            let title = if bought.payment.is_zero() {
                say!("round.free", option = &[option][..])
            } else {
                say!(
                    "round.bought",
                    option = &[option][..],
                    people = self.market.people[option],
                    payment = self.exact_money(&bought.payment)
                )
            };
            let mut round =
                Round::new(title, vec![Tally { option, votes: support, status: Status::Elected }]);
            round.elected = vec![option];
            self.out.rounds.push(round);
        }
    }

    /// Most votes first with what is left.
    fn complete(&mut self) -> Vec<usize> {
        let mut left = self.budget - self.raised.run.spent.min(self.budget);
        let winners = self.raised.run.winners();
        let funded = among(self.market.costs.len(), &winners);
        let mut rest: Vec<usize> = (0..self.market.costs.len())
            .filter(|p| !funded[*p] && self.market.people[*p] > 0 && self.cost(*p) > 0)
            .collect();
        rest.sort_by_key(|p| (std::cmp::Reverse(self.market.people[*p]), self.case.lot.place(*p)));
        let order = rest.clone();
        let mut taken: BTreeSet<&str> = winners.iter().filter_map(|p| self.market.groups[*p]).collect();
        rest.retain(|p| {
            let free = self.market.groups[*p].is_none_or(|g| !taken.contains(g));
            let fits = free && self.cost(*p) <= left;
            if fits {
                left -= self.cost(*p);
                taken.extend(self.market.groups[*p]);
            }
            fits
        });
        // Of projects with equal votes some were funded and some not: there the lot may have decided.
        let round = self.raised.run.bought.len() + 1;
        let mut completed = rest.iter().peekable();
        for equal in order.chunk_by(|a, b| self.market.people[*a] == self.market.people[*b]) {
            // In one pass: with very many projects a search for each would never end.
            let chosen: Vec<usize> =
                equal.iter().copied().filter(|p| completed.next_if_eq(&p).is_some()).collect();
            if chosen.len() < equal.len() {
                for chosen in chosen {
                    self.out.ties.by_lot(round, equal, chosen);
                }
            }
        }
        rest
    }

    fn account(&mut self, completed: &[usize]) {
        let run = &self.raised.run;
        let mut lines: Vec<Line> = vec![];
        for bought in &run.bought {
            let mut line = self.line(bought.option, Fate::Funded);
            line.payment = Some(self.exact_money(&bought.payment));
            line.effective_support = Some(self.support(bought.option, &bought.payment));
            lines.push(line);
        }
        lines.extend(completed.iter().map(|p| self.line(*p, Fate::Completed)));
        let groups: BTreeSet<&str> = self.out.winners.iter().filter_map(|p| self.market.groups[*p]).collect();
        let won = among(self.case.options(), &self.out.winners);
        let mut rest: Vec<usize> = (0..self.case.options()).filter(|p| !won[*p]).collect();
        rest.sort_by_key(|p| (std::cmp::Reverse(self.market.people[*p]), *p));
        for p in rest {
            let option = &self.case.election.options[p];
            let fate = if option.withdrawn || option.cost.is_none() {
                Fate::Withdrawn
            } else if self.market.people[p] == 0 {
                Fate::NoVotes
            } else if self.market.groups[p].is_some_and(|g| groups.contains(g)) {
                Fate::GroupTaken
            } else {
                Fate::TooLittleSupport
            };
            let mut line = self.line(p, fate);
            line.held = run.held.get(p).map(|h| self.exact_money(h));
            lines.push(line);
        }
        let spent = run.spent + completed.iter().map(|p| self.cost(*p)).sum::<u64>();
        let (n, d) = self.raised.share.clone();
        let share = self.exact_money(&BigRational::new(n, d));
        self.out.account = Some(Account {
            budget: self.money(self.budget),
            spent: self.money(spent),
            share: Some(share),
            raises: Some(self.raised.raises),
            lines,
        });
    }

    fn line(&self, option: usize, fate: Fate) -> Line {
        Line {
            option,
            cost: self.money(self.cost(option)),
            votes: self.market.people[option],
            points: None,
            fate,
            payment: None,
            effective_support: None,
            held: None,
        }
    }

    fn explain(&mut self, rule: &EqualShares, completed: &[usize]) {
        let Some(account) = self.out.account.clone() else { return };
        let share = account.share.clone().unwrap_or_else(Number::zero);
        let voters = self.case.votes.total();
        let start = Number::ratio(
            self.budget,
            BigInt::from(voters.max(1)) * BigInt::from(10).pow(self.case.election.money_decimals),
        );
        let said = &mut self.out.explanation;
        said.push(say!("shares.start", voters = voters, share = start, budget = &account.budget));
        if rule.raises() {
            said.push(say!("shares.raised", raises = self.raised.raises, share = &share));
        }
        for line in &account.lines {
            let option = &[line.option][..];
            said.push(match line.fate {
                Fate::Funded if line.cost == Number::zero() => {
                    say!("shares.free", option = option, people = line.votes)
                }
                Fate::Funded => say!(
                    "shares.funded",
                    option = option,
                    people = line.votes,
                    cost = &line.cost,
                    payment = line.payment.clone().unwrap_or_else(Number::zero)
                ),
                Fate::Completed => {
                    say!("shares.completed", option = option, people = line.votes, cost = &line.cost)
                }
                Fate::NoVotes => say!("budget.no_votes", option = option),
                Fate::Withdrawn => say!("budget.withdrawn", option = option),
                Fate::GroupTaken => say!("budget.group_taken", option = option),
                _ => say!(
                    "shares.too_little",
                    option = option,
                    people = line.votes,
                    cost = &line.cost,
                    held = line.held.clone().unwrap_or_else(Number::zero)
                ),
            });
        }
        if !completed.is_empty() {
            said.push(say!("shares.completion", options = &completed.to_vec()));
        }
        let left = Number::from(account.budget.rational() - account.spent.rational());
        said.push(say!("budget.spent", spent = &account.spent, budget = &account.budget, left = left));
    }

    /// Do more voters prefer the greedy result?
    fn compare(&mut self, how: Comparison) -> bool {
        let Ok(greedy) = greedy::Greedy::skip().count(self.case) else { return false };
        let (mut ours, mut theirs) = (0u64, 0u64);
        let form = self.case.votes.form();
        let [our_winners, their_winners] =
            [&self.out.winners, &greedy.winners].map(|winners| among(self.case.options(), winners));
        for vote in self.case.votes.iter() {
            let marked: Vec<usize> = approved(form, vote);
            let value = |winners: &[bool]| -> u64 {
                let mine = marked.iter().filter(|p| winners[**p]);
                match how {
                    Comparison::Money => mine.map(|p| self.cost(*p)).sum(),
                    Comparison::Represented => u64::from(mine.count() > 0),
                    _ => mine.count() as u64,
                }
            };
            let (a, b) = (value(&our_winners), value(&their_winners));
            ours += if a > b { vote.weight } else { 0 };
            theirs += if b > a { vote.weight } else { 0 };
        }
        self.out.explanation.push(say!("shares.compared", ours = ours, theirs = theirs));
        if theirs <= ours {
            // With another lot that result may have been preferred.
            self.out.ties.extend(&greedy.ties, 0);
        }
        theirs > ours
    }
}
