//! `veche organiser`: a one-time link with which an organiser signs in, also where there is no mail server.

use crate::fail::Failed;
use crate::output::Output;
use crate::source::need_data_folder;
use serde::Serialize;
use std::path::PathBuf;
use std::process::ExitCode;

/// What can be said on the command line.
#[derive(clap::Args)]
pub struct Options {
    /// The data folder.
    #[arg(long, env = "VECHE_FOLDER")]
    data: PathBuf,
    /// Which assembly, if the folder holds more than one: the first part of its addresses.
    #[arg(long)]
    assembly: Option<String>,
    /// The address of the server as people type it: `https://example.org`. Without it, the one that the record is
    /// named after.
    #[arg(long, env = "VECHE_ADDRESS")]
    address: Option<String>,
}

/// What a program hears.
#[derive(Serialize)]
struct Link {
    assembly: String,
    url: String,
    /// Milliseconds since 1970.
    expires: u64,
}

/// Makes the link and prints it.
///
/// # Errors
///
/// A sentence, if the folder cannot be used or holds no such assembly.
pub fn run(options: &Options, output: Output) -> Result<ExitCode, Failed> {
    let Options { data, assembly, address } = options;
    need_data_folder(data)?;
    let now = store::clock();
    let (listed, token) = store::organiser_link(data, assembly.as_deref(), now)
        .map_err(|error| Failed::new(error.to_string()))?;
    let address = address.as_deref().map_or_else(|| named(&listed.origin, &listed.slug), str::to_owned);
    let url = format!("{}/{}/organise/enter/{token}", address.trim_end_matches('/'), listed.slug);
    let link = Link { assembly: listed.slug, url, expires: now.saturating_add(store::LINK_MS) };
    output.result(&link, || {
        format!(
            "{}\n\nOpen this address in the browser that is to be signed in as an organiser of {}. It works once, within \
             15 minutes. Whoever has it can sign in: give it to nobody else.\n",
            link.url, link.assembly
        )
    });
    Ok(ExitCode::SUCCESS)
}

/// The address of the server, from the name of the record: `example.org/hall/record`.
fn named(origin: &str, slug: &str) -> String {
    let host = origin.strip_suffix(&format!("/{slug}/record")).unwrap_or(origin);
    let here = ["127.", "localhost", "[::1]"].iter().any(|start| host.starts_with(start));
    format!("{}://{host}", if here { "http" } else { "https" })
}
