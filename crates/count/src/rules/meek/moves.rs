//! How votes moved between two rounds of Meek's count, where every ballot may be in several places at once.

use super::Ballot;
use super::pass::Passing;
use std::collections::BTreeMap;

/// What moved from whom to whom, in units; none: nobody.
pub(super) type Moved = BTreeMap<(usize, Option<usize>), i128>;

/// What moves when the keep factors `before` become those `after`; none if it is more than `most` numbers.
///
/// For every ballot: what it takes from some options, it gives to others, from each giver to every taker in proportion
/// to what the taker gets. Givers and takers come in the order of the ballot, nobody last. Shares are whole units: the
/// takers up to and with each one get their part together, cut off. So the sums are exact, of every ballot and of
/// every option: its votes before, less what it gave, and what came, are its votes after. Where a ballot gets back what
/// counted for nobody, cut-off decimals above all, that is taken from what the taker gave to nobody, which may thereby
/// fall below nothing.
pub(super) fn moves(
    ballots: &[Ballot],
    before: &Passing<'_>,
    after: &Passing<'_>,
    most: usize,
) -> Option<Moved> {
    let mut moved = Moved::new();
    let mut change = vec![0i128; before.keep.len()];
    let (mut givers, mut takers) = (vec![], vec![]);
    for ballot in ballots.iter().filter(|ballot| reached(ballot, before, after)) {
        before.share_out(&ballot.ranks, &mut |option, part| change[option] -= part);
        after.share_out(&ballot.ranks, &mut |option, part| change[option] += part);
        let mut nobody = 0;
        for &option in ballot.ranks.iter().flatten() {
            let part = std::mem::take(&mut change[option]);
            nobody -= part;
            sort_in(Some(option), part, &mut givers, &mut takers);
        }
        sort_in(None, nobody, &mut givers, &mut takers);
        for (from, given) in givers.drain(..) {
            spread(given, &mut takers, &mut |to, part| {
                let (pair, part) = match (from, to) {
                    (Some(from), to) => ((from, to), part),
                    (None, Some(to)) => ((to, None), -part),
                    (None, None) => return,
                };
                *moved.entry(pair).or_default() += part * ballot.weight;
            });
        }
        takers.clear();
        if moved.len() > most {
            return None;
        }
    }
    moved.retain(|_, votes| *votes != 0);
    Some(moved)
}

/// Whether anything of the ballot reaches an option whose factor changes.
fn reached(ballot: &Ballot, before: &Passing<'_>, after: &Passing<'_>) -> bool {
    for rank in &ballot.ranks {
        if rank.iter().any(|o| before.keep[*o] != after.keep[*o]) {
            return true;
        }
        if rank.iter().all(|o| before.keep[*o] == before.one) {
            return false;
        }
    }
    false
}

type Parts = Vec<(Option<usize>, i128)>;

fn sort_in(who: Option<usize>, change: i128, givers: &mut Parts, takers: &mut Parts) {
    match change {
        ..0 => givers.push((who, -change)),
        0 => {}
        _ => takers.push((who, change)),
    }
}

/// Gives to every taker its part of `given`, and takes it off what the taker still gets from others.
fn spread(given: i128, takers: &mut Parts, give: &mut impl FnMut(Option<usize>, i128)) {
    let all: i128 = takers.iter().map(|taker| taker.1).sum();
    let (mut so_far, mut gone) = (0, 0);
    for (to, gets) in takers.iter_mut() {
        so_far += *gets;
        // Both are at most one vote of 10⁹ units, so this is below 10¹⁸. Mostly there is but one of either side, and
        // nothing to divide.
        let until = match (given == all, so_far == all) {
            (true, _) => so_far,
            (_, true) => given,
            _ => given * so_far / all,
        };
        let part = until - gone;
        gone = until;
        *gets -= part;
        if part > 0 {
            give(*to, part);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::meek::EqualRanks;

    #[test]
    fn what_comes_back_from_nobody_is_below_nothing() {
        let ballots = [Ballot { weight: 2, ranks: vec![vec![0], vec![1], vec![2]] }];
        let passing = |keep| Passing { one: 10, keep, equal_ranks: EqualRanks::Split };
        // Of 10, the first keeps 3, the second 0.3 of 7, cut off, the third 0.7 of 7, cut off: 1 is nobody's.
        let (before, after) = (passing(&[3, 3, 10]), passing(&[10, 3, 10]));
        let moved = moves(&ballots, &before, &after, 3).unwrap_or_default();
        assert_eq!(moved, Moved::from([((1, Some(0)), 4), ((2, Some(0)), 8), ((0, None), -2)]));
        assert_eq!(moves(&ballots, &before, &after, 2), None);
        assert_eq!(moves(&ballots, &before, &before, 0), Some(Moved::new()));
    }

    #[test]
    fn parts_are_in_proportion_and_nothing_is_left() {
        let mut takers = vec![(Some(3), 5), (Some(1), 2), (None, 4)];
        let mut table = vec![];
        for given in [4, 6, 1] {
            spread(given, &mut takers, &mut |to, part| table.push((given, to, part)));
        }
        // 4 × 5/11, 4 × 7/11 and 4, cut off: 1, 2, 4. Of what is then left, 4, 1 and 2, 6 × 4/7, 6 × 5/7, 6.
        let expected = [
            (4, Some(3), 1),
            (4, Some(1), 1),
            (4, None, 2),
            (6, Some(3), 3),
            (6, Some(1), 1),
            (6, None, 2),
            (1, Some(3), 1),
        ];
        assert_eq!(table, expected);
        assert!(takers.iter().all(|taker| taker.1 == 0));
    }
}
