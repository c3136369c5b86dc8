//! What I did here.

use super::{Answer, json as to_answer};
use crate::app::App;
use crate::guard;
use crate::guest::Guest;
use crate::views::mine::{Part, mine as mine_page};
use assembly::{ParticipantNo, Question, QuestionId};
use axum::extract::{Path, Query, State};
use axum::http::Uri;
use serde::{Deserialize, Serialize};
use store::House;

/// What was just done, in the address.
#[derive(Deserialize)]
pub(crate) struct After {
    erased: Option<u64>,
}

/// `GET me`.
pub(crate) async fn page(
    State(app): State<App>,
    uri: Uri,
    Path(slug): Path<String>,
    Query(after): Query<After>,
    guest: Guest,
) -> Answer {
    let room = app.room(&slug)?;
    let numbers = numbers(&room.house, &guest);
    let live = room.house.read();
    let parts: Vec<_> = numbers
        .iter()
        .filter_map(|(id, participant)| {
            Some(Part { question: live.state.question(*id)?, participant: *participant })
        })
        .collect();
    // Said only to whoever wrote it.
    let own = |entry: &u64| {
        parts.iter().any(|part| {
            part.question.talk().put_by_entry(*entry).is_some_and(|put| put.by() == Some(part.participant))
        })
    };
    let erased = after
        .erased
        .filter(own)
        .and_then(|entry| Some((entry, live.state.erasure(entry, assembly::Field::Text)?.entry)));
    Ok(guest.dress(guard::page(mine_page(&app.frame(uri.path(), room, &live.state), &parts, erased))))
}

/// `GET me.json`.
pub(crate) async fn json(State(app): State<App>, Path(slug): Path<String>, guest: Guest) -> Answer {
    let room = app.room(&slug)?;
    let numbers = numbers(&room.house, &guest);
    let live = room.house.read();
    let parts: Vec<_> = numbers
        .iter()
        .filter_map(|(id, participant)| Some(PartJson::of(live.state.question(*id)?, *participant)))
        .collect();
    to_answer(&parts).map(|answer| guest.dress(answer))
}

/// The entries of one's own acts that stand, in the order of the record.
pub(super) fn acts(house: &House, guest: &Guest) -> Vec<u64> {
    let numbers = numbers(house, guest);
    let live = house.read();
    let mut acts: Vec<u64> = Vec::new();
    for (id, participant) in numbers {
        let Some(talk) = live.state.question(id).map(Question::talk) else { continue };
        let put = talk.statements().iter().filter(|statement| statement.by() == Some(participant));
        acts.extend(put.map(assembly::talk::Statement::entry));
        let marks = talk.participant(participant).map_or(&[][..], |own| own.marks());
        acts.extend(marks.iter().filter(|mark| mark.response().is_some()).map(|mark| mark.entry()));
    }
    acts.sort_unstable();
    acts
}

/// The guest's numbers. Read before the state: both take the same lock.
fn numbers(house: &House, guest: &Guest) -> Vec<(QuestionId, ParticipantNo)> {
    let questions: Vec<_> = house.read().state.questions().iter().map(Question::id).collect();
    questions.into_iter().filter_map(|id| Some((id, house.participant(&guest.token, id)?))).collect()
}

#[derive(Serialize)]
struct PartJson {
    question: u32,
    participant: ParticipantNo,
    stated: Vec<u32>,
    responses: Vec<ResponseJson>,
}

#[derive(Serialize)]
struct ResponseJson {
    statement: u32,
    response: assembly::talk::Response,
    entry: u64,
}

impl PartJson {
    fn of(question: &Question, participant: ParticipantNo) -> Self {
        let talk = question.talk();
        let stated = talk.statements().iter().filter(|statement| statement.by() == Some(participant));
        let marks = talk.participant(participant).map_or(&[][..], |own| own.marks());
        let responses = marks.iter().filter_map(|mark| {
            let (statement, entry) = (mark.statement().0, mark.entry());
            Some(ResponseJson { statement, response: mark.response()?, entry })
        });
        Self {
            question: question.id().0,
            participant,
            stated: stated.map(|statement| statement.no().0).collect(),
            responses: responses.collect(),
        }
    }
}
