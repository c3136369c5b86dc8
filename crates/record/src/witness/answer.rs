//! The log's side of `add-checkpoint`: what a witness' answer means.

use super::Request;
use crate::decimal;
use crate::note::{NoteError, Signature, SignedNote, VerifierKey};

/// What a witness' answer means for the log that asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It has cosigned the head. The signature holds.
    Cosigned {
        /// That of the key that was asked for; what else the witness sent is left out.
        signature: Signature,
        /// When, in seconds since 1970.
        time: u64,
    },
    /// Ask again, with a proof from this size, which is not beyond the log's newest head.
    From(u64),
    /// It has cosigned a head of more entries than the log has.
    Ahead {
        /// How many.
        size: u64,
    },
    /// The head of this size that it has cosigned is not the log's.
    Other {
        /// The size.
        size: u64,
    },
}

/// Reads the answer to `request`: its status, its content type and its body. `newest` is the size of the
/// log's newest head by now; `key` the witness' key.
///
/// [`Answer::Other`] is sure only if the log's proof was right; a log that is in doubt checks its own first.
///
/// # Errors
///
/// [`AnswerError`] if the witness does not cosign, for another reason than the log's history.
pub fn read_answer(
    request: &Request,
    newest: u64,
    key: &VerifierKey,
    status: u16,
    content_type: &str,
    body: &[u8],
) -> Result<Answer, AnswerError> {
    let (old, size) = (request.old, request.checkpoint.checkpoint().size());
    match status {
        200 => cosigned(request, key, body),
        409 => match named_size(content_type, body) {
            // Where the log knows the size, only the root can be in conflict. Our own witness then names none.
            Some(named) if named == old && old == size => Ok(Answer::Other { size }),
            Some(named) if named > newest => Ok(Answer::Ahead { size: named }),
            Some(named) if named != old => Ok(Answer::From(named)),
            None if old == size => Ok(Answer::Other { size }),
            _ => Err(AnswerError::Conflict),
        },
        // It had cosigned the head of `old` entries, and the log's own does not lead from there.
        422 if old > 0 => Ok(Answer::Other { size: old }),
        403 => Err(AnswerError::NotSigned),
        404 => Err(AnswerError::UnknownLog),
        300..=399 => Err(AnswerError::Elsewhere(status)),
        _ => Err(AnswerError::Status(status)),
    }
}

fn cosigned(request: &Request, key: &VerifierKey, body: &[u8]) -> Result<Answer, AnswerError> {
    let body = std::str::from_utf8(body).map_err(|_| AnswerError::Form)?;
    let mut signatures = Signature::parse_lines(body).map_err(|_| AnswerError::Form)?;
    // The specification: signatures of unknown keys must be ignored.
    signatures.retain(|signature| signature.name() == key.name() && signature.key_id() == key.key_id());
    let note = SignedNote::new(request.checkpoint.note().text(), signatures.clone());
    let note = note.map_err(|_| AnswerError::OtherKey)?;
    let verified = note.verify([key]).map_err(|error| match error {
        NoteError::BadSignature { .. } => AnswerError::BadSignature,
        _ => AnswerError::OtherKey,
    })?;
    // One is enough, and its time is the one that is said.
    let time = verified.first().and_then(|verified| verified.time);
    let (time, signature) = time.zip(signatures.into_iter().next()).ok_or(AnswerError::OtherKey)?;
    Ok(Answer::Cosigned { signature, time })
}

fn named_size(content_type: &str, body: &[u8]) -> Option<u64> {
    let kind = content_type.split(';').next().unwrap_or_default().trim();
    let body = std::str::from_utf8(body).ok()?;
    let size = decimal::parse(body.strip_suffix('\n').unwrap_or(body))?;
    kind.eq_ignore_ascii_case("text/x.tlog.size").then_some(size)
}

/// Why a witness did not cosign, where that says nothing about the log's history.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AnswerError {
    /// 404: it does not know the log.
    #[error("It does not know this record. Give whoever runs it the record's key.")]
    UnknownLog,
    /// 403: it knows another key.
    #[error("It knows this record under another key. Give whoever runs it the key that signs now.")]
    NotSigned,
    /// 3xx: redirects are not followed.
    #[error(
        "It answers {0}, a redirect, and these are not followed. Write its final address into the policy."
    )]
    Elsewhere(u16),
    /// Any other status.
    #[error("It answers {0} instead of a cosignature.")]
    Status(u16),
    /// 409 without a size one can go on from.
    #[error("It answers 409 without saying which size it has seen.")]
    Conflict,
    /// 200 without signature lines.
    #[error("It answers something else than signature lines. Is the address in the policy the witness' own?")]
    Form,
    /// 200 without a signature of its key.
    #[error("It signs with another key than the policy says. Compare the two keys.")]
    OtherKey,
    /// 200 with a signature that does not hold.
    #[error("Its signature does not fit the head it was asked to sign. It was not kept.")]
    BadSignature,
}
