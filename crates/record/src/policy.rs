//! Whose signatures one believes (C2SP [tlog-policy]): the logs, the witnesses, and how many of which
//! witnesses must have cosigned a checkpoint.
//!
//! What it is not: it fetches nothing. Addresses in a policy are for whoever talks to logs and witnesses;
//! checking needs none.
//!
//! [tlog-policy]: https://c2sp.org/tlog-policy

mod file;

pub use file::PolicyFileError;

use crate::note::{KeyError, KeyKind, MAX_SIGNATURES, VerifierKey};

/// The most logs, witnesses and groups that a policy may have, of each. The specification asks for at least
/// 32.
pub const MAX_LISTED: usize = 64;

// A checkpoint that all witnesses and two keys of its log have signed can still be read.
const _: () = assert!(MAX_LISTED + 2 <= MAX_SIGNATURES);

/// The name that stands for no quorum at all.
const NONE: &[u8] = b"none";

/// Which logs one knows, which witnesses, and whose cosignatures make a checkpoint count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    logs: Vec<PolicyLog>,
    witnesses: Vec<PolicyWitness>,
    groups: Vec<Group>,
    quorum: Option<Member>,
}

/// A log that a policy lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyLog {
    key: VerifierKey,
    url: Option<String>,
}

/// A witness that a policy lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyWitness {
    /// Means something inside the policy alone; any octets (the specification says so).
    name: Vec<u8>,
    key: VerifierKey,
    url: Option<String>,
}

/// Has witnessed a checkpoint if at least `needed` of its members have.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Group {
    name: Vec<u8>,
    needed: usize,
    members: Vec<Member>,
}

/// A witness, or a group that is defined before whatever refers to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Member {
    Witness(usize),
    Group(usize),
}

impl PolicyLog {
    /// Its key; the key's name is the log's origin.
    pub fn key(&self) -> &VerifierKey {
        &self.key
    }

    /// Where it can be reached, as the policy says.
    pub fn url(&self) -> Option<&str> {
        self.url.as_deref()
    }
}

impl PolicyWitness {
    /// Its key.
    pub fn key(&self) -> &VerifierKey {
        &self.key
    }

    /// Where it takes checkpoints (its submission prefix), as the policy says.
    pub fn url(&self) -> Option<&str> {
        self.url.as_deref()
    }
}

impl Policy {
    /// One log, these witnesses, and how many of them must have signed; with 0, the log vouches for itself
    /// alone.
    ///
    /// # Errors
    ///
    /// [`PolicyError`] if a key is of the wrong kind, a key stands there twice (under another name too: it
    /// would count twice), or more signatures are asked for than there are witnesses.
    pub fn new(
        log: VerifierKey,
        witnesses: impl IntoIterator<Item = VerifierKey>,
        quorum: usize,
    ) -> Result<Self, PolicyError> {
        let mut policy = Self::default();
        policy.add_log(log, None)?;
        let mut members = Vec::new();
        for (number, key) in (1..).zip(witnesses) {
            let name = format!("w{number}").into_bytes();
            policy.add_witness(&name, key, None)?;
            members.push(name);
        }
        if quorum > 0 {
            policy.add_group(b"quorum", quorum, members.iter().map(Vec::as_slice))?;
            policy.quorum = policy.find(b"quorum");
        }
        Ok(policy)
    }

    /// The logs. None are listed where it goes without saying which log is meant.
    pub fn logs(&self) -> &[PolicyLog] {
        &self.logs
    }

    /// The witnesses, whether the quorum needs them or not.
    pub fn witnesses(&self) -> &[PolicyWitness] {
        &self.witnesses
    }

    /// Whether any cosignature is asked for.
    pub fn has_quorum(&self) -> bool {
        self.quorum.is_some()
    }

    /// Whether the quorum is met where these keys have signed.
    pub fn is_met<'a>(&self, signed: impl IntoIterator<Item = &'a VerifierKey>) -> bool {
        let signed: Vec<&VerifierKey> = signed.into_iter().collect();
        let mut met: Vec<bool> = Vec::with_capacity(self.groups.len());
        let has = |met: &[bool], member: Member| match member {
            Member::Witness(at) => self.witnesses.get(at).is_some_and(|one| signed.contains(&&one.key)),
            Member::Group(at) => met.get(at).copied().unwrap_or(false),
        };
        // Groups refer to earlier ones only, so one pass decides them all.
        for group in &self.groups {
            let count = group.members.iter().filter(|member| has(&met, **member)).count();
            met.push(count >= group.needed);
        }
        self.quorum.is_none_or(|quorum| has(&met, quorum))
    }

    /// The quorum in words, witnesses under their keys' names: `2 of (a, b, any of (c, d))`.
    pub fn rule(&self) -> String {
        self.quorum.map_or_else(|| "nobody".into(), |quorum| self.words(quorum))
    }

    /// The same policy for this log alone: the log is the only one listed, if it was listed or none was.
    ///
    /// # Errors
    ///
    /// [`PolicyError::OtherLog`] if the policy lists other logs, or as [`Policy::new`] if the key cannot be
    /// the log's.
    pub fn for_log(&self, key: &VerifierKey) -> Result<Self, PolicyError> {
        let mut narrow = self.clone();
        narrow.logs.retain(|log| log.key == *key);
        match (&narrow.logs[..], &self.logs[..]) {
            ([], []) => narrow.add_log(key.clone(), None)?,
            ([], _) => return Err(PolicyError::OtherLog { name: key.name().to_owned() }),
            _ => {}
        }
        Ok(narrow)
    }

    /// The same witnesses and quorum for this log alone, whichever logs are listed: for the key that one of them
    /// handed over to.
    ///
    /// # Errors
    ///
    /// As [`Policy::new`], if the key cannot be the log's.
    pub fn under(&self, key: &VerifierKey) -> Result<Self, PolicyError> {
        let mut next = self.clone();
        next.logs.clear();
        next.add_log(key.clone(), None)?;
        Ok(next)
    }

    /// The same policy with one more key of the log, if it is not listed already: one that hands over to another, or took
    /// over from it.
    ///
    /// # Errors
    ///
    /// As [`Policy::new`], if the key cannot be the log's.
    pub fn with_log(mut self, key: &VerifierKey) -> Result<Self, PolicyError> {
        if !self.logs.iter().any(|log| log.key == *key) {
            self.add_log(key.clone(), None)?;
        }
        Ok(self)
    }

    /// The same policy without addresses, as it can be given to whoever checks.
    #[must_use]
    pub fn without_urls(mut self) -> Self {
        self.logs.iter_mut().for_each(|log| log.url = None);
        self.witnesses.iter_mut().for_each(|witness| witness.url = None);
        self
    }

    fn words(&self, member: Member) -> String {
        let group = match member {
            Member::Witness(at) => return self.witnesses.get(at).map_or("", |one| one.key.name()).to_owned(),
            Member::Group(at) => self.groups.get(at),
        };
        let Some(Group { needed, members, .. }) = group else { return String::new() };
        let list = members.iter().map(|member| self.words(*member)).collect::<Vec<_>>().join(", ");
        match (*needed, members.len()) {
            (1, 1) => list,
            (needed, count) if needed == count => format!("all of ({list})"),
            (1, _) => format!("any of ({list})"),
            (needed, _) => format!("{needed} of ({list})"),
        }
    }

    fn add_log(&mut self, key: VerifierKey, url: Option<String>) -> Result<(), PolicyError> {
        if key.kind() != KeyKind::Log {
            return Err(PolicyError::NotALog { name: key.name().to_owned() });
        }
        self.check_new(&key)?;
        room("logs", &self.logs)?;
        self.logs.push(PolicyLog { key, url });
        Ok(())
    }

    fn add_witness(&mut self, name: &[u8], key: VerifierKey, url: Option<String>) -> Result<(), PolicyError> {
        if key.kind() != KeyKind::Cosigner {
            return Err(PolicyError::NotAWitness { name: key.name().to_owned() });
        }
        self.check_new(&key)?;
        self.check_name(name)?;
        room("witnesses", &self.witnesses)?;
        self.witnesses.push(PolicyWitness { name: name.to_owned(), key, url });
        Ok(())
    }

    fn add_group<'a>(
        &mut self,
        name: &[u8],
        needed: usize,
        names: impl Iterator<Item = &'a [u8]>,
    ) -> Result<(), PolicyError> {
        self.check_name(name)?;
        room("groups", &self.groups)?;
        let mut members = Vec::new();
        for name in names {
            let member = self.find(name).ok_or_else(|| PolicyError::Unknown { name: lossy(name) })?;
            // Otherwise a witness could count in more than one way.
            if members.contains(&member) || self.groups.iter().any(|group| group.members.contains(&member)) {
                return Err(PolicyError::MemberTwice { name: lossy(name) });
            }
            members.push(member);
        }
        if needed == 0 || needed > members.len() {
            return Err(PolicyError::Needed { needed, members: members.len() });
        }
        self.groups.push(Group { name: name.to_owned(), needed, members });
        Ok(())
    }

    fn find(&self, name: &[u8]) -> Option<Member> {
        let witness = self.witnesses.iter().position(|witness| witness.name == name).map(Member::Witness);
        witness.or_else(|| self.groups.iter().position(|group| group.name == name).map(Member::Group))
    }

    /// A key counts once, whatever its name; a witness with the log's own secret would witness nothing.
    fn check_new(&self, key: &VerifierKey) -> Result<(), PolicyError> {
        let keys = self.logs.iter().map(|log| &log.key);
        let mut keys = keys.chain(self.witnesses.iter().map(|witness| &witness.key));
        if keys.any(|other| other.to_bytes() == key.to_bytes()) {
            return Err(PolicyError::KeyTwice { name: key.name().to_owned() });
        }
        Ok(())
    }

    fn check_name(&self, name: &[u8]) -> Result<(), PolicyError> {
        if name == NONE || self.find(name).is_some() {
            return Err(PolicyError::NameTaken { name: lossy(name) });
        }
        Ok(())
    }
}

/// No log, no witness, nothing asked for.
impl Default for Policy {
    fn default() -> Self {
        Self { logs: Vec::new(), witnesses: Vec::new(), groups: Vec::new(), quorum: None }
    }
}

fn room<T>(what: &'static str, listed: &[T]) -> Result<(), PolicyError> {
    if listed.len() < MAX_LISTED { Ok(()) } else { Err(PolicyError::TooMany { what }) }
}

fn lossy(name: &[u8]) -> String {
    String::from_utf8_lossy(name).into_owned()
}

/// Why a policy makes no sense.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// A witness' key where the log's belongs.
    #[error("The key {name} is a witness' key; the log's own key is needed here.")]
    NotALog {
        /// Name of the key.
        name: String,
    },
    /// A log's key where a witness' belongs.
    #[error("The key {name} is a log's key; a witness' key is needed here.")]
    NotAWitness {
        /// Name of the key.
        name: String,
    },
    /// One key in two places.
    #[error("The key {name} stands in the list twice, perhaps under another name; it can only count once.")]
    KeyTwice {
        /// Name of its second place.
        name: String,
    },
    /// Not a verifier key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A name that something else has, or `none`.
    #[error("The name {name} is taken already. Every witness and every group needs a name of its own.")]
    NameTaken {
        /// The name.
        name: String,
    },
    /// A name that nothing has, or not yet.
    #[error(
        "Nothing is named {name} in the lines before. Define a witness or a group first, then refer to it."
    )]
    Unknown {
        /// The name.
        name: String,
    },
    /// A member of two groups, or twice of one.
    #[error(
        "{name} is a member of a group already. Everything can be a member once, so that it counts once."
    )]
    MemberTwice {
        /// The name.
        name: String,
    },
    /// A number that cannot be reached, or 0.
    #[error("{needed} members are asked for where {members} are listed. Ask for at least 1 and at most all.")]
    Needed {
        /// How many are asked for.
        needed: usize,
        /// How many are listed.
        members: usize,
    },
    /// Beyond [`MAX_LISTED`].
    #[error("There are more {what} than are read: at most 64.")]
    TooMany {
        /// Of what.
        what: &'static str,
    },
    /// A policy for other logs.
    #[error(
        "The policy lists logs, but not the key of {name}. Add a line `log` with that key, or take another policy."
    )]
    OtherLog {
        /// Name of the log's key.
        name: String,
    },
}
