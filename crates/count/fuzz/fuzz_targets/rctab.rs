//! RCTab's contests and ballots: a zero byte parts the one from the other.
#![no_main]

use count::report::{Request, report};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let mut parts = data.splitn(2, |b| *b == 0);
    let config = parts.next().unwrap_or_default();
    let ballots = parts.next().unwrap_or_default().to_vec();
    for name in ["ballots.csv", "ballots.json"] {
        let _ = report("contest.json", config, &[(name.to_owned(), ballots.clone())], &Request::default());
    }
});
