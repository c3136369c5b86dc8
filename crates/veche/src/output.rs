//! What goes to standard output: sentences for people, or one JSON value for programs.

use crate::fail::Failed;
use serde::Serialize;
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
            let _ = writeln!(err, "veche: {failed}");
        }
    }
}
