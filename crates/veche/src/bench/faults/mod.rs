//! `veche bench faults`: is anything lost that was acknowledged, whatever goes wrong while it is written?
//!
//! Two ways of making it go wrong, both with the real program, people acting over HTTP, and the files of a
//! real data folder: the process is killed at any moment of its life ([`kills`]), and each of its system
//! calls that changes a file fails once or is the last thing it does ([`calls`]). After every fault the
//! folder must open by itself, the whole record must verify, and every receipt that anybody was given must
//! hold for an entry that says what that person did.

mod calls;
mod kept;
mod kills;
mod running;

use crate::fail::Failed;
use crate::output::Output;
use serde::Serialize;
use std::process::ExitCode;

/// The most that is told of what went wrong.
const MAX_PROBLEMS: usize = 50;

/// What was tried and what came of it.
#[derive(Debug, Default, Serialize)]
pub struct Tried {
    /// Times the program was killed from outside.
    kills: u64,
    /// System calls that were made to fail, or to be the last.
    faults: u64,
    /// Of these, by name of the call.
    calls: std::collections::BTreeMap<&'static str, u64>,
    /// Acts that were acknowledged.
    acknowledged: u64,
    /// Acts that were refused with a sentence, or whose answer never came.
    refused: u64,
    /// What was lost or did not go on by itself. Empty: nothing.
    problems: Vec<String>,
}

impl Tried {
    fn problem(&mut self, sentence: String) {
        if self.problems.len() < MAX_PROBLEMS {
            self.problems.push(sentence);
        }
    }

    fn sentences(&self) -> String {
        let Self { kills, faults, acknowledged, refused, problems, .. } = self;
        let calls: Vec<_> = self.calls.iter().map(|(call, count)| format!("{count} × {call}")).collect();
        let calls = if calls.is_empty() { String::new() } else { format!(" ({})", calls.join(", ")) };
        let tried = format!(
            "{kills} kills and {faults} system calls that failed or were the last{calls}. {acknowledged} acts were \
             acknowledged, {refused} were refused or not answered.\n"
        );
        if problems.is_empty() {
            return format!(
                "{tried}Nothing acknowledged was lost: after each, the folder opened by itself, the whole record \
                 verified, and every receipt held.\n"
            );
        }
        let list: String = problems.iter().map(|problem| format!("  {problem}\n")).collect();
        format!("{tried}This must not be:\n{list}")
    }
}

/// Makes things go wrong and says what came of it. Ends with 1 if anything was lost.
///
/// # Errors
///
/// A sentence, if something needed for it does not work.
pub fn run(kills: u64, every: usize, output: Output) -> Result<ExitCode, Failed> {
    let mut tried = Tried::default();
    if kills > 0 {
        kills::run(kills, &mut tried)?;
    }
    if every > 0 {
        calls::run(every, &mut tried)?;
    }
    output.result(&tried, || tried.sentences());
    Ok(if tried.problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
