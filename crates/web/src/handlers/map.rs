//! The opinion map as a page, as data, as a picture; by our own method, and by the classic one.

use super::{Answer, json_bytes, shared, to_json};
use crate::app::{App, Room};
use crate::guard;
use crate::maps::Computed;
use crate::picture::{self, letter};
use crate::problem::Problem;
use crate::views::classic::classic as classic_page;
use crate::views::group::{gone, group as group_page};
use crate::views::map::map as map_page;
use crate::views::shell::Frame;
use assembly::{Question, QuestionId};
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::http::{StatusCode, Uri};
use axum::response::IntoResponse;
use maud::Markup;
use opinion::{MOST_GROUPS, Method};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

pub(super) type Address = Path<(String, String)>;

/// `GET map`.
pub(crate) async fn page(State(app): State<App>, uri: Uri, Path(address): Address) -> Answer {
    show(&app, &uri, &address, Method::Map, map_page).await
}

/// Which page of a list, from 1.
#[derive(Deserialize)]
pub(crate) struct Leaf {
    page: Option<usize>,
}

/// `GET map/group/{letter}`: one group of our own map.
pub(crate) async fn group(
    State(app): State<App>,
    uri: Uri,
    Path((slug, number, wanted)): Path<(String, String, String)>,
    Query(Leaf { page }): Query<Leaf>,
) -> Answer {
    let (room, id, computed) = current(&app, &slug, &number, Method::Map).await?;
    let live = room.house.read();
    let question = live.state.question(id).ok_or_else(Problem::nowhere)?;
    let here = uri.path_and_query().map_or("", |all| all.as_str());
    let frame = app.frame(here, room, &live.state);
    let index = (0..MOST_GROUPS).find(|index| letter(*index) == wanted).ok_or_else(Problem::nowhere)?;
    if index >= computed.map.groups.len() {
        let mut answer = shared(guard::page(gone(&frame, question, &computed, &wanted)));
        *answer.status_mut() = StatusCode::NOT_FOUND;
        return Ok(answer);
    }
    let page = group_page(&frame, question, &computed, index, page.unwrap_or(1));
    page.map(|page| shared(guard::page(page))).ok_or_else(Problem::nowhere)
}

/// `GET map/classic`.
pub(crate) async fn classic(State(app): State<App>, uri: Uri, Path(address): Address) -> Answer {
    show(&app, &uri, &address, Method::Classic, classic_page).await
}

/// `GET map.json`.
pub(crate) async fn json(State(app): State<App>, Path(address): Address) -> Answer {
    data(&app, &address, Method::Map).await
}

/// `GET map/classic.json`.
pub(crate) async fn classic_json(State(app): State<App>, Path(address): Address) -> Answer {
    data(&app, &address, Method::Classic).await
}

/// `GET map.svg`.
pub(crate) async fn svg(State(app): State<App>, Path(address): Address) -> Answer {
    draw(&app, &address, Method::Map).await
}

/// `GET map/classic.svg`.
pub(crate) async fn classic_svg(State(app): State<App>, Path(address): Address) -> Answer {
    draw(&app, &address, Method::Classic).await
}

/// `GET maps.json`: what entries of the record say about maps, the first published first.
pub(crate) async fn published(
    State(app): State<App>,
    Path((slug, number)): Path<(String, String)>,
) -> Answer {
    let (room, id) = app.question(&slug, &number)?;
    let live = room.house.read();
    let question = live.state.question(id).ok_or_else(Problem::nowhere)?;
    to_json(&PublishedJson { question: id.0, maps: question.talk().maps() }).map(json_bytes).map(shared)
}

#[derive(Serialize)]
struct PublishedJson<'a> {
    question: u32,
    maps: &'a [assembly::talk::Published],
}

/// A page of a question and one of its maps that is the same for everybody.
pub(super) async fn show(
    app: &App,
    uri: &Uri,
    (slug, number): &(String, String),
    method: Method,
    view: fn(&Frame<'_>, &Question, &Computed) -> Markup,
) -> Answer {
    let (room, id, computed) = current(app, slug, number, method).await?;
    let live = room.house.read();
    let question = live.state.question(id).ok_or_else(Problem::nowhere)?;
    Ok(shared(guard::page(view(&app.frame(uri.path(), room, &live.state), question, &computed))))
}

async fn data(app: &App, (slug, number): &(String, String), method: Method) -> Answer {
    let (room, id) = app.question(slug, number)?;
    let computed = room.maps.soon(&room.house, id, method, app.now()).await?;
    if let Some(bytes) = computed.map_json.get() {
        return Ok(shared(json_bytes(bytes.clone())));
    }
    let bytes = map_json(id, computed.results.map_as_of, &computed.map)?;
    Ok(shared(json_bytes(computed.map_json.get_or_init(|| bytes).clone())))
}

async fn draw(app: &App, (slug, number): &(String, String), method: Method) -> Answer {
    let (room, id, computed) = current(app, slug, number, method).await?;
    let title = room.house.read().state.question(id).map_or_else(String::new, |of| of.title().to_owned());
    let headers = [(CONTENT_TYPE, "image/svg+xml"), (CONTENT_SECURITY_POLICY, picture::POLICY)];
    Ok(shared((headers, picture::of_question(&computed.map, &title)).into_response()))
}

/// The question at an address, and a map of it to look at.
pub(super) async fn current<'a>(
    app: &'a App,
    slug: &str,
    number: &str,
    method: Method,
) -> Result<(&'a Room, QuestionId, Arc<Computed>), Problem> {
    let (room, id) = app.question(slug, number)?;
    let computed = room.maps.current(&room.house, id, method, app.now()).await?;
    Ok((room, id, computed))
}

#[derive(Serialize)]
struct MapJson<'a> {
    question: u32,
    /// How many entries of the record it is computed from.
    as_of: u64,
    map: &'a opinion::Map,
}

/// A map as it is given out as data. The same bytes for the same entries, here and in a recount.
fn map_json(question: QuestionId, as_of: u64, map: &opinion::Map) -> Result<Bytes, Problem> {
    to_json(&MapJson { question: question.0, as_of, map })
}
