//! A fingerprint of responses that others can compute again.

use crate::responses::{Responses, Words};
use sha2::{Digest, Sha256};

/// Rows hashed together, so that threads can share the work without changing the result.
const ROWS: usize = 65_536;

/// SHA-256 over a fixed form of the responses; all integers little-endian.
///
/// Every block of 65,536 rows gives SHA-256 of, for each of its rows, the participant's number (4 bytes)
/// and the number of responses (4 bytes), followed by, for each response of the block in row order and
/// ascending order of statements, the word `4 × column + (0 pass, 1 agree, 2 disagree)`: 2 bytes, or 4 when
/// there are more than 16,384 columns. The digest is SHA-256 of the text `veche opinion responses 1\n`, the
/// number of rows (8 bytes), the number of columns (8 bytes), the statements' numbers (4 bytes each) and
/// the digests of the blocks.
pub(crate) fn digest(responses: &Responses) -> [u8; 32] {
    let blocks = responses.rows().div_ceil(ROWS);
    let digests: Vec<[u8; 32]> = if blocks <= 1 {
        (0..blocks).map(|block| block_digest(responses, block)).collect()
    } else {
        use rayon::prelude::*;
        (0..blocks).into_par_iter().map(|block| block_digest(responses, block)).collect()
    };
    let mut whole = Sha256::new();
    whole.update(b"veche opinion responses 1\n");
    whole.update((responses.rows() as u64).to_le_bytes());
    whole.update((responses.columns() as u64).to_le_bytes());
    for statement in &responses.statements {
        whole.update(statement.to_le_bytes());
    }
    for digest in digests {
        whole.update(digest);
    }
    whole.finalize().into()
}

fn block_digest(responses: &Responses, block: usize) -> [u8; 32] {
    let rows = block * ROWS..responses.rows().min((block + 1) * ROWS);
    let mut hash = Sha256::new();
    for row in rows.clone() {
        hash.update(responses.participants[row].to_le_bytes());
        hash.update((responses.row_len(row) as u32).to_le_bytes());
    }
    let range = responses.offsets[rows.start]..responses.offsets[rows.end];
    // Through a buffer: one call of `update` for every word would cost more than the hashing.
    let mut buffer = Vec::with_capacity(4 * BUFFERED);
    match &responses.words {
        Words::Narrow(words) => {
            for part in words[range].chunks(BUFFERED) {
                buffer.clear();
                buffer.extend(part.iter().flat_map(|word| word.to_le_bytes()));
                hash.update(&buffer);
            }
        }
        Words::Wide(words) => {
            for part in words[range].chunks(BUFFERED) {
                buffer.clear();
                buffer.extend(part.iter().flat_map(|word| word.to_le_bytes()));
                hash.update(&buffer);
            }
        }
    }
    hash.finalize().into()
}

/// SHA-256 as something to write to.
#[derive(Debug, Default)]
pub(crate) struct Hashing(Sha256);

impl Hashing {
    /// Of all that was written, in hexadecimal.
    pub(crate) fn hex(self) -> String {
        hex(&self.0.finalize().into())
    }
}

impl std::io::Write for Hashing {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Words copied at a time.
const BUFFERED: usize = 4_096;

/// A digest in lower-case hexadecimal.
pub(crate) fn hex(digest: &[u8; 32]) -> String {
    digest
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .map(|half| char::from(b"0123456789abcdef"[usize::from(half)]))
        .collect()
}
