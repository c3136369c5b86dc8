//! What readers must not read in silence: files that can be read in two ways, several files of ballots, rules that are
//! not known, and who or what is there twice.

use crate::common::{files, open, write};
use count::files::{Read, blt, pabulib, preflib, rctab, wanted};
use count::report::{Request, report};
use count::rules::greedy::{Greedy, Overflow};
use count::{Form, Number, Rule, Share};

fn said(read: &Read, with: &str) -> Vec<String> {
    read.repairs.iter().map(ToString::to_string).filter(|repair| repair.contains(with)).collect()
}

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

/// Names beside lines that may be comments: by which reading, and what is said of it.
#[test]
fn lines_with_number_signs_are_names_or_comments_but_never_in_silence() {
    let file = |lines: &str| blt::read(format!("2 1\n5 1 0\n3 2 0\n0\n{lines}\n").as_bytes());
    for (lines, names, title, repairs) in [
        ("# comment\n\"A\"\n\"B\"", ["A", "B"], "", "read as comments"),
        ("#comment\n\"A\"\n\"B\"", ["A", "B"], "", "read as comments"),
        ("\"A\"\n# comment\n\"B\"", ["A", "B"], "", "read as comments"),
        ("\"A\"\n\"B\"\n# comment", ["A", "B"], "", "read as comments"),
        ("\"A\"\n# comment\n\"B\"\n\"T\"", ["A", "B"], "T", "read as comments"),
        ("\"A\"\n\"B\"\n# comment\n\"T\"", ["A", "B"], "T", "read as comments"),
        ("\"A\"\n\"B\"\n\"T\"\n#1", ["A", "B"], "T", "read as comments"),
        ("# comment\nA\nB\nT", ["A", "B"], "T", "read as comments"),
        ("# comment\n#1 Ana\n#2 Bo\nTitle", ["#1 Ana", "#2 Bo"], "Title", "read as comments"),
        (
            "# one\n# two\n#1 Ana\n\"Bo\"\n\"T\"",
            ["#1 Ana", "Bo"],
            "T",
            "“#1 Ana” was read as the name of option 1",
        ),
        ("#1\n\"Bob\"\n\"Title\"", ["#1", "Bob"], "Title", "“#1” was read as the name of option 1"),
        ("#1 Ana\n#2 Bo\nTitle", ["#1 Ana", "#2 Bo"], "Title", ""),
        ("#1 Ana\n#2 Bo", ["#1 Ana", "#2 Bo"], "", ""),
        ("#1 Ana\nBo", ["#1 Ana", "Bo"], "", ""),
        ("#Ana\nBo", ["#Ana", "Bo"], "", ""),
        ("A\nB\n# of 2024", ["A", "B"], "# of 2024", ""),
        ("\"A\"\n\"B\"\n#2", ["A", "B"], "#2", ""),
    ] {
        let read = file(lines).unwrap_or_else(|refusal| panic!("{lines}: {refusal}"));
        assert_eq!(
            (read.election.names(), &*read.election.title),
            (names.map(str::to_owned).to_vec(), title),
            "{lines}"
        );
        let told =
            if repairs.is_empty() { read.repairs.is_empty() } else { !said(&read, repairs).is_empty() };
        assert!(told, "{lines}: {:?}", read.repairs);
    }
    for unclear in ["# comment\nA\nB", "A\n# comment\nB", "#Ana\n\"Bo\"\nTitle"] {
        let refusal = file(unclear).unwrap_err();
        assert!(
            refusal.line.is_some() && refusal.reason.contains("comment or the name"),
            "{unclear}: {refusal}"
        );
    }
}

const PB: &str = "META\nkey;value\nbudget;100\nvote_type;approval\nrule;greedy\nPROJECTS\nproject_id;name;cost;selected\n\
                  A;Big;70;1\nB;Small;60;0\nVOTES\nvoter_id;vote\n1;A\n2;A,B\n3;B\n";

fn pb(from: &str, to: &str) -> Result<Read, count::Refusal> {
    assert!(PB.contains(from));
    pabulib::read(PB.replace(from, to).as_bytes())
}

#[test]
fn fields_beyond_the_columns_of_a_budget_are_refused() {
    for (from, to, line) in
        [("A;Big;", "A;Big; 60;", 8), ("\n2;A,B", "\n2;A;B", 13), ("B;Small;60;0", "B;Small;60;0;;x", 9)]
    {
        let refusal = pb(from, to).unwrap_err();
        assert_eq!(refusal.line, Some(line), "{refusal}");
        assert!(
            refusal.reason.contains("columns") && refusal.reason.contains("quotation marks"),
            "{refusal}"
        );
    }
    let plain = pabulib::read(PB.as_bytes()).unwrap();
    for (from, to) in [("A;Big;70;1", "A;Big;70;1; ;"), ("\n3;B", "\n3;B;;;"), ("\n3;B", "\n3;B;\r")] {
        let read = pb(from, to).unwrap();
        assert_eq!((&read.election, &read.published), (&plain.election, &plain.published), "{to}");
    }
    assert!(pb("A;Big;70", "A;\"Big; 60\";70").unwrap().repairs.is_empty());
    // A value of the head can only be all that follows.
    let described = pb("budget;100", "description;Parks; and streets;;\nbudget;100; ").unwrap();
    assert_eq!((&*described.election.title, described.election.budget), ("Parks; and streets", Some(100)));
    assert!(said(&described, "outside quotation marks")[0].starts_with("Line 3:"));
    assert_eq!(described.repairs.len(), 1);
    assert!(pb("budget;100", "budget;100;000").unwrap_err().reason.contains("not an amount"));
    assert!(pb("budget;100", "description;\"Parks; and streets\"\nbudget;100").unwrap().repairs.is_empty());
}

#[test]
fn rules_of_budgets_that_are_not_known_are_told() {
    for odd in ["phragmen", "equalshares/frobnicate", "equalshares/add1-oomparison", "greedy-twice"] {
        let text = PB.replace("rule;greedy", &format!("rule;{odd}"));
        let report = report("x.pb", text.as_bytes(), &[], &Request::default()).unwrap();
        let told: Vec<_> = report.repairs.iter().filter(|r| r.what.contains(&format!("“{odd}”"))).collect();
        assert!(told.len() == 1 && told[0].what.contains("was not compared"), "{odd}: {:?}", report.repairs);
        assert!(report.published.is_none() && matches!(report.outcome.rule, Rule::Greedy(_)));
    }
    for known in [
        "",
        "unknown",
        "greedy",
        "Greedy",
        "greedy-no-skip",
        "greedy-custom",
        "equalshares",
        "equalshares/add1u",
    ] {
        let read = pb("rule;greedy", &format!("rule;{known}")).unwrap();
        assert!(read.repairs.is_empty(), "{known}: {:?}", read.repairs);
        assert_eq!(read.rule.is_none(), ["", "unknown"].contains(&known), "{known}");
    }
}

#[test]
fn voters_who_are_there_twice_and_votes_with_too_many_marks_are_numbered() {
    assert!(pb("budget;100", "budget;100\nmax_length;2").unwrap().repairs.is_empty());
    let twice = pb("\n3;B", "\n1;B\n 1;A\n\"2\";A\n;B\n;B").unwrap();
    assert_eq!(twice.election.votes.total(), 7, "all are counted");
    assert_eq!(twice.repairs.len(), 1, "{:?}", twice.repairs);
    assert!(
        said(&twice, "voter_id")[0].contains("earlier vote: 3 votes, the first in line 14"),
        "{:?}",
        twice.repairs
    );
    let many = pb("budget;100", "budget;100\nmax_length;1").unwrap();
    assert!(
        said(&many, "max_length")[0]
            .contains("than the 1 that max_length allows: 1 vote, the first in line 14"),
        "{:?}",
        many.repairs
    );
    assert_eq!((many.repairs.len(), many.election.votes.total()), (1, 3));
    // One project named twice is one mark; choose-1 says it of every vote; in rankings the length gives the points.
    let again = PB.replace("2;A,B", "2;A,A").replace("budget;100", "budget;100\nmax_length;1");
    assert!(said(&pabulib::read(again.as_bytes()).unwrap(), "max_length").is_empty());
    let choose = PB.replace("approval", "choose-1").replace("budget;100", "budget;100\nmax_length;1");
    assert!(said(&pabulib::read(choose.as_bytes()).unwrap(), "max_length").is_empty());
    let places = PB.replace("approval", "ordinal").replace("budget;100", "budget;100\nmax_length;1");
    assert!(said(&pabulib::read(places.as_bytes()).unwrap(), "max_length").is_empty());
    let shares = places.replace("rule;greedy", "rule;equalshares");
    assert_eq!(said(&pabulib::read(shares.as_bytes()).unwrap(), "max_length").len(), 1);
}

#[test]
fn options_of_one_name_are_told() {
    let file = blt::read(b"3 1\n4 1 0\n3 2 0\n0\n\"Ada\"\n\"Ada\"\n\"C\"\n\"T\"\n").unwrap();
    assert!(
        file.repairs.len() == 1 && file.repairs[0].what.contains("Options 1, 2 have the same name, “Ada”"),
        "{:?}",
        file.repairs
    );
    let orders = |third: &str| {
        let text = format!(
            "# NUMBER ALTERNATIVES: 3\n# NUMBER VOTERS: 1\n# ALTERNATIVE NAME 1: A\n# ALTERNATIVE NAME 2: B\n# ALTERNATIVE NAME 3: {third}\n1: 1\n"
        );
        preflib::read(text.as_bytes(), "soi").unwrap()
    };
    assert!(orders("C").repairs.is_empty());
    assert!(
        said(&orders("A\n# ALTERNATIVE NAME 2: A"), "Options 1, 2 and 1 more have the same name").len() == 1
    );
    assert_eq!(said(&orders("A"), "Options 1, 3 have the same name, “A”").len(), 1);
    let text: String = (0..1_000).map(|n| format!("\"{}\"\n", n / 2)).collect();
    let many = blt::read(format!("1000 1\n1 1 0\n0\n{text}\"T\"\n").as_bytes()).unwrap();
    assert!(
        many.repairs.len() == 201 && many.repairs[200].what.starts_with("300 more"),
        "{:?}",
        many.repairs.last()
    );
}

#[test]
fn orders_of_preflib_are_read_place_by_place() {
    let order = |order: &str| {
        let text = format!("# NUMBER ALTERNATIVES: 12\n# NUMBER VOTERS: 3\n{order}\n");
        let read = preflib::read(text.as_bytes(), "toi")?;
        let vote = read.election.votes.get(0).unwrap();
        Ok::<_, count::Refusal>((vote.options.to_vec(), vote.levels.to_vec()))
    };
    for (text, options, levels) in [
        ("3: 12 , {1, 2} ,\t4 ", vec![11, 0, 1, 3], vec![1, 2, 2, 3]),
        ("3:{ 1 },{},4", vec![0, 3], vec![1, 3]),
        ("3: {}", vec![], vec![]),
        ("3:", vec![], vec![]),
        ("3: 007", vec![6], vec![1]),
    ] {
        assert_eq!(order(text).unwrap(), (options, levels), "{text}");
    }
    for (wrong, reason) in [
        ("3: 1 2,3", "Between the numbers of “1 2”"),
        ("3: {1 2},3", "Between the numbers of “1 2”"),
        ("3: {1,2}4", "After a closing brace a comma should stand, not “4”"),
        ("3: {1,2}{4}", "After a closing brace"),
        ("3: 1,2,,5", "nothing before or after a comma"),
        ("3: ,1", "nothing before or after a comma"),
        ("3: 1,", "nothing before or after a comma"),
        ("3: {1},", "nothing before or after a comma"),
        ("3: {1,,2}", "nothing before or after a comma"),
        ("3: {,}", "nothing before or after a comma"),
        ("3: 1{2}", "“{” does not belong"),
        ("3: 13", "they are 1 to 12"),
        ("3: 99999999999999999999", "they are 1 to 12"),
    ] {
        let refusal = order(wrong).unwrap_err();
        assert!(refusal.line == Some(3) && refusal.reason.contains(reason), "{wrong}: {refusal}");
    }
    assert!(preflib::read(b"2\n1,A\n2,B\n3,3,1\n3,1 2\n", "soi").is_err());
}

#[test]
fn categories_that_the_head_does_not_announce_are_told() {
    let file = |head: &str, order: &str| {
        let text = format!("# NUMBER ALTERNATIVES: 3\n# NUMBER VOTERS: 3\n{head}3: {order}\n");
        preflib::read(text.as_bytes(), "cat").unwrap()
    };
    let told =
        |head: &str, order: &str| !said(&file(head, order), "Only the first category was counted").is_empty();
    let (three, two) = ("{1},{2},{3}", "{1},{2,3}");
    let silent = file("", three);
    assert_eq!(
        (silent.election.votes.form(), silent.election.votes.get(0).unwrap().options),
        (Form::Approval, &[0][..])
    );
    assert!(said(&silent, "Only the first")[0].starts_with("Line 3:"));
    assert!(told("# NUMBER CATEGORIES: 2\n", three));
    assert!(
        !told("", two) && !told("# NUMBER CATEGORIES: 2\n", two) && !told("# NUMBER CATEGORIES: 3\n", three)
    );
}

/// What is written with a rule is counted by the same when it is read.
#[test]
fn rules_that_pabulib_has_names_for_are_written() {
    let plain = pabulib::read(PB.as_bytes()).unwrap().election;
    let mut grouped = plain.clone();
    grouped.options.iter_mut().for_each(|option| option.group = Some("x".into()));
    let back = |rule: &Rule| {
        let text = write("x.pb", &plain, Some(rule)).unwrap();
        let read = pabulib::read(text.as_bytes()).unwrap();
        assert!(read.rule.is_none() || read.rule.as_ref() == Some(rule), "{text}");
        let name = text.lines().find_map(|line| line.strip_prefix("rule;"));
        name.map(str::to_owned)
    };
    for name in [
        "greedy",
        "greedy-no-skip",
        "greedy-threshold",
        "greedy-custom",
        "equalshares",
        "equalshares-comparison",
        "equalshares/add1",
        "equalshares/add1-comparison",
        "equalshares/add1u",
        "equalshares/add1u-comparison",
    ] {
        let head = format!("max_length;3\nmin_project_score_threshold;1.5\nrule;{name}");
        let rule = pb("rule;greedy", &head).unwrap().rule.unwrap();
        let written = if name == "greedy" { "greedy-threshold" } else { name };
        assert_eq!(back(&rule).as_deref(), Some(written), "{rule:?}");
    }
    let greedy = |change: fn(&mut Greedy)| {
        let mut greedy = Greedy::skip();
        change(&mut greedy);
        back(&Rule::Greedy(greedy))
    };
    assert_eq!(greedy(|_| ()).as_deref(), Some("greedy"));
    // What no name says is not written under the name of something else.
    assert_eq!(greedy(|g| g.by_points = false), None);
    assert_eq!(greedy(|g| g.overflow = Overflow::TopUp(Share::of(1, 2))), None);
    assert_eq!(greedy(|g| g.threshold = Some(Number::ratio(1, 3))), None);
    for name in ["approval", "sequential-phragmen"] {
        assert_eq!(back(&Rule::parse(name, Some(1)).unwrap()), None, "{name}");
    }
    let skip = Rule::Greedy(Greedy::skip());
    let text = write("x.pb", &grouped, Some(&skip)).unwrap();
    assert!(
        text.contains("\nrule;greedy-exclusive\n")
            && pabulib::read(text.as_bytes()).unwrap().rule == Some(skip)
    );
    assert!(!write("x.pb", &plain, None).unwrap().contains("\nrule;"));
    // As `--write` does it.
    let request = Request { rule: Some("greedy-no-skip".into()), ..Request::default() };
    let text = report("x.pb", PB.as_bytes(), &[], &request).unwrap().files("y.pb").unwrap().remove(0).1;
    assert!(text.contains("\nrule;greedy-no-skip\n"), "{text}");
}

/// What these readers say of no real file, because it is true of none.
#[test]
#[cfg_attr(not(veche_data), ignore = "the real elections are not here")]
fn real_files_have_nothing_of_this() {
    let odd = [
        "does not know",
        "outside quotation marks",
        "voter_id",
        "max_length",
        "have the same name",
        "as the name of",
        "Only the first category",
    ];
    let mut paths = files("pb", "pb");
    for folder in ["stv", "stv/edinburgh-2017", "stv/glasgow-2007"] {
        paths.extend(files(folder, "blt"));
    }
    for folder in ["irv/minneapolis-2017", "irv/test_set_multi_winner_fractional_threshold"] {
        paths.extend(
            files(folder, "json").into_iter().filter(|path| path.to_str().unwrap().ends_with("config.json")),
        );
    }
    assert!(paths.len() > 70, "{}", paths.len());
    for path in paths {
        let repairs = open(&path).repairs;
        let found: Vec<_> = repairs.iter().filter(|r| odd.iter().any(|odd| r.what.contains(odd))).collect();
        assert!(found.is_empty(), "{}: {found:?}", path.display());
    }
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
