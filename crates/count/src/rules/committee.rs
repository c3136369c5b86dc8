//! Committees and orders of proposals from approvals: sequential PAV, sequential Phragmén, equal shares. Exact.

use super::shares::market::{Details, Market};
use super::{Case, tallies};
use crate::election::Form;
use crate::number::Number;
use crate::outcome::{Counted, Refusal, Round, Status};
use crate::sentence::say;
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Zero};
use serde::{Deserialize, Serialize};

/// Proportional rules that elect one option after the other, so that the order of election is an order of
/// proposals too. Equal options by the lot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Committee {
    /// How many are elected.
    pub seats: u32,
    /// Which rule.
    pub method: Method,
}

/// The rules for committees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// Each vote counts 1, 1/2, 1/3 … as options it supports are elected (Thiele 1895).
    SequentialPav,
    /// Every seat is a load of 1 on its supporters; the option that makes the smallest highest load is next
    /// (Phragmén 1894).
    SequentialPhragmen,
    /// Every voter holds seats ÷ voters, a seat costs 1 (Peters and Skowron 2020); what happens to seats that
    /// nobody can pay for any more:
    EqualShares(Rest),
}

/// Seats left when nobody can be paid for any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rest {
    /// They stay empty.
    Empty,
    /// By sequential Phragmén, with what everyone still holds as a start.
    Phragmen,
    /// To the options with most votes.
    MostVotes,
}

impl Committee {
    pub(crate) fn key(&self) -> &'static str {
        match self.method {
            Method::SequentialPav => "sequential_pav",
            Method::SequentialPhragmen => "sequential_phragmen",
            Method::EqualShares(_) => "committee_equal_shares",
        }
    }

    /// How to count by hand: keys of sentences, one after the other.
    pub(crate) fn recipe(&self) -> Vec<&'static str> {
        match self.method {
            Method::SequentialPav => vec!["recipe.sequential_pav"],
            Method::SequentialPhragmen => vec!["recipe.sequential_phragmen"],
            Method::EqualShares(Rest::Empty) => vec!["recipe.committee_equal_shares"],
            Method::EqualShares(Rest::Phragmen) => {
                vec!["recipe.committee_equal_shares", "recipe.rest_phragmen"]
            }
            Method::EqualShares(Rest::MostVotes) => {
                vec!["recipe.committee_equal_shares", "recipe.rest_most_votes"]
            }
        }
    }

    pub(crate) fn count(&self, case: &Case<'_>) -> Result<Counted, Refusal> {
        case.needs(&[Form::ChooseOne, Form::Approval, Form::Ranking, Form::Score], "votes for options")?;
        case.check_rounds()?;
        let seats = case.seats(self.seats)?;
        let mut seating = Seating::new(case, seats);
        match self.method {
            Method::SequentialPav => seating.pav(),
            Method::SequentialPhragmen => {
                let loads = vec![BigRational::zero(); case.votes.len()];
                seating.phragmen(loads);
            }
            Method::EqualShares(rest) => seating.equal_shares(rest),
        }
        Ok(seating.out)
    }
}

struct Seating<'a> {
    case: &'a Case<'a>,
    seats: usize,
    supporters: Vec<Vec<u32>>,
    people: Vec<u64>,
    weights: Vec<u64>,
    open: Vec<usize>,
    out: Counted,
}

impl<'a> Seating<'a> {
    fn new(case: &'a Case<'a>, seats: usize) -> Self {
        let market = super::shares::market(case);
        let open = case.standing();
        Seating {
            case,
            seats,
            supporters: market.supporters,
            people: market.people,
            weights: market.weights,
            open,
            out: Counted::default(),
        }
    }

    /// Elects the best of `value`; `smallest` says whether less is better. Options without a value cannot win.
    fn seat(
        &mut self,
        value: &[(usize, BigRational)],
        smallest: bool,
        say_as: fn(&[usize], Number, usize) -> crate::sentence::Sentence,
    ) -> Option<usize> {
        let best =
            if smallest { value.iter().map(|v| &v.1).min() } else { value.iter().map(|v| &v.1).max() }?
                .clone();
        let tied: Vec<usize> = value.iter().filter(|v| v.1 == best).map(|v| v.0).collect();
        let chosen = self.case.lot.favoured(&tied)?;
        let place = self.out.winners.len() + 1;
        let shown: Vec<usize> = value.iter().map(|v| v.0).collect();
        let of = |o: usize| value.iter().find(|v| v.0 == o).map_or_else(Number::zero, |v| v.1.clone().into());
        let mut round = Round::new(say!("round.elected", options = &[chosen][..]), tallies(&shown, of));
        for tally in &mut round.tallies {
            if tally.option == chosen {
                tally.status = Status::Elected;
            }
        }
        round.elected = vec![chosen];
        self.out.rounds.push(round);
        self.out.explanation.push(say_as(&[chosen], best.into(), place));
        if tied.len() > 1 {
            self.out.explanation.push(say!("committee.tied", options = &tied, chosen = &[chosen][..]));
            self.out.ties.by_lot(place, &tied, chosen);
        }
        self.out.winners.push(chosen);
        self.open.retain(|o| *o != chosen);
        Some(chosen)
    }

    fn pav(&mut self) {
        let mut served = vec![0usize; self.weights.len()];
        while self.out.winners.len() < self.seats && !self.open.is_empty() {
            let value: Vec<(usize, BigRational)> = self
                .open
                .iter()
                .map(|&o| {
                    let mut by_served = vec![0u64; self.seats + 1];
                    for &v in &self.supporters[o] {
                        by_served[served[v as usize]] += self.weights[v as usize];
                    }
                    (o, harmonic(&by_served))
                })
                .collect();
            let Some(chosen) = self.seat(&value, false, |o, v, place| {
                say!("pav.elected", option = o, weight = v, place = place)
            }) else {
                break;
            };
            for &v in &self.supporters[chosen] {
                served[v as usize] += 1;
            }
        }
    }

    fn phragmen(&mut self, mut loads: Vec<BigRational>) {
        while self.out.winners.len() < self.seats {
            let value: Vec<(usize, BigRational)> = self
                .open
                .iter()
                .filter(|o| self.people[**o] > 0)
                .map(|&o| {
                    let mut sum = BigRational::one();
                    for (load, people) in self.grouped(o, &loads) {
                        sum += load * BigInt::from(people);
                    }
                    (o, sum / BigInt::from(self.people[o]))
                })
                .collect();
            let Some(chosen) = self.seat(&value, true, |o, v, place| {
                say!("phragmen.elected", option = o, load = v, place = place)
            }) else {
                return self.unsupported();
            };
            let load = value.iter().find(|v| v.0 == chosen).map_or_else(BigRational::zero, |v| v.1.clone());
            for &v in &self.supporters[chosen] {
                loads[v as usize].clone_from(&load);
            }
        }
    }

    /// Supporters' loads, equal ones together: few different ones, however many voters.
    fn grouped<'l>(&self, option: usize, loads: &'l [BigRational]) -> Vec<(&'l BigRational, u64)> {
        let mut all: Vec<(&BigRational, u64)> = self.supporters[option]
            .iter()
            .map(|v| (&loads[*v as usize], self.weights[*v as usize]))
            .collect();
        all.sort_by(|a, b| a.0.cmp(b.0));
        all.dedup_by(|next, kept| {
            let same = next.0 == kept.0;
            if same {
                kept.1 += next.1;
            }
            same
        });
        all
    }

    /// Seats for which nobody is left whom anyone supports: by the lot.
    fn unsupported(&mut self) {
        while self.out.winners.len() < self.seats && !self.open.is_empty() {
            let value: Vec<(usize, BigRational)> =
                self.open.iter().map(|o| (*o, BigRational::zero())).collect();
            self.seat(&value, true, |o, _, place| say!("committee.unsupported", option = o, place = place));
        }
    }

    fn equal_shares(&mut self, rest: Rest) {
        let options = self.case.options();
        let market = Market {
            costs: (0..options).map(|o| self.open.contains(&o).then_some(1)).collect(),
            supporters: self.supporters.clone(),
            weights: self.weights.clone(),
            people: self.people.clone(),
            cheaper_first: false,
            groups: vec![None; options],
            lot: self.case.lot,
        };
        let voters = self.case.votes.total().max(1);
        let run = market.run(BigInt::from(self.seats), BigInt::from(voters), true, Details::Purses);
        self.out.explanation.push(say!(
            "committee.share",
            seats = self.seats,
            voters = voters,
            share = Number::ratio(self.seats, voters)
        ));
        for bought in &run.bought {
            let value = [(bought.option, bought.payment.clone())];
            self.seat(&value, true, |o, v, place| {
                say!("committee.bought", option = o, payment = v, place = place)
            });
        }
        self.out.ties = run.ties;
        match rest {
            Rest::Empty => {}
            Rest::Phragmen => {
                if self.out.winners.len() < self.seats && !self.open.is_empty() {
                    self.out.explanation.push(say!("committee.rest_shared"));
                }
                self.phragmen(run.left.into_iter().map(|m| -m).collect());
            }
            Rest::MostVotes => {
                while self.out.winners.len() < self.seats && !self.open.is_empty() {
                    let value: Vec<(usize, BigRational)> = self
                        .open
                        .iter()
                        .map(|o| (*o, BigRational::from_integer(self.people[*o].into())))
                        .collect();
                    self.seat(&value, false, |o, v, place| {
                        say!("committee.most_votes", option = o, votes = v, place = place)
                    });
                }
            }
        }
    }
}

/// `Σ people[u] ÷ (u + 1)`.
fn harmonic(people: &[u64]) -> BigRational {
    let mut sum = BigRational::zero();
    for (served, &n) in people.iter().enumerate() {
        if n > 0 {
            sum += BigRational::new(n.into(), BigInt::from(served + 1));
        }
    }
    sum
}
