//! Consent: a proposal stands unless enough people keep a reasoned objection.
//!
//! Rounds and their reasons are text of the assembly; here an objection is its number, who raised it in which
//! round, and what became of it.

use crate::number::Number;
use crate::outcome::{Counted, Refusal, Round, Status, Tally};
use crate::rule::Share;
use crate::sentence::say;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// When objections block, and the objections themselves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Consent {
    /// How many open objections block the proposal.
    pub block: Block,
    /// People who take part; objections are measured against them.
    pub participants: u64,
    /// Everything that was objected, in order.
    #[serde(default)]
    pub objections: Vec<Objection>,
}

/// How many open objections it takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Block {
    /// At least this many people.
    People(u64),
    /// At least this share of the participants.
    Share(Share),
}

/// One reasoned objection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Objection {
    /// Number of the participant who objects.
    pub participant: u64,
    /// Round in which it was raised, counted from 1.
    pub round: u32,
    /// What became of it, and in which round.
    pub fate: ObjectionFate,
}

/// What became of an objection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ObjectionFate {
    /// It stands.
    Open,
    /// The proposal was changed to meet it, in this round.
    Integrated(u32),
    /// The objector took it back, in this round.
    Withdrawn(u32),
}

impl Objection {
    /// Does it stand at the end of a round?
    pub fn stands_after(&self, round: u32) -> bool {
        self.round <= round
            && match self.fate {
                ObjectionFate::Open => true,
                ObjectionFate::Integrated(r) | ObjectionFate::Withdrawn(r) => r > round,
            }
    }
}

impl Consent {
    /// People with at least one open objection after a round; two objections of one person are one person.
    pub fn objectors(&self, round: u32) -> u64 {
        let mut people: Vec<u64> =
            self.objections.iter().filter(|o| o.stands_after(round)).map(|o| o.participant).collect();
        people.sort_unstable();
        people.dedup();
        people.len() as u64
    }

    /// Do this many objectors block?
    pub fn blocks(&self, objectors: u64) -> bool {
        objectors > 0
            && match self.block {
                Block::People(k) => objectors >= k,
                Block::Share(share) => share.reached(objectors, self.participants, false),
            }
    }

    fn check(&self) -> Result<(), Refusal> {
        match self.block {
            Block::People(0) => {
                return Err(Refusal::new(
                    "0 objections block the proposal, so nothing could ever pass. Say 1 or more.",
                ));
            }
            Block::Share(s) => s.check("share of objections that blocks")?,
            Block::People(_) => {}
        }
        for o in &self.objections {
            let closed = match o.fate {
                ObjectionFate::Open => o.round,
                ObjectionFate::Integrated(r) | ObjectionFate::Withdrawn(r) => r,
            };
            if o.round == 0 || closed < o.round {
                return Err(Refusal::new(format!(
                    "An objection of participant {} ends before it is raised, or its round is 0. Rounds count from 1.",
                    o.participant
                )));
            }
        }
        let people: BTreeSet<u64> = self.objections.iter().map(|o| o.participant).collect();
        if people.len() as u64 > self.participants {
            return Err(Refusal::new("More people object than take part. Correct one of the two numbers."));
        }
        Ok(())
    }

    fn last_round(&self) -> u32 {
        let ends = self.objections.iter().map(|o| match o.fate {
            ObjectionFate::Open => o.round,
            ObjectionFate::Integrated(r) | ObjectionFate::Withdrawn(r) => r,
        });
        ends.max().unwrap_or(1).min(10_000)
    }

    pub(crate) fn count(&self) -> Result<Counted, Refusal> {
        self.check()?;
        let mut out = Counted::default();
        let last = self.last_round();
        for round in 1..=last {
            let raised = self.objections.iter().filter(|o| o.round == round).count();
            let is = |fate: fn(u32) -> ObjectionFate| {
                self.objections.iter().filter(|o| o.fate == fate(round)).count()
            };
            let (integrated, withdrawn) = (is(ObjectionFate::Integrated), is(ObjectionFate::Withdrawn));
            let open = self.objectors(round);
            out.explanation.push(say!(
                "consent.round",
                round = u64::from(round),
                raised = raised,
                integrated = integrated,
                withdrawn = withdrawn,
                open = open
            ));
            let status = if self.blocks(open) { Status::Eliminated } else { Status::Continuing };
            let tally = Tally { option: 0, votes: Number::from(open), status };
            out.rounds.push(Round::new(say!("round.consent", round = u64::from(round)), vec![tally]));
        }
        let open = self.objectors(last);
        let blocked = self.blocks(open);
        out.explanation.push(match (blocked, open) {
            (true, _) => say!("consent.blocked", open = open, participants = self.participants),
            (false, 0) => say!("consent.passed", participants = self.participants),
            (false, _) => say!("consent.passed_with", open = open, participants = self.participants),
        });
        if !blocked {
            out.winners.push(0);
        }
        if let (Some(round), false) = (out.rounds.last_mut(), blocked) {
            round.tallies[0].status = Status::Elected;
            round.elected = vec![0];
        }
        Ok(out)
    }
}
