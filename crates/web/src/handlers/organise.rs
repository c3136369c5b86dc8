//! What organisers do: sign in with a one-time link, read reports, erase or let stand.

use super::Answer;
use super::acts::see_other;
use crate::app::App;
use crate::guard::{Posted, page};
use crate::guest::Actor;
use crate::organiser::{dress, organiser, private, session};
use crate::problem::Problem;
use crate::texts::Texts;
use crate::views::organise::{self as views, Case};
use assembly::moderation::{By, Command, Erased, Ground};
use assembly::{Field, Refusal};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use serde::Deserialize;
use std::collections::BTreeMap;
use store::{Failure, Token};

/// What was just done, in the address.
#[derive(Deserialize)]
pub(crate) struct After {
    erased: Option<u64>,
    kept: Option<u64>,
}

/// An entry, in a form or in an address.
#[derive(Deserialize)]
pub(crate) struct OneEntry {
    entry: String,
}

/// The form that erases.
#[derive(Deserialize)]
pub(crate) struct Erase {
    entry: String,
    #[serde(default)]
    field: String,
    #[serde(default)]
    ground: String,
}

/// `GET organise`.
pub(crate) async fn home(
    State(app): State<App>,
    uri: Uri,
    Path(slug): Path<String>,
    Query(after): Query<After>,
    headers: HeaderMap,
) -> Answer {
    let room = app.room(&slug)?;
    if session(&app, room, &headers).await?.is_none() {
        let live = room.house.read();
        let mut reply = private(page(views::signed_out(&app.frame(uri.path(), room, &live.state))));
        *reply.status_mut() = StatusCode::FORBIDDEN;
        return Ok(reply);
    }
    let mut by_entry: BTreeMap<u64, Vec<store::Report>> = BTreeMap::new();
    for report in room.house.reports(app.now()).await? {
        by_entry.entry(report.entry).or_default().push(report);
    }
    let live = room.house.read();
    let mut cases: Vec<_> = by_entry
        .into_iter()
        .filter_map(|(entry, reports)| Some(Case { texts: Texts::of(&live.state, &slug, entry)?, reports }))
        .collect();
    // What has waited longest comes first.
    cases.sort_by_key(|case| case.reports.first().map(|report| report.id));
    let done = match (after.erased, after.kept) {
        (Some(entry), _) => live
            .state
            .erasures()
            .filter(|(of, ..)| *of == entry)
            .max_by_key(|(.., erasure)| erasure.entry)
            .map(|(.., erasure)| views::Just::Erased { entry, said_by: erasure.entry }),
        (None, kept) => kept.map(|entry| views::Just::Kept { entry }),
    };
    Ok(private(page(views::home(&app.frame(uri.path(), room, &live.state), &cases, done))))
}

/// `GET organise/enter/{link}`: asks for a press of a button, because programs that look at mail open links, too.
pub(crate) async fn enter_form(State(app): State<App>, Path((slug, link)): Path<(String, String)>) -> Answer {
    let room = app.room(&slug)?;
    Token::parse(&link).ok_or_else(Problem::link_used)?;
    let live = room.house.read();
    // The address of the page is not printed on it: it is a key.
    let here = format!("/{slug}/organise");
    Ok(private(page(views::enter(&app.frame(&here, room, &live.state)))))
}

/// `POST organise/enter/{link}`.
pub(crate) async fn enter(
    State(app): State<App>,
    Path((slug, link)): Path<(String, String)>,
    _actor: Actor,
) -> Answer {
    let room = app.room(&slug)?;
    let link = Token::parse(&link).ok_or_else(Problem::link_used)?;
    let session = room.house.enter(link, app.now()).await?.ok_or_else(Problem::link_used)?;
    Ok(dress(see_other(&format!("/{slug}/organise")), &app.config, &slug, Some(&session)))
}

/// `POST organise/leave`.
pub(crate) async fn leave(State(app): State<App>, Path(slug): Path<String>, headers: HeaderMap) -> Answer {
    let room = app.room(&slug)?;
    if let Some(session) = session(&app, room, &headers).await? {
        room.house.leave(&session).await?;
    }
    Ok(dress(see_other(&format!("/{slug}")), &app.config, &slug, None))
}

/// `GET organise/erase?entry=…`: the words, and why they should go.
pub(crate) async fn erase_form(
    State(app): State<App>,
    uri: Uri,
    Path(slug): Path<String>,
    Query(which): Query<OneEntry>,
    headers: HeaderMap,
) -> Answer {
    let room = app.room(&slug)?;
    organiser(&app, room, &headers).await?;
    let entry = entry(&which.entry)?;
    let live = room.house.read();
    let size = live.state.size();
    let missing = || match entry < size {
        true => Refusal::NoSuchText { entry, field: Field::Text },
        false => Refusal::NoSuchEntry(entry),
    };
    let texts = Texts::of(&live.state, &slug, entry).ok_or_else(missing)?;
    Ok(private(page(views::erase(&app.frame(uri.path(), room, &live.state), &texts, None))))
}

/// `POST organise/erase`.
pub(crate) async fn erase(
    State(app): State<App>,
    uri: Uri,
    Path(slug): Path<String>,
    headers: HeaderMap,
    _actor: Actor,
    Posted(form): Posted<Erase>,
) -> Answer {
    let room = app.room(&slug)?;
    organiser(&app, room, &headers).await?;
    let entry = entry(&form.entry)?;
    let (Some(field), Some(ground)) = (Field::named(&form.field), Ground::named(&form.ground)) else {
        let live = room.house.read();
        let texts = Texts::of(&live.state, &slug, entry).ok_or(Refusal::NoSuchEntry(entry))?;
        let error = "Say what is to be erased, and why. Nothing was erased.";
        let mut reply =
            private(page(views::erase(&app.frame(uri.path(), room, &live.state), &texts, Some(error))));
        *reply.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
        return Ok(reply);
    };
    let erased = Erased { entry, field, ground, by: By::Organiser };
    match room.house.carry_out(assembly::Command::Moderation(Command::Erase(erased))).await {
        // A double click, or another organiser at the same moment: what was asked for is so.
        Ok(_) | Err(Failure::Refused(Refusal::AlreadyErased(_))) => {}
        Err(failure) => return Err(failure.into()),
    }
    Ok(private(see_other(&format!("/{slug}/organise?erased={entry}"))))
}

/// `POST organise/dismiss`.
pub(crate) async fn dismiss(
    State(app): State<App>,
    Path(slug): Path<String>,
    headers: HeaderMap,
    _actor: Actor,
    Posted(form): Posted<OneEntry>,
) -> Answer {
    let room = app.room(&slug)?;
    organiser(&app, room, &headers).await?;
    let entry = entry(&form.entry)?;
    room.house.dismiss(entry).await?;
    Ok(private(see_other(&format!("/{slug}/organise?kept={entry}"))))
}

fn entry(text: &str) -> Result<u64, Problem> {
    text.trim().parse().map_err(|_| Problem::form("The number of the entry is missing, or is not a number."))
}
