//! Opinion maps: published by themselves, the same for everybody, and what statements are chosen by.

use crate::house::{NOW, Server, question, server, with_questions};
use assembly::Command;
use assembly::QuestionId;
use assembly::results::Results;
use assembly::talk::{self, Published, Response};
use axum::http::StatusCode;
use opinion::Method;
use record::tile::bundles;
use sha2::{Digest as _, Sha256};
use std::time::Duration;

/// The server again, with what it does by itself.
fn kept(server: &mut Server) -> tokio::task::JoinHandle<()> {
    let mut config = web::Config::new("http://127.0.0.1:8080");
    config.clock = || NOW;
    let (router, caretaker) = web::kept(config, vec![server.house.clone()]);
    server.router = router;
    tokio::spawn(caretaker)
}

/// The maps of a question, once there are so many.
async fn published(server: &Server, question: u32, count: usize) -> Vec<Published> {
    for _ in 0..600 {
        let maps = server.house.read().state.question(QuestionId(question)).unwrap().talk().maps().to_vec();
        if maps.len() >= count {
            return maps;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("question {question} has no {count} maps after half a minute");
}

/// All entries of the record, as text.
async fn entries(server: &Server) -> String {
    let size = server.house.read().tree.size();
    let mut all = String::new();
    for path in bundles(size) {
        all.push_str(&String::from_utf8_lossy(&server.house.bundle(path).await.unwrap().unwrap()));
    }
    all
}

#[tokio::test]
async fn maps_are_published_without_anybody_looking_and_are_what_the_record_gives() {
    let mut server = server().await;
    let caretaker = kept(&mut server);
    let first = published(&server, 1, 1).await.remove(0);
    published(&server, 2, 1).await; // Closed, with three responses: its last map.
    let page = server.get("/garden/q/1/map").await;
    assert!(page.text().contains(&format!("Published in entry {}", first.entry)));

    // Half as many again respond, and the next map is due.
    for _ in 0..30 {
        let cookie = server.cookie().await;
        for statement in 1..=6 {
            let response = if statement % 2 == 0 { "agree" } else { "disagree" };
            let body = format!("statement={statement}&response={response}");
            assert_eq!(
                server.post("/garden/q/1/respond", &cookie, &body).await.status,
                StatusCode::SEE_OTHER
            );
        }
    }
    let maps = published(&server, 1, 2).await;
    assert!(maps[1].mapped.as_of > first.mapped.as_of);
    for map in &maps {
        let state = server.house.earlier(map.mapped.as_of).await.unwrap().unwrap();
        let question = state.question(QuestionId(1)).unwrap();
        let (results, found) = Results::prepare(question).compute(Method::Map);
        assert_eq!(map.mapped, results.mapped());
        assert_eq!(map.mapped.map.map_digest, found.own_digest());
    }
    let last = server.get("/garden/q/1/map.json").await;
    let as_of = last.json()["as_of"].as_u64().unwrap();
    let state = server.house.earlier(as_of).await.unwrap().unwrap();
    let (_, found) = Results::prepare(state.question(QuestionId(1)).unwrap()).compute(Method::Map);
    let mut bytes = format!("{{\"question\":1,\"as_of\":{as_of},\"map\":").into_bytes();
    bytes.extend(found.canonical_bytes());
    bytes.push(b'}');
    assert_eq!(last.bytes, bytes, "the live map is what the record gives, byte for byte");
    let listed = server.get("/garden/q/1/maps.json").await.json();
    assert_eq!(listed["maps"].as_array().unwrap().len(), maps.len());
    assert_eq!(listed["maps"][0]["entry"], first.entry);
    caretaker.abort();
}

#[tokio::test]
async fn what_is_shown_is_chosen_by_the_published_map_and_noted_with_its_likelihood() {
    let mut server = server().await;
    let caretaker = kept(&mut server);
    let map = published(&server, 1, 1).await.remove(0);
    // Taken up once the entry is there.
    tokio::time::sleep(Duration::from_millis(200)).await;
    let cookie = server.cookie().await;
    server.post("/garden/q/1/respond", &cookie, "statement=2&response=agree").await;
    let card = server.get_as("/garden/q/1/respond.json", &cookie).await.json();
    let again = server.get_as("/garden/q/1/respond.json", &cookie).await.json();
    assert_eq!(card["statement"], again["statement"], "the same until they respond");
    caretaker.abort();
    let house = server.house.clone();
    tokio::task::spawn_blocking(move || house.stop()).await.unwrap();
    let record = entries(&server).await;
    let said = format!(
        "\"kind\":\"talk.chosen\",\"question\":1,\"map\":{},\"rule\":{},\"shown\":[[61,{},",
        map.entry,
        opinion::next::VERSION,
        card["statement"]
    );
    assert!(record.contains(&said), "{said}");
}

/// After a start, statements are chosen by the map of before, computed again from the record.
#[tokio::test]
async fn the_published_map_is_found_again_after_a_start() {
    let mut server = server().await;
    let caretaker = kept(&mut server);
    let map = published(&server, 1, 1).await.remove(0);
    caretaker.abort();
    let cookie = server.cookie().await;
    server.post("/garden/q/1/respond", &cookie, "statement=1&response=pass").await;
    let caretaker = kept(&mut server);
    let said = format!("\"map\":{},", map.entry);
    for attempt in 0.. {
        assert!(attempt < 100, "chosen without the map");
        tokio::time::sleep(Duration::from_millis(100)).await;
        let cookie = server.cookie().await;
        server.post("/garden/q/1/respond", &cookie, "statement=3&response=pass").await;
        server.get_as("/garden/q/1/respond.json", &cookie).await;
        if attempt == 10 {
            break;
        }
    }
    caretaker.abort();
    let house = server.house.clone();
    tokio::task::spawn_blocking(move || house.stop()).await.unwrap();
    assert!(entries(&server).await.contains(&said));
}

#[tokio::test]
async fn both_methods_have_their_page_and_their_data() {
    let server = server().await;
    for (page, method) in [("map", "map"), ("map/classic", "classic")] {
        let data = server.get(&format!("/garden/q/1/{page}.json")).await.json();
        assert_eq!(data["map"]["method"], method);
        let shown = server.get(&format!("/garden/q/1/{page}")).await;
        assert_eq!(shown.status, StatusCode::OK);
        assert!(shown.text().contains("<svg class=\"map\""));
        assert!(server.get(&format!("/garden/q/1/{page}.svg")).await.text().starts_with("<svg"));
    }
    assert_eq!(server.get("/garden/q/1/map/other").await.status, StatusCode::NOT_FOUND);
}

/// Two groups that are clearly apart.
async fn divided() -> Server {
    let sayings: Vec<String> = (0..24).map(|n| format!("Statement {n}.")).collect();
    let refs: Vec<&str> = sayings.iter().map(String::as_str).collect();
    with_questions(|_| (), vec![question("Where do you stand?", &refs, 120)]).await
}

#[tokio::test]
async fn of_a_few_responses_it_is_not_said_that_there_are_no_groups() {
    let five = with_questions(|_| (), vec![question("What now?", &["One.", "Two.\n"], 5)]).await;
    let page = five.get("/garden/q/1/map").await;
    assert!(page.text().contains("Too few responses to tell"), "{}", page.text());
    assert!(!page.text().contains("No division") && !page.text().contains("no distinct"), "{}", page.text());
    assert!(page.text().contains("Two.</bdi>"), "a line end would leave a quotation mark alone");
    let report = five.get("/garden/q/1/summary").await;
    assert!(report.text().contains("<h2>What too few people were asked about</h2>"), "{}", report.text());
    let exposure = &five.get("/garden/q/1.json").await.json()["exposure"];
    assert_eq!((&exposure["statements"], &exposure["under_20"]), (&2.into(), &1.0.into()), "{exposure}");
}

/// One in three disagrees with each statement, and never the same people.
#[tokio::test]
async fn without_groups_a_minority_is_who_says_the_opposite() {
    let sayings: Vec<String> = (0..8).map(|n| format!("Statement {n}.")).collect();
    let refs: Vec<&str> = sayings.iter().map(String::as_str).collect();
    let mut asked = question("What now?", &refs, 240);
    let Command::Talk(talk::Command::Import(import)) = &mut asked else { panic!("an import") };
    for given in &mut import.responses {
        let luck = Sha256::digest([given.participant.to_le_bytes(), given.statement.to_le_bytes()].concat());
        given.response = if luck[0].is_multiple_of(3) { Response::Disagree } else { Response::Agree };
    }
    let server = with_questions(|_| (), vec![asked]).await;
    let page = server.get("/garden/q/1/map").await.text().to_owned();
    assert!(page.contains("No division of these people into opinion groups is sure enough"), "{page}");
    assert!(page.contains("Nearest to it came two groups: "), "{page}");
    assert!(page.contains(" and not by 4.5.") || page.contains("no better than fewer groups."), "{page}");
    let gone = server.get("/garden/q/1/map/group/A").await;
    assert_eq!(gone.status, StatusCode::NOT_FOUND);
    assert!(gone.text().contains("There is no group A") && gone.text().contains("The map, with all groups"));
    let question = server.get("/garden/q/1").await;
    assert!(question.text().contains("Where people are split most evenly."), "{}", question.text());
    let (_, minority) = page.split_once("What a minority holds").unwrap();
    assert!(
        minority.contains("What at least one in ten say, while more than half say the opposite"),
        "{page}"
    );
    assert!(minority.contains(" %)</span> disagree; <span class=\"share\">"), "{page}");
    assert!(!page.contains("every group") && !page.contains("of the others"), "{page}");
}

#[tokio::test]
async fn where_one_stands_says_how_surely() {
    let server = divided().await;
    let cookie = server.cookie().await;
    let nowhere = server.get_as("/garden/q/1/stand", &cookie).await;
    assert!(nowhere.text().contains("you stand nowhere"));
    // A pass says nothing about where one stands, however many there are.
    for statement in 15..=24 {
        server.post("/garden/q/1/respond", &cookie, &format!("statement={statement}&response=pass")).await;
    }
    server.post("/garden/q/1/respond", &cookie, "statement=1&response=agree").await;
    let early = server.get_as("/garden/q/1/stand", &cookie).await;
    assert!(
        early.text().contains(
            "said too little yet to tell where you stand: agree or disagree with 6 more statements"
        ),
        "{}",
        early.text()
    );
    for surely in ["Likely yours", "(yours)", "Most likely"] {
        assert!(!early.text().contains(surely), "{surely}");
    }
    // Where they may be is drawn, as uncertain as it is.
    assert!(early.text().contains("<ellipse class=\"unsure\""));
    for statement in 2..=14 {
        let response = if statement % 2 == 1 { "agree" } else { "disagree" };
        server
            .post("/garden/q/1/respond", &cookie, &format!("statement={statement}&response={response}"))
            .await;
    }
    // At once, also where the map is the one of before.
    let page = server.get_as("/garden/q/1/stand", &cookie).await;
    let said = page.text().split_once("Most likely you stand with group ").expect("a sentence").1;
    assert!(said[1..].starts_with(" (9") && said.contains(" %), "), "{}", page.text());
    assert!(said.contains(" you take the side that more people there take"), "{}", page.text());
    assert!(page.text().contains("Likely yours") && page.text().contains("(yours)"));
    assert!(page.text().contains("<ellipse class=\"unsure\""));
    let data = server.get_as("/garden/q/1/stand.json", &cookie).await.json();
    let chances: f64 =
        data["memberships"].as_array().unwrap().iter().map(|chance| chance.as_f64().unwrap()).sum();
    assert!((chances - 1.0).abs() < 1e-5, "{data}");
    assert!(data["uncertainty"][0].as_f64() > Some(0.0));
    assert_eq!(data["participant"], 121);
    assert_eq!((data["responses"].as_u64(), data["sides"].as_u64()), (Some(24), Some(14)));
}

#[tokio::test]
async fn each_group_has_a_page_with_all_that_sets_it_apart() {
    let sayings: Vec<String> = (0..60).map(|n| format!("Statement {n}.")).collect();
    let refs: Vec<&str> = sayings.iter().map(String::as_str).collect();
    let server = with_questions(|_| (), vec![question("Two camps?", &refs, 60)]).await;
    let map = server.get("/garden/q/1/map").await;
    assert!(map.text().contains("All about group A, with 54 more that set it apart"), "{}", map.text());
    let first = server.get("/garden/q/1/map/group/A").await;
    assert!(first.text().contains("30 of 60 participants belong to it"), "{}", first.text());
    assert!(first.text().contains("Page 1 of 3") && first.text().contains("What it holds against the rest"));
    let mut told: Vec<String> = Vec::new();
    for page in 1..=3 {
        let page = server.get(&format!("/garden/q/1/map/group/A?page={page}")).await;
        let (_, list) = page.text().split_once("What sets it apart").unwrap();
        let list = list.split_once("</ol>").unwrap().0;
        told.extend(sayings.iter().filter(|said| list.contains(said.as_str())).cloned());
    }
    told.sort_unstable();
    told.dedup();
    assert_eq!(told.len(), 59, "all but the one that everybody agrees with");
    for nowhere in ["A?page=0", "A?page=4", "C", "a", "0"] {
        let answer = server.get(&format!("/garden/q/1/map/group/{nowhere}")).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{nowhere}");
    }
}

/// Of how many entries the map on a page is, and of how many the one that it was read off.
fn computed_from(page: &str) -> (u64, Option<u64>) {
    let entry = |words: &str| -> Option<u64> {
        page.split_once(words)?.1.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
    };
    let upto = |words: &str| entry(words).map(|last| last + 1);
    (upto("Numbers as of entry ").unwrap(), upto("groups found a moment earlier, at entry "))
}

#[tokio::test]
async fn where_finding_a_map_takes_long_pages_are_read_off_the_last_one() {
    let sayings: Vec<String> = (0..40).map(|n| format!("Statement {n}.")).collect();
    let refs: Vec<&str> = sayings.iter().map(String::as_str).collect();
    let server = with_questions(|_| (), vec![question("Many people?", &refs, 16_000)]).await;
    let found = computed_from(server.get("/garden/q/1").await.text());
    assert_eq!(found.1, None, "the first is waited for");

    let cookie = server.cookie().await;
    server.post("/garden/q/1/respond", &cookie, "statement=1&response=agree").await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    // Whoever looks has it at once; that the groups are earlier ones, the page says.
    assert_eq!(computed_from(server.get("/garden/q/1/map").await.text()), (found.0 + 2, Some(found.0)));

    // What is given out as data is found from the responses alone, and so is the page once there is time for it.
    let mut data = server.get("/garden/q/1.json").await.json();
    while data["results"]["map_as_of"] != found.0 + 2 {
        data = server.get("/garden/q/1.json").await.json();
    }
    let (results, _) =
        Results::prepare(server.house.read().state.question(QuestionId(1)).unwrap()).compute(Method::Map);
    assert_eq!(data["results"], serde_json::to_value(&results).unwrap());
    assert_eq!(computed_from(server.get("/garden/q/1/map").await.text()), (found.0 + 2, None));
}
