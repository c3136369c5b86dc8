//! The record taken away: a bundle, sent while it is packed.

use super::Answer;
use crate::app::{App, Room};
use crate::bundle::{Origin, Packing};
use crate::problem::Problem;
use crate::serve::Stopping;
use assembly::results::Results;
use assembly::{Field, Opened, QuestionId};
use axum::Extension;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::IntoResponse;
use futures_util::stream;
use opinion::Method;
use record::checkpoint::SignedCheckpoint;
use record::tile::{BundlePath, TilePath, TileSource};
use record::verify::LogSource;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};
use store::{House, Listed, Reader};
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, mpsc, watch};

/// Pieces that are ready before the reader takes them. Each is one file of the record, at most 16 MiB and mostly 30 kB.
const AHEAD: usize = 2;
/// How long a reader may leave a piece lying. A slow line takes half a minute for a megabyte.
const STALL: Duration = Duration::from_secs(300);
/// How long a download may take in all: a gigabyte over two megabits a second.
const WHOLE: Duration = Duration::from_secs(2 * 3_600);
/// How often results and head are taken anew until they belong together.
const TRIES: usize = 3;

/// `GET /{assembly}/bundle.tar`: the whole record.
pub(crate) async fn all(
    State(app): State<App>,
    Path(slug): Path<String>,
    stopping: Option<Extension<Stopping>>,
) -> Answer {
    let room = app.room(&slug)?;
    send(&app, room, None, &format!("{slug}.tar"), stopping).await
}

/// `GET /{assembly}/q/{question}/bundle.tar`: the record, with the texts and the result of one question.
pub(crate) async fn question(
    State(app): State<App>,
    Path((slug, number)): Path<(String, String)>,
    stopping: Option<Extension<Stopping>>,
) -> Answer {
    let (room, id) = app.question(&slug, &number)?;
    send(&app, room, Some(id), &format!("{slug}-question-{id}.tar"), stopping).await
}

async fn send(
    app: &App,
    room: &Room,
    question: Option<QuestionId>,
    name: &str,
    stopping: Option<Extension<Stopping>>,
) -> Answer {
    let permit = Arc::clone(&app.bundles).try_acquire_owned().map_err(|_| Problem::no_bundle())?;
    let (checkpoint, results) = steady(app, room, question).await?;
    let house = room.house.clone();
    let (to, mut pieces) = mpsc::channel(AHEAD);
    tokio::task::spawn_blocking(move || pack(&house, checkpoint, question, &results, &to));
    // Whoever cannot be given anything gets a page that says so, and not a broken file.
    let first = pieces.recv().await.and_then(Result::ok).ok_or_else(Problem::broken)?;
    let stopping = stopping.map(|Extension(Stopping(stopping))| stopping);
    let line = Line { first: Some(first), pieces, stopping, _permit: permit };
    let body = Body::from_stream(stream::unfold(line, |mut line| async {
        let piece = line.next().await?;
        Some((piece, line))
    }));
    let headers = [
        (CONTENT_TYPE, "application/x-tar".to_owned()),
        (CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
        // Words in it may be erased in the next minute.
        (CACHE_CONTROL, "no-store".into()),
    ];
    Ok((headers, body).into_response())
}

/// The signed head, and results that were published up to it.
async fn steady(
    app: &App,
    room: &Room,
    question: Option<QuestionId>,
) -> Result<(Vec<u8>, Vec<Results>), Problem> {
    let mut results = Vec::new();
    for attempt in 1..=TRIES {
        let ids: Vec<QuestionId> = {
            let live = room.house.read();
            let all = live.state.questions().iter().map(assembly::Question::id);
            all.filter(|id| question.is_none_or(|only| only == *id)).collect()
        };
        results.clear();
        for id in ids {
            results.push(room.maps.fresh(&room.house, id, Method::Map, app.now()).await?.results.clone());
        }
        let live = room.house.read();
        let newest = results.iter().all(|results| {
            live.state.question(results.question).is_some_and(|question| question.revision() == results.as_of)
        });
        // Where people respond all the time, results of a few entries before the head are as good.
        if newest || attempt == TRIES {
            return Ok((live.checkpoint.as_bytes().to_vec(), results));
        }
    }
    Err(Problem::broken())
}

type Piece = io::Result<Vec<u8>>;

/// Packs and hands over until the end, or until nobody takes it any more.
fn pack(
    house: &House,
    checkpoint: Vec<u8>,
    question: Option<QuestionId>,
    results: &[Results],
    to: &mpsc::Sender<Piece>,
) {
    let until = Instant::now() + WHOLE;
    let hand = |piece: Piece| {
        let last = piece.is_err() || Instant::now() > until;
        let taken = Handle::current().block_on(tokio::time::timeout(STALL, to.send(piece)));
        matches!(taken, Ok(Ok(()))) && !last
    };
    let failed = |error: String| {
        tracing::warn!(assembly = house.slug(), "A bundle that somebody downloads broke off: {error}");
        io::Error::other(error)
    };
    let packing = house.reader().map_err(|error| error.to_string()).and_then(|reader| {
        let head = SignedCheckpoint::from_bytes(&checkpoint).map_err(|error| error.to_string())?;
        let size = head.checkpoint().size();
        let origin = Kept { house: house.clone(), listed: house.listed().clone(), reader, size };
        Packing::new(origin, checkpoint, question, Some(results)).map_err(|error| error.to_string())
    });
    match packing {
        Ok(packing) => {
            for piece in packing {
                if !hand(piece.map_err(|error| failed(error.to_string()))) {
                    return;
                }
            }
        }
        Err(error) => drop(hand(Err(failed(error)))),
    }
}

/// One download.
struct Line {
    first: Option<Vec<u8>>,
    pieces: mpsc::Receiver<Piece>,
    stopping: Option<watch::Receiver<bool>>,
    _permit: OwnedSemaphorePermit,
}

impl Line {
    async fn next(&mut self) -> Option<Piece> {
        if let Some(first) = self.first.take() {
            return Some(Ok(first));
        }
        let stopped = async {
            match &mut self.stopping {
                Some(stopping) => drop(stopping.wait_for(|stop| *stop).await),
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            // The browser hears that the file is not whole.
            () = stopped => Some(Err(io::Error::other("the server ends"))),
            piece = self.pieces.recv() => piece,
        }
    }
}

/// The record as it is kept.
struct Kept {
    house: House,
    listed: Listed,
    reader: Reader,
    /// Entries under the head that is packed.
    size: u64,
}

impl TileSource for Kept {
    type Error = String;

    fn tile(&self, path: TilePath) -> Result<Vec<u8>, String> {
        let tile = self.reader.tile(&self.listed, path).map_err(|error| error.to_string())?;
        tile.ok_or_else(|| format!("there is no row {path}."))
    }
}

impl LogSource for Kept {
    fn bundle(&self, path: BundlePath) -> Result<Vec<u8>, String> {
        let bundle = self.reader.bundle(&self.listed, path).map_err(|error| error.to_string())?;
        bundle.ok_or_else(|| format!("there is no row {path}."))
    }
}

impl Origin for Kept {
    fn texts(&self, entry: u64) -> Result<Vec<(Field, Opened)>, String> {
        let texts = self.reader.texts(&self.listed, entry).map_err(|error| error.to_string())?;
        // Erased since the head that is packed: without the entry that says so, their absence would look like a
        // deletion that nobody owned up to.
        let live = self.house.read();
        let erased = |field| live.state.erasure(entry, field).is_some_and(|gone| gone.entry >= self.size);
        if Field::ALL.into_iter().any(erased) {
            return Err(format!("words of entry {entry} were erased meanwhile; the next download is whole."));
        }
        Ok(texts)
    }
}
