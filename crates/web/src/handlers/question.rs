//! The question page and its numbers as data.

use super::{Answer, json_bytes, shared, to_json, with_json};
use crate::app::{App, Room};
use crate::guard::page;
use crate::guest::Guest;
use crate::maps::Computed;
use crate::order::{self, Order};
use crate::problem::Problem;
use crate::views::question::{Own, question as question_page};
use assembly::moderation::Erasure;
use assembly::question::{Admits, Step};
use assembly::results::Results;
use assembly::{Question, QuestionId, StatementNo};
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::Uri;
use opinion::Method;
use opinion::evaluate::Exposure;
use serde::Serialize;
use std::collections::BTreeMap;

/// `/{assembly}/q/{n}` and, with `.json`, its data.
pub(crate) async fn question(
    State(app): State<App>,
    uri: Uri,
    Path((slug, number)): Path<(String, String)>,
    guest: Guest,
) -> Answer {
    let (number, wants_json) = with_json(&number);
    let (room, id) = app.question(&slug, number)?;
    if wants_json {
        return data(&app, room, id).await.map(|bytes| shared(json_bytes(bytes)));
    }
    let computed = room.maps.current(&room.house, id, Method::Map, app.now()).await?;
    let participant = room.house.participant(&guest.token, id);
    let live = room.house.read();
    let question = live.state.question(id).ok_or_else(Problem::nowhere)?;
    let own = participant
        .and_then(|no| question.talk().participant(no))
        .map_or_else(Own::default, |own| Own { responses: own.responses(), stated: own.stated() });
    let listed = order::by_talk(question.talk(), Order::Random, day(app.now()));
    let frame = app.frame(uri.path(), room, &live.state);
    Ok(guest.dress(page(question_page(&frame, question, own, &computed, &listed))))
}

/// The seed of the random order: the same all day, so that the pages of a list fit together.
pub(crate) fn day(now: u64) -> u64 {
    now / 86_400_000
}

/// A question as data. [`Results`] is what `veche recount` compares with its own.
#[derive(Serialize)]
struct QuestionJson<'a> {
    assembly: &'a str,
    title: &'a str,
    why: Option<&'a str>,
    decides: Option<&'a str>,
    /// What the record says about those of its texts that were erased.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    erased: BTreeMap<&'static str, Erasure>,
    admits: Admits,
    simulated: bool,
    imported: Option<&'a assembly::question::Imported>,
    opened_entry: u64,
    opened: u64,
    closed: Option<u64>,
    steps: &'a [Step],
    common_ground: &'a [StatementNo],
    most_divided: &'a [StatementNo],
    exposure: Exposure,
    results: &'a Results,
}

async fn data(app: &App, room: &Room, id: QuestionId) -> Result<Bytes, Problem> {
    let computed = room.maps.soon(&room.house, id, Method::Map, app.now()).await?;
    if let Some(bytes) = computed.question_json.get() {
        return Ok(bytes.clone());
    }
    let live = room.house.read();
    let question = live.state.question(id).ok_or_else(Problem::nowhere)?;
    let bytes = to_json(&QuestionJson::of(room, question, &computed))?;
    // What stands beside the results must belong to the same entries to be kept with them.
    if question.revision() == computed.results.as_of {
        return Ok(computed.question_json.get_or_init(|| bytes).clone());
    }
    Ok(bytes)
}

impl<'a> QuestionJson<'a> {
    fn of(room: &'a Room, question: &'a Question, computed: &'a Computed) -> Self {
        Self {
            assembly: room.house.slug(),
            title: question.title(),
            why: question.why(),
            decides: question.decides(),
            erased: question.erased().map(|(field, erasure)| (field.name(), erasure)).collect(),
            admits: question.admits(),
            simulated: question.simulated(),
            imported: question.imported(),
            opened_entry: question.entry(),
            opened: question.at(),
            closed: question.closed(),
            steps: question.steps(),
            common_ground: &computed.common,
            most_divided: &computed.divided,
            exposure: question.talk().exposure(),
            results: &computed.results,
        }
    }
}
