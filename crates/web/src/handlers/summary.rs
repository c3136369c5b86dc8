//! The report: what everybody shares, where people differ, what a minority holds, what is not known yet.

use super::Answer;
use super::map::{Address, show};
use crate::app::App;
use crate::views::summary::summary as summary_page;
use axum::extract::{Path, State};
use axum::http::Uri;
use opinion::Method;

/// `GET summary`.
pub(crate) async fn page(State(app): State<App>, uri: Uri, Path(address): Address) -> Answer {
    show(&app, &uri, &address, Method::Map, summary_page).await
}
