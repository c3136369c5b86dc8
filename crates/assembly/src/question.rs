//! A question: one thing being decided, with its steps.
//!
//! A step is a span of time; what may be done in it is separate data. Several steps may be on at
//! once.

use crate::entry::{Body, entries, is_false};
use crate::moderation::Erasure;
use crate::state::{Fault, as_json};
use crate::talk::Talk;
use crate::{Act, Field, QuestionId, Refusal, State, Text, UnixMs, text};
use serde::{Deserialize, Serialize};

/// The longest question, in characters. Twenty words fit well.
pub const MAX_TITLE: usize = 300;
/// The longest text beside a question, in characters.
pub const MAX_ASIDE: usize = 10_000;
/// The most steps of a question: each of the four as often as anybody needs. A step takes at most
/// 134 bytes of an entry's 65,535.
pub const MAX_STEPS: usize = 32;
/// The longest note about where imported material comes from, in characters. Three of them, six bytes
/// a character at worst, fit into an entry beside everything else.
pub const MAX_NOTE: usize = 2_000;
const _: () = assert!(MAX_STEPS * 134 + 3 * 6 * MAX_NOTE + 1_000 < crate::MAX_ENTRY_BYTES);

entries! {
    /// What the record says about a question.
    pub enum Entry {
        /// It was opened.
        Opened(Box<Opened>) = "question.opened",
        /// Its steps were set anew.
        Scheduled(Scheduled) = "question.scheduled",
        /// It was closed for good.
        Closed(Closed) = "question.closed",
        /// Its statements and responses come from elsewhere.
        Imported(Box<Imported>) = "question.imported",
    }
}

impl Entry {
    /// Which question it is about.
    pub fn question(&self) -> QuestionId {
        match self {
            Entry::Opened(entry) => entry.question,
            Entry::Scheduled(entry) => entry.question,
            Entry::Closed(entry) => entry.question,
            Entry::Imported(entry) => entry.question,
        }
    }
}

/// A question was opened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Opened {
    /// The number given to it.
    pub question: QuestionId,
    /// The question itself.
    pub title: Text,
    /// Why now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<Text>,
    /// Who decides, and how binding.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decides: Option<Text>,
    /// Who may take part.
    pub admits: Admits,
    /// Its participants are simulated, not people.
    #[serde(default, skip_serializing_if = "is_false")]
    pub simulated: bool,
    /// When what may be done.
    pub steps: Vec<Step>,
}

/// The steps of a question were set anew.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scheduled {
    /// Which.
    pub question: QuestionId,
    /// When what may be done from now on.
    pub steps: Vec<Step>,
}

/// A question was closed for good.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Closed {
    /// Which.
    pub question: QuestionId,
}

/// The statements and responses of a question come from elsewhere.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Imported {
    /// Which.
    pub question: QuestionId,
    /// What wrote the files: `polis`.
    pub from: String,
    /// What was found out about their format, signs and units.
    pub format: String,
    /// SHA-256 over the files, in hexadecimal, so that others can tell that they hold the same ones.
    pub digest: String,
    /// Where the material can be found and under which licence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Text>,
}

/// Who may take part in a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Admits {
    /// Anyone with the link.
    Guests,
    /// People on the roll only.
    Roll,
}

/// A span of time in a question, and what may be done in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Which of the four.
    pub step: StepName,
    /// When it begins.
    pub opens: UnixMs,
    /// When it ends; without it, it stays open until somebody closes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closes: Option<UnixMs>,
    /// What may be done in it.
    pub activities: Vec<Activity>,
}

/// The four steps of a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StepName {
    /// Read the briefing.
    Learn,
    /// Put statements and respond to them.
    Talk,
    /// Vote.
    Decide,
    /// Those in office answer.
    Answer,
}

impl StepName {
    /// All four, in their order.
    pub const ALL: [StepName; 4] = [StepName::Learn, StepName::Talk, StepName::Decide, StepName::Answer];

    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            StepName::Learn => "Learn",
            StepName::Talk => "Talk",
            StepName::Decide => "Decide",
            StepName::Answer => "Answer",
        }
    }
}

/// What may be done in a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Activity {
    /// Put statements.
    State,
    /// Respond to statements.
    Respond,
}

impl Activity {
    /// All there are.
    pub const ALL: [Activity; 2] = [Activity::State, Activity::Respond];
}

impl Body for Opened {
    fn texts(&mut self) -> Vec<(Field, &mut Text)> {
        let asides = [(Field::Why, &mut self.why), (Field::Decides, &mut self.decides)];
        std::iter::once((Field::Title, &mut self.title))
            .chain(asides.into_iter().filter_map(|(field, text)| Some((field, text.as_mut()?))))
            .collect()
    }
}
impl Body for Scheduled {}
impl Body for Closed {}
impl Body for Imported {
    fn texts(&mut self) -> Vec<(Field, &mut Text)> {
        self.source.iter_mut().map(|text| (Field::Source, text)).collect()
    }
}

/// What can be asked of questions. All of it is the organiser's to ask.
#[derive(Debug, Clone)]
pub enum Command {
    /// Open a question.
    Open(Box<Open>),
    /// Set the steps of a question anew.
    Schedule {
        /// Which.
        question: QuestionId,
        /// When what may be done.
        steps: Vec<Step>,
    },
    /// Close a question for good.
    Close {
        /// Which.
        question: QuestionId,
    },
}

/// A question to be opened.
#[derive(Debug, Clone)]
pub struct Open {
    /// The question itself.
    pub title: Text,
    /// Why now.
    pub why: Option<Text>,
    /// Who decides, and how binding.
    pub decides: Option<Text>,
    /// Who may take part.
    pub admits: Admits,
    /// Its participants are simulated, not people.
    pub simulated: bool,
    /// When what may be done.
    pub steps: Vec<Step>,
}

/// One question, folded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Question {
    /// What opened it.
    #[serde(with = "as_json")]
    opened: Opened,
    /// Index of the entry that opened it.
    entry: u64,
    /// When it was opened.
    at: UnixMs,
    /// Its steps as they stand now.
    #[serde(with = "as_json")]
    steps: Vec<Step>,
    /// When it was closed for good.
    closed: Option<UnixMs>,
    /// Where its material comes from, if from elsewhere, and the entry that says so.
    #[serde(with = "as_json")]
    imported: Option<(u64, Imported)>,
    /// Entries right after the opening bring material from elsewhere. This is the one after the last of
    /// them so far: the only place where more may follow.
    import_end: u32,
    /// How many entries the record had when this question last changed.
    revision: u64,
    /// Statements and responses.
    pub(crate) talk: Talk,
}

impl Question {
    /// Its number.
    pub fn id(&self) -> QuestionId {
        self.opened.question
    }
    /// The question itself, or words that say that it is gone.
    pub fn title(&self) -> &str {
        self.opened.title.words().unwrap_or("(text erased)")
    }
    /// What the record says about texts of its opening whose words were erased, with the name of each.
    pub fn erased(&self) -> impl Iterator<Item = (Field, Erasure)> {
        let texts = [
            (Field::Title, Some(&self.opened.title)),
            (Field::Why, self.opened.why.as_ref()),
            (Field::Decides, self.opened.decides.as_ref()),
            (Field::Source, self.imported.as_ref().and_then(|(_, imported)| imported.source.as_ref())),
        ];
        texts.into_iter().filter_map(|(field, text)| Some((field, text?.erased()?)))
    }
    /// Why it is asked now.
    pub fn why(&self) -> Option<&str> {
        self.opened.why.as_ref()?.words()
    }
    /// Who decides it, and how binding.
    pub fn decides(&self) -> Option<&str> {
        self.opened.decides.as_ref()?.words()
    }
    /// Who may take part.
    pub fn admits(&self) -> Admits {
        self.opened.admits
    }
    /// Whether its participants are simulated.
    pub fn simulated(&self) -> bool {
        self.opened.simulated
    }
    /// Index of the entry that opened it.
    pub fn entry(&self) -> u64 {
        self.entry
    }
    /// When it was opened.
    pub fn at(&self) -> UnixMs {
        self.at
    }
    /// Its steps as they stand now.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }
    /// When it was closed for good, if it was.
    pub fn closed(&self) -> Option<UnixMs> {
        self.closed
    }
    /// Where its material comes from, if from elsewhere.
    pub fn imported(&self) -> Option<&Imported> {
        self.imported.as_ref().map(|(_, imported)| imported)
    }
    /// How many entries the record had when this question last changed: what is computed from the
    /// question is good as long as this stays.
    pub fn revision(&self) -> u64 {
        self.revision
    }
    /// Statements and responses.
    pub fn talk(&self) -> &Talk {
        &self.talk
    }

    /// Whether `activity` may be done at `at`.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotYet`] or [`Refusal::Closed`].
    pub fn allows(&self, activity: Activity, at: UnixMs) -> Result<(), Refusal> {
        if self.closed.is_some_and(|closed| closed <= at) {
            return Err(Refusal::Closed);
        }
        let mut next = None;
        for step in self.steps.iter().filter(|step| step.activities.contains(&activity)) {
            if step.closes.is_some_and(|closes| closes <= at) {
                continue;
            }
            if step.opens <= at {
                return Ok(());
            }
            next = Some(next.map_or(step.opens, |next: UnixMs| next.min(step.opens)));
        }
        Err(next.map_or(Refusal::Closed, |opens| Refusal::NotYet { opens }))
    }

    /// Whether entry `index` can be one of those that bring material from elsewhere.
    pub(crate) fn importing(&self, index: u32) -> bool {
        self.import_end == index
    }

    pub(crate) fn import_goes_on(&mut self, index: u32) {
        self.import_end = index.saturating_add(1);
    }

    pub(crate) fn touch(&mut self, index: u32) {
        self.revision = u64::from(index) + 1;
    }

    pub(crate) fn has_text(&self, entry: u64, field: Field) -> bool {
        let has = |texts: Vec<(Field, &mut Text)>| texts.iter().any(|(has, _)| *has == field);
        if entry == self.entry {
            return has(self.opened.clone().texts());
        }
        match &self.imported {
            Some((of, imported)) if *of == entry => has(imported.clone().texts()),
            _ => field == Field::Text && self.talk.put_by_entry(entry).is_some(),
        }
    }

    pub(crate) fn erase(&mut self, entry: u64, field: Field, erasure: Erasure) {
        if field == Field::Text && self.talk.erase(entry, erasure) {
            return;
        }
        let mut texts = self.texts_mut();
        if let Some((.., text)) = texts.find(|(of, has, _)| (*of, *has) == (entry, field)) {
            text.erase(erasure);
        }
    }

    pub(crate) fn texts_mut(&mut self) -> impl Iterator<Item = (u64, Field, &mut Text)> {
        let entry = self.entry;
        let own = self.opened.texts().into_iter().map(move |(field, text)| (entry, field, text));
        let imported = self.imported.iter_mut().flat_map(|(entry, imported)| {
            imported.texts().into_iter().map(|(field, text)| (*entry, field, text))
        });
        own.chain(imported).chain(self.talk.texts_mut())
    }
}

pub(crate) fn decide(state: &State, at: UnixMs, command: Command) -> Result<Vec<Act>, Refusal> {
    if state.roll.founded().is_none() {
        return Err(Refusal::NotFounded);
    }
    let entry = match command {
        Command::Open(open) => {
            Entry::Opened(Box::new(decide_open(QuestionId::at_place(state.questions.len()), *open)?))
        }
        Command::Schedule { question, steps } => {
            open_question(state, question, at)?;
            check_steps(&steps)?;
            Entry::Scheduled(Scheduled { question, steps })
        }
        Command::Close { question } => {
            open_question(state, question, at)?;
            Entry::Closed(Closed { question })
        }
    };
    Ok(vec![Act::Question(entry)])
}

pub(crate) fn decide_open(question: QuestionId, open: Open) -> Result<Opened, Refusal> {
    text::check(open.title.words(), MAX_TITLE)?;
    for aside in [&open.why, &open.decides].into_iter().flatten() {
        text::check(aside.words(), MAX_ASIDE)?;
    }
    check_steps(&open.steps)?;
    Ok(Opened {
        question,
        title: open.title,
        why: open.why,
        decides: open.decides,
        admits: open.admits,
        simulated: open.simulated,
        steps: open.steps,
    })
}

fn open_question(state: &State, id: QuestionId, at: UnixMs) -> Result<&Question, Refusal> {
    let question = state.question(id).ok_or(Refusal::NoSuchQuestion(id))?;
    match question.closed {
        Some(closed) if closed <= at => Err(Refusal::Closed),
        _ => Ok(question),
    }
}

fn check_steps(steps: &[Step]) -> Result<(), Refusal> {
    if steps.len() > MAX_STEPS || steps.iter().any(|step| step.activities.len() > Activity::ALL.len()) {
        return Err(Refusal::TooManySteps(MAX_STEPS));
    }
    match steps.iter().find(|step| step.closes.is_some_and(|closes| closes < step.opens)) {
        Some(step) => Err(Refusal::BackwardsStep { step: step.step.name() }),
        None => Ok(()),
    }
}

pub(crate) fn apply(state: &mut State, index: u32, at: UnixMs, entry: &Entry) -> Result<(), Fault> {
    match entry {
        Entry::Opened(opened) => {
            let expected = QuestionId::at_place(state.questions.len());
            if opened.question != expected {
                return Err(Fault(format!(
                    "it opens question {} where {expected} comes next",
                    opened.question
                )));
            }
            right_steps(&opened.steps)?;
            state.questions.push(Question {
                steps: opened.steps.clone(),
                opened: (**opened).clone(),
                entry: u64::from(index),
                at,
                closed: None,
                imported: None,
                import_end: index.saturating_add(1),
                revision: u64::from(index) + 1,
                talk: Talk::default(),
            });
        }
        Entry::Scheduled(scheduled) => {
            let question = state.question_mut(scheduled.question)?;
            not_closed(question)?;
            right_steps(&scheduled.steps)?;
            question.steps.clone_from(&scheduled.steps);
            question.touch(index);
        }
        Entry::Closed(closed) => {
            let question = state.question_mut(closed.question)?;
            not_closed(question)?;
            question.closed = Some(at);
            question.touch(index);
        }
        Entry::Imported(imported) => {
            let question = state.question_mut(imported.question)?;
            if question.entry + 1 != u64::from(index) {
                let id = imported.question;
                return Err(Fault(format!("question {id} was opened before, and not with an import")));
            }
            question.imported = Some((u64::from(index), (**imported).clone()));
            question.import_goes_on(index);
            question.touch(index);
        }
    }
    Ok(())
}

fn not_closed(question: &Question) -> Result<(), Fault> {
    match question.closed {
        Some(_) => Err(Fault(format!("question {} was closed before", question.id()))),
        None => Ok(()),
    }
}

fn right_steps(steps: &[Step]) -> Result<(), Fault> {
    check_steps(steps).map_err(|_| Fault("its steps are too many, or one closes before it opens".into()))
}
