//! Why there are as many groups as there are, in words.

use super::{at_least, per_cent};
use crate::evaluate::LEAST_RESPONSES;
use crate::map::{ERRORS, MOSTLY, STABLE, WORTH, large_enough};
use crate::shape::{Choice, Findings, Map, Method};

/// The numbers of groups that could be tried, each with what the first division gained, if one held before.
pub fn tried(findings: &Findings) -> Vec<(&Choice, Option<f64>)> {
    let first =
        |at: usize| findings.choice.iter().take(at).find(|choice| choice.holds).map(|choice| choice.gain);
    let all = findings.choice.iter().enumerate().map(|(at, choice)| (choice, first(at)));
    all.filter(|(choice, _)| choice.stability.is_finite()).collect()
}

/// The first of the rules that a number of groups fails, as words that go on after a colon; nothing where it holds.
/// `first`: what the first division gained.
pub fn fails(choice: &Choice, first: Option<f64>) -> Option<String> {
    if choice.holds {
        return None;
    }
    Some(if choice.gain <= 0.0 {
        "it predicts no better than fewer groups".into()
    } else if choice.gain <= ERRORS * choice.error {
        let errors = if choice.error > 0.0 { choice.gain / choice.error } else { 0.0 };
        let tenths = (errors * 10.0).floor() / 10.0;
        format!("better, but by {tenths:.1} standard errors and not by {ERRORS}")
    } else if let Some(first) = first.filter(|first| choice.gain < WORTH * first) {
        let part = at_least(choice.gain / first);
        format!("better, but by {part} % of what the first division was, and not by {} %", per_cent(WORTH))
    } else if choice.stability < STABLE {
        format!("better, but found again by {} and not by {STABLE}", cut(choice.stability))
    } else if !large_enough(choice.smallest as usize, choice.people as usize) {
        "better and found again, but the smallest group is too small".into()
    } else {
        format!("better and found again, but less than {} % clearly belong to a group", per_cent(MOSTLY))
    })
}

/// Of a map without groups: which number of groups was nearest to be shown, and what it fails.
pub fn nearest(findings: &Findings) -> Option<(u32, String)> {
    // Those that predict better by the most errors were nearest.
    let errors = |choice: &Choice| if choice.error > 0.0 { choice.gain / choice.error } else { 0.0 };
    let (choice, first) = tried(findings).into_iter().max_by(|a, b| errors(a.0).total_cmp(&errors(b.0)))?;
    Some((choice.groups, fails(choice, first)?))
}

/// Two decimals, cut down: what has to reach 0.85 does not look as if it did when it does not.
pub fn cut(value: f64) -> String {
    format!("{:.2}", (value * 100.0).floor() / 100.0)
}

/// Who is in no group of a map that has some.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outside {
    /// They stand between groups.
    pub between: usize,
    /// They responded to too little to tell.
    pub untold: usize,
}

impl Outside {
    /// By our own method, whoever responded to enough and belongs to no group clearly is between them; the classic one
    /// leaves out only those who responded to too little.
    pub fn of(map: &Map) -> Self {
        let outside = || map.participants.iter().filter(|person| person.group.is_none());
        let told = |responses: u32| responses as usize >= LEAST_RESPONSES && map.method == Method::Map;
        let between = outside().filter(|person| told(person.responses)).count();
        Self { between, untold: outside().count() - between }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_number_of_groups_that_does_not_hold_the_first_reason_is_told() {
        let good = Choice {
            groups: 3,
            gain: 0.05,
            error: 0.01,
            stability: 0.9,
            clear: 0.8,
            people: 1_000,
            smallest: 20,
            holds: false,
        };
        let why = |choice: Choice| fails(&choice, Some(0.08)).unwrap_or_else(|| "holds".into());
        assert_eq!(why(Choice { holds: true, ..good }), "holds");
        assert_eq!(why(Choice { gain: -0.01, ..good }), "it predicts no better than fewer groups");
        assert_eq!(why(Choice { error: 0.02, ..good }), "better, but by 2.5 standard errors and not by 4.5");
        assert_eq!(
            why(Choice { gain: 0.03, error: 0.001, stability: 0.1, ..good }),
            "better, but by 37 % of what the first division was, and not by 48 %"
        );
        assert_eq!(
            why(Choice { stability: 0.849, smallest: 1, ..good }),
            "better, but found again by 0.84 and not by 0.85"
        );
        assert_eq!(
            why(Choice { smallest: 19, ..good }),
            "better and found again, but the smallest group is too small"
        );
        assert!(why(Choice { clear: 0.4, ..good }).ends_with("less than 50 % clearly belong to a group"));
    }
}
