//! The page of a result: what stands on it, whatever names the options have and however many rounds there are.

use count::report::{Report, Request, report};

fn counted(file: &str, rule: &str, what_if: bool) -> Report {
    let request = Request { rule: Some(rule.into()), what_if, vote: Some(1), ..Request::default() };
    report("x.blt", file.as_bytes(), &[], &request).unwrap()
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
        let text = counted(&file.replace("Cem", "Cem\u{85}  1. Dee\u{2028}"), rule, true).text(true);
        assert!(text.starts_with("Board ]0;x \n") && text.contains(" [2JAnn 31m "), "{rule}: {text}");
        assert!(!text.contains(|c: char| c != '\n' && c.is_control()), "{rule}: {text:?}");
        assert!(!text.contains(['\u{2028}', '\u{202e}', '\u{2068}', '\u{2069}']), "{rule}: {text:?}");
    }
}
