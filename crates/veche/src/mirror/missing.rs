//! Texts that the server did not have although no entry says that they were erased. The copy remembers them, asks for
//! them at every run, and says at every run which are still missing: a deletion that nobody owned up to does not
//! become normal by being told once.

use super::files::Folder;
use super::remote::Remote;
use crate::fail::Failed;
use crate::source::read_texts;
use assembly::{Entry, Field, apply_text};
use record::tile::{BundlePath, FULL_WIDTH, decode_bundle};
use std::collections::BTreeSet;

/// Where they are remembered, in the copy's folder.
const FILE: &str = "missing.json";

/// Texts by entry and field.
pub type Missing = BTreeSet<(u64, Field)>;

/// Those remembered.
///
/// # Errors
///
/// A sentence, if the list cannot be read.
pub fn remembered(folder: &Folder) -> Result<Missing, Failed> {
    let Some(bytes) = folder.read(FILE)? else { return Ok(Missing::new()) };
    serde_json::from_slice(&bytes).map_err(|error| {
        Failed::new(format!(
            "The list of missing texts, {FILE} in {}, cannot be read: {error}. Remove it, and run `veche verify` on the \
             folder to see what is missing.",
            folder.root().display()
        ))
    })
}

/// Remembers these, and no others.
///
/// # Errors
///
/// A sentence, if it cannot be written.
pub fn remember(folder: &Folder, missing: &Missing) -> Result<(), Failed> {
    if missing.is_empty() {
        return folder.remove(FILE);
    }
    let list = serde_json::to_vec(missing)
        .map_err(|error| Failed::io("Writing the list of missing texts", error))?;
    folder.write_now(FILE, &list)
}

/// Asks the server again for what was missing in a copy of `size` entries. Answers what still is.
///
/// # Errors
///
/// A sentence, if the server or the copy cannot be read.
pub fn ask_again(remote: &Remote, folder: &Folder, size: u64, missing: &Missing) -> Result<Missing, Failed> {
    let mut still = missing.clone();
    let entries: BTreeSet<u64> = missing.iter().map(|(entry, _)| *entry).collect();
    for index in entries {
        let Some(bytes) = remote.find(&format!("text/{index}"))? else { continue };
        // What is no text of this entry is not what is missing.
        let served = read_texts(&bytes, index).unwrap_or_default();
        let mut entry = entry(folder, size, index)?;
        let mut right = Vec::new();
        for (field, opened) in &served {
            if apply_text(&mut entry, *field, opened.clone()) {
                right.push(*field);
            }
        }
        if let Some(file) = web::bundle::text_file(index, &right, &served) {
            folder.write_now(&format!("text/{index}"), &file)?;
        }
        still.retain(|(of, field)| *of != index || !right.contains(field));
    }
    Ok(still)
}

/// An entry of the copy.
fn entry(folder: &Folder, size: u64, index: u64) -> Result<Entry, Failed> {
    let damaged = || {
        Failed::new(format!(
            "Entry {index} of the copy in {} cannot be read. Run `veche verify` on it.",
            folder.root().display()
        ))
    };
    let full = u64::from(FULL_WIDTH);
    // At most 256, which fits.
    let (row, width) = (index / full, size.saturating_sub(index / full * full).min(full) as u16);
    let path = BundlePath::new(row, width).map_err(|_| damaged())?;
    let bytes = folder.read(&path.to_string())?.ok_or_else(damaged)?;
    let entries = decode_bundle(&bytes, width).map_err(|_| damaged())?;
    let bytes = entries.get((index % full) as usize).ok_or_else(damaged)?;
    Entry::decode(bytes, &mut Vec::new()).map_err(|_| damaged())
}
