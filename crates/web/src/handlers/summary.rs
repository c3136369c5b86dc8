//! The report: what everybody shares, where people differ, what a minority holds, what is not known yet.

use super::{Answer, shared};
use crate::app::App;
use crate::guard;
use crate::problem::Problem;
use crate::views::summary::summary as summary_page;
use axum::extract::{Path, State};
use axum::http::Uri;
use opinion::Method;

/// `GET summary`.
pub(crate) async fn page(
    State(app): State<App>,
    uri: Uri,
    Path((slug, number)): Path<(String, String)>,
) -> Answer {
    let (room, id) = app.question(&slug, &number)?;
    let computed = room.maps.current(&room.house, id, Method::Map, app.now()).await?;
    let live = room.house.read();
    let question = live.state.question(id).ok_or_else(Problem::nowhere)?;
    Ok(shared(guard::page(summary_page(&app.frame(uri.path(), room, &live.state), question, &computed))))
}
