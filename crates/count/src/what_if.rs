//! The same votes under other rules, and under votes drawn again from them.

use crate::counting::winners;
use crate::digest::{Draw, votes_digest};
use crate::election::{Election, Form};
use crate::lot::Lot;
use crate::outcome::{Outcome, Refusal};
use crate::rule::{Rule, Share};
use crate::rules::committee::{Committee, Method, Rest};
use crate::rules::greedy::{Greedy, Overflow};
use crate::rules::irv::{Mode, RankedChoice};
use crate::rules::motion::{Base, Motion};
use crate::rules::shares::{Comparison, Completion, EqualShares, Start, Stop};
use crate::rules::simple::{Blank, BlockVote, Score};
use crate::sentence::{Sentence, say};
use serde::{Deserialize, Serialize};

/// Voters above which resampling is refused: one number is drawn for every voter and sample.
const MOST_DRAWN: u64 = 5_000_000;

/// The result under one other rule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Alternative {
    /// The rule, complete.
    pub rule: Rule,
    /// What is different about it: the key of a text in [`crate::Words`], such as `what_if.irv`.
    pub key: String,
    /// Who would win, in order; or why it cannot be counted.
    pub winners: Result<Vec<usize>, Refusal>,
    /// Would the same options win?
    pub same: bool,
}

/// How often each option wins when the votes are drawn again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Survival {
    /// How many times votes were drawn.
    pub samples: u32,
    /// Options that won at least once, with how often; most often first.
    pub wins: Vec<(usize, u32)>,
    /// How often exactly the same options won.
    pub same: u32,
}

impl Survival {
    /// How often the result stayed the same.
    pub(crate) fn sentence(&self) -> Sentence {
        say!("survival.same", samples = u64::from(self.samples), same = u64::from(self.same))
    }
}

/// The same votes under the other rules that can read them. `outcome` is the result they are compared with.
pub fn what_if(election: &Election, outcome: &Outcome, lot: &Lot) -> Vec<Alternative> {
    let votes = election.votes.canonical();
    let sorted = |w: &[usize]| {
        let mut w = w.to_vec();
        w.sort_unstable();
        w
    };
    let before = sorted(&outcome.winners);
    others(election, &outcome.rule)
        .into_iter()
        .filter(|(_, rule)| *rule != outcome.rule)
        .map(|(key, rule)| {
            let won = winners(election, &votes, &rule, lot);
            let same = won.as_ref().is_ok_and(|w| sorted(w) == before);
            Alternative { rule, key: key.to_owned(), winners: won, same }
        })
        .collect()
}

/// Rules that make sense for these votes.
fn others(election: &Election, rule: &Rule) -> Vec<(&'static str, Rule)> {
    if matches!(rule, Rule::Consent(_)) {
        return vec![];
    }
    if election.votes.form() == Form::Motion {
        return if let Rule::Motion(rule) = rule { motions(rule) } else { vec![] };
    }
    if election.budget.is_some() && matches!(rule, Rule::Greedy(_) | Rule::EqualShares(_)) {
        return budgets(rule);
    }
    let seats = rule.seats().or(election.seats).unwrap_or(1);
    let named = |key: &'static str, name: &str| Rule::parse(name, Some(seats)).ok().map(|r| (key, r));
    let committee = |key, method| (key, Rule::Committee(Committee { seats, method }));
    let block = |most_marks| Rule::BlockVote(BlockVote { seats, most_marks });
    let mut out: Vec<Option<(&'static str, Rule)>> = vec![];
    match (election.votes.form(), seats) {
        (Form::Ranking, 1) => {
            out.extend([
                named("what_if.first_preferences", "plurality"),
                named("what_if.irv", "irv"),
                named("what_if.schulze", "schulze"),
                named("what_if.ranked_pairs", "ranked-pairs"),
                named("what_if.borda", "borda"),
            ]);
        }
        (Form::Ranking, _) => {
            out.extend([
                named("what_if.scottish", "scottish-stv"),
                named("what_if.meek", "meek"),
                Some((
                    "what_if.american",
                    Rule::RankedChoice(RankedChoice {
                        winners: seats,
                        mode: Mode::SeveralPerRound,
                        ..RankedChoice::usual()
                    }),
                )),
                Some(("what_if.places_as_votes", block(None))),
                Some(("what_if.first_preferences", block(Some(1)))),
            ]);
        }
        (Form::Score, 1) => {
            out.extend([
                named("what_if.sum", "score"),
                Some(("what_if.mean", Rule::Score(Score { blank: Blank::NoOpinion, least_opinions: 1 }))),
                named("what_if.star", "star"),
                named("what_if.approval", "approval"),
                named("what_if.schulze", "schulze"),
            ]);
        }
        (_, 1) => {
            out.extend([named("what_if.most_votes", "approval"), named("what_if.single_marks", "plurality")])
        }
        _ => out.extend([
            Some(("what_if.most_votes", block(Some(u32::MAX)))),
            Some(committee("what_if.pav", Method::SequentialPav)),
            Some(committee("what_if.phragmen", Method::SequentialPhragmen)),
            Some(committee("what_if.committee_shares", Method::EqualShares(Rest::Phragmen))),
        ]),
    }
    out.into_iter().flatten().collect()
}

/// With other shares, and without the quorum if there is one; a quorum and what happens to equals stay as they are.
fn motions(rule: &Motion) -> Vec<(&'static str, Rule)> {
    let motion =
        |base, n, d, strict| Rule::Motion(Motion { base, share: Share::of(n, d), strict, ..rule.clone() });
    let mut out = vec![
        ("what_if.majority", motion(Base::YesAndNo, 1, 2, true)),
        ("what_if.two_thirds", motion(Base::YesAndNo, 2, 3, false)),
        ("what_if.three_quarters", motion(Base::YesAndNo, 3, 4, false)),
        ("what_if.all_votes", motion(Base::AllVotes, 1, 2, true)),
    ];
    if rule.quorum.is_some() {
        out.push(("what_if.no_quorum", Rule::Motion(Motion { quorum: None, ..rule.clone() })));
    }
    out
}

fn budgets(rule: &Rule) -> Vec<(&'static str, Rule)> {
    let base = match rule {
        Rule::Greedy(g) => g.clone(),
        _ => Greedy::skip(),
    };
    let greedy = |overflow| Rule::Greedy(Greedy { overflow, ..base.clone() });
    let shares = |start, completion, stop| {
        Rule::EqualShares(EqualShares { start, completion, stop, comparison: Comparison::None })
    };
    let mut out = vec![
        ("what_if.greedy_skip", greedy(Overflow::Skip)),
        ("what_if.greedy_stop", greedy(Overflow::Stop)),
        ("what_if.greedy_top_up", greedy(Overflow::TopUp(Share::of(4, 5)))),
        ("what_if.shares", shares(Start::Exact, Completion::None, Stop::Overspend)),
        ("what_if.shares_greedy", shares(Start::Exact, Completion::Greedy, Stop::Overspend)),
        ("what_if.add1", shares(Start::Exact, Completion::Add1, Stop::Overspend)),
        ("what_if.add1_exhaustive", shares(Start::Exact, Completion::Add1, Stop::OverspendOrExhaustive)),
        ("what_if.add1_floored", shares(Start::Floored, Completion::Add1, Stop::Overspend)),
        ("what_if.add1_greedy", shares(Start::Exact, Completion::Add1Greedy, Stop::Overspend)),
    ];
    if base.threshold.is_some() {
        out.push(("what_if.greedy_no_threshold", Rule::Greedy(Greedy { threshold: None, ..base })));
    }
    out
}

/// Draws as many votes from the votes as there are, with replacement, `samples` times, and counts each draw.
/// The draws are seeded by the digest of the votes: the same votes always give the same answer.
///
/// # Errors
/// When the votes cannot be counted at all, or there are too many to be drawn one by one.
pub fn survival(election: &Election, rule: &Rule, lot: &Lot, samples: u32) -> Result<Survival, Refusal> {
    if matches!(rule, Rule::Consent(_)) {
        return Err(Refusal::new("Consent counts objections, not votes; there is nothing to draw again."));
    }
    let votes = election.votes.canonical();
    if votes.total() > MOST_DRAWN {
        return Err(Refusal::new(format!("Drawing votes again is done for at most {MOST_DRAWN} voters.")));
    }
    let mut before = winners(election, &votes, rule, lot)?;
    before.sort_unstable();
    let owners: Vec<u32> =
        votes.iter().enumerate().flat_map(|(i, v)| (0..v.weight).map(move |_| i as u32)).collect();
    let mut draw = Draw::new(&votes_digest(election, &votes), "survival");
    let mut wins = vec![0u32; election.options.len()];
    let mut same = 0;
    for _ in 0..samples {
        let mut quick = Quick(draw.below(u64::MAX));
        let mut weights = vec![0u64; votes.len()];
        for _ in 0..owners.len() {
            let at = quick.below(owners.len() as u64) as usize;
            weights[owners[at] as usize] += 1;
        }
        let mut won = winners(election, &votes.reweighted(&weights), rule, lot).unwrap_or_default();
        won.sort_unstable();
        same += u32::from(won == before);
        for option in won {
            wins[option] += 1;
        }
    }
    let mut wins: Vec<(usize, u32)> = wins.into_iter().enumerate().filter(|w| w.1 > 0).collect();
    wins.sort_by_key(|w| (std::cmp::Reverse(w.1), w.0));
    Ok(Survival { samples, wins, same })
}

/// SplitMix64 (Steele, Lea and Flood 2014): millions of draws a sample, and nobody gains by predicting them.
struct Quick(u64);

impl Quick {
    fn below(&mut self, bound: u64) -> u64 {
        let largest = u64::MAX - u64::MAX % bound.max(1);
        loop {
            self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let mut z = self.0;
            z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            z ^= z >> 31;
            if z < largest {
                return z % bound.max(1);
            }
        }
    }
}
