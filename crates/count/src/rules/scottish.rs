//! Scottish STV: Scottish Local Government Elections Order 2011, schedule 1, rules 45 to 52.
//!
//! Votes are kept in units of 10⁻⁵, as rule 48(3) says: values are worked out to five decimals and the rest is
//! left out, never rounded.

use super::Case;
use crate::election::{Form, OVERVOTE, Vote};
use crate::number::Number;
use crate::outcome::{By, Counted, Idle, Move, Purpose, Refusal, Round, Status, Tally};
use crate::sentence::say;
use serde::{Deserialize, Serialize};

/// One vote in units.
const ONE: u64 = 100_000;
/// Decimals of a unit.
const PLACES: u32 = 5;

/// Quota, largest surplus first, five decimals cut off; equals by the most recent stage in which they differ,
/// then by lot. A paper stops at a skipped rank or at two options on one rank.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScottishStv {
    /// How many are elected.
    pub seats: u32,
}

/// The preferences of a paper in consecutive order: 1, 2, 3 … until one is missing or doubled.
pub(crate) fn consecutive(vote: Vote<'_>) -> &[u32] {
    let mut good = 0;
    // Which of the first 64 options were named: most ballots have no more.
    let mut named = 0u64;
    for (i, (&option, &level)) in vote.options.iter().zip(vote.levels).enumerate() {
        let alone = vote.levels.get(i + 1) != Some(&level);
        let again = match 1u64.checked_shl(option) {
            Some(bit) => {
                let before = named;
                named |= bit;
                named == before
            }
            None => vote.options[..i].contains(&option),
        };
        if level != i as i32 + 1 || !alone || option == OVERVOTE || again {
            break;
        }
        good = i + 1;
    }
    &vote.options[..good]
}

#[derive(Clone, Copy)]
struct Paper {
    ballot: u32,
    /// Value of each of the papers, in units; never more than one.
    value: u64,
    /// How many preferences are used up.
    next: u32,
}

struct Stage<'a> {
    case: &'a Case<'a>,
    seats: usize,
    quota: u128,
    votes: Vec<u128>,
    /// How many preferences of each ballot are in consecutive order.
    usable: Vec<u32>,
    piles: Vec<Vec<Paper>>,
    status: Vec<Status>,
    history: Vec<Vec<u128>>,
    idle: u128,
    lost: u128,
    elected: Vec<usize>,
    surplus_waits: Vec<usize>,
    out: Counted,
}

impl ScottishStv {
    pub(crate) fn count(&self, case: &Case<'_>) -> Result<Counted, Refusal> {
        case.needs(&[Form::Ranking, Form::ChooseOne], "rankings")?;
        case.check_rounds()?;
        let seats = case.seats(self.seats)?;
        let mut stage = Stage::first(case, seats);
        stage.report(say!("round.first"), vec![], None);
        while !stage.done() {
            if let Some(option) = stage.largest_surplus() {
                stage.transfer_surplus(option);
            } else if let Some(option) = stage.lowest() {
                stage.eliminate(option);
            } else {
                break;
            }
        }
        stage.fill_last();
        Ok(stage.finish())
    }
}

impl<'a> Stage<'a> {
    fn first(case: &'a Case<'a>, seats: usize) -> Self {
        let n = case.options();
        let mut stage =
            Stage {
                case,
                seats,
                quota: 0,
                votes: vec![0; n],
                usable: case.votes.iter().map(|v| consecutive(v).len() as u32).collect(),
                piles: vec![vec![]; n],
                status: (0..n)
                    .map(|o| {
                        if case.election.options[o].withdrawn {
                            Status::Eliminated
                        } else {
                            Status::Continuing
                        }
                    })
                    .collect(),
                history: vec![],
                idle: 0,
                lost: 0,
                elected: vec![],
                surplus_waits: vec![],
                out: Counted::default(),
            };
        let (mut valid, mut blank) = (0u128, 0u64);
        for (i, vote) in case.votes.iter().enumerate() {
            let usable = &vote.options[..stage.usable[i] as usize];
            let has = usable.iter().any(|o| stage.status[*o as usize] == Status::Continuing);
            if has {
                valid += u128::from(vote.weight);
                stage.pass_on(Paper { ballot: i as u32, value: ONE, next: 0 });
            } else {
                blank += vote.weight;
            }
        }
        stage.quota = (valid / (seats as u128 + 1) + 1) * u128::from(ONE);
        stage.out.explanation.push(say!(
            "stv.quota",
            voters = Number::whole(valid),
            seats = seats,
            quota = units(stage.quota)
        ));
        if blank > 0 {
            stage.out.explanation.push(say!("stv.blank", votes = blank));
        }
        stage
    }

    /// Puts a paper on the pile of its next continuing preference. Says to whom it went.
    fn pass_on(&mut self, mut paper: Paper) -> Option<usize> {
        let vote = self.case.votes.get(paper.ballot as usize)?;
        let worth = u128::from(paper.value) * u128::from(vote.weight);
        let order = &vote.options[..self.usable[paper.ballot as usize] as usize];
        for (i, &option) in order.iter().enumerate().skip(paper.next as usize) {
            let option = option as usize;
            if self.status[option] == Status::Continuing {
                paper.next = i as u32 + 1;
                self.votes[option] += worth;
                self.piles[option].push(paper);
                return Some(option);
            }
        }
        self.idle += worth;
        None
    }

    fn continuing(&self) -> Vec<usize> {
        (0..self.status.len()).filter(|o| self.status[*o] == Status::Continuing).collect()
    }

    fn done(&self) -> bool {
        self.elected.len() >= self.seats || self.continuing().len() <= self.seats - self.elected.len()
    }

    /// Writes the stage down and elects who has reached the quota.
    fn report(&mut self, title: crate::sentence::Sentence, moves: Vec<Move>, eliminated: Option<usize>) {
        self.history.push(self.votes.clone());
        let mut reached: Vec<usize> =
            self.continuing().into_iter().filter(|o| self.votes[*o] >= self.quota).collect();
        reached.sort_by(|&a, &b| {
            self.votes[b].cmp(&self.votes[a]).then(self.case.lot.place(a).cmp(&self.case.lot.place(b)))
        });
        for &option in &reached {
            self.elect(option);
        }
        let number = self.history.len();
        if !reached.is_empty() {
            self.out.explanation.push(say!("stv.reached", options = &reached, stage = number));
        }
        self.write(title, moves, eliminated.into_iter().collect(), reached);
    }

    fn write(
        &mut self,
        title: crate::sentence::Sentence,
        moves: Vec<Move>,
        eliminated: Vec<usize>,
        elected: Vec<usize>,
    ) {
        let tallies = (0..self.status.len())
            .filter(|o| !self.case.election.options[*o].withdrawn)
            .map(|o| Tally { option: o, votes: units(self.votes[o]), status: self.status[o] })
            .collect();
        let mut round = Round::new(title, tallies);
        round.threshold = Some(units(self.quota));
        round.idle = vec![(Idle::Exhausted, units(self.idle)), (Idle::Rounding, units(self.lost))];
        round.idle.retain(|(_, n)| !n.is_zero());
        round.moves = moves;
        round.eliminated = eliminated;
        round.elected = elected;
        self.out.rounds.push(round);
    }

    fn elect(&mut self, option: usize) {
        self.status[option] = Status::Elected;
        self.elected.push(option);
        if self.votes[option] > self.quota {
            self.surplus_waits.push(option);
        }
    }

    /// Rule 49(1): the largest surplus; equal ones by earlier stages, then by lot.
    fn largest_surplus(&mut self) -> Option<usize> {
        let most = self.surplus_waits.iter().map(|o| self.votes[*o]).max()?;
        let tied: Vec<usize> =
            self.surplus_waits.iter().copied().filter(|o| self.votes[*o] == most).collect();
        Some(self.break_tie(tied, Purpose::Transfer))
    }

    /// Rule 50: the fewest votes; equal ones by earlier stages, then by lot.
    fn lowest(&mut self) -> Option<usize> {
        let continuing = self.continuing();
        let least = continuing.iter().map(|o| self.votes[*o]).min()?;
        let tied = continuing.into_iter().filter(|o| self.votes[*o] == least).collect();
        Some(self.break_tie(tied, Purpose::Drop))
    }

    fn break_tie(&mut self, tied: Vec<usize>, purpose: Purpose) -> usize {
        let mut left = tied.clone();
        let history = std::mem::take(&mut self.history);
        let here = history.len() + 1;
        for (number, stage) in history.iter().enumerate().rev() {
            if left.len() == 1 {
                break;
            }
            let extreme = match purpose {
                Purpose::Drop => left.iter().map(|o| stage[*o]).min(),
                _ => left.iter().map(|o| stage[*o]).max(),
            };
            left.retain(|o| Some(stage[*o]) == extreme);
            if let [chosen] = left[..]
                && tied.len() > 1
            {
                let by = By::EarlierRound(number + 1);
                let (chosen_said, stage) = (&[chosen][..], number + 1);
                self.out.explanation.push(if purpose == Purpose::Drop {
                    say!("stv.tie_stage_drop", options = &tied, chosen = chosen_said, stage = stage)
                } else {
                    say!("stv.tie_stage", options = &tied, chosen = chosen_said, stage = stage)
                });
                self.tie(here, tied.clone(), chosen, purpose, by);
            }
        }
        self.history = history;
        let chosen = match purpose {
            Purpose::Drop => self.case.lot.last(&left),
            _ => self.case.lot.favoured(&left),
        }
        .unwrap_or(0);
        if left.len() > 1 {
            self.out.explanation.push(if purpose == Purpose::Drop {
                say!("stv.tie_lot_drop", options = &left, chosen = &[chosen][..])
            } else {
                say!("stv.tie_lot", options = &left, chosen = &[chosen][..])
            });
            self.tie(here, left, chosen, purpose, By::Lot);
        }
        chosen
    }

    fn tie(&mut self, round: usize, tied: Vec<usize>, chosen: usize, purpose: Purpose, by: By) {
        self.out.ties.add(round, &tied, chosen, purpose, by);
    }

    fn transfer_surplus(&mut self, option: usize) {
        self.surplus_waits.retain(|o| *o != option);
        let total = self.votes[option];
        let surplus = total - self.quota;
        self.votes[option] = self.quota;
        let mut gone = 0;
        let papers = std::mem::take(&mut self.piles[option]);
        let mut moved = Moves::new(option, self.status.len());
        // Papers of one value lie one after the other, and dividing is slow.
        let (mut before, mut after) = (0, 0);
        for mut paper in papers {
            // Rule 48(2) and (3): surplus × value ÷ total, the sixth decimal and all after it left out.
            if paper.value != before {
                (before, after) = (paper.value, (surplus * u128::from(paper.value) / total) as u64);
            }
            paper.value = after;
            let worth = u128::from(paper.value) * self.weight(paper);
            gone += worth;
            let to = self.pass_on(paper);
            moved.add(to, worth);
        }
        self.lost += surplus - gone;
        let title = say!("round.surplus", option = &[option][..], votes = units(surplus));
        self.out.explanation.push(say!(
            "stv.surplus",
            option = &[option][..],
            votes = units(surplus),
            stage = self.history.len() + 1
        ));
        self.report(title, moved.list(), None);
    }

    fn eliminate(&mut self, option: usize) {
        self.status[option] = Status::Eliminated;
        let votes = std::mem::take(&mut self.votes[option]);
        let papers = std::mem::take(&mut self.piles[option]);
        let mut moved = Moves::new(option, self.status.len());
        for paper in papers {
            let worth = u128::from(paper.value) * self.weight(paper);
            let to = self.pass_on(paper);
            moved.add(to, worth);
        }
        let title = say!("round.eliminated", option = &[option][..]);
        self.out.explanation.push(say!(
            "stv.eliminated",
            option = &[option][..],
            votes = units(votes),
            stage = self.history.len() + 1
        ));
        self.report(title, moved.list(), Some(option));
    }

    fn weight(&self, paper: Paper) -> u128 {
        self.case.votes.get(paper.ballot as usize).map_or(0, |v| u128::from(v.weight))
    }

    /// Rule 52: as many continuing as vacancies are elected without further transfers.
    fn fill_last(&mut self) {
        let mut rest = self.continuing();
        if self.elected.len() < self.seats {
            rest.sort_by(|&a, &b| {
                self.votes[b].cmp(&self.votes[a]).then(self.case.lot.place(a).cmp(&self.case.lot.place(b)))
            });
            for &option in &rest {
                self.status[option] = Status::Elected;
                self.elected.push(option);
            }
            self.out.explanation.push(say!("stv.last", options = &rest));
            self.write(say!("round.last"), vec![], vec![], rest);
        } else {
            for option in rest {
                self.status[option] = Status::Eliminated;
            }
        }
    }

    fn finish(mut self) -> Counted {
        self.out.winners = self.elected;
        self.out
    }
}

/// Adds up what goes from one option to each other.
pub(crate) struct Moves {
    from: usize,
    to: Vec<u128>,
    nobody: u128,
}

impl Moves {
    pub fn new(from: usize, options: usize) -> Self {
        Moves { from, to: vec![0; options], nobody: 0 }
    }

    pub fn add(&mut self, to: Option<usize>, worth: u128) {
        match to {
            Some(option) => self.to[option] += worth,
            None => self.nobody += worth,
        }
    }

    fn list(&self) -> Vec<Move> {
        let to = self.to.iter().enumerate().filter(|(_, n)| **n > 0).map(|(o, n)| (Some(o), *n));
        let nobody = (self.nobody > 0).then_some((None, self.nobody));
        to.chain(nobody).map(|(to, n)| Move { from: self.from, to, votes: units(n) }).collect()
    }
}

fn units(n: u128) -> Number {
    Number::decimal(n, PLACES)
}
