//! Where the real elections are. Only compiled in where build.rs found them.

use count::files::{Read, read, wanted};
use count::{Election, Refusal, Rule};
use std::path::{Path, PathBuf};

/// The folder of real elections.
pub fn elections() -> PathBuf {
    PathBuf::from(option_env!("VECHE_DATA_FOUND").unwrap_or("")).join("elections")
}

/// Files of one kind in a folder, in order.
pub fn files(folder: &str, extension: &str) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir(elections().join(folder))
        .unwrap()
        .flatten()
        .map(|e| e.path())
        .filter(|p| p.extension().is_some_and(|e| e == extension))
        .collect();
    found.sort();
    found
}

/// The text of the one file with these votes.
pub fn write(name: &str, election: &Election, rule: Option<&Rule>) -> Result<String, Refusal> {
    let mut files = count::files::write(name, election, rule)?;
    assert_eq!(files.len(), 1, "{name}");
    Ok(files.remove(0).1)
}

/// Reads a file and what stands beside it.
pub fn open(path: &Path) -> Read {
    let bytes = std::fs::read(path).unwrap();
    let name = path.file_name().unwrap().to_str().unwrap();
    let folder = path.parent().unwrap();
    let beside: Vec<(String, Vec<u8>)> = wanted(name, &bytes)
        .into_iter()
        .filter_map(|names| {
            names.into_iter().find_map(|n| Some((n.clone(), std::fs::read(folder.join(n)).ok()?)))
        })
        .collect();
    read(name, &bytes, &beside).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// Unpacks an archive of the data into a folder of its own for this test run and returns that folder.
pub fn unpacked(archive: &str) -> PathBuf {
    let archive = elections().join(archive);
    let stem = archive.file_stem().unwrap().to_str().unwrap().to_owned();
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{stem}-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let done =
        std::process::Command::new("tar").arg("xzf").arg(&archive).arg("-C").arg(&folder).status().unwrap();
    assert!(done.success(), "{} could not be unpacked", archive.display());
    folder
}
