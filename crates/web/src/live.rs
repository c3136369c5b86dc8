//! Live numbers: what changed, told to every page that watches a question.
//!
//! One task a question compares and writes; watchers only pass the bytes on. At most four messages a
//! second, whatever happens in the assembly.

use assembly::talk::Tally;
use assembly::{QuestionId, StatementNo};
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use store::House;
use tokio::sync::broadcast;

/// The shortest time between two messages.
const PAUSE: Duration = Duration::from_millis(250);
/// Messages a slow reader may be behind before it is sent the totals anew.
const BEHIND: usize = 16;

/// The feeds of an assembly's questions.
#[derive(Default)]
pub(crate) struct Feeds(Arc<Mutex<BTreeMap<QuestionId, broadcast::Sender<Arc<str>>>>>);

/// One message: the totals, and the tallies that changed.
#[derive(Serialize)]
struct Message {
    as_of: u64,
    participants: usize,
    responses: u64,
    statements: usize,
    tallies: Vec<Changed>,
}

#[derive(Serialize)]
struct Changed {
    statement: StatementNo,
    agree: u32,
    disagree: u32,
    pass: u32,
    shown: u32,
}

impl Feeds {
    /// Messages about a question from now on.
    pub fn watch(&self, house: &House, id: QuestionId) -> broadcast::Receiver<Arc<str>> {
        let mut feeds = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sender) = feeds.get(&id) {
            return sender.subscribe();
        }
        let (sender, receiver) = broadcast::channel(BEHIND);
        feeds.insert(id, sender);
        tokio::spawn(feed(house.clone(), id, Arc::clone(&self.0)));
        receiver
    }
}

/// What a page is told first: the totals, and the tallies of the statements it shows.
pub(crate) fn first(house: &House, id: QuestionId, shown: &[StatementNo]) -> Option<Arc<str>> {
    let live = house.read();
    let talk = live.state.question(id)?.talk();
    let tallies = shown.iter().filter_map(|no| Some((*no, talk.statement(*no)?.tally()))).collect();
    message(&live.state, id, tallies)
}

fn message(state: &assembly::State, id: QuestionId, tallies: Vec<(StatementNo, Tally)>) -> Option<Arc<str>> {
    let question = state.question(id)?;
    let talk = question.talk();
    let tallies = tallies
        .into_iter()
        .map(|(statement, Tally { agree, disagree, pass, shown })| Changed {
            statement,
            agree,
            disagree,
            pass,
            shown,
        })
        .collect();
    let message = Message {
        as_of: question.revision(),
        participants: talk.participants().len(),
        responses: talk.responses(),
        statements: talk.statements().len(),
        tallies,
    };
    serde_json::to_string(&message).ok().map(Arc::from)
}

/// Compares after each commit, and ends when nobody listens any more.
async fn feed(
    house: House,
    id: QuestionId,
    feeds: Arc<Mutex<BTreeMap<QuestionId, broadcast::Sender<Arc<str>>>>>,
) {
    let mut changes = house.changes();
    let mut last: Vec<Tally> = Vec::new();
    let mut revision = compare(&house, id, &mut last).map_or(0, |(revision, _)| revision);
    while changes.changed().await.is_ok() {
        let news = compare(&house, id, &mut last).filter(|(now, _)| *now != revision);
        {
            let mut feeds = feeds.lock().unwrap_or_else(PoisonError::into_inner);
            let Some(sender) = feeds.get(&id) else { return };
            if sender.receiver_count() == 0 {
                feeds.remove(&id);
                return;
            }
            let Some((now, message)) = news else { continue };
            revision = now;
            // Nobody listening is no failure.
            let _ = message.map(|message| sender.send(message));
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// The question's revision and the message about what differs from `last`, which becomes what is now.
fn compare(house: &House, id: QuestionId, last: &mut Vec<Tally>) -> Option<(u64, Option<Arc<str>>)> {
    let live = house.read();
    let question = live.state.question(id)?;
    let statements = question.talk().statements();
    let mut changed = Vec::new();
    last.resize(statements.len(), Tally::default());
    for (statement, last) in statements.iter().zip(last.iter_mut()) {
        if *last != statement.tally() {
            *last = statement.tally();
            changed.push((statement.no(), *last));
        }
    }
    Some((question.revision(), message(&live.state, id, changed)))
}
