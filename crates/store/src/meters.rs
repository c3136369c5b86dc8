//! What is counted of an assembly while the server runs. Numbers and codes only; nothing about anybody.

use crate::house::Failure;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;

/// What became of an act.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Outcome {
    /// `acknowledged`, or the code of why not.
    pub outcome: &'static str,
}

/// Counts since the start of the process. Clones count together.
#[derive(Debug, Clone)]
pub struct Meters {
    /// Acts by what became of them.
    pub acts: Family<Outcome, Counter>,
    /// Seconds that commits took, waiting for the disk included.
    pub commit_seconds: Histogram,
    /// Jobs that wait for the writer.
    pub waiting: Gauge,
}

impl Default for Meters {
    fn default() -> Self {
        // From a fast disk's flush to one that keeps people waiting.
        let buckets = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0];
        Self { acts: Family::default(), commit_seconds: Histogram::new(buckets), waiting: Gauge::default() }
    }
}

impl Meters {
    pub(crate) fn came_of(&self, answer: Result<(), &Failure>) {
        let outcome = answer.map_or_else(Failure::code, |()| "acknowledged");
        self.acts.get_or_create(&Outcome { outcome }).inc();
    }
}
