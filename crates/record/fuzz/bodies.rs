//! What is fuzzed: one function for each parser, and two for the checks behind them. The ordinary
//! tests run the same functions over the corpus (`tests/corpus.rs`).
//!
//! The law of every parser: what it accepts is written back byte for byte, so there is one way to
//! write a thing and no two readers can understand it differently.

#![allow(missing_docs, clippy::unwrap_used, reason = "test code")]

#[path = "../tests/common/mod.rs"]
mod common;

use common::{Files, entries};
use record::checkpoint::{Checkpoint, SignedCheckpoint};
use record::commitment::{Commitment, Salt};
use record::note::{Signature, SignedNote, VerifierKey};
use record::policy::Policy;
use record::receipt::Receipt;
use record::tile::{FilePath, decode_bundle, decode_tile, encode_bundle};
use record::verify::verify_log;
use record::witness::{Log, Request, decide};
use record::{
    Hash, Tree, consistency_proof, inclusion_proof, leaf_hash, root_at, verify_consistency, verify_inclusion,
};

pub fn note(data: &[u8]) {
    if let Ok(note) = SignedNote::from_bytes(data) {
        assert_eq!(note.to_string().as_bytes(), data);
        assert!(note.text().ends_with('\n') && !note.signatures().is_empty());
        assert!(note.verify(&[]).is_err());
    }
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(signatures) = Signature::parse_lines(text) {
        assert_eq!(signatures.iter().map(|signature| format!("{signature}\n")).collect::<String>(), text);
    }
}

pub fn key(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(key) = text.parse::<VerifierKey>() {
        assert_eq!(key.to_string(), text);
        assert_eq!(VerifierKey::from_bytes(key.name(), key.kind(), &key.to_bytes()), Ok(key));
    }
}

pub fn checkpoint(data: &[u8]) {
    if let Ok(signed) = SignedCheckpoint::from_bytes(data) {
        assert_eq!(signed.to_string().as_bytes(), data);
    }
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok((checkpoint, extensions)) = Checkpoint::parse(text) {
        let lines: String = extensions.iter().map(|line| format!("{line}\n")).collect();
        assert_eq!(format!("{checkpoint}{lines}"), text);
    }
}

pub fn receipt(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(receipt) = text.parse::<Receipt>() {
        assert_eq!(receipt.to_string(), text);
    }
}

pub fn witness(data: &[u8]) {
    let Ok(request) = Request::from_bytes(data) else { return };
    assert_eq!(request.to_string().as_bytes(), data);
    let key = "example.org/log+8f13f9e4+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c".parse::<VerifierKey>();
    let log = Log::new("example.org/log", key.unwrap()).unwrap();
    if let Ok(head) = decide(Some(&log), None, &request) {
        assert_eq!(request.old(), 0);
        assert_eq!(request.checkpoint().checkpoint().size(), head.size);
        assert!(request.checkpoint().note().verify(log.keys()).is_ok());
    }
    assert!(decide(None, None, &request).is_err());
}

/// The exception: remarks and spaces are not kept. What is written is read as the same policy, and written
/// the same way again.
pub fn policy(data: &[u8]) {
    let Ok(policy) = Policy::from_bytes(data) else { return };
    let written = policy.to_bytes();
    let again = Policy::from_bytes(&written).unwrap();
    assert_eq!(again, policy);
    assert_eq!(again.to_bytes(), written);
    let keys: Vec<_> = policy.witnesses().iter().map(|witness| witness.key()).collect();
    assert!(policy.is_met(keys.iter().copied()));
    assert_eq!(policy.is_met([]), !policy.has_quorum());
    assert!(policy.rule().len() <= 2 * written.len() + 20);
}

pub fn path(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(path) = text.parse::<FilePath>() {
        assert_eq!(path.to_string(), text);
        assert!(!path.entries().is_empty());
    }
}

/// The first byte says how many entries or hashes the rest should hold.
pub fn bundle(data: &[u8]) {
    let Some((width, bytes)) = data.split_first() else { return };
    let width = u16::from(*width) + 1;
    if let Ok(entries) = decode_bundle(bytes, width) {
        assert_eq!(entries.len(), usize::from(width));
        assert_eq!(encode_bundle(entries).as_deref(), Ok(bytes));
    }
    assert_eq!(decode_tile(bytes, width).is_some(), bytes.len() == usize::from(width) * Hash::LEN);
}

pub fn commitment(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(commitment) = text.parse::<Commitment>() {
        assert_eq!(commitment.to_string(), text);
        assert_eq!(text.parse(), Ok(Salt(commitment.0)));
    }
    if let Ok(hash) = text.parse::<Hash>() {
        assert_eq!(hash.to_string(), text);
    }
}

/// Size, claimed number, true number, older size, cut, and changes to the proofs: a proof is accepted
/// only if it is the one the tree gives for exactly this claim.
pub fn proof(data: &[u8]) {
    let Some(([size, claimed, index, old, cut], changes)) = data.split_first_chunk() else { return };
    let size = u64::from(*size) + 1;
    let (claimed, index, old) = (u64::from(*claimed), u64::from(*index) % size, u64::from(*old) % size + 1);
    let tree = Tree::from_leaf_hashes((0..size).map(|i| leaf_hash(&i.to_be_bytes())));
    let (root, leaf) = (tree.root(), leaf_hash(&index.to_be_bytes()));
    let change = |mut proof: Vec<Hash>| {
        for pair in changes.as_chunks::<2>().0 {
            if let Some(at) = usize::from(pair[0]).checked_rem(proof.len()) {
                proof[at].0[usize::from(pair[1]) / 8] ^= 1 << (pair[1] % 8);
            }
        }
        proof.truncate(proof.len().saturating_sub(usize::from(cut % 4)));
        if cut & 0x80 != 0 {
            proof.push(root);
        }
        proof
    };

    let right = inclusion_proof(&tree, index, size).unwrap();
    let given = change(right.clone());
    let accepted = verify_inclusion(claimed, size, &leaf, &given, &root).is_ok();
    assert_eq!(accepted, claimed == index && given == right);

    let right = consistency_proof(&tree, old, size).unwrap();
    let given = change(right.clone());
    let old_root = root_at(&tree, old).unwrap();
    let accepted = verify_consistency(claimed, size, &old_root, &root, &given).is_ok();
    assert_eq!(accepted, claimed == old && given == right);
}

/// Size, then changes to the published files: whatever is changed is noticed.
pub fn log(data: &[u8]) {
    let Some(([high, low], changes)) = data.split_first_chunk() else { return };
    let size = u64::from(u16::from_be_bytes([*high, *low]) % 1024);
    let (honest, tree) = Files::of(&entries(size));
    let mut files = honest.clone();
    for [which, high, low, flip] in changes.as_chunks().0 {
        let Some(which) = usize::from(*which).checked_rem(files.0.len()) else { break };
        let bytes = files.0.values_mut().nth(which).unwrap();
        match usize::from(u16::from_be_bytes([*high, *low])).checked_rem(bytes.len()) {
            Some(at) if *flip == 0 => bytes.truncate(at),
            Some(at) => bytes[at] ^= flip,
            None => bytes.push(*flip),
        }
    }
    let head = Checkpoint::new("example.org/log", size, tree.root()).unwrap();
    let report = verify_log(&files, &head, |_, _| {});
    assert_eq!(report.is_sound(), files.0 == honest.0, "{:?}", report.faults);
}
