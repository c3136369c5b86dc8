//! Ties as RCTab breaks them, its pseudo-random numbers included, so that its published results can be recounted.

use super::TieBreak;
use crate::lot::Lot;
use crate::outcome::By;
use crate::rules::Case;

/// Breaks ties for one count; pseudo-random numbers go on from tie to tie.
pub(crate) struct Breaker {
    mode: TieBreak,
    lot: Lot,
    names: Vec<String>,
    random: JavaRandom,
}

impl Breaker {
    pub fn new(mode: TieBreak, case: &Case<'_>) -> Self {
        let names = case.election.names();
        let seed = match mode {
            TieBreak::Seed(s) | TieBreak::PreviousRoundsThenSeed(s) | TieBreak::Shuffled(s) => s,
            _ => 0,
        };
        let mut random = JavaRandom::new(seed);
        let mut lot = case.lot.clone();
        if let TieBreak::Shuffled(_) = mode {
            let mut order: Vec<usize> = (0..names.len()).collect();
            order.sort_by(|a, b| java_order(&names[*a], &names[*b]));
            for i in (1..order.len()).rev() {
                order.swap(i, random.next_below(i as i32 + 1) as usize);
            }
            lot = Lot::from_order(&order, names.len()).unwrap_or(lot);
        }
        Breaker { mode, lot, names, random }
    }

    /// Picks one of `tied`, for winning or for dropping out. `history` are the tallies of earlier rounds.
    /// Returns also those that were still equal when the last means was used.
    pub fn pick(&mut self, tied: &[usize], win: bool, history: &[Vec<i128>]) -> (usize, By, Vec<usize>) {
        let mut left = tied.to_vec();
        left.sort_by(|a, b| java_order(&self.names[*a], &self.names[*b]));
        if matches!(self.mode, TieBreak::PreviousRounds | TieBreak::PreviousRoundsThenSeed(_)) {
            for (number, round) in history.iter().enumerate().rev() {
                let votes = left.iter().map(|o| round[*o]);
                let extreme = if win { votes.max() } else { votes.min() };
                if matches!(self.mode, TieBreak::PreviousRoundsThenSeed(_)) {
                    self.hash_order(&mut left);
                }
                left.retain(|o| Some(round[*o]) == extreme);
                if let [only] = left[..] {
                    return (only, By::EarlierRound(number + 1), tied.to_vec());
                }
            }
        }
        match self.mode {
            TieBreak::Seed(_) | TieBreak::PreviousRoundsThenSeed(_) => {
                let at = (self.random.next_double() * left.len() as f64).floor() as usize;
                (left.get(at).or(left.first()).copied().unwrap_or(0), By::Seed, left)
            }
            _ => {
                let chosen = if win { self.lot.favoured(&left) } else { self.lot.last(&left) };
                let by = if matches!(self.mode, TieBreak::Shuffled(_)) { By::Seed } else { By::Lot };
                (chosen.unwrap_or(0), by, left)
            }
        }
    }

    /// The order in which Java's `HashSet` of these names is walked: RCTab narrows ties through one.
    fn hash_order(&self, options: &mut [usize]) {
        let mut buckets = 16usize;
        while options.len() * 4 > buckets * 3 {
            buckets *= 2;
        }
        options.sort_by_key(|o| {
            let hash = self.names[*o]
                .encode_utf16()
                .fold(0u32, |h, c| h.wrapping_mul(31).wrapping_add(u32::from(c)));
            (hash ^ (hash >> 16)) as usize & (buckets - 1)
        });
    }
}

/// Names in the order of Java's `String.compareTo`: by UTF-16 units.
fn java_order(a: &str, b: &str) -> std::cmp::Ordering {
    a.encode_utf16().cmp(b.encode_utf16())
}

/// `java.util.Random`, as its documentation specifies it.
struct JavaRandom(i64);

impl JavaRandom {
    const MASK: i64 = (1 << 48) - 1;

    fn new(seed: i64) -> Self {
        JavaRandom((seed ^ 0x5_DEEC_E66D) & Self::MASK)
    }

    fn next(&mut self, bits: u32) -> i32 {
        self.0 = (self.0.wrapping_mul(0x5_DEEC_E66D).wrapping_add(0xB)) & Self::MASK;
        (self.0 >> (48 - bits)) as i32
    }

    fn next_double(&mut self) -> f64 {
        let high = i64::from(self.next(26)) << 27;
        let low = i64::from(self.next(27));
        // Exact: 53 bits times a power of two.
        (high + low) as f64 / (1i64 << 53) as f64
    }

    fn next_below(&mut self, bound: i32) -> i32 {
        if bound & (bound - 1) == 0 {
            return ((i64::from(bound) * i64::from(self.next(31))) >> 31) as i32;
        }
        loop {
            let bits = self.next(31);
            let value = bits % bound;
            if bits.wrapping_sub(value).wrapping_add(bound - 1) >= 0 {
                return value;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_random_numbers_are_those_of_java() {
        // new Random(42).nextInt(10) and new Random(12345).nextDouble(), as published in many places.
        assert_eq!(JavaRandom::new(42).next_below(10), 0);
        let mut random = JavaRandom::new(42);
        assert_eq!([(); 6].map(|()| random.next_below(10)), [0, 3, 8, 4, 0, 5]);
        // Worked out by hand from the documentation: a power of two, and a bound above 2³⁰, where many are rejected.
        let mut random = JavaRandom::new(42);
        assert_eq!([(); 6].map(|()| random.next_below(16)), [11, 0, 10, 0, 4, 15]);
        let mut random = JavaRandom::new(42);
        assert_eq!(
            [(); 3].map(|()| random.next_below(1_610_612_737)),
            [1_562_431_130, 117_392_763, 1_467_211_248]
        );
        let mut random = JavaRandom::new(42);
        let drawn = [(); 3].map(|()| random.next_double().to_string());
        assert_eq!(drawn, ["0.7275636800328681", "0.6832234717598454", "0.30871945533265976"]);
        assert!((JavaRandom::new(12345).next_double() - 0.361_803_107_160_47).abs() < 1e-12);
    }

    /// `A` and `P` have the codes 65 and 80: of sixteen buckets the second and the first, of thirty-two the second and
    /// the seventeenth. A `HashSet` of up to twelve has sixteen, of up to twenty-four thirty-two, in which the code 96 is first.
    #[test]
    fn thirteen_names_take_a_larger_hash_set() {
        for (size, first) in [(12, "P"), (13, "A"), (24, "`"), (25, "A")] {
            let mut names: Vec<String> =
                (b'A'..).take(size - 1).filter(|c| *c != b'P').map(|c| char::from(c).to_string()).collect();
            names.push("P".into());
            let more = if size > 13 { "`" } else { "B" };
            names.resize(size, more.into());
            let lot = Lot::ballot_order(size);
            let breaker = Breaker { mode: TieBreak::Lot, lot, names, random: JavaRandom::new(0) };
            let mut order: Vec<usize> = (0..size).collect();
            breaker.hash_order(&mut order);
            assert_eq!(breaker.names[order[0]], first, "{size}");
        }
    }
}
