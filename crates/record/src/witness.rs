//! The rules of a witness (C2SP tlog-witness, `add-checkpoint`): what it is asked, whether it may cosign, and
//! what its answer means for the log that asked.
//!
//! A witness promises one thing: the heads of a log that it cosigns are heads of one log that only grows.
//! So it remembers, for each log, the last head it cosigned, and takes a new one only with a proof that it
//! continues that one.
//!
//! What it is not: it keeps nothing. Whoever calls [`decide`] must hold the last head from before the call
//! until the new one is on disk, so that no two requests are judged by the same one, and must cosign only
//! after that.

mod answer;

pub use answer::{Answer, AnswerError, read_answer};

use std::fmt;
use std::str::FromStr;

use crate::checkpoint::{Checkpoint, CheckpointError, SignedCheckpoint};
use crate::decimal;
use crate::hash::{EMPTY_ROOT, Hash};
use crate::note::{KeyKind, VerifierKey};
use crate::proof::{ProofMismatch, verify_consistency};

/// The most proof lines a request may have; the specification says so, and no proof needs more.
pub const MAX_PROOF_LINES: usize = 63;

/// What a log asks of a witness: `old <size>`, proof lines, an empty line, a checkpoint. Nothing in it is
/// verified yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    old: u64,
    proof: Vec<Hash>,
    checkpoint: SignedCheckpoint,
}

impl Request {
    /// A request to cosign `checkpoint`, with the proof that it continues the head of `old` entries that
    /// the witness cosigned last. With `old` 0 the proof is empty.
    ///
    /// # Errors
    ///
    /// [`RequestError::Form`] if the proof has more lines than a request may have.
    pub fn new(old: u64, proof: Vec<Hash>, checkpoint: SignedCheckpoint) -> Result<Self, RequestError> {
        if proof.len() > MAX_PROOF_LINES {
            return Err(RequestError::Form);
        }
        Ok(Self { old, proof, checkpoint })
    }

    /// Reads a request from bytes that should be UTF-8.
    ///
    /// # Errors
    ///
    /// [`RequestError`]; over HTTP the answer to it is [`Refusal::Malformed`]'s, 400.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, RequestError> {
        std::str::from_utf8(bytes).map_err(|_| RequestError::Form)?.parse()
    }

    /// The size that the log believes the witness to have seen last.
    pub fn old(&self) -> u64 {
        self.old
    }

    /// The head to be cosigned.
    pub fn checkpoint(&self) -> &SignedCheckpoint {
        &self.checkpoint
    }
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "old {}", self.old)?;
        self.proof.iter().try_for_each(|hash| writeln!(f, "{hash}"))?;
        write!(f, "\n{}", self.checkpoint)
    }
}

impl FromStr for Request {
    type Err = RequestError;

    fn from_str(text: &str) -> Result<Self, RequestError> {
        let (head, checkpoint) = text.split_once("\n\n").ok_or(RequestError::Form)?;
        let mut lines = head.split('\n');
        let old = lines.next().and_then(|line| line.strip_prefix("old ")).and_then(decimal::parse);
        let old = old.ok_or(RequestError::Form)?;
        let mut proof = Vec::new();
        for line in lines {
            // Counted while reading, so that a long request costs no more than a short one.
            if proof.len() == MAX_PROOF_LINES {
                return Err(RequestError::Form);
            }
            proof.push(line.parse().map_err(|_| RequestError::Form)?);
        }
        Self::new(old, proof, checkpoint.parse()?)
    }
}

/// A log that the witness knows: its origin, and whose signature its heads need (more than one key while a
/// log changes its key).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Log {
    origin: String,
    keys: Vec<VerifierKey>,
}

impl Log {
    /// The log `origin`, which signs with this key. For a log of Veche, and most others, the origin is the
    /// key's name.
    ///
    /// # Errors
    ///
    /// [`LogError`] if the key is not a log's or the origin cannot be one.
    pub fn new(origin: &str, key: VerifierKey) -> Result<Self, LogError> {
        if key.kind() != KeyKind::Log {
            return Err(LogError::NotALog { name: key.name().to_owned() });
        }
        Checkpoint::new(origin, 0, EMPTY_ROOT).map_err(|_| LogError::Origin)?;
        Ok(Self { origin: origin.to_owned(), keys: vec![key] })
    }

    /// First line of its checkpoints.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Its keys.
    pub fn keys(&self) -> &[VerifierKey] {
        &self.keys
    }

    /// Adds the keys of `other`, if that is the same log. Says whether it is.
    pub fn merge(&mut self, other: &Self) -> bool {
        let same = self.origin == other.origin;
        if same {
            let new = other.keys.iter().filter(|key| !self.keys.contains(key)).cloned().collect::<Vec<_>>();
            self.keys.extend(new);
        }
        same
    }
}

/// What a witness remembers of a log: the last head it cosigned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// Entries in the log.
    pub size: u64,
    /// The root over them.
    pub root: Hash,
}

/// What a log that was never seen before is taken to have been: empty.
impl Default for Head {
    fn default() -> Self {
        Self { size: 0, root: EMPTY_ROOT }
    }
}

/// Says whether the witness may cosign what `request` brings. `log` is the log of the checkpoint's origin,
/// if the witness knows it; `last` the head of it that the witness cosigned last, if there was one.
///
/// The head that is answered must be on disk before the cosignature leaves.
///
/// # Errors
///
/// A [`Refusal`]; the last head stays what it is. The checks are made in the specification's order.
pub fn decide(log: Option<&Log>, last: Option<Head>, request: &Request) -> Result<Head, Refusal> {
    let head = request.checkpoint.checkpoint();
    let log = log.filter(|log| log.origin == head.origin()).ok_or(Refusal::UnknownLog)?;
    // Also refused: a good signature beside a bad one by a key that is trusted (C2SP signed-note).
    request.checkpoint.note().verify(&log.keys).map_err(|_| Refusal::NotSigned)?;
    let (new, last) = (Head { size: head.size(), root: head.root() }, last.unwrap_or_default());
    if request.old > new.size {
        return Err(Refusal::OldTooLarge { old: request.old, size: new.size });
    }
    if request.old != last.size {
        return Err(Refusal::Conflict { size: last.size });
    }
    if new.size == last.size && new.root != last.root {
        // The first head of a log may be empty, but then with the root of nothing.
        return Err(if new.size == 0 { Refusal::Proof(ProofMismatch::Root) } else { Refusal::OtherRoot });
    }
    if last.size == 0 {
        return if request.proof.is_empty() { Ok(new) } else { Err(Refusal::Proof(ProofMismatch::Length)) };
    }
    verify_consistency(last.size, new.size, &last.root, &new.root, &request.proof).map_err(Refusal::Proof)?;
    Ok(new)
}

/// Why a witness does not cosign.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// 400: not a request.
    #[error(transparent)]
    Malformed(#[from] RequestError),
    /// 404: not a log this witness knows.
    #[error("This witness does not know that log. Ask whoever runs it to add the log's key.")]
    UnknownLog,
    /// 403: not signed by a key that belongs to the log.
    #[error("The checkpoint is not signed with a key that this witness knows for that log.")]
    NotSigned,
    /// 400: a proof backwards.
    #[error("The old size {old} is larger than the checkpoint's size {size}: logs only grow.")]
    OldTooLarge {
        /// The old size of the request.
        old: u64,
        /// The checkpoint's size.
        size: u64,
    },
    /// 409, with the size: the proof does not begin where the witness stands.
    #[error("The last head of that log which this witness cosigned has {size} entries. Prove from there.")]
    Conflict {
        /// Entries in the last head cosigned; 0 if there was none.
        size: u64,
    },
    /// 409, without a size (asking again would end the same): two heads of one size.
    #[error(
        "This witness has cosigned another head of the same size: the log showed different people different \
         records. It will not cosign this one."
    )]
    OtherRoot,
    /// 422: the proof does not prove it.
    #[error("The checkpoint was not shown to continue the last one that this witness cosigned. {0}")]
    Proof(ProofMismatch),
}

impl Refusal {
    /// The HTTP status that the specification gives it.
    pub fn status(&self) -> u16 {
        match self {
            Self::Malformed(_) | Self::OldTooLarge { .. } => 400,
            Self::NotSigned => 403,
            Self::UnknownLog => 404,
            Self::Conflict { .. } | Self::OtherRoot => 409,
            Self::Proof(_) => 422,
        }
    }
}

/// Why bytes are not a request to a witness.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// Not `old <size>`, at most 63 proof lines, an empty line.
    #[error(
        "The request does not begin with the line “old”, a space and a size, at most 63 lines of proof in base64, and \
         an empty line."
    )]
    Form,
    /// What follows is not a checkpoint.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
}

/// Why a log cannot be witnessed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LogError {
    /// A witness' key where the log's belongs.
    #[error("The key {name} is a witness' key; the log's own key is needed here.")]
    NotALog {
        /// Name of the key.
        name: String,
    },
    /// Not a name a log can have.
    #[error(
        "The origin of a log is the first line of its checkpoints; this one is empty or has control characters."
    )]
    Origin,
}
