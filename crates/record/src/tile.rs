//! The log as files (tlog-tiles): paths, tiles of the tree, bundles of entries.
//!
//! A tile holds 256 neighbouring nodes of the heights 0, 8, 16, …; at the right edge it holds fewer.
//! A bundle holds the entries under one tile of level 0. No tile and no bundle is empty.

mod bundle;
mod path;
mod reader;

pub use bundle::{BundleError, MAX_ENTRY_BYTES, decode_bundle, encode_bundle};
pub use path::{BundlePath, FilePath, PathError, TilePath};
pub use reader::{TileNodes, TileReadError, TileSource};

use crate::hash::{EMPTY_ROOT, Hash, node_hash};
use crate::proof::Nodes;

/// Nodes in a full tile and entries in a full bundle.
pub const FULL_WIDTH: u16 = 1 << TILE_HEIGHT;

/// Heights of the tree from one level of tiles to the next.
pub const TILE_HEIGHT: u8 = 8;

/// Levels that a log counted in 64 bits can have (`64 / 8`); the path format could name more.
pub const LEVELS: u8 = 8;

const _: () = assert!(LEVELS as u32 * TILE_HEIGHT as u32 == u64::BITS);

/// All tiles of a log of `size` entries, level by level, left to right.
pub fn tiles(size: u64) -> impl Iterator<Item = TilePath> {
    new_tiles(0, size)
}

/// The tiles that a log gains or that change (by growing wider) between `old` and `new` entries.
pub fn new_tiles(old: u64, new: u64) -> impl Iterator<Item = TilePath> {
    (0..LEVELS).flat_map(move |level| {
        let shift = level * TILE_HEIGHT;
        rows(old >> shift, new >> shift)
            .filter_map(move |(index, width)| TilePath::new(level, index, width).ok())
    })
}

/// All entry bundles of a log of `size` entries, in order.
pub fn bundles(size: u64) -> impl Iterator<Item = BundlePath> {
    new_bundles(0, size)
}

/// The entry bundles that a log gains or that change (by growing longer) between `old` and `new`
/// entries.
pub fn new_bundles(old: u64, new: u64) -> impl Iterator<Item = BundlePath> {
    rows(old, new).filter_map(|(index, width)| BundlePath::new(index, width).ok())
}

/// The bytes of a tile: its hashes one after the other.
///
/// # Errors
///
/// What the nodes answer, for instance when the log has no such tile.
pub fn encode_tile<N: Nodes + ?Sized>(nodes: &N, path: TilePath) -> Result<Vec<u8>, N::Error> {
    let mut bytes = Vec::with_capacity(usize::from(path.width()) * Hash::LEN);
    for position in 0..u64::from(path.width()) {
        let index = path.index() * u64::from(FULL_WIDTH) + position;
        bytes.extend_from_slice(&nodes.node(path.height(), index)?.0);
    }
    Ok(bytes)
}

/// The hashes in a tile's bytes, or `None` unless there are exactly `width` of them.
pub fn decode_tile(bytes: &[u8], width: u16) -> Option<&[[u8; Hash::LEN]]> {
    let (hashes, rest) = bytes.as_chunks();
    (rest.is_empty() && hashes.len() == usize::from(width)).then_some(hashes)
}

/// The root of the tree over these hashes; over a full tile's hashes this is the node that stands for
/// it in the tile above.
pub fn root_of(hashes: &[Hash]) -> Hash {
    fold_edge(hashes, None).unwrap_or(EMPTY_ROOT)
}

/// The root over a tile's hashes and, to their right, an incomplete part of the tree with the root
/// `right`.
pub(crate) fn fold_edge(hashes: &[Hash], right: Option<Hash>) -> Option<Hash> {
    let mut row = hashes.to_vec();
    let mut edge = right;
    while !row.is_empty() {
        let (pairs, odd) = row.as_chunks();
        if let [peak] = odd {
            edge = Some(edge.map_or(*peak, |right| node_hash(peak, &right)));
        }
        row = pairs.iter().map(|[left, right]| node_hash(left, right)).collect();
    }
    edge
}

/// The rows of 256 that change when `old` things become `new`, with what each then holds.
fn rows(old: u64, new: u64) -> impl Iterator<Item = (u64, u16)> {
    let width = u64::from(FULL_WIDTH);
    let first = if old < new { old / width } else { new.div_ceil(width) };
    // A row holds at most 256, which fits.
    (first..new.div_ceil(width)).map(move |row| (row, (new - row * width).min(width) as u16))
}
