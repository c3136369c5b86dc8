//! Counting real elections, reading included.

use super::machine::{Figures, in_own_process, megabytes};
use crate::fail::Failed;
use crate::output::Output;
use count::{Lot, Rule};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

const SHARES: &str =
    r#"{"rule":"equal_shares","start":"exact","completion":"none","stop":"overspend","comparison":"none"}"#;
const RAISED: &str =
    r#"{"rule":"equal_shares","start":"exact","completion":"add1","stop":"overspend","comparison":"none"}"#;

/// The budgets of count.md: file, rule, what is said of it, bars for CPU time and memory, how often it is counted.
const BUDGETS: [(&str, &str, &str, &str, &str, u32); 2] = [
    ("Poland_Lodz_2022.pb", SHARES, "Łódź 2022, equal shares", "≤ 0.1 CPU s", "≤ 50 MB", 5),
    ("Poland_Warszawa_2026.pb", RAISED, "Warszawa 2026, equal shares with Add1", "≤ 1 CPU s", "", 1),
];

/// Times a ward is counted: less than a millisecond each.
const WARD_TIMES: u32 = 50;

/// Files counted, measured.
#[derive(Serialize, Deserialize)]
struct Measured {
    /// Mean and slowest of the files, each a mean of several counts.
    cpu_seconds: f64,
    slowest: f64,
    slowest_file: String,
    files: usize,
    raises: u64,
    peak_megabytes: f64,
}

pub fn run(folder: &Path, one: Option<&str>, output: Output) -> Result<(), Failed> {
    if let Some(name) = one {
        let measured = match BUDGETS.iter().find(|b| b.0 == name) {
            Some((file, rule, .., times)) => measure(&[folder.join("pb").join(file)], Some(*rule), *times)?,
            None => measure(&wards(folder)?, None, WARD_TIMES)?,
        };
        output.result(&measured, || format!("{:.6} CPU s\n", measured.cpu_seconds));
        return Ok(());
    }
    let at = folder.to_str().ok_or_else(|| Failed::new("The folder's name is not text."))?;
    let mut figures = Figures::new();
    let each: Measured = in_own_process(&["count", at, "--one", "wards"])?;
    figures.add(format!("{} Scottish wards: mean", each.files), each.cpu_seconds * 1e3, "CPU ms", "");
    figures.add(format!("  slowest ({})", each.slowest_file), each.slowest * 1e3, "CPU ms", "< 1 CPU ms");
    for (file, _, name, time, memory, _) in BUDGETS {
        let measured: Measured = in_own_process(&["count", at, "--one", file])?;
        figures.add(name, measured.cpu_seconds, "CPU s", time);
        figures.add("  memory at most", measured.peak_megabytes, "MB", memory);
        if measured.raises > 0 {
            figures.add("  raises of the share", measured.raises as f64, "", "");
        }
    }
    output.result(&figures, || figures.sentences());
    Ok(())
}

/// Every ward there is.
fn wards(folder: &Path) -> Result<Vec<PathBuf>, Failed> {
    let mut found = vec![];
    for part in ["stv", "stv/edinburgh-2017", "stv/glasgow-2007"] {
        let folder = folder.join(part);
        let entries = std::fs::read_dir(&folder)
            .map_err(|error| Failed::io(format!("Reading {}", folder.display()), error))?;
        found.extend(
            entries.flatten().map(|e| e.path()).filter(|p| p.extension().is_some_and(|e| e == "blt")),
        );
    }
    found.sort();
    Ok(found)
}

fn measure(files: &[PathBuf], rule: Option<&str>, times: u32) -> Result<Measured, Failed> {
    let mut out = Measured {
        cpu_seconds: 0.0,
        slowest: 0.0,
        slowest_file: String::new(),
        files: files.len(),
        raises: 0,
        peak_megabytes: 0.0,
    };
    for path in files {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let before = cpu_seconds();
        for _ in 0..times {
            let bytes = std::fs::read(path)
                .map_err(|error| Failed::io(format!("Reading {}", path.display()), error))?;
            out.raises = counted(name, &bytes, rule).map_err(|refusal| Failed::new(refusal.to_string()))?;
        }
        let each = (cpu_seconds() - before) / f64::from(times);
        out.cpu_seconds += each / files.len() as f64;
        if each > out.slowest {
            (out.slowest, out.slowest_file) = (each, name.to_owned());
        }
    }
    out.peak_megabytes = megabytes(std::process::id(), "VmHWM");
    Ok(out)
}

/// Reads and counts; how often the shares were raised, for budgets.
fn counted(name: &str, bytes: &[u8], rule: Option<&str>) -> Result<u64, count::Refusal> {
    let read = count::files::read(name, bytes, &[])?;
    let rule = Rule::parse(rule.unwrap_or("scottish-stv"), read.election.seats)?;
    let lot = Lot::ballot_order(read.election.options.len());
    let outcome = count::count(&read.election, &rule, &lot)?;
    Ok(outcome.account.and_then(|account| account.raises).unwrap_or(0))
}

/// CPU time of this process so far, to the nanosecond; the ticks of /proc/self/stat are too coarse for a ward.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
    stat.split_whitespace().next().and_then(|n| n.parse::<f64>().ok()).unwrap_or_default() / 1e9
}
