//! Opening a question with statements and responses from elsewhere, all at once.

use super::entries::{Admitted, Entry, Joined, Responded, Stated};
use super::{MAX_IMPORTED_STATEMENT, Response};
use crate::question::{self, Imported, MAX_ASIDE, MAX_NOTE};
use crate::{Act, ParticipantNo, QuestionId, Refusal, State, StatementNo, Text, UnixMs, text};

/// A question with statements and responses from elsewhere.
#[derive(Debug, Clone)]
pub struct Import {
    /// The question.
    pub open: question::Open,
    /// Where it all comes from; `None` for what a program made up (the demo).
    pub provenance: Option<Provenance>,
    /// The participants, in the order of first response: the number each had there.
    pub participants: Vec<Option<u32>>,
    /// The statements, in the order of their numbers.
    pub statements: Vec<ImportedStatement>,
    /// The responses, in the order of time.
    pub responses: Vec<ImportedResponse>,
}

/// Where imported material comes from.
#[derive(Debug, Clone)]
pub struct Provenance {
    /// What wrote it: `polis`.
    pub from: String,
    /// What was found out about its format, signs and units.
    pub format: String,
    /// SHA-256 over the files, in hexadecimal.
    pub digest: String,
    /// Where it can be found and under which licence.
    pub source: Option<Text>,
}

/// A statement from elsewhere.
#[derive(Debug, Clone)]
pub struct ImportedStatement {
    /// Its author: a place in [`Import::participants`].
    pub by: Option<u32>,
    /// The words.
    pub text: Text,
    /// It was set aside there.
    pub rejected: bool,
    /// It is about the people who respond.
    pub meta: bool,
    /// When it was put.
    pub then: Option<UnixMs>,
    /// The number it had there.
    pub there: Option<u32>,
}

/// A response from elsewhere.
#[derive(Debug, Clone, Copy)]
pub struct ImportedResponse {
    /// Who: a place in [`Import::participants`].
    pub participant: u32,
    /// To what: a place in [`Import::statements`].
    pub statement: u32,
    /// What.
    pub response: Response,
    /// When.
    pub then: Option<UnixMs>,
}

pub(super) fn decide(state: &State, import: Import) -> Result<Vec<Act>, Refusal> {
    if state.roll.founded().is_none() {
        return Err(Refusal::NotFounded);
    }
    let Import { open, provenance, participants, statements, responses } = import;
    let id = QuestionId::at_place(state.questions.len());
    let admitted = if open.simulated { Admitted::Simulated } else { Admitted::Imported };
    let mut acts = Vec::with_capacity(2 + participants.len() + statements.len() + responses.len());
    acts.push(Act::Question(question::Entry::Opened(Box::new(question::decide_open(id, open)?))));
    if let Some(Provenance { from, format, digest, source }) = provenance {
        for note in [&from, &format, &digest] {
            text::check(Some(note), MAX_NOTE)?;
        }
        if let Some(source) = &source {
            text::check(source.words(), MAX_ASIDE)?;
        }
        let imported = Imported { question: id, from, format, digest, source };
        acts.push(Act::Question(question::Entry::Imported(Box::new(imported))));
    }
    let (people, sentences) = (participants.len(), statements.len());
    acts.extend(participants.into_iter().enumerate().map(|(place, there)| {
        let participant = ParticipantNo::at_place(place);
        Act::Talk(Entry::Joined(Joined { question: id, participant, admitted, there }))
    }));
    for (place, statement) in statements.into_iter().enumerate() {
        acts.push(Act::Talk(Entry::Stated(Box::new(stated(id, place, statement, people)?))));
    }
    for response in responses {
        acts.push(Act::Talk(Entry::Responded(responded(id, response, people, sentences)?)));
    }
    Ok(acts)
}

fn stated(
    question: QuestionId,
    place: usize,
    statement: ImportedStatement,
    people: usize,
) -> Result<Stated, Refusal> {
    let ImportedStatement { by, text, rejected, meta, then, there } = statement;
    let no = StatementNo::at_place(place);
    let by = by.map(|place| number(place, people, "author").map(ParticipantNo::at_place)).transpose()?;
    let length = text.words().ok_or(Refusal::Empty)?.chars().count();
    if length > MAX_IMPORTED_STATEMENT {
        return Err(Refusal::Import(format!(
            "statement {} is {length} characters long, at most {MAX_IMPORTED_STATEMENT} fit",
            there.unwrap_or(no.0)
        )));
    }
    Ok(Stated { question, statement: no, by, text, rejected, meta, then, there })
}

fn responded(
    question: QuestionId,
    response: ImportedResponse,
    people: usize,
    sentences: usize,
) -> Result<Responded, Refusal> {
    Ok(Responded {
        question,
        participant: number(response.participant, people, "participant").map(ParticipantNo::at_place)?,
        statement: number(response.statement, sentences, "statement").map(StatementNo::at_place)?,
        response: response.response,
        then: response.then,
    })
}

fn number(place: u32, length: usize, what: &str) -> Result<usize, Refusal> {
    let place = place as usize;
    if place < length {
        return Ok(place);
    }
    Err(Refusal::Import(format!("it names a {what} at place {place} of a list of {length}")))
}
