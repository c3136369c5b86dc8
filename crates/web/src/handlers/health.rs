//! Whether everything is well, for whoever watches the server.

use super::{Answer, json};
use crate::app::App;
use assembly::UnixMs;
use axum::extract::State;
use axum::http::header::CACHE_CONTROL;
use axum::http::{HeaderValue, StatusCode};
use serde::Serialize;
use store::{House, Work};

#[derive(Serialize)]
struct Health<'a> {
    /// `ok`, or `degraded` with the problems.
    status: &'a str,
    version: &'a str,
    /// What somebody has to do something about, in sentences.
    problems: Vec<String>,
    /// When everything was last checked whole, in milliseconds since 1970.
    fsck: Option<UnixMs>,
    /// When the last complete backup was made, in milliseconds since 1970.
    backup: Option<UnixMs>,
    assemblies: Vec<Size<'a>>,
}

#[derive(Serialize)]
struct Size<'a> {
    assembly: &'a str,
    size: u64,
    /// How many witnesses have cosigned the head that is published.
    witnesses: usize,
}

/// `GET /health`: 200 if all is well and 503 if somebody has to do something.
pub(crate) async fn health(State(app): State<App>) -> Answer {
    let mut problems = Vec::new();
    let (mut fsck, mut backup) = (None, None);
    // What is remembered belongs to the folder that all assemblies are in.
    if let Some(room) = app.rooms.first() {
        match room.house.last(Work::Fsck).await {
            Ok(last) => fsck = last,
            Err(failure) => problems.push(failure.to_string()),
        }
        backup = room.house.last(Work::Backup).await.ok().flatten();
        if room.house.is_full() {
            problems.push("The disk is almost full: nothing new is taken until there is room.".into());
        }
    }
    problems.extend(fsck.iter().map(|last| last.said.clone()).filter(|said| !said.is_empty()));
    let stopped = app.rooms.iter().filter(|room| room.house.is_stopped());
    problems.extend(stopped.map(|room| {
        format!(
            "The record of “{}” could not be written the last time somebody tried; the log says why.",
            room.house.slug()
        )
    }));
    let damaged: u64 = app.rooms.iter().map(|room| room.house.damaged_guests()).sum();
    if damaged > 0 {
        problems.push(format!(
            "{damaged} rows that say which guest is which participant were changed on disk and are left out."
        ));
    }
    problems.extend(app.rooms.iter().filter_map(|room| vouched(&room.house)));
    let well = problems.is_empty();
    let sizes = app.rooms.iter().map(|room| Size {
        assembly: room.house.slug(),
        size: room.house.read().state.size(),
        witnesses: room.house.vouching().witnesses.iter().filter(|seen| seen.signed.is_some()).count(),
    });
    let mut answer = json(&Health {
        status: if well { "ok" } else { "degraded" },
        version: env!("CARGO_PKG_VERSION"),
        problems,
        fsck: fsck.map(|last| last.at),
        backup: backup.map(|last| last.at),
        assemblies: sizes.collect(),
    })?;
    if !well {
        *answer.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    }
    answer.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(answer)
}

/// What is wrong with the witnesses of a record: it is not added to any more, or lacks the quorum it should have.
fn vouched(house: &House) -> Option<String> {
    if let Some(why) = house.halted() {
        return Some(format!("Nothing is added to the record of “{}”: {why}", house.slug()));
    }
    let vouching = house.vouching();
    if !vouching.policy.has_quorum() || vouching.quorum {
        return None;
    }
    let silent = vouching.witnesses.iter().filter(|seen| seen.signed.is_none()).map(|seen| seen.key.name());
    Some(format!(
        "The head of “{}” that is published has not been cosigned by enough witnesses. Not by: {}. The log says why.",
        house.slug(),
        silent.collect::<Vec<_>>().join(", ")
    ))
}
