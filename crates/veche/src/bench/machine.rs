//! What the machine says about itself and about a process, from Linux' /proc.

use crate::fail::Failed;
use assembly::Command;
use assembly::question::{Activity, Admits, Open, Step, StepName};
use assembly::talk::{self, Import, ImportedResponse, ImportedStatement, Response};
use opinion::Value;
use opinion::simulate::Plan;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};
use store::{Founding, House, Store};

/// Linux counts the CPU time of processes in hundredths of a second, whatever its own clock does.
const TICKS: f64 = 100.0;

/// CPU seconds, user and system, that a process has used.
pub fn cpu_seconds(process: u32) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    // The second field is the name in parentheses and may hold anything; after it, fields 14 and 15.
    let after = stat.rsplit_once(')').map_or("", |(_, after)| after);
    let ticks: f64 =
        after.split_whitespace().skip(11).take(2).filter_map(|field| field.parse::<f64>().ok()).sum();
    ticks / TICKS
}

/// CPU nanoseconds that the calling thread has used: exact, for what is over in less than the clock's tick.
pub fn thread_nanoseconds() -> f64 {
    let schedule = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    schedule.split_whitespace().next().and_then(|field| field.parse().ok()).unwrap_or_default()
}

/// A line of /proc/…/status in megabytes: `VmRSS` for memory now, `VmHWM` for the most there was.
pub fn megabytes(process: u32, line: &str) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let found = status.lines().find_map(|all| all.strip_prefix(line)?.strip_prefix(':'));
    let kilobytes: f64 =
        found.and_then(|rest| rest.split_whitespace().next()?.parse().ok()).unwrap_or_default();
    kilobytes / 1024.0
}

/// A server of this very program, on a free port. Killed when dropped.
pub struct Server {
    child: Child,
    /// Its address: host and port.
    pub host: String,
    /// What it said when it was ready.
    pub ready: serde_json::Value,
}

impl Server {
    /// Serves a folder, and waits until it is ready. With a policy, its witnesses are asked.
    pub fn start(folder: &Path, policy: Option<&Path>) -> Result<Self, Failed> {
        let mut arguments = vec![OsStr::new("serve"), OsStr::new("--unlimited")];
        arguments.extend(policy.into_iter().flat_map(|policy| [OsStr::new("--policy"), policy.as_os_str()]));
        Self::run(folder, &arguments)
    }

    /// Witnesses the record with this key, under this name.
    pub fn witness(folder: &Path, name: &str, key: &str) -> Result<Self, Failed> {
        Self::run(folder, &["witness", "--name", name, "--log", key].map(OsStr::new))
    }

    fn run(folder: &Path, arguments: &[&OsStr]) -> Result<Self, Failed> {
        let failed = |error: std::io::Error| Failed::io("Starting the server", error);
        let program = std::env::current_exe().map_err(failed)?;
        let mut child = std::process::Command::new(program)
            .arg("--json")
            .args(arguments)
            .args(["--listen", "127.0.0.1:0", "--data"])
            .arg(folder)
            .env("VECHE_LOG", "warn")
            .stdout(Stdio::piped())
            .spawn()
            .map_err(failed)?;
        let mut line = String::new();
        if let Some(out) = child.stdout.take() {
            BufReader::new(out).read_line(&mut line).map_err(failed)?;
        }
        let ready: serde_json::Value = serde_json::from_str(&line)
            .map_err(|_| Failed::new("The server ended before it was ready; what it said is above."))?;
        let url = ready.get("url").and_then(|url| url.as_str()).unwrap_or_default();
        let host = url.trim_start_matches("http://").to_owned();
        Ok(Self { child, host, ready })
    }

    /// The number of its process.
    pub fn process(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself; either way it is gone afterwards.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs `veche bench …` in a process of its own, so that its memory is only its own.
pub fn in_own_process<T: DeserializeOwned>(arguments: &[&str]) -> Result<T, Failed> {
    let failed = |error: std::io::Error| Failed::io("Starting a process to measure in", error);
    let program = std::env::current_exe().map_err(failed)?;
    let run = std::process::Command::new(program)
        .args(["--json", "bench"])
        .args(arguments)
        .stderr(Stdio::inherit())
        .output()
        .map_err(failed)?;
    serde_json::from_slice(&run.stdout)
        .map_err(|error| Failed::new(format!("The process to measure in said nothing useful: {error}.")))
}

/// A folder with one question of generated responses in it.
pub fn furnish(folder: &Path, plan: &Plan) -> Result<(Store, House), Failed> {
    let mut store = Store::open(folder, &mut |_, _| ())?;
    let house = store.found(Founding {
        slug: "bench".into(),
        title: "A measurement".into(),
        address: "http://127.0.0.1:8080".into(),
    })?;
    let statements = (0..plan.statements).map(|n| {
        Ok(ImportedStatement {
            by: None,
            text: store::text(format!(
                "Statement {n}, which is as long as most statements that people write here."
            ))?,
            rejected: false,
            meta: false,
            then: None,
            there: None,
        })
    });
    let statements = statements.collect::<Result<Vec<_>, Failed>>()?;
    let mut responses = Vec::with_capacity((plan.participants * plan.responses_each) as usize);
    for participant in 0..plan.participants {
        responses.extend(plan.row(participant).into_iter().map(|(statement, value)| ImportedResponse {
            participant,
            statement,
            response: match value {
                Value::Agree => Response::Agree,
                Value::Disagree => Response::Disagree,
                Value::Pass => Response::Pass,
            },
            then: None,
        }));
    }
    let activities = vec![Activity::State, Activity::Respond];
    house.command(Command::Talk(talk::Command::Import(Box::new(Import {
        open: Open {
            title: store::text("How fast is it?")?,
            why: None,
            decides: None,
            admits: Admits::Guests,
            simulated: true,
            steps: vec![Step { step: StepName::Talk, opens: 0, closes: None, activities }],
        },
        provenance: None,
        participants: vec![None; plan.participants as usize],
        statements,
        responses,
    }))))?;
    Ok((store, house))
}

/// One figure with the bar it should meet.
#[derive(Debug, Serialize)]
pub struct Figure {
    /// What was measured.
    pub what: String,
    /// The figure.
    pub value: f64,
    /// Its unit.
    pub unit: &'static str,
    /// What it should be, in words; empty for something to compare with.
    pub bar: &'static str,
}

/// A measurement: its figures.
#[derive(Debug, Serialize)]
pub struct Figures {
    /// Processor and number of cores.
    pub machine: String,
    /// The figures.
    pub figures: Vec<Figure>,
}

impl Figures {
    /// None yet, on this machine.
    pub fn new() -> Self {
        let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let model = info.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let machine = format!("{}, {cores} cores", model.map_or("unknown processor", |(_, name)| name));
        Self { machine, figures: Vec::new() }
    }

    /// Adds one.
    pub fn add(&mut self, what: impl Into<String>, value: f64, unit: &'static str, bar: &'static str) {
        self.figures.push(Figure { what: what.into(), value, unit, bar });
    }

    /// As lines of text.
    pub fn sentences(&self) -> String {
        let mut out = format!("On {}:\n", self.machine);
        for Figure { what, value, unit, bar } in &self.figures {
            let digits = if value.abs() >= 100.0 { 0 } else { 3 };
            let bar = if bar.is_empty() { String::new() } else { format!("   (bar: {bar})") };
            out.push_str(&format!("  {what:<58} {value:>12.digits$} {unit}{bar}\n"));
        }
        out
    }
}
