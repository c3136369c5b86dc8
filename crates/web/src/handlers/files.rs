//! Assets, the mark, and what machines ask first.

use super::Answer;
use crate::app::App;
use crate::problem::Problem;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::http::header::{ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, VARY};
use axum::response::{IntoResponse, Redirect};

/// Assets have names that change with their content.
const FOREVER: &str = "public, max-age=31536000, immutable";

/// `GET /assets/{name}`.
pub(crate) async fn asset(State(app): State<App>, headers: HeaderMap, Path(name): Path<String>) -> Answer {
    let asset = app.assets.get(&name).ok_or_else(Problem::nowhere)?;
    let about = [(CONTENT_TYPE, asset.kind), (CACHE_CONTROL, FOREVER), (VARY, "accept-encoding")];
    let unpacks = headers
        .get(ACCEPT_ENCODING)
        .and_then(|accepted| accepted.to_str().ok())
        .is_some_and(|accepted| accepted.split(',').any(|coding| coding.trim() == "gzip"));
    if unpacks && !asset.packed.is_empty() {
        return Ok((about, [(CONTENT_ENCODING, "gzip")], asset.packed.clone()).into_response());
    }
    Ok((about, asset.plain.clone()).into_response())
}

/// `GET /favicon.ico`: browsers that do not read the page's link to the mark ask here.
pub(crate) async fn favicon(State(app): State<App>) -> Answer {
    Ok(Redirect::permanent(app.assets.address("bell.svg")).into_response())
}

/// `GET /robots.txt`: pages may be found; acts and endless lists need not be.
pub(crate) async fn robots() -> Answer {
    let rules = "User-agent: *\nDisallow: /*/q/*/respond\nDisallow: /*/q/*/live\nDisallow: /*/me\n";
    Ok(([(CONTENT_TYPE, "text/plain; charset=utf-8")], rules).into_response())
}
