//! What talk folds into: statements with their tallies, participants with their responses.

use super::Response;
use super::entries::{Admitted, Joined, Mapped, Responded, Retracted, Stated};
use super::maps::Published;
use crate::moderation::Erasure;
use crate::state::{Fault, as_json};
use crate::{Field, ParticipantNo, StatementNo, Text, UnixMs};
use opinion::map::Pace;
use serde::{Deserialize, Serialize};

/// Statements and responses of one question.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Talk {
    statements: Vec<Statement>,
    participants: Vec<Participant>,
    /// Who responded, in the order of first response.
    responders: Vec<ParticipantNo>,
    responses: u64,
    /// How many entries the record had when a response was last given or taken back; 0 before the first.
    changed: u64,
    /// The opinion maps that were published, in their order.
    maps: Vec<Published>,
    events: u64,
}

/// A sentence somebody put to everyone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Statement {
    #[serde(with = "as_json")]
    stated: Stated,
    entry: u64,
    at: UnixMs,
    tally: Tally,
}

/// How many participants said what to a statement, and to how many it was shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Participants who agree.
    pub agree: u32,
    /// Participants who disagree.
    pub disagree: u32,
    /// Participants who passed.
    pub pass: u32,
    /// Participants to whom it was shown, those who responded included.
    pub shown: u32,
}

impl Tally {
    /// Participants who responded.
    pub fn responses(self) -> u32 {
        self.agree + self.disagree + self.pass
    }

    fn count(&mut self, response: Response) -> &mut u32 {
        match response {
            Response::Agree => &mut self.agree,
            Response::Disagree => &mut self.disagree,
            Response::Pass => &mut self.pass,
        }
    }
}

/// Somebody who takes part in the question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Participant {
    admitted: Admitted,
    there: Option<u32>,
    entry: u32,
    stated: u32,
    responded: bool,
    pace: Pace,
    marks: Vec<Mark>,
}

/// What stands between one participant and one statement, in 8 bytes: it was shown, or responded
/// to, and which entry says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// The statement in the upper 30 bits; below, 0 for shown, else the response.
    word: u32,
    entry: u32,
}

impl Mark {
    const SHOWN: u32 = 0;

    fn new(statement: StatementNo, value: u32, entry: u32) -> Self {
        Self { word: statement.0 << 2 | value, entry }
    }

    fn value_of(response: Response) -> u32 {
        match response {
            Response::Agree => 1,
            Response::Disagree => 2,
            Response::Pass => 3,
        }
    }

    /// Which statement.
    pub fn statement(self) -> StatementNo {
        StatementNo(self.word >> 2)
    }

    /// What was said to it, if it was not only shown or taken back.
    pub fn response(self) -> Option<Response> {
        match self.word & 3 {
            1 => Some(Response::Agree),
            2 => Some(Response::Disagree),
            3 => Some(Response::Pass),
            _ => None,
        }
    }

    /// Index of the entry that says so.
    pub fn entry(self) -> u64 {
        u64::from(self.entry)
    }
}

impl Statement {
    /// Its number.
    pub fn no(&self) -> StatementNo {
        self.stated.statement
    }
    /// The words, or `None` where they were erased.
    pub fn words(&self) -> Option<&str> {
        self.stated.text.words()
    }
    /// What the record says about the erasing of its words, if they were erased.
    pub fn erased(&self) -> Option<Erasure> {
        self.stated.text.erased()
    }
    /// Whether people are asked what they say to it: not if it was set aside, and not without its words.
    pub fn takes_responses(&self) -> bool {
        !self.rejected() && self.erased().is_none()
    }
    /// Who put it, where that is known.
    pub fn by(&self) -> Option<ParticipantNo> {
        self.stated.by
    }
    /// Index of the entry that put it.
    pub fn entry(&self) -> u64 {
        self.entry
    }
    /// When it was put, here or where it comes from.
    pub fn at(&self) -> UnixMs {
        self.stated.then.unwrap_or(self.at)
    }
    /// The number it had where it comes from.
    pub fn there(&self) -> Option<u32> {
        self.stated.there
    }
    /// Whether it was set aside where it comes from.
    pub fn rejected(&self) -> bool {
        self.stated.rejected
    }
    /// Whether it is about the people who respond rather than the question.
    pub fn meta(&self) -> bool {
        self.stated.meta
    }
    /// How many said what.
    pub fn tally(&self) -> Tally {
        self.tally
    }
}

impl Participant {
    /// How they came in.
    pub fn admitted(&self) -> Admitted {
        self.admitted
    }
    /// The number they had where they come from.
    pub fn there(&self) -> Option<u32> {
        self.there
    }
    /// Index of the entry by which they joined.
    pub fn entry(&self) -> u64 {
        u64::from(self.entry)
    }
    /// How many statements they put.
    pub fn stated(&self) -> usize {
        self.stated as usize
    }
    /// What stands between them and statements, in the order of first showing or response.
    pub fn marks(&self) -> &[Mark] {
        &self.marks
    }
    /// Their responses, as the opinion map reads them: statement and value.
    pub fn for_opinion(&self) -> impl Iterator<Item = (u32, opinion::Value)> {
        self.marks.iter().filter_map(|mark| Some((mark.statement().0, super::next::value(mark.response()?))))
    }
    /// What stands between them and one statement.
    pub fn mark(&self, statement: StatementNo) -> Option<Mark> {
        self.marks.iter().find(|mark| mark.statement() == statement).copied()
    }
    /// How many statements they respond to.
    pub fn responses(&self) -> usize {
        self.marks.iter().filter(|mark| mark.response().is_some()).count()
    }
}

impl Talk {
    /// All statements, in the order of their numbers.
    pub fn statements(&self) -> &[Statement] {
        &self.statements
    }
    /// The statement of that number.
    pub fn statement(&self, no: StatementNo) -> Option<&Statement> {
        self.statements.get(no.place()?)
    }
    /// The statement that the entry of that index put.
    pub fn put_by_entry(&self, entry: u64) -> Option<&Statement> {
        self.statements.get(self.place_of(entry)?)
    }
    /// All participants, in the order of their numbers.
    pub fn participants(&self) -> &[Participant] {
        &self.participants
    }
    /// The participant of that number.
    pub fn participant(&self, no: ParticipantNo) -> Option<&Participant> {
        self.participants.get(no.place()?)
    }
    /// Participants who ever responded, in the order of first response.
    pub fn responders(&self) -> &[ParticipantNo] {
        &self.responders
    }
    /// Responses that stand.
    pub fn responses(&self) -> u64 {
        self.responses
    }
    /// Responses ever given: with those that were changed or taken back.
    pub fn events(&self) -> u64 {
        self.events
    }
    /// How many entries the record had when a response was last given or taken back: an opinion map is good as
    /// long as this stays. 0 before the first response.
    pub fn changed(&self) -> u64 {
        self.changed
    }
    /// The opinion maps that were published, in their order.
    pub fn maps(&self) -> &[Published] {
        &self.maps
    }
    /// The opinion map that the entry of that index published.
    pub fn published_by(&self, entry: u64) -> Option<&Published> {
        let place = self.maps.binary_search_by_key(&entry, |published| published.entry).ok()?;
        self.maps.get(place)
    }
    /// Participants who respond faster than anybody reads, as far as it is known when they did.
    pub fn too_fast(&self) -> impl Iterator<Item = ParticipantNo> {
        let fast = self.participants.iter().enumerate().filter(|(_, who)| who.pace.is_too_fast());
        fast.map(|(place, _)| ParticipantNo::at_place(place))
    }
    /// Who was asked what, of the statements that people are asked about; those nobody responded to are among them.
    pub fn exposure(&self) -> opinion::evaluate::Exposure {
        let asked = self.statements.iter().filter(|statement| statement.takes_responses());
        opinion::evaluate::exposure(&asked.map(|statement| statement.tally.responses()).collect::<Vec<_>>())
    }
    /// What a participant says to a statement, and the entry that says so.
    pub fn response(&self, participant: ParticipantNo, statement: StatementNo) -> Option<(Response, u64)> {
        let mark = self.participant(participant)?.mark(statement)?;
        Some((mark.response()?, mark.entry()))
    }
    /// The statement that says exactly these words, white space around them aside.
    pub fn saying(&self, words: &str) -> Option<&Statement> {
        let words = words.trim();
        self.statements.iter().find(|statement| statement.words().is_some_and(|said| said.trim() == words))
    }

    /// The responses that stand, as the opinion map reads them: participants in the order of first
    /// response.
    pub fn for_opinion(&self) -> opinion::Responses {
        let mut builder = opinion::ResponsesBuilder::new();
        for no in &self.responders {
            for (statement, value) in self.participant(*no).into_iter().flat_map(Participant::for_opinion) {
                builder.respond(no.0, statement, value);
            }
        }
        builder.build()
    }

    pub(crate) fn texts_mut(&mut self) -> impl Iterator<Item = (u64, Field, &mut Text)> {
        self.statements.iter_mut().map(|statement| (statement.entry, Field::Text, &mut statement.stated.text))
    }

    /// Where the statement stands that the entry put: they are in the order of their entries.
    fn place_of(&self, entry: u64) -> Option<usize> {
        self.statements.binary_search_by_key(&entry, |statement| statement.entry).ok()
    }

    /// Forgets the words of the statement that the entry put; says whether there is one.
    pub(crate) fn erase(&mut self, entry: u64, erasure: Erasure) -> bool {
        let place = self.place_of(entry);
        let statement = place.and_then(|place| self.statements.get_mut(place));
        statement.map(|statement| statement.stated.text.erase(erasure)).is_some()
    }

    pub(super) fn join(&mut self, index: u32, joined: &Joined) -> Result<(), Fault> {
        let expected = ParticipantNo::at_place(self.participants.len());
        if joined.participant != expected {
            let got = joined.participant;
            return Err(Fault(format!("it admits participant {got} where {expected} comes next")));
        }
        self.participants.push(Participant {
            admitted: joined.admitted,
            there: joined.there,
            entry: index,
            stated: 0,
            responded: false,
            pace: Pace::default(),
            marks: Vec::new(),
        });
        Ok(())
    }

    pub(super) fn state(&mut self, index: u32, at: UnixMs, stated: &Stated) -> Result<(), Fault> {
        let expected = StatementNo::at_place(self.statements.len());
        if stated.statement != expected || expected.0 >= 1 << 30 {
            let got = stated.statement;
            return Err(Fault(format!("it puts statement {got} where {expected} comes next")));
        }
        if let Some(by) = stated.by {
            self.participant_mut(by)?.stated += 1;
        }
        self.statements.push(Statement {
            stated: stated.clone(),
            entry: u64::from(index),
            at,
            tally: Tally::default(),
        });
        Ok(())
    }

    pub(super) fn respond(&mut self, index: u32, at: UnixMs, responded: &Responded) -> Result<(), Fault> {
        let Responded { participant: no, statement, response, then, .. } = *responded;
        self.statement(statement).ok_or_else(|| no_statement(statement))?;
        let participant = self.participant_mut(no)?;
        // Of what was given elsewhere, only the time there says how fast.
        if let Some(time) = then.or((participant.admitted == Admitted::Guest).then_some(at)) {
            participant.pace.note(time);
        }
        let mark = Mark::new(statement, Mark::value_of(response), index);
        let before = match participant.marks.iter_mut().find(|mark| mark.statement() == statement) {
            Some(old) => Some(std::mem::replace(old, mark)),
            None => {
                participant.marks.push(mark);
                None
            }
        };
        let first = !std::mem::replace(&mut participant.responded, true);
        if first {
            self.responders.push(no);
        }
        let tally = self.tally_mut(statement)?;
        *tally.count(response) += 1;
        match before {
            None => tally.shown += 1,
            Some(before) => {
                if let Some(old) = before.response() {
                    *tally.count(old) -= 1;
                }
            }
        }
        self.events += 1;
        self.changed = u64::from(index) + 1;
        self.responses += u64::from(before.and_then(Mark::response).is_none());
        Ok(())
    }

    pub(super) fn retract(&mut self, index: u32, retracted: &Retracted) -> Result<(), Fault> {
        let Retracted { participant, statement, .. } = *retracted;
        let marks = &mut self.participant_mut(participant)?.marks;
        let mark = marks.iter_mut().find(|mark| mark.statement() == statement);
        let response = mark.as_ref().and_then(|mark| mark.response());
        let (Some(mark), Some(response)) = (mark, response) else {
            return Err(Fault(format!(
                "it takes back a response of participant {participant} to statement {statement}, and there is \
                 none"
            )));
        };
        mark.word = statement.0 << 2 | Mark::SHOWN;
        *self.tally_mut(statement)?.count(response) -= 1;
        self.responses -= 1;
        self.changed = u64::from(index) + 1;
        Ok(())
    }

    pub(super) fn publish(&mut self, index: u32, at: UnixMs, mapped: &Mapped) {
        self.maps.push(Published { entry: u64::from(index), at, mapped: mapped.clone() });
    }

    pub(super) fn show(
        &mut self,
        index: u32,
        shown: impl Iterator<Item = (ParticipantNo, StatementNo)>,
    ) -> Result<(), Fault> {
        for (participant, statement) in shown {
            self.statement(statement).ok_or_else(|| no_statement(statement))?;
            let participant = self.participant_mut(participant)?;
            if participant.mark(statement).is_some() {
                return Err(Fault(format!("it shows statement {statement} to somebody a second time")));
            }
            participant.marks.push(Mark::new(statement, Mark::SHOWN, index));
            self.tally_mut(statement)?.shown += 1;
        }
        Ok(())
    }

    fn participant_mut(&mut self, no: ParticipantNo) -> Result<&mut Participant, Fault> {
        no.place()
            .and_then(|place| self.participants.get_mut(place))
            .ok_or_else(|| Fault(format!("participant {no} does not take part")))
    }

    fn tally_mut(&mut self, no: StatementNo) -> Result<&mut Tally, Fault> {
        no.place()
            .and_then(|place| self.statements.get_mut(place))
            .map(|statement| &mut statement.tally)
            .ok_or_else(|| no_statement(no))
    }
}

fn no_statement(no: StatementNo) -> Fault {
    Fault(format!("statement {no} does not exist"))
}
