//! `veche doctor`: a look at everything that an operator can do something about.

mod look;

use crate::fail::Failed;
use crate::output::Output;
use crate::source::need_data_folder;
use serde::Serialize;
use std::path::PathBuf;
use std::process::ExitCode;

/// What can be said on the command line.
#[derive(clap::Args)]
pub struct Options {
    /// The data folder.
    #[arg(long, env = "VECHE_FOLDER")]
    data: PathBuf,
    /// The address of the server as people type it: `https://example.org`. It is asked, too.
    #[arg(long, env = "VECHE_ADDRESS")]
    address: Option<String>,
}

/// How something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Nothing to do.
    Fine,
    /// It works, and somebody should know.
    LookAtThis,
    /// Something is broken or will be soon.
    ActNow,
}

impl Status {
    fn words(self) -> &'static str {
        match self {
            Status::Fine => "fine",
            Status::LookAtThis => "look at this",
            Status::ActNow => "act now",
        }
    }
}

/// One thing that was looked at.
#[derive(Debug, Serialize)]
pub struct Finding {
    /// A word for programs, stable over versions.
    pub about: &'static str,
    /// How it is.
    pub status: Status,
    /// What was seen.
    pub sentence: String,
    /// What to do; nothing where all is well.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub to_do: String,
}

#[derive(Serialize)]
struct Seen {
    data: String,
    status: Status,
    findings: Vec<Finding>,
}

/// Looks, and says what was seen. Ends with 1 if something must be acted on.
///
/// # Errors
///
/// A sentence, if there is no data folder to look at.
pub fn run(options: &Options, output: Output) -> Result<ExitCode, Failed> {
    let Options { data, address } = options;
    need_data_folder(data)?;
    let findings = look::all(data, address.as_deref());
    let status = findings.iter().map(|finding| finding.status).max().unwrap_or(Status::Fine);
    let seen = Seen { data: data.display().to_string(), status, findings };
    output.result(&seen, || seen.sentences());
    Ok(if status == Status::ActNow { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

impl Seen {
    fn sentences(&self) -> String {
        let line = |Finding { status, sentence, to_do, .. }: &Finding| {
            let to_do = if to_do.is_empty() { String::new() } else { format!("{:14}{to_do}\n", "") };
            format!("{:14}{sentence}\n{to_do}", status.words())
        };
        let lines: String = self.findings.iter().map(line).collect();
        let count = |wanted| self.findings.iter().filter(|finding| finding.status == wanted).count();
        let closing = match (count(Status::ActNow), count(Status::LookAtThis)) {
            (0, 0) => "Everything is fine.".into(),
            (0, look) => format!("Nothing is broken; {look} to look at."),
            (act, look) => format!("{act} to act on now, {look} to look at."),
        };
        format!("{lines}\n{closing}\n")
    }
}
