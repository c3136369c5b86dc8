//! Asks witnesses to cosign the heads of the assemblies that are served (C2SP tlog-witness).
//!
//! For each assembly and each witness there is one task that asks about one head after the other, and for
//! each witness one thread that talks to it. A witness that hangs holds up nobody but itself: answers to
//! people never wait for any of this.
//!
//! A witness that has seen a record which ours does not continue stops the writer of that assembly: an older
//! copy was put in its place, and going on would sign a second history.

mod call;

use crate::fail::Failed;
use call::Caller;
use record::note::VerifierKey;
use record::policy::Policy;
use record::witness::{Answer, read_answer};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use store::{House, WITNESS_PATIENCE};
use tokio::runtime::Runtime;
use tokio::sync::{Notify, oneshot};
use tokio::time::{Instant, sleep, sleep_until, timeout};

/// How often it is looked whether a record has grown, at most.
const TICK: Duration = Duration::from_millis(100);
/// The first pause after a witness did not cosign; it doubles …
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// … up to this.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// How often in a row a witness is believed that it has seen another size than it said before.
const TRIES: usize = 3;
/// How long a server waits at its start for the first answers.
const START: Duration = call::PATIENCE;

// A head waits long enough to be asked about twice: the witness may name another size first.
const _: () = assert!(call::PATIENCE.as_secs() * 2 <= WITNESS_PATIENCE.as_secs());

/// Reads the policy and begins to ask. Comes back when every witness has answered once, or after some
/// seconds: so a record that must not grow does not.
///
/// # Errors
///
/// A sentence, if the file is no policy or not one for these assemblies.
pub fn start(runtime: &Runtime, houses: &[House], file: &Path) -> Result<(), Failed> {
    let policy = read(file)?;
    let unusable = |error: String| Failed::new(format!("The policy {}: {error}", file.display()));
    let mut callers: Vec<(VerifierKey, Arc<Caller>)> = Vec::new();
    for witness in policy.witnesses() {
        if let Some(url) = witness.url() {
            let caller = Caller::new(witness.key().name(), url).map_err(&unusable)?;
            callers.push((witness.key().clone(), Arc::new(caller)));
        }
    }
    let mut first = Vec::new();
    for house in houses {
        house.go_by(&policy).map_err(|error| unusable(format!("{}: {error}", house.origin())))?;
        let signed = Arc::new(Notify::new());
        runtime.spawn(pace(house.clone(), Arc::clone(&signed)));
        for (key, caller) in &callers {
            let (answered, answer) = oneshot::channel();
            let asking = Asking {
                house: house.clone(),
                key: key.clone(),
                caller: Arc::clone(caller),
                signed: Arc::clone(&signed),
                old: 0,
            };
            runtime.spawn(asking.run(answered));
            first.push((house.slug(), key.name(), answer));
        }
    }
    runtime.block_on(async {
        let end = Instant::now() + START;
        for (slug, name, answer) in first {
            if timeout(end.saturating_duration_since(Instant::now()), answer).await.is_err() {
                tracing::warn!(
                    assembly = slug,
                    "the witness {name} has not answered yet, so whether it has seen a longer record is not known; the \
                     server starts all the same, and asks on."
                );
            }
        }
    });
    Ok(())
}

/// The policy in a file.
///
/// # Errors
///
/// A sentence, if it cannot be read or is none.
pub fn read(file: &Path) -> Result<Policy, Failed> {
    let bytes = std::fs::read(file)
        .map_err(|error| Failed::io(format!("Reading the policy {}", file.display()), error))?;
    Policy::from_bytes(&bytes).map_err(|error| {
        Failed::new(format!("{} is not a policy (https://c2sp.org/tlog-policy). {error}", file.display()))
    })
}

/// Sees to it that one head after the other is asked about, and that cosigned ones are kept.
async fn pace(house: House, signed: Arc<Notify>) {
    let mut changes = house.changes();
    loop {
        let next = house.pace().map(Instant::from_std);
        if let Err(failure) = house.save_cosigned().await {
            tracing::warn!(
                assembly = house.slug(),
                "the signatures of witnesses could not be kept: {failure}"
            );
        }
        sleep(TICK).await;
        tokio::select! {
            changed = changes.changed() => if changed.is_err() { return },
            () = signed.notified() => {}
            () = async {
                match next {
                    Some(next) => sleep_until(next).await,
                    None => std::future::pending().await,
                }
            } => {}
        }
    }
}

/// Asks one witness about one assembly.
struct Asking {
    house: House,
    key: VerifierKey,
    caller: Arc<Caller>,
    /// Told after each signature.
    signed: Arc<Notify>,
    /// The size of the last head that the witness is believed to have cosigned.
    old: u64,
}

/// What came of asking.
enum Outcome {
    /// It has cosigned the head of this size.
    Signed(u64),
    /// There is nothing it could be asked about.
    Nothing,
    /// It has seen a record that ours does not continue.
    Fork(String),
}

impl Asking {
    /// Asks until the assembly is closed or the witness has seen another record. `first` hears of the first
    /// answer, or that there was none.
    async fn run(mut self, first: oneshot::Sender<()>) {
        let mut candidates = self.house.candidates();
        let (mut first, mut pause, mut said) = (Some(first), FIRST_PAUSE, None);
        loop {
            let candidate = *candidates.borrow_and_update();
            let outcome = self.ask().await;
            let slug = self.house.slug();
            let name = self.key.name().to_owned();
            let done = match outcome {
                Ok(Outcome::Fork(why)) => {
                    tracing::error!(
                        assembly = slug,
                        "nothing is added to this record any more: {why} If you know the witness to be wrong, take it \
                         out of the policy."
                    );
                    self.house.halt(&why);
                    return;
                }
                Ok(Outcome::Signed(size)) => {
                    if said.take().is_some() {
                        tracing::info!(assembly = slug, "the witness {name} cosigns again");
                    }
                    pause = FIRST_PAUSE;
                    size >= candidate
                }
                Ok(Outcome::Nothing) => true,
                Err(problem) => {
                    self.house.not_cosigned(&self.key, store::clock(), &problem);
                    // Once for each kind of problem, not every half minute.
                    if said.as_ref() != Some(&problem) {
                        tracing::warn!(
                            assembly = slug,
                            "the witness {name} did not cosign: {problem} It is asked again."
                        );
                        said = Some(problem);
                    }
                    sleep(pause).await;
                    pause = (pause * 2).min(LONGEST_PAUSE);
                    false
                }
            };
            if let Some(first) = first.take() {
                // Whoever started may not wait any more.
                let _ = first.send(());
            }
            if done && candidates.changed().await.is_err() {
                return;
            }
        }
    }

    async fn ask(&mut self) -> Result<Outcome, String> {
        for _ in 0..TRIES {
            let Some(request) = self.house.request(self.old) else { return Ok(Outcome::Nothing) };
            let size = request.checkpoint().checkpoint().size();
            let call::Heard { status, kind, body } = self.caller.post(request.to_string()).await?;
            let newest = self.house.read().tree.size();
            let answer = read_answer(&request, newest, &self.key, status, &kind, &body)
                .map_err(|error| error.to_string())?;
            match answer {
                Answer::Cosigned { signature, time } => {
                    self.house
                        .cosigned(&self.key, size, &signature, time)
                        .map_err(|error| error.to_string())?;
                    self.old = size;
                    self.signed.notify_one();
                    return Ok(Outcome::Signed(size));
                }
                Answer::From(seen) => self.old = seen,
                Answer::Ahead { size } => return Ok(Outcome::Fork(self.ahead(size, newest))),
                Answer::Other { size } => return Ok(Outcome::Fork(self.other(size))),
            }
        }
        Err("It says each time that it has seen another size than it said before.".into())
    }

    fn ahead(&self, size: u64, ours: u64) -> String {
        format!(
            "the witness {} has cosigned this record with {size} entries, and here it has only {ours}. An older copy was \
             put in its place. Whoever runs this server: restore the newest backup (what it lacks may be in a mirror), \
             then start again.",
            self.key.name()
        )
    }

    fn other(&self, size: u64) -> String {
        format!(
            "the witness {} has cosigned this record with {size} entries, and the first {size} entries here are not the \
             same. An older copy was put in its place, and went on differently. Whoever runs this server: restore the \
             newest backup (what it lacks may be in a mirror), then start again.",
            self.key.name()
        )
    }
}
