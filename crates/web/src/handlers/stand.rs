//! Where I stand.

use super::{Answer, json as to_answer};
use crate::app::{App, Room};
use crate::guard;
use crate::guest::Guest;
use crate::maps::Computed;
use crate::problem::Problem;
use crate::standing::Standing;
use crate::views::stand::stand as stand_page;
use assembly::{Question, QuestionId};
use axum::extract::{Path, State};
use axum::http::Uri;
use opinion::Method;
use std::sync::Arc;

/// `GET stand`.
pub(crate) async fn page(
    State(app): State<App>,
    uri: Uri,
    Path((slug, number)): Path<(String, String)>,
    guest: Guest,
) -> Answer {
    let (room, id, computed) = at_once(&app, &slug, &number).await?;
    let participant = room.house.participant(&guest.token, id);
    let live = room.house.read();
    let question = live.state.question(id).ok_or_else(Problem::nowhere)?;
    let standing = standing(question, &computed, participant);
    let frame = app.frame(uri.path(), room, &live.state);
    Ok(guest.dress(guard::page(stand_page(&frame, question, &computed, standing.as_ref()))))
}

/// `GET stand.json`.
pub(crate) async fn json(
    State(app): State<App>,
    Path((slug, number)): Path<(String, String)>,
    guest: Guest,
) -> Answer {
    let (room, id, computed) = at_once(&app, &slug, &number).await?;
    let participant = room.house.participant(&guest.token, id);
    let live = room.house.read();
    let question = live.state.question(id).ok_or_else(Problem::nowhere)?;
    to_answer(&standing(question, &computed, participant)).map(|answer| guest.dress(answer))
}

/// The question at an address, and the map there is: on it, whoever has just responded finds their place at once.
async fn at_once<'a>(
    app: &'a App,
    slug: &str,
    number: &str,
) -> Result<(&'a Room, QuestionId, Arc<Computed>), Problem> {
    let (room, id) = app.question(slug, number)?;
    let computed = room.maps.at_once(&room.house, id, Method::Map, app.now()).await?;
    Ok((room, id, computed))
}

fn standing(
    question: &Question,
    computed: &Computed,
    no: Option<assembly::ParticipantNo>,
) -> Option<Standing> {
    let no = no?;
    let participant = question.talk().participant(no)?;
    let placed = computed.ground.as_ref().and_then(|ground| ground.place(participant.for_opinion()));
    Some(Standing::of(&computed.map, computed.results.map_as_of, no, participant, placed))
}
