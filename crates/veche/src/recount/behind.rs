//! A second fold of the record, some way behind the first.
//!
//! An entry that publishes a map, or notes what was shown, names the entries before it that it rests on: how the record
//! stood a little earlier. When the first fold meets such an entry, this one has not come so far yet, and computes
//! what the entry says once it has. So one reading of the record does.

use super::published::{Found, Want};
use super::showings::{Judge, Showing};
use assembly::talk::{self, Chosen, Mapped};
use assembly::{Act, Entry, QuestionId, State, apply};
use opinion::{Map, Method};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

/// How many entries this fold is behind at most. A server notes what was shown within ten seconds, and publishes a map
/// within the time that it takes to compute.
const FAR: usize = 65_536;
/// How many showings the entries in between note at most: those that wait here take about a hundred bytes each. A
/// server notes some hundred with an entry.
const MOST_SHOWINGS: usize = 1 << 20;
/// How many maps of each question are kept for the showings chosen by them: the latest.
const MOST_MAPS: usize = 8;

/// The second fold, and what it found.
pub struct Behind {
    only: Option<QuestionId>,
    seed: [u8; 32],
    /// What is to be had whatever the entries say.
    wanted: Vec<(u64, Want)>,
    /// The results and maps that were computed.
    pub found: Found,
    /// What became of the showings.
    pub judge: Judge,
    state: State,
    /// Entries that the first fold has and this one has not.
    waiting: VecDeque<Entry>,
    /// How many showings they note.
    showings: usize,
    /// What to do when the fold has a certain size.
    due: BTreeMap<u64, Vec<Due>>,
    /// The maps of the record, by the entries that published them.
    maps: BTreeMap<(QuestionId, u64), Arc<Map>>,
    /// Entries that published maps which this program cannot compute.
    foreign: BTreeSet<u64>,
}

enum Due {
    Want(Want),
    /// A map that an entry published.
    Mapped(u64, QuestionId, Method),
    Showing(Showing),
}

impl Behind {
    /// Looks at one question or all. `seed` draws which showings are checked.
    pub fn new(only: Option<QuestionId>, seed: [u8; 32], wanted: Vec<(u64, Want)>) -> Self {
        let mut due = BTreeMap::<u64, Vec<Due>>::new();
        for (size, want) in &wanted {
            due.entry(*size).or_default().push(Due::Want(*want));
        }
        Self {
            only,
            seed,
            wanted,
            found: Found::default(),
            judge: Judge::new(seed),
            state: State::default(),
            waiting: VecDeque::new(),
            showings: 0,
            due,
            maps: BTreeMap::new(),
            foreign: BTreeSet::new(),
        }
    }

    /// Hears an entry and the state of the first fold after it. With the first entry, all starts afresh.
    pub fn hear(&mut self, state: &State, entry: Entry) {
        let index = state.size().saturating_sub(1);
        if index == 0 {
            *self = Self::new(self.only, self.seed, std::mem::take(&mut self.wanted));
        }
        match &entry.act {
            Act::Talk(talk::Entry::Mapped(mapped)) if self.asks(mapped.question) => {
                self.mapped(index, mapped)
            }
            Act::Talk(talk::Entry::Chosen(chosen)) if self.asks(chosen.question) => {
                self.chosen(index, chosen)
            }
            _ => {}
        }
        self.showings += noted(&entry);
        self.waiting.push_back(entry);
        while self.waiting.len() > FAR || self.showings > MOST_SHOWINGS {
            self.step();
        }
    }

    /// Comes up to the first fold.
    pub fn catch_up(&mut self) {
        while !self.waiting.is_empty() {
            self.step();
        }
    }

    fn asks(&self, question: QuestionId) -> bool {
        self.only.is_none_or(|only| only == question)
    }

    fn mapped(&mut self, index: u64, mapped: &Mapped) {
        if super::knows(&mapped.map) {
            self.put_off(mapped.as_of, Due::Mapped(index, mapped.question, mapped.map.method));
        } else {
            self.foreign.insert(index);
        }
    }

    fn chosen(&mut self, index: u64, chosen: &Chosen) {
        let Chosen { question, map, rule, shown } = chosen;
        self.judge.showings.noted += shown.len() as u64;
        if *rule != opinion::next::VERSION || map.is_some_and(|map| self.foreign.contains(&map)) {
            self.judge.showings.other_versions += shown.len() as u64;
            return;
        }
        for (place, choice) in shown.iter().enumerate() {
            let drawn = self.judge.draws(index, place);
            let showing = Showing { entry: index, question: *question, map: *map, choice: *choice, drawn };
            if !self.put_off(choice.as_of, Due::Showing(showing)) {
                self.judge.showings.too_late += 1;
            }
        }
    }

    /// Does something once the fold has this size, at once if it has; says whether it is not past that.
    fn put_off(&mut self, size: u64, due: Due) -> bool {
        match size.cmp(&self.state.size()) {
            std::cmp::Ordering::Less => return false,
            std::cmp::Ordering::Equal => self.carry_out(due),
            std::cmp::Ordering::Greater => self.due.entry(size).or_default().push(due),
        }
        true
    }

    /// Folds one entry more.
    fn step(&mut self) {
        let Some(entry) = self.waiting.pop_front() else { return };
        self.showings -= noted(&entry);
        // The first fold took it; were this one not to, it would stay where it is, and find nothing more.
        let taken = apply(&mut self.state, &entry);
        debug_assert_eq!(taken, Ok(()));
        for due in self.due.remove(&self.state.size()).into_iter().flatten() {
            self.carry_out(due);
        }
    }

    fn carry_out(&mut self, due: Due) {
        let size = self.state.size();
        match due {
            Due::Want(want) => self.found.find(want, &self.state),
            Due::Mapped(entry, id, method) => {
                let Some(question) = self.state.question(id) else { return };
                if let Some(map) = self.found.find_map(question, method, size) {
                    self.keep(id, entry, &map);
                }
            }
            Due::Showing(showing) => {
                let Some(question) = self.state.question(showing.question) else { return };
                let map = showing.map.map(|entry| self.maps.get(&(showing.question, entry)));
                match map {
                    Some(None) => self.judge.showings.too_late += 1,
                    map => self.judge.judge(question, map.flatten().map(AsRef::as_ref), &showing),
                }
            }
        }
    }

    /// Keeps of a map what statements are chosen by.
    fn keep(&mut self, question: QuestionId, entry: u64, map: &Map) {
        let kept = Map {
            deviations: Vec::new(),
            participants: Vec::new(),
            statements: map.statements.clone(),
            groups: map.groups.clone(),
            tried: Vec::new(),
            bases: Vec::new(),
            findings: None,
            digest: String::new(),
            consensus: map.consensus.clone(),
            ..*map
        };
        self.maps.insert((question, entry), Arc::new(kept));
        let of = (question, 0)..=(question, u64::MAX);
        if self.maps.range(of.clone()).count() > MOST_MAPS
            && let Some(oldest) = self.maps.range(of).next().map(|(key, _)| *key)
        {
            self.maps.remove(&oldest);
        }
    }
}

/// How many showings an entry notes.
fn noted(entry: &Entry) -> usize {
    match &entry.act {
        Act::Talk(talk::Entry::Chosen(chosen)) => chosen.shown.len(),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use assembly::question::{Activity, Admits, Open, Step, StepName};
    use assembly::results::Results;
    use assembly::talk::{
        Choice, Import, ImportedStatement, Next, Response, Who, likelihoods, next_statement,
    };
    use assembly::{Command, ParticipantNo, Text, decide, roll};
    use record::commitment::Salt;

    const ID: QuestionId = QuestionId(1);
    const STATEMENTS: u32 = 12;

    /// A record that comes about.
    #[derive(Default)]
    struct House {
        state: State,
        entries: Vec<Entry>,
        map: Option<(u64, Map)>,
        /// What was shown and is not noted yet.
        shown: Vec<(Option<u64>, Choice)>,
    }

    impl House {
        fn new() -> Self {
            let text = |words: String| Text::new(Salt([7; 32]), words);
            let mut house = Self::default();
            let title = text("A house".into());
            let (origin, key) = ("example.org/house".into(), "a key".into());
            house.act(Command::Roll(roll::Command::Found { origin, key, title }));
            let statement = |no| ImportedStatement {
                by: None,
                text: text(format!("Statement {no}.")),
                rejected: no == 3,
                meta: false,
                then: None,
                there: None,
            };
            let activities = vec![Activity::State, Activity::Respond];
            house.act(Command::Talk(talk::Command::Import(Box::new(Import {
                open: Open {
                    title: text("What now?".into()),
                    why: None,
                    decides: None,
                    admits: Admits::Guests,
                    simulated: false,
                    steps: vec![Step { step: StepName::Talk, opens: 0, closes: None, activities }],
                },
                provenance: None,
                participants: Vec::new(),
                statements: (1..=STATEMENTS).map(statement).collect(),
                responses: Vec::new(),
            }))));
            house
        }

        fn act(&mut self, command: Command) {
            for entry in decide(&self.state, 1_000, command).unwrap() {
                apply(&mut self.state, &entry).unwrap();
                self.entries.push(entry);
            }
        }

        fn talk(&self) -> &talk::Talk {
            self.state.question(ID).unwrap().talk()
        }

        /// Somebody responds to what they are shown, until nothing is left. `pass` says what the server never shows.
        fn comes(&mut self, seed: u64, pass: Option<u32>) {
            let mut participant = None;
            loop {
                let (as_of, map) = (self.state.size(), self.map.as_ref().map(|(_, map)| map));
                let likely = likelihoods(self.talk(), participant, map);
                let mut draws = (0..50).map(|luck| {
                    next_statement(self.talk(), participant, map, seed + luck * 1_000_003)
                        .map(|next| next.statement)
                });
                let Some(statement) = draws.find_map(|no| no.filter(|no| Some(no.0) != pass)) else { break };
                let found = likely.iter().find(|shown| shown.statement == statement.0).unwrap();
                let chance = Next::from(*found).chance;
                let who = participant.map_or(Who::New, Who::Participant);
                let response = Response::ALL[((seed + u64::from(statement.0)) % 3) as usize];
                self.act(Command::Talk(talk::Command::Respond { question: ID, who, statement, response }));
                let by =
                    *participant.get_or_insert(ParticipantNo::at_place(self.talk().participants().len() - 1));
                let entry = self.map.as_ref().map(|(entry, _)| *entry);
                self.shown.push((entry, Choice { participant: by, statement, chance, as_of }));
            }
            self.publish();
            if self.shown.len() > 40 {
                self.note();
            }
        }

        fn publish(&mut self) {
            let question = self.state.question(ID).unwrap();
            if talk::map_due(question, 1_000) {
                let (results, map) = Results::prepare(question).compute(Method::Map);
                let entry = self.state.size();
                self.act(Command::Talk(talk::Command::Publish(Box::new(results.mapped()))));
                self.map = Some((entry, map));
            }
        }

        fn note(&mut self) {
            let shown = std::mem::take(&mut self.shown);
            for by in shown.iter().map(|(map, _)| *map).collect::<BTreeSet<_>>() {
                let shown = shown.iter().filter(|(map, _)| *map == by).map(|(_, choice)| *choice).collect();
                self.act(Command::Talk(talk::Command::Show { question: ID, map: by, shown }));
            }
        }

        fn heard(&self, times: usize) -> Behind {
            let mut behind = Behind::new(None, [5; 32], Vec::new());
            for _ in 0..times {
                let mut state = State::default();
                for entry in &self.entries {
                    apply(&mut state, entry).unwrap();
                    behind.hear(&state, entry.clone());
                }
            }
            behind.catch_up();
            behind
        }

        /// Changes the showings of the last entry that notes some; gives its number.
        fn forge(&mut self, change: impl FnOnce(&mut Chosen)) -> u64 {
            let entries = self.entries.iter_mut().enumerate().rev();
            let chosen = entries.filter_map(|(index, entry)| match &mut entry.act {
                Act::Talk(talk::Entry::Chosen(chosen)) => Some((index, chosen)),
                _ => None,
            });
            let (index, chosen) = chosen.into_iter().next().unwrap();
            change(chosen);
            index as u64
        }
    }

    fn house(people: u64, pass: Option<u32>) -> House {
        let mut house = House::new();
        (0..people).for_each(|seed| house.comes(seed * 7 + 1, pass));
        house.note();
        house
    }

    #[test]
    fn what_a_house_shows_has_the_likelihood_that_the_rule_gives() {
        let house = house(60, None);
        let maps = house.talk().maps().len();
        assert!(maps > MOST_MAPS, "{maps}");
        // Heard a second time, it is counted once.
        for times in [1, 2] {
            let behind = house.heard(times);
            let showings = behind.judge.showings;
            assert_eq!((showings.noted, showings.checked, showings.wrong), (60 * 11, 60 * 11, 0));
            assert_eq!((showings.other_versions, showings.too_late), (0, 0));
            assert_eq!(behind.judge.doubts(), Vec::<String>::new());
            assert_eq!(behind.maps.len(), MOST_MAPS);
            let found =
                |map: &&talk::Published| behind.found.map(ID, Method::Map, map.mapped.as_of).is_some();
            assert_eq!(house.talk().maps().iter().filter(found).count(), maps, "in one reading");
        }
    }

    #[test]
    fn a_false_likelihood_is_named_with_its_entry() {
        let mut house = house(20, None);
        let right = house.heard(1).judge.showings;
        let entry = house.forge(|chosen| chosen.shown[3].chance += 1);
        let judge = house.heard(1).judge;
        assert_eq!((judge.showings.checked, judge.showings.wrong), (right.checked, 1));
        let [problem] = &judge.differences[..] else { panic!("{:?}", judge.differences) };
        assert_eq!(problem.entry, Some(entry));
        assert!(problem.sentence.starts_with(&format!("Question 1: entry {entry} says that statement ")));
        // Somebody who has answered a statement is not shown it.
        house.forge(|chosen| {
            chosen.shown[3].chance -= 1;
            chosen.shown[3].as_of = entry;
        });
        let judge = house.heard(1).judge;
        assert!(judge.differences[0].sentence.contains("entries does not let it be shown to them"));
    }

    #[test]
    fn what_another_version_chose_is_counted() {
        let mut house = house(20, None);
        let mut of = 0;
        house.forge(|chosen| (chosen.rule, of) = (1, chosen.shown.len() as u64));
        let showings = house.heard(1).judge.showings;
        assert_eq!((showings.noted, showings.checked, showings.other_versions), (20 * 11, 20 * 11 - of, of));
        for entry in &mut house.entries {
            if let Act::Talk(talk::Entry::Mapped(mapped)) = &mut entry.act {
                mapped.map.version += 1;
            }
        }
        let showings = house.heard(1).judge.showings;
        assert!(showings.checked > 0, "those before the first map");
        assert_eq!(showings.checked + showings.other_versions, showings.noted);
    }

    #[test]
    fn what_is_noted_much_later_is_too_late() {
        let mut house = House::new();
        house.comes(1, None);
        let kept = std::mem::take(&mut house.shown);
        // Somebody changes their mind very often.
        for turn in 0..FAR {
            let (who, statement) = (Who::Participant(ParticipantNo(1)), assembly::StatementNo(1));
            let response = Response::ALL[turn % 2];
            house.act(Command::Talk(talk::Command::Respond { question: ID, who, statement, response }));
        }
        house.shown = kept;
        house.note();
        let showings = house.heard(1).judge.showings;
        assert_eq!((showings.noted, showings.checked, showings.too_late), (11, 0, 11));
    }

    #[test]
    fn a_statement_that_is_never_shown_raises_a_doubt_though_all_likelihoods_are_right() {
        let judge = house(60, Some(5)).heard(1).judge;
        assert_eq!(judge.showings.wrong, 0);
        let doubts = judge.doubts();
        assert!(
            doubts[0]
                .starts_with("Question 1: statement 5 was shown 0 times where its likelihoods add up to 3"),
            "{doubts:?}"
        );
    }
}
