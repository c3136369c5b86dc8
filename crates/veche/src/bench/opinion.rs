//! Opinion maps of generated conversations: both methods, and a live one.

use super::machine::{Figures, cpu_seconds, in_own_process, megabytes, thread_nanoseconds};
use crate::fail::Failed;
use crate::output::Output;
use opinion::simulate::Plan;
use opinion::{Flags, Live, Value};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// What to measure.
#[derive(clap::Args)]
pub struct Options {
    /// One case only, in this process: participants, statements, responses each.
    #[arg(long, num_args = 3, value_names = ["PARTICIPANTS", "STATEMENTS", "EACH"])]
    case: Option<Vec<u32>>,
    /// The method of that case.
    #[arg(long, value_enum, default_value_t = Way::Classic, requires = "case")]
    method: Way,
    /// Write the responses of that case to this file, as a table, instead of measuring.
    #[arg(long, requires = "case")]
    write: Option<PathBuf>,
}

/// What is measured of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Way {
    /// The complete map by the method of Polis.
    Classic,
    /// The complete map by our own.
    Map,
    /// A live map: one more response, and the whole map after many, beside making it anew.
    Live,
}

/// The sizes of opinion.md, with their bars for CPU time and memory.
const CASES: [(Way, [u32; 3], &str, &str); 4] = [
    (Way::Classic, [10_000, 500, 50], "≤ 0.08 CPU s", "≤ 60 MB"),
    (Way::Classic, [2_000_000, 1_000, 50], "≤ 12 CPU s", "≤ 600 MB"),
    (Way::Map, [33_000, 783, 60], "≤ 1 CPU s", ""),
    (Way::Map, [2_000_000, 1_000, 50], "≤ 60 CPU s", "≤ 1,000 MB"),
];

/// A live map of a million responses.
const LIVE: [u32; 3] = [20_000, 500, 50];

/// A map, measured.
#[derive(Serialize, Deserialize)]
struct Measured {
    responses: usize,
    cpu_seconds: f64,
    seconds: f64,
    peak_megabytes: f64,
    groups: usize,
}

/// A live map, measured.
#[derive(Serialize, Deserialize)]
struct MeasuredLive {
    responses: usize,
    /// A response of somebody who responded since the last map, of somebody who did so before it, and of others.
    nanoseconds: f64,
    next_nanoseconds: f64,
    first_nanoseconds: f64,
    /// The whole map, after 1,000 responses and after one from everybody, and made anew: seconds by the clock and of
    /// CPU.
    few: [f64; 2],
    many: [f64; 2],
    anew: [f64; 2],
    peak_megabytes: f64,
}

pub fn run(options: &Options, output: Output) -> Result<(), Failed> {
    let Some(case) = &options.case else { return all(output) };
    let &[participants, statements, responses_each] = case.as_slice() else {
        return Err(Failed::new("A case is three numbers: participants, statements, responses each."));
    };
    let plan = Plan { participants, statements, responses_each, groups: 3, seed: 1 };
    if let Some(file) = &options.write {
        return write(&plan, file);
    }
    if options.method == Way::Live {
        let measured = live(plan);
        output.result(&measured, || {
            format!(
                "{} responses: {:.0} ns for one more, whole map {:.3} s after 1,000 and {:.3} s after one from everybody, anew {:.3} s\n",
                measured.responses, measured.nanoseconds, measured.few[0], measured.many[0], measured.anew[0]
            )
        });
        return Ok(());
    }
    let measured = one(plan, options.method);
    output.result(&measured, || {
        format!(
            "{} responses: {:.3} CPU s, {:.3} s, {:.0} MB at most, {} groups\n",
            measured.responses,
            measured.cpu_seconds,
            measured.seconds,
            measured.peak_megabytes,
            measured.groups
        )
    });
    Ok(())
}

fn all(output: Output) -> Result<(), Failed> {
    let mut figures = Figures::new();
    for (way, case, time, memory) in CASES {
        let method = if way == Way::Map { "map" } else { "classic" };
        let measured: Measured = of_case(method, case)?;
        let [participants, statements, each] = case;
        let name = format!("{method}, {participants} × {statements}, {each} each");
        figures.add(name, measured.cpu_seconds, "CPU s", time);
        figures.add("  by the clock", measured.seconds, "s", "");
        figures.add("  memory at most", measured.peak_megabytes, "MB", memory);
        let nanoseconds = measured.cpu_seconds / measured.responses as f64 * 1e9;
        figures.add("  a response", nanoseconds, "ns", "");
    }
    let measured: MeasuredLive = of_case("live", LIVE)?;
    figures.add(
        "live, 20000 × 500, 50 each: one more response",
        measured.nanoseconds,
        "CPU ns",
        "≤ 1,000 ns",
    );
    figures.add("  the first since a map, after some before it", measured.next_nanoseconds, "CPU ns", "");
    figures.add("  the first after a long time", measured.first_nanoseconds, "CPU ns", "");
    for (what, [seconds, cpu], bar) in [
        ("  whole map after 1,000 responses", measured.few, "≤ 1 s"),
        ("  whole map after one from everybody", measured.many, "≤ 1 s"),
        ("  for comparison: the map anew", measured.anew, ""),
    ] {
        figures.add(what, seconds, "s", bar);
        figures.add("    CPU", cpu, "CPU s", "");
    }
    figures.add("  memory at most", measured.peak_megabytes, "MB", "");
    output.result(&figures, || figures.sentences());
    Ok(())
}

fn of_case<T: serde::de::DeserializeOwned>(method: &str, case: [u32; 3]) -> Result<T, Failed> {
    let words = case.map(|number| number.to_string());
    let mut arguments = vec!["opinion", "--method", method, "--case"];
    arguments.extend(words.iter().map(String::as_str));
    in_own_process(&arguments)
}

/// Seconds by the clock and of CPU.
fn clocks(work: impl FnOnce()) -> [f64; 2] {
    let (before, start) = (cpu_seconds(std::process::id()), Instant::now());
    work();
    [start.elapsed().as_secs_f64(), cpu_seconds(std::process::id()) - before]
}

/// Makes a map often enough for the CPU clock, which ticks in hundredths of a second.
fn one(plan: Plan, way: Way) -> Measured {
    let responses = plan.responses();
    let flags = Flags::new();
    let method = if way == Way::Map { opinion::map::map } else { opinion::classic::map };
    let times = if responses.len() > 1_000_000 { 1 } else { 20 };
    let mut groups = 0;
    let [seconds, cpu] = clocks(|| {
        for _ in 0..times {
            groups = method(&responses, &flags).groups.len();
        }
    });
    Measured {
        responses: responses.len(),
        cpu_seconds: cpu / f64::from(times),
        seconds: seconds / f64::from(times),
        peak_megabytes: megabytes(std::process::id(), "VmHWM"),
        groups,
    }
}

/// One in ten responses comes after the map.
fn live(plan: Plan) -> MeasuredLive {
    let mut live = Live::new();
    let mut later: Vec<(usize, u32, u32, Value)> = Vec::new();
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
    let flags = Flags::new();
    live.refresh(&flags, &BTreeSet::new());
    live.shown(&flags);
    let respond = |live: &mut Live, part: &[(usize, u32, u32, Value)]| {
        let before = thread_nanoseconds();
        for &(_, participant, statement, value) in part {
            black_box(live.respond(participant, statement, Some(value)));
        }
        (thread_nanoseconds() - before) / part.len().max(1) as f64
    };
    let (thousand, rest) = later.split_at(later.len().min(1_000));
    respond(&mut live, thousand);
    let few = clocks(|| drop(live.shown(&flags)));
    let (first, rest) = rest.split_at(rest.len().min(plan.participants as usize));
    let first_nanoseconds = respond(&mut live, first);
    let many = clocks(|| drop(live.shown(&flags)));
    let (rest, last) = rest.split_at(rest.len() / 2);
    let nanoseconds = respond(&mut live, rest);
    let anew = clocks(|| drop(live.refresh(&flags, &BTreeSet::new())));
    let next_nanoseconds = respond(&mut live, &last[..last.len().min(plan.participants as usize)]);
    MeasuredLive {
        responses: live.len(),
        nanoseconds,
        next_nanoseconds,
        first_nanoseconds,
        few,
        many,
        anew,
        peak_megabytes: megabytes(std::process::id(), "VmHWM"),
    }
}

/// As the table that `veche opinion map` reads, and others.
fn write(plan: &Plan, file: &Path) -> Result<(), Failed> {
    let mut table = String::from("participant,statement,response\n");
    for participant in 0..plan.participants {
        for (statement, value) in plan.row(participant) {
            // Writing to a text cannot fail.
            let _ = writeln!(table, "{participant},{statement},{}", value.sign());
        }
    }
    std::fs::write(file, table).map_err(|error| Failed::io(format!("Writing {}", file.display()), error))
}
