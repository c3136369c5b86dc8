//! What readers must not read in silence: files that can be read in two ways, several files of ballots, rules that are
//! not known, and who or what is there twice.

use count::Rule;
use count::files::{Read, rctab, wanted};

/// A contest of RCTab with these sources and rules beside those that are needed.
fn contest(sources: &str, rules: &str) -> String {
    format!(
        r#"{{"rules":{{"tiebreakMode":"useCandidateOrder","overvoteRule":"exhaustImmediately"{rules}}},
        "candidates":[{{"name":"A"}},{{"name":"B"}}],"cvrFileSources":[{sources}]}}"#
    )
}

fn counted(config: &str, files: &[(&str, &str)]) -> Result<Read, count::Refusal> {
    let beside: Vec<(String, Vec<u8>)> =
        files.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec())).collect();
    rctab::read(config.as_bytes(), &beside)
}

/// First choices by name.
fn firsts(read: &Read) -> Vec<String> {
    let name =
        |o: &u32| read.election.options.get(*o as usize).map_or("overvote".to_owned(), |o| o.name.clone());
    read.election.votes.iter().map(|vote| vote.options.first().map_or("none".to_owned(), name)).collect()
}

#[test]
fn all_sources_of_a_contest_are_counted_each_in_its_own_words() {
    let first = r#"{"provider":"ess","filePath":"north\\a.xlsx","overvoteLabel":"OV","undeclaredWriteInLabel":"UWI"}"#;
    let second = r#"{"provider":"ess","filePath":"b.csv","overvoteLabel":"both","skippedRankLabel":"-","undeclaredWriteInLabel":"W"}"#;
    let third = r#"{"provider":"cdf","filePath":"c.json"}"#;
    let config = contest(&[first, second, third].join(","), "");
    let names = wanted("x.json", config.as_bytes());
    assert_eq!(names, [vec!["a.xlsx", "a.csv"], vec!["b.csv"], vec!["c.json", "c.csv"]]);
    let a = ("a.csv", "rank1,rank2\nA,B\nOV,A\nUWI,A\n");
    let b = ("b.csv", "count,choice1,choice2\n1,-,B\n1,both,A\n1,W,A\n");
    let c = (
        "c.json",
        r#"{"CVR":[{"CVRSnapshot":[{"CVRContest":[{"ContestId":"c","CVRContestSelection":[{"ContestSelectionId":"B","SelectionPosition":[{"Rank":1}]}]}]}]}]}"#,
    );
    let all = counted(&config, &[c, a, b]).unwrap();
    let write_in = count::rules::irv::WRITE_INS;
    assert_eq!(firsts(&all), ["A", "overvote", write_in, "B", "overvote", write_in, "B"]);
    // Words of one file are not those of another.
    for (from, to, line) in [("OV", "both", 3), ("UWI", "W", 4)] {
        let refusal = counted(&config, &[(a.0, &a.1.replace(from, to)), b, c]).unwrap_err();
        assert_eq!(refusal.line, Some(line));
        assert!(refusal.reason.starts_with("In “a.csv”: The ballot names"), "{refusal}");
    }
    for missing in [vec![a, b], vec![b, c], vec![a, c]] {
        let refusal = counted(&config, &missing).unwrap_err();
        assert!(refusal.reason.contains("missing, so it cannot be counted"), "{refusal}");
    }
    let latin = [("a.csv".to_owned(), b"rank1\nA\n\xE9\n".to_vec())];
    assert!(rctab::read(config.as_bytes(), &latin).unwrap_err().reason.contains("“a.csv”"));
}

#[test]
fn one_file_is_not_counted_twice_and_one_source_may_have_several_names() {
    let twice = contest(r#"{"filePath":"north/a.csv"},{"filePath":"south/a.csv"}"#, "");
    let refusal = counted(&twice, &[("a.csv", "rank1\nA\n")]).unwrap_err();
    assert!(refusal.reason.contains("“a.csv”, which would be counted twice"), "{refusal}");
    let one = contest(r#"{"filePath":"a.json"}"#, "");
    assert_eq!(wanted("x.json", one.as_bytes()), [["a.json", "a.csv", "ballots.csv"]]);
    assert_eq!(wanted("x.json", contest("", "").as_bytes()), [["ballots.csv"]]);
    for name in ["a.csv", "ballots.csv"] {
        assert_eq!(firsts(&counted(&one, &[(name, "rank1\nA\n")]).unwrap()), ["A"]);
    }
    // Older contests say for all sources what newer ones say for each.
    let old = contest(
        r#"{"filePath":"a.csv"}"#,
        r#","overvoteLabel":"OV","undervoteLabel":"U","undeclaredWriteInLabel":"W","treatBlankAsUndeclaredWriteIn":true"#,
    );
    let read = counted(&old, &[("a.csv", "rank1,rank2\nOV,A\nU,A\nW,A\n,A\n")]).unwrap();
    let write_in = count::rules::irv::WRITE_INS;
    assert_eq!(firsts(&read), ["overvote", "A", write_in, write_in]);
    assert!(read.repairs.is_empty(), "{:?}", read.repairs);
}

#[test]
fn options_of_a_contest_that_are_not_understood_are_refused_or_listed() {
    let read = |rules: &str| counted(&contest(r#"{"filePath":"a.csv"}"#, rules), &[("a.csv", "rank1\nA\n")]);
    let keys = [
        "nonIntegerWinningThreshold",
        "doesFirstRoundDetermineThreshold",
        "hareQuota",
        "batchElimination",
        "continueUntilTwoCandidatesRemain",
        "exhaustOnDuplicateCandidate",
        "treatBlankAsUndeclaredWriteIn",
    ];
    for key in keys {
        for right in ["true", "false", "\"true\"", "\"false\"", "null"] {
            assert!(read(&format!(r#","{key}":{right}"#)).unwrap().repairs.is_empty(), "{key} {right}");
        }
        for wrong in ["\"yes\"", "1", "\"\"", "[]"] {
            let refusal = read(&format!(r#","{key}":{wrong}"#)).unwrap_err();
            assert!(refusal.reason.starts_with(&format!("“{key}” is {wrong}")), "{refusal}");
        }
    }
    let excluded =
        contest(r#"{"filePath":"a.csv"}"#, "").replace(r#"{"name":"B"}"#, r#"{"name":"B","excluded":"yes"}"#);
    assert!(counted(&excluded, &[("a.csv", "rank1\nA\n")]).unwrap_err().reason.contains("“excluded”"));
    let odd = read(r#","nonsense":"x","rulesDescription":"ours","stopTabulationEarlyAfterRound":"","maxRankingsAllowed":"max""#).unwrap();
    assert_eq!(odd.repairs.len(), 1, "{:?}", odd.repairs);
    assert!(odd.repairs[0].what.contains("“nonsense”"));
}

/// A record may hold several snapshots of a ballot; the one that is in force says how it is counted.
#[test]
fn the_snapshot_in_force_is_counted() {
    let config = r#"{"rules":{"tiebreakMode":"useCandidateOrder","overvoteRule":"exhaustImmediately"},
        "candidates":[{"name":"A"},{"name":"B"}],"cvrFileSources":[{"provider":"cdf","filePath":"b.json"}]}"#;
    let read = |record: &str| {
        let snapshot = |id: &str, who: &str| {
            format!(
                r#"{{"@id":"{id}","CVRContest":[{{"ContestId":"c","CVRContestSelection":[
                    {{"ContestSelectionId":"{who}","SelectionPosition":[{{"Rank":1}}]}}]}}]}}"#
            )
        };
        let both =
            format!("{},{}", snapshot("s1", "A"), snapshot("s2", record.split(' ').nth(1).unwrap_or("B")));
        let current = record.split(' ').next().filter(|id| !id.is_empty());
        let current = current.map_or(String::new(), |id| format!(r#""CurrentSnapshotId":"{id}","#));
        let text = format!(r#"{{"CVR":[{{{current}"CVRSnapshot":[{both}]}}]}}"#);
        rctab::read(config.as_bytes(), &[("b.json".into(), text.into_bytes())])
            .map(|read| read.election.votes.get(0).unwrap().options.to_vec())
    };
    assert_eq!([read("s1").unwrap(), read("s2").unwrap(), read("").unwrap()], [[0], [1], [0]]);
    assert_eq!(read("s2 overvote").unwrap(), [count::OVERVOTE]);
    assert!(read("s2 Nobody").unwrap_err().reason.contains("“Nobody”, who is not a candidate"));
}

#[test]
fn only_the_contest_that_is_wanted_is_counted() {
    let contest = |rules: &str, wanted: &str| {
        format!(
            r#"{{"rules":{{"tiebreakMode":"useCandidateOrder","overvoteRule":"exhaustImmediately"{rules}}},
            "candidates":[{{"name":"A"}},{{"name":"B"}}],
            "cvrFileSources":[{{"provider":"cdf","filePath":"b.json","contestId":"{wanted}"}}]}}"#
        )
    };
    let choice = |contest: &str, who: &str| {
        format!(
            r#"{{"ContestId":"{contest}","CVRContestSelection":[{{"ContestSelectionId":"{who}","SelectionPosition":[{{"Rank":1}}]}}]}}"#
        )
    };
    let ballots = format!(
        r#"{{"CVR":[{{"CVRSnapshot":[{{"CVRContest":[{},{}]}}]}}]}}"#,
        choice("mayor", "A"),
        choice("clerk", "B")
    );
    let read =
        |contest: &str| rctab::read(contest.as_bytes(), &[("b.json".into(), ballots.clone().into_bytes())]);
    for (wanted, option) in [("mayor", 0), ("clerk", 1)] {
        let read = read(&contest("", wanted)).unwrap();
        let marks: Vec<u32> = read.election.votes.iter().flat_map(|v| v.options.to_vec()).collect();
        assert_eq!(marks, [option], "{wanted}");
    }
    for (rules, rounds) in [("0", None), ("1", Some(1)), ("4", Some(4))] {
        let rules = format!(r#","stopTabulationEarlyAfterRound":"{rules}""#);
        let Some(Rule::RankedChoice(rule)) = read(&contest(&rules, "mayor")).unwrap().rule else { panic!() };
        assert_eq!(rule.stop_after, rounds);
    }
}
