//! What everybody shares, what sets groups apart, and what a minority holds.

use super::LEAST_IN_GROUP;
use super::statistics::{adjusted, at_least, chance, share};
use crate::shape::{CommonGround, Difference, Dissent, Share, Side, Statement, Tally};

/// Of the differences listed, at most this share is expected to be there by chance.
const FALSE_DISCOVERY: f64 = 0.05;

/// A minority that is not a group is at least this share of those who responded, with certainty.
const MINORITY: f64 = 0.1;

const SIDES: [Side; 2] = [Side::Agree, Side::Disagree];

pub(super) struct Lists {
    pub common_ground: Vec<CommonGround>,
    pub differences: Vec<Difference>,
    pub dissent: Vec<Dissent>,
}

impl Lists {
    /// `sizes`: of the groups; without groups, everybody counts as one for common ground.
    pub(super) fn find(statements: &[Statement], sizes: &[u32], people: u32) -> Lists {
        let shown: Vec<&Statement> = statements.iter().filter(|s| !s.rejected && !s.meta).collect();
        Lists {
            common_ground: common_ground(&shown, sizes, people),
            differences: differences(&shown, sizes),
            dissent: dissent(&shown, sizes),
        }
    }
}

pub(super) fn sum(one: Tally, other: Tally) -> Tally {
    Tally {
        agree: one.agree + other.agree,
        disagree: one.disagree + other.disagree,
        pass: one.pass + other.pass,
        seen: one.seen + other.seen,
    }
}

fn of(tally: Tally, side: Side) -> Share {
    let count = match side {
        Side::Agree => tally.agree,
        Side::Disagree => tally.disagree,
    };
    share(count, tally.seen)
}

/// The members of all groups but one.
fn rest(statement: &Statement, group: usize) -> Tally {
    let others = statement.groups.iter().enumerate().filter(|&(other, _)| other != group);
    others.map(|(_, &tally)| tally).fold(Tally::default(), sum)
}

/// Statements where even in the group that agrees least more than half do, by the lower end of the interval; after
/// controlling for how many were looked at.
fn common_ground(statements: &[&Statement], sizes: &[u32], people: u32) -> Vec<CommonGround> {
    let mut found = Vec::new();
    for statement in statements {
        for side in SIDES {
            let all = of(statement.tally, side);
            let groups: Vec<Share> = statement.groups.iter().map(|&tally| of(tally, side)).collect();
            let enough =
                groups.iter().zip(sizes).all(|(share, &size)| share.seen >= LEAST_IN_GROUP.min(size))
                    && all.seen >= LEAST_IN_GROUP.min(people);
            if enough {
                let least = groups.iter().map(|share| share.low).fold(all.low, f64::min);
                let chance =
                    groups.iter().map(|share| more_than_half(*share)).fold(more_than_half(all), f64::max);
                let common = CommonGround { statement: statement.number, side, all, groups, least };
                found.push((chance, common));
            }
        }
    }
    let mut found = discovered(found);
    found.retain(|common| common.least > 0.5);
    found.sort_by(|a, b| b.least.total_cmp(&a.least).then(a.statement.cmp(&b.statement)));
    found
}

/// How likely so many are where just half of all would respond so.
fn more_than_half(share: Share) -> f64 {
    at_least(share.count, share.seen, 0.5)
}

/// The same where so few do.
fn less_than_half(share: Share) -> f64 {
    at_least(share.seen - share.count, share.seen, 0.5)
}

/// Those of which at most [`FALSE_DISCOVERY`] are expected to be there by chance, each with how likely it is by chance.
fn discovered<T>(found: Vec<(f64, T)>) -> Vec<T> {
    let chances: Vec<f64> = found.iter().map(|(chance, _)| *chance).collect();
    let adjusted = adjusted(&chances);
    let kept = found.into_iter().zip(adjusted).filter(|(_, adjusted)| *adjusted <= FALSE_DISCOVERY);
    kept.map(|((_, found), _)| found).collect()
}

/// Responses that a group gives more often than the rest, and those it gives less often where there are none of the
/// former to the same statement: a group may be apart because its people pass. Each direction is a test of its own.
fn differences(statements: &[&Statement], sizes: &[u32]) -> Vec<Difference> {
    let mut found = Vec::new();
    if sizes.len() < 2 {
        return found;
    }
    let people: u32 = sizes.iter().sum();
    for (group, &size) in sizes.iter().enumerate() {
        for statement in statements {
            let rest = rest(statement, group);
            // What one person of a group was asked says nothing about the group.
            let enough = statement.groups[group].seen >= LEAST_IN_GROUP.min(size)
                && rest.seen >= LEAST_IN_GROUP.min(people - size);
            if !enough {
                continue;
            }
            for side in SIDES {
                let (here, rest) = (of(statement.groups[group], side), of(rest, side));
                let effect = here.share - rest.share;
                let tested = |chance| Difference {
                    group: group as u32,
                    statement: statement.number,
                    side,
                    here,
                    rest,
                    effect,
                    chance,
                    false_discovery: 1.0,
                };
                found.extend([tested(chance(here, rest)), tested(chance(rest, here))]);
            }
        }
    }
    let chances: Vec<f64> = found.iter().map(|difference| difference.chance).collect();
    for (difference, adjusted) in found.iter_mut().zip(adjusted(&chances)) {
        difference.false_discovery = adjusted;
    }
    found.retain(|difference| difference.false_discovery <= FALSE_DISCOVERY);
    // Of one statement: what the group gives more often, the one that differs more for certain first.
    found.sort_by(|a, b| {
        (a.group, a.statement, a.effect < 0.0)
            .cmp(&(b.group, b.statement, b.effect < 0.0))
            .then(certain(b).total_cmp(&certain(a)))
            .then((a.side as u8).cmp(&(b.side as u8)))
    });
    found.dedup_by(|later, first| {
        (later.group, later.statement) == (first.group, first.statement) && later.effect < 0.0
    });
    found.sort_by(|a, b| {
        (a.group.cmp(&b.group))
            .then(certain(b).total_cmp(&certain(a)))
            .then((a.statement, a.side as u8).cmp(&(b.statement, b.side as u8)))
    });
    found
}

/// How large a difference is for certain: the end of its interval that is nearer to 0 (Newcombe 1998, method 10).
fn certain(difference: &Difference) -> f64 {
    let Difference { here, rest, effect, .. } = difference;
    let (near, far) = if *effect > 0.0 {
        (here.share - here.low, rest.high - rest.share)
    } else {
        (here.high - here.share, rest.share - rest.low)
    };
    effect.abs() - (near * near + far * far).sqrt()
}

/// What a group holds: more than half of it with certainty, and less than half of the other groups' members with
/// certainty; the firmest first. Then what a minority holds that is no group: at least [`MINORITY`] of all with certainty
/// say what no group holds, and more than half the opposite; the largest first. All of it after controlling for how
/// many were looked at.
fn dissent(statements: &[&Statement], sizes: &[u32]) -> Vec<Dissent> {
    let people: u32 = sizes.iter().sum();
    let mut found: Vec<(f64, (f64, Dissent))> = Vec::new();
    for statement in statements {
        let number = statement.number;
        for side in SIDES {
            for (group, &size) in sizes.iter().enumerate().filter(|(_, size)| 2 * **size < people) {
                let (here, against) = (of(statement.groups[group], side), of(rest(statement, group), side));
                if here.seen >= LEAST_IN_GROUP.min(size) {
                    let dissent =
                        Dissent { statement: number, group: Some(group as u32), side, here, against };
                    let chance = more_than_half(here).max(less_than_half(against));
                    found.push((chance, (here.low - against.high, dissent)));
                }
            }
            // What more than half of a group say, it holds; that is not what no group holds.
            if statement.groups.iter().any(|&tally| tally.seen > 0 && of(tally, side).share > 0.5) {
                continue;
            }
            let (here, against) = (of(statement.tally, side), of(statement.tally, side.opposite()));
            let dissent = Dissent { statement: number, group: None, side, here, against };
            let chance = at_least(here.count, here.seen, MINORITY).max(more_than_half(against));
            found.push((chance, (here.low, dissent)));
        }
    }
    let mut found = discovered(found);
    found.retain(|(_, Dissent { group, here, against, .. })| match group {
        Some(_) => here.low > 0.5 && against.high < 0.5,
        None => here.low >= MINORITY && here.high < 0.5 && against.low > 0.5,
    });
    found.sort_by(|a, b| {
        let key = |dissent: &Dissent| (dissent.statement, dissent.group, dissent.side as u8);
        (a.1.group.is_none().cmp(&b.1.group.is_none()))
            .then(b.0.total_cmp(&a.0))
            .then(key(&a.1).cmp(&key(&b.1)))
    });
    found.into_iter().map(|(_, dissent)| dissent).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What each group said to a statement: how many agree, disagree, pass.
    fn statement(number: u32, groups: &[[u32; 3]], between: [u32; 3]) -> Statement {
        let tally = |[agree, disagree, pass]: [u32; 3]| Tally {
            agree,
            disagree,
            pass,
            seen: agree + disagree + pass,
        };
        let groups: Vec<Tally> = groups.iter().copied().map(tally).collect();
        let tally = groups.iter().copied().fold(tally(between), sum);
        Statement { number, groups, tally, ..Statement::default() }
    }

    fn held(statements: &[Statement], sizes: &[u32]) -> Vec<(u32, Option<u32>, Side)> {
        let statements: Vec<&Statement> = statements.iter().collect();
        let found = dissent(&statements, sizes);
        found.iter().map(|dissent| (dissent.statement, dissent.group, dissent.side)).collect()
    }

    #[test]
    fn dissent_of_groups_and_across_them() {
        let statements = [
            // A third of both groups: in no group more than half.
            statement(1, &[[120, 60, 0], [90, 45, 0]], [0; 3]),
            // The smaller group, firmly; the other group rejects it.
            statement(2, &[[20, 160, 0], [100, 20, 0]], [0; 3]),
            // The same, held more firmly; it is not told a second time as a tenth of all.
            statement(3, &[[5, 175, 0], [118, 2, 0]], [0; 3]),
            // The larger group holds it, which is no minority; the smaller holds the opposite.
            statement(4, &[[170, 10, 0], [20, 100, 0]], [0; 3]),
            // 9 % of all: too few to be certain of a tenth.
            statement(5, &[[164, 16, 0], [109, 11, 0]], [0; 3]),
            // A third, while half of all pass: the opposite has no majority.
            statement(6, &[[60, 50, 70], [40, 30, 50]], [0; 3]),
        ];
        let (agree, disagree) = (Side::Agree, Side::Disagree);
        assert_eq!(
            held(&statements, &[180, 120]),
            [(3, Some(1), agree), (4, Some(1), disagree), (2, Some(1), agree), (1, None, disagree)]
        );
    }

    #[test]
    fn dissent_without_groups() {
        let statements = [
            statement(1, &[], [150, 50, 0]),
            statement(2, &[], [60, 140, 0]),
            statement(3, &[], [190, 10, 0]),
        ];
        assert_eq!(held(&statements, &[]), [(2, None, Side::Agree), (1, None, Side::Disagree)]);
    }
}
