//! Numbers for whoever watches the server, in the text format of Prometheus (OpenMetrics). They stand at an address of
//! their own, which is not public: how many act, when, and how the disk is doing is the operator's affair.
//!
//! Invariant: a label is one of a few words of ours, or a name that the operator gave; nothing that anybody else typed
//! becomes one.

use crate::problem::Problem;
use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::http::Method;
use axum::http::header::CONTENT_TYPE;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};
use std::borrow::Cow;
use std::time::Instant;
use store::{House, Work, Worked};

/// The kind of the page, as the specification of OpenMetrics names it.
const KIND: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Counts requests. Clones count together.
#[derive(Debug, Clone)]
pub struct Metrics {
    requests: Family<Answered, Counter>,
    seconds: Family<Class, Histogram>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    class: &'static str,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Class {
    class: &'static str,
}

impl Default for Metrics {
    fn default() -> Self {
        let histogram: fn() -> Histogram = || {
            Histogram::new([0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0])
        };
        Self { requests: Family::default(), seconds: Family::new_with_constructor(histogram) }
    }
}

/// Counts a request and how long its answer took to begin.
pub(crate) async fn count(State(metrics): State<Metrics>, request: Request, next: Next) -> Response {
    let path = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    let class = class(request.method(), path);
    let started = Instant::now();
    let response = next.run(request).await;
    metrics.seconds.get_or_create(&Class { class }).observe(started.elapsed().as_secs_f64());
    metrics.requests.get_or_create(&Answered { class, status: response.status().as_u16() }).inc();
    response
}

/// What kind of request it is.
fn class(method: &Method, path: Option<&str>) -> &'static str {
    match path {
        None => "nowhere",
        Some(_) if method == Method::POST => "act",
        Some(path) if path.contains("/record/") => "record",
        Some(path) if path.ends_with("/live") => "live",
        Some(path) if path.starts_with("/assets/") => "asset",
        Some("/health") => "health",
        Some(_) => "page",
    }
}

/// The page `/metrics` over the assemblies of a data folder.
pub fn metrics(metrics: Metrics, houses: Vec<House>) -> Router {
    let page =
        get(async |State((metrics, houses)): State<(Metrics, Vec<House>)>| page(&metrics, &houses).await);
    Router::new().route("/metrics", page).with_state((metrics, houses))
}

async fn page(metrics: &Metrics, houses: &[House]) -> Result<Response, Problem> {
    let mut registry = Registry::with_prefix("veche");
    let version = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
    registry.register("build", "This program", version);
    registry.register("http_requests", "Requests by class and status", metrics.requests.clone());
    registry.register_with_unit(
        "http_request",
        "Time until an answer began",
        Unit::Seconds,
        metrics.seconds.clone(),
    );
    for house in houses {
        of_house(
            registry.sub_registry_with_label(("assembly".into(), house.slug().to_owned().into())),
            house,
        );
    }
    if let Some(house) = houses.first() {
        of_folder(&mut registry, house).await?;
    }
    let mut text = String::new();
    encode(&mut text, &registry).map_err(|_| Problem::broken())?;
    Ok(([(CONTENT_TYPE, KIND)], text).into_response())
}

/// What belongs to one assembly.
fn of_house(registry: &mut Registry, house: &House) {
    let meters = house.meters();
    let size = i64::try_from(house.read().state.size()).unwrap_or(i64::MAX);
    registry.register("entries", "Entries of the record", ConstGauge::new(size));
    registry.register("acts", "Acts by what became of them, since the start", meters.acts.clone());
    registry.register_with_unit(
        "commit",
        "Time that commits took",
        Unit::Seconds,
        meters.commit_seconds.clone(),
    );
    registry.register("waiting_jobs", "Jobs that wait for the writer", meters.waiting.clone());
    registry.register("stopped", "1 if the writer failed", ConstGauge::new(i64::from(house.is_stopped())));
    let halted = i64::from(house.halted().is_some());
    registry.register(
        "halted",
        "1 if a witness has seen a longer record or another one",
        ConstGauge::new(halted),
    );
    for seen in house.vouching().witnesses {
        let registry =
            registry.sub_registry_with_label(("witness".into(), seen.key.name().to_owned().into()));
        let number =
            |number: Option<u64>| ConstGauge::new(i64::try_from(number.unwrap_or(0)).unwrap_or(i64::MAX));
        registry.register(
            "cosigned_entries",
            "Entries of the last head the witness cosigned",
            number(seen.size),
        );
        registry.register_with_unit(
            "cosigned_timestamp",
            "When the witness cosigned that, by its own clock",
            Unit::Seconds,
            number(seen.time),
        );
    }
}

/// What belongs to the folder that all assemblies are in.
async fn of_folder(registry: &mut Registry, house: &House) -> Result<(), Problem> {
    let bytes = |bytes: u64| ConstGauge::new(i64::try_from(bytes).unwrap_or(i64::MAX));
    if let Some(free) = store::free_bytes(house.folder()) {
        registry.register_with_unit("disk_free", "Free on the disk of the folder", Unit::Bytes, bytes(free));
    }
    let log = store::log_bytes(house.folder());
    registry.register_with_unit("write_ahead_log", "Size of the write-ahead log", Unit::Bytes, bytes(log));
    let full = ConstGauge::new(i64::from(house.is_full()));
    registry.register("disk_full", "1 if nothing new is taken for lack of room", full);
    if let Some(fsck) = house.last(Work::Fsck).await? {
        let sound = ConstGauge::new(i64::from(fsck.said.is_empty()));
        registry.register("fsck_sound", "1 if the last complete check found nothing", sound);
        when(registry, "last_fsck_timestamp", "When everything was last checked", &fsck);
    }
    if let Some(backup) = house.last(Work::Backup).await? {
        when(registry, "last_backup_timestamp", "When the last complete backup was made", &backup);
    }
    Ok(())
}

fn when(registry: &mut Registry, name: &'static str, help: &'static str, work: &Worked) {
    let seconds = i64::try_from(work.at / 1_000).unwrap_or(i64::MAX);
    registry.register_with_unit(Cow::Borrowed(name), help, Unit::Seconds, ConstGauge::new(seconds));
}
