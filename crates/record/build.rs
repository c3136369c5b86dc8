//! Tells the tests whether the shared test data is there, so that those that need it are reported as
//! ignored where it is not.

use std::env;
use std::path::PathBuf;

fn main() {
    println!("cargo::rustc-check-cfg=cfg(veche_data)");
    println!("cargo::rerun-if-env-changed=VECHE_DATA");
    let beside =
        || env::var_os("CARGO_MANIFEST_DIR").map(|dir| PathBuf::from(dir).join("../../../shared/data"));
    let Some(data) = env::var_os("VECHE_DATA").map(PathBuf::from).or_else(beside) else {
        return;
    };
    if data.join("record").is_dir() {
        // Only where it is there: a path that is missing makes Cargo build everything anew every time.
        println!("cargo::rerun-if-changed={}", data.join("record").display());
        println!("cargo::rustc-cfg=veche_data");
        println!("cargo::rustc-env=VECHE_DATA_FOUND={}", data.display());
    }
}
