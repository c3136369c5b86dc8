//! A bundle: the record of an assembly in one file, to be taken away and checked elsewhere without a network.
//!
//! It is a plain tar archive. In its folder `record/` lie the files of the record as a mirror keeps them
//! (C2SP tlog-tiles), the results as they were published, and a page in plain words. Unpacked, it is a folder that
//! `veche verify` reads and other people's tools for tlog-tiles read, too.
//!
//! A bundle of one question holds **all entries** and only that question's texts. Whoever wants to believe a result
//! must see that no entry was left out, and an entry that is only a hash could be about anything; entries hold
//! numbers, no names and no words. What people wrote under other questions is not needed for it.
//!
//! Invariant: a bundle of one head, one question and the same signatures is the same bytes, whoever packs it.
//!
//! What this is not: it checks nothing of the record. Whoever opens a bundle does, as with every other copy of one;
//! [`archive`] only finds the files in it.

pub mod archive;
mod readme;
pub mod tar;

use assembly::moderation;
use assembly::results::Results;
use assembly::{Act, Entry, Field, Opened, QuestionId};
use record::checkpoint::{Checkpoint, CheckpointError, SignedCheckpoint};
use record::tile::{BundlePath, FilePath, bundles, decode_bundle, tiles};
use record::verify::LogSource;
use serde::{Deserialize, Serialize};
use serde_json::{Map, json};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;

/// The folder in the archive, with its slash: unpacking makes one folder and no disorder.
pub const FOLDER: &str = "record/";
/// The file that says what the bundle is of.
pub const ABOUT: &str = "bundle.json";
/// The page in plain words.
pub const README: &str = "README.txt";
/// The published results.
pub const RESULTS: &str = "results.json";
/// The signed head.
pub const CHECKPOINT: &str = "checkpoint";
/// The form described here. A reader that meets another says so and stops.
const FORMAT: &str = "veche/bundle/v1";

/// A record that can be packed: its files, and the words beside its entries.
pub trait Origin: LogSource {
    /// The words kept beside an entry, by field; none where there are none.
    ///
    /// # Errors
    ///
    /// If it cannot be found out, or the words were erased since the head that is packed.
    fn texts(&self, entry: u64) -> Result<Vec<(Field, Opened)>, Self::Error>;
}

/// What a bundle says of itself, in the file `bundle.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct About {
    format: String,
    origin: String,
    size: u64,
    root: String,
    /// The one question whose texts are in it; `null`: all are.
    question: Option<QuestionId>,
    /// SHA-256 of `README.txt`, in hexadecimal.
    readme: String,
    /// SHA-256 of `results.json`, in hexadecimal; `null` where whoever packed it had no published results.
    results: Option<String>,
}

impl About {
    fn new(head: &Checkpoint, question: Option<QuestionId>, readme: &str, results: Option<&[u8]>) -> Self {
        Self {
            format: FORMAT.into(),
            origin: head.origin().into(),
            size: head.size(),
            root: head.root().to_string(),
            question,
            readme: digest(readme.as_bytes()),
            results: results.map(digest),
        }
    }

    /// Reads the file, and checks that the others beside it are those it was packed with.
    ///
    /// # Errors
    ///
    /// A sentence that names the file that does not fit.
    pub fn read(
        about: &[u8],
        head: &Checkpoint,
        readme: Option<&[u8]>,
        results: Option<&[u8]>,
    ) -> Result<Self, String> {
        let read: Self = serde_json::from_slice(about).map_err(|error| {
            format!("The file {ABOUT} cannot be read: {error}. It was changed, or a newer Veche wrote it.")
        })?;
        if read.format != FORMAT {
            return Err(format!(
                "The bundle is of the form “{}”, which this program does not know. Use a newer Veche.",
                read.format.escape_default()
            ));
        }
        if serde_json::to_vec(&read).ok().as_deref() != Some(about) {
            return Err(format!("The file {ABOUT} is not as Veche writes it: it was changed."));
        }
        let (size, root) = (head.size(), head.root().to_string());
        if (&*read.origin, read.size, &*read.root) != (head.origin(), size, &*root) {
            return Err(format!(
                "The file {ABOUT} speaks of another head than the file {CHECKPOINT}: one of the two was changed."
            ));
        }
        if readme.map(digest).as_ref() != Some(&read.readme) {
            return Err(changed(README));
        }
        if results.map(digest) != read.results {
            return Err(changed(RESULTS));
        }
        Ok(read)
    }

    /// The one question whose texts are in the bundle; `None`: the texts of all are.
    pub fn question(&self) -> Option<QuestionId> {
        self.question
    }
}

fn changed(file: &str) -> String {
    format!(
        "The file {file} of the bundle is not the one it was packed with: it was changed, removed or added."
    )
}

fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Why a bundle breaks off.
#[derive(Debug, thiserror::Error)]
pub enum PackError<E> {
    /// The record could not be read.
    #[error("{0}")]
    Origin(E),
    /// There is no head to pack.
    #[error("The signed head (checkpoint) cannot be read. {0}")]
    Head(CheckpointError),
    /// More than an archive can say.
    #[error("The file {0} is too large for a bundle.")]
    TooLarge(String),
}

/// Packs a record up to a signed head, piece by piece: an iterator over the bytes of the archive.
///
/// Memory: one file of the record (at most 16 MiB), and eight bytes for each text.
pub struct Packing<S> {
    origin: S,
    /// Of every file: the time of the last entry, in seconds since 1970.
    mtime: u64,
    question: Option<QuestionId>,
    files: Box<dyn Iterator<Item = File> + Send>,
    /// The texts of the entries packed so far that were not erased by one of them.
    texts: BTreeMap<u64, Vec<Field>>,
    done: bool,
    size: u64,
    packed: u64,
}

/// The next file of an archive.
enum File {
    Ready(&'static str, Vec<u8>),
    Row(FilePath),
}

impl<S: Origin> Packing<S> {
    /// Packs the record of `origin` up to `checkpoint`, with all texts or those of one question, and with results as
    /// they were published up to that head.
    ///
    /// # Errors
    ///
    /// [`PackError::Head`] if the head is none, [`PackError::Origin`] if the last entries cannot be read.
    pub fn new(
        origin: S,
        checkpoint: Vec<u8>,
        question: Option<QuestionId>,
        results: Option<&[Results]>,
    ) -> Result<Self, PackError<S::Error>> {
        let signed = SignedCheckpoint::from_bytes(&checkpoint).map_err(PackError::Head)?;
        let head = signed.checkpoint();
        let at = last_at(&origin, head.size()).map_err(PackError::Origin)?;
        // Results are plain numbers and words: writing them does not fail.
        let results = results.and_then(|results| serde_json::to_vec(results).ok());
        let readme = readme::text(head, question, at, results.is_some());
        let about = About::new(head, question, &readme, results.as_deref());
        let mut first = vec![
            File::Ready(README, readme.into_bytes()),
            File::Ready(ABOUT, serde_json::to_vec(&about).unwrap_or_default()),
            File::Ready(CHECKPOINT, checkpoint),
        ];
        first.extend(results.map(|results| File::Ready(RESULTS, results)));
        let rows = tiles(head.size()).map(FilePath::Tile).chain(bundles(head.size()).map(FilePath::Bundle));
        Ok(Self {
            origin,
            mtime: at / 1_000,
            question,
            files: Box::new(first.into_iter().chain(rows.map(File::Row))),
            texts: BTreeMap::new(),
            done: false,
            size: head.size(),
            packed: 0,
        })
    }

    /// Entries that there are to pack.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Entries packed so far.
    pub fn packed(&self) -> u64 {
        self.packed
    }

    fn step(&mut self) -> Result<Option<Vec<u8>>, PackError<S::Error>> {
        if let Some(file) = self.files.next() {
            return self.file(file).map(Some);
        }
        while let Some((entry, fields)) = self.texts.pop_first() {
            let texts = self.origin.texts(entry).map_err(PackError::Origin)?;
            if let Some(file) = text_file(entry, &fields, &texts) {
                return self.pack(&format!("text/{entry}"), &file).map(Some);
            }
        }
        let end = (!self.done).then(|| tar::END.to_vec());
        self.done = true;
        Ok(end)
    }

    fn file(&mut self, file: File) -> Result<Vec<u8>, PackError<S::Error>> {
        match file {
            File::Ready(name, bytes) => self.pack(name, &bytes),
            File::Row(FilePath::Tile(path)) => {
                let bytes = self.origin.tile(path).map_err(PackError::Origin)?;
                self.pack(&path.to_string(), &bytes)
            }
            File::Row(FilePath::Bundle(path)) => {
                let bytes = self.origin.bundle(path).map_err(PackError::Origin)?;
                self.look_through(path, &bytes);
                self.packed = path.entries().end;
                self.pack(&path.to_string(), &bytes)
            }
        }
    }

    fn pack(&self, name: &str, bytes: &[u8]) -> Result<Vec<u8>, PackError<S::Error>> {
        tar::file(&format!("{FOLDER}{name}"), bytes, self.mtime)
            .ok_or_else(|| PackError::TooLarge(name.into()))
    }

    /// Notes which texts belong to these entries. Of what cannot be read there are none; whoever opens the bundle
    /// will say so.
    fn look_through(&mut self, path: BundlePath, bytes: &[u8]) {
        let entries = decode_bundle(bytes, path.width()).unwrap_or_default();
        let mut scratch = Vec::new();
        for (index, bytes) in path.entries().zip(entries) {
            let Ok(mut entry) = Entry::decode(bytes, &mut scratch) else { continue };
            if let Act::Moderation(moderation::Entry::Erased(erased)) = &entry.act
                && let Some(fields) = self.texts.get_mut(&erased.entry)
            {
                fields.retain(|field| *field != erased.field);
            }
            let fields: Vec<Field> = match belongs(&entry, self.question) {
                true => entry.texts().into_iter().map(|(field, _)| field).collect(),
                false => Vec::new(),
            };
            if !fields.is_empty() {
                self.texts.insert(index, fields);
            }
        }
    }
}

impl<S: Origin> Iterator for Packing<S> {
    type Item = Result<Vec<u8>, PackError<S::Error>>;

    fn next(&mut self) -> Option<Self::Item> {
        self.step().transpose()
    }
}

/// Whether the texts of an entry belong into a bundle of that question: its own, and those of the assembly.
pub fn belongs(entry: &Entry, question: Option<QuestionId>) -> bool {
    question.is_none_or(|only| entry.question().is_none_or(|of| of == only))
}

/// The file `text/<entry>` with these fields, in the one form in which copies keep it; `None` if there are none.
pub fn text_file(entry: u64, fields: &[Field], texts: &[(Field, Opened)]) -> Option<Vec<u8>> {
    let asked = texts.iter().filter(|(field, _)| fields.contains(field));
    let words: Map<_, _> = asked
        .map(|(field, opened)| {
            (field.name().to_owned(), json!({ "salt": opened.salt.to_string(), "text": &*opened.text }))
        })
        .collect();
    (!words.is_empty()).then(|| json!({ "index": entry, "texts": words }).to_string().into_bytes())
}

/// The time of the last entry, in milliseconds since 1970; 0 if there is none, or none that can be read.
fn last_at<S: LogSource>(origin: &S, size: u64) -> Result<u64, S::Error> {
    let Some(path) = bundles(size).last() else { return Ok(0) };
    let bytes = origin.bundle(path)?;
    let entries = decode_bundle(&bytes, path.width()).unwrap_or_default();
    let last = entries.last().and_then(|entry| Entry::decode(entry, &mut Vec::new()).ok());
    Ok(last.map_or(0, |entry| entry.at))
}
