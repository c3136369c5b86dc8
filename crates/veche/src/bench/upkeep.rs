//! What looking after a folder costs those who use it: answers alone, while it is backed up, while it is checked as
//! the server does it every day; and how long each takes.

use super::load::Latencies;
use super::machine::{Figures, Server, cpu_seconds, furnish, in_own_process, megabytes};
use super::respond::person;
use crate::fail::Failed;
use crate::fsck::fsck;
use crate::output::Output;
use opinion::simulate::Plan;
use serde::{Deserialize, Serialize};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use store::{Backup, Pace};

/// People who respond at the same time, each as soon as the answer to the last is there.
const CONNECTIONS: usize = 32;
/// How long each part is measured.
const SECONDS: u64 = 8;

/// One complete check, measured.
#[derive(Serialize, Deserialize)]
struct Checked {
    seconds: f64,
    cpu_seconds: f64,
    megabytes: f64,
}

pub fn run(responses: u32, check: Option<&Path>, output: Output) -> Result<(), Failed> {
    if let Some(folder) = check {
        let checked = checking(folder)?;
        output.result(&checked, || format!("{:.3} s, {:.0} MB\n", checked.seconds, checked.megabytes));
        return Ok(());
    }
    let folder = tempfile::tempdir().map_err(|error| Failed::io("Making a folder", error))?;
    let each = 50;
    let plan =
        Plan { participants: responses / each, statements: 500, responses_each: each, groups: 3, seed: 3 };
    drop(furnish(folder.path(), &plan)?);
    let path = folder.path().display().to_string();
    let mut figures = Figures::new();
    let whole = in_own_process::<Checked>(&["upkeep", "--check", &path])?;
    figures.add(format!("fsck of a record with {responses} responses"), whole.seconds, "s", "");
    figures.add("  CPU", whole.cpu_seconds, "CPU s", "");
    figures.add("  memory at most", whole.megabytes, "MB", "");
    let server = Server::start(folder.path(), None)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failed::io("Starting the client", error))?;
    let parts = [
        ("alone", Beside::Nothing),
        ("while backups are made", Beside::Backups),
        ("while everything is checked as every day", Beside::Checks),
        ("alone again", Beside::Nothing),
    ];
    for (what, beside) in parts {
        runtime.block_on(answers(&server, folder.path(), what, beside, &mut figures))?;
    }
    output.result(&figures, || figures.sentences());
    Ok(())
}

fn checking(folder: &Path) -> Result<Checked, Failed> {
    let process = std::process::id();
    let started = Instant::now();
    let found = fsck(folder, Pace::full())?;
    if let Some(problem) = found.first() {
        return Err(Failed::new(problem));
    }
    Ok(Checked {
        seconds: started.elapsed().as_secs_f64(),
        cpu_seconds: cpu_seconds(process),
        megabytes: megabytes(process, "VmHWM"),
    })
}

/// What goes on beside the answers, over and over.
#[derive(Clone, Copy)]
enum Beside {
    Nothing,
    Backups,
    Checks,
}

async fn answers(
    server: &Server,
    folder: &Path,
    what: &str,
    beside: Beside,
    figures: &mut Figures,
) -> Result<(), Failed> {
    let (warm, stop) = (Arc::new(AtomicBool::new(true)), Arc::new(AtomicBool::new(false)));
    let people: Vec<_> = (0..CONNECTIONS)
        .map(|_| {
            let (host, warm, stop) = (server.host.clone(), Arc::clone(&warm), Arc::clone(&stop));
            tokio::spawn(async move { person(&host, &warm, &stop).await })
        })
        .collect();
    let (folder, stopped) = (folder.to_owned(), Arc::clone(&stop));
    let work = std::thread::spawn(move || beside.work(&folder, &stopped));
    tokio::time::sleep(Duration::from_secs(SECONDS)).await;
    stop.store(true, Ordering::Relaxed);
    let mut latencies = Latencies::default();
    for one in people {
        latencies.extend(one.await.map_err(|error| Failed::io("The client", error))??);
    }
    let rounds = work.join().map_err(|_| Failed::new("The work beside broke off."))??;
    figures.add(format!("responses {what}"), latencies.len() as f64 / SECONDS as f64, "/s", "");
    figures.add("  half of them within", latencies.quantile(0.5), "ms", "");
    figures.add("  99 % of them within", latencies.quantile(0.99), "ms", "");
    figures.add("  the slowest", latencies.quantile(1.0), "ms", "");
    if let Some(seconds) = rounds {
        figures.add("  each round of that work", seconds, "s", "");
    }
    Ok(())
}

impl Beside {
    /// Works until told to stop, and finishes the round it is in. Gives the seconds that a round took.
    fn work(self, folder: &Path, stop: &AtomicBool) -> Result<Option<f64>, Failed> {
        let (mut rounds, started) = (0, Instant::now());
        while !stop.load(Ordering::Relaxed) {
            match self {
                Beside::Nothing => return Ok(None),
                Beside::Backups => backup(folder)?,
                Beside::Checks => {
                    let found = fsck(folder, Pace::gentle())?;
                    if let Some(problem) = found.first() {
                        return Err(Failed::new(problem));
                    }
                }
            }
            rounds += 1;
        }
        Ok(Some(started.elapsed().as_secs_f64() / f64::from(rounds)))
    }
}

/// A backup as `veche backup` makes it, without checking it afterwards.
fn backup(folder: &Path) -> Result<(), Failed> {
    let backup = Backup::write(folder, &folder.join("backup"), store::clock(), &|_, _| ())?;
    drop(backup);
    Ok(())
}
