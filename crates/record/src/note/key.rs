//! Keys of signed notes: those that sign, and those that verify.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signer as _, VerifyingKey};
use sha2::{Digest, Sha256};

use super::Signature;

/// What a key signs, and so how; the type byte of signed-note.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyKind {
    /// 0x01: Ed25519 over the text. What a log signs its checkpoints with.
    Log = 0x01,
    /// 0x04: `cosignature/v1`, Ed25519 over a time and the text. What a witness cosigns with.
    Cosigner = 0x04,
}

/// The key of a log: signs checkpoints. Wiped from memory when dropped.
pub struct SigningKey {
    secret: ed25519_dalek::SigningKey,
    verifier: VerifierKey,
}

/// The key of a witness: cosigns other people's checkpoints. Wiped from memory when dropped.
///
/// A type of its own, so that no witness can be made to sign as a log or the other way round.
pub struct CosigningKey {
    secret: ed25519_dalek::SigningKey,
    verifier: VerifierKey,
}

/// A key that signatures are verified with; written `name+<key ID in hexadecimal>+<base64(type ‖ key)>`.
#[derive(Clone, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    kind: KeyKind,
    key_id: u32,
    public: VerifyingKey,
}

impl SigningKey {
    /// The key that follows from 32 secret random bytes (RFC 8032's private key), under `name`.
    ///
    /// # Errors
    ///
    /// [`KeyError::Name`] if the name is empty or has spaces, control characters or a `+`.
    pub fn from_seed(seed: &[u8; 32], name: &str) -> Result<Self, KeyError> {
        let secret = ed25519_dalek::SigningKey::from_bytes(seed);
        let verifier = VerifierKey::new(name, KeyKind::Log, secret.verifying_key())?;
        Ok(Self { secret, verifier })
    }

    /// The key in the text that [`SigningKey::private_text`] gives.
    ///
    /// # Errors
    ///
    /// [`KeyError::Private`] if it is not such a text, [`KeyError::Id`] if it was mistyped.
    pub fn from_private_text(text: &str) -> Result<Self, KeyError> {
        let mut parts = text.strip_prefix(PRIVATE).ok_or(KeyError::Private)?.splitn(3, '+');
        let (Some(name), Some(id), Some(encoded)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(KeyError::Private);
        };
        let bytes = STANDARD.decode(encoded).map_err(|_| KeyError::Private)?;
        let seed = bytes.split_first().filter(|(kind, _)| **kind == KeyKind::Log as u8);
        let seed = seed.and_then(|(_, seed)| seed.try_into().ok()).ok_or(KeyError::Private)?;
        let key = Self::from_seed(seed, name)?;
        if id == format!("{:08x}", key.verifier.key_id) { Ok(key) } else { Err(KeyError::Id) }
    }

    /// The secret key as text, in the form of golang.org/x/mod/sumdb/note:
    /// `PRIVATE+KEY+<name>+<key ID>+<base64(type ‖ seed)>`. Whoever reads it can sign.
    pub fn private_text(&self) -> String {
        let mut bytes = vec![KeyKind::Log as u8];
        bytes.extend_from_slice(self.secret.as_bytes());
        format!("{PRIVATE}{}+{:08x}+{}", self.name(), self.verifier.key_id, STANDARD.encode(bytes))
    }

    /// The 32 secret bytes that the key follows from.
    pub fn seed(&self) -> [u8; 32] {
        self.secret.to_bytes()
    }

    /// The name signatures carry; for a log, its origin.
    pub fn name(&self) -> &str {
        self.verifier.name()
    }

    /// The key that others verify with.
    pub fn verifier(&self) -> &VerifierKey {
        &self.verifier
    }

    /// Signs a text as it stands, with its last newline.
    pub fn sign(&self, text: &str) -> Signature {
        self.verifier.signature(self.secret.sign(text.as_bytes()).to_vec())
    }
}

impl CosigningKey {
    /// The key that follows from 32 secret random bytes (RFC 8032's private key), under `name`.
    ///
    /// # Errors
    ///
    /// [`KeyError::Name`] if the name is empty or has spaces, control characters or a `+`.
    pub fn from_seed(seed: &[u8; 32], name: &str) -> Result<Self, KeyError> {
        let secret = ed25519_dalek::SigningKey::from_bytes(seed);
        let verifier = VerifierKey::new(name, KeyKind::Cosigner, secret.verifying_key())?;
        Ok(Self { secret, verifier })
    }

    /// The name cosignatures carry.
    pub fn name(&self) -> &str {
        self.verifier.name()
    }

    /// The key that others verify with.
    pub fn verifier(&self) -> &VerifierKey {
        &self.verifier
    }

    /// Cosigns a checkpoint's text as seen at `time`, in seconds since 1970.
    ///
    /// # Errors
    ///
    /// [`KeyError::Time`] if the time is beyond what the format allows (2^63 − 1).
    pub fn cosign(&self, checkpoint: &str, time: u64) -> Result<Signature, KeyError> {
        if time > MAX_TIME {
            return Err(KeyError::Time);
        }
        let mut bytes = time.to_be_bytes().to_vec();
        bytes.extend_from_slice(&self.secret.sign(&cosigned_message(checkpoint, time)).to_bytes());
        Ok(self.verifier.signature(bytes))
    }
}

impl VerifierKey {
    /// The key of this kind with these 32 bytes (RFC 8032's encoding), under `name`.
    ///
    /// # Errors
    ///
    /// [`KeyError`] if the name cannot be one or the bytes are no usable key.
    pub fn from_bytes(name: &str, kind: KeyKind, public: &[u8; 32]) -> Result<Self, KeyError> {
        Self::new(name, kind, VerifyingKey::from_bytes(public).map_err(|_| KeyError::Point)?)
    }

    fn new(name: &str, kind: KeyKind, public: VerifyingKey) -> Result<Self, KeyError> {
        if !is_name(name) {
            return Err(KeyError::Name);
        }
        // Anyone can sign for such a key, so it vouches for nothing.
        if public.is_weak() {
            return Err(KeyError::Point);
        }
        let digest = Sha256::new_with_prefix(name)
            .chain_update([b'\n', kind as u8])
            .chain_update(public.as_bytes())
            .finalize();
        let [a, b, c, d, ..] = <[u8; 32]>::from(digest);
        Ok(Self { name: name.to_owned(), kind, key_id: u32::from_be_bytes([a, b, c, d]), public })
    }

    /// The name signatures of this key carry.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What the key signs.
    pub fn kind(&self) -> KeyKind {
        self.kind
    }

    /// The short number that, with the name, says which key a signature line is of.
    pub fn key_id(&self) -> u32 {
        self.key_id
    }

    /// The 32 bytes of the key (RFC 8032's encoding).
    pub fn to_bytes(&self) -> [u8; 32] {
        self.public.to_bytes()
    }

    fn signature(&self, bytes: Vec<u8>) -> Signature {
        Signature { name: self.name.clone(), key_id: self.key_id, bytes }
    }

    /// `Some` with the time of a cosignature if `signature` (without key ID) fits the text.
    pub(super) fn check(&self, text: &str, signature: &[u8]) -> Option<Option<u64>> {
        let (time, signature) = match self.kind {
            KeyKind::Log => (None, signature),
            KeyKind::Cosigner => {
                let (time, signature) = signature.split_first_chunk()?;
                (Some(u64::from_be_bytes(*time)).filter(|&time| time <= MAX_TIME), signature)
            }
        };
        let message = match (self.kind, time) {
            (KeyKind::Log, _) => text.as_bytes().to_vec(),
            (KeyKind::Cosigner, Some(time)) => cosigned_message(text, time),
            (KeyKind::Cosigner, None) => return None,
        };
        let signature = ed25519_dalek::Signature::from_slice(signature).ok()?;
        self.public.verify_strict(&message, &signature).ok().map(|()| time)
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = vec![self.kind as u8];
        bytes.extend_from_slice(self.public.as_bytes());
        write!(f, "{}+{:08x}+{}", self.name, self.key_id, STANDARD.encode(bytes))
    }
}

impl FromStr for VerifierKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        // Base64 may have pluses of its own, a name may not: split at the first two.
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(id), Some(encoded)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(KeyError::Form);
        };
        let bytes = STANDARD.decode(encoded).map_err(|_| KeyError::Form)?;
        let (kind, public) = match bytes.split_first() {
            Some((0x01, public)) => (KeyKind::Log, public),
            Some((0x04, public)) => (KeyKind::Cosigner, public),
            Some((&kind, _)) => return Err(KeyError::Kind(kind)),
            None => return Err(KeyError::Form),
        };
        let key = Self::from_bytes(name, kind, public.try_into().map_err(|_| KeyError::Form)?)?;
        if id == format!("{:08x}", key.key_id) { Ok(key) } else { Err(KeyError::Id) }
    }
}

impl fmt::Debug for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerifierKey({self})")
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({}, …)", self.name())
    }
}

impl fmt::Debug for CosigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CosigningKey({}, …)", self.name())
    }
}

/// Whether a key can have this name: not empty, no spaces, no `+`, and nothing a note may not hold.
pub(super) fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(|c: char| c.is_whitespace() || c == '+' || c < ' ')
}

/// What a secret key begins with as text.
const PRIVATE: &str = "PRIVATE+KEY+";

/// The latest time a cosignature can carry.
const MAX_TIME: u64 = i64::MAX as u64;

fn cosigned_message(checkpoint: &str, time: u64) -> Vec<u8> {
    format!("cosignature/v1\ntime {time}\n{checkpoint}").into_bytes()
}

/// Why a key cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Not of the form `name+id+key`.
    #[error("This is not a verifier key. One looks like example.org/log+fd0e11f7+AUjgW0k… ; copy it whole.")]
    Form,
    /// Not the text of a secret key.
    #[error("This is not a secret key of a log. One begins with PRIVATE+KEY+ ; copy it whole.")]
    Private,
    /// A name no key can have.
    #[error("A key's name may not be empty and may not have spaces or a plus in it. Choose another name.")]
    Name,
    /// A signature type that is not known here.
    #[error("This key is of type {0:#04x}; only 0x01 (a log) and 0x04 (a witness) are known here.")]
    Kind(u8),
    /// The ID is not the one that follows from name and key.
    #[error(
        "The key's short number does not fit its name and its bytes: one of them was mistyped. Copy it whole."
    )]
    Id,
    /// Not a point on the curve, or one that anybody can sign for.
    #[error("The bytes of this key are no usable Ed25519 key. Ask for the key again.")]
    Point,
    /// A time beyond the format.
    #[error("The time to sign with is beyond what the format allows. Check the clock.")]
    Time,
}
