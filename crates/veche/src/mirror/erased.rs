//! Honouring erasures: words that an entry says were erased leave the copy, too.

use super::files::Folder;
use crate::fail::Failed;
use assembly::Field;
use serde_json::Value;

/// Deletes one text of an entry from the copy. What else is kept beside the entry stays.
pub fn delete(folder: &Folder, entry: u64, field: Field) -> Result<(), Failed> {
    let path = format!("text/{entry}");
    let rest = folder.read(&path)?.and_then(|bytes| without(&bytes, field));
    // Also where there is no such file: an interrupted write may have left a part of it.
    folder.remove(&path)?;
    match rest {
        Some(rest) => folder.write(&path, rest.to_string().as_bytes()),
        None => Ok(()),
    }
}

/// What a file of texts holds beside `field`; `None` if that is nothing, or nothing that can be read.
fn without(bytes: &[u8], field: Field) -> Option<Value> {
    let mut page: Value = serde_json::from_slice(bytes).ok()?;
    let texts = page.get_mut("texts")?.as_object_mut()?;
    texts.remove(field.name());
    (!texts.is_empty()).then_some(page)
}
