//! A copy of a record, offered under `/record` as the server itself offers the original: the same
//! addresses, the same headers.
//!
//! Only paths that a record can have are ever made into names of files, so nothing else in the folder, or
//! outside it, can be asked for.

use crate::guard::everywhere;
use crate::handlers::record::{A_SECOND, BYTES, FOREVER, TEXT};
use axum::Router;
use axum::extract::{Path, Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{StatusCode, Uri};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use record::tile::{BundlePath, FULL_WIDTH, FilePath, TilePath, decode_bundle, encode_bundle};
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tower_http::timeout::TimeoutLayer;

/// How long reading one file may take.
const ANSWER: Duration = Duration::from_secs(30);

/// The record's files out of a folder in the layout of tlog-tiles, under `/record`.
pub fn copy(folder: PathBuf) -> Router {
    Router::new()
        .route("/record/checkpoint", get(checkpoint))
        .route("/record/policy", get(policy))
        .route("/record/tile/{*path}", get(tile))
        .route("/record/text/{index}", get(text))
        .fallback(|| async { nowhere() })
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, ANSWER))
        .layer(from_fn(dress))
        .with_state(Arc::new(folder))
}

type Folder = State<Arc<PathBuf>>;

async fn checkpoint(State(folder): Folder, uri: Uri) -> Response {
    give(uri, TEXT, A_SECOND, move || std::fs::read(folder.join("checkpoint"))).await
}

/// The list of witnesses of the server that was copied.
async fn policy(State(folder): Folder, uri: Uri) -> Response {
    give(uri, TEXT, A_SECOND, move || std::fs::read(folder.join("policy"))).await
}

async fn text(State(folder): Folder, uri: Uri, Path(index): Path<String>) -> Response {
    let plain = index.bytes().all(|byte| byte.is_ascii_digit()) && (index == "0" || !index.starts_with('0'));
    let Some(index) = index.parse::<u64>().ok().filter(|_| plain) else { return nowhere() };
    give(uri, "application/json", A_SECOND, move || std::fs::read(folder.join(format!("text/{index}")))).await
}

async fn tile(State(folder): Folder, uri: Uri, Path(path): Path<String>) -> Response {
    let Ok(path) = format!("tile/{path}").parse::<FilePath>() else { return nowhere() };
    let full = match path {
        FilePath::Tile(path) => path.is_full(),
        FilePath::Bundle(path) => path.is_full(),
    };
    let keep = if full { FOREVER } else { A_SECOND };
    give(uri, BYTES, keep, move || row(&folder, path)).await
}

/// A tile or bundle. Where the copy has grown since, its wider file holds the narrow one.
fn row(folder: &std::path::Path, path: FilePath) -> io::Result<Vec<u8>> {
    match std::fs::read(folder.join(path.to_string())) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        other => return other,
    }
    let width = match path {
        FilePath::Tile(path) => path.width(),
        FilePath::Bundle(path) => path.width(),
    };
    for wider in width + 1..=FULL_WIDTH {
        let name = match path {
            FilePath::Tile(path) => TilePath::new(path.level(), path.index(), wider).map(FilePath::Tile),
            FilePath::Bundle(path) => BundlePath::new(path.index(), wider).map(FilePath::Bundle),
        };
        let Ok(name) = name else { break };
        if let Ok(mut bytes) = std::fs::read(folder.join(name.to_string())) {
            let cut = match path {
                FilePath::Tile(_) => {
                    bytes.truncate(usize::from(width) * record::Hash::LEN);
                    Some(bytes)
                }
                FilePath::Bundle(_) => decode_bundle(&bytes, wider)
                    .ok()
                    .and_then(|entries| encode_bundle(entries.into_iter().take(width.into())).ok()),
            };
            return cut.ok_or_else(|| io::ErrorKind::InvalidData.into());
        }
    }
    Err(io::ErrorKind::NotFound.into())
}

async fn give(
    uri: Uri,
    kind: &'static str,
    keep: &'static str,
    read: impl FnOnce() -> io::Result<Vec<u8>> + Send + 'static,
) -> Response {
    if uri.query().is_some() {
        return said(StatusCode::BAD_REQUEST, "The record's addresses take nothing behind a question mark.");
    }
    match tokio::task::spawn_blocking(read).await {
        Ok(Ok(bytes)) => ([(CONTENT_TYPE, kind), (CACHE_CONTROL, keep)], bytes).into_response(),
        Ok(Err(error)) if error.kind() == io::ErrorKind::NotFound => nowhere(),
        Ok(Err(error)) => {
            tracing::error!(%error, "A file of the copy cannot be read.");
            said(StatusCode::INTERNAL_SERVER_ERROR, "A file of this copy cannot be read. Ask another copy.")
        }
        Err(_) => {
            said(StatusCode::INTERNAL_SERVER_ERROR, "A file of this copy cannot be read. Ask another copy.")
        }
    }
}

fn nowhere() -> Response {
    said(StatusCode::NOT_FOUND, "This copy has no such file. What it has lies under /record.")
}

fn said(status: StatusCode, sentence: &'static str) -> Response {
    (status, [(CONTENT_TYPE, TEXT), (CACHE_CONTROL, "no-store")], sentence).into_response()
}

async fn dress(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    everywhere(response.headers_mut());
    response
}
