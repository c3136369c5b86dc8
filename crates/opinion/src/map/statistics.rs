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

/// How likely a difference at least this large in favour of `here` is where there is none: one-sided test of
/// two shares with pooled variance and Yates' correction. 1 where nothing can be said.
pub(super) fn chance(here: Share, there: Share) -> f64 {
    let (n, m) = (f64::from(here.seen), f64::from(there.seen));
    if n * m == 0.0 {
        return 1.0;
    }
    let pooled = (f64::from(here.count) + f64::from(there.count)) / (n + m);
    let error = (pooled * (1.0 - pooled) * (1.0 / n + 1.0 / m)).sqrt();
    let difference = here.share - there.share - 0.5 * (1.0 / n + 1.0 / m);
    if error == 0.0 || difference <= 0.0 {
        return 1.0;
    }
    0.5 * libm::erfc(difference / error / std::f64::consts::SQRT_2)
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
        // 0.8 against 0.2 of 20 each: (0.6 − 0.05) / √(0.5 · 0.5 · 0.1) = 3.4785
        assert!((chance(share(16, 20), share(4, 20)) - 2.52e-4).abs() < 1e-6);
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
