//! `veche fsck`: everything in a data folder or a backup, checked as it is stored.
//!
//! The record is checked as by any outsider ([`crate::check`]), and on top of that what only the database can tell
//! ([`store::Rows`]). Nothing is written. The server does the same once a day, in slices between answering people.

use crate::check::{Problem, check, thousands};
use crate::fail::Failed;
use crate::output::Output;
use crate::progress::Bar;
use crate::source::{Source, is_database};
use crate::trust::Trust;
use assembly::State;
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};
use store::{Listed, Pace, Reader};

/// How long erased words may wait for the running server to remove their remains: it tries every second, as soon as
/// nobody reads the database.
const REMAINS: Duration = Duration::from_secs(5);

/// What can be said on the command line.
#[derive(clap::Args)]
pub struct Options {
    /// The data folder, or a backup.
    #[arg(long, env = "VECHE_FOLDER")]
    data: PathBuf,
}

/// What was found.
#[derive(Debug, Serialize)]
pub struct Found {
    /// The folder or backup.
    pub place: String,
    /// Its assemblies.
    pub assemblies: Vec<Assembly>,
    /// What does not fit. Empty: everything does.
    pub problems: Vec<Problem>,
    /// How long it took, in seconds.
    pub seconds: f64,
}

/// One assembly that was checked.
#[derive(Debug, Serialize)]
pub struct Assembly {
    /// The first part of its addresses.
    pub assembly: String,
    /// The name under which its record signs.
    pub origin: String,
    /// The verifier key of its record.
    pub key: String,
    /// Entries in it.
    pub size: u64,
    /// The root over them, base64.
    pub root: String,
    /// Texts that fit their commitments.
    pub texts: u64,
    /// Texts that were erased, each with its entry.
    pub erased: u64,
    /// Participants of all its questions.
    pub participants: usize,
    /// For reading on.
    #[serde(skip)]
    pub listed: Listed,
}

/// Checks and says what was found. Ends with 0 if everything fits and with 1 if not.
///
/// # Errors
///
/// A sentence, if there is nothing to check or it cannot be read.
pub fn run(options: &Options, output: Output) -> Result<ExitCode, Failed> {
    let found = fsck(&options.data, Pace::full())?;
    output.result(&found, || found.sentences());
    Ok(if found.is_sound() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Checks a data folder or a backup.
///
/// # Errors
///
/// A sentence, if there is nothing to check or it cannot be read.
pub fn fsck(place: &Path, mut pace: Pace) -> Result<Found, Failed> {
    let started = Instant::now();
    let file = if place.is_dir() { place.join(store::DATABASE) } else { place.to_owned() };
    if !is_database(&file) {
        return Err(Failed::new(format!(
            "There is neither a data folder of Veche nor a backup at {}: it would hold a database {}.",
            place.display(),
            store::DATABASE
        )));
    }
    let reader = Reader::open_file(&file)?;
    let mut found = Found {
        place: place.display().to_string(),
        assemblies: Vec::new(),
        problems: Vec::new(),
        seconds: 0.0,
    };
    let looking = Bar::new("Checking the database", 0);
    let broken = reader.integrity(&pace)?;
    looking.done();
    found.problems.extend(broken.into_iter().map(|sentence| Problem { entry: None, sentence }));
    let assemblies = reader.assemblies()?;
    let several = assemblies.len() > 1;
    for listed in assemblies {
        let (assembly, problems) = match one(&file, &listed, &mut pace) {
            Ok(checked) => checked,
            // Where the database itself is damaged, that it cannot be read whole is an answer.
            Err(failed) if !found.problems.is_empty() => {
                let sentence = format!("The rows of “{}” cannot be read whole. {failed}", listed.slug);
                found.problems.push(Problem { entry: None, sentence });
                continue;
            }
            Err(failed) => return Err(failed),
        };
        let named = |problem: Problem| match several {
            true => {
                Problem { sentence: format!("In “{}”: {}", listed.slug, problem.sentence), ..problem }
            }
            false => problem,
        };
        found.problems.extend(problems.into_iter().map(named));
        found.assemblies.push(assembly);
    }
    while reader.remains()? > 0 && started.elapsed() < REMAINS {
        std::thread::sleep(Duration::from_millis(100));
    }
    if reader.remains()? > 0 {
        found.problems.push(Problem {
            entry: None,
            sentence: "What was erased may still stand in the files of the database. If the server runs, end what \
                       else reads the database (another check, a backup); if none runs, start it once: it removes it."
                .into(),
        });
    }
    found.seconds = started.elapsed().as_secs_f64();
    Ok(found)
}

/// One assembly: first the rows beside the record, then the record, then the rows by what the record says.
fn one(file: &Path, listed: &Listed, pace: &mut Pace) -> Result<(Assembly, Vec<Problem>), Failed> {
    let reader = Box::new(Reader::open_file(file)?);
    let rows = reader.rows(listed, pace)?;
    let source = Source::Data { reader, assembly: listed.clone(), folder: file.to_owned() };
    let mut snapshot_fits = true;
    let trust = if rows.key.is_empty() { Trust::default() } else { Trust::in_key(&rows.key)? };
    let checked = check(&source, &trust, |state, _| {
        pace.breathe();
        if let Some(kept) = rows.snapshot.as_ref().filter(|kept| kept.size == state.size()) {
            snapshot_fits = kept.is(state);
        }
    })?;
    let mut problems = checked.problems;
    // What does not speak against the record speaks against the folder.
    problems.extend(checked.warnings);
    let key = checked.key;
    problems.extend(other_key(&checked.state, &rows.key));
    if !snapshot_fits {
        problems.push(Problem {
            entry: None,
            sentence: "The stored snapshot of the state is not what the record folds to. Stop the server, delete the \
                       rows of the table snapshot, and start it: it makes a new one."
                .into(),
        });
    }
    let mut state = checked.state;
    let said: Vec<String> = problems.iter().map(|problem| problem.sentence.clone()).collect();
    let beside = rows.judge(&mut state).into_iter().filter(|trouble| !said.contains(&trouble.sentence));
    problems.extend(beside.map(|trouble| Problem { entry: trouble.entry, sentence: trouble.sentence }));
    let assembly = Assembly {
        assembly: listed.slug.clone(),
        origin: listed.origin.clone(),
        key,
        size: checked.size,
        root: checked.root,
        texts: checked.texts,
        erased: checked.erased,
        participants: participants(&state),
        listed: listed.clone(),
    };
    Ok((assembly, problems))
}

/// The key that signs must be the one the record names last, or outsiders would trust another one.
fn other_key(state: &State, key: &str) -> Option<Problem> {
    let (named, entry) = state.roll().keys().next_back()?;
    (!key.is_empty() && named != key).then(|| Problem {
        entry: Some(entry),
        sentence: format!(
            "The signing key in the vault belongs to {key}, but entry {entry} names {named}. Restore the vault that belongs \
             to this record."
        ),
    })
}

/// Participants of all questions.
pub fn participants(state: &State) -> usize {
    state.questions().iter().map(|question| question.talk().participants().len()).sum()
}

impl Found {
    /// Whether everything fits.
    pub fn is_sound(&self) -> bool {
        self.problems.is_empty()
    }

    /// The first problem, for people who see one line.
    pub fn first(&self) -> Option<&str> {
        self.problems.first().map(|problem| &*problem.sentence)
    }

    fn sentences(&self) -> String {
        let sum = |of: fn(&Assembly) -> u64| thousands(self.assemblies.iter().map(of).sum());
        let Some(first) = self.first() else {
            return format!(
                "Everything in {} is as it should be: {} entries and {} texts in {}, every signed head, the vault and the \
                 database itself ({:.1} s).\n",
                self.place,
                sum(|one| one.size),
                sum(|one| one.texts),
                match &self.assemblies[..] {
                    [one] => one.assembly.clone(),
                    several => format!("{} assemblies", several.len()),
                },
                self.seconds
            );
        };
        let others: String =
            self.problems.iter().skip(1).map(|problem| format!("  also: {}\n", problem.sentence)).collect();
        format!("Something in {} is not as it should be: {first}\n{others}", self.place)
    }
}
