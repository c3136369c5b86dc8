//! `speed <file> [rule] [times]`: CPU time of reading and counting, and the peak memory of this process.
//!
//! Measured by Linux itself: user and system time from /proc/self/stat, VmHWM from /proc/self/status.

use count::{Lot, Rule, count};

/// CPU time of this process so far, in seconds.
fn cpu() -> f64 {
    let nanos = std::fs::read_to_string("/proc/self/schedstat").ok();
    let first =
        nanos.as_deref().and_then(|s| s.split_whitespace().next()).and_then(|n| n.parse::<f64>().ok());
    first.unwrap_or(0.0) / 1e9
}

fn peak_megabytes() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|l| l.starts_with("VmHWM")).unwrap_or("");
    line.split_whitespace().nth(1).and_then(|n| n.parse::<f64>().ok()).unwrap_or(0.0) / 1024.0
}

fn main() {
    let mut words = std::env::args().skip(1);
    let file = words.next().unwrap_or_default();
    let rule = words.next();
    let times: u32 = words.next().and_then(|n| n.parse().ok()).unwrap_or(1);
    let name = file.rsplit('/').next().unwrap_or("");
    let (mut reading, mut counting, mut winners, mut raises) = (0.0, 0.0, 0, None);
    for _ in 0..times {
        let start = cpu();
        let bytes = std::fs::read(&file).unwrap_or_default();
        let read = match count::files::read(name, &bytes, &[]) {
            Ok(read) => read,
            Err(refusal) => return eprintln!("{refusal}"),
        };
        drop(bytes);
        let middle = cpu();
        let lot = Lot::ballot_order(read.election.options.len());
        let rule = match &rule {
            Some(text) => Rule::parse(text, read.election.seats),
            None => Ok(read.rule.clone().unwrap_or_else(|| {
                Rule::parse("scottish-stv", read.election.seats).unwrap_or_else(|_| std::process::exit(2))
            })),
        };
        match rule.and_then(|rule| count(&read.election, &rule, &lot)) {
            Ok(outcome) => {
                winners = outcome.winners.len();
                raises = outcome.account.and_then(|a| a.raises);
            }
            Err(refusal) => return eprintln!("{refusal}"),
        }
        let end = cpu();
        reading += middle - start;
        counting += end - middle;
    }
    let each = f64::from(times);
    println!(
        "{name}: reading {:.6} s, counting {:.6} s, together {:.6} s CPU; {winners} winners, raises {raises:?}; peak {:.1} MB",
        reading / each,
        counting / each,
        (reading + counting) / each,
        peak_megabytes()
    );
}
