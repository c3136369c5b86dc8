//! Opinion maps on the record, as an outsider finds them.

mod common;

use assembly::results::Results;
use assembly::talk::{self, Mapped, Response, Who};
use assembly::{Command, QuestionId, StatementNo, question};
use common::json;
use opinion::Method;
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
