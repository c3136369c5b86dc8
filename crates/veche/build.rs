//! Says whether the real data is here, and whether a small disk can be mounted, so that tests that need one of them
//! are ignored, not passed, without it.

use std::process::{Command, Stdio};
use std::{env, path::PathBuf};

fn main() {
    small_disk();
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

/// A disk of a few megabytes, in memory, that only the test itself sees (`unshare`): as root, or as anybody where the
/// system lets everybody have namespaces.
fn small_disk() {
    println!("cargo::rustc-check-cfg=cfg(veche_mounts)");
    println!("cargo::rerun-if-changed=build.rs");
    let Some(folder) = env::var_os("OUT_DIR") else { return };
    let works = |flags: &&'static str| {
        let mut mount = Command::new("unshare");
        mount.args([flags, "mount", "-t", "tmpfs", "none"]).arg(&folder);
        mount.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
    };
    if let Some(flags) = ["-m", "-rm"].into_iter().find(works) {
        println!("cargo::rustc-cfg=veche_mounts");
        println!("cargo::rustc-env=VECHE_UNSHARE={flags}");
    }
}
