//! Receipts to look at and to print, and one's own all at once.

use super::mine::acts;
use super::{Answer, json, record, with_json};
use crate::app::App;
use crate::bundle::tar;
use crate::guard;
use crate::guest::Guest;
use crate::problem::Problem;
use crate::views::receipt::{Receipt, receipt as receipt_page};
use ::record::tile::{BundlePath, FULL_WIDTH, decode_bundle};
use assembly::Entry;
use axum::extract::{Path, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::{HeaderValue, Uri};
use axum::response::IntoResponse;
use serde::Serialize;
use store::House;

/// `GET receipt/{index}` and, with `.json`, its data.
pub(crate) async fn page(
    State(app): State<App>,
    uri: Uri,
    Path((slug, index)): Path<(String, String)>,
) -> Answer {
    let room = app.room(&slug)?;
    let house = &room.house;
    let (index, wants_json) = with_json(&index);
    let index = record::entry(house, index)?;
    let mut rows = Rows::default();
    let line = rows.line(house, index).await?;
    let at = Entry::decode(line.as_bytes(), &mut Vec::new()).map_err(|_| Problem::broken())?.at;
    let live = house.read();
    let text = house.receipt(&live, index).ok_or_else(Problem::nowhere)?;
    // Not always the newest: one that witnesses have cosigned is worth more.
    let proof: ::record::receipt::Receipt = text.parse().map_err(|_| Problem::broken())?;
    let head = proof.checkpoint();
    let root = head.checkpoint().root().to_string();
    let key = house.key();
    let receipt = Receipt {
        index,
        at,
        line: &line,
        text: &text,
        origin: house.origin(),
        size: head.checkpoint().size(),
        root: &root,
        key: &key,
    };
    let mut answer = if wants_json {
        json(&ReceiptJson::of(&receipt))?
    } else {
        guard::page(receipt_page(&app.frame(uri.path(), room, &live.state), &receipt))
    };
    answer.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(answer)
}

#[derive(Serialize)]
struct ReceiptJson<'a> {
    entry: u64,
    at: u64,
    line: &'a str,
    receipt: &'a str,
    origin: &'a str,
    size: u64,
    root: &'a str,
    key: &'a str,
}

impl<'a> ReceiptJson<'a> {
    fn of(receipt: &Receipt<'a>) -> Self {
        let Receipt { index, at, line, text, origin, size, root, key } = *receipt;
        Self { entry: index, at, line, receipt: text, origin, size, root, key }
    }
}

const ALL_README: &str = "Your receipts, one for each of your acts on this record, with the entries they are about.\n\
    \n\
    A receipt proves, without the server, that an entry stands on the record. It does not say what the entry says;\n\
    the entry does. The files entry-… say how you answered: show them only to people who may know.\n\
    \n\
    To check one without a network, on a computer with Veche:\n\
    \n    \
    veche verify-receipt receipt-12.txt --entry entry-12.txt --key \"$(cat key.txt)\"\n\
    \n\
    Compare the key with one you have from elsewhere: a printed page, a mirror, another member.\n";

/// `GET me/receipts.tar`: the receipts of one's own acts, with their entries.
pub(crate) async fn all(State(app): State<App>, Path(slug): Path<String>, guest: Guest) -> Answer {
    let house = &app.room(&slug)?.house;
    let own = acts(house, &guest);
    if own.is_empty() {
        return Err(Problem::nowhere());
    }
    let (mut rows, mut lines) = (Rows::default(), Vec::new());
    for index in own {
        lines.push((index, rows.line(house, index).await?));
    }
    let mut archive = Vec::new();
    let mut put = |name: &str, bytes: &[u8], at: u64| {
        archive.extend(tar::file(&format!("receipts/{name}"), bytes, at / 1_000).unwrap_or_default());
    };
    // All against one head, so that they can be compared with one another; against a newer one only where no witness has
    // cosigned one yet that covers the entry.
    let live = house.read();
    let now = live.state.at();
    put("README.txt", ALL_README.as_bytes(), now);
    put("key.txt", format!("{}\n", house.key()).as_bytes(), now);
    for (index, line) in lines {
        let receipt = house.receipt(&live, index).ok_or_else(Problem::broken)?;
        put(&format!("receipt-{index}.txt"), receipt.as_bytes(), now);
        put(&format!("entry-{index}.txt"), line.as_bytes(), now);
    }
    drop(live);
    archive.extend(tar::END);
    let headers = [
        (CONTENT_TYPE, "application/x-tar".to_owned()),
        (CACHE_CONTROL, "no-store".into()),
        (CONTENT_DISPOSITION, format!("attachment; filename=\"{slug}-receipts.tar\"")),
    ];
    Ok(guest.dress((headers, archive).into_response()))
}

/// Reads entries, keeping the row read last: one's own acts often stand side by side.
#[derive(Default)]
struct Rows(Option<(BundlePath, Vec<u8>)>);

impl Rows {
    /// An entry that exists, as text.
    async fn line(&mut self, house: &House, index: u64) -> Result<String, Problem> {
        let (row, place) = (index / u64::from(FULL_WIDTH), (index % u64::from(FULL_WIDTH)) as u16);
        let kept = self.0.take().filter(|(path, _)| path.index() == row && path.width() > place);
        let (path, bytes) = match kept {
            Some(kept) => kept,
            None => {
                let size = house.read().state.size();
                // At most 256, which fits.
                let width = (size - row * u64::from(FULL_WIDTH)).min(FULL_WIDTH.into()) as u16;
                let path = BundlePath::new(row, width).map_err(|_| Problem::nowhere())?;
                (path, record::entries(house, path).await?)
            }
        };
        let entries = decode_bundle(&bytes, path.width()).map_err(|_| Problem::broken())?;
        let line = entries.get(usize::from(place)).and_then(|entry| std::str::from_utf8(entry).ok());
        let line = line.map(str::to_owned).ok_or_else(Problem::broken)?;
        self.0 = Some((path, bytes));
        Ok(line)
    }
}
