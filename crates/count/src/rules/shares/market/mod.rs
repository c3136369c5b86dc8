//! Equal shares for one size of share: who buys what, exactly.
//!
//! A voter's money is always `e − Σ ρ` over the projects they paid in full, or nothing once they paid their last.
//! So voters with the same history form a class, every ρ is a whole number over one common denominator, and the
//! exact state of a whole city is a handful of big integers. Floating-point copies of the classes' money with a
//! proven error bound (the filter) skip comparisons that are clear; all others are made with the integers.

mod state;

use crate::lot::Lot;
use crate::outcome::Ties;
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::Zero;
use state::State;

/// Projects, their supporters, and how ties are broken.
pub(crate) struct Market<'a> {
    /// Cost of each project in money units; none: cannot be funded.
    pub costs: Vec<Option<u64>>,
    /// Supporters of each project: numbers of (merged) votes.
    pub supporters: Vec<Vec<u32>>,
    /// How many people each (merged) vote is.
    pub weights: Vec<u64>,
    /// Number of people behind each project.
    pub people: Vec<u64>,
    /// Equal support goes to the lower cost, then to more votes, before the lot.
    pub cheaper_first: bool,
    /// Groups of which only one can be funded.
    pub groups: Vec<Option<&'a str>>,
    /// The published order.
    pub lot: &'a Lot,
}

/// One funded project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Bought {
    pub option: usize,
    /// What a supporter pays at most.
    pub payment: BigRational,
}

/// How much of a run is written down.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Details {
    /// Who is funded.
    None,
    /// Also payments, and what supporters of each project still hold.
    Projects,
    /// Also what every voter still holds.
    Purses,
}

/// The result for one size of share.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Run {
    pub bought: Vec<Bought>,
    pub spent: u64,
    pub ties: Ties,
    /// What the supporters of each project still hold together; only with details.
    pub held: Vec<BigRational>,
    /// What is left to each (merged) vote, per person; only with purses.
    pub left: Vec<BigRational>,
}

impl Run {
    /// The funded projects in their order.
    pub fn winners(&self) -> Vec<usize> {
        self.bought.iter().map(|b| b.option).collect()
    }
}

impl Market<'_> {
    /// Everything bought when every voter starts with `share / denominator`.
    pub fn run(&self, share: BigInt, denominator: BigInt, filter: bool, details: Details) -> Run {
        let mut state = State::new(self, share, denominator, filter);
        let mut open: Vec<(f64, usize)> = (0..self.costs.len())
            .filter(|p| self.costs[*p].is_some_and(|c| c > 0) && self.people[*p] > 0)
            .map(|p| (state::at_most(self.people[p]), p))
            .collect();
        let mut run = self.free();
        open.retain(|(_, p)| {
            self.groups[*p].is_none() || run.bought.iter().all(|b| self.groups[b.option] != self.groups[*p])
        });
        while let Some((option, rho)) = state.best(&mut open, &mut run) {
            open.retain(|(_, p)| *p != option);
            if self.groups[option].is_some() {
                open.retain(|(_, p)| self.groups[*p] != self.groups[option]);
            }
            run.spent += self.costs[option].unwrap_or(0);
            let payment = if details != Details::None { state.payment(&rho) } else { BigRational::zero() };
            run.bought.push(Bought { option, payment });
            state.fund(option, &rho);
        }
        if details != Details::None {
            run.held = (0..self.costs.len()).map(|p| state.held(p)).collect();
        }
        if details == Details::Purses {
            run.left = state.purses();
        }
        run
    }

    /// Projects that cost nothing and have supporters: nobody has to pay for them, so they are funded before all
    /// others (as in pabutools), most votes first, of each group one.
    fn free(&self) -> Run {
        let mut free: Vec<usize> =
            (0..self.costs.len()).filter(|p| self.costs[*p] == Some(0) && self.people[*p] > 0).collect();
        free.sort_by_key(|p| (std::cmp::Reverse(self.people[*p]), self.lot.place(*p)));
        let mut run = Run::default();
        let mut taken: Vec<&str> = vec![];
        for &option in &free {
            let group = self.groups[option];
            if group.is_some_and(|g| taken.contains(&g)) {
                continue;
            }
            taken.extend(group);
            let equal = |p: &usize| *p == option || (group.is_some() && self.groups[*p] == group);
            let tied: Vec<usize> =
                free.iter().copied().filter(|p| equal(p) && self.people[*p] == self.people[option]).collect();
            if tied.len() > 1 {
                run.ties.by_lot(run.bought.len() + 1, &tied, option);
            }
            run.bought.push(Bought { option, payment: BigRational::zero() });
        }
        run
    }
}
