//! Why a request gets no page: a status and sentences, shown as a page, as JSON, or as plain text.

use assembly::Refusal;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use store::Failure;

/// Why a request gets no page. Dressed for the reader by [`crate::guard::dress`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    pub status: StatusCode,
    /// A word for programs, stable over versions.
    pub code: &'static str,
    /// What happened, what it means, what to do.
    pub sentences: String,
}

impl Problem {
    fn new(status: StatusCode, code: &'static str, sentences: impl Into<String>) -> Self {
        Self { status, code, sentences: sentences.into() }
    }

    /// There is no such page.
    pub fn nowhere() -> Self {
        Self::of(StatusCode::NOT_FOUND)
    }

    /// More than the limits allow; `wait` in seconds.
    pub fn too_fast(wait: u64) -> Self {
        Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            "too_fast",
            format!(
                "More came from you, or from your network, than one person can send. Nothing was recorded. Wait {} \
                 and send it again.",
                if wait <= 1 { "a second".to_owned() } else { format!("{wait} seconds") }
            ),
        )
    }

    /// No room for another page that watches.
    pub fn no_stream() -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "no_stream",
            "Too many pages watch the numbers at this moment. The numbers are there all the same: load the page again.",
        )
    }

    /// No room for another download.
    pub fn no_bundle() -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "no_bundle",
            "Too many people take the record away at this moment. Try again in a few minutes, or keep a copy that stays \
             up to date, with `veche mirror`.",
        )
    }

    /// Something in a form is missing or wrong.
    pub fn form(why: &str) -> Self {
        Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "form",
            format!("{why} Nothing was recorded. Go back, load the page again, and send it once more."),
        )
    }

    /// A record address with a question mark.
    pub fn no_query() -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "no_query",
            "Addresses of the record take nothing behind a question mark, so that every cache holds the same file. \
             Ask again without it.",
        )
    }

    /// Only organisers may.
    pub fn not_organiser() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "not_organiser",
            "You are not signed in as an organiser of this assembly, or your session has ended. Nothing was done. Ask \
             whoever runs this server for a new link.",
        )
    }

    /// A one-time link that opens nothing.
    pub fn link_used() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "link_used",
            "This link does not work: it was used before, is older than 15 minutes, or belongs to another assembly. \
             Ask whoever runs this server for a new one.",
        )
    }

    /// The words of an entry were erased.
    pub fn erased(sentences: String) -> Self {
        Self::new(StatusCode::GONE, "erased", sentences)
    }

    /// The computing failed.
    pub fn broken() -> Self {
        Self::of(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// The sentences for a status that some layer answered with.
    pub fn of(status: StatusCode) -> Self {
        let (code, sentences) = match status.as_u16() {
            400 => (
                "bad_request",
                "What your browser sent could not be read. Nothing was recorded. Load the page again.",
            ),
            403 => (
                "other_site",
                "This was sent from a page of another site, so it was not taken. Nothing was recorded. Open the \
                 question here and send it from its own page.",
            ),
            404 => (
                "nowhere",
                "There is nothing at this address. It may be mistyped, or have been cut off. Start from the list of \
                 questions.",
            ),
            405 => (
                "method",
                "This address is not for that kind of request. Nothing was recorded. Open it in a browser, or send \
                 the form of its page.",
            ),
            408 => ("slow", "Your request took too long to arrive, so it was not taken. Send it again."),
            413 => (
                "too_large",
                "What you sent is larger than anything that can be said here. Nothing was recorded. Shorten it and \
                 send it again.",
            ),
            414 | 431 => {
                ("too_long", "The address or its headers are too long. Start from the list of questions.")
            }
            415 => (
                "kind",
                "This is not the form of a page, so it was not read. Nothing was recorded. Send it as \
                 application/x-www-form-urlencoded.",
            ),
            422 => (
                "form",
                "Something in the form is missing or not what it should be. Nothing was recorded. Go back, load the \
                 page again, and send it once more.",
            ),
            429 => (
                "too_fast",
                "You sent more than one person can. Nothing was recorded. Wait a little and send it again.",
            ),
            503 | 504 => (
                "busy",
                "The server is too busy to answer in time. If you sent something, look at “Your answers” whether it \
                 was recorded, and send it again if not: the same answer sent twice counts once.",
            ),
            _ => (
                "broken",
                "The server made a mistake. If you sent something, look at “Your answers” whether it was recorded. \
                 Try again; if it happens again, tell whoever runs this server.",
            ),
        };
        Self::new(status, code, sentences)
    }

    /// A heading for its page.
    pub fn title(&self) -> &'static str {
        match self.status.as_u16() {
            403 => "Not allowed",
            404 => "Nothing here",
            405 => "Not this way",
            409 => "Not possible now",
            410 => "Erased",
            413 => "Too large",
            415 => "Not a form",
            422 => "Not recorded",
            429 => "Too fast",
            503 | 504 => "Too busy",
            507 => "No room left",
            500 => "A mistake of the server",
            _ => "This did not work",
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let status = match refusal {
            Refusal::NoSuchQuestion(_)
            | Refusal::NoSuchStatement(_)
            | Refusal::NoSuchEntry(_)
            | Refusal::NoSuchText { .. }
            | Refusal::NotFounded => StatusCode::NOT_FOUND,
            Refusal::NotYours(_) | Refusal::GuestsNotAdmitted | Refusal::NotTakingPart => {
                StatusCode::FORBIDDEN
            }
            Refusal::Empty | Refusal::TooLong { .. } | Refusal::Unprintable | Refusal::Import(_) => {
                StatusCode::UNPROCESSABLE_ENTITY
            }
            Refusal::RecordFull => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::CONFLICT,
        };
        Self::new(status, refusal.code(), refusal.to_string())
    }
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        let status = match failure {
            Failure::Refused(refusal) => return refusal.into(),
            Failure::Busy | Failure::Stopped(_) | Failure::Unsure(_) => StatusCode::SERVICE_UNAVAILABLE,
            Failure::Full => StatusCode::INSUFFICIENT_STORAGE,
            Failure::Unreadable(_) => StatusCode::INTERNAL_SERVER_ERROR,
        };
        Self::new(status, failure.code(), failure.to_string())
    }
}
