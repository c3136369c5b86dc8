//! A rule is data: every parameter explicit, so that it can be put on the record before voting opens.

use crate::outcome::Refusal;
use crate::rules::borda::Borda;
use crate::rules::committee::Committee;
use crate::rules::condorcet::{RankedPairs, Schulze};
use crate::rules::consent::Consent;
use crate::rules::greedy::Greedy;
use crate::rules::irv::RankedChoice;
use crate::rules::meek::Meek;
use crate::rules::motion::Motion;
use crate::rules::scottish::ScottishStv;
use crate::rules::shares::EqualShares;
use crate::rules::simple::{Approval, BlockVote, Plurality, Score};
use crate::rules::star::Star;
use serde::{Deserialize, Serialize};

/// A complete counting rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "rule", rename_all = "snake_case", deny_unknown_fields)]
pub enum Rule {
    /// Yes or no, with thresholds and quorum.
    Motion(Motion),
    /// One mark each, most votes win.
    Plurality(Plurality),
    /// Any number of marks, most votes win.
    Approval(Approval),
    /// Up to as many marks as seats, most votes win.
    BlockVote(BlockVote),
    /// Points, highest sum or mean wins.
    Score(Score),
    /// Points, then a comparison of the two best.
    Star(Star),
    /// Rankings by instant runoff and its multi-winner kin, options named as in RCTab.
    RankedChoice(RankedChoice),
    /// Rankings by strongest paths.
    Schulze(Schulze),
    /// Rankings by locking in the strongest comparisons.
    RankedPairs(RankedPairs),
    /// Rankings by points for places.
    Borda(Borda),
    /// Scottish council elections.
    ScottishStv(ScottishStv),
    /// Transferable votes with keep factors.
    Meek(Meek),
    /// Proportional committees from approvals.
    Committee(Committee),
    /// Budgets, most votes first.
    Greedy(Greedy),
    /// Budgets by the Method of Equal Shares.
    EqualShares(EqualShares),
    /// Consent with reasoned objections.
    Consent(Consent),
}

/// What a fraction `numerator / denominator` of something is: 2/3 is exactly that, not 66.67 %.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    /// Above the line.
    pub numerator: u64,
    /// Below the line; at least 1.
    pub denominator: u64,
}

impl Share {
    /// `numerator / denominator`.
    pub const fn of(numerator: u64, denominator: u64) -> Self {
        Share { numerator, denominator }
    }

    /// Is `part` at least (or, if `strict`, more than) this share of `base`? By cross-multiplication.
    pub fn reached(self, part: u64, base: u64, strict: bool) -> bool {
        let left = u128::from(part) * u128::from(self.denominator);
        let right = u128::from(base) * u128::from(self.numerator);
        if strict { left > right } else { left >= right }
    }

    pub(crate) fn check(self, what: &str) -> Result<(), Refusal> {
        if self.denominator == 0 || self.numerator > self.denominator {
            return Err(Refusal::new(format!(
                "The {what} is {}/{}. It must be a fraction between 0 and 1.",
                self.numerator, self.denominator
            )));
        }
        Ok(())
    }
}

impl std::fmt::Display for Share {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.numerator, self.denominator)
    }
}

/// One rule of the catalogue.
#[derive(Clone, Debug, Serialize)]
pub struct Entry {
    /// What `--rule` takes.
    pub name: &'static str,
    /// What it is for.
    pub used_for: &'static str,
    /// In one sentence.
    pub about: &'static str,
    /// Law, paper or program that defines it.
    pub source: &'static str,
    /// Every parameter with its meaning.
    pub parameters: &'static [(&'static str, &'static str)],
    /// The rule with its usual parameters.
    pub rule: Rule,
}

impl Rule {
    /// The rule of this name with its usual parameters, or a rule written as JSON.
    ///
    /// `seats` fills in how many are elected, where the rule elects several.
    ///
    /// # Errors
    /// A sentence that lists the names there are, or says what is wrong with the JSON.
    pub fn parse(text: &str, seats: Option<u32>) -> Result<Rule, Refusal> {
        if text.trim_start().starts_with('{') {
            return serde_json::from_str(text).map_err(|e| {
                Refusal::new(format!(
                    "This is not a rule: {e}. `--rules` lists every rule with its parameters."
                ))
            });
        }
        let entry = Rule::catalogue().into_iter().find(|e| e.name == text.trim());
        let Some(entry) = entry else {
            let names: Vec<&str> = Rule::catalogue().iter().map(|e| e.name).collect();
            return Err(Refusal::new(format!(
                "There is no rule “{}”. The rules are: {}. Any of them can also be given as JSON with every parameter.",
                text.trim(),
                names.join(", ")
            )));
        };
        Ok(entry.rule.with_seats(seats))
    }

    /// The same rule for this many seats; rules for one winner or for budgets stay as they are.
    #[must_use]
    pub fn with_seats(mut self, seats: Option<u32>) -> Rule {
        let Some(seats) = seats else { return self };
        match &mut self {
            Rule::BlockVote(r) => r.seats = seats,
            Rule::ScottishStv(r) => r.seats = seats,
            Rule::Meek(r) => r.seats = seats,
            Rule::Committee(r) => r.seats = seats,
            Rule::RankedChoice(r) if r.mode != crate::rules::irv::Mode::SingleWinner => r.winners = seats,
            _ => {}
        }
        self
    }

    /// How many options the rule elects; none for budgets, motions and consent.
    pub fn seats(&self) -> Option<u32> {
        match self {
            Rule::BlockVote(r) => Some(r.seats),
            Rule::ScottishStv(r) => Some(r.seats),
            Rule::Meek(r) => Some(r.seats),
            Rule::Committee(r) => Some(r.seats),
            Rule::RankedChoice(r) => Some(r.winners),
            Rule::Motion(_) | Rule::Consent(_) | Rule::Greedy(_) | Rule::EqualShares(_) => None,
            _ => Some(1),
        }
    }

    /// How to count by hand: keys of sentences in [`crate::Words`], one after the other.
    pub(crate) fn recipe(&self) -> Vec<&'static str> {
        use crate::rules::{greedy::Overflow, irv::Mode, shares::Comparison};
        match self {
            Rule::RankedChoice(rule) => vec![match rule.mode {
                Mode::SingleWinner => "recipe.ranked_choice",
                Mode::SeveralPerRound => "recipe.ranked_choice_several",
                Mode::OnePerRound => "recipe.ranked_choice_one_a_round",
                Mode::BottomsUp => "recipe.bottoms_up",
                Mode::BottomsUpShare(_) => "recipe.bottoms_up_share",
                Mode::Passes => "recipe.passes",
            }],
            Rule::Committee(rule) => rule.recipe(),
            Rule::Greedy(rule) => {
                let mut out = vec![
                    "recipe.greedy",
                    match rule.overflow {
                        Overflow::Skip => "recipe.greedy_skip",
                        Overflow::Stop => "recipe.greedy_stop",
                        Overflow::TopUp(_) => "recipe.greedy_top_up",
                    },
                ];
                out.extend(rule.threshold.as_ref().map(|_| "recipe.greedy_threshold"));
                out
            }
            Rule::EqualShares(rule) => {
                let mut out = vec!["recipe.equal_shares"];
                out.extend(rule.raises().then_some("recipe.shares_raised"));
                out.extend(rule.then_greedy().then_some("recipe.shares_completed"));
                out.extend((rule.comparison != Comparison::None).then_some("recipe.shares_compared"));
                out
            }
            Rule::Motion(_) => vec!["recipe.motion"],
            Rule::Plurality(_) => vec!["recipe.plurality"],
            Rule::Approval(_) => vec!["recipe.approval"],
            Rule::BlockVote(_) => vec!["recipe.block_vote"],
            Rule::Score(_) => vec!["recipe.score"],
            Rule::Star(_) => vec!["recipe.star"],
            Rule::Schulze(_) => vec!["recipe.schulze"],
            Rule::RankedPairs(_) => vec!["recipe.ranked_pairs"],
            Rule::Borda(_) => vec!["recipe.borda"],
            Rule::ScottishStv(_) => vec!["recipe.scottish_stv"],
            Rule::Meek(_) => vec!["recipe.meek"],
            Rule::Consent(_) => vec!["recipe.consent"],
        }
    }

    /// The key of this rule's name in [`crate::Words`].
    pub fn key(&self) -> &'static str {
        match self {
            Rule::Motion(_) => "motion",
            Rule::Plurality(_) => "plurality",
            Rule::Approval(_) => "approval",
            Rule::BlockVote(_) => "block_vote",
            Rule::Score(_) => "score",
            Rule::Star(_) => "star",
            Rule::RankedChoice(r) if r.winners > 1 => "ranked_choice_several",
            Rule::RankedChoice(_) => "ranked_choice",
            Rule::Schulze(_) => "schulze",
            Rule::RankedPairs(_) => "ranked_pairs",
            Rule::Borda(_) => "borda",
            Rule::ScottishStv(_) => "scottish_stv",
            Rule::Meek(_) => "meek",
            Rule::Committee(c) => c.key(),
            Rule::Greedy(_) => "greedy",
            Rule::EqualShares(_) => "equal_shares",
            Rule::Consent(_) => "consent",
        }
    }

    /// Every rule there is, with its source and parameters, in the order of the design.
    pub fn catalogue() -> Vec<Entry> {
        crate::catalogue::entries()
    }
}
