//! "Check this result".

use super::{Answer, shared};
use crate::app::App;
use crate::guard::page;
use crate::problem::Problem;
use crate::views::check::check as check_page;
use axum::extract::{Path, State};
use axum::http::Uri;

/// `GET check`.
pub(crate) async fn check(
    State(app): State<App>,
    uri: Uri,
    Path((slug, number)): Path<(String, String)>,
) -> Answer {
    let (room, id) = app.question(&slug, &number)?;
    let computed = room.maps.current(&room.house, id, app.now()).await?;
    let live = room.house.read();
    let question = live.state.question(id).ok_or_else(Problem::nowhere)?;
    let frame = app.frame(uri.path(), room, &live.state);
    let changes: Vec<u64> = live.state.roll().keys().skip(1).map(|(_, entry)| entry).collect();
    let key = room.house.key();
    Ok(shared(page(check_page(&frame, question, &computed, &key, &changes, &live.checkpoint))))
}
