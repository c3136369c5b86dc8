//! A conversation that is going on: every response counts at once, the map when it is refreshed.

use crate::map::{Picture, complete};
use crate::model::{Model, Newcomer, Standing};
use crate::responses::{Flags, Responses, Rows, Value};
use crate::shape::{Map, Tally};
use std::collections::{BTreeSet, HashMap};

/// Responses as they come in, and the last map.
///
/// Tallies and a person's own position follow every response at once, the position by the statements of the
/// last map. [`Live::refresh`] makes the map that [`crate::map::map`] makes of the same responses, byte for
/// byte: what is remembered between two maps never reaches one.
///
/// Memory: 8 bytes a response, and about 300 bytes for everybody who responded since the last map.
#[derive(Default)]
pub struct Live {
    participants: Vec<u32>,
    row_of: HashMap<u32, u32>,
    /// By statement's number, ascending in each row.
    rows: Vec<Vec<(u32, Value)>>,
    tallies: HashMap<u32, Tally>,
    responses: usize,
    /// What positions are read off, once there is a map.
    fitted: Option<Fitted>,
    /// Those who responded since the last map, by row.
    standing: Vec<Option<Box<Standing>>>,
}

struct Fitted {
    model: Model,
    picture: Picture,
    newcomer: Newcomer,
    column_of: HashMap<u32, usize>,
}

/// What changed with a response.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Now {
    /// All responses to the statement.
    pub tally: Tally,
    /// Where the person stands on the last map; nothing before the first.
    pub position: Option<[f64; 2]>,
    /// How surely: variance along x, covariance, variance along y.
    pub uncertainty: Option<[f64; 3]>,
}

impl Live {
    /// Nobody has responded yet.
    pub fn new() -> Live {
        Live::default()
    }

    /// How many responses count.
    pub fn len(&self) -> usize {
        self.responses
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.responses == 0
    }

    /// All responses to a statement.
    pub fn tally(&self, statement: u32) -> Tally {
        self.tallies.get(&statement).copied().unwrap_or_default()
    }

    /// A participant's responses, by statement.
    pub fn row(&self, participant: u32) -> &[(u32, Value)] {
        self.row_of.get(&participant).map_or(&[], |&row| &self.rows[row as usize])
    }

    /// The participant responds, or withdraws the response with `None`; this replaces an earlier response.
    pub fn respond(&mut self, participant: u32, statement: u32, value: Option<Value>) -> Now {
        let next = self.participants.len() as u32;
        let row = *self.row_of.entry(participant).or_insert(next);
        if row == next {
            self.participants.push(participant);
            self.rows.push(Vec::new());
            self.standing.push(None);
        }
        let responses = &mut self.rows[row as usize];
        let tally = self.tallies.entry(statement).or_default();
        let place = responses.binary_search_by_key(&statement, |&(number, _)| number);
        if let Ok(at) = place {
            count(tally, responses[at].1, |count| *count -= 1);
            self.responses -= 1;
        }
        match (place, value) {
            (Ok(at), Some(value)) => responses[at].1 = value,
            (Ok(at), None) => drop(responses.remove(at)),
            (Err(at), Some(value)) => responses.insert(at, (statement, value)),
            (Err(_), None) => {}
        }
        if let Some(value) = value {
            count(tally, value, |count| *count += 1);
            self.responses += 1;
        }
        let tally = *tally;
        let place = self.place(row, statement, value, place.is_err());
        Now { tally, position: place.map(|(at, _)| at), uncertainty: place.map(|(_, how)| how) }
    }

    /// Where the person of a row stands. `new`: nothing they said before is replaced.
    fn place(
        &mut self,
        row: u32,
        statement: u32,
        value: Option<Value>,
        new: bool,
    ) -> Option<([f64; 2], [f64; 3])> {
        let Fitted { model, picture, newcomer, column_of } = self.fitted.as_ref()?;
        let side = value.and_then(half).and_then(|half| Some((*column_of.get(&statement)?, half)));
        let person = match (&mut self.standing[row as usize], side) {
            (Some(standing), Some((column, half))) if new => newcomer.with(standing, model, column, half),
            _ => {
                let sides: Vec<(usize, f32)> = self.rows[row as usize]
                    .iter()
                    .filter_map(|&(statement, value)| Some((*column_of.get(&statement)?, half(value)?)))
                    .collect();
                let (standing, person) = newcomer.taken_up(model, &sides);
                self.standing[row as usize] = Some(Box::new(standing));
                person
            }
        };
        Some((picture.position(&person), picture.uncertainty(&person)))
    }

    /// The responses that count, in canonical order.
    pub fn responses(&self) -> Responses {
        let mut statements: Vec<u32> = self.tallies.keys().copied().collect();
        statements.sort_unstable();
        let column_of: HashMap<u32, u32> = statements.iter().copied().zip(0..).collect();
        let mut order: Vec<usize> = (0..self.rows.len()).collect();
        order.sort_unstable_by_key(|&row| self.participants[row]);
        let mut rows = Rows::new(statements, self.responses);
        let mut row = Vec::new();
        for at in order {
            row.clear();
            row.extend(self.rows[at].iter().map(|&(statement, value)| (column_of[&statement], Some(value))));
            rows.push(self.participants[at], &row);
        }
        rows.finish()
    }

    /// The map of all responses so far; from now on positions follow it.
    pub fn refresh(&mut self, flags: &Flags, too_fast: &BTreeSet<u32>) -> Map {
        let responses = self.responses();
        let (map, model, picture) = complete(&responses, flags, too_fast);
        let column_of = responses.statements.iter().copied().zip(0..).collect();
        self.fitted = Some(Fitted { newcomer: Newcomer::new(&model), model, picture, column_of });
        self.standing.fill_with(|| None);
        map
    }
}

fn half(value: Value) -> Option<f32> {
    match value {
        Value::Agree => Some(0.5),
        Value::Disagree => Some(-0.5),
        Value::Pass => None,
    }
}

fn count(tally: &mut Tally, value: Value, change: impl Fn(&mut u32)) {
    change(match value {
        Value::Agree => &mut tally.agree,
        Value::Disagree => &mut tally.disagree,
        Value::Pass => &mut tally.pass,
    });
    change(&mut tally.seen);
}
