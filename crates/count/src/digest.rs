//! Digests of rules and votes, and the numbers drawn from them.

use crate::election::{Election, Votes};
use crate::rule::Rule;
use sha2::{Digest, Sha256};
use std::fmt::Write;

/// SHA-256 of the rule as JSON with its fields in their written order.
pub fn rule_digest(rule: &Rule) -> String {
    hex(&Sha256::digest(serde_json::to_vec(rule).unwrap_or_default()))
}

/// SHA-256 of options, money and votes. `votes` are canonical ([`Votes::canonical`]), so the order in which
/// people voted does not matter.
pub fn votes_digest(election: &Election, votes: &Votes) -> String {
    let mut bytes = Vec::with_capacity(64 * 1024);
    let mut hasher = Sha256::new();
    hasher.update(b"veche/votes/v1\n");
    for option in &election.options {
        let line = format!(
            "{:?} {:?} {:?} {} {:?}\n",
            option.id, option.name, option.cost, option.withdrawn, option.group
        );
        hasher.update(line.as_bytes());
    }
    let money = format!(
        "{:?} {:?} {} {}\n",
        votes.form(),
        election.budget,
        election.money_decimals,
        election.score_decimals
    );
    hasher.update(money.as_bytes());
    for vote in votes.iter() {
        bytes.extend_from_slice(&vote.weight.to_le_bytes());
        bytes.extend_from_slice(&(vote.options.len() as u32).to_le_bytes());
        for (option, level) in vote.options.iter().zip(vote.levels) {
            bytes.extend_from_slice(&option.to_le_bytes());
            bytes.extend_from_slice(&level.to_le_bytes());
        }
        if bytes.len() > 60 * 1024 {
            hasher.update(&bytes);
            bytes.clear();
        }
    }
    hasher.update(&bytes);
    hex(&hasher.finalize())
}

/// Lower-case hexadecimal.
fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(64), |mut text, b| {
        let _ = write!(text, "{b:02x}");
        text
    })
}

/// Numbers drawn from a seed by SHA-256 in counter mode: the same everywhere, for ever.
pub(crate) struct Draw {
    seed: Vec<u8>,
    counter: u64,
    pool: Vec<u8>,
}

impl Draw {
    /// A sequence for one purpose.
    pub fn new(seed: &str, purpose: &str) -> Self {
        Draw { seed: format!("veche/count/{purpose}\n{seed}").into_bytes(), counter: 0, pool: vec![] }
    }

    /// A number below `bound` (at least 1), all equally likely: by rejection, never by remainder alone.
    pub fn below(&mut self, bound: u64) -> u64 {
        let bound = bound.max(1);
        let largest = u64::MAX - u64::MAX % bound;
        loop {
            let n = self.next();
            if n < largest {
                return n % bound;
            }
        }
    }

    fn next(&mut self) -> u64 {
        if self.pool.len() < 8 {
            let mut hasher = Sha256::new();
            hasher.update(&self.seed);
            hasher.update(self.counter.to_le_bytes());
            self.counter += 1;
            self.pool = hasher.finalize().to_vec();
        }
        let rest = self.pool.split_off(8);
        let taken = std::mem::replace(&mut self.pool, rest);
        taken.iter().fold(0, |n, b| (n << 8) | u64::from(*b))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_drawn_below_their_bound_and_all_of_them() {
        for bound in [1, 2, 7, 10, 1 << 40, u64::MAX] {
            let mut draw = Draw::new("seed", "test");
            let drawn: Vec<u64> = (0..200).map(|_| draw.below(bound)).collect();
            assert!(drawn.iter().all(|n| *n < bound), "{bound}");
            assert!((0..bound.min(10)).all(|n| bound > 10 || drawn.contains(&n)), "{bound}");
            let mut again = Draw::new("seed", "test");
            assert_eq!(drawn, (0..200).map(|_| again.below(bound)).collect::<Vec<_>>());
        }
        assert_ne!(Draw::new("seed", "one").below(u64::MAX), Draw::new("seed", "other").below(u64::MAX));
    }
}
