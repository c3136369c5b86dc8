//! Committees by the definitions in Lackner and Skowron's book.

use super::{Ballots, Q, q};
use crate::rules::committee::{Committee, Method, Rest};
use num_traits::{One, Zero};

pub(super) fn count(rule: &Committee, ballots: &Ballots<'_>) -> Vec<usize> {
    let seats = rule.seats as usize;
    let votes: Vec<(Q, Vec<usize>)> =
        ballots.votes.iter().map(|v| (q(v.weight), ballots.supports(v))).collect();
    match rule.method {
        Method::SequentialPav => pav(seats, ballots, &votes),
        Method::SequentialPhragmen => phragmen(seats, ballots, &votes, vec![], vec![Q::zero(); votes.len()]),
        Method::EqualShares(rest) => {
            let voters: Q = votes.iter().map(|v| v.0.clone()).sum();
            let purse = q(seats) / voters.max(Q::one());
            let (won, purses) =
                super::budget::buy(ballots, &votes, &purse, |_| Some(Q::one()), |_| (), false);
            match rest {
                Rest::Empty => won,
                Rest::Phragmen => {
                    phragmen(seats, ballots, &votes, won, purses.into_iter().map(|m| -m).collect())
                }
                Rest::MostVotes => {
                    let people =
                        |o: usize| votes.iter().filter(|v| v.1.contains(&o)).map(|v| v.0.clone()).sum::<Q>();
                    let others: Vec<usize> =
                        ballots.standing.iter().copied().filter(|o| !won.contains(o)).collect();
                    let more = ballots.order(&others, people);
                    won.iter().copied().chain(more).take(seats).collect()
                }
            }
        }
    }
}

fn pav(seats: usize, ballots: &Ballots<'_>, votes: &[(Q, Vec<usize>)]) -> Vec<usize> {
    let mut won: Vec<usize> = vec![];
    while won.len() < seats {
        let gain = |o: usize| -> Q {
            let supporters = votes.iter().filter(|v| v.1.contains(&o));
            supporters.map(|v| &v.0 / q(v.1.iter().filter(|w| won.contains(w)).count() + 1)).sum()
        };
        let others: Vec<usize> = ballots.standing.iter().copied().filter(|o| !won.contains(o)).collect();
        let Some(&next) = ballots.order(&others, gain).first() else { break };
        won.push(next);
    }
    won
}

fn phragmen(
    seats: usize,
    ballots: &Ballots<'_>,
    votes: &[(Q, Vec<usize>)],
    mut won: Vec<usize>,
    mut loads: Vec<Q>,
) -> Vec<usize> {
    while won.len() < seats {
        let load = |o: usize| -> Option<Q> {
            let mine = votes.iter().zip(&loads).filter(|(v, _)| v.1.contains(&o));
            let (people, sum) = mine.fold((Q::zero(), Q::one()), |(p, s), (v, l)| (p + &v.0, s + l * &v.0));
            (!people.is_zero()).then(|| sum / people)
        };
        let others: Vec<usize> = ballots.standing.iter().copied().filter(|o| !won.contains(o)).collect();
        let able: Vec<usize> = others.iter().copied().filter(|o| load(*o).is_some()).collect();
        let best = ballots.order(&able, |o| std::cmp::Reverse(load(o))).first().copied();
        let Some(next) = best.or_else(|| ballots.order(&others, |_| 0).first().copied()) else { break };
        if let Some(new) = load(next) {
            for (vote, old) in votes.iter().zip(&mut loads) {
                if vote.1.contains(&next) {
                    old.clone_from(&new);
                }
            }
        }
        won.push(next);
    }
    won
}
