//! Prints CPU seconds and peak memory of a method on synthetic conversations.
//!
//! `cargo run --release -p opinion --example speed -- map 10000 500 50` (method: `classic` or `map`;
//! participants, statements, responses each). The input is built first: its CPU time is not counted, its memory is.

use opinion::{Flags, classic, map, simulate::Plan};
use std::time::Instant;

fn main() {
    let ours = std::env::args().any(|argument| argument == "map");
    let mut numbers = std::env::args().skip(2).map(|argument| argument.parse().unwrap_or(0));
    let mut next = |default| numbers.next().filter(|&number| number > 0).unwrap_or(default);
    let plan = Plan {
        participants: next(10_000),
        statements: next(500),
        responses_each: next(50),
        groups: next(3),
        seed: 1,
    };
    let responses = plan.responses();
    let built = memory("VmHWM");
    let (before, start) = (cpu_seconds(), Instant::now());
    let map = if ours { map::map } else { classic::map }(&responses, &Flags::new());
    let (cpu, wall) = (cpu_seconds() - before, start.elapsed().as_secs_f64());
    println!(
        "{} participants x {} statements, {} responses: {cpu:.3} CPU s, {wall:.3} s, {} MB at most ({built} MB before), {} groups",
        plan.participants,
        plan.statements,
        responses.len(),
        memory("VmHWM"),
        map.groups.len(),
    );
}

/// User and system time of this process so far, in seconds; 0 where the system does not say.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
    let main: f64 = stat.split(' ').next().and_then(|number| number.parse().ok()).unwrap_or(0.0);
    let tasks = std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let all: f64 = tasks
        .filter_map(|task| std::fs::read_to_string(task.path().join("schedstat")).ok())
        .filter_map(|stat| stat.split(' ').next().and_then(|number| number.parse::<f64>().ok()))
        .sum();
    all.max(main) / 1e9
}

/// A line of `/proc/self/status` in megabytes.
fn memory(line: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let found = status.lines().find_map(|text| text.strip_prefix(line)?.strip_prefix(':'));
    found.and_then(|text| text.trim().split(' ').next()?.parse::<u64>().ok()).unwrap_or(0) / 1024
}
