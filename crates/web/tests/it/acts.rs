use crate::house::{Server, server};
use axum::http::StatusCode;

async fn respond(server: &Server, cookie: &str, statement: u32, response: &str) -> serde_json::Value {
    let body = format!("statement={statement}&response={response}");
    let answer = server.post_json("/garden/q/1/respond", cookie, &body).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    answer.json()
}

#[tokio::test]
async fn a_response_is_an_entry_with_its_receipt() {
    let server = server().await;
    let cookie = server.cookie().await;
    let before = server.size();
    let done = respond(&server, &cookie, 1, "agree").await;
    assert_eq!(done["participant"], 61);
    assert_eq!(done["added"], 2, "joined and responded");
    assert_eq!(done["entry"], before + 1);
    let receipt = done["receipt"].as_str().unwrap();
    assert!(receipt.starts_with(&format!("c2sp.org/tlog-proof@v1\nindex {}\n", before + 1)), "{receipt}");
    let served = server.get(&format!("/garden/record/receipt/{}", before + 1)).await;
    assert_eq!(served.text(), receipt);
    assert!(served.header("content-disposition").starts_with("attachment"));
}

#[tokio::test]
async fn a_double_click_is_one_entry() {
    let server = server().await;
    let cookie = server.cookie().await;
    let body = "statement=2&response=pass";
    let (a, b) = tokio::join!(
        server.post("/garden/q/1/respond", &cookie, body),
        server.post("/garden/q/1/respond", &cookie, body)
    );
    assert_eq!((a.status, b.status), (StatusCode::SEE_OTHER, StatusCode::SEE_OTHER));
    assert_eq!(a.header("location"), b.header("location"));
    let mine = server.get_as("/garden/me.json", &cookie).await.json();
    assert_eq!(mine[0]["responses"].as_array().unwrap().len(), 1);
    let again = respond(&server, &cookie, 2, "pass").await;
    assert_eq!((again["added"].as_u64(), again["before"].as_str()), (Some(0), Some("pass")));
}

#[tokio::test]
async fn undo_takes_back_or_restores() {
    let server = server().await;
    let cookie = server.cookie().await;
    let first = server.post("/garden/q/1/respond", &cookie, "statement=1&response=agree").await;
    let card = server.get_as(first.header("location"), &cookie).await;
    assert!(card.text().contains("You agreed with"));
    assert!(card.text().contains(r#"<form class="undo" method="post" action="/garden/q/1/retract">"#));

    let second = server.post("/garden/q/1/respond", &cookie, "statement=1&response=disagree").await;
    let card = server.get_as(second.header("location"), &cookie).await;
    assert!(
        card.text()
            .contains(r#"action="/garden/q/1/respond"><input type="hidden" name="statement" value="1""#)
    );
    assert!(card.text().contains(r#"name="response" value="agree""#));

    let undone = server.post("/garden/q/1/retract", &cookie, "statement=1").await;
    assert_eq!(undone.status, StatusCode::SEE_OTHER);
    let card = server.get_as(undone.header("location"), &cookie).await;
    assert!(card.text().contains("You took your answer back"));
    let twice = server.post("/garden/q/1/retract", &cookie, "statement=1").await;
    assert_eq!(twice.status, StatusCode::CONFLICT);
    assert!(twice.text().contains("there is nothing to take back"));
}

#[tokio::test]
async fn the_next_card_comes_with_the_answer_when_asked_for() {
    let server = server().await;
    let cookie = server.cookie().await;
    let mut statement = server.get_as("/garden/q/1/respond.json", &cookie).await.json()["statement"].clone();
    for answered in 1..=6 {
        let body = format!("statement={statement}&response=agree&card=1");
        let done = server.post_json("/garden/q/1/respond", &cookie, &body).await.json();
        assert_eq!(done["next"]["answered"], answered);
        assert_ne!(done["next"]["statement"], statement);
        statement = done["next"]["statement"].clone();
    }
    assert!(statement.is_null());
    let page = server.get_as("/garden/q/1/respond", &cookie).await;
    assert!(page.text().contains("You have responded to everything there is."));
    assert!(page.text().contains("What is missing?"));
}

#[tokio::test]
async fn a_statement_is_put_and_hostile_text_stays_text() {
    let server = server().await;
    let cookie = server.cookie().await;
    let put = server
        .post("/garden/q/1/state", &cookie, "text=%3Cimg+src%3Dx+onerror%3Dalert(1)%3E+%26+%E2%80%8Fmore")
        .await;
    assert_eq!(put.status, StatusCode::SEE_OTHER);
    assert_eq!(put.header("location"), "/garden/q/1/state?after=7");
    for path in [
        "/garden/q/1/state?after=7",
        "/garden/q/1/s/7",
        "/garden/q/1/statements",
        "/garden/q/1/map",
        "/garden/me",
    ] {
        let page = server.get_as(path, &cookie).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        assert!(!page.text().contains("<img"), "{path}");
        assert!(!page.text().contains("<script>alert"), "{path}");
    }
    let one = server.get("/garden/q/1/s/7").await;
    assert!(one.text().contains(r#"<bdi class="words" dir="auto">&lt;img src=x onerror=alert(1)&gt; &amp;"#));
}

#[tokio::test]
async fn a_refused_statement_keeps_what_was_written() {
    let server = server().await;
    let cookie = server.cookie().await;
    let before = server.size();
    let long = "x".repeat(141);
    let answer = server.post("/garden/q/1/state", &cookie, &format!("text={long}")).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.text().contains(&format!(r#"value="{long}""#)));
    assert!(answer.text().contains("That is 141 characters long; at most 140 fit."));
    assert!(answer.text().contains(r#"aria-invalid="true""#));

    let empty = server.post("/garden/q/1/state", &cookie, "text=+").await;
    assert!(empty.text().contains("Nothing is written there."));
    let turned = server.post("/garden/q/1/state", &cookie, "text=a%E2%80%AEb").await;
    assert_eq!(turned.status, StatusCode::UNPROCESSABLE_ENTITY);
    let said = server.post("/garden/q/1/state", &cookie, "text=Bicycles+need+a+roof.").await;
    assert_eq!(said.status, StatusCode::CONFLICT);
    assert!(said.text().contains("Statement 2 says exactly that."));
    let json = server.post_json("/garden/q/1/state", &cookie, "text=").await;
    assert_eq!(
        (json.status, json.json()["problem"].as_str()),
        (StatusCode::UNPROCESSABLE_ENTITY, Some("empty"))
    );
    assert_eq!(server.size(), before);
}

#[tokio::test]
async fn a_closed_question_takes_nothing_and_says_so() {
    let server = server().await;
    let cookie = server.cookie().await;
    let before = server.size();
    let answer = server.post("/garden/q/2/respond", &cookie, "statement=1&response=agree").await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert!(answer.text().contains("This question is closed for that now."));
    let json = server.post_json("/garden/q/2/respond", &cookie, "statement=1&response=agree").await;
    assert_eq!(json.json()["problem"], "closed");
    let put = server.post("/garden/q/2/state", &cookie, "text=Too+late%3F").await;
    assert_eq!(put.status, StatusCode::CONFLICT);
    assert!(put.text().contains("Too late?"), "what was written stays");
    assert!(server.get("/garden/q/2").await.text().contains("Responses are not open now."));
    assert_eq!(server.size(), before);
}

#[tokio::test]
async fn wrong_ids_are_not_found() {
    let server = server().await;
    let cookie = server.cookie().await;
    for body in ["statement=99&response=agree", "statement=4294967295&response=agree"] {
        assert_eq!(server.post("/garden/q/1/respond", &cookie, body).await.status, StatusCode::NOT_FOUND);
    }
    for body in
        ["statement=0&response=agree", "statement=-1&response=agree", "statement=1&response=maybe", "x"]
    {
        let answer = server.post("/garden/q/1/respond", &cookie, body).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{body}");
    }
    let path = "/garden/q/9/respond";
    assert_eq!(server.post(path, &cookie, "statement=1&response=agree").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn where_somebody_stands_is_known_after_they_respond() {
    let server = server().await;
    let cookie = server.cookie().await;
    assert!(
        server
            .get_as("/garden/q/1/stand", &cookie)
            .await
            .text()
            .contains("You have not responded to anything yet")
    );
    for statement in 1..=6 {
        respond(&server, &cookie, statement, if statement % 2 == 0 { "disagree" } else { "agree" }).await;
    }
    let standing = server.get_as("/garden/q/1/stand.json", &cookie).await.json();
    assert_eq!(standing["participant"], 61);
    assert_eq!(standing["responses"], 6);
    assert!(standing["everybody"]["compared"].as_u64() > Some(0), "{standing}");
    let page = server.get_as("/garden/q/1/stand", &cookie).await;
    assert!(page.text().contains(r#"<g class="you">"#), "the ring");
    assert!(page.text().contains("You and the others"), "the table");
}
