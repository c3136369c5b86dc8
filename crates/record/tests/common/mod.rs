//! What the tests share: the folder of test data, and a log in memory.

#![allow(clippy::unwrap_used, dead_code, reason = "tests, of which each uses its part")]
use std::collections::BTreeMap;
use std::path::PathBuf;

use record::tile::{self, BundlePath, FilePath, TilePath, TileSource};
use record::verify::LogSource;
use record::{Tree, leaf_hash};

/// A file or folder of the shared test data for this crate.
pub fn data(path: &str) -> PathBuf {
    PathBuf::from(option_env!("VECHE_DATA_FOUND").unwrap_or_default()).join("record").join(path)
}

/// A published log: its files by path.
#[derive(Clone)]
pub struct Files(pub BTreeMap<FilePath, Vec<u8>>);

impl Files {
    /// The log of these entries.
    pub fn of(entries: &[Vec<u8>]) -> (Self, Tree) {
        let tree = Tree::from_leaf_hashes(entries.iter().map(|entry| leaf_hash(entry)));
        let mut files = BTreeMap::new();
        for path in tile::tiles(tree.size()) {
            files.insert(FilePath::Tile(path), tile::encode_tile(&tree, path).unwrap());
        }
        for (path, row) in tile::bundles(tree.size()).zip(entries.chunks(256)) {
            files.insert(FilePath::Bundle(path), tile::encode_bundle(row).unwrap());
        }
        (Self(files), tree)
    }

    fn read(&self, path: FilePath) -> Result<Vec<u8>, String> {
        self.0.get(&path).cloned().ok_or_else(|| format!("There is no {path}."))
    }
}

impl TileSource for Files {
    type Error = String;

    fn tile(&self, path: TilePath) -> Result<Vec<u8>, String> {
        self.read(FilePath::Tile(path))
    }
}

impl LogSource for Files {
    fn bundle(&self, path: BundlePath) -> Result<Vec<u8>, String> {
        self.read(FilePath::Bundle(path))
    }
}

/// Entries of different lengths, empty ones among them.
pub fn entries(count: u64) -> Vec<Vec<u8>> {
    (0..count).map(|i| format!("{i};").repeat((i % 4) as usize).into_bytes()).collect()
}
