//! Signed notes (C2SP signed-note, and tlog-cosignature's `cosignature/v1`): a text and signature
//! lines under it.
//!
//! Verifying follows the specification's three rules: a signature by a key one does not know is
//! ignored, a bad one by a key one knows spoils the note, and without a good one by a key one knows
//! the text means nothing. Only Ed25519 is known here.

mod key;

pub use key::{CosigningKey, KeyError, KeyKind, SigningKey, VerifierKey};

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// The longest note that is read. The specification asks for at least 16 signatures, of which the
/// longest known have 5 kB; this holds a hundred of those in base64, and some text.
pub const MAX_NOTE_BYTES: usize = 1 << 20;

/// The most signatures that are read in one note.
pub const MAX_SIGNATURES: usize = 100;

/// What begins a signature line: an em dash and a space.
const LINE_START: &str = "\u{2014} ";

/// A text with signatures, not yet verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedNote {
    text: String,
    signatures: Vec<Signature>,
}

/// One signature line, `— <name> <base64(key ID ‖ signature)>`, not yet verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    name: String,
    key_id: u32,
    bytes: Vec<u8>,
}

/// A signature that one of the keys one knows has made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verified<'a> {
    /// The key.
    pub key: &'a VerifierKey,
    /// For a cosignature, when it was made, in seconds since 1970; a log's own signature has no time.
    pub time: Option<u64>,
}

impl SignedNote {
    /// A note of `text`, which must end with a newline, under these signatures.
    ///
    /// # Errors
    ///
    /// [`NoteError`] if that would not be a note others can read.
    pub fn new(text: impl Into<String>, signatures: Vec<Signature>) -> Result<Self, NoteError> {
        let note = Self { text: text.into(), signatures };
        check_text(&note.text)?;
        match note.signatures.len() {
            0 => Err(NoteError::Unsigned),
            1..=MAX_SIGNATURES if note.to_string().len() <= MAX_NOTE_BYTES => Ok(note),
            _ => Err(NoteError::TooLarge),
        }
    }

    /// Reads a note from bytes that should be UTF-8.
    ///
    /// # Errors
    ///
    /// [`NoteError`] if it is not one; nothing is said about its signatures yet.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, NoteError> {
        std::str::from_utf8(bytes).map_err(|_| NoteError::Characters)?.parse()
    }

    /// The signed text, with its last newline.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The signatures in their order, of keys known or not.
    pub fn signatures(&self) -> &[Signature] {
        &self.signatures
    }

    /// Adds signatures, for instance those a witness sent; one that is there already is not repeated.
    ///
    /// # Errors
    ///
    /// [`NoteError::TooLarge`] if the note would become larger than others read it; it is then unchanged.
    pub fn add(&mut self, signatures: impl IntoIterator<Item = Signature>) -> Result<(), NoteError> {
        let mut all = self.signatures.clone();
        for signature in signatures {
            if !all.contains(&signature) {
                all.push(signature);
            }
        }
        *self = Self::new(self.text.clone(), all)?;
        Ok(())
    }

    /// The good signatures among `known` keys, in the note's order, one for each key.
    ///
    /// # Errors
    ///
    /// [`NoteError::BadSignature`] if a known key's signature does not fit the text,
    /// [`NoteError::NoKnownKey`] if no known key has signed.
    pub fn verify<'a>(
        &self,
        known: impl IntoIterator<Item = &'a VerifierKey>,
    ) -> Result<Vec<Verified<'a>>, NoteError> {
        let known: Vec<&VerifierKey> = known.into_iter().collect();
        let mut verified: Vec<Verified<'a>> = Vec::new();
        for signature in &self.signatures {
            for &key in &known {
                if key.name() != signature.name || key.key_id() != signature.key_id {
                    continue;
                }
                let Some(time) = key.check(&self.text, &signature.bytes) else {
                    return Err(NoteError::BadSignature { name: key.name().to_owned() });
                };
                if !verified.iter().any(|earlier| earlier.key == key) {
                    verified.push(Verified { key, time });
                }
            }
        }
        if verified.is_empty() { Err(NoteError::NoKnownKey) } else { Ok(verified) }
    }
}

impl fmt::Display for SignedNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        self.signatures.iter().try_for_each(|signature| writeln!(f, "{signature}"))
    }
}

impl FromStr for SignedNote {
    type Err = NoteError;

    fn from_str(note: &str) -> Result<Self, NoteError> {
        if note.len() > MAX_NOTE_BYTES {
            return Err(NoteError::TooLarge);
        }
        // The text may have empty lines of its own: the last one parts it from the signatures.
        let split = note.rfind("\n\n").ok_or(NoteError::Unsigned)?;
        let (text, lines) = note.split_at(split + 1);
        check_text(text)?;
        let signatures = Signature::parse_lines(lines.strip_prefix('\n').unwrap_or(lines))?;
        Ok(Self { text: text.to_owned(), signatures })
    }
}

impl Signature {
    /// Reads one or more signature lines, each with its newline: what a witness answers.
    ///
    /// # Errors
    ///
    /// [`NoteError`] if a line is not of the form, or there are none or too many.
    pub fn parse_lines(lines: &str) -> Result<Vec<Self>, NoteError> {
        let lines = lines.strip_suffix('\n').ok_or(NoteError::Unsigned)?;
        let mut signatures = Vec::new();
        for line in lines.split('\n') {
            if signatures.len() == MAX_SIGNATURES {
                return Err(NoteError::TooLarge);
            }
            signatures.push(line.parse()?);
        }
        Ok(signatures)
    }

    /// The name of the key said to have signed.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The ID of the key said to have signed.
    pub fn key_id(&self) -> u32 {
        self.key_id
    }
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = self.key_id.to_be_bytes().to_vec();
        bytes.extend_from_slice(&self.bytes);
        write!(f, "{LINE_START}{} {}", self.name, STANDARD.encode(bytes))
    }
}

impl FromStr for Signature {
    type Err = NoteError;

    /// Reads one line, without its newline.
    fn from_str(line: &str) -> Result<Self, NoteError> {
        let (name, encoded) = line
            .strip_prefix(LINE_START)
            .and_then(|rest| rest.split_once(' '))
            .filter(|(name, _)| key::is_name(name))
            .ok_or(NoteError::Line)?;
        let bytes = STANDARD.decode(encoded).map_err(|_| NoteError::Line)?;
        match bytes.split_first_chunk() {
            Some((key_id, bytes)) if !bytes.is_empty() => Ok(Self {
                name: name.to_owned(),
                key_id: u32::from_be_bytes(*key_id),
                bytes: bytes.to_owned(),
            }),
            _ => Err(NoteError::Line),
        }
    }
}

/// A text can be signed if it ends with a newline and has no other control characters.
fn check_text(text: &str) -> Result<(), NoteError> {
    if text.bytes().any(|byte| byte < b' ' && byte != b'\n') {
        return Err(NoteError::Characters);
    }
    if text.ends_with('\n') { Ok(()) } else { Err(NoteError::NoNewline) }
}

/// Why a note cannot be read or does not count.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// Not UTF-8, or control characters in it.
    #[error("The signed text has characters in it that such a text may not have. It is damaged or not one.")]
    Characters,
    /// Text without a final newline.
    #[error("The text to be signed does not end with a line break. Add one.")]
    NoNewline,
    /// No empty line with signature lines after it.
    #[error("There are no signature lines under the text, so nobody vouches for it.")]
    Unsigned,
    /// A signature line of another form.
    #[error("A line under the signed text is not a signature line. The text is damaged or not a signed one.")]
    Line,
    /// Beyond [`MAX_NOTE_BYTES`] or [`MAX_SIGNATURES`].
    #[error("The signed text is longer, or has more signatures, than are read: at most 1 MiB and 100.")]
    TooLarge,
    /// A key one knows has not signed this text.
    #[error(
        "The signature by {name} does not fit the text: the text was changed after it was signed, or the \
         signature was. Trust neither."
    )]
    BadSignature {
        /// Name of the key.
        name: String,
    },
    /// No key one knows has signed.
    #[error("None of the keys you trust has signed this text. Check the keys, and where the text is from.")]
    NoKnownKey,
}
