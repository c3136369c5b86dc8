//! Laws of the tree and its proofs, over random sizes.

#![allow(clippy::unwrap_used)]

mod common;

use common::{Files, entries};
use proptest::prelude::*;
use record::tile::{self, FilePath, TileNodes, TilePath};
use record::{
    EMPTY_ROOT, Hash, Nodes, ProofError, Tree, TreeError, consistency_proof, inclusion_proof, leaf_hash,
    node_hash, root_at, verify_consistency, verify_inclusion,
};

fn leaves(count: u64) -> Vec<Hash> {
    (0..count).map(|i| leaf_hash(&i.to_be_bytes())).collect()
}

/// RFC 6962's definition, word for word.
fn defined_root(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => EMPTY_ROOT,
        [leaf] => *leaf,
        _ => {
            let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
            node_hash(&defined_root(left), &defined_root(right))
        }
    }
}

/// A size, often near one where something changes.
fn size() -> impl Strategy<Value = u64> {
    prop_oneof![0..20_u64, 250..260_u64, 505..520_u64, 0..2000_u64]
}

fn sizes() -> impl Strategy<Value = (u64, u64)> {
    (size(), size()).prop_map(|(a, b)| (a.min(b), a.max(b)))
}

proptest! {
    #[test]
    fn the_root_is_the_defined_one_at_every_size((old, new) in sizes()) {
        let leaves = leaves(new);
        let tree = Tree::from_leaf_hashes(leaves.iter().copied());
        prop_assert_eq!(tree.size(), new);
        prop_assert_eq!(tree.root(), defined_root(&leaves));
        prop_assert_eq!(root_at(&tree, old), Ok(defined_root(&leaves[..old as usize])));
        prop_assert_eq!(tile::root_of(&leaves), tree.root());
    }

    #[test]
    fn every_inclusion_proof_holds_for_its_entry_alone(size in 1..700_u64, at in any::<u64>(), other in any::<u64>()) {
        let (index, other) = (at % size, other % size);
        let tree = Tree::from_leaf_hashes(leaves(size));
        let proof = inclusion_proof(&tree, index, size).unwrap();
        let root = tree.root();
        let leaf = tree.leaves()[index as usize];
        prop_assert_eq!(verify_inclusion(index, size, &leaf, &proof, &root), Ok(()));
        prop_assert_eq!(verify_inclusion(other, size, &leaf, &proof, &root).is_ok(), other == index);
        let other_leaf = tree.leaves()[other as usize];
        prop_assert_eq!(verify_inclusion(index, size, &other_leaf, &proof, &root).is_ok(), other == index);
        prop_assert_eq!(verify_inclusion(size, size, &leaf, &proof, &root).is_err(), true);
        let long: Vec<Hash> = proof.iter().copied().chain([root]).collect();
        prop_assert!(verify_inclusion(index, size, &leaf, &long, &root).is_err());
        if let Some((_, short)) = proof.split_last() {
            prop_assert!(verify_inclusion(index, size, &leaf, short, &root).is_err());
        }
        prop_assert_eq!(inclusion_proof(&tree, size, size), Err(ProofError::NoSuchLeaf { index: size, size }));
    }

    #[test]
    fn every_consistency_proof_holds_for_its_heads_alone((old, new) in sizes(), bit in any::<usize>()) {
        prop_assume!(old > 0);
        let tree = Tree::from_leaf_hashes(leaves(new));
        let proof = consistency_proof(&tree, old, new).unwrap();
        let (old_root, root) = (root_at(&tree, old).unwrap(), tree.root());
        prop_assert_eq!(verify_consistency(old, new, &old_root, &root, &proof), Ok(()));
        prop_assert!(verify_consistency(old, new, &root, &old_root, &proof).is_ok() == (old == new));
        prop_assert!(verify_consistency(new, old, &root, &old_root, &proof).is_ok() == (old == new));
        let long: Vec<Hash> = proof.iter().copied().chain([root]).collect();
        prop_assert!(verify_consistency(old, new, &old_root, &root, &long).is_err());
        let mut flipped = proof.clone();
        if let Some(at) = bit.checked_rem(flipped.len() * 256) {
            flipped[at / 256].0[at % 256 / 8] ^= 1 << (at % 8);
            prop_assert!(verify_consistency(old, new, &old_root, &root, &flipped).is_err());
            prop_assert!(verify_consistency(old, new, &old_root, &root, &proof[1..]).is_err());
        }
    }

    #[test]
    fn staging_shows_the_larger_tree_and_leaves_the_tree_alone(
        (old, new) in sizes(), index in any::<u64>(), third in size(),
    ) {
        let all = leaves(new);
        let mut tree = Tree::from_leaf_hashes(all[..old as usize].iter().copied());
        let before = tree.clone();
        let whole = Tree::from_leaf_hashes(all.iter().copied());
        let extension = tree.extend_with(&all[old as usize..]);
        prop_assert_eq!(&tree, &before);
        prop_assert_eq!((extension.base_size(), extension.size(), extension.root()), (old, new, whole.root()));

        let staged = extension.on(&tree).unwrap();
        for path in tile::new_tiles(old, new) {
            prop_assert_eq!(tile::encode_tile(&staged, path), tile::encode_tile(&whole, path));
        }
        prop_assert_eq!(consistency_proof(&staged, old, new), consistency_proof(&whole, old, new));
        if let Some(index) = index.checked_rem(new) {
            prop_assert_eq!(inclusion_proof(&staged, index, new), inclusion_proof(&whole, index, new));
        }
        let none = TreeError::NoNode { height: 0, index: new, size: new };
        prop_assert_eq!(staged.node(0, new), Err(none));

        // Another tree takes no extension that was not made for it.
        let mut other = Tree::from_leaf_hashes(leaves(third).iter().rev().copied());
        if other != tree {
            prop_assert!(other.clone().apply(extension.clone()).is_err());
            prop_assert!(extension.on(&other).is_err());
        }
        other = tree.clone();
        other.apply(extension.clone()).unwrap();
        prop_assert_eq!(&other, &whole);
        tree.apply(extension).unwrap();
        prop_assert_eq!(tree, whole);
    }

    #[test]
    fn what_grows_is_what_differs((old, new) in sizes()) {
        let (before, _) = Files::of(&entries(old));
        let (after, _) = Files::of(&entries(new));
        let differs: Vec<&FilePath> = after.0.keys().filter(|path| !before.0.contains_key(path)).collect();
        let tiles = tile::new_tiles(old, new).map(FilePath::Tile);
        let told: Vec<FilePath> = tiles.chain(tile::new_bundles(old, new).map(FilePath::Bundle)).collect();
        prop_assert_eq!(differs, told.iter().collect::<Vec<_>>());
        prop_assert_eq!(tile::new_tiles(new, old).count(), usize::from(false));
    }

    #[test]
    fn tiles_give_the_nodes_that_memory_gives(size in size(), at in any::<(u8, u64)>()) {
        let (files, tree) = Files::of(&entries(size));
        let checked = TileNodes::checked(&files, size, &tree.root()).unwrap();
        let unchecked = TileNodes::unchecked(&files, size);
        let (height, index) = (at.0 % 12, at.1 % (size + 1));
        let node = tree.node(height, index).ok();
        prop_assert_eq!(checked.node(height, index).ok(), node);
        prop_assert_eq!(unchecked.node(height, index).ok(), node);
        prop_assert_eq!(checked.node(at.0, at.1).ok(), tree.node(at.0, at.1).ok());
        prop_assert_eq!(root_at(&checked, size).unwrap(), tree.root());
    }
}

proptest! {
    // Large logs, so that there are tiles of three levels.
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn checked_tiles_let_no_changed_tile_through(size in 1..70_000_u64, which in any::<usize>(), at in any::<usize>()) {
        let (mut files, tree) = Files::of(&vec![Vec::new(); size as usize]);
        let tiles: Vec<TilePath> = tile::tiles(size).collect();
        let path = tiles[which % tiles.len()];
        let bytes = files.0.get_mut(&FilePath::Tile(path)).unwrap();
        let at = at % bytes.len();
        bytes[at] ^= 0x40;
        let read = TileNodes::checked(&files, size, &tree.root())
            .and_then(|nodes| nodes.node(path.height(), path.index() * 256 + at as u64 / 32));
        prop_assert!(read.is_err(), "{path}: {read:?}");
    }
}

#[test]
fn an_extension_of_the_same_size_but_other_entries_is_refused() {
    let mut tree = Tree::from_leaf_hashes(leaves(5));
    let other = Tree::from_leaf_hashes(leaves(6).into_iter().skip(1));
    let extension = other.extend_with(&leaves(1));
    assert_eq!(tree.apply(extension), Err(TreeError::WrongBase { staged_on: 5, found: 5 }));
    assert_eq!(tree, Tree::from_leaf_hashes(leaves(5)));
}

#[test]
fn proofs_at_the_largest_sizes_do_not_overflow() {
    let hash = EMPTY_ROOT;
    for proof in [vec![], vec![hash; 63], vec![hash; 64], vec![hash; 65]] {
        for size in [u64::MAX, u64::MAX - 1, 1 << 63, (1 << 63) + 1] {
            assert!(verify_inclusion(size - 1, size, &hash, &proof, &hash).is_err());
            assert!(verify_inclusion(0, size, &hash, &proof, &hash).is_err());
            assert!(verify_consistency(1, size, &hash, &hash, &proof).is_err());
            assert!(verify_consistency(size - 1, size, &hash, &hash, &proof).is_err());
        }
    }
    assert!(verify_inclusion(0, 0, &hash, &[], &hash).is_err());
    assert!(verify_consistency(0, 0, &hash, &hash, &[]).is_err());
}

#[test]
fn the_largest_log_has_the_tiles_it_should() {
    assert_eq!(tile::tiles(0).count() + tile::bundles(0).count(), 0);
    let size = u64::MAX;
    let last: Vec<String> = tile::new_tiles(size - 1, size).map(|path| path.to_string()).collect();
    assert_eq!(last, ["tile/0/x072/x057/x594/x037/x927/935.p/255"]);
    assert_eq!(
        tile::tiles(256).map(|path| path.to_string()).collect::<Vec<_>>(),
        ["tile/0/000", "tile/1/000.p/1"]
    );
    let tiles: Vec<String> = tile::tiles(70_000).skip(273).map(|path| path.to_string()).collect();
    assert_eq!(tiles, ["tile/0/273.p/112", "tile/1/000", "tile/1/001.p/17", "tile/2/000.p/1"]);
}
