//! The writer of an assembly: the only one who adds to its record.
//!
//! All waiting jobs form a batch. Each is decided against the writer's own state, which runs ahead of
//! what readers see; then everything is committed at once; then readers see it and everybody gets an
//! answer. A *refusal* fails one job. Anything else that fails is *fatal* for the batch: nobody is told
//! that something was done, and the writer loads everything from disk again before it goes on.

use crate::batch::{Batch, Reply};
use crate::disk;
use crate::house::{Done, Failure, Inner, Live, PersonAct};
use crate::keys::{self, Keys};
use crate::load::{self, Loaded, SNAPSHOT_FORMAT};
use crate::reader::Reader;
use crate::rows;
use crate::scrub::{self, Scrubber};
use crate::sql::{Error, signed};
use crate::vault::{NewGuest, TokenDigest};
use assembly::moderation::{self, Author, By, Erased, Ground};
use assembly::talk::{self, Choice, Who};
use assembly::{
    Act, Command, Field, ParticipantNo, QuestionId, Refusal, State, StatementNo, UnixMs, apply, decide,
};
use record::checkpoint::CheckpointError;
use record::tile::{encode_tile, new_tiles};
use record::{Extension, Tree};
use rusqlite::{Connection, TransactionBehavior};
use std::collections::VecDeque;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

/// The most jobs in one transaction. Together with the queue's length this bounds how long anybody
/// waits for an answer.
const MAX_BATCH: usize = 1_024;
/// Showings are written once this many wait …
const MANY_SHOWN: usize = 256;
/// … or this long after the last time.
const SHOWN_EVERY: Duration = Duration::from_secs(10);
/// The most showings kept in memory; beyond that they go unnoted.
const MAX_WAITING_SHOWN: usize = 100_000;
/// A snapshot is written after this many entries: replaying them takes a fraction of a second.
const SNAPSHOT_EVERY: u64 = 200_000;
/// At the end, whoever still reads the database is waited for so long.
const LAST_WAIT: Duration = Duration::from_secs(1);
/// A clock that jumps back further than this is reported.
const CLOCK_JUMP_MS: u64 = 60_000;

type Stop = std::sync::mpsc::Sender<()>;

/// What can be asked of the writer.
pub(crate) enum Job {
    /// A guest acts.
    Act { token: TokenDigest, act: PersonAct, reply: Reply },
    /// Whoever runs the server acts.
    Command { command: Box<Command>, reply: Reply },
    /// A statement was chosen, by the map that an entry published, and shown.
    Shown { question: QuestionId, map: Option<u64>, choice: Choice },
    /// Go on under the key of this seed.
    Rekey { seed: [u8; 32], reply: Reply },
    /// Forget the keys before the newest.
    Retire { reply: Reply },
    /// Write a snapshot and end.
    Stop { reply: std::sync::mpsc::Sender<()> },
}

/// The writer's own things. Nobody else touches them.
pub(crate) struct Writer {
    db: Connection,
    house: Arc<Inner>,
    clock: fn() -> UnixMs,
    /// It was said that the clock is behind the record.
    behind: bool,
    keys: Keys,
    /// Runs ahead of `house.live` between deciding and committing; equal to it otherwise.
    state: State,
    /// The stored bundle at the right edge, empty if the last one is full.
    tail: Vec<u8>,
    snapshot: u64,
    shown: Vec<(QuestionId, Option<u64>, Choice)>,
    shown_written: Instant,
    scrubber: Scrubber,
    /// How much room the disk has.
    disk: disk::Watch,
    /// Memory may differ from disk: load again before anything else.
    broken: bool,
}

/// Something that should not have happened while writing.
#[derive(Debug, thiserror::Error)]
enum Fatal {
    #[error("{0}.")]
    Sql(#[from] Error),
    #[error(transparent)]
    Random(#[from] crate::RandomError),
    #[error("{0}.")]
    Tree(#[from] record::TreeError),
    #[error(transparent)]
    Head(#[from] CheckpointError),
    #[error("an entry was decided that cannot be written ({0}).")]
    Entry(String),
    #[error("the database holds another head than this program signed last; is a second one writing to it?")]
    ForeignHead,
    #[error("the program met a state it was not made for.")]
    Panic,
}

impl From<rusqlite::Error> for Fatal {
    fn from(error: rusqlite::Error) -> Self {
        Fatal::Sql(error.into())
    }
}

impl Writer {
    pub fn new(
        db: Connection,
        house: Arc<Inner>,
        clock: fn() -> UnixMs,
        keys: Keys,
        state: State,
        tail: Vec<u8>,
        snapshot: u64,
    ) -> Self {
        let (shown, shown_written) = (Vec::new(), Instant::now());
        let (behind, broken) = (false, false);
        Self {
            db,
            house,
            clock,
            behind,
            keys,
            state,
            tail,
            snapshot,
            shown,
            shown_written,
            scrubber: Scrubber::default(),
            disk: disk::Watch::default(),
            broken,
        }
    }

    /// Works until told to stop or until nobody can ask any more.
    pub fn run(mut self, jobs: &Receiver<Job>) {
        loop {
            self.scrub();
            // A database that cannot be trusted is not scrubbed: then the next job is waited for, or this would spin.
            let first = if let Some(pause) = self.scrubber.pause().filter(|_| !self.broken) {
                jobs.recv_timeout(pause)
            } else if self.shown.is_empty() {
                jobs.recv().map_err(|_| RecvTimeoutError::Disconnected)
            } else {
                jobs.recv_timeout(SHOWN_EVERY)
            };
            let waiting = match first {
                Ok(first) => std::iter::once(first).chain(jobs.try_iter()).take(MAX_BATCH).collect(),
                Err(RecvTimeoutError::Timeout) => VecDeque::new(),
                Err(RecvTimeoutError::Disconnected) => return self.end(),
            };
            let mut stop = None;
            self.serve(waiting, &mut stop);
            if let Some(reply) = stop {
                self.end();
                // Whoever asked may be gone already.
                let _ = reply.send(());
                return;
            }
            self.write_snapshot(SNAPSHOT_EVERY);
        }
    }

    /// Leaves a fresh snapshot, and everything in one file: the database would see to that by itself where the writer
    /// is the last to close it, which it is not if the process is about to look at something.
    fn end(&mut self) {
        self.write_snapshot(1);
        let whole = self.db.busy_timeout(LAST_WAIT).and_then(|()| scrub::cut_log(&self.db));
        if !matches!(whole, Ok(true)) {
            let slug = &self.house.listed.slug;
            tracing::info!(
                assembly = slug,
                "the last changes stay in the log beside the database: both are the record"
            );
        }
    }

    fn serve(&mut self, mut waiting: VecDeque<Job>, stop: &mut Option<Stop>) {
        let mut batch = Batch::default();
        // At most as many as fit into the queue.
        self.house.meters.waiting.dec_by(waiting.len() as i64);
        let outcome = catch_unwind(AssertUnwindSafe(|| self.attempt(&mut waiting, stop, &mut batch)))
            .unwrap_or(Err(Fatal::Panic));
        let failure = outcome.err().map(|fatal| {
            self.broken = true;
            self.house.stopped.store(true, Ordering::Relaxed);
            tracing::error!(assembly = self.house.listed.slug, "the writer stopped: {fatal}");
            let why = fatal.to_string();
            if batch.committing { Failure::Unsure(why) } else { Failure::Stopped(why) }
        });
        // Whoever came after the one with whom it failed was not tried.
        for job in waiting {
            match job {
                Job::Stop { reply } => *stop = Some(reply),
                Job::Shown { .. } => {}
                Job::Act { reply, .. }
                | Job::Command { reply, .. }
                | Job::Rekey { reply, .. }
                | Job::Retire { reply } => {
                    let failure = failure.clone().unwrap_or_else(Failure::gone);
                    batch.answers.push((reply, Err(failure)));
                }
            }
        }
        for (reply, answer) in batch.answers {
            // A refusal, too, may rest on something of this batch that is not on disk now.
            let answer = failure.clone().map_or(answer, Err);
            self.house.meters.came_of(answer.as_ref().map(drop));
            // Whoever asked may have gone; what was committed stays.
            let _ = reply.send(answer);
        }
    }

    /// Decides and commits. Answers are collected in `batch`, and given by the caller.
    fn attempt(
        &mut self,
        waiting: &mut VecDeque<Job>,
        stop: &mut Option<Stop>,
        batch: &mut Batch,
    ) -> Result<(), Fatal> {
        let ready = match self.house.halted.get() {
            Some(why) => Err(Failure::Stopped(why.to_string())),
            None if self.broken => self.reload(),
            None => Ok(()),
        };
        let now = self.now();
        while let Some(job) = waiting.pop_front() {
            match job {
                Job::Stop { reply } => *stop = Some(reply),
                Job::Shown { question, map, choice } => {
                    if self.shown.len() < MAX_WAITING_SHOWN {
                        self.shown.push((question, map, choice));
                    }
                }
                Job::Act { reply, .. }
                | Job::Command { reply, .. }
                | Job::Rekey { reply, .. }
                | Job::Retire { reply }
                    if ready.is_err() =>
                {
                    batch.answers.push((reply, Err(ready.clone().err().unwrap_or_else(Failure::gone))));
                }
                job if !job.goes_into_reserve() && !self.has_room() => {
                    // A showing goes unnoted.
                    if let Job::Act { reply, .. } | Job::Command { reply, .. } = job {
                        batch.answers.push((reply, Err(Failure::Full)));
                    }
                }
                Job::Act { token, act, reply } => {
                    // Noted before it is tried: whatever happens, there will be an answer.
                    batch.answers.push((reply, Err(Failure::Stopped(Fatal::Panic.to_string()))));
                    let answer = self.person(batch, now, token, act)?;
                    batch.answer(answer);
                }
                Job::Command { command, reply } => {
                    batch.answers.push((reply, Err(Failure::Stopped(Fatal::Panic.to_string()))));
                    let answer = self.add(batch, now, *command)?;
                    batch.answer(answer.map(Done::by_nobody));
                }
                Job::Rekey { seed, reply } => {
                    batch.answers.push((reply, Err(Failure::Stopped(Fatal::Panic.to_string()))));
                    let answer = self.rekey(batch, now, seed)?;
                    batch.answer(answer.map(Done::by_nobody));
                }
                Job::Retire { reply } => {
                    batch.answers.push((reply, Err(Failure::Stopped(Fatal::Panic.to_string()))));
                    let answer = self.retire(batch)?;
                    batch.answer(answer.map(Done::by_nobody));
                }
            }
        }
        if ready.is_ok() {
            self.note_showings(batch, now, stop.is_some())?;
            if !batch.entries.is_empty() {
                self.disk.wrote(batch.size_in_bytes(), &self.house.disk);
                let started = Instant::now();
                let (extension, checkpoint) = self.commit(batch)?;
                self.house.meters.commit_seconds.observe(started.elapsed().as_secs_f64());
                self.publish(batch, extension, checkpoint)?;
                if !batch.erased.is_empty() {
                    self.scrubber.ask(&self.house);
                }
                self.scrub();
            }
        }
        Ok(())
    }

    /// Whether there is room on the disk for new acts.
    fn has_room(&mut self) -> bool {
        self.disk.has_room(&self.house.folder, &self.house.disk)
    }

    /// The clock, with a word in the log if it jumped back.
    fn now(&mut self) -> UnixMs {
        let now = (self.clock)();
        let ahead = self.state.at().saturating_sub(now);
        let said = std::mem::replace(&mut self.behind, ahead > CLOCK_JUMP_MS);
        if self.behind && !said {
            let behind = ahead / 1_000;
            tracing::warn!(
                "the clock of this machine is {behind} seconds behind the record; entries keep the record's time \
                 until it has caught up. Set the clock."
            );
        }
        now
    }

    fn person(
        &mut self,
        batch: &mut Batch,
        now: u64,
        token: TokenDigest,
        act: PersonAct,
    ) -> Result<Result<Done, Failure>, Fatal> {
        let question = act.question();
        let known = batch
            .guests
            .iter()
            .find(|guest| guest.token == token && guest.question == question)
            .map(|guest| guest.participant)
            .or_else(|| {
                self.house
                    .live
                    .read()
                    .unwrap_or_else(PoisonError::into_inner)
                    .vault
                    .participant(token, question)
            });
        let who = known.map_or(Who::New, Who::Participant);
        let command = match act.clone() {
            PersonAct::Respond { question, statement, response } => {
                talk::Command::Respond { question, who, statement, response }
            }
            PersonAct::Retract { question, statement } => match known {
                Some(participant) => talk::Command::Retract { question, participant, statement },
                None => return Ok(Err(Refusal::NothingToRetract(statement).into())),
            },
            PersonAct::State { question, text } => {
                talk::Command::State { question, who, text: crate::text(text)? }
            }
            PersonAct::Erase { question, statement } => {
                let erase = self.own_words(question, statement, known);
                return match erase {
                    Ok(command) => Ok(self.add(batch, now, command)?.map(|entries| Done {
                        participant: known,
                        entry: entries.end.checked_sub(1),
                        entries,
                    })),
                    Err(refusal) => Ok(Err(refusal.into())),
                };
            }
        };
        let entries = match self.add(batch, now, Command::Talk(command))? {
            Ok(entries) => entries,
            Err(failure) => return Ok(Err(failure)),
        };
        let joined = batch.since(&entries).find_map(|entry| match &entry.act {
            Act::Talk(talk::Entry::Joined(joined)) => Some(joined.participant),
            _ => None,
        });
        batch.guests.extend(joined.map(|participant| NewGuest { token, question, participant }));
        let participant = known.or(joined);
        let entry = if entries.is_empty() { self.standing(&act, participant) } else { Some(entries.end - 1) };
        Ok(Ok(Done { participant, entries, entry }))
    }

    /// The command by which a participant erases the words of a statement.
    fn own_words(
        &self,
        question: QuestionId,
        no: StatementNo,
        participant: Option<ParticipantNo>,
    ) -> Result<Command, Refusal> {
        let asked = self.state.question(question).ok_or(Refusal::NoSuchQuestion(question))?;
        let entry = asked.talk().statement(no).ok_or(Refusal::NoSuchStatement(no))?.entry();
        let participant = participant.ok_or(Refusal::NotYours(entry))?;
        let by = By::Author(Author { question, participant });
        let erased = Erased { entry, field: Field::Text, ground: Ground::OwnRequest, by };
        Ok(Command::Moderation(moderation::Command::Erase(erased)))
    }

    /// The entry that already says what is asked for.
    fn standing(&self, act: &PersonAct, participant: Option<ParticipantNo>) -> Option<u64> {
        let talk = self.state.question(act.question())?.talk();
        match act {
            PersonAct::Respond { statement, .. } => Some(talk.response(participant?, *statement)?.1),
            PersonAct::State { text, .. } => Some(talk.saying(text)?.entry()),
            PersonAct::Retract { .. } | PersonAct::Erase { .. } => None,
        }
    }

    /// Decides a command and stages its entries.
    fn add(
        &mut self,
        batch: &mut Batch,
        now: u64,
        command: Command,
    ) -> Result<Result<Range<u64>, Failure>, Fatal> {
        let start = self.state.size();
        let entries = match decide(&self.state, now, command) {
            Ok(entries) => entries,
            Err(refusal) => return Ok(Err(refusal.into())),
        };
        for mut entry in entries {
            batch.stage(&entry).map_err(Fatal::Entry)?;
            apply(&mut self.state, &entry).map_err(|fault| Fatal::Entry(fault.to_string()))?;
            let index = self.state.size() - 1;
            if let Act::Moderation(moderation::Entry::Erased(erased)) = &entry.act {
                batch.erase(erased.entry, erased.field);
            }
            batch.texts.extend(
                entry
                    .texts()
                    .into_iter()
                    .filter_map(|(field, text)| Some((index, field, text.opened()?.clone()))),
            );
            batch.entries.push(entry);
        }
        Ok(Ok(start..self.state.size()))
    }

    /// Stages the change to another key. It signs once this batch is committed.
    fn rekey(
        &mut self,
        batch: &mut Batch,
        now: u64,
        seed: [u8; 32],
    ) -> Result<Result<Range<u64>, Failure>, Fatal> {
        // One change in a batch: the next would have to be signed by a key that has not signed a head yet.
        if batch.next_key.is_some() {
            return Ok(Err(Failure::Busy));
        }
        let (next, command) = match self.keys.change(&self.state, seed) {
            Ok(change) => change,
            Err(refusal) => return Ok(Err(refusal.into())),
        };
        let added = self.add(batch, now, command)?;
        batch.next_key = added.is_ok().then_some(next);
        Ok(added)
    }

    /// Forgets the keys before the newest, in a transaction of its own: it adds nothing to the record.
    fn retire(&mut self, batch: &Batch) -> Result<Result<Range<u64>, Failure>, Fatal> {
        if batch.next_key.is_some() {
            return Ok(Err(Failure::Busy));
        }
        self.keys.retire();
        let (checkpoint, size) = {
            let live = self.house.live.read().unwrap_or_else(PoisonError::into_inner);
            let checkpoint = self.keys.sign_head(None, live.tree.size(), live.tree.root())?;
            let transaction = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            check_head(&transaction, self.house.listed.id, &live.checkpoint)?;
            keys::delete_old(&transaction, self.house.listed.id, &checkpoint)?;
            transaction.commit()?;
            (checkpoint, live.tree.size())
        };
        self.scrubber.ask(&self.house);
        self.house.live.write().unwrap_or_else(PoisonError::into_inner).checkpoint = checkpoint;
        Ok(Ok(size..size))
    }

    /// Stages the showings that wait, if it is time or if this is the last occasion.
    fn note_showings(&mut self, batch: &mut Batch, now: u64, last: bool) -> Result<(), Fatal> {
        let due = self.shown.len() >= MANY_SHOWN || self.shown_written.elapsed() >= SHOWN_EVERY;
        if self.shown.is_empty() || !(due || last) {
            return Ok(());
        }
        self.shown_written = Instant::now();
        let mut waiting = std::mem::take(&mut self.shown);
        waiting.sort_unstable();
        for alike in waiting.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
            let Some(&(question, map, _)) = alike.first() else { continue };
            let shown = alike.iter().map(|(.., choice)| *choice).collect();
            // A refusal here concerns nobody: the question is gone.
            let _ = self.add(batch, now, Command::Talk(talk::Command::Show { question, map, shown }))?;
        }
        Ok(())
    }

    /// The one transaction. When it returns, everything is on disk.
    fn commit(&mut self, batch: &mut Batch) -> Result<(Extension, Arc<str>), Fatal> {
        let live = self.house.live.read().unwrap_or_else(PoisonError::into_inner);
        let extension = live.tree.extend_with(&batch.leaves);
        let listed = &self.house.listed;
        let (old, size, root) = (live.tree.size(), extension.size(), extension.root());
        let checkpoint = self.keys.sign_head(batch.next_key.as_ref(), size, root)?;
        let transaction = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        check_head(&transaction, listed.id, &live.checkpoint)?;
        let extended = extension.on(&live.tree)?;
        for path in new_tiles(old, size) {
            let hashes = encode_tile(&extended, path)?;
            rows::put_tile(&transaction, listed.id, path, &hashes)?;
        }
        for (n, entries) in batch.bundles(old, &self.tail) {
            rows::put_bundle(&transaction, listed.id, n, &entries)?;
        }
        for (entry, field, opened) in &batch.texts {
            rows::put_text(&transaction, listed.id, *entry, *field, opened)?;
        }
        for (entry, field) in &batch.erased {
            scrub::delete(&transaction, listed.id, signed(*entry), field.name())?;
        }
        for guest in &batch.guests {
            guest.insert(&transaction, listed.id)?;
        }
        if let Some(next) = &batch.next_key {
            next.write(&transaction, listed.id)?;
        }
        rows::put_head(&transaction, listed.id, size, root, &checkpoint)?;
        // From here on it may be on the disk even if that says otherwise.
        batch.committing = true;
        transaction.commit()?;
        Ok((extension, checkpoint))
    }

    /// Shows readers what is on disk now.
    fn publish(
        &mut self,
        batch: &mut Batch,
        extension: Extension,
        checkpoint: Arc<str>,
    ) -> Result<(), Fatal> {
        batch.cut_tail(extension.base_size(), &mut self.tail);
        let mut live = self.house.live.write().unwrap_or_else(PoisonError::into_inner);
        let size = extension.size();
        live.tree.apply(extension)?;
        for entry in &batch.entries {
            apply(&mut live.state, entry).map_err(|fault| Fatal::Entry(fault.to_string()))?;
        }
        for guest in &batch.guests {
            live.vault.add(*guest);
        }
        live.checkpoint = checkpoint;
        if let Some(next) = batch.next_key.take() {
            self.keys.advance(next);
            self.tell_key();
        }
        drop(live);
        self.house.changes.send_replace(size);
        Ok(())
    }

    /// Tells readers which key signs now.
    fn tell_key(&self) {
        let key = self.keys.newest().verifier();
        *self.house.key.write().unwrap_or_else(PoisonError::into_inner) = key.to_string().into();
        self.house.signs_with(key);
    }

    /// Removes remains of what was erased, if it is time and the database can be trusted.
    fn scrub(&mut self) {
        if !self.broken {
            self.scrubber.run(&mut self.db, &self.house);
        }
    }

    /// Brings memory back to what is on disk, by the code that runs at the start.
    fn reload(&mut self) -> Result<(), Failure> {
        let stopped = |error: String| Failure::Stopped(error);
        let reader = Reader::open(&self.house.folder).map_err(|error| stopped(format!("{error}.")))?;
        let loaded = load::load(&reader, &self.house.listed, &mut |_, _| ()).map_err(|error| {
            tracing::error!(assembly = self.house.listed.slug, "the record cannot be loaded again: {error}");
            stopped(error.to_string())
        })?;
        let Loaded { keys, checkpoint, tree, state, vault, damaged, tail, snapshot, left_over: _ } = loaded;
        self.check_continues(&tree)?;
        // The file may be another one than was opened before.
        self.db = crate::sql::open_to_write(&self.house.folder.join(crate::DATABASE))
            .map_err(|error| stopped(format!("{error}.")))?;
        (self.keys, self.state, self.tail, self.snapshot) = (keys, state.clone(), tail, snapshot);
        let size = tree.size();
        *self.house.live.write().unwrap_or_else(PoisonError::into_inner) =
            Live { state, tree, checkpoint, vault };
        self.tell_key();
        self.house.damaged.store(damaged, Ordering::Relaxed);
        self.house.changes.send_replace(size);
        self.broken = false;
        self.house.stopped.store(false, Ordering::Relaxed);
        self.scrubber.ask(&self.house);
        tracing::info!(assembly = self.house.listed.slug, size, "the writer goes on");
        Ok(())
    }

    /// What readers were shown must still be there, or two records would go by the same name.
    fn check_continues(&self, tree: &Tree) -> Result<(), Failure> {
        let live = self.house.live.read().unwrap_or_else(PoisonError::into_inner);
        if record::root_at(tree, live.tree.size()).is_ok_and(|root| root == live.tree.root()) {
            return Ok(());
        }
        let slug = &self.house.listed.slug;
        tracing::error!(
            assembly = slug,
            "the record on disk is not a continuation of the one that was served"
        );
        Err(Failure::Stopped(
            "the record on disk lacks entries that were shown already; was an older copy put in its place?"
                .into(),
        ))
    }

    /// Writes a snapshot if at least `after` entries came since the last. A cache: if it fails, the
    /// next start takes longer, nothing else.
    fn write_snapshot(&mut self, after: u64) {
        let size = self.state.size();
        if self.broken || size < self.snapshot + after || !self.has_room() {
            return;
        }
        let root = self.house.live.read().unwrap_or_else(PoisonError::into_inner).tree.root();
        let written = load::write_snapshot(&self.state).map_err(|error| error.to_string()).and_then(|state| {
            let sql = "INSERT OR REPLACE INTO snapshot (assembly, size, root, format, state) VALUES (?1, ?2, ?3, ?4, ?5)";
            self.db
                .execute(sql, (self.house.listed.id, signed(size), root.0, SNAPSHOT_FORMAT, state))
                .map_err(|error| error.to_string())
        });
        // Also after a failure: it is tried again after as many entries, not at every batch.
        self.snapshot = size;
        if let Err(error) = written {
            tracing::warn!("no snapshot could be written, so the next start takes longer: {error}");
        }
    }
}

/// Refuses to go on from a head that is not the one on disk.
fn check_head(db: &Connection, assembly: i64, ours: &str) -> Result<(), Fatal> {
    let mut query = db.prepare_cached("SELECT checkpoint FROM assembly WHERE id = ?1")?;
    let stored: String = query.query_row([assembly], |row| row.get(0))?;
    if stored == ours { Ok(()) } else { Err(Fatal::ForeignHead) }
}

impl Job {
    /// Whether it is done even while nothing new is taken: erasing must be possible at any time.
    fn goes_into_reserve(&self) -> bool {
        match self {
            Job::Act { act, .. } => matches!(act, PersonAct::Erase { .. }),
            Job::Command { command, .. } => {
                matches!(**command, Command::Moderation(moderation::Command::Erase(_)))
            }
            Job::Stop { .. } | Job::Rekey { .. } | Job::Retire { .. } => true,
            Job::Shown { .. } => false,
        }
    }
}

impl Done {
    /// What whoever runs the server had done.
    fn by_nobody(entries: Range<u64>) -> Self {
        let entry = entries.end.checked_sub(1).filter(|last| *last >= entries.start);
        Self { participant: None, entry, entries }
    }
}

impl PersonAct {
    fn question(&self) -> QuestionId {
        match self {
            PersonAct::Respond { question, .. }
            | PersonAct::Retract { question, .. }
            | PersonAct::Erase { question, .. }
            | PersonAct::State { question, .. } => *question,
        }
    }
}
