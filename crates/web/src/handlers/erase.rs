//! Erasing one's own words: a page that asks once more, and the act.

use super::{Answer, json};
use crate::app::{App, Room, statement_no};
use crate::guard::page;
use crate::guest::{Actor, Guest};
use crate::handlers::acts::see_other;
use crate::problem::Problem;
use crate::views::erase::confirm as confirm_page;
use assembly::{QuestionId, Refusal, StatementNo};
use axum::extract::{Path, State};
use axum::http::Uri;
use serde::Serialize;
use store::{Failure, PersonAct, Token};

/// `GET s/{statement}/erase`.
pub(crate) async fn confirm(
    State(app): State<App>,
    uri: Uri,
    Path((slug, number, statement)): Path<(String, String, String)>,
    guest: Guest,
) -> Answer {
    let (room, id) = app.question(&slug, &number)?;
    let no = statement_no(&statement)?;
    own(room, id, no, &guest.token)?;
    let live = room.house.read();
    let question = live.state.question(id).ok_or_else(Problem::nowhere)?;
    let statement = question.talk().statement(no).ok_or(Refusal::NoSuchStatement(no))?;
    let frame = app.frame(uri.path(), room, &live.state);
    Ok(guest.dress(page(confirm_page(&frame, question, statement))))
}

/// What was erased, as data.
#[derive(Serialize)]
struct ErasedJson {
    /// The entry that brought the words.
    entry: u64,
    /// The entry that says that they were erased.
    said_by: u64,
}

/// `POST s/{statement}/erase`.
pub(crate) async fn erase(
    State(app): State<App>,
    Path((slug, number, statement)): Path<(String, String, String)>,
    actor: Actor,
) -> Answer {
    let (room, question) = app.question(&slug, &number)?;
    let statement = statement_no(&statement)?;
    let act = PersonAct::Erase { question, statement };
    match room.house.act(&actor.guest.token, act).await {
        // The second half of a double click finds done what it asked for.
        Ok(_) | Err(Failure::Refused(Refusal::AlreadyErased(_))) => {}
        Err(failure) => return Err(failure.into()),
    }
    let (entry, said_by) = {
        let live = room.house.read();
        let asked = live.state.question(question).ok_or_else(Problem::nowhere)?;
        let statement = asked.talk().statement(statement).ok_or(Refusal::NoSuchStatement(statement))?;
        (statement.entry(), statement.erased().ok_or_else(Problem::broken)?.entry)
    };
    let answer = match actor.json {
        true => json(&ErasedJson { entry, said_by })?,
        false => see_other(&format!("/{slug}/me?erased={entry}")),
    };
    Ok(actor.guest.dress(answer))
}

/// Nobody is asked whether they are sure to do what they cannot.
fn own(room: &Room, id: QuestionId, no: StatementNo, token: &Token) -> Result<(), Problem> {
    let participant = room.house.participant(token, id);
    let live = room.house.read();
    let talk = live.state.question(id).ok_or_else(Problem::nowhere)?.talk();
    let statement = talk.statement(no).ok_or(Refusal::NoSuchStatement(no))?;
    if participant.is_none() || statement.by() != participant {
        return Err(Refusal::NotYours(statement.entry()).into());
    }
    Ok(())
}
