//! One vote's way through the count, for the person who cast it. Nothing of it is published.

use crate::election::{Election, Form, Vote, Votes};
use crate::number::Number;
use crate::outcome::{Outcome, Refusal, Round, Status};
use crate::rule::Rule;
use crate::rules::condorcet::Pairs;
use crate::rules::irv::RankedChoice;
use crate::rules::meek::{Meek, Passing, ranks};
use crate::rules::scottish::consecutive;
use crate::rules::{approved, borda, first};
use crate::sentence::{Sentence, say};
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, ToPrimitive, Zero};
use serde::{Deserialize, Serialize};

/// Parts of a vote smaller than one in this many are not spoken of: numbers are said with five decimals.
const SAID: i128 = 100_000;

/// One thing that happened to the vote.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WayStep {
    /// The round of the outcome it belongs to, counted from 1.
    pub round: usize,
    /// For the voter.
    pub sentence: Sentence,
}

/// Follows the vote with number `entry` (in the order of `election.votes`, counted from 0).
///
/// # Errors
/// When there is no such vote, or the rule counts none.
pub fn way(election: &Election, outcome: &Outcome, entry: usize) -> Result<Vec<WayStep>, Refusal> {
    let Some(vote) = election.votes.get(entry) else {
        return Err(Refusal::new(format!(
            "There is no vote {}; there are {}.",
            entry + 1,
            election.votes.len()
        )));
    };
    if matches!(outcome.rule, Rule::Consent(_)) {
        return Err(Refusal::new("Consent counts objections, not votes, so no vote goes a way through it."));
    }
    let form = election.votes.form();
    let step = |round: usize, sentence: Sentence| WayStep { round, sentence };
    if vote.options.is_empty() {
        return Ok(vec![step(1, say!("way.blank"))]);
    }
    Ok(match &outcome.rule {
        Rule::RankedChoice(rule) => ranked_choice(rule, outcome, vote),
        Rule::ScottishStv(_) => scottish(outcome, vote),
        Rule::Meek(rule) => meek(rule, election, outcome, vote),
        Rule::Motion(_) => motion(outcome, vote),
        Rule::Schulze(_) | Rule::RankedPairs(_) => comparisons(election, outcome, vote),
        Rule::Plurality(_) => vec![match first(form, vote) {
            Some(o) if election.options[o].withdrawn => step(1, say!("way.withdrawn", option = &[o][..])),
            Some(o) => step(1, say!("way.counted_for", option = &[o][..])),
            None => step(1, say!("way.not_clear")),
        }],
        Rule::EqualShares(_) if outcome.account.as_ref().is_some_and(|a| a.share.is_some()) => {
            shares(election, outcome, vote)
        }
        Rule::Borda(_) => {
            let standing: Vec<usize> =
                (0..election.options.len()).filter(|o| !election.options[*o].withdrawn).collect();
            let mut points = vec![0; election.options.len()];
            borda::doubled(vote, &standing, &mut points);
            let given = standing.iter().filter(|o| points[**o] > 0);
            given
                .map(|&o| {
                    step(1, say!("way.points", option = &[o][..], points = Number::ratio(points[o], 2)))
                })
                .collect()
        }
        Rule::Score(_) | Rule::Star(_) => vote
            .options
            .iter()
            .zip(vote.levels)
            .map(|(o, l)| {
                let points = Number::decimal(*l, election.score_decimals);
                step(1, say!("way.points", option = &[*o as usize][..], points = points))
            })
            .collect(),
        _ => supported(outcome, form, vote),
    })
}

fn motion(outcome: &Outcome, vote: Vote<'_>) -> Vec<WayStep> {
    let voted = match vote.options {
        [0] => say!("way.yes"),
        [1] => say!("way.no"),
        _ => say!("way.abstained"),
    };
    let end = if outcome.winners.is_empty() { say!("motion.rejected") } else { say!("motion.carried") };
    [voted, end].map(|sentence| WayStep { round: 1, sentence }).to_vec()
}

/// In a comparison a vote counts for whichever of the two it puts higher: told for those with the winner.
fn comparisons(election: &Election, outcome: &Outcome, vote: Vote<'_>) -> Vec<WayStep> {
    let (Some(&winner), n) = (outcome.winners.first(), election.options.len()) else { return vec![] };
    let mut alone = Votes::new(election.votes.form());
    let mut marks: Vec<(u32, i32)> = vote.options.iter().copied().zip(vote.levels.iter().copied()).collect();
    // One vote that is there already is never too much.
    if alone.push(1, &mut marks).is_err() {
        return vec![];
    }
    let pairs = Pairs::of(&alone, n);
    let standing = || (0..n).filter(|o| *o != winner && !election.options[*o].withdrawn);
    let below: Vec<usize> = standing().filter(|o| pairs.get(winner, *o) > 0).collect();
    let above: Vec<usize> = standing().filter(|o| pairs.get(*o, winner) > 0).collect();
    let equal: Vec<usize> = standing().filter(|o| !below.contains(o) && !above.contains(o)).collect();
    let winner = &[winner][..];
    let steps = [
        (&below, say!("way.for_winner", option = winner, others = &below)),
        (&above, say!("way.against_winner", option = winner, others = &above)),
        (&equal, say!("way.neither", option = winner, others = &equal)),
    ];
    let told = steps.into_iter().filter(|(options, _)| !options.is_empty());
    told.map(|(_, sentence)| WayStep { round: 1, sentence }).collect()
}

/// "Your vote supported these; of them these won."
fn supported(outcome: &Outcome, form: Form, vote: Vote<'_>) -> Vec<WayStep> {
    let mine: Vec<usize> = approved(form, vote);
    let won: Vec<usize> = outcome.winners.iter().copied().filter(|w| mine.contains(w)).collect();
    let mut out = vec![WayStep { round: 1, sentence: say!("way.supported", options = &mine) }];
    let end = if won.is_empty() { say!("way.none_won") } else { say!("way.won", options = &won) };
    out.push(WayStep { round: outcome.rounds.len().max(1), sentence: end });
    out
}

/// From this step on the vote counts for nobody: nothing it names is left, or what is left it names unclearly.
fn for_nobody(vote: Vote<'_>, stands: impl Fn(usize) -> bool, step: &'static str, number: usize) -> WayStep {
    let unclear = vote.options.iter().any(|o| stands(*o as usize));
    let mut sentence = if unclear { say!("way.unclear") } else { say!("way.exhausted") };
    sentence.values.push((step.into(), number.into()));
    WayStep { round: number, sentence }
}

/// With one runoff after the other: does the next begin with this round? Then those who had dropped out stand again.
fn begins_pass(pass: &[Round], round: &Round) -> bool {
    let again = |before: &Round| before.eliminated.iter().any(|o| round.tally(*o).is_some());
    pass.iter().any(|before| !before.elected.is_empty() || again(before))
}

/// Options that are out of the race after these rounds.
fn gone(rounds: &[Round], elected_too: bool) -> Vec<usize> {
    let mut out = vec![];
    for round in rounds {
        out.extend(&round.eliminated);
        if elected_too {
            out.extend(&round.elected);
        }
    }
    out
}

fn ranked_choice(rule: &RankedChoice, outcome: &Outcome, vote: Vote<'_>) -> Vec<WayStep> {
    use crate::rules::irv::Mode;
    let transfers = matches!(rule.mode, Mode::SeveralPerRound | Mode::OnePerRound) && rule.winners > 1;
    let one = BigRational::one();
    let unit = BigInt::from(10).pow(rule.decimals);
    let cut = |n: BigRational| BigRational::new((n * &unit).floor().to_integer(), unit.clone());
    let (mut value, mut holder, mut out) = (one.clone(), None, vec![]);
    let (mut pass, mut ended) = (0, false);
    for (i, round) in outcome.rounds.iter().enumerate() {
        if rule.mode == Mode::Passes && begins_pass(&outcome.rounds[pass..i], round) {
            (pass, holder, ended) = (i, None, false);
        }
        if ended {
            continue;
        }
        let out_now = gone(&outcome.rounds[pass..i], transfers);
        let stands = |o: usize| round.tally(o).is_some() && !out_now.contains(&o);
        if holder.is_none_or(|h| !stands(h)) {
            match rule.recipient(vote, stands) {
                Ok(o) => {
                    let (key, worth) = (&[o][..], Number::from(value.clone()));
                    out.push(WayStep {
                        round: i + 1,
                        sentence: if value == one {
                            say!("way.counts_for", option = key, round = i + 1)
                        } else {
                            say!("way.counts_part", option = key, round = i + 1, value = worth)
                        },
                    });
                    holder = Some(o);
                }
                Err(_) => {
                    out.push(for_nobody(vote, stands, "round", i + 1));
                    ended = true;
                }
            }
        }
        if let Some(h) = holder.filter(|h| round.elected.contains(h)) {
            out.push(WayStep {
                round: i + 1,
                sentence: say!("way.elected", option = &[h][..], round = i + 1),
            });
            let (Some(tally), Some(quota)) = (round.tally(h), &round.threshold) else { continue };
            if !transfers {
                continue;
            }
            let extra = tally.votes.rational() - quota.rational();
            if extra <= BigRational::zero() {
                return out;
            }
            value = cut(&value * cut(extra / tally.votes.rational()));
        }
    }
    out
}

fn scottish(outcome: &Outcome, vote: Vote<'_>) -> Vec<WayStep> {
    let order = consecutive(vote);
    let unit = BigInt::from(100_000);
    let cut = |n: BigRational| BigRational::new((n * &unit).floor().to_integer(), unit.clone());
    let one = BigRational::one();
    let (mut value, mut holder, mut out) = (one.clone(), None::<usize>, vec![]);
    for (i, round) in outcome.rounds.iter().enumerate() {
        let surplus = (round.title.key == "round.surplus").then(|| source(round)).flatten();
        let moves =
            holder.is_none() || holder == surplus || holder.is_some_and(|h| round.eliminated.contains(&h));
        if moves {
            if let (Some(h), Some(before)) = (surplus.filter(|s| holder == Some(*s)), i.checked_sub(1)) {
                let total = outcome.rounds[before]
                    .tally(h)
                    .map_or_else(BigRational::one, |t| t.votes.rational().clone());
                let quota = round.threshold.as_ref().map_or_else(BigRational::zero, |q| q.rational().clone());
                value = cut(&value * (&total - quota) / &total);
            }
            let mut out_now = gone(&outcome.rounds[..i], true);
            out_now.extend(&round.eliminated);
            let stands = |o: usize| round.tally(o).is_some() && !out_now.contains(&o);
            let Some(o) = order.iter().map(|o| *o as usize).find(|o| stands(*o)) else {
                out.push(for_nobody(vote, stands, "stage", i + 1));
                return out;
            };
            holder = Some(o);
            let key = &[o][..];
            let sentence = if value == one {
                say!("way.counts_for", option = key, stage = i + 1)
            } else {
                say!("way.counts_part", option = key, stage = i + 1, value = Number::from(value.clone()))
            };
            out.push(WayStep { round: i + 1, sentence });
        }
        if let Some(h) = holder.filter(|h| round.elected.contains(h)) {
            out.push(WayStep {
                round: i + 1,
                sentence: say!("way.elected", option = &[h][..], stage = i + 1),
            });
        }
    }
    out
}

/// The option a surplus came from.
fn source(round: &Round) -> Option<usize> {
    round.title.values.iter().find_map(|(_, v)| match v {
        crate::sentence::Value::Options(o) => o.first().copied(),
        _ => None,
    })
}

/// With Meek a vote is in several places at once: everyone elected keeps a part, the first who still stands the rest.
/// The parts are those of the last round, by the same arithmetic as the count.
fn meek(rule: &Meek, election: &Election, outcome: &Outcome, vote: Vote<'_>) -> Vec<WayStep> {
    let Some(last) = outcome.rounds.last() else { return vec![] };
    let one = 10i128.pow(rule.decimals.min(9));
    let keep: Vec<i128> = (0..election.options.len())
        .map(|o| match last.tally(o).map(|t| t.status) {
            Some(Status::Elected) => last.keeps.iter().find(|k| k.0 == o).map_or(one, |k| {
                let units = (k.1.rational() * BigInt::from(one)).to_integer();
                units.to_i128().unwrap_or(one)
            }),
            // After the last round nobody is still in the race.
            _ => 0,
        })
        .collect();
    let ranks = ranks(vote, |o| election.options.get(o).is_none_or(|o| o.withdrawn));
    let mut parts = vec![0i128; keep.len()];
    Passing { one, keep: &keep, equal_ranks: rule.equal_ranks }
        .share_out(&ranks, &mut |o, part| parts[o] += part);
    let value = |units: i128| Number::decimal(units, rule.decimals);
    let position = |found: &dyn Fn(&Round) -> bool| outcome.rounds.iter().position(found).unwrap_or(0) + 1;
    let mut out = vec![];
    for &option in ranks.iter().flatten() {
        let key = &[option][..];
        if last.tally(option).is_some_and(|t| t.status == Status::Elected) {
            let round = position(&|r| r.elected.contains(&option));
            let sentence = if parts[option] * SAID >= one {
                say!("way.kept", option = key, round = round, value = value(parts[option]))
            } else {
                say!("way.not_needed", option = key, round = round)
            };
            out.push(WayStep { round, sentence });
        } else {
            let round = position(&|r| r.eliminated.contains(&option));
            out.push(WayStep { round, sentence: say!("way.passed", option = key, round = round) });
        }
    }
    let rest = one - parts.iter().sum::<i128>();
    if rest * SAID >= one {
        let round = outcome.rounds.len();
        out.push(WayStep { round, sentence: say!("way.unused", value = value(rest)) });
    }
    out
}

/// What this voter paid for.
fn shares(election: &Election, outcome: &Outcome, vote: Vote<'_>) -> Vec<WayStep> {
    let Some(account) = &outcome.account else { return vec![] };
    let mine: Vec<usize> = approved(election.votes.form(), vote);
    let share = account.share.clone().unwrap_or_else(Number::zero);
    let mut money = share.rational().clone();
    let mut out = vec![WayStep { round: 1, sentence: say!("way.share", share = &share, options = &mine) }];
    for (i, line) in account.lines.iter().enumerate() {
        let (Some(payment), true) = (&line.payment, mine.contains(&line.option)) else { continue };
        let pays = payment.rational().min(&money).clone();
        money -= &pays;
        if pays.is_zero() {
            let sentence = if payment.rational().is_zero() {
                say!("way.free", option = &[line.option][..])
            } else {
                say!("way.nothing_left", option = &[line.option][..])
            };
            out.push(WayStep { round: i + 1, sentence });
            continue;
        }
        let (paid, left) = (Number::from(pays), Number::from(money.clone()));
        out.push(WayStep {
            round: i + 1,
            sentence: say!("way.paid", option = &[line.option][..], paid = paid, left = left),
        });
    }
    let won: Vec<usize> = outcome.winners.iter().copied().filter(|w| mine.contains(w)).collect();
    if won.is_empty() {
        out.push(WayStep { round: outcome.rounds.len().max(1), sentence: say!("way.none_won") });
    }
    out
}
