//! `GET live`: what changes, as server-sent events.

use crate::app::{App, statement_no};
use crate::live::first;
use crate::problem::Problem;
use crate::serve::Stopping;
use assembly::StatementNo;
use axum::Extension;
use axum::extract::{Path, Query, State};
use axum::http::HeaderValue;
use axum::http::header::CACHE_CONTROL;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use serde::Deserialize;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, broadcast, watch};

/// How many statements of a page are told of at the start.
const MOST_SHOWN: usize = 64;
/// How often a word goes over a quiet line, so that nobody between cuts it.
const KEEP_ALIVE: Duration = Duration::from_secs(20);

/// Which statements the page shows: `?s=3,5,9`.
#[derive(Deserialize)]
pub(crate) struct Shown {
    #[serde(default)]
    s: String,
}

/// `GET live`.
pub(crate) async fn live(
    State(app): State<App>,
    Path((slug, number)): Path<(String, String)>,
    Query(shown): Query<Shown>,
    stopping: Option<Extension<Stopping>>,
) -> Result<Response, Problem> {
    let (room, id) = app.question(&slug, &number)?;
    let permit = Arc::clone(&app.streams).try_acquire_owned().map_err(|_| Problem::no_stream())?;
    let shown: Vec<StatementNo> =
        shown.s.split(',').take(MOST_SHOWN).filter_map(|text| statement_no(text).ok()).collect();
    // Subscribed first, so that nothing falls between the first message and the next.
    let messages = room.feeds.watch(&room.house, id);
    let line = Line {
        first: first(&room.house, id, &shown),
        messages,
        stopping: stopping.map(|Extension(Stopping(stopping))| stopping),
        _permit: permit,
    };
    let events = stream::unfold(line, |mut line| async {
        let message = line.next().await?;
        Some((Ok::<_, Infallible>(Event::default().data(&*message)), line))
    });
    let mut response = Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)).into_response();
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // Proxies of the nginx family hold streams back unless told not to.
    response.headers_mut().insert("x-accel-buffering", HeaderValue::from_static("no"));
    Ok(response)
}

/// One page that watches.
struct Line {
    first: Option<Arc<str>>,
    messages: broadcast::Receiver<Arc<str>>,
    stopping: Option<watch::Receiver<bool>>,
    _permit: OwnedSemaphorePermit,
}

impl Line {
    async fn next(&mut self) -> Option<Arc<str>> {
        if let Some(first) = self.first.take() {
            return Some(first);
        }
        let stopped = async {
            match &mut self.stopping {
                Some(stopping) => drop(stopping.wait_for(|stop| *stop).await),
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = stopped => None,
            message = newest(&mut self.messages) => message,
        }
    }
}

/// The next message. A reader who fell behind missed tallies for good; ending the line makes the
/// browser come again, and the first message tells it everything.
async fn newest(messages: &mut broadcast::Receiver<Arc<str>>) -> Option<Arc<str>> {
    messages.recv().await.ok()
}
