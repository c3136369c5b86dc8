//! Reading a whole log and naming the entry where it stops being consistent.
//!
//! [`verify_log`] hashes every entry, rebuilds every tile and the root from them, and compares with
//! the tiles and the checkpoint that the log publishes. Where two of them part, a third usually says
//! which one was changed: an entry that does not fit its tile while the tile fits the tile above was
//! changed itself; if the entry fits the tile above, the tile in between was.
//!
//! What it is not: it checks no signature ([`crate::checkpoint::SignedCheckpoint::verify`] does) and
//! does not ask what an entry means; the caller sees every entry as it passes and judges that.

use std::collections::BTreeMap;
use std::ops::Range;
use std::rc::Rc;

use crate::checkpoint::Checkpoint;
use crate::hash::{EMPTY_ROOT, Hash, leaf_hash};
use crate::tile::{
    BundleError, BundlePath, FULL_WIDTH, FilePath, LEVELS, TILE_HEIGHT, TilePath, TileSource, bundles,
    decode_bundle, decode_tile, fold_edge, root_of,
};

/// After so many faults the rest of the log is not read: a log this broken needs no longer list, and a
/// checkpoint that claims 2^60 entries must not keep anybody reading for ever.
pub const MAX_FAULTS: usize = 100;

/// Where the files of a log come from.
pub trait LogSource: TileSource {
    /// The bytes of one bundle of entries. As for tiles, exactly those of its width.
    fn bundle(&self, path: BundlePath) -> Result<Vec<u8>, Self::Error>;
}

/// Reads the whole log that `head` (a checkpoint whose signatures the caller has verified) speaks of.
/// `each` is given every entry that could be read, in order, with its number.
///
/// Memory: one tile a level and one bundle. Time: two SHA-256 an entry.
pub fn verify_log<S: LogSource>(
    source: &S,
    head: &Checkpoint,
    mut each: impl FnMut(u64, &[u8]),
) -> Report<S::Error> {
    let mut reading = Reading {
        source,
        size: head.size(),
        filling: BTreeMap::new(),
        fetched: BTreeMap::new(),
        faults: Vec::new(),
    };
    let mut rows = bundles(head.size());
    let all = rows.all(|path| {
        reading.row(path, &mut each);
        reading.faults.len() < MAX_FAULTS
    });
    let root = if all { reading.edge(head.root()) } else { None };
    let mut faults = reading.faults;
    faults.sort_by_key(|fault| fault.entries().map_or(u64::MAX, |entries| entries.start));
    Report { root, faults }
}

/// What reading a log has found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report<E> {
    /// The root that the log leads to, with every fault that could be settled set right; `None` if too
    /// much is missing, or reading stopped at [`MAX_FAULTS`].
    pub root: Option<Hash>,
    /// Everything that does not fit, in the order of the entries. None: the log is what its checkpoint
    /// says.
    pub faults: Vec<Fault<E>>,
}

impl<E> Report<E> {
    /// Whether every entry, every tile and the checkpoint agree.
    pub fn is_sound(&self) -> bool {
        self.faults.is_empty()
    }
}

/// One place where a log is not consistent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault<E> {
    /// An entry's bytes and the tile over it part.
    #[error("{}", entry_sentence(*.index, *.others, *.blame))]
    Entry {
        /// The first such entry of its bundle.
        index: u64,
        /// How many more entries of the same bundle do not fit.
        others: u16,
        /// Which of the two was changed.
        blame: Blame,
    },
    /// A bundle's bytes cannot be cut into its entries.
    #[error(
        "From entry {index} on, the file {path} cannot be read: it was cut there, or a length in it was changed."
    )]
    Bundle {
        /// The bundle.
        path: BundlePath,
        /// The first entry that does not fit its tile or cannot be read.
        index: u64,
        /// How reading it ended, which may be far from where it was changed.
        error: BundleError,
    },
    /// A tile above level 0 and the tiles below it part.
    #[error("{}", tile_sentence(*.path, .entries, *.blame))]
    Tile {
        /// The tile.
        path: TilePath,
        /// The entries under its first hash that does not fit.
        entries: Range<u64>,
        /// How many more of its hashes do not fit.
        others: u16,
        /// Which of the two was changed.
        blame: Blame,
    },
    /// A tile does not have the length of its hashes.
    #[error("The file {path} has {bytes} bytes and not {}: it was cut or is not what it should be.",
        usize::from(.path.width()) * Hash::LEN)]
    TileLength {
        /// The tile.
        path: TilePath,
        /// Its length.
        bytes: usize,
    },
    /// A file could not be had.
    #[error("The file {path} could not be read, so entries {} to {} are not fully checked. {error}",
        .path.entries().start, .path.entries().end.saturating_sub(1))]
    Missing {
        /// The file.
        path: FilePath,
        /// What the source answered.
        error: E,
    },
    /// The entries and tiles lead to another root than the checkpoint has.
    #[error(
        "The log does not lead to its checkpoint. If nothing else is wrong, every entry and every tile agree \
         and it is the checkpoint that belongs to another log or was changed."
    )]
    Root {
        /// The checkpoint's root.
        expected: Hash,
        /// The root the entries lead to.
        found: Hash,
    },
}

impl<E> Fault<E> {
    /// The entries it is about: one, or as many as lie under the damaged place. `None`: it is the
    /// checkpoint.
    pub fn entries(&self) -> Option<Range<u64>> {
        match self {
            Self::Entry { index, .. } => Some(*index..index + 1),
            Self::Bundle { path, index, .. } => Some(*index..path.entries().end),
            Self::Tile { entries, .. } => Some(entries.clone()),
            Self::TileLength { path, .. } => Some(path.entries()),
            Self::Missing { path, .. } => Some(path.entries()),
            Self::Root { .. } => None,
        }
    }
}

/// Which of two things that do not fit was changed, as far as the rest of the log can tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blame {
    /// What lies below: the tile fits everything above it.
    Below,
    /// The tile: what lies below fits everything above the tile.
    Tile,
    /// Both, or neither alone.
    Undecided,
}

fn entry_sentence(index: u64, others: u16, blame: Blame) -> String {
    let (which, was) = match others {
        0 => (format!("ntry {index}"), "was"),
        _ => (format!("ntry {index} and {others} more in its file"), "were"),
    };
    match blame {
        Blame::Below => format!("E{which} {was} changed: the tree above leads to the checkpoint."),
        Blame::Tile => {
            format!("The tree over e{which} was changed: what it stands on leads to the checkpoint.")
        }
        Blame::Undecided => {
            format!("E{which} and the tree above do not fit, and neither leads to the checkpoint.")
        }
    }
}

fn tile_sentence(path: TilePath, entries: &Range<u64>, blame: Blame) -> String {
    let (first, last) = (entries.start, entries.end.saturating_sub(1));
    let why = match blame {
        Blame::Below => "The tree below was changed: this file leads to the checkpoint.",
        Blame::Tile => "The file was changed: what lies below leads to the checkpoint.",
        Blame::Undecided => "Neither leads to the checkpoint.",
    };
    format!("The file {path} does not fit what lies below it, entries {first} to {last}. {why}")
}

/// The state of one pass over a log.
struct Reading<'a, S: TileSource> {
    source: &'a S,
    size: u64,
    /// For every level, what is known from below of the tile being filled.
    filling: BTreeMap<u8, Known>,
    /// For every level, the tile fetched last; `None` in it could not be had.
    fetched: BTreeMap<u8, (TilePath, Published)>,
    faults: Vec<Fault<S::Error>>,
}

/// A tile's hashes as rebuilt from below; `None` where what lies below could not be read.
type Known = Vec<Option<Hash>>;

/// A tile's hashes as the log publishes them.
type Published = Option<Rc<[Hash]>>;

impl<S: LogSource> Reading<'_, S> {
    /// Reads one bundle and rebuilds everything that it completes.
    fn row(&mut self, path: BundlePath, each: &mut impl FnMut(u64, &[u8])) {
        let mut known = self.leaves(path, each);
        let mut index = path.index();
        for level in 0..LEVELS {
            let row = self.filling.entry(level).or_default();
            row.append(&mut known);
            if row.len() < usize::from(FULL_WIDTH) {
                return;
            }
            let full = std::mem::take(row);
            known = vec![self.full_tile(level, index, full)];
            index /= u64::from(FULL_WIDTH);
        }
    }

    /// The leaves of one bundle, as far as it can be read.
    fn leaves(&mut self, path: BundlePath, each: &mut impl FnMut(u64, &[u8])) -> Known {
        let unknown = vec![None; path.width().into()];
        let bytes = match self.source.bundle(path) {
            Ok(bytes) => bytes,
            Err(error) => {
                self.faults.push(Fault::Missing { path: FilePath::Bundle(path), error });
                return unknown;
            }
        };
        match decode_bundle(&bytes, path.width()) {
            Ok(entries) => {
                for (entry, index) in entries.iter().zip(path.first_entry()..) {
                    each(index, entry);
                }
                entries.iter().map(|entry| Some(leaf_hash(entry))).collect()
            }
            Err(error) => {
                let index = path.first_entry() + self.first_misfit(path, &bytes);
                self.faults.push(Fault::Bundle { path, index, error });
                unknown
            }
        }
    }

    /// The position of the first entry that is not what its tile says, in a bundle that cannot be cut
    /// into its entries: a changed length shifts all that follows.
    fn first_misfit(&mut self, path: BundlePath, bytes: &[u8]) -> u64 {
        let published = self.published(0, path.index());
        let fits = |position: usize, entry: &[u8]| {
            published
                .as_ref()
                .and_then(|hashes| hashes.get(position))
                .is_none_or(|hash| *hash == leaf_hash(entry))
        };
        let mut rest = bytes;
        for position in 0..path.width() {
            let entry = rest
                .split_first_chunk()
                .and_then(|(length, after)| after.split_at_checked(u16::from_be_bytes(*length).into()));
            match entry {
                Some((entry, after)) if fits(position.into(), entry) => rest = after,
                _ => return position.into(),
            }
        }
        // Every entry fits and bytes follow: the last one is where it goes wrong.
        u64::from(path.width()) - 1
    }

    /// Compares a full tile with what is known from below; answers the node that stands for it above.
    fn full_tile(&mut self, level: u8, index: u64, known: Known) -> Option<Hash> {
        let published = self.published(level, index);
        let rebuilt = rebuilt(&known, &published);
        let misfits = misfits(&known, &published);
        let root = rebuilt.as_deref().map(root_of);
        if misfits.is_empty() && root.is_some() {
            return root;
        }
        let width = u64::from(FULL_WIDTH);
        let above = self.published(level + 1, index / width);
        let above = above.and_then(|hashes| hashes.get((index % width) as usize).copied());
        let published_root = published.as_deref().map(root_of);
        let blame = if above.is_some() && above == published_root {
            Blame::Below
        } else if above.is_some() && above == root {
            Blame::Tile
        } else {
            Blame::Undecided
        };
        self.misfit(level, index, &misfits, blame);
        // What the tile above vouches for goes on upwards, so that one fault is told once.
        if blame == Blame::Undecided { root.or(above) } else { above }
    }

    /// Compares the tiles at the right edge, which have no tile above them: together they make the
    /// root. Answers the root, if everything needed for it is known.
    fn edge(&mut self, head: Hash) -> Option<Hash> {
        let tiles = self.edge_tiles();
        let fitting = fitting_choice(&tiles, head);
        for (bit, tile) in tiles.iter().enumerate() {
            let blame = match fitting {
                Some(choice) if choice >> bit & 1 == 1 => Blame::Below,
                Some(_) => Blame::Tile,
                None => Blame::Undecided,
            };
            self.misfit(tile.level, tile.index, &tile.misfits, blame);
        }
        let found = edge_root(&tiles, fitting.unwrap_or(0));
        if let Some(found) = found.filter(|found| *found != head) {
            self.faults.push(Fault::Root { expected: head, found });
        }
        found
    }

    /// The tiles that are not full, from level 0 upwards.
    fn edge_tiles(&mut self) -> Vec<EdgeTile> {
        let filling = std::mem::take(&mut self.filling);
        let narrow = filling.into_iter().filter(|(_, known)| !known.is_empty());
        narrow
            .map(|(level, known)| {
                let index = (self.size >> (level * TILE_HEIGHT)) / u64::from(FULL_WIDTH);
                let published = self.published(level, index);
                let misfits = misfits(&known, &published);
                let rebuilt = rebuilt(&known, &published);
                EdgeTile { level, index, misfits, rebuilt, published }
            })
            .collect()
    }

    /// Notes that a tile and what lies below it part at these positions, if any.
    fn misfit(&mut self, level: u8, index: u64, positions: &[u16], blame: Blame) {
        let Some((&first, others)) = positions.split_first() else { return };
        // Positions are at most 256.
        let others = others.len() as u16;
        let position = index * u64::from(FULL_WIDTH) + u64::from(first);
        self.faults.extend(if level == 0 {
            Some(Fault::Entry { index: position, others, blame })
        } else {
            let shift = level * TILE_HEIGHT;
            let entries = position << shift..(position + 1) << shift;
            self.path(level, index).map(|path| Fault::Tile { path, entries, others, blame })
        });
    }

    /// The published hashes of a tile; fetched once, and a fault noted if it cannot be had.
    fn published(&mut self, level: u8, index: u64) -> Published {
        let path = self.path(level, index)?;
        if let Some((last, hashes)) = self.fetched.get(&level)
            && *last == path
        {
            return hashes.clone();
        }
        let hashes = match self.source.tile(path) {
            Ok(bytes) => {
                let hashes = decode_tile(&bytes, path.width());
                if hashes.is_none() {
                    self.faults.push(Fault::TileLength { path, bytes: bytes.len() });
                }
                hashes.map(|hashes| hashes.iter().copied().map(Hash).collect())
            }
            Err(error) => {
                self.faults.push(Fault::Missing { path: FilePath::Tile(path), error });
                None
            }
        };
        self.fetched.insert(level, (path, hashes));
        self.fetched.get(&level).and_then(|(_, hashes)| hashes.clone())
    }

    /// The tile of this log with this place, in the width it has.
    fn path(&self, level: u8, index: u64) -> Option<TilePath> {
        let nodes = self.size.checked_shr(u32::from(level) * u32::from(TILE_HEIGHT))?;
        let width = nodes.saturating_sub(index.checked_mul(u64::from(FULL_WIDTH))?).min(FULL_WIDTH.into());
        // At most 256, which fits.
        TilePath::new(level, index, width as u16).ok()
    }
}

/// A narrow tile at the right edge.
struct EdgeTile {
    level: u8,
    index: u64,
    misfits: Vec<u16>,
    rebuilt: Option<Vec<Hash>>,
    published: Published,
}

/// Which of the edge's tiles to take as published (bit 1) and not as rebuilt (bit 0), so that they make
/// the root `head`. Each tile that parts from what lies below may be the right or the wrong one of the
/// two: there are at most eight levels, so at most 256 ways to try.
fn fitting_choice(tiles: &[EdgeTile], head: Hash) -> Option<u32> {
    let open = tiles.iter().enumerate().filter(|(_, tile)| !tile.misfits.is_empty());
    let open: u32 = open.map(|(bit, _)| 1 << bit).sum();
    (0..=open).filter(|choice| choice & !open == 0).find(|&choice| edge_root(tiles, choice) == Some(head))
}

/// The root that the edge's tiles make; `None` if one of them is not known.
fn edge_root(tiles: &[EdgeTile], choice: u32) -> Option<Hash> {
    let mut root = None;
    for (bit, tile) in tiles.iter().enumerate() {
        let published = choice >> bit & 1 == 1;
        let hashes = if published { tile.published.as_deref() } else { tile.rebuilt.as_deref() };
        root = fold_edge(hashes?, root);
    }
    Some(root.unwrap_or(EMPTY_ROOT))
}

/// The hashes from below, with the published ones where nothing is known from below.
fn rebuilt(known: &Known, published: &Published) -> Option<Vec<Hash>> {
    let published = |position| published.as_ref().and_then(|hashes| hashes.get(position)).copied();
    known.iter().enumerate().map(|(position, hash)| hash.or_else(|| published(position))).collect()
}

/// The positions where what is known from below and what is published part.
fn misfits(known: &Known, published: &Published) -> Vec<u16> {
    let Some(published) = published else { return Vec::new() };
    let pairs = (0..).zip(known.iter().zip(published.iter()));
    pairs
        .filter(|(_, (known, published))| known.is_some_and(|k| k != **published))
        .map(|(at, _)| at)
        .collect()
}
