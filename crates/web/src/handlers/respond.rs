//! One statement at a time: the card, as a page and as data; the form for a statement of one's own.

use super::{Answer, json};
use crate::app::{App, Room, statement_no};
use crate::firsts::Chosen;
use crate::guard::page;
use crate::guest::Guest;
use crate::maps::Published;
use crate::problem::Problem;
use crate::views::respond::{
    Card, Just, card as card_page, progress, state as state_page, stated as stated_page,
};
use assembly::talk::{Response, Talk, next_statement};
use assembly::{ParticipantNo, QuestionId, State as Folded, StatementNo};
use axum::extract::{Path, Query, State};
use axum::http::Uri;
use serde::{Deserialize, Serialize};
use store::Token;

/// What the act before left in the address. Nothing in it is believed: it only chooses which of the
/// guest's own acts is spoken of.
#[derive(Deserialize)]
pub(crate) struct After {
    after: Option<String>,
    before: Option<String>,
    entry: Option<u64>,
}

/// `GET respond`: the next statement.
pub(crate) async fn card(
    State(app): State<App>,
    uri: Uri,
    Path((slug, number)): Path<(String, String)>,
    Query(after): Query<After>,
    guest: Guest,
) -> Answer {
    let (room, id) = app.question(&slug, &number)?;
    let participant = room.house.participant(&guest.token, id);
    let (markup, shown) = {
        let live = room.house.read();
        let question = live.state.question(id).ok_or_else(Problem::nowhere)?;
        let talk = question.talk();
        let next = Next::of(room, &live.state, id, participant, &guest.token)?;
        let card = Card {
            statement: next.statement.and_then(|no| talk.statement(no)),
            answered: next.answered,
            all: next.all,
            done: after.of(talk, participant, live.state.size()),
        };
        (card_page(&app.frame(uri.path(), room, &live.state), question, &card), next.shown)
    };
    note(room, id, &guest.token, shown);
    Ok(guest.dress(page(markup)))
}

/// `GET respond.json`: the same as data.
pub(crate) async fn card_json(
    State(app): State<App>,
    Path((slug, number)): Path<(String, String)>,
    guest: Guest,
) -> Answer {
    let (room, id) = app.question(&slug, &number)?;
    let participant = room.house.participant(&guest.token, id);
    let (answer, shown) = {
        let live = room.house.read();
        let next = Next::of(room, &live.state, id, participant, &guest.token)?;
        let talk = live.state.question(id).ok_or_else(Problem::nowhere)?.talk();
        (json(&next.card(talk))?, next.shown)
    };
    note(room, id, &guest.token, shown);
    Ok(guest.dress(answer))
}

/// `GET state`: the form for a statement, or, after it was put, what became of it.
pub(crate) async fn state(
    State(app): State<App>,
    uri: Uri,
    Path((slug, number)): Path<(String, String)>,
    Query(after): Query<After>,
    guest: Guest,
) -> Answer {
    let (room, id) = app.question(&slug, &number)?;
    let participant = room.house.participant(&guest.token, id);
    let live = room.house.read();
    let question = live.state.question(id).ok_or_else(Problem::nowhere)?;
    let frame = app.frame(uri.path(), room, &live.state);
    let own = after
        .after
        .and_then(|text| statement_no(&text).ok())
        .and_then(|no| question.talk().statement(no))
        .filter(|statement| statement.by().is_some() && statement.by() == participant);
    Ok(guest.dress(page(match own {
        Some(statement) => stated_page(&frame, question, statement, statement.entry()),
        None => state_page(&frame, question, "", None),
    })))
}

impl After {
    fn of<'a>(&self, talk: &'a Talk, participant: Option<ParticipantNo>, size: u64) -> Option<Just<'a>> {
        let participant = participant?;
        let statement = talk.statement(statement_no(self.after.as_deref()?).ok()?)?;
        // Only of what the guest did here is spoken.
        talk.participant(participant)?.mark(statement.no())?;
        Some(Just {
            statement,
            response: talk.response(participant, statement.no()).map(|(response, _)| response),
            before: self.before.as_deref().and_then(Response::named),
            entry: self.entry.filter(|entry| *entry < size),
        })
    }
}

/// What to show next to somebody.
pub(crate) struct Next {
    pub statement: Option<StatementNo>,
    /// For whom and how it was chosen, to be noted once it was shown.
    pub shown: Option<(Option<ParticipantNo>, Chosen)>,
    /// How many they responded to.
    pub answered: usize,
    /// How many there are to respond to.
    pub all: usize,
}

/// Notes that a statement was shown, or keeps it until there is a number to note it with.
pub(crate) fn note(
    room: &Room,
    question: QuestionId,
    token: &Token,
    shown: Option<(Option<ParticipantNo>, Chosen)>,
) {
    match shown {
        Some((Some(participant), chosen)) => room.house.shown(question, chosen.map, chosen.by(participant)),
        Some((None, chosen)) => room.firsts.keep(question, token, chosen),
        None => {}
    }
}

/// Notes what was shown to somebody before they had a number, now that they have responded to it.
pub(crate) fn note_first(
    room: &Room,
    question: QuestionId,
    token: &Token,
    participant: Option<ParticipantNo>,
    statement: StatementNo,
) {
    let Some(chosen) = room.firsts.take(question, token).filter(|chosen| chosen.statement == statement)
    else {
        return;
    };
    // By the record of after they joined, it would have been another choice.
    let joined = {
        let live = room.house.read();
        let talk = live.state.question(question).map(assembly::Question::talk);
        participant.filter(|no| {
            talk.and_then(|talk| talk.participant(*no)).is_some_and(|who| who.entry() >= chosen.as_of)
        })
    };
    if let Some(participant) = joined {
        room.house.shown(question, chosen.map, chosen.by(participant));
    }
}

/// A card as data.
#[derive(Serialize)]
pub(crate) struct CardJson<'a> {
    statement: Option<StatementNo>,
    text: Option<&'a str>,
    answered: usize,
    all: usize,
    progress: String,
}

impl Next {
    pub fn of(
        room: &Room,
        state: &Folded,
        id: QuestionId,
        participant: Option<ParticipantNo>,
        token: &Token,
    ) -> Result<Self, Problem> {
        let talk = state.question(id).ok_or_else(Problem::nowhere)?.talk();
        let (map, entry) = match room.maps.published(id) {
            Some(Published { entry, map: Some(map) }) => (Some(map), Some(entry)),
            _ => (None, None),
        };
        let next = next_statement(talk, participant, map.as_deref(), token.seed());
        let shown = next.map(|next| {
            let (statement, chance) = (next.statement, next.chance);
            (participant, Chosen { map: entry, statement, chance, as_of: state.size() })
        });
        let own = participant.and_then(|no| talk.participant(no));
        let open = talk.statements().iter().filter(|statement| {
            statement.takes_responses() && (participant.is_none() || statement.by() != participant)
        });
        Ok(Self {
            statement: next.map(|next| next.statement),
            shown,
            answered: own.map_or(0, assembly::talk::Participant::responses),
            all: open.count(),
        })
    }

    pub fn card<'a>(&self, talk: &'a Talk) -> CardJson<'a> {
        CardJson {
            statement: self.statement,
            text: self.statement.and_then(|no| talk.statement(no)).and_then(assembly::talk::Statement::words),
            answered: self.answered,
            all: self.all,
            progress: progress(self.answered, self.all),
        }
    }
}
