//! From what is on disk to what is in memory: at every start, and after every unexpected failure.
//!
//! The tree is rebuilt from the stored leaf hashes and must have the root that was signed last; every
//! stored tile above must be the tree's. Every stored entry must have its leaf hash. The state comes from
//! the snapshot, if there is one of this tree, and from replaying the entries after it. So nothing that
//! changed on disk is served or built upon.

use crate::reader::{Listed, Reader, StoredText};
use crate::sql::{self, signed};
use crate::vault::Vault;
use assembly::{DecodeError, Entry, Fault, Field, Opened, State, apply, apply_text};
use record::checkpoint::{Checkpoint, CheckpointError, Policy, SignedCheckpoint};
use record::note::SigningKey;
use record::tile::{BundleError, FULL_WIDTH, bundles, decode_bundle, decode_tile, encode_tile, tiles};
use record::{Hash, Tree, leaf_hash, root_at};
use rusqlite::OptionalExtension as _;
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;
use std::sync::Arc;

/// Snapshots of another format are ignored: raise this whenever the state's types change.
pub(crate) const SNAPSHOT_FORMAT: &str = "veche/state/3";

/// How many missing texts are named one by one in the log.
const MAX_SAID: usize = 20;

/// What a folder holds of one assembly, in memory.
pub(crate) struct Loaded {
    pub signer: SigningKey,
    pub checkpoint: Arc<str>,
    pub tree: Tree,
    pub state: State,
    pub vault: Vault,
    /// Rows of the vault that say who is who and were changed on disk.
    pub damaged: u64,
    /// The stored bundle at the right edge, empty if the last one is full.
    pub tail: Vec<u8>,
    /// Size of the record at the last snapshot.
    pub snapshot: u64,
    /// Words that are still kept although an entry says that they were erased: a part of the database is older
    /// than the rest.
    pub left_over: Vec<(u64, Field)>,
}

/// Why what is on disk cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// SQLite says so.
    #[error("The database could not be read: {0}. Check the disk, then start again or restore a backup.")]
    Sql(#[from] sql::Error),
    /// The signing key is missing or not one.
    #[error(
        "The signing key of the record is missing or damaged. Restore it from a backup; without it the record cannot go on."
    )]
    Key,
    /// The signed head is not one of this record.
    #[error("The signed head of the record cannot be trusted: {0} Restore a backup.")]
    Checkpoint(String),
    /// Another head was signed, too.
    #[error(
        "The signed head of the record counts {size} entries, but the last one that was signed counts \
         {signed} or has other entries. The database was put together from two; restore one backup whole."
    )]
    Heads {
        /// Entries the head counts.
        size: u64,
        /// Entries the last one signed counts.
        signed: u64,
    },
    /// The tree does not have the root that was signed.
    #[error(
        "The record on disk has other contents than were signed: its {size} entries do not lead to the signed \
         head.{} Run `veche verify` on this folder to see more, and restore a backup.",
        .entry.map_or(String::new(), |entry| format!(" Entry {entry} is the first that does not fit its tree."))
    )]
    Root {
        /// Entries the signed head counts.
        size: u64,
        /// The first entry that does not have its leaf hash.
        entry: Option<u64>,
    },
    /// A row of tiles or entries is missing or has the wrong length.
    #[error("Row {n} of the record's {what} is missing or damaged. Restore a backup.")]
    Row {
        /// What kind of row.
        what: &'static str,
        /// Which.
        n: u64,
    },
    /// An entry is not the one that was signed.
    #[error("Entry {0} of the record was changed after it was signed. Restore a backup.")]
    Changed(u64),
    /// An entry cannot be read.
    #[error("Entry {0} of the record cannot be read: {1}.")]
    Decode(u64, DecodeError),
    /// An entry does not follow.
    #[error("Entry {0} of the record cannot be right: {1}.")]
    Fault(u64, Fault),
    /// Words do not fit their commitment.
    #[error("The text kept beside entry {0} is not the one the record commits to. Restore a backup.")]
    Text(u64),
}

impl From<rusqlite::Error> for LoadError {
    fn from(error: rusqlite::Error) -> Self {
        LoadError::Sql(error.into())
    }
}

/// Loads one assembly. `progress` hears how many entries were read of how many.
pub(crate) fn load(
    reader: &Reader,
    assembly: &Listed,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Loaded, LoadError> {
    let signer = signing_key(reader, assembly)?;
    let text = reader.checkpoint(assembly)?;
    let head = open_head(&signer, &text)?;
    let tree = Tree::from_leaf_hashes(leaves(reader, assembly, head.size())?);
    if tree.root() != head.root() {
        let entry = first_changed(reader, assembly, &tree)?;
        return Err(LoadError::Root { size: head.size(), entry });
    }
    last_signed(reader, assembly, &head)?;
    tiles_above(reader, assembly, &tree)?;
    let (snapshot, mut state) = snapshot(reader, assembly, &tree)?.unwrap_or_default();
    let tail = replay(reader, assembly, &tree, &mut state, progress)?;
    let (vault, damaged) = Vault::load(&reader.db, assembly.id)?;
    if damaged > 0 {
        tracing::error!(
            assembly = assembly.slug,
            damaged,
            "some rows that say which guest is which participant were changed on disk and are left out: these guests \
             will be new participants. Check the disk, and restore a backup if that must not be."
        );
    }
    let left_over = texts(reader, assembly, &mut state)?;
    Ok(Loaded { signer, checkpoint: text.into(), tree, state, vault, damaged, tail, snapshot, left_over })
}

/// Says which texts were deleted quietly, and gives those that should have been deleted.
fn texts(reader: &Reader, assembly: &Listed, state: &mut State) -> Result<Vec<(u64, Field)>, LoadError> {
    let missing = reader.missing_texts(assembly, state)?;
    for text in missing.iter().take(MAX_SAID) {
        tracing::error!(assembly = assembly.slug, "{text}");
    }
    if missing.len() > MAX_SAID {
        let more = missing.len() - MAX_SAID;
        tracing::error!(assembly = assembly.slug, "{more} more texts are missing in the same way.");
    }
    let mut query =
        reader.db.prepare("SELECT 1 FROM text WHERE assembly = ?1 AND entry = ?2 AND field = ?3")?;
    let mut left_over = Vec::new();
    for (entry, field, _) in state.erasures() {
        if query.exists((assembly.id, signed(entry), field.name()))? {
            left_over.push((entry, field));
        }
    }
    Ok(left_over)
}

fn signing_key(reader: &Reader, assembly: &Listed) -> Result<SigningKey, LoadError> {
    let mut query = reader.db.prepare("SELECT seed FROM signing_key WHERE assembly = ?1")?;
    let seed: Option<Vec<u8>> = query.query_row([assembly.id], |row| row.get(0)).optional()?;
    let seed = seed.and_then(|seed| seed.try_into().ok()).ok_or(LoadError::Key)?;
    SigningKey::from_seed(&seed, &assembly.origin).map_err(|_| LoadError::Key)
}

/// Signs the head of a record: `size` entries that lead to `root`.
pub(crate) fn sign_head(signer: &SigningKey, size: u64, root: Hash) -> Result<Arc<str>, CheckpointError> {
    let checkpoint = Checkpoint::new(signer.name(), size, root)?;
    Ok(SignedCheckpoint::sign(checkpoint, signer)?.to_string().into())
}

/// The head that `text` says, if the record's own key signed it.
fn open_head(signer: &SigningKey, text: &str) -> Result<Checkpoint, LoadError> {
    let unsound = |error: CheckpointError| LoadError::Checkpoint(error.to_string());
    let policy = Policy::new(signer.verifier().clone(), Vec::new(), 0).map_err(|_| LoadError::Key)?;
    let signed: SignedCheckpoint = text.parse().map_err(unsound)?;
    signed.verify(&policy).map_err(unsound)?;
    Ok(signed.checkpoint().clone())
}

/// The first entry that does not have its leaf hash, as far as entries can be read.
fn first_changed(reader: &Reader, assembly: &Listed, tree: &Tree) -> Result<Option<u64>, LoadError> {
    for path in bundles(tree.size()) {
        let Some(bytes) = reader.bundle(assembly, path)? else { return Ok(None) };
        let Ok(entries) = decode_bundle(&bytes, path.width()) else { return Ok(None) };
        let mut indexed = (path.entries()).zip(entries);
        if let Some((index, _)) =
            indexed.find(|(index, bytes)| leaf_at(tree, *index) != Some(leaf_hash(bytes)))
        {
            return Ok(Some(index));
        }
    }
    Ok(None)
}

fn leaf_at(tree: &Tree, index: u64) -> Option<Hash> {
    tree.leaves().get(usize::try_from(index).ok()?).copied()
}

/// The head must be the last one ever signed: going on from an earlier one would sign a second head for
/// a size.
fn last_signed(reader: &Reader, assembly: &Listed, head: &Checkpoint) -> Result<(), LoadError> {
    let sql = "SELECT size, root FROM signed_head WHERE assembly = ?1 ORDER BY size DESC LIMIT 1";
    let last: Option<(i64, [u8; 32])> =
        reader.db.prepare(sql)?.query_row([assembly.id], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    // The head of the empty record is the one thing that is signed without a row.
    let (size, root) = last.unwrap_or((0, record::EMPTY_ROOT.0));
    if (size, Hash(root)) == (signed(head.size()), head.root()) {
        return Ok(());
    }
    Err(LoadError::Heads { size: head.size(), signed: u64::try_from(size).unwrap_or(0) })
}

/// The leaves were checked with the root; what is served above them must be the same tree.
fn tiles_above(reader: &Reader, assembly: &Listed, tree: &Tree) -> Result<(), LoadError> {
    for path in tiles(tree.size()).filter(|path| path.level() > 0) {
        let damaged = || LoadError::Row { what: "tree", n: path.index() };
        let right = encode_tile(tree, path).map_err(|_| damaged())?;
        if reader.tile(assembly, path)? != Some(right) {
            return Err(damaged());
        }
    }
    Ok(())
}

fn leaves(reader: &Reader, assembly: &Listed, size: u64) -> Result<Vec<Hash>, LoadError> {
    let sql = "SELECT n, hashes FROM tile WHERE assembly = ?1 AND level = 0 ORDER BY n";
    let mut query = reader.db.prepare(sql)?;
    let mut rows = query.query([assembly.id])?;
    let mut leaves = Vec::with_capacity(usize::try_from(size).unwrap_or(0));
    for (n, width) in widths(size) {
        let damaged = || LoadError::Row { what: "leaves", n };
        let row = rows.next()?.ok_or_else(damaged)?;
        let (stored, bytes): (i64, Vec<u8>) = (row.get(0)?, row.get(1)?);
        let hashes = decode_tile(&bytes, width).filter(|_| stored == signed(n)).ok_or_else(damaged)?;
        leaves.extend(hashes.iter().copied().map(Hash));
    }
    Ok(leaves)
}

/// The rows of 256 that `size` things fill, with what each holds.
fn widths(size: u64) -> impl Iterator<Item = (u64, u16)> {
    let full = u64::from(FULL_WIDTH);
    // At most 256, which fits.
    (0..size.div_ceil(full)).map(move |n| (n, (size - n * full).min(full) as u16))
}

/// The state of the stored snapshot with its words put back, if it is one of this tree.
fn snapshot(reader: &Reader, assembly: &Listed, tree: &Tree) -> Result<Option<(u64, State)>, LoadError> {
    let sql = "SELECT size, root, state FROM snapshot WHERE assembly = ?1 AND format = ?2";
    let row = reader
        .db
        .prepare(sql)?
        .query_row((assembly.id, SNAPSHOT_FORMAT), |row| {
            Ok((row.get::<_, i64>(0)?, Hash(row.get(1)?), row.get::<_, Vec<u8>>(2)?))
        })
        .optional()?;
    let Some((size, root, bytes)) = row else { return Ok(None) };
    let size = u64::try_from(size).unwrap_or(u64::MAX);
    if size > tree.size() || root_at(tree, size).ok() != Some(root) {
        return Ok(None);
    }
    let Some(mut state) = open_snapshot(&bytes).filter(|state| state.size() == size) else {
        return Ok(None);
    };
    let mut words: HashMap<(u64, Field), Opened> = HashMap::new();
    let sql = "SELECT entry, field, salt, words FROM text WHERE assembly = ?1 AND entry < ?2";
    let mut query = reader.db.prepare(sql)?;
    for text in query.query_map((assembly.id, signed(size)), StoredText::read)? {
        let StoredText { entry, opened } = text?;
        let (field, opened) = opened.ok_or(LoadError::Text(entry))?;
        if words.insert((entry, field), opened).is_some() {
            // A key changed on disk: the table cannot hold two by itself.
            return Err(LoadError::Text(entry));
        }
    }
    state.reopen(|entry, field| words.remove(&(entry, field))).map_err(LoadError::Text)?;
    // Words that were erased and are still there are dealt with after loading.
    words.retain(|(entry, field), _| state.erasure(*entry, *field).is_none());
    match words.keys().min() {
        // Words beside an entry that commits to none.
        Some((entry, _)) => Err(LoadError::Text(*entry)),
        None => Ok(Some((size, state))),
    }
}

/// A snapshot's bytes: SHA-256 of the rest, and the state without words.
pub(crate) fn write_snapshot(state: &State) -> postcard::Result<Vec<u8>> {
    let mut bytes = postcard::to_extend(state, vec![0; 32])?;
    let (digest, rest) = bytes.split_at_mut(32);
    digest.copy_from_slice(&Sha256::digest(rest));
    Ok(bytes)
}

/// The state in a snapshot's bytes, or `None` if they were changed since.
fn open_snapshot(bytes: &[u8]) -> Option<State> {
    let (digest, rest) = bytes.split_at_checked(32)?;
    (Sha256::digest(rest)[..] == *digest).then(|| postcard::from_bytes(rest).ok())?
}

/// Reads all entries, applies those after `state`, and gives the bundle at the right edge if it is not full.
fn replay(
    reader: &Reader,
    assembly: &Listed,
    tree: &Tree,
    state: &mut State,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Vec<u8>, LoadError> {
    let sql = "SELECT n, entries FROM bundle WHERE assembly = ?1 ORDER BY n";
    let mut query = reader.db.prepare(sql)?;
    let mut rows = query.query([assembly.id])?;
    let sql = "SELECT entry, field, salt, words FROM text WHERE assembly = ?1 AND entry >= ?2 ORDER BY entry";
    let mut texts = reader.db.prepare(sql)?;
    let mut texts = texts.query_map((assembly.id, signed(state.size())), StoredText::read)?;
    let mut text = texts.next().transpose()?;
    let mut scratch = Vec::new();
    let mut tail = Vec::new();
    for (n, width) in widths(tree.size()) {
        let damaged = || LoadError::Row { what: "entries", n };
        let row = rows.next()?.ok_or_else(damaged)?;
        let (stored, bytes): (i64, Vec<u8>) = (row.get(0)?, row.get(1)?);
        let entries = decode_bundle(&bytes, width).map_err(|_: BundleError| damaged())?;
        if stored != signed(n) {
            return Err(damaged());
        }
        for (index, bytes) in (n * u64::from(FULL_WIDTH)..).zip(entries) {
            if leaf_at(tree, index) != Some(leaf_hash(bytes)) {
                return Err(LoadError::Changed(index));
            }
            if index < state.size() {
                continue;
            }
            let mut entry =
                Entry::decode(bytes, &mut scratch).map_err(|error| LoadError::Decode(index, error))?;
            while let Some(StoredText { entry: of, opened }) = text.take_if(|text| text.entry <= index) {
                let right = opened.is_some_and(|(field, opened)| apply_text(&mut entry, field, opened));
                if of != index || !right {
                    return Err(LoadError::Text(of));
                }
                text = texts.next().transpose()?;
            }
            apply(state, &entry).map_err(|fault| LoadError::Fault(index, fault))?;
        }
        progress((n * u64::from(FULL_WIDTH)).saturating_add(u64::from(width)), tree.size());
        if width < FULL_WIDTH {
            tail = bytes;
        }
    }
    match text {
        // Words beside an entry that is not there.
        Some(stored) => Err(LoadError::Text(stored.entry)),
        None => Ok(tail),
    }
}
