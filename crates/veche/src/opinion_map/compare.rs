//! `veche opinion compare`: two maps side by side.

use super::Method;
use crate::fail::Failed;
use crate::import::Export;
use crate::output::Output;
use crate::progress::Bar;
use opinion::compare::{Changed, Comparison, Entry, List, Moved};
use opinion::report::group_name;
use opinion::{Map, Side};
use serde::Deserialize;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Lines of a list that are printed; all are in the JSON.
const SHOWN: usize = 10;

/// Compares.
///
/// # Errors
///
/// A sentence, if a file is refused.
pub fn run(paths: [&PathBuf; 2], methods: [Method; 2], output: Output) -> Result<ExitCode, Failed> {
    let bar = Bar::new("Making two opinion maps", 2);
    let from = open(paths[0], methods[0])?;
    bar.set(1);
    let to = open(paths[1], methods[1])?;
    bar.done();
    let comparison = opinion::compare::compare(&from, &to);
    output.result(&comparison, || sentences(&comparison));
    Ok(ExitCode::SUCCESS)
}

/// A map that was printed, or one made of an export.
fn open(path: &Path, method: Method) -> Result<Map, Failed> {
    #[derive(Deserialize)]
    struct Printed {
        map: Map,
    }
    if path.is_file() && path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json")) {
        let bytes =
            std::fs::read(path).map_err(|error| Failed::io(format!("Reading {}", path.display()), error))?;
        let printed = serde_json::from_slice(&bytes).map(|Printed { map }| map);
        if let Ok(map) = printed.or_else(|_| serde_json::from_slice(&bytes)) {
            return Ok(map);
        }
    }
    Ok(method.of(&Export::open(path)?.conversation()?))
}

fn sentences(found: &Comparison) -> String {
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
        "{} participants are on both maps, {} on the first only, {} on the second only. {}",
        found.participants,
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
            "{} groups ({})",
            sizes.len(),
            sizes.iter().map(u32::to_string).collect::<Vec<_>>().join(", ")
        ),
    });
    line(format!("The first has {from}, the second {to}."));
    for pair in &found.matched {
        let (from, to) = (group_name(pair.from), group_name(pair.to));
        line(format!("  {from} of the first is {to} of the second: {} are in both.", pair.shared));
    }
    line(format!(
        "The groups agree by {:.3} (adjusted Rand index; 1 is the same, 0 is chance), and by {:.3} if those in no \
         group count as a group.",
        found.agreement, found.agreement_all
    ));
    line(moved(&found.moved));
    for changed in &found.lists {
        list(changed, &mut line);
    }
    out
}

fn moved(moved: &[Moved]) -> String {
    let count = |wanted: fn(&Moved) -> bool| moved.iter().filter(|moved| wanted(moved)).count();
    let others = count(|moved| moved.from.is_some() && moved.to.is_some());
    let left = count(|moved| moved.to.is_none());
    let came = count(|moved| moved.from.is_none());
    format!("{others} participants moved to another group, {left} left theirs, {came} came to one.")
}

fn list(changed: &Changed, line: &mut impl FnMut(String)) {
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
    for (what, entries) in [("lost", &changed.lost), ("gained", &changed.gained)] {
        if !entries.is_empty() {
            line(format!("  {what}: {}", shown(entries)));
        }
    }
}

fn shown(entries: &[Entry]) -> String {
    let word = |entry: &Entry| match entry.side {
        Side::Agree => format!("{} (agree)", entry.statement),
        Side::Disagree => format!("{} (disagree)", entry.statement),
    };
    let mut words: Vec<String> = entries.iter().take(SHOWN).map(word).collect();
    if entries.len() > SHOWN {
        words.push(format!("and {} more", entries.len() - SHOWN));
    }
    words.join(", ")
}
