//! What is counted: options and votes. Not how: that is a [`crate::Rule`].

use crate::limits::{MAX_MARKS, MAX_OPTIONS, MAX_VOTES};
use crate::outcome::Refusal;
use crate::rules::first;
use serde::{Deserialize, Serialize};

/// Everything a count needs besides its rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Election {
    /// What people see above the result.
    pub title: String,
    /// What the ballot can choose, in the order of the ballot or file.
    pub options: Vec<BallotOption>,
    /// The votes, one entry per vote or per group of equal votes.
    pub votes: Votes,
    /// How many are to be elected, where the file says so.
    pub seats: Option<u32>,
    /// What may be spent, in units of `10^-money_decimals`.
    pub budget: Option<u64>,
    /// Decimals of `budget` and of every cost.
    pub money_decimals: u32,
    /// Decimals of the levels of score votes.
    pub score_decimals: u32,
    /// A lot order that came with the votes (BLT's `[tie …]`): earlier is favoured.
    pub lot: Option<Vec<usize>>,
}

/// One thing the ballot can choose.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct BallotOption {
    /// Identifier in the file; text, because `BO.D10.19/23` is not a number.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// Party, list or a short description.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub about: String,
    /// What it costs, in the election's money units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<u64>,
    /// Still printed on the ballot, but cannot be chosen any more.
    #[serde(default)]
    pub withdrawn: bool,
    /// Of all options with the same group only one can be funded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
}

impl BallotOption {
    /// An option that is called what it is identified by.
    pub fn named(name: impl Into<String>) -> Self {
        let name = name.into();
        BallotOption { id: name.clone(), name, ..BallotOption::default() }
    }
}

/// How people voted: what the level of a mark means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// One option each; levels are 1.
    ChooseOne,
    /// Any number of options; levels are 1.
    Approval,
    /// Levels are ranks: 1 is the first preference. Equal levels are equal preferences, gaps are skipped ranks.
    Ranking,
    /// Levels are points in units of `10^-score_decimals`, possibly negative.
    Score,
    /// Option 0 is yes, 1 is no, 2 is abstain; levels are 1.
    Motion,
}

/// The mark of a rank at which a voter named several options that the file does not tell apart.
pub const OVERVOTE: u32 = u32::MAX;

/// Votes in flat arrays: a city's ninety thousand take a few megabytes.
///
/// Marks of one vote are sorted by level, then by option, so that equal votes are equal bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Votes {
    form: Form,
    options: Vec<u32>,
    levels: Vec<i32>,
    ends: Vec<u32>,
    weights: Vec<u64>,
    total: u64,
}

/// One vote, or `weight` equal ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Vote<'a> {
    /// How many people voted exactly so.
    pub weight: u64,
    /// The options marked.
    pub options: &'a [u32],
    /// The level of each mark; see [`Form`].
    pub levels: &'a [i32],
}

impl Votes {
    /// No votes yet.
    pub fn new(form: Form) -> Self {
        Votes { form, options: vec![], levels: vec![], ends: vec![], weights: vec![], total: 0 }
    }

    /// What the levels mean.
    pub fn form(&self) -> Form {
        self.form
    }

    /// Adds `weight` equal votes. `marks` are (option, level) and are put in order here.
    ///
    /// # Errors
    /// When there are more votes or marks than any real ballot has; the sentence names the limit.
    pub fn push(&mut self, weight: u64, marks: &mut [(u32, i32)]) -> Result<(), Refusal> {
        let total = self.total.checked_add(weight).filter(|t| *t <= MAX_VOTES).ok_or_else(|| {
            Refusal::new(format!(
                "There are more than {MAX_VOTES} votes. No ballot has that many: check the numbers in front of the votes."
            ))
        })?;
        if self.options.len() + marks.len() > MAX_MARKS {
            return Err(Refusal::new(format!(
                "The votes hold more than {MAX_MARKS} marks, more than this program counts."
            )));
        }
        // Most files list marks in order already.
        if marks.windows(2).any(|w| (w[0].1, w[0].0) > (w[1].1, w[1].0)) {
            marks.sort_unstable_by_key(|(option, level)| (*level, *option));
        }
        self.options.extend(marks.iter().map(|m| m.0));
        self.levels.extend(marks.iter().map(|m| m.1));
        self.ends.push(self.options.len() as u32);
        self.weights.push(weight);
        self.total = total;
        Ok(())
    }

    /// Makes room for so many entries and marks.
    pub(crate) fn reserve(&mut self, entries: usize, marks: usize) {
        self.options.reserve(marks);
        self.levels.reserve(marks);
        self.ends.reserve(entries);
        self.weights.reserve(entries);
    }

    /// Number of entries (not of voters: see [`Votes::total`]).
    pub fn len(&self) -> usize {
        self.weights.len()
    }

    /// No entries at all.
    pub fn is_empty(&self) -> bool {
        self.weights.is_empty()
    }

    /// Number of voters.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// The entry with this number, counted from 0.
    pub fn get(&self, i: usize) -> Option<Vote<'_>> {
        let end = *self.ends.get(i)? as usize;
        let start = if i == 0 { 0 } else { self.ends[i - 1] as usize };
        Some(Vote {
            weight: self.weights[i],
            options: &self.options[start..end],
            levels: &self.levels[start..end],
        })
    }

    /// All entries in their present order.
    pub fn iter(&self) -> impl Iterator<Item = Vote<'_>> {
        (0..self.len()).filter_map(|i| self.get(i))
    }

    /// The same votes, equal ones merged, in an order that depends on the votes alone.
    pub fn canonical(&self) -> Votes {
        let largest = self.options.iter().copied().filter(|option| *option != OVERVOTE).max().unwrap_or(0);
        let mut order: Vec<(u64, u32)> =
            (0..self.len()).map(|i| (self.prefix(i, largest), i as u32)).collect();
        order.sort_unstable_by(|a, b| {
            a.0.cmp(&b.0).then_with(|| self.key(a.1 as usize).cmp(&self.key(b.1 as usize)))
        });
        let mut out = Votes::new(self.form);
        out.reserve(self.len(), self.options.len());
        out.total = self.total;
        let mut last: Option<usize> = None;
        for (_, i) in order {
            let (i, vote) = (i as usize, self.get(i as usize));
            let Some(vote) = vote else { continue };
            if last.is_some_and(|l| self.key(l) == self.key(i)) {
                if let Some(weight) = out.weights.last_mut() {
                    *weight += vote.weight;
                }
            } else {
                out.options.extend_from_slice(vote.options);
                out.levels.extend_from_slice(vote.levels);
                out.ends.push(out.options.len() as u32);
                out.weights.push(vote.weight);
                last = Some(i);
            }
        }
        out
    }

    /// The same entries with other weights (entries of weight zero are left out): for resampling and bounds.
    pub fn reweighted(&self, weights: &[u64]) -> Votes {
        let mut out = Votes::new(self.form);
        for (vote, &weight) in self.iter().zip(weights) {
            if weight > 0 {
                out.options.extend_from_slice(vote.options);
                out.levels.extend_from_slice(vote.levels);
                out.ends.push(out.options.len() as u32);
                out.weights.push(weight);
                out.total += weight;
            }
        }
        out
    }

    /// As many of the first marks as fit into one number, at least two: most comparisons end there. `largest` is the
    /// largest option. An overvote stands before all options on the first two places, and after all on the others:
    /// digests of votes follow that order.
    fn prefix(&self, i: usize, largest: u32) -> u64 {
        let bits = (u32::BITS - largest.saturating_add(3).leading_zeros()).max(1);
        let options = self.get(i).map_or(&[][..], |vote| vote.options);
        (0..(u64::BITS / bits) as usize).fold(0, |prefix, place| {
            let part = match options.get(place) {
                None => 0,
                Some(&option) if place < 2 => option.wrapping_add(2).max(1),
                Some(&option) => option.min(largest.saturating_add(1)).saturating_add(2),
            };
            (prefix << bits) | u64::from(part)
        })
    }

    fn key(&self, i: usize) -> Option<(&[u32], &[i32])> {
        self.get(i).map(|v| (v.options, v.levels))
    }
}

impl Election {
    /// An election with options and no votes.
    pub fn new(title: impl Into<String>, options: Vec<BallotOption>, form: Form) -> Self {
        Election {
            title: title.into(),
            options,
            votes: Votes::new(form),
            seats: None,
            budget: None,
            money_decimals: 0,
            score_decimals: 0,
            lot: None,
        }
    }

    /// The names of all options, for sentences and pages.
    pub fn names(&self) -> Vec<String> {
        self.options.iter().map(|o| o.name.clone()).collect()
    }

    /// The same votes as votes on a motion: the first option is yes, the second no, the third, if there is one,
    /// abstain; where the options are called so in English, the names decide. A vote that does not put exactly one
    /// option first is blank.
    ///
    /// # Errors
    /// When there are not two or three options, or votes carry points.
    pub fn as_motion(&self) -> Result<Election, Refusal> {
        let n = self.options.len();
        if !(2..=3).contains(&n) || self.votes.form() == Form::Score {
            return Err(Refusal::new(format!(
                "A motion is voted on with yes, no and perhaps abstain, one mark each. This ballot has {n} {}{}.",
                if n == 1 { "option" } else { "options" },
                if self.votes.form() == Form::Score { " and its votes carry points" } else { "" }
            )));
        }
        let called =
            |i: usize, names: &[&str]| names.contains(&self.options[i].name.trim().to_lowercase().as_str());
        let known = |i: &usize| {
            let place = [&["yes"][..], &["no"], &["abstain", "abstention"]]
                .iter()
                .position(|names| called(*i, names));
            place.unwrap_or(usize::MAX)
        };
        let mut order: Vec<usize> = (0..n).collect();
        if order.iter().all(|i| known(i) < n) {
            order.sort_by_key(known);
        }
        let mut motion = Election { votes: Votes::new(Form::Motion), ..self.clone() };
        motion.options = order.iter().map(|i| self.options[*i].clone()).collect();
        motion.lot = None;
        for vote in self.votes.iter() {
            let mark = first(self.votes.form(), vote).and_then(|o| order.iter().position(|i| *i == o));
            let mut marks: Vec<(u32, i32)> = mark.map(|place| (place as u32, 1)).into_iter().collect();
            motion.votes.push(vote.weight, &mut marks)?;
        }
        Ok(motion)
    }

    /// Checks what every rule relies on: that marks name options that exist.
    ///
    /// # Errors
    /// A sentence that names the first thing that is wrong.
    pub fn check(&self) -> Result<(), Refusal> {
        if self.options.is_empty() {
            return Err(Refusal::new("There is nothing to choose: the ballot has no options."));
        }
        if self.options.len() > MAX_OPTIONS {
            return Err(Refusal::new(format!(
                "The ballot has {} options; this program counts at most {MAX_OPTIONS}.",
                self.options.len()
            )));
        }
        let known = |o: &u32| *o == OVERVOTE || (*o as usize) < self.options.len();
        if let Some(bad) = self.votes.options.iter().find(|o| !known(o)) {
            return Err(Refusal::new(format!(
                "A vote names option {}, but the ballot has only {}.",
                u64::from(*bad) + 1,
                self.options.len()
            )));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_votes_are_merged_in_an_order_of_their_own() {
        let mut a = Votes::new(Form::Ranking);
        let mut b = Votes::new(Form::Ranking);
        let list: [(u64, Vec<(u32, i32)>); 4] =
            [(1, vec![(2, 1), (0, 2)]), (3, vec![]), (2, vec![(0, 2), (2, 1)]), (1, vec![(0, 1)])];
        for (w, marks) in &list {
            assert!(a.push(*w, &mut marks.clone()).is_ok());
        }
        for (w, marks) in list.iter().rev() {
            assert!(b.push(*w, &mut marks.clone()).is_ok());
        }
        assert_eq!(a.canonical(), b.canonical());
        assert_eq!(a.canonical().len(), 3);
        assert_eq!(a.canonical().total(), 7);
    }

    #[test]
    fn absurd_numbers_of_votes_are_refused() {
        let mut votes = Votes::new(Form::Approval);
        assert!(votes.push(u64::MAX, &mut []).is_err());
    }
}
