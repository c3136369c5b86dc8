//! Changing the key that signs a log.
//!
//! A log names its first key once; when it goes on under another, it says so in an entry that **both keys sign**. The
//! old key says "I hand over to this one", so nobody else can; the new key says "I am the one", so nobody can be named
//! who does not know of it. Whoever trusts any key of the log finds the others by following these entries, forwards
//! and backwards, without believing anybody.
//!
//! What is signed is a text of its own kind, a signed note under its two keys:
//!
//! ```text
//! veche/rekey/v1
//! <origin>
//! <number of the entry that says it>
//! <verifier key until then>
//! <verifier key from then on>
//! ```
//!
//! It cannot be taken for a checkpoint, whose second line is a number, nor for the change at another place or of
//! another log.

use crate::note::{KeyKind, NoteError, Signature, SignedNote, SigningKey, VerifierKey};

/// A change of keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rekey {
    index: u64,
    old: VerifierKey,
    new: VerifierKey,
}

impl Rekey {
    /// The change from `old` to `new`, said by entry `index`.
    ///
    /// # Errors
    ///
    /// [`RekeyError`] if these cannot be two keys of one log.
    pub fn new(index: u64, old: VerifierKey, new: VerifierKey) -> Result<Self, RekeyError> {
        if old.kind() != KeyKind::Log || new.kind() != KeyKind::Log {
            return Err(RekeyError::Kind);
        }
        if old.name() != new.name() {
            return Err(RekeyError::Name { old: old.name().to_owned(), new: new.name().to_owned() });
        }
        if old.to_bytes() == new.to_bytes() {
            return Err(RekeyError::Same);
        }
        Ok(Self { index, old, new })
    }

    /// The text that both keys sign.
    pub fn text(&self) -> String {
        let Self { index, old, new } = self;
        format!("veche/rekey/v1\n{}\n{index}\n{old}\n{new}\n", old.name())
    }

    /// Signs a change with both keys: the signature of the old one, and that of the new one.
    ///
    /// # Errors
    ///
    /// As [`Rekey::new`].
    pub fn sign(
        index: u64,
        old: &SigningKey,
        new: &SigningKey,
    ) -> Result<(Signature, Signature), RekeyError> {
        let text = Self::new(index, old.verifier().clone(), new.verifier().clone())?.text();
        Ok((old.sign(&text), new.sign(&text)))
    }

    /// Checks that both keys have signed: the first signature is the old key's, the second the new one's.
    ///
    /// # Errors
    ///
    /// [`RekeyError::Unsigned`] naming the key that has not.
    pub fn verify(&self, by_old: Signature, by_new: Signature) -> Result<(), RekeyError> {
        for (signature, key) in [(by_old, &self.old), (by_new, &self.new)] {
            let unsigned = |why: NoteError| RekeyError::Unsigned { key: key.to_string(), why };
            let note = SignedNote::new(self.text(), vec![signature]).map_err(unsigned)?;
            note.verify(std::slice::from_ref(key)).map_err(unsigned)?;
        }
        Ok(())
    }
}

/// Why a change of keys does not count.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RekeyError {
    /// A witness' key among them.
    #[error("A log is signed by keys of logs; one of these is the key of a witness.")]
    Kind,
    /// Keys of two logs.
    #[error("The keys are of two logs: {old} and {new}. A log goes on under its own name.")]
    Name {
        /// Name of the old key.
        old: String,
        /// Name of the new key.
        new: String,
    },
    /// No change.
    #[error("The new key is the one that signs already.")]
    Same,
    /// Not signed by both.
    #[error("The key {key} has not signed the change of keys. {why}")]
    Unsigned {
        /// The key that should have signed.
        key: String,
        /// What its signature lacks.
        why: NoteError,
    },
}
