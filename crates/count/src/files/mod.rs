//! Files in and out: Pabulib, PrefLib, BLT, RCTab. A file is read whole or refused with line and reason; what was
//! repaired on the way is listed.

pub mod blt;
pub mod pabulib;
pub mod preflib;
pub mod rctab;
mod text;

use crate::election::{BallotOption, Election, Form};
use crate::outcome::Refusal;
use crate::rule::Rule;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A file that was read.
#[derive(Clone, Debug)]
pub struct Read {
    /// Options and votes.
    pub election: Election,
    /// The rule the file names, if it names one.
    pub rule: Option<Rule>,
    /// The winners the file publishes, if it does.
    pub published: Option<Vec<usize>>,
    /// What was not as it should be, and what was done.
    pub repairs: Vec<Repair>,
}

/// Something in a file that was put right.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Repair {
    /// Line of the file, counted from 1, where it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// What was found and what was done.
    pub what: String,
}

impl std::fmt::Display for Repair {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.line {
            Some(line) => write!(f, "Line {line}: {}", self.what),
            None => f.write_str(&self.what),
        }
    }
}

/// Repairs listed one by one; after that only their number.
const MOST_REPAIRS: usize = 200;

/// Collects repairs and keeps the list readable.
#[derive(Default)]
pub(crate) struct Repairs {
    list: Vec<Repair>,
    more: usize,
}

impl Repairs {
    pub fn at(&mut self, line: usize, what: impl Into<String>) {
        self.one(Some(line), what.into());
    }

    fn one(&mut self, line: Option<usize>, what: String) {
        if self.list.len() < MOST_REPAIRS {
            self.list.push(Repair { line, what });
        } else {
            self.more += 1;
        }
    }

    pub fn all(&mut self, what: impl Into<String>) {
        self.list.push(Repair { line: None, what: what.into() });
    }

    /// Options of one name are counted apart, but nobody can tell them apart in the result.
    pub fn same_names(&mut self, options: &[BallotOption]) {
        let mut called: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (number, option) in (1..).zip(options) {
            called.entry(&option.name).or_default().push(number);
        }
        for (name, numbers) in called {
            if let [first, second, more @ ..] = numbers.as_slice() {
                let more = if more.is_empty() { String::new() } else { format!(" and {} more", more.len()) };
                self.one(None, format!("Options {first}, {second}{more} have the same name, “{name}”. They were counted apart; give them different names, so that the result can tell them apart."));
            }
        }
    }

    pub fn done(mut self) -> Vec<Repair> {
        if self.more > 0 {
            self.list.push(Repair { line: None, what: format!("{} more repairs of this kind.", self.more) });
        }
        self.list
    }
}

/// Reads a file; the end of its name says which format it is.
///
/// An RCTab contest needs its ballots too: `beside` gives them by the names that [`wanted`] says.
///
/// # Errors
/// Line and reason, for the first thing that cannot be read.
pub fn read(name: &str, bytes: &[u8], beside: &[(String, Vec<u8>)]) -> Result<Read, Refusal> {
    match extension(name).as_str() {
        "pb" => pabulib::read(bytes),
        "blt" => blt::read(bytes),
        ext @ ("soc" | "soi" | "toc" | "toi" | "cat") => preflib::read(bytes, ext),
        "json" => consent(bytes).unwrap_or_else(|| rctab::read(bytes, beside)),
        other => Err(Refusal::new(format!(
            "“.{other}” is not a format this program reads. It reads .pb (Pabulib), .blt, .soc .soi .toc .toi .cat (PrefLib) and .json (an RCTab contest beside its ballots, or the rule consent with its objections)."
        ))),
    }
}

/// A proposal and the objections to it, which are the rule: nobody votes.
fn consent(bytes: &[u8]) -> Option<Result<Read, Refusal>> {
    let json: serde_json::Value = serde_json::from_slice(bytes).ok()?;
    (json["rule"] == "consent").then(|| {
        let rule = Rule::parse(&json.to_string(), None)?;
        let election = Election::new("", vec![BallotOption::named("The proposal")], Form::ChooseOne);
        Ok(Read { election, rule: Some(rule), published: None, repairs: vec![] })
    })
}

/// Files with these options and votes, each with its name and text; the end of `name` says in which format. It is one
/// file, but for a contest of RCTab, which has its ballots beside it. The `rule` they are counted by is written where
/// the format has a name for it.
///
/// # Errors
/// When the format cannot hold these votes.
pub fn write(name: &str, election: &Election, rule: Option<&Rule>) -> Result<Vec<(String, String)>, Refusal> {
    let one = |text: String| Ok(vec![(name.to_owned(), text)]);
    match extension(name).as_str() {
        "pb" => pabulib::write_counted(election, rule).and_then(one),
        "blt" => blt::write(election).and_then(one),
        "json" => {
            let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
            let ballots = format!("{stem}.csv");
            let [contest, table] = rctab::write(election, rule, &ballots)?;
            Ok(vec![(name.to_owned(), contest), (ballots, table)])
        }
        wanted @ ("soc" | "soi" | "toc" | "toi" | "cat") => {
            let (extension, text) = preflib::write(election)?;
            if extension == wanted {
                return one(text);
            }
            Err(Refusal::new(format!(
                "These votes are of PrefLib's kind .{extension}, not .{wanted}. Choose a name that ends so."
            )))
        }
        other => Err(Refusal::new(format!(
            "“.{other}” is not a format this program writes. It writes .pb (Pabulib), .blt, .soc .soi .toc .toi .cat (PrefLib) and .json (a contest of RCTab with its ballots as .csv beside it)."
        ))),
    }
}

/// Further files without which this one cannot be counted: the names that each may have. All of them are needed; of the
/// names of one the first that exists.
pub fn wanted(name: &str, bytes: &[u8]) -> Vec<Vec<String>> {
    if extension(name) == "json" { rctab::wanted(bytes) } else { vec![] }
}

fn extension(name: &str) -> String {
    name.rsplit(['/', '\\'])
        .next()
        .and_then(|n| n.rsplit_once('.'))
        .map_or(String::new(), |(_, e)| e.to_lowercase())
}
