//! A server that may fail at any moment, and people who act on it.

use super::super::load::{Connection, post};
use super::kept::Told;
use crate::fail::Failed;
use serde_json::Value;
use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};
use store::Token;

/// How long a server may take to start its threads, and to end when it is asked to.
const ENDS_WITHIN: Duration = Duration::from_secs(20);
/// How long one act may take.
const ANSWERS_WITHIN: Duration = Duration::from_secs(20);

/// A process of this program that serves a folder. Killed when dropped.
pub struct Running {
    child: Child,
    /// What it says on standard error.
    said: PathBuf,
    /// Host and port, once it is ready.
    pub host: String,
}

impl Running {
    /// Starts it, behind the command `before` if that is not empty. What it says goes to the file `said`.
    pub fn spawn(folder: &Path, said: &Path, before: &[String]) -> Result<Self, Failed> {
        let failed = |error: std::io::Error| Failed::io("Starting the server", error);
        let program = std::env::current_exe().map_err(failed)?;
        let mut command = match before.split_first() {
            Some((first, rest)) => {
                let mut command = Command::new(first);
                command.args(rest).arg(program);
                command
            }
            None => Command::new(program),
        };
        let child = command
            .args(["--json", "serve", "--unlimited", "--listen", "127.0.0.1:0", "--data"])
            .arg(folder)
            .env("VECHE_LOG", "warn")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(File::create(said).map_err(failed)?)
            .spawn()
            .map_err(|error| match (before.first(), error.kind()) {
                (Some(first), std::io::ErrorKind::NotFound) => Failed::new(format!(
                    "{first} is not there; it is needed to make system calls fail. Install it, on Debian with: \
                     apt-get install {first}"
                )),
                _ => failed(error),
            })?;
        Ok(Self { child, said: said.to_owned(), host: String::new() })
    }

    /// Waits until it is ready; says whether it came to that.
    pub fn ready(&mut self) -> bool {
        let mut line = String::new();
        let Some(out) = self.child.stdout.take() else { return false };
        // A server that fails ends, and the line stays empty.
        if BufReader::new(out).read_line(&mut line).is_err() {
            return false;
        }
        let ready: Value = serde_json::from_str(&line).unwrap_or_default();
        let host = ready.get("url").and_then(Value::as_str).and_then(|url| url.strip_prefix("http://"));
        self.host = host.unwrap_or_default().to_owned();
        host.is_some()
    }

    /// The number of the thread of this name, once it runs.
    pub fn thread(&self, name: &str) -> Result<String, Failed> {
        let tasks = format!("/proc/{}/task", self.child.id());
        let failed = |error| Failed::io(format!("Reading {tasks}"), error);
        let started = Instant::now();
        // A thread takes its name when it is first given time, which on a busy machine may be later.
        while started.elapsed() < ENDS_WITHIN {
            for task in fs::read_dir(&tasks).map_err(failed)? {
                let task = task.map_err(failed)?;
                if fs::read_to_string(task.path().join("comm")).is_ok_and(|comm| comm.trim_end() == name) {
                    return Ok(task.file_name().to_string_lossy().into_owned());
                }
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        Err(Failed::new(format!("The server has no thread “{name}”.")))
    }

    /// Whether it still runs.
    pub fn lives(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Kills it.
    pub fn kill(&mut self) {
        // It may have ended by itself; either way it is gone afterwards.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Asks it to end and waits for that. `None` if it does not.
    pub fn stop(&mut self) -> Option<ExitStatus> {
        let process = self.child.id().to_string();
        // The program forbids itself unsafe code, and there is no safe way to send this signal.
        let _ = Command::new("sh").args(["-c", "kill -TERM \"$0\"", &process]).stderr(Stdio::null()).status();
        let asked = Instant::now();
        while asked.elapsed() < ENDS_WITHIN {
            if let Ok(Some(status)) = self.child.try_wait() {
                return Some(status);
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        None
    }

    /// What it said on standard error.
    pub fn said(&self) -> String {
        fs::read_to_string(&self.said).unwrap_or_default()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.kill();
    }
}

/// What came of an act.
pub enum Came {
    /// It was acknowledged.
    Told(Told),
    /// It was refused, with this status and sentence.
    Refused(u16, String),
    /// There was no answer.
    Nothing,
}

/// Somebody who acts: one guest on one connection.
pub struct Person {
    connection: Connection,
    host: String,
    token: Token,
}

impl Person {
    /// Comes to a server.
    pub async fn come(host: &str) -> Result<Self, Failed> {
        Ok(Self { connection: Connection::open(host).await?, host: host.to_owned(), token: Token::random()? })
    }

    /// Responds to a statement.
    pub async fn respond(&mut self, statement: u32, response: &str) -> Came {
        let says = format!("\"statement\":{statement},\"response\":\"{response}\"");
        self.act("respond", &format!("statement={statement}&response={response}"), says).await
    }

    /// Takes a response back.
    pub async fn retract(&mut self, statement: u32) -> Came {
        self.act("retract", &format!("statement={statement}"), format!("\"statement\":{statement}")).await
    }

    /// Puts a statement to everyone.
    pub async fn state(&mut self, words: &str) -> Came {
        self.act("state", &format!("text={words}"), "\"kind\":\"talk.stated\"".into()).await
    }

    /// Erases the words of a statement of one's own.
    pub async fn erase(&mut self, statement: u32) -> Came {
        self.act(&format!("s/{statement}/erase"), "", "\"kind\":\"moderation.erased\"".into()).await
    }

    async fn act(&mut self, what: &str, form: &str, says: String) -> Came {
        let request = post(&self.host, &self.token, what, form);
        let answered = tokio::time::timeout(ANSWERS_WITHIN, self.connection.send(request.as_bytes())).await;
        let Ok(Ok(answer)) = answered else { return Came::Nothing };
        let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        if answer.status != 200 {
            return Came::Refused(answer.status, String::from_utf8_lossy(&answer.body).into_owned());
        }
        let number = |key: &str| body.get(key).and_then(Value::as_u64);
        let receipt = body.get("receipt").and_then(Value::as_str).unwrap_or_default().to_owned();
        match number("said_by").or_else(|| number("entry")) {
            Some(entry) => Came::Told(Told { entry, receipt, says }),
            None => Came::Refused(answer.status, "the answer names no entry".into()),
        }
    }
}
