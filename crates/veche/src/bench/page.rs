//! The question page: how long the server takes, and how much goes over the wire.

use super::load::{Connection, Latencies};
use super::machine::{Figures, Server, cpu_seconds, furnish};
use crate::fail::Failed;
use crate::output::Output;
use opinion::simulate::Plan;
use std::time::Instant;

/// What is read before it counts: the first answer makes the opinion map.
const WARM: usize = 20;

pub fn run(statements: u32, requests: usize, output: Output) -> Result<(), Failed> {
    let folder = tempfile::tempdir().map_err(|error| Failed::io("Making a folder", error))?;
    let plan = Plan { participants: 2_000, statements, responses_each: 60, groups: 3, seed: 2 };
    drop(furnish(folder.path(), &plan)?);
    let server = Server::start(folder.path(), None)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failed::io("Starting the client", error))?;
    let mut figures = Figures::new();
    let pages = [
        ("question page", "/bench/q/1", "< 5 ms", "≤ 60 kB"),
        ("card with one statement", "/bench/q/1/respond", "", ""),
        ("list of statements", "/bench/q/1/statements", "", ""),
        ("opinion map", "/bench/q/1/map", "", ""),
        ("report", "/bench/q/1/summary", "", ""),
    ];
    for (name, path, time, size) in pages {
        runtime.block_on(measure(
            &server,
            &format!("{name}, {statements} statements"),
            path,
            requests,
            time,
            size,
            &mut figures,
        ))?;
    }
    runtime.block_on(assets(&server, &mut figures))?;
    output.result(&figures, || figures.sentences());
    Ok(())
}

async fn measure(
    server: &Server,
    name: &str,
    path: &str,
    requests: usize,
    time: &'static str,
    size: &'static str,
    figures: &mut Figures,
) -> Result<(), Failed> {
    let mut connection = Connection::open(&server.host).await?;
    let request = get(&server.host, path);
    let mut bytes = 0;
    for _ in 0..WARM {
        let answer = connection.send(&request).await?;
        if answer.status != 200 {
            return Err(Failed::new(format!("The server answered {} for {path}.", answer.status)));
        }
        bytes = answer.bytes;
    }
    let mut latencies = Latencies::default();
    let before = cpu_seconds(server.process());
    for _ in 0..requests {
        let started = Instant::now();
        connection.send(&request).await?;
        latencies.note(started);
    }
    let cpu = cpu_seconds(server.process()) - before;
    figures.add(format!("{name}: CPU of the server"), cpu / requests as f64 * 1e3, "ms", time);
    figures.add("  half of them within", latencies.quantile(0.5), "ms", "");
    figures.add("  99 % of them within", latencies.quantile(0.99), "ms", "");
    figures.add("  on the wire", bytes as f64 / 1e3, "kB", size);
    Ok(())
}

/// What the page brings along the first time.
async fn assets(server: &Server, figures: &mut Figures) -> Result<(), Failed> {
    let mut connection = Connection::open(&server.host).await?;
    let page = connection.send(&get(&server.host, "/bench/q/1")).await?;
    let html = String::from_utf8_lossy(&page.body).into_owned();
    let mut bytes = 0;
    let mut paths: Vec<&str> = html.split('"').filter(|value| value.starts_with("/assets/")).collect();
    paths.sort_unstable();
    paths.dedup();
    for path in paths {
        bytes += connection.send(&get(&server.host, path)).await?.bytes;
    }
    figures.add("style, scripts and mark, once", bytes as f64 / 1e3, "kB", "");
    Ok(())
}

fn get(host: &str, path: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nAccept: text/html\r\nAccept-Encoding: gzip\r\n\r\n")
        .into_bytes()
}
