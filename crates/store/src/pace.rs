//! Long work beside a server that answers people: in small slices, with rests in proportion.

use std::time::{Duration, Instant};

/// How long a slice of work is: an answer that waits for the processor waits no longer.
const SLICE: Duration = Duration::from_millis(5);

/// When to rest during long work.
#[derive(Debug, Clone)]
pub struct Pace {
    /// A rest is so many times as long as the slice before it; 0 rests never.
    rest: u32,
    since: Instant,
}

impl Pace {
    /// As fast as it goes.
    pub fn full() -> Self {
        Self { rest: 0, since: Instant::now() }
    }

    /// A tenth of one processor at most.
    pub fn gentle() -> Self {
        Self { rest: 9, since: Instant::now() }
    }

    /// Half of one processor at most: for work that keeps others waiting as long as it lasts.
    pub fn brisk(&self) -> Self {
        Self { rest: self.rest.min(1), since: Instant::now() }
    }

    /// Called often: rests if it is time.
    pub fn breathe(&mut self) {
        if self.rest == 0 {
            return;
        }
        let worked = self.since.elapsed();
        if worked >= SLICE {
            std::thread::sleep(worked * self.rest);
            self.since = Instant::now();
        }
    }
}
