//! A running witness.

use super::veche;
use record::checkpoint::SignedCheckpoint;
use record::note::{Signature, VerifierKey};
use record::policy::Policy;
use record::witness::Request;
use serde_json::Value;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};

/// The name most witnesses of the tests have.
pub const NAME: &str = "witness.example/w1";

/// The real program, killed with the value.
pub struct Witness {
    child: Child,
    /// Its address.
    pub url: String,
    /// Its key.
    pub key: VerifierKey,
    /// For requests whose status is looked at.
    pub agent: ureq::Agent,
}

impl Witness {
    /// Starts a witness of these logs.
    pub fn start(data: &Path, name: &str, listen: &str, logs: &[&str]) -> Self {
        let mut arguments = vec!["--json", "witness", "--listen", listen, "--name", name];
        arguments.extend(["--data", data.to_str().expect("a path")]);
        logs.iter().for_each(|log| arguments.extend(["--log", log]));
        let mut child = veche(&arguments).stdout(Stdio::piped()).spawn().expect("the program starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("its output")).read_line(&mut line).expect("a line");
        let ready: Value = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"));
        let text = |name: &str| ready[name].as_str().expect(name).to_owned();
        let agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        Self { child, url: text("url"), key: text("key").parse().expect("a key"), agent }
    }

    /// Status, content type and body of its answer.
    pub fn ask(&self, body: &str) -> (u16, String, String) {
        let address = format!("{}/add-checkpoint", self.url);
        let mut answer = self.agent.post(address).send(body).expect("an answer");
        let kind =
            answer.headers().get("content-type").and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let kind = kind.to_owned();
        (answer.status().as_u16(), kind, answer.body_mut().read_to_string().expect("text"))
    }

    /// Asks and must be given a cosignature that holds.
    pub fn cosigned(&self, request: &Request, log: &VerifierKey) -> SignedCheckpoint {
        let (status, _, body) = self.ask(&request.to_string());
        assert_eq!(status, 200, "{body}");
        let mut head = request.checkpoint().clone();
        head.add(Signature::parse_lines(&body).expect("signature lines")).expect("room");
        let policy = Policy::new(log.clone(), [self.key.clone()], 1).expect("a policy");
        assert!(head.verify(&policy).expect("a cosignature")[0].time > 1_700_000_000);
        head
    }
}

impl Drop for Witness {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
