//! What everyone holds while projects are bought: exactly, and nearly where that is enough.

use super::{Market, Run};
use crate::outcome::By;
use num_bigint::BigInt;
use num_integer::Integer;
use num_rational::BigRational;
use num_traits::{Signed, ToPrimitive, Zero};

/// Half the distance from 1 to the next floating-point number.
const U: f64 = f64::EPSILON / 2.0;

/// The class of voters who have nothing left.
const EMPTY: u32 = 0;

/// A support no project can exceed: that of all its people.
pub(super) fn at_most(people: u64) -> f64 {
    people as f64 * (1.0 + 4.0 * U)
}

/// Exact ρ of one project: `num / (k × denominator of the state)`.
pub(super) struct Rho {
    num: BigInt,
    k: u64,
}

/// A class of voters with the same history.
#[derive(Clone, Copy)]
struct Class {
    /// Who they were before they last paid a full ρ, and in which round that was; nobody for those who never paid.
    before: Option<(u32, u32)>,
    /// Their money, nearly.
    money: f64,
}

/// What the filter knows about a project's effective support.
enum Guess {
    /// Certainly not affordable.
    No,
    /// Affordable, with support between the two.
    Between(f64, f64),
    /// Only the integers can tell.
    Unclear,
}

pub(super) struct State<'m, 'a> {
    market: &'m Market<'a>,
    filter: bool,
    share: BigInt,
    denominator: BigInt,
    rho: Vec<BigInt>,
    rho_near: Vec<f64>,
    share_near: f64,
    classes: Vec<Class>,
    class: Vec<u32>,
    /// (money, people) per vote, side by side for the sweep over supporters.
    purse: Vec<[f64; 2]>,
    /// ρ found last for each project: it only grows, so the next search starts there.
    last_rho: Vec<f64>,
    tally: Vec<u64>,
    touched: Vec<u32>,
    /// Whose supporters `tally` holds now.
    gathered: Option<usize>,
    /// What each class becomes while a project is being paid.
    becomes: Vec<u32>,
}

impl<'m, 'a> State<'m, 'a> {
    pub fn new(market: &'m Market<'a>, share: BigInt, denominator: BigInt, filter: bool) -> Self {
        let near = ratio_near(&share, &denominator);
        let full = if share.is_positive() { 1 } else { EMPTY };
        State {
            market,
            filter,
            share,
            denominator,
            rho: vec![],
            rho_near: vec![],
            share_near: near,
            classes: vec![Class { before: None, money: 0.0 }, Class { before: None, money: near }],
            class: vec![full; market.weights.len()],
            purse: market.weights.iter().map(|w| [near, *w as f64]).collect(),
            last_rho: vec![0.0; market.costs.len()],
            tally: vec![0; 2],
            touched: vec![],
            gathered: None,
            becomes: vec![],
        }
    }

    /// The affordable project with the highest effective support, with its exact ρ.
    pub fn best(&mut self, open: &mut Vec<(f64, usize)>, run: &mut Run) -> Option<(usize, Rho)> {
        open.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let mut rivals: Vec<(usize, f64)> = vec![];
        let mut floor = 0.0f64;
        let mut gone = vec![];
        for entry in open.iter_mut() {
            if self.filter && entry.0 < floor {
                break;
            }
            let guess = if self.filter { self.guess(entry.1) } else { Guess::Unclear };
            match guess {
                Guess::No => gone.push(entry.1),
                Guess::Between(low, high) => {
                    floor = floor.max(low);
                    entry.0 = high;
                    rivals.push((entry.1, high));
                }
                // Its old bound still holds.
                Guess::Unclear => rivals.push((entry.1, entry.0)),
            }
        }
        rivals.retain(|(_, high)| !self.filter || *high >= floor);
        let mut top: Vec<(usize, Rho)> = vec![];
        for (option, _) in rivals {
            let Some(rho) = self.exact(option) else {
                gone.push(option);
                continue;
            };
            match top.first().map(|(o, r)| self.compare(option, &rho, *o, r)) {
                None | Some(std::cmp::Ordering::Greater) => top = vec![(option, rho)],
                Some(std::cmp::Ordering::Equal) => top.push((option, rho)),
                Some(std::cmp::Ordering::Less) => {}
            }
        }
        open.retain(|(_, p)| !gone.contains(p));
        if top.is_empty() {
            // Rivals that turned out to be unaffordable may have hidden others behind their bound.
            return if open.is_empty() || gone.is_empty() { None } else { self.best(open, run) };
        }
        let tied: Vec<usize> = top.iter().map(|(o, _)| *o).collect();
        let chosen = self.break_tie(tied, run);
        top.into_iter().find(|(o, _)| *o == chosen)
    }

    /// Which has more support: cost ÷ ρ, compared crosswise.
    fn compare(&self, a: usize, rho_a: &Rho, b: usize, rho_b: &Rho) -> std::cmp::Ordering {
        let cost = |p: usize| self.market.costs[p].unwrap_or(0);
        let left = &rho_b.num * cost(a) * rho_a.k;
        let right = &rho_a.num * cost(b) * rho_b.k;
        left.cmp(&right)
    }

    fn break_tie(&self, mut tied: Vec<usize>, run: &mut Run) -> usize {
        let first = tied.first().copied().unwrap_or(0);
        if tied.len() == 1 {
            return first;
        }
        tied.sort_unstable();
        let round = run.bought.len() + 1;
        let mut note = |tied: &[usize], chosen: usize, by: By| {
            run.ties.choice(round, tied, chosen, by);
            chosen
        };
        let all = tied.clone();
        if self.market.cheaper_first {
            let least = tied.iter().filter_map(|o| self.market.costs[*o]).min();
            tied.retain(|o| self.market.costs[*o] == least);
            if let [only] = tied[..] {
                return note(&all, only, By::LowerCost);
            }
            let most = tied.iter().map(|o| self.market.people[*o]).max();
            tied.retain(|o| Some(self.market.people[*o]) == most);
            if let [only] = tied[..] {
                return note(&all, only, By::MoreVotes);
            }
        }
        let chosen = self.market.lot.favoured(&tied).unwrap_or(first);
        note(&tied, chosen, By::Lot)
    }

    /// Effective support from the floating-point purses, with an error bound.
    ///
    /// Let `δ` bound the error of every purse and `n` be the number of supporters. A sum of `n` terms is off by at
    /// most `(n + 4)·u` of itself, and by `δ` for every person. If the sum at ρ is off by `η`, ρ is off by at most
    /// `η ÷ k`, where `k` people can pay more than a little over ρ (that many carry each further unit).
    fn guess(&mut self, option: usize) -> Guess {
        let cost = self.market.costs[option].unwrap_or(0) as f64;
        let people = self.market.people[option] as f64;
        let supporters = &self.market.supporters[option];
        let delta = (4.0 * self.rho.len() as f64 + 8.0) * U * self.share_near;
        let terms = (supporters.len() as f64 + 8.0) * U;
        let mut rho = self.last_rho[option].max(cost / people);
        let mut previous = (f64::NAN, f64::NAN);
        for _ in 0..200 {
            let edge = rho * (1.0 + 1e-6);
            let (mut poor, mut can, mut above) = (0.0f64, 0.0f64, 0.0f64);
            for &v in supporters {
                let [money, weight] = self.purse[v as usize];
                let short = money < rho;
                poor += if short { money * weight } else { 0.0 };
                can += if short { 0.0 } else { weight };
                above += if money > edge { weight } else { 0.0 };
            }
            let error = 2.0 * (people * delta + terms * cost.max(poor));
            if can == 0.0 {
                return if poor + error < cost { Guess::No } else { Guess::Unclear };
            }
            let next = (cost - poor) / can;
            if (poor, can) == previous {
                if above == 0.0 || error / above > rho * 4e-7 {
                    return Guess::Unclear;
                }
                // A later ρ is never smaller; a little less keeps the start on the safe side.
                self.last_rho[option] = rho * (1.0 - 1e-9);
                let wrong = error / above + rho * 8.0 * U;
                let (low, high) = (cost / (rho + wrong), cost / (rho - wrong));
                return Guess::Between(low * (1.0 - 4.0 * U), high * (1.0 + 4.0 * U));
            }
            previous = (poor, can);
            rho = rho.max(next);
        }
        Guess::Unclear
    }

    /// How many people of each class support a project: fills `tally` and `touched`.
    fn gather(&mut self, option: usize) {
        if self.gathered == Some(option) {
            return;
        }
        self.gathered = Some(option);
        for c in self.touched.drain(..) {
            self.tally[c as usize] = 0;
        }
        for &v in &self.market.supporters[option] {
            let c = self.class[v as usize];
            if self.tally[c as usize] == 0 {
                self.touched.push(c);
            }
            self.tally[c as usize] += self.market.weights[v as usize];
        }
        self.touched.sort_unstable();
    }

    /// A class's money, exactly, over the common denominator.
    fn money(&self, class: u32) -> BigInt {
        if class == EMPTY {
            return BigInt::zero();
        }
        let mut left = self.share.clone();
        self.paid(class, |round| left -= &self.rho[round as usize]);
        left
    }

    /// The rounds in which a class paid the full ρ, the latest first.
    fn paid(&self, class: u32, mut each: impl FnMut(u32)) {
        let mut at = class;
        while let Some((before, round)) = self.classes[at as usize].before {
            each(round);
            at = before;
        }
    }

    /// Is a class's money less than `num / (k × denominator)`?
    fn poorer(&self, class: u32, num: &BigInt, k: u64, near: f64) -> bool {
        let money = self.classes[class as usize].money;
        let unsure = (4.0 * self.rho.len() as f64 + 16.0) * 2.0 * U * (self.share_near + near);
        if self.filter && (money - near).abs() > unsure {
            return money < near;
        }
        self.money(class) * k < *num
    }

    /// The exact ρ of a project, or none if its supporters do not hold its cost.
    fn exact(&mut self, option: usize) -> Option<Rho> {
        self.gather(option);
        let cost = BigInt::from(self.market.costs[option]?);
        let mut rich: Vec<u32> = self.touched.iter().copied().filter(|c| *c != EMPTY).collect();
        let mut k: u64 = rich.iter().map(|c| self.tally[*c as usize]).sum();
        let mut missing = &cost * &self.denominator;
        loop {
            if k == 0 {
                return None;
            }
            let near = ratio_near(&missing, &(&self.denominator * k));
            let (poor, rest): (Vec<u32>, Vec<u32>) =
                rich.into_iter().partition(|c| self.poorer(*c, &missing, k, near));
            rich = rest;
            if poor.is_empty() {
                return Some(Rho { num: missing, k });
            }
            let gone: u64 = poor.iter().map(|c| self.tally[*c as usize]).sum();
            missing -= self.sum_of(&poor);
            k -= gone;
        }
    }

    /// Money of several classes together, as tallied.
    fn sum_of(&self, classes: &[u32]) -> BigInt {
        let mut people = 0u64;
        let mut payments = vec![0u64; self.rho.len()];
        for &c in classes {
            let n = self.tally[c as usize];
            if c != EMPTY {
                people += n;
                self.paid(c, |round| payments[round as usize] += n);
            }
        }
        let mut sum = &self.share * people;
        for (n, rho) in payments.into_iter().zip(&self.rho) {
            if n > 0 {
                sum -= rho * n;
            }
        }
        sum
    }

    /// Everyone who supports the project pays `min(money, ρ)`.
    pub fn fund(&mut self, option: usize, rho: &Rho) {
        self.gather(option);
        let near = ratio_near(&rho.num, &(&self.denominator * rho.k));
        let round = self.rho.len() as u32;
        let mut becomes = std::mem::take(&mut self.becomes);
        becomes.resize(self.classes.len(), EMPTY);
        for c in self.touched.clone() {
            let broke = c == EMPTY || self.poorer(c, &rho.num, rho.k, near) || self.even(c, rho, near);
            let new = if broke {
                EMPTY
            } else {
                let mut spent = near;
                self.paid(c, |r| spent += self.rho_near[r as usize]);
                let money = (self.share_near - spent).max(0.0);
                self.classes.push(Class { before: Some((c, round)), money });
                self.tally.push(0);
                self.classes.len() as u32 - 1
            };
            becomes[c as usize] = new;
        }
        for &v in &self.market.supporters[option] {
            let new = becomes[self.class[v as usize] as usize];
            self.class[v as usize] = new;
            self.purse[v as usize][0] = self.classes[new as usize].money;
        }
        self.becomes = becomes;
        self.gathered = None;
        let k = BigInt::from(rho.k);
        let common = rho.num.mod_floor(&k).gcd(&k);
        let factor = &k / &common;
        self.share *= &factor;
        self.denominator *= &factor;
        for old in &mut self.rho {
            *old *= &factor;
        }
        self.rho.push(&rho.num / &common);
        self.rho_near.push(near);
    }

    /// Is a class's money exactly ρ? Then nothing is left, and no rounding error may pretend otherwise.
    fn even(&self, class: u32, rho: &Rho, near: f64) -> bool {
        let money = self.classes[class as usize].money;
        let unsure = (4.0 * self.rho.len() as f64 + 16.0) * 2.0 * U * (self.share_near + near);
        (money - near).abs() <= unsure && self.money(class) * rho.k == rho.num
    }

    /// What the supporters of a project hold together.
    pub fn held(&mut self, option: usize) -> BigRational {
        self.gather(option);
        let touched = self.touched.clone();
        BigRational::new(self.sum_of(&touched), self.denominator.clone())
    }

    /// What is left to each (merged) vote, per person.
    pub fn purses(&self) -> Vec<BigRational> {
        let left = |c| BigRational::new(self.money(c as u32), self.denominator.clone());
        let classes: Vec<BigRational> = (0..self.classes.len()).map(left).collect();
        self.class.iter().map(|c| classes[*c as usize].clone()).collect()
    }

    /// What a supporter pays at most.
    pub fn payment(&self, rho: &Rho) -> BigRational {
        BigRational::new(rho.num.clone(), &self.denominator * rho.k)
    }
}

/// `n / d` to within `2⁻⁵²` of itself. Both positive or `n` zero.
fn ratio_near(n: &BigInt, d: &BigInt) -> f64 {
    if n.is_zero() || d.is_zero() {
        return 0.0;
    }
    let shift = 70 + d.bits() as i64 - n.bits() as i64;
    let quotient = if shift >= 0 { (n << shift as u64) / d } else { n / (d << shift.unsigned_abs()) };
    let mantissa = quotient.to_u128().unwrap_or(u128::MAX) as f64;
    mantissa * 2f64.powi(-(shift.clamp(-1000, 1000) as i32))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_ratios_are_near() {
        for (n, d) in [(1u128, 3u128), (10u128.pow(30), 7), (7, 10u128.pow(30)), (1, 1)] {
            let near = ratio_near(&n.into(), &d.into());
            assert!((near / (n as f64 / d as f64) - 1.0).abs() < 1e-15, "{n}/{d} = {near}");
        }
    }
}
