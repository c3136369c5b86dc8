//! kill -9 at any moment: while the server starts, while people act, over and over on one folder.

use super::super::machine::furnish;
use super::Tried;
use super::kept::{Told, look};
use super::running::{Came, Person, Running};
use crate::fail::Failed;
use crate::progress::Bar;
use opinion::simulate::Plan;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// People who act at the same time.
const PEOPLE: u32 = 16;
const STATEMENTS: u32 = 30;
/// Every so many kills the record is verified from its first entry, and all receipts so far are.
const WHOLE_EVERY: u64 = 25;
/// Every so many kills a fresh folder is taken, so that no kill has to wait for a long record to be read.
const FRESH_EVERY: u64 = 100;
/// Of these, one is killed before it is ready.
const EARLY_EVERY: u64 = 5;
/// The latest a kill comes: 0 to 180 ms after the start or after the server is ready, spread evenly by a step
/// that has no factor in common with it.
const LATEST_MS: u64 = 181;
const STEP_MS: u64 = 37;

pub fn run(kills: u64, tried: &mut Tried) -> Result<(), Failed> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failed::io("Starting the client", error))?;
    let bar = Bar::new("Killing", kills);
    let mut left = kills;
    while left > 0 {
        let round = left.min(FRESH_EVERY);
        folder(kills - left, round, &runtime, tried, &bar)?;
        left -= round;
    }
    bar.done();
    Ok(())
}

/// So many kills on a folder of their own.
fn folder(
    before: u64,
    kills: u64,
    runtime: &tokio::runtime::Runtime,
    tried: &mut Tried,
    bar: &Bar,
) -> Result<(), Failed> {
    let made = tempfile::tempdir().map_err(|error| Failed::io("Making a folder", error))?;
    let (folder, said) = (made.path().join("data"), made.path().join("said"));
    let plan = Plan { participants: 20, statements: STATEMENTS, responses_each: 10, groups: 2, seed: 5 };
    drop(furnish(&folder, &plan)?);
    let mut all: Vec<Told> = Vec::new();
    for kill in before..before + kills {
        let pause = Duration::from_millis(kill * STEP_MS % LATEST_MS);
        let mut server = Running::spawn(&folder, &said, &[])?;
        let mut told = Vec::new();
        if kill % EARLY_EVERY == EARLY_EVERY - 1 {
            std::thread::sleep(pause);
            server.kill();
        } else if server.ready() {
            let (new, refused) = runtime.block_on(load(&mut server, pause))?;
            tried.refused += refused;
            told = new;
        } else {
            tried.problem(format!("kill {kill}: the server does not start any more. {}", server.said()));
            return Ok(());
        }
        tried.kills += 1;
        tried.acknowledged += told.len() as u64;
        let whole = kill % WHOLE_EVERY == WHOLE_EVERY - 1 || kill + 1 == before + kills;
        let first = all.len();
        all.extend(told);
        for problem in look(&folder, if whole { &all } else { &all[first..] }, whole)? {
            tried.problem(format!("kill {kill}: {problem}"));
        }
        bar.set(kill + 1);
    }
    Ok(())
}

/// Everybody acts until the server is killed after `pause`; what they were told until then, and how many
/// were told nothing.
async fn load(server: &mut Running, pause: Duration) -> Result<(Vec<Told>, u64), Failed> {
    let told = Arc::new(Mutex::new(Vec::new()));
    let people: Vec<_> = (0..PEOPLE)
        .map(|person| tokio::spawn(acts(server.host.clone(), person, Arc::clone(&told))))
        .collect();
    tokio::time::sleep(pause).await;
    server.kill();
    let mut refused = 0;
    for person in people {
        refused += person.await.map_err(|error| Failed::io("The client", error))?;
    }
    let told = std::mem::take(&mut *told.lock().unwrap_or_else(PoisonError::into_inner));
    Ok((told, refused))
}

/// One connection, guest after guest, until it breaks.
async fn acts(host: String, person: u32, told: Arc<Mutex<Vec<Told>>>) -> u64 {
    const RESPONSES: [&str; 3] = ["agree", "disagree", "pass"];
    let mut refused = 0;
    loop {
        // The server may be gone before anybody came.
        let Ok(mut guest) = Person::come(&host).await else { return refused };
        for turn in 0..STATEMENTS {
            let response = RESPONSES[((turn + person) % 3) as usize];
            match guest.respond((turn + person) % STATEMENTS + 1, response).await {
                Came::Told(one) => told.lock().unwrap_or_else(PoisonError::into_inner).push(one),
                Came::Refused(..) => refused += 1,
                Came::Nothing => return refused + 1,
            }
        }
    }
}
