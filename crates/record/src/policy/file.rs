//! A policy as a file: one line for each log, witness and group, and one for the quorum.

use super::{Member, NONE, Policy, PolicyError, lossy};
use crate::decimal;
use crate::note::VerifierKey;

/// The longest file that is read: three times [`super::MAX_LISTED`] lines of a thousand bytes, and as much
/// again for remarks.
const MAX_BYTES: usize = 400_000;

impl Policy {
    /// Reads a policy file. It is refused whole if any line of it is not of the form.
    ///
    /// # Errors
    ///
    /// [`PolicyFileError`] with the line, counted from 1, and the reason.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, PolicyFileError> {
        let whole = |reason| PolicyFileError { line: None, reason };
        if bytes.len() > MAX_BYTES {
            return Err(whole(Reason::TooLong));
        }
        let mut policy = Self::default();
        let mut quorum = None;
        let lines = match bytes.strip_suffix(b"\n") {
            Some(lines) => lines,
            None if bytes.is_empty() => return Err(whole(Reason::NoQuorum)),
            // A file that was cut off could mean something else than it was meant to.
            None => return Err(whole(Reason::NoNewline)),
        };
        for (number, line) in (1..).zip(lines.split(|byte| *byte == b'\n')) {
            let at = |reason| PolicyFileError { line: Some(number), reason };
            if line.contains(&b'\r') {
                return Err(at(Reason::Windows));
            }
            if !line.iter().all(|byte| matches!(byte, b'\t' | b' '..=b'~' | 0x80..)) {
                return Err(at(Reason::Characters));
            }
            let items: Vec<&[u8]> =
                line.split(|byte| matches!(byte, b' ' | b'\t')).filter(|item| !item.is_empty()).collect();
            match &items[..] {
                [] => {}
                [first, ..] if first.starts_with(b"#") => {}
                [b"quorum", name] if quorum.is_none() => {
                    let member = policy.find(name);
                    if member.is_none() && *name != NONE {
                        return Err(at(PolicyError::Unknown { name: lossy(name) }.into()));
                    }
                    quorum = Some(member);
                }
                [b"quorum", _] => return Err(at(Reason::TwoQuorums)),
                items => policy.read_line(items).map_err(at)?,
            }
        }
        policy.quorum = quorum.ok_or_else(|| whole(Reason::NoQuorum))?;
        Ok(policy)
    }

    /// The policy as a file, in one way: what [`Policy::from_bytes`] reads as the same policy.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut file = Vec::new();
        let mut line = |items: &[&[u8]]| {
            file.extend_from_slice(&items.join(&b' '));
            file.push(b'\n');
        };
        for log in &self.logs {
            line(&with_url(&[b"log", log.key.to_string().as_bytes()], log.url()));
        }
        for witness in &self.witnesses {
            let key = witness.key.to_string();
            line(&with_url(&[b"witness", &witness.name, key.as_bytes()], witness.url()));
        }
        for group in &self.groups {
            let needed = group.needed.to_string();
            let members = group.members.iter().map(|member| self.name(*member));
            line(
                &[&b"group"[..], &group.name, needed.as_bytes()]
                    .into_iter()
                    .chain(members)
                    .collect::<Vec<_>>(),
            );
        }
        line(&[b"quorum", self.quorum.map_or(NONE, |quorum| self.name(quorum))]);
        file
    }

    fn read_line(&mut self, items: &[&[u8]]) -> Result<(), Reason> {
        match items {
            [b"log", key] => Ok(self.add_log(read_key(key)?, None)?),
            [b"log", key, url] => Ok(self.add_log(read_key(key)?, Some(read_url(url)?))?),
            [b"witness", name, key] => Ok(self.add_witness(name, read_key(key)?, None)?),
            [b"witness", name, key, url] => {
                Ok(self.add_witness(name, read_key(key)?, Some(read_url(url)?))?)
            }
            [b"group", name, needed, members @ ..] if !members.is_empty() => {
                let needed = match *needed {
                    b"any" => 1,
                    b"all" => members.len(),
                    number => std::str::from_utf8(number)
                        .ok()
                        .and_then(decimal::parse)
                        .map(|number| usize::try_from(number).unwrap_or(usize::MAX))
                        .ok_or(Reason::Form("group <name> <all, any or a number> <member> …"))?,
                };
                Ok(self.add_group(name, needed, members.iter().copied())?)
            }
            [b"log", ..] => Err(Reason::Form("log <key> [<url>]")),
            [b"witness", ..] => Err(Reason::Form("witness <name> <key> [<url>]")),
            [b"group", ..] => Err(Reason::Form("group <name> <all, any or a number> <member> …")),
            [b"quorum", ..] => Err(Reason::Form("quorum <name of a witness or group, or none>")),
            _ => Err(Reason::Keyword),
        }
    }

    fn name(&self, member: Member) -> &[u8] {
        match member {
            Member::Witness(at) => self.witnesses.get(at).map_or(NONE, |witness| &witness.name),
            Member::Group(at) => self.groups.get(at).map_or(NONE, |group| &group.name),
        }
    }
}

fn with_url<'a>(items: &[&'a [u8]], url: Option<&'a str>) -> Vec<&'a [u8]> {
    items.iter().copied().chain(url.map(str::as_bytes)).collect()
}

fn read_key(key: &[u8]) -> Result<VerifierKey, Reason> {
    let key = std::str::from_utf8(key).map_err(|_| Reason::NotText("key"))?;
    Ok(key.parse().map_err(PolicyError::Key)?)
}

fn read_url(url: &[u8]) -> Result<String, Reason> {
    std::str::from_utf8(url).map(str::to_owned).map_err(|_| Reason::NotText("address"))
}

/// Why a file is not a policy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{reason}", .line.map_or_else(String::new, |line| format!("Line {line}: ")))]
pub struct PolicyFileError {
    /// The line, counted from 1; `None` if it is about the whole file.
    line: Option<usize>,
    reason: Reason,
}

impl PolicyFileError {
    /// The line, counted from 1; `None` if it is about the whole file.
    pub fn line(&self) -> Option<usize> {
        self.line
    }
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
enum Reason {
    #[error(transparent)]
    Policy(#[from] PolicyError),
    #[error("This kind of line looks like this: {0}")]
    Form(&'static str),
    #[error("A line begins with log, witness, group, quorum, or # for a remark. This one does not.")]
    Keyword,
    #[error("The {0} on this line is not UTF-8 text. Copy it again.")]
    NotText(&'static str),
    #[error("There are control characters on this line. Only spaces and tabs may part its words.")]
    Characters,
    #[error("This line ends in the manner of Windows. Save the file with Unix line breaks.")]
    Windows,
    #[error(
        "The last line does not end with a line break, so the file may have been cut off. Copy it whole."
    )]
    NoNewline,
    #[error("There is a second line for the quorum. Keep one.")]
    TwoQuorums,
    #[error(
        "A policy needs a line `quorum` with the name of a witness or group, or none. This one has none."
    )]
    NoQuorum,
    #[error("A policy is shorter than this file: at most 400,000 bytes are read.")]
    TooLong,
}
