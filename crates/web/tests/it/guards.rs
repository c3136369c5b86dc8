use crate::house::{Server, question, server, with, with_questions};
use axum::body::Body;
use axum::http::{Request, StatusCode};

/// Every page there is.
pub const PAGES: [&str; 14] = [
    "/garden",
    "/garden/me",
    "/garden/q/1",
    "/garden/q/2",
    "/garden/q/1/respond",
    "/garden/q/1/state",
    "/garden/q/1/stand",
    "/garden/q/1/map",
    "/garden/q/1/statements",
    "/garden/q/1/statements?order=common-ground",
    "/garden/q/1/s/4",
    "/garden/q/1/check",
    "/nowhere",
    "/garden/q/99",
];

#[tokio::test]
async fn every_answer_is_guarded_and_no_page_has_inline_code() {
    let server = server().await;
    let others =
        ["/health", "/garden.json", "/garden/record/checkpoint", "/robots.txt", "/garden/q/1/map.svg"];
    for path in PAGES.iter().chain(&others) {
        let answer = server.get(path).await;
        assert!(answer.header("content-security-policy").starts_with("default-src 'none'; "), "{path}");
        assert!(answer.header("content-security-policy").contains("frame-ancestors 'none'"), "{path}");
        assert!(!answer.header("content-security-policy").contains("unsafe"), "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("referrer-policy"), "same-origin", "{path}");
        if answer.header("content-type").starts_with("text/html") {
            let page = answer.text();
            assert!(!page.contains(" style="), "{path}");
            assert!(!page.contains("<style"), "{path}");
            assert!(!page.contains(" onclick="), "{path}");
            let scripts = page.matches("<script").count();
            assert_eq!(scripts, page.matches(r#"<script type="module" src="/assets/"#).count(), "{path}");
            assert!(
                !page.contains("http://")
                    || page.matches("http").count()
                        == page.matches("http://127.0.0.1:8080").count()
                            + page.matches("http://www.w3.org/2000/svg").count(),
                "{path}: nothing from elsewhere"
            );
        }
    }
}

#[tokio::test]
async fn another_sites_form_is_refused() {
    let server = server().await;
    let before = server.size();
    for (name, value) in [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")] {
        let request = Request::post("/garden/q/1/respond")
            .header("host", "127.0.0.1:8080")
            .header(name, value)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::from("statement=1&response=agree"))
            .unwrap();
        let answer = server.ask(request).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
        assert!(answer.text().contains("sent from a page of another site"));
    }
    assert_eq!(server.size(), before);
}

#[tokio::test]
async fn kinds_methods_and_sizes_are_checked() {
    let server = server().await;
    let json = Request::post("/garden/q/1/respond")
        .header("content-type", "application/json")
        .body(Body::from("{}"))
        .unwrap();
    let answer = server.ask(json).await;
    assert_eq!(answer.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    assert!(answer.text().contains("not the form of a page"));

    let large = format!("text={}", "x".repeat(20_000));
    let answer = server.post("/garden/q/1/state", "", &large).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(answer.text().contains("larger than anything"));

    for (method, path) in [
        ("DELETE", "/garden/q/1"),
        ("POST", "/garden"),
        ("PUT", "/garden/record/checkpoint"),
        ("GET", "/garden/q/1/retract"),
    ] {
        let request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
        let answer = server.ask(request).await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{method} {path}");
        assert!(!answer.header("allow").is_empty());
        assert!(answer.text().contains("not for that kind of request"));
    }
}

#[tokio::test]
async fn whoever_is_too_fast_is_told() {
    let server = with(|config| config.limits.acts_per_guest = Some(1)).await;
    let cookie = server.cookie().await;
    let mut last = StatusCode::OK;
    for turn in 0..25 {
        let response = if turn % 2 == 0 { "agree" } else { "disagree" };
        let body = format!("statement=1&response={response}");
        let answer = server.post_json("/garden/q/1/respond", &cookie, &body).await;
        last = answer.status;
        if last == StatusCode::TOO_MANY_REQUESTS {
            assert_eq!(answer.json()["problem"], "too_fast");
            assert_eq!(answer.header("retry-after"), "2");
            break;
        }
    }
    assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);
    let other = server.cookie().await;
    let answer = server.post_json("/garden/q/1/respond", &other, "statement=1&response=agree").await;
    assert_eq!(answer.status, StatusCode::OK, "others are not held up");
}

#[tokio::test]
async fn the_cookie_is_as_careful_as_the_address_allows() {
    let plain = server().await.get("/garden/q/1").await;
    let cookie = plain.header("set-cookie").to_owned();
    assert!(cookie.starts_with("veche="), "{cookie}");
    for word in ["; Path=/", "; HttpOnly", "; SameSite=Lax", "; Max-Age=31536000"] {
        assert!(cookie.contains(word), "{cookie}");
    }
    assert_eq!(plain.header("cache-control"), "no-store");
    let secure = with(|config| config.public_url = "https://veche.example".into()).await;
    let answer = secure.get("/garden/q/1/respond").await;
    assert!(answer.header("set-cookie").starts_with("__Host-veche="));
    assert!(answer.header("set-cookie").contains("; Secure"));
    assert!(answer.header("strict-transport-security").contains("max-age"));
    // Whoever has one keeps it; pages that are the same for all give none.
    let cookie = cookie.split(';').next().unwrap();
    let server = server().await;
    assert_eq!(server.get_as("/garden/q/1", cookie).await.header("set-cookie"), "");
    assert_eq!(server.get("/garden/q/1/map").await.header("set-cookie"), "");
}

#[tokio::test]
async fn problems_are_sentences_for_people_and_words_for_programs() {
    let server = server().await;
    for path in [
        "/x/y/z",
        "/garden/q/0",
        "/garden/q/01",
        "/garden/q/one",
        "/garden/q/1/s/99",
        "/garden/q/1/statements?order=best",
        "/garden/q/1/statements?page=0",
        "/garden/q/1/statements?page=99",
        "/assets/none.css",
        "/other",
    ] {
        let answer = server.get(path).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        assert!(answer.text().contains("<h1>Nothing here</h1>"), "{path}: {}", answer.text());
        assert_eq!(answer.header("cache-control"), "no-store", "{path}");
    }
    let json = server.get("/garden/q/99.json").await;
    assert_eq!(
        (json.status, json.json()["problem"].as_str()),
        (StatusCode::NOT_FOUND, Some("no_such_question"))
    );
    let query = server.get("/garden/q/1/statements?page=x").await;
    assert_eq!(query.status, StatusCode::BAD_REQUEST);
    assert!(query.text().contains("could not be read"));
}

#[tokio::test]
async fn pages_stay_small() {
    let sayings: Vec<String> = (0..5_000)
        .map(|n| format!("Statement {n} about something that the whole house has to live with, and that is as long as it may be: {}", "x".repeat(30)))
        .collect();
    let refs: Vec<&str> = sayings.iter().map(String::as_str).collect();
    let server = with_questions(|_| (), vec![question("Many?", &refs, 20)]).await;
    for path in [
        "/garden/q/1",
        "/garden/q/1/statements",
        "/garden/q/1/map",
        "/garden/q/1/respond",
        "/garden/q/1/check",
    ] {
        let size = server.get(path).await.bytes.len() + assets(&server).await;
        assert!(size <= 60_000, "{path} with its style and scripts: {size} bytes");
    }
    // So many people still are a mark each; more share marks.
    for people in [1_500, 6_000] {
        let server = with_questions(
            |_| (),
            vec![question("Many people?", &["A", "B", "C", "D", "E", "F", "G"], people)],
        )
        .await;
        let size = server.get("/garden/q/1/map").await.bytes.len();
        assert!(size <= 60_000, "{people} people: {size}");
    }
}

/// The bytes of style and scripts on the wire.
async fn assets(server: &Server) -> usize {
    let page = server.get("/garden/q/1").await;
    let mut size = 0;
    for part in page.text().split('"').filter(|part| part.starts_with("/assets/")) {
        let request = Request::get(part).header("accept-encoding", "gzip, br").body(Body::empty()).unwrap();
        let answer = server.ask(request).await;
        assert_eq!(answer.status, StatusCode::OK, "{part}");
        assert_eq!(answer.header("cache-control"), "public, max-age=31536000, immutable");
        size += answer.bytes.len();
    }
    size
}
