//! Which statements to show: typical of a group (§1.8), and shared by all (§1.9).

use super::statistics::{SIGNIFICANT, ratio_test, share, share_test};
use super::tallies::Tallies;
use crate::responses::Responses;
use crate::shape::{CommonStatement, Consensus, Representative, Side, Tally};

/// The longest a list gets.
const LONGEST: usize = 5;

/// What sets one group apart from the members of the other groups, in the order to show it.
pub(super) fn representative(
    responses: &Responses,
    left_out: &[bool],
    tallies: &Tallies,
    group: usize,
) -> Vec<Representative> {
    let mut best: Option<Compared> = None;
    let mut best_agree: Option<Compared> = None;
    let mut sufficient = Vec::new();
    for (column, &statement) in responses.statements.iter().enumerate() {
        if left_out[column] {
            continue;
        }
        let compared = Compared::new(statement, tallies, group, column);
        if compared.is_sufficient() {
            sufficient.push(compared);
        } else if sufficient.is_empty()
            && best.is_none_or(|best| compared.highest_test() > best.chosen().ratio_test)
        {
            best = Some(compared);
        }
        if compared.beats_as_agreed(best_agree.as_ref()) {
            best_agree = Some(compared);
        }
    }
    if sufficient.is_empty() {
        return match (best_agree, best) {
            (Some(agreed), _) => vec![agreed.as_best_agree()],
            (None, best) => best.iter().map(Compared::finalized).collect(),
        };
    }
    let mut rest: Vec<Representative> = sufficient
        .iter()
        .filter(|compared| best_agree.is_none_or(|agreed| agreed.statement != compared.statement))
        .map(Compared::finalized)
        .collect();
    // Stable: among equals the lower number stays first.
    rest.sort_by(|a, b| metric(b).total_cmp(&metric(a)));
    let mut list: Vec<Representative> =
        best_agree.iter().map(Compared::as_best_agree).chain(rest).take(LONGEST).collect();
    list.sort_by_key(|representative| representative.side != Side::Agree);
    list
}

fn metric(of: &Representative) -> f64 {
    of.ratio * of.ratio_test * of.share * of.share_test
}

/// A side of a statement within a group.
#[derive(Clone, Copy)]
struct Chosen {
    share: f64,
    share_test: f64,
    ratio: f64,
    ratio_test: f64,
}

impl Chosen {
    fn new(here: (u32, u32), there: (u32, u32)) -> Chosen {
        let share_here = share(here.0, here.1);
        Chosen {
            share: share_here,
            share_test: share_test(here.0, here.1),
            ratio: share_here / share(there.0, there.1),
            ratio_test: ratio_test(here, there),
        }
    }

    fn is_significant(&self) -> bool {
        self.ratio_test > SIGNIFICANT && self.share_test > SIGNIFICANT
    }
}

/// A statement in one group, compared with the members of all other groups.
#[derive(Clone, Copy)]
struct Compared {
    statement: u32,
    tally: Tally,
    agree: Chosen,
    disagree: Chosen,
}

impl Compared {
    fn new(statement: u32, tallies: &Tallies, group: usize, column: usize) -> Compared {
        let here = tallies.get(group, column);
        let mut there = Tally::default();
        for other in (0..tallies.groups()).filter(|&other| other != group) {
            let tally = tallies.get(other, column);
            there.agree += tally.agree;
            there.disagree += tally.disagree;
            there.seen += tally.seen;
        }
        Compared {
            statement,
            tally: here,
            agree: Chosen::new((here.agree, here.seen), (there.agree, there.seen)),
            disagree: Chosen::new((here.disagree, here.seen), (there.disagree, there.seen)),
        }
    }

    fn is_sufficient(&self) -> bool {
        self.agree.is_significant() || self.disagree.is_significant()
    }

    fn highest_test(&self) -> f64 {
        self.agree.ratio_test.max(self.disagree.ratio_test)
    }

    fn side(&self) -> Side {
        if self.agree.ratio_test > self.disagree.ratio_test { Side::Agree } else { Side::Disagree }
    }

    fn chosen(&self) -> &Chosen {
        match self.side() {
            Side::Agree => &self.agree,
            Side::Disagree => &self.disagree,
        }
    }

    /// Polis' `beats-best-agr?`.
    fn beats_as_agreed(&self, best: Option<&Compared>) -> bool {
        if self.tally.agree == 0 && self.tally.disagree == 0 {
            return false;
        }
        let by_share = |of: &Chosen| of.share * of.share_test;
        let by_all = |of: &Chosen| of.ratio * of.ratio_test * of.share * of.share_test;
        match best {
            Some(best) if best.agree.ratio > 1.0 => by_all(&self.agree) > by_all(&best.agree),
            Some(best) => by_share(&self.agree) > by_share(&best.agree),
            None => self.agree.share_test > SIGNIFICANT || (self.agree.ratio > 1.0 && self.agree.share > 0.5),
        }
    }

    fn finalized(&self) -> Representative {
        let side = self.side();
        let chosen = self.chosen();
        Representative {
            statement: self.statement,
            side,
            count: if side == Side::Agree { self.tally.agree } else { self.tally.disagree },
            seen: self.tally.seen,
            share: chosen.share,
            share_test: chosen.share_test,
            ratio: chosen.ratio,
            ratio_test: chosen.ratio_test,
            best_agree: false,
            agree: None,
        }
    }

    /// Its side can still be disagree: a known fault of the original, kept.
    fn as_best_agree(&self) -> Representative {
        Representative { best_agree: true, agree: Some(self.tally.agree), ..self.finalized() }
    }
}

/// What all participants, grouped or not, agree or disagree on.
pub(super) fn consensus(responses: &Responses, left_out: &[bool], tallies: &[Tally]) -> Consensus {
    let list = |count: fn(&Tally) -> u32| {
        let mut list: Vec<CommonStatement> = (responses.statements.iter().zip(tallies).zip(left_out))
            .filter(|&(_, &left_out)| !left_out)
            .map(|((&statement, tally), _)| {
                let (count, seen) = (count(tally), tally.seen);
                CommonStatement {
                    statement,
                    count,
                    seen,
                    share: share(count, seen),
                    share_test: share_test(count, seen),
                }
            })
            .filter(|common| common.share > 0.5 && common.share_test > SIGNIFICANT)
            .collect();
        list.sort_by(|a, b| (b.share * b.share_test).total_cmp(&(a.share * a.share_test)));
        list.truncate(LONGEST);
        list
    };
    Consensus { agree: list(|tally| tally.agree), disagree: list(|tally| tally.disagree) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Flags, ResponsesBuilder, Value, classic};

    /// Two groups of `size`; each line is a statement: how many of either group agree and disagree.
    fn lists(size: u32, statements: &[[u32; 4]]) -> Vec<Vec<Representative>> {
        let mut builder = ResponsesBuilder::new();
        for (statement, counts) in (0..).zip(statements) {
            for group in 0..2 {
                let [agree, disagree] = [counts[group * 2], counts[group * 2 + 1]];
                for member in 0..size {
                    let value = match member {
                        member if member < agree => Value::Agree,
                        member if member < agree + disagree => Value::Disagree,
                        _ => Value::Pass,
                    };
                    builder.respond(group as u32 * size + member, statement, value);
                }
            }
        }
        let responses = builder.build();
        let groups: Vec<Option<u32>> =
            responses.participants().iter().map(|participant| Some(participant / size)).collect();
        let map = classic::map_with_groups(&responses, &Flags::new(), &groups);
        map.groups.into_iter().map(|group| group.representative).collect()
    }

    fn statements(list: &[Representative]) -> Vec<(u32, Side)> {
        list.iter().map(|representative| (representative.statement, representative.side)).collect()
    }

    #[test]
    fn agreed_come_first_then_by_metric_at_most_five() {
        let all = [
            [10, 0, 0, 10],
            [0, 10, 10, 0],
            [9, 1, 0, 10],
            [0, 9, 9, 0],
            [8, 1, 1, 8],
            [1, 8, 8, 1],
            [10, 0, 10, 0],
        ];
        let lists = lists(10, &all);
        use Side::{Agree, Disagree};
        assert_eq!(statements(&lists[0]), [(0, Agree), (2, Agree), (4, Agree), (1, Disagree), (3, Disagree)]);
        assert!(lists[0][0].best_agree && lists[0][0].agree == Some(10));
        assert_eq!(lists[0].iter().filter(|entry| entry.best_agree).count(), 1);
        // 11/12 of ten against 1/12 of ten.
        assert!((lists[0][0].ratio - 11.0).abs() < 1e-12);
        assert!((lists[0][0].share_test - 2.0 * 11f64.sqrt() * 0.5).abs() < 1e-12);
    }

    #[test]
    fn without_a_sufficient_one_the_best_agreed_or_the_best_at_all() {
        // Everybody agrees: nothing sets groups apart, but it is agreed.
        let agreed = lists(6, &[[6, 0, 6, 0]]);
        assert_eq!(statements(&agreed[0]), [(0, Side::Disagree)], "its side can be disagree: a kept fault");
        assert!(agreed[0][0].best_agree);
        // Nobody agrees much anywhere: the one with the highest test.
        let best = lists(6, &[[1, 2, 1, 2], [0, 3, 0, 2]]);
        assert_eq!(statements(&best[0]), [(1, Side::Disagree)]);
        assert!(!best[0][0].best_agree);
        // Only passes: still the first, as in the original.
        assert_eq!(statements(&lists(6, &[[0, 0, 0, 0]])[0]), [(0, Side::Disagree)]);
    }
}
