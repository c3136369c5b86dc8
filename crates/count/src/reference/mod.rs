//! Every rule again, plain: as the law or the paper reads, vote by vote, with quotients instead of clever integers.
//! Slow, and meant to be: tests hold the fast implementations against these.

mod budget;
mod committee;
mod pairs;
mod ranked;
mod simple;
mod stv;

use crate::Rule;
use crate::election::{Election, Form, OVERVOTE};
use crate::lot::Lot;
use crate::number::Number;
use crate::outcome::{Outcome, Refusal};
use crate::rules::Case;
use crate::rules::shares::EqualShares;
use num_bigint::BigInt;
use num_rational::BigRational;

/// An exact quotient.
type Q = BigRational;

fn q(n: impl Into<BigInt>) -> Q {
    Q::from_integer(n.into())
}

/// One vote, read plainly: ranks from the first, each with its number and the options at it.
struct Plain {
    weight: u64,
    ranks: Vec<(i32, Vec<usize>)>,
    marks: Vec<(usize, i32)>,
}

/// The votes as they came, none merged, in their own order.
struct Ballots<'a> {
    election: &'a Election,
    lot: &'a Lot,
    form: Form,
    votes: Vec<Plain>,
    standing: Vec<usize>,
}

/// Stands for an overvote whose options are not known.
const UNKNOWN: usize = usize::MAX;

impl<'a> Ballots<'a> {
    fn new(election: &'a Election, lot: &'a Lot) -> Self {
        let votes = election
            .votes
            .iter()
            .map(|vote| {
                let marks: Vec<(usize, i32)> = vote
                    .options
                    .iter()
                    .zip(vote.levels)
                    .map(|(o, l)| (if *o == OVERVOTE { UNKNOWN } else { *o as usize }, *l))
                    .collect();
                let mut ranks: Vec<(i32, Vec<usize>)> = vec![];
                for (option, level) in &marks {
                    match ranks.iter_mut().find(|r| r.0 == *level) {
                        Some(rank) => rank.1.push(*option),
                        None => ranks.push((*level, vec![*option])),
                    }
                }
                ranks.sort();
                Plain { weight: vote.weight, ranks, marks }
            })
            .collect();
        let standing = (0..election.options.len()).filter(|o| !election.options[*o].withdrawn).collect();
        Ballots { election, lot, form: election.votes.form(), votes, standing }
    }

    /// The options a vote supports, each once.
    fn supports(&self, vote: &Plain) -> Vec<usize> {
        let mut out: Vec<usize> = vote
            .marks
            .iter()
            .filter(|m| m.0 != UNKNOWN && (self.form != Form::Score || m.1 > 0))
            .map(|m| m.0)
            .collect();
        out.sort_unstable();
        out.dedup();
        out
    }

    /// Options from most to fewest of something, equals in the order of the lot.
    fn order<K: Ord>(&self, options: &[usize], value: impl Fn(usize) -> K) -> Vec<usize> {
        let mut out = options.to_vec();
        out.sort_by_key(|o| self.lot.place(*o));
        out.sort_by_key(|o| std::cmp::Reverse(value(*o)));
        out
    }
}

/// One round as the plain implementation sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlainRound {
    /// Votes of every option that was in the race when the round was counted.
    pub votes: Vec<(usize, Number)>,
    /// What elects.
    pub threshold: Number,
    /// Who was elected in it.
    pub elected: Vec<usize>,
    /// Who dropped out in it.
    pub eliminated: Vec<usize>,
}

/// Who wins, by the plain implementation. The rule's own checks are the same as for [`crate::count`].
///
/// # Errors
/// As [`crate::count`].
pub fn winners(election: &Election, rule: &Rule, lot: &Lot) -> Result<Vec<usize>, Refusal> {
    count(election, rule, lot).map(|counted| counted.0)
}

/// Who wins, and every round of the rules that go round by round with votes that move: ranked choice, and Meek without
/// its first round (which only shows first preferences) and its last (which fills what is left). Other rules have no
/// rounds here.
///
/// # Errors
/// As [`crate::count`].
pub fn count(election: &Election, rule: &Rule, lot: &Lot) -> Result<(Vec<usize>, Vec<PlainRound>), Refusal> {
    // The fast count refuses what cannot be counted; what is compared here is what is counted.
    let votes = election.votes.canonical();
    crate::counting::run(rule, &Case { election, votes: &votes, lot })?;
    let ballots = Ballots::new(election, lot);
    let winners = match rule {
        Rule::RankedChoice(r) => return Ok(ranked::count(r, &ballots)),
        Rule::Meek(r) => return Ok(stv::meek(r, &ballots)),
        Rule::Motion(r) => simple::motion(r, &ballots),
        Rule::Plurality(_) => simple::plurality(&ballots),
        Rule::Approval(_) => simple::approval(&ballots),
        Rule::BlockVote(r) => simple::block(r, &ballots),
        Rule::Score(r) => simple::score(r, &ballots),
        Rule::Star(_) => simple::star(&ballots),
        Rule::Borda(_) => simple::borda(&ballots),
        Rule::Schulze(_) => pairs::schulze(&ballots),
        Rule::RankedPairs(_) => pairs::ranked_pairs(&ballots),
        Rule::ScottishStv(r) => stv::scottish(r, &ballots),
        Rule::Committee(r) => committee::count(r, &ballots),
        Rule::Greedy(r) => budget::greedy(r, &ballots),
        Rule::EqualShares(r) => budget::equal_shares(r, &ballots),
        Rule::Consent(r) => simple::consent(r),
    };
    Ok((winners, vec![]))
}

/// Equal shares with every comparison made by exact integers, so that tests can show that the floating-point filter
/// never changes anything.
///
/// # Errors
/// As [`crate::count`].
pub fn equal_shares_without_filter(
    election: &Election,
    rule: &EqualShares,
    lot: &Lot,
) -> Result<Outcome, Refusal> {
    let mut outcome = crate::count(election, &Rule::EqualShares(rule.clone()), lot)?;
    let votes = election.votes.canonical();
    let counted = rule.count_with(&Case { election, votes: &votes, lot }, false)?;
    outcome.winners = counted.winners;
    outcome.rounds = counted.rounds;
    outcome.account = counted.account;
    Ok(outcome)
}
