//! How alike two groupings of the same things are.

use std::collections::BTreeMap;

/// The adjusted Rand index (Hubert and Arabie 1985) of two groupings, given as one label each per thing.
///
/// 1 for the same grouping whatever its labels, around 0 for unrelated ones, below 0 for less than chance.
/// 1 also where both put all together or both put all apart, or where there is nothing to compare.
pub fn adjusted_rand<Label: Ord + Copy>(pairs: impl IntoIterator<Item = (Label, Label)>) -> f64 {
    let mut both: BTreeMap<(Label, Label), u64> = BTreeMap::new();
    let (mut left, mut right) = (BTreeMap::new(), BTreeMap::new());
    let mut total = 0u64;
    for (a, b) in pairs {
        *both.entry((a, b)).or_default() += 1;
        *left.entry(a).or_default() += 1;
        *right.entry(b).or_default() += 1;
        total += 1;
    }
    let pairs_in = |count: u64| (count as f64) * (count as f64 - 1.0) / 2.0;
    let together: f64 = both.values().copied().map(pairs_in).sum();
    let in_left: f64 = left.values().copied().map(pairs_in).sum();
    let in_right: f64 = right.values().copied().map(pairs_in).sum();
    let all = pairs_in(total).max(1.0);
    let expected = in_left * in_right / all;
    let most = (in_left + in_right) / 2.0;
    if most == expected { 1.0 } else { (together - expected) / (most - expected) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand() {
        assert_eq!(adjusted_rand([(0, 5), (0, 5), (1, 9)]), 1.0);
        assert_eq!(adjusted_rand::<u32>([]), 1.0);
        // together 2, left 6 + 3 = … as in Hubert and Arabie: {0,0,0,1,1,1} against {0,0,1,1,2,2}
        let index = adjusted_rand([(0, 0), (0, 0), (0, 1), (1, 1), (1, 2), (1, 2)]);
        // together = 2, left = 6, right = 3, all = 15: (2 − 1.2) / (4.5 − 1.2)
        assert!((index - 0.8 / 3.3).abs() < 1e-15);
    }
}
