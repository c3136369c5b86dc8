//! Which statement to show next.

use super::Talk;
use crate::{ParticipantNo, StatementNo};

/// Every statement is shown to at least this many participants before any other consideration.
const FLOOR: u32 = 20;

/// The statement to show next to a participant, or to somebody who is not one yet, or `None` if
/// there is none left that they have neither put nor responded to.
///
/// First the exposure floor: statements shown to fewer than max(20, 5 % of the participants) come
/// before the others. Among equals the choice is even, by `seed`: a caller who passes the same seed
/// for the same person sees the same statement until they respond.
pub fn next_statement(talk: &Talk, participant: Option<ParticipantNo>, seed: u64) -> Option<StatementNo> {
    let participant = participant.and_then(|no| Some((no, talk.participant(no)?)));
    let mut open = vec![true; talk.statements().len()];
    let mut answered = 0u64;
    if let Some((_, participant)) = participant {
        for mark in participant.marks().iter().filter(|mark| mark.response().is_some()) {
            if let Some(open) = mark.statement().place().and_then(|place| open.get_mut(place)) {
                *open = false;
                answered += 1;
            }
        }
    }
    let me = participant.map(|(no, _)| no);
    let floor = FLOOR.max(u32::try_from(talk.participants().len() / 20).unwrap_or(u32::MAX));
    let mut below = Vec::new();
    let mut above = Vec::new();
    for (statement, open) in talk.statements().iter().zip(open) {
        if open && statement.takes_responses() && (me.is_none() || statement.by() != me) {
            let list = if statement.tally().shown < floor { &mut below } else { &mut above };
            list.push(statement.no());
        }
    }
    let list = if below.is_empty() { above } else { below };
    // The count of answers moves the choice on after each response.
    let turn = splitmix64(seed ^ answered.wrapping_mul(0x9E37_79B9_7F4A_7C15));
    // Multiply-shift maps 64 even bits onto the list; the bias is below list.len() / 2^64.
    let place = (u128::from(turn) * list.len() as u128) >> 64;
    list.get(usize::try_from(place).ok()?).copied()
}

/// One step of SplitMix64 (Steele, Lea, Flood 2014), a mixer of 64 bits.
fn splitmix64(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}
