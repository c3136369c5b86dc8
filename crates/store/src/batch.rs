//! What one transaction of the writer will hold, and how it is laid out in rows.

use crate::house::{Done, Failure};
use crate::keys::Next;
use crate::vault::NewGuest;
use assembly::{Entry, Field, MAX_ENTRY_BYTES, Opened};
use record::tile::FULL_WIDTH;
use record::{Hash, leaf_hash};
use std::ops::Range;
use tokio::sync::oneshot;

/// Where an answer goes.
pub(crate) type Reply = oneshot::Sender<Result<Done, Failure>>;

/// What one transaction will hold.
#[derive(Default)]
pub(crate) struct Batch {
    pub entries: Vec<Entry>,
    /// The entries' bytes, each after its length.
    bytes: Vec<u8>,
    /// Where in `bytes` each entry ends.
    ends: Vec<usize>,
    pub leaves: Vec<Hash>,
    pub texts: Vec<(u64, Field, Opened)>,
    /// Texts whose words are erased by this batch.
    pub erased: Vec<(u64, Field)>,
    pub guests: Vec<NewGuest>,
    /// The key that signs from this batch on, if that changes.
    pub next_key: Option<Next>,
    pub answers: Vec<(Reply, Result<Done, Failure>)>,
    /// Whether its transaction was about to end. Whatever fails from then on, the batch may be on the disk.
    pub committing: bool,
}

impl Batch {
    /// Adds an entry's bytes and leaf. The error says why it cannot be written.
    pub fn stage(&mut self, entry: &Entry) -> Result<(), String> {
        let start = self.bytes.len() + 2;
        self.bytes.extend([0, 0]);
        entry.encode(&mut self.bytes).map_err(|error| error.to_string())?;
        let length = self.bytes.len() - start;
        let two =
            u16::try_from(length).map_err(|_| format!("{length} bytes, at most {MAX_ENTRY_BYTES} fit"))?;
        self.bytes[start - 2..start].copy_from_slice(&two.to_be_bytes());
        self.leaves.push(leaf_hash(&self.bytes[start..]));
        self.ends.push(self.bytes.len());
        Ok(())
    }

    /// How many bytes it adds, entries and texts, not counting the tree.
    pub fn size_in_bytes(&self) -> u64 {
        let texts = self.texts.iter().map(|(.., opened)| opened.text.len() as u64);
        self.bytes.len() as u64 + texts.sum::<u64>()
    }

    /// Erases the words of a text, be it stored already or part of this batch.
    pub fn erase(&mut self, entry: u64, field: Field) {
        self.texts.retain(|(of, has, _)| (*of, *has) != (entry, field));
        self.erased.push((entry, field));
    }

    /// Sets the answer to whoever asked last.
    pub fn answer(&mut self, answer: Result<Done, Failure>) {
        if let Some(last) = self.answers.last_mut() {
            last.1 = answer;
        }
    }

    /// The staged entries of a range of the record.
    pub fn since(&self, range: &Range<u64>) -> impl Iterator<Item = &Entry> {
        let count = usize::try_from(range.end - range.start).unwrap_or(usize::MAX);
        self.entries.iter().rev().take(count)
    }

    /// The rows of entries that this batch adds or makes longer, when `old` entries stand already and
    /// `tail` is the stored row at the right edge.
    pub fn bundles<'a>(&'a self, old: u64, tail: &'a [u8]) -> impl Iterator<Item = (u64, Vec<u8>)> + 'a {
        let full = u64::from(FULL_WIDTH);
        let new = old + self.ends.len() as u64;
        (old / full..new.div_ceil(full)).map(move |n| {
            let from = (n * full).max(old) - old;
            let to = ((n + 1) * full).min(new) - old;
            let mut row = if n * full < old { tail.to_vec() } else { Vec::new() };
            row.extend_from_slice(&self.bytes[self.end_of(from)..self.end_of(to)]);
            (n, row)
        })
    }

    /// Where in `bytes` the first `count` staged entries end.
    fn end_of(&self, count: u64) -> usize {
        let last = usize::try_from(count).ok().and_then(|count| count.checked_sub(1));
        last.and_then(|last| self.ends.get(last)).copied().unwrap_or(0)
    }

    /// Brings `tail` to the row at the right edge after this batch.
    pub fn cut_tail(&self, old: u64, tail: &mut Vec<u8>) {
        let full = u64::from(FULL_WIDTH);
        let new = old + self.ends.len() as u64;
        let start = new / full * full;
        if start > old || old.is_multiple_of(full) {
            tail.clear();
        }
        tail.extend_from_slice(&self.bytes[self.end_of(start.saturating_sub(old))..]);
    }
}
