//! Statements in several orders; one statement.

use super::question::day;
use super::{Answer, json, shared, with_json};
use crate::app::{App, Room, statement_no};
use crate::guard::page;
use crate::guest::Guest;
use crate::maps::Computed;
use crate::order::{self, Order};
use crate::problem::Problem;
use crate::views::statements::{Leaf, PER_PAGE, list as list_page, one as one_page};
use assembly::talk::{Statement, Tally};
use assembly::{Question, QuestionId, Refusal, StatementNo};
use axum::extract::{Path, Query, State};
use axum::http::Uri;
use opinion::{Method, Share};
use serde::{Deserialize, Serialize};

/// Which page of which order.
#[derive(Deserialize)]
pub(crate) struct Which {
    order: Option<String>,
    page: Option<usize>,
}

/// `GET statements`.
pub(crate) async fn list(
    State(app): State<App>,
    uri: Uri,
    Path((slug, number)): Path<(String, String)>,
    Query(which): Query<Which>,
) -> Answer {
    let (room, id) = app.question(&slug, &number)?;
    let listed = Listed::of(&app, room, id, &which).await?;
    let live = room.house.read();
    let question = live.state.question(id).ok_or_else(Problem::nowhere)?;
    let here = uri.path_and_query().map_or("", |all| all.as_str());
    Ok(shared(page(list_page(&app.frame(here, room, &live.state), question, &listed.leaf()))))
}

/// `GET statements.json`.
pub(crate) async fn list_json(
    State(app): State<App>,
    Path((slug, number)): Path<(String, String)>,
    Query(which): Query<Which>,
) -> Answer {
    let (room, id) = app.question(&slug, &number)?;
    let listed = Listed::of(&app, room, id, &which).await?;
    let live = room.house.read();
    let question = live.state.question(id).ok_or_else(Problem::nowhere)?;
    let leaf = listed.leaf();
    let statements = leaf.statements.iter().filter_map(|no| question.talk().statement(*no));
    json(&ListJson {
        question: id.0,
        as_of: question.revision(),
        order: leaf.order.name(),
        page: leaf.page,
        pages: leaf.pages,
        all: leaf.all,
        statements: statements.map(StatementJson::of).collect(),
    })
    .map(shared)
}

/// `GET s/{statement}` and, with `.json`, its data.
pub(crate) async fn one(
    State(app): State<App>,
    uri: Uri,
    Path((slug, number, statement)): Path<(String, String, String)>,
    guest: Guest,
) -> Answer {
    let (statement, wants_json) = with_json(&statement);
    let (room, id) = app.question(&slug, &number)?;
    let no = statement_no(statement)?;
    let computed = if wants_json {
        room.maps.soon(&room.house, id, Method::Map, app.now()).await?
    } else {
        room.maps.current(&room.house, id, Method::Map, app.now()).await?
    };
    let participant = room.house.participant(&guest.token, id);
    let live = room.house.read();
    let question = live.state.question(id).ok_or_else(Problem::nowhere)?;
    let statement = question.talk().statement(no).ok_or(Refusal::NoSuchStatement(no))?;
    if wants_json {
        return json(&OneJson::of(question, statement, &computed)).map(shared);
    }
    let own = participant.and_then(|participant| question.talk().response(participant, no));
    let frame = app.frame(uri.path(), room, &live.state);
    Ok(guest.dress(page(one_page(&frame, question, statement, &computed, own))))
}

/// The statements of one page of a list.
struct Listed {
    order: Order,
    page: usize,
    pages: usize,
    all: usize,
    statements: Vec<StatementNo>,
}

impl Listed {
    async fn of(app: &App, room: &Room, id: QuestionId, which: &Which) -> Result<Self, Problem> {
        let order = match which.order.as_deref() {
            None => Order::Random,
            Some(name) => Order::named(name).ok_or_else(Problem::nowhere)?,
        };
        let computed = match order {
            Order::CommonGround | Order::MostDivided => {
                Some(room.maps.current(&room.house, id, Method::Map, app.now()).await?)
            }
            _ => None,
        };
        let live = room.house.read();
        let talk = live.state.question(id).ok_or_else(Problem::nowhere)?.talk();
        let all = match (&computed, order) {
            (Some(computed), Order::CommonGround) => with_rest(&computed.common, talk),
            (Some(computed), _) => with_rest(&computed.divided, talk),
            (None, order) => order::by_talk(talk, order, day(app.now())),
        };
        let pages = all.len().div_ceil(PER_PAGE).max(1);
        let page = which.page.unwrap_or(1);
        if page == 0 || page > pages {
            return Err(Problem::nowhere());
        }
        let statements = all.iter().skip((page - 1) * PER_PAGE).take(PER_PAGE).copied().collect();
        Ok(Self { order, page, pages, all: all.len(), statements })
    }

    fn leaf(&self) -> Leaf<'_> {
        Leaf {
            order: self.order,
            page: self.page,
            pages: self.pages,
            all: self.all,
            statements: &self.statements,
        }
    }
}

/// An order from the map, and after it the statements that are not on the map: no order hides any.
fn with_rest(order: &[StatementNo], talk: &assembly::talk::Talk) -> Vec<StatementNo> {
    let mut listed = vec![false; talk.statements().len()];
    for no in order {
        if let Some(listed) = no.place().and_then(|place| listed.get_mut(place)) {
            *listed = true;
        }
    }
    let rest = talk
        .statements()
        .iter()
        .zip(listed)
        .filter(|(_, listed)| !listed)
        .map(|(statement, _)| statement.no());
    order.iter().copied().chain(rest).collect()
}

#[derive(Serialize)]
struct ListJson<'a> {
    question: u32,
    as_of: u64,
    order: &'a str,
    page: usize,
    pages: usize,
    all: usize,
    statements: Vec<StatementJson<'a>>,
}

#[derive(Serialize)]
struct StatementJson<'a> {
    statement: StatementNo,
    text: Option<&'a str>,
    by: Option<assembly::ParticipantNo>,
    /// What the record says about the erasing of its words, if they were erased.
    #[serde(skip_serializing_if = "Option::is_none")]
    erased: Option<assembly::moderation::Erasure>,
    entry: u64,
    at: u64,
    rejected: bool,
    meta: bool,
    #[serde(flatten)]
    tally: Tally,
}

impl<'a> StatementJson<'a> {
    fn of(statement: &'a Statement) -> Self {
        Self {
            statement: statement.no(),
            text: statement.words(),
            by: statement.by(),
            erased: statement.erased(),
            entry: statement.entry(),
            at: statement.at(),
            rejected: statement.rejected(),
            meta: statement.meta(),
            tally: statement.tally(),
        }
    }
}

#[derive(Serialize)]
struct OneJson<'a> {
    question: u32,
    as_of: u64,
    #[serde(flatten)]
    statement: StatementJson<'a>,
    /// The 95 % interval of the share that agrees (Wilson).
    interval: (f64, f64),
    /// From which size of the record the groups are.
    groups_as_of: u64,
    groups: Vec<GroupJson>,
}

#[derive(Serialize)]
struct GroupJson {
    group: String,
    #[serde(flatten)]
    tally: opinion::Tally,
    interval: (f64, f64),
}

/// Where the share that agrees may lie.
fn interval(agree: u32, seen: u32) -> (f64, f64) {
    let Share { low, high, .. } = Share::of(agree, seen);
    (low, high)
}

impl<'a> OneJson<'a> {
    fn of(question: &Question, statement: &'a Statement, computed: &Computed) -> Self {
        let tally = statement.tally();
        let on_map = computed.statement(statement.no().0);
        let groups = on_map.into_iter().flat_map(|on_map| on_map.groups.iter().enumerate());
        Self {
            question: question.id().0,
            as_of: question.revision(),
            statement: StatementJson::of(statement),
            interval: interval(tally.agree, tally.responses()),
            groups_as_of: computed.results.map_as_of,
            groups: groups
                .map(|(index, tally)| GroupJson {
                    group: crate::picture::letter(index),
                    tally: *tally,
                    interval: interval(tally.agree, tally.seen),
                })
                .collect(),
        }
    }
}
