//! What people were told, and whether it still holds.

use crate::check::check;
use crate::fail::Failed;
use crate::source::Source;
use crate::trust::Trust;
use record::policy::Policy;
use record::receipt::Receipt;
use record::root_at;
use record::tile::{BundlePath, FULL_WIDTH, decode_bundle};
use std::path::Path;
use store::{House, Listed, Reader, Store};

/// An act that was acknowledged.
#[derive(Debug, Clone)]
pub struct Told {
    /// The entry that says it.
    pub entry: u64,
    /// The receipt for that, as it was given; empty if the act's answer carries none.
    pub receipt: String,
    /// What the entry must say: a part of its line.
    pub says: String,
}

/// Opens the folder as every start does, and looks whether everything that was told holds. With `whole`
/// the record is verified from its first entry, too. What does not hold, in sentences.
pub fn look(folder: &Path, told: &[Told], whole: bool) -> Result<Vec<String>, Failed> {
    let mut problems = Vec::new();
    let store = match Store::open(folder, &mut |_, _| ()) {
        Ok(store) => store,
        Err(error) => return Ok(vec![format!("the folder does not open: {error}")]),
    };
    let house =
        store.houses().first().cloned().ok_or_else(|| Failed::new("The folder holds no assembly."))?;
    let reader = Reader::open(folder)?;
    let listed = reader.assemblies()?.into_iter().next().ok_or_else(|| Failed::new("No assembly."))?;
    let policy = policy(&house)?;
    for told in told {
        if let Err(why) = holds(told, &house, &reader, &listed, &policy) {
            problems.push(format!("entry {} was acknowledged and {why}", told.entry));
        }
    }
    if whole {
        let checked = check(&Source::find(&folder.to_string_lossy())?, &Trust::default(), |_, _| ())?;
        problems.extend(checked.problems.into_iter().map(|problem| problem.sentence));
    }
    Ok(problems)
}

fn policy(house: &House) -> Result<Policy, Failed> {
    let key = house.key().parse().map_err(|error| Failed::new(format!("The key cannot be read: {error}")))?;
    Policy::new(key, Vec::new(), 0).map_err(|error| Failed::new(error.to_string()))
}

fn holds(
    told: &Told,
    house: &House,
    reader: &Reader,
    listed: &Listed,
    policy: &Policy,
) -> Result<(), String> {
    let line = entry(reader, listed, told.entry).ok_or("is not there any more")?;
    let line_says = String::from_utf8_lossy(&line);
    if !line_says.contains(&told.says) {
        return Err(format!("should say “{}”, but says: {line_says}", told.says));
    }
    if told.receipt.is_empty() {
        return Ok(());
    }
    let receipt: Receipt =
        told.receipt.parse().map_err(|error| format!("its receipt cannot be read: {error}"))?;
    if receipt.index() != told.entry {
        return Err("its receipt is for another entry".into());
    }
    receipt.verify(&line, policy).map_err(|error| format!("its receipt does not hold: {error}"))?;
    let head = receipt.checkpoint().checkpoint();
    let live = house.read();
    match root_at(&live.tree, head.size()) {
        Ok(root) if root == head.root() => Ok(()),
        _ => Err("the record does not continue the head of its receipt".into()),
    }
}

fn entry(reader: &Reader, listed: &Listed, index: u64) -> Option<Vec<u8>> {
    let full = u64::from(FULL_WIDTH);
    let path = BundlePath::new(index / full, u16::try_from(index % full + 1).ok()?).ok()?;
    let bundle = reader.bundle(listed, path).ok()??;
    Some(decode_bundle(&bundle, path.width()).ok()?.pop()?.to_vec())
}
