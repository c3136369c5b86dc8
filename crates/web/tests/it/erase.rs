use crate::house::{NOW, Server, server, with};
use axum::http::StatusCode;
use serde_json::Value;

const WORDS: &str = "Ivan Petrov parks there.";

/// Puts a statement; its number is 7.
async fn put(server: &Server, cookie: &str) -> u64 {
    let body = "text=Ivan+Petrov+parks+there.";
    let answer = server.post_json("/garden/q/1/state", cookie, body).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    answer.json()["entry"].as_u64().unwrap()
}

/// Signs in as an organiser of the assembly; the cookie.
async fn organiser(server: &Server) -> String {
    let link = link(server, NOW);
    let form = server.get(&link).await;
    assert!(form.text().contains("Sign in"), "{}", form.text());
    let answer = server.post(&link, "", "").await;
    assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, "/garden/organise"));
    let cookie = answer.header("set-cookie");
    assert!(cookie.contains("HttpOnly; SameSite=Lax"), "{cookie}");
    cookie.split(';').next().unwrap().to_owned()
}

fn link(server: &Server, now: u64) -> String {
    let (_, token) = store::organiser_link(server.folder.path(), None, now).unwrap();
    format!("/garden/organise/enter/{token}")
}

/// No page and no data shows the words, and where they were stands what became of them.
async fn check_gone(server: &Server, cookie: &str, entry: u64) {
    for path in [
        "/garden/q/1",
        "/garden/q/1.json",
        "/garden/q/1/statements?order=newest",
        "/garden/q/1/statements.json?order=newest",
        "/garden/q/1/s/7",
        "/garden/q/1/s/7.json",
        "/garden/q/1/s/7/report",
        "/garden/q/1/map",
        "/garden/q/1/map.json",
        "/garden/q/1/check",
        "/garden/me",
        "/garden/me.json",
        "/garden/organise",
    ] {
        let text = server.get_as(path, cookie).await;
        assert!(!text.text().contains("Petrov"), "{path} shows what was erased");
    }
    for path in ["/garden/q/1/statements?order=newest", "/garden/q/1/s/7", "/garden/q/1/check", "/garden/me"]
    {
        let page = server.get_as(path, cookie).await;
        assert!(page.text().contains("Erased on "), "{path} does not say that words were erased");
        assert!(page.text().contains(" says so."), "{path}");
    }
    let text = server.get(&format!("/garden/record/text/{entry}")).await;
    assert_eq!(text.status, StatusCode::GONE);
    assert!(
        text.text().starts_with(&format!("The words of entry {entry} were erased on ")),
        "{}",
        text.text()
    );
    for _ in 0..20 {
        let card: Value = server.get_as("/garden/q/1/respond.json", &server.cookie().await).await.json();
        assert_ne!(card["statement"], 7, "people are asked about words that are gone");
    }
}

#[tokio::test]
async fn somebody_erases_their_own_words() {
    let server = server().await;
    let (me, other) = (server.cookie().await, server.cookie().await);
    let entry = put(&server, &me).await;
    let answered = server.post("/garden/q/1/respond", &other, "statement=7&response=disagree").await;
    assert_eq!(answered.status, StatusCode::SEE_OTHER);

    let mine = server.get_as("/garden/me", &me).await;
    assert!(mine.text().contains(r#"href="/garden/q/1/s/7/erase""#), "{}", mine.text());
    let confirm = server.get_as("/garden/q/1/s/7/erase", &me).await;
    assert!(confirm.text().contains(WORDS) && confirm.text().contains("Erase these words"));
    let size = server.size();
    assert_eq!(server.get_as("/garden/q/1/s/7/erase", &me).await.status, StatusCode::OK);
    assert_eq!(server.size(), size, "looking erases nothing");

    for guest in [&other, &server.cookie().await] {
        for answer in [
            server.get_as("/garden/q/1/s/7/erase", guest).await,
            server.post("/garden/q/1/s/7/erase", guest, "").await,
        ] {
            assert_eq!(answer.status, StatusCode::FORBIDDEN);
            assert!(answer.text().contains("is not a statement of yours"), "{}", answer.text());
        }
    }
    assert_eq!(server.size(), size);

    // A double click.
    let (a, b) = tokio::join!(
        server.post("/garden/q/1/s/7/erase", &me, ""),
        server.post("/garden/q/1/s/7/erase", &me, "")
    );
    assert_eq!((a.status, b.status), (StatusCode::SEE_OTHER, StatusCode::SEE_OTHER));
    assert_eq!((a.header("location"), server.size()), (b.header("location"), size + 1));
    let done = server.get_as(a.header("location"), &me).await;
    assert!(
        done.text().contains(&format!("Your words of entry {entry} are erased, and entry {size} says so."))
    );
    let said_to_others = server.get_as(a.header("location"), &other).await;
    assert!(!said_to_others.text().contains("Your words of entry"));
    check_gone(&server, &me, entry).await;

    let statement = server.get("/garden/q/1/s/7.json").await.json();
    assert_eq!((statement["disagree"].as_u64(), statement["text"].is_null()), (Some(1), true));
    assert_eq!(statement["erased"]["ground"], "own-request");
    assert_eq!(statement["erased"]["by_author"], true);
    let late = server.post("/garden/q/1/respond", &other, "statement=7&response=agree").await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    assert!(late.text().contains("takes no more responses"));
}

#[tokio::test]
async fn somebody_reports_and_an_organiser_erases() {
    let server = server().await;
    let (me, other) = (server.cookie().await, server.cookie().await);
    let entry = put(&server, &me).await;
    let page = server.get_as("/garden/q/1/s/7", &other).await;
    assert!(page.text().contains(r#"href="/garden/q/1/s/7/report""#));
    let form = server.get("/garden/q/1/s/7/report").await;
    assert!(form.text().contains(WORDS) && form.header("set-cookie").is_empty());
    let bare = server.post("/garden/q/1/s/7/report", "", "note=bad").await;
    assert_eq!(bare.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(bare.text().contains("Choose what is wrong with it"), "{}", bare.text());
    let long = format!("ground=unlawful&note={}", "x".repeat(501));
    let long = server.post("/garden/q/1/s/7/report", "", &long).await;
    assert_eq!(long.status, StatusCode::UNPROCESSABLE_ENTITY);
    let size = server.size();
    let body = "ground=personal-data-of-another&note=That+is+%3Cmy%3E+neighbour.";
    let sent = server.post("/garden/q/1/s/7/report", "", body).await;
    assert!(sent.text().contains("Your report waits for the organisers"), "{}", sent.text());
    assert_eq!(server.size(), size, "a report is not on the record");

    // Nobody else sees it.
    let outside = server.get_as("/garden/organise", &other).await;
    assert_eq!(outside.status, StatusCode::FORBIDDEN);
    assert!(!outside.text().contains("neighbour"));
    for path in ["/garden/organise/erase", "/garden/organise/dismiss"] {
        let body = format!("entry={entry}&field=text&ground=unlawful");
        let answer = server.post(path, &other, &body).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
        assert!(answer.text().contains("not signed in as an organiser"));
    }

    let cookie = organiser(&server).await;
    let home = server.get_as("/garden/organise", &cookie).await;
    assert!(
        home.text().contains("That is &lt;my&gt; neighbour.") && home.text().contains(WORDS),
        "{}",
        home.text()
    );
    assert_eq!(home.header("cache-control"), "no-store");
    let form = server.get_as(&format!("/garden/organise/erase?entry={entry}"), &cookie).await;
    assert!(form.text().contains(WORDS) && form.text().contains("On which ground?"));
    let vague = server.post("/garden/organise/erase", &cookie, &format!("entry={entry}&field=text")).await;
    assert_eq!(vague.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(server.size(), size);
    // Two organisers at once.
    let second = organiser(&server).await;
    let body = format!("entry={entry}&field=text&ground=personal-data-of-another");
    let (a, b) = tokio::join!(
        server.post("/garden/organise/erase", &cookie, &body),
        server.post("/garden/organise/erase", &second, &body)
    );
    assert_eq!((a.status, b.status, server.size()), (StatusCode::SEE_OTHER, StatusCode::SEE_OTHER, size + 1));
    let done = server.get_as(a.header("location"), &cookie).await;
    assert!(
        done.text().contains(&format!("The words of entry {entry} are erased, and entry {size} says so."))
    );
    assert!(!done.text().contains("neighbour"), "the report is still there");
    check_gone(&server, &format!("{me}; {cookie}"), entry).await;

    let out = server.post("/garden/organise/leave", &cookie, "").await;
    assert!(out.header("set-cookie").contains("Max-Age=0"));
    assert_eq!(server.get_as("/garden/organise", &cookie).await.status, StatusCode::FORBIDDEN);
    assert_eq!(server.get_as("/garden/organise", &second).await.status, StatusCode::OK);
}

#[tokio::test]
async fn an_organiser_lets_words_stand() {
    let server = server().await;
    let entry = put(&server, &server.cookie().await).await;
    server.post("/garden/q/1/s/7/report", "", "ground=unlawful&note=I+do+not+like+it.").await;
    server.post("/garden/q/1/report", "", "ground=rights-of-another&note=Stolen.").await;
    let cookie = organiser(&server).await;
    let home = server.get_as("/garden/organise", &cookie).await;
    assert!(home.text().contains("I do not like it.") && home.text().contains("Stolen."));
    let kept = server.post("/garden/organise/dismiss", &cookie, &format!("entry={entry}")).await;
    let home = server.get_as(kept.header("location"), &cookie).await;
    assert!(home.text().contains(&format!("The words of entry {entry} stay.")));
    assert!(!home.text().contains("I do not like it.") && home.text().contains("Stolen."));
    assert!(server.get("/garden/q/1/s/7").await.text().contains(WORDS));
}

#[tokio::test]
async fn the_words_of_a_question_are_text_too() {
    let server = server().await;
    let cookie = organiser(&server).await;
    let entry = server.house.read().state.questions()[0].entry();
    let form = server.get_as(&format!("/garden/organise/erase?entry={entry}"), &cookie).await;
    for field in ["title", "why", "decides"] {
        assert!(form.text().contains(&format!(r#"name="field" value="{field}""#)), "{field}");
    }
    for field in ["why", "title"] {
        let body = format!("entry={entry}&field={field}&ground=unlawful");
        assert_eq!(server.post("/garden/organise/erase", &cookie, &body).await.status, StatusCode::SEE_OTHER);
    }
    let page = server.get("/garden/q/1").await;
    assert!(page.text().contains("(text erased)") && !page.text().contains("Whose courtyard"));
    assert!(page.text().contains("publishing it is against the law. Entry "), "{}", page.text());
    let text = server.get(&format!("/garden/record/text/{entry}")).await;
    assert_eq!(text.status, StatusCode::OK, "who decides is still there");
    let text = text.json();
    assert!(text["texts"]["decides"].is_object() && text["texts"]["why"].is_null());
    assert_eq!(text["erased"]["why"]["ground"], "unlawful");
    let nothing = server.get_as("/garden/organise/erase?entry=999999", &cookie).await;
    assert_eq!(nothing.status, StatusCode::NOT_FOUND);
    assert!(nothing.text().contains("The record has no entry 999999."), "{}", nothing.text());
}

#[tokio::test]
async fn a_link_is_good_once_and_for_a_quarter_of_an_hour() {
    let server = server().await;
    let fresh = link(&server, NOW);
    for _ in 0..2 {
        assert_eq!(server.get(&fresh).await.status, StatusCode::OK, "looking uses nothing up");
    }
    let (a, b) = tokio::join!(server.post(&fresh, "", ""), server.post(&fresh, "", ""));
    let mut both = [a.status, b.status];
    both.sort();
    assert_eq!(both, [StatusCode::SEE_OTHER, StatusCode::FORBIDDEN]);
    let old = link(&server, NOW - 15 * 60 * 1_000);
    let made_up = format!("/garden/organise/enter/{}", store::Token::random().unwrap());
    for bad in [fresh, old, made_up, "/garden/organise/enter/x".into()] {
        let answer = server.post(&bad, "", "").await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
        assert!(answer.text().contains("This link does not work"), "{}", answer.text());
        assert!(answer.header("set-cookie").is_empty());
    }
    // A guest's cookie opens nothing, under whatever name.
    let guest = server.cookie().await;
    let forged = format!("veche-organiser-garden={}", guest.split_once('=').unwrap().1);
    assert_eq!(server.get_as("/garden/organise", &forged).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn behind_https_the_session_is_secure() {
    let server = with(|config| config.public_url = "https://veche.example".into()).await;
    let answer = server.post(&link(&server, NOW), "", "").await;
    let cookie = answer.header("set-cookie");
    assert!(cookie.starts_with("__Host-veche-organiser-garden=") && cookie.ends_with("; Secure"), "{cookie}");
}
