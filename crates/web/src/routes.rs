//! Which address leads to which handler.

use crate::app::App;
use crate::caretaker::caretaker;
use crate::config::Config;
use crate::guard::dress;
use crate::handlers::{
    acts, assemblies, bundle, check, erase, files, health, live, map, mine, organise, question, receipt,
    record, report, respond, stand, statements, summary,
};
use crate::metrics::count;
use crate::problem::Problem;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use store::House;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::csrf::CsrfLayer;
use tower_http::timeout::TimeoutLayer;

/// All pages, data and files over the assemblies of a data folder.
pub fn router(config: Config, houses: Vec<House>) -> Router {
    over(App::new(config, houses))
}

/// The same, and what the server does by itself as long as this second value is polled: it publishes opinion maps.
pub fn kept(config: Config, houses: Vec<House>) -> (Router, impl Future<Output = ()> + Send + 'static) {
    let app = App::new(config, houses);
    (over(app.clone()), caretaker(app))
}

fn over(app: App) -> Router {
    let limits = &app.config.limits;
    let timeout = TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, limits.answer);
    // Streams have no end of their own: they are added after the time limit.
    let router = addresses()
        .layer(timeout)
        .route("/{assembly}/q/{question}/live", get(live::live))
        .route("/{assembly}/q/{question}/bundle.tar", get(bundle::question))
        .route("/{assembly}/bundle.tar", get(bundle::all))
        .fallback(|| async { Problem::nowhere() })
        .layer(DefaultBodyLimit::max(limits.body))
        .layer(same_site(&app.config))
        .layer(CatchPanicLayer::new())
        .layer(from_fn_with_state(app.clone(), dress));
    match app.config.metrics.clone() {
        Some(metrics) => router.layer(from_fn_with_state(metrics, count)).with_state(app),
        None => router.with_state(app),
    }
}

fn addresses() -> Router<App> {
    Router::new()
        .route("/", get(assemblies::list))
        .route("/assemblies.json", get(assemblies::list_json))
        .route("/health", get(health::health))
        .route("/robots.txt", get(files::robots))
        .route("/favicon.ico", get(files::favicon))
        .route("/assets/{name}", get(files::asset))
        // `{assembly}` and `{question}` may end in `.json`.
        .route("/{assembly}", get(assemblies::assembly))
        .route("/{assembly}/me", get(mine::page))
        .route("/{assembly}/me.json", get(mine::json))
        .route("/{assembly}/me/receipts.tar", get(receipt::all))
        .route("/{assembly}/receipt/{index}", get(receipt::page))
        .route("/{assembly}/q/{question}", get(question::question))
        .route("/{assembly}/q/{question}/respond", get(respond::card).post(acts::respond))
        .route("/{assembly}/q/{question}/respond.json", get(respond::card_json))
        .route("/{assembly}/q/{question}/retract", post(acts::retract))
        .route("/{assembly}/q/{question}/state", get(respond::state).post(acts::state))
        .route("/{assembly}/q/{question}/stand", get(stand::page))
        .route("/{assembly}/q/{question}/stand.json", get(stand::json))
        .route("/{assembly}/q/{question}/map", get(map::page))
        .route("/{assembly}/q/{question}/map.json", get(map::json))
        .route("/{assembly}/q/{question}/map.svg", get(map::svg))
        .route("/{assembly}/q/{question}/map/group/{letter}", get(map::group))
        .route("/{assembly}/q/{question}/map/classic", get(map::classic))
        .route("/{assembly}/q/{question}/map/classic.json", get(map::classic_json))
        .route("/{assembly}/q/{question}/map/classic.svg", get(map::classic_svg))
        .route("/{assembly}/q/{question}/maps.json", get(map::published))
        .route("/{assembly}/q/{question}/summary", get(summary::page))
        .route("/{assembly}/q/{question}/statements", get(statements::list))
        .route("/{assembly}/q/{question}/statements.json", get(statements::list_json))
        .route("/{assembly}/q/{question}/s/{statement}", get(statements::one))
        .route("/{assembly}/q/{question}/check", get(check::check))
        .route("/{assembly}/q/{question}/check.json", get(check::json))
        .route("/{assembly}/q/{question}/s/{statement}/erase", get(erase::confirm).post(erase::erase))
        .route(
            "/{assembly}/q/{question}/s/{statement}/report",
            get(report::statement_form).post(report::statement_send),
        )
        .route("/{assembly}/q/{question}/report", get(report::question_form).post(report::question_send))
        .route("/{assembly}/organise", get(organise::home))
        .route("/{assembly}/organise/enter/{link}", get(organise::enter_form).post(organise::enter))
        .route("/{assembly}/organise/leave", post(organise::leave))
        .route("/{assembly}/organise/erase", get(organise::erase_form).post(organise::erase))
        .route("/{assembly}/organise/dismiss", post(organise::dismiss))
        .route("/{assembly}/record/checkpoint", get(record::checkpoint))
        .route("/{assembly}/record/key", get(record::key))
        .route("/{assembly}/record/policy", get(record::policy))
        .route("/{assembly}/record/tile/{*path}", get(record::tile))
        .route("/{assembly}/record/text/{index}", get(record::text))
        .route("/{assembly}/record/receipt/{index}", get(record::receipt))
}

/// Refuses what another site's page sends in the name of its reader.
fn same_site(config: &Config) -> CsrfLayer {
    let layer = CsrfLayer::new();
    // Behind a proxy that rewrites `Host` the address is still ours. An address that is no origin
    // (with a path, say) adds nothing.
    layer.clone().add_trusted_origin(&config.public_url).unwrap_or(layer)
}
