//! The result of a count, with every step of the way there.

use crate::limits::MAX_TIED;
use crate::number::Number;
use crate::rule::Rule;
use crate::sentence::{Sentence, say};
use serde::{Deserialize, Serialize};

/// A count that cannot be done, or a file that cannot be read: one sentence, with the line where there is one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[error("{}{reason}", match line { Some(line) => format!("Line {line}: "), None => String::new() })]
pub struct Refusal {
    /// Line of the file, counted from 1.
    pub line: Option<usize>,
    /// What is wrong, what it means, what to do.
    pub reason: String,
}

impl Refusal {
    /// A refusal that is not about a line.
    pub fn new(reason: impl Into<String>) -> Self {
        Refusal { line: None, reason: reason.into() }
    }

    /// A refusal about one line of a file, counted from 1.
    pub fn at(line: usize, reason: impl Into<String>) -> Self {
        Refusal { line: Some(line), reason: reason.into() }
    }
}

/// The complete result.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// The rule with every parameter.
    pub rule: Rule,
    /// SHA-256 of the rule, in hexadecimal.
    pub rule_digest: String,
    /// SHA-256 of options and votes, the same for every order of the votes.
    pub votes_digest: String,
    /// How many people voted.
    pub voters: u64,
    /// Options chosen, in the order in which they were; options by their number on the ballot.
    pub winners: Vec<usize>,
    /// Ties that had to be broken, and what would be without the lot.
    pub ties: Vec<Tie>,
    /// The steps of the count.
    pub rounds: Vec<Round>,
    /// The money, for budgets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<Account>,
    /// How the result came about, for everyone.
    pub explanation: Vec<Sentence>,
}

/// What a rule's own code returns; [`crate::count`] makes the [`Outcome`] of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Counted {
    pub winners: Vec<usize>,
    pub ties: Ties,
    pub rounds: Vec<Round>,
    pub account: Option<Account>,
    pub explanation: Vec<Sentence>,
}

/// One step of a count.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Round {
    /// What happened in this step, in a few words.
    pub title: Sentence,
    /// Votes (or points, or support) of every option after the step.
    pub tallies: Vec<Tally>,
    /// What an option needs, where the rule has such a number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threshold: Option<Number>,
    /// Votes that count for nobody, by reason.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub idle: Vec<(Idle, Number)>,
    /// What moved in this step: before its tallies where a step is a stage (Scottish STV), after them where it is a
    /// round that ends with an option chosen or out (ranked choice, Meek).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub moves: Vec<Move>,
    /// What each option elected so far keeps of every vote that reaches it after this step, from 0 to 1, where the
    /// rule has such factors (Meek). Options still in the race keep all, options that are out nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keeps: Vec<(usize, Number)>,
    /// Options chosen in this step.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub elected: Vec<usize>,
    /// Options that dropped out in this step.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub eliminated: Vec<usize>,
}

impl Round {
    /// A step with nothing but a title and tallies.
    pub(crate) fn new(title: Sentence, tallies: Vec<Tally>) -> Self {
        Round {
            title,
            tallies,
            threshold: None,
            idle: vec![],
            moves: vec![],
            keeps: vec![],
            elected: vec![],
            eliminated: vec![],
        }
    }

    /// The tally of one option in this step.
    pub fn tally(&self, option: usize) -> Option<&Tally> {
        self.tallies.iter().find(|t| t.option == option)
    }
}

/// One option in one step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// The option's number on the ballot.
    pub option: usize,
    /// Its votes, points or support.
    pub votes: Number,
    /// Whether it is still in the race.
    pub status: Status,
}

/// Where an option stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Still in the race.
    Continuing,
    /// Chosen.
    Elected,
    /// Out.
    Eliminated,
}

/// Why votes count for nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Idle {
    /// No further preference for an option still in the race.
    Exhausted,
    /// Several options at one rank.
    Overvote,
    /// Too many ranks left out.
    SkippedRanks,
    /// The same option again.
    Repeated,
    /// Nothing marked that the rule can count.
    Blank,
    /// Fractions too small for the rule's decimals.
    Rounding,
    /// Surplus of the last elected, when nobody is left to receive it.
    LastSurplus,
}

/// Votes that moved from one option to another, or to nobody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Move {
    /// From which option.
    pub from: usize,
    /// To which option; none: to nobody.
    pub to: Option<usize>,
    /// How many. Below nothing, with `to` nobody: so many came back (Meek, whose decimals are cut off anew each round).
    pub votes: Number,
}

/// A tie, how it was broken, and what would be otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tie {
    /// The step it belongs to, counted from 1.
    pub round: usize,
    /// Options that were equal.
    pub tied: Vec<usize>,
    /// The option that was picked.
    pub chosen: usize,
    /// Picked for what.
    pub purpose: Purpose,
    /// By what.
    pub by: By,
    /// For the lot: who would have won had the lot not picked `chosen`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub otherwise: Option<Vec<usize>>,
}

/// Ties as they are found. Together they name at most [`MAX_TIED`] equals, so that thousands of equal options do not make
/// a result larger than any machine; those beyond are numbered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ties {
    pub list: Vec<Tie>,
    /// Equals named so far.
    named: usize,
    /// Ties beyond.
    more: usize,
}

impl Ties {
    /// `tied` were equal, and the lot favoured one of them. Whether it is in the list.
    pub fn by_lot(&mut self, round: usize, tied: &[usize], chosen: usize) -> bool {
        self.choice(round, tied, chosen, By::Lot)
    }

    /// `tied` were equal, and one of them was chosen. Whether it is in the list.
    pub fn choice(&mut self, round: usize, tied: &[usize], chosen: usize, by: By) -> bool {
        self.add(round, tied, chosen, Purpose::Choose, by)
    }

    /// `tied` were equal, and one of them was picked. Whether it is in the list.
    pub fn add(&mut self, round: usize, tied: &[usize], chosen: usize, purpose: Purpose, by: By) -> bool {
        let fits = self.named + tied.len() <= MAX_TIED;
        if fits {
            self.named += tied.len();
            self.list.push(Tie { round, tied: tied.to_vec(), chosen, purpose, by, otherwise: None });
        } else {
            self.more += 1;
        }
        fits
    }

    /// Those of another count, whose first step is the one after `before`.
    pub fn extend(&mut self, other: &Ties, before: usize) {
        for tie in &other.list {
            self.add(before + tie.round, &tie.tied, tie.chosen, tie.purpose, tie.by);
        }
        self.more += other.more;
    }

    /// The ties, and a sentence about those beyond.
    pub fn told(self, explanation: &mut Vec<Sentence>) -> Vec<Tie> {
        if self.more > 0 {
            explanation.push(say!("tie.more", ties = self.more));
        }
        self.list
    }
}

/// What a tied option was picked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// To win, or to be considered first.
    Choose,
    /// To drop out.
    Drop,
    /// To have its surplus transferred first.
    Transfer,
}

/// What broke a tie.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// The published lot order.
    Lot,
    /// The most recent earlier step in which the options differed (counted from 1).
    EarlierRound(usize),
    /// The rule prefers what costs less.
    LowerCost,
    /// The rule prefers what more people voted for.
    MoreVotes,
    /// The rule prefers who wins the comparison of the two.
    HeadToHead,
    /// The random numbers of RCTab with the seed in the rule.
    Seed,
}

/// The money of a budget.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// What there was to spend.
    pub budget: Number,
    /// What was spent.
    pub spent: Number,
    /// What each voter held at the end of the raises, for equal shares.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share: Option<Number>,
    /// How often the shares were raised, for equal shares.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raises: Option<u64>,
    /// Every project: the funded ones in their order, then the others by votes.
    pub lines: Vec<Line>,
}

/// One project of a budget.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// The project.
    pub option: usize,
    /// Its cost.
    pub cost: Number,
    /// How many people voted for it.
    pub votes: u64,
    /// Its points, where votes carry points.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub points: Option<Number>,
    /// Funded or not, and why.
    pub fate: Fate,
    /// What each supporter paid at most, for equal shares.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment: Option<Number>,
    /// Cost divided by that payment: how many full contributions carry it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective_support: Option<Number>,
    /// What its supporters still held together when the count ended, for equal shares.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held: Option<Number>,
}

/// What became of a project.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// Funded by the rule.
    Funded,
    /// Funded by the completion, from what was left.
    Completed,
    /// Funded although it does not fit, because most of its cost was left.
    ToppedUp,
    /// Withdrawn before the count.
    Withdrawn,
    /// Fewer votes or points than the rule asks for.
    BelowThreshold,
    /// Nobody voted for it.
    NoVotes,
    /// Another project of the same group was funded.
    GroupTaken,
    /// More than what was left.
    TooExpensive,
    /// Considered no more, because the rule stops at the first project that does not fit.
    AfterStop,
    /// Its supporters did not hold its cost any more.
    TooLittleSupport,
}
