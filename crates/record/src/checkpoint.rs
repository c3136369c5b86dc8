//! Checkpoints (C2SP tlog-checkpoint): the signed head of a log, verified against a [`Policy`] that says
//! whose signatures it needs before one believes it.

use std::fmt;
use std::str::FromStr;

use crate::decimal;
use crate::hash::Hash;
use crate::note::{NoteError, Signature, SignedNote, SigningKey, VerifierKey};
use crate::policy::{Policy, PolicyLog, PolicyWitness};

/// What a log says of itself: who it is, how many entries it has, and the root over them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Checkpoint {
    origin: String,
    size: u64,
    root: Hash,
}

impl Checkpoint {
    /// The head of the log `origin` (its URL without scheme and trailing slash).
    ///
    /// # Errors
    ///
    /// [`CheckpointError::Origin`] if the origin is empty or has control characters in it.
    pub fn new(origin: impl Into<String>, size: u64, root: Hash) -> Result<Self, CheckpointError> {
        let origin = origin.into();
        if origin.is_empty() || origin.bytes().any(|byte| byte < b' ') {
            return Err(CheckpointError::Origin);
        }
        Ok(Self { origin, size, root })
    }

    /// Who the log is.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// How many entries it has.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The root over its entries.
    pub fn root(&self) -> Hash {
        self.root
    }

    /// Reads a checkpoint's text, and what other logs may have added: extension lines, which nobody
    /// can audit. Our logs write none.
    ///
    /// # Errors
    ///
    /// [`CheckpointError`] if it is not exactly of the form.
    pub fn parse(text: &str) -> Result<(Self, Vec<String>), CheckpointError> {
        let mut lines = text.strip_suffix('\n').ok_or(CheckpointError::Lines)?.split('\n');
        let (Some(origin), Some(size), Some(root)) = (lines.next(), lines.next(), lines.next()) else {
            return Err(CheckpointError::Lines);
        };
        let size = decimal::parse(size).ok_or(CheckpointError::Size)?;
        let root = root.parse().map_err(|_| CheckpointError::Root)?;
        let extensions: Vec<String> = lines.map(str::to_owned).collect();
        if extensions.iter().any(|line| line.is_empty() || line.bytes().any(|byte| byte < b' ')) {
            return Err(CheckpointError::Lines);
        }
        Ok((Self::new(origin, size, root)?, extensions))
    }
}

/// The text that is signed: three lines.
impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n{}\n{}", self.origin, self.size, self.root)
    }
}

/// A checkpoint with its signatures, not yet verified: the file `checkpoint` of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedCheckpoint {
    checkpoint: Checkpoint,
    extensions: Vec<String>,
    note: SignedNote,
}

impl SignedCheckpoint {
    /// Signs a checkpoint as its log.
    ///
    /// # Errors
    ///
    /// [`CheckpointError::OtherOrigin`] if the key is not named like the log.
    pub fn sign(checkpoint: Checkpoint, key: &SigningKey) -> Result<Self, CheckpointError> {
        if checkpoint.origin != key.name() {
            return Err(CheckpointError::OtherOrigin {
                found: checkpoint.origin,
                expected: key.name().to_owned(),
            });
        }
        let text = checkpoint.to_string();
        let signature = key.sign(&text);
        let note = SignedNote::new(text, vec![signature])?;
        Ok(Self { checkpoint, extensions: Vec::new(), note })
    }

    /// Reads a checkpoint from bytes that should be UTF-8.
    ///
    /// # Errors
    ///
    /// [`CheckpointError`] if it is not one; nothing is said about its signatures yet.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, CheckpointError> {
        Self::from_note(SignedNote::from_bytes(bytes)?)
    }

    fn from_note(note: SignedNote) -> Result<Self, CheckpointError> {
        let (checkpoint, extensions) = Checkpoint::parse(note.text())?;
        Ok(Self { checkpoint, extensions, note })
    }

    /// What was signed. Believe it only after [`SignedCheckpoint::verify`].
    pub fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// The lines another log has added below the three that have a meaning.
    pub fn extensions(&self) -> &[String] {
        &self.extensions
    }

    /// The note it came as.
    pub fn note(&self) -> &SignedNote {
        &self.note
    }

    /// Adds cosignatures; one that is there already is not repeated.
    ///
    /// # Errors
    ///
    /// [`NoteError::TooLarge`] as [`SignedNote::add`].
    pub fn add(&mut self, signatures: impl IntoIterator<Item = Signature>) -> Result<(), NoteError> {
        self.note.add(signatures)
    }

    /// Checks that the log and enough witnesses have signed. Answers which witnesses, and when, in
    /// the policy's order.
    ///
    /// # Errors
    ///
    /// [`CheckpointError`] saying who has not signed, or whose signature does not fit.
    pub fn verify<'a>(&self, policy: &'a Policy) -> Result<Vec<Witnessed<'a>>, CheckpointError> {
        let witnesses = self.witnessed(policy)?;
        if !policy.is_met(witnesses.iter().map(|witness| witness.key)) {
            let signed = witnesses.iter().map(|witness| witness.key.name().to_owned()).collect();
            return Err(CheckpointError::Quorum { signed, rule: policy.rule() });
        }
        Ok(witnesses)
    }

    /// As [`SignedCheckpoint::verify`], whether enough of the witnesses have signed or not.
    ///
    /// # Errors
    ///
    /// [`CheckpointError`] if the log has not signed, or a signature does not fit.
    pub fn witnessed<'a>(&self, policy: &'a Policy) -> Result<Vec<Witnessed<'a>>, CheckpointError> {
        self.signer(policy)?;
        let keys = policy.witnesses().iter().map(PolicyWitness::key);
        let verified = match self.note.verify(keys.clone()) {
            Err(NoteError::NoKnownKey) => Vec::new(),
            other => other?,
        };
        let in_order = keys.filter_map(|key| verified.iter().find(|verified| verified.key == key));
        Ok(in_order.filter_map(|found| Some(Witnessed { key: found.key, time: found.time? })).collect())
    }

    /// The log's key, of those the policy lists for this origin, that has signed.
    ///
    /// # Errors
    ///
    /// [`CheckpointError::OtherOrigin`] if the policy lists no such log, [`CheckpointError::Note`] if it has
    /// not signed.
    pub fn signer<'a>(&self, policy: &'a Policy) -> Result<&'a VerifierKey, CheckpointError> {
        let keys = policy.logs().iter().map(PolicyLog::key);
        let mut named = keys.clone().filter(|key| key.name() == self.checkpoint.origin).peekable();
        if named.peek().is_none() {
            return Err(CheckpointError::OtherOrigin {
                found: self.checkpoint.origin.clone(),
                expected: keys.map(VerifierKey::name).collect::<Vec<_>>().join(" or "),
            });
        }
        let verified = self.note.verify(named)?;
        // It is an error to verify none.
        verified.first().map(|verified| verified.key).ok_or(CheckpointError::Note(NoteError::NoKnownKey))
    }
}

impl fmt::Display for SignedCheckpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.note.fmt(f)
    }
}

impl FromStr for SignedCheckpoint {
    type Err = CheckpointError;

    fn from_str(text: &str) -> Result<Self, CheckpointError> {
        Self::from_note(text.parse()?)
    }
}

/// A witness that has cosigned a checkpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Witnessed<'a> {
    /// Its key.
    pub key: &'a VerifierKey,
    /// When, in seconds since 1970.
    pub time: u64,
}

/// Why a checkpoint cannot be read or does not count.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// Too few lines, an empty one, or one with control characters.
    #[error("A checkpoint has three lines: the log's name, its size and its root. This text has not.")]
    Lines,
    /// Not a name a log can have.
    #[error(
        "The first line of a checkpoint is the log's name; here it is empty or has control characters in it."
    )]
    Origin,
    /// Not a plain number.
    #[error("The second line of a checkpoint is the number of entries, in plain digits. Here it is not.")]
    Size,
    /// Not 32 bytes in base64.
    #[error("The third line of a checkpoint is the root, 32 bytes in base64. Here it is not.")]
    Root,
    /// The head of another log.
    #[error("This is the checkpoint of {found}, not of {expected}. Check the address.")]
    OtherOrigin {
        /// The log it is of.
        found: String,
        /// The log it should be of.
        expected: String,
    },
    /// Not a signed note, or a bad signature.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// Too few witnesses.
    #[error(
        "Not enough of the witnesses you trust have signed this checkpoint: {rule} must, {} did. Wait for them, or \
         ask the log's operator.",
        if .signed.is_empty() { "none".into() } else { format!("only {}", .signed.join(", ")) }
    )]
    Quorum {
        /// The names of the keys that have signed.
        signed: Vec<String>,
        /// Who must, in words ([`Policy::rule`]).
        rule: String,
    },
}
