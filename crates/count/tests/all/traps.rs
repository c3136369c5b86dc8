//! The traps that real files hold, one test each, so that none is lost when a reader changes.

use count::files::{Read, blt, pabulib, preflib, read};
use count::report::{Request, report};
use count::{Form, Lot, count};

const PB: &str = "META\nkey;value\ndescription;Parks\nbudget;100\nvote_type;approval\nrule;greedy\nPROJECTS\n\
                  project_id;cost;votes;name;selected\nA;60;2;First;1\nB;50;1;Second;0\nC;40;1;Third;1\nVOTES\n\
                  voter_id;age;sex;vote\n1;44;F;A,B\n2;19;M;A\n3;;;C\n";

fn pb(text: &str) -> Read {
    pabulib::read(text.as_bytes()).unwrap_or_else(|refusal| panic!("{refusal}"))
}

fn repairs(read: &Read) -> String {
    read.repairs.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

#[test]
fn line_ends_and_the_byte_order_mark_change_nothing() {
    let plain = pb(PB);
    let all = pb(&PB.replace('\n', "\r\n"));
    let mixed = pb(&PB.replacen('\n', "\r\n", 5));
    let marked = pb(&format!("\u{feff}{PB}"));
    for other in [&all, &mixed, &marked] {
        assert_eq!(
            (&other.election.votes, &other.election.options),
            (&plain.election.votes, &plain.election.options)
        );
        assert_eq!(other.published, plain.published);
    }
    assert!(!repairs(&all).contains("Lines end"), "one kind of line end is no fault: {}", repairs(&all));
    assert!(repairs(&mixed).contains("two different ways"));
    assert!(repairs(&marked).contains("byte order mark"));
    let blt_text = "2 1\n3 1 2 0\n2 2 0\n0\n\"A\"\n\"B\"\n\"T\"\n";
    let plain = blt::read(blt_text.as_bytes()).unwrap();
    for other in
        [blt_text.replace('\n', "\r\n"), blt_text.replacen('\n', "\r\n", 2), format!("\u{feff}{blt_text}")]
    {
        assert_eq!(blt::read(other.as_bytes()).unwrap().election, plain.election);
    }
}

#[test]
fn quoted_separators_and_doubled_quotes_are_one_field() {
    let read = pb(&PB.replace("2;First;1", "2;\"Bench; \"\"the long one\"\"; oak\";1"));
    assert_eq!(read.election.options[0].name, "Bench; \"the long one\"; oak");
    assert_eq!(read.election.options.len(), 3);
    assert_eq!(read.published.unwrap(), [0, 2]);
}

#[test]
fn costs_with_decimals_are_exact() {
    let read = pb(&PB.replace("A;60;", "A;1331751.11;").replace("budget;100", "budget;1331751.11"));
    assert_eq!(read.election.money_decimals, 2);
    assert_eq!((read.election.options[0].cost, read.election.budget), (Some(133_175_111), Some(133_175_111)));
    assert_eq!(read.election.options[1].cost, Some(5_000));
    let outcome = count(&read.election, &read.rule.unwrap(), &Lot::ballot_order(3)).unwrap();
    assert_eq!(outcome.winners, [0], "to the last cent");
}

#[test]
fn project_ids_need_not_be_numbers() {
    let read = pb(&PB
        .replace("\nA;", "\nBO.D14.1/23;")
        .replace(";A,B", ";BO.D14.1/23,B")
        .replace("M;A", "M;BO.D14.1/23"));
    assert_eq!(read.election.options[0].id, "BO.D14.1/23");
    assert_eq!(read.election.votes.iter().map(|v| v.options.len()).sum::<usize>(), 4);
}

#[test]
fn a_project_named_twice_in_a_vote_is_counted_once_and_listed() {
    let read = pb(&PB.replace("1;44;F;A,B", "1;44;F;A,B,B"));
    assert!(repairs(&read).contains("names project B twice"), "{}", repairs(&read));
    let rule = read.rule.clone().unwrap();
    let outcome = count(&read.election, &rule, &Lot::ballot_order(3)).unwrap();
    let votes =
        |o: usize| outcome.rounds[0].tallies.iter().find(|t| t.option == o).unwrap().votes.to_string();
    assert_eq!([votes(0), votes(1), votes(2)], ["2", "1", "1"], "published columns count it twice");
}

#[test]
fn selected_2_and_3_are_no_winners_of_the_rule() {
    let read = pb(&PB.replace("First;1", "First;2").replace("Second;0", "Second;3"));
    assert_eq!(read.published.unwrap(), [2]);
}

#[test]
fn age_and_sex_are_dropped() {
    let request = Request { what_if: true, vote: Some(1), ..Request::default() };
    let with = report("x.pb", PB.as_bytes(), &[], &request).unwrap();
    let other = PB.replace("44;F", "81;X").replace("19;M", "20;Y");
    let other = report("x.pb", other.as_bytes(), &[], &request).unwrap();
    assert_eq!((with.json(), with.html()), (other.json(), other.html()), "nothing of them is kept");
    assert!(repairs(&pb(PB)).contains("age, sex"));
    assert!(!pabulib::write(with.election()).unwrap().contains("age"));
}

#[test]
fn blt_names_and_ends_as_programs_write_them() {
    let text = "3 2 \n4 1 2\n 3 0\n2 3=2 0\n1 - 3 0\n1 - - 1 0\n0\nAnn Lee\n\"Bob \"\"B.\"\" Ray\"\n\"#3 Cem\"\n\"Title\"";
    let read = blt::read(text.as_bytes()).unwrap();
    assert_eq!(read.election.names(), ["Ann Lee", "Bob \"B.\" Ray", "#3 Cem"]);
    assert_eq!(read.election.title, "Title");
    let vote = |i: usize| {
        let vote = read.election.votes.get(i).unwrap();
        (vote.weight, vote.options.to_vec(), vote.levels.to_vec())
    };
    assert_eq!(vote(0), (4, vec![0, 1, 2], vec![1, 2, 3]), "one ballot over two lines");
    let equal = vote(1);
    assert_eq!((equal.0, equal.2), (2, vec![1, 1]), "equal ranks");
    assert_eq!(vote(2), (1, vec![2], vec![2]), "a skipped rank stays skipped");
    assert_eq!(vote(3), (1, vec![0], vec![3]));
}

#[test]
fn preflib_before_the_number_signs() {
    let old = "3\n1,Ann, of Leeds\n2,Bob\n3,Cem\n6,6,2\n4,1,3,2\n2,{2,3},1\n";
    let read = preflib::read(old.as_bytes(), "toc").unwrap();
    assert_eq!(read.election.names(), ["Ann, of Leeds", "Bob", "Cem"]);
    assert_eq!(read.election.votes.total(), 6);
    assert_eq!(read.election.votes.form(), Form::Ranking);
    assert_eq!(read.election.votes.get(1).unwrap().levels, [1, 1, 2]);
}

/// A file that stops anywhere is refused with a sentence or, where what is missing cannot be known, its own count
/// of votes is at odds and that is listed. It is never read in silence as fewer votes.
#[test]
fn files_cut_off_anywhere_are_noticed() {
    let pb_text = PB.replace("budget;100", "budget;100\nnum_projects;3\nnum_votes;3");
    let blt_text = "2 1\n3 1 2 0\n2 2 0\n0\n\"Ann\"\n\"Bob\"\n\"T\"\n";
    let soi = "# NUMBER ALTERNATIVES: 2\n# NUMBER VOTERS: 15\n# NUMBER UNIQUE ORDERS: 2\n# ALTERNATIVE NAME 1: A\n# ALTERNATIVE NAME 2: B\n10: 1,2\n5: 2\n";
    for (name, text) in [("x.pb", pb_text.as_str()), ("x.blt", blt_text), ("x.soi", soi)] {
        let whole = read(name, text.as_bytes(), &[]).unwrap();
        for end in 0..text.len() {
            match read(name, &text.as_bytes()[..end], &[]) {
                Err(refusal) => {
                    let refusal = refusal.to_string();
                    assert!(
                        refusal.ends_with(['.', '?']) && refusal.contains(' '),
                        "{name} {end}: {refusal}"
                    );
                }
                Ok(part) => assert!(
                    part.election.votes.canonical() == whole.election.votes.canonical()
                        || !part.repairs.is_empty(),
                    "{name} cut at {end} is read in silence: {:?}",
                    &text[..end]
                ),
            }
        }
    }
}

fn budget(head: &str, projects: &str, votes: &str) -> Result<count::Read, String> {
    let text = format!("META\nkey;value\nbudget;100\n{head}PROJECTS\n{projects}VOTES\n{votes}");
    pabulib::read(text.as_bytes()).map_err(|refusal| refusal.to_string())
}

fn repaired(read: &count::Read, part: &str) -> bool {
    read.repairs.iter().any(|repair| repair.what.contains(part))
}

/// Pabulib has no column for projects that exclude each other; where the rule says there are some, that is said.
#[test]
fn projects_that_exclude_each_other_are_not_guessed() {
    let head = "vote_type;approval\nrule;greedy-exclusive\n";
    let votes = "voter_id;vote\n1;a,b\n2;a\n";
    let none = budget(head, "project_id;cost;group\na;10;x\nb;10;x\n", votes).unwrap();
    assert!(repaired(&none, "the file does not say which") && none.election.options[0].group.is_none());
    let said = budget(head, "project_id;cost;exclusive_group\na;10;x\nb;10;x\n", votes).unwrap();
    assert!(!repaired(&said, "the file does not say which"));
    let lot = count::Lot::ballot_order(2);
    assert_eq!(count::count(&said.election, said.rule.as_ref().unwrap(), &lot).unwrap().winners, [0]);
    let again = pabulib::read(pabulib::write(&said.election).unwrap().as_bytes()).unwrap();
    assert_eq!(again.election.options, said.election.options);
}

/// Points where a project is not named, where they are not read, and where the money is divided further.
#[test]
fn fields_that_change_the_count_are_followed_or_said() {
    let projects = "cost;name;project_id\n10;A;a\n10;B;b\n";
    let default =
        budget("vote_type;scoring\ndefault_score;-1.5\n", projects, "points;vote;voter_id\n3;a;1\n;;2\n")
            .unwrap();
    let levels: Vec<_> =
        default.election.votes.iter().map(|v| (v.options.to_vec(), v.levels.to_vec())).collect();
    assert_eq!(levels, [(vec![1, 0], vec![-15, 30]), (vec![0, 1], vec![-15, -15])]);
    assert!(
        budget("vote_type;scoring\ndefault_score;x\n", projects, "voter_id;vote;points\n1;a;3\n")
            .unwrap_err()
            .contains("default_score")
    );
    let places = budget("vote_type;ordinal\n", projects, "voter_id;vote;points\n1;b,a;4,3\n").unwrap();
    assert!(repaired(&places, "column of points was not read"));
    let divided = budget("budget_per_category;60,40\n", projects, "voter_id;vote\n1;b\n").unwrap();
    assert!(repaired(&divided, "divides the budget further (budget_per_category)"));
    assert!(budget("vote_type;Approval\n", projects, "voter_id;vote\n1;b\n").is_ok());
}

/// A real file is read the same with other line ends, a byte order mark, quotes around everything, other columns first,
/// and fields of the head left out.
#[test]
fn variants_of_a_file_are_the_same_election() {
    let plain = "META\nkey;value\nunit;Town\nbudget;100.50\nvote_type;approval\nnum_votes;3\nPROJECTS\nproject_id;cost;votes;name;selected\nA;60.25;2;First;1\nB;50;1;Second;0\nVOTES\nvoter_id;age;vote\n1;44;A,B\n2;19;A\n3;;\n";
    let first = pabulib::read(plain.as_bytes()).unwrap();
    let quoted: String = plain
        .lines()
        .map(|l| {
            l.split(';')
                .map(|f| if l.contains(';') { format!("\"{f}\"") } else { f.to_owned() })
                .collect::<Vec<_>>()
                .join(";")
                + "\n"
        })
        .collect();
    let turned = plain.replace(
        "project_id;cost;votes;name;selected\nA;60.25;2;First;1\nB;50;1;Second;0",
        "name;selected;cost;project_id\nFirst;1;60,25;A\nSecond;0;50.000;B",
    );
    for (how, text) in [
        ("crlf", plain.replace('\n', "\r\n")),
        ("cr", plain.replace('\n', "\r")),
        ("mixed", plain.replacen('\n', "\r\n", 7)),
        ("mark", format!("\u{feff}{plain}")),
        ("quoted", quoted),
        ("turned", turned),
        ("blank lines", plain.replace("VOTES\n", "\n;;\nVOTES\n")),
        ("no end", plain.trim_end().to_owned() + ";"),
        ("less", plain.replace("num_votes;3\n", "")),
        ("small", plain.replace("META", "meta").replace("PROJECTS", "Projects").replace("VOTES", "votes")),
    ] {
        let read = pabulib::read(text.as_bytes()).unwrap_or_else(|refusal| panic!("{how}: {refusal}"));
        assert_eq!((&read.election, &read.published), (&first.election, &first.published), "{how}");
    }
}
