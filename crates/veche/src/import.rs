//! `veche import`: a conversation held elsewhere becomes a question here, in one transaction.

use crate::fail::Failed;
use crate::output::Output;
use crate::progress::Bar;
use assembly::Command;
use assembly::question::{Activity, Admits, MAX_TITLE, Open, Step, StepName};
use assembly::talk::{self, ImportedResponse, ImportedStatement, Provenance, Response};
use opinion::Value;
use opinion::export::{AgreeIs, Conversation, Event, Files, Moderation, Report};
use opinion::report::counted;
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use store::{Founding, House, Store};

/// The files that an export may consist of. Others in the folder are left alone.
const NAMES: [&str; 9] = [
    "votes.csv",
    "comments.csv",
    "participants-votes.csv",
    "participant-votes.csv",
    "summary.csv",
    "votes.json",
    "comments.json",
    "conversation.json",
    "math-pca2.json",
];

/// What can be said on the command line.
#[derive(clap::Args)]
pub struct Options {
    /// The export: a folder, or one file of responses.
    export: PathBuf,
    /// The data folder. It is made if it is not there.
    #[arg(long, env = "VECHE_FOLDER")]
    data: PathBuf,
    /// The question. Without this, the topic that the export names.
    #[arg(long)]
    title: Option<String>,
    /// Where the material comes from and under which licence, shown with the question.
    #[arg(long)]
    source: Option<String>,
    /// Which assembly: the first part of its addresses. Founded if it is not there.
    #[arg(long, default_value = "assembly")]
    assembly: String,
    /// The name of the assembly, if it is founded now.
    #[arg(long, default_value = "Imported conversations")]
    name: String,
    /// The address of the server as people type it, if the assembly is founded now.
    #[arg(long, env = "VECHE_ADDRESS", default_value = "http://127.0.0.1:8080")]
    address: String,
    #[command(flatten)]
    reading: Reading,
}

/// What nothing in the files may tell.
#[derive(clap::Args, Clone, Copy)]
pub struct Reading {
    /// The number that means agree, 1 or -1, where the files leave it open. A warning says so then.
    #[arg(long, value_parser = agree_is, allow_hyphen_values = true)]
    agree_is: Option<AgreeIs>,
}

fn agree_is(said: &str) -> Result<AgreeIs, String> {
    match said {
        "1" | "+1" => Ok(AgreeIs::One),
        "-1" => Ok(AgreeIs::MinusOne),
        _ => Err("it can only be 1 or -1".to_owned()),
    }
}

/// An export as it lies on disk.
pub struct Export {
    place: PathBuf,
    files: BTreeMap<String, Vec<u8>>,
}

impl Export {
    /// Reads the files of a folder, or one file.
    ///
    /// # Errors
    ///
    /// If there is nothing to read.
    pub fn open(path: &Path) -> Result<Self, Failed> {
        let read = |path: &Path| {
            std::fs::read(path).map_err(|error| Failed::io(format!("Reading {}", path.display()), error))
        };
        let mut files = BTreeMap::new();
        if path.is_dir() {
            for name in NAMES {
                let file = path.join(name);
                // What is there and cannot be looked at is not the same as what is not there.
                match std::fs::metadata(&file) {
                    Ok(found) if found.is_file() => drop(files.insert(name.to_owned(), read(&file)?)),
                    Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                        return Err(Failed::io(format!("Reading {}", file.display()), error));
                    }
                    _ => {}
                }
            }
            if files.is_empty() {
                return Err(Failed::new(format!(
                    "The folder {} has none of the files of an export. Expected are votes.csv and comments.csv, or \
                     votes.json and comments.json; a file of another name is read if it is given instead of its folder.",
                    path.display()
                )));
            }
        } else {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            files.insert(name, read(path)?);
        }
        Ok(Self { place: path.to_owned(), files })
    }

    /// Reads the conversation in it. Where the sign is only assumed, a warning says so.
    ///
    /// # Errors
    ///
    /// The refusal: file, line and reason.
    pub fn conversation(&self, reading: Reading, output: Output) -> Result<Conversation, Failed> {
        let mut files: Files<'_> =
            self.files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
        if let Some(is) = reading.agree_is {
            files = files.agreeing(is);
        }
        let conversation =
            opinion::export::read(&files).map_err(|refusal| Failed::new(refusal.to_string()))?;
        let report = &conversation.report;
        if report.sign_assumed {
            output.warn(&format!(
                "{}: That {} means agree is only assumed; nothing in the files tells. If it is the other way round, \
                 everything that comes of it is inverted: say which it is with --agree-is 1 or --agree-is -1.",
                self.place.display(),
                report.agree_is
            ));
        }
        Ok(conversation)
    }

    /// The files that were read.
    pub fn inputs(&self) -> Vec<PathBuf> {
        if self.place.is_dir() {
            self.files.keys().map(|name| self.place.join(name)).collect()
        } else {
            vec![self.place.clone()]
        }
    }

    /// SHA-256 over names, lengths and bytes, in the order of names.
    fn digest(&self) -> String {
        let mut hash = Sha256::new();
        for (name, bytes) in &self.files {
            hash.update(format!("{name}\0{}\0", bytes.len()));
            hash.update(bytes);
        }
        hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

#[derive(Serialize)]
struct Imported {
    question: u32,
    page: String,
    participants: usize,
    statements: usize,
    responses: usize,
    entries: u64,
    report: Report,
}

/// Imports a Polis conversation.
///
/// # Errors
///
/// A sentence; nothing was imported then.
pub fn polis(options: &Options, output: Output) -> Result<ExitCode, Failed> {
    let reading = Bar::new("Reading the export", 0);
    let export = Export::open(&options.export)?;
    let conversation = export
        .conversation(options.reading, output)
        .map_err(|refusal| Failed::new(format!("{refusal} Nothing was imported.")))?;
    reading.done();
    let mut store = open_store(&options.data)?;
    let title = title(options, &conversation)?;
    let house = house(&mut store, options)?;
    let import = convert(&conversation, options, title, export.digest())?;
    let (participants, statements, responses) =
        (import.participants.len(), import.statements.len(), import.responses.len());
    let writing = Bar::new("Writing entries", (participants + statements + responses) as u64);
    let done = house.command(Command::Talk(talk::Command::Import(Box::new(import))))?;
    writing.done();
    crate::publish::newest(&house)?;
    let question = house.read().state.questions().len() as u32;
    let imported = Imported {
        question,
        page: format!("/{}/q/{question}", house.slug()),
        participants,
        statements,
        responses,
        entries: done.entries.end - done.entries.start,
        report: conversation.report,
    };
    output.result(&imported, || sentences(&imported, &options.data));
    Ok(ExitCode::SUCCESS)
}

/// Opens a data folder with progress.
///
/// # Errors
///
/// As [`Store::open`].
pub fn open_store(folder: &Path) -> Result<Store, Failed> {
    let loading = Bar::new("Reading the record", 0);
    let store = Store::open(folder, &mut |done, total| {
        loading.of(total);
        loading.set(done);
    })?;
    loading.done();
    Ok(store)
}

fn house(store: &mut Store, options: &Options) -> Result<House, Failed> {
    if let Some(house) = store.houses().iter().find(|house| house.slug() == options.assembly)
        && house.read().state.size() > 0
    {
        return Ok(house.clone());
    }
    Ok(store.found(Founding {
        slug: options.assembly.clone(),
        title: options.name.clone(),
        address: options.address.clone(),
    })?)
}

fn title(options: &Options, conversation: &Conversation) -> Result<String, Failed> {
    let folder = options.export.file_stem().unwrap_or_default().to_string_lossy();
    let title = match &options.title {
        Some(title) => title.clone(),
        None if conversation.topic.trim().is_empty() => folder.into_owned(),
        None => printable(conversation.topic.trim()),
    };
    let length = title.chars().count();
    if length > MAX_TITLE {
        return Err(Failed::new(format!(
            "The export's topic is {length} characters long, and a question may have {MAX_TITLE}. Give a shorter one \
             with --title. Nothing was imported."
        )));
    }
    Ok(title)
}

/// Without the control characters that no text here may have.
fn printable(text: &str) -> String {
    text.chars()
        .filter(|c| {
            (!c.is_control() || matches!(c, '\n' | '\r' | '\t'))
                && !matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
        })
        .collect()
}

fn convert(
    conversation: &Conversation,
    options: &Options,
    title: String,
    digest: String,
) -> Result<talk::Import, Failed> {
    let people = number_people(conversation);
    let places: HashMap<u32, u32> =
        (0u32..).zip(&conversation.statements).map(|(place, statement)| (statement.number, place)).collect();
    let mut statements = Vec::with_capacity(conversation.statements.len());
    for statement in &conversation.statements {
        let words = match statement.text.as_str() {
            "" => format!("Statement {} (its words were not in the files)", statement.number),
            words => words.to_owned(),
        };
        statements.push(ImportedStatement {
            by: statement.author.and_then(|author| people.places.get(&author).copied()),
            text: store::text(words)?,
            rejected: statement.moderation == Moderation::Rejected,
            meta: statement.meta,
            then: statement.created,
            there: Some(statement.number),
        });
    }
    let response = |event: &Event| {
        Some(ImportedResponse {
            participant: *people.places.get(&event.participant)?,
            statement: *places.get(&event.statement)?,
            response: match event.value {
                Value::Agree => Response::Agree,
                Value::Disagree => Response::Disagree,
                Value::Pass => Response::Pass,
            },
            then: event.time(),
        })
    };
    let why = printable(conversation.description.trim());
    let asides = [Some(why).filter(|why| !why.is_empty()), options.source.clone()];
    let [why, source] = asides.map(|aside| aside.map(store::text).transpose());
    let activities = vec![Activity::State, Activity::Respond];
    Ok(talk::Import {
        open: Open {
            title: store::text(title)?,
            why: why?,
            decides: None,
            admits: Admits::Guests,
            simulated: false,
            steps: vec![Step { step: StepName::Talk, opens: store::clock(), closes: None, activities }],
        },
        provenance: Some(Provenance {
            from: "Polis".into(),
            format: conversation.report.format(),
            digest,
            source: source?,
        }),
        participants: people.numbers.into_iter().map(Some).collect(),
        statements,
        responses: conversation.events.iter().filter_map(response).collect(),
    })
}

/// Participants in the order of first response, then authors who never responded.
struct People {
    /// The number each had there.
    numbers: Vec<u32>,
    places: HashMap<u32, u32>,
}

fn number_people(conversation: &Conversation) -> People {
    let responders = conversation.events.iter().map(|event| event.participant);
    let authors = conversation.statements.iter().filter_map(|statement| statement.author);
    let mut people = People { numbers: Vec::new(), places: HashMap::new() };
    for number in responders.chain(authors) {
        let next = people.numbers.len() as u32;
        if let std::collections::hash_map::Entry::Vacant(place) = people.places.entry(number) {
            place.insert(next);
            people.numbers.push(number);
        }
    }
    people
}

fn sentences(imported: &Imported, data: &Path) -> String {
    let Imported { question, participants, statements, responses, entries, report, page } = imported;
    let mut out = format!(
        "Question {question}: {}, {} and {} are on the record now, in {entries} entries.\n",
        counted(*participants, "participant"),
        counted(*statements, "statement"),
        counted(*responses, "response")
    );
    for sentence in report.sentences() {
        out.push_str(&sentence);
        out.push('\n');
    }
    out.push_str(&format!("See it: veche serve --data {}, then {page}\n", data.display()));
    out
}
