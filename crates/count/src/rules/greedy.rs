//! Budgets, most votes first: the greedy rule in its real variants.

use super::{Case, among};
use crate::election::Form;
use crate::limits::MAX_MONEY;
use crate::number::Number;
use crate::outcome::{Account, Counted, Fate, Line, Refusal, Round, Status, Tally, Ties};
use crate::rule::Share;
use crate::sentence::say;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Projects in the order of their votes or points, as long as money lasts. Equal ones in the lot order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Greedy {
    /// What happens at a project that does not fit.
    pub overflow: Overflow,
    /// Votes (or points) a project must have; none: any number.
    pub threshold: Option<Number>,
    /// Order by points (scores, rankings) rather than by the number of voters.
    pub by_points: bool,
    /// Points of a first place in a ranking; none: as many as the vote has marks.
    pub first_place: Option<u32>,
}

/// When the next project costs more than is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Overflow {
    /// Skip it and go on (Pabulib's `greedy`).
    Skip,
    /// Stop there (`greedy-no-skip`).
    Stop,
    /// Stop there, but fund it too if what is left covers this share of its cost (Poznań: 80 %).
    TopUp(Share),
}

impl Overflow {
    /// Does the rule fund the first project that costs more than is `left` all the same?
    pub(crate) fn tops_up(self, left: u64, cost: u64) -> bool {
        matches!(self, Overflow::TopUp(share) if left > 0 && share.reached(left, cost, false))
    }
}

impl Greedy {
    /// Most votes first, skipping what does not fit.
    pub fn skip() -> Self {
        Greedy { overflow: Overflow::Skip, threshold: None, by_points: true, first_place: None }
    }

    pub(crate) fn count(&self, case: &Case<'_>) -> Result<Counted, Refusal> {
        case.needs(&[Form::ChooseOne, Form::Approval, Form::Ranking, Form::Score], "votes for projects")?;
        if let Overflow::TopUp(share) = self.overflow {
            share.check("share that must be covered")?;
        }
        let budget = budget(case)?;
        let (people, points) = self.sums(case);
        let order = self.order(case, &points);
        let mut walk = Walk::new(self, case, budget, &people, &points);
        for &option in &order {
            walk.consider(option);
        }
        walk.ties(&order);
        Ok(walk.finish())
    }

    /// Voters and points per project. Whoever names a project twice is one voter: the first mark counts.
    pub(crate) fn sums(&self, case: &Case<'_>) -> (Vec<u64>, Vec<i128>) {
        let (mut people, mut points) = (vec![0u64; case.options()], vec![0i128; case.options()]);
        let form = case.votes.form();
        // By project, the last vote that named it.
        let mut named = vec![usize::MAX; case.options()];
        for (number, vote) in case.votes.iter().enumerate() {
            let places = self.first_place.map_or(vote.options.len() as i64, i64::from);
            for (option, level) in vote.options.iter().zip(vote.levels) {
                let option = *option as usize;
                if named.get(option).is_none_or(|last| *last == number) {
                    continue;
                }
                named[option] = number;
                let value = match form {
                    Form::Score if self.by_points => i64::from(*level),
                    Form::Ranking if self.by_points => (places + 1 - i64::from(*level)).max(0),
                    _ => 1,
                };
                points[option] += i128::from(value) * i128::from(vote.weight);
                people[option] += vote.weight;
            }
        }
        (people, points)
    }

    fn order(&self, case: &Case<'_>, points: &[i128]) -> Vec<usize> {
        let mut order: Vec<usize> = (0..case.options()).collect();
        order.sort_by_key(|o| (std::cmp::Reverse(points[*o]), case.lot.place(*o)));
        order
    }
}

/// The money there is, or why there is none to count with.
pub(crate) fn budget(case: &Case<'_>) -> Result<u64, Refusal> {
    let Some(budget) = case.election.budget else {
        return Err(Refusal::new(
            "This rule spends a budget, but these votes have none. Say how much can be spent.",
        ));
    };
    if budget == 0 {
        return Err(Refusal::new("The budget is 0, so nothing can be funded. Say how much can be spent."));
    }
    let mut sum = budget;
    for option in &case.election.options {
        let cost = match option.cost {
            Some(cost) => cost,
            None if option.withdrawn => 0,
            None => {
                return Err(Refusal::new(format!(
                    "“{}” has no cost, so it cannot be weighed against the budget.",
                    option.name
                )));
            }
        };
        sum = sum.saturating_add(cost);
        if sum > MAX_MONEY {
            return Err(Refusal::new(format!(
                "Budget and costs together are more than {MAX_MONEY} of the smallest units. Check the costs of “{}” and the others.",
                option.name
            )));
        }
    }
    Ok(budget)
}

struct Walk<'a> {
    rule: &'a Greedy,
    case: &'a Case<'a>,
    budget: u64,
    left: u64,
    stopped: bool,
    taken: BTreeSet<&'a str>,
    people: &'a [u64],
    points: &'a [i128],
    fates: Vec<(usize, Fate, u64)>,
    out: Counted,
}

impl<'a> Walk<'a> {
    fn new(rule: &'a Greedy, case: &'a Case<'a>, budget: u64, people: &'a [u64], points: &'a [i128]) -> Self {
        Walk {
            rule,
            case,
            budget,
            left: budget,
            stopped: false,
            taken: BTreeSet::new(),
            people,
            points,
            fates: vec![],
            out: Counted::default(),
        }
    }

    fn points_of(&self, option: usize) -> Number {
        let score = self.case.votes.form() == Form::Score && self.rule.by_points;
        Number::decimal(self.points[option], if score { self.case.election.score_decimals } else { 0 })
    }

    fn consider(&mut self, option: usize) {
        let about = &self.case.election.options[option];
        let cost = about.cost.unwrap_or(0);
        let left = self.left;
        let fate = if about.withdrawn || about.cost.is_none() {
            Fate::Withdrawn
        } else if self.people[option] == 0 {
            Fate::NoVotes
        } else if self.rule.threshold.as_ref().is_some_and(|t| self.points_of(option) < *t) {
            Fate::BelowThreshold
        } else if about.group.as_deref().is_some_and(|g| self.taken.contains(g)) {
            Fate::GroupTaken
        } else if self.stopped {
            Fate::AfterStop
        } else if cost <= self.left {
            self.left -= cost;
            Fate::Funded
        } else {
            self.overflow(cost)
        };
        if matches!(fate, Fate::Funded | Fate::ToppedUp) {
            self.taken.extend(about.group.as_deref());
            self.out.winners.push(option);
        }
        self.fates.push((option, fate, left));
    }

    fn overflow(&mut self, cost: u64) -> Fate {
        self.stopped = self.rule.overflow != Overflow::Skip;
        if self.rule.overflow.tops_up(self.left, cost) {
            self.left = 0;
            Fate::ToppedUp
        } else {
            Fate::TooExpensive
        }
    }

    /// Equal projects of which some are funded and some are not for lack of money, or the first of which ended the
    /// count although another would have been funded: there the lot may have decided.
    fn ties(&mut self, order: &[usize]) {
        // Looked up by number: with very many projects a search for each would never end.
        let mut fates = vec![None; self.case.options()];
        for (option, fate, _) in &self.fates {
            fates[*option] = Some(*fate);
        }
        let fate = |o: usize| fates[o];
        let weighed = |o: &usize| {
            matches!(
                fate(*o),
                Some(Fate::Funded | Fate::ToppedUp | Fate::TooExpensive | Fate::AfterStop | Fate::GroupTaken)
            )
        };
        // With what was left where the count ended. Who was topped up before is funded.
        let fits = |o: usize| {
            let cost = self.case.election.options[o].cost.unwrap_or(0);
            cost <= self.left || self.rule.overflow.tops_up(self.left, cost)
        };
        let order: Vec<usize> = order.iter().copied().filter(weighed).collect();
        let mut ties = Ties::default();
        for group in order.chunk_by(|a, b| self.points[*a] == self.points[*b]) {
            let funded = |o: &usize| matches!(fate(*o), Some(Fate::Funded | Fate::ToppedUp));
            // Where nobody is funded, the first may have ended the count for one after it.
            let waited = |o: &usize| fate(*o) == Some(Fate::AfterStop) && fits(*o);
            let ended = group.first().filter(|o| !funded(o) && group.iter().any(waited));
            // Whoever was topped up left nothing for the others.
            let topped = group.iter().any(|o| fate(*o) == Some(Fate::ToppedUp));
            if group.len() > 1 && (topped || !group.iter().all(funded)) {
                for &chosen in group.iter().filter(|o| funded(o)).chain(ended) {
                    ties.by_lot(1, group, chosen);
                }
            }
        }
        self.out.ties = ties;
    }

    fn finish(mut self) -> Counted {
        let money = |units: u64| Number::decimal(units, self.case.election.money_decimals);
        let tallies = (among(self.case.options(), &self.out.winners).into_iter().enumerate())
            .map(|(option, won)| Tally {
                option,
                votes: self.points_of(option),
                status: if won { Status::Elected } else { Status::Eliminated },
            })
            .collect();
        let mut round = Round::new(say!("round.votes"), tallies);
        round.threshold.clone_from(&self.rule.threshold);
        round.elected.clone_from(&self.out.winners);
        self.out.rounds.push(round);
        let has_points = self.rule.by_points && matches!(self.case.votes.form(), Form::Score | Form::Ranking);
        let mut spent = 0u64;
        let mut lines = vec![];
        self.out.explanation.push(if has_points {
            say!("greedy.start_points", budget = money(self.budget))
        } else {
            say!("greedy.start", budget = money(self.budget))
        });
        for &(option, fate, left) in &self.fates {
            let cost = self.case.election.options[option].cost.unwrap_or(0);
            let name = &[option][..];
            let (cost_said, left_said) = (money(cost), money(left));
            let mut sentence = match fate {
                Fate::Funded => {
                    say!("greedy.funded", option = name, cost = cost_said, left = money(left - cost))
                }
                Fate::ToppedUp => say!("greedy.topped_up", option = name, cost = cost_said, left = left_said),
                Fate::TooExpensive => {
                    say!("greedy.too_expensive", option = name, cost = cost_said, left = left_said)
                }
                Fate::AfterStop => say!("greedy.after_stop", option = name),
                Fate::BelowThreshold => say!(
                    "greedy.below",
                    option = name,
                    threshold = self.rule.threshold.clone().unwrap_or_else(Number::zero)
                ),
                Fate::GroupTaken => say!("budget.group_taken", option = name),
                Fate::NoVotes => say!("budget.no_votes", option = name),
                _ => say!("budget.withdrawn", option = name),
            };
            // The words say votes or points, whichever is there.
            let unit = if has_points { "points" } else { "votes" };
            sentence.values.push((unit.into(), self.points_of(option).into()));
            self.out.explanation.push(sentence);
            if matches!(fate, Fate::Funded | Fate::ToppedUp) {
                spent += cost;
            }
            lines.push(Line {
                option,
                cost: money(cost),
                votes: self.people[option],
                points: has_points.then(|| self.points_of(option)),
                fate,
                payment: None,
                effective_support: None,
                held: None,
            });
        }
        lines.sort_by_key(|l| !matches!(l.fate, Fate::Funded | Fate::ToppedUp));
        let rest =
            Number::decimal(i128::from(self.budget) - i128::from(spent), self.case.election.money_decimals);
        self.out.explanation.push(say!(
            "budget.spent",
            spent = money(spent),
            budget = money(self.budget),
            left = rest
        ));
        self.out.account = Some(Account {
            budget: money(self.budget),
            spent: money(spent),
            share: None,
            raises: None,
            lines,
        });
        self.out
    }
}
