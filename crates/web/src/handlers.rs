//! From a request to an answer: parse, one call, render.

pub(crate) mod acts;
pub(crate) mod assemblies;
pub(crate) mod bundle;
pub(crate) mod check;
pub(crate) mod erase;
pub(crate) mod files;
pub(crate) mod health;
pub(crate) mod live;
pub(crate) mod map;
pub(crate) mod mine;
pub(crate) mod organise;
pub(crate) mod question;
pub(crate) mod receipt;
pub(crate) mod record;
pub(crate) mod report;
pub(crate) mod respond;
pub(crate) mod stand;
pub(crate) mod statements;
pub(crate) mod summary;

use crate::problem::Problem;
use axum::body::Bytes;
use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// What a handler gives.
pub(crate) type Answer = Result<Response, Problem>;

/// How long a page or data that is the same for everybody may be kept.
const SHORT: HeaderValue = HeaderValue::from_static("public, max-age=1");

/// Marks an answer that is the same for everybody.
pub(crate) fn shared(mut response: Response) -> Response {
    response.headers_mut().insert(CACHE_CONTROL, SHORT);
    response
}

/// A value as JSON.
pub(crate) fn json(value: &impl Serialize) -> Answer {
    Ok(json_bytes(to_json(value)?))
}

/// A value as the bytes of JSON.
pub(crate) fn to_json(value: &impl Serialize) -> Result<Bytes, Problem> {
    serde_json::to_vec(value).map(Bytes::from).map_err(|_| Problem::broken())
}

/// JSON that is ready.
pub(crate) fn json_bytes(bytes: Bytes) -> Response {
    ([(CONTENT_TYPE, "application/json")], bytes).into_response()
}

/// Takes `.json` off the last part of an address, and says whether it was there.
pub(crate) fn with_json(part: &str) -> (&str, bool) {
    part.strip_suffix(".json").map_or((part, false), |rest| (rest, true))
}
