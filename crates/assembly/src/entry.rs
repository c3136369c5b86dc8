//! One line of the record: its bytes, and back.
//!
//! An entry is one line of JSON without spaces that begins `{"v":1,"at":<unix ms>,"kind":"…"`, its
//! keys in the order its type declares (design: The record, Entries). A reader that does not know a
//! version or a kind says so and stops; it never skips.

use crate::{Field, QuestionId, Text, UnixMs, moderation, question, roll, talk};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The longest entry, in bytes: tlog-tiles gives an entry's length two bytes.
pub const MAX_ENTRY_BYTES: usize = 65_535;

/// The version of the entries written here, and the only one read.
const VERSION: u32 = 1;

/// One line of the record.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// When, by the server's clock; never earlier than the entry before.
    pub at: UnixMs,
    /// What happened.
    pub act: Act,
}

/// What happened. One variant an activity.
#[derive(Debug, Clone, PartialEq)]
pub enum Act {
    /// The assembly and who may take part.
    Roll(roll::Entry),
    /// A question and its steps.
    Question(question::Entry),
    /// Statements and responses.
    Talk(talk::Entry),
    /// Words that were erased.
    Moderation(moderation::Entry),
}

// An import holds all its entries in memory at once.
const _: () = assert!(size_of::<Entry>() <= 64);

/// Why bytes are not an entry that this program can read.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// The bytes do not begin as every entry does.
    #[error(
        "the entry does not begin with {{\"v\":…,\"at\":…,\"kind\":…, so it was not written by Veche or was \
         changed since"
    )]
    Shape,
    /// A version this program does not know.
    #[error(
        "the entry has version {0}, which this program does not know; a newer Veche wrote it, and nothing \
         after it can be recounted without that version"
    )]
    Version(u64),
    /// A kind this program does not know.
    #[error(
        "the entry is of kind “{0}”, which this program does not know; nothing after it can be recounted \
         without the program that wrote it"
    )]
    Kind(String),
    /// The right content, written in another way.
    #[error(
        "the entry says something that Veche would have written in other bytes (other spaces, order or \
         spelling), so it was not written by Veche or was changed since"
    )]
    Form,
    /// The rest does not fit the kind.
    #[error("the entry is of kind “{kind}”, but its content does not fit: {why}")]
    Body {
        /// The kind it claims to be.
        kind: String,
        /// What does not fit.
        why: String,
    },
}

/// What an entry of one kind says.
pub(crate) trait Body: Serialize + DeserializeOwned {
    /// The texts of the entry, by field.
    fn texts(&mut self) -> Vec<(Field, &mut Text)> {
        Vec::new()
    }
}

impl<T: Body> Body for Box<T> {
    fn texts(&mut self) -> Vec<(Field, &mut Text)> {
        (**self).texts()
    }
}

/// Declares the entries of one activity: an enum with one variant a kind. Bodies that hold texts are boxed,
/// so that a million responses do not each take the room of the largest entry.
macro_rules! entries {
    ($(#[$doc:meta])* pub enum Entry { $($(#[$vdoc:meta])* $name:ident($body:ty) = $kind:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq)]
        pub enum Entry {
            $($(#[$vdoc])* $name($body),)+
        }

        impl Entry {
            /// The kind, as it stands in the record.
            pub fn kind(&self) -> &'static str {
                match self { $(Entry::$name(_) => $kind,)+ }
            }

            pub(crate) fn write(&self, out: &mut Vec<u8>) -> serde_json::Result<()> {
                match self { $(Entry::$name(body) => serde_json::to_writer(out, body),)+ }
            }

            /// `None` if the kind is not one of this activity.
            pub(crate) fn read(kind: &str, body: &[u8]) -> Option<serde_json::Result<Self>> {
                match kind {
                    $($kind => Some(serde_json::from_slice(body).map(Entry::$name)),)+
                    _ => None,
                }
            }

            pub(crate) fn texts(&mut self) -> Vec<(crate::Field, &mut crate::Text)> {
                match self { $(Entry::$name(body) => crate::entry::Body::texts(body),)+ }
            }
        }
    };
}
pub(crate) use entries;

impl Entry {
    /// The kind, as it stands in the record: `talk.responded`.
    pub fn kind(&self) -> &'static str {
        match &self.act {
            Act::Roll(entry) => entry.kind(),
            Act::Question(entry) => entry.kind(),
            Act::Talk(entry) => entry.kind(),
            Act::Moderation(entry) => entry.kind(),
        }
    }

    /// The question that it is about; `None` if it is about the assembly, or about another entry.
    pub fn question(&self) -> Option<QuestionId> {
        match &self.act {
            Act::Question(entry) => Some(entry.question()),
            Act::Talk(entry) => Some(entry.question()),
            Act::Roll(_) | Act::Moderation(_) => None,
        }
    }

    /// The texts that stand in the entry as commitments, by field.
    pub fn texts(&mut self) -> Vec<(Field, &mut Text)> {
        match &mut self.act {
            Act::Roll(entry) => entry.texts(),
            Act::Question(entry) => entry.texts(),
            Act::Talk(entry) => entry.texts(),
            Act::Moderation(entry) => entry.texts(),
        }
    }

    /// Appends the bytes of the entry to `out`: one line of JSON without spaces.
    ///
    /// # Errors
    ///
    /// None of our entries fails to serialise; the error of serde_json is passed on all the same.
    pub fn encode(&self, out: &mut Vec<u8>) -> serde_json::Result<()> {
        use std::io::Write as _;
        // Writing to a vector cannot fail.
        let _ = write!(out, "{{\"v\":{VERSION},\"at\":{},\"kind\":\"{}\"", self.at, self.kind());
        let body = out.len();
        match &self.act {
            Act::Roll(entry) => entry.write(out)?,
            Act::Question(entry) => entry.write(out)?,
            Act::Talk(entry) => entry.write(out)?,
            Act::Moderation(entry) => entry.write(out)?,
        }
        // The body is an object of its own, `{…}`: it goes on where the head stopped.
        match out.get(body + 1) {
            Some(b'}') => drop(out.drain(body..=body)),
            Some(_) => out[body] = b',',
            None => {}
        }
        Ok(())
    }

    /// Reads an entry from its bytes. `scratch` is a buffer that is reused between calls.
    ///
    /// What is read is what [`Entry::encode`] writes, byte for byte: there is one way to write an entry,
    /// so that no two readers can understand it differently.
    ///
    /// # Errors
    ///
    /// [`DecodeError`], a sentence, if the bytes are not an entry that this program knows whole.
    pub fn decode(bytes: &[u8], scratch: &mut Vec<u8>) -> Result<Self, DecodeError> {
        let (head, rest) = Head::split(bytes)?;
        if head.version != u64::from(VERSION) {
            return Err(DecodeError::Version(head.version));
        }
        scratch.clear();
        scratch.push(b'{');
        scratch.extend_from_slice(rest);
        let act = read_act(head.kind, scratch)?;
        let entry = Self { at: head.at, act };
        scratch.clear();
        match entry.encode(scratch) {
            Ok(()) if scratch == bytes => Ok(entry),
            _ => Err(DecodeError::Form),
        }
    }
}

fn read_act(kind: &str, body: &[u8]) -> Result<Act, DecodeError> {
    // Most entries are responses: talk is asked first.
    let read = talk::Entry::read(kind, body)
        .map(|entry| entry.map(Act::Talk))
        .or_else(|| roll::Entry::read(kind, body).map(|entry| entry.map(Act::Roll)))
        .or_else(|| question::Entry::read(kind, body).map(|entry| entry.map(Act::Question)))
        .or_else(|| moderation::Entry::read(kind, body).map(|entry| entry.map(Act::Moderation)));
    match read {
        None => Err(DecodeError::Kind(shown(kind))),
        Some(Err(error)) => Err(DecodeError::Body { kind: kind.to_owned(), why: shown(&error.to_string()) }),
        Some(Ok(act)) => Ok(act),
    }
}

/// Somebody else's words in one of our sentences: cut short, and without what could upset a terminal.
fn shown(words: &str) -> String {
    words.chars().filter(|c| !c.is_control()).take(200).collect()
}

/// What every entry begins with.
struct Head<'a> {
    version: u64,
    at: UnixMs,
    kind: &'a str,
}

impl<'a> Head<'a> {
    /// The head, and what follows it (after the comma, up to and with the closing brace).
    fn split(bytes: &'a [u8]) -> Result<(Self, &'a [u8]), DecodeError> {
        let rest = bytes.strip_prefix(b"{\"v\":").ok_or(DecodeError::Shape)?;
        let (version, rest) = number(rest)?;
        let rest = rest.strip_prefix(b",\"at\":").ok_or(DecodeError::Shape)?;
        let (at, rest) = number(rest)?;
        let rest = rest.strip_prefix(b",\"kind\":\"").ok_or(DecodeError::Shape)?;
        let end = rest.iter().position(|byte| *byte == b'"').ok_or(DecodeError::Shape)?;
        let kind = std::str::from_utf8(&rest[..end]).map_err(|_| DecodeError::Shape)?;
        let rest = &rest[end + 1..];
        let rest = match rest.first() {
            Some(b',') => &rest[1..],
            Some(b'}') => rest,
            _ => return Err(DecodeError::Shape),
        };
        Ok((Self { version, at, kind }, rest))
    }
}

/// A decimal number without leading zeros, and what follows it.
fn number(bytes: &[u8]) -> Result<(u64, &[u8]), DecodeError> {
    let digits = bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if digits == 0 || (digits > 1 && bytes[0] == b'0') {
        return Err(DecodeError::Shape);
    }
    let text = std::str::from_utf8(&bytes[..digits]).map_err(|_| DecodeError::Shape)?;
    Ok((text.parse().map_err(|_| DecodeError::Shape)?, &bytes[digits..]))
}

/// Leaves a key out of an entry when it says nothing.
pub(crate) fn is_false(value: &bool) -> bool {
    !*value
}
