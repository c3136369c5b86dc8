//! Talk: statements that somebody puts to everyone, and agree, disagree or pass to them.
//!
//! Entries, commands and the rules between them are here; what they fold into is in
//! [`state`](self::Talk), what to show next in [`next_statement`], when an opinion map is published in
//! [`map_due`].

mod entries;
mod import;
mod maps;
mod next;
mod state;

pub use entries::{Admitted, Choice, Chosen, Entry, Joined, Mapped, Responded, Retracted, Shown, Stated};
pub use import::{Import, ImportedResponse, ImportedStatement, Provenance};
pub use maps::{FIRST_MAP, MAP_EVERY, Published, map_due};
pub use next::{Next, likelihoods, next_statement};
pub use state::{Mark, Participant, Statement, Talk, Tally};

use crate::question::{Activity, Admits};
use crate::state::Fault;
use crate::{Act, ParticipantNo, Question, QuestionId, Refusal, State, StatementNo, Text, UnixMs, text};
use serde::{Deserialize, Serialize};

/// The longest statement, in characters: one sentence.
pub const MAX_STATEMENT: usize = 140;
/// The longest imported statement, in characters: others allow more.
pub const MAX_IMPORTED_STATEMENT: usize = 10_000;
/// The most statements one participant may put to one question.
pub const MAX_STATEMENTS_EACH: usize = 50;
/// The most showings in one entry: each takes at most 43 bytes of its 65,535, four numbers of 10, 10, 7 and 10
/// digits with brackets and commas; all else takes at most 200.
pub const MAX_SHOWN: usize = 1_500;
const _: () = assert!(MAX_SHOWN * 43 + 200 < crate::MAX_ENTRY_BYTES);

/// What somebody says to a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Response {
    /// Agrees with it.
    Agree,
    /// Disagrees with it.
    Disagree,
    /// Passes, or is not sure.
    Pass,
}

impl Response {
    /// All three, in the order of the buttons.
    pub const ALL: [Response; 3] = [Response::Agree, Response::Disagree, Response::Pass];

    /// The word for it, as in the record and in forms.
    pub fn name(self) -> &'static str {
        match self {
            Response::Agree => "agree",
            Response::Disagree => "disagree",
            Response::Pass => "pass",
        }
    }

    /// The response of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|response| response.name() == name)
    }
}

/// Who acts: somebody with a number in the question, or somebody who gets one by this act.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// A guest who has no number in this question yet.
    New,
    /// Somebody who has.
    Participant(ParticipantNo),
}

/// What can be asked of the talk about a question.
#[derive(Debug, Clone)]
pub enum Command {
    /// Respond to a statement.
    Respond {
        /// In which question.
        question: QuestionId,
        /// Who.
        who: Who,
        /// To which statement.
        statement: StatementNo,
        /// What.
        response: Response,
    },
    /// Take a response back.
    Retract {
        /// In which question.
        question: QuestionId,
        /// Whose.
        participant: ParticipantNo,
        /// To which statement.
        statement: StatementNo,
    },
    /// Put a statement to everyone.
    State {
        /// In which question.
        question: QuestionId,
        /// Who.
        who: Who,
        /// The statement.
        text: Text,
    },
    /// Note that statements were chosen for participants, by the rule as it is now, and shown to them.
    Show {
        /// In which question.
        question: QuestionId,
        /// Index of the entry that published the map they were chosen by.
        map: Option<u64>,
        /// What to whom. What is already noted or does not exist is left out.
        shown: Vec<Choice>,
    },
    /// Publish an opinion map that was computed from the record. Nothing is added if none is due.
    Publish(Box<Mapped>),
    /// Open a question with statements and responses from elsewhere.
    Import(Box<Import>),
}

pub(crate) fn decide(state: &State, at: UnixMs, command: Command) -> Result<Vec<Act>, Refusal> {
    let entries = match command {
        Command::Respond { question, who, statement, response } => {
            respond(find(state, question)?, at, who, statement, response)?
        }
        Command::Retract { question, participant, statement } => {
            retract(find(state, question)?, at, participant, statement)?
        }
        Command::State { question, who, text } => put(find(state, question)?, at, who, text)?,
        Command::Show { question, map, shown } => show(find(state, question)?, state.size(), map, shown),
        Command::Publish(mapped) => maps::decide(find(state, mapped.question)?, at, *mapped)?,
        Command::Import(import) => return import::decide(state, *import),
    };
    Ok(entries.into_iter().map(Act::Talk).collect())
}

fn find(state: &State, id: QuestionId) -> Result<&Question, Refusal> {
    state.question(id).ok_or(Refusal::NoSuchQuestion(id))
}

fn respond(
    question: &Question,
    at: UnixMs,
    who: Who,
    no: StatementNo,
    response: Response,
) -> Result<Vec<Entry>, Refusal> {
    question.allows(Activity::Respond, at)?;
    let talk = question.talk();
    let statement = talk.statement(no).ok_or(Refusal::NoSuchStatement(no))?;
    if statement.rejected() {
        return Err(Refusal::SetAside(no));
    }
    if statement.erased().is_some() {
        return Err(Refusal::WordsErased(no));
    }
    let (participant, mut entries) = join(question, who)?;
    if talk.response(participant, no).is_some_and(|(standing, _)| standing == response) {
        return Ok(Vec::new());
    }
    entries.push(Entry::Responded(Responded {
        question: question.id(),
        participant,
        statement: no,
        response,
        then: None,
    }));
    Ok(entries)
}

fn retract(
    question: &Question,
    at: UnixMs,
    participant: ParticipantNo,
    statement: StatementNo,
) -> Result<Vec<Entry>, Refusal> {
    question.allows(Activity::Respond, at)?;
    let talk = question.talk();
    talk.participant(participant).ok_or(Refusal::NotTakingPart)?;
    talk.statement(statement).ok_or(Refusal::NoSuchStatement(statement))?;
    talk.response(participant, statement).ok_or(Refusal::NothingToRetract(statement))?;
    Ok(vec![Entry::Retracted(Retracted { question: question.id(), participant, statement })])
}

fn put(question: &Question, at: UnixMs, who: Who, text: Text) -> Result<Vec<Entry>, Refusal> {
    question.allows(Activity::State, at)?;
    let words = text::check(text.words(), MAX_STATEMENT)?;
    let talk = question.talk();
    if let Some(same) = talk.saying(words) {
        return match who {
            Who::Participant(author) if same.by() == Some(author) => Ok(Vec::new()),
            _ => Err(Refusal::AlreadySaid(same.no())),
        };
    }
    let (participant, mut entries) = join(question, who)?;
    if talk.participant(participant).is_some_and(|author| author.stated() >= MAX_STATEMENTS_EACH) {
        return Err(Refusal::EnoughSaid(MAX_STATEMENTS_EACH));
    }
    entries.push(Entry::Stated(Box::new(Stated {
        question: question.id(),
        statement: StatementNo::at_place(talk.statements().len()),
        by: Some(participant),
        text,
        rejected: false,
        meta: false,
        then: None,
        there: None,
    })));
    Ok(entries)
}

/// The number of whoever acts, with the entry that gives them one if they have none.
fn join(question: &Question, who: Who) -> Result<(ParticipantNo, Vec<Entry>), Refusal> {
    let talk = question.talk();
    match who {
        Who::Participant(no) => {
            talk.participant(no).ok_or(Refusal::NotTakingPart)?;
            Ok((no, Vec::new()))
        }
        Who::New if question.admits() != Admits::Guests => Err(Refusal::GuestsNotAdmitted),
        Who::New => {
            let participant = ParticipantNo::at_place(talk.participants().len());
            let joined =
                Joined { question: question.id(), participant, admitted: Admitted::Guest, there: None };
            Ok((participant, vec![Entry::Joined(joined)]))
        }
    }
}

fn show(question: &Question, size: u64, map: Option<u64>, mut shown: Vec<Choice>) -> Vec<Entry> {
    let talk = question.talk();
    if map.is_some_and(|map| talk.published_by(map).is_none()) {
        return Vec::new();
    }
    // Of several showings of the same, the first is noted.
    shown.sort_unstable_by_key(|choice| (choice.participant, choice.statement, choice.as_of, choice.chance));
    shown.dedup_by_key(|choice| (choice.participant, choice.statement));
    shown.retain(|choice| {
        talk.statement(choice.statement).is_some()
            && talk.participant(choice.participant).is_some_and(|by| {
                // Who has answered meanwhile was shown it all the same; who was noted already, is.
                by.mark(choice.statement).is_none_or(|mark| mark.response().is_some())
            })
            && maps::right_choice(question, size, map, choice)
    });
    let (question, rule) = (question.id(), opinion::next::VERSION);
    shown
        .chunks(MAX_SHOWN)
        .map(|chunk| Entry::Chosen(Chosen { question, map, rule, shown: chunk.to_vec() }))
        .collect()
}

pub(crate) fn apply(state: &mut State, index: u32, at: UnixMs, entry: &Entry) -> Result<(), Fault> {
    let question = state.question_mut(entry.question())?;
    if !(question.importing(index) && from_elsewhere(question, entry)) {
        may_here(question, at, entry)?;
    } else {
        question.import_goes_on(index);
    }
    match entry {
        Entry::Joined(joined) => question.talk.join(index, joined)?,
        Entry::Stated(stated) => question.talk.state(index, at, stated)?,
        Entry::Responded(responded) => question.talk.respond(index, at, responded)?,
        Entry::Retracted(retracted) => question.talk.retract(index, retracted)?,
        Entry::Shown(shown) => question.talk.show(index, shown.shown.iter().copied())?,
        Entry::Chosen(chosen) => {
            maps::check_chosen(question, u64::from(index), chosen)?;
            let talk = &question.talk;
            let unanswered: Vec<_> = (chosen.shown.iter())
                .map(|choice| (choice.participant, choice.statement))
                .filter(|(participant, statement)| talk.response(*participant, *statement).is_none())
                .collect();
            question.talk.show(index, unanswered.into_iter())?;
        }
        Entry::Mapped(mapped) => {
            maps::check(question, mapped).map_err(|why| Fault(format!("its map {why}")))?;
            question.talk.publish(index, at, mapped);
            // Nothing that is computed from the question has changed by it.
            return Ok(());
        }
    }
    question.touch(index);
    Ok(())
}

/// Whether the entry can be part of an import: it is about nobody who came in here.
fn from_elsewhere(question: &Question, entry: &Entry) -> bool {
    let from_there = |no| question.talk.participant(no).is_some_and(|who| who.admitted() != Admitted::Guest);
    match entry {
        Entry::Joined(joined) => joined.admitted != Admitted::Guest,
        Entry::Stated(stated) => stated.by.is_none_or(from_there),
        Entry::Responded(responded) => from_there(responded.participant),
        Entry::Retracted(_) | Entry::Shown(_) | Entry::Chosen(_) | Entry::Mapped(_) => false,
    }
}

/// What the server would have refused does not become right by standing in the record: whoever
/// replays it is told.
fn may_here(question: &Question, at: UnixMs, entry: &Entry) -> Result<(), Fault> {
    let id = question.id();
    let open = |activity| {
        question.allows(activity, at).map_err(|_| {
            Fault(format!("question {id} was not open for that at {at} (milliseconds since 1970)"))
        })
    };
    let late =
        || Err(Fault(format!("question {id} takes no more material from elsewhere after its opening")));
    match entry {
        Entry::Joined(joined) if joined.admitted != Admitted::Guest || joined.there.is_some() => late(),
        Entry::Joined(_) if question.admits() != Admits::Guests => {
            Err(Fault(format!("question {id} admits no guests")))
        }
        Entry::Stated(stated) if stated.by.is_none() || stated.rejected || stated.meta => late(),
        Entry::Stated(stated) if stated.then.is_some() || stated.there.is_some() => late(),
        Entry::Stated(_) => open(Activity::State),
        Entry::Responded(responded) if responded.then.is_some() => late(),
        Entry::Responded(responded) => {
            let no = responded.statement;
            if question.talk.statement(no).is_some_and(Statement::rejected) {
                return Err(Fault(format!("statement {no} was set aside and takes no responses")));
            }
            if question.talk.statement(no).is_some_and(|statement| statement.erased().is_some()) {
                return Err(Fault(format!(
                    "the words of statement {no} were erased, and it takes no responses"
                )));
            }
            open(Activity::Respond)
        }
        Entry::Retracted(_) => open(Activity::Respond),
        Entry::Joined(_) | Entry::Shown(_) | Entry::Chosen(_) | Entry::Mapped(_) => Ok(()),
    }
}
