//! The opinion map as a page, as data, as a picture.

use super::{Answer, json_bytes, shared, to_json};
use crate::app::App;
use crate::guard;
use crate::picture;
use crate::problem::Problem;
use crate::views::map::map as map_page;
use axum::extract::{Path, State};
use axum::http::Uri;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use serde::Serialize;

/// `GET map`.
pub(crate) async fn page(
    State(app): State<App>,
    uri: Uri,
    Path((slug, number)): Path<(String, String)>,
) -> Answer {
    let (room, id) = app.question(&slug, &number)?;
    let computed = room.maps.current(&room.house, id, app.now()).await?;
    let live = room.house.read();
    let question = live.state.question(id).ok_or_else(Problem::nowhere)?;
    Ok(shared(guard::page(map_page(&app.frame(uri.path(), room, &live.state), question, &computed))))
}

#[derive(Serialize)]
struct MapJson<'a> {
    question: u32,
    /// How many entries of the record it is computed from.
    as_of: u64,
    map: &'a opinion::Map,
}

/// `GET map.json`.
pub(crate) async fn json(State(app): State<App>, Path((slug, number)): Path<(String, String)>) -> Answer {
    let (room, id) = app.question(&slug, &number)?;
    let computed = room.maps.fresh(&room.house, id, app.now()).await?;
    let bytes = match computed.map_json.get() {
        Some(bytes) => bytes.clone(),
        None => {
            let bytes =
                to_json(&MapJson { question: id.0, as_of: computed.results.as_of, map: &computed.map })?;
            computed.map_json.get_or_init(|| bytes).clone()
        }
    };
    Ok(shared(json_bytes(bytes)))
}

/// `GET map.svg`.
pub(crate) async fn svg(State(app): State<App>, Path((slug, number)): Path<(String, String)>) -> Answer {
    let (room, id) = app.question(&slug, &number)?;
    let computed = room.maps.current(&room.house, id, app.now()).await?;
    Ok(shared(([(CONTENT_TYPE, "image/svg+xml")], picture::standalone(&computed.map)).into_response()))
}
