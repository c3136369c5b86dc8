//! The public log: entries in a Merkle tree, tiles, checkpoints, receipts, and how to check them.
//!
//! It follows the C2SP specifications [tlog-tiles], [tlog-checkpoint], [signed-note],
//! [tlog-cosignature] (`cosignature/v1`, Ed25519), [tlog-proof], [tlog-witness] and [tlog-policy], and
//! RFC 6962 §2.1 for hashes and proofs, so that other people's tools read our log and we read theirs.
//!
//! What it is not: it knows bytes, not what an entry means. It reads no file, no network and no
//! clock, and draws no randomness; salts, seeds and times come in as parameters.
//!
//! | Module | Holds |
//! |---|---|
//! | [`proof`] | roots, inclusion and consistency proofs over anything that can give [`Nodes`] |
//! | [`tree`] | the tree in memory, and growing it in two steps: stage, then apply |
//! | [`tile`] | the tree and the entries as files: paths, tiles, entry bundles, reading proofs from tiles |
//! | [`note`] | signed notes: keys, signatures, cosignatures |
//! | [`checkpoint`] | the signed head of the log |
//! | [`policy`] | whose signatures a head needs before one believes it |
//! | [`receipt`] | a proof that an entry is in the log, checkable offline |
//! | [`rekey`] | changing the key that signs the log, said in the log and signed by both keys |
//! | [`commitment`] | texts as salted commitments that can be erased |
//! | [`verify`] | reading a whole log and naming the entry where it stops being consistent |
//! | [`witness`] | what a log asks of a witness, whether the witness may cosign, and what its answer means |
//!
//! [tlog-tiles]: https://c2sp.org/tlog-tiles
//! [tlog-checkpoint]: https://c2sp.org/tlog-checkpoint
//! [signed-note]: https://c2sp.org/signed-note
//! [tlog-cosignature]: https://c2sp.org/tlog-cosignature
//! [tlog-proof]: https://c2sp.org/tlog-proof
//! [tlog-witness]: https://c2sp.org/tlog-witness
//! [tlog-policy]: https://c2sp.org/tlog-policy

pub mod checkpoint;
pub mod commitment;
mod decimal;
mod hash;
pub mod note;
pub mod policy;
pub mod proof;
pub mod receipt;
pub mod rekey;
pub mod tile;
pub mod tree;
pub mod verify;
pub mod witness;

pub use hash::{EMPTY_ROOT, Hash, ParseHashError, leaf_hash, node_hash};
pub use proof::{
    Nodes, ProofError, ProofMismatch, consistency_proof, inclusion_proof, root_at, verify_consistency,
    verify_inclusion,
};
pub use tree::{Extended, Extension, Tree, TreeError};
