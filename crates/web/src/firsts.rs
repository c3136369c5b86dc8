//! What was chosen for people without a number.
//!
//! Nobody has a number in a question before they act in it, so what their first card showed cannot be noted then. It is
//! kept here until they respond to it. Nothing of it leaves the memory but by that: whoever only looks is nowhere
//! on the record.

use assembly::talk::Choice;
use assembly::{ParticipantNo, QuestionId, StatementNo};
use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};
use store::Token;

/// For how many people at most, the latest: half a megabyte. Beyond that their first showings go unnoted.
const MOST: usize = 4_096;

/// How a statement was chosen for somebody.
#[derive(Clone, Copy)]
pub(crate) struct Chosen {
    /// Index of the entry that published the map it was chosen by.
    pub map: Option<u64>,
    pub statement: StatementNo,
    /// In millionths.
    pub chance: u32,
    /// How many entries the record had.
    pub as_of: u64,
}

impl Chosen {
    /// The same, for somebody with a number.
    pub fn by(self, participant: ParticipantNo) -> Choice {
        let Self { statement, chance, as_of, .. } = self;
        Choice { participant, statement, chance, as_of }
    }
}

/// What was chosen last for each of those who have no number yet.
#[derive(Default)]
pub(crate) struct Firsts(Mutex<Kept>);

/// By question and the number that stays the same for a cookie.
type Person = (QuestionId, u64);

#[derive(Default)]
struct Kept {
    chosen: HashMap<Person, (u64, Chosen)>,
    /// In their order; those that were replaced or taken are still here.
    order: VecDeque<(Person, u64)>,
    count: u64,
}

impl Firsts {
    /// Keeps what was chosen, and drops the oldest where there are too many.
    pub fn keep(&self, question: QuestionId, token: &Token, chosen: Chosen) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.count += 1;
        let (person, count) = ((question, token.seed()), kept.count);
        kept.chosen.insert(person, (count, chosen));
        kept.order.push_back((person, count));
        if kept.order.len() > MOST
            && let Some((oldest, count)) = kept.order.pop_front()
            && kept.chosen.get(&oldest).is_some_and(|(of, _)| *of == count)
        {
            kept.chosen.remove(&oldest);
        }
    }

    /// What was chosen for them last, and forgets it.
    pub fn take(&self, question: QuestionId, token: &Token) -> Option<Chosen> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.chosen.remove(&(question, token.seed())).map(|(_, chosen)| chosen)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_is_kept_once_and_the_oldest_goes() {
        let (firsts, question) = (Firsts::default(), QuestionId(1));
        let chosen = |as_of| Chosen { map: None, statement: StatementNo(1), chance: 1, as_of };
        let people: Vec<Token> = (0..3).filter_map(|_| Token::random().ok()).collect();
        let [one, two, three] = &people[..] else { panic!("no randomness") };
        let take = |token| firsts.take(question, token).map(|chosen| chosen.as_of);
        firsts.keep(question, one, chosen(1));
        firsts.keep(question, one, chosen(2));
        firsts.keep(QuestionId(2), one, chosen(3));
        assert_eq!((take(one), take(one), take(two)), (Some(2), None, None));
        firsts.keep(question, two, chosen(4));
        firsts.keep(question, three, chosen(5));
        for as_of in 0..MOST as u64 - 1 {
            firsts.keep(question, one, chosen(as_of));
        }
        assert_eq!((take(two), take(three)), (None, Some(5)), "the oldest goes");
        let kept = firsts.0.lock().unwrap_or_else(PoisonError::into_inner);
        assert!(kept.order.len() <= MOST && kept.chosen.len() <= MOST);
    }
}
