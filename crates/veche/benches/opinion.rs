//! `cargo bench`: the speed figures that `veche bench opinion` prints, from a program built for speed.

use std::process::{Command, ExitCode};

fn main() -> ExitCode {
    // Only `cargo bench` says so; whoever lists or runs tests does not wait for minutes.
    let (bench, options): (Vec<String>, Vec<String>) =
        std::env::args().skip(1).partition(|argument| argument == "--bench");
    if bench.is_empty() {
        return ExitCode::SUCCESS;
    }
    match Command::new(env!("CARGO_BIN_EXE_veche")).args(["bench", "opinion"]).args(options).status() {
        Ok(status) => {
            status.code().and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, ExitCode::from)
        }
        Err(error) => {
            eprintln!("The program could not be started: {error}.");
            ExitCode::FAILURE
        }
    }
}
