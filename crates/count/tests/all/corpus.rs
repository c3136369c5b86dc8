//! The fuzzers' bodies as ordinary tests: over small files shaped like real ones, over bytes near them, and over any
//! bytes. Every reader and counter must end in time, with a result or a refusal.

#[path = "../../fuzz/bodies.rs"]
mod bodies;

use count::Rule;
use proptest::prelude::*;

const PB: &[&str] = &[
    "META\nkey;value\ndescription;Parks\ncountry;Poland\nunit;Town\nnum_projects;3\nnum_votes;3\nbudget;100.50\nvote_type;approval\nrule;greedy\ncurrency;PLN\nPROJECTS\nproject_id;cost;votes;name;selected\nA;60;2;\"First; \"\"big\"\"\";1\nB;50;1;Second;0\nC;999999999;0;Third;0\nVOTES\nvoter_id;age;sex;voting_method;vote\n1;44;F;internet;A,B\n2;19;M;paper;A\n3;;;paper;\n",
    "META\nkey;value\nbudget;9\nvote_type;ordinal\nrule;greedy-threshold\nmin_project_score_threshold;2\nPROJECTS\nproject_id;cost;category\n1;0;x\n2;9;y\n10;3;y,z\nVOTES\nvoter_id;vote\na;1,10,2\nb;10\n",
    "META\nkey;value\nbudget;90000\nvote_type;cumulative\nmax_sum_points;5\nrule;equalshares/add1\nPROJECTS\nproject_id;cost\n1;20000\n2;30000\nVOTES\nvoter_id;vote;points\na;1,2;3,2\nb;2;5\n",
    "META\nkey;value\nbudget;90\nvote_type;scoring\ndefault_score;0.5\nrule;greedy-no-skip\nPROJECTS\nproject_id;cost\n1;20\n2;80\nVOTES\nvoter_id;vote;points\na;1,2;3,-2.5\nb;2;0\n",
];
const BLT: &[&str] = &[
    "3 2\n4 1 2 0\n2 3=2 0\n1 - 3 0\n0\n\"A\"\n\"B\"\n#3\n\"Title\"",
    "2 1 # two\n-2\n3 1\n 2 0 # over two lines\n(id) 2 0\n0 # end\n\"Ann \"\"A.\"\" Lee\" # first\nBob\n",
    "2 1\n[nick ann bob]\n[tie bob ann]\n2 ann=bob 0\n0\n\"Ann\" \"Party\"\n\"Bob\"\n\"T\"\n",
];
const ORDERS: &[&str] = &[
    "\u{0}# FILE NAME: a.soc\n# TITLE: T\n# NUMBER ALTERNATIVES: 3\n# NUMBER VOTERS: 5\n# NUMBER UNIQUE ORDERS: 2\n# ALTERNATIVE NAME 1: A\n# ALTERNATIVE NAME 2: B\n# ALTERNATIVE NAME 3: C\n3: 1,2,3\n2: 2,1,3\n",
    "\u{3}3\n1,A\n2,B\n3,C\n5,5,2\n3,1,{2,3}\n2,2\n",
    "\u{4}# NUMBER ALTERNATIVES: 3\n# NUMBER VOTERS: 4\n# NUMBER CATEGORIES: 3\n# CATEGORY NAME 1: Yes\n3: {1,3},2\n1: {},{1,2,3},{}\n",
];
const CONTESTS: &[&str] = &[
    "{\"tabulatorVersion\":\"1.3.0\",\"outputSettings\":{\"contestName\":\"C\"},\"cvrFileSources\":[{\"provider\":\"ess\",\"filePath\":\"ballots.csv\",\"firstVoteColumnIndex\":\"2\",\"firstVoteRowIndex\":\"2\"}],\"candidates\":[{\"name\":\"A\"},{\"name\":\"B\",\"excluded\":false}],\"rules\":{\"tiebreakMode\":\"random\",\"overvoteRule\":\"alwaysSkipToNextRank\",\"winnerElectionMode\":\"singleWinnerMajority\",\"randomSeed\":\"7\",\"numberOfWinners\":\"1\",\"maxSkippedRanksAllowed\":\"1\",\"maxRankingsAllowed\":\"3\"}}\u{0}count,rank1,rank2\n2,A,B\n1,B,overvote\n3,undervote,A\n",
];

/// Form, number of options, length of the names, cost; names; votes with weight and marks.
const WRITTEN: &[&[u8]] = &[
    b"\x01\x02\x05\x07A\x01B\x01C\x02\x09\x0a\x00\x01\x0b",
    b"\x02\x03\x08\x00A\x01\"B;,\x01#\x04\x01\x0a\x13\x00\x02\x0a\x09\x08\x00\x03",
    b"\x03\x01\x03\x40a\x01b\x01\x11\x22\x00\x02\x33",
];

/// A text of the list with pieces of it replaced, doubled or cut away, or any bytes.
fn near(seeds: Vec<Vec<u8>>) -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        4 => prop::collection::vec(any::<u8>(), 0..4),
        2 => prop::sample::select(vec!["\n", ";", "\"", "-1", "0", "99999999999999999999", "1e9", "{", "}", "=", "\r\n", "NaN", "\u{feff}", ","])
            .prop_map(|s| s.as_bytes().to_vec()),
    ];
    let change = (any::<[usize; 2]>(), piece);
    let near = (prop::sample::select(seeds), prop::collection::vec(change, 1..4)).prop_map(
        |(mut bytes, changes)| {
            for ([at, length], piece) in changes {
                let at = at % (bytes.len() + 1);
                let end = (at + length % 12).min(bytes.len());
                bytes.splice(at..end, piece);
            }
            bytes
        },
    );
    prop_oneof![8 => near, 1 => prop::collection::vec(any::<u8>(), 0..200)]
}

fn bytes(texts: &[&str]) -> Vec<Vec<u8>> {
    texts.iter().map(|t| t.as_bytes().to_vec()).collect()
}

/// Every rule of the catalogue as it is written.
fn rules() -> Vec<Vec<u8>> {
    Rule::catalogue().iter().map(|entry| serde_json::to_vec(&entry.rule).unwrap()).collect()
}

macro_rules! fuzzed {
    ($($name:ident $seeds:expr;)*) => {$(
        mod $name {
            use super::*;

            #[test]
            fn holds_over_the_corpus() {
                let seeds: Vec<Vec<u8>> = $seeds;
                seeds.iter().for_each(|data| bodies::$name(data));
            }

            proptest! {
                #![proptest_config(ProptestConfig { cases: 1_500, failure_persistence: None, ..ProptestConfig::default() })]

                #[test]
                fn holds_near_the_corpus(data in near($seeds)) {
                    bodies::$name(&data);
                }
            }
        }
    )*};
}

fuzzed! {
    pabulib bytes(PB);
    ballots bytes(BLT);
    preflib bytes(ORDERS);
    rctab bytes(CONTESTS);
    rule rules();
    written WRITTEN.iter().map(|w| w.to_vec()).collect();
}

#[test]
fn the_corpus_is_read() {
    for text in PB {
        count::files::pabulib::read(text.as_bytes()).unwrap();
    }
    for text in BLT {
        count::files::blt::read(text.as_bytes()).unwrap();
    }
    for text in ORDERS {
        let extension = ["soc", "soi", "toc", "toi", "cat"][usize::from(text.as_bytes()[0])];
        count::files::preflib::read(&text.as_bytes()[1..], extension).unwrap();
    }
    for text in CONTESTS {
        let (config, ballots) = text.split_once('\0').unwrap();
        let beside = [("ballots.csv".to_owned(), ballots.as_bytes().to_vec())];
        count::files::read("contest.json", config.as_bytes(), &beside).unwrap();
    }
}
