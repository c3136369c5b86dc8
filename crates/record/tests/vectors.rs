//! Logs and proofs made by others: our own specification-only generator, transparency-dev/merkle and
//! Tessera. See the README of the shared test data.

#![allow(clippy::unwrap_used)]

mod common;

use std::fs;
use std::path::Path;

use common::data;
use record::checkpoint::{Checkpoint, SignedCheckpoint};
use record::note::{CosigningKey, SigningKey, VerifierKey};
use record::policy::Policy;
use record::receipt::{Receipt, ReceiptError};
use record::tile::{self, TileNodes, TilePath};
use record::{Hash, Tree, leaf_hash};
use serde_json::Value;

const TESSERA_KEY: &str = "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx";

fn json(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

fn seed(hex: &Value) -> [u8; 32] {
    let hex = hex.as_str().unwrap();
    std::array::from_fn(|i| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).unwrap())
}

fn hashes(list: &Value) -> Option<Vec<Hash>> {
    list.as_array().map_or(Some(Vec::new()), |list| list.iter().map(|h| h.as_str()?.parse().ok()).collect())
}

fn own_policy(vectors: &Value) -> Policy {
    let key = |name: &str| vectors[name].as_str().unwrap().parse::<VerifierKey>().unwrap();
    Policy::new(key("log_vkey"), vec![key("witness_vkey")], 1).unwrap()
}

#[test]
#[cfg_attr(not(veche_data), ignore = "the shared test data is absent; set VECHE_DATA")]
fn own_receipts_prove_their_entry_and_no_other() {
    let vectors = json(&data("own-tlog/vectors.json"));
    let policy = own_policy(&vectors);
    let mut extras = 0;
    for (size, index) in [(1, 0), (2, 0), (255, 85), (256, 85), (257, 85), (600, 200), (70_000, 23_333)] {
        let text =
            fs::read_to_string(data(&format!("own-tlog/log-{size}/proof-{index}.tlog-proof"))).unwrap();
        let receipt: Receipt = text.parse().unwrap();
        assert_eq!(receipt.to_string(), text);
        assert_eq!(receipt.index(), index);
        extras += usize::from(!receipt.extra().is_empty());
        let entry = format!("entry {index}");
        assert_eq!(receipt.verify(entry.as_bytes(), &policy).unwrap().len(), 1);
        assert!(matches!(receipt.verify(b"another entry", &policy), Err(ReceiptError::Proof(_))));
        let proof = record::inclusion_proof(&own_tree(size), index, size).unwrap();
        assert_eq!(receipt.proof(), proof);
    }
    assert!(extras > 0, "no vector has the extra line any more");
}

/// Entry `i` of those logs is the text `entry i`.
fn own_tree(size: u64) -> Tree {
    Tree::from_leaf_hashes((0..size).map(|i| leaf_hash(format!("entry {i}").as_bytes())))
}

#[test]
#[cfg_attr(not(veche_data), ignore = "the shared test data is absent; set VECHE_DATA")]
fn own_logs_have_our_roots_proofs_keys_and_signatures() {
    let vectors = json(&data("own-tlog/vectors.json"));
    let policy = own_policy(&vectors);
    let origin = vectors["origin"].as_str().unwrap();
    let log = SigningKey::from_seed(&seed(&vectors["log_seed_hex"]), origin).unwrap();
    let witness = CosigningKey::from_seed(&seed(&vectors["witness_seed_hex"]), "witness.example/w1").unwrap();
    assert_eq!(log.verifier(), policy.logs()[0].key());
    assert_eq!(witness.verifier(), policy.witnesses()[0].key());
    assert_eq!(log.verifier().to_string(), vectors["log_vkey"].as_str().unwrap());

    for case in vectors["cases"].as_array().unwrap() {
        let size = case["size"].as_u64().unwrap();
        let tree = own_tree(size);
        assert_eq!(tree.root().to_string(), case["root"].as_str().unwrap(), "size {size}");

        if let Some(inclusion) = case["inclusion"].as_object() {
            let index = inclusion["index"].as_u64().unwrap();
            let proof = record::inclusion_proof(&tree, index, size).unwrap();
            assert_eq!(proof, hashes(&inclusion["proof"]).unwrap(), "size {size}");
            let leaf = leaf_hash(inclusion["leaf_data"].as_str().unwrap().as_bytes());
            record::verify_inclusion(index, size, &leaf, &proof, &tree.root()).unwrap();
        }
        if let Some(consistency) = case["consistency"].as_object() {
            let old = consistency["from"].as_u64().unwrap();
            let old_root = consistency["from_root"].as_str().unwrap().parse().unwrap();
            let proof = record::consistency_proof(&tree, old, size).unwrap();
            assert_eq!(proof, hashes(&consistency["proof"]).unwrap(), "size {size}");
            assert_eq!(record::root_at(&tree, old).unwrap(), old_root);
            record::verify_consistency(old, size, &old_root, &tree.root(), &proof).unwrap();
        }

        let published = fs::read_to_string(data(&format!("own-tlog/log-{size}/checkpoint"))).unwrap();
        let parsed: SignedCheckpoint = published.parse().unwrap();
        assert_eq!(parsed.to_string(), published);
        let witnessed = parsed.verify(&policy).unwrap();
        // Ed25519 is deterministic: signing again gives the very same file.
        let head = Checkpoint::new(origin, size, tree.root()).unwrap();
        let mut signed = SignedCheckpoint::sign(head, &log).unwrap();
        let cosignature = witness.cosign(signed.note().text(), witnessed[0].time).unwrap();
        signed.add([cosignature]).unwrap();
        assert_eq!(signed.to_string(), published);
    }
}

#[test]
#[cfg_attr(not(veche_data), ignore = "the shared test data is absent; set VECHE_DATA")]
fn own_logs_have_exactly_our_files() {
    for size in [0, 1, 2, 255, 256, 257, 600] {
        let folder = data(&format!("own-tlog/log-{size}"));
        let tree = own_tree(size);
        let mut expected = vec!["checkpoint".to_owned()];
        for path in tile::tiles(size) {
            assert_eq!(
                fs::read(folder.join(path.to_string())).unwrap(),
                tile::encode_tile(&tree, path).unwrap()
            );
            expected.push(path.to_string());
        }
        for path in tile::bundles(size) {
            let bytes = fs::read(folder.join(path.to_string())).unwrap();
            let first = path.first_entry();
            let entries: Vec<String> =
                (first..first + u64::from(path.width())).map(|i| format!("entry {i}")).collect();
            assert_eq!(bytes, tile::encode_bundle(&entries).unwrap());
            expected.push(path.to_string());
        }
        let mut found = files(&folder);
        found.retain(|name| !name.ends_with(".tlog-proof"));
        found.sort();
        expected.sort();
        assert_eq!(found, expected, "size {size}");
    }
    // Of the large log only the tiles above level 0 are kept.
    let tree = own_tree(70_000);
    for path in tile::tiles(70_000).filter(|path| path.level() > 0) {
        let file = path.to_string().replacen("tile/", "own-tlog/log-70000/", 1);
        assert_eq!(fs::read(data(&file)).unwrap(), tile::encode_tile(&tree, path).unwrap(), "{path}");
    }
}

fn files(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push(path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned());
            }
        }
    }
    found
}

#[test]
#[cfg_attr(not(veche_data), ignore = "the shared test data is absent; set VECHE_DATA")]
fn tesseras_log_is_read_and_every_tile_belongs_under_its_root() {
    let folder = data("tessera-log/testdata/log");
    let policy = Policy::new(TESSERA_KEY.parse().unwrap(), Vec::new(), 0).unwrap();
    let mut leaves = Vec::new();
    for size in 0..=15 {
        let bytes = fs::read(folder.join(format!("checkpoint.{size}"))).unwrap();
        let signed = SignedCheckpoint::from_bytes(&bytes).unwrap();
        signed.verify(&policy).unwrap();
        assert_eq!(signed.to_string().into_bytes(), bytes);
        assert_eq!(signed.checkpoint().size(), size);
        let root = signed.checkpoint().root();
        let read = |path: TilePath| fs::read(folder.join(path.to_string()));
        let nodes = TileNodes::checked(&read, size, &root).unwrap();

        for path in tile::bundles(size) {
            let bytes = fs::read(folder.join(path.to_string())).unwrap();
            let entries = tile::decode_bundle(&bytes, path.width()).unwrap();
            leaves = entries.iter().map(|entry| leaf_hash(entry)).collect();
        }
        let tree = Tree::from_leaf_hashes(leaves.iter().copied());
        assert_eq!(tree.root(), root);
        for old in 1..=size {
            let proof = record::consistency_proof(&nodes, old, size).unwrap();
            assert_eq!(proof, record::consistency_proof(&tree, old, size).unwrap());
            let old_root = record::root_at(&nodes, old).unwrap();
            record::verify_consistency(old, size, &old_root, &root, &proof).unwrap();
        }
        for path in tile::tiles(size) {
            assert_eq!(read(path).unwrap(), tile::encode_tile(&nodes, path).unwrap());
        }
    }
}

#[test]
#[cfg_attr(not(veche_data), ignore = "the shared test data is absent; set VECHE_DATA")]
fn good_and_bad_proofs_are_told_apart() {
    let folder = data("rfc6962-proofs/testdata");
    let (mut good, mut bad) = (0, 0);
    for name in files(&folder) {
        let case = json(&folder.join(&name));
        let accepted = match name.split('/').next() {
            Some("inclusion") => accepts_inclusion(&case),
            Some("consistency") => accepts_consistency(&case),
            // Proofs within subtrees belong to a later draft that this crate does not implement.
            _ => continue,
        };
        let wanted = !case["wantErr"].as_bool().unwrap();
        assert_eq!(accepted.is_some(), wanted, "{name}: {}", case["desc"]);
        *(if wanted { &mut good } else { &mut bad }) += 1;
    }
    assert!(good >= 12 && bad >= 100, "{good} good, {bad} bad");
}

/// `None` also where a field is no number or no hash: such a case cannot even be stated in our types.
fn accepts_inclusion(case: &Value) -> Option<()> {
    let hash = |name: &str| case[name].as_str()?.parse().ok();
    let (index, size) = (case["leafIdx"].as_u64()?, case["treeSize"].as_u64()?);
    record::verify_inclusion(index, size, &hash("leafHash")?, &hashes(&case["proof"])?, &hash("root")?).ok()
}

fn accepts_consistency(case: &Value) -> Option<()> {
    let hash = |name: &str| match case[name].as_str()? {
        // "don't care 1" and "don't care 2": stand-ins whose only property is to be equal or not.
        "ZG9uJ3QgY2FyZSAx" => Some(Hash([1; 32])),
        "ZG9uJ3QgY2FyZSAy" => Some(Hash([2; 32])),
        text => text.parse().ok(),
    };
    let (old, new) = (case["size1"].as_u64()?, case["size2"].as_u64()?);
    record::verify_consistency(old, new, &hash("root1")?, &hash("root2")?, &hashes(&case["proof"])?).ok()
}
