//! `veche serve` and `veche demo`: the server.

use crate::control::Control;
use crate::cosign;
use crate::daily;
use crate::demo;
use crate::fail::Failed;
use crate::import::open_store;
use crate::output::Output;
use crate::progress;
use serde::Serialize;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use store::{House, Store};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

/// What can be said on the command line.
pub struct Options {
    /// Where to listen.
    pub listen: String,
    /// The address as people type it.
    pub address: Option<String>,
    /// Proxies before this server.
    pub proxies: usize,
    /// Which witnesses to ask.
    pub policy: Option<PathBuf>,
    /// Where numbers for Prometheus are offered, if anywhere.
    pub metrics: Option<String>,
    /// Any number of acts from anybody.
    pub unlimited: bool,
}

/// What a program hears when the server is ready.
#[derive(Serialize)]
struct Ready<'a> {
    url: &'a str,
    /// Where the numbers for Prometheus are.
    #[serde(skip_serializing_if = "Option::is_none")]
    metrics: Option<String>,
    data: String,
    assemblies: Vec<String>,
}

/// Serves a data folder until told to stop.
///
/// # Errors
///
/// A sentence, if the folder or the address cannot be used.
pub fn serve(data: &Path, options: &Options, output: Output) -> Result<ExitCode, Failed> {
    let runtime = start()?;
    let (listener, local) = listen(&runtime, &options.listen)?;
    let store = open_store(data)?;
    if store.houses().is_empty() {
        return Err(Failed::new(format!(
            "There is no assembly in {} yet. Make one with `veche import polis <export> --data {0}`, or look at \
             `veche demo` first.",
            data.display()
        )));
    }
    let address = options.address.clone().unwrap_or(local);
    run(&runtime, listener, store, data, &address, options, output, |ready| {
        format!("Veche serves {} at {}. Stop it with Ctrl-C.\n", ready.assemblies.join(", "), ready.url)
    })
}

/// Opens the demonstration and serves it until told to stop.
///
/// # Errors
///
/// A sentence, if the folder or the address cannot be used.
pub fn demo(data: Option<PathBuf>, to: &str, output: Output) -> Result<ExitCode, Failed> {
    let runtime = start()?;
    let (listener, address) = listen(&runtime, to)?;
    let data = data.unwrap_or_else(demo::fresh_folder);
    let store = demo::prepare(&data, &address)?;
    let options = Options {
        listen: to.to_owned(),
        address: None,
        proxies: 0,
        policy: None,
        metrics: None,
        unlimited: false,
    };
    run(&runtime, listener, store, &data, &address, &options, output, |ready| {
        let Ready { url, data, .. } = ready;
        format!(
            "The demonstration is at {url}\n\n\
             Its two questions and everybody in it are made up; what you add is recorded for real, in {data}.\n\
             What to try:\n  \
               1. Open {url} and respond to eight statements. Then see where you stand.\n  \
               2. Open it in a second browser, respond there, and watch the numbers change in the first.\n  \
               3. Check it as a stranger would:\n       \
                    veche verify {url}\n       \
                    veche recount {url}\n\
             Stop it with Ctrl-C.\n"
        )
    })
}

/// A server that runs beside other work.
pub struct Serving {
    url: String,
    runtime: Runtime,
    task: tokio::task::JoinHandle<std::io::Result<()>>,
}

/// Begins to serve something small beside other work.
///
/// # Errors
///
/// A sentence, if the address cannot be used.
pub fn beside(router: web::Router, to: &str) -> Result<Serving, Failed> {
    let runtime = start()?;
    let (listener, url) = listen(&runtime, to)?;
    let task = runtime.spawn(web::serve(listener, router, stopped()));
    Ok(Serving { url, runtime, task })
}

impl Serving {
    /// Its address.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Waits until the process is asked to stop, or for so long; says whether it was asked to.
    pub fn wait(&mut self, pause: Option<std::time::Duration>) -> bool {
        let Self { runtime, task, .. } = self;
        runtime.block_on(async {
            match pause {
                Some(pause) => tokio::time::timeout(pause, task).await.is_ok(),
                None => {
                    // However it ended, there is nothing more to wait for.
                    let _ = task.await;
                    true
                }
            }
        })
    }
}

fn start() -> Result<Runtime, Failed> {
    tracing_subscriber::fmt()
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_env("VECHE_LOG").unwrap_or_else(|_| "info".into()),
        )
        .with_writer(std::io::stderr)
        .init();
    Runtime::new().map_err(|error| Failed::io("Starting the server", error))
}

fn listen(runtime: &Runtime, to: &str) -> Result<(TcpListener, String), Failed> {
    let listener = runtime.block_on(TcpListener::bind(to)).map_err(|error| {
        Failed::new(format!(
            "The server cannot listen at {to}: {error}. If another program has that port, choose another one: \
             --listen 127.0.0.1:8081."
        ))
    })?;
    let local: SocketAddr =
        listener.local_addr().map_err(|error| Failed::io("Reading the server's own address", error))?;
    Ok((listener, format!("http://{local}")))
}

#[expect(clippy::too_many_arguments, reason = "all of it is decided by the two callers above")]
fn run(
    runtime: &Runtime,
    listener: TcpListener,
    store: Store,
    data: &Path,
    address: &str,
    options: &Options,
    output: Output,
    sentence: impl FnOnce(&Ready<'_>) -> String,
) -> Result<ExitCode, Failed> {
    let mut config = web::Config::new(address);
    config.trusted_proxy_hops = options.proxies;
    if options.unlimited {
        config.limits.acts_per_guest = None;
        config.limits.acts_per_address = None;
    }
    let houses = store.houses().to_vec();
    // Before anybody can add anything.
    if let Some(policy) = &options.policy {
        cosign::start(runtime, &houses, policy)?;
    }
    let control = Control::listen(data, houses.clone())?;
    let assemblies = houses.iter().map(|house| house.read().state.roll().title().to_owned()).collect();
    let metrics = offer_metrics(runtime, options.metrics.as_deref(), &mut config, &houses)?;
    let ready = Ready { url: address, metrics, data: data.display().to_string(), assemblies };
    progress::quiet();
    daily::begin(data.to_owned()).map_err(|error| Failed::io("Starting a thread", error))?;
    let served = runtime.block_on(async {
        let (router, caretaker) = web::kept(config, houses);
        output.result(&ready, || sentence(&ready));
        let caretaker = tokio::spawn(caretaker);
        let served = web::serve(listener, router, stopped()).await;
        caretaker.abort();
        served
    });
    drop(control);
    // The writers finish what they were asked before the process ends.
    drop(store);
    served.map_err(|error| Failed::io("Serving", error))?;
    Ok(ExitCode::SUCCESS)
}

/// Offers the numbers at an address of their own, until the process ends; gives that address.
fn offer_metrics(
    runtime: &Runtime,
    to: Option<&str>,
    config: &mut web::Config,
    houses: &[House],
) -> Result<Option<String>, Failed> {
    let Some(to) = to else { return Ok(None) };
    let (listener, url) = listen(runtime, to)?;
    let metrics = web::Metrics::default();
    config.metrics = Some(metrics.clone());
    let router = web::metrics(metrics, houses.to_vec());
    runtime.spawn(web::serve(listener, router, std::future::pending()));
    Ok(Some(format!("{url}/metrics")))
}

/// Ends when the process is asked to: Ctrl-C, or SIGTERM from whatever runs it.
async fn stopped() {
    let interrupt = async {
        // Without a handler there is only the kill, which nothing here is afraid of.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut terminate) => tokio::select! { () = interrupt => (), _ = terminate.recv() => () },
            Err(_) => interrupt.await,
        }
    }
    #[cfg(not(unix))]
    interrupt.await;
}
