//! How one vote is shared out: everyone on it keeps their factor of what arrives and passes the rest on.

use super::EqualRanks;
use crate::election::{OVERVOTE, Vote};

/// The vote as ranks of options that were not withdrawn.
pub(crate) fn ranks(vote: Vote<'_>, withdrawn: impl Fn(usize) -> bool) -> Vec<Vec<usize>> {
    let mut out: Vec<(i32, Vec<usize>)> = vec![];
    let mut seen = vec![];
    for (&option, &level) in vote.options.iter().zip(vote.levels) {
        let o = option as usize;
        if option == OVERVOTE || withdrawn(o) || seen.contains(&o) {
            continue;
        }
        seen.push(o);
        match out.last_mut() {
            Some((l, rank)) if *l == level => rank.push(o),
            _ => out.push((level, vec![o])),
        }
    }
    out.into_iter().map(|(_, rank)| rank).collect()
}

/// The keep factors of one moment, in units of `1 / one`.
pub(crate) struct Passing<'a> {
    pub one: i128,
    pub keep: &'a [i128],
    pub equal_ranks: EqualRanks,
}

impl Passing<'_> {
    /// Gives every option its part of one vote, in units of `1 / one`. What is not given counts for nobody.
    pub fn share_out(&self, ranks: &[Vec<usize>], give: &mut impl FnMut(usize, i128)) {
        let equal = ranks.iter().any(|r| r.len() > 1);
        if !equal || self.equal_ranks == EqualRanks::AllOrders {
            self.pass_down(ranks, give);
        } else {
            self.split(ranks, self.one, give);
        }
    }

    /// Product, cut off.
    fn times(&self, a: i128, b: i128) -> i128 {
        a * b / self.one
    }

    /// A vote goes down its ranks; everyone keeps their factor of what arrives.
    fn pass_down(&self, ranks: &[Vec<usize>], give: &mut impl FnMut(usize, i128)) {
        let mut power = self.one;
        for rank in ranks {
            if let [option] = rank[..] {
                give(option, self.times(power, self.keep[option]));
                power = self.times(power, self.one - self.keep[option]);
            } else {
                let passed: Vec<i128> = rank.iter().map(|o| self.one - self.keep[*o]).collect();
                for (i, &option) in rank.iter().enumerate() {
                    let weight =
                        self.times(self.mean_before(&passed, i), self.keep[option]) / rank.len() as i128;
                    give(option, self.times(power, weight));
                }
                let rest = passed.iter().fold(self.one, |p, f| self.times(p, *f));
                power = self.times(power, rest);
            }
            if power == 0 {
                break;
            }
        }
    }

    /// What arrives at one of several equals, over all orders: for every number of equals before it, the mean
    /// product of what they pass on. The elementary symmetric polynomials of the others, each divided by how many
    /// products it adds up.
    fn mean_before(&self, passed: &[i128], skip: usize) -> i128 {
        let n = passed.len() - 1;
        let mut poly = vec![0i128; n + 1];
        poly[0] = self.one;
        for (i, &a) in passed.iter().enumerate() {
            if i == skip || a == 0 {
                continue;
            }
            let mut before = poly[0];
            for p in poly.iter_mut().skip(1) {
                let old = *p;
                *p += self.times(before, a);
                before = old;
            }
        }
        let mut choose = 1i128;
        let mut sum = 0;
        for (k, p) in poly.iter().enumerate() {
            sum += p / choose;
            choose = choose.saturating_mul((n - k) as i128) / (k as i128 + 1);
            choose = choose.max(1);
        }
        sum
    }

    /// As Droop counts equal ranks: split evenly, and pass on what one of them does not keep.
    fn split(&self, ranks: &[Vec<usize>], power: i128, give: &mut impl FnMut(usize, i128)) {
        let Some((rank, rest)) = ranks.split_first() else { return };
        let open: Vec<usize> = rank.iter().copied().filter(|o| self.keep[*o] > 0).collect();
        if open.is_empty() {
            return;
        }
        let part = power / open.len() as i128;
        for option in open {
            give(option, self.times(part, self.keep[option]));
            let left = self.times(part, self.one - self.keep[option]);
            if left > 0 {
                self.split(rest, left, give);
            }
        }
    }
}
