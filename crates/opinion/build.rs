//! Says whether the real data is here, so that tests that need it are ignored, not passed, without it.

use std::{env, path::PathBuf};

fn main() {
    println!("cargo::rustc-check-cfg=cfg(veche_data)");
    println!("cargo::rerun-if-env-changed=VECHE_DATA");
    let folder = env::var_os("VECHE_DATA").map(PathBuf::from).or_else(|| {
        let here = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR")?);
        Some(here.join("../../../shared/data"))
    });
    if let Some(folder) = folder
        && folder.join("polis").is_dir()
    {
        println!("cargo::rustc-cfg=veche_data");
        println!("cargo::rustc-env=VECHE_DATA_FOLDER={}", folder.display());
    }
}
