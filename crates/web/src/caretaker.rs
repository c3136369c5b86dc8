//! What the server does by itself, whoever looks or does not: it publishes the opinion maps that are due, so that
//! they stand on the record before anything rests on them.

use crate::app::{App, Room};
use crate::maps::Published;
use assembly::question::Activity;
use assembly::results::Results;
use assembly::talk::{self, map_due};
use assembly::{Command, Question, QuestionId, UnixMs};
use opinion::Method;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;

/// How often it looks although nothing was recorded: a step may have ended by the clock.
const LOOK: Duration = Duration::from_secs(30);
/// The shortest time between two looks.
const PAUSE: Duration = Duration::from_secs(1);

/// Looks after all assemblies until it is dropped.
pub(crate) async fn caretaker(app: App) {
    let mut assemblies = JoinSet::new();
    for place in 0..app.rooms.len() {
        let app = app.clone();
        assemblies.spawn(async move {
            if let Some(room) = app.rooms.get(place) {
                look_after(&app, room).await;
            }
        });
    }
    while assemblies.join_next().await.is_some() {}
}

async fn look_after(app: &App, room: &Room) {
    let mut changes = room.house.changes();
    loop {
        changes.mark_unchanged();
        let questions: Vec<QuestionId> =
            room.house.read().state.questions().iter().map(Question::id).collect();
        for id in questions {
            if is_due(room, id, app.now()) {
                publish(room, id, app.now()).await;
            }
            if let Some(published) = missing(room, id, app.now()) {
                recall(room, published).await;
            }
        }
        tokio::time::sleep(PAUSE).await;
        // A writer that has ended changes nothing any more.
        if let Ok(Err(_)) = tokio::time::timeout(LOOK, changes.changed()).await {
            return;
        }
    }
}

fn is_due(room: &Room, id: QuestionId, now: UnixMs) -> bool {
    room.house.read().state.question(id).is_some_and(|question| map_due(question, now))
}

/// Computes the map and puts it on the record.
async fn publish(room: &Room, id: QuestionId, now: UnixMs) {
    let Ok(computed) = room.maps.fresh(&room.house, id, Method::Map, now).await else { return };
    let mapped = computed.results.mapped();
    let command = talk::Command::Publish(Box::new(mapped.clone()));
    match room.house.carry_out(Command::Talk(command)).await {
        Ok(_) => {
            let live = room.house.read();
            let maps = live.state.question(id).map_or(&[][..], |question| question.talk().maps());
            if let Some(last) = maps.last().filter(|last| last.mapped == mapped) {
                let published = Published { entry: last.entry, map: Some(Arc::clone(&computed.map)) };
                room.maps.publish(id, published);
            }
        }
        Err(failure) => tracing::warn!(
            assembly = room.house.slug(),
            "the opinion map of question {id} could not be published and is tried again: {failure}"
        ),
    }
}

/// The last map that was published, where statements are chosen by it and it is not at hand: after a start.
fn missing(room: &Room, id: QuestionId, now: UnixMs) -> Option<talk::Published> {
    let live = room.house.read();
    let question = live.state.question(id)?;
    question.allows(Activity::Respond, now).ok()?;
    let last = question.talk().maps().last()?;
    let known = room.maps.published(id).is_some_and(|known| known.entry == last.entry);
    (!known).then(|| last.clone())
}

/// Computes a published map again, from the entries it is of.
async fn recall(room: &Room, published: talk::Published) {
    let talk::Published { entry, mapped, .. } = published;
    let (id, slug) = (mapped.question, room.house.slug());
    let earlier = room.house.earlier(mapped.as_of).await;
    let Some(state) = earlier.ok().flatten() else {
        tracing::error!(
            assembly = slug,
            "the entries of the map that entry {entry} published cannot be read"
        );
        return;
    };
    let compute = move || Some(Results::prepare(state.question(id)?).compute(Method::Map));
    let Some((results, map)) = tokio::task::spawn_blocking(compute).await.ok().flatten() else { return };
    let difference = mapped.map.difference(&results.map);
    if let Some(difference) = &difference {
        tracing::warn!(
            assembly = slug,
            "the map of question {id} that entry {entry} published is not found again, so statements are chosen \
             without one until the next is published: {difference}"
        );
    }
    room.maps.publish(id, Published { entry, map: difference.is_none().then(|| Arc::new(map)) });
}
