//! Checking a record as an outsider does: every signature, every hash, every entry, every text.
//!
//! `verify` and `recount` are one pass over the record. The same fold as the server's runs along, so a
//! record that hashes well but says what no server could have decided is found out, too.

use crate::fail::Failed;
use crate::progress::Bar;
use crate::source::Source;
use crate::trust::{Trust, Vouched, parse_key};
use assembly::{Act, Entry, Field, QuestionId, State, apply, apply_text, roll};
use record::checkpoint::{Checkpoint, SignedCheckpoint};
use record::note::VerifierKey;
use record::policy::{Policy, PolicyLog};
use record::tile::{BundlePath, decode_bundle};
use record::verify::{LogSource as _, verify_log};
use serde::Serialize;
use std::collections::BTreeSet;

/// The most problems that are listed.
const MAX_PROBLEMS: usize = 100;

/// How often a record is read at most, should words be erased each time meanwhile.
const PASSES: usize = 3;

/// What checking a record found.
#[derive(Debug, Serialize)]
pub struct Checked {
    /// Where it was read from.
    pub place: String,
    /// The name under which it signs.
    pub origin: String,
    /// The key whose signature its head carries.
    pub key: String,
    /// Who else has signed the head.
    pub vouched: Vouched,
    /// Every key that it names, from the founding's on, as far as it could be folded.
    pub keys: Vec<Named>,
    /// Entries in it.
    pub size: u64,
    /// Its root, base64.
    pub root: String,
    /// Texts that were read and fit their commitments.
    pub texts: u64,
    /// Texts that were erased, each with an entry that says so.
    pub erased: u64,
    /// The one question whose texts were checked, where the place is a bundle of that question.
    pub question: Option<QuestionId>,
    /// Texts of other questions, which such a bundle does not hold.
    pub left_out: u64,
    /// Milliseconds since 1970 of the first and the last entry.
    pub span: Option<(u64, u64)>,
    /// What does not fit, in the order of entries. Empty: everything does.
    pub problems: Vec<Problem>,
    /// What does not speak against the record, and yet has to be set right here.
    pub warnings: Vec<Problem>,
    /// The fold of the record, as far as it could be folded.
    #[serde(skip)]
    pub state: State,
    /// The signed head that was checked, as it came.
    #[serde(skip)]
    head: Vec<u8>,
    /// A text is missing, and no entry that was read says that it was erased.
    #[serde(skip)]
    quietly: bool,
}

/// A key that a record names.
#[derive(Debug, Serialize)]
pub struct Named {
    /// The verifier key.
    pub key: String,
    /// The entry that names it.
    pub entry: u64,
}

/// Something that does not fit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The first entry it is about; `None` for the signed head.
    pub entry: Option<u64>,
    /// What is wrong, in a sentence.
    pub sentence: String,
}

impl Checked {
    /// The signed head that was checked.
    ///
    /// # Errors
    ///
    /// A sentence, if it cannot be read; then it is among the problems, too.
    pub fn signed_head(&self) -> Result<SignedCheckpoint, Failed> {
        SignedCheckpoint::from_bytes(&self.head).map_err(|error| Failed::new(error.to_string()))
    }

    /// Whether everything fits.
    pub fn is_sound(&self) -> bool {
        self.problems.is_empty()
    }

    /// What was found, in one sentence.
    pub fn sentence(&self) -> String {
        match &self.problems[..] {
            [] => format!(
                "{} entries and {} texts at {} are what their signed head says; nothing was changed, removed or put \
                 between.{}{}",
                thousands(self.size),
                thousands(self.texts),
                self.place,
                self.erased_sentence(),
                self.scope_sentence()
            ),
            [one] => format!("The record at {} is not sound: {}", self.place, one.sentence),
            [first, others @ ..] => format!(
                "The record at {} is not sound: {} ({} more problems follow.)",
                self.place,
                first.sentence,
                others.len()
            ),
        }
    }
}

impl Checked {
    /// What a bundle of one question does not show, as a sentence after another one; nothing elsewhere.
    pub fn scope_sentence(&self) -> String {
        let Some(question) = self.question else { return String::new() };
        format!(
            " This is a bundle of question {question}: all entries are here; the {} texts of other questions are not, and \
             were not checked.",
            thousands(self.left_out)
        )
    }

    /// Who signed, as lines after everything else: the key of the head, and how it follows from the one before.
    pub fn signed_lines(&self) -> String {
        let changes = self.keys.iter().zip(self.keys.iter().skip(1)).map(|(old, new)| {
            format!(
                "  since entry {}, signed by both that key and the one before it: {}\n",
                new.entry, old.key
            )
        });
        format!("Signed by {}\n{}", self.key, changes.rev().collect::<String>())
    }

    /// How many texts were erased, as a sentence after another one; nothing if none were.
    pub fn erased_sentence(&self) -> String {
        match self.erased {
            0 => String::new(),
            1 => " 1 text was erased, with its entry.".into(),
            many => format!(" {} texts were erased, each with its entry.", thousands(many)),
        }
    }
}

/// Checks a whole record. `trust` says whose signatures its head needs. `seen` hears each entry that could be folded,
/// and the state after it; should words be erased while the record is read, it is read again and `seen` hears it
/// again.
///
/// # Errors
///
/// If there is no record to check. What is wrong with one is in the result.
pub fn check(source: &Source, trust: &Trust, mut seen: impl FnMut(&State, Entry)) -> Result<Checked, Failed> {
    let mut checked = pass(source, trust, &mut seen)?;
    for _ in 1..PASSES {
        // A text that is gone without an entry may have been erased a moment ago, by an entry behind the head that
        // was checked. A record that has not grown has no such entry.
        if !checked.quietly || source.checkpoint()? == checked.head {
            break;
        }
        checked = pass(source, trust, &mut seen)?;
    }
    Ok(checked)
}

/// Reads the record once.
fn pass(source: &Source, trust: &Trust, seen: &mut impl FnMut(&State, Entry)) -> Result<Checked, Failed> {
    let unreadable = |sentence: String| Problem { entry: None, sentence };
    let mut checked = Checked {
        place: source.name(),
        origin: String::new(),
        key: String::new(),
        vouched: Vouched::nobody(),
        keys: Vec::new(),
        size: 0,
        root: String::new(),
        texts: 0,
        erased: 0,
        question: source.question(),
        left_out: 0,
        span: None,
        problems: Vec::new(),
        warnings: Vec::new(),
        state: State::default(),
        head: source.checkpoint()?,
        quietly: false,
    };
    let signed = match SignedCheckpoint::from_bytes(&checked.head) {
        Ok(signed) => signed,
        Err(error) => {
            checked
                .problems
                .push(unreadable(format!("The signed head (checkpoint) cannot be read. {error}")));
            return Ok(checked);
        }
    };
    let head = signed.checkpoint();
    checked.origin = head.origin().to_owned();
    checked.size = head.size();
    checked.root = head.root().to_string();
    let bar = Bar::new("Checking entries", head.size());
    let mut fold = Fold {
        source,
        state: State::default(),
        texts: 0,
        first: None,
        stopped: false,
        problems: Vec::new(),
        missing: BTreeSet::new(),
        elsewhere: BTreeSet::new(),
        files: 0,
    };
    let report = verify_log(source, head, |index, bytes| {
        // A fold that has stopped stays where it is: nothing new is to be seen.
        if let Some(entry) = fold.entry(index, bytes) {
            seen(&fold.state, entry);
        }
        bar.set(index + 1);
    });
    bar.done();
    match signer(&signed, fold.state.roll(), source, trust) {
        Ok((key, policy)) => {
            checked.key = key;
            checked.vouched = trust.vouched(Some(source), &signed, &policy);
            if let Err(error) = signed.verify(&policy) {
                checked
                    .problems
                    .push(unreadable(format!("The signed head (checkpoint) does not hold. {error}")));
            }
        }
        Err(sentence) => checked.problems.push(unreadable(sentence)),
    }
    checked.keys =
        fold.state.roll().keys().map(|(key, entry)| Named { key: key.to_owned(), entry }).collect();
    checked.quietly = fold.missed();
    fold.surplus();
    checked.warnings = fold.kept();
    let faults = report.faults.iter().map(|fault| Problem {
        entry: fault.entries().map(|entries| entries.start),
        sentence: fault.to_string(),
    });
    checked.problems.extend(faults);
    // What the tree found out about an entry is not said a second time.
    let known: Vec<u64> = checked.problems.iter().filter_map(|problem| problem.entry).collect();
    checked.problems.extend(
        fold.problems.into_iter().filter(|problem| problem.entry.is_none_or(|entry| !known.contains(&entry))),
    );
    checked.problems.sort_by_key(|problem| problem.entry.unwrap_or(u64::MAX));
    checked.problems.truncate(MAX_PROBLEMS);
    checked.texts = fold.texts;
    checked.left_out = fold.elsewhere.len() as u64;
    checked.erased = fold.state.erasures().len() as u64;
    checked.span = fold.first.map(|first| (first, fold.state.at()));
    checked.state = fold.state;
    Ok(checked)
}

/// The key that the record names for its head, and the policy the head is to be judged by: whom one trusts, under that
/// key. A key that one trusts must be one of the record's; the record's own entries lead from it to the one that
/// signs. The error is a sentence.
fn signer(
    head: &SignedCheckpoint,
    roll: &roll::Roll,
    source: &Source,
    trust: &Trust,
) -> Result<(String, Policy), String> {
    let sentence = |error: Failed| error.to_string();
    let named =
        roll.key_at(head.checkpoint().size()).map(|key| parse_key(key).map_err(sentence)).transpose()?;
    let policy = match &named {
        Some(named) => trust.policy(|| Ok(named.clone())),
        None => trust.policy_at(source, head.checkpoint()),
    };
    let policy = policy.map_err(sentence)?;
    let own =
        || policy.logs().iter().map(PolicyLog::key).filter(|key| key.name() == head.checkpoint().origin());
    let Some(named) = named else {
        let key = head.signer(&policy).map_or_else(|_| String::new(), ToString::to_string);
        return Ok((key, policy));
    };
    let known = |key: &VerifierKey| roll.keys().any(|(named, _)| named == key.to_string());
    if let Some(foreign) = own().next()
        && !own().any(known)
        && head.signer(&policy).is_err()
    {
        return Err(format!(
            "The record never had the key {foreign}: entry 0 names another, and no entry changes to that one. This is \
             another record of the same name, or you were given a wrong key. Trust neither before you know which."
        ));
    }
    // A policy for other records stays as it is, and says so when the head is judged by it.
    let policy = match own().next() {
        Some(_) => policy.under(&named).map_err(|error| error.to_string())?,
        None => policy,
    };
    Ok((named.to_string(), policy))
}

/// What is said where no key is known.
const NO_KEY: &str = "No key is known to check the signature with: entry 0 does not name one. Give the record's key with --key.";

/// The key that the founding, entry 0, names.
///
/// # Errors
///
/// A sentence, if it names none.
pub fn named_key(source: &Source, head: &Checkpoint) -> Result<String, Failed> {
    let width = u16::try_from(head.size().min(256)).unwrap_or(256);
    let founding = || {
        let path = BundlePath::new(0, width).ok()?;
        let bytes = source.bundle(path).ok()?;
        let entry = decode_bundle(&bytes, width).ok()?.first().copied()?;
        match Entry::decode(entry, &mut Vec::new()).ok()?.act {
            Act::Roll(roll::Entry::Founded(founded)) => Some(founded.key),
            _ => None,
        }
    };
    founding().ok_or_else(|| Failed::new(NO_KEY))
}

/// The fold that runs along.
struct Fold<'a> {
    source: &'a Source,
    state: State,
    texts: u64,
    first: Option<u64>,
    /// After an entry that cannot be folded, nothing that follows can be.
    stopped: bool,
    problems: Vec<Problem>,
    /// Texts that were not found. Whether an entry says that they were erased shows later.
    missing: BTreeSet<(u64, Field)>,
    /// Texts of other questions than the one a bundle is of.
    elsewhere: BTreeSet<(u64, Field)>,
    /// Files of texts that belong to an entry.
    files: u64,
}

impl Fold<'_> {
    /// Folds an entry and gives it back with its texts, if it could be folded.
    fn entry(&mut self, index: u64, bytes: &[u8]) -> Option<Entry> {
        if self.stopped {
            return None;
        }
        if index != self.state.size() {
            self.stop(
                index,
                format!(
                    "Entries {} to {} are missing, so nothing after them can be recounted.",
                    self.state.size(),
                    index.saturating_sub(1)
                ),
            );
            return None;
        }
        let mut entry = match Entry::decode(bytes, &mut Vec::new()) {
            Ok(entry) => entry,
            Err(error) => {
                self.stop(index, format!("Entry {index} cannot be read: {error}."));
                return None;
            }
        };
        self.first = self.first.or(Some(entry.at));
        self.open_texts(index, &mut entry);
        match apply(&mut self.state, &entry) {
            Ok(()) => Some(entry),
            Err(fault) => {
                self.stop(index, format!("Entry {index} cannot be right: {fault}."));
                None
            }
        }
    }

    fn open_texts(&mut self, index: u64, entry: &mut Entry) {
        let fields: Vec<_> = entry.texts().into_iter().map(|(field, _)| field).collect();
        if fields.is_empty() {
            return;
        }
        if !web::bundle::belongs(entry, self.source.question()) {
            self.elsewhere.extend(fields.into_iter().map(|field| (index, field)));
            return;
        }
        let found = match self.source.texts(index) {
            Ok(found) => found,
            Err(error) => {
                return self.note(index, format!("The text of entry {index} cannot be read. {error}"));
            }
        };
        self.files += u64::from(!found.is_empty());
        for field in fields {
            match found.iter().find(|(has, _)| *has == field) {
                Some((_, opened)) if apply_text(entry, field, opened.clone()) => self.texts += 1,
                Some(_) => self.note(
                    index,
                    format!(
                        "The {} of entry {index} was changed: it is not the text that the entry commits to.",
                        field.name()
                    ),
                ),
                None => drop(self.missing.insert((index, field))),
            }
        }
    }

    /// Notes which texts are missing although no entry says that they were erased, and says whether there are any.
    fn missed(&mut self) -> bool {
        // Where the fold stopped, an entry that says so may follow.
        let missing = if self.stopped { BTreeSet::new() } else { std::mem::take(&mut self.missing) };
        let mut any = false;
        for (index, field) in &missing {
            if self.state.erasure(*index, *field).is_none() {
                any = true;
                let name = field.name();
                self.note(
                    *index,
                    format!(
                        "The {name} of entry {index} is missing, and no entry says that it was erased: somebody \
                         deleted it quietly."
                    ),
                );
            }
        }
        self.missing = missing;
        any
    }

    /// Says if there are texts beside entries that have none.
    fn surplus(&mut self) {
        let surplus = self.source.text_files().unwrap_or(0).saturating_sub(self.files);
        if surplus > 0 && !self.stopped {
            let sentence = format!(
                "The bundle holds {surplus} texts that belong to no entry which should have one here: they were put in, or \
                 the bundle says of another question that it is of it."
            );
            self.problems.push(Problem { entry: None, sentence });
        }
    }

    /// Texts that are still here although an entry says that they were erased.
    fn kept(&self) -> Vec<Problem> {
        let erased = self.state.erasures().filter(|_| !self.stopped);
        let kept = erased.filter(|(index, field, _)| {
            [&self.missing, &self.elsewhere].iter().all(|gone| !gone.contains(&(*index, *field)))
        });
        kept.take(MAX_PROBLEMS)
            .map(|(index, field, erasure)| Problem {
                entry: Some(index),
                sentence: format!(
                    "The {} of entry {index} is still here, although entry {} says that it was erased. The record is \
                     right; this place has to delete the words.",
                    field.name(),
                    erasure.entry
                ),
            })
            .collect()
    }

    fn note(&mut self, index: u64, sentence: String) {
        if self.problems.len() < MAX_PROBLEMS {
            self.problems.push(Problem { entry: Some(index), sentence });
        }
    }

    fn stop(&mut self, index: u64, sentence: String) {
        self.note(index, sentence);
        self.stopped = true;
    }
}

/// A number with commas between thousands.
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use assembly::Command;
    use assembly::moderation::{self, By, Erased, Ground};
    use opinion::simulate::Plan;

    /// Words that are erased while the record is read were not deleted quietly.
    #[test]
    fn an_erasure_meanwhile_is_no_alarm() {
        let folder = tempfile::tempdir().unwrap();
        let plan = Plan { participants: 40, statements: 20, responses_each: 10, groups: 2, seed: 1 };
        let (_store, house) = crate::bench::furnish(folder.path(), &plan).unwrap();
        let size = house.read().state.size();
        let said: Vec<u64> =
            house.read().state.questions()[0].talk().statements().iter().map(|one| one.entry()).collect();
        let source = Source::find(folder.path().to_str().unwrap()).unwrap();
        let mut erase = said.iter().take(PASSES - 1);
        let checked = check(&source, &Trust::default(), |state, _| {
            // Before the first statement is read, in every pass but the last.
            if state.size() == 2
                && let Some(entry) = erase.next()
            {
                let erased = Erased {
                    entry: *entry,
                    field: Field::Text,
                    ground: Ground::PersonalDataOfAnother,
                    by: By::Organiser,
                };
                house.command(Command::Moderation(moderation::Command::Erase(erased))).unwrap();
            }
        })
        .unwrap();
        assert_eq!(checked.problems, []);
        assert_eq!((checked.size, checked.erased), (size + 2, 2));
        // One that nobody erased is missed, however often it is looked for.
        let db = rusqlite::Connection::open(folder.path().join(store::DATABASE)).unwrap();
        db.execute("DELETE FROM text WHERE entry = ?1", [said[5] as i64]).unwrap();
        let missed = check(&source, &Trust::default(), |_, _| ()).unwrap();
        assert!(missed.problems[0].sentence.contains("deleted it quietly"));
    }
}
