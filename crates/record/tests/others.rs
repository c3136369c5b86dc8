//! The same answers as two implementations that others wrote: Cloudflare's `tlog_tiles` and `ct-merkle`.

#![allow(clippy::unwrap_used)]

mod common;

use common::{Files, entries};
use ct_merkle::mem_backed_tree::MemoryBackedTree;
use proptest::prelude::*;
use record::checkpoint::Checkpoint;
use record::tile::{self, FilePath, TileSource};
use record::{
    Hash, Nodes, Tree, consistency_proof, inclusion_proof, leaf_hash, verify_consistency, verify_inclusion,
};
use sha2::Sha256;
use tlog_tiles as theirs;

/// Our tree, answering their way of numbering nodes.
struct Ours<'a>(&'a Tree);

impl theirs::HashReader for Ours<'_> {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<theirs::Hash>, theirs::Error> {
        let node = |&stored: &u64| {
            let (height, index) = theirs::split_stored_hash_index(stored);
            self.0
                .node(height, index)
                .map(|hash| theirs::Hash(hash.0))
                .map_err(|_| theirs::Error::IndexesNotInTree)
        };
        indexes.iter().map(node).collect()
    }
}

/// Our files, answering their paths.
impl theirs::TileReader for Files {
    fn height(&self) -> u8 {
        8
    }

    fn read_tiles(&self, tiles: &[theirs::Tile]) -> Result<Vec<Vec<u8>>, theirs::Error> {
        let read = |tile: &theirs::Tile| {
            let path = our_path(tile).parse().map_err(|_| theirs::Error::InvalidTile)?;
            self.tile(path).map_err(theirs::Error::InvalidInput)
        };
        tiles.iter().map(read).collect()
    }

    fn save_tiles(&self, _: &[theirs::Tile], _: &[Vec<u8>]) {}
}

/// Their paths name the height of the tiles too, and call entries data.
fn our_path(tile: &theirs::Tile) -> String {
    tile.path().replacen("tile/8/", "tile/", 1).replacen("/data/", "/entries/", 1)
}

fn their_hashes(hashes: &[Hash]) -> Vec<theirs::Hash> {
    hashes.iter().map(|hash| theirs::Hash(hash.0)).collect()
}

fn sizes() -> impl Strategy<Value = (u64, u64)> {
    let size = || prop_oneof![1..20_u64, 250..260_u64, 1..1200_u64];
    (size(), size()).prop_map(|(a, b)| (a.min(b), a.max(b)))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn tlog_tiles_makes_the_same_roots_and_proofs((old, new) in sizes(), at in any::<u64>()) {
        let index = at % new;
        let (files, tree) = Files::of(&entries(new));
        let root = theirs::Hash(tree.root().0);
        prop_assert_eq!(theirs::tree_hash(new, &Ours(&tree)).unwrap(), root);
        // Their reader checks every one of our tiles it reads against the root.
        let reader = theirs::TileHashReader::new(new, root, &files);
        let proof = theirs::prove_record(new, index, &reader).unwrap();
        prop_assert_eq!(&proof, &their_hashes(&inclusion_proof(&tree, index, new).unwrap()));
        let leaf = theirs::Hash(tree.leaves()[index as usize].0);
        prop_assert!(theirs::check_record(&proof, new, root, index, leaf).is_ok());
        let proof = theirs::prove_tree(new, old, &reader).unwrap();
        prop_assert_eq!(&proof, &their_hashes(&consistency_proof(&tree, old, new).unwrap()));
    }

    #[test]
    fn tlog_tiles_has_the_same_files((old, new) in sizes()) {
        let told: Vec<String> = theirs::Tile::new_tiles(8, old, new).iter().map(our_path).collect();
        prop_assert_eq!(told, tile::new_tiles(old, new).map(|path| path.to_string()).collect::<Vec<_>>());
        let (files, tree) = Files::of(&entries(new));
        for their in theirs::Tile::new_tiles(8, 0, new) {
            let path = our_path(&their).parse().unwrap();
            prop_assert_eq!(files.tile(path).unwrap(), their.read_data(&Ours(&tree)).unwrap());
        }
    }

    #[test]
    fn tlog_tiles_writes_and_reads_the_same_paths(index in any::<u64>(), width in 1..=256_u32, data in any::<bool>()) {
        // Six groups of three digits: they count in 64 bits without checking beyond.
        let index = index >> 8 >> (index & 31);
        let tile = theirs::Tile::new(8, 0, index, width, data);
        let path = our_path(&tile);
        let parsed: FilePath = path.parse().unwrap();
        prop_assert_eq!(parsed.to_string(), path);
        let (is_bundle, number, wide) = match parsed {
            FilePath::Tile(path) => (false, path.index(), path.width()),
            FilePath::Bundle(path) => (true, path.index(), path.width()),
        };
        prop_assert_eq!((is_bundle, number, u32::from(wide)), (data, index, width));
    }

    #[test]
    fn tlog_tiles_accepts_and_refuses_the_same_proofs(
        (old, new) in sizes(), at in any::<u64>(), cut in 0..3_usize, shift in 0..3_u64,
    ) {
        let tree = Tree::from_leaf_hashes((0..new).map(|i| leaf_hash(&i.to_be_bytes())));
        let (index, root, their_root) = (at % new, tree.root(), theirs::Hash(tree.root().0));
        let leaf = tree.leaves()[index as usize];

        let mut proof = inclusion_proof(&tree, index, new).unwrap();
        proof.truncate(proof.len().saturating_sub(cut));
        let claimed = index + shift;
        let their = theirs::check_record(&their_hashes(&proof), new, their_root, claimed, theirs::Hash(leaf.0));
        prop_assert_eq!(verify_inclusion(claimed, new, &leaf, &proof, &root).is_ok(), their.is_ok());

        let old_root = record::root_at(&tree, old).unwrap();
        let mut proof = consistency_proof(&tree, old, new).unwrap();
        proof.truncate(proof.len().saturating_sub(cut));
        let claimed = old + shift;
        let their = theirs::check_tree(&their_hashes(&proof), new, their_root, claimed, theirs::Hash(old_root.0));
        prop_assert_eq!(verify_consistency(claimed, new, &old_root, &root, &proof).is_ok(), their.is_ok());
    }

    #[test]
    fn ct_merkle_makes_the_same_roots_and_proofs((old, new) in sizes(), at in any::<u64>()) {
        let index = at % new;
        let entries = entries(new);
        let mut theirs = MemoryBackedTree::<Sha256, Vec<u8>>::new();
        entries.iter().for_each(|entry| theirs.push(entry.clone()));
        let (_, tree) = Files::of(&entries);
        let their = theirs.root();
        prop_assert_eq!(&their.as_bytes()[..], &tree.root().0[..]);
        let proof: Vec<u8> = inclusion_proof(&tree, index, new).unwrap().iter().flat_map(|hash| hash.0).collect();
        let their = theirs.prove_inclusion(index as usize);
        prop_assert_eq!(their.as_bytes(), proof);
        let proof: Vec<u8> = consistency_proof(&tree, old, new).unwrap().iter().flat_map(|hash| hash.0).collect();
        let their = theirs.prove_consistency((new - old) as usize);
        prop_assert_eq!(their.as_bytes(), proof);
    }

    #[test]
    fn tlog_tiles_writes_and_reads_the_same_checkpoints(
        origin in "[a-z./]{0,6}", size in "[0-9]{1,3}|0[0-9]|[0-9]{19,21}", root in any::<[u8; 32]>(),
        tail in prop_oneof![
            Just("\n".to_owned()), Just(String::new()), Just("\n\n".to_owned()), "\n[a-z]{0,2}\n", "\n[a-z]\n[a-z]\n"
        ],
    ) {
        let text = format!("{origin}\n{size}\n{}{tail}", Hash(root));
        match (theirs::Checkpoint::from_bytes(text.as_bytes()), Checkpoint::parse(&text)) {
            (Ok(their), Ok((ours, extensions))) => {
                prop_assert_eq!(their.origin(), ours.origin());
                prop_assert_eq!(their.size(), ours.size());
                prop_assert_eq!(their.hash().0, ours.root().0);
                let lines: String = extensions.iter().map(|line| format!("{line}\n")).collect();
                prop_assert_eq!(their.extension(), lines);
                if extensions.is_empty() {
                    prop_assert_eq!(their.to_bytes(), ours.to_string().into_bytes());
                }
            }
            (Err(_), Err(_)) => {}
            (their, ours) => prop_assert!(false, "{:?}: {:?} but {:?}", text, their, ours),
        }
    }
}
