//! The real program, as a person runs it.
#![allow(dead_code, reason = "every test file uses its own part")]

pub mod witness;

use serde_json::Value;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

/// The program with these arguments.
pub fn veche(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_veche"));
    command.args(arguments).env("VECHE_LOG", "warn").stdin(Stdio::null());
    command
}

/// Runs it to its end.
pub fn run(arguments: &[&str]) -> Output {
    veche(arguments).output().expect("the program starts")
}

/// Runs it and reads the JSON it prints; the exit code must be `code`.
pub fn json(arguments: &[&str], code: i32) -> Value {
    let mut with = vec!["--json"];
    with.extend(arguments);
    let output = run(&with);
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(code), "{text}{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// A running server, killed with the value.
pub struct Server {
    child: Child,
    /// Its address.
    pub url: String,
    /// Where its numbers are, if it was started with some.
    pub metrics: String,
}

impl Server {
    /// Starts `demo` or `serve` on a free port.
    pub fn start(what: &str, data: &Path) -> Self {
        Self::start_with(what, data, &[])
    }

    /// The same, with more on the command line.
    pub fn start_with(what: &str, data: &Path, more: &[&str]) -> Self {
        Self::start_logging(what, data, more, Stdio::inherit())
    }

    /// The same, with its log somewhere.
    pub fn start_logging(what: &str, data: &Path, more: &[&str], log: impl Into<Stdio>) -> Self {
        let data = data.to_str().expect("a readable path");
        let mut child = veche(&["--json", what, "--listen", "127.0.0.1:0", "--data", data])
            .args(more)
            .stderr(log)
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("its output")).read_line(&mut line).expect("a line");
        let ready: Value = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"));
        let text = |key: &str| ready[key].as_str().unwrap_or_default().to_owned();
        Self { child, url: text("url"), metrics: text("metrics") }
    }

    /// Ends it as an operator does, and waits until it has ended.
    pub fn stop(mut self) {
        let kill = Command::new("kill").arg(self.child.id().to_string()).status();
        assert!(kill.expect("kill").success());
        self.child.wait().expect("it ends");
    }

    /// The status and body at a path.
    pub fn ask(&self, path: &str) -> (u16, String) {
        let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        let mut response = agent.get(format!("{}{path}", self.url)).call().expect(path);
        (response.status().as_u16(), response.body_mut().read_to_string().expect(path))
    }

    /// Tries to respond to a statement of question 1 as a new guest; gives the status and the JSON answer.
    pub fn try_to_respond(&self, assembly: &str, statement: u32) -> (u16, Value) {
        let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        let mut response = agent
            .post(format!("{}/{assembly}/q/1/respond", self.url))
            .header("Accept", "application/json")
            .header("Sec-Fetch-Site", "same-origin")
            .send_form([("statement", statement.to_string().as_str()), ("response", "agree")])
            .expect("an answer");
        let body = response.body_mut().read_to_string().expect("a body");
        (response.status().as_u16(), serde_json::from_str(&body).expect("JSON"))
    }

    /// The body at a path.
    pub fn get(&self, path: &str) -> Vec<u8> {
        let mut response = ureq::get(format!("{}{path}", self.url)).call().expect(path);
        response.body_mut().read_to_vec().expect(path)
    }

    /// The entry that brought a statement of question 1 of the demonstration.
    pub fn entry_of(&self, statement: u32) -> u64 {
        let page = self.get(&format!("/lindenhof/q/1/s/{statement}.json"));
        let page: Value = serde_json::from_slice(&page).expect("JSON");
        page["entry"].as_u64().expect("an entry")
    }

    /// Responds to a statement of question 1 as a new guest; gives the JSON answer.
    pub fn respond(&self, assembly: &str, statement: u32, response: &str) -> Value {
        let (status, answer) = self.try_respond(assembly, statement, response);
        assert_eq!(status, 200, "{answer}");
        answer
    }

    /// The same, whatever comes of it: the status and the JSON answer.
    pub fn try_respond(&self, assembly: &str, statement: u32, response: &str) -> (u16, Value) {
        let mut answer = ureq::post(format!("{}/{assembly}/q/1/respond", self.url))
            .config()
            .http_status_as_error(false)
            .build()
            .header("Accept", "application/json")
            .header("Sec-Fetch-Site", "same-origin")
            .send_form([("statement", statement.to_string().as_str()), ("response", response)])
            .expect("an answer");
        let body = answer.body_mut().read_to_vec().expect("a body");
        (answer.status().as_u16(), serde_json::from_slice(&body).expect("JSON"))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Writes a small Polis export: `people` participants, five statements, two opinion groups.
pub fn write_export(folder: &Path, people: u32) {
    let mut votes = String::from("timestamp,datetime,comment-id,voter-id,vote\n");
    let mut comments =
        String::from("timestamp,datetime,comment-id,author-id,agrees,disagrees,moderated,comment-body\n");
    for statement in 0..5u32 {
        let mut agrees = 0;
        for person in 0..people {
            let side = if (person + statement).is_multiple_of(2) || statement == 4 { 1 } else { -1 };
            let author = person == statement;
            let vote = if author { 1 } else { side };
            agrees += u32::from(vote == 1);
            votes += &format!("{},-,{statement},{person},{vote}\n", 1_700_000_000_000u64 + u64::from(person));
        }
        let disagrees = people - agrees;
        comments += &format!(
            "1699999999000,-,{statement},{statement},{agrees},{disagrees},1,\"Statement {statement}, \"\"quoted\"\",\n\
             on two lines: 五號\"\n"
        );
    }
    let summary = format!(
        "topic,Does it work?\nurl,https://example.org\nviews,{people}\nvoters,{people}\nvoters-in-conv,{people}\n\
         commenters,5\ncomments,5\ngroups,2\nconversation-description,\"A test.\"\n"
    );
    for (name, text) in [("votes.csv", votes), ("comments.csv", comments), ("summary.csv", summary)] {
        std::fs::write(folder.join(name), text).expect("writing the export");
    }
}

/// Writes a record of these entries as plain files, signed by these keys.
pub fn write_record(folder: &Path, origin: &str, entries: &[Vec<u8>], keys: &[&record::note::SigningKey]) {
    use record::checkpoint::{Checkpoint, SignedCheckpoint};
    let tree = record::Tree::from_leaf_hashes(entries.iter().map(|entry| record::leaf_hash(entry)));
    let write = |name: String, bytes: &[u8]| {
        let file = folder.join(name);
        std::fs::create_dir_all(file.parent().expect("a parent")).expect("a folder");
        std::fs::write(file, bytes).expect("a file");
    };
    for path in record::tile::tiles(tree.size()) {
        write(path.to_string(), &record::tile::encode_tile(&tree, path).expect("a tile"));
    }
    for path in record::tile::bundles(tree.size()) {
        let rows = entries
            .iter()
            .skip(usize::try_from(path.first_entry()).expect("small"))
            .take(path.width().into());
        write(path.to_string(), &record::tile::encode_bundle(rows).expect("a bundle"));
    }
    let head = Checkpoint::new(origin, tree.size(), tree.root()).expect("a head");
    let text = head.to_string();
    let mut signed = SignedCheckpoint::sign(head, keys.first().expect("a key")).expect("signed");
    signed.add(keys.iter().skip(1).map(|key| key.sign(&text))).expect("signed");
    write("checkpoint".into(), signed.to_string().as_bytes());
}
