//! The guest's cookie: 32 random bytes by which a browser is the same person as before.

use crate::app::App;
use crate::config::Config;
use crate::limits::{Peer, address};
use crate::problem::Problem;
use axum::extract::FromRequestParts;
use axum::http::header::{ACCEPT, COOKIE, SET_COOKIE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;
use store::Token;

/// A year: as long as a question runs.
const MAX_AGE: u32 = 365 * 24 * 60 * 60;

/// Whoever looks at a page that depends on who looks. Has a token from the first look on, so that
/// the two requests of a double click carry the same one.
pub(crate) struct Guest {
    pub token: Token,
    fresh: bool,
    secure: bool,
}

/// Whoever asks for something to be recorded, within the limits.
pub(crate) struct Actor {
    pub guest: Guest,
    /// Wants JSON instead of a page.
    pub json: bool,
}

impl Guest {
    /// Puts the cookie on an answer, where the guest has none yet, and keeps the answer out of caches.
    pub fn dress(&self, mut response: Response) -> Response {
        let headers = response.headers_mut();
        headers.insert("cache-control", HeaderValue::from_static("no-store"));
        if self.fresh {
            let (name, secure) = if self.secure { ("__Host-veche", "; Secure") } else { ("veche", "") };
            let cookie =
                format!("{name}={}; Path=/; Max-Age={MAX_AGE}; HttpOnly; SameSite=Lax{secure}", self.token);
            if let Ok(cookie) = HeaderValue::try_from(cookie) {
                headers.append(SET_COOKIE, cookie);
            }
        }
        response
    }
}

impl FromRequestParts<App> for Guest {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let secure = app.config.secure();
        match token(&parts.headers, &app.config) {
            Some(token) => Ok(Self { token, fresh: false, secure }),
            None => {
                let token = Token::random().map_err(|_| Problem::broken())?;
                Ok(Self { token, fresh: true, secure })
            }
        }
    }
}

impl FromRequestParts<App> for Actor {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let peer = parts.extensions.get::<Peer>().copied();
        let guest = Guest::from_request_parts(parts, app).await?;
        let known = (!guest.fresh).then_some(&guest.token);
        app.limiter.act(address(&parts.headers, peer, app.config.trusted_proxy_hops), known)?;
        Ok(Self { guest, json: wants_json(&parts.headers) })
    }
}

/// Whether JSON is asked for.
pub(crate) fn wants_json(headers: &HeaderMap) -> bool {
    headers
        .get(ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.split(',').any(|kind| kind.trim().starts_with("application/json")))
}

fn token(headers: &HeaderMap, config: &Config) -> Option<Token> {
    let name = if config.secure() { "__Host-veche=" } else { "veche=" };
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|cookies| cookies.to_str().ok())
        .flat_map(|cookies| cookies.split(';'))
        .find_map(|cookie| Token::parse(cookie.trim().strip_prefix(name)?))
}
