//! `veche witness`: cosigns other people's records, so that nobody can show different people different
//! ones.

use crate::fail::Failed;
use crate::output::Output;
use crate::serve;
use record::note::VerifierKey;
use record::witness::Log;
use serde::Serialize;
use std::path::PathBuf;
use std::process::ExitCode;
use store::Witness;

/// What can be said on the command line.
#[derive(clap::Args)]
pub struct Options {
    /// Where to keep the key and the last heads. Made at the first start.
    #[arg(long)]
    data: PathBuf,
    /// Where to listen.
    #[arg(long, default_value = "127.0.0.1:8088")]
    listen: String,
    /// The witness' name, an address of yours without scheme: witness.example.org/w1. A key keeps its name.
    #[arg(long)]
    name: String,
    /// The verifier key of a record to witness. May be given several times. Where the first line of a log's
    /// checkpoints is not the key's name: "KEY FIRST LINE".
    #[arg(long)]
    log: Vec<String>,
}

/// What a program hears when the witness is ready.
#[derive(Serialize)]
struct Ready<'a> {
    url: &'a str,
    key: String,
    logs: Vec<&'a str>,
}

/// Witnesses until told to stop.
///
/// # Errors
///
/// A sentence, if the folder, a key or the address cannot be used.
pub fn run(options: &Options, output: Output) -> Result<ExitCode, Failed> {
    let logs = options.log.iter().map(|log| known(log)).collect::<Result<Vec<_>, _>>()?;
    let witness =
        Witness::open(&options.data, &options.name, logs).map_err(|error| Failed::new(error.to_string()))?;
    let mut serving = serve::beside(web::witness(witness.clone()), &options.listen)?;
    let ready = Ready {
        url: serving.url(),
        key: witness.verifier().to_string(),
        logs: witness.logs().iter().map(Log::origin).collect(),
    };
    output.result(&ready, || {
        let logs = match &ready.logs[..] {
            [] => "It knows no record yet and answers 404 to all: give their keys with --log.".to_owned(),
            logs => format!("It cosigns the heads of: {}.", logs.join(", ")),
        };
        format!(
            "The witness listens at {}. {logs}\nIts key, for whoever is to trust it:\n{}\n",
            ready.url, ready.key
        )
    });
    drop(ready);
    serving.wait(None);
    Ok(ExitCode::SUCCESS)
}

fn known(text: &str) -> Result<Log, Failed> {
    let (key, origin) =
        text.trim().split_once(' ').map_or((text.trim(), None), |(key, rest)| (key, Some(rest)));
    let key: VerifierKey = key.parse().map_err(|error| {
        Failed::new(format!("The key “{key}” is not a verifier key (name+number+letters): {error}"))
    })?;
    let origin = origin.map_or_else(|| key.name().to_owned(), |origin| origin.trim().to_owned());
    Log::new(&origin, key).map_err(|error| Failed::new(error.to_string()))
}
