//! The formulas for one statement (§1.7, §1.10, §1.11). Each takes counts and returns a finite number.

use crate::shape::Tally;

/// One-sided 90 % point of the normal distribution: what counts as significant.
pub(super) const SIGNIFICANT: f64 = 1.2816;

/// Share with one imagined response for and one against: `(count + 1) / (seen + 2)`.
pub(super) fn share(count: u32, seen: u32) -> f64 {
    (f64::from(count) + 1.0) / (f64::from(seen) + 2.0)
}

/// How surely the share is above one half, in standard errors (one imagined success).
pub(crate) fn share_test(count: u32, seen: u32) -> f64 {
    let seen = f64::from(seen) + 1.0;
    2.0 * seen.sqrt() * ((f64::from(count) + 1.0) / seen - 0.5)
}

/// How surely the share among `here` is larger than among `there`, in standard errors; one is added to
/// every count. Each is (count, seen).
pub(crate) fn ratio_test(here: (u32, u32), there: (u32, u32)) -> f64 {
    let one_more = |count: u32| f64::from(count) + 1.0;
    let (count_here, seen_here) = (one_more(here.0), one_more(here.1));
    let (count_there, seen_there) = (one_more(there.0), one_more(there.1));
    let pooled = (count_here + count_there) / (seen_here + seen_there);
    if pooled == 1.0 {
        return 0.0;
    }
    (count_here / seen_here - count_there / seen_there)
        / (pooled * (1.0 - pooled) * (1.0 / seen_here + 1.0 / seen_there)).sqrt()
}

/// The groups' shares of agreement multiplied (§1.10), 0..=1.
///
/// A group in which nobody responded counts as one half. Not normalised for the number of groups.
pub(crate) fn group_informed_consensus(groups: &[Tally]) -> f64 {
    groups.iter().map(|tally| share(tally.agree, tally.seen)).product()
}

/// How urgently to show a statement (§1.11); meta statements have 49.
///
/// Counts only responses of participants in groups.
pub(super) fn priority(groups: &[Tally], extremity: f64, meta: bool) -> f64 {
    const META: f64 = 7.0;
    if meta {
        return META * META;
    }
    let (mut agree, mut pass, mut seen) = (0.0, 0.0, 0.0);
    for tally in groups {
        agree += f64::from(tally.agree);
        pass += f64::from(tally.pass);
        seen += f64::from(tally.seen);
    }
    let importance = (1.0 - (pass + 1.0) / (seen + 2.0)) * (extremity + 1.0) * ((agree + 1.0) / (seen + 2.0));
    let newness = 1.0 + 8.0 * libm::exp2(-seen / 5.0);
    (importance * newness) * (importance * newness)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(found: f64, expected: f64) {
        assert!((found - expected).abs() < 1e-12, "{found} instead of {expected}");
    }

    #[test]
    fn shares() {
        near(share(0, 0), 0.5);
        near(share(14, 15), 15.0 / 17.0);
        near(share_test(14, 15), 3.5);
        near(share_test(0, 0), 1.0);
        near(share_test(10, 10), 3.316_624_790_355_4);
    }

    #[test]
    fn ratio() {
        // (4/5 − 1/5) / sqrt(0.5 · 0.5 · 0.4)
        near(ratio_test((3, 4), (0, 4)), 0.6 / 0.1f64.sqrt());
        assert_eq!(ratio_test((4, 4), (2, 2)), 0.0, "everybody agrees everywhere");
        assert_eq!(ratio_test((0, 0), (0, 0)), 0.0);
        near(ratio_test((0, 4), (3, 4)), -0.6 / 0.1f64.sqrt());
    }

    #[test]
    fn consensus_multiplies() {
        let tally = |agree, seen| Tally { agree, disagree: 0, pass: seen - agree, seen };
        near(group_informed_consensus(&[tally(3, 4), tally(0, 0)]), 4.0 / 6.0 * 0.5);
        near(group_informed_consensus(&[]), 1.0);
    }

    #[test]
    fn priorities() {
        assert_eq!(priority(&[], 0.3, true), 49.0);
        // Nobody responded: (1 − 1/2) · (E + 1) · 1/2 · 9, squared; a gold value for E = 0.
        near(priority(&[], 0.0, false), 5.0625);
        // A = 3, D = 1, P = 1, S = 5: (1 − 2/7) · 1.5 · 4/7 · (1 + 8/2), squared.
        let tally = Tally { agree: 3, disagree: 1, pass: 1, seen: 5 };
        let by_hand: f64 = 5.0 / 7.0 * 1.5 * 4.0 / 7.0 * 5.0;
        near(priority(&[tally], 0.5, false), by_hand * by_hand);
    }
}
