//! What goes to standard output: sentences for people, or one JSON value for programs.

use crate::fail::Failed;
use serde::Serialize;
use std::borrow::Cow;
use std::io::Write as _;

/// How to print.
#[derive(Debug, Clone, Copy)]
pub struct Output {
    /// JSON instead of sentences.
    pub json: bool,
}

impl Output {
    /// Prints a result: `value` as JSON, or what `sentences` says.
    pub fn result(self, value: &impl Serialize, sentences: impl FnOnce() -> String) {
        let text = if self.json {
            // Every value printed here serialises; if one did not, the sentence would still be true.
            serde_json::to_string(value).map_or_else(|_| sentences(), |json| json + "\n")
        } else {
            sentences()
        };
        self.text(&text);
    }

    /// Prints text that is already in the form asked for.
    pub fn text(self, text: &str) {
        let mut out = std::io::stdout().lock();
        let text = if self.json { Cow::Borrowed(text) } else { harmless(text) };
        // A closed pipe is the reader's decision.
        let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    }

    /// Says why nothing came of it.
    pub fn failed(self, failed: &Failed) {
        #[derive(Serialize)]
        struct Error {
            error: String,
        }
        if self.json {
            self.result(&Error { error: failed.to_string() }, || failed.to_string());
        } else {
            let mut err = std::io::stderr().lock();
            let _ = writeln!(err, "veche: {}", harmless(&failed.to_string()));
        }
    }
}

/// Text for a terminal: what other people wrote, names and statements, must not clear the screen or turn lines around.
/// Control characters but line ends and tabs, and marks that override directions, are shown by their numbers.
fn harmless(text: &str) -> Cow<'_, str> {
    let steers =
        |c: char| (c.is_control() && !matches!(c, '\n' | '\t')) || matches!(c, '\u{202a}'..='\u{202e}');
    if !text.contains(steers) {
        return Cow::Borrowed(text);
    }
    let shown = |c: char| if steers(c) { format!("<U+{:04X}>", c as u32) } else { c.to_string() };
    Cow::Owned(text.chars().map(shown).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_wrote_does_not_steer_the_terminal() {
        assert_eq!(
            harmless("Ann\u{1b}[2J \u{202e}won\r\u{9b}1m"),
            "Ann<U+001B>[2J <U+202E>won<U+000D><U+009B>1m"
        );
        assert_eq!(harmless("شجرة \u{2068}Ann\u{2069}:\t3\n"), "شجرة \u{2068}Ann\u{2069}:\t3\n");
    }
}
