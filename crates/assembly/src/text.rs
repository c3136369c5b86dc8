//! Text by people: a salted commitment in the record, the words and their salt beside it.

use crate::Refusal;
use crate::moderation::Erasure;
use record::commitment::{Commitment, Salt};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::sync::Arc;

/// A text that stands in the record as a commitment.
///
/// In an entry it is the commitment alone (base64 without padding). The words come with the command
/// that brings them, or from beside the record on a replay; where they were erased, the state knows that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    commitment: Commitment,
    words: Words,
}

/// What is known of the words behind a commitment.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Words {
    /// Not known here.
    Unknown,
    Known(Opened),
    /// Gone everywhere; what the record says about that.
    Erased(Erasure),
}

/// The words behind a commitment, with their salt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// 32 random bytes of this text's own.
    pub salt: Salt,
    /// The words.
    pub text: Arc<str>,
}

impl Text {
    /// Commits to `text` with `salt`, which must be random and used for nothing else.
    pub fn new(salt: Salt, text: impl Into<Arc<str>>) -> Self {
        let text = text.into();
        Self { commitment: Commitment::of(&salt, &text), words: Words::Known(Opened { salt, text }) }
    }

    /// What stands in the record.
    pub fn commitment(&self) -> &Commitment {
        &self.commitment
    }

    /// The words and their salt, where they are known.
    pub fn opened(&self) -> Option<&Opened> {
        match &self.words {
            Words::Known(opened) => Some(opened),
            _ => None,
        }
    }

    /// The words, or `None` where they were erased or are not known here.
    pub fn words(&self) -> Option<&str> {
        self.opened().map(|opened| &*opened.text)
    }

    /// What the record says about the erasing of the words, if they were erased.
    pub fn erased(&self) -> Option<Erasure> {
        match self.words {
            Words::Erased(erasure) => Some(erasure),
            _ => None,
        }
    }

    /// Forgets the words and their salt.
    pub(crate) fn erase(&mut self, erasure: Erasure) {
        self.words = Words::Erased(erasure);
    }

    /// Puts the words back beside the commitment. Says whether they are the words committed to;
    /// others are not taken, and neither are words that were erased.
    #[must_use]
    pub fn open(&mut self, opened: Opened) -> bool {
        let right = self.commitment.opens(&opened.salt, &opened.text);
        if right && self.erased().is_none() {
            self.words = Words::Known(opened);
        }
        right
    }
}

impl Serialize for Text {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.commitment.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self { commitment: Commitment::deserialize(deserializer)?, words: Words::Unknown })
    }
}

/// Which text of an entry: texts are kept under (entry index, field).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Field {
    /// The name of an assembly, the words of a question.
    Title,
    /// Why a question is asked now.
    Why,
    /// Who decides a question, and how binding.
    Decides,
    /// The words of a statement.
    Text,
    /// Where imported material comes from and under which licence.
    Source,
}

impl Field {
    /// Every field there is.
    pub const ALL: [Field; 5] = [Field::Title, Field::Why, Field::Decides, Field::Text, Field::Source];

    /// The key of the field in an entry.
    pub fn name(self) -> &'static str {
        match self {
            Field::Title => "title",
            Field::Why => "why",
            Field::Decides => "decides",
            Field::Text => "text",
            Field::Source => "source",
        }
    }

    /// The field of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.name() == name)
    }
}

/// What must hold of any text people write: something is there, it is not too long, and it can be
/// shown. Line breaks and tabs are allowed; other control characters, and the invisible ones that
/// turn the direction of everything after them, are not.
pub(crate) fn check(words: Option<&str>, limit: usize) -> Result<&str, Refusal> {
    let words = words.ok_or(Refusal::Empty)?;
    if words.chars().all(blank) {
        return Err(Refusal::Empty);
    }
    let length = words.chars().count();
    if length > limit {
        return Err(Refusal::TooLong { length, limit });
    }
    let hidden = |c: char| {
        (c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
            || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
    };
    if words.chars().any(hidden) {
        return Err(Refusal::Unprintable);
    }
    Ok(words)
}

/// Characters of which nothing is seen: white space, joiners and marks without a width, fillers.
fn blank(c: char) -> bool {
    c.is_whitespace()
        || matches!(c,
            '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
            | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{2800}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}'
            | '\u{FFA0}' | '\u{E0000}'..='\u{E0FFF}')
}
