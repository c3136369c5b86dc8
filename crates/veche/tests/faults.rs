//! Nothing that was acknowledged is lost, whatever goes wrong: a short form of `veche bench faults`, which
//! tries every system call and a thousand kills.

#![allow(clippy::unwrap_used)]

mod common;

use common::json;

/// The program needs the right to trace its own children, and strace; `./test` installs it.
#[test]
fn nothing_acknowledged_is_lost_when_system_calls_fail() {
    let tried = json(&["bench", "faults", "--kills", "0", "--every", "9"], 0);
    assert!(tried["faults"].as_u64().unwrap() > 40, "{tried}");
    assert!(
        tried["calls"]["fsync"].as_u64().or(tried["calls"]["fdatasync"].as_u64()).unwrap() > 1,
        "{tried}"
    );
    assert!(tried["calls"]["pwrite64"].as_u64().unwrap() > 10, "{tried}");
    assert!(tried["acknowledged"].as_u64().unwrap() > 100, "{tried}");
    assert_eq!(tried["problems"], serde_json::json!([]));
}

#[test]
fn nothing_acknowledged_is_lost_when_the_program_is_killed() {
    let tried = json(&["bench", "faults", "--kills", "25", "--every", "0"], 0);
    assert_eq!(tried["kills"], 25);
    assert!(tried["acknowledged"].as_u64().unwrap() > 100, "{tried}");
    assert_eq!(tried["problems"], serde_json::json!([]));
}
