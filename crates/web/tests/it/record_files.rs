use crate::house::{Server, server};
use axum::http::StatusCode;
use record::{Hash, leaf_hash};

async fn entries(server: &Server, path: &str) -> Vec<Vec<u8>> {
    let answer = server.get(path).await;
    assert_eq!(answer.status, StatusCode::OK, "{path}");
    let mut rest = &answer.bytes[..];
    let mut entries = Vec::new();
    while let Some((length, after)) = rest.split_first_chunk::<2>() {
        let (entry, after) = after.split_at(usize::from(u16::from_be_bytes(*length)));
        entries.push(entry.to_vec());
        rest = after;
    }
    entries
}

#[tokio::test]
async fn the_files_are_those_of_the_specification() {
    let server = server().await;
    let size = server.size();
    assert!(size > 256, "{size}");
    let checkpoint = server.get("/garden/record/checkpoint").await;
    assert_eq!(checkpoint.header("content-type"), "text/plain; charset=utf-8");
    assert_eq!(checkpoint.header("cache-control"), "public, max-age=1");
    assert!(checkpoint.text().starts_with(&format!("127.0.0.1:8080/garden/record\n{size}\n")));

    let full = server.get("/garden/record/tile/0/000").await;
    assert_eq!(full.bytes.len(), 256 * 32);
    assert_eq!(full.header("content-type"), "application/octet-stream");
    assert_eq!(full.header("cache-control"), "public, max-age=31536000, immutable");
    let bundle = entries(&server, "/garden/record/tile/entries/000").await;
    assert_eq!(bundle.len(), 256);
    assert!(bundle[0].starts_with(br#"{"v":1,"at":"#));
    for (entry, hash) in bundle.iter().zip(full.bytes.chunks(32)) {
        let Hash(ours) = leaf_hash(entry);
        assert_eq!(ours, hash);
    }

    let width = size - 256;
    assert_eq!(
        entries(&server, &format!("/garden/record/tile/entries/001.p/{width}")).await.len() as u64,
        width
    );
    assert_eq!(entries(&server, "/garden/record/tile/entries/001.p/1").await.len(), 1);
    let partial = server.get(&format!("/garden/record/tile/0/001.p/{width}")).await;
    assert_eq!(partial.bytes.len() as u64, width * 32);
    assert_ne!(partial.header("cache-control"), "public, max-age=31536000, immutable");
    assert_eq!(server.get("/garden/record/tile/1/000.p/1").await.bytes.len(), 32);
}

#[tokio::test]
async fn what_is_not_there_or_not_named_right_is_not_found() {
    let server = server().await;
    let width = server.size() - 256 + 1;
    for path in [
        "tile/0/002",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/0",
        "tile/0/x000/000",
        "tile/00/000",
        "tile/9/000",
        "tile/entries/002",
        "tile/entries/000.p",
        "tile/entries/-01",
        "tile/x/000",
        "tile/0/001",
        "tile/entries/001",
        "tile/0/000/",
        "tile/0//000",
        "text/999999",
        "text/x",
        "text/00",
        "receipt/999999",
        "receipt/-1",
        "receipt/1.txt",
        &format!("tile/entries/001.p/{width}"),
        &format!("tile/0/001.p/{width}"),
        "tile/0/%2e%2e/000",
        "tile",
    ] {
        let answer = server.get(&format!("/garden/record/{path}")).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn record_addresses_take_no_query() {
    let server = server().await;
    for path in ["checkpoint?", "checkpoint?a=b", "tile/0/000?v=2", "text/0?x", "receipt/0?x", "key?x"] {
        let answer = server.get(&format!("/garden/record/{path}")).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{path}");
        assert!(answer.text().contains("take nothing behind a question mark"));
    }
}

#[tokio::test]
async fn texts_come_with_their_salts() {
    let server = server().await;
    let texts = server.get("/garden/record/text/2").await;
    let json = texts.json();
    assert_eq!(json["index"], 2);
    assert_eq!(json["texts"]["title"]["text"], "Whose courtyard is it?");
    assert_eq!(json["texts"]["title"]["salt"].as_str().unwrap().len(), 43);
    assert_eq!(json["texts"]["why"]["text"], "The paving is worn out.");
    assert_eq!(server.get("/garden/record/text/1").await.text(), r#"{"index":1,"texts":{}}"#);
    let key = server.get("/garden/record/key").await;
    assert!(key.text().starts_with("127.0.0.1:8080/garden/record+"));
}
