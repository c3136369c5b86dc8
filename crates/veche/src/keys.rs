//! `veche keys`: which keys sign a record, changing to another one, retiring those before it.
//!
//! Works while the server runs and while it does not. A change is an entry that both keys sign: whoever trusts the old
//! key follows it to the new one, and nobody has to be told.

use crate::control::{Order, order, which};
use crate::fail::Failed;
use crate::output::Output;
use record::checkpoint::SignedCheckpoint;
use record::note::{SigningKey, VerifierKey};
use serde::{Deserialize, Serialize};
use std::fs::OpenOptions;
use std::io::{Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use store::House;

/// The longest file with a secret key.
const MAX_FILE: u64 = 4_096;

/// What can be done with keys.
#[derive(clap::Subcommand)]
pub enum Keys {
    /// Show the keys that a record was signed by, and which of them sign now.
    Show(Which),
    /// Go on under a new key. An entry says so, signed by the old key and by the new one.
    ///
    /// From then on both keys sign every head, so that witnesses and mirrors that know only the old one keep working;
    /// `veche keys retire` ends that. Whoever checks with the old key is led to the new one by the entry.
    Rotate {
        #[command(flatten)]
        which: Which,
        /// The new key: a file that `veche keys create` made. Without it, a key is made here and now.
        #[arg(long)]
        to: Option<PathBuf>,
    },
    /// Retire the keys that were given up: they sign no more heads and are deleted here.
    ///
    /// First tell witnesses the new key, and give mirrors the time to update. A mirror that comes later follows the
    /// entries; a witness has to be told.
    Retire(Which),
    /// Make a key in advance, to be kept elsewhere until it is needed.
    ///
    /// If the server was broken into, the record can go on under a key that was never on it: `veche keys rotate --to FILE`
    /// on a backup of the data folder. The old key in the backup signs the change, too. Keep the file where the server
    /// cannot reach it.
    Create {
        #[command(flatten)]
        which: Which,
        /// The file to write the secret key to. It must not be there yet.
        #[arg(long, short)]
        output: PathBuf,
    },
}

/// Which record.
#[derive(clap::Args)]
pub struct Which {
    /// The data folder.
    #[arg(long, env = "VECHE_FOLDER")]
    data: PathBuf,
    /// Which assembly, if the folder holds more than one: the first part of its addresses.
    #[arg(long)]
    assembly: Option<String>,
}

/// The order that goes to the process that has the folder.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyOrder {
    assembly: Option<String>,
    act: KeyAct,
}

/// What is to be done.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum KeyAct {
    Show,
    Rotate { seed: Option<[u8; 32]> },
    Retire,
}

impl std::fmt::Debug for KeyAct {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Never the seed.
        f.write_str(match self {
            KeyAct::Show => "Show",
            KeyAct::Rotate { .. } => "Rotate",
            KeyAct::Retire => "Retire",
        })
    }
}

/// The keys of a record.
#[derive(Debug, Serialize, Deserialize)]
pub struct Shown {
    assembly: String,
    /// The name under which the record signs.
    origin: String,
    /// Every key, from the founding's on.
    keys: Vec<Key>,
}

/// One of them.
#[derive(Debug, Serialize, Deserialize)]
struct Key {
    /// The verifier key.
    key: String,
    /// The entry that names it.
    entry: u64,
    /// Whether it signs the present head.
    signs: bool,
}

#[derive(Serialize)]
struct Created {
    file: String,
    key: String,
}

/// Shows, changes, retires or makes keys.
///
/// # Errors
///
/// A sentence; the record is signed as before.
pub fn run(keys: &Keys, output: Output) -> Result<ExitCode, Failed> {
    let ask = |which: &Which, act: KeyAct| -> Result<Shown, Failed> {
        order(&which.data, Order::Keys(KeyOrder { assembly: which.assembly.clone(), act }))
    };
    match keys {
        Keys::Show(which) => {
            let shown = ask(which, KeyAct::Show)?;
            output.result(&shown, || shown.sentences());
        }
        Keys::Rotate { which, to } => {
            let name = match to {
                Some(_) => Some(ask(which, KeyAct::Show)?.origin),
                None => None,
            };
            let seed = to.as_deref().zip(name.as_deref()).map(|(file, name)| read(file, name)).transpose()?;
            let shown = ask(which, KeyAct::Rotate { seed })?;
            output.result(&shown, || {
                let new = shown.keys.last().map_or("", |key| &key.key);
                let entry = shown.keys.last().map_or(0, |key| key.entry);
                format!(
                    "The record of {} goes on under a new key, and entry {entry} says so, signed by both:\n  {new}\n\
                     The old key signs beside it until you retire it.\nWhat to do: give the new key to your witnesses; make a \
                     backup; print the key for those who keep it on paper. Then: veche keys retire\n",
                    shown.assembly
                )
            });
        }
        Keys::Retire(which) => {
            let shown = ask(which, KeyAct::Retire)?;
            output.result(&shown, || {
                format!("The old keys sign no more and are deleted.\n{}", shown.sentences())
            });
        }
        Keys::Create { which, output: file } => {
            let origin = ask(which, KeyAct::Show)?.origin;
            let created = create(file, &origin)?;
            output.result(&created, || {
                format!(
                    "{} holds a secret key for this record. Keep it where this server cannot reach it, and nowhere else.\n\
                     Its public half:\n  {}\nWhen it is needed: veche keys rotate --to {0}\n",
                    created.file, created.key
                )
            });
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Carries the order out on open assemblies.
///
/// # Errors
///
/// A sentence; the record is signed as before.
pub fn carry_out(houses: &[House], order: KeyOrder) -> Result<Shown, Failed> {
    let house = which(houses, order.assembly.as_deref())?;
    match order.act {
        KeyAct::Show => None,
        KeyAct::Rotate { seed } => Some(house.rotate_key(seed)?),
        KeyAct::Retire => Some(house.retire_keys()?),
    };
    let live = house.read();
    let head: SignedCheckpoint = live
        .checkpoint
        .parse()
        .map_err(|error| Failed::new(format!("The signed head (checkpoint) cannot be read. {error}")))?;
    let signs = |key: &str| {
        let id = key.parse().map(|key: VerifierKey| key.key_id());
        id.is_ok_and(|id| head.note().signatures().iter().any(|line| line.key_id() == id))
    };
    let keys = live.state.roll().keys();
    let keys = keys.map(|(key, entry)| Key { key: key.to_owned(), entry, signs: signs(key) }).collect();
    Ok(Shown { assembly: house.slug().to_owned(), origin: house.origin().to_owned(), keys })
}

impl Shown {
    fn sentences(&self) -> String {
        let line = |key: &Key| {
            let signs = if key.signs { "signs" } else { "signs no more" };
            format!("  since entry {:>9}  {signs:13}  {}\n", key.entry, key.key)
        };
        let lines: String = self.keys.iter().map(line).collect();
        format!("Keys of the record of {}, from the founding on:\n{lines}", self.assembly)
    }
}

/// Makes a key and writes it to a file that only its owner may read.
fn create(file: &Path, name: &str) -> Result<Created, Failed> {
    let key =
        SigningKey::from_seed(&store::random()?, name).map_err(|error| Failed::new(error.to_string()))?;
    let failed = |error| Failed::io(format!("Writing {}", file.display()), error);
    let mut to = OpenOptions::new().write(true).create_new(true).mode(0o600).open(file).map_err(failed)?;
    writeln!(to, "{}", key.private_text()).and_then(|()| to.sync_all()).map_err(failed)?;
    Ok(Created { file: file.display().to_string(), key: key.verifier().to_string() })
}

/// The seed in a file that [`create`] wrote, for the record of that name.
fn read(file: &Path, name: &str) -> Result<[u8; 32], Failed> {
    let failed = |error| Failed::io(format!("Reading {}", file.display()), error);
    let mut text = String::new();
    let open = std::fs::File::open(file).map_err(failed)?;
    open.take(MAX_FILE).read_to_string(&mut text).map_err(failed)?;
    let key = SigningKey::from_private_text(text.trim()).map_err(|error| {
        Failed::new(format!("{}: {error} Make one with: veche keys create", file.display()))
    })?;
    match key.name() == name {
        true => Ok(key.seed()),
        false => Err(Failed::new(format!(
            "{} holds a key of another record, {}. Make one for this record with: veche keys create",
            file.display(),
            key.name()
        ))),
    }
}
