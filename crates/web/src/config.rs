//! What whoever runs the server can set, with the arithmetic of the defaults.

use crate::metrics::Metrics;
use assembly::UnixMs;
use std::time::Duration;

/// How the pages are served.
#[derive(Debug, Clone)]
pub struct Config {
    /// The address of the server as people type it, without a slash at the end:
    /// `https://example.org`. With `https` the guest's cookie is sent over encrypted connections only.
    pub public_url: String,
    /// How many proxies of one's own stand in front. The sender's address is taken from that many
    /// places from the right in `X-Forwarded-For`; with 0 the header is not read at all.
    pub trusted_proxy_hops: usize,
    /// How much anybody may ask for.
    pub limits: Limits,
    /// Where requests are counted; nowhere without it.
    pub metrics: Option<Metrics>,
    /// The clock, in milliseconds since 1970; tests hold it still.
    pub clock: fn() -> UnixMs,
}

impl Config {
    /// The defaults for a server at `public_url`.
    pub fn new(public_url: impl Into<String>) -> Self {
        let mut public_url = public_url.into();
        public_url.truncate(public_url.trim_end_matches('/').len());
        Self {
            public_url,
            trusted_proxy_hops: 0,
            limits: Limits::default(),
            metrics: None,
            clock: store::clock,
        }
    }

    pub(crate) fn secure(&self) -> bool {
        self.public_url.starts_with("https://")
    }
}

/// How much anybody may ask for.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Acts a second in the name of one guest; twenty times as many at once. `None`: any number.
    ///
    /// Nobody reads and answers more than two statements a second.
    pub acts_per_guest: Option<u32>,
    /// Acts a second from one address; twenty times as many at once. `None`: any number.
    ///
    /// A meeting of 200 people behind one address who answer a statement every two seconds.
    pub acts_per_address: Option<u32>,
    /// The longest body of a request, in bytes. A statement is 140 characters: at most 560 bytes,
    /// percent-encoded 1,680.
    pub body: usize,
    /// Pages that may watch the numbers at the same time. Each costs a connection and about 20 kB.
    pub streams: usize,
    /// Bundles that may be downloaded at the same time. Each costs a thread, and up to three files of the record in
    /// memory: at worst 50 MB.
    pub bundles: usize,
    /// How long an answer may take, streams excepted. The record flushes in milliseconds; the first
    /// map of the largest question takes about ten seconds.
    pub answer: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            acts_per_guest: Some(5),
            acts_per_address: Some(100),
            body: 16 * 1024,
            streams: 2_000,
            bundles: 8,
            answer: Duration::from_secs(30),
        }
    }
}

const _: () = assert!(assembly::talk::MAX_STATEMENT * 4 * 3 < 16 * 1024);
