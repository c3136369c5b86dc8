//! `veche restore`: a data folder from a backup, and never a second history.
//!
//! A backup is older than the record that people were shown. Signed on from there, the record would have other
//! entries under numbers that were signed before, and every receipt given in between would be worth nothing. So the
//! backup is compared with the newest head that anybody has; if somebody has a longer record, what is missing is
//! taken from there and the restored record ends where that one ends.

use crate::check::{Checked, Problem, check, thousands};
use crate::fail::Failed;
use crate::fsck::{self, Assembly, fsck};
use crate::output::Output;
use crate::source::Source;
use crate::trust::{Trust, parse_key};
use record::checkpoint::{Checkpoint, SignedCheckpoint};
use record::policy::Policy;
use record::receipt::Receipt;
use record::tile::TileNodes;
use record::verify::LogSource as _;
use record::{Hash, root_at};
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use store::{Pace, Reader, Restoring};

/// What can be said on the command line.
#[derive(clap::Args)]
pub struct Options {
    /// The backup.
    backup: PathBuf,
    /// The data folder to make. It must not hold data.
    #[arg(long, env = "VECHE_FOLDER")]
    data: PathBuf,
    /// A copy of the record: the address or folder of a mirror, or the old data folder if it can still be read. What
    /// the backup lacks is taken from the longest one. Can be given several times.
    #[arg(long)]
    mirror: Vec<String>,
    /// A signed head of the record that somebody kept: a file `checkpoint`, or a receipt. Can be given several times.
    #[arg(long)]
    head: Vec<PathBuf>,
    /// Restore although there is nothing to compare with. If anybody was shown a later entry, or has a receipt for
    /// one, the restored record will contradict what they have, and they can prove it.
    #[arg(long)]
    nothing_newer_was_shown: bool,
}

/// What was restored.
#[derive(Serialize)]
struct Restored {
    folder: String,
    assemblies: Vec<Outcome>,
    /// What does not fit; then nothing was restored.
    problems: Vec<Problem>,
}

/// One assembly that was restored.
#[derive(Serialize)]
struct Outcome {
    assembly: String,
    /// Entries in the backup.
    before: u64,
    /// Entries in the restored record.
    size: u64,
    /// The root over them, base64.
    root: String,
    /// Participants who joined after the backup: the vault does not know any more who they are.
    unknown: usize,
    /// What the backup was compared with.
    compared: Vec<String>,
}

/// A head that somebody has, signed by the record's own key.
struct Shown {
    place: String,
    head: SignedCheckpoint,
    /// Where the entries can be read, if not only the head is known.
    source: Option<Source>,
}

/// Where the record of an assembly is to end.
struct End {
    assembly: Assembly,
    compared: Vec<String>,
    /// The longer record, checked whole.
    longer: Option<(Source, Checked)>,
}

/// Why nothing was restored.
enum Stop {
    Failed(Failed),
    /// What was compared does not fit together.
    Unsound(Vec<Problem>),
}

impl<E: Into<Failed>> From<E> for Stop {
    fn from(error: E) -> Self {
        Stop::Failed(error.into())
    }
}

/// Restores. Ends with 0 if the folder can be served, and with 1 if something does not fit.
///
/// # Errors
///
/// A sentence; nothing was restored.
pub fn run(options: &Options, output: Output) -> Result<ExitCode, Failed> {
    let mut restored =
        Restored { folder: options.data.display().to_string(), assemblies: Vec::new(), problems: Vec::new() };
    match restore(options) {
        Ok(assemblies) => restored.assemblies = assemblies,
        Err(Stop::Unsound(problems)) => restored.problems = problems,
        Err(Stop::Failed(failed)) => return Err(failed),
    }
    output.result(&restored, || restored.sentences());
    Ok(if restored.problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn restore(options: &Options) -> Result<Vec<Outcome>, Stop> {
    let Options { backup, data, .. } = options;
    if data.join(store::DATABASE).exists() {
        // Before anything that takes long; it is asked again when the folder is locked.
        return Err(store::RestoreError::Holds(data.clone()).into());
    }
    let found = fsck(backup, Pace::full())?;
    if !found.is_sound() {
        return Err(Stop::Unsound(found.problems));
    }
    let mut shown = shown(options, &found.assemblies)?;
    let mut ends = Vec::new();
    for assembly in found.assemblies {
        let (of_it, others) =
            shown.into_iter().partition(|one| one.head.checkpoint().origin() == assembly.origin);
        shown = others;
        ends.push(end(backup, assembly, of_it, options.nothing_newer_was_shown)?);
    }
    let restoring = Restoring::begin(backup, data)?;
    let mut outcomes = Vec::new();
    for End { assembly, compared, longer } in ends {
        let mut outcome = Outcome {
            before: assembly.size,
            size: assembly.size,
            root: assembly.root,
            unknown: 0,
            compared,
            assembly: assembly.assembly,
        };
        if let Some((source, mut checked)) = longer {
            let root: Hash =
                checked.root.parse().map_err(|_| Failed::new("The root of the longer record is not one."))?;
            restoring.catch_up(&assembly.listed, &mut checked.state, root, |path| source.bundle(path))?;
            outcome.size = checked.size;
            outcome.root = checked.root;
            outcome.unknown = fsck::participants(&checked.state).saturating_sub(assembly.participants);
        }
        outcomes.push(outcome);
    }
    let found = fsck(restoring.file(), Pace::full())?;
    if !found.is_sound() {
        return Err(Stop::Unsound(found.problems));
    }
    let said: Vec<String> = outcomes.iter().map(Outcome::comparison).collect();
    restoring.finish(store::clock(), &said.join(" "))?;
    Ok(outcomes)
}

/// Every head that was named, with the record's signature checked.
fn shown(options: &Options, assemblies: &[Assembly]) -> Result<Vec<Shown>, Stop> {
    let mut shown = Vec::new();
    for place in &options.mirror {
        let source = Source::find(place)?;
        shown.push((source.name(), source.checkpoint()?, Some(source)));
    }
    for file in &options.head {
        let place = file.display().to_string();
        let bytes = std::fs::read(file).map_err(|error| Failed::io(format!("Reading {place}"), error))?;
        shown.push((place, bytes, None));
    }
    let read = |(place, bytes, source): (String, Vec<u8>, Option<Source>)| {
        let head = head_in(&bytes)
            .map_err(|error| Failed::new(format!("The head at {place} cannot be read. {error}")))?;
        let origin = head.checkpoint().origin();
        let Some(assembly) = assemblies.iter().find(|one| one.origin == origin) else {
            let ours: Vec<_> = assemblies.iter().map(|one| &*one.origin).collect();
            return Err(Stop::Failed(Failed::new(format!(
                "The record at {place} is {origin}, which is not in the backup. The backup holds {}.",
                ours.join(", ")
            ))));
        };
        let policy =
            Policy::new(parse_key(&assembly.key)?, [], 0).map_err(|error| Failed::new(error.to_string()))?;
        match head.verify(&policy) {
            Ok(_) => Ok(Shown { place, head, source }),
            Err(error) => {
                let sentence =
                    format!("The head at {place} was not signed by the record in the backup. {error}");
                Err(Stop::Unsound(vec![Problem { entry: None, sentence }]))
            }
        }
    };
    shown.into_iter().map(read).collect()
}

/// The signed head in a file, which may be a receipt: those end with one.
fn head_in(bytes: &[u8]) -> Result<SignedCheckpoint, record::checkpoint::CheckpointError> {
    let receipt = std::str::from_utf8(bytes).ok().and_then(|text| text.parse::<Receipt>().ok());
    receipt.map_or_else(|| SignedCheckpoint::from_bytes(bytes), |receipt| Ok(receipt.checkpoint().clone()))
}

/// Finds where the record of an assembly has to end.
fn end(backup: &Path, assembly: Assembly, shown: Vec<Shown>, alone: bool) -> Result<End, Stop> {
    if shown.is_empty() && !alone {
        return Err(nothing_to_compare(&assembly));
    }
    let compared = shown.iter().map(|one| one.place.clone()).collect();
    let heads: Vec<(String, SignedCheckpoint)> =
        shown.iter().map(|one| (one.place.clone(), one.head.clone())).collect();
    let newest = heads.iter().map(|(_, head)| head.checkpoint().size()).max().unwrap_or(0);
    let sources = shown.into_iter().filter_map(|one| Some((one.head.checkpoint().size(), one.source?)));
    let longest = sources.max_by_key(|(size, _)| *size).filter(|(size, _)| *size > assembly.size);
    let longer = match longest {
        Some((_, source)) => {
            let checked = check(&source, &Trust::in_key(&assembly.key)?, |_, _| ())?;
            if !checked.is_sound() {
                return Err(Stop::Unsound(checked.problems));
            }
            Some((source, checked))
        }
        None => None,
    };
    let reader = Box::new(Reader::open_file(backup)?);
    let own = reader.checkpoint(&assembly.listed)?;
    let own: SignedCheckpoint =
        own.parse().map_err(|error| Failed::io("Reading the backup's head", error))?;
    let ours = Source::Data { reader, assembly: assembly.listed.clone(), folder: backup.to_owned() };
    let head = match &longer {
        Some((_, checked)) => checked.signed_head()?,
        None => own.clone(),
    };
    if newest > head.checkpoint().size() {
        return Err(out_of_reach(&assembly, &heads, head.checkpoint().size()));
    }
    let source = longer.as_ref().map_or(&ours, |(source, _)| source);
    let backup = (backup.display().to_string(), own);
    for (place, other) in heads.iter().chain([&backup]) {
        if !continues(source, head.checkpoint(), other.checkpoint())? {
            return Err(conflict(place, other, &source.name(), &head));
        }
    }
    Ok(End { assembly, compared, longer })
}

/// Whether the record at `source`, which ends with `head`, begins with the one that ends with `earlier`.
fn continues(source: &Source, head: &Checkpoint, earlier: &Checkpoint) -> Result<bool, Failed> {
    let failed = |error: record::tile::TileReadError<Failed>| Failed::new(error.to_string());
    let nodes = TileNodes::checked(source, head.size(), &head.root()).map_err(failed)?;
    Ok(root_at(&nodes, earlier.size()).map_err(failed)? == earlier.root())
}

fn nothing_to_compare(assembly: &Assembly) -> Stop {
    Stop::Failed(Failed::new(format!(
        "Nothing was restored, because it cannot be known whether the backup is the newest there is: of “{}” it has {} \
         entries, and if anybody was shown more, going on from here would make a second history. Give --mirror with the \
         address or folder of any copy of the record, or with the old data folder if it can still be read; or --head with a \
         file `checkpoint` or a receipt that somebody kept. Ask those who keep mirrors first, then those who have receipts. If \
         you are certain that nobody was shown anything newer, say --nothing-newer-was-shown; if \
         you are wrong, others will be able to prove that this record contradicts itself.",
        assembly.assembly,
        thousands(assembly.size)
    )))
}

fn out_of_reach(assembly: &Assembly, heads: &[(String, SignedCheckpoint)], have: u64) -> Stop {
    let newest = heads.iter().max_by_key(|(_, head)| head.checkpoint().size());
    let (place, size) =
        newest.map_or((String::new(), 0), |(place, head)| (place.clone(), head.checkpoint().size()));
    Stop::Failed(Failed::new(format!(
        "Nothing was restored: somebody was shown {} entries of “{}” ({place}), and the backup and the mirrors have {} of \
         them only. Going on from there would make a second history. Find a copy that has them and give it with --mirror.",
        thousands(size),
        assembly.assembly,
        thousands(have)
    )))
}

fn conflict(place: &str, other: &SignedCheckpoint, longest: &str, head: &SignedCheckpoint) -> Stop {
    let sentence = format!(
        "Two records go by the same name and were signed with the same key: what {place} has is not the beginning of what \
         {longest} has. Nothing was restored. Keep both heads; they prove it, and people have to be told.\nThe head at \
         {place}:\n{other}The head at {longest}:\n{head}"
    );
    Stop::Unsound(vec![Problem { entry: None, sentence }])
}

impl Outcome {
    /// What the record was compared with, in a sentence that the folder remembers.
    fn comparison(&self) -> String {
        let Self { assembly, before, size, compared, .. } = self;
        let (before, size) = (thousands(*before), thousands(*size));
        match &compared[..] {
            [] => format!(
                "“{assembly}” was restored with {size} entries and compared with nothing: whoever restored it said that \
                 nothing newer was shown."
            ),
            places if before == size => format!(
                "“{assembly}” was restored with {size} entries; nobody has more of them ({}).",
                places.join(", ")
            ),
            places => format!(
                "“{assembly}” was restored with {before} entries of the backup and those up to {size} from a copy ({}).",
                places.join(", ")
            ),
        }
    }
}

impl Restored {
    fn sentences(&self) -> String {
        if let [first, others @ ..] = &self.problems[..] {
            let others: String =
                others.iter().map(|problem| format!("  also: {}\n", problem.sentence)).collect();
            return format!("Nothing was restored. {}\n{others}", first.sentence);
        }
        let mut out = String::new();
        for outcome in &self.assemblies {
            out += &format!("{}\n", outcome.comparison());
            if outcome.size > outcome.before {
                out += &format!(
                    "If anybody has a receipt or a head for more than these {} entries, do not serve the folder: restore \
                     again, with --head for what they have, and look for a copy that has the rest.\n",
                    thousands(outcome.size)
                );
                out += &format!(
                    "What only the vault knew and was added after the backup is lost: reports, sign-ins of organisers, and \
                     who {} participants are who joined since. Their responses count; in their browsers they are new.\n",
                    thousands(outcome.unknown as u64)
                );
            }
        }
        out + &format!(
            "Now run `veche doctor --data {0}`, and serve it: veche serve --data {0}\n",
            self.folder
        )
    }
}
