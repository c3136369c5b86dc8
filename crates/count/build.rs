//! Tells the tests whether the real elections are at hand, so that they are reported as ignored
//! where they are not, and never as passed.

use std::path::PathBuf;

fn main() {
    println!("cargo::rustc-check-cfg=cfg(veche_data)");
    println!("cargo::rerun-if-env-changed=VECHE_DATA");
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let folder = std::env::var_os("VECHE_DATA").map_or(beside, PathBuf::from);
    if folder.join("elections").is_dir() {
        // Only where it is there: a path that is missing makes Cargo build everything anew every time.
        println!("cargo::rerun-if-changed={}", folder.display());
        println!("cargo::rustc-cfg=veche_data");
        println!("cargo::rustc-env=VECHE_DATA_FOUND={}", folder.display());
    }
}
