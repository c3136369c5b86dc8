//! `veche verify-receipt`: does a receipt prove that an entry is on a record?
//!
//! A receipt holds the way from an entry to a signed head, but not the entry and not the key. What of the
//! three could be brought together is said, and so is what could not: half a proof must not look like one.

use crate::chain::{Chain, signed_by};
use crate::check::{named_key, thousands};
use crate::fail::Failed;
use crate::output::Output;
use crate::source::Source;
use crate::trust::{self, List, Vouched, parse_key};
use record::checkpoint::{Checkpoint, CheckpointError, SignedCheckpoint};
use record::note::{NoteError, VerifierKey};
use record::policy::{Policy, PolicyLog};
use record::receipt::{MAX_RECEIPT_BYTES, Receipt};
use record::tile::{BundlePath, FULL_WIDTH, TileNodes, decode_bundle};
use record::verify::LogSource as _;
use record::{consistency_proof, leaf_hash, verify_consistency, verify_inclusion};
use serde::Serialize;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The longest entry that is shown whole, in characters.
const SHOWN: usize = 400;
/// The longest file read as an entry: as long as an entry can be, and a line break.
const MAX_ENTRY_FILE: u64 = record::tile::MAX_ENTRY_BYTES as u64 + 1;

/// What can be said on the command line.
#[derive(clap::Args)]
pub struct Options {
    /// The receipt in a file, as it was downloaded, or scanned from its QR code.
    receipt: PathBuf,
    /// The entry, byte for byte: a file that holds it, or the entry itself.
    #[arg(long, conflicts_with = "from")]
    entry: Option<String>,
    /// Where to read the entry: the address of the assembly, a data folder, or a copy of the record. Also
    /// checks that the record there still continues the one of the receipt.
    #[arg(long)]
    from: Option<String>,
    #[command(flatten)]
    trust: trust::Options,
}

/// What a receipt proves.
#[derive(Debug, Serialize)]
struct Verified {
    receipt: String,
    origin: String,
    index: u64,
    size: u64,
    root: String,
    /// The entry, where it is known and is text.
    entry: Option<String>,
    /// Who else has signed the head; `None` if it is not known who signed it at all.
    vouched: Option<Vouched>,
    /// What holds, each a sentence.
    shown: Vec<String>,
    /// What could not be checked with what was given.
    not_shown: Vec<String>,
    /// What does not fit.
    problems: Vec<String>,
    #[serde(skip)]
    proven: bool,
}

/// Verifies a receipt. Ends with 0 if it proves its entry, with 1 if something does not fit, and with 2 if
/// that could not be found out.
///
/// # Errors
///
/// A sentence, if there is no receipt, entry or key to begin with.
pub fn verify(options: &Options, output: Output) -> Result<ExitCode, Failed> {
    let receipt = read_receipt(&options.receipt)?;
    let head = receipt.checkpoint().checkpoint();
    let mut verified = Verified {
        receipt: options.receipt.display().to_string(),
        origin: shown(head.origin()),
        index: receipt.index(),
        size: head.size(),
        root: head.root().to_string(),
        entry: None,
        vouched: None,
        shown: Vec::new(),
        not_shown: Vec::new(),
        problems: Vec::new(),
        proven: false,
    };
    let place = options.from.as_deref().map(Place::open).transpose()?;
    let entry = match (&options.entry, &place) {
        (Some(entry), _) => Some(given(entry)?),
        (None, Some(place)) => Some(place.entry(receipt.index())?),
        (None, None) => None,
    };
    let signed = signatures(&receipt, options, place.as_ref(), &mut verified)?;
    let included = inclusion(&receipt, entry, &mut verified);
    if let (Some(place), Some(key)) = (&place, &signed) {
        place.continues(head, key, &mut verified)?;
    }
    verified.proven = signed.is_some() && included;
    output.result(&verified, || verified.sentences());
    Ok(match (&verified.problems[..], verified.proven) {
        ([], true) => ExitCode::SUCCESS,
        ([], false) => ExitCode::from(2),
        _ => ExitCode::FAILURE,
    })
}

impl Verified {
    fn sentences(&self) -> String {
        let Self { receipt, index, problems, proven, .. } = self;
        let first = match (&problems[..], proven) {
            ([], true) => {
                format!("The receipt {receipt} holds: entry {index} stands in the record of {}.", self.origin)
            }
            ([], false) => format!("Whether the receipt {receipt} holds could not be found out."),
            ([problem, ..], _) => format!("The receipt {receipt} does not hold. {problem}"),
        };
        let list = |heading: &str, all: &[String]| {
            let lines: String = all.iter().map(|sentence| format!("  {sentence}\n")).collect();
            if all.is_empty() { String::new() } else { format!("{heading}\n{lines}") }
        };
        let entry = self.entry.as_ref().filter(|_| *proven);
        let entry = entry.map(|entry| format!("The entry says:\n  {}\n", shown(entry)));
        let others = problems.get(1..).unwrap_or_default();
        format!(
            "{first}\n{}{}{}{}",
            list("Also wrong:", others),
            list("Shown:", &self.shown),
            list("Not shown:", &self.not_shown),
            entry.unwrap_or_default()
        )
    }
}

fn read_receipt(file: &Path) -> Result<Receipt, Failed> {
    let bytes = read(file, MAX_RECEIPT_BYTES as u64)?;
    let text = String::from_utf8(bytes).map_err(|_| {
        Failed::new(format!(
            "{} is not a receipt: it is not text. Download the receipt again.",
            file.display()
        ))
    })?;
    as_written(&text).parse().map_err(|error| Failed::new(format!("{}: {error}", file.display())))
}

/// The text as the server wrote it, after it went through a QR reader, a mail program or an editor: those end lines in
/// the manner of Windows, put a mark at the start, take the last line break away, or read the dash before each
/// signature as three other characters.
fn as_written(text: &str) -> String {
    let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n");
    let text = text.replace("â\u{80}\u{94} ", "\u{2014} ").replace("â€” ", "\u{2014} ");
    text.trim().to_owned() + "\n"
}

/// The entry as given: what a file of that name holds, or the words themselves.
fn given(entry: &str) -> Result<Vec<u8>, Failed> {
    let file = Path::new(entry);
    if file.is_file() { read(file, MAX_ENTRY_FILE) } else { Ok(entry.as_bytes().to_vec()) }
}

fn read(file: &Path, limit: u64) -> Result<Vec<u8>, Failed> {
    let failed = |error| Failed::io(format!("Reading {}", file.display()), error);
    let mut bytes = Vec::new();
    std::fs::File::open(file).map_err(failed)?.take(limit + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > limit {
        return Err(Failed::new(format!(
            "{} is longer than it can be ({} bytes): it is not what you think it is. Check the name.",
            file.display(),
            thousands(limit)
        )));
    }
    Ok(bytes)
}

/// Checks who signed the head; answers the log's key if it did.
fn signatures(
    receipt: &Receipt,
    options: &Options,
    place: Option<&Place>,
    verified: &mut Verified,
) -> Result<Option<VerifierKey>, Failed> {
    let trust = options.trust.read()?;
    let policy = match place {
        _ if trust.has_key() => trust.policy(|| Err(Failed::new("No key was given.")))?,
        Some(place) => {
            let key = named_key(&place.source, place.head.checkpoint())?;
            verified.not_shown.push(format!(
                "That {key} is the right key: the record itself names it. Compare it with one you have from elsewhere \
                 (--key)."
            ));
            trust.policy(|| parse_key(&key))?
        }
        None => {
            verified.not_shown.push("Who signed: no key was given to check with (--key or --policy).".into());
            return Ok(None);
        }
    };
    let policy = led_to(policy, receipt, place, verified)?;
    let head = receipt.checkpoint();
    let (key, witnesses) = match head.verify(&policy).and_then(|seen| Ok((head.signer(&policy)?, seen))) {
        Ok(signed) => signed,
        Err(error) => {
            verified.problems.push(error.to_string());
            return Ok(None);
        }
    };
    let size = thousands(head.checkpoint().size());
    verified.shown.push(format!("{} signed the head of a record of {size} entries.", key.name()));
    verified.shown.extend(witnesses.iter().map(|witness| {
        let when = web::when::absolute(witness.time.saturating_mul(1_000));
        format!("The witness {} saw that head on {when}.", witness.key.name())
    }));
    let vouched = trust.vouched(place.map(|place| &place.source), head, &policy);
    match vouched.list {
        List::Own if policy.has_quorum() => verified.shown.push(vouched.sentence()),
        List::Own | List::Nobody => verified.not_shown.push(
            "That everybody was shown the same record: no witness was asked for (--policy).".into(),
        ),
        List::Server => verified.not_shown.push(format!(
            "That everybody was shown the same record: no witnesses of your choice were asked for (--policy). {}",
            vouched.sentence()
        )),
    }
    verified.vouched = Some(vouched);
    Ok(Some(key.clone()))
}

/// The policy under the key that signed the receipt's head: one that it lists, or one that the record's own entries lead
/// to from it, be it an earlier or a later one.
fn led_to(
    policy: Policy,
    receipt: &Receipt,
    place: Option<&Place>,
    verified: &mut Verified,
) -> Result<Policy, Failed> {
    let head = receipt.checkpoint();
    // A bad signature, or another record's, is said where signatures are checked.
    if !matches!(head.signer(&policy), Err(CheckpointError::Note(NoteError::NoKnownKey))) {
        return Ok(policy);
    }
    let Some(place) = place else {
        verified.not_shown.push(
            "Whether the record changed its key since or before: say with --from where it can be read, and its entries \
             lead from the key you gave to the one that signed."
                .into(),
        );
        return Ok(policy);
    };
    let chain = Chain::of(&place.source, place.head.checkpoint())?;
    let other = chain.at(head.checkpoint().size());
    let Some(key) = policy.logs().iter().map(PolicyLog::key).find(|key| chain.leads(key, head)) else {
        return Ok(policy);
    };
    verified.shown.push(format!(
        "The record changed its key: entries signed by both keys each time lead from {key} to {other}, which signed this \
         receipt."
    ));
    policy.under(other).map_err(|error| Failed::new(error.to_string()))
}

/// Checks that the entry leads to the head.
fn inclusion(receipt: &Receipt, entry: Option<Vec<u8>>, verified: &mut Verified) -> bool {
    let head = receipt.checkpoint().checkpoint();
    let Some(entry) = entry else {
        verified.not_shown.push(format!(
            "Which entry it is about: a receipt does not hold the entry. Give it with --entry, or say with --from \
             where entry {} can be read.",
            receipt.index()
        ));
        return false;
    };
    let leads = |entry: &[u8]| {
        verify_inclusion(receipt.index(), head.size(), &leaf_hash(entry), receipt.proof(), &head.root())
    };
    // Editors put a line break at the end of a file; an entry has none.
    let without = entry.strip_suffix(b"\n").filter(|cut| leads(cut).is_ok());
    let entry = without.unwrap_or(&entry);
    verified.entry = std::str::from_utf8(entry).ok().map(str::to_owned);
    match leads(entry) {
        Ok(()) => {
            verified.shown.push(format!(
                "This entry, byte for byte, is number {} of the {} entries under that head.",
                receipt.index(),
                thousands(head.size())
            ));
            true
        }
        Err(error) => {
            verified.problems.push(format!(
                "The entry is not the one that the receipt was made for, or one of the two was changed. {error}"
            ));
            false
        }
    }
}

/// A record that can be read, beside the receipt.
struct Place {
    source: Source,
    head: SignedCheckpoint,
}

impl Place {
    fn open(place: &str) -> Result<Self, Failed> {
        let source = Source::find(place)?;
        let head = SignedCheckpoint::from_bytes(&source.checkpoint()?).map_err(|error| {
            Failed::new(format!("The signed head (checkpoint) at {} cannot be read. {error}", source.name()))
        })?;
        Ok(Self { source, head })
    }

    fn entry(&self, index: u64) -> Result<Vec<u8>, Failed> {
        let (size, width) = (self.head.checkpoint().size(), u64::from(FULL_WIDTH));
        if index >= size {
            return Err(Failed::new(format!(
                "The record at {} has only {} entries, so entry {index} of the receipt cannot be read there. It is an \
                 older copy, or another record, or entries were taken out. Keep the receipt and ask somewhere else.",
                self.source.name(),
                thousands(size)
            )));
        }
        let (row, position) = (index / width, (index % width) as usize);
        // At most 256, which fits.
        let in_row = (size - row * width).min(width) as u16;
        let path = BundlePath::new(row, in_row).map_err(|error| Failed::new(error.to_string()))?;
        let bytes = self.source.bundle(path)?;
        let entries = decode_bundle(&bytes, in_row)
            .map_err(|error| Failed::new(format!("{path} at {}: {error}", self.source.name())))?;
        let entry = entries.get(position).map(|entry| entry.to_vec());
        entry.ok_or_else(|| Failed::new(format!("{path} has no entry {index}.")))
    }

    /// Checks that the record, as it is there now, continues the one that the receipt was made for.
    fn continues(&self, then: &Checkpoint, key: &VerifierKey, verified: &mut Verified) -> Result<(), Failed> {
        let (now, name) = (self.head.checkpoint(), self.source.name());
        let by_key = match signed_by(&self.head, key) {
            Ok(false) => Ok(Chain::of(&self.source, now)?.leads(key, &self.head)),
            other => other,
        };
        let unsigned = match by_key {
            Ok(true) => None,
            Ok(false) => Some(CheckpointError::from(NoteError::NoKnownKey)),
            Err(error) => Some(error),
        };
        if let Some(error) = unsigned {
            verified.problems.push(format!("The signed head (checkpoint) at {name} does not hold. {error}"));
            return Ok(());
        }
        if now.size() < then.size() {
            verified.not_shown.push(format!(
                "That the record at {name} continues the one of the receipt: it has only {} entries, the receipt was \
                 signed for {}. It is an older copy, or entries were taken out.",
                thousands(now.size()),
                thousands(then.size())
            ));
            return Ok(());
        }
        let proof = TileNodes::checked(&self.source, now.size(), &now.root())
            .map_err(|error| error.to_string())
            .and_then(|nodes| {
                consistency_proof(&nodes, then.size(), now.size()).map_err(|error| error.to_string())
            });
        let holds = proof.map(|proof| {
            then.size() == 0
                || verify_consistency(then.size(), now.size(), &then.root(), &now.root(), &proof).is_ok()
        });
        match holds {
            Ok(true) => verified.shown.push(format!(
                "The record at {name}, now of {} entries, continues that one: nothing before was changed.",
                thousands(now.size())
            )),
            Ok(false) => verified.problems.push(format!(
                "The record at {name} does not continue the one of the receipt, and the same key signed both: people \
                 were shown different records. Keep the receipt, it is the evidence, and show it to others."
            )),
            Err(error) => verified
                .problems
                .push(format!("The record at {name} cannot be compared with the one of the receipt. {error}")),
        }
        Ok(())
    }
}

/// Somebody else's words: cut short, and without what could upset a terminal.
fn shown(words: &str) -> String {
    let short: String = words.chars().filter(|c| !c.is_control()).take(SHOWN).collect();
    if words.chars().count() > SHOWN { short + "…" } else { short }
}
