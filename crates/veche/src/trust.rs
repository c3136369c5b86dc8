//! Whom somebody who checks a record believes: a key, a policy of one's own, or what the record says of
//! itself; and who then vouches for its head.

use crate::check::named_key;
use crate::cosign;
use crate::fail::Failed;
use crate::source::Source;
use record::checkpoint::{Checkpoint, SignedCheckpoint, Witnessed};
use record::note::VerifierKey;
use record::policy::Policy;
use serde::Serialize;
use std::path::PathBuf;

/// What can be said on the command line.
#[derive(clap::Args)]
#[group(id = "trust")]
pub struct Options {
    /// The record's verifier key, if you have it from somewhere you trust. Without it, the key that the
    /// record itself names, or that a copy was begun with.
    #[arg(long)]
    key: Option<String>,
    /// A file that says which witnesses you trust, and how many of them must have signed
    /// (<https://c2sp.org/tlog-policy>). Without it, you hear whom the server itself names.
    #[arg(long)]
    policy: Option<PathBuf>,
}

/// Whom one believes.
#[derive(Default)]
pub struct Trust {
    key: Option<VerifierKey>,
    policy: Option<Policy>,
}

impl Options {
    /// Reads the key and the file.
    ///
    /// # Errors
    ///
    /// A sentence, if one of them is not what it should be.
    pub fn read(&self) -> Result<Trust, Failed> {
        let key = self.key.as_deref().map(parse_key).transpose()?;
        let policy = self.policy.as_deref().map(cosign::read).transpose()?;
        Ok(Trust { key, policy })
    }
}

impl Trust {
    /// Believes this key alone.
    ///
    /// # Errors
    ///
    /// A sentence, if it is none.
    pub fn in_key(key: &str) -> Result<Self, Failed> {
        Ok(Self { key: Some(parse_key(key)?), policy: None })
    }

    /// Whether a key was given, so that the record need not be asked for it.
    pub fn has_key(&self) -> bool {
        self.key.is_some() || self.policy.as_ref().is_some_and(|policy| !policy.logs().is_empty())
    }

    /// Whether there is a policy of one's own.
    pub fn has_policy(&self) -> bool {
        self.policy.is_some()
    }

    /// Whose signatures the head needs: those the policy says, under the key given, or else under the one
    /// that `named` finds.
    ///
    /// # Errors
    ///
    /// A sentence, if there is no such key, or the policy is for other logs.
    pub fn policy(&self, named: impl FnOnce() -> Result<VerifierKey, Failed>) -> Result<Policy, Failed> {
        let own = match &self.policy {
            Some(policy) if self.key.is_none() && !policy.logs().is_empty() => return Ok(policy.clone()),
            Some(policy) => policy.clone(),
            None => Policy::default(),
        };
        let key = self.key.clone().map_or_else(named, Ok)?;
        own.for_log(&key).map_err(|error| Failed::new(error.to_string()))
    }

    /// As [`Trust::policy`], with the key that the founding of the record names.
    ///
    /// # Errors
    ///
    /// As [`Trust::policy`].
    pub fn policy_at(&self, source: &Source, head: &Checkpoint) -> Result<Policy, Failed> {
        self.policy(|| parse_key(&named_key(source, head)?))
    }

    /// Says who vouches for a head that holds under `policy`: by one's own policy, or by the list that the
    /// record's server publishes.
    pub fn vouched(&self, source: Option<&Source>, head: &SignedCheckpoint, policy: &Policy) -> Vouched {
        if self.has_policy() {
            return Vouched::by(List::Own, head, policy);
        }
        let published = source.and_then(|source| source.policy().ok().flatten());
        let list = published.and_then(|bytes| Policy::from_bytes(&bytes).ok());
        // What is published for another key is no list for this record.
        let list = list.and_then(|list| list.for_log(head.signer(policy).ok()?).ok());
        match list.filter(|list| !list.witnesses().is_empty()) {
            Some(list) => Vouched::by(List::Server, head, &list),
            None => Vouched::by(List::Nobody, head, policy),
        }
    }
}

/// A verifier key, as somebody typed it.
///
/// # Errors
///
/// A sentence, if it is none.
pub fn parse_key(text: &str) -> Result<VerifierKey, Failed> {
    text.trim().parse().map_err(|error| {
        let short: String = text.chars().filter(|c| !c.is_control()).take(400).collect();
        Failed::new(format!("The key “{short}” is not a verifier key (name+number+letters): {error}"))
    })
}

/// Whose list of witnesses it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum List {
    /// One's own policy.
    Own,
    /// What the record's server publishes.
    Server,
    /// There is none.
    Nobody,
}

/// Who vouches for a head, besides the record's own server.
#[derive(Debug, Clone, Serialize)]
pub struct Vouched {
    /// Whose list of witnesses it is.
    pub list: List,
    /// The quorum in words, if the list has one.
    pub rule: Option<String>,
    /// Whether the quorum is met, if the list has one.
    pub quorum: Option<bool>,
    /// The witnesses on the list.
    pub witnesses: Vec<ListedWitness>,
}

/// A witness on a list.
#[derive(Debug, Clone, Serialize)]
pub struct ListedWitness {
    /// Its key's name.
    pub name: String,
    /// Its key.
    pub key: String,
    /// When it cosigned the head, in seconds since 1970; `None` if it did not.
    pub time: Option<u64>,
}

impl Vouched {
    /// Nobody is known yet.
    pub fn nobody() -> Self {
        Self { list: List::Nobody, rule: None, quorum: None, witnesses: Vec::new() }
    }

    fn by(list: List, head: &SignedCheckpoint, policy: &Policy) -> Self {
        // A list whose keys do not fit the signatures has no signatures.
        let witnessed: Vec<Witnessed<'_>> = head.witnessed(policy).unwrap_or_default();
        let met = policy.is_met(witnessed.iter().map(|witness| witness.key));
        let witnesses = policy.witnesses().iter().map(|witness| ListedWitness {
            name: witness.key().name().to_owned(),
            key: witness.key().to_string(),
            time: witnessed.iter().find(|one| one.key == witness.key()).map(|one| one.time),
        });
        let rule = policy.has_quorum().then(|| policy.rule());
        Self { list, quorum: rule.as_ref().map(|_| met), rule, witnesses: witnesses.collect() }
    }

    /// What it means, in a sentence or two.
    pub fn sentence(&self) -> String {
        let signed: Vec<&str> =
            self.witnesses.iter().filter(|one| one.time.is_some()).map(|one| &*one.name).collect();
        let count = format!("{} of {} witnesses", signed.len(), self.witnesses.len());
        let who = if signed.is_empty() { String::new() } else { format!(": {}", signed.join(", ")) };
        let quorum = match (&self.rule, self.quorum) {
            (Some(rule), Some(true)) => format!(" The quorum, {rule}, is met."),
            (Some(rule), _) => format!(" The quorum, {rule}, is not met."),
            (None, _) => String::new(),
        };
        match self.list {
            List::Own if self.witnesses.is_empty() => {
                "Your policy names no witness: only the record's own server vouches that everybody is shown the same \
                 record."
                    .into()
            }
            List::Own => format!("By your policy, {count} cosigned this head{who}.{quorum}"),
            List::Server => format!(
                "By the list that the server itself publishes, {count} cosigned this head{who}.{quorum} Whoever runs the \
                 server chose them; choose your own with --policy."
            ),
            List::Nobody => {
                "Only the record's own server vouches that everybody is shown the same record: no witness is known here."
                    .into()
            }
        }
    }
}
