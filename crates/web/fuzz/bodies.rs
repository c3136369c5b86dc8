//! What is fuzzed. The ordinary tests run the same function over the corpus (`tests/it/archive.rs`).

#![allow(missing_docs, clippy::unwrap_used, reason = "test code")]

use record::checkpoint::SignedCheckpoint;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use web::bundle::archive::Archive;
use web::bundle::tar::{self, BLOCK, END};
use web::bundle::{ABOUT, CHECKPOINT, FOLDER, README, RESULTS};

/// A file in an input starts with a line of this and its name.
const FILE: &[u8] = b"=== ";

/// An archive as it is, or files to be packed. Chance does not find the sums in headers and the digests in
/// `bundle.json`: for files they are made right, so that what lies behind them is reached.
pub fn archive(data: &[u8]) {
    if !data.starts_with(FILE) {
        return opened(data);
    }
    let mut files: Vec<(String, Vec<u8>)> = Vec::new();
    for line in data.split_inclusive(|&byte| byte == b'\n') {
        match (line.strip_prefix(FILE), files.last_mut()) {
            (Some(name), _) => files.push((String::from_utf8_lossy(name).trim().to_owned(), Vec::new())),
            (None, Some((_, bytes))) => bytes.extend_from_slice(line),
            (None, None) => {}
        }
    }
    let about = about(&files).map(|about| (ABOUT.to_owned(), about));
    let mut packed = Vec::new();
    for (name, bytes) in files.iter().chain(&about) {
        packed.extend(tar::file(&format!("{FOLDER}{name}"), bytes, 0).unwrap_or_default());
    }
    packed.extend(END);
    opened(&packed);
}

/// `bundle.json` for these files, if they hold none and have a head that can be read.
fn about(files: &[(String, Vec<u8>)]) -> Option<Vec<u8>> {
    let find = |called: &str| files.iter().find(|(name, _)| name == called).map(|(_, bytes)| &bytes[..]);
    let head = SignedCheckpoint::from_bytes(find(CHECKPOINT)?).ok()?;
    let head = head.checkpoint();
    let hex = |bytes| Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let about = format!(
        "{{\"format\":\"veche/bundle/v1\",\"origin\":{},\"size\":{},\"root\":{},\"question\":null,\"readme\":{},\"results\":{}}}",
        json!(head.origin()),
        head.size(),
        json!(head.root().to_string()),
        json!(hex(find(README)?)),
        find(RESULTS).map_or(Value::Null, |results| json!(hex(results))),
    );
    find(ABOUT).is_none().then(|| about.into_bytes())
}

/// Every byte of an archive that is accepted belongs to one file that can be read, to its header, or to the zeros
/// behind it. One byte less, or one more, and it is refused.
fn opened(bytes: &[u8]) {
    let archive = match Archive::open(bytes) {
        Ok(archive) => archive,
        Err(sentence) => return assert!(sentence.ends_with('.'), "{sentence}"),
    };
    let length = |name| archive.read(name).unwrap().unwrap().len().next_multiple_of(BLOCK);
    assert_eq!(archive.names().map(|name| BLOCK + length(name)).sum::<usize>() + END.len(), bytes.len());
    let (_, cut) = bytes.split_last().unwrap();
    assert!(Archive::open(cut).is_err() && Archive::open(&*[bytes, &[0]].concat()).is_err());
}
