//! Durable responses a second, over HTTP, with the client on the same cores.

use super::load::{Connection, Latencies, post};
use super::machine::{Figures, Server, cpu_seconds, furnish, megabytes};
use crate::fail::Failed;
use crate::output::Output;
use opinion::simulate::Plan;
use rusqlite::Connection as Sqlite;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use store::Token;

/// Each guest responds to this many statements; then another guest comes.
const STATEMENTS: u32 = 100;
/// Bytes of one response on the record.
const ROW: usize = 118;

/// How many receipts are fetched one after the other.
const RECEIPTS: u64 = 500;

pub fn run(
    connections: usize,
    seconds: u64,
    witnesses: usize,
    on: Option<&Path>,
    output: Output,
) -> Result<(), Failed> {
    let made = match on {
        Some(folder) => tempfile::tempdir_in(folder),
        None => tempfile::tempdir(),
    };
    let folder = made.map_err(|error| Failed::io("Making a folder", error))?;
    let plan = Plan { participants: 200, statements: STATEMENTS, responses_each: 20, groups: 3, seed: 1 };
    let (store, house) = furnish(folder.path(), &plan)?;
    let (key, entries) = (house.key().to_owned(), house.read().state.size());
    drop((house, store));
    let asked = (1..=witnesses).map(|n| {
        let (name, folder) = (format!("w{n}"), folder.path().join(format!("witness-{n}")));
        Ok((name.clone(), Server::witness(&folder, &name, &key)?))
    });
    let asked = asked.collect::<Result<Vec<_>, Failed>>()?;
    let policy = folder.path().join("policy");
    std::fs::write(&policy, lines(&asked)).map_err(|error| Failed::io("Writing the policy", error))?;
    let server = Server::start(folder.path(), Some(&*policy).filter(|_| witnesses > 0))?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failed::io("Starting the client", error))?;
    let mut figures = Figures::new();
    runtime.block_on(measure(&server, connections, Duration::from_secs(seconds), &mut figures))?;
    runtime.block_on(receipts(&server, entries, witnesses, &mut figures))?;
    drop((server, asked));
    raw(folder.path(), &mut figures)?;
    output.result(&figures, || figures.sentences());
    Ok(())
}

/// The policy by which all of these witnesses must sign.
fn lines(witnesses: &[(String, Server)]) -> String {
    let listed = witnesses.iter().map(|(name, witness)| {
        let key = witness.ready.get("key").and_then(|key| key.as_str()).unwrap_or_default();
        format!("witness {name} {key} http://{}\n", witness.host)
    });
    let names: String = witnesses.iter().map(|(name, _)| format!(" {name}")).collect();
    if names.is_empty() {
        "quorum none\n".into()
    } else {
        listed.collect::<String>() + "group all all" + &names + "\nquorum all\n"
    }
}

/// Receipts of entries that were there at the start, which a cosigned head covers if there is one.
async fn receipts(
    server: &Server,
    entries: u64,
    witnesses: usize,
    figures: &mut Figures,
) -> Result<(), Failed> {
    let mut connection = Connection::open(&server.host).await?;
    let mut latencies = Latencies::default();
    let before = cpu_seconds(server.process());
    for n in 0..RECEIPTS {
        let path = format!("/bench/record/receipt/{}", n * 7 % entries.max(1));
        let request = format!("GET {path} HTTP/1.1\r\nHost: {}\r\n\r\n", server.host);
        let started = Instant::now();
        let answer = connection.send(request.as_bytes()).await?;
        latencies.note(started);
        let signed = String::from_utf8_lossy(&answer.body).matches("\n\u{2014} ").count();
        if answer.status != 200 || signed != witnesses + 1 {
            return Err(Failed::new(format!(
                "A receipt has {signed} signatures, and should have {}.",
                witnesses + 1
            )));
        }
    }
    let cpu = cpu_seconds(server.process()) - before;
    figures.add(
        format!("receipts with {witnesses} cosignatures, half within"),
        latencies.quantile(0.5),
        "ms",
        "≤ 1 ms",
    );
    figures.add("  CPU of the server, a receipt", cpu / RECEIPTS as f64 * 1e6, "µs", "");
    Ok(())
}

async fn measure(
    server: &Server,
    connections: usize,
    time: Duration,
    figures: &mut Figures,
) -> Result<(), Failed> {
    let warm = Arc::new(AtomicBool::new(false));
    let stop = Arc::new(AtomicBool::new(false));
    let tasks: Vec<_> = (0..connections)
        .map(|_| {
            let (host, warm, stop) = (server.host.clone(), Arc::clone(&warm), Arc::clone(&stop));
            tokio::spawn(async move { person(&host, &warm, &stop).await })
        })
        .collect();
    tokio::time::sleep(Duration::from_secs(1)).await;
    let (own, process) = (std::process::id(), server.process());
    let (client_before, server_before) = (cpu_seconds(own), cpu_seconds(process));
    let started = Instant::now();
    warm.store(true, Ordering::Relaxed);
    tokio::time::sleep(time).await;
    stop.store(true, Ordering::Relaxed);
    let elapsed = started.elapsed().as_secs_f64();
    let (client, served) = (cpu_seconds(own) - client_before, cpu_seconds(process) - server_before);
    let mut latencies = Latencies::default();
    for task in tasks {
        latencies.extend(task.await.map_err(|error| Failed::io("The client", error))??);
    }
    let count = latencies.len() as f64;
    figures.add(
        format!("durable responses over HTTP, {connections} connections"),
        count / elapsed,
        "/s",
        "≥ 10,000/s",
    );
    figures.add("  half of them within", latencies.quantile(0.5), "ms", "");
    figures.add("  99 % of them within", latencies.quantile(0.99), "ms", "< 100 ms");
    figures.add("  CPU of the server, a response", served / count * 1e6, "µs", "");
    figures.add("  CPU of the client on the same cores, a response", client / count * 1e6, "µs", "");
    figures.add("  memory of the server", megabytes(process, "VmRSS"), "MB", "");
    Ok(())
}

/// One connection: guest after guest, each responding to every statement once.
pub async fn person(host: &str, warm: &AtomicBool, stop: &AtomicBool) -> Result<Latencies, Failed> {
    let mut connection = Connection::open(host).await?;
    let mut latencies = Latencies::default();
    loop {
        let token = Token::random()?;
        for statement in 1..=STATEMENTS {
            let request = post(host, &token, "respond", &format!("statement={statement}&response=agree"));
            let started = Instant::now();
            let answer = connection.send(request.as_bytes()).await?;
            if stop.load(Ordering::Relaxed) {
                return Ok(latencies);
            }
            if answer.status != 200 {
                return Err(Failed::new(format!(
                    "The server answered {} to a response: {}",
                    answer.status,
                    String::from_utf8_lossy(&answer.body)
                )));
            }
            if warm.load(Ordering::Relaxed) {
                latencies.note(started);
            }
        }
    }
}

/// What SQLite alone does on the same disk: rows of the same size, one by one and 256 at a time.
fn raw(folder: &Path, figures: &mut Figures) -> Result<(), Failed> {
    let measure = |batch: usize, batches: usize| -> rusqlite::Result<f64> {
        let db = Sqlite::open(folder.join(format!("raw-{batch}.db")))?;
        db.pragma_update(None, "journal_mode", "WAL")?;
        db.pragma_update(None, "synchronous", "FULL")?;
        db.execute_batch("CREATE TABLE row (id INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT")?;
        let bytes = [7u8; ROW];
        let started = Instant::now();
        for _ in 0..batches {
            db.execute_batch("BEGIN IMMEDIATE")?;
            for _ in 0..batch {
                db.prepare_cached("INSERT INTO row (bytes) VALUES (?1)")?.execute([&bytes[..]])?;
            }
            db.execute_batch("COMMIT")?;
        }
        Ok((batch * batches) as f64 / started.elapsed().as_secs_f64())
    };
    let failed = |error| Failed::io("Measuring SQLite alone", error);
    let one = measure(1, 300).map_err(failed)?;
    figures.add("SQLite alone, a row a commit", one, "/s", "");
    figures.add("  one commit takes", 1_000.0 / one, "ms", "");
    figures.add("SQLite alone, 256 rows a commit", measure(256, 300).map_err(failed)?, "/s", "");
    Ok(())
}
