//! Opening a folder with a long record.

use super::machine::{Figures, cpu_seconds, furnish, in_own_process, megabytes};
use crate::fail::Failed;
use crate::output::Output;
use opinion::simulate::Plan;
use serde::{Deserialize, Serialize};
use std::path::Path;
use std::time::Instant;
use store::Store;

/// One opening, measured.
#[derive(Serialize, Deserialize)]
struct Opened {
    entries: u64,
    seconds: f64,
    cpu_seconds: f64,
    megabytes: f64,
}

pub fn run(responses: u32, open: Option<&Path>, output: Output) -> Result<(), Failed> {
    if let Some(folder) = open {
        let opened = opening(folder)?;
        output.result(&opened, || {
            format!("{} entries in {:.3} s, {:.0} MB\n", opened.entries, opened.seconds, opened.megabytes)
        });
        return Ok(());
    }
    let folder = tempfile::tempdir().map_err(|error| Failed::io("Making a folder", error))?;
    let each = 50;
    let plan =
        Plan { participants: responses / each, statements: 500, responses_each: each, groups: 3, seed: 3 };
    drop(furnish(folder.path(), &plan)?);
    let path = folder.path().display().to_string();
    let measure = || in_own_process::<Opened>(&["restart", "--open", &path]);
    let mut figures = Figures::new();
    let with = measure()?;
    figures.add(
        format!("restart with {} entries, from a snapshot", with.entries),
        with.seconds,
        "s",
        "≤ 3 s",
    );
    figures.add("  CPU", with.cpu_seconds, "CPU s", "");
    figures.add("  memory afterwards", with.megabytes, "MB", "≤ 200 MB for 700,000 responses");
    let db = rusqlite::Connection::open(folder.path().join(store::DATABASE));
    db.and_then(|db| db.execute("DELETE FROM snapshot", []))
        .map_err(|error| Failed::io("Taking the snapshot away", error))?;
    let without = measure()?;
    figures.add("the same without one, replaying every entry", without.seconds, "s", "≤ 3 s");
    figures.add("  CPU", without.cpu_seconds, "CPU s", "");
    figures.add("  memory afterwards", without.megabytes, "MB", "≤ 200 MB for 700,000 responses");
    output.result(&figures, || figures.sentences());
    Ok(())
}

fn opening(folder: &Path) -> Result<Opened, Failed> {
    let process = std::process::id();
    let (before, started) = (cpu_seconds(process), Instant::now());
    let store = Store::open(folder, &mut |_, _| ())?;
    let opened = Opened {
        entries: store.houses().iter().map(|house| house.read().state.size()).sum(),
        seconds: started.elapsed().as_secs_f64(),
        cpu_seconds: cpu_seconds(process) - before,
        megabytes: megabytes(process, "VmRSS"),
    };
    // Ending as a killed process ends: no snapshot is written.
    std::mem::forget(store);
    Ok(opened)
}
