//! The page of a result: what stands on it, whatever names the options have and however many rounds there are.

use count::Words;
use count::picture::{Picture, pictures};
use count::report::{Report, Request, report};
use std::fmt::Write;

fn counted(file: &str, rule: &str, what_if: bool) -> Report {
    let request = Request { rule: Some(rule.into()), what_if, vote: Some(1), ..Request::default() };
    report("x.blt", file.as_bytes(), &[], &request).unwrap()
}

fn drawn(file: &str, rule: &str) -> Vec<Picture> {
    let report = counted(file, rule, false);
    pictures(report.election(), &report.outcome, &Words::english())
}

/// Three options, with that name for the one who wins.
fn board(name: &str, title: &str) -> String {
    format!("3 1\n5 1 2 0\n4 2 0\n3 3 1 0\n0\n\"{name}\"\n\"Bob\"\n\"Cem\"\n\"{title}\"\n")
}

const RULES: [&str; 6] = ["irv", "scottish-stv", "meek", "schulze", "plurality", "borda"];

/// Marks of direction turn nothing around: they are left out, and every name is set apart from what follows.
#[test]
fn names_do_not_turn_their_surroundings_around() {
    let turning =
        ['\u{202e}', '\u{202d}', '\u{202a}', '\u{2067}', '\u{2068}', '\u{2069}', '\u{200f}', '\u{61c}'];
    for rule in RULES {
        for mark in turning {
            let file = board(&format!("ev{mark}il"), &format!("ti{mark}tle"));
            let page = counted(&file, rule, true).html();
            // In a sentence the name is between marks of its own; alone it is in an element of its own.
            assert!(
                page.contains("\u{2068}evil\u{2069}") && page.contains("<bdi>evil</bdi>"),
                "{rule}: {page}"
            );
            assert!(page.contains("<h1 dir=\"auto\">title</h1>") && page.contains("<title>title</title>"));
            let apart = ["evil", "Bob", "Cem"]
                .map(|name| [format!("\u{2068}{name}\u{2069}"), format!("<bdi>{name}</bdi>")]);
            let rest = apart.iter().flatten().fold(page, |rest, name| rest.replace(name, ""));
            assert!(!rest.contains(turning) && !rest.contains("evil"), "{rule}: {rest}");
        }
    }
}

/// Hebrew and Arabic stay as they are, and are set apart wherever they stand.
#[test]
fn names_from_right_to_left_are_set_apart() {
    let page = counted(&board("שלום", "בחירות 2024"), "irv", true).html();
    assert!(page.contains("<h1 dir=\"auto\">בחירות 2024</h1>"));
    let told = page.matches("שלום").count();
    let apart = page.matches("\u{2068}שלום\u{2069}").count() + page.matches("<bdi>שלום</bdi>").count();
    assert!(told > 5 && told == apart, "{apart} of {told}\n{page}");
}

/// What names bring along does not steer the terminal, and begins no line that looks like one of ours.
#[test]
fn names_do_not_steer_the_terminal() {
    for rule in RULES {
        let file = board("\u{1b}[2JAnn\u{9b}31m\u{7f}", "Board\u{1b}]0;x\u{7}\u{202e}");
        let text =
            counted(&file.replace("Cem", "Cem\u{85}  1. Dee\u{2028}\u{200b}\u{2060}\u{e0041}"), rule, true)
                .text(true);
        assert!(text.starts_with("Board ]0;x \n") && text.contains(" [2JAnn 31m "), "{rule}: {text}");
        assert!(!text.contains(|c: char| c != '\n' && c.is_control()), "{rule}: {text:?}");
        let hidden = ['\u{2028}', '\u{202e}', '\u{2068}', '\u{2069}', '\u{200b}', '\u{2060}', '\u{e0041}'];
        assert!(!text.contains(hidden), "{rule}: {text:?}");
    }
}

/// `n` options, each with one vote more than the one before; the votes of option `n - 5` go to the last.
fn long(n: usize) -> String {
    let mut file = format!("{n} 1\n");
    for i in 1..=n {
        let then = if i + 5 == n { format!(" {n}") } else { String::new() };
        writeln!(file, "{} {i}{then} 0", 20 + i).unwrap();
    }
    file += "0\n";
    for i in 1..=n {
        writeln!(file, "\"Option {i}\"").unwrap();
    }
    file + "\"Long\"\n"
}

/// The texts in a drawing, without the marks that set names apart.
fn texts(svg: &str) -> Vec<String> {
    let parts = svg.split("<text").skip(1).filter_map(|text| text.split_once('>')?.1.split_once('<'));
    parts.map(|(text, _)| text.replace(['\u{2068}', '\u{2069}'], "")).collect()
}

/// A drawing of a part of the rounds and options says so, and ends with the last round and with who won.
#[test]
fn a_drawing_of_a_part_says_so() {
    for rule in ["irv", "scottish-stv", "meek"] {
        let report = counted(&long(45), rule, false);
        let rounds = report.outcome.rounds.len();
        assert!(rounds > 40, "{rule}: {rounds}");
        let [flow, bars] = &drawn(&long(45), rule)[..] else { panic!("{rule}: two pictures") };
        let note = format!(
            "Of {rounds} rounds, 1 to 29 and the last are drawn; the table has all. Of 45 options, 30 are drawn; the table has all."
        );
        assert_eq!(flow.key.as_deref(), Some(&*note), "{rule}");
        assert_eq!(bars.key.as_deref(), Some("Of 45 options, 40 are drawn; the table has all."));
        assert!(report.html().contains(&note));
        let said = texts(&flow.svg);
        let columns: Vec<&str> = said
            .iter()
            .map(String::as_str)
            .filter(|text| *text == "⋯" || text.parse::<usize>().is_ok())
            .collect();
        let first: Vec<String> = (1..30).map(|n| n.to_string()).collect();
        assert_eq!(columns[..29], first, "{rule}");
        assert_eq!(columns[29..], ["⋯", &rounds.to_string()], "{rule}");
        // Where the last round stands, so do its votes.
        let last = report.outcome.rounds[rounds - 1].tally(44).unwrap().votes.plain(0);
        assert_eq!(said.last(), Some(&format!("✓ Option 45: {last}")), "{rule}: {said:?}");
    }
    // Whoever wins is drawn, even from a place far down at first.
    let mut file = "40 2\n1000 1 40 0\n1 40 0\n".to_owned();
    file.extend((2..40).map(|i| format!("2 {i} 0\n")));
    file += "0\n";
    file.extend((1..=40).map(|i| format!("\"Option {i}\"\n")));
    let flow = &drawn(&(file + "\"Few\"\n"), "scottish-stv")[0];
    assert!(texts(&flow.svg).iter().any(|text| text.starts_with("✓ Option 40: ")), "{}", flow.svg);
    let short = drawn(&long(12), "irv");
    assert!(short[0].key.is_none() && !short[0].svg.contains('⋯'), "{short:?}");
}

/// What a drawing shows, its tables say: who gave how much to whom, and how many votes were needed.
#[test]
fn the_tables_say_what_the_drawing_shows() {
    let file =
        "4 2\n12 1 2 0\n6 2 3 0\n5 3 2 0\n4 4 3 0\n1 4 0\n0\n\"Ann\"\n\"Bob\"\n\"Cem\"\n\"Dee\"\n\"Board\"\n";
    let mut all = String::new();
    for rule in ["irv", "scottish-stv", "meek"] {
        for picture in drawn(file, rule) {
            writeln!(all, "## {rule}: {}", picture.caption).unwrap();
            for table in &picture.tables {
                writeln!(all, "{}", table.head.join(" | ")).unwrap();
                for row in &table.rows {
                    writeln!(all, "{}", row.join(" | ")).unwrap();
                }
            }
        }
    }
    insta::assert_snapshot!(all.replace(['\u{2068}', '\u{2069}'], ""));
}
