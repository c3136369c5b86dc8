//! What was shown next to whom: whether its likelihood is what the rule gives, and whether it was drawn by it.
//!
//! Likelihoods are compared exactly. The draw itself cannot be: its seed is in nobody's hands but the server's. Over
//! many showings, though, each statement is shown about as often as its likelihoods add up to, or somebody did not draw.

use crate::check::{Problem, thousands};
use assembly::talk::{self, Choice, Next};
use assembly::{ParticipantNo, Question, QuestionId, StatementNo};
use opinion::Map;
use opinion::next::Shown;
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, HashMap, HashSet};

/// So many likelihoods are computed in any case. Of the k-th showing beyond, it is one in k / 10,000: 56,000 of a
/// million, which take two seconds where there are 500 statements.
const ALWAYS: u64 = 10_000;
/// The most showings that are named as differences, and statements as doubts: what is wrong with one is usually wrong
/// with many.
const MOST_NAMED: usize = 5;
/// A doubt is said where a statement was shown so many standard deviations more or less often than expected, and once
/// more: by luck it happens to one statement in 100 million.
const DEVIATIONS: f64 = 6.0;

/// What became of the showings on the record.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Showings {
    /// How many the record notes, each with its likelihood.
    pub noted: u64,
    /// Of how many the likelihood was computed again.
    pub checked: u64,
    /// How many of these have another likelihood than the rule gives.
    pub wrong: u64,
    /// How many were chosen by a version of the rule, or by a map, that this program cannot compute.
    pub other_versions: u64,
    /// How many were noted so long after they were shown that the recount was past that.
    pub too_late: u64,
}

impl Showings {
    /// What was found, as words that go on after "; "; nothing where the record notes none.
    pub fn words(&self) -> Option<String> {
        let Showings { noted, checked, wrong, other_versions, too_late } = *self;
        if noted == 0 {
            return None;
        }
        let all = format!("{}{} on the record", if noted == 1 { "" } else { "of " }, count(noted));
        let which = match checked {
            _ if checked == noted => if noted == 1 { "" } else { " all" }.to_owned(),
            1 => " the one that was compared".into(),
            _ if checked < noted - other_versions - too_late => {
                format!(" the {} that were drawn", thousands(checked))
            }
            _ => format!(" the {} that were compared", thousands(checked)),
        };
        let have = |one: bool| if one { "has" } else { "have" };
        let mut words = match (checked, wrong) {
            (0, _) if noted == 1 => format!("{all} was not compared"),
            (1, 1) if noted == 1 => format!("{all} has another likelihood than the rule gives"),
            (0, _) => format!("{all} none was compared"),
            (_, 0) => format!("{all}{which} {} the likelihood that the rule gives", have(checked == 1)),
            _ => {
                format!(
                    "{all} {} {} another likelihood than the rule gives",
                    thousands(wrong),
                    have(wrong == 1)
                )
            }
        };
        for (some, why) in [
            (other_versions, "chosen by another version of the rule or of the map"),
            (too_late, "noted too late to check"),
        ] {
            if some > 0 {
                let were = if some == 1 { "was" } else { "were" };
                words.push_str(&format!(", {} {were} {why}", thousands(some)));
            }
        }
        Some(words)
    }
}

fn count(showings: u64) -> String {
    if showings == 1 { "1 showing".into() } else { format!("{} showings", thousands(showings)) }
}

/// One showing, as an entry notes it.
pub struct Showing {
    /// Which entry.
    pub entry: u64,
    /// Of which question.
    pub question: QuestionId,
    /// The entry that published the map it was chosen by.
    pub map: Option<u64>,
    /// What to whom, how likely, and from how many entries.
    pub choice: Choice,
    /// Whether its likelihood is computed.
    pub drawn: bool,
}

/// Compares showings with what the rule gives.
pub struct Judge {
    /// What nobody knew when the entries were written.
    seed: [u8; 32],
    /// How many showings could be computed so far.
    known: u64,
    /// How many there are of each kind so far.
    pub showings: Showings,
    /// The first that are wrong.
    pub differences: Vec<Problem>,
    /// One more than the most responses each participant had when something was shown to them.
    turns: HashMap<(QuestionId, ParticipantNo), usize>,
    /// By the places of the statements.
    fates: BTreeMap<QuestionId, Vec<Fate>>,
}

/// How often a statement was shown, and what was to be expected.
#[derive(Clone, Copy, Default)]
struct Fate {
    shown: u64,
    expected: f64,
    variance: f64,
}

impl Judge {
    /// Draws by this seed.
    pub fn new(seed: [u8; 32]) -> Self {
        Self {
            seed,
            known: 0,
            showings: Showings::default(),
            differences: Vec::new(),
            turns: HashMap::new(),
            fates: BTreeMap::new(),
        }
    }

    /// Whether the likelihood of the next showing is to be computed, which stands at a place of an entry.
    pub fn draws(&mut self, entry: u64, place: usize) -> bool {
        self.known += 1;
        if self.known <= ALWAYS {
            return true;
        }
        let digest = Sha256::new_with_prefix(self.seed)
            .chain_update(entry.to_be_bytes())
            .chain_update((place as u64).to_be_bytes())
            .finalize();
        let luck = digest.iter().take(8).fold(0, |luck: u64, byte| luck << 8 | u64::from(*byte));
        u128::from(luck) * u128::from(self.known) < u128::from(ALWAYS) << 64
    }

    /// Compares a showing with what the rule gives for the question as it stood then.
    pub fn judge(&mut self, question: &Question, map: Option<&Map>, showing: &Showing) {
        let Choice { participant, statement, chance, .. } = showing.choice;
        let first = self.is_first(question, participant);
        if !showing.drawn {
            return;
        }
        self.showings.checked += 1;
        let likely = talk::likelihoods(question.talk(), Some(participant), map);
        let ours = likely.iter().find(|shown| shown.statement == statement.0 && shown.probability > 0.0);
        let ours = ours.map(|shown| Next::from(*shown).chance);
        if ours != Some(chance) {
            self.showings.wrong += 1;
            if self.differences.len() < MOST_NAMED {
                self.differences.push(difference(showing, ours));
            }
        } else if first {
            self.add(question, participant, statement, &likely);
        }
    }

    /// Whether it is the first showing since the participant's last response: what is shown again, or instead, follows
    /// from it. Nobody's showings before they had a number are among them: of those, only what was responded to is noted.
    fn is_first(&mut self, question: &Question, participant: ParticipantNo) -> bool {
        let Some(who) = question.talk().participant(participant) else { return false };
        let turn = who.responses() + 1;
        let last = self.turns.entry((question.id(), participant)).or_default();
        // Whoever took a response back is shown again what they were shown before it.
        let first = turn > *last;
        *last = turn.max(*last);
        first
    }

    /// Adds a showing to what was to be expected. What was shown before is not noted again, so it is one among those
    /// statements that were not.
    fn add(
        &mut self,
        question: &Question,
        participant: ParticipantNo,
        statement: StatementNo,
        likely: &[Shown],
    ) {
        let marks = question.talk().participant(participant).map_or(&[][..], |who| who.marks());
        let marked: HashSet<u32> = marks.iter().map(|mark| mark.statement().0).collect();
        if marked.contains(&statement.0) {
            return;
        }
        let unmarked = || likely.iter().filter(|shown| !marked.contains(&shown.statement));
        let total: f64 = unmarked().map(|shown| shown.probability).sum();
        let fates = self.fates.entry(question.id()).or_default();
        fates.resize(question.talk().statements().len(), Fate::default());
        for shown in unmarked() {
            let place = StatementNo(shown.statement).place();
            let Some(fate) = place.and_then(|place| fates.get_mut(place)) else { continue };
            let probability = shown.probability / total;
            fate.shown += u64::from(shown.statement == statement.0);
            fate.expected += probability;
            fate.variance += probability * (1.0 - probability);
        }
    }

    /// The statements that were shown more or less often than luck explains, the farthest first, as sentences. Where one
    /// is never shown, it grows more and more likely, and all others are shown too often: a few of them say it.
    pub fn doubts(&self) -> Vec<String> {
        let mut all: Vec<_> = (self.fates.iter())
            .flat_map(|(question, fates)| {
                fates
                    .iter()
                    .enumerate()
                    .map(move |(place, fate)| (*question, StatementNo::at_place(place), *fate))
            })
            .filter(|(.., fate)| fate.off().abs() > DEVIATIONS * fate.variance.sqrt() + 1.0)
            .collect();
        let deviations = |fate: &Fate| fate.off().abs() / fate.variance.sqrt();
        all.sort_by(|(.., one), (.., other)| deviations(other).total_cmp(&deviations(one)));
        all.truncate(MOST_NAMED);
        all.into_iter().map(|(question, statement, fate)| fate.sentence(question, statement)).collect()
    }
}

impl Fate {
    /// How much more often it was shown than expected.
    fn off(&self) -> f64 {
        self.shown as f64 - self.expected
    }

    fn sentence(&self, question: QuestionId, statement: StatementNo) -> String {
        let times = if self.shown == 1 { "once".into() } else { format!("{} times", thousands(self.shown)) };
        let digits = usize::from(self.expected < 10.0);
        format!(
            "Question {question}: statement {statement} was shown {times} where its likelihoods add up to {:.digits$}: \
             whoever runs the server may not have drawn by them.",
            self.expected
        )
    }
}

fn difference(showing: &Showing, ours: Option<u32>) -> Problem {
    let Showing { entry, question, choice, .. } = showing;
    let Choice { participant, statement, chance, as_of } = choice;
    let likelihood = |millionths: u32| f64::from(millionths) / 1e6;
    let ours = match ours {
        Some(ours) => format!("gives {}", likelihood(ours)),
        None => "does not let it be shown to them".into(),
    };
    let sentence = format!(
        "Question {question}: entry {entry} says that statement {statement} was shown to participant {participant} with a \
         likelihood of {}, and the record of the first {as_of} entries {ours}.",
        likelihood(*chance)
    );
    Problem { entry: Some(*entry), sentence }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_many_showings_a_part_is_drawn() {
        let drawn = |seed: u8| {
            let mut judge = Judge::new([seed; 32]);
            (0..400u64)
                .flat_map(|entry| (0..100).map(move |place| (entry, place)))
                .map(|(entry, place)| judge.draws(entry, place))
                .collect::<Vec<_>>()
        };
        let (one, other) = (drawn(1), drawn(2));
        assert!(one.iter().take(10_000).all(|drawn| *drawn));
        // 10,000 · (1 + ln 4).
        let count = one.iter().filter(|drawn| **drawn).count();
        assert!(count.abs_diff(23_863) < 500, "{count}");
        assert_ne!(one, other, "who does not know the seed does not know which");
    }

    #[test]
    fn it_is_said_how_many_were_compared() {
        let words = |noted, checked, wrong, other_versions, too_late| {
            Showings { noted, checked, wrong, other_versions, too_late }.words()
        };
        assert_eq!(words(0, 0, 0, 0, 0), None);
        for (found, said) in [
            (words(1, 1, 0, 0, 0), "1 showing on the record has the likelihood that the rule gives"),
            (
                words(1_204, 1_204, 0, 0, 0),
                "of 1,204 showings on the record all have the likelihood that the rule gives",
            ),
            (
                words(1_000_000, 56_012, 0, 0, 0),
                "of 1,000,000 showings on the record the 56,012 that were drawn have the likelihood that the rule gives",
            ),
            (
                words(1_204, 1_000, 0, 203, 1),
                "of 1,204 showings on the record the 1,000 that were compared have the likelihood that the rule gives, \
                 203 were chosen by another version of the rule or of the map, 1 was noted too late to check",
            ),
            (
                words(12, 12, 3, 0, 0),
                "of 12 showings on the record 3 have another likelihood than the rule gives",
            ),
            (words(1, 0, 0, 0, 1), "1 showing on the record was not compared, 1 was noted too late to check"),
            (words(1, 1, 1, 0, 0), "1 showing on the record has another likelihood than the rule gives"),
            (
                words(7, 0, 0, 7, 0),
                "of 7 showings on the record none was compared, 7 were chosen by another version of the rule or of the map",
            ),
        ] {
            assert_eq!(found.as_deref(), Some(said));
        }
    }
}
