//! Prints CPU seconds and peak memory of a method on synthetic conversations.
//!
//! `cargo run --release -p opinion --example speed -- map 10000 500 50` (method: `classic` or `map`;
//! participants, statements, responses each). With `live`, the time of one more response to a live map of
//! `map` instead. The input is built first: its CPU time is not counted, its memory is.

use opinion::{Flags, Live, classic, map, simulate::Plan};
use std::collections::BTreeSet;
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
    if std::env::args().any(|argument| argument == "live") {
        return live(plan);
    }
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

/// One in ten responses comes after the map.
fn live(plan: Plan) {
    let mut live = Live::new();
    let mut later = Vec::new();
    for participant in 0..plan.participants {
        for (at, (statement, value)) in plan.row(participant).into_iter().enumerate() {
            if at % 10 == 9 {
                later.push((at, participant, statement, value));
            } else {
                live.respond(participant, statement, Some(value));
            }
        }
    }
    later.sort_unstable_by_key(|&(at, participant, ..)| (at, participant));
    let before = cpu_seconds();
    live.refresh(&Flags::new(), &BTreeSet::new());
    let refreshed = cpu_seconds() - before;
    // Everybody is taken up once; what follows is the usual case.
    let (first, rest) = later.split_at(later.len().min(plan.participants as usize));
    let mut told = [0.0; 2];
    for (part, told) in [first, rest].into_iter().zip(&mut told) {
        let before = cpu_seconds();
        for &(_, participant, statement, value) in part {
            std::hint::black_box(live.respond(participant, statement, Some(value)));
        }
        *told = (cpu_seconds() - before) * 1e9 / part.len().max(1) as f64;
    }
    println!(
        "{} responses: map in {refreshed:.3} CPU s; one more response {:.0} ns, {:.0} ns while people are taken up",
        live.len(),
        told[1],
        told[0]
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
