//! What everybody shares, what sets groups apart, and what a minority holds.

use super::LEAST_IN_GROUP;
use super::statistics::{adjusted, chance, share};
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
        let differences = differences(&shown, sizes.len());
        Lists {
            common_ground: common_ground(&shown, sizes, people),
            dissent: dissent(&shown, sizes.len()),
            differences,
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

/// Statements where even in the group that agrees least more than half do, by the lower end of the interval.
fn common_ground(statements: &[&Statement], sizes: &[u32], people: u32) -> Vec<CommonGround> {
    let mut found = Vec::new();
    for statement in statements {
        for side in SIDES {
            let all = of(statement.tally, side);
            let groups: Vec<Share> = statement.groups.iter().map(|&tally| of(tally, side)).collect();
            let enough =
                groups.iter().zip(sizes).all(|(share, &size)| share.seen >= LEAST_IN_GROUP.min(size))
                    && all.seen >= LEAST_IN_GROUP.min(people);
            let least = groups.iter().map(|share| share.low).fold(all.low, f64::min);
            if enough && least > 0.5 {
                found.push(CommonGround { statement: statement.number, side, all, groups, least });
            }
        }
    }
    found.sort_by(|a, b| b.least.total_cmp(&a.least).then(a.statement.cmp(&b.statement)));
    found
}

/// Responses that a group gives more often than the rest, and those it gives less often where there are none of the
/// former to the same statement: a group may be apart because its people pass. Each direction is a test of its own.
fn differences(statements: &[&Statement], groups: usize) -> Vec<Difference> {
    let mut found = Vec::new();
    if groups < 2 {
        return found;
    }
    for group in 0..groups {
        for statement in statements {
            let rest = rest(statement, group);
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
    // Of one statement: what the group gives more often, the stronger first.
    found.sort_by(|a, b| {
        (a.group, a.statement, a.effect < 0.0)
            .cmp(&(b.group, b.statement, b.effect < 0.0))
            .then(b.effect.abs().total_cmp(&a.effect.abs()))
            .then((a.side as u8).cmp(&(b.side as u8)))
    });
    found.dedup_by(|later, first| {
        (later.group, later.statement) == (first.group, first.statement) && later.effect < 0.0
    });
    found.sort_by(|a, b| {
        (a.group.cmp(&b.group))
            .then(b.effect.abs().total_cmp(&a.effect.abs()))
            .then((a.statement, a.side as u8).cmp(&(b.statement, b.side as u8)))
    });
    found
}

/// What a group holds: more than half of it with certainty, and less than half of the other groups' members with
/// certainty; the firmest first. Then what a minority holds that is no group: at least [`MINORITY`] of all with certainty
/// say what no group holds, and more than half the opposite; the largest first.
fn dissent(statements: &[&Statement], groups: usize) -> Vec<Dissent> {
    let mut found: Vec<(f64, Dissent)> = Vec::new();
    for statement in statements {
        let number = statement.number;
        for side in SIDES {
            let members: u32 = statement.groups.iter().map(|tally| tally.seen).sum();
            let mut held = false;
            for group in 0..groups {
                let (here, against) = (of(statement.groups[group], side), of(rest(statement, group), side));
                let minority = 2 * here.seen < members;
                if minority && here.seen >= LEAST_IN_GROUP && here.low > 0.5 && against.high < 0.5 {
                    held = true;
                    let dissent =
                        Dissent { statement: number, group: Some(group as u32), side, here, against };
                    found.push((here.low - against.high, dissent));
                }
            }
            let (here, against) = (of(statement.tally, side), of(statement.tally, side.opposite()));
            if !held && here.low >= MINORITY && here.high < 0.5 && against.low > 0.5 {
                found.push((here.low, Dissent { statement: number, group: None, side, here, against }));
            }
        }
    }
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

    fn held(statements: &[Statement], groups: usize) -> Vec<(u32, Option<u32>, Side)> {
        let statements: Vec<&Statement> = statements.iter().collect();
        let found = dissent(&statements, groups);
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
            // The larger group holds it: no minority.
            statement(4, &[[170, 10, 0], [20, 100, 0]], [0; 3]),
            // 9 % of all: too few to be certain of a tenth.
            statement(5, &[[164, 16, 0], [109, 11, 0]], [0; 3]),
            // A third, while half of all pass: the opposite has no majority.
            statement(6, &[[60, 50, 70], [40, 30, 50]], [0; 3]),
        ];
        let (agree, disagree) = (Side::Agree, Side::Disagree);
        assert_eq!(
            held(&statements, 2),
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
        assert_eq!(held(&statements, 0), [(2, None, Side::Agree), (1, None, Side::Disagree)]);
    }
}
