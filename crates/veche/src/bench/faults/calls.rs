//! Each system call that changes a file, or opens one, fails once, or is the last that the program makes.
//!
//! `strace` counts the calls of one thread and lets the n-th of them fail. Two threads matter: the first one,
//! which opens the folder and closes it; and the writer. Each call is made to fail with EIO and with ENOSPC
//! without being carried out, and to be the moment of a kill.

use super::super::machine::furnish;
use super::Tried;
use super::kept::{Told, look};
use super::running::{Came, Person, Running};
use crate::fail::Failed;
use crate::progress::Bar;
use opinion::simulate::Plan;
use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// The calls. Which of them a program uses is the business of its libraries; a machine that does not have one
/// never makes it. Not among them: `write`, with which threads are woken and connections answered. SQLite
/// writes files with `pwrite64`.
const CALLS: [&str; 14] = [
    "pwrite64",
    "pwritev",
    "fsync",
    "fdatasync",
    "rename",
    "renameat",
    "renameat2",
    "open",
    "openat",
    "ftruncate",
    "unlink",
    "unlinkat",
    "fallocate",
    "mkdir",
];
/// What happens to them.
const FAULTS: [&str; 3] = ["error=EIO", "error=ENOSPC", "signal=KILL"];
/// The thread that appends: the first 15 bytes of its name.
const WRITER: &str = "writer of bench";
const STATEMENTS: u32 = 8;

/// Whose calls fail.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Thread {
    /// The one that opens and closes the folder, from its first call on.
    First,
    /// The one that appends, once the server is ready.
    Writer,
}

/// One fault.
struct Fault {
    thread: Thread,
    call: &'static str,
    what: &'static str,
    /// The how many-th call of that name, from 1.
    nth: usize,
}

pub fn run(every: usize, tried: &mut Tried) -> Result<(), Failed> {
    let made = tempfile::tempdir().map_err(|error| Failed::io("Making a folder", error))?;
    let template = made.path().join("template");
    let plan = Plan { participants: 5, statements: STATEMENTS, responses_each: 4, groups: 2, seed: 7 };
    drop(furnish(&template, &plan)?);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failed::io("Starting the client", error))?;
    let mut trial = Trial { runtime, template, place: made.path().join("trial"), tried };
    let mut faults = Vec::new();
    for thread in [Thread::First, Thread::Writer] {
        for (call, count) in trial.count(thread)? {
            let which = (1..=count).flat_map(|nth| FAULTS.map(|what| Fault { thread, call, what, nth }));
            faults.extend(which);
        }
    }
    let bar = Bar::new("Failing", faults.len() as u64);
    for (n, fault) in faults.iter().enumerate().step_by(every) {
        trial.fail(fault)?;
        bar.set(n as u64 + 1);
    }
    bar.done();
    Ok(())
}

struct Trial<'a> {
    runtime: tokio::runtime::Runtime,
    template: PathBuf,
    place: PathBuf,
    tried: &'a mut Tried,
}

/// What happened in one life of a server.
struct Life {
    told: Vec<Told>,
    refused: Vec<String>,
    /// The last acts came through, if the server still ran.
    went_on: bool,
    ready: bool,
    killed: bool,
    ended: bool,
    said: String,
    /// The traced calls.
    trace: String,
}

impl Trial<'_> {
    /// How often the thread makes each call when nothing fails.
    fn count(&mut self, thread: Thread) -> Result<BTreeMap<&'static str, usize>, Failed> {
        let life = self.live(thread, &[])?;
        if !life.went_on || !life.ended {
            return Err(Failed::new(format!("Without any fault the server did not work: {}", life.said)));
        }
        let name = |line: &str| CALLS.into_iter().find(|call| line.starts_with(&format!("{call}(")));
        let mut counts = BTreeMap::new();
        for call in life.trace.lines().filter_map(name) {
            *counts.entry(call).or_insert(0) += 1;
        }
        Ok(counts)
    }

    fn fail(&mut self, fault: &Fault) -> Result<(), Failed> {
        let Fault { call, what, nth, thread } = fault;
        let inject = ["-e".to_owned(), format!("inject={call}:{what}:when={nth}")];
        let life = self.live(*thread, &inject)?;
        let kill = what.starts_with("signal");
        // The number of calls may differ by a few from life to life: what did not happen is not counted.
        if !(life.trace.contains("(INJECTED)") || life.killed && kill) {
            return Ok(());
        }
        self.tried.faults += 1;
        *self.tried.calls.entry(call).or_insert(0) += 1;
        self.tried.acknowledged += life.told.len() as u64;
        self.tried.refused += life.refused.len() as u64;
        let whose = if *thread == Thread::First { "the first thread" } else { "the writer" };
        let name = format!("{call} number {nth} of {whose} with {what}");
        let mut problem = |sentence: String| self.tried.problem(format!("{name}: {sentence}"));
        if life.said.contains("panicked") {
            problem(format!("the program panicked. {}", life.said));
        }
        if life.ready && !life.killed && !life.went_on {
            problem(format!("the server did not go on by itself. {}{}", life.refused.join(" "), life.said));
        }
        if !life.killed && !life.ended {
            problem("the server did not end when it was asked to".into());
        }
        for sentence in look(&self.place.join("data"), &life.told, true)? {
            self.tried.problem(format!("{name}: {sentence}"));
        }
        Ok(())
    }

    /// One life of a server on a fresh copy of the template: start, acts, stop.
    fn live(&mut self, thread: Thread, inject: &[String]) -> Result<Life, Failed> {
        let data = self.place.join("data");
        copy(&self.template, &data).map_err(|error| Failed::io("Copying the folder", error))?;
        let log = self.place.join("trace");
        let mut trace =
            vec!["strace".to_owned(), "-o".into(), log.to_string_lossy().into_owned(), "-e".into()];
        // With a question mark: a call that this machine does not have is no mistake.
        trace.push(format!("trace={}", CALLS.map(|call| format!("?{call}")).join(",")));
        trace.extend_from_slice(inject);
        let said = self.place.join("said");
        // -D: the server is our child, and strace is not between us.
        let whole = [&trace[..], &["-D".to_owned()]].concat();
        let before = if thread == Thread::First { &whole[..] } else { &[] };
        let mut server = Running::spawn(&data, &said, before)?;
        let ready = server.ready();
        let tracer = match thread {
            Thread::Writer if ready => Some(Tracer::attach(&trace, &server.thread(WRITER)?)?),
            _ => None,
        };
        let mut life = Life {
            told: Vec::new(),
            refused: Vec::new(),
            went_on: false,
            ready,
            killed: false,
            ended: false,
            said: String::new(),
            trace: String::new(),
        };
        if ready {
            self.runtime.block_on(act(&server.host, &mut life));
        }
        life.killed = !server.lives();
        let status = server.stop();
        life.ended = status.is_some();
        drop(tracer);
        // A server that could not start has ended by itself, and said why.
        life.killed &= status.is_none_or(|status| status.code().is_none());
        life.said = server.said();
        life.trace = fs::read_to_string(&log).unwrap_or_default();
        Ok(life)
    }
}

/// The acts: of every kind that writes in its own way, some after others that may have failed.
async fn act(host: &str, life: &mut Life) {
    let Ok(mut one) = Person::come(host).await else { return };
    for statement in 1..=3 {
        life.note(one.respond(statement, "agree").await);
    }
    life.note(one.retract(2).await);
    life.note(one.state("Something+new,+said+once").await);
    life.note(one.erase(STATEMENTS + 1).await);
    let Ok(mut other) = Person::come(host).await else { return };
    for statement in 1..=3 {
        life.note(other.respond(statement, "disagree").await);
    }
    // The fault comes once: if it met the last of them, the same act comes through when it is tried again.
    for _ in 0..2 {
        let came = other.respond(4, "pass").await;
        life.went_on = matches!(came, Came::Told(_));
        life.note(came);
        if life.went_on {
            return;
        }
    }
}

impl Life {
    fn note(&mut self, came: Came) {
        match came {
            Came::Told(told) => self.told.push(told),
            Came::Refused(status, sentence) => self.refused.push(format!("{status}: {sentence}")),
            Came::Nothing => self.refused.push("no answer".into()),
        }
    }
}

/// `strace` on one thread of a server that runs already.
struct Tracer(Child);

impl Tracer {
    fn attach(command: &[String], thread: &str) -> Result<Self, Failed> {
        let failed =
            |error| Failed::io("Attaching strace to the writer (it needs the right to trace)", error);
        let [program, arguments @ ..] = command else { return Err(Failed::new("There is no tracer.")) };
        let mut child = Command::new(program)
            .args(arguments)
            .args(["-p", thread])
            .stdin(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(failed)?;
        let mut said = String::new();
        if let Some(out) = child.stderr.take() {
            let mut out = BufReader::new(out);
            out.read_line(&mut said).map_err(failed)?;
            // What else it says must not fill the pipe.
            std::thread::spawn(move || out.read_to_end(&mut Vec::new()));
        }
        let tracer = Self(child);
        if said.contains("attached") { Ok(tracer) } else { Err(Failed::new(format!("strace says: {said}"))) }
    }
}

impl Drop for Tracer {
    fn drop(&mut self) {
        // It ends with the server.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A fresh copy of a folder that nobody has open.
fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    match fs::remove_dir_all(to) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        _ => fs::create_dir_all(to)?,
    }
    for file in fs::read_dir(from)? {
        let file = file?;
        if file.file_type()?.is_file() {
            fs::copy(file.path(), to.join(file.file_name()))?;
        }
    }
    Ok(())
}
