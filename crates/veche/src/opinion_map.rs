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
