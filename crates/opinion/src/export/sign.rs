//! Which number means agree. Polis stores −1 for agree; its exports flip it, or not, depending on their age.

use super::{AgreeIs, Statement, Vote};
use std::collections::HashMap;
use std::fmt;

/// The number that means agree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sign {
    /// 1 or −1.
    pub agree_is: i8,
    /// How that was found out, as a sentence.
    pub because: String,
    /// The data could not decide, and nobody said it.
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
    /// The share of observations that must agree with each other.
    pub clear: f64,
}

/// The share of observations that must agree with each other, where they are about agreeing itself.
pub(super) const CLEAR: f64 = 0.75;

impl Evidence {
    fn says(&self) -> Option<i8> {
        let total = self.plus + self.minus;
        if total < self.least.max(1) {
            return None;
        }
        let share = self.plus as f64 / total as f64;
        match share {
            share if share >= self.clear => Some(1),
            share if share <= 1.0 - self.clear => Some(-1),
            _ => None,
        }
    }
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({} for 1 as agree, {} for -1)", self.what, self.plus, self.minus)
    }
}

/// What was `given` decides, else the first evidence that is clear; otherwise `assumed` does, and says why.
pub(super) fn decide(given: Option<AgreeIs>, evidence: &[Evidence], assumed: i8, because: &str) -> Sign {
    let decided = evidence.iter().find_map(|evidence| Some((evidence.says()?, evidence)));
    let agree_is = given.map(AgreeIs::sign).or(decided.map(|(sign, _)| sign)).unwrap_or(assumed);
    let doubts = evidence
        .iter()
        .filter(|evidence| evidence.says().is_some_and(|sign| sign != agree_is))
        .map(|evidence| format!("Against this sign speaks {evidence}."))
        .collect();
    let (because, assumed) = match (given, decided) {
        (Some(_), _) => (GIVEN.to_owned(), false),
        (None, Some((_, evidence))) => (format!("Found from {evidence}."), false),
        (None, None) => (format!("Assumed: {because}, and the data cannot decide."), true),
    };
    Sign { agree_is, because, assumed, doubts }
}

/// How it was found out, where it was said.
pub(super) const GIVEN: &str = "Given with the command, not found in the data.";

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
    Evidence { what, plus: count(1), minus: count(-1), least: 8, clear: CLEAR }
}

/// The first response to a statement is mostly its author's, also where no file says who that is. Counted are people, by
/// what most of their first responses are: somebody who was early and disagrees with everything is one.
///
/// In ten public conversations at least 97 of 100 people are on the side of agreeing. Where statements have no authors
/// among the participants, few people are the first to respond to anything, and these are not of one mind.
pub(super) fn first_responses(votes: &[Vote], statements: &[Statement]) -> Evidence {
    // Time, participant, sign; the sign is 0 where two were first.
    let mut first: Vec<Option<(u64, u32, i8)>> = vec![None; statements.len()];
    for vote in votes.iter().filter(|vote| vote.time > 0) {
        let Some(first) = place(statements, vote.statement).and_then(|at| first.get_mut(at)) else {
            continue;
        };
        match first {
            Some((time, ..)) if *time < vote.time => {}
            Some((time, participant, sign)) if *time == vote.time => {
                if *participant != vote.participant {
                    *sign = 0;
                }
            }
            _ => *first = Some((vote.time, vote.participant, vote.sign)),
        }
    }
    let mut people: HashMap<u32, i64> = HashMap::new();
    for &(_, participant, sign) in first.iter().flatten() {
        *people.entry(participant).or_default() += i64::from(sign);
    }
    let count = |wanted: i64| people.values().filter(|sum| sum.signum() == wanted).count() as u64;
    let what = "who responded first to statements, mostly their authors";
    Evidence { what, plus: count(1), minus: count(-1), least: 8, clear: 0.9 }
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
    Evidence { what, plus, minus, least: 2, clear: CLEAR }
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
        let evidence = |what, plus, minus| Evidence { what, plus, minus, least: 5, clear: CLEAR };
        let sign = decide(None, &[evidence("a", 3, 1), evidence("b", 10, 40), evidence("c", 9, 0)], 1, "why");
        assert_eq!((sign.agree_is, sign.assumed), (-1, false));
        assert_eq!(sign.because, "Found from b (10 for 1 as agree, 40 for -1).");
        assert_eq!(sign.doubts, ["Against this sign speaks c (9 for 1 as agree, 0 for -1)."]);
        let sign = decide(Some(AgreeIs::One), &[evidence("b", 10, 40)], 1, "why");
        assert_eq!((sign.agree_is, sign.assumed, sign.because.as_str()), (1, false, GIVEN));
        assert_eq!(sign.doubts, ["Against this sign speaks b (10 for 1 as agree, 40 for -1)."]);
        let sign = decide(None, &[evidence("a", 3, 4)], -1, "this dialect stores it so");
        assert_eq!((sign.agree_is, sign.assumed), (-1, true));
        assert_eq!(sign.because, "Assumed: this dialect stores it so, and the data cannot decide.");
    }

    #[test]
    fn those_who_respond_first_are_counted_once_each() {
        let statements = crate::export::tables::bare_statements(0..40);
        let vote = |time, participant, statement, sign| Vote { time, participant, statement, sign };
        let mut votes: Vec<Vote> = (0..10).map(|at| vote(5, at, at, -1)).collect();
        // One person was first with all others and the other side; later responses do not count.
        votes.extend((10..39).map(|at| vote(7, 77, at, 1)));
        votes.extend((0..39).flat_map(|at| (20..30).map(move |who| vote(8, who, at, 1))));
        // Two were first with the last.
        votes.extend([vote(3, 90, 39, 1), vote(3, 91, 39, 1)]);
        let found = first_responses(&votes, &statements);
        assert_eq!((found.plus, found.minus, found.says()), (1, 10, Some(-1)));
        votes.iter_mut().for_each(|vote| vote.time = 0);
        assert_eq!(first_responses(&votes, &statements).says(), None);
    }
}
