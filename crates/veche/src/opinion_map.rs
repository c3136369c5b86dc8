//! `veche opinion`: opinion maps without a server.

use crate::fail::Failed;
use crate::import::Export;
use crate::output::Output;
use crate::progress::Bar;
use serde::Serialize;
use std::collections::HashMap;
use std::path::Path;
use std::process::ExitCode;

/// How to make a map.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Method {
    /// What Polis computes, exactly, with its two declared deviations.
    Classic,
    /// Our own: positions fitted to observed responses, groups only where they are distinct, intervals
    /// everywhere.
    Map,
}

#[derive(Serialize)]
struct Mapped<'a> {
    topic: &'a str,
    read: &'a opinion::export::Report,
    map: &'a opinion::Map,
}

/// Prints the opinion map of an export, and draws it.
///
/// # Errors
///
/// A sentence, if the export is refused or the picture cannot be written.
pub fn map(export: &Path, method: Method, svg: Option<&Path>, output: Output) -> Result<ExitCode, Failed> {
    let bar = Bar::new("Making the opinion map", 0);
    let conversation = Export::open(export)?.conversation()?;
    let map = match method {
        Method::Classic => opinion::classic::map(&conversation.responses(), &conversation.flags()),
        Method::Map => opinion::map::map(&conversation.responses(), &conversation.flags()),
    };
    bar.done();
    if let Some(file) = svg {
        std::fs::write(file, web::picture::standalone(&map))
            .map_err(|error| Failed::io(format!("Writing {}", file.display()), error))?;
    }
    let mapped = Mapped { topic: &conversation.topic, read: &conversation.report, map: &map };
    output.result(&mapped, || {
        let words: HashMap<u32, &str> = conversation
            .statements
            .iter()
            .map(|statement| (statement.number, statement.text.as_str()))
            .collect();
        opinion::report::text(&map, &conversation.topic, |number| words.get(&number).copied())
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
pub fn predict(train: &Path, pairs: &Path, output: Output) -> Result<ExitCode, Failed> {
    let bar = Bar::new("Predicting", 0);
    let conversation = Export::open(train)?.conversation()?;
    let flags = conversation.flags();
    let responses = conversation.responses().filtered(|_, statement, _| !flags.rejected(statement));
    let text = std::fs::read_to_string(pairs)
        .map_err(|error| Failed::io(format!("Reading {}", pairs.display()), error))?;
    let asked = read_pairs(&text).map_err(|(line, why)| {
        Failed::new(format!("{}, line {line}: {why} Nothing was predicted.", pairs.display()))
    })?;
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

/// The rows of a table with the columns `participant` and `statement` in front; further columns are left
/// alone. The error is a line's number and what is wrong with it.
fn read_pairs(text: &str) -> Result<Vec<(u32, u32)>, (usize, &'static str)> {
    let mut lines = (1..).zip(text.trim_start_matches('\u{feff}').lines());
    let head = lines.next().map(|(_, head)| head.trim().replace('"', "")).unwrap_or_default();
    if !(head == "participant,statement" || head.starts_with("participant,statement,")) {
        return Err((1, "The first line must name the columns: participant,statement."));
    }
    lines
        .filter(|(_, line)| !line.trim().is_empty())
        .map(|(number, line)| {
            let mut fields = line.split(',').map(|field| field.trim().trim_matches('"').parse().ok());
            match (fields.next().flatten(), fields.next().flatten()) {
                (Some(participant), Some(statement)) => Ok((participant, statement)),
                _ => Err((number, "A participant's and a statement's number are expected.")),
            }
        })
        .collect()
}
