//! Who responded what: one short word per response, row by row.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

/// A response to a statement.
///
/// Everywhere in this crate agree is +1, disagree is −1 and pass is 0; Polis stores the opposite.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Value {
    /// −1.
    Disagree,
    /// 0: seen, and neither.
    Pass,
    /// +1.
    Agree,
}

impl Value {
    /// +1, 0 or −1.
    pub fn sign(self) -> i8 {
        match self {
            Value::Agree => 1,
            Value::Pass => 0,
            Value::Disagree => -1,
        }
    }

    /// The value with this sign; nothing for any other number.
    pub fn from_sign(sign: i64) -> Option<Value> {
        match sign {
            1 => Some(Value::Agree),
            0 => Some(Value::Pass),
            -1 => Some(Value::Disagree),
            _ => None,
        }
    }

    pub(crate) const fn code(self) -> usize {
        match self {
            Value::Pass => PASS,
            Value::Agree => AGREE,
            Value::Disagree => DISAGREE,
        }
    }

    fn from_code(code: usize) -> Value {
        match code {
            AGREE => Value::Agree,
            DISAGREE => Value::Disagree,
            _ => Value::Pass,
        }
    }
}

/// The two low bits of a word.
pub(crate) const PASS: usize = 0;
pub(crate) const AGREE: usize = 1;
pub(crate) const DISAGREE: usize = 2;

/// Slots per column in a table that words index directly: three values and one unused, so that the index
/// is the word itself.
pub(crate) const SLOTS: usize = 4;

/// With 14 bits for the column, a 16-bit word reaches this many statements; above it words have 32 bits.
const NARROW_COLUMNS: usize = 1 << 14;
const _: () = assert!(NARROW_COLUMNS * SLOTS == 1 << 16);

/// A response in memory: the column in the high bits, the value in the two low bits.
pub(crate) trait Word: Copy + Send + Sync + Ord {
    /// `column * SLOTS + code`.
    fn slot(self) -> usize;
}

impl Word for u16 {
    fn slot(self) -> usize {
        usize::from(self)
    }
}

impl Word for u32 {
    fn slot(self) -> usize {
        self as usize
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Words {
    Narrow(Vec<u16>),
    Wide(Vec<u32>),
}

/// Runs the same code on narrow and on wide words.
macro_rules! with_words {
    ($responses:expr, $words:ident => $body:expr) => {
        match &$responses.words {
            $crate::responses::Words::Narrow($words) => $body,
            $crate::responses::Words::Wide($words) => $body,
        }
    };
}
pub(crate) use with_words;

/// The responses of one conversation: of each participant to each statement, the latest.
///
/// A *row* is a participant with at least one response; rows are in order of their first response, even
/// one that was later replaced or withdrawn. A *column* is a statement with at least one response; columns
/// are in ascending order of the statements' numbers. Within a row, responses are in column order.
/// Memory: 2 bytes a response (4 above 16,384 columns), 12 bytes a row, 4 bytes a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Responses {
    pub(crate) participants: Vec<u32>,
    pub(crate) statements: Vec<u32>,
    /// Row `r` is `words[offsets[r]..offsets[r + 1]]`.
    pub(crate) offsets: Vec<usize>,
    pub(crate) words: Words,
}

impl Responses {
    /// The participants' numbers, by row.
    pub fn participants(&self) -> &[u32] {
        &self.participants
    }

    /// The statements' numbers, by column, ascending.
    pub fn statements(&self) -> &[u32] {
        &self.statements
    }

    /// How many responses there are.
    pub fn len(&self) -> usize {
        with_words!(self, words => words.len())
    }

    /// Whether nobody responded.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The responses of a row as (statement, value), in ascending order of statements; none for a row
    /// that is not there.
    pub fn row(&self, row: usize) -> impl Iterator<Item = (u32, Value)> + '_ {
        let range = match (self.offsets.get(row), self.offsets.get(row + 1)) {
            (Some(&start), Some(&end)) => start..end,
            _ => 0..0,
        };
        range.map(move |at| {
            let slot = with_words!(self, words => words[at].slot());
            (self.statements[slot / SLOTS], Value::from_code(slot % SLOTS))
        })
    }

    /// SHA-256 of the responses: equal for equal responses, however they came about.
    ///
    /// It covers the statements' numbers (ascending), and row by row, in order, the participant's number
    /// and their responses in ascending order of statements. It does not cover the order of responses
    /// within a row, replaced or withdrawn responses, times, texts or flags. See [`crate::Map::digest`].
    pub fn digest(&self) -> [u8; 32] {
        crate::digest::digest(self)
    }

    /// The same responses with rows in ascending order of participants' numbers: equal for equal responses,
    /// whatever order they came in. Borrowed where that is their order already.
    pub fn canonical(&self) -> Cow<'_, Responses> {
        if self.participants.is_sorted() {
            return Cow::Borrowed(self);
        }
        let mut order: Vec<u32> = (0..self.rows() as u32).collect();
        order.sort_unstable_by_key(|&row| self.participants[row as usize]);
        let mut offsets = Vec::with_capacity(self.rows() + 1);
        offsets.push(0);
        for &row in &order {
            offsets.push(offsets[offsets.len() - 1] + self.row_len(row as usize));
        }
        let words = match &self.words {
            Words::Narrow(words) => Words::Narrow(self.gather(words, &order)),
            Words::Wide(words) => Words::Wide(self.gather(words, &order)),
        };
        let participants = order.iter().map(|&row| self.participants[row as usize]).collect();
        Cow::Owned(Responses { participants, statements: self.statements.clone(), offsets, words })
    }

    fn gather<W: Word>(&self, words: &[W], order: &[u32]) -> Vec<W> {
        let mut gathered = Vec::with_capacity(words.len());
        for &row in order {
            let row = row as usize;
            gathered.extend_from_slice(&words[self.offsets[row]..self.offsets[row + 1]]);
        }
        gathered
    }

    /// The responses for which `keep(participant, statement, value)`.
    pub fn filtered(&self, keep: impl Fn(u32, u32, Value) -> bool) -> Responses {
        let mut rows = Rows::new(self.statements.clone(), self.len());
        let mut kept = Vec::new();
        for (row, &participant) in self.participants.iter().enumerate() {
            kept.clear();
            for at in self.offsets[row]..self.offsets[row + 1] {
                let slot = with_words!(self, words => words[at].slot());
                let value = Value::from_code(slot % SLOTS);
                if keep(participant, self.statements[slot / SLOTS], value) {
                    kept.push(((slot / SLOTS) as u32, Some(value)));
                }
            }
            rows.push(participant, &kept);
        }
        rows.finish()
    }

    pub(crate) fn rows(&self) -> usize {
        self.participants.len()
    }

    pub(crate) fn columns(&self) -> usize {
        self.statements.len()
    }

    pub(crate) fn row_len(&self, row: usize) -> usize {
        self.offsets[row + 1] - self.offsets[row]
    }
}

/// Collects responses one by one, in the order they were given.
///
/// ```
/// use opinion::{ResponsesBuilder, Value};
///
/// let mut builder = ResponsesBuilder::new();
/// builder.respond(7, 3, Value::Agree);
/// builder.respond(7, 3, Value::Disagree);
/// builder.respond(7, 1, Value::Pass);
/// let responses = builder.build();
/// let row: Vec<_> = responses.row(0).collect();
/// assert_eq!(row, [(1, Value::Pass), (3, Value::Disagree)]);
/// ```
#[derive(Clone, Debug, Default)]
pub struct ResponsesBuilder {
    participants: Vec<u32>,
    row_of: HashMap<u32, u32>,
    events: Vec<Event>,
}

#[derive(Clone, Copy, Debug)]
struct Event {
    row: u32,
    statement: u32,
    /// Nothing: the response was withdrawn.
    value: Option<Value>,
}

impl ResponsesBuilder {
    /// Nobody has responded yet.
    pub fn new() -> ResponsesBuilder {
        ResponsesBuilder::default()
    }

    /// The participant responds to the statement; this replaces an earlier response.
    pub fn respond(&mut self, participant: u32, statement: u32, value: Value) {
        let next = self.participants.len() as u32;
        let row = *self.row_of.entry(participant).or_insert(next);
        if row == next {
            self.participants.push(participant);
        }
        self.events.push(Event { row, statement, value: Some(value) });
    }

    /// The participant withdraws the response to the statement. Nothing happens if there is none.
    pub fn retract(&mut self, participant: u32, statement: u32) {
        if let Some(&row) = self.row_of.get(&participant) {
            self.events.push(Event { row, statement, value: None });
        }
    }

    /// The responses that count.
    pub fn build(self) -> Responses {
        let ResponsesBuilder { participants, row_of, events } = self;
        drop(row_of);
        let mut statements: Vec<u32> = events.iter().map(|event| event.statement).collect();
        statements.sort_unstable();
        statements.dedup();

        let (starts, order) = by_row(&events, participants.len());
        let mut rows = Rows::new(statements, events.len());
        let mut row = Vec::new();
        for (at, &participant) in participants.iter().enumerate() {
            row.clear();
            row.extend(order[starts[at]..starts[at + 1]].iter().map(|&index| {
                let event = events[index as usize];
                (rows.column(event.statement), event.value)
            }));
            // Stable: among the events of one statement the latest stays last.
            row.sort_by_key(|&(column, _)| column);
            rows.push(participant, &row);
        }
        rows.finish()
    }
}

/// Positions in `events`, grouped by row and in order within a row; with where each row starts.
fn by_row(events: &[Event], rows: usize) -> (Vec<usize>, Vec<u32>) {
    let mut starts = vec![0usize; rows + 1];
    for event in events {
        starts[event.row as usize + 1] += 1;
    }
    for row in 0..rows {
        starts[row + 1] += starts[row];
    }
    let mut next = starts.clone();
    let mut order = vec![0u32; events.len()];
    for (index, event) in events.iter().enumerate() {
        let slot = &mut next[event.row as usize];
        order[*slot] = index as u32;
        *slot += 1;
    }
    (starts, order)
}

/// Appends whole rows; the second half of every way to make [`Responses`].
pub(crate) struct Rows {
    responses: Responses,
    counts: Vec<u32>,
}

impl Rows {
    /// `statements` ascending and distinct; `capacity` in responses.
    pub(crate) fn new(statements: Vec<u32>, capacity: usize) -> Rows {
        let words = if statements.len() <= NARROW_COLUMNS {
            Words::Narrow(Vec::with_capacity(capacity))
        } else {
            Words::Wide(Vec::with_capacity(capacity))
        };
        let counts = vec![0; statements.len()];
        Rows {
            responses: Responses { participants: Vec::new(), statements, offsets: vec![0], words },
            counts,
        }
    }

    /// Where a statement that is in the list stands in it.
    pub(crate) fn column(&self, statement: u32) -> u32 {
        self.responses.statements.partition_point(|&number| number < statement) as u32
    }

    /// A participant's events, sorted by column; of one column the last counts, and nothing withdraws.
    /// A row without responses is left out.
    pub(crate) fn push(&mut self, participant: u32, row: &[(u32, Option<Value>)]) {
        let mut any = false;
        for (at, &(column, value)) in row.iter().enumerate() {
            let last = row.get(at + 1).is_none_or(|&(next, _)| next != column);
            if let (true, Some(value)) = (last, value) {
                let slot = column as usize * SLOTS + value.code();
                match &mut self.responses.words {
                    Words::Narrow(words) => words.push(slot as u16),
                    Words::Wide(words) => words.push(slot as u32),
                }
                self.counts[column as usize] += 1;
                any = true;
            }
        }
        if any {
            self.responses.participants.push(participant);
            self.responses.offsets.push(self.responses.len());
        }
    }

    /// Drops columns that nobody responded to.
    pub(crate) fn finish(self) -> Responses {
        let Rows { mut responses, counts } = self;
        if counts.contains(&0) {
            let kept: Vec<u32> = (0..counts.len() as u32).filter(|&at| counts[at as usize] > 0).collect();
            let mut column_of = vec![0usize; counts.len()];
            for (new, &old) in kept.iter().enumerate() {
                column_of[old as usize] = new;
            }
            let slot = |old: usize| column_of[old / SLOTS] * SLOTS + old % SLOTS;
            responses.words = match responses.words {
                Words::Narrow(mut words) => {
                    words.iter_mut().for_each(|word| *word = slot(word.slot()) as u16);
                    Words::Narrow(words)
                }
                Words::Wide(words) if kept.len() <= NARROW_COLUMNS => {
                    Words::Narrow(words.into_iter().map(|word| slot(word.slot()) as u16).collect())
                }
                Words::Wide(mut words) => {
                    words.iter_mut().for_each(|word| *word = slot(word.slot()) as u32);
                    Words::Wide(words)
                }
            };
            responses.statements = kept.iter().map(|&at| responses.statements[at as usize]).collect();
        }
        match &mut responses.words {
            Words::Narrow(words) => words.shrink_to_fit(),
            Words::Wide(words) => words.shrink_to_fit(),
        }
        responses
    }
}

/// What is known about statements besides the responses: rejected, or about the participants themselves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Flags(BTreeMap<u32, (bool, bool)>);

impl Flags {
    /// No statement is flagged.
    pub fn new() -> Flags {
        Flags::default()
    }

    /// The statement was rejected by moderation.
    pub fn reject(&mut self, statement: u32) -> &mut Flags {
        self.0.entry(statement).or_default().0 = true;
        self
    }

    /// The statement says who the participants are ("I live here"), not what they think.
    pub fn mark_meta(&mut self, statement: u32) -> &mut Flags {
        self.0.entry(statement).or_default().1 = true;
        self
    }

    /// Whether the statement was rejected.
    pub fn rejected(&self, statement: u32) -> bool {
        self.0.get(&statement).is_some_and(|flags| flags.0)
    }

    /// Whether the statement is about the participants themselves.
    pub fn meta(&self, statement: u32) -> bool {
        self.0.get(&statement).is_some_and(|flags| flags.1)
    }

    /// Rejected or meta: does not shape the map and is in no list (Polis' `mod_out`).
    pub fn left_out(&self, statement: u32) -> bool {
        self.0.get(&statement).is_some_and(|flags| flags.0 || flags.1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn latest_counts_and_withdrawn_is_gone() {
        let mut builder = ResponsesBuilder::new();
        builder.respond(9, 5, Value::Agree);
        builder.respond(4, 5, Value::Agree);
        builder.respond(9, 2, Value::Disagree);
        builder.respond(9, 5, Value::Pass);
        builder.respond(8, 7, Value::Agree);
        builder.retract(8, 7);
        builder.retract(1, 1);
        let responses = builder.build();
        assert_eq!(responses.participants(), [9, 4]);
        assert_eq!(responses.statements(), [2, 5]);
        assert_eq!(responses.row(0).collect::<Vec<_>>(), [(2, Value::Disagree), (5, Value::Pass)]);
        assert_eq!(responses.row(1).collect::<Vec<_>>(), [(5, Value::Agree)]);
        assert_eq!(responses.row(2).count(), 0);
        assert_eq!(responses.len(), 3);
    }

    #[test]
    fn more_than_16384_statements_need_wider_words() {
        let mut builder = ResponsesBuilder::new();
        for statement in 0..20_000 {
            builder.respond(0, statement * 3, Value::Disagree);
            builder.respond(1, statement * 3, Value::Agree);
        }
        let wide = builder.clone().build();
        assert!(matches!(wide.words, Words::Wide(_)));
        assert_eq!(wide.row(1).last(), Some((59_997, Value::Agree)));
        for statement in 16_384..20_000 {
            builder.retract(0, statement * 3);
            builder.retract(1, statement * 3);
        }
        let narrow = builder.build();
        assert!(matches!(narrow.words, Words::Narrow(_)));
        assert_eq!(narrow.row(0).last(), Some((49_149, Value::Disagree)));
    }

    #[test]
    fn an_empty_conversation_is_fine() {
        let responses = ResponsesBuilder::new().build();
        assert!(responses.is_empty());
        assert_eq!(responses.row(0).count(), 0);
    }
}
