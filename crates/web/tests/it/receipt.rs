//! Receipts to print and scan, one's own all at once, and the record as one file.

use crate::house::{Server, server, with};
use axum::http::StatusCode;
use record::policy::Policy;
use record::receipt::Receipt;
use web::bundle::tar::{self, BLOCK, END};

/// What a reader of QR codes finds in the picture on a page.
fn scanned(page: &str) -> String {
    let start = page.find("<svg class=\"qr\"").expect("a code");
    let svg = &page[start..start + page[start..].find("</svg>").expect("its end")];
    let after = |word: &str| &svg[svg.find(word).expect(word) + word.len()..];
    let side: usize = after("viewBox=\"0 0 ").split(' ').next().unwrap().parse().unwrap();
    let path = after("<path d=\"").split('"').next().unwrap();
    let mut dark = vec![false; side * side];
    for stroke in path.split('M').filter(|stroke| !stroke.is_empty()) {
        let numbers: Vec<usize> =
            stroke.split([' ', 'h', 'v', '-', 'z']).filter_map(|number| number.parse().ok()).collect();
        let [x, y, length, 1, back, ..] = numbers[..] else { panic!("{stroke}") };
        assert_eq!(length, back);
        dark[y * side + x..][..length].fill(true);
    }
    const SCALE: usize = 4;
    let mut picture = rqrr::PreparedImage::prepare_from_greyscale(side * SCALE, side * SCALE, |x, y| {
        if dark[y / SCALE * side + x / SCALE] { 0 } else { 255 }
    });
    let grids = picture.detect_grids();
    assert_eq!(grids.len(), 1, "one code");
    grids[0].decode().expect("readable").1
}

/// The files of an archive.
fn files(archive: &[u8]) -> Vec<(String, Vec<u8>)> {
    let (mut found, mut rest) = (Vec::new(), archive);
    while let Some(header) = rest.first_chunk::<BLOCK>().and_then(tar::read) {
        let length = usize::try_from(header.size).unwrap();
        found.push((header.name, rest[BLOCK..BLOCK + length].to_vec()));
        rest = &rest[BLOCK + length.next_multiple_of(BLOCK)..];
    }
    assert_eq!(rest, END);
    found
}

fn policy(server: &Server) -> Policy {
    Policy::new(server.house.key().parse().unwrap(), Vec::new(), 0).unwrap()
}

#[tokio::test]
async fn a_receipt_is_printed_with_a_code_that_holds_it_and_without_the_answer() {
    let server = server().await;
    let cookie = server.cookie().await;
    let answer =
        server.post_json("/garden/q/1/respond", &cookie, "statement=1&response=disagree").await.json();
    let entry = answer["entry"].as_u64().unwrap();
    let path = format!("/garden/receipt/{entry}");
    let page = server.get(&path).await;
    assert_eq!((page.status, page.header("cache-control")), (StatusCode::OK, "no-store"));

    let text = scanned(page.text());
    let downloaded = server.get(&format!("/garden/record/receipt/{entry}")).await;
    assert_eq!(text, downloaded.text());
    let data = server.get(&format!("{path}.json")).await.json();
    let line = data["line"].as_str().unwrap();
    assert!(line.contains("\"response\":\"disagree\""), "{line}");
    text.parse::<Receipt>().unwrap().verify(line.as_bytes(), &policy(&server)).unwrap();
    assert_eq!(data["receipt"].as_str(), Some(&*text));

    // How somebody answered stands in one place, folded away.
    let told: Vec<_> = page.text().match_indices("disagree").map(|(at, _)| at).collect();
    let folded = page.text().find("<summary>What the entry says</summary>").unwrap();
    let end = folded + page.text()[folded..].find("</details>").unwrap();
    assert!(told.len() == 1 && (folded..end).contains(&told[0]), "{told:?}");
    assert!(
        !page.text()[..folded].rsplit("<details").next().unwrap().split('>').next().unwrap().contains("open")
    );

    for nothing in ["999999", "-1", "01", "x"] {
        let answer = server.get(&format!("/garden/receipt/{nothing}")).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{nothing}");
    }
}

#[tokio::test]
async fn all_receipts_of_ones_own_come_in_one_file() {
    let server = server().await;
    let cookie = server.cookie().await;
    assert_eq!(server.get_as("/garden/me/receipts.tar", &cookie).await.status, StatusCode::NOT_FOUND);
    server.post("/garden/q/1/respond", &cookie, "statement=1&response=agree").await;
    server.post("/garden/q/1/respond", &cookie, "statement=2&response=pass").await;
    server.post("/garden/q/1/state", &cookie, "text=Benches+would+help.").await;
    let other = server.cookie().await;
    server.post("/garden/q/1/respond", &other, "statement=3&response=agree").await;

    let archive = server.get_as("/garden/me/receipts.tar", &cookie).await;
    assert_eq!(archive.header("content-type"), "application/x-tar");
    let files = files(&archive.bytes);
    let named = |name: &str| {
        let found = files.iter().find(|(has, _)| *has == format!("receipts/{name}"));
        String::from_utf8(found.expect(name).1.clone()).unwrap()
    };
    let policy = Policy::new(named("key.txt").trim().parse().unwrap(), Vec::new(), 0).unwrap();
    let mut proven = Vec::new();
    for (name, bytes) in &files {
        let Some(index) = name.strip_prefix("receipts/receipt-").and_then(|rest| rest.strip_suffix(".txt"))
        else {
            continue;
        };
        let receipt: Receipt = String::from_utf8(bytes.clone()).unwrap().parse().unwrap();
        let entry = named(&format!("entry-{index}.txt"));
        receipt.verify(entry.as_bytes(), &policy).unwrap();
        proven.push(entry);
    }
    assert_eq!(proven.len(), 3, "{proven:?}");
    assert!(proven[0].contains("\"statement\":1") && proven[2].contains("talk.stated"), "{proven:?}");
    let page = server.get_as("/garden/me", &cookie).await;
    assert!(page.text().contains("Download all your receipts"));
    assert_eq!(page.text().matches("/garden/receipt/").count(), 3);
}

#[tokio::test]
async fn the_record_is_taken_away_as_one_file_within_limits() {
    let server = server().await;
    let whole = server.get("/garden/bundle.tar").await;
    assert_eq!((whole.status, whole.header("content-type")), (StatusCode::OK, "application/x-tar"));
    assert_eq!(whole.header("content-disposition"), "attachment; filename=\"garden.tar\"");
    assert_eq!(whole.header("cache-control"), "no-store");
    let one = server.get("/garden/q/2/bundle.tar").await;
    let (whole, one) = (files(&whole.bytes), files(&one.bytes));
    let texts =
        |files: &[(String, Vec<u8>)]| files.iter().filter(|(name, _)| name.contains("/text/")).count();
    // The name of the assembly, then for each question its words, and its statements.
    assert_eq!((texts(&whole), texts(&one)), (1 + 1 + 6 + 1 + 1, 1 + 1 + 1));
    let rows = |files: &[(String, Vec<u8>)]| files.iter().filter(|(name, _)| name.contains("/tile/")).count();
    assert_eq!(rows(&whole), rows(&one));
    for nothing in ["/garden/q/9/bundle.tar", "/nobody/bundle.tar"] {
        assert_eq!(server.get(nothing).await.status, StatusCode::NOT_FOUND, "{nothing}");
    }
    for page in ["/garden", "/garden/q/1/check"] {
        assert!(server.get(page).await.text().contains("bundle.tar\" download"), "{page}");
    }

    let full = with(|config| config.limits.bundles = 0).await;
    let refused = full.get("/garden/bundle.tar").await;
    assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(refused.text().contains("Too many people take the record away"), "{}", refused.text());
}
