//! The record's files: signed head, tiles, entries, texts, receipts, key.

use super::Answer;
use crate::app::App;
use crate::problem::Problem;
use assembly::Field;
use axum::extract::{Path, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::{HeaderValue, Uri};
use axum::response::IntoResponse;
use record::policy::Policy;
use record::tile::{BundlePath, FilePath, TilePath, encode_tile};
use serde::Serialize;
use serde_json::{Map, Value};
use store::House;

pub(crate) const TEXT: &str = "text/plain; charset=utf-8";
pub(crate) const BYTES: &str = "application/octet-stream";
/// What never changes.
pub(crate) const FOREVER: &str = "public, max-age=31536000, immutable";
/// What grows, or may be erased.
pub(crate) const A_SECOND: &str = "public, max-age=1";

/// What stands above the policy.
const POLICY_REMARK: &str = "# What this server itself goes by. Whoever runs it chose the witnesses: to be safe from the \
server,\n# check with a list of your own. The form is that of https://c2sp.org/tlog-policy.\n";

/// `GET record/checkpoint`: the newest signed head, or the newest one with the quorum.
pub(crate) async fn checkpoint(State(app): State<App>, uri: Uri, Path(slug): Path<String>) -> Answer {
    no_query(&uri)?;
    let checkpoint = app.room(&slug)?.house.checkpoint().to_string();
    Ok(([(CONTENT_TYPE, TEXT), (CACHE_CONTROL, A_SECOND)], checkpoint).into_response())
}

/// `GET record/key`.
pub(crate) async fn key(State(app): State<App>, uri: Uri, Path(slug): Path<String>) -> Answer {
    no_query(&uri)?;
    let key = format!("{}\n", app.room(&slug)?.house.key());
    Ok(([(CONTENT_TYPE, TEXT), (CACHE_CONTROL, A_SECOND)], key).into_response())
}

/// `GET record/policy`: the witnesses that the server goes by, and its quorum (C2SP tlog-policy).
pub(crate) async fn policy(State(app): State<App>, uri: Uri, Path(slug): Path<String>) -> Answer {
    no_query(&uri)?;
    let policy = app.room(&slug)?.house.vouching().policy;
    // Addresses are for those who ask witnesses, and may be nobody else's business.
    let policy = Policy::clone(&policy).without_urls().to_bytes();
    let file = [POLICY_REMARK.as_bytes(), &policy].concat();
    Ok(([(CONTENT_TYPE, TEXT), (CACHE_CONTROL, A_SECOND)], file).into_response())
}

/// `GET record/tile/…`: a tile of the tree or a bundle of entries.
pub(crate) async fn tile(
    State(app): State<App>,
    uri: Uri,
    Path((slug, path)): Path<(String, String)>,
) -> Answer {
    no_query(&uri)?;
    let house = &app.room(&slug)?.house;
    let path: FilePath = format!("tile/{path}").parse().map_err(|_| Problem::nowhere())?;
    let (full, bytes) = match path {
        FilePath::Tile(path) => (path.is_full(), hashes(house, path)?),
        FilePath::Bundle(path) => (path.is_full(), entries(house, path).await?),
    };
    let keep = if full { FOREVER } else { A_SECOND };
    Ok(([(CONTENT_TYPE, BYTES), (CACHE_CONTROL, keep)], bytes).into_response())
}

fn hashes(house: &House, path: TilePath) -> Result<Vec<u8>, Problem> {
    encode_tile(&house.read().tree, path).map_err(|_| Problem::nowhere())
}

pub(super) async fn entries(house: &House, path: BundlePath) -> Result<Vec<u8>, Problem> {
    // What is not committed is not there, and nobody reads the disk for it.
    if path.first_entry() + u64::from(path.width()) > house.read().state.size() {
        return Err(Problem::nowhere());
    }
    house.bundle(path).await?.ok_or_else(Problem::nowhere)
}

#[derive(Serialize)]
struct TextsJson {
    index: u64,
    texts: Map<String, Value>,
    /// What the record says about those of its texts that were erased.
    #[serde(skip_serializing_if = "Map::is_empty")]
    erased: Map<String, Value>,
}

/// `GET record/text/{index}`: the words kept beside an entry, with their salts.
pub(crate) async fn text(
    State(app): State<App>,
    uri: Uri,
    Path((slug, index)): Path<(String, String)>,
) -> Answer {
    no_query(&uri)?;
    let house = &app.room(&slug)?.house;
    let index = entry(house, &index)?;
    let texts = house.texts(index).await?;
    // Asked after the texts were read: what is erased meanwhile is not given away.
    let erasures: Vec<_> = {
        let live = house.read();
        Field::ALL.into_iter().filter_map(|field| Some((field, live.state.erasure(index, field)?))).collect()
    };
    let texts = texts.into_iter().filter(|(field, _)| !erasures.iter().any(|(gone, _)| gone == field));
    let texts = texts.map(|(field, opened)| {
        let words = serde_json::json!({ "salt": opened.salt.to_string(), "text": &*opened.text });
        (field.name().to_owned(), words)
    });
    let texts: Map<String, Value> = texts.collect();
    if let (true, Some((_, erasure))) = (texts.is_empty(), erasures.first()) {
        return Err(Problem::erased(format!(
            "The words of entry {index} were erased on {}: {}. Entry {} says so.",
            crate::when::absolute(erasure.at),
            erasure.ground.words(),
            erasure.entry
        )));
    }
    let erased = erasures
        .into_iter()
        .map(|(field, erasure)| Ok((field.name().to_owned(), serde_json::to_value(erasure)?)));
    let erased = erased.collect::<Result<_, serde_json::Error>>().map_err(|_| Problem::broken())?;
    let mut response = super::json(&TextsJson { index, texts, erased })?;
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static(A_SECOND));
    Ok(response)
}

/// `GET record/receipt/{index}`: the proof that an entry is on the record, to keep.
pub(crate) async fn receipt(
    State(app): State<App>,
    uri: Uri,
    Path((slug, index)): Path<(String, String)>,
) -> Answer {
    no_query(&uri)?;
    let house = &app.room(&slug)?.house;
    let index = entry(house, &index)?;
    let receipt = house.receipt(&house.read(), index).ok_or_else(Problem::nowhere)?;
    let name = format!("attachment; filename=\"receipt-{index}.txt\"");
    let headers =
        [(CONTENT_TYPE, TEXT.to_owned()), (CACHE_CONTROL, "no-store".into()), (CONTENT_DISPOSITION, name)];
    Ok((headers, receipt).into_response())
}

/// The index of an entry that exists.
pub(super) fn entry(house: &House, text: &str) -> Result<u64, Problem> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    let index: Option<u64> = text.parse().ok().filter(|_| plain);
    index.filter(|index| *index < house.read().state.size()).ok_or_else(Problem::nowhere)
}

fn no_query(uri: &Uri) -> Result<(), Problem> {
    if uri.query().is_some() { Err(Problem::no_query()) } else { Ok(()) }
}
