//! The state as it was at an earlier size of the record.

use crate::house::{Failure, House};
use assembly::{Entry, State, apply};
use record::tile::{bundles, decode_bundle};

impl House {
    /// The state after the first `size` entries, without any words; `None` if there are not so many. Replays the
    /// record from its beginning, beside the writer: a million entries take some seconds.
    ///
    /// # Errors
    ///
    /// [`Failure::Unreadable`].
    pub async fn earlier(&self, size: u64) -> Result<Option<State>, Failure> {
        self.with_reader(move |reader, listed| {
            let mut state = State::default();
            let mut scratch = Vec::new();
            for path in bundles(size) {
                let Some(bundle) = reader.bundle(listed, path)? else { return Ok(None) };
                let Ok(entries) = decode_bundle(&bundle, path.width()) else { return Ok(None) };
                for bytes in entries {
                    // What was read at the start can be read again.
                    let Ok(entry) = Entry::decode(bytes, &mut scratch) else { return Ok(None) };
                    if apply(&mut state, &entry).is_err() {
                        return Ok(None);
                    }
                }
            }
            Ok(Some(state))
        })
        .await
    }
}
