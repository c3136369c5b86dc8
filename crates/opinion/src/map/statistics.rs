//! Intervals and tests for shares.

use crate::shape::Share;

/// Two-sided 95 % point of the normal distribution.
const Z: f64 = 1.959_963_984_540_054;

/// `count` of `seen` with its Wilson interval (Wilson 1927) at 95 %; 0..=1 where nobody was asked.
pub(crate) fn share(count: u32, seen: u32) -> Share {
    let n = f64::from(seen);
    if seen == 0 {
        return Share { count, seen, share: 0.5, low: 0.0, high: 1.0 };
    }
    let p = f64::from(count) / n;
    let scale = 1.0 + Z * Z / n;
    let middle = (p + Z * Z / (2.0 * n)) / scale;
    let half = Z * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt() / scale;
    Share { count, seen, share: p, low: (middle - half).max(0.0), high: (middle + half).min(1.0) }
}

/// How likely a difference at least this large in favour of `here` is where there is none: Fisher's exact test, one-sided
/// (Fisher 1935), which is right for any numbers, small ones too. 1 where nothing can be said.
pub(super) fn chance(here: Share, there: Share) -> f64 {
    let (n, m) = (u64::from(here.seen), u64::from(there.seen));
    let (count, all) = (u64::from(here.count), u64::from(here.count) + u64::from(there.count));
    // `count` or more of `all` fall to the `n`, and as few as can to the `m`.
    if n * m == 0 || count * (n + m) <= all * n {
        return 1.0;
    }
    let first = libm::exp(choose(n, count) + choose(m, all - count) - choose(n + m, all));
    let ratio = |at: u64| {
        let (at, left) = (at as f64, (all - at) as f64);
        (n as f64 - at) * left / ((at + 1.0) * (m as f64 - left + 1.0))
    };
    tail(first, count, n.min(all), ratio)
}

/// How likely `count` or more of `seen` are where each is with probability `chance`: the upper tail of the binomial
/// distribution.
pub(super) fn at_least(count: u32, seen: u32, chance: f64) -> f64 {
    let (count, seen) = (u64::from(count), u64::from(seen));
    if count as f64 <= seen as f64 * chance {
        return 1.0;
    }
    let logs = count as f64 * libm::log(chance) + (seen - count) as f64 * libm::log(1.0 - chance);
    let odds = chance / (1.0 - chance);
    tail(libm::exp(choose(seen, count) + logs), count, seen, |at| {
        (seen - at) as f64 / (at as f64 + 1.0) * odds
    })
}

/// The sum of probabilities from `first` at `from` on, each `ratio` times the one before; beyond the middle they fall.
fn tail(first: f64, from: u64, to: u64, ratio: impl Fn(u64) -> f64) -> f64 {
    let (mut term, mut sum) = (first, first);
    for at in from..to {
        term *= ratio(at);
        sum += term;
        if term < sum * 1e-17 {
            break;
        }
    }
    sum.min(1.0)
}

/// ln of how many ways there are to choose `count` of `all`.
fn choose(all: u64, count: u64) -> f64 {
    let factorial = |n: u64| libm::lgamma(n as f64 + 1.0);
    factorial(all) - factorial(count) - factorial(all - count)
}

/// The chances adjusted for having looked at all of them (Benjamini and Hochberg 1995): accepting those of
/// at most *q*, a share of at most *q* of the accepted is expected to be false.
pub(super) fn adjusted(chances: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..chances.len()).collect();
    order.sort_by(|&a, &b| chances[b].total_cmp(&chances[a]).then(b.cmp(&a)));
    let total = chances.len() as f64;
    let mut adjusted = vec![1.0; chances.len()];
    let mut least: f64 = 1.0;
    for (from_last, &at) in order.iter().enumerate() {
        least = least.min(chances[at] * total / (total - from_last as f64));
        adjusted[at] = least;
    }
    adjusted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wilson() {
        let half = share(5, 10);
        assert!((half.low - 0.236_593).abs() < 1e-6 && (half.high - 0.763_407).abs() < 1e-6, "{half:?}");
        assert_eq!((share(0, 4).low, share(4, 4).high), (0.0, 1.0));
        assert_eq!((share(0, 0).low, share(0, 0).high), (0.0, 1.0));
    }

    #[test]
    fn chances() {
        assert_eq!(chance(share(3, 10), share(3, 10)), 1.0);
        assert_eq!(chance(share(3, 3), share(0, 0)), 1.0);
        // The lady tasting tea: three of four right by chance 17 times of 70.
        assert!((chance(share(3, 4), share(1, 4)) - 17.0 / 70.0).abs() < 1e-12);
        // 16 and 4 of 20 each: by summing them one by one.
        let by_hand: f64 =
            (16..=20u64).map(|at| libm::exp(choose(20, at) + choose(20, 20 - at) - choose(40, 20))).sum();
        assert!(
            (chance(share(16, 20), share(4, 20)) - by_hand).abs() < 1e-15
                && (by_hand - 1.799_837e-4).abs() < 1e-9,
            "{by_hand}"
        );
        // One response against 250 says little, however far apart the shares are.
        assert!((chance(share(1, 1), share(0, 250)) - 1.0 / 251.0).abs() < 1e-12);
        let large = chance(share(60_000, 100_000), share(400_000, 1_000_000));
        assert!((0.0..1e-300).contains(&large), "{large}");
    }

    #[test]
    fn binomial_tails() {
        // Of three tosses, two heads or more: 4 of 8; three: 1 of 8.
        assert!((at_least(2, 3, 0.5) - 0.5).abs() < 1e-15 && (at_least(3, 3, 0.5) - 0.125).abs() < 1e-15);
        assert_eq!((at_least(1, 3, 0.5), at_least(0, 0, 0.5)), (1.0, 1.0));
        // 1 − 0.9¹⁰ − 10 · 0.1 · 0.9⁹
        assert!((at_least(2, 10, 0.1) - 0.263_901_070_9).abs() < 1e-10);
    }

    #[test]
    fn benjamini_and_hochberg() {
        let found = adjusted(&[0.01, 0.5, 0.02, 0.03]);
        for (found, by_hand) in found.iter().zip([0.04, 0.5, 0.04, 0.04]) {
            assert!((found - by_hand).abs() < 1e-12);
        }
        assert!(adjusted(&[]).is_empty());
    }
}
