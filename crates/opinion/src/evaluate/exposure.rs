//! How many people were asked about each statement.

use serde::Serialize;

/// Figures about who was asked what, over the statements that may be shown.
///
/// They are on no map: a map follows from the responses alone, and does not know of statements without any.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Exposure {
    /// Statements that may be shown.
    pub statements: usize,
    /// The share of them with fewer than 20 responses, 0..=1.
    pub under_20: f64,
    /// Responses of the statement in the middle.
    pub median: f64,
    /// Spearman's rank correlation of statements' numbers (later statements have larger ones) with their
    /// responses, −1..=1; near −1 where early statements are asked about most. 0 where it is not defined.
    pub age_correlation: f64,
}

/// The figures for how many responded to each statement that may be shown, oldest statement first; 0 where nobody did.
pub fn exposure(counts: &[u32]) -> Exposure {
    let mut sorted = counts.to_vec();
    sorted.sort_unstable();
    let median = match sorted.len() {
        0 => 0.0,
        len => f64::from(sorted[(len - 1) / 2] + sorted[len / 2]) / 2.0,
    };
    let under = counts.iter().filter(|&&count| count < 20).count();
    let age: Vec<f64> = (0..counts.len()).map(|at| at as f64).collect();
    Exposure {
        statements: counts.len(),
        under_20: under as f64 / counts.len().max(1) as f64,
        median,
        age_correlation: correlation(&age, &ranks(counts)),
    }
}

/// Mean rank of each among equals.
fn ranks(counts: &[u32]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..counts.len()).collect();
    order.sort_unstable_by_key(|&at| counts[at]);
    let mut ranks = vec![0.0; counts.len()];
    let mut from = 0;
    for equal in order.chunk_by(|&a, &b| counts[a] == counts[b]) {
        let rank = from as f64 + (equal.len() as f64 - 1.0) / 2.0;
        equal.iter().for_each(|&at| ranks[at] = rank);
        from += equal.len();
    }
    ranks
}

fn correlation(a: &[f64], b: &[f64]) -> f64 {
    let count = a.len().max(1) as f64;
    let (mean_a, mean_b) = (a.iter().sum::<f64>() / count, b.iter().sum::<f64>() / count);
    let (mut ab, mut aa, mut bb) = (0.0, 0.0, 0.0);
    for (a, b) in a.iter().zip(b) {
        ab += (a - mean_a) * (b - mean_b);
        aa += (a - mean_a) * (a - mean_a);
        bb += (b - mean_b) * (b - mean_b);
    }
    if aa * bb > 0.0 { ab / (aa * bb).sqrt() } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand() {
        let figures = exposure(&[100, 50, 50, 10]);
        assert_eq!((figures.statements, figures.under_20, figures.median), (4, 0.25, 50.0));
        // Ranks 3, 1.5, 1.5, 0 against 0, 1, 2, 3: −4.5 / √(5 · 4.5).
        assert!((figures.age_correlation + 4.5 / 22.5f64.sqrt()).abs() < 1e-12);
        assert_eq!(exposure(&[7, 7]).age_correlation, 0.0);
        assert_eq!(exposure(&[]), Exposure::default());
    }

    #[test]
    fn what_nobody_responded_to_counts() {
        let figures = exposure(&[30, 30, 30, 0, 0]);
        assert_eq!((figures.statements, figures.under_20, figures.median), (5, 0.4, 30.0));
    }
}
