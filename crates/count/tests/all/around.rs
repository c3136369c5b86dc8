//! What surrounds a result: margins, other rules, drawing votes again, one vote's way, pictures and pages.

use count::report::{Request, report, rules};
use count::rules::greedy::{Greedy, Overflow};
use count::rules::motion::{Base, Motion, Quorum, QuorumOf, TieRule};
use count::{
    BallotOption, By, Election, Form, Lot, Rule, Share, Value, Words, count, margin, survival, way, what_if,
};
use proptest::prelude::*;

fn election(form: Form, options: usize, votes: &[(u64, &[(u32, i32)])]) -> Election {
    let named = (0..options).map(|i| BallotOption::named(["Ann", "Bob", "Cem", "Dee", "Eve"][i])).collect();
    let mut election = Election::new("test", named, form);
    for (weight, marks) in votes {
        election.votes.push(*weight, &mut marks.to_vec()).unwrap();
    }
    election
}

fn said(election: &Election, rule: &str) -> Vec<String> {
    let lot = Lot::ballot_order(election.options.len());
    let outcome = count(election, &Rule::parse(rule, None).unwrap(), &lot).unwrap();
    let words = Words::english();
    outcome.explanation.iter().map(|s| words.say(s, &election.names())).collect()
}

#[test]
fn a_tie_says_what_would_be_without_the_lot() {
    let tied = election(Form::ChooseOne, 3, &[(5, &[(0, 1)]), (5, &[(1, 1)]), (1, &[(2, 1)])]);
    let outcome = count(&tied, &Rule::parse("plurality", None).unwrap(), &Lot::ballot_order(3)).unwrap();
    assert_eq!((outcome.ties[0].by, outcome.ties[0].otherwise.as_deref()), (By::Lot, Some(&[1][..])));
    let text = said(&tied, "plurality").join("\n");
    assert!(
        text.contains(
            "Ann and Bob were equal; the lot chose Ann. Without it Bob would be in and Ann would be out."
        ),
        "{text}"
    );
}

#[test]
fn a_vote_goes_its_way() {
    let votes: [(u64, &[(u32, i32)]); 3] = [(4, &[(0, 1)]), (3, &[(1, 1)]), (2, &[(2, 1), (1, 2)])];
    let election = election(Form::Ranking, 3, &votes);
    let outcome = count(&election, &Rule::parse("irv", None).unwrap(), &Lot::ballot_order(3)).unwrap();
    let words = Words::english();
    let steps: Vec<String> = way(&election, &outcome, 2)
        .unwrap()
        .iter()
        .map(|s| words.say(&s.sentence, &election.names()))
        .collect();
    assert_eq!(
        steps,
        [
            "From round 1 on your vote counts for Cem.",
            "From round 2 on your vote counts for Bob.",
            "In round 2 Bob was elected, with your vote.",
        ]
    );
    assert!(way(&election, &outcome, 3).is_err());
}

#[test]
fn equal_shares_explain_who_paid_and_who_could_not() {
    let text = "META\nkey;value\nbudget;90\nvote_type;approval\nrule;equalshares\nPROJECTS\nproject_id;cost;name\nA;60;Park\nB;50;Bench\nVOTES\nvoter_id;vote\n1;A,B\n2;A\n3;B\n";
    let request = Request { vote: Some(1), what_if: true, ..Request::default() };
    let report = report("x.pb", text.as_bytes(), &[], &request).unwrap();
    let all = report.explanation.join("\n");
    assert!(
        all.contains("Bench is funded: 2 people support it and paid 50 together, at most 25 each."),
        "{all}"
    );
    assert!(
        all.contains(
            "Park is not funded: 2 people support it, but at the end they had only 35 of the 60 it costs."
        ),
        "{all}"
    );
    assert_eq!(report.way[1], "You paid 25 for Bench and had 5 left.");
    let page = report.html();
    assert!(page.contains("<svg") && page.contains("<table>") && page.contains("@media print"));
    assert!(
        !page.contains("http:")
            || page.matches("http").count() == page.matches("http://www.w3.org/2000/svg").count()
    );
    let json: serde_json::Value = serde_json::from_str(&report.json()).unwrap();
    assert_eq!(json["outcome"]["winners"], serde_json::json!([1]));
}

#[test]
fn drawing_again_is_the_same_every_time() {
    let votes: [(u64, &[(u32, i32)]); 3] = [(40, &[(0, 1)]), (38, &[(1, 1)]), (30, &[(2, 1), (1, 2)])];
    let election = election(Form::Ranking, 3, &votes);
    let lot = Lot::ballot_order(3);
    let rule = Rule::parse("plurality", None).unwrap();
    let first = survival(&election, &rule, &lot, 1_000).unwrap();
    assert_eq!(first, survival(&election, &rule, &lot, 1_000).unwrap());
    assert_eq!(first.wins.iter().map(|w| w.1).sum::<u32>(), 1_000);
    let ann = first.wins.iter().find(|w| w.0 == 0).unwrap().1;
    assert!((450..700).contains(&ann), "{ann}");
    let outcome = count(&election, &rule, &lot).unwrap();
    let others = what_if(&election, &outcome, &lot);
    let irv = others.iter().find(|o| o.key == "what_if.irv").unwrap();
    assert_eq!((irv.winners.clone().unwrap(), irv.same), (vec![1], false));
}

#[test]
fn every_rule_is_listed_with_its_parameters() {
    let text = rules();
    for name in [
        "motion",
        "star",
        "irv",
        "schulze",
        "meek",
        "sequential-phragmen",
        "greedy-80",
        "equal-shares",
        "consent",
    ] {
        assert!(text.contains(&format!("\n{name} (")) || text.starts_with(&format!("{name} (")), "{name}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// With that many more votes for the loser the result is another; with one fewer it is not.
    #[test]
    fn exact_margins_are_exact(sums in proptest::collection::vec(0u64..20, 4), cheap in proptest::collection::vec(1u64..30, 4), budget in 1u64..60, kind in 0usize..5, least in 0u64..12) {
        let votes: Vec<(u64, [(u32, i32); 1])> = sums.iter().enumerate().map(|(o, w)| (*w, [(o as u32, 1)])).collect();
        let votes: Vec<(u64, &[(u32, i32)])> = votes.iter().filter(|v| v.0 > 0).map(|v| (v.0, &v.1[..])).collect();
        let mut election = election(Form::ChooseOne, 4, &votes);
        election.budget = Some(budget);
        for (option, cost) in election.options.iter_mut().zip(&cheap) {
            option.cost = Some(*cost);
        }
        let lot = Lot::ballot_order(4);
        let greedy = kind > 0;
        let overflow = match kind {
            2 => Overflow::Stop,
            3 => Overflow::TopUp(Share::of(4, 5)),
            _ => Overflow::Skip,
        };
        let threshold = (kind == 4).then(|| least.into());
        let rule = match kind {
            0 => Rule::parse("plurality", None).unwrap(),
            _ => Rule::Greedy(Greedy { overflow, threshold, ..Greedy::skip() }),
        };
        let outcome = count(&election, &rule, &lot).unwrap();
        let found = margin(&election, &outcome, &lot);
        prop_assert!(found.as_ref().map_or(greedy, |found| found.exact));
        let loses = |option: usize, more: u64| {
            let mut other = election.clone();
            if more > 0 {
                other.votes.push(more, &mut [(option as u32, 1)]).unwrap();
            }
            !count(&other, &rule, &lot).unwrap().winners.contains(&option)
        };
        let short = if greedy { found.map_or(vec![], |found| found.short) } else {
            let loser = outcome.rounds[0].tallies.iter().filter(|t| !outcome.winners.contains(&t.option))
                .max_by(|a, b| a.votes.cmp(&b.votes).then(b.option.cmp(&a.option))).unwrap().option;
            vec![(loser, found.unwrap().votes)]
        };
        for option in (0..4).filter(|o| greedy && !outcome.winners.contains(o)) {
            let told = short.iter().any(|of| of.0 == option);
            prop_assert!(told || loses(option, 1_000), "{option} needs no more votes than there are");
        }
        for (option, votes) in short {
            let votes: u64 = votes.to_string().parse().unwrap();
            prop_assert!(!loses(option, votes) && loses(option, votes - 1), "{option} {votes}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// A motion's margin: so many of those who voted the other way change the result, one fewer does not.
    #[test]
    fn margins_of_motions_are_exact(yes in 0u64..30, no in 0u64..30, abstain in 0u64..9, base in 0usize..4, two_thirds in any::<bool>(), strict in any::<bool>(), quorum in prop::option::of((any::<bool>(), 1u64..4))) {
        let base = [Base::YesAndNo, Base::AllVotes, Base::Present(80), Base::Eligible(100)][base].clone();
        let share = if two_thirds { Share::of(2, 3) } else { Share::of(1, 2) };
        let quorum = quorum.map(|(turnout, quarters)| Quorum {
            of: if turnout { QuorumOf::Turnout } else { QuorumOf::Yes },
            share: Share::of(quarters, 10),
            eligible: 100,
        });
        let motion = Motion { base, share, strict, quorum, tie: TieRule::Fails };
        let election = election(Form::Motion, 3, &[(yes, &[(0, 1)]), (no, &[(1, 1)]), (abstain, &[(2, 1)])]);
        let lot = Lot::ballot_order(3);
        let Ok(outcome) = count(&election, &Rule::Motion(motion.clone()), &lot) else { return Ok(()) };
        let carried = motion.carried([yes, no, abstain]);
        prop_assert_eq!(!outcome.winners.is_empty(), carried);
        let moved = |k: u64| if carried { [yes - k, no + k, abstain] } else {
            let from_no = k.min(no);
            [yes + k, no - from_no, abstain - (k - from_no)]
        };
        let most = if carried { yes } else { no + abstain };
        let fewest = (1..=most).find(|k| motion.carried(moved(*k)) != carried);
        let found = margin(&election, &outcome, &lot).map(|m| (m.exact, m.votes.to_string()));
        prop_assert_eq!(found, fewest.map(|k| (true, k.to_string())));
    }
}

/// What costs nothing is funded before all others if anybody wants it, and the sentences say so.
#[test]
fn projects_that_cost_nothing_are_funded_first() {
    let mut election = election(Form::Approval, 5, &[(3, &[(0, 1), (1, 1), (3, 1)]), (1, &[(2, 1), (4, 1)])]);
    election.budget = Some(8);
    for (option, cost) in election.options.iter_mut().zip([6, 0, 3, 0, 0]) {
        option.cost = Some(cost);
    }
    for option in [3, 4] {
        election.options[option].group = Some("one of these".into());
    }
    let lot = Lot::ballot_order(5);
    let rule = Rule::parse("equal-shares", None).unwrap();
    let outcome = count(&election, &rule, &lot).unwrap();
    // Everyone holds 2: three people pay 6; the fourth has 2 of 3. The group has one place, for the larger support.
    assert_eq!(outcome.winners, [1, 3, 0]);
    assert_eq!(outcome.winners, count::reference::winners(&election, &rule, &lot).unwrap());
    let words = Words::english();
    let said: Vec<String> = outcome.explanation.iter().map(|s| words.say(s, &election.names())).collect();
    let name = |o: usize| election.options[o].name.clone();
    assert!(
        said.contains(&format!("{} is funded: 3 people support it, and it costs nothing.", name(1))),
        "{said:#?}"
    );
    assert!(
        said.contains(&format!("{} is not funded: only one of its group can be, and another was.", name(4)))
    );
    let steps = way(&election, &outcome, 0).unwrap();
    let steps: Vec<String> = steps.iter().map(|s| words.say(&s.sentence, &election.names())).collect();
    assert!(
        steps.contains(&format!("{} was funded with your vote; it costs nothing.", name(1))),
        "{steps:#?}"
    );
}

#[test]
fn the_catalogue_is_there_as_json() {
    let rules: serde_json::Value = serde_json::from_str(&count::report::rules_json()).unwrap();
    let rules = rules.as_array().unwrap();
    assert_eq!(rules.len(), Rule::catalogue().len());
    for (json, entry) in rules.iter().zip(Rule::catalogue()) {
        let rule: Rule = serde_json::from_value(json["rule"].clone()).unwrap();
        assert_eq!((rule, json["name"].as_str().unwrap()), (entry.rule, entry.name));
        assert!(!json["source"].as_str().unwrap().is_empty());
    }
}

/// A vote that elected somebody by Meek's rule is told how much of it is where.
#[test]
fn a_vote_counted_by_meek_is_in_several_places() {
    let votes: [(u64, &[(u32, i32)]); 4] =
        [(8, &[(0, 1), (1, 2), (2, 3)]), (3, &[(1, 1), (3, 2)]), (3, &[(2, 1)]), (1, &[(3, 1), (0, 2)])];
    let election = election(Form::Ranking, 4, &votes);
    let rule = Rule::parse("meek", Some(2)).unwrap();
    let outcome = count(&election, &rule, &Lot::ballot_order(4)).unwrap();
    let words = Words::english();
    let told = |vote: usize| -> Vec<String> {
        let steps = way(&election, &outcome, vote).unwrap();
        steps.iter().map(|s| words.say(&s.sentence, &election.names())).collect()
    };
    insta::assert_snapshot!([told(0).join("\n"), told(2).join("\n"), told(3).join("\n")].join("\n\n"));
    // All votes' parts together are what the last round says everybody has.
    let last = outcome.rounds.last().unwrap();
    for tally in &last.tallies {
        let mut sum = num_rational::BigRational::from_integer(0.into());
        for (i, vote) in election.votes.iter().enumerate() {
            for step in way(&election, &outcome, i).unwrap().iter().filter(|s| s.sentence.key == "way.kept") {
                let of = |name: &str| step.sentence.values.iter().find(|v| v.0 == name).map(|v| v.1.clone());
                if let (Some(Value::Options(o)), Some(Value::Number(n))) = (of("option"), of("value"))
                    && o == [tally.option]
                {
                    sum += n.rational() * num_bigint::BigInt::from(vote.weight);
                }
            }
        }
        assert_eq!(&sum, tally.votes.rational(), "{}", tally.option);
    }
}

/// The bound is looked for with those who came furthest, not with whoever stands first on the ballot.
#[test]
fn the_bound_of_a_margin_is_that_of_the_closest_loser() {
    let votes: [(u64, &[(u32, i32)]); 4] = [(2, &[(0, 1)]), (3, &[(1, 1)]), (40, &[(2, 1)]), (38, &[(3, 1)])];
    let election = election(Form::Ranking, 4, &votes);
    for (rule, most) in [("scottish-stv", 3), ("irv", 3), ("meek", 3), ("schulze", 3), ("borda", 3)] {
        let rule = Rule::parse(rule, Some(1)).unwrap();
        let lot = Lot::ballot_order(4);
        let outcome = count(&election, &rule, &lot).unwrap();
        let found = margin(&election, &outcome, &lot).unwrap();
        let votes: u64 = found.votes.to_string().parse().unwrap();
        assert!(!found.exact && votes <= most, "{}: {votes}", rule.key());
    }
}

#[test]
fn a_tie_without_a_lot_says_that_none_was_given() {
    let tie = "# NUMBER ALTERNATIVES: 2\n# NUMBER VOTERS: 4\n2: 1\n2: 2\n";
    let said = |lot: Option<&str>| {
        let request =
            Request { rule: Some("plurality".into()), lot: lot.map(String::from), ..Request::default() };
        let report = report("x.soi", tie.as_bytes(), &[], &request).unwrap();
        (report.text(false), report.html(), report.outcome.winners.clone())
    };
    let (text, page, winners) = said(None);
    assert!(text.contains("No lot order was given") && page.contains("No lot order was given"), "{text}");
    assert_eq!(winners, [0]);
    let (text, page, winners) = said(Some("2,1"));
    assert!(!text.contains("No lot order was given") && !page.contains("No lot order was given"), "{text}");
    assert_eq!(winners, [1]);
}

/// A motion is counted from any file with yes, no and perhaps abstain, and what was taken for what is said.
#[test]
fn a_motion_is_counted_from_a_ballot_file() {
    let told = |file: &str, rule: &str| {
        let request = Request { rule: Some(rule.into()), ..Request::default() };
        report("x.blt", file.as_bytes(), &[], &request).map(|r| r.text(true)).map_err(|r| r.to_string())
    };
    let ballots =
        "3 1\n30 1 0\n12 2 0\n4 3 0\n1 1=2 0\n1 0\n0\n\"Ja\"\n\"Nein\"\n\"Enthaltung\"\n\"Buy the hall\"\n";
    let text = told(ballots, "motion-two-thirds").unwrap();
    assert!(text.contains("“Ja” is yes, “Nein” is no, “Enthaltung” is an abstention"), "{text}");
    assert!(text.contains("30 voted yes, 12 voted no, 4 abstained") && text.contains("is carried"), "{text}");
    // English names decide, wherever they stand.
    let turned = "2 1\n30 1 0\n12 2 0\n0\n\"No\"\n\"Yes\"\n\"Buy the hall\"\n";
    let text = told(turned, "motion").unwrap();
    assert!(
        text.contains("12 voted yes, 30 voted no, 0 abstained") && text.contains("is rejected"),
        "{text}"
    );
    let four = "4 1\n30 1 0\n0\n\"A\"\n\"B\"\n\"C\"\n\"D\"\n\"Buy the hall\"\n";
    assert!(told(four, "motion").unwrap_err().contains("has 4 options"));
}

/// Consent is not a vote: nothing is drawn again, compared or followed.
#[test]
fn consent_is_told_without_votes() {
    let file = "2 1\n3 1 0\n0\n\"A\"\n\"B\"\n\"T\"\n";
    let rule = r#"{"rule":"consent","block":{"people":1},"participants":12,"objections":[{"participant":1,"round":1,"fate":"open"}]}"#;
    let request = Request { rule: Some(rule.into()), what_if: true, ..Request::default() };
    let report = report("x.blt", file.as_bytes(), &[], &request).unwrap();
    assert!(report.what_if.is_empty() && report.survival.is_none() && report.margin.is_none());
    assert!(
        report
            .explanation
            .contains(&"1 of 12 participants still objects. That blocks the proposal.".to_owned())
    );
    for said in [report.text(false), report.html()] {
        assert!(said.contains("12 people take part") && said.contains("That blocks the proposal."), "{said}");
        assert!(!said.contains("voted") && !said.contains("Nothing is chosen"), "{said}");
    }
    let asked = Request { vote: Some(1), ..request };
    let refusal = count::report::report("x.blt", file.as_bytes(), &[], &asked).unwrap_err().to_string();
    assert!(refusal.contains("counts objections, not votes"), "{refusal}");
}

/// What was read can be written in another format, and says the same there.
#[test]
fn votes_are_carried_from_one_format_to_another() {
    let file = "3 2\n4 1 2 0\n2 3 1 2 0\n1 0\n0\n\"Ann\"\n\"Bob; jr\"\n\"Cem\"\n\"Board\"\n";
    let first = report("x.blt", file.as_bytes(), &[], &Request::default()).unwrap();
    for name in ["y.soi", "y.pb", "y.blt"] {
        let [(same, text)] = &first.files(name).unwrap()[..] else { panic!("{name} is one file") };
        assert_eq!(same, name);
        let again = count::files::read(name, text.as_bytes(), &[]).unwrap().election;
        assert_eq!(again.votes.canonical(), first.election().votes.canonical(), "{name}");
        assert_eq!(again.names(), first.election().names(), "{name}");
    }
    assert!(first.files("y.soc").unwrap_err().to_string().contains("kind .soi, not .soc"));
    assert!(first.files("y.csv").unwrap_err().to_string().contains("not a format this program writes"));
}

/// A contest of RCTab needs its rule and has its ballots beside it; counted again, everything is the same.
#[test]
fn a_contest_is_written_with_its_ballots() {
    let file = "4 1\n3 1=2 - 3 0\n2 4 1 0\n1 0\n0\n\"Ann | \"\"A\"\"|\"\n\"Bob, jr\"\n\"Cem\"\n\"Dana\"\n\"Board | 2\"\n";
    let counted = |rule: &str| {
        let request = Request { rule: Some(rule.into()), ..Request::default() };
        report("x.blt", file.as_bytes(), &[], &request).unwrap()
    };
    let first = counted("irv");
    let mut files = first.files("y.json").unwrap();
    let (name, ballots) = files.pop().unwrap();
    assert_eq!((name.as_str(), files.len()), ("y.csv", 1));
    assert_eq!(ballots.lines().next(), Some("count,rank1,rank2,rank3"));
    let beside = [(name, ballots.into_bytes())];
    let again = report("y.json", files[0].1.as_bytes(), &beside, &Request::default()).unwrap();
    assert_eq!(again.election().votes.canonical(), first.election().votes.canonical());
    assert_eq!(again.election().names(), first.election().names());
    assert_eq!(again.election().title, first.election().title);
    // But for the fingerprint of votes, which holds numbers of options that RCTab's files have not.
    let told = |text: String| {
        let (_, rest) = text.split_once("6 voters").unwrap();
        rest.split_once("Fingerprint of the votes").unwrap().0.to_owned()
    };
    assert_eq!(told(again.text(true)), told(first.text(true)));
    let other = counted("scottish-stv").files("y.json").unwrap_err().to_string();
    assert!(other.contains("counted by another rule"), "{other}");
    let twice = file.replace("2 4 1 0", "2 4 1=1 0");
    let irv = || Request { rule: Some("irv".into()), ..Request::default() };
    let twice =
        report("x.blt", twice.as_bytes(), &[], &irv()).unwrap().files("y.json").unwrap_err().to_string();
    assert!(twice.contains("names somebody twice at one rank"), "{twice}");
    let same = file.replace("Cem", "Dana");
    let same =
        report("x.blt", same.as_bytes(), &[], &irv()).unwrap().files("y.json").unwrap_err().to_string();
    assert!(
        same.contains(
            "“Dana”, which is empty, means something else in RCTab's files or is what another is called"
        ),
        "{same}"
    );
}
