//! What the tests share: the folder of test data.

use std::path::PathBuf;

/// A file or folder of the shared test data for this crate.
pub fn data(path: &str) -> PathBuf {
    PathBuf::from(option_env!("VECHE_DATA_FOUND").unwrap_or_default()).join("record").join(path)
}
