//! Style sheet, scripts and mark: embedded in the program, under names that change with their content,
//! so that browsers may keep them for ever.

use axum::body::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use rust_embed::RustEmbed;
use std::collections::BTreeMap;
use std::io::Write as _;

#[derive(RustEmbed)]
#[folder = "assets/"]
struct Embedded;

/// All assets, by the name they are served under.
pub(crate) struct Assets {
    files: BTreeMap<String, Asset>,
    /// From the name in the source to the name served.
    names: BTreeMap<String, String>,
}

/// One asset, twice: as it is, and smaller for browsers that can unpack it.
pub(crate) struct Asset {
    pub kind: &'static str,
    pub plain: Bytes,
    pub packed: Bytes,
}

impl Assets {
    /// Reads what is embedded.
    pub fn load() -> Self {
        let mut assets = Self { files: BTreeMap::new(), names: BTreeMap::new() };
        for name in Embedded::iter() {
            let Some(file) = Embedded::get(&name) else { continue };
            let (stem, extension) = name.rsplit_once('.').unwrap_or((&name, ""));
            let digest = file.metadata.sha256_hash();
            let digest: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
            let served = format!("{stem}-{digest}.{extension}");
            let asset = Asset {
                kind: kind(extension),
                packed: pack(&file.data),
                plain: Bytes::from(file.data.into_owned()),
            };
            assets.files.insert(served.clone(), asset);
            assets.names.insert(name.into_owned(), format!("/assets/{served}"));
        }
        assets
    }

    /// The asset served under `name`.
    pub fn get(&self, name: &str) -> Option<&Asset> {
        self.files.get(name)
    }

    /// The address of an asset of ours.
    pub fn address(&self, name: &str) -> &str {
        self.names.get(name).map_or("", String::as_str)
    }
}

fn kind(extension: &str) -> &'static str {
    match extension {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        _ => "application/octet-stream",
    }
}

/// Gzip; what does not get smaller is left empty.
fn pack(data: &[u8]) -> Bytes {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    let packed = encoder.write_all(data).and_then(|()| encoder.finish());
    match packed {
        Ok(packed) if packed.len() < data.len() => Bytes::from(packed),
        _ => Bytes::new(),
    }
}
