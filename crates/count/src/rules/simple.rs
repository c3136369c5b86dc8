//! Rules that add up once: plurality, approval, block vote, score.

use super::{Case, among, approved, first, tallies, top};
use crate::election::Form;
use crate::lot::Lot;
use crate::number::Number;
use crate::outcome::{Counted, Idle, Refusal, Round, Status};
use crate::sentence::{Sentence, say};
use serde::{Deserialize, Serialize};

/// Every vote counts for the one option it marks, or ranks or rates first. Most votes win.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plurality {}

/// Every vote counts for every option it marks. Most votes win.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Approval {}

/// As approval, for several seats; a vote with more marks than allowed does not count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BlockVote {
    /// How many are elected.
    pub seats: u32,
    /// How many options one vote may mark; none: as many as seats.
    pub most_marks: Option<u32>,
}

/// Points are added; the highest sum or mean wins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Score {
    /// What an option without a mark gets.
    pub blank: Blank,
    /// With means: an option needs at least this many opinions to win.
    pub least_opinions: u64,
}

/// What no mark means in a score vote.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Blank {
    /// Zero points: sums are compared.
    Zero,
    /// No opinion: means over those who gave points are compared.
    NoOpinion,
}

/// Sums per option and the votes that count for nobody.
pub(crate) fn marks(
    case: &Case<'_>,
    read: impl Fn(crate::election::Vote<'_>) -> Vec<usize>,
) -> (Vec<u64>, u64) {
    let (mut sums, mut blank) = (vec![0u64; case.options()], 0);
    for vote in case.votes.iter() {
        let supported = read(vote);
        let counts = supported.iter().any(|option| !case.election.options[*option].withdrawn);
        blank += if counts { 0 } else { vote.weight };
        for option in supported {
            sums[option] += vote.weight;
        }
    }
    (sums, blank)
}

/// One round of sums, the best `seats` elected.
fn best_of(case: &Case<'_>, seats: usize, sums: &[u64], blank: u64) -> Counted {
    let standing = case.standing();
    let (winners, ties) = top(&standing, seats, case.lot, |o| sums[o]);
    let mut round = Round::new(say!("round.votes"), tallies(&standing, |o| sums[o].into()));
    let won = among(case.options(), &winners);
    for tally in &mut round.tallies {
        tally.status = if won[tally.option] { Status::Elected } else { Status::Eliminated };
    }
    round.elected.clone_from(&winners);
    if blank > 0 {
        round.idle.push((Idle::Blank, blank.into()));
    }
    let mut explanation = vec![];
    for &winner in &winners {
        explanation.push(say!("sums.elected", option = &[winner][..], votes = sums[winner]));
    }
    let next = standing.iter().copied().filter(|o| !won[*o]).max_by_key(|o| sums[*o]);
    if let (Some(next), Some(&last)) = (next, winners.last()) {
        let behind: Vec<usize> =
            standing.iter().copied().filter(|o| !won[*o] && sums[*o] == sums[next]).collect();
        let gap = sums[last] - sums[next];
        explanation.push(say!("sums.next", option = &behind, votes = sums[next], gap = gap));
    }
    if blank > 0 {
        explanation.push(say!("sums.blank", votes = blank));
    }
    Counted { winners, ties, rounds: vec![round], explanation, ..Counted::default() }
}

impl Plurality {
    pub(crate) fn count(&self, case: &Case<'_>) -> Result<Counted, Refusal> {
        case.seats(1)?;
        let form = case.votes.form();
        case.needs(&[Form::ChooseOne, Form::Approval, Form::Ranking, Form::Score], "votes for options")?;
        let (sums, blank) = marks(case, |v| first(form, v).into_iter().collect());
        Ok(best_of(case, 1, &sums, blank))
    }
}

impl Approval {
    pub(crate) fn count(&self, case: &Case<'_>) -> Result<Counted, Refusal> {
        case.seats(1)?;
        let form = case.votes.form();
        case.needs(&[Form::ChooseOne, Form::Approval, Form::Ranking, Form::Score], "votes for options")?;
        let (sums, blank) = marks(case, |v| approved(form, v));
        Ok(best_of(case, 1, &sums, blank))
    }
}

impl BlockVote {
    /// The options a vote counts for under this rule.
    pub(crate) fn read(&self, form: Form, vote: crate::election::Vote<'_>) -> Vec<usize> {
        let most = self.most_marks.unwrap_or(self.seats) as usize;
        let marked: Vec<usize> = approved(form, vote);
        match form {
            // A ranking gives its first places, so that ranked votes can be counted as a block vote at all.
            Form::Ranking => marked.into_iter().take(most).collect(),
            _ if marked.len() > most => vec![],
            _ => marked,
        }
    }

    pub(crate) fn count(&self, case: &Case<'_>) -> Result<Counted, Refusal> {
        let seats = case.seats(self.seats)?;
        let form = case.votes.form();
        case.needs(&[Form::ChooseOne, Form::Approval, Form::Ranking, Form::Score], "votes for options")?;
        let (sums, blank) = marks(case, |v| self.read(form, v));
        Ok(best_of(case, seats, &sums, blank))
    }
}

/// Sum of points and number of opinions per option.
pub(crate) fn points(case: &Case<'_>) -> Vec<(i128, u64)> {
    let mut sums = vec![(0i128, 0u64); case.options()];
    for vote in case.votes.iter() {
        for (option, level) in vote.options.iter().zip(vote.levels) {
            if let Some(sum) = sums.get_mut(*option as usize) {
                sum.0 += i128::from(*level) * i128::from(vote.weight);
                sum.1 += vote.weight;
            }
        }
    }
    sums
}

/// Who comes next, said.
pub(crate) fn next_by_points(
    rest: &[usize],
    lot: &Lot,
    points: impl Fn(usize) -> Number,
) -> Option<Sentence> {
    let next = rest
        .iter()
        .copied()
        .max_by(|a, b| points(*a).cmp(&points(*b)).then(lot.place(*b).cmp(&lot.place(*a))))?;
    Some(say!("score.next", option = &[next][..], points = points(next)))
}

impl Score {
    /// The number that is compared: a sum, or a mean. Options with too few opinions have none.
    pub(crate) fn value(&self, (sum, opinions): (i128, u64), decimals: u32) -> Option<Number> {
        match self.blank {
            Blank::Zero => Some(Number::decimal(sum, decimals)),
            Blank::NoOpinion if opinions == 0 || opinions < self.least_opinions => None,
            Blank::NoOpinion => {
                let scale = num_bigint::BigInt::from(10).pow(decimals);
                Some(Number::ratio(sum, scale * opinions))
            }
        }
    }

    pub(crate) fn count(&self, case: &Case<'_>) -> Result<Counted, Refusal> {
        case.seats(1)?;
        case.needs(&[Form::ChooseOne, Form::Approval, Form::Score], "points for options")?;
        let sums = points(case);
        let value: Vec<Option<Number>> =
            sums.iter().map(|s| self.value(*s, case.election.score_decimals)).collect();
        let able: Vec<usize> = case.standing().into_iter().filter(|o| value[*o].is_some()).collect();
        if able.is_empty() {
            return Err(Refusal::new(
                "No option has the number of opinions the rule asks for, so there is no winner. Lower that number or ask more people.",
            ));
        }
        let (winners, ties) = top(&able, 1, case.lot, |o| value[o].clone());
        let zero = Number::zero();
        let mut round = Round::new(
            if self.blank == Blank::Zero { say!("round.points") } else { say!("round.means") },
            tallies(&able, |o| value[o].clone().unwrap_or_else(|| zero.clone())),
        );
        for tally in &mut round.tallies {
            tally.status = if winners.contains(&tally.option) { Status::Elected } else { Status::Eliminated };
        }
        round.elected.clone_from(&winners);
        let mut explanation = vec![];
        for &winner in &winners {
            let points = value[winner].clone().unwrap_or_else(Number::zero);
            explanation.push(match self.blank {
                Blank::Zero => say!("score.sum", option = &[winner][..], points = points),
                Blank::NoOpinion => {
                    say!("score.mean", option = &[winner][..], points = points, people = sums[winner].1)
                }
            });
        }
        let rest: Vec<usize> = able.iter().copied().filter(|o| !winners.contains(o)).collect();
        explanation
            .extend(next_by_points(&rest, case.lot, |o| value[o].clone().unwrap_or_else(Number::zero)));
        let out: Vec<usize> = case.standing().into_iter().filter(|o| value[*o].is_none()).collect();
        if !out.is_empty() {
            explanation.push(say!("score.too_few", option = &out, least = self.least_opinions));
        }
        Ok(Counted { winners, ties, rounds: vec![round], explanation, ..Counted::default() })
    }
}
