//! What ARCHITECTURE.md promises and a test can check: arrows point one way, the engines stay pure, each
//! room has its licence, the tree of dependencies stays small, and every table of the vault says how it
//! is erased.

use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const PERMISSIVE: &str = "MIT OR Apache-2.0";
const COPYLEFT: &str = "AGPL-3.0-or-later";

/// A crate of the workspace.
struct Room {
    name: &'static str,
    /// A room may use rooms of lower levels only, so those of one level do not know each other.
    level: u8,
    licence: &'static str,
    /// For the pure ones, all that they may use from outside: nothing in it does I/O, reads a clock or
    /// draws randomness on its own.
    pure: Option<&'static [&'static str]>,
}

const ROOMS: &[Room] = &[
    Room {
        name: "record",
        level: 0,
        licence: PERMISSIVE,
        pure: Some(&["base64", "ed25519-dalek", "serde", "sha2", "thiserror"]),
    },
    Room {
        name: "opinion",
        level: 0,
        licence: PERMISSIVE,
        pure: Some(&["libm", "rayon", "serde", "serde_json", "sha2"]),
    },
    Room {
        name: "count",
        level: 0,
        licence: PERMISSIVE,
        pure: Some(&[
            "num-bigint",
            "num-integer",
            "num-rational",
            "num-traits",
            "serde",
            "serde_json",
            "sha2",
            "thiserror",
        ]),
    },
    Room {
        name: "assembly",
        level: 1,
        licence: COPYLEFT,
        pure: Some(&["serde", "serde_json", "sha2", "thiserror"]),
    },
    Room { name: "store", level: 2, licence: COPYLEFT, pure: None },
    Room { name: "web", level: 3, licence: COPYLEFT, pure: None },
    Room { name: "veche", level: 4, licence: COPYLEFT, pure: None },
];

/// What is kept to some rooms, so that the others need not know it exists. `veche` measures SQLite on its
/// own, as the limit of what `store` can reach.
const KEPT_TO: &[(&str, &[&str])] =
    &[("axum", &["web"]), ("hyper", &["web"]), ("maud", &["web"]), ("rusqlite", &["store", "veche"])];

/// What would let the machine, the hour or chance into a pure room. The functions of `f64` listed here
/// come from the platform's mathematics library and differ between platforms; the crate libm does not.
const IMPURE: &[&str] = &[
    "std::fs",
    "std::net",
    "std::env",
    "std::process",
    "std::io::std",
    "std::thread",
    "SystemTime",
    "Instant",
    "thread_rng",
    "use rand",
    "getrandom",
    "OsRng",
    "RandomState",
    "async fn",
    "println!",
    "eprint",
    ".exp()",
    ".exp2()",
    ".ln()",
    ".ln_1p()",
    ".log2()",
    ".log10()",
    ".powf(",
    ".sin()",
    ".cos()",
    ".tan()",
    ".tanh()",
    ".cbrt()",
];

/// The same modules of `std`, when they are imported as a group: `use std::{fs, …}`.
const IMPURE_MODULES: &[&str] = &["fs", "net", "env", "process", "thread"];

/// The ceiling on the packages in Cargo.lock, those of tests included. Whoever needs more raises it in the
/// commit that adds them, with the reason: every package is somebody who must be trusted.
const MOST_PACKAGES: usize = 280;

/// Tables that hold the record itself or what follows from it. All others belong to the vault.
const RECORD_TABLES: &[&str] =
    &["assembly", "signed_head", "cosigned_head", "tile", "bundle", "text", "snapshot"];

#[test]
fn arrows_point_one_way() {
    let mut wrong = Vec::new();
    for package in packages() {
        let room = room(&package);
        for used in dependencies(&package, |_| true) {
            if let Some(other) = ROOMS.iter().find(|other| other.name == used)
                && other.level >= room.level
            {
                wrong.push(format!("{} uses {}, which stands beside or above it.", room.name, other.name));
            }
        }
        for (kept, rooms) in KEPT_TO {
            if dependencies(&package, |kind| kind != "dev").contains(*kept) && !rooms.contains(&room.name) {
                wrong.push(format!("{} uses {kept}, which is kept to {}.", room.name, rooms.join(" and ")));
            }
        }
    }
    agree(&wrong, "See “Rooms” in ARCHITECTURE.md.");
}

#[test]
fn pure_rooms_use_only_what_is_pure() {
    let mut wrong = Vec::new();
    for package in packages() {
        let room = room(&package);
        let Some(may_use) = room.pure else { continue };
        for used in dependencies(&package, |kind| kind != "dev") {
            if !may_use.contains(&&*used) && ROOMS.iter().all(|other| other.name != used) {
                wrong.push(format!("{} uses {used}.", room.name));
            }
        }
    }
    agree(&wrong, "If it does no I/O, reads no clock and draws no randomness, add it to ROOMS in this test.");
}

#[test]
fn pure_rooms_do_nothing_impure() {
    let mut wrong = Vec::new();
    for room in ROOMS.iter().filter(|room| room.pure.is_some()) {
        for file in files(&root().join("crates").join(room.name).join("src"), "rs") {
            for (line, words) in impure(&read(&file)) {
                wrong.push(format!("{}:{line} has {words}.", file.display()));
            }
        }
    }
    agree(&wrong, "Take what you need as a parameter; for exp and ln use the crate libm.");
}

#[test]
fn impure_lines_are_found() {
    let found = |source: &str| impure(source).into_iter().map(|(line, _)| line).collect::<Vec<_>>();
    assert_eq!(found("use std::fmt;\nlet now = std::time::Instant::now();"), [2]);
    assert_eq!(found("use std::{\n    fmt,\n    fs::File,\n};"), [3]);
    assert_eq!(found("// Reads no std::fs.\n/// Nor SystemTime.\nuse std::{fmt, io};"), [0usize; 0]);
    assert_eq!(found("let x = y.ln() + libm::log(y);"), [1]);
}

#[test]
fn each_room_has_its_licence() {
    let mut wrong = Vec::new();
    for package in packages() {
        let room = room(&package);
        if package["license"] != room.licence {
            wrong.push(format!("{} is under {}, not {}.", room.name, package["license"], room.licence));
        }
        for file in ["LICENSE-MIT", "LICENSE-APACHE"] {
            if room.licence == PERMISSIVE && !root().join("crates").join(room.name).join(file).is_file() {
                wrong.push(format!("crates/{}/{file} is missing.", room.name));
            }
        }
    }
    let agpl = read(&root().join("LICENSE"));
    if !agpl.trim_start().starts_with("GNU AFFERO GENERAL PUBLIC LICENSE") {
        wrong.push("LICENSE is not the GNU Affero General Public License.".into());
    }
    agree(&wrong, "See LICENSES.md for which room has which licence, and why.");
}

#[test]
fn the_tree_of_dependencies_stays_small() {
    let lock = read(&root().join("Cargo.lock"));
    let packages = lock.lines().filter(|line| *line == "[[package]]").count();
    assert!(
        packages <= MOST_PACKAGES,
        "Cargo.lock holds {packages} packages, more than the ceiling of {MOST_PACKAGES}. Do without the new ones, or \
         raise the ceiling in this test and say in the commit what they are needed for."
    );
}

#[test]
fn every_table_of_the_vault_says_how_it_is_erased() {
    let mut wrong = Vec::new();
    let migrations = files(&root().join("crates/store/src/migrations"), "sql");
    assert!(!migrations.is_empty(), "There are no migrations in crates/store/src/migrations.");
    for file in migrations {
        for (table, comment) in tables(&read(&file)) {
            if RECORD_TABLES.contains(&&*table) {
                continue;
            }
            for word in ["Vault.", "Erasure:"] {
                if !comment.contains(word) {
                    wrong.push(format!("{}: the comment above {table} has no “{word}”.", file.display()));
                }
            }
        }
    }
    agree(
        &wrong,
        "A table that is not the record's is the vault's, and says above it when its rows are erased.",
    );
}

/// Whoever types `cargo bench` at the root sees the speed figures.
#[test]
fn cargo_bench_has_something_to_measure() {
    let veche = packages().into_iter().find(|package| package["name"] == "veche").expect("the program");
    let targets = veche["targets"].as_array().expect("a package has targets");
    assert!(targets.iter().any(|target| target["kind"][0] == "bench" && target["name"] == "opinion"));
}

#[test]
fn the_map_of_the_house_names_every_room() {
    let map = read(&root().join("ARCHITECTURE.md"));
    let mut wrong = Vec::new();
    for package in packages() {
        let name = room(&package).name;
        if !map.contains(&format!("`{name}`")) {
            wrong.push(format!("ARCHITECTURE.md does not name `{name}`."));
        }
    }
    agree(&wrong, "Say there what the room is for, and what it is not.");
}

fn agree(wrong: &[String], what_to_do: &str) {
    assert!(wrong.is_empty(), "{}\n{what_to_do}", wrong.join("\n"));
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{} cannot be read: {error}.", path.display()))
}

/// The packages of the workspace, as `cargo metadata` describes them.
fn packages() -> Vec<Value> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(root())
        .output()
        .expect("cargo can be started");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("cargo metadata prints JSON");
    metadata["packages"].as_array().expect("a workspace has packages").clone()
}

fn room(package: &Value) -> &'static Room {
    let name = package["name"].as_str().expect("a package has a name");
    ROOMS.iter().find(|room| room.name == name).unwrap_or_else(|| {
        panic!("The crate {name} has no place yet. Say in ROOMS where it stands, and in ARCHITECTURE.md what it is for.")
    })
}

/// What a package depends on, where the kind (`normal`, `dev` or `build`) is one that is asked for.
fn dependencies(package: &Value, kind: impl Fn(&str) -> bool) -> BTreeSet<String> {
    let all = package["dependencies"].as_array().expect("a package has dependencies");
    let asked = all.iter().filter(|one| kind(one["kind"].as_str().unwrap_or("normal")));
    asked.filter_map(|one| one["name"].as_str()).map(str::to_owned).collect()
}

/// All files with that ending in a folder and the folders in it; none if there is no such folder.
fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut found = Vec::new();
    for path in entries.map(|entry| entry.expect("a folder can be listed").path()) {
        if path.is_dir() {
            found.extend(files(&path, ending));
        } else if path.extension().is_some_and(|extension| extension == ending) {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// The lines of a source, comments left out, that have impure words, and which.
fn impure(source: &str) -> Vec<(usize, &'static str)> {
    let mut found = Vec::new();
    let mut in_group = false;
    for (line, code) in (1..).zip(source.lines().map(|line| line.split("//").next().unwrap_or_default())) {
        found.extend(IMPURE.iter().filter(|words| code.contains(**words)).map(|words| (line, *words)));
        in_group |= code.contains("use std::{");
        if in_group {
            let names: Vec<&str> = code.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
            found.extend(IMPURE_MODULES.iter().filter(|name| names.contains(name)).map(|name| (line, *name)));
            in_group = !code.contains(';');
        }
    }
    found
}

/// The tables a migration makes, each with the comment above it.
fn tables(migration: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut comment = String::new();
    for line in migration.lines() {
        if let Some(words) = line.strip_prefix("--") {
            comment.push_str(words);
        } else if let Some(rest) = line.strip_prefix("CREATE TABLE ") {
            let name = rest.trim_start_matches("IF NOT EXISTS ").split([' ', '(']).next().unwrap_or_default();
            found.push((name.to_owned(), std::mem::take(&mut comment)));
        } else {
            comment.clear();
        }
    }
    found
}
