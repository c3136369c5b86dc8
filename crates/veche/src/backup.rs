//! `veche backup`: one file with everything, made while the server runs, and checked before it gets its name.

use crate::check::thousands;
use crate::fail::Failed;
use crate::fsck;
use crate::output::Output;
use crate::progress::Bar;
use crate::source::need_data_folder;
use serde::Serialize;
use std::path::PathBuf;
use std::process::ExitCode;
use store::{Backup, Pace, Work};

/// What can be said on the command line.
#[derive(clap::Args)]
pub struct Options {
    /// The data folder.
    #[arg(long, env = "VECHE_FOLDER")]
    data: PathBuf,
    /// The file to write. It must not exist.
    target: PathBuf,
}

/// What was made.
#[derive(Serialize)]
struct Made {
    file: String,
    bytes: u64,
    /// Milliseconds since 1970.
    at: u64,
    assemblies: Vec<fsck::Assembly>,
    /// The folder remembers that this backup was made.
    remembered: bool,
}

/// Makes the backup.
///
/// # Errors
///
/// A sentence; there is no such backup then.
pub fn run(options: &Options, output: Output) -> Result<ExitCode, Failed> {
    let Options { data, target } = options;
    need_data_folder(data)?;
    let at = store::clock();
    let writing = Bar::new("Writing the backup", 0);
    let backup = Backup::write(data, target, at, &|done, total| {
        writing.of(total);
        writing.set(done);
    });
    writing.done();
    let backup = backup?;
    let found = fsck::fsck(backup.file(), Pace::full())?;
    if let Some(problem) = found.first() {
        return Err(Failed::new(format!(
            "What is in {} is not sound, so no backup was made of it, and older ones are worth keeping: {problem} Run \
             `veche fsck --data {0}`.",
            data.display()
        )));
    }
    let bytes = std::fs::metadata(backup.file()).map_or(0, |about| about.len());
    backup.name()?;
    // The backup is there, whether this can be written or not.
    let remembered = store::worked(data, Work::Backup, at, "").is_ok();
    let file = target.display().to_string();
    let made = Made { file, bytes, at, assemblies: found.assemblies, remembered };
    output.result(&made, || made.sentences());
    Ok(ExitCode::SUCCESS)
}

impl Made {
    fn sentences(&self) -> String {
        let entries = self.assemblies.iter().map(|one| one.size).sum();
        let remembered = if self.remembered {
            ""
        } else {
            "The data folder could not be written, so it does not remember that this backup was made.\n"
        };
        format!(
            "{} holds everything, {} entries ({:.1} MB), and was checked whole.\n\
             It holds the signing keys and the vault: whoever reads it can sign in the record's name. Keep it as you keep \
             keys, away from this machine.\n{remembered}",
            self.file,
            thousands(entries),
            self.bytes as f64 / 1e6
        )
    }
}
