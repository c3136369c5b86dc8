//! Meek's transferable votes: every elected option keeps just the part of each vote it needs.
//!
//! The reference is the rule as counted by Droop and by stv-rs ("Meek Parametric"): decimals cut off in votes,
//! keep factors rounded up.

mod moves;
mod pass;

use moves::moves;
pub(crate) use pass::{Passing, ranks};

use super::Case;
use crate::election::Form;
use crate::number::Number;
use crate::outcome::{By, Counted, Idle, Move, Purpose, Refusal, Round, Status, Tally};
use crate::sentence::say;
use serde::{Deserialize, Serialize};

/// Hill, Wichmann and Woodall (1987), with decimals and stopping rule explicit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Meek {
    /// How many are elected.
    pub seats: u32,
    /// Decimals kept, at most 9.
    pub decimals: u32,
    /// Surplus below which a round ends: 10 to minus this.
    pub omega: u32,
    /// What a vote for several options at one rank means.
    pub equal_ranks: EqualRanks,
    /// An elected option below the quota counts as no surplus, not as a negative one.
    pub only_positive_surplus: bool,
}

/// Several options at one rank.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EqualRanks {
    /// Split evenly among those still in the race; what one of them passes on goes to the next rank.
    Split,
    /// As all orders of the equals at once, each with the same part of the vote.
    AllOrders,
}

/// Moves in one result: about 200 bytes each, 100 MB. Real elections have some hundreds.
const MOST_MOVES: usize = 500_000;

struct Ballot {
    weight: i128,
    ranks: Vec<Vec<usize>>,
}

struct State<'a> {
    rule: &'a Meek,
    case: &'a Case<'a>,
    one: i128,
    ballots: Vec<Ballot>,
    total: i128,
    keep: Vec<i128>,
    /// The factors of the round written last.
    written: Vec<i128>,
    /// Moves that may still be written.
    moves_left: usize,
    status: Vec<Status>,
    sums: Vec<i128>,
    exhausted: i128,
    quota: i128,
    surplus: i128,
    seats: usize,
    out: Counted,
}

impl Meek {
    pub(crate) fn count(&self, case: &Case<'_>) -> Result<Counted, Refusal> {
        case.needs(&[Form::Ranking, Form::ChooseOne], "rankings")?;
        case.check_rounds()?;
        if self.decimals > 9 || self.omega > self.decimals {
            return Err(Refusal::new(
                "Meek's count is done with at most 9 decimals, and omega cannot be finer than these.",
            ));
        }
        let seats = case.seats(self.seats)?;
        let mut state = State::new(self, case, seats);
        state.start();
        while !state.done() {
            state.round();
        }
        state.fill_last();
        Ok(state.out)
    }
}

impl<'a> State<'a> {
    fn new(rule: &'a Meek, case: &'a Case<'a>, seats: usize) -> Self {
        let n = case.options();
        let withdrawn = |o: usize| case.election.options[o].withdrawn;
        let ballots: Vec<Ballot> = case
            .votes
            .iter()
            .map(|v| Ballot { weight: i128::from(v.weight), ranks: ranks(v, withdrawn) })
            .collect();
        let one = 10i128.pow(rule.decimals);
        State {
            rule,
            case,
            one,
            total: i128::from(case.votes.total()) * one,
            ballots,
            keep: vec![one; n],
            written: vec![one; n],
            moves_left: MOST_MOVES,
            status: (0..n)
                .map(|o| if withdrawn(o) { Status::Eliminated } else { Status::Continuing })
                .collect(),
            sums: vec![0; n],
            exhausted: 0,
            quota: 0,
            surplus: 0,
            seats,
            out: Counted::default(),
        }
    }

    fn recount(&mut self) {
        let mut sums = vec![0i128; self.keep.len()];
        let mut exhausted = 0;
        let passing = self.passing(&self.keep);
        for ballot in &self.ballots {
            let mut used = 0;
            passing.share_out(&ballot.ranks, &mut |option, power| {
                sums[option] += power * ballot.weight;
                used += power * ballot.weight;
            });
            exhausted += self.one * ballot.weight - used;
        }
        self.sums = sums;
        self.exhausted = exhausted;
    }

    fn passing<'k>(&self, keep: &'k [i128]) -> Passing<'k> {
        Passing { one: self.one, keep, equal_ranks: self.rule.equal_ranks }
    }

    fn set_quota(&mut self) {
        self.quota = (self.total - self.exhausted) / (self.seats as i128 + 1) + 1;
    }

    fn continuing(&self) -> Vec<usize> {
        (0..self.status.len()).filter(|o| self.status[*o] == Status::Continuing).collect()
    }

    fn elected(&self) -> usize {
        self.out.winners.len()
    }

    fn done(&self) -> bool {
        let left = self.seats.saturating_sub(self.elected());
        left == 0 || self.continuing().len() <= left
    }

    fn start(&mut self) {
        self.recount();
        // The first quota is that of all votes, the blank ones too, as Droop's is.
        let exhausted = std::mem::take(&mut self.exhausted);
        self.set_quota();
        self.exhausted = exhausted;
        self.out.explanation.push(say!(
            "meek.quota",
            voters = self.case.votes.total(),
            seats = self.seats,
            quota = self.number(self.quota)
        ));
        self.write(say!("round.first"), vec![], vec![]);
    }

    fn round(&mut self) {
        let omega = 10i128.pow(self.rule.decimals - self.rule.omega);
        let mut last = self.total;
        loop {
            self.recount();
            self.set_quota();
            let elected = self.elect();
            self.surplus = self.surplus_now();
            if !elected.is_empty() {
                self.out.explanation.push(say!(
                    "meek.elected",
                    options = &elected,
                    quota = self.number(self.quota),
                    round = self.out.rounds.len() + 1
                ));
                return self.write(say!("round.elected", options = &elected), elected, vec![]);
            }
            if self.surplus <= omega || self.surplus >= last {
                break;
            }
            last = self.surplus;
            self.adjust();
        }
        let loser = self.lowest();
        self.status[loser] = Status::Eliminated;
        let votes = self.number(self.sums[loser]);
        self.out.explanation.push(say!(
            "meek.eliminated",
            option = &[loser][..],
            votes = votes,
            round = self.out.rounds.len() + 1
        ));
        self.write(say!("round.eliminated", option = &[loser][..]), vec![], vec![loser]);
        self.keep[loser] = 0;
    }

    /// Elects everyone at or above the quota, in ballot order, but never more than there are seats.
    fn elect(&mut self) -> Vec<usize> {
        let mut reached: Vec<usize> =
            self.continuing().into_iter().filter(|o| self.sums[*o] >= self.quota).collect();
        let left = self.seats - self.elected();
        if reached.len() > left {
            reached.sort_by(|&a, &b| {
                self.sums[b].cmp(&self.sums[a]).then(self.case.lot.place(a).cmp(&self.case.lot.place(b)))
            });
            reached.truncate(left);
            reached.sort_unstable();
        }
        for &option in &reached {
            self.status[option] = Status::Elected;
            self.out.winners.push(option);
        }
        reached
    }

    fn surplus_now(&self) -> i128 {
        self.out
            .winners
            .iter()
            .map(|o| self.sums[*o] - self.quota)
            .map(|s| if self.rule.only_positive_surplus { s.max(0) } else { s })
            .sum()
    }

    /// New keep factor: old × quota ÷ votes, rounded up at both steps; nobody keeps more than all, though cutting off
    /// may have left somebody elected a little short of the quota.
    fn adjust(&mut self) {
        for &option in &self.out.winners {
            let votes = self.sums[option];
            if votes > 0 {
                let product = (self.keep[option] * self.quota + self.one - 1) / self.one;
                self.keep[option] = ((product * self.one + votes - 1) / votes).min(self.one);
            }
        }
    }

    /// The fewest votes; all within the surplus of the fewest are equal, because the surplus could still change
    /// their order. Equals by lot.
    fn lowest(&mut self) -> usize {
        let continuing = self.continuing();
        let least = continuing.iter().map(|o| self.sums[*o]).min().unwrap_or(0);
        let low: Vec<usize> =
            continuing.into_iter().filter(|o| self.sums[*o] <= least + self.surplus.max(0)).collect();
        let chosen = self.case.lot.last(&low).unwrap_or(0);
        if low.len() > 1 {
            self.out.explanation.push(say!("stv.tie_lot_drop", options = &low, chosen = &[chosen][..]));
            self.out.ties.add(self.out.rounds.len() + 1, &low, chosen, Purpose::Drop, By::Lot);
        }
        chosen
    }

    fn fill_last(&mut self) {
        let rest = self.continuing();
        if self.elected() < self.seats {
            for &option in &rest {
                self.status[option] = Status::Elected;
                self.out.winners.push(option);
            }
            self.recount();
            if !rest.is_empty() {
                self.out.explanation.push(say!("stv.last", options = &rest));
            }
            self.write(say!("round.last"), rest, vec![]);
        } else {
            for &option in &rest {
                self.status[option] = Status::Eliminated;
                self.keep[option] = 0;
            }
            self.recount();
            self.write(say!("round.end"), vec![], rest);
        }
    }

    fn number(&self, units: i128) -> Number {
        Number::decimal(units, self.rule.decimals)
    }

    /// What moved since the round written last is told there. When there is more of it than a result can hold, that and
    /// all that follows is left out.
    fn write_moves(&mut self) {
        if self.moves_left == 0 || self.written == self.keep {
            return;
        }
        let [before, after] = [&self.written, &self.keep].map(|keep| self.passing(keep));
        let Some(moved) = moves(&self.ballots, &before, &after, self.moves_left) else {
            self.moves_left = 0;
            self.out.explanation.push(say!("meek.moves_left_out", round = self.out.rounds.len()));
            return;
        };
        self.moves_left -= moved.len();
        let told = moved.iter().map(|(&(from, to), n)| Move { from, to, votes: self.number(*n) }).collect();
        if let Some(last) = self.out.rounds.last_mut() {
            last.moves = told;
        }
        self.written.clone_from(&self.keep);
    }

    fn write(&mut self, title: crate::sentence::Sentence, elected: Vec<usize>, eliminated: Vec<usize>) {
        self.write_moves();
        let tallies = (0..self.status.len())
            .filter(|o| !self.case.election.options[*o].withdrawn)
            .map(|o| Tally { option: o, votes: self.number(self.sums[o]), status: self.status[o] })
            .collect();
        let mut round = Round::new(title, tallies);
        round.threshold = Some(self.number(self.quota));
        if self.exhausted > 0 {
            round.idle.push((Idle::Exhausted, self.number(self.exhausted)));
        }
        round.keeps = self.out.winners.iter().map(|o| (*o, self.number(self.keep[*o]))).collect();
        round.elected = elected;
        round.eliminated = eliminated;
        self.out.rounds.push(round);
    }
}
