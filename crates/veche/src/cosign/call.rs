//! Talking to one witness over HTTP, on a thread of its own: what blocks, blocks there.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;
use tokio::sync::oneshot;

/// How long one request may take, from looking up the name to the end of the answer.
pub const PATIENCE: Duration = Duration::from_secs(5);
/// The longest answer that is read: a hundred signature lines of a kilobyte.
const MAX_ANSWER: u64 = 100 << 10;

/// The thread that talks to a witness; it ends with this value.
pub struct Caller(Sender<Call>);

struct Call {
    body: String,
    answer: oneshot::Sender<Result<Heard, String>>,
}

/// What came back.
pub struct Heard {
    /// HTTP's.
    pub status: u16,
    /// The content type.
    pub kind: String,
    /// The body.
    pub body: Vec<u8>,
}

impl Caller {
    /// For the witness at this address (its submission prefix).
    ///
    /// # Errors
    ///
    /// A sentence, if that is no address of a web server.
    pub fn new(name: &str, url: &str) -> Result<Self, String> {
        if !(url.starts_with("https://") || url.starts_with("http://")) {
            return Err(format!(
                "The address of the witness {name} is “{url}”; it has to begin with https:// or http://."
            ));
        }
        let address = format!("{}/add-checkpoint", url.trim_end_matches('/'));
        let agent = ureq::Agent::config_builder()
            .timeout_global(Some(PATIENCE))
            .max_redirects(0)
            .http_status_as_error(false)
            .user_agent(concat!("veche/", env!("CARGO_PKG_VERSION")))
            .build()
            .into();
        let (calls, queue) = channel();
        std::thread::Builder::new()
            .name(format!("asks {name}"))
            .spawn(move || talk(&agent, &address, &queue))
            .map_err(|error| format!("A thread for the witness {name} could not be started: {error}."))?;
        Ok(Self(calls))
    }

    /// Asks for a cosignature. Each task has one call under way at most, so few wait here.
    ///
    /// # Errors
    ///
    /// A sentence, if the witness cannot be reached or does not answer in time.
    pub async fn post(&self, body: String) -> Result<Heard, String> {
        let (answer, heard) = oneshot::channel();
        let gone = || "The thread that asks it has ended.".to_owned();
        self.0.send(Call { body, answer }).map_err(|_| gone())?;
        heard.await.map_err(|_| gone())?
    }
}

fn talk(agent: &ureq::Agent, address: &str, queue: &Receiver<Call>) {
    while let Ok(Call { body, answer }) = queue.recv() {
        // Whoever asked may be gone.
        if !answer.is_closed() {
            let _ = answer.send(post(agent, address, &body));
        }
    }
}

fn post(agent: &ureq::Agent, address: &str, body: &str) -> Result<Heard, String> {
    let failed = |error: ureq::Error| match error {
        ureq::Error::Timeout(_) => format!("It does not answer within {} seconds.", PATIENCE.as_secs()),
        error => format!("It cannot be reached: {error}."),
    };
    let mut response =
        agent.post(address).content_type("text/plain; charset=utf-8").send(body).map_err(failed)?;
    let kind = response.headers().get("content-type").and_then(|kind| kind.to_str().ok());
    let kind = kind.unwrap_or_default().to_owned();
    let status = response.status().as_u16();
    let body = response.body_mut().with_config().limit(MAX_ANSWER).read_to_vec().map_err(failed)?;
    Ok(Heard { status, kind, body })
}
