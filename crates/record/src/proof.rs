//! Roots, inclusion proofs and consistency proofs (RFC 6962 §2.1, verified as RFC 9162 §2.1.3–4 says).
//!
//! Everything here needs only the hashes of perfect subtrees ([`Nodes`]); whether these come from
//! memory, from a database or from somebody else's tiles does not matter.

use crate::hash::{EMPTY_ROOT, Hash, node_hash};

/// Where the hashes of perfect subtrees come from.
pub trait Nodes {
    /// Why a node could not be had.
    type Error;

    /// The root of the perfect subtree over the `2^height` leaves from leaf `index · 2^height` on;
    /// `height` 0 is a leaf.
    fn node(&self, height: u8, index: u64) -> Result<Hash, Self::Error>;
}

impl<N: Nodes + ?Sized> Nodes for &N {
    type Error = N::Error;

    fn node(&self, height: u8, index: u64) -> Result<Hash, Self::Error> {
        (**self).node(height, index)
    }
}

/// The root of the tree over the first `size` leaves.
pub fn root_at<N: Nodes + ?Sized>(nodes: &N, size: u64) -> Result<Hash, N::Error> {
    range_root(nodes, 0, size)
}

/// The hashes that lead from leaf `index` to the root of the tree of `size` leaves, from the leaf's
/// sibling upwards (RFC 6962 §2.1.1, `PATH`).
pub fn inclusion_proof<N: Nodes + ?Sized>(
    nodes: &N,
    index: u64,
    size: u64,
) -> Result<Vec<Hash>, ProofError<N::Error>> {
    if index >= size {
        return Err(ProofError::NoSuchLeaf { index, size });
    }
    let (mut low, mut high) = (0, size);
    let mut proof = Vec::new();
    while high - low > 1 {
        let middle = low + split(high - low);
        if index < middle {
            proof.push(range_root(nodes, middle, high).map_err(ProofError::Nodes)?);
            high = middle;
        } else {
            proof.push(range_root(nodes, low, middle).map_err(ProofError::Nodes)?);
            low = middle;
        }
    }
    proof.reverse();
    Ok(proof)
}

/// The hashes that show the tree of `new` leaves to begin with the tree of `old` leaves (RFC 6962
/// §2.1.2, `PROOF`). Empty when the sizes are equal or `old` is 0.
pub fn consistency_proof<N: Nodes + ?Sized>(
    nodes: &N,
    old: u64,
    new: u64,
) -> Result<Vec<Hash>, ProofError<N::Error>> {
    if old > new {
        return Err(ProofError::Shrinking { old, new });
    }
    if old == 0 {
        return Ok(Vec::new());
    }
    // The range that still holds the old tree's right edge, and whether it begins at leaf 0: then the
    // verifier knows its root already, since it is the old root.
    let (mut low, mut high, mut whole) = (0, new, true);
    let mut proof = Vec::new();
    while old != high {
        let middle = low + split(high - low);
        if old <= middle {
            proof.push(range_root(nodes, middle, high).map_err(ProofError::Nodes)?);
            high = middle;
        } else {
            proof.push(range_root(nodes, low, middle).map_err(ProofError::Nodes)?);
            (low, whole) = (middle, false);
        }
    }
    if !whole {
        proof.push(range_root(nodes, low, high).map_err(ProofError::Nodes)?);
    }
    proof.reverse();
    Ok(proof)
}

/// Checks that `leaf` is leaf number `index` of the tree of `size` leaves with this `root`
/// (RFC 9162 §2.1.3.2).
pub fn verify_inclusion(
    index: u64,
    size: u64,
    leaf: &Hash,
    proof: &[Hash],
    root: &Hash,
) -> Result<(), ProofMismatch> {
    if index >= size {
        return Err(ProofMismatch::NoSuchLeaf { index, size });
    }
    let (mut node, mut last) = (index, size - 1);
    let mut hash = *leaf;
    for sibling in proof {
        if last == 0 {
            return Err(ProofMismatch::Length);
        }
        if node & 1 == 1 || node == last {
            hash = node_hash(sibling, &hash);
            // A node without a right sibling moves up unhashed until it becomes one itself.
            while node & 1 == 0 && node != 0 {
                (node, last) = (node >> 1, last >> 1);
            }
        } else {
            hash = node_hash(&hash, sibling);
        }
        (node, last) = (node >> 1, last >> 1);
    }
    if last != 0 {
        return Err(ProofMismatch::Length);
    }
    if hash == *root { Ok(()) } else { Err(ProofMismatch::Root) }
}

/// Checks that the tree of `new` leaves begins with the tree of `old` leaves (RFC 9162 §2.1.4.2).
///
/// Equal sizes need equal roots and an empty proof. With `old` 0 there is nothing to prove, since every
/// log begins with the empty one, and RFC 6962 defines no proof: that is refused, so that nobody takes
/// it for evidence. A witness that sees a log for the first time checks only that the proof is empty.
pub fn verify_consistency(
    old: u64,
    new: u64,
    old_root: &Hash,
    new_root: &Hash,
    proof: &[Hash],
) -> Result<(), ProofMismatch> {
    if old > new {
        return Err(ProofMismatch::Shrinking { old, new });
    }
    if old == 0 {
        return Err(ProofMismatch::FromNothing);
    }
    if old == new {
        return match proof {
            [_, ..] => Err(ProofMismatch::Length),
            [] if old_root != new_root => Err(ProofMismatch::Root),
            [] => Ok(()),
        };
    }
    let (mut node, mut last) = (old - 1, new - 1);
    while node & 1 == 1 {
        (node, last) = (node >> 1, last >> 1);
    }
    // An old tree that is itself a perfect subtree of the new one is not repeated in the proof.
    let (first, rest) = if old.is_power_of_two() {
        (old_root, proof)
    } else {
        proof.split_first().ok_or(ProofMismatch::Length)?
    };
    let (mut from_old, mut from_new) = (*first, *first);
    for hash in rest {
        if last == 0 {
            return Err(ProofMismatch::Length);
        }
        if node & 1 == 1 || node == last {
            from_old = node_hash(hash, &from_old);
            from_new = node_hash(hash, &from_new);
            while node & 1 == 0 && node != 0 {
                (node, last) = (node >> 1, last >> 1);
            }
        } else {
            from_new = node_hash(&from_new, hash);
        }
        (node, last) = (node >> 1, last >> 1);
    }
    if last != 0 {
        return Err(ProofMismatch::Length);
    }
    if from_old != *old_root {
        return Err(ProofMismatch::OldRoot);
    }
    if from_new == *new_root { Ok(()) } else { Err(ProofMismatch::Root) }
}

/// Why a proof could not be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofError<E> {
    /// A proof was asked for an entry beyond the end.
    #[error("There is no entry {index} in a log of {size} entries. Ask for a number below {size}.")]
    NoSuchLeaf {
        /// The entry asked for.
        index: u64,
        /// Entries in the log.
        size: u64,
    },
    /// A proof was asked from a larger log to a smaller one.
    #[error(
        "A log of {new} entries cannot continue one of {old}: logs only grow. Ask for a newer checkpoint."
    )]
    Shrinking {
        /// Entries in the log said to be older.
        old: u64,
        /// Entries in the log said to be newer.
        new: u64,
    },
    /// The nodes could not be read.
    #[error(transparent)]
    Nodes(E),
}

/// Why a proof does not prove what it was given for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofMismatch {
    /// The entry lies beyond the end.
    #[error("There is no entry {index} in a log of {size} entries, so nothing can prove it is there.")]
    NoSuchLeaf {
        /// The entry the proof is for.
        index: u64,
        /// Entries in the log.
        size: u64,
    },
    /// The newer log is smaller than the older one.
    #[error("A log of {new} entries cannot continue one of {old}: entries have been taken out.")]
    Shrinking {
        /// Entries in the log said to be older.
        old: u64,
        /// Entries in the log said to be newer.
        new: u64,
    },
    /// The older log is empty.
    #[error(
        "Every log continues the empty one, so there is nothing to prove. Compare with a later checkpoint."
    )]
    FromNothing,
    /// Too many or too few hashes for these sizes.
    #[error("The proof has the wrong number of lines for these sizes. It was cut, or made for another log.")]
    Length,
    /// The proof does not contain the older log.
    #[error("The proof does not lead to the older checkpoint: the log's past is not the one seen before.")]
    OldRoot,
    /// The proof leads to another root.
    #[error(
        "The proof does not lead to this checkpoint: the entry or the log is not the one it was made for."
    )]
    Root,
}

/// The root over the leaves `low..high`, where `low` is a multiple of the largest power of two in
/// `high - low`: every range that RFC 6962's recursion meets is.
fn range_root<N: Nodes + ?Sized>(nodes: &N, low: u64, high: u64) -> Result<Hash, N::Error> {
    // The perfect subtrees of the range, smallest (rightmost) first.
    let mut sizes = high - low;
    let mut end = high;
    let mut root = None;
    while sizes != 0 {
        let height = sizes.trailing_zeros();
        end -= 1 << height;
        sizes &= sizes - 1;
        // Heights are at most 63, the position of a bit in a u64.
        let subtree = nodes.node(height as u8, end >> height)?;
        root = Some(match root {
            None => subtree,
            Some(right) => node_hash(&subtree, &right),
        });
    }
    Ok(root.unwrap_or(EMPTY_ROOT))
}

/// The largest power of two smaller than `count` (RFC 6962's `k`); `count` is at least 2.
fn split(count: u64) -> u64 {
    1 << (u64::BITS - 1 - (count - 1).leading_zeros())
}
