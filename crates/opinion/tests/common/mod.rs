//! Folders of real data.

use opinion::export::{Conversation, Files, Refusal, read};
use std::path::PathBuf;

/// The files of a folder below the data, by name.
pub fn folder(path: &str) -> Vec<(String, Vec<u8>)> {
    let folder = PathBuf::from(option_env!("VECHE_DATA_FOLDER").unwrap_or_default()).join(path);
    let mut files: Vec<(String, Vec<u8>)> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read(&path).unwrap()))
        .collect();
    files.sort();
    files
}

/// Reads them.
pub fn conversation(files: &[(String, Vec<u8>)]) -> Result<Conversation, Refusal> {
    read(&files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect::<Files<'_>>())
}
