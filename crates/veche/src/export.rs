//! `veche export`: the record in one file, to be taken away and checked elsewhere without a network.
//!
//! What was written is opened and checked as anybody would, before it is said to be there.

use crate::check::{Checked, Problem, check, thousands};
use crate::fail::Failed;
use crate::output::Output;
use crate::progress::Bar;
use crate::recount::to_pack;
use crate::source::Source;
use crate::trust;
use assembly::results::Results;
use assembly::{Field, Opened, QuestionId};
use record::checkpoint::SignedCheckpoint;
use record::tile::{BundlePath, TilePath, TileSource};
use record::verify::LogSource;
use serde::Serialize;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use web::bundle::{Origin, Packing};

/// How often it is begun anew because the record grew meanwhile.
const TRIES: usize = 3;

/// What can be said on the command line.
#[derive(clap::Args)]
#[command(group(clap::ArgGroup::new("what").required(true).args(["question", "all"])))]
pub struct Options {
    /// The address of an assembly (or of the server, if it has one only), a data folder, a copy of a record, or another
    /// bundle.
    place: String,
    /// All entries, and the texts and the result of this question only.
    #[arg(long)]
    question: Option<u32>,
    /// All entries, all texts, all results.
    #[arg(long)]
    all: bool,
    /// The file to write. It must not be there yet.
    #[arg(long, short)]
    output: PathBuf,
    #[command(flatten)]
    trust: trust::Options,
}

/// What was written.
#[derive(Debug, Serialize)]
struct Exported {
    /// Where.
    file: String,
    /// How long it is.
    bytes: u64,
    /// Results in it that were published.
    published: Option<usize>,
    /// What checking it found.
    record: Checked,
}

/// Writes a bundle and checks it. Ends with 0 if what was written holds and with 1 if not; it is kept then, too, because
/// it shows what is wrong.
///
/// # Errors
///
/// A sentence, if nothing could be written.
pub fn run(options: &Options, output: Output) -> Result<ExitCode, Failed> {
    let source = Source::find(&options.place)?;
    let question = options.question.map(QuestionId);
    if let (Some(has), true) = (source.question(), question != source.question()) {
        return Err(Failed::new(format!(
            "{} is a bundle of question {has} alone. Export that question, or export from the server or a mirror.",
            source.name()
        )));
    }
    let mut exported = write(&source, question, options)?;
    for _ in 1..TRIES {
        // Words that were erased while it was written are gone without the entry that says so.
        let missed = !exported.record.is_sound()
            && SignedCheckpoint::from_bytes(&source.checkpoint()?)
                .is_ok_and(|now| now.checkpoint().size() > exported.record.size);
        if !missed {
            break;
        }
        std::fs::remove_file(&options.output).map_err(|error| Failed::io("Removing the first try", error))?;
        exported = write(&source, question, options)?;
    }
    if let Some(id) =
        question.filter(|id| exported.record.is_sound() && exported.record.state.question(*id).is_none())
    {
        std::fs::remove_file(&options.output).map_err(|error| Failed::io("Removing the file", error))?;
        return Err(Failed::new(format!("There is no question {id} in this record. Nothing was written.")));
    }
    let sound = exported.record.is_sound();
    output.result(&exported, || exported.sentences());
    Ok(if sound { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn write(source: &Source, question: Option<QuestionId>, options: &Options) -> Result<Exported, Failed> {
    let (checkpoint, results) = steady(source, question)?;
    let mut packing = Packing::new(Origins(source), checkpoint, question, results.as_deref())
        .map_err(|error| Failed::new(error.to_string()))?;
    let (file, to) = (options.output.as_path(), Unfinished::create(&options.output)?);
    let failed = |error| Failed::io(format!("Writing {}", file.display()), error);
    let mut out = BufWriter::new(&to.file);
    let bar = Bar::new("Packing entries", 0);
    bar.of(packing.size());
    while let Some(piece) = packing.next() {
        out.write_all(&piece.map_err(|error| Failed::new(error.to_string()))?).map_err(failed)?;
        bar.set(packing.packed());
    }
    bar.done();
    out.flush().and_then(|()| to.file.sync_all()).map_err(failed)?;
    drop(out);
    let bytes = to.keep().map_err(failed)?;
    let written = Source::find(&file.display().to_string())?;
    let record = check(&written, &options.trust.read()?, |_, _| ())?;
    Ok(Exported {
        file: file.display().to_string(),
        bytes,
        published: results.map(|results| results.len()),
        record,
    })
}

/// A head, and results published up to it. Where the record grows all the time, results of a few entries before.
fn steady(source: &Source, question: Option<QuestionId>) -> Result<(Vec<u8>, Option<Vec<Results>>), Failed> {
    let mut head = source.checkpoint()?;
    for attempt in 1.. {
        let results = to_pack(source, question)?;
        let now = source.checkpoint()?;
        if now == head || attempt == TRIES {
            return Ok((now, results));
        }
        head = now;
    }
    Ok((head, None))
}

/// The file being written: gone again if that breaks off.
struct Unfinished<'a> {
    path: &'a Path,
    file: File,
    kept: bool,
}

impl<'a> Unfinished<'a> {
    fn create(path: &'a Path) -> Result<Self, Failed> {
        let file = File::create_new(path).map_err(|error| match error.kind() {
            std::io::ErrorKind::AlreadyExists => Failed::new(format!(
                "{} is there already and is not written over. Name another file, or remove that one first.",
                path.display()
            )),
            _ => Failed::io(format!("Making the file {}", path.display()), error),
        })?;
        Ok(Self { path, file, kept: false })
    }

    fn keep(mut self) -> std::io::Result<u64> {
        self.kept = true;
        Ok(self.file.metadata()?.len())
    }
}

impl Drop for Unfinished<'_> {
    fn drop(&mut self) {
        if !self.kept {
            // It says nothing to anybody; if it cannot be removed, it will be refused as cut off.
            let _ = std::fs::remove_file(self.path);
        }
    }
}

impl Exported {
    fn sentences(&self) -> String {
        let Self { file, bytes, published, record } = self;
        let megabytes = *bytes as f64 / 1e6;
        let results = match published {
            Some(1) => "1 published result".into(),
            Some(many) => format!("{} published results", thousands(*many as u64)),
            None => "no published results, because a copy has none".into(),
        };
        let problems = record.problems.iter().map(|Problem { sentence, .. }| format!("  {sentence}\n"));
        match record.is_sound() {
            true => format!(
                "{file} holds {} entries, {} texts and {results} ({megabytes:.1} MB), and was checked after it was written.\n\
                 Check it anywhere, without a network: veche verify {file}\n                                       veche \
                 recount {file}\n",
                thousands(record.size),
                thousands(record.texts),
            ),
            false => format!(
                "{file} was written ({megabytes:.1} MB), but what it was made from is not sound:\n{}",
                problems.collect::<String>()
            ),
        }
    }
}

/// The source as something that can be packed.
struct Origins<'a>(&'a Source);

impl TileSource for Origins<'_> {
    type Error = Failed;

    fn tile(&self, path: TilePath) -> Result<Vec<u8>, Failed> {
        self.0.tile(path)
    }
}

impl LogSource for Origins<'_> {
    fn bundle(&self, path: BundlePath) -> Result<Vec<u8>, Failed> {
        self.0.bundle(path)
    }
}

impl Origin for Origins<'_> {
    fn texts(&self, entry: u64) -> Result<Vec<(Field, Opened)>, Failed> {
        self.0.texts(entry)
    }
}
