//! `veche mirror`: a copy of a record in plain files, checked while it is made and kept up to date.
//!
//! Each round asks for the signed head, shows that it continues the head of the copy, and then takes row
//! after row; nothing is written that does not lead to the signed head. The tree's own files are not
//! fetched but made from the entries: they are the same bytes, and cannot be wrong.
//!
//! Invariant: a copy only grows. A head that does not continue the copy's changes nothing in it; both heads
//! are written down as evidence instead.

mod erased;
mod evidence;
mod files;
mod missing;
mod remote;
mod rows;

use crate::chain::{Chain, signed_under};
use crate::check::{Problem, named_key, thousands};
use crate::fail::Failed;
use crate::output::Output;
use crate::progress::Bar;
use crate::serve;
use crate::source::Source;
use crate::trust::{self, Trust, Vouched, parse_key};
use evidence::{Evidence, Kind};
pub use files::Folder;
use record::checkpoint::{CheckpointError, SignedCheckpoint};
use record::note::NoteError;
use record::policy::Policy;
use record::tile::{FilePath, TileNodes, TileReadError, encode_tile, new_bundles, new_tiles};
use record::{ProofError, consistency_proof, root_at, verify_consistency};
use remote::Remote;
use serde::Serialize;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// The signed head in a copy's folder.
const CHECKPOINT: &str = "checkpoint";
/// The server's own list of witnesses, for whoever checks the copy.
const POLICY: &str = "policy";

/// What can be said on the command line.
#[derive(clap::Args)]
pub struct Options {
    /// The address of an assembly, or of the server if it has one only.
    url: String,
    /// Where to keep the copy.
    folder: PathBuf,
    #[command(flatten)]
    trust: trust::Options,
    /// Keep following: look for new entries every so many seconds.
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..))]
    every: Option<u64>,
    /// Offer the copy to others at this address, under /record: 127.0.0.1:8090.
    #[arg(long)]
    serve: Option<String>,
}

/// What a program hears when the copy is offered.
#[derive(Serialize)]
struct Offered {
    url: String,
}

/// What one round did.
#[derive(Debug, Serialize)]
pub struct Copied {
    /// Where it was copied from.
    pub place: String,
    /// Where the copy is.
    pub folder: String,
    /// The name under which the record signs.
    pub origin: String,
    /// The key whose signature its head carries.
    pub key: String,
    /// Who else has signed the head.
    pub vouched: Vouched,
    /// Entries that the copy had before.
    pub before: u64,
    /// Entries that it has now.
    pub size: u64,
    /// The root over them, base64.
    pub root: String,
    /// Texts of the new entries.
    pub texts: u64,
    /// Texts that the new entries say were erased. They are not in the copy.
    pub erased: u64,
    /// Bytes that came from the server.
    pub fetched: u64,
    /// How long it took, in seconds.
    pub seconds: f64,
    /// What does not fit. Empty: everything does.
    pub problems: Vec<Problem>,
    /// Where both heads were written down, if the record forked or shrank.
    pub evidence: Option<String>,
}

/// Why copying stopped before its end.
#[derive(Debug)]
pub enum Stop {
    /// It could not be done: the network, the disk.
    Failed(Failed),
    /// What the server gives is not what it signed.
    Unsound {
        /// The first entry it is about.
        entry: Option<u64>,
        /// What is wrong.
        sentence: String,
    },
    /// The server signed a head that does not continue the copy's.
    Refused(Box<Evidence>),
}

impl From<Failed> for Stop {
    fn from(failed: Failed) -> Self {
        Stop::Failed(failed)
    }
}

impl From<TileReadError<Failed>> for Stop {
    fn from(error: TileReadError<Failed>) -> Self {
        match error {
            TileReadError::Source(failed) => Stop::Failed(failed),
            error => Stop::Unsound { entry: None, sentence: error.to_string() },
        }
    }
}

/// Copies, follows and serves, as asked. Ends with 0 if the copy is up to date, with 1 if the record is not
/// what it should be, and with 2 if copying failed.
///
/// # Errors
///
/// A sentence, if copying failed; what was copied is kept and the next run goes on from there.
pub fn run(options: &Options, output: Output) -> Result<ExitCode, Failed> {
    let trust = options.trust.read()?;
    let folder = Folder::open(&options.folder)?;
    let offer = |to| serve::beside(web::copy(folder.root().to_owned()), to);
    let mut serving = options.serve.as_deref().map(offer).transpose()?;
    if let Some(serving) = &serving {
        let offered = Offered { url: format!("{}/record", serving.url()) };
        output.result(&offered, || {
            format!("The copy is offered at {0}. Check it with: veche verify {0}\n", offered.url)
        });
    }
    loop {
        let copied = round(&options.url, &folder, &trust);
        let goes_on = serving.is_some() || options.every.is_some();
        match &copied {
            Ok(copied) => output.result(copied, || copied.sentences()),
            // Whoever follows or serves goes on: the server may be back the next time.
            Err(failed) if goes_on => output.failed(failed),
            Err(_) => {}
        }
        // Whether to trust that record again is for a person to say.
        let forked = matches!(&copied, Ok(copied) if copied.evidence.is_some());
        let pause = options.every.filter(|_| !forked).map(Duration::from_secs);
        let stopped = match (&mut serving, pause) {
            (Some(serving), pause) => serving.wait(pause),
            (None, Some(pause)) => {
                std::thread::sleep(pause);
                false
            }
            (None, None) => true,
        };
        if stopped {
            return code(copied);
        }
    }
}

fn code(copied: Result<Copied, Failed>) -> Result<ExitCode, Failed> {
    Ok(if copied?.problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// One look at the server, and everything new copied.
///
/// # Errors
///
/// A sentence, if copying failed. What is wrong with the record is in the result.
pub fn round(url: &str, folder: &Folder, trust: &Trust) -> Result<Copied, Failed> {
    let began = Instant::now();
    let source = Source::find(url)?;
    let remembered = remembered(folder)?;
    let mut copied = Copied {
        place: source.name(),
        folder: folder.root().display().to_string(),
        origin: String::new(),
        key: String::new(),
        vouched: Vouched::nobody(),
        before: 0,
        size: 0,
        root: String::new(),
        texts: 0,
        erased: 0,
        fetched: 0,
        seconds: 0.0,
        problems: Vec::new(),
        evidence: None,
    };
    if let Some(head) = remembered.as_ref().map(SignedCheckpoint::checkpoint) {
        copied.origin = head.origin().to_owned();
        copied.before = head.size();
        copied.size = head.size();
        copied.root = head.root().to_string();
    }
    match advance(&source, folder, trust, remembered.as_ref(), &mut copied) {
        Ok(()) => {}
        Err(Stop::Failed(failed)) => return Err(failed),
        Err(Stop::Unsound { entry, sentence }) => copied.problems.push(Problem { entry, sentence }),
        Err(Stop::Refused(evidence)) => {
            copied.evidence = Some(evidence.keep(folder)?);
            copied.problems.push(Problem { entry: None, sentence: evidence.sentence() });
        }
    }
    copied.seconds = began.elapsed().as_secs_f64();
    Ok(copied)
}

/// The head of the copy, if there is one.
fn remembered(folder: &Folder) -> Result<Option<SignedCheckpoint>, Failed> {
    let Some(bytes) = folder.read(CHECKPOINT)? else { return Ok(None) };
    SignedCheckpoint::from_bytes(&bytes).map(Some).map_err(|error| {
        Failed::new(format!(
            "The signed head (checkpoint) of the copy in {} cannot be read. {error} The copy was damaged; begin a new \
             one in another folder.",
            folder.root().display()
        ))
    })
}

/// Brings the copy to the head that the server gives.
fn advance(
    source: &Source,
    folder: &Folder,
    trust: &Trust,
    old: Option<&SignedCheckpoint>,
    copied: &mut Copied,
) -> Result<(), Stop> {
    let remote = Remote::at(source)?;
    let bytes = remote.file(CHECKPOINT)?;
    let new = SignedCheckpoint::from_bytes(&bytes).map_err(|error| Stop::Unsound {
        entry: None,
        sentence: format!("The signed head (checkpoint) of the server cannot be read. {error}"),
    })?;
    let policy = policy(source, folder, trust, old, &new)?;
    new.verify(&policy).map_err(unsound)?;
    copied.key = new.signer(&policy).map_or_else(|_| String::new(), ToString::to_string);
    copied.vouched = trust.vouched(Some(source), &new, &policy);
    let mine = Source::copy(folder.root());
    if let Some(old) = old {
        compare_short(&mine, old, &new)?;
    }
    let (before, head) = (old.map_or(0, |old| old.checkpoint().size()), new.checkpoint());
    if old.is_some() && head.size() == before {
        missed(&remote, folder, before, &rows::Found::default(), copied)?;
        // The same head, perhaps with the signatures of more witnesses.
        if old != Some(&new) {
            keep_policy(source, folder)?;
            folder.write_now(CHECKPOINT, &bytes)?;
        }
        return Ok(());
    }
    let mut nodes = TileNodes::checked(&remote, head.size(), &head.root())?;
    if let Some(old) = old.filter(|_| before > 0) {
        continues(&nodes, old, &new)?;
    }
    let bar = Bar::new("Copying entries", head.size());
    let found =
        rows::copy((&remote, folder), &mut nodes, &mut new_bundles(before, head.size()), before, &bar);
    bar.done();
    let found = found?;
    copied.fetched = found.fetched;
    copied.texts = found.texts;
    missed(&remote, folder, before, &found, copied)?;
    let problems = found.problems.into_iter();
    copied.problems.extend(problems.map(|(entry, sentence)| Problem { entry: Some(entry), sentence }));
    copied.problems.sort_by_key(|problem| problem.entry);
    // Before the head that tells of it: a copy that is interrupted here has too little rather than too much, and
    // the next run finds the same entries again.
    for (entry, field) in &found.erased {
        erased::delete(folder, *entry, *field)?;
    }
    copied.erased = found.erased.len() as u64;
    // The rows brought their own level; those above are few.
    for path in new_tiles(before, head.size()).filter(|path| path.level() > 0) {
        folder.write(&path.to_string(), &encode_tile(&nodes, path)?)?;
    }
    keep_policy(source, folder)?;
    folder.flush()?;
    folder.write_now(CHECKPOINT, &bytes)?;
    for path in new_bundles(before, head.size()).map(FilePath::Bundle) {
        folder.prune(path)?;
    }
    for path in new_tiles(before, head.size()).map(FilePath::Tile) {
        folder.prune(path)?;
    }
    copied.origin = head.origin().to_owned();
    copied.size = head.size();
    copied.root = head.root().to_string();
    Ok(())
}

/// Keeps the server's own list of witnesses beside the copy. Nothing rests on it, so a server need not have one.
fn keep_policy(source: &Source, folder: &Folder) -> Result<(), Failed> {
    match source.policy() {
        Ok(Some(policy)) => folder.write_now(POLICY, &policy),
        _ => Ok(()),
    }
}

/// Asks again for the texts that were missing before, remembers those that are, and says so.
fn missed(
    remote: &Remote,
    folder: &Folder,
    before: u64,
    found: &rows::Found,
    copied: &mut Copied,
) -> Result<(), Failed> {
    let mut earlier = missing::remembered(folder)?;
    earlier.retain(|text| !found.erased.contains(text));
    let mut missing = missing::ask_again(remote, folder, before, &earlier)?;
    copied.texts += (earlier.len() - missing.len()) as u64;
    missing.extend(found.missing.difference(&found.erased));
    missing::remember(folder, &missing)?;
    copied.problems.extend(missing.iter().map(|(entry, field)| Problem {
        entry: Some(*entry),
        sentence: format!(
            "The {} of entry {entry} is missing, and no entry says that it was erased: somebody deleted it quietly.",
            field.name()
        ),
    }));
    Ok(())
}

/// A head of the server that does not hold.
fn unsound(error: CheckpointError) -> Stop {
    Stop::Unsound {
        entry: None,
        sentence: format!(
            "The signed head (checkpoint) of the server does not hold. {error} Nothing was copied."
        ),
    }
}

/// Whose signatures the server's head needs: those that one's policy asks for, under the log's key that was given, else
/// the one the copy was begun with, or one that these lead to along entries that both keys signed.
fn policy(
    source: &Source,
    folder: &Folder,
    trust: &Trust,
    old: Option<&SignedCheckpoint>,
    new: &SignedCheckpoint,
) -> Result<Policy, Stop> {
    let mine = Source::copy(folder.root());
    let old = old.filter(|old| old.checkpoint().size() > 0);
    let own = match old {
        Some(old) => trust.policy_at(&mine, old.checkpoint())?,
        None => trust.policy_at(source, new.checkpoint())?,
    };
    // The keys that the copy knows of, where that is needed: it means reading all its entries.
    let known = || match old {
        Some(old) => Chain::of(&mine, old.checkpoint()),
        None => named_key(source, new.checkpoint()).and_then(|key| parse_key(&key)).map(Chain::new),
    };
    if let Some(old) = old {
        let signed = signed_under(old, &own);
        let held = match signed {
            Ok(false) => {
                let chain = known()?;
                own.logs().iter().any(|log| chain.leads(log.key(), old))
            }
            Ok(true) => true,
            Err(_) => false,
        };
        if !held {
            let why = signed.err().unwrap_or(NoteError::NoKnownKey.into());
            return Err(Stop::Failed(Failed::new(format!(
                "The copy in {} is not of a record with that key. {why} Give the key the copy was begun with, or begin \
                 another copy in another folder.",
                folder.root().display()
            ))));
        }
    }
    // Witnesses are asked for by the caller, now that it is known under which key.
    if signed_under(new, &own).map_err(unsound)? {
        return Ok(own);
    }
    let mut chain = known()?;
    let (before, now) = (old.map_or(0, |old| old.checkpoint().size()), new.checkpoint().size());
    chain.follow(source, before..now.max(before))?;
    if !own.logs().iter().any(|log| chain.holds(log.key())) {
        return Err(unsound(NoteError::NoKnownKey.into()));
    }
    Ok(own.under(chain.at(now)).map_err(|error| Failed::new(error.to_string()))?)
}

/// Compares with a head that is not longer than the copy's: that needs nothing from the server.
fn compare_short(mine: &Source, old: &SignedCheckpoint, new: &SignedCheckpoint) -> Result<(), Stop> {
    let (ours, theirs) = (old.checkpoint(), new.checkpoint());
    let refused = |kind| {
        Err(Stop::Refused(Box::new(Evidence {
            kind,
            ours: old.clone(),
            theirs: new.clone(),
            proof: Vec::new(),
        })))
    };
    if theirs.size() > ours.size() {
        return Ok(());
    }
    if theirs.size() == ours.size() {
        return if theirs.root() == ours.root() { Ok(()) } else { refused(Kind::Fork) };
    }
    let damaged = |error: TileReadError<Failed>| {
        Failed::new(format!("The copy itself is damaged. {error} Run `veche verify` on it."))
    };
    let nodes = TileNodes::checked(mine, ours.size(), &ours.root()).map_err(damaged)?;
    let then = root_at(&nodes, theirs.size()).map_err(damaged)?;
    refused(if then == theirs.root() { Kind::Shrunken } else { Kind::Fork })
}

/// Checks that a longer head continues the copy's.
fn continues(
    nodes: &TileNodes<'_, Remote>,
    old: &SignedCheckpoint,
    new: &SignedCheckpoint,
) -> Result<(), Stop> {
    let (ours, theirs) = (old.checkpoint(), new.checkpoint());
    let proof = consistency_proof(nodes, ours.size(), theirs.size()).map_err(|error| match error {
        ProofError::Nodes(error) => Stop::from(error),
        error => Stop::Unsound { entry: None, sentence: error.to_string() },
    })?;
    let held = verify_consistency(ours.size(), theirs.size(), &ours.root(), &theirs.root(), &proof);
    held.map_err(|_| {
        Stop::Refused(Box::new(Evidence { kind: Kind::Fork, ours: old.clone(), theirs: new.clone(), proof }))
    })
}

impl Copied {
    fn sentences(&self) -> String {
        let Self { place, folder, size, before, texts, .. } = self;
        let size = thousands(*size);
        let first = match (&self.problems[..], size == thousands(*before)) {
            ([], true) => format!("Nothing new at {place}: the copy in {folder} has all {size} entries."),
            ([], false) => format!(
                "The copy in {folder} has all {size} entries of {place}: {} new ones with {} texts, every one checked \
                 ({:.1} MB in {:.1} s).",
                thousands(self.size - before),
                thousands(*texts),
                self.fetched as f64 / 1e6,
                self.seconds
            ),
            ([problem, ..], _) => format!("The record at {place} is not sound: {}", problem.sentence),
        };
        let erased = match self.erased {
            0 => String::new(),
            1 => "1 text was erased, with its entry; it is not in the copy.\n".into(),
            many => {
                format!(
                    "{} texts were erased, each with its entry; they are not in the copy.\n",
                    thousands(many)
                )
            }
        };
        let others: String =
            self.problems.iter().skip(1).map(|problem| format!("  also: {}\n", problem.sentence)).collect();
        let evidence = self.evidence.as_ref();
        let evidence =
            evidence.map(|folder| format!("Both heads, and what does not fit, are in {folder}.\n"));
        // Where nothing was taken over there is nothing to vouch for.
        let vouched = if self.problems.is_empty() { self.vouched.sentence() + "\n" } else { String::new() };
        format!("{first}\n{vouched}{erased}{others}{}", evidence.unwrap_or_default())
    }
}
