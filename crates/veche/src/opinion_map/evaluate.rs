//! `veche opinion evaluate`: how good both methods are, measured on conversations that already happened.

use crate::fail::Failed;
use crate::import::{Export, Reading};
use crate::output::Output;
use crate::progress::Bar;
use opinion::evaluate::{Again, Figures, LEAST_RESPONSES, Predictor, STEPS, figures, mean};
use opinion::report::counted;
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[derive(Serialize)]
struct Evaluated {
    conversations: Vec<One>,
    /// Means over the conversations in which something was hidden.
    mean: Vec<Predictor>,
}

#[derive(Serialize)]
struct One {
    name: String,
    #[serde(flatten)]
    figures: Figures,
}

/// Evaluates.
///
/// # Errors
///
/// A sentence, if no export could be read. One of several that is refused is named, and the others are evaluated.
pub fn run(exports: &[PathBuf], reading: Reading, output: Output) -> Result<ExitCode, Failed> {
    let mut paths = Vec::new();
    for export in exports {
        paths.extend(inside(export)?);
    }
    let bar = Bar::new("Evaluating", (paths.len() * STEPS) as u64);
    let mut done = 0;
    let mut conversations = Vec::new();
    let mut refused = Vec::new();
    for path in &paths {
        let conversation = match Export::open(path).and_then(|export| export.conversation(reading, output)) {
            Ok(conversation) => conversation,
            Err(failed) => {
                refused.push(format!("{}: {failed}", path.display()));
                continue;
            }
        };
        let figures = figures(&conversation, || {
            done += 1;
            bar.set(done);
        });
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        conversations.push(One { name, figures });
    }
    bar.done();
    if conversations.is_empty() {
        return Err(Failed::new(refused.join("\n")));
    }
    for refusal in &refused {
        output.warn(&format!("{refusal} It is left out."));
    }
    let all: Vec<Figures> = conversations.iter().map(|one| one.figures.clone()).collect();
    let evaluated = Evaluated { mean: mean(&all), conversations };
    output.result(&evaluated, || sentences(&evaluated));
    Ok(if refused.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(2) })
}

/// The export itself, or the folders in it if it is a folder of export folders.
fn inside(export: &Path) -> Result<Vec<PathBuf>, Failed> {
    let failed = |error: std::io::Error| Failed::io(format!("Reading {}", export.display()), error);
    if !export.is_dir() {
        return Ok(vec![export.to_owned()]);
    }
    let (mut folders, mut files) = (Vec::new(), false);
    for entry in std::fs::read_dir(export).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.is_dir() { folders.push(path) } else { files = true }
    }
    folders.sort();
    Ok(if files || folders.is_empty() { vec![export.to_owned()] } else { folders })
}

fn sentences(evaluated: &Evaluated) -> String {
    let mut out = String::new();
    for One { name, figures } in &evaluated.conversations {
        let Figures { participants, statements, responses, hidden, .. } = figures;
        out += &format!(
            "{name}: {}, {}, {}, {hidden} hidden\n",
            counted(*participants, "participant"),
            counted(*statements, "statement"),
            counted(*responses, "response")
        );
        table(if *hidden > 0 { &figures.predictors } else { &[] }, &mut out);
        for grouping in &figures.groupings {
            let name = serde_json::to_value(grouping.method).unwrap_or_default();
            let name = name.as_str().unwrap_or_default();
            let groups = match grouping.groups.as_slice() {
                [] => "no distinct groups".to_owned(),
                sizes => sizes.iter().map(u32::to_string).collect::<Vec<_>>().join(" + "),
            };
            let each = |what: fn(&Again) -> f64| {
                grouping.found_again.each_ref().map(|again| format!("{:.3}", what(again))).join(", ")
            };
            out += &format!(
                "  groups of {name:<8} {groups}; with a tenth dropped\n    \
                   {:.3} ({}) over the {:.1} % of people who are in a group both times\n    \
                   {:.3} ({}) over everybody\n",
                grouping.stability,
                each(|again| again.agreement),
                100.0 * grouping.compared,
                grouping.stability_all,
                each(|again| again.agreement_all)
            );
        }
        let exposure = figures.exposure;
        out += &format!(
            "  asked: {:.1} % of {} fewer than 20 times, middle {}; age and responses {:+.2}\n\n",
            100.0 * exposure.under_20,
            counted(exposure.statements, "statement"),
            exposure.median,
            exposure.age_correlation
        );
    }
    out += "Mean:\n";
    table(&evaluated.mean, &mut out);
    out += "Log-loss: lower is better, a coin has 0.693. Calibration: how far probabilities are from shares, 0 is best;\n\
            by chance: what the few responses alone would cause if all probabilities were right.\n\
            Groups: adjusted Rand index, 1 is the same groups again; 0 where groups are found only with or without the tenth.\n\
            Over those in a group both times it does not see who came into a group or left one; over everybody, those in\n\
            none count as one group more.\n";
    out
}

/// One line for each predictor; nothing to say where nothing could be hidden.
fn table(predictors: &[Predictor], out: &mut String) {
    if predictors.is_empty() {
        *out += &format!(
            "  predictions: – (nothing could be hidden: too few responses by people with {LEAST_RESPONSES} or more)\n"
        );
        return;
    }
    *out +=
        &format!("  {:<16} {:>9} {:>12} {:>10} {:>8}\n", "", "log-loss", "calibration", "by chance", "right");
    for Predictor { name, score } in predictors {
        *out += &format!(
            "  {name:<16} {:>9.4} {:>12.4} {:>10.4} {:>6.1} %\n",
            score.log_loss,
            score.calibration,
            score.calibration_by_chance,
            100.0 * score.accuracy
        );
    }
}
