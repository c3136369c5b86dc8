//! Why a command is refused: a value with a sentence for the person, never a crash.

use crate::{Field, QuestionId, StatementNo, UnixMs};

/// A command that adds nothing to the record, and why, said to the person who gave it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The assembly was founded already.
    #[error("This assembly was founded already. Open a question in it instead.")]
    AlreadyFounded,
    /// Nothing was founded yet.
    #[error("There is no assembly here yet. Found it first.")]
    NotFounded,
    /// A change of keys that does not hold.
    #[error("The record cannot go on under that key. {0}")]
    Rekey(String),
    /// No question of that number.
    #[error("There is no question {0} in this assembly. Look at the list of questions.")]
    NoSuchQuestion(QuestionId),
    /// No statement of that number.
    #[error("There is no statement {0} in this question. Go back and take the next one.")]
    NoSuchStatement(StatementNo),
    /// A participant number that was never given out.
    #[error("You do not take part in this question yet. Open its page and respond to a statement first.")]
    NotTakingPart,
    /// Only the roll may take part.
    #[error("Only people on the roll may take part in this question. Ask the organisers to be admitted.")]
    GuestsNotAdmitted,
    /// The activity begins later.
    #[error("This has not begun yet. Come back when the step opens; nothing was recorded.")]
    NotYet {
        /// When it begins.
        opens: UnixMs,
    },
    /// The activity is over, or was never part of the question.
    #[error(
        "This question is closed for that now. What you sent was not recorded; what was said before stays."
    )]
    Closed,
    /// The statement was set aside.
    #[error("This statement was set aside and takes no responses. Take the next one.")]
    SetAside(StatementNo),
    /// The words of the statement were erased.
    #[error(
        "The words of statement {0} were erased, so it takes no more responses; those it has stay. Take the next one."
    )]
    WordsErased(StatementNo),
    /// No entry of that index.
    #[error("The record has no entry {0}. Look the number up: it stands beside the words, at the receipt.")]
    NoSuchEntry(u64),
    /// The entry holds no such text.
    #[error(
        "Entry {entry} has no text “{}”, so nothing was erased. Look the number up: it stands beside the words, at the receipt. A statement \
         has “text”, a question “title”, “why” and “decides”, an import “source”, and entry 0 “title”.", .field.name()
    )]
    NoSuchText {
        /// The entry.
        entry: u64,
        /// The field asked for.
        field: Field,
    },
    /// The words are gone already.
    #[error("The words of entry {0} were erased before. There is nothing more to do.")]
    AlreadyErased(u64),
    /// Somebody else wrote it.
    #[error(
        "Entry {0} is not a statement of yours, so you cannot erase it. If it should not stand here, report it."
    )]
    NotYours(u64),
    /// Nothing written.
    #[error("Nothing is written there. Write one sentence and send it again.")]
    Empty,
    /// Too long.
    #[error("That is {length} characters long; at most {limit} fit. Shorten it and send it again.")]
    TooLong {
        /// Characters given.
        length: usize,
        /// Characters allowed.
        limit: usize,
    },
    /// Control characters and the like.
    #[error(
        "The text has characters that cannot be shown (control characters). Remove them and send it again."
    )]
    Unprintable,
    /// Somebody put the same statement already.
    #[error("Statement {0} says exactly that. Respond to it instead.")]
    AlreadySaid(StatementNo),
    /// One participant has put too many statements.
    #[error(
        "You have put {0} statements, which is as many as one participant may. Respond to those of others."
    )]
    EnoughSaid(usize),
    /// Nothing to take back.
    #[error("You have not responded to statement {0}, so there is nothing to take back.")]
    NothingToRetract(StatementNo),
    /// More steps than fit into an entry.
    #[error(
        "These are too many steps, or too many activities in one. At most {0} steps fit; leave some out."
    )]
    TooManySteps(usize),
    /// Steps that contradict themselves.
    #[error("The step “{step}” would close before it opens. Correct its dates.")]
    BackwardsStep {
        /// Its name.
        step: &'static str,
    },
    /// A map that cannot be of this record.
    #[error("This opinion map cannot be of this record: it {0}. It was not published.")]
    Map(String),
    /// Imported material that does not fit together.
    #[error("The import does not fit together: {0}. Nothing was imported.")]
    Import(String),
    /// The record holds as many entries as it may.
    #[error("The record is full: it holds as many entries as this program can number. Found a new assembly.")]
    RecordFull,
}

impl Refusal {
    /// A word for programs, stable over versions.
    pub fn code(&self) -> &'static str {
        match self {
            Refusal::AlreadyFounded => "already_founded",
            Refusal::NotFounded => "not_founded",
            Refusal::Rekey(_) => "rekey",
            Refusal::NoSuchQuestion(_) => "no_such_question",
            Refusal::NoSuchStatement(_) => "no_such_statement",
            Refusal::NotTakingPart => "not_taking_part",
            Refusal::GuestsNotAdmitted => "guests_not_admitted",
            Refusal::NotYet { .. } => "not_yet",
            Refusal::Closed => "closed",
            Refusal::SetAside(_) => "set_aside",
            Refusal::WordsErased(_) => "words_erased",
            Refusal::NoSuchEntry(_) => "no_such_entry",
            Refusal::NoSuchText { .. } => "no_such_text",
            Refusal::AlreadyErased(_) => "already_erased",
            Refusal::NotYours(_) => "not_yours",
            Refusal::Empty => "empty",
            Refusal::TooLong { .. } => "too_long",
            Refusal::Unprintable => "unprintable",
            Refusal::AlreadySaid(_) => "already_said",
            Refusal::EnoughSaid(_) => "enough_said",
            Refusal::NothingToRetract(_) => "nothing_to_retract",
            Refusal::TooManySteps(_) => "too_many_steps",
            Refusal::BackwardsStep { .. } => "backwards_step",
            Refusal::Map(_) => "map",
            Refusal::Import(_) => "import",
            Refusal::RecordFull => "record_full",
        }
    }
}
