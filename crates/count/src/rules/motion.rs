//! Motions: yes or no, decided by whole numbers.

use super::Case;
use crate::election::Form;
use crate::number::Number;
use crate::outcome::{Counted, Refusal, Round, Status, Tally};
use crate::rule::Share;
use crate::sentence::say;
use serde::{Deserialize, Serialize};

/// Yes needs `share` of `base`; abstentions count to the quorum, and to the base only where it says so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Motion {
    /// Of what yes must be a share.
    pub base: Base,
    /// The share: 1/2, 2/3, 3/4 …
    pub share: Share,
    /// More than the share (a majority) rather than at least it.
    pub strict: bool,
    /// What has to be reached for the vote to count at all.
    pub quorum: Option<Quorum>,
    /// What happens when yes and no are equal and that decides.
    pub tie: TieRule,
}

/// Of what the yes votes must be a share.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Base {
    /// Yes and no.
    YesAndNo,
    /// Yes, no and abstentions.
    AllVotes,
    /// Everyone present, voting or not.
    Present(u64),
    /// Everyone entitled to vote.
    Eligible(u64),
}

/// What must be reached besides the share.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quorum {
    /// Votes cast, abstentions included, or yes votes only.
    pub of: QuorumOf,
    /// At least this share of the people entitled.
    pub share: Share,
    /// How many are entitled.
    pub eligible: u64,
}

/// What a quorum counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QuorumOf {
    /// Yes, no and abstentions.
    Turnout,
    /// Yes alone.
    Yes,
}

/// When yes and no are equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TieRule {
    /// The motion falls.
    Fails,
    /// The chair votes once more: yes (`true`) or no; put on the record as part of the rule once given.
    ChairDecides(Option<bool>),
}

/// Yes, no and abstentions.
pub(crate) fn tally(case: &Case<'_>) -> [u64; 3] {
    let mut sums = [0u64; 3];
    for vote in case.votes.iter() {
        if let [option] = vote.options
            && let Some(sum) = sums.get_mut(*option as usize)
        {
            *sum += vote.weight;
        }
    }
    sums
}

impl Motion {
    fn base_of(&self, [yes, no, abstain]: [u64; 3]) -> u64 {
        match self.base {
            Base::YesAndNo => yes + no,
            Base::AllVotes => yes + no + abstain,
            Base::Present(n) | Base::Eligible(n) => n,
        }
    }

    /// Is a quorum, if there is one, reached?
    pub fn quorum_reached(&self, [yes, no, abstain]: [u64; 3]) -> bool {
        self.quorum.as_ref().is_none_or(|q| {
            let part = if q.of == QuorumOf::Turnout { yes + no + abstain } else { yes };
            q.share.reached(part, q.eligible, false)
        })
    }

    /// Is the motion carried with these votes?
    pub fn carried(&self, sums: [u64; 3]) -> bool {
        let [yes, no, _] = sums;
        if yes == 0 || !self.quorum_reached(sums) {
            return false;
        }
        if yes == no && self.tie_decides() {
            return self.tie == TieRule::ChairDecides(Some(true));
        }
        self.share.reached(yes, self.base_of(sums), self.strict)
    }

    /// Only where half of yes and no decides can equal votes be broken by a chair.
    fn tie_decides(&self) -> bool {
        matches!(self.base, Base::YesAndNo) && self.share.numerator * 2 == self.share.denominator
    }

    fn check(&self, sums: [u64; 3]) -> Result<(), Refusal> {
        self.share.check("share a motion needs")?;
        if self.share.numerator == 0 {
            return Err(Refusal::new(
                "The share a motion needs is 0. Then no vote is needed: say 1/2 or more.",
            ));
        }
        let cast: u64 = sums.iter().sum();
        let mut sizes = vec![];
        if let Base::Present(n) | Base::Eligible(n) = self.base {
            sizes.push(n);
        }
        if let Some(q) = &self.quorum {
            q.share.check("quorum")?;
            sizes.push(q.eligible);
        }
        if let Some(n) = sizes.into_iter().find(|n| *n < cast) {
            return Err(Refusal::new(format!(
                "{cast} votes were cast, but the rule says that only {n} people are present or entitled. Correct one of the two."
            )));
        }
        Ok(())
    }

    pub(crate) fn count(&self, case: &Case<'_>) -> Result<Counted, Refusal> {
        case.needs(&[Form::Motion], "votes of yes, no or abstain")?;
        let sums = tally(case);
        self.check(sums)?;
        let [yes, no, abstain] = sums;
        let carried = self.carried(sums);
        let base = self.base_of(sums);
        let mut explanation = vec![say!("motion.votes", yes = yes, no = no, abstain = abstain)];
        if let Some(q) = &self.quorum {
            let part = if q.of == QuorumOf::Turnout { yes + no + abstain } else { yes };
            let (share, eligible) = (q.share.to_string(), q.eligible);
            explanation.push(match (q.of, self.quorum_reached(sums)) {
                (QuorumOf::Turnout, true) => {
                    say!("motion.quorum_met", part = part, share = &*share, eligible = eligible)
                }
                (QuorumOf::Turnout, false) => {
                    say!("motion.quorum_missed", part = part, share = &*share, eligible = eligible)
                }
                (QuorumOf::Yes, true) => {
                    say!("motion.yes_quorum_met", part = part, share = &*share, eligible = eligible)
                }
                (QuorumOf::Yes, false) => {
                    say!("motion.yes_quorum_missed", part = part, share = &*share, eligible = eligible)
                }
            });
        }
        let share = self.share.to_string();
        if yes == no && self.tie_decides() {
            explanation.push(match self.tie {
                TieRule::Fails => say!("motion.tie_fails"),
                TieRule::ChairDecides(Some(true)) => say!("motion.tie_chair_yes"),
                TieRule::ChairDecides(Some(false)) => say!("motion.tie_chair_no"),
                TieRule::ChairDecides(None) => say!("motion.tie_chair_silent"),
            });
        } else if self.strict {
            explanation.push(say!("motion.needs_more_than", share = &*share, base = base, yes = yes));
        } else {
            explanation.push(say!("motion.needs_at_least", share = &*share, base = base, yes = yes));
        }
        explanation.push(if carried { say!("motion.carried") } else { say!("motion.rejected") });
        let status = |option: usize| match (option, carried) {
            (0, true) => Status::Elected,
            (0, false) => Status::Eliminated,
            _ => Status::Continuing,
        };
        let tallies = sums
            .iter()
            .take(case.options())
            .enumerate()
            .map(|(option, n)| Tally { option, votes: Number::from(*n), status: status(option) })
            .collect();
        let mut round = Round::new(say!("round.votes"), tallies);
        round.threshold = Some(Number::ratio(
            u128::from(base) * u128::from(self.share.numerator),
            u128::from(self.share.denominator),
        ));
        let winners = if carried { vec![0] } else { vec![] };
        round.elected.clone_from(&winners);
        Ok(Counted { winners, rounds: vec![round], explanation, ..Counted::default() })
    }
}
