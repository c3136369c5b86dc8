//! The cookie of a browser that is signed in as an organiser of one assembly.

use crate::app::{App, Room};
use crate::config::Config;
use crate::problem::Problem;
use axum::http::header::{COOKIE, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;
use store::{SESSION_MS, Token};

/// The session of whoever asks, if they are signed in as an organiser of this assembly.
pub(crate) async fn session(app: &App, room: &Room, headers: &HeaderMap) -> Result<Option<Token>, Problem> {
    let Some(token) = token(headers, &app.config, room.house.slug()) else { return Ok(None) };
    Ok(room.house.organises(&token, app.now()).await?.then_some(token))
}

/// As [`session`], and a problem for everybody else.
pub(crate) async fn organiser(app: &App, room: &Room, headers: &HeaderMap) -> Result<Token, Problem> {
    session(app, room, headers).await?.ok_or_else(Problem::not_organiser)
}

/// Puts a session on an answer; without one, takes the cookie away.
pub(crate) fn dress(
    mut response: Response,
    config: &Config,
    slug: &str,
    session: Option<&Token>,
) -> Response {
    let secure = if config.secure() { "; Secure" } else { "" };
    let (value, age) = session.map_or((String::new(), 0), |token| (token.to_string(), SESSION_MS / 1_000));
    let name = name(config, slug);
    let cookie = format!("{name}={value}; Path=/; Max-Age={age}; HttpOnly; SameSite=Lax{secure}");
    if let Ok(cookie) = HeaderValue::try_from(cookie) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    private(response)
}

/// Keeps an answer out of caches.
pub(crate) fn private(mut response: Response) -> Response {
    response.headers_mut().insert("cache-control", HeaderValue::from_static("no-store"));
    response
}

/// Each assembly has a cookie of its own, so that one person can organise two.
fn name(config: &Config, slug: &str) -> String {
    let prefix = if config.secure() { "__Host-" } else { "" };
    format!("{prefix}veche-organiser-{slug}")
}

fn token(headers: &HeaderMap, config: &Config, slug: &str) -> Option<Token> {
    let name = name(config, slug);
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|cookies| cookies.to_str().ok())
        .flat_map(|cookies| cookies.split(';'))
        .find_map(|cookie| Token::parse(cookie.trim().strip_prefix(&name)?.strip_prefix('=')?))
}
