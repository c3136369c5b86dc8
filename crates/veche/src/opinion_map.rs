//! `veche opinion`: opinion maps without a server.

mod compare;
mod evaluate;

use crate::fail::Failed;
use crate::import::{Export, Reading};
use crate::output::{self, Output};
use crate::progress::Bar;
use clap::Subcommand;
use opinion::evaluate::Exposure;
use opinion::export::Conversation;
use serde::Serialize;
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// What can be done without a server.
#[derive(Subcommand)]
pub enum Opinion {
    /// The opinion map of an export: groups, common ground, what divides, as a report.
    Map {
        /// An export folder, a file votes.csv, the files of Polis' JSON API, or a table with the columns
        /// participant, statement, response.
        export: PathBuf,
        /// How to make it.
        #[arg(long, value_enum, default_value_t = Method::Map)]
        method: Method,
        /// Write the picture to this file.
        #[arg(long)]
        svg: Option<PathBuf>,
        #[command(flatten)]
        reading: Reading,
    },
    /// How likely participants are to agree with statements they have not responded to.
    ///
    /// Prints a table: participant, statement, probability of agreeing, given that a side is taken: a pass is foreseen for
    /// nobody. Nothing is learned from outside the export. Responses to rejected statements are left out, so that these
    /// are as unknown as statements nobody responded to: what is known of the person, and of statements at large, decides.
    Predict {
        /// The responses to learn from: an export as for `map`.
        train: PathBuf,
        /// A CSV file with the columns participant and statement.
        #[arg(long)]
        pairs: PathBuf,
        #[command(flatten)]
        reading: Reading,
    },
    /// How two maps differ: how alike the groups are, who moved, and which lists changed.
    ///
    /// Each side is an export as for `map`, or a map that `veche --json opinion map` printed to a file.
    Compare {
        /// The first map.
        from: PathBuf,
        /// The second.
        to: PathBuf,
        /// How to make maps of exports.
        #[arg(long, value_enum, default_value_t = Method::Map)]
        method: Method,
        /// How to make the second, if otherwise.
        #[arg(long, value_enum)]
        other_method: Option<Method>,
        #[command(flatten)]
        reading: Reading,
    },
    /// How good both methods are on conversations that already happened, side by side.
    ///
    /// A fifth of the responses is hidden and predicted (log-loss, calibration error, share predicted rightly),
    /// and a tenth is dropped to see whether the groups stay (adjusted Rand index, over those who are in a group
    /// both times and over everybody); all means of three splits, which follow from the numbers in the responses.
    /// And who was asked what.
    Evaluate {
        /// Exports as for `map`, or folders of export folders.
        #[arg(required = true)]
        exports: Vec<PathBuf>,
        #[command(flatten)]
        reading: Reading,
    },
}

/// Does it.
///
/// # Errors
///
/// A sentence, if a file is refused or cannot be written.
pub fn run(opinion: &Opinion, output: Output) -> Result<ExitCode, Failed> {
    match opinion {
        Opinion::Map { export, method, svg, reading } => {
            map(export, *method, svg.as_deref(), *reading, output)
        }
        Opinion::Predict { train, pairs, reading } => predict(train, pairs, *reading, output),
        Opinion::Compare { from, to, method, other_method, reading } => {
            compare::run([from, to], [*method, other_method.unwrap_or(*method)], *reading, output)
        }
        Opinion::Evaluate { exports, reading } => evaluate::run(exports, *reading, output),
    }
}

/// How to make a map.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Method {
    /// What Polis computes, exactly, with the deviations it declares.
    Classic,
    /// Our own: positions fitted to observed responses, groups only where they are distinct, intervals
    /// everywhere.
    Map,
}

impl Method {
    fn of(self, conversation: &Conversation) -> opinion::Map {
        let (responses, flags) = (conversation.responses(), conversation.flags());
        match self {
            Method::Classic => opinion::classic::map(&responses, &flags),
            Method::Map => opinion::map::map_with_care(&responses, &flags, &conversation.too_fast()),
        }
    }
}

#[derive(Serialize)]
struct Mapped<'a> {
    topic: &'a str,
    read: &'a opinion::export::Report,
    map: &'a opinion::Map,
    /// Over all statements that may be shown, which the map does not know.
    exposure: Exposure,
}

/// Prints the opinion map of an export, and draws it.
///
/// # Errors
///
/// A sentence, if the export is refused or the picture cannot be written.
fn map(
    export: &Path,
    method: Method,
    svg: Option<&Path>,
    reading: Reading,
    output: Output,
) -> Result<ExitCode, Failed> {
    let bar = Bar::new("Making the opinion map", 0);
    let export = Export::open(export)?;
    if let Some(file) = svg {
        output::not_over(file, &export.inputs())?;
    }
    let conversation = export.conversation(reading, output)?;
    let map = method.of(&conversation);
    bar.done();
    if let Some(file) = svg {
        output::write(file, web::picture::standalone(&map))?;
    }
    let shown = conversation.shown();
    let asked: Vec<u32> = shown.iter().map(|&statement| map.seen(statement)).collect();
    let mapped = Mapped {
        topic: &conversation.topic,
        read: &conversation.report,
        map: &map,
        exposure: opinion::evaluate::exposure(&asked),
    };
    output.result(&mapped, || {
        let words = words(&conversation);
        let report =
            opinion::report::text(&map, &conversation.topic, &shown, |number| words.get(&number).copied());
        report + &how_read(&conversation.report)
    });
    Ok(ExitCode::SUCCESS)
}

/// The texts of statements, by number.
fn words(conversation: &Conversation) -> HashMap<u32, &str> {
    conversation.statements.iter().map(|statement| (statement.number, statement.text.as_str())).collect()
}

/// What was found out about the files: a reader can see here that it was not the other way round.
fn how_read(report: &opinion::export::Report) -> String {
    let heading = "How this was read";
    let lines: String = report.sentences().into_iter().map(|sentence| sentence + "\n").collect();
    format!("\n{heading}\n{}\n{lines}", "-".repeat(heading.len()))
}

/// One prediction.
#[derive(Serialize)]
struct Prediction {
    participant: u32,
    statement: u32,
    /// The probability of agreeing, given that they take a side.
    agree: f64,
    /// Whether there are responses of this participant and to this statement. Otherwise it comes of what is known of the
    /// others.
    known: bool,
}

/// Prints how likely each pair of participant and statement is to agree; nothing is learned from outside
/// `train`.
///
/// # Errors
///
/// A sentence, if a file is refused.
fn predict(train: &Path, pairs: &Path, reading: Reading, output: Output) -> Result<ExitCode, Failed> {
    let bar = Bar::new("Predicting", 0);
    let conversation = Export::open(train)?.conversation(reading, output)?;
    let flags = conversation.flags();
    let responses = conversation.responses().filtered(|_, statement, _| !flags.rejected(statement));
    let bytes =
        std::fs::read(pairs).map_err(|error| Failed::io(format!("Reading {}", pairs.display()), error))?;
    let asked = opinion::export::pairs(&pairs.display().to_string(), &bytes)
        .map_err(|refusal| Failed::new(format!("{refusal} Nothing was predicted.")))?;
    let predicted = opinion::predict(&responses, &asked);
    bar.done();
    let [people, statements] = [responses.participants(), responses.statements()]
        .map(|known| known.iter().copied().collect::<HashSet<_>>());
    let predictions: Vec<_> = asked
        .into_iter()
        .zip(predicted)
        .map(|((participant, statement), agree)| {
            let known = people.contains(&participant) && statements.contains(&statement);
            Prediction { participant, statement, agree, known }
        })
        .collect();
    let unknown = predictions.iter().filter(|one| !one.known).count();
    if unknown > 0 {
        let (names, they) = if unknown == 1 { ("names", "it gets") } else { ("name", "they get") };
        output.warn(&format!(
            "{unknown} of {} pairs {names} people or statements without responses in {}; {they} what is known of the \
             others. Responses to rejected statements do not count.",
            predictions.len(),
            train.display()
        ));
    }
    output.result(&predictions, || {
        let lines =
            predictions.iter().map(|one| format!("{},{},{}\n", one.participant, one.statement, one.agree));
        std::iter::once("participant,statement,agree\n".to_owned()).chain(lines).collect()
    });
    Ok(ExitCode::SUCCESS)
}
