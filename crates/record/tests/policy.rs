//! Policies (C2SP tlog-policy): what is read, what is refused and where, and when a quorum is met.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use record::checkpoint::{Checkpoint, CheckpointError, SignedCheckpoint};
use record::note::{CosigningKey, SigningKey, VerifierKey};
use record::policy::{MAX_LISTED, Policy, PolicyError};
use record::{EMPTY_ROOT, Tree, leaf_hash};

fn log(seed: u8) -> VerifierKey {
    SigningKey::from_seed(&[seed; 32], "example.org/log").unwrap().verifier().clone()
}

fn cosigner(seed: u8) -> CosigningKey {
    CosigningKey::from_seed(&[seed; 32], &format!("witness.example/{seed}")).unwrap()
}

fn witness(seed: u8) -> VerifierKey {
    cosigner(seed).verifier().clone()
}

/// `LOG1` and `KEY4` stand for keys.
fn filled(text: &str) -> Vec<u8> {
    let text = (1..=3).fold(text.to_owned(), |text, n| text.replace(&format!("LOG{n}"), &log(n).to_string()));
    (4..=9).fold(text, |text, n| text.replace(&format!("KEY{n}"), &witness(n).to_string())).into_bytes()
}

fn read(text: &str) -> Policy {
    Policy::from_bytes(&filled(text)).unwrap()
}

/// The example of the specification, with an address, remarks, tabs and empty lines.
const EXAMPLE: &str = "# Ours\n\nlog LOG1 https://example.org/log\n \t \n\twitness X1 KEY4 https://x1.example\nwitness X2\tKEY5\n  \
    # indented\nwitness X3 KEY6\ngroup X-witnesses 2 X1 X2 X3\nwitness Y1 KEY7\nwitness Y2 KEY8\nwitness Y3 KEY9  \ngroup \
    Y-witnesses any Y1 Y2 Y3\ngroup X-and-Y all X-witnesses Y-witnesses\nquorum X-and-Y\n";

#[test]
fn the_specifications_example_means_what_it_says() {
    let policy = read(EXAMPLE);
    assert_eq!(policy.logs()[0].key(), &log(1));
    assert_eq!(policy.logs()[0].url(), Some("https://example.org/log"));
    assert_eq!(policy.witnesses()[0].url(), Some("https://x1.example"));
    assert_eq!(policy.witnesses()[1].url(), None);
    let met = |seeds: &[u8]| {
        let keys: Vec<_> = seeds.iter().map(|&seed| witness(seed)).collect();
        policy.is_met(&keys)
    };
    assert!(met(&[4, 6, 9]) && met(&[4, 5, 6, 7, 8, 9]) && met(&[5, 6, 7]));
    assert!(!met(&[]) && !met(&[4, 7, 8, 9]) && !met(&[4, 5, 6]) && !met(&[1, 2, 3]));
    assert!(!met(&[4, 4, 7]), "one witness counted twice");
    assert_eq!(
        policy.rule(),
        "all of (2 of (witness.example/4, witness.example/5, witness.example/6), any of (witness.example/7, \
         witness.example/8, witness.example/9))"
    );
    let without = policy.clone().without_urls();
    assert!(!String::from_utf8(without.to_bytes()).unwrap().contains("https://"));
    assert!(String::from_utf8(policy.to_bytes()).unwrap().starts_with("log example.org/log+"));
}

#[test]
fn a_quorum_may_be_one_witness_or_none() {
    let none = read("quorum none\n");
    assert!(!none.has_quorum() && none.is_met([]) && none.logs().is_empty());
    let one = read("witness a KEY4\nwitness b KEY5\nquorum b\n");
    assert!(one.has_quorum() && one.is_met([&witness(5)]) && !one.is_met([&witness(4)]));
    assert_eq!(one.rule(), "witness.example/5");
    // Names are octets: what is not UTF-8 is a name all the same, and no two of them are alike.
    let mut file = filled("# \nwitness ~ KEY4\nwitness K KEY5\nquorum ~\n");
    file.iter_mut().filter(|byte| **byte == b'~').for_each(|byte| *byte = 0xFF);
    file[1] = 0x80;
    let policy = Policy::from_bytes(&file).unwrap();
    assert!(policy.is_met([&witness(4)]) && !policy.is_met([&witness(5)]));
    assert_eq!(Policy::from_bytes(&policy.to_bytes()).unwrap(), policy);
}

#[test]
fn a_file_that_is_not_of_the_form_is_refused_whole_with_its_line() {
    let many = |what: &str| {
        let lines = (0..=MAX_LISTED).map(|n| match what {
            "witness" => format!("witness w{n} {}\n", witness(n as u8 + 10)),
            "log" => format!("log {}\n", log(n as u8 + 10)),
            _ => format!("witness w{n} {}\ngroup g{n} any w{n}\n", witness(n as u8 + 10)),
        });
        lines.collect::<String>() + "quorum none\n"
    };
    for (text, line, says) in [
        ("", None, "needs a line `quorum`"),
        ("log LOG1\n", None, "needs a line `quorum`"),
        ("quorum none", None, "cut off"),
        ("log LOG1\r\nquorum none\r\n", Some(1), "Windows"),
        ("log LOG1\n\u{7f}\nquorum none\n", Some(2), "control characters"),
        ("# a\u{0}\nquorum none\n", Some(1), "control characters"),
        ("log\nquorum none\n", Some(1), "looks like this: log <key>"),
        ("log LOG1 url more\nquorum none\n", Some(1), "looks like this: log <key>"),
        ("witness a\nquorum none\n", Some(1), "looks like this: witness"),
        ("witness a KEY4 url more\nquorum none\n", Some(1), "looks like this: witness"),
        ("quorum\n", Some(1), "looks like this: quorum"),
        ("quorum none none\n", Some(1), "looks like this: quorum"),
        ("quorum none\nquorum none\n", Some(2), "second line"),
        ("witness a KEY4\ngroup g any\nquorum none\n", Some(2), "looks like this: group"),
        ("witness a KEY4\ngroup g 01 a\nquorum none\n", Some(2), "looks like this: group"),
        ("witness a KEY4\ngroup g ALL a\nquorum none\n", Some(2), "looks like this: group"),
        ("witness a KEY4\ngroup g 0 a\nquorum none\n", Some(2), "at least 1"),
        ("witness a KEY4\ngroup g 2 a\nquorum none\n", Some(2), "at most all"),
        ("witness a KEY4\ngroup g 18446744073709551616 a\nquorum none\n", Some(2), "looks like this"),
        ("witness a KEY4\ngroup g 18446744073709551615 a\nquorum none\n", Some(2), "at most all"),
        ("witness a KEY4\ngroup g any a a\nquorum g\n", Some(2), "member of a group already"),
        ("witness a KEY4\ngroup g any a\ngroup h any a\nquorum g\n", Some(3), "member of a group already"),
        ("witness a KEY4\ngroup g any b\nquorum g\n", Some(2), "Nothing is named b"),
        ("witness a KEY4\ngroup g any none\nquorum g\n", Some(2), "Nothing is named none"),
        ("group g any g\nquorum g\n", Some(1), "Nothing is named g"),
        ("quorum a\nwitness a KEY4\n", Some(1), "Nothing is named a"),
        ("witness none KEY4\nquorum none\n", Some(1), "none is taken"),
        ("witness a KEY4\nwitness a KEY5\nquorum a\n", Some(2), "a is taken"),
        ("witness a KEY4\ngroup a any a\nquorum a\n", Some(2), "a is taken"),
        ("witness a KEY4\n\n# x\nwitness b KEY4\nquorum a\n", Some(4), "twice"),
        ("log LOG1\nlog LOG1\nquorum none\n", Some(2), "twice"),
        ("log KEY4\nquorum none\n", Some(1), "is a witness' key"),
        ("witness a LOG1\nquorum a\n", Some(1), "is a log's key"),
        ("witness a nonsense\nquorum a\n", Some(1), "not a verifier key"),
        ("witnesses a KEY4\nquorum none\n", Some(1), "begins with log, witness"),
        ("Quorum none\n", Some(1), "begins with log, witness"),
        (&many("witness"), Some(MAX_LISTED + 1), "more witnesses"),
        (&many("log"), Some(MAX_LISTED + 1), "more logs"),
        (&many("group"), Some(2 * MAX_LISTED + 1), "more witnesses"),
        (&"#\n".repeat(200_001), None, "400,000"),
    ] {
        let error = Policy::from_bytes(&filled(text)).expect_err(text);
        assert_eq!(error.line(), line, "{text}: {error}");
        assert!(error.to_string().contains(says), "{text}: {error}");
    }
}

#[test]
fn a_checkpoint_is_verified_against_any_log_that_is_listed() {
    let sign = |seed: u8, origin: &str| {
        let key = SigningKey::from_seed(&[seed; 32], origin).unwrap();
        SignedCheckpoint::sign(Checkpoint::new(origin, 0, EMPTY_ROOT).unwrap(), &key).unwrap()
    };
    let policy = read("log LOG1\nlog LOG2\nquorum none\n");
    assert_eq!(sign(2, "example.org/log").signer(&policy), Ok(&log(2)));
    assert!(sign(2, "example.org/log").verify(&policy).is_ok());
    assert!(matches!(sign(3, "example.org/log").verify(&policy), Err(CheckpointError::Note(_))));
    assert!(matches!(sign(1, "other").verify(&policy), Err(CheckpointError::OtherOrigin { .. })));

    let narrow = policy.for_log(&log(2)).unwrap();
    assert_eq!(narrow.logs().len(), 1);
    assert!(sign(1, "example.org/log").verify(&narrow).is_err());
    assert_eq!(policy.for_log(&log(3)), Err(PolicyError::OtherLog { name: "example.org/log".into() }));
    let any = read("witness a KEY4\nquorum a\n");
    assert!(matches!(sign(1, "example.org/log").verify(&any), Err(CheckpointError::OtherOrigin { .. })));
    let narrow = any.for_log(&log(1)).unwrap();
    let head = sign(1, "example.org/log");
    let error = head.verify(&narrow).unwrap_err();
    assert!(error.to_string().contains("witness.example/4 must, none did"), "{error}");
    assert_eq!(head.witnessed(&narrow), Ok(vec![]));
    assert!(matches!(any.for_log(&witness(4)), Err(PolicyError::NotALog { .. })));
}

/// A policy as a tree of thresholds, written as a file: each leaf is a witness of its own.
#[derive(Clone, Debug)]
enum Rule {
    Leaf,
    Of(usize, Vec<Rule>),
}

impl Rule {
    fn write(&self, next: &mut u8, file: &mut String) -> String {
        *next += 1;
        let name = format!("n{next}");
        match self {
            Rule::Leaf => *file += &format!("witness {name} {}\n", witness(*next)),
            Rule::Of(needed, members) => {
                let names: Vec<_> = members.iter().map(|member| member.write(next, file)).collect();
                *file += &format!("group {name} {} {}\n", needed % members.len() + 1, names.join(" "));
            }
        }
        name
    }

    /// The definition, word for word.
    fn met(&self, next: &mut u8, signed: &[u8]) -> bool {
        *next += 1;
        match self {
            Rule::Leaf => signed.contains(next),
            Rule::Of(needed, members) => {
                let count = members.iter().filter(|member| member.met(next, signed)).count();
                count > needed % members.len()
            }
        }
    }
}

fn rule() -> impl Strategy<Value = Rule> {
    Just(Rule::Leaf).prop_recursive(4, 20, 4, |inner| {
        (any::<usize>(), prop::collection::vec(inner, 1..4))
            .prop_map(|(needed, members)| Rule::Of(needed, members))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_quorum_is_met_exactly_when_its_definition_is(
        rule in rule(), signed in prop::collection::btree_set(1..40_u8, 0..30), more in 1..40_u8,
    ) {
        let mut file = String::new();
        let name = rule.write(&mut 0, &mut file);
        let policy = Policy::from_bytes(format!("{file}quorum {name}\n").as_bytes()).unwrap();
        let mut signed: Vec<u8> = signed.into_iter().collect();
        let met = |signed: &[u8]| policy.is_met(&signed.iter().map(|&seed| witness(seed)).collect::<Vec<_>>());
        prop_assert_eq!(met(&signed), rule.met(&mut 0, &signed));
        // One more signature never undoes it.
        let before = met(&signed);
        signed.push(more);
        prop_assert!(!before || met(&signed));
        prop_assert_eq!(Policy::from_bytes(&policy.to_bytes()).unwrap(), policy);
    }

    #[test]
    fn a_head_counts_when_those_who_signed_it_meet_the_quorum(signers in prop::collection::btree_set(4..10_u8, 0..6)) {
        let policy = read(EXAMPLE);
        let key = SigningKey::from_seed(&[1; 32], "example.org/log").unwrap();
        let tree = Tree::from_leaf_hashes([leaf_hash(b"one")]);
        let mut head =
            SignedCheckpoint::sign(Checkpoint::new("example.org/log", 1, tree.root()).unwrap(), &key).unwrap();
        let text = head.note().text().to_owned();
        head.add(signers.iter().map(|&seed| cosigner(seed).cosign(&text, u64::from(seed)).unwrap())).unwrap();
        let keys: Vec<_> = signers.iter().map(|&seed| witness(seed)).collect();
        prop_assert_eq!(head.verify(&policy).is_ok(), policy.is_met(&keys));
        prop_assert_eq!(head.witnessed(&policy).unwrap().len(), signers.len());
    }
}
