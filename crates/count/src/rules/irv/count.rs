//! The rounds of a ranked-choice count.

use super::ballot::recipient;
use super::tie::Breaker;
use super::{Mode, RankedChoice, WRITE_INS};
use crate::number::Number;
use crate::outcome::{By, Counted, Idle, Move, Purpose, Refusal, Round, Status, Tally};
use crate::rules::Case;
use crate::sentence::{Sentence, say};
use std::collections::BTreeMap;

/// One count of one pass. `before` are earlier passes: who won in them stands no more, and their rounds are numbered
/// first.
pub(super) fn run(
    rule: &RankedChoice,
    seats: usize,
    case: &Case<'_>,
    before: &Counted,
    ties: &mut Breaker,
) -> Result<Counted, Refusal> {
    let mut count = Count::new(rule, seats, case, before, ties);
    while count.goes_on() {
        count.round()?;
    }
    Ok(count.finish())
}

struct Count<'a, 'b> {
    rule: &'a RankedChoice,
    case: &'a Case<'a>,
    ties: &'b mut Breaker,
    seats: usize,
    /// Rounds of earlier passes.
    before: usize,
    one: i128,
    standing: Vec<usize>,
    status: Vec<Option<Status>>,
    piles: Vec<Vec<u32>>,
    /// What is left of each ballot (per vote), in units.
    value: Vec<i128>,
    tally: Vec<i128>,
    idle: BTreeMap<Idle, i128>,
    threshold: i128,
    /// Votes that count for somebody in this round.
    active: i128,
    history: Vec<Vec<i128>>,
    waiting: Vec<u32>,
    moves: BTreeMap<(usize, Option<usize>), i128>,
    won_now: Vec<usize>,
    lost_now: Vec<usize>,
    lost_count: usize,
    out: Counted,
}

impl<'a, 'b> Count<'a, 'b> {
    fn new(
        rule: &'a RankedChoice,
        seats: usize,
        case: &'a Case<'a>,
        before: &Counted,
        ties: &'b mut Breaker,
    ) -> Self {
        let n = case.options();
        let standing: Vec<usize> =
            case.standing().into_iter().filter(|o| !before.winners.contains(o)).collect();
        let one = 10i128.pow(rule.decimals);
        Count {
            rule,
            case,
            ties,
            seats,
            before: before.rounds.len(),
            one,
            status: (0..n).map(|o| standing.contains(&o).then_some(Status::Continuing)).collect(),
            standing,
            piles: vec![vec![]; n],
            value: vec![one; case.votes.len()],
            tally: vec![0; n],
            idle: BTreeMap::new(),
            threshold: 0,
            active: 0,
            history: vec![],
            waiting: (0..case.votes.len() as u32).collect(),
            moves: BTreeMap::new(),
            won_now: vec![],
            lost_now: vec![],
            lost_count: 0,
            out: Counted::default(),
        }
    }

    fn goes_on(&self) -> bool {
        let round = self.history.len();
        if round == 0 {
            return true;
        }
        if self.rule.stop_after.is_some_and(|most| round >= most as usize) {
            return false;
        }
        let won = self.out.winners.len();
        if self.rule.until_two {
            return self.lost_count + won + 1 < self.standing.len() || !self.lost_now.is_empty();
        }
        match self.rule.mode {
            Mode::BottomsUpShare(_) => won == 0,
            Mode::BottomsUp | Mode::SingleWinner | Mode::Passes => won < self.seats,
            Mode::SeveralPerRound | Mode::OnePerRound => {
                won < self.seats || (self.seats > 1 && !self.won_now.is_empty())
            }
        }
    }

    fn continues(&self, option: usize) -> bool {
        match self.status[option] {
            Some(Status::Continuing) => true,
            Some(Status::Elected) => self.rule.until_two,
            _ => false,
        }
    }

    fn continuing(&self) -> Vec<usize> {
        self.standing.iter().copied().filter(|o| self.continues(*o)).collect()
    }

    fn round(&mut self) -> Result<(), Refusal> {
        self.won_now.clear();
        self.lost_now.clear();
        self.moves.clear();
        self.distribute();
        self.active = self.continuing().iter().map(|o| self.tally[*o]).sum();
        if self.history.is_empty() || (self.seats == 1 && !self.rule.fixed_threshold) {
            self.set_threshold();
        }
        let winners = self.find_winners();
        if winners.is_empty() {
            let open = self.out.winners.len() < self.seats
                || matches!(self.rule.mode, Mode::BottomsUpShare(_))
                || (self.rule.until_two && self.lost_count + 2 < self.standing.len());
            if open {
                self.drop_some()?;
            }
        }
        for &option in &winners {
            self.status[option] = Some(Status::Elected);
            self.out.winners.push(option);
        }
        self.won_now = winners;
        self.write();
        self.settle();
        Ok(())
    }

    /// Every vote whose option is gone is read again.
    fn distribute(&mut self) {
        let nobody_left = self.continuing().is_empty();
        for ballot in std::mem::take(&mut self.waiting) {
            let Some(vote) = self.case.votes.get(ballot as usize) else { continue };
            let worth = self.value[ballot as usize] * i128::from(vote.weight);
            if nobody_left {
                *self.idle.entry(Idle::LastSurplus).or_default() += worth;
                continue;
            }
            match recipient(self.rule, vote, |o| self.continues(o)) {
                Ok(option) => {
                    self.tally[option] += worth;
                    self.piles[option].push(ballot);
                }
                Err(why) => *self.idle.entry(why).or_default() += worth,
            }
        }
    }

    fn set_threshold(&mut self) {
        let votes = self.active;
        let least = i128::from(self.rule.minimum_votes) * self.one;
        let unit = if self.rule.fractional_threshold { 1 } else { self.one };
        let threshold = match self.rule.mode {
            Mode::BottomsUpShare(s) => {
                let (n, d) = (i128::from(s.numerator), i128::from(s.denominator));
                (votes * n + d - 1) / d
            }
            _ if self.rule.hare => {
                let steps = unit * self.seats as i128;
                (votes + steps - 1) / steps * unit
            }
            _ => votes / (unit * (self.seats as i128 + 1)) * unit + unit,
        };
        self.threshold = threshold.max(least);
    }

    fn by_tally(&self, low: bool) -> Vec<usize> {
        let mut order = self.continuing();
        order.sort_by_key(|o| (if low { self.tally[*o] } else { -self.tally[*o] }, self.case.lot.place(*o)));
        order
    }

    fn write_ins(&self) -> Option<usize> {
        let name = |o: &usize| self.case.election.options[*o].id == WRITE_INS;
        self.standing.iter().copied().find(|o| name(o) && self.continues(*o) && self.tally[*o] > 0)
    }

    fn find_winners(&mut self) -> Vec<usize> {
        if self.write_ins().is_some() {
            return vec![];
        }
        let order = self.by_tally(false);
        if let Mode::BottomsUpShare(_) = self.rule.mode {
            let all = order.iter().all(|o| self.tally[*o] >= self.threshold);
            return if all { order } else { vec![] };
        }
        let unfilled = self.seats.saturating_sub(self.out.winners.len());
        if unfilled == 0 {
            return vec![];
        }
        let most = order.first().map_or(0, |o| self.tally[*o]);
        let best: Vec<usize> = order.iter().copied().filter(|o| self.tally[*o] == most).collect();
        let mut chosen = vec![];
        if order.len() <= unfilled {
            chosen = order.clone();
        } else if self.rule.fixed_threshold && order.len() == self.seats + 1 {
            chosen = best.clone();
        } else if self.rule.mode != Mode::BottomsUp {
            chosen = order.iter().copied().filter(|o| self.tally[*o] >= self.threshold).collect();
        }
        let too_many = chosen.len() > 1 && (self.rule.mode == Mode::OnePerRound || self.rule.fixed_threshold);
        let least = i128::from(self.rule.minimum_votes) * self.one;
        let last_two = self.seats == 1
            && chosen.is_empty()
            && order.len() == 2
            && order.iter().all(|o| self.tally[*o] >= least);
        if too_many || last_two {
            chosen = vec![if best.len() > 1 { self.break_tie(&best, true) } else { best[0] }];
        }
        // Where nobody's vote counts, votes ÷ seats is 0, which all reach: that must not fill more seats than there are.
        let rest = chosen.split_off(unfilled.min(chosen.len()));
        if let (Some(&last), Some(&next)) = (chosen.last(), rest.first())
            && self.tally[last] == self.tally[next]
        {
            let equal = chosen.iter().chain(&rest).copied().filter(|o| self.tally[*o] == self.tally[last]);
            self.tell_tie(equal.collect(), last, Purpose::Choose, By::Lot);
        }
        chosen
    }

    fn break_tie(&mut self, tied: &[usize], win: bool) -> usize {
        let (chosen, by, left) = self.ties.pick(tied, win, &self.history);
        self.tell_tie(left, chosen, if win { Purpose::Choose } else { Purpose::Drop }, by);
        chosen
    }

    fn tell_tie(&mut self, tied: Vec<usize>, chosen: usize, purpose: Purpose, by: By) {
        let round = self.number_of_round();
        let by = match by {
            By::EarlierRound(r) => By::EarlierRound(self.before + r),
            by => by,
        };
        let (options, picked) = (&tied, &[chosen][..]);
        self.out.explanation.push(match by {
            By::EarlierRound(r) if purpose == Purpose::Drop => {
                say!("irv.tie_round_drop", options = options, chosen = picked, round = r)
            }
            By::EarlierRound(r) => say!("irv.tie_round", options = options, chosen = picked, round = r),
            By::Seed => say!("irv.tie_seed", options = options, chosen = picked),
            _ if purpose == Purpose::Drop => say!("stv.tie_lot_drop", options = options, chosen = picked),
            _ => say!("stv.tie_lot", options = options, chosen = picked),
        });
        self.out.ties.add(round, &tied, chosen, purpose, by);
    }

    /// Write-ins nobody declared, then those below the minimum, then a batch that cannot win, then the last.
    fn drop_some(&mut self) -> Result<(), Refusal> {
        let order = self.by_tally(true);
        let mut out: Vec<usize> = self.write_ins().into_iter().collect();
        if out.is_empty() && self.rule.minimum_votes > 0 {
            let least = i128::from(self.rule.minimum_votes) * self.one;
            out = order.iter().copied().filter(|o| self.tally[*o] < least).collect();
            if out.len() == order.len() {
                return Err(Refusal::new(format!(
                    "No option has the {} votes that the rule asks for, so nobody can win.",
                    self.rule.minimum_votes
                )));
            }
        }
        if out.is_empty() && self.rule.batch {
            out = self.hopeless(&order);
        }
        if out.is_empty() {
            let fewest = order.first().map_or(0, |o| self.tally[*o]);
            let tied: Vec<usize> = order.into_iter().filter(|o| self.tally[*o] == fewest).collect();
            out = match tied[..] {
                [] => return Err(Refusal::new("Nobody is left to drop out, and nobody has won.")),
                [only] => vec![only],
                _ => vec![self.break_tie(&tied, false)],
            };
        }
        for &option in &out {
            self.status[option] = Some(Status::Eliminated);
        }
        self.lost_count += out.len();
        self.lost_now = out;
        Ok(())
    }

    /// Options that stay last even if all votes of those below them go to one of them.
    fn hopeless(&self, order: &[usize]) -> Vec<usize> {
        let (mut total, mut seen) = (0, 0);
        let (mut out, mut previous) = (0, 0);
        while seen < order.len() {
            let votes = self.tally[order[seen]];
            if total < votes && seen > out {
                previous = out;
                out = seen;
            }
            let equals = order[seen..].iter().filter(|o| self.tally[**o] == votes).count();
            total += votes * equals as i128;
            seen += equals;
        }
        if self.rule.until_two && out + self.lost_count + 1 == self.standing.len() {
            out = previous;
        }
        if out > 1 { order[..out].to_vec() } else { vec![] }
    }

    /// Writes the round down, then says where the votes of those who left go.
    fn write(&mut self) {
        let number = self.number_of_round();
        let status = |o: usize| self.status[o].unwrap_or(Status::Eliminated);
        let shown = |o: &usize| {
            self.continues(*o)
                || self.won_now.contains(o)
                || self.lost_now.contains(o)
                || status(*o) == Status::Elected
        };
        let tallies = self
            .standing
            .iter()
            .filter(|o| shown(o))
            .map(|&o| Tally { option: o, votes: self.number(self.tally[o]), status: status(o) })
            .collect();
        let title = match (&self.won_now[..], &self.lost_now[..]) {
            ([], []) => say!("round.end"),
            ([], lost) => say!("round.eliminated", option = lost),
            (won, _) => say!("round.elected", options = won),
        };
        let mut round = Round::new(title, tallies);
        // Where the last drop out until as many are left as seats, nobody needs a number of votes.
        round.threshold = (self.rule.mode != Mode::BottomsUp).then(|| self.number(self.threshold));
        round.idle =
            self.idle.iter().filter(|(_, n)| **n > 0).map(|(why, n)| (*why, self.number(*n))).collect();
        round.elected.clone_from(&self.won_now);
        round.eliminated.clone_from(&self.lost_now);
        self.out.rounds.push(round);
        self.explain(number);
        self.history.push(self.tally.clone());
    }

    /// The round that is being counted.
    fn number_of_round(&self) -> usize {
        self.before + self.history.len() + 1
    }

    fn start(&self) -> Sentence {
        let (voters, active) = (self.case.votes.total(), self.number(self.active));
        let threshold = self.number(self.threshold);
        if self.before > 0 {
            let round = self.before + 1;
            return say!("irv.next_runoff", round = round, active = active, threshold = threshold);
        }
        match self.rule.mode {
            Mode::BottomsUp => {
                say!("irv.start_bottoms_up", voters = voters, active = active, seats = self.seats)
            }
            Mode::BottomsUpShare(share) => {
                say!("irv.start_share", voters = voters, active = active, share = &*share.to_string())
            }
            _ => say!("irv.start", voters = voters, active = active, threshold = threshold),
        }
    }

    fn explain(&mut self, number: usize) {
        if self.history.is_empty() {
            // Ties of the first round were noted before it ended.
            self.out.explanation.insert(0, self.start());
        }
        let lost = self.lost_now.clone();
        if let [only] = lost[..] {
            let votes = self.number(self.tally[only]);
            self.out.explanation.push(say!("irv.eliminated", option = &lost, votes = votes, round = number));
        } else if !lost.is_empty() {
            self.out.explanation.push(say!("irv.batch", options = &lost, round = number));
        }
        for option in self.won_now.clone() {
            let votes = self.number(self.tally[option]);
            let active = self.number(self.active);
            let reached = self.rule.mode != Mode::BottomsUp && self.tally[option] >= self.threshold;
            self.out.explanation.push(if reached {
                say!(
                    "irv.elected",
                    option = &[option][..],
                    votes = votes,
                    active = active,
                    threshold = self.number(self.threshold),
                    round = number
                )
            } else {
                say!(
                    "irv.elected_below",
                    option = &[option][..],
                    votes = votes,
                    active = active,
                    round = number
                )
            });
        }
    }

    /// Takes votes off the piles of those who left, and surpluses off those who won.
    fn settle(&mut self) {
        let mut sources = vec![];
        for option in self.lost_now.clone() {
            let pile = std::mem::take(&mut self.piles[option]);
            sources.extend(pile.iter().map(|b| (*b, option)));
            self.tally[option] = 0;
        }
        let transfers = matches!(self.rule.mode, Mode::SeveralPerRound | Mode::OnePerRound) && self.seats > 1;
        for option in if transfers { self.won_now.clone() } else { vec![] } {
            let votes = self.tally[option];
            let extra = votes - self.threshold;
            let part = if extra > 0 { extra * self.one / votes } else { 0 };
            let mut given = 0;
            for ballot in std::mem::take(&mut self.piles[option]) {
                let value = &mut self.value[ballot as usize];
                *value = *value * part / self.one;
                given += *value * i128::from(self.case.votes.get(ballot as usize).map_or(0, |v| v.weight));
                if *value > 0 {
                    sources.push((ballot, option));
                }
            }
            let kept = votes - given;
            if kept > self.threshold {
                *self.idle.entry(Idle::Rounding).or_default() += kept - self.threshold;
            }
            self.tally[option] = kept.min(self.threshold.max(votes - extra.max(0)));
        }
        // Where they will go is part of this round's picture, so it is worked out now.
        for (ballot, from) in sources {
            let Some(vote) = self.case.votes.get(ballot as usize) else { continue };
            let worth = self.value[ballot as usize] * i128::from(vote.weight);
            let to = recipient(self.rule, vote, |o| self.continues(o)).ok();
            *self.moves.entry((from, to)).or_default() += worth;
            self.waiting.push(ballot);
        }
        let moves =
            self.moves.iter().map(|(&(from, to), n)| Move { from, to, votes: self.number(*n) }).collect();
        if let Some(round) = self.out.rounds.last_mut() {
            round.moves = moves;
        }
    }

    fn number(&self, units: i128) -> Number {
        Number::decimal(units, self.rule.decimals)
    }

    fn finish(self) -> Counted {
        self.out
    }
}
