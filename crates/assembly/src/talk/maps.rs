//! Opinion maps that are published, and the choices that rest on them.
//!
//! The map is computed outside and comes in with the command; replaying a record computes none. What can be
//! checked without computing it is checked here, on deciding and on replaying alike; that it is the map of those
//! responses is what a recount finds out.

use super::entries::{Choice, Chosen, Entry, Mapped};
use crate::question::Activity;
use crate::results::MapResult;
use crate::state::Fault;
use crate::{Question, Refusal, UnixMs};
use opinion::Method;
use serde::{Deserialize, Serialize};

/// The first map is published with this many responses: before, there is nothing to see.
pub const FIRST_MAP: u64 = 20;
/// The next one when there are a quarter more responses than at the last, so that a million responses make 50
/// maps and recounting all of them takes a few times as long as the last alone; or, while responses still come,
/// after this many milliseconds: a day.
pub const MAP_EVERY: UnixMs = 24 * 60 * 60 * 1_000;
/// A likelihood that is certain, in millionths.
const CERTAIN: u32 = 1_000_000;

/// An opinion map that was published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Published {
    /// Index of the entry that says so.
    pub entry: u64,
    /// When.
    pub at: UnixMs,
    /// What it says.
    pub mapped: Mapped,
}

/// Whether the responses as they stand at `at` call for a map to be published: the first with [`FIRST_MAP`]
/// responses, then one with every quarter more, one a day while responses come, and the last when no more can
/// come.
pub fn map_due(question: &Question, at: UnixMs) -> bool {
    let talk = question.talk();
    let last = talk.maps().last();
    if talk.changed() <= last.map_or(0, |last| last.mapped.as_of) {
        return false;
    }
    let over = matches!(question.allows(Activity::Respond, at), Err(Refusal::Closed));
    let grown = match last {
        None => talk.responses() >= FIRST_MAP,
        Some(last) => {
            4 * talk.responses() >= 5 * last.mapped.responses || at.saturating_sub(last.at) >= MAP_EVERY
        }
    };
    over || grown
}

pub(super) fn decide(question: &Question, at: UnixMs, mapped: Mapped) -> Result<Vec<Entry>, Refusal> {
    let last = question.talk().maps().last().map_or(0, |last| last.mapped.as_of);
    if mapped.as_of <= last || !map_due(question, at) {
        return Ok(Vec::new());
    }
    if (mapped.map.method, mapped.map.version) != (Method::Map, opinion::map::VERSION) {
        let MapResult { method, version, .. } = &mapped.map;
        return Err(Refusal::Map(format!("was made by method {}, version {version}", method.name())));
    }
    check(question, &mapped).map_err(Refusal::Map)?;
    Ok(vec![Entry::Mapped(Box::new(mapped))])
}

/// What of a published map can be wrong without computing it, as words that go on after "it".
pub(super) fn check(question: &Question, mapped: &Mapped) -> Result<(), String> {
    let talk = question.talk();
    let Mapped { as_of, responses, map, .. } = mapped;
    let before = talk.maps().last().map_or(question.entry(), |last| last.mapped.as_of);
    if *as_of <= before || *as_of > talk.changed() {
        return Err(format!(
            "is said to be of the first {as_of} entries, and only those from {before} to {} can be new",
            talk.changed()
        ));
    }
    if *as_of == talk.changed() && *responses != talk.responses() {
        return Err(format!("is said to be of {responses} responses, and {} stand", talk.responses()));
    }
    let members: u64 = map.groups.iter().copied().map(u64::from).sum();
    if map.groups.len() > opinion::MOST_GROUPS || members > talk.responders().len() as u64 {
        return Err(format!("has {members} members of {} groups", map.groups.len()));
    }
    let is_digest = |digest: &str| {
        digest.len() == 64 && digest.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    };
    if !is_digest(&map.responses_digest) || !is_digest(&map.map_digest) {
        return Err("names no fingerprint".into());
    }
    Ok(())
}

/// Whether a choice can have been made: from a record that was there, after the map it was made by, with a
/// likelihood. `size` is how many entries the record has.
pub(super) fn right_choice(question: &Question, size: u64, map: Option<u64>, choice: &Choice) -> bool {
    let begun = map.unwrap_or(question.entry());
    (1..=CERTAIN).contains(&choice.chance) && choice.as_of > begun && choice.as_of <= size
}

/// What is wrong with choices in a replay.
pub(super) fn check_chosen(question: &Question, index: u64, chosen: &Chosen) -> Result<(), Fault> {
    if let Some(map) = chosen.map.filter(|map| question.talk().published_by(*map).is_none()) {
        return Err(Fault(format!(
            "it chose by a map of entry {map}, which published none of this question"
        )));
    }
    match chosen.shown.iter().find(|choice| !right_choice(question, index, chosen.map, choice)) {
        None => Ok(()),
        Some(choice) => Err(Fault(format!(
            "it chose statement {} with a likelihood of {} millionths from the first {} entries",
            choice.statement, choice.chance, choice.as_of
        ))),
    }
}
