//! What goes to standard output: sentences for people, or one JSON value for programs.

use crate::fail::Failed;
use serde::Serialize;
use std::borrow::Cow;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

/// Something that should be on standard output is not there.
static INCOMPLETE: AtomicBool = AtomicBool::new(false);

/// Whether something that should be on standard output is not there: then nothing has succeeded.
pub fn incomplete() -> bool {
    INCOMPLETE.load(Ordering::Relaxed)
}

/// Takes note of how writing to standard output ended, and says it if it failed.
pub fn written(result: std::io::Result<()>) {
    let Err(error) = result else { return };
    // A closed pipe is the reader's decision.
    if error.kind() != ErrorKind::BrokenPipe && !INCOMPLETE.swap(true, Ordering::Relaxed) {
        say(&format!("Writing to standard output failed: {error}; what is there is incomplete."));
    }
}

/// A sentence on standard error. If that cannot be written either, there is nobody to tell.
fn say(sentence: &str) {
    let _ = writeln!(std::io::stderr().lock(), "veche: {}", harmless(sentence));
}

/// Writes a file that was asked for.
///
/// # Errors
///
/// A sentence, if it cannot be written.
pub fn write(file: &Path, contents: impl AsRef<[u8]>) -> Result<(), Failed> {
    std::fs::write(file, contents).map_err(|error| {
        Failed::new(format!("Writing {} failed: {error}; what is there is incomplete.", file.display()))
    })
}

/// Refuses a file to write that is one of those that are read.
///
/// # Errors
///
/// A sentence, if it is.
pub fn not_over<'a>(file: &Path, inputs: impl IntoIterator<Item = &'a PathBuf>) -> Result<(), Failed> {
    let Ok(place) = file.canonicalize() else { return Ok(()) };
    if inputs.into_iter().any(|input| input.canonicalize().is_ok_and(|input| input == place)) {
        return Err(Failed::new(format!(
            "{} is read here, and writing to it would destroy it. Nothing was written; choose another name.",
            file.display()
        )));
    }
    Ok(())
}

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
        written(out.write_all(text.as_bytes()).and_then(|()| out.flush()));
    }

    /// Says on standard error what the result does not say for itself, whatever form it is asked for in.
    pub fn warn(self, sentence: &str) {
        say(sentence);
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
            say(&failed.to_string());
        }
    }
}

/// Text for a terminal: what other people wrote, names and statements, must not clear the screen, turn lines around or
/// hide anything. Control characters but line ends and tabs, and characters that steer or are not seen, are shown by
/// their numbers.
fn harmless(text: &str) -> Cow<'_, str> {
    if !text.contains(steers) {
        return Cow::Borrowed(text);
    }
    let shown = |c: char| if steers(c) { format!("<U+{:04X}>", c as u32) } else { c.to_string() };
    Cow::Owned(text.chars().map(shown).collect())
}

/// U+200C and U+200D are not among them: Persian, the scripts of India and many pictures cannot be written without.
fn steers(c: char) -> bool {
    (c.is_control() && !matches!(c, '\n' | '\t'))
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
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
        for hidden in [
            '\u{61c}',
            '\u{200b}',
            '\u{200f}',
            '\u{2028}',
            '\u{2029}',
            '\u{2060}',
            '\u{2067}',
            '\u{206f}',
            '\u{e0041}',
        ] {
            assert_eq!(harmless(&format!("a{hidden}b")), format!("a<U+{:04X}>b", hidden as u32));
        }
        for fine in ["شجرة Ann:\t3\n", "می\u{200c}خواهم", "👩\u{200d}🌾"] {
            assert_eq!(harmless(fine), fine);
        }
    }
}
