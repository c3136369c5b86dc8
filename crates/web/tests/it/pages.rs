use crate::house::{NOW, Server, question, server, with_questions};
use assembly::results::Results;
use assembly::talk::{self, Provenance};
use assembly::{Command, QuestionId, Text};
use axum::body::Body;
use axum::http::{Request, StatusCode};
use http_body_util::BodyExt as _;
use record::commitment::Salt;
use tower::ServiceExt as _;

/// The page with everything that differs from run to run made the same.
async fn steady(server: &Server, path: &str) -> String {
    let answer = server.get(path).await;
    assert_eq!(answer.status, StatusCode::OK, "{path}");
    let at = server.house.read().state.at();
    let mut text =
        answer.text().replace(&web::when::absolute(at), "[then]").replace(&web::when::machine(at), "[then]");
    for question in server.house.read().state.questions() {
        for at in [Some(question.at()), question.closed()].into_iter().flatten() {
            text =
                text.replace(&web::when::absolute(at), "[then]").replace(&web::when::machine(at), "[then]");
            text = text.replace(&format!("({})", web::when::relative(at, NOW)), "([when])");
            text = text.replace(&at.to_string(), "[ms]");
        }
    }
    text = text.replace(&at.to_string(), "[ms]").replace(&*server.house.key(), "[key]");
    for asset in ["style", "live", "respond", "bell"] {
        while let Some(start) = text.find(&format!("/assets/{asset}-")) {
            let end = text[start..].find('.').map_or(text.len(), |dot| start + dot);
            text.replace_range(start..end, &format!("[{asset}]"));
        }
    }
    // One element a line, so that a change is a line.
    text.replace("><", ">\n<")
}

#[tokio::test]
async fn pages_look_as_they_did() {
    let server = server().await;
    for (name, path) in [
        ("assembly", "/garden"),
        ("question", "/garden/q/1"),
        ("closed question", "/garden/q/2"),
        ("card", "/garden/q/1/state"),
        ("map", "/garden/q/1/map"),
        ("classic map", "/garden/q/1/map/classic"),
        ("report", "/garden/q/1/summary"),
        ("statement", "/garden/q/1/s/4"),
        ("assembly json", "/garden.json"),
        ("statement json", "/garden/q/1/s/4.json"),
        ("list json", "/garden/q/1/statements.json?order=newest"),
    ] {
        insta::assert_snapshot!(name, steady(&server, path).await);
    }
}

/// Of what was held elsewhere, no page says what only holds here.
#[tokio::test]
async fn of_an_import_it_is_not_said_who_was_asked_or_could_take_part() {
    let mut asked = question("What now?", &["One.", "Two.", "Three."], 30);
    let Command::Talk(talk::Command::Import(import)) = &mut asked else { panic!("an import") };
    import.open.simulated = false;
    import.statements[2].rejected = true;
    import.provenance = Some(Provenance {
        from: "Polis".into(),
        format: "Polis export, +1 is agree".into(),
        digest: "0".repeat(64),
        source: Some(Text::new(Salt([99; 32]), "Somewhere, under a licence")),
    });
    let server = with_questions(|_| (), vec![asked]).await;
    let page = |path: &'static str| async { server.get(path).await.text().to_owned() };
    let first = page("/garden/q/1").await;
    assert!(first.contains("under a licence</bdi>."), "{first}");
    assert!(!first.contains("+1 is agree") && !first.contains("shown to"), "{first}");
    assert!(first.contains("Who could take part where this was held is not known."), "{first}");
    assert!(first.contains("Of the statements, 1 is set aside"), "{first}");
    let check = page("/garden/q/1/check").await;
    assert!(
        check.contains("90 responses by 30 participants count, 30 of them to statements that were set aside"),
        "{check}"
    );
    assert!(check.contains("+1 is agree.") && check.contains("brought in at once"), "{check}");
    assert!(!check.contains("a cookie"), "{check}");
    let report = page("/garden/q/1/summary").await;
    assert!(
        report.contains("30 participants gave 90 responses to 3 statements, 1 of them set aside."),
        "{report}"
    );
    assert!(!report.contains("a cookie") && !report.contains("shown to"), "{report}");
    // Once somebody takes part here, what holds here is said as well.
    let cookie = server.cookie().await;
    server.post("/garden/q/1/respond", &cookie, "statement=1&response=agree").await;
    assert!(page("/garden/q/1/check").await.contains("a cookie is all that tells them apart"));
}

#[tokio::test]
async fn the_results_are_those_of_a_recount() {
    let server = server().await;
    let cookie = server.cookie().await;
    server.post("/garden/q/1/respond", &cookie, "statement=1&response=disagree").await;
    let json = server.get("/garden/q/1.json").await.json();
    let published: Results = serde_json::from_value(json["results"].clone()).unwrap();
    let prepared = Results::prepare(server.house.read().state.question(QuestionId(1)).unwrap());
    let (found, map) = prepared.compute(opinion::Method::Map);
    assert_eq!(published.difference(&found), None);
    assert_eq!(published, found);
    assert_eq!(published.as_of, server.size());
    assert_eq!(published.participants, 61);
    let served = server.get("/garden/q/1/map.json").await.json();
    assert_eq!(served["map"]["digest"], map.digest.as_str());
    assert_eq!(served["as_of"], published.map_as_of);
}

#[tokio::test]
async fn every_order_lists_every_statement() {
    let server = server().await;
    for order in ["common-ground", "most-divided", "least-heard", "newest", "random"] {
        let json = server.get(&format!("/garden/q/1/statements.json?order={order}")).await.json();
        let mut numbers: Vec<u64> = json["statements"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["statement"].as_u64().unwrap())
            .collect();
        numbers.sort_unstable();
        assert_eq!(numbers, [1, 2, 3, 4, 5, 6], "{order}");
    }
    let common = server.get("/garden/q/1/statements.json?order=common-ground").await.json();
    assert_eq!(common["statements"][0]["statement"], 2, "everybody agrees with it");
}

#[tokio::test]
async fn the_start_leads_to_the_only_assembly() {
    let server = server().await;
    let answer = server.get("/").await;
    assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, "/garden"));
    let list = server.get("/assemblies.json").await.json();
    assert_eq!(list["assemblies"][0]["slug"], "garden");
    assert_eq!(server.get("/health").await.json()["status"], "ok");
}

#[tokio::test]
async fn pages_that_watch_hear_of_changes() {
    let server = server().await;
    let cookie = server.cookie().await;
    let request = Request::get("/garden/q/1/live?s=1,99,x").body(Body::empty()).unwrap();
    let response = server.router.clone().oneshot(request).await.unwrap();
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let mut body = response.into_body();
    let first = message(&mut body).await;
    assert_eq!(first["participants"], 60);
    assert_eq!(first["tallies"].as_array().unwrap().len(), 1);
    // The feed looks at what is there before it waits for changes.
    tokio::task::yield_now().await;
    server.post("/garden/q/1/respond", &cookie, "statement=3&response=pass").await;
    let next = message(&mut body).await;
    assert_eq!(next["participants"], 61);
    assert_eq!(next["tallies"][0]["statement"], 3);
}

async fn message(body: &mut Body) -> serde_json::Value {
    let frame = tokio::time::timeout(std::time::Duration::from_secs(5), body.frame()).await;
    let data = frame.unwrap().unwrap().unwrap().into_data().unwrap();
    let text = std::str::from_utf8(&data).unwrap().to_owned();
    serde_json::from_str(text.strip_prefix("data: ").unwrap().trim_end()).unwrap()
}

#[tokio::test]
async fn streams_are_limited() {
    let server = crate::house::with(|config| config.limits.streams = 1).await;
    let request = || Request::get("/garden/q/1/live").body(Body::empty()).unwrap();
    let held = server.router.clone().oneshot(request()).await.unwrap();
    let refused = server.ask(request()).await;
    assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE);
    drop(held);
    let again = server.router.clone().oneshot(request()).await.unwrap();
    assert_eq!(again.status(), StatusCode::OK);
}

#[tokio::test]
async fn every_page_says_that_a_record_has_been_halted() {
    let server = server().await;
    let pages =
        ["/garden", "/garden/q/1", "/garden/q/1/state", "/garden/q/1/map", "/garden/q/1/check", "/garden/me"];
    for path in pages {
        assert!(!server.get(path).await.text().contains("Nothing is added"), "{path}");
    }
    server.house.halt("A witness has seen another record under this name.");
    for path in pages {
        let answer = server.get(path).await;
        let said =
            "Nothing is added to this record any more: A witness has seen another record under this name.";
        assert_eq!(answer.text().matches(said).count(), 1, "{path}");
    }
}
