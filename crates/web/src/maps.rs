//! Opinion maps, computed off the threads that serve, and kept until the responses change.
//!
//! At most one map of a question is computed at a time, and at most three in two seconds; whoever comes
//! meanwhile gets the one before, which says what it was computed from. The first is waited for.
//!
//! Beside the live maps stands the one that was published last, by an entry of the record: the statement to show
//! next is chosen by that one, so that anybody can follow how.

use crate::order;
use crate::problem::Problem;
use assembly::results::Results;
use assembly::{Question, QuestionId, StatementNo, UnixMs};
use axum::body::Bytes;
use opinion::map::Ground;
use opinion::{Map, Method};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};
use std::time::Duration;
use store::House;
use tokio::time::Instant;

/// The shortest time from the start of one computation to the start of the next. A map of a million responses takes a
/// third of a second, so whoever looks at it sees what was said up to a second ago.
const PAUSE: Duration = Duration::from_millis(600);
/// A computation is followed by a pause of this many times its length, so that larger maps leave half of the machine to
/// those who take part.
const REST: u32 = 1;
/// How long somebody waits for a map that is newer than the last.
const PATIENCE: Duration = Duration::from_secs(2);

/// A question's result with its map.
pub(crate) struct Computed {
    pub results: Results,
    pub map: Arc<Map>,
    /// Places those who responded after it. None for the classic method.
    pub ground: Option<Arc<Ground>>,
    /// When the map was computed.
    pub at: UnixMs,
    /// Statements by common ground.
    pub common: Arc<[StatementNo]>,
    /// Statements by division.
    pub divided: Arc<[StatementNo]>,
    /// The answers to who asks for data, made when first asked for.
    pub question_json: OnceLock<Bytes>,
    pub map_json: OnceLock<Bytes>,
}

impl Computed {
    /// A statement on the map.
    pub fn statement(&self, number: u32) -> Option<&opinion::Statement> {
        let place = self.map.statements.binary_search_by_key(&number, |statement| statement.number).ok()?;
        self.map.statements.get(place)
    }

    /// The result as it is now, with the map that is still that of its responses.
    fn renewed(&self, question: &Question) -> Self {
        Self {
            results: Results::with_map(question, self.results.map.clone()),
            map: Arc::clone(&self.map),
            ground: self.ground.clone(),
            at: self.at,
            common: Arc::clone(&self.common),
            divided: Arc::clone(&self.divided),
            question_json: OnceLock::new(),
            map_json: self.map_json.clone(),
        }
    }
}

/// A map that an entry published.
#[derive(Clone)]
pub(crate) struct Published {
    pub entry: u64,
    /// Nothing where this program does not find the map that was published: another version made it.
    pub map: Option<Arc<Map>>,
}

/// The maps of an assembly's questions.
#[derive(Default)]
pub(crate) struct Maps {
    slots: Mutex<BTreeMap<(QuestionId, &'static str), Arc<Slot>>>,
    published: RwLock<BTreeMap<QuestionId, Published>>,
}

#[derive(Default)]
struct Slot {
    newest: RwLock<Option<Arc<Computed>>>,
    /// Held while computing; when the next may start.
    gate: tokio::sync::Mutex<Option<Instant>>,
}

/// Which map is asked for.
#[derive(Clone, Copy)]
struct Asked {
    id: QuestionId,
    method: Method,
    now: UnixMs,
}

impl Maps {
    /// The newest map there is; a newer one is computed in the background if the question changed.
    pub async fn current(
        &self,
        house: &House,
        id: QuestionId,
        method: Method,
        now: UnixMs,
    ) -> Result<Arc<Computed>, Problem> {
        let (slot, asked) = (self.slot(id, method), Asked { id, method, now });
        let Some(newest) = slot.newest() else { return slot.fresh(house, asked).await };
        if newest.results.as_of != revision(house, id)? && slot.gate.try_lock().is_ok() {
            let house = house.clone();
            // Whoever looks next sees it; if it fails, they see the one before and it is tried again.
            tokio::spawn(async move { slot.fresh(&house, asked).await.map(drop) });
        }
        Ok(newest)
    }

    /// A map of the question as it stood when this was called, or later; waited for.
    pub async fn fresh(
        &self,
        house: &House,
        id: QuestionId,
        method: Method,
        now: UnixMs,
    ) -> Result<Arc<Computed>, Problem> {
        self.slot(id, method).fresh(house, Asked { id, method, now }).await
    }

    /// As [`Maps::fresh`], waited for a little: a large map has its pauses. Then the newest there is.
    pub async fn soon(
        &self,
        house: &House,
        id: QuestionId,
        method: Method,
        now: UnixMs,
    ) -> Result<Arc<Computed>, Problem> {
        let (slot, asked) = (self.slot(id, method), Asked { id, method, now });
        let Some(newest) = slot.newest() else { return slot.fresh(house, asked).await };
        // Goes on when nobody waits any more.
        let fresh = tokio::spawn({
            let (house, slot) = (house.clone(), Arc::clone(&slot));
            async move { slot.fresh(&house, asked).await }
        });
        match tokio::time::timeout(PATIENCE, fresh).await {
            Ok(Ok(fresh)) => fresh,
            _ => Ok(slot.newest().unwrap_or(newest)),
        }
    }

    /// The map that was published last, if it is at hand.
    pub fn published(&self, id: QuestionId) -> Option<Published> {
        self.published.read().unwrap_or_else(PoisonError::into_inner).get(&id).cloned()
    }

    /// From now on, this is the map that was published last.
    pub fn publish(&self, id: QuestionId, published: Published) {
        self.published.write().unwrap_or_else(PoisonError::into_inner).insert(id, published);
    }

    fn slot(&self, id: QuestionId, method: Method) -> Arc<Slot> {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(slots.entry((id, method.name())).or_default())
    }
}

impl Slot {
    fn newest(&self) -> Option<Arc<Computed>> {
        self.newest.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn keep(&self, computed: Computed) -> Arc<Computed> {
        let computed = Arc::new(computed);
        *self.newest.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&computed));
        computed
    }

    async fn fresh(&self, house: &House, asked: Asked) -> Result<Arc<Computed>, Problem> {
        let wanted = revision(house, asked.id)?;
        let good = |newest: &Arc<Computed>| newest.results.as_of >= wanted;
        if let Some(newest) = self.newest().filter(good) {
            return Ok(newest);
        }
        let mut gate = self.gate.lock().await;
        let newest = self.newest();
        if let Some(newest) = newest.clone().filter(good) {
            return Ok(newest);
        }
        // Where only something else of the question changed, the map stays.
        let renewed = newest.and_then(|newest| {
            let live = house.read();
            let question = live.state.question(asked.id)?;
            (question.talk().changed() == newest.results.map_as_of).then(|| newest.renewed(question))
        });
        if let Some(renewed) = renewed {
            return Ok(self.keep(renewed));
        }
        if let Some(next) = *gate {
            tokio::time::sleep_until(next).await;
        }
        let start = Instant::now();
        let house = house.clone();
        let computed = tokio::task::spawn_blocking(move || compute(&house, asked));
        let computed = computed.await.ok().flatten().ok_or_else(Problem::broken)?;
        *gate = Some((start + PAUSE).max(Instant::now() + start.elapsed() * REST));
        Ok(self.keep(computed))
    }
}

fn compute(house: &House, asked: Asked) -> Option<Computed> {
    // The state is held only while the responses are copied out of it.
    let prepared = house.read().state.question(asked.id).map(Results::prepare)?;
    let (results, map, ground) = prepared.compute_with_ground(asked.method);
    let (common, divided) = (order::common_ground(&map).into(), order::most_divided(&map).into());
    Some(Computed {
        results,
        map: Arc::new(map),
        ground: ground.map(Arc::new),
        at: asked.now,
        common,
        divided,
        question_json: OnceLock::new(),
        map_json: OnceLock::new(),
    })
}

fn revision(house: &House, id: QuestionId) -> Result<u64, Problem> {
    house.read().state.question(id).map(Question::revision).ok_or_else(Problem::nowhere)
}
