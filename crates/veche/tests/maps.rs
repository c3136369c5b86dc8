//! Opinion maps on the record, as an outsider finds them.

mod common;

use assembly::results::Results;
use assembly::talk::{self, Choice, Mapped, Response, Who};
use assembly::{Command, ParticipantNo, QuestionId, StatementNo, question};
use common::{Server, json};
use opinion::Method;
use serde_json::Value;
use std::path::Path;
use store::Store;

/// Imports a conversation and publishes its map, after `change`; gives the number of the entry.
fn published(data: &Path, change: impl FnOnce(&mut Mapped)) -> u64 {
    let export = tempfile::tempdir().expect("a folder");
    common::write_export(export.path(), 60);
    let paths = [export.path(), data].map(|path| path.to_str().expect("a path").to_owned());
    json(&["import", "polis", &paths[0], "--data", &paths[1]], 0);
    let store = Store::open(data, &mut |_, _| ()).expect("a store");
    let house = &store.houses()[0];
    // It came with its map; one response more and the end of the question call for another.
    let (question, statement) = (QuestionId(1), StatementNo(1));
    let respond = talk::Command::Respond { question, who: Who::New, statement, response: Response::Agree };
    house.command(Command::Talk(respond)).expect("a response");
    house.command(Command::Question(question::Command::Close { question })).expect("closed");
    let prepared = house.read().state.question(QuestionId(1)).map(Results::prepare).expect("a question");
    let mut mapped = prepared.compute(Method::Map).0.mapped();
    change(&mut mapped);
    let publish = talk::Command::Publish(Box::new(mapped));
    house.command(Command::Talk(publish)).expect("published").entry.expect("an entry")
}

#[test]
fn a_recount_computes_every_published_map_again() {
    let data = tempfile::tempdir().expect("a folder");
    published(data.path(), |_| ());
    let recounted = json(&["recount", data.path().to_str().expect("a path")], 0);
    assert_eq!(
        (recounted["maps"].as_u64(), recounted["other_versions"].as_u64()),
        (Some(2), Some(0)),
        "{recounted}"
    );
}

/// The server decides without computing the map; it cannot keep up a false one.
#[test]
fn a_map_that_its_responses_do_not_give_is_named_with_its_entry() {
    for change in [
        |mapped: &mut Mapped| mapped.map.map_digest = "0".repeat(64),
        |mapped: &mut Mapped| mapped.map.responses_digest = "0".repeat(64),
        |mapped: &mut Mapped| mapped.map.groups = vec![2, 2],
        |mapped: &mut Mapped| mapped.as_of -= 1,
    ] {
        let data = tempfile::tempdir().expect("a folder");
        let entry = published(data.path(), change);
        let recounted = json(&["recount", data.path().to_str().expect("a path")], 1);
        let difference = &recounted["differences"][0];
        assert_eq!(difference["entry"].as_u64(), Some(entry), "{recounted}");
        let sentence = difference["sentence"].as_str().unwrap_or_default();
        assert!(sentence.contains(&format!("the opinion map that entry {entry} published: ")), "{sentence}");
    }
}

/// What was shown next to the guest of that conversation, noted after `change`; gives the entry that notes it.
fn shown(data: &Path, change: impl FnOnce(&mut Choice)) -> u64 {
    let entry = published(data, |_| ());
    let store = Store::open(data, &mut |_, _| ()).expect("a store");
    let house = &store.houses()[0];
    let question = QuestionId(1);
    let mut choice = {
        let live = house.read();
        let question = live.state.question(question).expect("a question");
        // No response came after those of the map.
        let (_, map) = Results::prepare(question).compute(Method::Map);
        let participant = ParticipantNo(61);
        let next =
            talk::next_statement(question.talk(), Some(participant), Some(&map), 7).expect("four are left");
        Choice { participant, statement: next.statement, chance: next.chance, as_of: live.state.size() }
    };
    change(&mut choice);
    let show = talk::Command::Show { question, map: Some(entry), shown: vec![choice] };
    house.command(Command::Talk(show)).expect("noted").entry.expect("an entry")
}

#[test]
fn a_recount_computes_how_likely_each_showing_was() {
    let data = tempfile::tempdir().expect("a folder");
    let place = data.path().to_str().expect("a path");
    shown(data.path(), |_| ());
    let recounted = json(&["recount", place], 0);
    let showings = &recounted["showings"];
    assert_eq!((showings["noted"].as_u64(), showings["checked"].as_u64()), (Some(1), Some(1)), "{recounted}");
    let said = common::run(&["recount", place]).stdout;
    let said = String::from_utf8_lossy(&said);
    assert!(said.contains("; 1 showing on the record has the likelihood that the rule gives; "), "{said}");

    let data = tempfile::tempdir().expect("a folder");
    let entry = shown(data.path(), |choice| choice.chance += 1);
    let recounted = json(&["recount", data.path().to_str().expect("a path")], 1);
    assert_eq!(recounted["showings"]["wrong"].as_u64(), Some(1), "{recounted}");
    let difference = &recounted["differences"][0];
    assert_eq!(difference["entry"].as_u64(), Some(entry), "{recounted}");
    let sentence = difference["sentence"].as_str().unwrap_or_default();
    assert!(sentence.contains(&format!("entry {entry} says that statement ")), "{sentence}");
}

/// A browser of its own.
struct Person {
    agent: ureq::Agent,
    question: String,
    cookie: String,
}

impl Person {
    /// Looks at the first card; gives its statement, too.
    fn comes(server: &Server) -> (Self, u64) {
        let (agent, question) = (ureq::Agent::new_with_defaults(), format!("{}/assembly/q/1", server.url));
        let mut answer = agent.get(format!("{question}/respond.json")).call().expect("a card");
        let cookie = answer.headers().get("set-cookie").and_then(|cookie| cookie.to_str().ok());
        let cookie = cookie.and_then(|cookie| cookie.split(';').next()).expect("a cookie").to_owned();
        let card: Value =
            serde_json::from_str(&answer.body_mut().read_to_string().expect("a card")).expect("JSON");
        (Self { agent, question, cookie }, card["statement"].as_u64().expect("a statement"))
    }

    /// Responds, and gives the statement of the card that comes with the answer.
    fn responds(&self, statement: u64, response: &str) -> Option<u64> {
        let form = [("statement", &*statement.to_string()), ("response", response), ("card", "1")];
        let mut answer = self
            .agent
            .post(format!("{}/respond", self.question))
            .header("Cookie", &self.cookie)
            .header("Accept", "application/json")
            .header("Sec-Fetch-Site", "same-origin")
            .send_form(form)
            .expect("an answer");
        let answer: Value =
            serde_json::from_str(&answer.body_mut().read_to_string().expect("a body")).expect("JSON");
        answer["next"]["statement"].as_u64()
    }
}

#[test]
fn what_a_server_shows_is_noted_from_the_first_card_on_and_found_again() {
    let (data, export) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    common::write_export(export.path(), 60);
    let paths = [export.path(), data.path()].map(|path| path.to_str().expect("a path").to_owned());
    json(&["import", "polis", &paths[0], "--data", &paths[1]], 0);
    let server = Server::start_with("serve", data.path(), &["--unlimited"]);
    for place in 0..20 {
        let (person, first) = Person::comes(&server);
        let mut card = Some(first);
        let mut answered = 0;
        while let Some(statement) = card {
            let response = Response::ALL[(statement as usize + place) % 3].name();
            card = person.responds(statement, response);
            answered += 1;
        }
        assert_eq!(answered, 5);
    }
    // Who only looks is nowhere on the record, and neither is what was shown to somebody who responded to something else.
    Person::comes(&server);
    let (person, first) = Person::comes(&server);
    person.responds(first % 5 + 1, "pass");
    server.stop();
    let recounted = json(&["recount", &paths[1]], 0);
    let showings = &recounted["showings"];
    let of = |what: &str| showings[what].as_u64();
    // Five to each of twenty, and the second card of the last.
    assert_eq!((of("noted"), of("checked"), of("wrong")), (Some(101), Some(101), Some(0)), "{recounted}");
    assert_eq!(recounted["doubts"].as_array().map(Vec::len), Some(0), "{recounted}");
}
