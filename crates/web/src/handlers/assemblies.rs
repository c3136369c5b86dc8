//! The assemblies, and the questions of one.

use super::{Answer, json, shared, with_json};
use crate::app::{App, Room};
use crate::guard::page;
use crate::views;
use crate::views::assemblies::AssemblyLine;
use axum::extract::{Path, State};
use axum::http::Uri;
use axum::response::{IntoResponse, Redirect};
use serde::Serialize;

/// `/`: the assemblies; where there is one, that one.
pub(crate) async fn list(State(app): State<App>) -> Answer {
    if let [only] = &app.rooms[..] {
        return Ok(Redirect::to(&format!("/{}", only.house.slug())).into_response());
    }
    let assemblies = lines(&app);
    Ok(shared(page(views::assemblies::list(&app.bare_frame("/"), &assemblies))))
}

/// `/assemblies.json`: the assemblies as data.
pub(crate) async fn list_json(State(app): State<App>) -> Answer {
    json(&AssembliesJson { assemblies: lines(&app) }).map(shared)
}

fn lines(app: &App) -> Vec<AssemblyLine> {
    let line = |Room { house, .. }: &Room| {
        let live = house.read();
        AssemblyLine {
            slug: house.slug().to_owned(),
            title: live.state.roll().title().to_owned(),
            questions: live.state.questions().len(),
        }
    };
    app.rooms.iter().map(line).collect()
}

#[derive(Serialize)]
struct AssembliesJson {
    assemblies: Vec<AssemblyLine>,
}

/// `/{assembly}` and `/{assembly}.json`: its questions.
pub(crate) async fn assembly(State(app): State<App>, uri: Uri, Path(slug): Path<String>) -> Answer {
    let (slug, wants_json) = with_json(&slug);
    let room = app.room(slug)?;
    let live = room.house.read();
    if wants_json {
        return json(&AssemblyJson::of(room, &live.state)).map(shared);
    }
    Ok(shared(page(views::assemblies::assembly(&app.frame(uri.path(), room, &live.state), &live.state))))
}

#[derive(Serialize)]
struct AssemblyJson<'a> {
    assembly: &'a str,
    title: &'a str,
    /// Entries in the record, and the time of the last.
    size: u64,
    at: u64,
    key: String,
    questions: Vec<QuestionLine<'a>>,
}

#[derive(Serialize)]
struct QuestionLine<'a> {
    question: u32,
    title: &'a str,
    entry: u64,
    revision: u64,
    simulated: bool,
    imported: bool,
    closed: Option<u64>,
    participants: usize,
    responses: u64,
    statements: usize,
}

impl<'a> AssemblyJson<'a> {
    fn of(room: &'a Room, state: &'a assembly::State) -> Self {
        let questions = state.questions().iter().map(|question| QuestionLine {
            question: question.id().0,
            title: question.title(),
            entry: question.entry(),
            revision: question.revision(),
            simulated: question.simulated(),
            imported: question.imported().is_some(),
            closed: question.closed(),
            participants: question.talk().participants().len(),
            responses: question.talk().responses(),
            statements: question.talk().statements().len(),
        });
        Self {
            assembly: room.house.slug(),
            title: state.roll().title(),
            size: state.size(),
            at: state.at(),
            key: room.house.key().to_string(),
            questions: questions.collect(),
        }
    }
}
