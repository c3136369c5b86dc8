//! The server asks witnesses, and everything that checks knows about them: real servers, real witnesses,
//! some of which are down, hang or refuse.

mod common;

use common::witness::Witness;
use common::{Server, json, run};
use record::checkpoint::SignedCheckpoint;
use record::policy::Policy;
use serde_json::Value;
use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// The longest that anything here may take, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(90);

fn text(path: &Path) -> &str {
    path.to_str().expect("a path")
}

/// Waits until `look` finds something.
fn wait<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(began.elapsed() < PATIENCE, "{what} did not come");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Says that something should stop, also when a test fails.
struct Stop<'a>(&'a AtomicBool);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// A record with its folder, and where policies and witnesses are kept.
struct Place {
    folder: TempDir,
    key: String,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let server = Server::start("demo", &folder.path().join("data"));
        let key = String::from_utf8(server.get("/lindenhof/record/key")).expect("text").trim().to_owned();
        Self { folder, key }
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn witness(&self, name: &str, listen: &str) -> Witness {
        let folder = self.folder.path().join(name);
        Witness::start(&folder, &format!("witness.example/{name}"), listen, &[&self.key])
    }

    fn policy(&self, file: &str, lines: &str) -> PathBuf {
        let file = self.folder.path().join(file);
        fs::write(&file, lines).expect("a file");
        file
    }

    fn serve(&self, policy: &Path) -> Server {
        Server::start_with("serve", &self.data(), &["--policy", text(policy)])
    }

    /// Copies the files of the data folder, without the socket for orders.
    fn copy(&self, from: &Path, to: &Path) {
        let _ = fs::remove_dir_all(to);
        fs::create_dir_all(to).expect("a folder");
        for file in fs::read_dir(from).expect("the folder").map(|file| file.expect("a file")) {
            if file.path().is_file() {
                fs::copy(file.path(), to.join(file.file_name())).expect("a copy");
            }
        }
    }
}

fn head(server: &Server) -> SignedCheckpoint {
    SignedCheckpoint::from_bytes(&server.get("/lindenhof/record/checkpoint")).expect("a checkpoint")
}

fn read(file: &Path) -> Policy {
    Policy::from_bytes(&fs::read(file).expect("the policy")).expect("a policy")
}

/// Takes connections and never answers.
fn hanging() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("its address"));
    std::thread::spawn(move || {
        let mut held = Vec::new();
        listener.incoming().for_each(|stream| held.push(stream));
    });
    url
}

/// An address at which nobody listens.
fn down() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    format!("http://{}", listener.local_addr().expect("its address"))
}

#[test]
fn whoever_checks_gets_the_quorum_although_some_witnesses_are_down_hang_or_refuse() {
    let place = Place::new();
    let (one, two) = (place.witness("w1", "127.0.0.1:0"), place.witness("w2", "127.0.0.1:0"));
    // It does not know the record; its key is fresh.
    let stranger = Witness::start(&place.folder.path().join("w3"), "witness.example/w3", "127.0.0.1:0", &[]);
    let spare = |name: &str| {
        Witness::start(
            &place.folder.path().join(name),
            &format!("witness.example/{name}"),
            "127.0.0.1:0",
            &[],
        )
        .key
        .clone()
    };
    let witnesses = [
        format!("witness w1 {} {}", one.key, one.url),
        format!("witness w2 {} {}/", two.key, two.url),
        format!("witness w3 {} {}", stranger.key, stranger.url),
        format!("witness w4 {} {}", spare("w4"), down()),
        format!("witness w5 {} {}", spare("w5"), hanging()),
    ];
    let policy = |file: &str, quorum: &str| {
        place.policy(
            file,
            &format!("# A test.\n{}\ngroup g {quorum} w1 w2 w3 w4 w5\nquorum g\n", witnesses.join("\n")),
        )
    };
    let two_of = policy("two", "2");
    let server = place.serve(&two_of);
    let own = read(&two_of).for_log(&place.key.parse().expect("a key")).expect("for any log");
    wait("the quorum", || head(&server).verify(&own).ok().map(|_| ()));

    // Nobody who responds waits for the witness that hangs: it holds a connection open for five seconds at a time.
    let began = Instant::now();
    let answers: Vec<Value> =
        (1..=8).map(|statement| server.respond("lindenhof", statement, "agree")).collect();
    assert!(began.elapsed() < Duration::from_secs(8 * 5), "{:?}", began.elapsed());
    let last = answers.last().and_then(|answer| answer["entry"].as_u64()).expect("an entry");
    wait("the quorum over the last entry", || {
        let head = head(&server);
        (head.checkpoint().size() > last && head.verify(&own).is_ok()).then_some(())
    });

    let (url, two_of) = (&*server.url, text(&two_of));
    let found = json(&["verify", url, "--policy", two_of], 0);
    assert_eq!(
        (&found["vouched"]["list"], &found["vouched"]["quorum"]),
        (&"own".into(), &true.into()),
        "{found}"
    );
    let signed = |found: &Value| {
        let witnesses = found["vouched"]["witnesses"].as_array().expect("witnesses");
        witnesses.iter().filter(|one| one["time"].as_u64().is_some()).count()
    };
    assert_eq!(signed(&found), 2);
    let found = json(&["verify", url], 0);
    assert_eq!(found["vouched"]["list"], "server", "{found}");
    let said = String::from_utf8(run(&["verify", url]).stdout).expect("text");
    assert!(said.contains("By the list that the server itself publishes, 2 of 5 witnesses"), "{said}");
    let published = String::from_utf8(server.get("/lindenhof/record/policy")).expect("text");
    assert!(published.contains("quorum g") && published.contains(&place.key), "{published}");
    assert!(!published.contains("http://127"), "the addresses of witnesses are not published: {published}");

    // Not enough of them for somebody who wants all five; and what is no policy is not guessed at.
    let all = policy("all", "all");
    let found = json(&["verify", url, "--policy", text(&all)], 1);
    let said = found["problems"][0]["sentence"].as_str().unwrap_or_default();
    assert!(said.contains("only witness.example/w1, witness.example/w2"), "{found}");
    let elsewhere = format!(
        "log {}\nquorum none\n",
        "example.org/log+8f13f9e4+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c"
    );
    json(&["verify", url, "--policy", text(&place.policy("elsewhere", &elsewhere))], 1);
    for (lines, why) in [("quorum some\n", "Line 1: Nothing is named some"), ("", "needs a line `quorum`")] {
        let failed = json(&["verify", url, "--policy", text(&place.policy("bad", lines))], 2);
        assert!(failed["error"].as_str().unwrap_or_default().contains(why), "{failed}");
    }
    json(&["verify", url, "--policy", "no such file"], 2);

    let found = json(&["recount", url, "--policy", two_of], 0);
    assert_eq!(found["record"]["vouched"]["quorum"], true, "{found}");
    json(&["recount", url, "--policy", text(&all)], 1);
    let copy = place.folder.path().join("copy");
    json(&["mirror", url, text(&copy), "--policy", text(&all)], 1);
    let found = json(&["mirror", url, text(&copy), "--policy", two_of], 0);
    assert_eq!(signed(&found), 2);
    json(&["verify", text(&copy), "--policy", two_of], 0);
    assert_eq!(json(&["verify", text(&copy)], 0)["vouched"]["list"], "server");

    // A receipt that is downloaded later has the witnesses' signatures, and needs no network.
    let receipt = place.folder.path().join("receipt");
    let entry = place.folder.path().join("entry");
    fs::write(&receipt, server.get(&format!("/lindenhof/record/receipt/{last}"))).expect("a file");
    let found = json(&["verify-receipt", text(&receipt), "--from", url], 0);
    fs::write(&entry, found["entry"].as_str().expect("the entry")).expect("a file");
    let offline =
        ["verify-receipt", text(&receipt), "--entry", text(&entry), "--key", &place.key, "--policy"];
    let found = json(&[&offline[..], &[two_of]].concat(), 0);
    assert!(found["shown"].to_string().contains("The witness witness.example/w2 saw that head"), "{found}");
    json(&[&offline[..], &[text(&all)]].concat(), 1);
    let first = place.folder.path().join("first");
    fs::write(&first, answers[7]["receipt"].as_str().expect("a receipt")).expect("a file");
    json(&["verify-receipt", text(&first), "--entry", text(&entry), "--key", &place.key], 0);

    let page = String::from_utf8(server.get("/lindenhof/q/1/check")).expect("text");
    assert!(page.contains("2 of 5 independent witnesses"), "{page}");
    assert!(page.contains("The quorum that this server goes by is met"), "{page}");
    let found: Value = serde_json::from_slice(&server.get("/lindenhof/q/1/check.json")).expect("JSON");
    assert_eq!((&found["quorum"], &found["halted"]), (&true.into(), &Value::Null), "{found}");

    // All are gone, and the server is started again: the signatures were kept.
    let before = head(&server);
    wait("the signatures on disk", || {
        run(&["verify", text(&place.data()), "--policy", two_of]).status.success().then_some(())
    });
    drop((server, one, two, stranger));
    let server = place.serve(Path::new(two_of));
    let after = head(&server);
    assert_eq!(after.checkpoint(), before.checkpoint());
    assert_eq!(after.verify(&own).expect("the quorum").len(), 2);
    // What comes now nobody can cosign: the head with the quorum stays for a minute, and the record grows.
    server.respond("lindenhof", 9, "pass");
    assert_eq!(head(&server).checkpoint(), before.checkpoint());
    let found: Value = serde_json::from_slice(&server.get("/lindenhof/q/1/check.json")).expect("JSON");
    assert!(found["size"].as_u64() < found["as_of"].as_u64(), "{found}");
    let page = String::from_utf8(server.get("/lindenhof/q/1/check")).expect("text");
    assert!(page.contains("the witnesses are being asked about the rest"), "{page}");
}

#[test]
fn an_older_copy_put_in_place_is_not_added_to() {
    let place = Place::new();
    let witness = place.witness("w1", "127.0.0.1:0");
    let listen = witness.url.trim_start_matches("http://").to_owned();
    let policy = place.policy("policy", &format!("witness w1 {} {}\nquorum w1\n", witness.key, witness.url));
    let own = read(&policy).for_log(&place.key.parse().expect("a key")).expect("for any log");
    let cosigned = |server: &Server, entry: u64| {
        wait("the cosignature", || {
            let head = head(server);
            (head.checkpoint().size() > entry && head.verify(&own).is_ok()).then_some(())
        });
    };
    let respond = |server: &Server, statement| {
        server.respond("lindenhof", statement, "agree")["entry"].as_u64().expect("an entry")
    };
    let server = place.serve(&policy);
    cosigned(&server, respond(&server, 1));
    drop(server);
    let backup = place.folder.path().join("backup");
    place.copy(&place.data(), &backup);
    let server = place.serve(&policy);
    cosigned(&server, respond(&server, 2));
    drop(server);

    // Smaller than what the witness has seen: found before anybody can add anything.
    place.copy(&backup, &place.data());
    let server = place.serve(&policy);
    let (status, answer) = server.try_respond("lindenhof", 3, "agree");
    assert_eq!(status, 503, "{answer}");
    let said = answer.to_string();
    assert!(
        said.contains("An older copy was put in its place") && said.contains("restore the newest backup"),
        "{said}"
    );
    // Reading goes on, and what is there holds.
    json(&["verify", &server.url], 0);
    json(&["recount", &server.url], 0);
    let page = String::from_utf8(server.get("/lindenhof/q/1/check")).expect("text");
    assert!(page.contains("Nothing is added to this record any more"), "{page}");
    drop(server);

    // The witness cannot be reached at the start: the server starts, and stops the moment it can.
    drop(witness);
    place.copy(&backup, &place.data());
    let server = place.serve(&policy);
    for statement in 3..8 {
        respond(&server, statement);
    }
    let witness = place.witness("w1", &listen);
    let answer = wait("the refusal", || {
        let (status, answer) = server.try_respond("lindenhof", 8, "disagree");
        (status == 503).then_some(answer)
    });
    assert!(answer.to_string().contains("went on differently"), "{answer}");
    drop(server);

    // With the right folder everything goes on. A witness that was restarted remembers.
    drop(witness);
    let witness = place.witness("w1", &listen);
    let whole = Place { folder: tempfile::tempdir().expect("a folder"), key: place.key.clone() };
    place.copy(&backup, &whole.data());
    let server = whole.serve(&policy);
    assert_eq!(server.try_respond("lindenhof", 3, "agree").0, 503);
    drop((server, witness));
}

#[test]
fn under_load_the_heads_that_are_published_have_the_quorum_and_never_shrink() {
    let place = Place::new();
    let witnesses: Vec<Witness> =
        ["w1", "w2"].iter().map(|name| place.witness(name, "127.0.0.1:0")).collect();
    let lines: String =
        witnesses.iter().zip(1..).map(|(one, n)| format!("witness w{n} {} {}\n", one.key, one.url)).collect();
    let policy = place.policy("policy", &format!("log {}\n{lines}group g all w1 w2\nquorum g\n", place.key));
    let own = read(&policy);
    let server = Server::start_with("serve", &place.data(), &["--policy", text(&policy), "--unlimited"]);
    wait("the quorum", || head(&server).verify(&own).ok().map(|_| ()));
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let load = scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                for statement in 1..=10 {
                    server.respond("lindenhof", statement, "agree");
                    std::thread::sleep(Duration::from_millis(2));
                }
            }
        });
        let stop = Stop(&stop);
        let first = head(&server).checkpoint().size();
        let mut last = first;
        // Several heads are published while the record grows under them.
        wait("five more heads", || {
            let head = head(&server);
            assert!(head.verify(&own).is_ok(), "a head without the quorum was published: {head}");
            assert!(head.checkpoint().size() >= last, "a smaller head was published: {head}");
            last = head.checkpoint().size();
            (last > first + 100).then_some(())
        });
        for _ in 0..2 {
            json(&["verify", &server.url, "--policy", text(&policy)], 0);
            let found = json(&["recount", &server.url, "--policy", text(&policy)], 0);
            // Of two questions: the numbers, and the map by both methods.
            assert_eq!(found["compared"], 6, "{found}");
            json(
                &["mirror", &server.url, text(&place.folder.path().join("copy")), "--policy", text(&policy)],
                0,
            );
        }
        assert!(!load.is_finished());
        drop(stop);
    });
}

#[test]
fn a_policy_that_cannot_be_gone_by_is_refused_at_the_start() {
    let place = Place::new();
    let witness = place.witness("w1", "127.0.0.1:0");
    let key = &witness.key;
    let other = "example.org/log+8f13f9e4+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c";
    for (lines, why) in [
        (format!("witness w1 {key}\nquorum w1\n"), "cannot be met by the witnesses that have an address"),
        (format!("witness w1 {key} ftp://example.org\nquorum w1\n"), "has to begin with https://"),
        (format!("log {other}\nquorum none\n"), "lists logs, but not the key of"),
        ("quorum w1\n".to_owned(), "Line 1"),
    ] {
        let policy = place.policy("bad", &lines);
        let data = place.data();
        let failed =
            json(&["serve", "--listen", "127.0.0.1:0", "--data", text(&data), "--policy", text(&policy)], 2);
        assert!(failed["error"].as_str().unwrap_or_default().contains(why), "{failed}");
    }
}
