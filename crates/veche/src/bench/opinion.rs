//! The opinion map on generated conversations.

use super::machine::{Figures, cpu_seconds, in_own_process, megabytes};
use crate::fail::Failed;
use crate::output::Output;
use opinion::Flags;
use opinion::simulate::Plan;
use serde::{Deserialize, Serialize};

/// The sizes of opinion.md, with their bars for CPU time and memory.
const CASES: [([u32; 3], &str, &str); 2] =
    [([10_000, 500, 50], "≤ 0.08 CPU s", "≤ 60 MB"), ([2_000_000, 1_000, 50], "≤ 12 CPU s", "≤ 600 MB")];

/// One case, measured.
#[derive(Serialize, Deserialize)]
struct Measured {
    responses: usize,
    cpu_seconds: f64,
    peak_megabytes: f64,
    groups: usize,
}

pub fn run(case: Option<&[u32]>, output: Output) -> Result<(), Failed> {
    if let Some(case) = case {
        let &[participants, statements, responses_each] = case else {
            return Err(Failed::new("A case is three numbers: participants, statements, responses each."));
        };
        let measured = one(Plan { participants, statements, responses_each, groups: 3, seed: 1 });
        output.result(&measured, || {
            format!(
                "{} responses: {:.3} CPU s, {:.0} MB at most, {} groups\n",
                measured.responses, measured.cpu_seconds, measured.peak_megabytes, measured.groups
            )
        });
        return Ok(());
    }
    let mut figures = Figures::new();
    for (case, time, memory) in CASES {
        let words = case.map(|number| number.to_string());
        let mut arguments = vec!["opinion", "--case"];
        arguments.extend(words.iter().map(String::as_str));
        let measured: Measured = in_own_process(&arguments)?;
        let [participants, statements, each] = case;
        let name = format!("classic, {participants} × {statements}, {each} each");
        figures.add(name, measured.cpu_seconds, "CPU s", time);
        figures.add("  memory at most", measured.peak_megabytes, "MB", memory);
        let nanoseconds = measured.cpu_seconds / measured.responses as f64 * 1e9;
        figures.add("  a response", nanoseconds, "ns", "");
    }
    output.result(&figures, || figures.sentences());
    Ok(())
}

/// Makes a map often enough for the CPU clock, which ticks in hundredths of a second.
fn one(plan: Plan) -> Measured {
    let responses = plan.responses();
    let flags = Flags::new();
    let times = if responses.len() > 10_000_000 { 1 } else { 20 };
    let before = cpu_seconds(std::process::id());
    let mut groups = 0;
    for _ in 0..times {
        groups = opinion::classic::map(&responses, &flags).groups.len();
    }
    Measured {
        responses: responses.len(),
        cpu_seconds: (cpu_seconds(std::process::id()) - before) / f64::from(times),
        peak_megabytes: megabytes(std::process::id(), "VmHWM"),
        groups,
    }
}
