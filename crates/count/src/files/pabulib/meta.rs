//! What the head of a `.pb` file says: title, kind of votes, money, rule.

use super::super::Repairs;
use super::super::text::{decimal, rescale};
use crate::election::{BallotOption, Election, Form};
use crate::limits::MAX_MONEY;
use crate::number::Number;
use crate::outcome::Refusal;
use crate::rule::{Rule, Share};
use crate::rules::greedy::{Greedy, Overflow};
use crate::rules::shares::{Comparison, Completion, EqualShares, Start, Stop};
use std::collections::BTreeMap;
use std::fmt::Write;

/// Fields that divide the money further than one rule over all projects can follow.
const DIVIDED: [&str; 6] = [
    "budget_per_category",
    "budget_per_neighborhood",
    "min_length_per_category",
    "max_length_per_category",
    "min_sum_cost_per_category",
    "max_sum_cost_per_category",
];

type Variant = (&'static str, Completion, Comparison);

/// Pabulib's names for the variants of equal shares.
const EQUAL_SHARES: [Variant; 6] = [
    ("equalshares", Completion::None, Comparison::None),
    ("equalshares-comparison", Completion::None, Comparison::Projects),
    ("equalshares/add1", Completion::Add1, Comparison::None),
    ("equalshares/add1-comparison", Completion::Add1, Comparison::Projects),
    ("equalshares/add1u", Completion::Add1Greedy, Comparison::None),
    ("equalshares/add1u-comparison", Completion::Add1Greedy, Comparison::Projects),
];

/// The head: field by field, names in small letters.
#[derive(Default)]
pub(super) struct Meta(BTreeMap<String, String>);

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Choose1,
    Approval,
    Ordinal,
    Points,
}

impl Kind {
    pub fn form(self) -> Form {
        match self {
            Kind::Choose1 => Form::ChooseOne,
            Kind::Approval => Form::Approval,
            Kind::Ordinal => Form::Ranking,
            Kind::Points => Form::Score,
        }
    }
}

impl Meta {
    pub fn insert(&mut self, field: String, value: String) {
        self.0.insert(field, value);
    }

    /// A field that is there and not empty.
    fn get(&self, field: &str) -> Option<&str> {
        self.0.get(field).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// What people see above the result.
    pub fn title(&self) -> String {
        let mut title = String::new();
        for part in ["unit", "district", "subunit", "instance"].into_iter().filter_map(|f| self.get(f)) {
            if !title.contains(part) {
                let _ = write!(title, "{}{part}", if title.is_empty() { "" } else { ", " });
            }
        }
        if title.is_empty() { self.get("description").unwrap_or("").to_owned() } else { title }
    }

    pub fn kind(&self) -> Result<Kind, Refusal> {
        match self.get("vote_type").unwrap_or("approval").to_lowercase().as_str() {
            "choose-1" => Ok(Kind::Choose1),
            "approval" => Ok(Kind::Approval),
            "ordinal" => Ok(Kind::Ordinal),
            "cumulative" | "scoring" => Ok(Kind::Points),
            other => Err(Refusal::new(format!(
                "The vote_type “{other}” is not one of approval, choose-1, ordinal, cumulative, scoring."
            ))),
        }
    }

    /// The budget in units and the decimals all money needs.
    pub fn money(
        &self,
        costs: &[(i64, u32)],
        options: &[BallotOption],
    ) -> Result<Option<(u64, u32)>, Refusal> {
        let Some(written) = self.get("budget") else { return Ok(None) };
        let Some(budget) = decimal(written).or_else(|| decimal(&written.replace(',', "."))) else {
            return Err(Refusal::new(format!("The budget is “{written}”, which is not an amount of money.")));
        };
        if budget.0 < 0 {
            return Err(Refusal::new(format!("The budget is negative ({written}).")));
        }
        let decimals = costs.iter().map(|c| c.1).chain([budget.1]).max().unwrap_or(0);
        for (cost, option) in
            costs.iter().zip(options).map(|(c, o)| (*c, o.id.as_str())).chain([(budget, "")])
        {
            if rescale(cost, decimals).is_none_or(|units| units as u64 > MAX_MONEY) {
                let what =
                    if option.is_empty() { "budget".to_owned() } else { format!("cost of project {option}") };
                return Err(Refusal::new(format!(
                    "The {what} is more than {MAX_MONEY} of the smallest units of money. No budget is that large."
                )));
            }
        }
        Ok(rescale(budget, decimals).map(|b| (b as u64, decimals)))
    }

    /// How many projects a vote may name, where that is not said of the vote already and the rule does not make it the
    /// points of a first place.
    pub fn most_marks(&self, kind: Kind) -> Option<usize> {
        let used = kind == Kind::Ordinal && matches!(self.rule(), Ok(Some(Rule::Greedy(_))));
        if used || kind == Kind::Choose1 { None } else { self.get("max_length")?.parse().ok() }
    }

    /// What the head says and the rest does not bear out, or what the count does not follow.
    pub fn compare(&self, election: &Election, repairs: &mut Repairs) {
        for (field, what, found) in [
            ("num_projects", "projects", election.options.len()),
            ("num_votes", "votes", election.votes.len()),
        ] {
            if let Some(said) = self.get(field).and_then(|n| n.parse::<usize>().ok())
                && said != found
            {
                repairs.all(format!("The head of the file says {said} {what}, but there are {found}. Those that are there were counted."));
            }
        }
        let named = self.rule_name();
        if !["", "unknown"].contains(&&*named) && matches!(self.rule(), Ok(None)) {
            repairs.all(format!("The file names the rule “{named}”, which this program does not know. Unless you chose a rule, the usual one for such votes was counted instead; so what the file publishes as selected was not compared."));
        }
        if named == "greedy-exclusive" && election.options.iter().all(|o| o.group.is_none()) {
            repairs.all("By its rule some projects exclude each other, but the file does not say which: Pabulib has no column for it. They were counted as if none did. Its comment may name them; add a column exclusive_group with the same word for those that exclude each other.");
        }
        let divided: Vec<&str> = DIVIDED.into_iter().filter(|field| self.get(field).is_some()).collect();
        if !divided.is_empty() {
            repairs.all(format!(
                "The file divides the budget further ({}). It was counted as one budget.",
                divided.join(", ")
            ));
        }
    }

    fn rule_name(&self) -> String {
        self.get("rule").unwrap_or("").to_lowercase()
    }

    /// Points of a project that a vote does not name.
    pub fn default_score(&self) -> Result<(i64, u32), Refusal> {
        let Some(written) = self.get("default_score") else { return Ok((0, 0)) };
        decimal(written)
            .ok_or_else(|| Refusal::new(format!("The default_score is “{written}”, which is not a number.")))
    }

    /// The rule the file names, if it is one of Pabulib's.
    pub fn rule(&self) -> Result<Option<Rule>, Refusal> {
        let name = self.rule_name();
        if let Some(variant) = EQUAL_SHARES.iter().find(|(written, ..)| *written == name) {
            return Ok(Some(equal_shares(variant)));
        }
        let overflow = match name.as_str() {
            "greedy" | "greedy-threshold" | "greedy-exclusive" => Overflow::Skip,
            "greedy-no-skip" => Overflow::Stop,
            "greedy-custom" => Overflow::TopUp(Share::of(4, 5)),
            _ => return Ok(None),
        };
        let threshold = match self.get("min_project_score_threshold") {
            None => None,
            Some(t) => Some(decimal(t).map(|(u, d)| Number::decimal(u, d)).ok_or_else(|| {
                Refusal::new(format!("The min_project_score_threshold is “{t}”, which is not a number."))
            })?),
        };
        let first_place = self.get("max_length").and_then(|n| n.parse().ok());
        Ok(Some(Rule::Greedy(Greedy {
            overflow,
            threshold: threshold.filter(|t| !t.is_zero()),
            by_points: true,
            first_place,
        })))
    }
}

fn equal_shares(&(_, completion, comparison): &Variant) -> Rule {
    Rule::EqualShares(EqualShares { start: Start::Exact, completion, stop: Stop::Overspend, comparison })
}

/// The fields of a head by which this rule is read back, if it has a name in Pabulib.
pub(super) fn fields_of(rule: &Rule, groups: bool) -> Option<Vec<(&'static str, String)>> {
    let mut fields = vec![];
    let name = match rule {
        Rule::EqualShares(_) => EQUAL_SHARES.iter().find(|variant| equal_shares(variant) == *rule)?.0,
        Rule::Greedy(greedy) => {
            fields.extend(greedy.threshold.as_ref().map(|t| ("min_project_score_threshold", t.to_string())));
            fields.extend(greedy.first_place.map(|n| ("max_length", n.to_string())));
            match greedy.overflow {
                Overflow::Skip if groups => "greedy-exclusive",
                Overflow::Skip if greedy.threshold.is_some() => "greedy-threshold",
                Overflow::Skip => "greedy",
                Overflow::Stop => "greedy-no-skip",
                Overflow::TopUp(_) => "greedy-custom",
            }
        }
        _ => return None,
    };
    fields.push(("rule", name.to_owned()));
    // What the names cannot say, such as another share for the last project, is not said wrongly.
    let head = Meta(fields.iter().map(|(field, value)| ((*field).to_owned(), value.clone())).collect());
    matches!(head.rule(), Ok(Some(again)) if again == *rule).then_some(fields)
}
