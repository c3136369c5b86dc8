//! Copying one row after the other: fetch, check, and only then write. Several threads, because a fetch
//! mostly waits.

use super::Stop;
use super::files::Folder;
use super::remote::Remote;
use crate::fail::Failed;
use crate::progress::Bar;
use crate::source::read_texts;
use assembly::{Act, Entry, Field, Opened, apply_text, moderation};
use record::tile::{BundlePath, TileNodes, TilePath, TileSource, decode_bundle, root_of};
use record::{Hash, Nodes as _, leaf_hash};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Rows being copied at the same time.
const THREADS: usize = 8;

/// What copying rows has found.
#[derive(Debug, Default)]
pub struct Found {
    /// Bytes that came from the server.
    pub fetched: u64,
    /// Texts that fit their commitments.
    pub texts: u64,
    /// What does not fit and yet did not stop the copying, by entry.
    pub problems: BTreeMap<u64, String>,
    /// Texts that the server does not have. Whether an entry says that they were erased shows at the end.
    pub missing: BTreeSet<(u64, Field)>,
    /// Texts that the new entries say were erased.
    pub erased: BTreeSet<(u64, Field)>,
}

/// What all threads share.
struct Plan<'p, 'a, S> {
    /// The tree under the signed head; nothing that does not belong under it gets through.
    nodes: &'p mut TileNodes<'a, S>,
    /// Rows not yet begun.
    rows: &'p mut (dyn Iterator<Item = BundlePath> + Send),
    /// Why no more are begun.
    stop: Option<Stop>,
    found: Found,
    /// Entries done, and where that is shown.
    done: u64,
    bar: &'p Bar,
}

/// What the entries of a row must lead to.
enum Expected {
    /// A full row: the node above it.
    Root(Hash),
    /// The last row: its leaves.
    Leaves(Vec<Hash>),
}

/// Copies `rows` from the server to the folder. Entries before `old` are there already.
///
/// # Errors
///
/// [`Stop`]: the first row that could not be copied. What was written is whole and checked.
pub fn copy<S: TileSource<Error = Failed> + Sync>(
    (remote, folder): (&Remote, &Folder),
    nodes: &mut TileNodes<'_, S>,
    rows: &mut (dyn Iterator<Item = BundlePath> + Send),
    old: u64,
    bar: &Bar,
) -> Result<Found, Stop> {
    let plan = Plan { nodes, rows, stop: None, found: Found::default(), done: old, bar };
    let plan = Mutex::new(plan);
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                let worker = Worker { remote, folder, old, plan: &plan };
                while let Some((path, expected)) = worker.next() {
                    let copied = worker.row(path, &expected);
                    worker.report(path, copied);
                }
            });
        }
    });
    let plan = plan.into_inner().unwrap_or_else(PoisonError::into_inner);
    match plan.stop {
        Some(stop) => Err(stop),
        None => Ok(plan.found),
    }
}

struct Worker<'w, 'p, 'a, S> {
    remote: &'w Remote,
    folder: &'w Folder,
    old: u64,
    plan: &'w Mutex<Plan<'p, 'a, S>>,
}

impl<'p, 'a, S: TileSource<Error = Failed>> Worker<'_, 'p, 'a, S> {
    fn plan(&self) -> MutexGuard<'_, Plan<'p, 'a, S>> {
        self.plan.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next row and what it must lead to.
    fn next(&self) -> Option<(BundlePath, Expected)> {
        let mut plan = self.plan();
        if plan.stop.is_some() {
            return None;
        }
        let path = plan.rows.next()?;
        let expected = if path.is_full() {
            plan.nodes.node(8, path.index()).map(Expected::Root)
        } else {
            path.entries()
                .map(|index| plan.nodes.node(0, index))
                .collect::<Result<_, _>>()
                .map(Expected::Leaves)
        };
        match expected {
            Ok(expected) => Some((path, expected)),
            Err(error) => {
                plan.stop = Some(error.into());
                None
            }
        }
    }

    fn report(&self, path: BundlePath, copied: Result<Found, Stop>) {
        let mut plan = self.plan();
        match copied {
            Ok(part) => {
                plan.found.fetched += part.fetched;
                plan.found.texts += part.texts;
                plan.found.problems.extend(part.problems);
                plan.found.missing.extend(part.missing);
                plan.found.erased.extend(part.erased);
                plan.done += u64::from(path.width());
                plan.bar.set(plan.done);
            }
            Err(stop) => plan.stop = plan.stop.take().or(Some(stop)),
        }
    }

    /// Copies one row with the texts of its entries.
    fn row(&self, path: BundlePath, expected: &Expected) -> Result<Found, Stop> {
        let mut found = Found::default();
        let name = path.to_string();
        // An interrupted run may have left it, in any state.
        let kept = self.folder.read(&name)?.filter(|bytes| expected.fits(&leaves(bytes, path.width())));
        let bytes = match kept {
            Some(bytes) => bytes,
            None => {
                let bytes = self.remote.file(&name)?;
                found.fetched += bytes.len() as u64;
                bytes
            }
        };
        let leaves = leaves(&bytes, path.width());
        if !expected.fits(&leaves) {
            return Err(Stop::Unsound {
                entry: Some(self.misfit(path, &leaves)?),
                sentence: format!(
                    "The file {name} is not what the signed head says: an entry in it was changed, removed or put between, \
                 or the file is damaged. Nothing was taken from it."
                ),
            });
        }
        self.entries(path, &bytes, &mut found)?;
        self.folder.write(&name, &bytes)?;
        let tile =
            TilePath::new(0, path.index(), path.width()).map_err(|error| Failed::new(error.to_string()))?;
        let hashes: Vec<u8> = leaves.iter().flat_map(|Hash(hash)| hash).copied().collect();
        self.folder.write(&tile.to_string(), &hashes)?;
        Ok(found)
    }

    /// The first entry that is not what the tree says.
    fn misfit(&self, path: BundlePath, leaves: &[Hash]) -> Result<u64, Stop> {
        let plan = self.plan();
        for (index, leaf) in path.entries().zip(leaves) {
            if plan.nodes.node(0, index)? != *leaf {
                return Ok(index);
            }
        }
        Ok(path.first_entry() + leaves.len() as u64)
    }

    /// Reads the entries, and fetches and checks the texts of the new ones.
    fn entries(&self, path: BundlePath, bytes: &[u8], found: &mut Found) -> Result<(), Stop> {
        let entries = decode_bundle(bytes, path.width()).unwrap_or_default();
        let mut scratch = Vec::new();
        for (index, entry) in path.entries().zip(entries).filter(|(index, _)| *index >= self.old) {
            let mut entry = Entry::decode(entry, &mut scratch).map_err(|error| Stop::Unsound {
                entry: Some(index),
                sentence: format!("Entry {index} cannot be read: {error}."),
            })?;
            if let Act::Moderation(moderation::Entry::Erased(erased)) = &entry.act {
                found.erased.insert((erased.entry, erased.field));
            }
            let fields: Vec<Field> = entry.texts().into_iter().map(|(field, _)| field).collect();
            if !fields.is_empty() {
                self.texts(index, &mut entry, &fields, found)?;
            }
        }
        Ok(())
    }

    fn texts(&self, index: u64, entry: &mut Entry, fields: &[Field], found: &mut Found) -> Result<(), Stop> {
        let path = format!("text/{index}");
        if let Some(kept) = self.folder.read(&path)?
            && let Ok(kept) = read_texts(&kept, index)
            && opened(entry, fields, &kept).all(|(_, right)| right == Some(true))
        {
            found.texts += fields.len() as u64;
            return Ok(());
        }
        let bytes = self.remote.find(&path)?.unwrap_or_default();
        found.fetched += bytes.len() as u64;
        let served = read_texts(&bytes, index).unwrap_or_default();
        let mut right = Map::new();
        for (field, state) in opened(entry, fields, &served) {
            let name = field.name();
            let wrong = match state {
                Some(true) => {
                    let words = served
                        .iter()
                        .find(|(has, _)| *has == field)
                        .map(|(_, opened)| json!({ "salt": opened.salt.to_string(), "text": &*opened.text }));
                    right.insert(name.to_owned(), words.unwrap_or(Value::Null));
                    continue;
                }
                Some(false) => format!(
                    "The {name} of entry {index} was changed: it is not the text that the entry commits to. It was not \
                     copied."
                ),
                None => {
                    found.missing.insert((index, field));
                    continue;
                }
            };
            found.problems.insert(index, wrong);
        }
        found.texts += right.len() as u64;
        if right.is_empty() {
            return Ok(());
        }
        // Only what the entry commits to is kept, in the form in which servers give it.
        let page = json!({ "index": index, "texts": right }).to_string();
        Ok(self.folder.write(&path, page.as_bytes())?)
    }
}

impl Expected {
    fn fits(&self, leaves: &[Hash]) -> bool {
        match self {
            Expected::Root(root) => !leaves.is_empty() && root_of(leaves) == *root,
            Expected::Leaves(expected) => expected == leaves,
        }
    }
}

/// The leaves of a bundle; none if it cannot be cut into its entries.
fn leaves(bytes: &[u8], width: u16) -> Vec<Hash> {
    decode_bundle(bytes, width).unwrap_or_default().into_iter().map(leaf_hash).collect()
}

/// For each text of an entry whether these are its words; `None` where there are none.
fn opened<'e>(
    entry: &'e mut Entry,
    fields: &'e [Field],
    texts: &'e [(Field, Opened)],
) -> impl Iterator<Item = (Field, Option<bool>)> + 'e {
    fields.iter().map(move |field| {
        let found = texts.iter().find(|(has, _)| has == field);
        (*field, found.map(|(_, opened)| apply_text(entry, *field, opened.clone())))
    })
}
