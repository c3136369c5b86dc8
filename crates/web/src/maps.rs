//! Opinion maps, computed off the threads that serve, and kept until the responses change.
//!
//! What is given out as data, published and checked is found from the responses alone, so that anybody finds the same
//! bytes. Of a large question that takes a second or more; so that whoever looks at a page sees what was said within
//! the last second, maps are *read off* in between: what statements weigh and which groups there are stays as it
//! was on the last map that was found, everything else is of the responses that stand. A page says which it shows.
//!
//! At most one map of each kind is made at a time, with pauses; whoever comes meanwhile gets the one before, which
//! says what it was computed from. The first is waited for.
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

/// The shortest time from the start of one computation to the start of the next, and how old a map may be that is shown
/// without making another.
const PAUSE: Duration = Duration::from_millis(500);
/// Finding a map is followed by a pause of this many times its length, so that larger maps leave most of the machine to
/// those who take part.
const REST: u32 = 3;
/// Where a map is found in less than this, none is read off.
const QUICK: Duration = Duration::from_millis(150);
/// How long somebody waits for a map that is newer than the last.
const PATIENCE: Duration = Duration::from_secs(2);

/// A question's result with its map.
pub(crate) struct Computed {
    pub results: Results,
    pub map: Arc<Map>,
    /// Places those who responded after it. None for the classic method.
    pub ground: Option<Arc<Ground>>,
    /// How many entries the map is of that this one was read off; nothing where it was found from the responses alone.
    pub read_off: Option<u64>,
    /// When the map was computed.
    pub at: UnixMs,
    /// When the responses were copied, and how long it took from then on.
    made: (Instant, Duration),
    /// Statements by common ground.
    pub common: Arc<[StatementNo]>,
    /// Statements by division.
    pub divided: Arc<[StatementNo]>,
    /// The answers to who asks for data, made when first asked for.
    pub question_json: OnceLock<Bytes>,
    pub map_json: OnceLock<Bytes>,
}

impl Computed {
    fn new(
        results: Results,
        map: Map,
        ground: Option<Arc<Ground>>,
        read_off: Option<u64>,
        asked: Asked,
        start: Instant,
    ) -> Self {
        Self {
            common: order::common_ground(&map).into(),
            divided: order::most_divided(&map).into(),
            results,
            map: Arc::new(map),
            ground,
            read_off,
            at: asked.now,
            made: (start, start.elapsed()),
            question_json: OnceLock::new(),
            map_json: OnceLock::new(),
        }
    }

    /// A statement on the map.
    pub fn statement(&self, number: u32) -> Option<&opinion::Statement> {
        self.map.statement(number)
    }

    /// The result as it is now, if this map is still that of its responses.
    fn renewed(&self, house: &House, id: QuestionId) -> Option<Self> {
        let live = house.read();
        let question = live.state.question(id)?;
        (question.talk().changed() == self.results.map_as_of).then(|| Self {
            results: Results::with_map(question, self.results.map.clone()),
            map: Arc::clone(&self.map),
            ground: self.ground.clone(),
            read_off: self.read_off,
            at: self.at,
            made: (Instant::now(), self.made.1),
            common: Arc::clone(&self.common),
            divided: Arc::clone(&self.divided),
            question_json: OnceLock::new(),
            map_json: self.map_json.clone(),
        })
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
    /// The newest that was found.
    newest: RwLock<Option<Arc<Computed>>>,
    /// The newest that was read off.
    read_off: RwLock<Option<Arc<Computed>>>,
    /// Held while finding one; when the next may start.
    gate: tokio::sync::Mutex<Option<Instant>>,
    /// Held while reading one off.
    reading: tokio::sync::Mutex<()>,
}

/// Which map is asked for.
#[derive(Clone, Copy)]
struct Asked {
    id: QuestionId,
    method: Method,
    now: UnixMs,
}

impl Maps {
    /// The newest map there is to look at, at once; a newer one is made in the background if the question changed.
    pub async fn at_once(
        &self,
        house: &House,
        id: QuestionId,
        method: Method,
        now: UnixMs,
    ) -> Result<Arc<Computed>, Problem> {
        let (slot, asked) = (self.slot(id, method), Asked { id, method, now });
        let Some(shown) = slot.shown() else { return slot.fresh(house, asked).await };
        if shown.results.as_of != revision(house, id)? || shown.read_off.is_some() {
            slot.begin(house, asked);
        }
        Ok(shown)
    }

    /// A map to look at that lacks nothing older than a second, unless reading one off takes longer than that.
    pub async fn current(
        &self,
        house: &House,
        id: QuestionId,
        method: Method,
        now: UnixMs,
    ) -> Result<Arc<Computed>, Problem> {
        let (slot, asked) = (self.slot(id, method), Asked { id, method, now });
        let shown = self.at_once(house, id, method, now).await?;
        if shown.results.as_of == revision(house, id)? || shown.made.0.elapsed() < PAUSE {
            return Ok(shown);
        }
        let newer = patiently({
            let (house, slot) = (house.clone(), Arc::clone(&slot));
            async move {
                match slot.newest().filter(|found| found.ground.is_some() && found.made.1 >= QUICK) {
                    Some(found) => slot.read_off(&house, asked, &found).await,
                    None => slot.fresh(&house, asked).await,
                }
            }
        });
        newer.await.unwrap_or_else(|| Ok(slot.shown().unwrap_or(shown)))
    }

    /// A map of the question as it stood when this was called, or later, found from the responses alone; waited for.
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
        let fresh = patiently({
            let (house, slot) = (house.clone(), Arc::clone(&slot));
            async move { slot.fresh(&house, asked).await }
        });
        fresh.await.unwrap_or_else(|| Ok(slot.newest().unwrap_or(newest)))
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

    /// The newest to look at.
    fn shown(&self) -> Option<Arc<Computed>> {
        let (found, read_off) =
            (self.newest(), self.read_off.read().unwrap_or_else(PoisonError::into_inner).clone());
        match (found, read_off) {
            (Some(found), Some(read_off)) if read_off.results.as_of > found.results.as_of => Some(read_off),
            (found, _) => found,
        }
    }

    /// Finds the map of the question as it stands, in the background, if that is not being done.
    fn begin(self: &Arc<Self>, house: &House, asked: Asked) {
        if self.gate.try_lock().is_ok() {
            let (house, slot) = (house.clone(), Arc::clone(self));
            // Whoever looks next sees it; if it fails, they see the one before and it is tried again.
            tokio::spawn(async move { slot.fresh(&house, asked).await.map(drop) });
        }
    }

    /// Reads a map off the one that was found, unless somebody has just done so.
    async fn read_off(
        &self,
        house: &House,
        asked: Asked,
        found: &Arc<Computed>,
    ) -> Result<Arc<Computed>, Problem> {
        let _reading = self.reading.lock().await;
        let shown = self.shown();
        if let Some(shown) = shown.clone().filter(|shown| shown.made.0.elapsed() < PAUSE) {
            return Ok(shown);
        }
        let computed = if let Some(renewed) = shown.and_then(|shown| shown.renewed(house, asked.id)) {
            renewed
        } else {
            let (house, found) = (house.clone(), Arc::clone(found));
            let computed = tokio::task::spawn_blocking(move || glance(&house, asked, &found));
            computed.await.ok().flatten().ok_or_else(Problem::broken)?
        };
        let computed = Arc::new(computed);
        *self.read_off.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&computed));
        Ok(computed)
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
        if let Some(renewed) = newest.and_then(|newest| newest.renewed(house, asked.id)) {
            return Ok(self.keep(renewed));
        }
        if let Some(next) = *gate {
            tokio::time::sleep_until(next).await;
        }
        let house = house.clone();
        let computed = tokio::task::spawn_blocking(move || compute(&house, asked));
        let computed = computed.await.ok().flatten().ok_or_else(Problem::broken)?;
        let (start, took) = computed.made;
        *gate = Some((start + PAUSE).max(start + took * (1 + REST)));
        Ok(self.keep(computed))
    }
}

/// What comes of it, if that does not take too long; it goes on when nobody waits any more.
async fn patiently<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> Option<T> {
    tokio::time::timeout(PATIENCE, tokio::spawn(work)).await.ok()?.ok()
}

fn compute(house: &House, asked: Asked) -> Option<Computed> {
    let start = Instant::now();
    // The state is held only while the responses are copied out of it.
    let prepared = house.read().state.question(asked.id).map(Results::prepare)?;
    let (results, map, ground) = prepared.compute_with_ground(asked.method);
    Some(Computed::new(results, map, ground.map(Arc::new), None, asked, start))
}

fn glance(house: &House, asked: Asked, found: &Computed) -> Option<Computed> {
    let start = Instant::now();
    let ground = found.ground.as_ref()?;
    let prepared = house.read().state.question(asked.id).map(Results::prepare)?;
    let (results, map) = prepared.read_off(ground, &found.map);
    Some(Computed::new(results, map, Some(Arc::clone(ground)), Some(found.results.map_as_of), asked, start))
}

fn revision(house: &House, id: QuestionId) -> Result<u64, Problem> {
    house.read().state.question(id).map(Question::revision).ok_or_else(Problem::nowhere)
}
