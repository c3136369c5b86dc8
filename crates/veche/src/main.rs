//! The command line: `veche serve`, `demo`, `import`, `verify`, `verify-receipt`, `recount`,
//! `mirror`, `fsck`, `backup`, `restore`, `doctor`, `witness`, `opinion`, `bench` and more.
//!
//! What it is not: it decides nothing and renders no page. It opens folders, starts the server, and
//! prints what the engines say.

mod backup;
mod bench;
mod bundle;
mod chain;
mod check;
mod control;
mod cosign;
mod daily;
mod demo;
mod doctor;
mod erase;
mod export;
mod fail;
mod fsck;
mod import;
mod keys;
mod mirror;
mod opinion_map;
mod organiser;
mod output;
mod progress;
mod publish;
mod receipt;
mod recount;
mod restore;
mod serve;
mod source;
mod trust;
mod votes;
mod witness;

use clap::{Parser, Subcommand};
use fail::Failed;
use output::Output;
use std::io::Write as _;
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
        /// A file that names the witnesses to ask for their signatures (<https://c2sp.org/tlog-policy>).
        ///
        /// Each `witness` line with an address is asked to cosign every head; the quorum says how many must have
        /// signed before a head is published. A record that is behind what a witness has seen is not added to.
        #[arg(long, env = "VECHE_POLICY")]
        policy: Option<PathBuf>,
        /// Offer numbers for Prometheus at this address, under /metrics: 127.0.0.1:9090. Not offered without it; it is
        /// not meant for the public.
        #[arg(long, env = "VECHE_METRICS")]
        metrics: Option<String>,
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
        /// The address of an assembly (or of the server, if it has one only), a data folder, a copy of a record, or a
        /// bundle.
        place: String,
        #[command(flatten)]
        trust: trust::Options,
    },
    /// Check a receipt: does it prove that an entry is on a record?
    ///
    /// A receipt does not hold the entry: give it with --entry and the check needs no network, or say with
    /// --from where it can be read. Ends with 0 if the receipt proves the entry, with 1 if something does not
    /// fit, and with 2 if it cannot be found out.
    VerifyReceipt(receipt::Options),
    /// Count everything again from the record, and compare with what was published.
    ///
    /// The same program folds the same record; the first difference is named. How likely each statement was to
    /// be shown is computed again, too, of a large record in part; where luck does not explain what was shown,
    /// that is said as a doubt. Ends with 0 if there is no difference and with 1 if there is one.
    Recount {
        /// The address of an assembly (or of the server, if it has one only), a data folder, a copy of a record, or a
        /// bundle.
        place: String,
        /// Recount this question only.
        #[arg(long)]
        question: Option<u32>,
        #[command(flatten)]
        trust: trust::Options,
    },
    /// Take a record away in one file that `verify` and `recount` read anywhere, without a network.
    ///
    /// A plain archive (tar) with the entries, the tree, the texts, the signed head, the results as they were
    /// published, and a page in plain words. With --question it holds all entries, because otherwise nobody could see
    /// that none was left out, and the texts of that question only. What was written is checked before this ends.
    Export(export::Options),
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
    /// Check everything in a data folder or a backup as it is stored: the record, the vault, the database.
    ///
    /// Works beside a running server and changes nothing. The server does the same by itself once a day. Ends with 0
    /// if everything fits, with 1 if something does not, and with 2 if it cannot be found out.
    Fsck(fsck::Options),
    /// Write everything in a data folder into one file, while the server runs or not, and check that file.
    ///
    /// The file holds the signing keys and the vault, so it is readable for its owner only. It holds no words that
    /// were erased. It must not exist before.
    Backup(backup::Options),
    /// Look at everything an operator can do something about: disk, clock, rights, backups, checks, the server.
    ///
    /// Each line says how it is, in a word and a sentence, and what to do. Ends with 1 if something must be acted on.
    Doctor(doctor::Options),
    /// Make a data folder out of a backup.
    ///
    /// The record goes on where the newest copy that anybody has of it ends, so that nothing which was shown to
    /// people is contradicted: give every mirror you can reach. Ends with 0 if the folder can be served, with 1 if
    /// the backup or a copy is not sound or they contradict each other, and with 2 if nothing was restored for
    /// another reason.
    Restore(restore::Options),
    /// Keys that sign a record: show them, change to a new one, retire old ones, make one in advance.
    #[command(subcommand)]
    Keys(keys::Keys),
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
    let code = match Cli::try_parse() {
        Ok(Cli { json, command }) => {
            let output = Output { json };
            run(command, output).unwrap_or_else(|failed| {
                output.failed(&failed);
                ExitCode::from(2)
            })
        }
        Err(error) => {
            let printed = error.print().and_then(|()| std::io::stdout().flush());
            // What is wrong with the command line goes to standard error, and nobody can be told if that fails.
            if !error.use_stderr() {
                output::written(printed);
            }
            ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
        }
    };
    if output::incomplete() { ExitCode::from(2) } else { code }
}

fn run(command: Command, output: Output) -> Result<ExitCode, Failed> {
    match command {
        Command::Demo { data, listen } => serve::demo(data, &listen, output),
        Command::Serve { data, listen, address, proxies, policy, metrics, unlimited } => {
            let options = serve::Options { listen, address, proxies, policy, metrics, unlimited };
            serve::serve(&data, &options, output)
        }
        Command::Import(Import::Polis(options)) => import::polis(&options, output),
        Command::Verify { place, trust } => {
            let trust = trust.read()?;
            let checked = check::check(&source::Source::find(&place)?, &trust, |_, _| ())?;
            let sound = checked.is_sound();
            output.result(&checked, || {
                let problems =
                    checked.problems.iter().skip(1).map(|problem| format!("  also: {}\n", problem.sentence));
                let warnings =
                    checked.warnings.iter().map(|warning| format!("  to do here: {}\n", warning.sentence));
                format!(
                    "{}\n{}{}{}\n",
                    checked.sentence(),
                    problems.chain(warnings).collect::<String>(),
                    checked.signed_lines(),
                    checked.vouched.sentence()
                )
            });
            Ok(if sound { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
        Command::VerifyReceipt(options) => receipt::verify(&options, output),
        Command::Recount { place, question, trust } => {
            let trust = trust.read()?;
            let source = source::Source::find(&place)?;
            let recounted = recount::recount(&source, &trust, question.map(assembly::QuestionId))?;
            let sound = recounted.is_sound();
            output.result(&recounted, || {
                let doubts: String = recounted.doubts.iter().map(|doubt| format!("{doubt}\n")).collect();
                format!("{}\n{doubts}{}\n", recounted.sentence(), recounted.record.vouched.sentence())
            });
            Ok(if sound { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
        Command::Export(options) => export::run(&options, output),
        Command::Mirror(options) => mirror::run(&options, output),
        Command::Erase(options) => erase::run(&options, output),
        Command::Fsck(options) => fsck::run(&options, output),
        Command::Backup(options) => backup::run(&options, output),
        Command::Doctor(options) => doctor::run(&options, output),
        Command::Restore(options) => restore::run(&options, output),
        Command::Organiser(options) => organiser::run(&options, output),
        Command::Keys(keys) => keys::run(&keys, output),
        Command::Witness(options) => witness::run(&options, output),
        Command::Opinion(opinion) => opinion_map::run(&opinion, output),
        Command::Count(options) => votes::run(&options, output),
        Command::Bench(bench) => bench::run(&bench, output),
    }
}
