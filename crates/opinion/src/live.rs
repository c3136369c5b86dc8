//! A conversation that is going on: every response counts at once.

use crate::map::{Ground, map_and_ground};
use crate::model::{Newcomer, Standing};
use crate::responses::{Flags, Responses, Rows, Value};
use crate::shape::{Map, Tally};
use crate::simulate::mix;
use std::collections::{BTreeSet, HashMap};
use std::hash::{BuildHasherDefault, Hasher};

/// Responses as they come in, and maps of them.
///
/// Three things follow them, each in its time:
///
/// * [`Live::respond`] counts a response and says where its person stands now: at once, in well under a microsecond,
///   or a few for whoever has not responded for two refreshes. The position depends a little on the order in which
///   somebody responded.
/// * [`Live::shown`] is the whole map as of now, read off what the last [`Live::refresh`] found out about
///   statements and groups: see [`Ground::map`]. It follows from that refresh and the responses that count alone, not
///   from their order, nor from how often it was looked at.
/// * [`Live::refresh`] finds everything out again: the map that [`crate::map::map_with_care`] makes of the same
///   responses, byte for byte. What is remembered between two maps never reaches it, so this is the one to
///   publish.
///
/// Memory: 8 bytes a response, about 130 bytes a statement and 100 a participant, and about 300 bytes more for
/// everybody who responded since the last refresh or the one before.
#[derive(Default)]
pub struct Live {
    people: Vec<Person>,
    row_of: Numbers,
    statements: Vec<Statement>,
    statement_of: Numbers,
    responses: usize,
    /// What positions are read off, once there is a map.
    fitted: Option<Fitted>,
}

/// Index by number.
type Numbers = HashMap<u32, u32, BuildHasherDefault<Mixing>>;

struct Person {
    number: u32,
    /// By statement's number, ascending.
    row: Vec<(u32, Value)>,
    /// If they responded since the last map or the one before.
    standing: Option<Box<Standing>>,
    /// Whether they responded since the last map.
    recent: bool,
}

struct Statement {
    number: u32,
    tally: Tally,
    /// In the last fit.
    column: Option<u32>,
}

struct Fitted {
    ground: Ground,
    newcomer: Newcomer,
    last: Map,
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
        self.statement_of
            .get(&statement)
            .map_or_else(Tally::default, |&at| self.statements[at as usize].tally)
    }

    /// A participant's responses, by statement.
    pub fn row(&self, participant: u32) -> &[(u32, Value)] {
        self.row_of.get(&participant).map_or(&[], |&at| &self.people[at as usize].row)
    }

    /// The participant responds, or withdraws the response with `None`; this replaces an earlier response.
    pub fn respond(&mut self, participant: u32, statement: u32, value: Option<Value>) -> Now {
        let next = self.people.len() as u32;
        let row = *self.row_of.entry(participant).or_insert(next);
        if row == next {
            self.people.push(Person { number: participant, row: Vec::new(), standing: None, recent: false });
        }
        let next = self.statements.len() as u32;
        let at = *self.statement_of.entry(statement).or_insert(next);
        if at == next {
            self.statements.push(Statement { number: statement, tally: Tally::default(), column: None });
        }
        let person = &mut self.people[row as usize];
        let counted = &mut self.statements[at as usize];
        // Read from its start: a row is short, and each step of a binary search would wait for memory.
        let after = person.row.iter().take_while(|&&(number, _)| number < statement).count();
        let place = match person.row.get(after) {
            Some(&(number, _)) if number == statement => Ok(after),
            _ => Err(after),
        };
        if let Ok(at) = place {
            count(&mut counted.tally, person.row[at].1, |count| *count -= 1);
            self.responses -= 1;
        }
        match (place, value) {
            (Ok(at), Some(value)) => person.row[at].1 = value,
            (Ok(at), None) => drop(person.row.remove(at)),
            (Err(at), Some(value)) => person.row.insert(at, (statement, value)),
            (Err(_), None) => {}
        }
        if let Some(value) = value {
            count(&mut counted.tally, value, |count| *count += 1);
            self.responses += 1;
        }
        person.recent = self.fitted.is_some();
        let (tally, column) = (counted.tally, counted.column);
        let place = self.place(row, column, value, place.is_err());
        Now { tally, position: place.map(|(at, _)| at), uncertainty: place.map(|(_, how)| how) }
    }

    /// Where the person of a row stands. `new`: nothing they said before is replaced.
    fn place(
        &mut self,
        row: u32,
        column: Option<u32>,
        value: Option<Value>,
        new: bool,
    ) -> Option<([f64; 2], [f64; 3])> {
        let Fitted { ground, newcomer, .. } = self.fitted.as_ref()?;
        let fit = ground.fit();
        let person = &mut self.people[row as usize];
        let side = value.and_then(half).and_then(|half| Some((column? as usize, half)));
        let normal = match &mut person.standing {
            Some(standing) if new => newcomer.with(standing, &fit.model, side),
            standing => {
                let sides: Vec<(usize, f32)> = (person.row.iter())
                    .filter_map(|&(number, value)| {
                        let at = *self.statement_of.get(&number)?;
                        Some((self.statements[at as usize].column? as usize, half(value)?))
                    })
                    .collect();
                let (found, normal) = newcomer.taken_up(&fit.model, &sides);
                *standing = Some(Box::new(found));
                normal
            }
        };
        Some((fit.picture.position(&normal), fit.picture.uncertainty(&normal)))
    }

    /// The responses that count, in canonical order.
    pub fn responses(&self) -> Responses {
        let mut numbers: Vec<u32> = self.statements.iter().map(|statement| statement.number).collect();
        numbers.sort_unstable();
        let mut column_of = Numbers::default();
        column_of.extend(numbers.iter().copied().zip(0..));
        let mut order: Vec<u32> = (0..self.people.len() as u32).collect();
        order.retain(|&at| !self.people[at as usize].row.is_empty());
        order.sort_unstable_by_key(|&at| self.people[at as usize].number);
        let mut rows = Rows::new(numbers, self.responses);
        let mut row = Vec::new();
        for at in order {
            let person = &self.people[at as usize];
            row.clear();
            row.extend(person.row.iter().map(|&(number, value)| (column_of[&number], Some(value))));
            rows.push(person.number, &row);
        }
        rows.finish()
    }

    /// The map of all responses so far, found out from them alone; what is shown from now on follows it.
    pub fn refresh(&mut self, flags: &Flags, too_fast: &BTreeSet<u32>) -> Map {
        let responses = self.responses();
        let (map, ground) = map_and_ground(&responses, flags, too_fast);
        for statement in &mut self.statements {
            let column = responses.statements.binary_search(&statement.number).ok();
            statement.column = column.map(|column| column as u32);
        }
        self.people.iter_mut().for_each(|person| person.standing = None);
        let newcomer = Newcomer::new(&ground.fit().model);
        self.fitted = Some(Fitted { ground, newcomer, last: map.clone() });
        // Whoever responded lately will do so again, and should not wait then.
        for row in 0..self.people.len() {
            if std::mem::take(&mut self.people[row].recent) {
                self.place(row as u32, None, None, false);
            }
        }
        map
    }

    /// The map as of now, read off the last [`Live::refresh`]; nothing before the first. See [`Ground::map`].
    pub fn shown(&self, flags: &Flags) -> Option<Map> {
        let Fitted { ground, last, .. } = self.fitted.as_ref()?;
        Some(ground.map(last, &self.responses(), flags))
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

/// Numbers are given out one after the other by whoever keeps them, so that nobody outside can choose them to
/// collide, and nothing here depends on their order in the table.
#[derive(Default)]
struct Mixing(u64);

impl Hasher for Mixing {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|&byte| self.0 = mix(self.0 ^ u64::from(byte)));
    }

    fn write_u32(&mut self, number: u32) {
        self.0 = mix(self.0 ^ u64::from(number));
    }
}
