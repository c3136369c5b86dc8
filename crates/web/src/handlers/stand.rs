//! Where I stand.

use super::map::current;
use super::{Answer, json as to_answer};
use crate::app::App;
use crate::guard;
use crate::guest::Guest;
use crate::maps::Computed;
use crate::problem::Problem;
use crate::standing::Standing;
use crate::views::stand::stand as stand_page;
use assembly::Question;
use axum::extract::{Path, State};
use axum::http::Uri;
use opinion::Method;

/// `GET stand`.
pub(crate) async fn page(
    State(app): State<App>,
    uri: Uri,
    Path((slug, number)): Path<(String, String)>,
    guest: Guest,
) -> Answer {
    // Not waited for: on the map there is, whoever has just responded finds their place at once.
    let (room, id, computed) = current(&app, &slug, &number, Method::Map).await?;
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
    let (room, id, computed) = current(&app, &slug, &number, Method::Map).await?;
    let participant = room.house.participant(&guest.token, id);
    let live = room.house.read();
    let question = live.state.question(id).ok_or_else(Problem::nowhere)?;
    to_answer(&standing(question, &computed, participant)).map(|answer| guest.dress(answer))
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
