//! The rules, one module per family: the fast implementations. [`crate::reference`] has the plain ones.

pub mod borda;
pub mod committee;
pub mod condorcet;
pub mod consent;
pub mod greedy;
pub mod irv;
pub mod meek;
pub mod motion;
pub mod scottish;
pub mod shares;
pub mod simple;
pub mod star;

use crate::election::{Election, Form, OVERVOTE, Vote, Votes};
use crate::limits::MAX_ROUND_OPTIONS;
use crate::lot::Lot;
use crate::number::Number;
use crate::outcome::{Refusal, Status, Tally, Ties};

/// What every rule counts: an election, its votes in canonical order, and the lot.
pub(crate) struct Case<'a> {
    pub election: &'a Election,
    pub votes: &'a Votes,
    pub lot: &'a Lot,
}

impl Case<'_> {
    /// Number of options.
    pub fn options(&self) -> usize {
        self.election.options.len()
    }

    /// Options that can be chosen.
    pub fn standing(&self) -> Vec<usize> {
        (0..self.options()).filter(|o| !self.election.options[*o].withdrawn).collect()
    }

    /// How many seats can be filled, or why they cannot.
    pub fn seats(&self, seats: u32) -> Result<usize, Refusal> {
        let standing = self.standing().len();
        if seats == 0 {
            return Err(Refusal::new(
                "The rule elects nobody: it has 0 seats. Say how many are to be elected.",
            ));
        }
        if seats as usize > standing {
            return Err(Refusal::new(format!(
                "There are {seats} seats but only {standing} options that can be elected. Fewer seats or more options are needed."
            )));
        }
        Ok(seats as usize)
    }

    /// Refuses ballots too long for a result that is a table of rounds and options.
    pub fn check_rounds(&self) -> Result<(), Refusal> {
        if self.options() > MAX_ROUND_OPTIONS {
            return Err(Refusal::new(format!(
                "This rule counts round by round, which is done for at most {MAX_ROUND_OPTIONS} options; there are {}.",
                self.options()
            )));
        }
        Ok(())
    }

    /// Refuses votes of a form the rule cannot read.
    pub fn needs(&self, forms: &[Form], what: &str) -> Result<(), Refusal> {
        if forms.contains(&self.votes.form()) {
            return Ok(());
        }
        Err(Refusal::new(format!("This rule needs {what}, which these votes are not.")))
    }
}

/// The one option a vote puts first; none if it marks none or several first.
pub(crate) fn first(form: Form, vote: Vote<'_>) -> Option<usize> {
    let best = match form {
        Form::Ranking => vote.levels.first().copied(),
        Form::Score => vote.levels.last().copied().filter(|l| *l > 0),
        _ => Some(1),
    }?;
    let mut marked = vote.options.iter().zip(vote.levels).filter(|(_, l)| **l == best).map(|(o, _)| *o);
    let only = marked.next()?;
    (marked.next().is_none() && only != OVERVOTE).then_some(only as usize)
}

/// The options a vote supports: all marks, for points those above zero. Each once, in the order of the vote.
pub(crate) fn approved(form: Form, vote: Vote<'_>) -> Vec<usize> {
    let all = form != Form::Score;
    let marks = vote.options.iter().zip(vote.levels).filter(|(o, l)| **o != OVERVOTE && (all || **l > 0));
    let mut out: Vec<usize> = marks.map(|(o, _)| *o as usize).collect();
    out.dedup();
    if matches!(form, Form::Ranking | Form::Score) {
        // An option may stand at two ranks. Its first place counts.
        let mut places: Vec<(usize, usize)> = out.iter().copied().zip(0..).collect();
        places.sort_unstable();
        places.dedup_by_key(|p| p.0);
        if places.len() < out.len() {
            places.sort_unstable_by_key(|p| p.1);
            out = places.into_iter().map(|p| p.0).collect();
        }
    }
    out
}

/// By option, whether it is one of these: with very many options a search for each would never end.
pub(crate) fn among(options: usize, these: &[usize]) -> Vec<bool> {
    let mut among = vec![false; options];
    these.iter().for_each(|option| among[*option] = true);
    among
}

/// Tallies in ballot order, all with one status.
pub(crate) fn tallies(options: &[usize], of: impl Fn(usize) -> Number) -> Vec<Tally> {
    options.iter().map(|&o| Tally { option: o, votes: of(o), status: Status::Continuing }).collect()
}

/// The `seats` options with most of `key`, ties by lot where it matters for who is in or for the order.
pub(crate) fn top<K: Ord + Clone>(
    options: &[usize],
    seats: usize,
    lot: &Lot,
    key: impl Fn(usize) -> K,
) -> (Vec<usize>, Ties) {
    let mut order = options.to_vec();
    order.sort_by(|&a, &b| key(b).cmp(&key(a)).then(lot.place(a).cmp(&lot.place(b))));
    let mut ties = Ties::default();
    if let (Some(&inside), Some(&outside)) = (order.get(seats.wrapping_sub(1)), order.get(seats))
        && key(inside) == key(outside)
    {
        let tied: Vec<usize> = options.iter().copied().filter(|o| key(*o) == key(inside)).collect();
        for &chosen in order.iter().take(seats).filter(|o| key(**o) == key(inside)) {
            ties.by_lot(1, &tied, chosen);
        }
    }
    order.truncate(seats);
    (order, ties)
}
