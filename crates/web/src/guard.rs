//! What stands between the network and the handlers, and what every answer carries.

use crate::app::App;
use crate::guest::wants_json;
use crate::problem::Problem;
use crate::views::problem::problem as problem_page;
use axum::extract::{FromRequest, Request, State};
use axum::http::header::{CONTENT_TYPE, HeaderName, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::de::DeserializeOwned;

/// What pages may do: show themselves, their own style, scripts and pictures, and send forms back.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'; \
                      require-trusted-types-for 'script'; trusted-types 'none'";

const EVERYWHERE: [(&str, &str); 6] = [
    ("content-security-policy", POLICY),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("permissions-policy", "camera=(), microphone=(), geolocation=(), browsing-topics=()"),
];

/// Dresses problems for whoever asked, and puts the headers on that every answer carries.
pub(crate) async fn dress(State(app): State<App>, request: Request, next: Next) -> Response {
    let asked = Asked::of(request.uri(), request.headers());
    let mut response = next.run(request).await;
    if response.status().is_client_error() || response.status().is_server_error() {
        response = dressed(&app, asked, response);
    }
    let headers = response.headers_mut();
    everywhere(headers);
    if app.config.secure() {
        headers.insert("strict-transport-security", HeaderValue::from_static("max-age=31536000"));
    }
    response
}

/// Puts on the headers that every answer carries. One that an answer has of its own stays.
pub(crate) fn everywhere(headers: &mut HeaderMap) {
    for (name, value) in EVERYWHERE {
        headers.entry(HeaderName::from_static(name)).or_insert(HeaderValue::from_static(value));
    }
}

/// What a request asked for, remembered in case it fails.
enum Asked {
    Page(Uri),
    Json,
    File,
}

impl Asked {
    fn of(uri: &Uri, headers: &HeaderMap) -> Self {
        let path = uri.path();
        if path.ends_with(".json") || wants_json(headers) {
            Asked::Json
        } else if path.contains("/record/") {
            Asked::File
        } else {
            // Cheap: the bytes are shared.
            Asked::Page(uri.clone())
        }
    }
}

fn dressed(app: &App, asked: Asked, response: Response) -> Response {
    let status = response.status();
    let problem = match response.extensions().get::<Problem>() {
        Some(problem) => problem.clone(),
        // A page of its own with a form to be corrected, or data of its own.
        None if is_dressed(&response) => return response,
        None => Problem::of(status),
    };
    let body = match asked {
        Asked::Json => {
            let body = serde_json::json!({ "problem": problem.code, "sentence": problem.sentences });
            ([(CONTENT_TYPE, "application/json")], body.to_string()).into_response()
        }
        Asked::File => problem.sentences.into_response(),
        Asked::Page(uri) => {
            page(problem_page(&app.bare_frame(uri.path()), problem.title(), &problem.sentences))
        }
    };
    let (mut parts, _) = response.into_parts();
    let (new, body) = body.into_parts();
    for name in [CONTENT_TYPE, axum::http::header::CONTENT_LENGTH] {
        parts.headers.remove(name);
    }
    parts.headers.extend(new.headers);
    parts.headers.insert("cache-control", HeaderValue::from_static("no-store"));
    if matches!(status, StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS) {
        parts.headers.insert(RETRY_AFTER, HeaderValue::from_static("2"));
    }
    Response::from_parts(parts, body)
}

fn is_dressed(response: &Response) -> bool {
    let kind = response.headers().get(CONTENT_TYPE).map_or(&b""[..], HeaderValue::as_bytes);
    kind.starts_with(b"text/html") || kind == b"application/json"
}

/// A page as an answer.
pub(crate) fn page(markup: maud::Markup) -> Response {
    ([(CONTENT_TYPE, "text/html; charset=utf-8")], markup.into_string()).into_response()
}

/// A form that was sent: its kind and size are checked, its fields read.
pub(crate) struct Posted<T>(pub T);

impl<T: DeserializeOwned> FromRequest<App> for Posted<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        axum::Form::<T>::from_request(request, app).await.map(|axum::Form(form)| Self(form)).map_err(
            |rejection| match rejection.status() {
                StatusCode::BAD_REQUEST => Problem::of(StatusCode::UNPROCESSABLE_ENTITY),
                status => Problem::of(status),
            },
        )
    }
}
