//! An assembly to look at: sixty simulated participants in two groups, and whoever asks.

use assembly::question::{Activity, Admits, Open, Step, StepName};
use assembly::talk::{self, Import, ImportedResponse, ImportedStatement, Response};
use assembly::{Command, QuestionId, Text, question};
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use http_body_util::BodyExt as _;
use record::commitment::Salt;
use store::{Founding, House, Store};
use tower::ServiceExt as _;

/// 2027-01-15, a Friday: the pages' clock stands still there.
pub const NOW: u64 = 1_800_000_000_000;
/// Statements of the first question.
pub const SAYINGS: [&str; 6] = [
    "The courtyard should be quiet after ten.",
    "Bicycles need a roof.",
    "Cars may stay where they are.",
    "<script>alert('x')</script> & \"quotes\"",
    "شجرة الزيزفون \u{200F}تبقى",
    "公共廚房應該每天開放",
];

pub struct Server {
    pub router: Router,
    pub house: House,
    store: Option<Store>,
    pub folder: tempfile::TempDir,
}

impl Drop for Server {
    /// The store waits for its writers, which nobody may do on a thread that drives tasks.
    fn drop(&mut self) {
        let store = self.store.take();
        std::thread::spawn(move || drop(store)).join().unwrap();
    }
}

/// An answer, read whole.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub bytes: Vec<u8>,
}

impl Answer {
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.bytes).unwrap()
    }
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.bytes).unwrap()
    }
}

/// The server with its first question open, and a second one that is closed.
pub async fn server() -> Server {
    with(|_| ()).await
}

/// The same, after its configuration was changed.
pub async fn with(change: impl FnOnce(&mut web::Config) + Send + 'static) -> Server {
    with_questions(change, vec![first(), second()]).await
}

/// A server with these questions.
pub async fn with_questions(
    change: impl FnOnce(&mut web::Config) + Send + 'static,
    questions: Vec<Command>,
) -> Server {
    tokio::task::spawn_blocking(move || {
        let folder = tempfile::tempdir().unwrap();
        let mut store = Store::open(folder.path(), &mut |_, _| ()).unwrap();
        let founding = Founding {
            slug: "garden".into(),
            title: "Garden Co-operative".into(),
            address: "http://127.0.0.1:8080".into(),
        };
        let house = store.found(founding).unwrap();
        for question in questions {
            house.command(question).unwrap();
        }
        if house.read().state.question(QuestionId(2)).is_some() {
            house.command(Command::Question(question::Command::Close { question: QuestionId(2) })).unwrap();
        }
        let mut config = web::Config::new("http://127.0.0.1:8080");
        config.clock = || NOW;
        change(&mut config);
        let router = web::router(config, store.houses().to_vec());
        Server { router, house, store: Some(store), folder }
    })
    .await
    .unwrap()
}

fn first() -> Command {
    question("Whose courtyard is it?", &SAYINGS, 60)
}

fn second() -> Command {
    question("Was this asked before?", &["Yes, it was."], 3)
}

/// A question with simulated participants: the even ones agree with the even statements.
pub fn question(title: &str, sayings: &[&str], people: u32) -> Command {
    let mut salts = 0u8;
    let mut text = |words: &str| {
        salts = salts.wrapping_add(1);
        Text::new(Salt([salts; 32]), words)
    };
    let open = Open {
        title: text(title),
        why: Some(text("The paving is worn out.")),
        decides: Some(text("The general meeting decides; the board answers in writing.")),
        admits: Admits::Guests,
        simulated: true,
        steps: vec![Step {
            step: StepName::Talk,
            opens: 0,
            closes: Some(NOW + 3 * 86_400_000 + 1),
            activities: vec![Activity::State, Activity::Respond],
        }],
    };
    let statements = sayings
        .iter()
        .map(|words| ImportedStatement {
            by: None,
            text: text(words),
            rejected: false,
            meta: false,
            then: Some(NOW - 86_400_000),
            there: None,
        })
        .collect();
    let places = u32::try_from(sayings.len()).unwrap();
    let response = |participant: u32, statement: u32| match (participant + statement) % 2 {
        _ if statement == 1 => Response::Agree,
        _ if (participant + statement).is_multiple_of(7) => Response::Pass,
        0 => Response::Agree,
        _ => Response::Disagree,
    };
    let responses = (0..people)
        .flat_map(|participant| (0..places).map(move |statement| (participant, statement)))
        .map(|(participant, statement)| ImportedResponse {
            participant,
            statement,
            response: response(participant, statement),
            then: None,
        })
        .collect();
    Command::Talk(talk::Command::Import(Box::new(Import {
        open,
        provenance: None,
        participants: vec![None; people as usize],
        statements,
        responses,
    })))
}

impl Server {
    pub async fn ask(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes().to_vec();
        Answer { status: parts.status, headers: parts.headers, bytes }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.ask(Request::get(path).body(Body::empty()).unwrap()).await
    }

    pub async fn get_as(&self, path: &str, cookie: &str) -> Answer {
        self.ask(Request::get(path).header("cookie", cookie).body(Body::empty()).unwrap()).await
    }

    /// A form as a browser sends it.
    pub async fn post(&self, path: &str, cookie: &str, body: &str) -> Answer {
        self.send(path, cookie, body, "text/html").await
    }

    /// A form as a script sends it.
    pub async fn post_json(&self, path: &str, cookie: &str, body: &str) -> Answer {
        self.send(path, cookie, body, "application/json").await
    }

    async fn send(&self, path: &str, cookie: &str, body: &str, accept: &str) -> Answer {
        let request = Request::post(path)
            .header("cookie", cookie)
            .header("accept", accept)
            .header("sec-fetch-site", "same-origin")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::from(body.to_owned()))
            .unwrap();
        self.ask(request).await
    }

    /// A guest's cookie, as the first page gives it.
    pub async fn cookie(&self) -> String {
        let answer = self.get("/garden/q/1").await;
        answer.header("set-cookie").split(';').next().unwrap().to_owned()
    }

    pub fn size(&self) -> u64 {
        self.house.read().state.size()
    }
}
