//! Bundles of entries: each entry after its length as two bytes, big-endian.

/// The longest entry a bundle can hold: what two bytes can count.
pub const MAX_ENTRY_BYTES: usize = u16::MAX as usize;

/// The bytes of a bundle with these entries.
///
/// # Errors
///
/// [`BundleError::TooLong`] if an entry does not fit the format.
pub fn encode_bundle<E: AsRef<[u8]>>(entries: impl IntoIterator<Item = E>) -> Result<Vec<u8>, BundleError> {
    let mut bytes = Vec::new();
    for (position, entry) in entries.into_iter().enumerate() {
        let entry = entry.as_ref();
        let too_long = |_| BundleError::TooLong { position, bytes: entry.len() };
        let length = u16::try_from(entry.len()).map_err(too_long)?;
        bytes.extend_from_slice(&length.to_be_bytes());
        bytes.extend_from_slice(entry);
    }
    Ok(bytes)
}

/// The entries of a bundle, of which there must be exactly `width`.
///
/// # Errors
///
/// [`BundleError`] if the bytes end early or go on after the last entry.
pub fn decode_bundle(bytes: &[u8], width: u16) -> Result<Vec<&[u8]>, BundleError> {
    let mut entries = Vec::with_capacity(usize::from(width));
    let mut rest = bytes;
    for position in 0..usize::from(width) {
        let cut = BundleError::Cut { position };
        let (length, after) = rest.split_first_chunk().ok_or(cut)?;
        let (entry, after) = after.split_at_checked(u16::from_be_bytes(*length).into()).ok_or(cut)?;
        entries.push(entry);
        rest = after;
    }
    if rest.is_empty() { Ok(entries) } else { Err(BundleError::Trailing { bytes: rest.len() }) }
}

/// Why bytes and entries do not fit together. Positions count entries in the bundle from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BundleError {
    /// An entry is too long to be written.
    #[error(
        "Entry {position} of the bundle has {bytes} bytes; the log's format holds at most 65535. Put long \
         text in as a commitment."
    )]
    TooLong {
        /// Position of the entry.
        position: usize,
        /// Its length.
        bytes: usize,
    },
    /// The bytes end inside an entry.
    #[error("The bundle ends inside its entry {position}: it was cut or a length in it was changed.")]
    Cut {
        /// Position of the entry that is not whole.
        position: usize,
    },
    /// Bytes follow the last entry.
    #[error(
        "The bundle has {bytes} bytes after its last entry: it holds too much or a length in it was changed."
    )]
    Trailing {
        /// How many bytes follow.
        bytes: usize,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bundle_holds_what_was_put_in() {
        let entries: [&[u8]; 3] = [b"one", b"", &[7; MAX_ENTRY_BYTES]];
        let bytes = encode_bundle(entries).unwrap();
        assert_eq!(&bytes[..7], b"\x00\x03one\x00\x00");
        assert_eq!(decode_bundle(&bytes, 3).unwrap(), entries);
        assert_eq!(decode_bundle(&bytes, 2), Err(BundleError::Trailing { bytes: 2 + MAX_ENTRY_BYTES }));
        assert_eq!(decode_bundle(&bytes, 4), Err(BundleError::Cut { position: 3 }));
        assert_eq!(decode_bundle(&bytes[..6], 2), Err(BundleError::Cut { position: 1 }));
        assert_eq!(decode_bundle(&bytes[..4], 1), Err(BundleError::Cut { position: 0 }));
        let long = encode_bundle([vec![0; MAX_ENTRY_BYTES + 1]]);
        assert_eq!(long, Err(BundleError::TooLong { position: 0, bytes: MAX_ENTRY_BYTES + 1 }));
    }
}
