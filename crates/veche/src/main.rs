//! The command line: `veche serve`, `demo`, `import`, `verify`, `verify-receipt`, `recount`,
//! `mirror`, `witness`, `opinion`, `bench`.
//!
//! What it is not: it decides nothing and renders no page. It opens folders, starts the server, and
//! prints what the engines say.

mod bench;
mod check;
mod control;
mod demo;
mod erase;
mod fail;
mod import;
mod mirror;
mod opinion_map;
mod organiser;
mod output;
mod progress;
mod publish;
mod receipt;
mod recount;
mod serve;
mod source;
mod votes;
mod witness;

use clap::{Parser, Subcommand};
use fail::Failed;
use output::Output;
use std::path::PathBuf;
use std::process::ExitCode;

/// A group decides something together, and anybody can check the result.
///
/// Start with `veche demo`: it opens an assembly in a fresh folder and serves it on this machine.
#[derive(Parser)]
#[command(version, arg_required_else_help = true)]
struct Cli {
    /// Print JSON instead of sentences: one value on standard output.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Show Veche with a made-up housing co-operative: two questions, simulated participants.
    ///
    /// Nothing else is needed. Open the address it prints and respond to a few statements; then check the
    /// result as a stranger would, with the commands it prints.
    Demo {
        /// Where to keep it. Without this, a fresh folder for temporary files.
        #[arg(long, env = "VECHE_FOLDER")]
        data: Option<PathBuf>,
        /// Where to listen.
        #[arg(long, env = "VECHE_LISTEN", default_value = "127.0.0.1:8080")]
        listen: String,
    },
    /// Serve the assemblies of a data folder over HTTP.
    ///
    /// One process has a folder to itself. Everything acknowledged to anybody is on disk; the process may be
    /// killed at any time.
    Serve {
        /// The data folder.
        #[arg(long, env = "VECHE_FOLDER")]
        data: PathBuf,
        /// Where to listen.
        #[arg(long, env = "VECHE_LISTEN", default_value = "127.0.0.1:8080")]
        listen: String,
        /// The address as people type it, if a proxy stands before this server: `https://example.org`.
        #[arg(long, env = "VECHE_ADDRESS")]
        address: Option<String>,
        /// How many proxies stand before this server and add to X-Forwarded-For.
        #[arg(long, env = "VECHE_PROXIES", default_value_t = 0)]
        proxies: usize,
        /// Take any number of acts from anybody. For measuring only.
        #[arg(long)]
        unlimited: bool,
    },
    /// Make a question out of a conversation held elsewhere.
    #[command(subcommand)]
    Import(Import),
    /// Check a record: signatures, every entry, every text.
    ///
    /// Needs nothing but the address or the folder, and believes nobody. Ends with 0 if everything fits and
    /// with 1 if not.
    Verify {
        /// The address of an assembly (or of the server, if it has one only), a data folder, or a copy of a
        /// record.
        place: String,
        /// The record's verifier key, if you have it from somewhere you trust. Without it, the key that the
        /// record itself names.
        #[arg(long)]
        key: Option<String>,
    },
    /// Check a receipt: does it prove that an entry is on a record?
    ///
    /// A receipt does not hold the entry: give it with --entry and the check needs no network, or say with
    /// --from where it can be read. Ends with 0 if the receipt proves the entry, with 1 if something does not
    /// fit, and with 2 if it cannot be found out.
    VerifyReceipt(receipt::Options),
    /// Count everything again from the record, and compare with what was published.
    ///
    /// The same program folds the same record; the first difference is named. Ends with 0 if there is none
    /// and with 1 if there is one.
    Recount {
        /// The address of an assembly (or of the server, if it has one only), a data folder, or a copy of a
        /// record.
        place: String,
        /// Recount this question only.
        #[arg(long)]
        question: Option<u32>,
        /// The record's verifier key, as for `verify`.
        #[arg(long)]
        key: Option<String>,
    },
    /// Copy a record into a folder of plain files, and keep the copy up to date.
    ///
    /// Everything is checked while it is copied. The copy remembers what it has seen: if the server ever
    /// shows a record that does not continue it, nothing is taken over and both heads are kept as evidence.
    /// `verify` and `recount` work on the folder. Ends with 0 if the copy is up to date, with 1 if the record
    /// is not what it should be, and with 2 if copying failed; the next run goes on from there.
    Mirror(mirror::Options),
    /// Erase the words of one text: they and their salt are deleted, and an entry says so, and why.
    ///
    /// Works while the server runs and while it does not. The entry that committed to the words stays, and so does
    /// everything that was said to them. Copies of the record (mirrors) delete the words when they are updated.
    Erase(erase::Options),
    /// Print a one-time link with which an organiser signs in, valid for 15 minutes.
    ///
    /// Works while the server runs. The link is the key: give it to the organiser and to nobody else.
    Organiser(organiser::Options),
    /// Witness other people's records: a server that cosigns their heads (C2SP tlog-witness).
    ///
    /// It cosigns a head only if that continues the last one it cosigned, so nobody can show different people
    /// different records and have both cosigned. Works for any log of that kind, not only for Veche's. The
    /// first start makes the key; give the key that is printed to those whose records you witness.
    Witness(witness::Options),
    /// Opinion maps without a server.
    #[command(subcommand)]
    Opinion(opinion_map::Opinion),
    /// Count votes from a file under a rule, exactly, with every step explained.
    ///
    /// Elections, committees, budgets and motions; the files are those that others publish. The result says
    /// who won, how every round went, where a tie was decided and by what, and how close it was.
    Count(votes::Options),
    /// Measure this machine: each prints its figures beside something to compare with.
    #[command(subcommand)]
    Bench(bench::Bench),
}

#[derive(Subcommand)]
enum Import {
    /// From Polis: an export folder, the files of its JSON API, or a table of responses.
    ///
    /// All dialects that Polis ever wrote are read; which one it is, which sign means agree and in which unit
    /// times are is found out from the data and reported. A file that is broken is refused whole, with line
    /// and reason. Either everything is imported or nothing.
    Polis(import::Options),
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let output = Output { json: cli.json };
    match run(cli.command, output) {
        Ok(code) => code,
        Err(failed) => {
            output.failed(&failed);
            ExitCode::from(2)
        }
    }
}

fn run(command: Command, output: Output) -> Result<ExitCode, Failed> {
    match command {
        Command::Demo { data, listen } => serve::demo(data, &listen, output),
        Command::Serve { data, listen, address, proxies, unlimited } => {
            let options = serve::Options { listen, address, proxies, unlimited };
            serve::serve(&data, &options, output)
        }
        Command::Import(Import::Polis(options)) => import::polis(&options, output),
        Command::Verify { place, key } => {
            let checked = check::check(&source::Source::find(&place)?, key.as_deref(), |_| ())?;
            let sound = checked.is_sound();
            output.result(&checked, || {
                let problems =
                    checked.problems.iter().skip(1).map(|problem| format!("  also: {}\n", problem.sentence));
                let warnings =
                    checked.warnings.iter().map(|warning| format!("  to do here: {}\n", warning.sentence));
                format!(
                    "{}\n{}Signed by {}\n",
                    checked.sentence(),
                    problems.chain(warnings).collect::<String>(),
                    checked.key
                )
            });
            Ok(if sound { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
        Command::VerifyReceipt(options) => receipt::verify(&options, output),
        Command::Recount { place, question, key } => {
            let source = source::Source::find(&place)?;
            let recounted = recount::recount(&source, key.as_deref(), question.map(assembly::QuestionId))?;
            let sound = recounted.is_sound();
            output.result(&recounted, || format!("{}\n", recounted.sentence()));
            Ok(if sound { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
        Command::Mirror(options) => mirror::run(&options, output),
        Command::Erase(options) => erase::run(&options, output),
        Command::Organiser(options) => organiser::run(&options, output),
        Command::Witness(options) => witness::run(&options, output),
        Command::Opinion(opinion) => opinion_map::run(&opinion, output),
        Command::Count(options) => votes::run(&options, output),
        Command::Bench(bench) => bench::run(&bench, output),
    }
}
