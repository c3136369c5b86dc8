//! Anyone can say that words should not stand here. Nobody signs in for it, and it is not on the record.

use super::Answer;
use crate::app::{App, statement_no};
use crate::guard::{Posted, page};
use crate::guest::Actor;
use crate::organiser::private;
use crate::problem::Problem;
use crate::texts::Texts;
use crate::views::report::{form as form_page, sent as sent_page};
use assembly::QuestionId;
use assembly::moderation::Ground;
use axum::extract::{Path, State};
use axum::http::Uri;
use serde::Deserialize;
use store::MAX_NOTE;

/// The form of a report.
#[derive(Deserialize)]
pub(crate) struct Form {
    #[serde(default)]
    ground: String,
    #[serde(default)]
    note: String,
}

/// `GET s/{statement}/report`.
pub(crate) async fn statement_form(
    State(app): State<App>,
    uri: Uri,
    Path((slug, number, statement)): Path<(String, String, String)>,
) -> Answer {
    let entry = statement_entry(&app, &slug, &number, &statement)?;
    ask(&app, &uri, &slug, entry)
}

/// `POST s/{statement}/report`.
pub(crate) async fn statement_send(
    State(app): State<App>,
    uri: Uri,
    Path((slug, number, statement)): Path<(String, String, String)>,
    _actor: Actor,
    Posted(form): Posted<Form>,
) -> Answer {
    let entry = statement_entry(&app, &slug, &number, &statement)?;
    send(&app, &uri, &slug, entry, form).await
}

/// `GET q/{question}/report`: about the words of the question itself.
pub(crate) async fn question_form(
    State(app): State<App>,
    uri: Uri,
    Path((slug, number)): Path<(String, String)>,
) -> Answer {
    let entry = question_entry(&app, &slug, &number)?;
    ask(&app, &uri, &slug, entry)
}

/// `POST q/{question}/report`.
pub(crate) async fn question_send(
    State(app): State<App>,
    uri: Uri,
    Path((slug, number)): Path<(String, String)>,
    _actor: Actor,
    Posted(form): Posted<Form>,
) -> Answer {
    let entry = question_entry(&app, &slug, &number)?;
    send(&app, &uri, &slug, entry, form).await
}

fn statement_entry(app: &App, slug: &str, number: &str, statement: &str) -> Result<u64, Problem> {
    let (room, id) = app.question(slug, number)?;
    let no = statement_no(statement)?;
    let live = room.house.read();
    let question = live.state.question(id).ok_or_else(Problem::nowhere)?;
    Ok(question.talk().statement(no).ok_or(assembly::Refusal::NoSuchStatement(no))?.entry())
}

fn question_entry(app: &App, slug: &str, number: &str) -> Result<u64, Problem> {
    let (room, id): (_, QuestionId) = app.question(slug, number)?;
    Ok(room.house.read().state.question(id).ok_or_else(Problem::nowhere)?.entry())
}

fn ask(app: &App, uri: &Uri, slug: &str, entry: u64) -> Answer {
    shown(app, uri, slug, entry, "", None)
}

fn shown(app: &App, uri: &Uri, slug: &str, entry: u64, note: &str, error: Option<&str>) -> Answer {
    let room = app.room(slug)?;
    let live = room.house.read();
    let texts = Texts::of(&live.state, slug, entry).ok_or_else(Problem::nowhere)?;
    let frame = app.frame(uri.path(), room, &live.state);
    let mut reply = private(page(form_page(&frame, &texts, note, error)));
    if error.is_some() {
        *reply.status_mut() = axum::http::StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(reply)
}

async fn send(app: &App, uri: &Uri, slug: &str, entry: u64, form: Form) -> Answer {
    let Some(ground) = Ground::named(&form.ground) else {
        return shown(
            app,
            uri,
            slug,
            entry,
            &form.note,
            Some("Choose what is wrong with it, and send it again."),
        );
    };
    let note = form.note.trim();
    let length = note.chars().count();
    if length > MAX_NOTE {
        let error = format!(
            "That is {length} characters long; at most {MAX_NOTE} fit. Shorten it and send it again."
        );
        return shown(app, uri, slug, entry, note, Some(&error));
    }
    let room = app.room(slug)?;
    let reported = room.house.report(entry, ground, note.to_owned(), app.now()).await?;
    let live = room.house.read();
    let texts = Texts::of(&live.state, slug, entry).ok_or_else(Problem::nowhere)?;
    Ok(private(page(sent_page(&app.frame(uri.path(), room, &live.state), &texts, reported))))
}
