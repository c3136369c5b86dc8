//! "Check this result".

use super::{Answer, json as to_json, shared};
use crate::app::App;
use crate::guard::page;
use crate::problem::Problem;
use crate::views::check::check as check_page;
use axum::extract::{Path, State};
use axum::http::Uri;
use opinion::Method;
use serde::Serialize;
use store::Vouching;

/// `GET check`.
pub(crate) async fn check(
    State(app): State<App>,
    uri: Uri,
    Path((slug, number)): Path<(String, String)>,
) -> Answer {
    let (room, id) = app.question(&slug, &number)?;
    let computed = room.maps.soon(&room.house, id, Method::Map, app.now()).await?;
    let vouching = room.house.vouching();
    let live = room.house.read();
    let question = live.state.question(id).ok_or_else(Problem::nowhere)?;
    let frame = app.frame(uri.path(), room, &live.state);
    let changes: Vec<u64> = live.state.roll().keys().skip(1).map(|(_, entry)| entry).collect();
    let key = room.house.key();
    Ok(shared(page(check_page(&frame, question, &computed, &key, &changes, &vouching))))
}

#[derive(Serialize)]
struct CheckJson<'a> {
    question: u32,
    /// How many entries of the record the numbers follow from.
    as_of: u64,
    key: &'a str,
    /// The signed head that is published, and how many entries it covers.
    head: &'a str,
    size: u64,
    /// The quorum in words; `null` where none is configured.
    rule: Option<String>,
    /// Whether the head has it.
    quorum: Option<bool>,
    /// The witnesses that this server goes by.
    witnesses: Vec<WitnessJson<'a>>,
    /// Why nothing is added to the record any more, if that is so.
    halted: Option<&'a str>,
}

#[derive(Serialize)]
struct WitnessJson<'a> {
    name: &'a str,
    key: String,
    /// When it cosigned this head, in seconds since 1970.
    signed: Option<u64>,
    /// Entries of the last head that it cosigned, and when.
    last_size: Option<u64>,
    last_time: Option<u64>,
}

/// `GET check.json`.
pub(crate) async fn json(State(app): State<App>, Path((slug, number)): Path<(String, String)>) -> Answer {
    let (room, id) = app.question(&slug, &number)?;
    let computed = room.maps.soon(&room.house, id, Method::Map, app.now()).await?;
    let Vouching { policy, head, size, quorum, witnesses } = room.house.vouching();
    let witnesses = witnesses.iter().map(|seen| WitnessJson {
        name: seen.key.name(),
        key: seen.key.to_string(),
        signed: seen.signed,
        last_size: seen.size,
        last_time: seen.time,
    });
    let key = room.house.key();
    let body = CheckJson {
        question: id.0,
        as_of: computed.results.as_of,
        key: &key,
        head: &head,
        size,
        rule: policy.has_quorum().then(|| policy.rule()),
        quorum: policy.has_quorum().then_some(quorum),
        witnesses: witnesses.collect(),
        halted: room.house.halted(),
    };
    Ok(shared(to_json(&body)?))
}
