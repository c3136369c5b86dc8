//! Receipts (C2SP tlog-proof): a proof that an entry is in the log, to be kept and checked offline.
//!
//! A receipt holds the entry's number, the way from the entry to the root, and the signed checkpoint.
//! It does not hold the entry: whoever checks brings that along.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::checkpoint::{CheckpointError, SignedCheckpoint, Witnessed};
use crate::decimal;
use crate::hash::{Hash, leaf_hash};
use crate::note::MAX_NOTE_BYTES;
use crate::policy::Policy;
use crate::proof::{ProofMismatch, verify_inclusion};

/// The longest receipt that is read: the longest checkpoint, and as much for the lines above it.
pub const MAX_RECEIPT_BYTES: usize = 2 * MAX_NOTE_BYTES;

/// The most lines a proof can have: one for each bit of the log's size.
const MAX_PROOF_LINES: usize = 64;

const FIRST_LINE: &str = "c2sp.org/tlog-proof@v1";

/// A proof that an entry is in a log, not yet verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    index: u64,
    extra: Vec<u8>,
    proof: Vec<Hash>,
    checkpoint: SignedCheckpoint,
}

impl Receipt {
    /// The receipt for entry `index`, with its inclusion proof in the log of this checkpoint.
    pub fn new(index: u64, proof: Vec<Hash>, checkpoint: SignedCheckpoint) -> Self {
        Self { index, extra: Vec::new(), proof, checkpoint }
    }

    /// Number of the entry in the log.
    pub fn index(&self) -> u64 {
        self.index
    }

    /// What another log's receipt carries besides; nothing authenticates it. Ours carry nothing.
    pub fn extra(&self) -> &[u8] {
        &self.extra
    }

    /// The way from the entry to the root.
    pub fn proof(&self) -> &[Hash] {
        &self.proof
    }

    /// The head of the log that the entry is in.
    pub fn checkpoint(&self) -> &SignedCheckpoint {
        &self.checkpoint
    }

    /// Checks that `entry`, byte for byte, is entry [`Receipt::index`] of the policy's log, and that
    /// those the policy asks for have signed. Answers which witnesses have.
    ///
    /// # Errors
    ///
    /// [`ReceiptError::Checkpoint`] or [`ReceiptError::Proof`].
    pub fn verify<'a>(&self, entry: &[u8], policy: &'a Policy) -> Result<Vec<Witnessed<'a>>, ReceiptError> {
        let witnesses = self.checkpoint.verify(policy)?;
        let head = self.checkpoint.checkpoint();
        verify_inclusion(self.index, head.size(), &leaf_hash(entry), &self.proof, &head.root())?;
        Ok(witnesses)
    }
}

impl fmt::Display for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{FIRST_LINE}")?;
        if !self.extra.is_empty() {
            writeln!(f, "extra {}", STANDARD.encode(&self.extra))?;
        }
        writeln!(f, "index {}", self.index)?;
        self.proof.iter().try_for_each(|hash| writeln!(f, "{hash}"))?;
        write!(f, "\n{}", self.checkpoint)
    }
}

impl FromStr for Receipt {
    type Err = ReceiptError;

    fn from_str(text: &str) -> Result<Self, ReceiptError> {
        if text.len() > MAX_RECEIPT_BYTES {
            return Err(ReceiptError::TooLarge);
        }
        let (head, checkpoint) = text.split_once("\n\n").ok_or(ReceiptError::Form)?;
        let mut lines = head.split('\n');
        if lines.next() != Some(FIRST_LINE) {
            return Err(ReceiptError::Form);
        }
        let mut line = lines.next().ok_or(ReceiptError::Form)?;
        let mut extra = Vec::new();
        if let Some(encoded) = line.strip_prefix("extra ") {
            // Nothing extra is said by leaving the line out.
            extra = STANDARD.decode(encoded).ok().filter(|e| !e.is_empty()).ok_or(ReceiptError::Form)?;
            line = lines.next().ok_or(ReceiptError::Form)?;
        }
        let index = line.strip_prefix("index ").and_then(decimal::parse).ok_or(ReceiptError::Form)?;
        let mut proof = Vec::new();
        for line in lines {
            if proof.len() == MAX_PROOF_LINES {
                return Err(ReceiptError::TooLarge);
            }
            proof.push(line.parse().map_err(|_| ReceiptError::Form)?);
        }
        Ok(Self { index, extra, proof, checkpoint: checkpoint.parse()? })
    }
}

/// Why a receipt cannot be read or proves nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReceiptError {
    /// Not of the form of tlog-proof.
    #[error("This is not a receipt, or it is damaged: its lines are not those of a receipt. Copy it whole.")]
    Form,
    /// Beyond [`MAX_RECEIPT_BYTES`], or more lines than any log's proof has.
    #[error("This is longer than any receipt can be, so it is none, or it is damaged.")]
    TooLarge,
    /// The checkpoint in it cannot be read or does not count.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The entry is not where the receipt says.
    #[error(transparent)]
    Proof(#[from] ProofMismatch),
}
