//! `veche bench`: the figures of BENCHMARKS.md, each beside something to compare with.
//!
//! The machines these run on are shared and noisy: what is worth quoting is CPU time, and ratios within
//! one run.

mod copying;
mod count;
mod faults;
mod flooding;
mod fresh;
mod groups;
mod load;
mod machine;
mod opinion;
mod page;
mod respond;
mod restart;
mod routing;
mod upkeep;
mod witness;

#[cfg(test)]
pub use machine::furnish;

use crate::fail::Failed;
use crate::output::Output;
use clap::Subcommand;
use std::path::PathBuf;
use std::process::ExitCode;

/// What can be measured.
#[derive(Subcommand)]
pub enum Bench {
    /// Durable responses a second over HTTP, from a client on the same machine.
    ///
    /// Beside it: how many rows of the same size SQLite itself commits, one by one and in batches.
    Respond {
        /// How many connections respond at the same time.
        #[arg(long, default_value_t = 256)]
        connections: usize,
        /// For how long, after a second of warming up.
        #[arg(long, default_value_t = 10)]
        seconds: u64,
        /// How many local witnesses are asked to cosign meanwhile; all of them must have signed.
        #[arg(long, default_value_t = 0)]
        witnesses: usize,
        /// Where the data folder is made; the disk matters. Without this, the folder for temporary files.
        #[arg(long)]
        on: Option<PathBuf>,
    },
    /// The question page with many statements: time and size.
    Page {
        /// How many statements.
        #[arg(long, default_value_t = 5_000)]
        statements: u32,
        /// How many requests.
        #[arg(long, default_value_t = 500)]
        requests: usize,
    },
    /// Opinion maps of generated conversations, both methods and live: CPU time and memory.
    Opinion(opinion::Options),
    /// Who is shown what, in simulated conversations: by `next_statement`, and by the rule of Polis.
    Routing,
    /// Groups of simulated conversations: whether they are found again, and whether people are in them.
    Groups,
    /// How far floods of clones and of rows that agree to everything move groups and common ground, with and
    /// without the flagged.
    Flooding,
    /// Counting real elections, reading included: CPU time and memory.
    Count {
        /// The folder with `pb` and `stv` in it.
        #[arg(default_value = "../shared/data/elections")]
        folder: PathBuf,
        /// One of them only, in this process.
        #[arg(long, hide = true)]
        one: Option<String>,
    },
    /// A mirror's first copy of a long record, from a server on the same machine.
    Mirror {
        /// How many responses the record holds; about as many entries.
        #[arg(long, default_value_t = 1_000_000)]
        responses: u32,
    },
    /// A witness: heads cosigned a second, each on disk before its answer.
    Witness {
        /// How many logs grow at the same time.
        #[arg(long, default_value_t = 64)]
        logs: usize,
        /// For how long.
        #[arg(long, default_value_t = 5)]
        seconds: u64,
    },
    /// Whether anything acknowledged is lost when the program is killed or its system calls fail.
    ///
    /// Needs strace for the system calls. Ends with 1 if anything was lost or the server did not go on by
    /// itself.
    Faults {
        /// How often the server is killed while people act.
        #[arg(long, default_value_t = 1_000)]
        kills: u64,
        /// Let every so many-th system call fail; 0: none.
        #[arg(long, default_value_t = 1)]
        every: usize,
    },
    /// Opening a data folder with many entries: time and memory, with and without a snapshot.
    Restart {
        /// How many responses the record holds; about as many entries.
        #[arg(long, default_value_t = 1_000_000)]
        responses: u32,
        /// Open this folder in this process, and say how that went.
        #[arg(long, hide = true)]
        open: Option<PathBuf>,
    },
    /// How old the map is that people look at while others respond, and how long a look takes.
    Fresh {
        /// How many responses the record holds at the start.
        #[arg(long, default_value_t = 1_000_000)]
        responses: u32,
    },
    /// What backups and the daily check cost those who respond meanwhile, and how long they take.
    Upkeep {
        /// How many responses the record holds; about as many entries.
        #[arg(long, default_value_t = 1_000_000)]
        responses: u32,
        /// Check this folder in this process, and say how that went.
        #[arg(long, hide = true)]
        check: Option<PathBuf>,
    },
}

/// Measures.
///
/// # Errors
///
/// A sentence, if something needed for it does not work.
pub fn run(bench: &Bench, output: Output) -> Result<ExitCode, Failed> {
    match bench {
        Bench::Respond { connections, seconds, witnesses, on } => {
            respond::run(*connections, *seconds, *witnesses, on.as_deref(), output)?;
        }
        Bench::Page { statements, requests } => page::run(*statements, *requests, output)?,
        Bench::Opinion(options) => opinion::run(options, output)?,
        Bench::Routing => routing::run(output)?,
        Bench::Groups => groups::run(output)?,
        Bench::Flooding => flooding::run(output)?,
        Bench::Count { folder, one } => count::run(folder, one.as_deref(), output)?,
        Bench::Mirror { responses } => copying::run(*responses, output)?,
        Bench::Witness { logs, seconds } => witness::run(*logs, *seconds, output)?,
        Bench::Fresh { responses } => fresh::run(*responses, output)?,
        Bench::Upkeep { responses, check } => upkeep::run(*responses, check.as_deref(), output)?,
        Bench::Faults { kills, every } => return faults::run(*kills, *every, output),
        Bench::Restart { responses, open } => restart::run(*responses, open.as_deref(), output)?,
    }
    Ok(ExitCode::SUCCESS)
}
