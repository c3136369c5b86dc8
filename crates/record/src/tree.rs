//! The tree in memory, and growing it in two steps: stage ([`Tree::extend_with`]), then [`Tree::apply`].
//!
//! A writer must know the new root before its commit to disk, and nobody may see it before that
//! commit has succeeded. So staging borrows the tree without changing it, and gives everything about
//! the larger tree: root, tiles, proofs.

use crate::hash::{EMPTY_ROOT, Hash, node_hash};
use crate::proof::Nodes;

/// All perfect subtrees of a log: for every height, their roots from left to right. About 64 bytes an
/// entry.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree {
    /// `heights[h][i]` is node `i` of height `h`; no height is empty, so an empty log has none.
    heights: Vec<Vec<Hash>>,
}

impl Tree {
    /// A log without entries.
    pub fn new() -> Self {
        Self::default()
    }

    /// The tree over these leaves ([`crate::leaf_hash`] of each entry).
    pub fn from_leaf_hashes(leaves: impl IntoIterator<Item = Hash>) -> Self {
        let mut below: Vec<Hash> = leaves.into_iter().collect();
        let mut heights = Vec::new();
        while !below.is_empty() {
            let above = below.as_chunks().0.iter().map(|[left, right]| node_hash(left, right)).collect();
            heights.push(std::mem::replace(&mut below, above));
        }
        Self { heights }
    }

    /// Entries in the log.
    pub fn size(&self) -> u64 {
        self.leaves().len() as u64
    }

    /// The root over all entries; [`EMPTY_ROOT`] when there are none.
    pub fn root(&self) -> Hash {
        let odd = self.heights.iter().filter(|nodes| nodes.len() & 1 == 1);
        root_of_edge(odd.filter_map(|nodes| nodes.last()))
    }

    /// The leaves, in order.
    pub fn leaves(&self) -> &[Hash] {
        self.heights.first().map_or(&[], Vec::as_slice)
    }

    /// What this tree would become with `leaves` after its last one. The tree itself stays as it is.
    ///
    /// Costs one hash a leaf and a few for the edge, however large the tree is.
    pub fn extend_with(&self, leaves: &[Hash]) -> Extension {
        let base_size = self.size();
        let mut heights: Vec<Vec<Hash>> = Vec::new();
        let mut below = leaves.to_vec();
        // Number of the first new node at the height of `below`.
        let mut first = base_size;
        while !below.is_empty() {
            let mut above = Vec::with_capacity(below.len() / 2 + 1);
            let mut rest = below.as_slice();
            // An odd first node is the right child of a node whose left child is already in the tree.
            if first & 1 == 1
                && let (Some(left), Some((right, others))) =
                    (self.get(heights.len() as u8, first - 1), rest.split_first())
            {
                above.push(node_hash(&left, right));
                rest = others;
            }
            above.extend(rest.as_chunks().0.iter().map(|[left, right]| node_hash(left, right)));
            heights.push(std::mem::replace(&mut below, above));
            first >>= 1;
        }
        let size = base_size + leaves.len() as u64;
        let edge = (0..self.heights.len().max(heights.len())).filter(|&height| size >> height & 1 == 1);
        let last =
            |all: &'_ [Vec<Hash>], height: usize| all.get(height).and_then(|nodes| nodes.last().copied());
        let peaks: Vec<Hash> = edge
            .filter_map(|height| last(&heights, height).or_else(|| last(&self.heights, height)))
            .collect();
        Extension { base_size, base_root: self.root(), size, root: root_of_edge(&peaks), heights }
    }

    /// Makes the tree what [`Tree::extend_with`] said it would become.
    ///
    /// # Errors
    ///
    /// [`TreeError::WrongBase`] if the extension was made from another tree than this one is now.
    pub fn apply(&mut self, extension: Extension) -> Result<(), TreeError> {
        extension.check_base(self)?;
        for (height, nodes) in extension.heights.into_iter().enumerate() {
            match self.heights.get_mut(height) {
                Some(own) => own.extend(nodes),
                None => self.heights.push(nodes),
            }
        }
        Ok(())
    }

    fn get(&self, height: u8, index: u64) -> Option<Hash> {
        self.heights.get(usize::from(height))?.get(usize::try_from(index).ok()?).copied()
    }
}

impl Nodes for Tree {
    type Error = TreeError;

    fn node(&self, height: u8, index: u64) -> Result<Hash, TreeError> {
        self.get(height, index).ok_or(TreeError::NoNode { height, index, size: self.size() })
    }
}

/// New leaves staged on a tree: the nodes they add, and the root they lead to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extension {
    base_size: u64,
    base_root: Hash,
    size: u64,
    root: Hash,
    /// `heights[h][i]` is node `(base_size >> h) + i` of height `h`.
    heights: Vec<Vec<Hash>>,
}

impl Extension {
    /// Entries in the log before.
    pub fn base_size(&self) -> u64 {
        self.base_size
    }

    /// Entries in the log with the new ones.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The root over all entries with the new ones.
    pub fn root(&self) -> Hash {
        self.root
    }

    /// The larger log's nodes, for tiles and proofs before the extension is applied.
    ///
    /// # Errors
    ///
    /// [`TreeError::WrongBase`] if `tree` is not the one the extension was made from.
    pub fn on<'a>(&'a self, tree: &'a Tree) -> Result<Extended<'a>, TreeError> {
        self.check_base(tree)?;
        Ok(Extended { extension: self, tree })
    }

    fn check_base(&self, tree: &Tree) -> Result<(), TreeError> {
        if (tree.size(), tree.root()) == (self.base_size, self.base_root) {
            Ok(())
        } else {
            Err(TreeError::WrongBase { staged_on: self.base_size, found: tree.size() })
        }
    }

    fn get(&self, height: u8, index: u64) -> Option<Hash> {
        let nodes = self.heights.get(usize::from(height))?;
        let position = index.checked_sub(self.base_size >> height)?;
        nodes.get(usize::try_from(position).ok()?).copied()
    }
}

/// A tree and an extension of it, read as one larger tree.
#[derive(Clone, Copy, Debug)]
pub struct Extended<'a> {
    extension: &'a Extension,
    tree: &'a Tree,
}

impl Nodes for Extended<'_> {
    type Error = TreeError;

    fn node(&self, height: u8, index: u64) -> Result<Hash, TreeError> {
        self.extension.get(height, index).or_else(|| self.tree.get(height, index)).ok_or(TreeError::NoNode {
            height,
            index,
            size: self.extension.size,
        })
    }
}

/// The root of a tree from its largest perfect subtrees, smallest (rightmost) first.
fn root_of_edge<'a>(peaks: impl IntoIterator<Item = &'a Hash>) -> Hash {
    peaks.into_iter().copied().reduce(|right, left| node_hash(&left, &right)).unwrap_or(EMPTY_ROOT)
}

/// What can go wrong with a tree in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TreeError {
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
    /// The extension belongs to another tree.
    #[error(
        "New entries were prepared for a log of {staged_on} entries, but the log now has {found} or other \
         ones. Nothing was added; prepare them again."
    )]
    WrongBase {
        /// Entries in the log they were prepared for.
        staged_on: u64,
        /// Entries in the log at hand.
        found: u64,
    },
}
