//! Signed notes, keys, checkpoints and receipts: what is read, what is refused, what counts.

#![allow(clippy::unwrap_used)]

mod common;

use common::{Files, entries};
use proptest::prelude::*;
use record::checkpoint::{Checkpoint, CheckpointError, SignedCheckpoint};
use record::note::{
    CosigningKey, KeyError, KeyKind, MAX_SIGNATURES, NoteError, Signature, SignedNote, SigningKey,
    VerifierKey,
};
use record::policy::{Policy, PolicyError};
use record::receipt::{Receipt, ReceiptError};
use record::{EMPTY_ROOT, Hash, ProofMismatch, inclusion_proof};

/// The example of the signed-note specification, with a text that has empty lines of its own.
const POEM: &str = "Ognuno sta solo sul cuor della terra\ntrafitto da un raggio di sole:\n\ned è subito sera.\n\n\
    — quasimodo.example/salvatore NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=\n";

fn log(seed: u8) -> SigningKey {
    SigningKey::from_seed(&[seed; 32], "example.org/log").unwrap()
}

fn witness(seed: u8) -> CosigningKey {
    CosigningKey::from_seed(&[seed; 32], &format!("witness.example/{seed}")).unwrap()
}

fn head(size: u64, root: Hash) -> Checkpoint {
    Checkpoint::new("example.org/log", size, root).unwrap()
}

fn policy(witnesses: &[u8], quorum: usize) -> Policy {
    let keys = witnesses.iter().map(|&seed| witness(seed).verifier().clone());
    Policy::new(log(1).verifier().clone(), keys, quorum).unwrap()
}

/// A checkpoint signed by the log and cosigned by these witnesses, each at its own time.
fn cosigned(size: u64, root: Hash, witnesses: &[u8]) -> SignedCheckpoint {
    let mut signed = SignedCheckpoint::sign(head(size, root), &log(1)).unwrap();
    let text = signed.note().text().to_owned();
    signed
        .add(witnesses.iter().map(|&seed| witness(seed).cosign(&text, 1000 + u64::from(seed)).unwrap()))
        .unwrap();
    signed
}

#[test]
fn the_text_ends_at_the_last_empty_line() {
    let note: SignedNote = POEM.parse().unwrap();
    assert!(note.text().ends_with("sole:\n\ned è subito sera.\n"));
    assert_eq!(note.signatures().len(), 1);
    assert_eq!(note.signatures()[0].name(), "quasimodo.example/salvatore");
    assert_eq!(note.signatures()[0].key_id(), 0x367b_a04b);
    assert_eq!(note.to_string(), POEM);
    assert_eq!(SignedNote::from_bytes(POEM.as_bytes()), Ok(note));
}

#[test]
fn what_is_not_a_note_is_refused() {
    let line = log(1).sign("text\n").to_string();
    let good = format!("text\n\n{line}\n");
    assert!(good.parse::<SignedNote>().is_ok());
    let encoded = line.rsplit(' ').next().unwrap();
    for (bad, error) in [
        (String::new(), NoteError::Unsigned),
        ("text\n".to_owned(), NoteError::Unsigned),
        ("text\n\n".to_owned(), NoteError::Unsigned),
        (format!("text\n{line}\n"), NoteError::Unsigned),
        (format!("text\n\n{line}"), NoteError::Unsigned),
        (format!("{good}\n"), NoteError::Unsigned),
        (format!("te\txt\n\n{line}\n"), NoteError::Characters),
        (format!("text\r\n\n{line}\n"), NoteError::Characters),
        (format!("text\0\n\n{line}\n"), NoteError::Characters),
        (format!("text\n\n{line} \n"), NoteError::Line),
        (format!("text\n\n{line}\r\n"), NoteError::Line),
        (format!("text\n\n{line}\n-- other\n"), NoteError::Line),
        (format!("text\n\n— {encoded}\n"), NoteError::Line),
        (format!("text\n\n—  {encoded}\n"), NoteError::Line),
        (format!("text\n\n- name {encoded}\n"), NoteError::Line),
        (format!("text\n\n— na+me {encoded}\n"), NoteError::Line),
        (format!("text\n\n— na\u{2003}me {encoded}\n"), NoteError::Line),
        (format!("text\n\n— na\u{7}me {encoded}\n"), NoteError::Line),
        (format!("text\n\n— name {encoded}=\n"), NoteError::Line),
        ("text\n\n— name AAAAAA==\n".to_owned(), NoteError::Line),
        (format!("text\n\n{}", format!("{line}\n").repeat(MAX_SIGNATURES + 1)), NoteError::TooLarge),
        (format!("{}\n\n{line}\n", "x".repeat(1 << 20)), NoteError::TooLarge),
    ] {
        assert_eq!(bad.parse::<SignedNote>(), Err(error), "{:?}", bad.get(..60).unwrap_or(&bad));
    }
    assert_eq!(SignedNote::from_bytes(b"te\xffxt\n\n"), Err(NoteError::Characters));
    let signature = log(1).sign("text");
    assert_eq!(SignedNote::new("text", vec![signature.clone()]), Err(NoteError::NoNewline));
    assert_eq!(SignedNote::new("te\u{1b}xt\n", vec![signature]), Err(NoteError::Characters));
    assert_eq!(SignedNote::new("text\n", vec![]), Err(NoteError::Unsigned));
    let many = format!("text\n\n{}", format!("{line}\n").repeat(MAX_SIGNATURES));
    assert!(many.parse::<SignedNote>().is_ok());
}

#[test]
fn unknown_keys_are_ignored_and_known_ones_must_be_right() {
    let text = "example.org/log\n1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n";
    let (known, stranger) = (log(1), log(2));
    let (good, other) = (known.sign(text), stranger.sign(text));
    let keys = [known.verifier().clone()];

    let note = SignedNote::new(text, vec![other.clone(), good.clone(), good.clone()]).unwrap();
    let verified = note.verify(&keys).unwrap();
    assert_eq!(verified.len(), 1);
    assert_eq!((verified[0].key, verified[0].time), (known.verifier(), None));

    let unknown = SignedNote::new(text, vec![other]).unwrap();
    assert_eq!(unknown.verify(&keys), Err(NoteError::NoKnownKey));
    assert_eq!(unknown.verify(&[]), Err(NoteError::NoKnownKey));

    let bad = NoteError::BadSignature { name: "example.org/log".to_owned() };
    let changed = SignedNote::new(text.replace('1', "2"), vec![good.clone()]).unwrap();
    assert_eq!(changed.verify(&keys), Err(bad.clone()));
    // A bad signature spoils the note even beside a good one.
    let spoilt = SignedNote::new(text, vec![good, known.sign("another text\n")]).unwrap();
    assert_eq!(spoilt.verify(&keys), Err(bad));
}

#[test]
fn a_cosignature_covers_its_time_and_is_no_signature_of_a_log() {
    let key = witness(3);
    let text = head(1, EMPTY_ROOT).to_string();
    let signature = key.cosign(&text, 1_700_000_000).unwrap();
    let keys = [key.verifier().clone()];
    let verify = |signature: Signature| {
        let note = SignedNote::new(text.clone(), vec![signature]).unwrap();
        note.verify(&keys).map(|verified| verified[0].time)
    };
    assert_eq!(verify(signature.clone()), Ok(Some(1_700_000_000)));
    assert_eq!(key.cosign(&text, 1 << 63), Err(KeyError::Time));

    // The time is the first eight bytes after the key ID: base64 letters 6 to 16 of the line's end.
    let line = signature.to_string();
    let at = line.rfind(' ').unwrap() + 1 + 14;
    let letter = if line.as_bytes()[at] == b'A' { "B" } else { "A" };
    let mut later = line.clone();
    later.replace_range(at..at + 1, letter);
    assert!(matches!(verify(later.parse().unwrap()), Err(NoteError::BadSignature { .. })));

    // The same seed and name as a log's key is another key.
    let log = SigningKey::from_seed(&[3; 32], key.name()).unwrap();
    assert_ne!(log.verifier().key_id(), key.verifier().key_id());
    assert_eq!(log.verifier().to_bytes(), key.verifier().to_bytes());
    assert_eq!(verify(log.sign(&text)), Err(NoteError::NoKnownKey));
}

#[test]
fn keys_are_read_only_as_they_are_written() {
    let key = log(1).verifier().clone();
    let text = key.to_string();
    assert_eq!(text.parse(), Ok(key.clone()));
    assert_eq!(VerifierKey::from_bytes(key.name(), KeyKind::Log, &key.to_bytes()), Ok(key.clone()));
    let [name, id, encoded] = text.splitn(3, '+').collect::<Vec<_>>().try_into().unwrap();
    for (bad, error) in [
        (String::new(), KeyError::Form),
        (name.to_owned(), KeyError::Form),
        (format!("{name}+{id}"), KeyError::Form),
        (format!("{name}+{id}+"), KeyError::Form),
        (format!("{name}+{id}+{encoded}\n"), KeyError::Form),
        (format!("{name}+{id}+{}", &encoded[..40]), KeyError::Form),
        (format!("+{id}+{encoded}"), KeyError::Name),
        (format!("na me+{id}+{encoded}"), KeyError::Name),
        (format!("{name}x+{id}+{encoded}"), KeyError::Id),
        (format!("{name}+{}+{encoded}", id.to_uppercase()), KeyError::Id),
        (format!("{name}+00000000+{encoded}"), KeyError::Id),
        (format!("{name}+{id}+Ag{}", &encoded[2..]), KeyError::Kind(2)),
        // The neutral element: everybody can sign for it.
        (format!("{name}+{id}+AQEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"), KeyError::Point),
    ] {
        assert_eq!(bad.parse::<VerifierKey>(), Err(error), "{bad:?}");
    }
    for name in ["", "a b", "a+b", "a\nb", "a\u{a0}b"] {
        assert_eq!(SigningKey::from_seed(&[1; 32], name).err(), Some(KeyError::Name), "{name:?}");
    }
    assert!(format!("{:?}", log(1)).ends_with("log, …)"));
}

#[test]
fn a_checkpoint_counts_when_the_log_and_enough_witnesses_signed() {
    let signed = cosigned(9, EMPTY_ROOT, &[5, 4, 6]);
    let seen = |policy: &Policy| {
        signed
            .verify(policy)
            .map(|seen| seen.iter().map(|w| (w.key.name().to_owned(), w.time)).collect::<Vec<_>>())
    };
    assert_eq!(seen(&policy(&[], 0)), Ok(vec![]));
    let both = vec![("witness.example/4".to_owned(), 1004), ("witness.example/5".to_owned(), 1005)];
    assert_eq!(seen(&policy(&[4, 5, 7], 2)), Ok(both));
    let (four, five) = ("witness.example/4".to_owned(), "witness.example/5".to_owned());
    let rule = "all of (witness.example/4, witness.example/5, witness.example/7)".to_owned();
    let error = CheckpointError::Quorum { signed: vec![four, five], rule };
    assert_eq!(seen(&policy(&[4, 5, 7], 3)), Err(error));
    let rule = "any of (witness.example/7, witness.example/8)".to_owned();
    assert_eq!(seen(&policy(&[7, 8], 1)), Err(CheckpointError::Quorum { signed: vec![], rule }));

    let stranger = Policy::new(log(2).verifier().clone(), vec![], 0).unwrap();
    assert_eq!(seen(&stranger), Err(CheckpointError::Note(NoteError::NoKnownKey)));
    let elsewhere = SigningKey::from_seed(&[1; 32], "example.org/other").unwrap();
    let other = Policy::new(elsewhere.verifier().clone(), vec![], 0).unwrap();
    assert!(matches!(seen(&other), Err(CheckpointError::OtherOrigin { .. })));
    assert!(matches!(
        SignedCheckpoint::sign(head(1, EMPTY_ROOT), &elsewhere),
        Err(CheckpointError::OtherOrigin { .. })
    ));
    // A witness whose cosignature is of another head spoils it, whatever the quorum.
    let mut spoilt = signed.clone();
    let text = head(8, EMPTY_ROOT).to_string();
    spoilt.add([witness(7).cosign(&text, 1).unwrap()]).unwrap();
    assert!(matches!(
        spoilt.verify(&policy(&[4, 7], 1)),
        Err(CheckpointError::Note(NoteError::BadSignature { .. }))
    ));
    assert!(spoilt.verify(&policy(&[4, 5], 1)).is_ok());
    // Adding what is there already changes nothing.
    let mut again = signed.clone();
    again.add(signed.note().signatures().to_vec()).unwrap();
    assert_eq!(again, signed);
}

#[test]
fn a_policy_must_make_sense() {
    let (log, one, two) =
        (log(1).verifier().clone(), witness(1).verifier().clone(), witness(2).verifier().clone());
    let name = |key: &VerifierKey| key.name().to_owned();
    assert_eq!(Policy::new(one.clone(), vec![], 0), Err(PolicyError::NotALog { name: name(&one) }));
    assert_eq!(
        Policy::new(log.clone(), vec![log.clone()], 0),
        Err(PolicyError::NotAWitness { name: name(&log) })
    );
    let renamed = CosigningKey::from_seed(&[2; 32], "witness.example/again").unwrap().verifier().clone();
    let twice = vec![two.clone(), renamed.clone()];
    assert_eq!(Policy::new(log.clone(), twice, 2), Err(PolicyError::KeyTwice { name: name(&renamed) }));
    // Witness 1 has the log's own secret: it would witness nothing.
    assert_eq!(
        Policy::new(log.clone(), vec![one.clone()], 1),
        Err(PolicyError::KeyTwice { name: name(&one) })
    );
    let quorum = PolicyError::Needed { needed: 2, members: 1 };
    assert_eq!(Policy::new(log, vec![two], 2), Err(quorum));
}

#[test]
fn checkpoints_are_read_only_as_they_are_written() {
    let root = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
    assert_eq!(
        Checkpoint::parse(&format!("o\n0\n{root}\n")),
        Ok((Checkpoint::new("o", 0, EMPTY_ROOT).unwrap(), vec![]))
    );
    let (_, extensions) = Checkpoint::parse(&format!("o\n0\n{root}\none\ntwo\n")).unwrap();
    assert_eq!(extensions, ["one", "two"]);
    for (bad, error) in [
        (String::new(), CheckpointError::Lines),
        ("o\n0\n".to_owned(), CheckpointError::Lines),
        (format!("o\n0\n{root}"), CheckpointError::Lines),
        (format!("o\n0\n{root}\n\n"), CheckpointError::Lines),
        (format!("o\n0\n{root}\n\nx\n"), CheckpointError::Lines),
        (format!("\n0\n{root}\n"), CheckpointError::Origin),
        (format!("o\u{1}\n0\n{root}\n"), CheckpointError::Origin),
        (format!("o\n00\n{root}\n"), CheckpointError::Size),
        (format!("o\n+1\n{root}\n"), CheckpointError::Size),
        (format!("o\n 1\n{root}\n"), CheckpointError::Size),
        (format!("o\n1\r\n{root}\n"), CheckpointError::Size),
        (format!("o\n18446744073709551616\n{root}\n"), CheckpointError::Size),
        (format!("o\n1\n{}\n", &root[1..]), CheckpointError::Root),
        (format!("o\n1\n{root} \n"), CheckpointError::Root),
    ] {
        assert_eq!(Checkpoint::parse(&bad), Err(error), "{bad:?}");
    }
    for origin in ["", "a\nb", "a\tb"] {
        assert_eq!(Checkpoint::new(origin, 0, EMPTY_ROOT), Err(CheckpointError::Origin));
    }
}

#[test]
fn what_is_not_a_receipt_is_refused() {
    let (_, tree) = Files::of(&entries(5));
    let receipt = Receipt::new(2, inclusion_proof(&tree, 2, 5).unwrap(), cosigned(5, tree.root(), &[4]));
    let good = receipt.to_string();
    assert_eq!(good.parse(), Ok(receipt.clone()));
    let with_extra = good.replacen("\nindex", "\nextra ZXh0cmE=\nindex", 1);
    assert_eq!(with_extra.parse::<Receipt>().unwrap().extra(), b"extra");
    assert_eq!(with_extra.parse::<Receipt>().unwrap().to_string(), with_extra);
    let line = receipt.proof()[0].to_string();
    for bad in [
        String::new(),
        good.replacen("@v1", "@v2", 1),
        good.replacen("index 2", "index 02", 1),
        good.replacen("index 2", "index -2", 1),
        good.replacen("index 2", "index", 1),
        good.replacen("index 2\n", "", 1),
        good.replacen("\nindex", "\nextra \nindex", 1),
        good.replacen("\nindex", "\nextra ZXh0cmE\nindex", 1),
        good.replacen("\nindex", "\nextra ZXh0cmE=\nextra ZXh0cmE=\nindex", 1),
        good.replacen(&line, &line[..43], 1),
        good.replacen(&line, &format!(" {line}"), 1),
        good.replacen("\n\n", "\n", 1),
    ] {
        assert!(
            matches!(bad.parse::<Receipt>(), Err(ReceiptError::Form | ReceiptError::Checkpoint(_))),
            "{bad}"
        );
    }
    let long = good.replacen(&line, &format!("{line}\n").repeat(70), 1);
    assert!(matches!(long.replacen("\n\n", "\n", 1).parse::<Receipt>(), Err(ReceiptError::TooLarge)));

    let entry = &entries(5)[2];
    assert_eq!(receipt.verify(entry, &policy(&[4], 1)).unwrap().len(), 1);
    assert_eq!(receipt.verify(b"", &policy(&[4], 1)), Err(ReceiptError::Proof(ProofMismatch::Root)));
    let moved: Receipt = good.replacen("index 2", "index 3", 1).parse().unwrap();
    assert!(matches!(moved.verify(entry, &policy(&[4], 1)), Err(ReceiptError::Proof(_))));
    let signed = vec!["witness.example/4".to_owned()];
    let quorum = CheckpointError::Quorum { signed, rule: policy(&[4, 5], 2).rule() };
    assert_eq!(receipt.verify(entry, &policy(&[4, 5], 2)), Err(ReceiptError::Checkpoint(quorum)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn a_signed_checkpoint_with_one_byte_changed_never_says_something_else(
        size in any::<u64>(), root in any::<[u8; 32]>(), at in any::<usize>(), flip in 1..=255_u8,
    ) {
        let signed = cosigned(size, Hash(root), &[4, 5]);
        let policy = policy(&[4, 5], 2);
        prop_assert_eq!(signed.verify(&policy).unwrap().len(), 2);
        let mut bytes = signed.to_string().into_bytes();
        let at = at % bytes.len();
        bytes[at] ^= flip;
        let accepted = SignedCheckpoint::from_bytes(&bytes).is_ok_and(|changed| changed.verify(&policy).is_ok());
        prop_assert!(!accepted, "byte {at} ^ {flip}");
    }

    #[test]
    fn a_receipt_is_read_as_it_was_written(size in 1..400_u64, at in any::<u64>(), witnesses in 0..5_u8) {
        let index = at % size;
        let (_, tree) = Files::of(&entries(size));
        let witnesses: Vec<u8> = (10..10 + witnesses).collect();
        let signed = cosigned(size, tree.root(), &witnesses);
        prop_assert_eq!(signed.to_string().parse::<SignedCheckpoint>().unwrap(), signed.clone());
        let receipt = Receipt::new(index, inclusion_proof(&tree, index, size).unwrap(), signed);
        let read: Receipt = receipt.to_string().parse().unwrap();
        prop_assert_eq!(&read, &receipt);
        let entry = &entries(size)[index as usize];
        let seen = receipt.verify(entry, &policy(&witnesses, witnesses.len())).unwrap().len();
        prop_assert_eq!(seen, witnesses.len());
    }

    #[test]
    fn a_note_is_read_as_it_was_written(lines in prop::collection::vec("[^\\p{Cc}]{0,20}", 1..6), seeds in 1..4_u8) {
        let text = format!("{}\n", lines.join("\n"));
        let signatures: Vec<Signature> = (0..seeds).map(|seed| log(seed).sign(&text)).collect();
        let note = SignedNote::new(text, signatures).unwrap();
        prop_assert_eq!(note.to_string().parse::<SignedNote>(), Ok(note.clone()));
        let keys: Vec<VerifierKey> = (0..seeds).map(|seed| log(seed).verifier().clone()).collect();
        prop_assert_eq!(note.verify(&keys).unwrap().len(), usize::from(seeds));
    }
}
