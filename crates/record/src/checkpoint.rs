//! Checkpoints (C2SP tlog-checkpoint): the signed head of a log, and the policy that says whose
//! signatures it needs before one believes it.

use std::fmt;
use std::str::FromStr;

use crate::decimal;
use crate::hash::Hash;
use crate::note::{KeyKind, NoteError, Signature, SignedNote, SigningKey, VerifierKey};

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
        if self.checkpoint.origin != policy.log.name() {
            return Err(CheckpointError::OtherOrigin {
                found: self.checkpoint.origin.clone(),
                expected: policy.log.name().to_owned(),
            });
        }
        self.note.verify(std::slice::from_ref(&policy.log))?;
        let verified = match self.note.verify(&policy.witnesses) {
            Err(NoteError::NoKnownKey) => Vec::new(),
            other => other?,
        };
        let witnesses: Vec<Witnessed<'a>> = policy
            .witnesses
            .iter()
            .filter_map(|key| verified.iter().find(|verified| verified.key == key))
            .filter_map(|verified| Some(Witnessed { key: verified.key, time: verified.time? }))
            .collect();
        if witnesses.len() < policy.quorum {
            return Err(CheckpointError::Quorum { found: witnesses.len(), needed: policy.quorum });
        }
        Ok(witnesses)
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

/// Whose signatures a checkpoint needs: the log's own, and those of so many of these witnesses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    log: VerifierKey,
    witnesses: Vec<VerifierKey>,
    quorum: usize,
}

impl Policy {
    /// The log's key, whose name is the log's origin; the witnesses one trusts; and how many of them
    /// must have signed. A quorum of 0 means: the log vouches for itself alone.
    ///
    /// # Errors
    ///
    /// [`PolicyError`] if a key is of the wrong kind, a witness stands there twice (under another name
    /// too: it would count twice), or the quorum is larger than the number of witnesses.
    pub fn new(log: VerifierKey, witnesses: Vec<VerifierKey>, quorum: usize) -> Result<Self, PolicyError> {
        if log.kind() != KeyKind::Log {
            return Err(PolicyError::NotALog { name: log.name().to_owned() });
        }
        for (position, key) in witnesses.iter().enumerate() {
            if key.kind() != KeyKind::Cosigner {
                return Err(PolicyError::NotAWitness { name: key.name().to_owned() });
            }
            let earlier = witnesses.iter().take(position);
            if earlier.chain([&log]).any(|other| other.to_bytes() == key.to_bytes()) {
                return Err(PolicyError::Twice { name: key.name().to_owned() });
            }
        }
        if quorum > witnesses.len() {
            return Err(PolicyError::Quorum { quorum, witnesses: witnesses.len() });
        }
        Ok(Self { log, witnesses, quorum })
    }

    /// The log's key.
    pub fn log(&self) -> &VerifierKey {
        &self.log
    }

    /// The witnesses one trusts.
    pub fn witnesses(&self) -> &[VerifierKey] {
        &self.witnesses
    }

    /// How many of them must have signed.
    pub fn quorum(&self) -> usize {
        self.quorum
    }
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
        "Only {found} of the witnesses you trust have signed this checkpoint; {needed} must. Wait for them, \
         or ask the log's operator."
    )]
    Quorum {
        /// How many have signed.
        found: usize,
        /// How many must.
        needed: usize,
    },
}

/// Why a policy makes no sense.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// A witness' key where the log's belongs.
    #[error("The key {name} is a witness' key; the log's own key is needed here.")]
    NotALog {
        /// Name of the key.
        name: String,
    },
    /// A log's key where a witness' belongs.
    #[error("The key {name} is a log's key; a witness' key is needed here.")]
    NotAWitness {
        /// Name of the key.
        name: String,
    },
    /// One key in two places.
    #[error(
        "The key of witness {name} stands in the list twice or is the log's own; it can only count once."
    )]
    Twice {
        /// Name of its second place.
        name: String,
    },
    /// A quorum that cannot be met.
    #[error("{quorum} witnesses are asked for but only {witnesses} are listed. List more or ask for fewer.")]
    Quorum {
        /// How many are asked for.
        quorum: usize,
        /// How many are listed.
        witnesses: usize,
    },
}
