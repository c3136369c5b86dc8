//! `veche opinion`: opinion maps without a server.

mod compare;
mod evaluate;

use crate::fail::Failed;
use crate::import::Export;
use crate::output::Output;
use crate::progress::Bar;
use clap::Subcommand;
use opinion::evaluate::Exposure;
use opinion::export::Conversation;
use serde::Serialize;
use std::collections::HashMap;
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
    },
    /// How likely participants are to agree with statements they have not responded to.
    ///
    /// Prints a table: participant, statement, probability of agreeing. Nothing is learned from outside the
    /// export.
    Predict {
        /// The responses to learn from: an export as for `map`.
        train: PathBuf,
        /// A CSV file with the columns participant and statement.
        #[arg(long)]
        pairs: PathBuf,
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
    },
}

/// Does it.
///
/// # Errors
///
/// A sentence, if a file is refused or cannot be written.
pub fn run(opinion: &Opinion, output: Output) -> Result<ExitCode, Failed> {
    match opinion {
        Opinion::Map { export, method, svg } => map(export, *method, svg.as_deref(), output),
        Opinion::Predict { train, pairs } => predict(train, pairs, output),
        Opinion::Compare { from, to, method, other_method } => {
            compare::run([from, to], [*method, other_method.unwrap_or(*method)], output)
        }
        Opinion::Evaluate { exports } => evaluate::run(exports, output),
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
fn map(export: &Path, method: Method, svg: Option<&Path>, output: Output) -> Result<ExitCode, Failed> {
    let bar = Bar::new("Making the opinion map", 0);
    let conversation = Export::open(export)?.conversation()?;
    let map = method.of(&conversation);
    bar.done();
    if let Some(file) = svg {
        std::fs::write(file, web::picture::standalone(&map))
            .map_err(|error| Failed::io(format!("Writing {}", file.display()), error))?;
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
        let words: HashMap<u32, &str> = conversation
            .statements
            .iter()
            .map(|statement| (statement.number, statement.text.as_str()))
            .collect();
        opinion::report::text(&map, &conversation.topic, &shown, |number| words.get(&number).copied())
    });
    Ok(ExitCode::SUCCESS)
}

/// One prediction.
#[derive(Serialize)]
struct Prediction {
    participant: u32,
    statement: u32,
    /// The probability of agreeing, given that they take a side.
    agree: f64,
}

/// Prints how likely each pair of participant and statement is to agree; nothing is learned from outside
/// `train`.
///
/// # Errors
///
/// A sentence, if a file is refused.
fn predict(train: &Path, pairs: &Path, output: Output) -> Result<ExitCode, Failed> {
    let bar = Bar::new("Predicting", 0);
    let conversation = Export::open(train)?.conversation()?;
    let flags = conversation.flags();
    let responses = conversation.responses().filtered(|_, statement, _| !flags.rejected(statement));
    let bytes =
        std::fs::read(pairs).map_err(|error| Failed::io(format!("Reading {}", pairs.display()), error))?;
    let asked = opinion::export::pairs(&pairs.display().to_string(), &bytes)
        .map_err(|refusal| Failed::new(format!("{refusal} Nothing was predicted.")))?;
    let predicted = opinion::predict(&responses, &asked);
    bar.done();
    let predictions: Vec<_> = asked
        .into_iter()
        .zip(predicted)
        .map(|((participant, statement), agree)| Prediction { participant, statement, agree })
        .collect();
    output.result(&predictions, || {
        let lines =
            predictions.iter().map(|one| format!("{},{},{}\n", one.participant, one.statement, one.agree));
        std::iter::once("participant,statement,agree\n".to_owned()).chain(lines).collect()
    });
    Ok(ExitCode::SUCCESS)
}
