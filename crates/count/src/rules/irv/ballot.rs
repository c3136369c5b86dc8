//! Where one vote goes: reading its ranks from the first again, as the law has it, each time it must move.

use super::{Overvotes, RankedChoice};
use crate::election::{OVERVOTE, Vote};
use crate::outcome::Idle;

/// For whom the vote counts, or why for nobody.
pub(crate) fn recipient(
    rule: &RankedChoice,
    vote: Vote<'_>,
    continuing: impl Fn(usize) -> bool,
) -> Result<usize, Idle> {
    if vote.options.is_empty() {
        return Err(Idle::Blank);
    }
    let allowed = rule.skipped_ranks.map(i64::from);
    let (mut i, mut last_rank) = (0, 0i64);
    let mut seen: Vec<u32> = vec![];
    while i < vote.options.len() {
        let rank = i64::from(vote.levels[i]);
        let end = i + vote.levels[i..].iter().take_while(|l| **l == vote.levels[i]).count();
        let here = &vote.options[i..end];
        i = end;
        if rule.most_ranks.is_some_and(|most| rank > i64::from(most)) {
            break;
        }
        if allowed.is_some_and(|most| rank - last_rank > most + 1) {
            return Err(Idle::SkippedRanks);
        }
        last_rank = rank;
        if rule.stop_at_duplicate {
            if here.iter().any(|o| seen.contains(o)) {
                return Err(Idle::Repeated);
            }
            seen.extend_from_slice(here);
        }
        let unclear = here.len() > 1 || here == [OVERVOTE];
        if unclear {
            let several = here.iter().filter(|o| **o != OVERVOTE && continuing(**o as usize)).count() > 1;
            match rule.overvotes {
                Overvotes::Skip => continue,
                Overvotes::Stop => return Err(Idle::Overvote),
                Overvotes::StopIfSeveralContinue if several || here == [OVERVOTE] => {
                    return Err(Idle::Overvote);
                }
                Overvotes::StopIfSeveralContinue => {}
            }
        }
        if let Some(option) = here.iter().find(|o| **o != OVERVOTE && continuing(**o as usize)) {
            return Ok(*option as usize);
        }
    }
    Err(Idle::Exhausted)
}
