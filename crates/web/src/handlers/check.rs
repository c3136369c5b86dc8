//! "Check this result".

use super::{Answer, shared};
use crate::app::App;
use crate::guard::page;
use crate::problem::Problem;
use crate::views::check::check as check_page;
use axum::extract::{Path, State};
use axum::http::Uri;
use opinion::Method;

/// `GET check`.
pub(crate) async fn check(
    State(app): State<App>,
    uri: Uri,
    Path((slug, number)): Path<(String, String)>,
) -> Answer {
    let (room, id) = app.question(&slug, &number)?;
    let computed = room.maps.current(&room.house, id, Method::Map, app.now()).await?;
    let live = room.house.read();
    let question = live.state.question(id).ok_or_else(Problem::nowhere)?;
    let frame = app.frame(uri.path(), room, &live.state);
    Ok(shared(page(check_page(&frame, question, &computed, room.house.key(), &live.checkpoint))))
}
