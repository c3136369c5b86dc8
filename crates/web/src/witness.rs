//! A witness over HTTP (C2SP tlog-witness): `POST add-checkpoint`. For programs, so there is no page; `/`
//! says in a few lines who the witness is.

use crate::guard::everywhere;
use crate::handlers::record::TEXT;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use record::witness::{Refusal, Request as Asked};
use std::time::Duration;
use store::{Witness, WitnessError};
use tower_http::timeout::TimeoutLayer;

/// The longest request, in bytes: 63 lines of proof (45 bytes each), three lines of checkpoint, and a dozen
/// signatures of the longest known kind (5 kB in base64).
const BODY: usize = 64 * 1024;
/// How long an answer may take. The disk flushes in milliseconds.
const ANSWER: Duration = Duration::from_secs(30);
/// What carries the size in the answer to a proof that begins elsewhere.
const SIZE: &str = "text/x.tlog.size";

/// The addresses of a witness, at the root of its server.
pub fn witness(witness: Witness) -> Router {
    Router::new()
        .route("/add-checkpoint", post(add_checkpoint))
        .route("/", get(about))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, ANSWER))
        .layer(DefaultBodyLimit::max(BODY))
        .layer(from_fn(dress))
        .with_state(witness)
}

async fn add_checkpoint(State(witness): State<Witness>, body: Bytes) -> Response {
    let asked = Asked::from_bytes(&body).map_err(|error| WitnessError::from(Refusal::from(error)));
    let cosigned = match asked {
        Ok(asked) => witness.cosign(asked).await,
        Err(error) => Err(error),
    };
    match cosigned {
        Ok(signature) => answer(StatusCode::OK, TEXT, format!("{signature}\n")),
        Err(WitnessError::Refused(Refusal::Conflict { size })) => {
            answer(StatusCode::CONFLICT, SIZE, format!("{size}\n"))
        }
        Err(WitnessError::Refused(refusal)) => {
            let status = StatusCode::from_u16(refusal.status()).unwrap_or(StatusCode::BAD_REQUEST);
            answer(status, TEXT, format!("{refusal}\n"))
        }
        Err(error @ WitnessError::Busy) => {
            let response = answer(StatusCode::SERVICE_UNAVAILABLE, TEXT, format!("{error}\n"));
            ([(RETRY_AFTER, "2")], response).into_response()
        }
        Err(error @ WitnessError::Failed) => {
            answer(StatusCode::INTERNAL_SERVER_ERROR, TEXT, format!("{error}\n"))
        }
    }
}

async fn about(State(witness): State<Witness>) -> Response {
    let logs: String = witness.logs().iter().map(|log| format!("  {}\n", log.origin())).collect();
    answer(
        StatusCode::OK,
        TEXT,
        format!(
            "A witness (https://c2sp.org/tlog-witness). It cosigns the heads of these records, each only if it \
             continues the one before:\n{logs}Its key:\n  {}\n",
            witness.verifier()
        ),
    )
}

fn answer(status: StatusCode, kind: &'static str, body: String) -> Response {
    (status, [(CONTENT_TYPE, kind), (CACHE_CONTROL, "no-store")], body).into_response()
}

async fn dress(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    everywhere(response.headers_mut());
    response
}
