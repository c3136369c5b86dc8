//! The JSON of Polis' API: `votes.json`, `comments.json`, `conversation.json`, `math-pca2.json`.

mod numbers;

use super::csv::{shown, text};
use super::sign::{self, Evidence, place};
use super::{Chosen, Dialect, File, Found, Moderation, Refusal, Statement, Times, Vote};
use numbers::{Number, Sign, Time};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::{BTreeMap, HashMap};

#[derive(Deserialize)]
#[serde(expecting = "an object with pid, tid and vote")]
struct RawVote {
    #[serde(alias = "participant_id")]
    pid: Number,
    #[serde(alias = "statement_id")]
    tid: Number,
    vote: Sign,
    #[serde(default, alias = "created")]
    modified: Time,
}

#[derive(Deserialize)]
#[serde(expecting = "an object with tid and txt")]
struct RawComment {
    #[serde(alias = "statement_id")]
    tid: Number,
    #[serde(default, alias = "participant_id")]
    pid: Option<Number>,
    #[serde(default)]
    txt: Option<String>,
    #[serde(default)]
    created: Time,
    #[serde(default, rename = "mod", alias = "moderated")]
    moderated: Option<Sign>,
    #[serde(default)]
    is_meta: Option<bool>,
    #[serde(default)]
    is_seed: Option<bool>,
    #[serde(default)]
    agree_count: Option<Number>,
    #[serde(default)]
    disagree_count: Option<Number>,
}

#[derive(Default, Deserialize)]
#[serde(expecting = "an object with topic and description")]
struct RawConversation {
    #[serde(default)]
    topic: Option<String>,
    #[serde(default)]
    description: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "kebab-case", default, expecting = "an object with base-clusters and group-clusters")]
struct RawMathematics {
    base_clusters: RawBases,
    group_clusters: Vec<RawGroup>,
    tids: Vec<u32>,
    pca: RawAxes,
}

#[derive(Default, Deserialize)]
#[serde(default)]
#[serde(expecting = "an object with id and members")]
struct RawBases {
    id: Vec<u32>,
    members: Vec<Vec<u32>>,
}

#[derive(Deserialize)]
#[serde(expecting = "an object with id and members")]
struct RawGroup {
    id: u32,
    members: Vec<u32>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
#[serde(expecting = "an object with center")]
struct RawAxes {
    center: Vec<f64>,
}

/// Reads whatever of the files is there; `votes.json` must be.
pub(super) fn read(chosen: &Chosen<'_>) -> Result<Found, Refusal> {
    let Some(file) = chosen.votes else {
        return Err(Refusal::new("", None, "There is no votes.json."));
    };
    let (votes, times) = votes(file)?;
    let comments: Option<Vec<RawComment>> =
        chosen.comments.map(|file| parse(file, "a list of objects with tid and txt")).transpose()?;
    let mut notes = chosen.notes.clone();
    let mut counts = Vec::new();
    let statements = match (comments, chosen.comments) {
        (Some(comments), Some(file)) => statements(file, comments, &mut counts)?,
        _ => {
            notes.push(
                "There is no comments.json: texts, authors and what moderators decided are not known."
                    .to_owned(),
            );
            super::tables::bare_statements(votes.iter().map(|vote| vote.statement))
        }
    };
    if let Some(vote) = votes.iter().find(|vote| place(&statements, vote.statement).is_none()) {
        let reason = format!(
            "There is a response to statement {}, which is not in comments.json: the files do not belong together, or comments.json is not complete.",
            vote.statement
        );
        return Err(Refusal::new(file.name, None, reason));
    }
    let about: RawConversation = chosen
        .conversation
        .map(|file| parse(file, "an object with topic and description"))
        .transpose()?
        .unwrap_or_default();
    let mathematics: Option<RawMathematics> = chosen
        .mathematics
        .map(|file| parse(file, "an object with base-clusters and group-clusters"))
        .transpose()?;
    let mut evidence = Vec::new();
    evidence.extend(mathematics.as_ref().map(|found| centers(&votes, found)));
    evidence.push(sign::counts(
        "the agree_count and disagree_count of comments.json",
        &votes,
        &statements,
        &counts,
    ));
    evidence.push(sign::authors(&votes, &statements));
    evidence.push(sign::first_responses(&votes, &statements));
    let sign = sign::decide(chosen.agree_is, &evidence, -1, "Polis' API stores -1 for agree");
    Ok(Found {
        dialect: Dialect::Api,
        topic: about.topic.unwrap_or_default(),
        description: about.description.unwrap_or_default(),
        statements,
        votes,
        times,
        published_groups: mathematics.map_or_else(Vec::new, groups),
        sign,
        repaired: 0,
        notes,
    })
}

/// `whole`: what the file is.
fn parse<T: DeserializeOwned>(file: File<'_>, whole: &str) -> Result<T, Refusal> {
    let text = text(file)?;
    serde_json::from_str(text).map_err(|error| {
        let told = error.to_string();
        let message = told.split(" at line ").next().unwrap_or(&told);
        let reason = match error.classify() {
            serde_json::error::Category::Eof => {
                "The file ends in the middle: it is cut off. Fetch it again.".to_owned()
            }
            serde_json::error::Category::Syntax => format!(
                "This is not JSON, from character {} of the line on: the file is damaged or is something else. Fetch it again.",
                error.column()
            ),
            _ => in_words(message, whole),
        };
        Refusal::new(file.name, Some(error.line() as u64).filter(|&line| line > 0), reason)
    })
}

/// What the reader of JSON says, in our words. What our own readers say of numbers is a sentence already.
fn in_words(message: &str, whole: &str) -> String {
    let quoted = |rest: &str| rest.split('`').next().map(shown).unwrap_or_default();
    if let Some(rest) = message.strip_prefix("missing field `") {
        return format!("The field \"{}\" is missing; the file has to be {whole}.", quoted(rest));
    }
    if let Some(rest) = message.strip_prefix("duplicate field `") {
        return format!("The field \"{}\" is there twice.", quoted(rest));
    }
    if message.starts_with("invalid ") {
        let found = message.split_once(": ").map_or(message, |(_, found)| found);
        let (found, expected) = found.rsplit_once(", expected ").unwrap_or((found, ""));
        let found = match found.split_once(' ') {
            _ if found == "map" => "an object".to_owned(),
            _ if found == "sequence" => "a list".to_owned(),
            Some(("integer" | "boolean", what)) => shown(what.trim_matches('`')),
            Some(("floating", what)) => shown(what.trim_start_matches("point ").trim_matches('`')),
            Some(("string", what)) => format!("the text {}", shown(what)),
            _ => shown(found),
        };
        let expected = match expected {
            "a string" => "a text",
            "a boolean" => "true or false",
            "u32" => "a whole number from 0 to 4294967295",
            "f64" => "a number",
            "a whole number or a time" => expected,
            _ if expected.starts_with("an object with ") => expected,
            _ => return format!("There is {found} where it does not belong; the file has to be {whole}."),
        };
        return format!("There is {found} where {expected} belongs; the file has to be {whole}.");
    }
    format!("{}.", message.trim_end_matches('.'))
}

/// All with a time, or none.
fn votes(file: File<'_>) -> Result<(Vec<Vote>, Times), Refusal> {
    let raw: Vec<RawVote> = parse(file, "a list of objects with pid, tid and vote")?;
    let timed = raw.iter().filter(|vote| vote.modified.milliseconds.is_some()).count();
    if timed != 0 && timed != raw.len() {
        let reason = format!(
            "{} of {} responses have no time; either all have one or none has.",
            raw.len() - timed,
            raw.len()
        );
        return Err(Refusal::new(file.name, None, reason));
    }
    let seconds = raw.first().is_some_and(|vote| vote.modified.seconds);
    if raw.iter().any(|vote| vote.modified.seconds != seconds) {
        return Err(Refusal::new(file.name, None, "Some times are seconds, others milliseconds."));
    }
    let times = match (timed, seconds) {
        (0, _) => Times::Unknown,
        (_, true) => Times::Seconds,
        (_, false) => Times::Milliseconds,
    };
    let vote = |raw: RawVote| Vote {
        time: raw.modified.milliseconds.unwrap_or(0),
        participant: raw.pid.0,
        statement: raw.tid.0,
        sign: raw.vote.0,
    };
    Ok((raw.into_iter().map(vote).collect(), times))
}

fn statements(
    file: File<'_>,
    comments: Vec<RawComment>,
    counts: &mut Vec<(u32, u64, u64)>,
) -> Result<Vec<Statement>, Refusal> {
    let mut statements: Vec<Statement> = Vec::with_capacity(comments.len());
    for comment in comments {
        if let (Some(agree), Some(disagree)) = (&comment.agree_count, &comment.disagree_count) {
            counts.push((comment.tid.0, u64::from(agree.0), u64::from(disagree.0)));
        }
        statements.push(Statement {
            number: comment.tid.0,
            author: comment.pid.map(|pid| pid.0),
            created: comment.created.milliseconds,
            text: comment.txt.unwrap_or_default(),
            moderation: match comment.moderated {
                Some(Sign(-1)) => Moderation::Rejected,
                Some(Sign(1)) => Moderation::Accepted,
                _ => Moderation::Unmoderated,
            },
            meta: comment.is_meta.unwrap_or(false),
            seed: comment.is_seed,
        });
    }
    statements.sort_by_key(|statement| statement.number);
    if let Some(pair) = statements.windows(2).find(|pair| pair[0].number == pair[1].number) {
        return Err(Refusal::new(file.name, None, format!("Statement {} is there twice.", pair[0].number)));
    }
    Ok(statements)
}

/// The worker's means are in the sign of its database, where −1 is agree: responses that have the same
/// sign as the means do so, too.
fn centers(votes: &[Vote], mathematics: &RawMathematics) -> Evidence {
    let mut sums: HashMap<u32, (i64, i64)> = HashMap::new();
    for vote in votes {
        let sum = sums.entry(vote.statement).or_default();
        *sum = (sum.0 + i64::from(vote.sign), sum.1 + 1);
    }
    let (mut plus, mut minus) = (0, 0);
    for (tid, center) in mathematics.tids.iter().zip(&mathematics.pca.center) {
        let Some(&(sum, count)) = sums.get(tid) else { continue };
        let mean = sum as f64 / count as f64;
        if center.abs() > 0.05 {
            plus += u64::from((mean + center).abs() < 0.02);
            minus += u64::from((mean - center).abs() < 0.02);
        }
    }
    Evidence { what: "the means in math-pca2.json", plus, minus, least: 3, clear: sign::CLEAR }
}

fn groups(mathematics: RawMathematics) -> Vec<(u32, u32)> {
    let mut group_of_base = BTreeMap::new();
    for group in &mathematics.group_clusters {
        group_of_base.extend(group.members.iter().map(|&base| (base, group.id)));
    }
    let RawBases { id, members } = mathematics.base_clusters;
    let mut groups: Vec<(u32, u32)> = (id.iter().zip(&members))
        .filter_map(|(base, members)| Some((group_of_base.get(base)?, members)))
        .flat_map(|(&group, members)| members.iter().map(move |&participant| (participant, group)))
        .collect();
    groups.sort_unstable();
    groups
}
