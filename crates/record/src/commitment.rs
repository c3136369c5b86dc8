//! Texts as salted commitments: the log holds 32 bytes that say nothing, the text and its salt lie
//! beside it and can be erased for good.
//!
//! A commitment without its salt cannot be guessed from, however short the text was; that is why every
//! text has a salt of its own, and why there is no master salt.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};

/// What separates these commitments from every other use of SHA-256.
const DOMAIN: &[u8] = b"veche/text/v1\0";

/// 32 random bytes that belong to one text alone. Erased together with it, so it is not shown by `{:?}`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Salt(pub [u8; 32]);

/// What the log holds of a text: `SHA-256("veche/text/v1" ‖ 0x00 ‖ salt ‖ text)`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Commitment(pub [u8; 32]);

impl Commitment {
    /// The commitment to `text` under `salt`.
    pub fn of(salt: &Salt, text: &str) -> Self {
        let digest = Sha256::new_with_prefix(DOMAIN).chain_update(salt.0).chain_update(text);
        Self(digest.finalize().into())
    }

    /// Whether this is the commitment to `text` under `salt`.
    pub fn opens(&self, salt: &Salt, text: &str) -> bool {
        *self == Self::of(salt, text)
    }
}

impl fmt::Debug for Commitment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Commitment({self})")
    }
}

impl fmt::Debug for Salt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Salt(…)")
    }
}

/// A text that should be the unpadded base64 of 32 bytes is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("This is not 32 bytes in base64 without padding, so it is neither a salt nor a commitment.")]
pub struct ParseCommitmentError;

fn parse(text: &str) -> Result<[u8; 32], ParseCommitmentError> {
    let bytes = STANDARD_NO_PAD.decode(text).map_err(|_| ParseCommitmentError)?;
    bytes.try_into().map_err(|_| ParseCommitmentError)
}

/// Both types are the same 43 letters on the wire.
macro_rules! as_text {
    ($name:ident) => {
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&STANDARD_NO_PAD.encode(self.0))
            }
        }

        impl FromStr for $name {
            type Err = ParseCommitmentError;

            fn from_str(text: &str) -> Result<Self, ParseCommitmentError> {
                parse(text).map(Self)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_str(Text).map(Self)
            }
        }
    };
}

as_text!(Salt);
as_text!(Commitment);

struct Text;

impl Visitor<'_> for Text {
    type Value = [u8; 32];

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("32 bytes in base64 without padding")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<[u8; 32], E> {
        parse(text).map_err(E::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commitment_is_the_digest_the_design_names() {
        let salt = Salt([7; 32]);
        let mut bytes = b"veche/text/v1".to_vec();
        bytes.push(0);
        bytes.extend([7; 32]);
        bytes.extend("Kyōtō".bytes());
        let commitment = Commitment::of(&salt, "Kyōtō");
        assert_eq!(commitment.0, <[u8; 32]>::from(Sha256::digest(&bytes)));
        assert!(commitment.opens(&salt, "Kyōtō"));
        assert!(!commitment.opens(&salt, "Kyoto"));
        assert!(!commitment.opens(&Salt([8; 32]), "Kyōtō"));
    }

    #[test]
    fn on_the_wire_it_is_a_string_without_padding() {
        let salt = Salt([255; 32]);
        let json = serde_json::to_string(&salt).unwrap();
        assert_eq!(json, format!("\"{}8\"", "/".repeat(42)));
        assert_eq!(serde_json::from_str::<Salt>(&json).unwrap(), salt);
        assert_eq!(format!("{salt:?}"), "Salt(…)");
        for bad in ["", "AAAA", &format!("{}8=", "/".repeat(42)), &"/".repeat(43), &"_".repeat(43)] {
            assert_eq!(bad.parse::<Commitment>(), Err(ParseCommitmentError), "{bad}");
            assert!(serde_json::from_str::<Commitment>(&format!("\"{bad}\"")).is_err());
        }
    }
}
