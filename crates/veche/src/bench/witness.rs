//! A witness: heads cosigned a second, each on disk before its answer.

use super::load::{Connection, Latencies};
use super::machine::{Figures, cpu_seconds};
use crate::fail::Failed;
use crate::output::Output;
use crate::serve;
use record::checkpoint::{Checkpoint, SignedCheckpoint};
use record::note::SigningKey;
use record::witness::{Log, Request};
use record::{Tree, consistency_proof, leaf_hash, root_at};
use std::sync::Arc;
use std::time::{Duration, Instant};
use store::Witness;

/// Entries of each log; heads are asked for one entry apart.
const ENTRIES: u64 = 1 << 16;

pub fn run(logs: usize, seconds: u64, output: Output) -> Result<(), Failed> {
    let folder = tempfile::tempdir().map_err(|error| Failed::io("Making a folder", error))?;
    let sentence = |error: &dyn std::fmt::Display| Failed::new(error.to_string());
    let keys = (0..=logs as u64).map(|number| {
        let mut seed = [7; 32];
        seed[..8].copy_from_slice(&number.to_be_bytes());
        SigningKey::from_seed(&seed, &format!("log-{number}.example.org/record"))
    });
    let keys: Vec<SigningKey> = keys.collect::<Result<_, _>>().map_err(|error| sentence(&error))?;
    let known = keys.iter().map(|key| Log::new(key.name(), key.verifier().clone()));
    let known: Vec<Log> = known.collect::<Result<_, _>>().map_err(|error| sentence(&error))?;
    let witness =
        Witness::open(folder.path(), "witness.example.org/w1", known).map_err(|error| sentence(&error))?;
    let serving = serve::beside(web::witness(witness), "127.0.0.1:0")?;
    let host = serving.url().trim_start_matches("http://").to_owned();
    let tree = Tree::from_leaf_hashes((0..ENTRIES).map(|i| leaf_hash(&i.to_be_bytes())));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failed::io("Starting the client", error))?;
    let mut figures = Figures::new();
    let (keys, tree): (Vec<_>, _) = (keys.into_iter().map(Arc::new).collect(), Arc::new(tree));
    let Some((one, many)) = keys.split_last() else { return Ok(()) };
    for (keys, bar) in [(many, "≥ 1,000/s"), (std::slice::from_ref(one), "")] {
        let before = cpu_seconds(std::process::id());
        let time = Duration::from_secs(seconds);
        let began = Instant::now();
        let mut latencies = runtime.block_on(async {
            let tasks: Vec<_> = keys
                .iter()
                .map(|key| {
                    let (host, key, tree) = (host.clone(), Arc::clone(key), Arc::clone(&tree));
                    tokio::spawn(async move { grow(&host, &key, &tree, time).await })
                })
                .collect();
            let mut all = Latencies::default();
            for task in tasks {
                all.extend(task.await.map_err(|error| Failed::io("The client", error))??);
            }
            Ok::<_, Failed>(all)
        })?;
        let elapsed = began.elapsed().as_secs_f64();
        let count = latencies.len() as f64;
        let what = format!("heads cosigned, {} growing at the same time", keys.len());
        figures.add(what, count / elapsed, "/s", bar);
        figures.add("  half of them within", latencies.quantile(0.5), "ms", "");
        figures.add("  99 % of them within", latencies.quantile(0.99), "ms", "");
        let cpu = cpu_seconds(std::process::id()) - before;
        figures.add("  CPU of witness and client, a head", cpu / count * 1e6, "µs", "");
    }
    output.result(&figures, || figures.sentences());
    Ok(())
}

/// One log: head after head, each with its proof.
async fn grow(host: &str, key: &SigningKey, tree: &Tree, time: Duration) -> Result<Latencies, Failed> {
    let mut connection = Connection::open(host).await?;
    let mut latencies = Latencies::default();
    let began = Instant::now();
    for old in 0..ENTRIES {
        if began.elapsed() > time {
            break;
        }
        let body = request(old, key, tree).map_err(|error| Failed::io("Preparing a request", error))?;
        let post = format!(
            "POST /add-checkpoint HTTP/1.1\r\nHost: {host}\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let sent = Instant::now();
        let answer = connection.send(post.as_bytes()).await?;
        if answer.status != 200 {
            let said = String::from_utf8_lossy(&answer.body).into_owned();
            return Err(Failed::new(format!("The witness answered {}: {said}", answer.status)));
        }
        latencies.note(sent);
    }
    Ok(latencies)
}

/// The request to go from `old` entries to one more.
fn request(
    old: u64,
    key: &SigningKey,
    tree: &Tree,
) -> Result<String, Box<dyn std::error::Error + Send + Sync>> {
    let new = old + 1;
    let head = Checkpoint::new(key.name(), new, root_at(tree, new)?)?;
    let proof = consistency_proof(tree, old, new)?;
    Ok(Request::new(old, proof, SignedCheckpoint::sign(head, key)?)?.to_string())
}
