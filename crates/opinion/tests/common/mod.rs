//! Folders of real data.

use opinion::export::{Conversation, Files, Refusal, read};
use std::path::PathBuf;

/// The conversations below `polis/`.
#[allow(dead_code, reason = "some files of tests look at a few of them only")]
pub const POLIS: [&str; 8] = [
    "15-per-hour-seattle",
    "american-assembly.bowling-green",
    "austria-climate.5twd2jsnkf.2022-08-08",
    "brexit-consensus",
    "scoop-hivemind.freshwater",
    "scoop-hivemind.taxes",
    "scoop-hivemind.ubi",
    "vtaiwan.uberx",
];

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
