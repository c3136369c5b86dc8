//! What an assembly knows of its witnesses: whom it goes by, which head they are asked about, what they have
//! signed, and whether one of them has seen a record that this one does not continue.
//!
//! What it is not: it asks nobody. Whoever talks to witnesses brings their answers here, verified.

use crate::heads::{HOLD, Heads};
use crate::house::{Failure, House, Inner, Live};
use crate::reader::{Listed, Reader};
use crate::sql::signed;
use assembly::UnixMs;
use record::checkpoint::SignedCheckpoint;
use record::note::{NoteError, Signature, VerifierKey};
use record::policy::{Policy, PolicyError};
use record::receipt::Receipt;
use record::witness::Request;
use record::{consistency_proof, inclusion_proof, root_at};
use std::sync::{Arc, PoisonError, RwLockReadGuard, RwLockWriteGuard};
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// The longest that a request to a witness may take: a head waits that long for its signature.
pub const WITNESS_PATIENCE: Duration = HOLD;

/// The witnesses of an assembly and what they did.
pub(crate) struct Witnessing {
    heads: Heads,
    seen: Vec<Seen>,
}

/// A witness as this server knows it.
#[derive(Debug, Clone)]
pub struct Seen {
    /// Its key.
    pub key: VerifierKey,
    /// Where it is asked. A witness without an address is only known, not asked.
    pub url: Option<String>,
    /// How many entries the last head has that it is known to have cosigned.
    pub size: Option<u64>,
    /// When it cosigned that, by its own clock, in seconds since 1970.
    pub time: Option<u64>,
    /// When it cosigned the head that is published now, by its own clock; `None` if it has not.
    pub signed: Option<u64>,
    /// What went wrong when it was asked last, and when by this machine's clock. `None` if nothing did.
    pub problem: Option<(UnixMs, String)>,
}

/// Who vouches for the head that is published.
#[derive(Debug, Clone)]
pub struct Vouching {
    /// The policy that the server goes by, for this record.
    pub policy: Arc<Policy>,
    /// The head that is published, as served.
    pub head: Arc<str>,
    /// How many entries it has.
    pub size: u64,
    /// Whether it has the quorum. Never where none is configured.
    pub quorum: bool,
    /// All witnesses of the policy.
    pub witnesses: Vec<Seen>,
}

/// Why an assembly cannot go by a policy.
#[derive(Debug, thiserror::Error)]
pub enum GoByError {
    /// It is for other logs, or the record's own key is one of a witness.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// Nobody could ever bring the quorum together.
    #[error(
        "The quorum of the policy ({0}) cannot be met by the witnesses that have an address in it. Add the addresses \
         of those that this server is to ask, or ask for fewer."
    )]
    Unreachable(String),
    /// The stored head could not be read.
    #[error(transparent)]
    Sql(#[from] crate::sql::Error),
    /// Its own head could not be read.
    #[error("The signed head of the record cannot be read. {0}")]
    Head(#[from] record::checkpoint::CheckpointError),
}

impl House {
    /// Makes the assembly go by a policy: its witnesses are those to be asked, its quorum is the one that
    /// published heads should have.
    ///
    /// # Errors
    ///
    /// [`GoByError`], a sentence; the assembly goes on without witnesses.
    pub fn go_by(&self, policy: &Policy) -> Result<(), GoByError> {
        let mut policy = policy.for_log(&self.key().parse().map_err(PolicyError::from)?)?;
        // Heads that were cosigned before the record changed its key still count.
        for (key, _) in self.read().state.roll().keys() {
            policy = policy.with_log(&key.parse().map_err(PolicyError::from)?)?;
        }
        let asked = policy.witnesses().iter().filter(|witness| witness.url().is_some());
        if !policy.is_met(asked.map(record::policy::PolicyWitness::key)) {
            return Err(GoByError::Unreachable(policy.rule()));
        }
        let stored = Reader::open(&self.0.folder)?.cosigned(&self.0.listed)?;
        let (newest, stored) = {
            let live = self.read();
            (live.checkpoint.parse()?, stored.and_then(|text| of_this_record(&text, &policy, &live)))
        };
        let seen = policy.witnesses().iter().map(|witness| Seen {
            key: witness.key().clone(),
            url: witness.url().map(str::to_owned),
            size: None,
            time: None,
            signed: None,
            problem: None,
        });
        let mut seen: Vec<Seen> = seen.collect();
        let heads = Heads::new(policy, newest, stored, Instant::now());
        if let Some(head) = heads.cosigned() {
            for (key, time) in head.signed {
                for seen in seen.iter_mut().filter(|seen| seen.key == *key) {
                    (seen.size, seen.time) = (Some(head.size()), Some(*time));
                }
            }
        }
        self.0.candidates.send_replace(heads.candidate().map_or(0, |head| head.checkpoint().size()));
        *self.witnessing_mut() = Some(Witnessing { heads, seen });
        Ok(())
    }

    /// Who vouches for the head that is published: what the check page and whoever watches the server say.
    pub fn vouching(&self) -> Vouching {
        let (size, newest) = self.newest();
        let Some(Witnessing { heads, seen }) = &*self.witnessing() else {
            // The key that signs is a log's key, so this is no policy without a log.
            let key = self.key().parse().ok();
            let policy = key.and_then(|key| Policy::new(key, [], 0).ok()).unwrap_or_default().into();
            return Vouching { policy, head: newest, size, quorum: false, witnesses: Vec::new() };
        };
        let published = heads.published(size);
        let signed = published.as_ref().map_or(&[][..], |head| head.signed);
        let mut witnesses = seen.clone();
        for seen in &mut witnesses {
            seen.signed = signed.iter().find(|(key, _)| *key == seen.key).map(|(_, time)| *time);
        }
        let policy = Arc::clone(heads.policy());
        let quorum = policy.has_quorum() && policy.is_met(signed.iter().map(|(key, _)| key));
        let (size, head) = published.map_or((size, newest), |head| (head.size(), Arc::clone(head.text)));
        Vouching { policy, head, size, quorum, witnesses }
    }

    /// The head that is published, as served: the newest one that has the quorum, or the newest one.
    pub fn checkpoint(&self) -> Arc<str> {
        let (size, newest) = self.newest();
        let witnessing = self.witnessing();
        let published = witnessing.as_ref().and_then(|witnessing| witnessing.heads.published(size));
        published.map_or(newest, |head| Arc::clone(head.text))
    }

    /// The receipt for an entry: a proof (C2SP tlog-proof) that the signed record holds it. It leads to a head
    /// with the signatures of witnesses as soon as there is one that covers the entry; until then to the
    /// newest. `live` is what [`House::read`] gives.
    pub fn receipt(&self, live: &Live, entry: u64) -> Option<String> {
        let witnessing = self.witnessing();
        let cosigned = witnessing.as_ref().and_then(|witnessing| witnessing.heads.cosigned());
        let head = match cosigned.filter(|cosigned| entry < cosigned.size()) {
            Some(cosigned) => cosigned.head.clone(),
            None => live.checkpoint.parse().ok()?,
        };
        let proof = inclusion_proof(&live.tree, entry, head.checkpoint().size()).ok()?;
        Some(Receipt::new(entry, proof, head).to_string())
    }

    /// The size of the head that witnesses are asked about, each time it is another one.
    pub fn candidates(&self) -> watch::Receiver<u64> {
        self.0.candidates.subscribe()
    }

    /// Looks whether witnesses are to be asked about a newer head, or another one is to be published. Call it
    /// when the record has grown, and at the time that it answers.
    pub fn pace(&self) -> Option<Instant> {
        let (_, newest) = self.newest();
        let newest: SignedCheckpoint = newest.parse().ok()?;
        let mut witnessing = self.witnessing_mut();
        let heads = &mut witnessing.as_mut()?.heads;
        let next = heads.step(&newest, Instant::now());
        let candidate = heads.candidate().map_or(0, |head| head.checkpoint().size());
        drop(witnessing);
        self.0.candidates.send_if_modified(|last| std::mem::replace(last, candidate) != candidate);
        next
    }

    /// What to ask a witness now that has cosigned a head of `old` entries; `None` if there is nothing to ask.
    pub fn request(&self, old: u64) -> Option<Request> {
        let head = self.witnessing().as_ref()?.heads.candidate()?.clone();
        let proof = consistency_proof(&self.read().tree, old, head.checkpoint().size()).ok()?;
        Request::new(old, proof, head).ok()
    }

    /// Takes in a witness' signature, which was verified for the head of that size.
    ///
    /// # Errors
    ///
    /// [`NoteError::TooLarge`]; it was not kept.
    pub fn cosigned(
        &self,
        witness: &VerifierKey,
        size: u64,
        signature: &Signature,
        time: u64,
    ) -> Result<(), NoteError> {
        let mut witnessing = self.witnessing_mut();
        let Some(Witnessing { heads, seen }) = &mut *witnessing else { return Ok(()) };
        for seen in seen.iter_mut().filter(|seen| seen.key == *witness) {
            (seen.size, seen.time, seen.problem) = (Some(size), Some(time), None);
        }
        heads.add(size, signature)
    }

    /// Takes note that a witness could not be asked, or did not sign.
    pub fn not_cosigned(&self, witness: &VerifierKey, at: UnixMs, problem: &str) {
        let mut witnessing = self.witnessing_mut();
        let seen = witnessing.iter_mut().flat_map(|witnessing| &mut witnessing.seen);
        for seen in seen.filter(|seen| seen.key == *witness) {
            seen.problem = Some((at, problem.to_owned()));
        }
    }

    /// Keeps the newest cosigned head over a restart, if it has changed.
    ///
    /// # Errors
    ///
    /// [`Failure`]; it is kept with the next one.
    pub async fn save_cosigned(&self) -> Result<(), Failure> {
        let unsaved = self.witnessing_mut().as_mut().and_then(|witnessing| witnessing.heads.unsaved());
        let Some((size, text)) = unsaved else { return Ok(()) };
        let sql = "INSERT OR REPLACE INTO cosigned_head (assembly, size, checkpoint) VALUES (?1, ?2, ?3)";
        self.with_vault(move |db, assembly| {
            db.prepare_cached(sql)?.execute((assembly, signed(size), &*text))?;
            Ok(())
        })
        .await
    }

    /// Adds nothing to the record any more until the next start: every act and every command is answered
    /// with this reason. Reading goes on. The first reason stays.
    pub fn halt(&self, why: &str) {
        // Somebody else was first.
        let _ = self.0.halted.set(why.into());
    }

    /// Why nothing is added to the record any more; `None` if it goes on.
    pub fn halted(&self) -> Option<&str> {
        self.0.halted.get().map(|why| &**why)
    }

    fn newest(&self) -> (u64, Arc<str>) {
        let live = self.read();
        (live.tree.size(), Arc::clone(&live.checkpoint))
    }

    fn witnessing(&self) -> RwLockReadGuard<'_, Option<Witnessing>> {
        self.0.witnessing.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn witnessing_mut(&self) -> RwLockWriteGuard<'_, Option<Witnessing>> {
        self.0.witnessing.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    /// Takes note of the key that signs the record now.
    pub(crate) fn signs_with(&self, key: &VerifierKey) {
        if let Some(witnessing) = &mut *self.witnessing.write().unwrap_or_else(PoisonError::into_inner) {
            witnessing.heads.take_key(key);
        }
    }
}

/// A stored head, if the record that was loaded continues it and its signatures hold.
fn of_this_record(text: &str, policy: &Policy, live: &Live) -> Option<SignedCheckpoint> {
    let head: SignedCheckpoint = text.parse().ok()?;
    let (size, root) = (head.checkpoint().size(), head.checkpoint().root());
    let holds =
        head.witnessed(policy).is_ok() && size <= live.tree.size() && root_at(&live.tree, size) == Ok(root);
    if !holds {
        tracing::warn!(
            "the cosigned head that was kept does not belong to the record; the witnesses are asked again."
        );
    }
    holds.then_some(head)
}

impl Reader {
    /// The newest head that witnesses have cosigned, with their signatures; `None` if there is none.
    ///
    /// # Errors
    ///
    /// If the database cannot be read.
    pub fn cosigned(&self, assembly: &Listed) -> Result<Option<String>, crate::sql::Error> {
        let mut query = self.db.prepare_cached("SELECT checkpoint FROM cosigned_head WHERE assembly = ?1")?;
        let mut rows = query.query([assembly.id])?;
        Ok(rows.next()?.map(|row| row.get(0)).transpose()?)
    }
}
