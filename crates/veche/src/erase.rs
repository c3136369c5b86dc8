//! `veche erase`: deletes the words of one text, by the process that has the folder.

use crate::control::{Order, order, which};
use crate::fail::Failed;
use crate::output::Output;
use assembly::moderation::{By, Command, Erased, Ground};
use assembly::{Field, UnixMs};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};
use store::House;

/// How long the answer waits for the last remains to leave the files. Longer readers are rare; the server goes on
/// by itself.
const PATIENCE: Duration = Duration::from_secs(5);

/// What can be said on the command line.
#[derive(clap::Args)]
pub struct Options {
    /// The data folder.
    #[arg(long, env = "VECHE_FOLDER")]
    data: PathBuf,
    /// Which assembly, if the folder holds more than one: the first part of its addresses.
    #[arg(long)]
    assembly: Option<String>,
    /// The entry that brought the words. Its number stands beside the words, at the receipt.
    #[arg(long)]
    entry: u64,
    /// Which text of that entry: a statement has `text`; a question has `title`, `why` and `decides`.
    #[arg(long, default_value = "text", value_parser = fields())]
    field: String,
    /// Why. It stands on the record for ever.
    #[arg(long, value_parser = grounds())]
    ground: String,
}

fn fields() -> clap::builder::PossibleValuesParser {
    Field::ALL.map(Field::name).into()
}

fn grounds() -> clap::builder::PossibleValuesParser {
    use clap::builder::PossibleValue;
    clap::builder::PossibleValuesParser::new(
        Ground::ALL.map(|ground| PossibleValue::new(ground.name()).help(ground.words())),
    )
}

/// The order to erase one text.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Erase {
    /// Which assembly; the only one if not said.
    pub assembly: Option<String>,
    /// The entry that brought the words.
    pub entry: u64,
    /// Which text of it.
    pub field: Field,
    /// Why.
    pub ground: Ground,
}

/// What was erased.
#[derive(Debug, Serialize, Deserialize)]
pub struct Done {
    /// In which assembly.
    assembly: String,
    /// The entry that brought the words.
    entry: u64,
    /// Which text of it.
    field: Field,
    /// Why.
    ground: Ground,
    /// The entry that says so.
    said_by: u64,
    /// When.
    at: UnixMs,
    /// No file of the folder holds the words any more. If not, somebody reads the database at this moment, and
    /// the server goes on trying; where none runs, the next start does it.
    gone_from_files: bool,
}

/// Erases, and says what was done.
///
/// # Errors
///
/// A sentence; nothing was erased.
pub fn run(options: &Options, output: Output) -> Result<ExitCode, Failed> {
    let unknown = || Failed::new("There is no such field or ground.");
    let erase = Erase {
        assembly: options.assembly.clone(),
        entry: options.entry,
        field: Field::named(&options.field).ok_or_else(unknown)?,
        ground: Ground::named(&options.ground).ok_or_else(unknown)?,
    };
    let done: Done = order(&options.data, Order::Erase(erase))?;
    output.result(&done, || {
        format!(
            "The {} of entry {} is erased, and entry {} says so: {}.\n{}\nWhat this cannot reach: backups you made \
             before, and copies that others do not update. Delete the words there, too.\n",
            done.field.name(),
            done.entry,
            done.said_by,
            done.ground.words(),
            if done.gone_from_files {
                "No file of the data folder holds the words any more."
            } else {
                "Another program reads the database, so remains may still stand in its files. They are removed as soon \
                 as it has finished."
            }
        )
    });
    Ok(ExitCode::SUCCESS)
}

/// Carries the order out on open assemblies.
///
/// # Errors
///
/// A sentence; nothing was erased.
pub fn carry_out(houses: &[House], erase: Erase) -> Result<Done, Failed> {
    let Erase { assembly, entry, field, ground } = erase;
    let house = which(houses, assembly.as_deref())?;
    let erased = Erased { entry, field, ground, by: By::Organiser };
    house.command(assembly::Command::Moderation(Command::Erase(erased)))?;
    let erasure = house.read().state.erasure(entry, field);
    let erasure =
        erasure.ok_or_else(|| Failed::new("The words were erased, and yet the state does not say so."))?;
    let started = Instant::now();
    while house.scrubbing() && started.elapsed() < PATIENCE {
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(Done {
        assembly: house.slug().to_owned(),
        entry,
        field,
        ground,
        said_by: erasure.entry,
        at: erasure.at,
        gone_from_files: !house.scrubbing(),
    })
}
