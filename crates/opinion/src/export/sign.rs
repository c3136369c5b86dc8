//! Which number means agree. Polis stores −1 for agree; its exports flip it, or not, depending on their age.

use super::{Statement, Vote};
use std::fmt;

/// The number that means agree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sign {
    /// 1 or −1.
    pub agree_is: i8,
    /// How that was found out, as a sentence.
    pub because: String,
    /// The data could not decide.
    pub assumed: bool,
    /// What speaks against it, as sentences.
    pub doubts: Vec<String>,
}

/// One thing that speaks for +1 or for −1 as agree: how many times for each.
pub(super) struct Evidence {
    pub what: &'static str,
    pub plus: u64,
    pub minus: u64,
    /// Fewer observations than this decide nothing.
    pub least: u64,
}

/// The share of observations that must agree with each other.
const CLEAR: f64 = 0.75;

impl Evidence {
    fn says(&self) -> Option<i8> {
        let total = self.plus + self.minus;
        if total < self.least.max(1) {
            return None;
        }
        let share = self.plus as f64 / total as f64;
        match share {
            share if share >= CLEAR => Some(1),
            share if share <= 1.0 - CLEAR => Some(-1),
            _ => None,
        }
    }
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({} for 1 as agree, {} for -1)", self.what, self.plus, self.minus)
    }
}

/// The first evidence that is clear decides; otherwise `assumed` does, and says why.
pub(super) fn decide(evidence: &[Evidence], assumed: i8, because: &str) -> Sign {
    let decided = evidence.iter().find_map(|evidence| Some((evidence.says()?, evidence)));
    let agree_is = decided.map_or(assumed, |(sign, _)| sign);
    let doubts = evidence
        .iter()
        .filter(|evidence| evidence.says().is_some_and(|sign| sign != agree_is))
        .map(|evidence| format!("Against the sign that was found: {evidence}."))
        .collect();
    let (because, assumed) = match decided {
        Some((_, evidence)) => (format!("Found from {evidence}."), false),
        None => (format!("Assumed: {because}, and the data cannot decide."), true),
    };
    Sign { agree_is, because, assumed, doubts }
}

/// Authors mostly agree with what they write: their first response to their own statement.
pub(super) fn authors(votes: &[Vote], statements: &[Statement]) -> Evidence {
    let mut first: Vec<Option<(u64, i8)>> = vec![None; statements.len()];
    for vote in votes {
        if let Some(at) = place(statements, vote.statement)
            && statements[at].author == Some(vote.participant)
            && first[at].is_none_or(|(time, _)| vote.time < time)
        {
            first[at] = Some((vote.time, vote.sign));
        }
    }
    let count = |wanted: i8| first.iter().flatten().filter(|(_, sign)| *sign == wanted).count() as u64;
    let what = "authors' responses to their own statements";
    Evidence { what, plus: count(1), minus: count(-1), least: 8 }
}

/// Statements whose numbers of agreeing and disagreeing responses are known from another file, as
/// (statement, agree, disagree), compared with the numbers of 1 and −1 among `votes`.
pub(super) fn counts(
    what: &'static str,
    votes: &[Vote],
    statements: &[Statement],
    known: &[(u32, u64, u64)],
) -> Evidence {
    let mut found = vec![(0u64, 0u64); statements.len()];
    for vote in votes {
        if let Some(at) = place(statements, vote.statement) {
            found[at].0 += u64::from(vote.sign == 1);
            found[at].1 += u64::from(vote.sign == -1);
        }
    }
    let matching = |wanted: fn(u64, u64) -> (u64, u64)| {
        let equal = |&&(statement, agree, disagree): &&(u32, u64, u64)| {
            agree != disagree
                && place(statements, statement).is_some_and(|at| found[at] == wanted(agree, disagree))
        };
        known.iter().filter(equal).count() as u64
    };
    let plus = matching(|agree, disagree| (agree, disagree));
    let minus = matching(|agree, disagree| (disagree, agree));
    Evidence { what, plus, minus, least: 2 }
}

/// Where a statement stands in a list sorted by number.
pub(super) fn place(statements: &[Statement], number: u32) -> Option<usize> {
    // Numbers mostly have no gaps.
    match statements.get(number as usize) {
        Some(statement) if statement.number == number => Some(number as usize),
        _ => statements.binary_search_by_key(&number, |statement| statement.number).ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_clear_evidence_decides_and_others_are_doubts() {
        let evidence = |what, plus, minus| Evidence { what, plus, minus, least: 5 };
        let sign = decide(&[evidence("a", 3, 1), evidence("b", 10, 40), evidence("c", 9, 0)], 1, "why");
        assert_eq!((sign.agree_is, sign.assumed), (-1, false));
        assert_eq!(sign.because, "Found from b (10 for 1 as agree, 40 for -1).");
        assert_eq!(sign.doubts, ["Against the sign that was found: c (9 for 1 as agree, 0 for -1)."]);
        let sign = decide(&[evidence("a", 3, 4)], -1, "this dialect stores it so");
        assert_eq!((sign.agree_is, sign.assumed), (-1, true));
        assert_eq!(sign.because, "Assumed: this dialect stores it so, and the data cannot decide.");
    }
}
