//! Which file is what: by its name, else by what is in it.

use super::csv::Header;
use super::tables::{COMMENTS, MATRIX, PLAIN, POLIS, open};
use super::{AgreeIs, Files, Refusal};

/// One file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct File<'a> {
    pub name: &'a str,
    pub bytes: &'a [u8],
}

pub(crate) enum Source {
    Csv,
    Json,
}

/// The files that matter, by what they are.
pub(crate) struct Chosen<'a> {
    pub source: Source,
    pub votes: Option<File<'a>>,
    pub comments: Option<File<'a>>,
    pub matrix: Option<File<'a>>,
    pub summary: Option<File<'a>>,
    pub history: Option<File<'a>>,
    pub conversation: Option<File<'a>>,
    pub mathematics: Option<File<'a>>,
    pub agree_is: Option<AgreeIs>,
    pub notes: Vec<String>,
}

impl<'a> Chosen<'a> {
    pub fn from(files: &Files<'a>) -> Result<Chosen<'a>, Refusal> {
        const KINDS: [&str; 10] = [
            "participants-votes.csv",
            "participant-votes.csv",
            "stats-history.csv",
            "votes.csv",
            "comments.csv",
            "summary.csv",
            "votes.json",
            "comments.json",
            "conversation.json",
            "math-pca2.json",
        ];
        let mut found: Vec<(&'static str, File<'a>)> = Vec::new();
        let mut others = Vec::new();
        for &(path, bytes) in &files.all {
            let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
            let file = File { name, bytes };
            // The report page names files after the report: `2025-01-31-abc-votes.csv`.
            let is = |kind: &&&str| {
                let lower = name.to_ascii_lowercase();
                lower
                    .strip_suffix(**kind)
                    .is_some_and(|before| before.is_empty() || before.ends_with(['-', '_', '.']))
            };
            match KINDS.iter().find(is) {
                Some(&kind) => add(&mut found, kind, file)?,
                None => others.push(file),
            }
        }
        let named: Vec<&str> = found.iter().map(|&(kind, _)| kind).collect();
        let mut unknown = Vec::new();
        for file in others {
            match by_content(file).filter(|kind| !named.contains(kind)) {
                Some(kind) => add(&mut found, kind, file)?,
                None => unknown.push(file),
            }
        }
        let mut others = unknown;
        let take = |kind: &str| found.iter().find(|(other, _)| *other == kind).map(|&(_, file)| file);
        let mut notes = Vec::new();
        let matrix = take("participants-votes.csv").or(take("participant-votes.csv"));
        let mut votes = take("votes.csv");
        if votes.is_none() && matrix.is_none() && take("votes.json").is_none() {
            let is_csv = |file: &File<'_>| file.name.to_ascii_lowercase().ends_with(".csv");
            let tables: Vec<usize> = (0..others.len()).filter(|&at| is_csv(&others[at])).collect();
            match tables[..] {
                [only] => votes = Some(others.remove(only)),
                _ if others.len() == 1 && found.is_empty() => votes = others.pop(),
                _ => {
                    let reason = "There is no file with responses: votes.csv, participants-votes.csv, votes.json or a single CSV file with the columns participant, statement, response.";
                    return Err(Refusal::new("", None, reason));
                }
            }
        }
        let source = if votes.is_some() || matrix.is_some() { Source::Csv } else { Source::Json };
        let (comments, json) = match source {
            Source::Csv => (
                take("comments.csv"),
                ["votes.json", "comments.json", "conversation.json", "math-pca2.json"].as_slice(),
            ),
            Source::Json => {
                (take("comments.json"), ["comments.csv", "summary.csv", "stats-history.csv"].as_slice())
            }
        };
        others.extend(json.iter().filter_map(|kind| take(kind)));
        for other in others {
            notes.push(format!("{} was not read: it is not needed here.", other.name));
        }
        let is_json = matches!(source, Source::Json);
        let of_json = |kind| take(kind).filter(|_| is_json);
        let of_csv = |kind| take(kind).filter(|_| !is_json);
        Ok(Chosen {
            votes: if is_json { take("votes.json") } else { votes },
            comments,
            matrix,
            summary: of_csv("summary.csv"),
            history: of_csv("stats-history.csv"),
            conversation: of_json("conversation.json"),
            mathematics: of_json("math-pca2.json"),
            source,
            agree_is: files.agree_is,
            notes,
        })
    }
}

/// One of a kind.
fn add<'a>(
    found: &mut Vec<(&'static str, File<'a>)>,
    kind: &'static str,
    file: File<'a>,
) -> Result<(), Refusal> {
    if let Some((_, before)) = found.iter().find(|(other, _)| *other == kind) {
        let reason = format!("{} is the same kind of file; leave one of them out.", before.name);
        return Err(Refusal::new(file.name, None, reason));
    }
    found.push((kind, file));
    Ok(())
}

/// What a file with a name of its own is, if its first line or first object tells.
fn by_content(file: File<'_>) -> Option<&'static str> {
    let start = file.bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(file.bytes).trim_ascii_start();
    if start.starts_with(b"[") {
        let object = start.split(|&byte| byte == b'}').next()?;
        let has = |name: &[u8]| object.windows(name.len()).any(|part| part == name);
        return if has(b"\"vote\"") {
            Some("votes.json")
        } else {
            has(b"\"txt\"").then_some("comments.json")
        };
    }
    // What is wrong with a file is said where it is read.
    let (_, header) = open(file).ok()?;
    kind_of_table(&header)
}

fn kind_of_table(header: &Header) -> Option<&'static str> {
    let has = |names: &[&str]| names.iter().all(|name| header.find(name).is_some());
    [
        ("votes.csv", has(&POLIS) || has(&PLAIN)),
        ("participants-votes.csv", has(&MATRIX)),
        ("comments.csv", has(&COMMENTS)),
    ]
    .into_iter()
    .find_map(|(kind, is)| is.then_some(kind))
}
