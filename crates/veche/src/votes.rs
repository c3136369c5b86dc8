//! `veche count`: a file of votes is counted, without a server.

use crate::fail::Failed;
use crate::output::{self, Output};
use crate::progress::Bar;
use count::report::{Request, report, rules, rules_json};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// What can be said on the command line.
#[derive(clap::Args)]
pub struct Options {
    /// The votes: Pabulib .pb, PrefLib .soc .soi .toc .toi .cat, BLT, a contest of RCTab in JSON with the ballots it
    /// names beside it, or the rule consent in JSON with its objections.
    #[arg(required_unless_present = "rules")]
    file: Option<PathBuf>,
    /// The rule, by its name in `--rules` or as JSON with every parameter. Without this, the one that the file
    /// names or implies.
    #[arg(long)]
    rule: Option<String>,
    /// How many are to be chosen, if the file does not say.
    #[arg(long)]
    seats: Option<u32>,
    /// The published lot order of the options for ties: 3,1,2.
    #[arg(long)]
    lot: Option<String>,
    /// Tell every step in sentences.
    #[arg(long)]
    explain: bool,
    /// How close it was, the same votes under other rules, and how often each winner survives drawing the votes again.
    #[arg(long)]
    what_if: bool,
    /// Follow the vote in this row through the count, from 1.
    #[arg(long)]
    vote: Option<usize>,
    /// Write the result as a page that can be published.
    #[arg(long)]
    html: Option<PathBuf>,
    /// Write the votes as they were read in another format: .pb (with the rule, if Pabulib has a name for it), .blt,
    /// PrefLib's, or .json for a contest of RCTab with its rule and, in a .csv beside it, its ballots. What the file said
    /// about voters is left out.
    #[arg(long)]
    write: Option<PathBuf>,
    /// List the rules with their parameters and sources.
    #[arg(long)]
    rules: bool,
}

/// Counts.
///
/// # Errors
///
/// A sentence, if the file is refused or cannot be read.
pub fn run(options: &Options, output: Output) -> Result<ExitCode, Failed> {
    let Some(file) = options.file.as_deref().filter(|_| !options.rules) else {
        output.text(&if output.json { rules_json() + "\n" } else { rules() });
        return Ok(ExitCode::SUCCESS);
    };
    let request = Request {
        rule: options.rule.clone(),
        seats: options.seats,
        lot: options.lot.clone(),
        what_if: options.what_if,
        vote: options.vote,
    };
    let bytes = read(file)?;
    let name = file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let folder = file.parent().unwrap_or(Path::new("."));
    for to in options.html.iter().chain(&options.write) {
        output::not_over(to, options.file.as_ref())?;
    }
    // A contest's options name the files of its ballots; of the names one may have, the first that is there is taken.
    let there = |name: String| Some((name.clone(), std::fs::read(folder.join(name)).ok()?));
    let wanted = count::files::wanted(name, &bytes);
    let beside: Vec<_> = wanted.into_iter().filter_map(|names| names.into_iter().find_map(there)).collect();
    let bar = Bar::busy("Counting");
    let report = report(name, &bytes, &beside, &request);
    bar.done();
    let report = report.map_err(|refusal| Failed::new(refusal.to_string()))?;
    if let Some(to) = &options.write {
        let name = to.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        for (name, text) in report.files(name).map_err(|refusal| Failed::new(refusal.to_string()))? {
            let to = to.with_file_name(name);
            output::write(&to, text)?;
        }
    }
    if let Some(html) = &options.html {
        output::write(html, report.html())?;
    }
    output.text(&if output.json { report.json() } else { report.text(options.explain) });
    Ok(ExitCode::SUCCESS)
}

fn read(file: &Path) -> Result<Vec<u8>, Failed> {
    std::fs::read(file).map_err(|error| Failed::io(format!("Reading {}", file.display()), error))
}
