//! The single looks of `veche doctor`. Each answers with a finding, also where it could not look.

use super::{Finding, Status};
use crate::check::thousands;
use crate::control;
use assembly::UnixMs;
use record::checkpoint::SignedCheckpoint;
use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;
use std::time::{Duration, SystemTime};
use store::{Listed, Reader, Work, Worked};

/// A clock that is wrong by more than this is worth a word.
const SKEW: Duration = Duration::from_secs(60);
/// A write-ahead log this large is not cut back: somebody has been reading the database for a long time.
const LARGE_LOG: u64 = 256 << 20;
/// Below so many times the reserve the disk will be full soon.
const SOON: u64 = 10;
/// A backup older than this is old.
const OLD_BACKUP: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// The server checks everything once a day; after so long it has not.
const OLD_FSCK: Duration = Duration::from_secs(3 * 24 * 60 * 60);
/// How long the public address may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Looks at everything.
pub fn all(data: &Path, address: Option<&str>) -> Vec<Finding> {
    let mut findings = vec![fine("version", format!("This is Veche {}.", env!("CARGO_PKG_VERSION")))];
    let running = control::is_served(data);
    let runs = running == Ok(true);
    findings.push(server(running));
    match Reader::open(data) {
        Ok(reader) => findings.extend(database(&reader, data, address, runs)),
        Err(error) => findings.push(act(
            "database",
            format!("The database cannot be opened: {error}."),
            "Check the disk, and that you may read the folder; then restore a backup.",
        )),
    }
    findings.extend(permissions(data));
    findings.push(log(data));
    findings.extend(address.map(|address| answers(address, runs)).unwrap_or_default());
    findings
}

/// What stands in the database.
fn database(reader: &Reader, data: &Path, address: Option<&str>, running: bool) -> Vec<Finding> {
    let mut findings = vec![integrity(reader)];
    let assemblies = match reader.assemblies() {
        Ok(assemblies) => assemblies,
        Err(error) => {
            findings.push(act(
                "record",
                format!("The assemblies in the database cannot be read: {error}."),
                "Run `veche fsck` on the folder.",
            ));
            return findings;
        }
    };
    let mut entries = 0;
    for listed in &assemblies {
        findings.push(origin(listed, address));
        match reader.edge(listed) {
            Ok(edge) => {
                entries += edge.size;
                findings.extend(edge.at.map(|at| clock(listed, at)));
                findings.push(witnesses(reader, listed, edge.size));
            }
            Err(error) => findings.push(act(
                "record",
                format!("The end of the record of “{}” cannot be read: {error}.", listed.slug),
                "Run `veche fsck` on the folder.",
            )),
        }
    }
    findings.push(disk(data, entries));
    findings.extend(kept(reader, running));
    findings
}

fn integrity(reader: &Reader) -> Finding {
    let damaged = |said: String| {
        act(
            "database",
            format!("The database is damaged: {said}."),
            "Stop the server, keep the folder as it is, and restore a backup with --mirror (see docs/operating.md).",
        )
    };
    match reader.quick_check() {
        Ok(None) => fine("database", "The database is whole, as far as a quick look tells."),
        Ok(Some(said)) => damaged(format!("SQLite says “{said}”")),
        Err(error) => damaged(error.to_string()),
    }
}

fn origin(listed: &Listed, address: Option<&str>) -> Finding {
    let Listed { slug, origin, .. } = listed;
    let Some(address) = address else {
        return fine("origin", format!("The record of “{slug}” is named {origin}."));
    };
    let host = address.split_once("://").map_or(address, |(_, host)| host).trim_end_matches('/');
    if *origin == format!("{host}/{slug}/record") {
        return fine("origin", format!("The record of “{slug}” is named {origin}, as it is reached."));
    }
    look(
        "origin",
        format!("The record of “{slug}” is named {origin}, and is reached at {host}/{slug}/record."),
        "A record keeps its name for ever. If the address has changed for good, keep the old one working; if this was a \
         trial under another address, found the assembly anew before people use it.",
    )
}

/// How far witnesses have seen the record.
fn witnesses(reader: &Reader, listed: &Listed, size: u64) -> Finding {
    let slug = &listed.slug;
    let stored = match reader.cosigned(listed) {
        Ok(stored) => stored,
        Err(error) => {
            return act(
                "witnesses",
                format!("The cosigned head of “{slug}” cannot be read: {error}."),
                "Run `veche fsck` on the folder.",
            );
        }
    };
    let Some(head) = stored.and_then(|text| text.parse::<SignedCheckpoint>().ok()) else {
        return look(
            "witnesses",
            format!("No witness has cosigned the record of “{slug}”: only this server vouches for it."),
            "Ask others to witness it (`veche witness`), and name them in a policy file: `veche serve --policy FILE`.",
        );
    };
    let seen = head.checkpoint().size();
    // The record's own keys, of which there may be several, sign in its name.
    let own = head.checkpoint().origin();
    let signed = head.note().signatures().iter().filter(|signature| signature.name() != own).count();
    let sentence = format!(
        "Witnesses ({signed}) have cosigned the record of “{slug}” up to {} of its {} entries.",
        thousands(seen),
        thousands(size)
    );
    if seen == size {
        return fine("witnesses", sentence);
    }
    look(
        "witnesses",
        sentence,
        "If the server is quiet and this stays so, a witness does not answer: /health and the log name it.",
    )
}

/// The machine's clock against the last entry.
fn clock(listed: &Listed, at: UnixMs) -> Finding {
    let ahead = Duration::from_millis(at.saturating_sub(store::clock()));
    if ahead <= SKEW {
        return fine("clock", format!("The clock is not behind the last entry of “{}”.", listed.slug));
    }
    act(
        "clock",
        format!("The clock of this machine is {} behind the last entry of “{}”.", span(ahead), listed.slug),
        "Set the clock, and keep it set by NTP. Until it has caught up, all entries get the time of the last one.",
    )
}

fn disk(data: &Path, entries: u64) -> Finding {
    let Some(free) = store::free_bytes(data) else {
        return look("disk", "The system does not say how much room the disk has.", "Look at it yourself.");
    };
    let reserve = store::reserve(store::log_bytes(data), 0);
    let used =
        fs::metadata(data.join(store::DATABASE)).map_or(0, |about| about.len()) + store::log_bytes(data);
    // A young record says little about what an act takes; 400 bytes are an entry with its share of the tree, a link in
    // the vault and some words.
    let each = if entries > 10_000 { (used / entries).max(1) } else { 400 };
    let acts = free.saturating_sub(reserve) / each;
    let sentence = format!(
        "The disk has {} MB free: room for about {} more acts.",
        thousands(free >> 20),
        thousands(acts)
    );
    if free < reserve {
        let sentence = format!(
            "The disk has {} MB free, less than the reserve of {} MB: the server takes nothing new.",
            free >> 20,
            reserve >> 20
        );
        return act("disk", sentence, "Make room on the disk. The server goes on by itself within a second.");
    }
    if free < reserve.saturating_mul(SOON) {
        return look("disk", sentence, "Make room, or move the folder to a larger disk, before it is full.");
    }
    fine("disk", sentence)
}

/// What the folder remembers: checks, backups, restoring, erased words.
fn kept(reader: &Reader, running: bool) -> Vec<Finding> {
    let unreadable = |error: store::SqlError| {
        act(
            "memory",
            format!("What was done for the folder cannot be read: {error}."),
            "Run `veche fsck` on it.",
        )
    };
    let mut findings = Vec::new();
    match reader.last(Work::Copy) {
        Ok(Some(_)) => findings.push(act(
            "restored",
            "This folder holds a backup that was copied there by hand; no server opens it.",
            "Move it away, and use `veche restore`.",
        )),
        Ok(None) => {}
        Err(error) => findings.push(unreadable(error)),
    }
    match reader.last(Work::Restore) {
        Ok(Some(Worked { at, said })) => {
            findings.push(fine("restored", format!("The folder was restored {}. {said}", ago(at))));
        }
        Ok(None) => {}
        Err(error) => findings.push(unreadable(error)),
    }
    findings.push(reader.last(Work::Backup).map_or_else(unreadable, backup));
    findings.push(reader.last(Work::Fsck).map_or_else(unreadable, |last| checked(last, running)));
    match reader.remains() {
        Ok(0) => {}
        Ok(_) => findings.push(look(
            "erased",
            "What was erased may still stand in the files of the database.",
            "If the server runs, end what else reads the database; if none runs, start it once.",
        )),
        Err(error) => findings.push(unreadable(error)),
    }
    findings
}

fn backup(last: Option<Worked>) -> Finding {
    let how = "Run `veche backup` every day, and keep the files on another machine.";
    match last {
        None => look("backup", "No backup was ever made of this folder.", how),
        Some(last) if age(last.at) > OLD_BACKUP => {
            look("backup", format!("The last backup was made {}.", ago(last.at)), how)
        }
        Some(last) => fine("backup", format!("The last backup was made {}.", ago(last.at))),
    }
}

fn checked(last: Option<Worked>, running: bool) -> Finding {
    let how = "Run `veche fsck` on the folder. A running server does it by itself once a day.";
    match last {
        Some(last) if !last.said.is_empty() => act(
            "fsck",
            format!("The last complete check, {}, found something: {}", ago(last.at), last.said),
            "Run `veche fsck` on the folder to see everything; docs/operating.md says what each sentence means.",
        ),
        Some(last) if age(last.at) > OLD_FSCK && running => {
            look("fsck", format!("The last complete check was {}.", ago(last.at)), how)
        }
        Some(last) => {
            fine("fsck", format!("The last complete check, {}, found everything right.", ago(last.at)))
        }
        None => look("fsck", "The server has not checked the folder whole yet.", how),
    }
}

/// Who may read what.
fn permissions(data: &Path) -> Vec<Finding> {
    let secret = [(data.join(store::DATABASE), "the database with its signing keys and the vault")];
    let logs = ["-wal", "-shm"]
        .map(|end| (data.join(format!("{}{end}", store::DATABASE)), "a file of the database"));
    let socket = [(data.join(control::FOLDER), "the socket for orders")];
    let mut findings = Vec::new();
    for (path, what) in secret.into_iter().chain(logs).chain(socket) {
        let Ok(about) = fs::metadata(&path) else { continue };
        // A folder that only its owner enters protects what is in it.
        let mode = about.permissions().mode() & 0o077 & folder_mode(data);
        if mode != 0 {
            let path = path.display();
            findings.push(act(
                "permissions",
                format!("Others than its owner may use {path}, {what}."),
                &format!("chmod go-rwx {}", data.display()),
            ));
        }
    }
    if let (Ok(folder), Ok(database)) = (fs::metadata(data), fs::metadata(data.join(store::DATABASE)))
        && folder.uid() != database.uid()
    {
        findings.push(look(
            "permissions",
            "The folder and the database belong to different users of this system.",
            "Give both to the user that runs the server: chown -R.",
        ));
    }
    if findings.is_empty() {
        findings.push(fine("permissions", "Nobody but its owner may read the folder."));
    }
    findings
}

/// What others than the owner may do with the folder: to enter it is what counts.
fn folder_mode(data: &Path) -> u32 {
    let mode = fs::metadata(data).map_or(0o777, |about| about.permissions().mode());
    let class = |enter: u32, all: u32| if mode & enter != 0 { all } else { 0 };
    class(0o010, 0o070) | class(0o001, 0o007)
}

fn log(data: &Path) -> Finding {
    let bytes = store::log_bytes(data);
    let sentence = format!("The write-ahead log has {} MB.", bytes >> 20);
    if bytes <= LARGE_LOG {
        return fine("log", sentence);
    }
    look(
        "log",
        sentence,
        "Something has been reading the database for a long time, so that the log cannot be cut. End it; if nothing does, \
         start the server again.",
    )
}

fn server(running: Result<bool, String>) -> Finding {
    match running {
        Ok(true) => fine("server", "The server runs and answers."),
        Ok(false) => {
            look("server", "No server runs on this folder.", "If one should, start it: veche serve.")
        }
        Err(why) => act(
            "server",
            format!("A process has this folder and does not answer: {why}."),
            "If it has just started, ask again; otherwise look at its log and start it again.",
        ),
    }
}

/// The server as people reach it, and its clock beside that of this machine.
fn answers(address: &str, running: bool) -> Vec<Finding> {
    let url = format!("{}/health", address.trim_end_matches('/'));
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .timeout_global(Some(PATIENCE))
        .http_status_as_error(false)
        .build()
        .into();
    let mut response = match agent.get(&url).call() {
        Ok(response) => response,
        Err(error) => {
            let sentence = format!("{url} cannot be reached from here: {error}.");
            let to_do = "Check the name, the proxy and its certificate. From inside some networks the public address \
                         cannot be reached although it works outside.";
            return vec![if running {
                look("address", sentence, to_do)
            } else {
                act("address", sentence, to_do)
            }];
        }
    };
    let mut findings = Vec::new();
    let date = response.headers().get("date").and_then(|date| date.to_str().ok());
    if let Some(there) = date.and_then(|date| httpdate::parse_http_date(date).ok()) {
        findings.push(against(there, SystemTime::now()));
    }
    let body = response.body_mut().read_to_string().unwrap_or_default();
    let health: serde_json::Value = serde_json::from_str(&body).unwrap_or_default();
    let status = health.get("status").and_then(|status| status.as_str());
    let problems =
        health.get("problems").and_then(|problems| problems.get(0)).and_then(|first| first.as_str());
    findings.push(match status {
        Some("ok") => fine("address", format!("{address} answers that all is well.")),
        Some(_) => act(
            "address",
            format!(
                "{address} answers that something is wrong: {}",
                problems.unwrap_or("it does not say what.")
            ),
            "docs/operating.md says what each sentence means.",
        ),
        None => act(
            "address",
            format!("{url} answers {}, and not as Veche does.", response.status()),
            "Check what the proxy sends there.",
        ),
    });
    findings
}

/// Two clocks, to the second.
fn against(there: SystemTime, here: SystemTime) -> Finding {
    let apart = here.duration_since(there).unwrap_or_else(|error| error.duration());
    if apart <= SKEW {
        return fine("clock", "The clock agrees with that of the public address.");
    }
    look(
        "clock",
        format!("The clock of this machine and that of the public address are {} apart.", span(apart)),
        "Set both by NTP: the record carries the time of this machine.",
    )
}

fn age(at: UnixMs) -> Duration {
    Duration::from_millis(store::clock().saturating_sub(at))
}

fn ago(at: UnixMs) -> String {
    format!("{} ago", span(age(at)))
}

/// A span of time as people say it.
fn span(time: Duration) -> String {
    let seconds = time.as_secs();
    let (number, unit) = match seconds {
        0..120 => (seconds, "second"),
        120..7_200 => (seconds / 60, "minute"),
        7_200..172_800 => (seconds / 3_600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    format!("{number} {unit}{}", if number == 1 { "" } else { "s" })
}

fn fine(about: &'static str, sentence: impl Into<String>) -> Finding {
    Finding { about, status: Status::Fine, sentence: sentence.into(), to_do: String::new() }
}

fn look(about: &'static str, sentence: impl Into<String>, to_do: &str) -> Finding {
    Finding { about, status: Status::LookAtThis, sentence: sentence.into(), to_do: to_do.into() }
}

fn act(about: &'static str, sentence: impl Into<String>, to_do: &str) -> Finding {
    Finding { about, status: Status::ActNow, sentence: sentence.into(), to_do: to_do.into() }
}
