//! Reading the tree out of tiles, one's own or somebody else's.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;

use super::{FULL_WIDTH, LEVELS, TILE_HEIGHT, TilePath, decode_tile, root_of};
use crate::hash::Hash;
use crate::proof::{Nodes, root_at};

/// Where the bytes of tiles come from: a folder, a server, a database. Closures are sources too.
///
/// A log may stop serving the narrow tile of an older size once it has the full one; a source that
/// falls back to that must cut it to `32 · path.width()` bytes.
pub trait TileSource {
    /// Why a tile could not be had.
    type Error;

    /// The bytes of one tile.
    fn tile(&self, path: TilePath) -> Result<Vec<u8>, Self::Error>;
}

impl<F, E> TileSource for F
where
    F: Fn(TilePath) -> Result<Vec<u8>, E>,
{
    type Error = E;

    fn tile(&self, path: TilePath) -> Result<Vec<u8>, E> {
        self(path)
    }
}

/// The [`Nodes`] of a log of a known size, read from its tiles.
///
/// It keeps every tile it fetched; make one for a proof or a few, not for a lifetime.
pub struct TileNodes<'a, S> {
    source: &'a S,
    size: u64,
    checked: bool,
    tiles: RefCell<BTreeMap<TilePath, Vec<Hash>>>,
}

impl<'a, S: TileSource> TileNodes<'a, S> {
    /// Reads tiles as they come: for one's own disk, or to make proofs that are verified afterwards.
    pub fn unchecked(source: &'a S, size: u64) -> Self {
        Self { source, size, checked: false, tiles: RefCell::default() }
    }

    /// Reads tiles and lets nothing through that does not belong under `root`, which must come from a
    /// verified checkpoint of `size` entries.
    ///
    /// The tiles at the right edge must make up the root (checked here); every full tile must make up
    /// its hash in the tile above, and so on up to the edge (checked as they are read).
    ///
    /// # Errors
    ///
    /// As the source answers, or [`TileReadError::NotUnderRoot`].
    pub fn checked(source: &'a S, size: u64, root: &Hash) -> Result<Self, TileReadError<S::Error>> {
        let nodes = Self { checked: true, ..Self::unchecked(source, size) };
        if root_at(&nodes, size)? == *root {
            Ok(nodes)
        } else {
            Err(TileReadError::EdgeNotUnderRoot { size })
        }
    }

    /// What `take` takes from a tile's hashes, after checking the tile if that is asked for.
    fn with_tile<T>(
        &self,
        path: TilePath,
        take: impl FnOnce(&[Hash]) -> T,
    ) -> Result<T, TileReadError<S::Error>> {
        if let Some(hashes) = self.tiles.borrow().get(&path) {
            return Ok(take(hashes));
        }
        let bytes = self.source.tile(path).map_err(TileReadError::Source)?;
        let malformed = TileReadError::Malformed { path, bytes: bytes.len() };
        let hashes = decode_tile(&bytes, path.width()).ok_or(malformed)?;
        let hashes: Vec<Hash> = hashes.iter().copied().map(Hash).collect();
        // The edge as a whole is checked against the root; only full tiles have a hash above.
        if self.checked && path.is_full() {
            let above = self.node(path.height() + TILE_HEIGHT, path.index())?;
            if root_of(&hashes) != above {
                return Err(TileReadError::NotUnderRoot { path });
            }
        }
        let taken = take(&hashes);
        self.tiles.borrow_mut().insert(path, hashes);
        Ok(taken)
    }
}

impl<S: TileSource> Nodes for TileNodes<'_, S> {
    type Error = TileReadError<S::Error>;

    fn node(&self, height: u8, index: u64) -> Result<Hash, Self::Error> {
        let none = || TileReadError::NoNode { height, index, size: self.size };
        let (level, inner) = (height / TILE_HEIGHT, height % TILE_HEIGHT);
        if level >= LEVELS || index >= self.size >> height {
            return Err(none());
        }
        // The tile that holds the leaves of this subtree that are nearest to it, and where they lie.
        let width = u64::from(FULL_WIDTH);
        let first = index << inner;
        let row = first / width;
        let in_level = self.size >> (level * TILE_HEIGHT);
        // At most 256, which fits.
        let in_row = (in_level - row * width).min(width) as u16;
        let path = TilePath::new(level, row, in_row).map_err(|_| none())?;
        let start = (first % width) as usize;
        self.with_tile(path, |hashes| hashes.get(start..start + (1 << inner)).map(root_of))?.ok_or_else(none)
    }
}

impl<S> fmt::Debug for TileNodes<'_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TileNodes").field("size", &self.size).field("checked", &self.checked).finish()
    }
}

/// Why a node could not be read from tiles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TileReadError<E> {
    /// The source has no such tile or failed.
    #[error(transparent)]
    Source(E),
    /// A tile has the wrong length.
    #[error("The file {path} has {bytes} bytes, which is not its length: it is damaged. Fetch it again.")]
    Malformed {
        /// The tile.
        path: TilePath,
        /// Its length.
        bytes: usize,
    },
    /// A full tile does not make up its hash in the tile above.
    #[error(
        "The file {path} does not belong to this log's checkpoint: it is damaged or from another log. \
         Nothing was taken from it."
    )]
    NotUnderRoot {
        /// The tile.
        path: TilePath,
    },
    /// The tiles at the right edge do not make up the root.
    #[error(
        "The last tiles of this log of {size} entries do not lead to its checkpoint: they are damaged or \
         from another log. Nothing was taken from them."
    )]
    EdgeNotUnderRoot {
        /// Entries the checkpoint speaks of.
        size: u64,
    },
    /// A node beyond the right edge was asked for.
    #[error("A log of {size} entries has no node {index} at height {height}. Ask within its size.")]
    NoNode {
        /// Height asked for; 0 is a leaf.
        height: u8,
        /// Number asked for at that height.
        index: u64,
        /// Entries in the log.
        size: u64,
    },
}
