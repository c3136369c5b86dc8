//! How old the map is that people look at while others respond.

use super::load::{Connection, Latencies, post};
use super::machine::{Figures, Server, cpu_seconds, furnish};
use crate::fail::Failed;
use crate::output::Output;
use opinion::simulate::Plan;
use serde::Deserialize;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use store::Token;

const STATEMENTS: u32 = 500;
const EACH: u32 = 50;
/// How long each part is measured.
const SECONDS: u64 = 20;
/// How often somebody looks.
const LOOKS: Duration = Duration::from_millis(50);
/// People who respond at the same time, and how long each thinks before the next response.
const LOADS: [(&str, usize, Duration); 2] = [
    ("20 responses a second", 20, Duration::from_secs(1)),
    ("32 connections that never rest", 32, Duration::ZERO),
];

/// Responses that were acknowledged: their entries, and when.
#[derive(Default)]
struct Acknowledged(Mutex<Vec<(u64, Instant)>>);

impl Acknowledged {
    fn note(&self, entry: u64) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push((entry, Instant::now()));
    }

    /// Since when a map of the first `size` entries lacks something.
    fn missing_since(&self, size: u64) -> Option<Instant> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.iter().filter(|(entry, _)| *entry >= size).map(|(_, when)| *when).min()
    }
}

#[derive(Deserialize)]
struct Recorded {
    entry: u64,
}

pub fn run(responses: u32, output: Output) -> Result<(), Failed> {
    let folder = tempfile::tempdir().map_err(|error| Failed::io("Making a folder", error))?;
    let participants = responses / EACH;
    let plan = Plan { participants, statements: STATEMENTS, responses_each: EACH, groups: 3, seed: 3 };
    drop(furnish(folder.path(), &plan)?);
    let server = Server::start(folder.path(), None)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failed::io("Starting the client", error))?;
    let mut figures = Figures::new();
    for (what, people, rest) in LOADS {
        let Looked { mut ages, mut times, busy } = runtime.block_on(looked(&server, people, rest))?;
        figures.add(format!("{responses} responses and {what}: looks at the map"), ages.len() as f64, "", "");
        figures.add("  half of them at one no older than", ages.quantile(0.5) / 1e3, "s", "");
        figures.add("  99 % of them", ages.quantile(0.99) / 1e3, "s", "≤ 1 s");
        figures.add("  all of them", ages.quantile(1.0) / 1e3, "s", "");
        figures.add("  half of the looks took no longer than", times.quantile(0.5) / 1e3, "s", "");
        figures.add("  99 % of the looks", times.quantile(0.99) / 1e3, "s", "");
        figures.add("  CPU of the server, of one processor", busy, "", "");
    }
    output.result(&figures, || {
        format!("A map is as old as the first acknowledged response that it lacks.\n{}", figures.sentences())
    });
    Ok(())
}

/// What came of looking at the page.
struct Looked {
    /// Of the maps on it.
    ages: Latencies,
    /// From asking for the page until it was there.
    times: Latencies,
    /// How busy the server was: 1 is one processor.
    busy: f64,
}

/// Looks while others respond.
async fn looked(server: &Server, people: usize, rest: Duration) -> Result<Looked, Failed> {
    let (done, stop) = (Arc::new(Acknowledged::default()), Arc::new(AtomicBool::new(false)));
    let mut viewer = Connection::open(&server.host).await?;
    let request = format!("GET /bench/q/1 HTTP/1.1\r\nHost: {}\r\n\r\n", server.host);
    // The first map of all is waited for.
    viewer.send(request.as_bytes()).await?;
    let tasks: Vec<_> = (0..people)
        .map(|_| {
            let (host, done, stop) = (server.host.clone(), Arc::clone(&done), Arc::clone(&stop));
            tokio::spawn(async move { person(&host, rest, &done, &stop).await })
        })
        .collect();
    let (started, before) = (Instant::now(), cpu_seconds(server.process()));
    let (mut ages, mut times) = (Latencies::default(), Latencies::default());
    while started.elapsed() < Duration::from_secs(SECONDS) {
        let asked = Instant::now();
        let answer = viewer.send(request.as_bytes()).await?;
        times.note(asked);
        let size = as_of(&answer.body)
            .ok_or_else(|| Failed::new("The page of the question does not say what its map is of."))?;
        ages.note(done.missing_since(size).unwrap_or_else(Instant::now));
        tokio::time::sleep(LOOKS).await;
    }
    let busy = (cpu_seconds(server.process()) - before) / started.elapsed().as_secs_f64();
    stop.store(true, Ordering::Relaxed);
    for task in tasks {
        task.await.map_err(|error| Failed::io("The client", error))??;
    }
    Ok(Looked { ages, times, busy })
}

/// Of how many entries the map on the page of a question is.
fn as_of(page: &[u8]) -> Option<u64> {
    let (_, said) = std::str::from_utf8(page).ok()?.split_once("Computed from the first ")?;
    said.split_once(' ')?.0.parse().ok()
}

/// Guest after guest on one connection, each responding to every statement once.
async fn person(host: &str, rest: Duration, done: &Acknowledged, stop: &AtomicBool) -> Result<(), Failed> {
    let mut connection = Connection::open(host).await?;
    loop {
        let token = Token::random()?;
        for statement in 1..=STATEMENTS {
            let request = post(host, &token, "respond", &format!("statement={statement}&response=agree"));
            let answer = connection.send(request.as_bytes()).await?;
            if stop.load(Ordering::Relaxed) {
                return Ok(());
            }
            let recorded: Recorded = serde_json::from_slice(&answer.body).map_err(|_| {
                Failed::new(format!(
                    "The server answered {} to a response: {}",
                    answer.status,
                    String::from_utf8_lossy(&answer.body)
                ))
            })?;
            done.note(recorded.entry);
            tokio::time::sleep(rest).await;
        }
    }
}
