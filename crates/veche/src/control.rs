//! Orders of whoever runs the server, from the command line to the process that has the folder.
//!
//! One process has a data folder to itself. A command that must write therefore does it itself only
//! where no server runs; otherwise it hands the order to the server through a socket in the folder.
//! Both ways end in [`carry_out`], so that an order means the same whether a server runs or not.
//!
//! On the socket: one line of JSON, the [`Order`]; then one line of JSON back, the [`Answer`]. Whoever
//! may open the socket may read the database beside it, signing key and all: it needs no other
//! protection than the folder's.

use crate::fail::Failed;
use crate::source::need_data_folder;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::DirBuilderExt as _;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;
use store::{House, OpenError};

/// The folder in the data folder that only its owner may enter, and the socket in it.
pub const FOLDER: &str = "control";
const SOCKET: &str = "socket";
/// The longest order, in bytes.
const LONGEST: u64 = 1 << 20;
/// How long the sender of an order may take to write it.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long a server may take to answer whether it is there: it may be carrying out another order.
const ANSWER: Duration = Duration::from_secs(15);
/// The longest path of a socket that every system takes.
const LONGEST_PATH: usize = 100;
/// How often a folder is tried that is neither free nor answering: a server that starts or ends.
const TRIES: usize = 20;
const BETWEEN: Duration = Duration::from_millis(250);

/// What can be asked of the process that has the folder.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Order {
    /// Which assemblies it has open.
    Assemblies,
    /// Erase the words of a text.
    Erase(crate::erase::Erase),
    /// Show, change or retire the keys that sign a record.
    Keys(crate::keys::KeyOrder),
}

/// What came of an order.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Answer {
    Done(serde_json::Value),
    Failed(String),
}

/// Carries out an order on open assemblies. Blocks until it is done.
///
/// # Errors
///
/// A sentence; nothing was done.
pub fn carry_out(houses: &[House], order: Order) -> Result<serde_json::Value, Failed> {
    match order {
        Order::Assemblies => answer(&houses.iter().map(House::slug).collect::<Vec<_>>()),
        Order::Keys(order) => answer(&crate::keys::carry_out(houses, order)?),
        Order::Erase(erase) => answer(&crate::erase::carry_out(houses, erase)?),
    }
}

/// The assembly of that name; without one, the only one there is.
///
/// # Errors
///
/// A sentence that lists them.
pub fn which<'h>(houses: &'h [House], slug: Option<&str>) -> Result<&'h House, Failed> {
    let house = match slug {
        Some(slug) => houses.iter().find(|house| house.slug() == slug),
        None => houses.first().filter(|_| houses.len() == 1),
    };
    house.ok_or_else(|| {
        let all: Vec<_> = houses.iter().map(House::slug).collect();
        Failed::new(format!(
            "Say with --assembly which assembly it is. Those in this folder: {}.",
            all.join(", ")
        ))
    })
}

fn answer(value: &impl Serialize) -> Result<serde_json::Value, Failed> {
    serde_json::to_value(value).map_err(|error| Failed::io("Writing the answer", error))
}

/// Has an order carried out on a data folder: by the server that runs on it, or by this process.
///
/// # Errors
///
/// A sentence, if there is no such folder or nothing came of the order.
pub fn order<T: DeserializeOwned>(folder: &Path, order: Order) -> Result<T, Failed> {
    need_data_folder(folder)?;
    let line = serde_json::to_string(&order).map_err(|error| Failed::io("Writing the order", error))?;
    for _ in 0..TRIES {
        if let Ok(stream) = connect(folder) {
            return read(&ask(stream, &line)?);
        }
        match store::Store::open(folder, &mut |_, _| ()) {
            Ok(store) => return read(&carry_out(store.houses(), order)?),
            // A server that starts has the folder before it listens; one that ends still has it after.
            Err(OpenError::InUse(_)) => thread::sleep(BETWEEN),
            Err(error) => return Err(error.into()),
        }
    }
    Err(OpenError::InUse(folder.to_owned()).into())
}

fn read<T: DeserializeOwned>(value: &serde_json::Value) -> Result<T, Failed> {
    T::deserialize(value).map_err(|error| {
        Failed::io("Reading the server's answer (is it another version of Veche than this command?)", error)
    })
}

/// Whether a server runs on the folder and answers. The error says why one that seems to be there does not.
pub fn is_served(folder: &Path) -> Result<bool, String> {
    let Ok(stream) = connect(folder) else {
        // A socket that nobody listens at was left by a process that was killed; a lock is held by a living one.
        return if store::is_in_use(folder) { Err("it has no socket for orders".into()) } else { Ok(false) };
    };
    stream.set_read_timeout(Some(ANSWER)).map_err(|error| error.to_string())?;
    let line = serde_json::to_string(&Order::Assemblies).map_err(|error| error.to_string())?;
    ask(stream, &line).map(|_| true).map_err(|failed| failed.to_string().trim_end_matches('.').to_owned())
}

fn ask(mut stream: UnixStream, line: &str) -> Result<serde_json::Value, Failed> {
    let mut text = String::new();
    writeln!(stream, "{line}")
        .and_then(|()| BufReader::new(stream).read_line(&mut text))
        .map_err(|error| Failed::io("Talking to the server that runs on this folder", error))?;
    match serde_json::from_str(&text) {
        Ok(Answer::Done(value)) => Ok(value),
        Ok(Answer::Failed(sentence)) => Err(Failed::new(sentence)),
        Err(_) => Err(Failed::new(
            "The server that runs on this folder ended before it answered. Whether the order was carried out, its \
             record says; ask again if not.",
        )),
    }
}

/// The socket on which a server takes orders. Taken down when dropped.
pub struct Control {
    folder: PathBuf,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Control {
    /// Takes orders for the assemblies of a data folder, which this process must have to itself.
    ///
    /// # Errors
    ///
    /// A sentence, if the socket cannot be made.
    pub fn listen(folder: &Path, houses: Vec<House>) -> Result<Self, Failed> {
        let listener =
            bind(folder).map_err(|error| Failed::io("Making the socket for orders in the folder", error))?;
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let work = move || {
            for stream in listener.incoming() {
                if stopped.load(Ordering::Acquire) {
                    return;
                }
                // A connection that breaks off is the other side's affair.
                let _ = stream.and_then(|stream| serve(stream, &houses));
            }
        };
        let thread = thread::Builder::new()
            .name("control".into())
            .spawn(work)
            .map_err(|error| Failed::io("Starting a thread", error))?;
        Ok(Self { folder: folder.to_owned(), stop, thread: Some(thread) })
    }
}

impl Drop for Control {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Release);
        // Wakes the thread, so that it sees that it is to end.
        if connect(&self.folder).is_ok()
            && let Some(thread) = self.thread.take()
        {
            let _ = thread.join();
        }
        let _ = fs::remove_file(self.folder.join(FOLDER).join(SOCKET));
    }
}

fn serve(mut stream: UnixStream, houses: &[House]) -> io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    let mut line = String::new();
    BufReader::new(&stream).take(LONGEST).read_line(&mut line)?;
    let answer = match serde_json::from_str(&line) {
        Ok(order) => carry_out(houses, order),
        Err(error) => Err(Failed::io(
            "Reading the order (is the command another version of Veche than the server?)",
            error,
        )),
    };
    let answer = answer.map_or_else(|failed| Answer::Failed(failed.to_string()), Answer::Done);
    writeln!(stream, "{}", serde_json::to_string(&answer).map_err(io::Error::other)?)
}

fn bind(folder: &Path) -> io::Result<UnixListener> {
    let inner = folder.join(FOLDER);
    match fs::DirBuilder::new().mode(0o700).create(&inner) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    // What a killed process left: this one has the folder now.
    match fs::remove_file(inner.join(SOCKET)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    within(&inner, UnixListener::bind)
}

fn connect(folder: &Path) -> io::Result<UnixStream> {
    within(&folder.join(FOLDER), UnixStream::connect)
}

/// Opens the socket in `folder`, whose own path may be longer than a socket's may be.
fn within<T>(folder: &Path, open: impl FnOnce(PathBuf) -> io::Result<T>) -> io::Result<T> {
    let path = folder.join(SOCKET);
    if path.as_os_str().len() <= LONGEST_PATH {
        return open(path);
    }
    let folder = File::open(folder)?;
    open(PathBuf::from(format!("/proc/self/fd/{}/{SOCKET}", folder.as_raw_fd())))
}
