//! A client for measuring: many connections, each sending one request after the other.
//!
//! It knows just enough HTTP/1.1 to be cheap, because it runs on the cores it measures.

use crate::fail::Failed;
use std::time::{Duration, Instant};
use store::Token;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// What a guest of question 1 of the assembly `bench` sends who posts a form to the address `what` below it, and wants
/// to hear of it in JSON.
pub fn post(host: &str, token: &Token, what: &str, form: &str) -> String {
    format!(
        "POST /bench/q/1/{what} HTTP/1.1\r\nHost: {host}\r\nAccept: application/json\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nCookie: veche={token}\r\n\
         Sec-Fetch-Site: same-origin\r\nContent-Length: {}\r\n\r\n{form}",
        form.len()
    )
}

/// The longest head of an answer.
const MAX_HEAD: usize = 16 << 10;

/// One connection that is kept open.
pub struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// What came back.
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// Bytes of head and body.
    pub bytes: usize,
    /// The body.
    pub body: Vec<u8>,
}

impl Connection {
    /// Connects to a host and port.
    pub async fn open(host: &str) -> Result<Self, Failed> {
        let failed = |error| Failed::io(format!("Connecting to {host}"), error);
        let stream = TcpStream::connect(host).await.map_err(failed)?;
        stream.set_nodelay(true).map_err(failed)?;
        Ok(Self { stream, buffer: Vec::with_capacity(16 << 10) })
    }

    /// Sends a request and reads the answer. The connection stays open.
    pub async fn send(&mut self, request: &[u8]) -> Result<Answer, Failed> {
        self.exchange(request).await.map_err(|error| Failed::io("A request of the measurement", error))
    }

    async fn exchange(&mut self, request: &[u8]) -> std::io::Result<Answer> {
        let broken = |what: &str| std::io::Error::new(std::io::ErrorKind::InvalidData, what.to_owned());
        self.stream.write_all(request).await?;
        self.buffer.clear();
        let head = loop {
            if let Some(end) = find(&self.buffer, b"\r\n\r\n") {
                break end + 4;
            }
            if self.buffer.len() > MAX_HEAD || self.stream.read_buf(&mut self.buffer).await? == 0 {
                return Err(broken("the answer has no end of head"));
            }
        };
        let text = std::str::from_utf8(&self.buffer[..head]).map_err(|_| broken("the head is not text"))?;
        let status = text.get(9..12).and_then(|code| code.parse().ok()).ok_or_else(|| broken("no status"))?;
        let length = text
            .lines()
            .find_map(|line| {
                let (name, value) = line.split_once(':')?;
                name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
            })
            .unwrap_or(0);
        while self.buffer.len() < head + length {
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return Err(broken("the answer was cut off"));
            }
        }
        Ok(Answer { status, bytes: head + length, body: self.buffer[head..head + length].to_vec() })
    }
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}

/// How long requests took.
#[derive(Default)]
pub struct Latencies(Vec<Duration>);

impl Latencies {
    /// Notes one.
    pub fn note(&mut self, since: Instant) {
        self.0.push(since.elapsed());
    }

    /// Takes over another's.
    pub fn extend(&mut self, other: Latencies) {
        self.0.extend(other.0);
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Milliseconds that this share of the requests, 0 to 1, did not exceed.
    pub fn quantile(&mut self, share: f64) -> f64 {
        self.0.sort_unstable();
        let last = self.0.len().saturating_sub(1);
        let place = ((self.0.len() as f64 * share) as usize).min(last);
        self.0.get(place).map_or(0.0, |latency| latency.as_secs_f64() * 1_000.0)
    }
}
