//! From a key that one trusts to the key that signed a head: along the entries by which a record changed its key.
//!
//! Every change is signed by the key before and by the key after it (`record::rekey`), so whoever trusts one key of a
//! record needs to believe nobody to find the others. It does not matter where the entries were read.

use crate::check::named_key;
use crate::fail::Failed;
use crate::source::Source;
use crate::trust::parse_key;
use assembly::{Act, Entry, roll};
use record::checkpoint::{Checkpoint, CheckpointError, SignedCheckpoint};
use record::note::{NoteError, Signature, VerifierKey};
use record::policy::Policy;
use record::rekey::Rekey;
use record::tile::{bundles, decode_bundle};
use record::verify::LogSource;
use std::ops::Range;

/// What every entry that changes the key has in its first bytes …
const MARK: &[u8] = b",\"kind\":\"roll.rekeyed\",";
/// … which are no more than these: version and time stand before it.
const HEAD: usize = 64;

/// The keys of a record, from its founding on.
#[derive(Debug, Clone)]
pub struct Chain {
    first: VerifierKey,
    /// Later keys with the entries that name them.
    later: Vec<(VerifierKey, u64)>,
}

impl Chain {
    /// The keys of a record whose founding names `first`.
    pub fn new(first: VerifierKey) -> Self {
        Self { first, later: Vec::new() }
    }

    /// Follows the changes among these entries, of which those before must have been followed.
    ///
    /// # Errors
    ///
    /// A sentence, if entries cannot be read, or one changes the key without the right to.
    pub fn follow<S: LogSource<Error = Failed>>(
        &mut self,
        source: &S,
        entries: Range<u64>,
    ) -> Result<(), Failed> {
        for path in bundles(entries.end).filter(|path| path.entries().end > entries.start) {
            let bytes = source.bundle(path)?;
            let unreadable = |error| Failed::new(format!("{path} cannot be read: {error}"));
            let all = path.entries().zip(decode_bundle(&bytes, path.width()).map_err(unreadable)?);
            let marked = |entry: &[u8]| {
                entry.get(..HEAD).is_some_and(|head| head.windows(MARK.len()).any(|window| window == MARK))
            };
            for (index, entry) in all.filter(|(index, entry)| *index >= entries.start && marked(entry)) {
                self.change(index, entry).map_err(|why| {
                    Failed::new(format!(
                        "Entry {index} cannot be right: it names another key without the right to. {why}"
                    ))
                })?;
            }
        }
        Ok(())
    }

    fn change(&mut self, index: u64, entry: &[u8]) -> Result<(), String> {
        let entry = Entry::decode(entry, &mut Vec::new()).map_err(|error| error.to_string())?;
        let Act::Roll(roll::Entry::Rekeyed(rekeyed)) = entry.act else { return Ok(()) };
        let key: VerifierKey = rekeyed.key.parse().map_err(|error| format!("{error}"))?;
        let line = |line: &str| line.parse::<Signature>().map_err(|error| error.to_string());
        let (by_old, by_new) = (line(&rekeyed.by_old)?, line(&rekeyed.by_new)?);
        Rekey::new(index, self.at(u64::MAX).clone(), key.clone())
            .and_then(|rekey| rekey.verify(by_old, by_new))
            .map_err(|error| error.to_string())?;
        self.later.push((key, index));
        Ok(())
    }

    /// All keys of the record at `source`, up to `size` entries. Reads every entry: done only where the key that one
    /// trusts has not signed.
    ///
    /// # Errors
    ///
    /// As [`Chain::follow`], and if the founding names no key.
    pub fn of(source: &Source, head: &Checkpoint) -> Result<Self, Failed> {
        let mut chain = Self::new(parse_key(&named_key(source, head)?)?);
        chain.follow(source, 0..head.size())?;
        Ok(chain)
    }

    /// The key that signs heads of `size` entries.
    pub fn at(&self, size: u64) -> &VerifierKey {
        self.later.iter().rev().find(|(_, entry)| *entry < size).map_or(&self.first, |(key, _)| key)
    }

    /// Whether it is one of the keys.
    pub fn holds(&self, key: &VerifierKey) -> bool {
        self.first == *key || self.later.iter().any(|(later, _)| later == key)
    }

    /// Whether whoever trusts `key` is led to the key that signs heads of that size, and it signed this one.
    pub fn leads(&self, key: &VerifierKey, head: &SignedCheckpoint) -> bool {
        self.holds(key) && signed_by(head, self.at(head.checkpoint().size())).unwrap_or(false)
    }
}

/// Whether a head is signed by that key; if not, another one may have signed it.
///
/// # Errors
///
/// Whatever else is wrong with the head.
pub fn signed_by(head: &SignedCheckpoint, key: &VerifierKey) -> Result<bool, CheckpointError> {
    // A witness' key cannot sign as a log.
    Policy::new(key.clone(), [], 0).map_or(Ok(false), |policy| signed_under(head, &policy))
}

/// Whether a head is signed by one of the log's keys that the policy lists; witnesses are not asked for.
///
/// # Errors
///
/// As [`signed_by`].
pub fn signed_under(head: &SignedCheckpoint, policy: &Policy) -> Result<bool, CheckpointError> {
    match head.signer(policy) {
        Ok(_) => Ok(true),
        Err(CheckpointError::Note(NoteError::NoKnownKey)) => Ok(false),
        Err(error) => Err(error),
    }
}
