//! `veche opinion compare`: two maps side by side.

use super::{Method, words};
use crate::fail::Failed;
use crate::import::{Export, Reading};
use crate::output::Output;
use crate::progress::Bar;
use opinion::compare::{Changed, Comparison, Entry, List, Moved};
use opinion::report::{counted, group_name};
use opinion::{Map, Side};
use serde::Deserialize;
use serde::de::IgnoredAny;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Lines of a list that are printed; all are in the JSON.
const SHOWN: usize = 10;

/// Compares.
///
/// # Errors
///
/// A sentence, if a file is refused.
pub fn run(
    paths: [&PathBuf; 2],
    methods: [Method; 2],
    reading: Reading,
    output: Output,
) -> Result<ExitCode, Failed> {
    let bar = Bar::new("Making two opinion maps", 2);
    let (from, first) = open(paths[0], methods[0], reading, output)?;
    bar.set(1);
    let (to, second) = open(paths[1], methods[1], reading, output)?;
    bar.done();
    let comparison = opinion::compare::compare(&from, &to);
    // A printed map has no words; those of the other side are its own, if the numbers are of the same conversation.
    let lend = |own: &Words, other: &Words| {
        let same = comparison.same_responses || !comparison.matched.is_empty();
        if own.is_empty() && same { other.clone() } else { own.clone() }
    };
    let words = [lend(&first, &second), lend(&second, &first)];
    output.result(&comparison, || Writer { words }.sentences(&comparison));
    Ok(ExitCode::SUCCESS)
}

/// The texts of statements, by number, as far as they are known.
type Words = HashMap<u32, String>;

/// A map that was printed, or one made of an export.
fn open(path: &Path, method: Method, reading: Reading, output: Output) -> Result<(Map, Words), Failed> {
    #[derive(Deserialize)]
    struct Printed {
        map: Map,
    }
    /// What tells a printed map from other JSON, whichever version printed it.
    #[derive(Deserialize)]
    struct Likely {
        map: Option<IgnoredAny>,
        digest: Option<IgnoredAny>,
    }
    if path.is_file() {
        let bytes =
            std::fs::read(path).map_err(|error| Failed::io(format!("Reading {}", path.display()), error))?;
        if bytes.first() == Some(&b'{') {
            let printed = serde_json::from_slice(&bytes).map(|Printed { map }| map);
            match printed.or_else(|_| serde_json::from_slice(&bytes)) {
                Ok(map) => return Ok((map, Words::new())),
                Err(error) => {
                    let likely = serde_json::from_slice(&bytes);
                    if likely.is_ok_and(|Likely { map, digest }| map.or(digest).is_some()) {
                        return Err(Failed::new(format!(
                            "{} looks like an opinion map that another version of this program printed, and this one cannot read \
                             it ({error}). Print it again from its responses with \"veche --json opinion map\".",
                            path.display()
                        )));
                    }
                }
            }
        }
    }
    let conversation = Export::open(path)?.conversation(reading, output)?;
    let known = words(&conversation).into_iter().filter(|(_, text)| !text.trim().is_empty());
    Ok((method.of(&conversation), known.map(|(number, text)| (number, text.to_owned())).collect()))
}

/// Puts a comparison into words.
struct Writer {
    /// Of the statements of the first, and of the second.
    words: [Words; 2],
}

impl Writer {
    fn sentences(&self, found: &Comparison) -> String {
        let mut out = String::new();
        let mut line = |line: String| {
            out.push_str(&line);
            out.push('\n');
        };
        if found.same_map {
            line("The two maps are the same, byte for byte.".to_owned());
            return out;
        }
        line(format!(
            "{} {} on both maps, {} on the first only, {} on the second only. {}",
            counted(found.participants as usize, "participant"),
            are(found.participants),
            found.only[0],
            found.only[1],
            if found.same_responses {
                "Both were computed from the same responses."
            } else {
                "They were computed from different responses."
            }
        ));
        let [from, to] = found.groups.each_ref().map(|sizes| match sizes.as_slice() {
            [] => "no distinct groups".to_owned(),
            sizes => format!(
                "{} ({})",
                counted(sizes.len(), "group"),
                sizes.iter().map(u32::to_string).collect::<Vec<_>>().join(", ")
            ),
        });
        line(format!("The first has {from}, the second {to}."));
        let unlike = found.matched.is_empty() && found.groups.iter().all(|sizes| !sizes.is_empty());
        if unlike {
            line(
                "  No group of the first corresponds to one of the second: none shares half of its members, and more \
                 than by chance."
                    .to_owned(),
            );
        }
        for pair in &found.matched {
            let (from, to) = (group_name(pair.from), group_name(pair.to));
            line(format!(
                "  {from} of the first is {to} of the second: {} {} in both.",
                pair.shared,
                are(pair.shared)
            ));
        }
        line(format!(
            "The groups agree by {:.3} (adjusted Rand index; 1 is the same, 0 is chance), and by {:.3} if those in no \
         group count as a group.",
            found.agreement, found.agreement_all
        ));
        // Where no group is there any more, everybody has moved, and that says nothing.
        if !unlike {
            line(moved(&found.moved));
        }
        for changed in &found.lists {
            self.list(changed, &mut line);
        }
        out
    }

    fn list(&self, changed: &Changed, line: &mut impl FnMut(String)) {
        let name = match (changed.list, changed.group) {
            (List::CommonGround, _) => "Common ground".to_owned(),
            (List::Differences, Some(pair)) => format!("What sets {} apart", group_name(pair.from)),
            (List::Differences, None) => "What sets groups apart".to_owned(),
            (List::Dissent, _) => "What minorities hold".to_owned(),
            (List::Slate, _) => "Statements that represent everybody".to_owned(),
        };
        line(format!(
            "{name}: {} kept, {} lost, {} gained.",
            changed.kept,
            changed.lost.len(),
            changed.gained.len()
        ));
        for (what, entries, words) in
            [("lost", &changed.lost, &self.words[0]), ("gained", &changed.gained, &self.words[1])]
        {
            for entry in entries.iter().take(SHOWN) {
                line(format!("  {what}: {}", shown(entry, words.get(&entry.statement))));
            }
            if entries.len() > SHOWN {
                line(format!("  and {} more {what}", entries.len() - SHOWN));
            }
        }
    }
}

fn are(count: u32) -> &'static str {
    if count == 1 { "is" } else { "are" }
}

fn moved(moved: &[Moved]) -> String {
    let count = |wanted: fn(&Moved) -> bool| moved.iter().filter(|moved| wanted(moved)).count();
    let others = count(|moved| moved.from.is_some() && moved.to.is_some());
    let left = count(|moved| moved.to.is_none());
    let came = count(|moved| moved.from.is_none());
    let others = counted(others, "participant");
    format!("{others} moved to another group, {left} left theirs, {came} came to one.")
}

fn shown(entry: &Entry, text: Option<&String>) -> String {
    let response = match (entry.side, entry.less) {
        (Side::Agree, false) => "agree",
        (Side::Disagree, false) => "disagree",
        (Side::Agree, true) => "agrees less",
        (Side::Disagree, true) => "disagrees less",
    };
    let words = text.map(|text| format!(" \"{}\"", text.split_whitespace().collect::<Vec<_>>().join(" ")));
    format!("{} ({response}){}", entry.statement, words.unwrap_or_default())
}
