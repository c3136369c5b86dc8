//! Opinion maps, computed off the threads that serve, and kept until the question changes.
//!
//! At most one map of a question is computed at a time, and at most one a second; whoever comes
//! meanwhile gets the one before, which says what it was computed from. The first is waited for.

use crate::order;
use crate::problem::Problem;
use assembly::results::Results;
use assembly::{QuestionId, StatementNo, UnixMs};
use axum::body::Bytes;
use opinion::Map;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};
use std::time::Duration;
use store::House;
use tokio::time::Instant;

/// The shortest time from the start of one computation to the start of the next.
const PAUSE: Duration = Duration::from_secs(1);
/// A computation is followed by a pause of this many times its length, so that large maps leave most
/// of the machine to those who take part.
const REST: u32 = 4;

/// A question's result with its map.
pub(crate) struct Computed {
    pub results: Results,
    pub map: Map,
    /// When it was computed.
    pub at: UnixMs,
    /// Statements by common ground.
    pub common: Vec<StatementNo>,
    /// Statements by division.
    pub divided: Vec<StatementNo>,
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

    fn compute(prepared: assembly::results::Prepared, at: UnixMs) -> Self {
        let (results, map) = prepared.compute();
        let (common, divided) = (order::common_ground(&map), order::most_divided(&map));
        Self { results, map, at, common, divided, question_json: OnceLock::new(), map_json: OnceLock::new() }
    }
}

/// The maps of an assembly's questions.
#[derive(Default)]
pub(crate) struct Maps(Mutex<BTreeMap<QuestionId, Arc<Slot>>>);

#[derive(Default)]
struct Slot {
    newest: RwLock<Option<Arc<Computed>>>,
    /// Held while computing; when the next may start.
    gate: tokio::sync::Mutex<Option<Instant>>,
}

impl Maps {
    /// The newest map there is; a newer one is computed in the background if the question changed.
    pub async fn current(
        &self,
        house: &House,
        id: QuestionId,
        now: UnixMs,
    ) -> Result<Arc<Computed>, Problem> {
        let slot = self.slot(id);
        let Some(newest) = slot.newest() else { return slot.fresh(house, id, now).await };
        if newest.results.as_of != revision(house, id)? && slot.gate.try_lock().is_ok() {
            let house = house.clone();
            // Whoever looks next sees it; if it fails, they see the one before and it is tried again.
            tokio::spawn(async move { slot.fresh(&house, id, now).await.map(drop) });
        }
        Ok(newest)
    }

    /// A map of the question as it stood when this was called, or later; waited for.
    pub async fn fresh(&self, house: &House, id: QuestionId, now: UnixMs) -> Result<Arc<Computed>, Problem> {
        self.slot(id).fresh(house, id, now).await
    }

    fn slot(&self, id: QuestionId) -> Arc<Slot> {
        let mut slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(slots.entry(id).or_default())
    }
}

impl Slot {
    fn newest(&self) -> Option<Arc<Computed>> {
        self.newest.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn fresh(&self, house: &House, id: QuestionId, now: UnixMs) -> Result<Arc<Computed>, Problem> {
        let wanted = revision(house, id)?;
        let good = |newest: &Arc<Computed>| newest.results.as_of >= wanted;
        if let Some(newest) = self.newest().filter(good) {
            return Ok(newest);
        }
        let mut gate = self.gate.lock().await;
        if let Some(newest) = self.newest().filter(good) {
            return Ok(newest);
        }
        if let Some(next) = *gate {
            tokio::time::sleep_until(next).await;
        }
        let start = Instant::now();
        let house = house.clone();
        let compute = move || {
            let prepared = house.read().state.question(id).map(Results::prepare)?;
            Some(Arc::new(Computed::compute(prepared, now)))
        };
        let computed =
            tokio::task::spawn_blocking(compute).await.ok().flatten().ok_or_else(Problem::broken)?;
        *gate = Some((start + PAUSE).max(Instant::now() + start.elapsed() * REST));
        *self.newest.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&computed));
        Ok(computed)
    }
}

fn revision(house: &House, id: QuestionId) -> Result<u64, Problem> {
    house.read().state.question(id).map(assembly::Question::revision).ok_or_else(Problem::nowhere)
}
