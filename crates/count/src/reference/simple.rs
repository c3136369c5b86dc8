//! Motions, marks, points, places and consent, plainly.

use super::{Ballots, Plain, Q, UNKNOWN, q};
use crate::election::Form;
use crate::rules::consent::{Block, Consent, ObjectionFate};
use crate::rules::motion::{Base, Motion, QuorumOf, TieRule};
use crate::rules::simple::{Blank, BlockVote, Score};

pub(super) fn motion(rule: &Motion, ballots: &Ballots<'_>) -> Vec<usize> {
    let sum = |option: usize| -> u64 {
        ballots.votes.iter().filter(|v| v.marks.len() == 1 && v.marks[0].0 == option).map(|v| v.weight).sum()
    };
    let (yes, no, abstain) = (sum(0), sum(1), sum(2));
    let share = |n: u64, d: u64| Q::new(n.into(), d.into());
    if let Some(quorum) = &rule.quorum {
        let part = match quorum.of {
            QuorumOf::Turnout => yes + no + abstain,
            QuorumOf::Yes => yes,
        };
        if q(part) < share(quorum.share.numerator, quorum.share.denominator) * q(quorum.eligible) {
            return vec![];
        }
    }
    let half_of_both = rule.base == Base::YesAndNo && rule.share.numerator * 2 == rule.share.denominator;
    if half_of_both && yes == no {
        let chair = rule.tie == TieRule::ChairDecides(Some(true));
        return if chair && yes > 0 { vec![0] } else { vec![] };
    }
    let base = match rule.base {
        Base::YesAndNo => yes + no,
        Base::AllVotes => yes + no + abstain,
        Base::Present(n) | Base::Eligible(n) => n,
    };
    let needed = share(rule.share.numerator, rule.share.denominator) * q(base);
    let enough = if rule.strict { q(yes) > needed } else { q(yes) >= needed };
    if enough && yes > 0 { vec![0] } else { vec![] }
}

pub(super) fn consent(rule: &Consent) -> Vec<usize> {
    let mut people: Vec<u64> =
        rule.objections.iter().filter(|o| o.fate == ObjectionFate::Open).map(|o| o.participant).collect();
    people.sort_unstable();
    people.dedup();
    let open = people.len() as u64;
    let blocked = match rule.block {
        Block::People(k) => open >= k,
        Block::Share(s) => {
            open > 0
                && q(open) / q(rule.participants.max(1)) >= Q::new(s.numerator.into(), s.denominator.into())
        }
    };
    if blocked { vec![] } else { vec![0] }
}

/// The single option a vote puts first.
fn top(form: Form, vote: &Plain) -> Option<usize> {
    let best = match form {
        Form::Ranking => vote.marks.iter().map(|m| m.1).min()?,
        Form::Score => vote.marks.iter().map(|m| m.1).max().filter(|p| *p > 0)?,
        _ => 1,
    };
    let first: Vec<usize> = vote.marks.iter().filter(|m| m.1 == best).map(|m| m.0).collect();
    (first.len() == 1 && first[0] != UNKNOWN).then(|| first[0])
}

fn most(ballots: &Ballots<'_>, seats: usize, read: impl Fn(&Plain) -> Vec<usize>) -> Vec<usize> {
    let mut sums = vec![0u64; ballots.election.options.len()];
    for vote in &ballots.votes {
        for option in read(vote) {
            sums[option] += vote.weight;
        }
    }
    ballots.order(&ballots.standing, |o| sums[o]).into_iter().take(seats).collect()
}

pub(super) fn plurality(ballots: &Ballots<'_>) -> Vec<usize> {
    most(ballots, 1, |v| top(ballots.form, v).into_iter().collect())
}

pub(super) fn approval(ballots: &Ballots<'_>) -> Vec<usize> {
    most(ballots, 1, |v| ballots.supports(v))
}

pub(super) fn block(rule: &BlockVote, ballots: &Ballots<'_>) -> Vec<usize> {
    let allowed = rule.most_marks.unwrap_or(rule.seats) as usize;
    most(ballots, rule.seats as usize, |v| {
        if ballots.form == Form::Ranking {
            // An option named again further down counts where it stands first.
            let mut ranked: Vec<usize> = vec![];
            for option in v.ranks.iter().flat_map(|r| r.1.iter().copied()) {
                if option != UNKNOWN && !ranked.contains(&option) {
                    ranked.push(option);
                }
            }
            ranked.truncate(allowed);
            return ranked;
        }
        let marked = ballots.supports(v);
        if marked.len() > allowed { vec![] } else { marked }
    })
}

/// Sum of points and number of opinions.
fn points(ballots: &Ballots<'_>, option: usize) -> (Q, u64) {
    let (mut sum, mut opinions) = (q(0), 0);
    for vote in &ballots.votes {
        for mark in vote.marks.iter().filter(|m| m.0 == option) {
            sum += q(mark.1) * q(vote.weight);
            opinions += vote.weight;
        }
    }
    (sum, opinions)
}

pub(super) fn score(rule: &Score, ballots: &Ballots<'_>) -> Vec<usize> {
    let value = |o: usize| {
        let (sum, opinions) = points(ballots, o);
        match rule.blank {
            Blank::Zero => Some(sum),
            Blank::NoOpinion if opinions == 0 || opinions < rule.least_opinions => None,
            Blank::NoOpinion => Some(sum / q(opinions)),
        }
    };
    let able: Vec<usize> = ballots.standing.iter().copied().filter(|o| value(*o).is_some()).collect();
    ballots.order(&able, value).into_iter().take(1).collect()
}

pub(super) fn star(ballots: &Ballots<'_>) -> Vec<usize> {
    let level = |v: &Plain, o: usize| v.marks.iter().find(|m| m.0 == o).map_or(0, |m| m.1);
    let prefer = |a: usize, b: usize| -> u64 {
        ballots.votes.iter().filter(|v| level(v, a) > level(v, b)).map(|v| v.weight).sum()
    };
    let mut left = ballots.standing.clone();
    let mut finalists: Vec<usize> = vec![];
    while finalists.len() < 2 && !left.is_empty() {
        let best = left.iter().map(|o| points(ballots, *o).0).max().unwrap_or_else(|| q(0));
        let tied: Vec<usize> = left.iter().copied().filter(|o| points(ballots, *o).0 == best).collect();
        let wins = |a: usize| tied.iter().filter(|b| **b != a && prefer(a, **b) > prefer(**b, a)).count();
        let chosen = if tied.len() + finalists.len() <= 2 { tied[0] } else { ballots.order(&tied, wins)[0] };
        left.retain(|o| *o != chosen);
        finalists.push(chosen);
    }
    let [a, b] = finalists[..] else { return finalists };
    let key = |o: usize| {
        let other = if o == a { b } else { a };
        (prefer(o, other), points(ballots, o).0)
    };
    ballots.order(&[a, b], key).into_iter().take(1).collect()
}

/// Everyone gets the mean of the places they could take: the places below those who are clearly better.
pub(super) fn borda(ballots: &Ballots<'_>) -> Vec<usize> {
    let value = |option: usize| {
        let mut sum = q(0);
        for vote in &ballots.votes {
            let place =
                |o: usize| vote.marks.iter().filter(|m| m.0 == o).map(|m| m.1).min().unwrap_or(i32::MAX);
            let worse = ballots.standing.iter().filter(|o| place(**o) > place(option)).count();
            let equal = ballots.standing.iter().filter(|o| place(**o) == place(option)).count() - 1;
            sum += (q(worse) + q(equal) / q(2)) * q(vote.weight);
        }
        sum
    };
    ballots.order(&ballots.standing, value).into_iter().take(1).collect()
}
