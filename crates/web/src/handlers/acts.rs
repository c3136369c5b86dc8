//! What people do: respond, take back, put a statement. Answered after the commit.

use super::{Answer, json};
use crate::app::{App, Room, statement_no};
use crate::guard::{Posted, page};
use crate::guest::Actor;
use crate::handlers::respond::{CardJson, Next, note, note_first};
use crate::problem::Problem;
use crate::views::respond::state as state_page;
use assembly::talk::Response;
use assembly::{QuestionId, StatementNo};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::Uri;
use axum::response::{IntoResponse, Redirect, Response as Reply};
use serde::{Deserialize, Serialize};
use store::{Done, Failure, PersonAct};

/// The form of the three buttons.
#[derive(Deserialize)]
pub(crate) struct Respond {
    statement: String,
    response: String,
    #[serde(default)]
    back: Back,
    /// Asks for the next statement in the same answer (JSON only).
    #[serde(default)]
    card: Option<u8>,
}

/// The form that takes an answer back.
#[derive(Deserialize)]
pub(crate) struct Retract {
    statement: String,
    #[serde(default)]
    back: Back,
    #[serde(default)]
    card: Option<u8>,
}

/// The form for a statement.
#[derive(Deserialize)]
pub(crate) struct Put {
    #[serde(default)]
    text: String,
}

/// Where a form goes on.
#[derive(Deserialize, Default, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Back {
    /// To the next card.
    #[default]
    Card,
    /// To the page of the statement.
    Statement,
}

/// `POST respond`.
pub(crate) async fn respond(
    State(app): State<App>,
    Path((slug, number)): Path<(String, String)>,
    actor: Actor,
    Posted(form): Posted<Respond>,
) -> Answer {
    let (room, question) = app.question(&slug, &number)?;
    let statement = form_statement(&form.statement)?;
    let response = Response::named(&form.response)
        .ok_or_else(|| Problem::form("The response is none of agree, disagree and pass."))?;
    let before = standing(room, question, &actor, statement);
    let done =
        room.house.act(&actor.guest.token, PersonAct::Respond { question, statement, response }).await?;
    note_first(room, question, &actor.guest.token, done.participant, statement);
    if actor.json {
        return receipt(room, question, &actor, &done, before, form.card.is_some());
    }
    let before = before.filter(|before| *before != response).map(Response::name);
    Ok(go_on(&slug, &number, statement, form.back, &done, before, actor))
}

/// `POST retract`.
pub(crate) async fn retract(
    State(app): State<App>,
    Path((slug, number)): Path<(String, String)>,
    actor: Actor,
    Posted(form): Posted<Retract>,
) -> Answer {
    let (room, question) = app.question(&slug, &number)?;
    let statement = form_statement(&form.statement)?;
    let before = standing(room, question, &actor, statement);
    let done = room.house.act(&actor.guest.token, PersonAct::Retract { question, statement }).await?;
    if actor.json {
        return receipt(room, question, &actor, &done, before, form.card.is_some());
    }
    Ok(go_on(&slug, &number, statement, form.back, &done, None, actor))
}

/// `POST state`.
pub(crate) async fn state(
    State(app): State<App>,
    uri: Uri,
    Path((slug, number)): Path<(String, String)>,
    actor: Actor,
    Posted(form): Posted<Put>,
) -> Answer {
    let (room, question) = app.question(&slug, &number)?;
    let text = form.text.trim().to_owned();
    match room.house.act(&actor.guest.token, PersonAct::State { question, text }).await {
        Ok(done) if actor.json => receipt(room, question, &actor, &done, None, false),
        Ok(done) => {
            let statement = {
                let live = room.house.read();
                let talk = live.state.question(question).map(assembly::Question::talk);
                let put = |talk: &assembly::talk::Talk| {
                    talk.statements().iter().rev().find(|s| Some(s.entry()) == done.entry).map(|s| s.no())
                };
                talk.and_then(put)
            };
            let after = statement.map_or_else(String::new, |no| format!("?after={no}"));
            Ok(actor.guest.dress(see_other(&format!("/{slug}/q/{number}/state{after}"))))
        }
        // The page comes again with what was written and why it was refused.
        Err(Failure::Refused(refusal)) if !actor.json => {
            let problem = Problem::from(refusal);
            let live = room.house.read();
            let question = live.state.question(question).ok_or_else(Problem::nowhere)?;
            let frame = app.frame(uri.path(), room, &live.state);
            let mut reply = page(state_page(&frame, question, &form.text, Some(&problem.sentences)));
            *reply.status_mut() = problem.status;
            Ok(actor.guest.dress(reply))
        }
        Err(failure) => Err(failure.into()),
    }
}

/// What an act became, as data.
#[derive(Serialize)]
struct DoneJson<'a> {
    participant: Option<u32>,
    /// The entry that says it.
    entry: Option<u64>,
    /// Entries this request added; 0 if it stood already.
    added: u64,
    /// What stood before.
    before: Option<&'static str>,
    /// The receipt for the entry (C2SP tlog-proof).
    receipt: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<CardJson<'a>>,
}

fn receipt(
    room: &Room,
    question: QuestionId,
    actor: &Actor,
    done: &Done,
    before: Option<Response>,
    card: bool,
) -> Answer {
    let (answer, shown) = {
        let live = room.house.read();
        let talk = live.state.question(question).ok_or_else(Problem::nowhere)?.talk();
        let next = if card {
            Some(Next::of(room, &live.state, question, done.participant, &actor.guest.token)?)
        } else {
            None
        };
        let body = DoneJson {
            participant: done.participant.map(|participant| participant.0),
            entry: done.entry,
            added: done.entries.end.saturating_sub(done.entries.start),
            before: before.map(Response::name),
            receipt: done.entry.and_then(|entry| room.house.receipt(&live, entry)),
            next: next.as_ref().map(|next| next.card(talk)),
        };
        (json(&body)?, next.and_then(|next| next.shown))
    };
    note(room, question, &actor.guest.token, shown);
    Ok(actor.guest.dress(answer))
}

/// What the guest says to the statement now.
fn standing(room: &Room, question: QuestionId, actor: &Actor, statement: StatementNo) -> Option<Response> {
    let participant = room.house.participant(&actor.guest.token, question)?;
    let live = room.house.read();
    live.state.question(question)?.talk().response(participant, statement).map(|(response, _)| response)
}

fn form_statement(text: &str) -> Result<StatementNo, Problem> {
    statement_no(text).map_err(|_| Problem::form("The form names no statement."))
}

fn go_on(
    slug: &str,
    number: &str,
    statement: StatementNo,
    back: Back,
    done: &Done,
    before: Option<&str>,
    actor: Actor,
) -> Reply {
    let to = match back {
        Back::Statement => format!("/{slug}/q/{number}/s/{statement}#answer"),
        Back::Card => {
            let entry = done.entry.map_or_else(String::new, |entry| format!("&entry={entry}"));
            let before = before.map_or_else(String::new, |before| format!("&before={before}"));
            format!("/{slug}/q/{number}/respond?after={statement}{before}{entry}")
        }
    };
    actor.guest.dress(see_other(&to))
}

/// Where a form goes on.
pub(crate) fn see_other(to: &str) -> Reply {
    let mut reply = Redirect::to(to).into_response();
    *reply.status_mut() = StatusCode::SEE_OTHER;
    reply
}
