//! Both methods side by side on one conversation.

use super::{Again, Exposure, Pair, SEEDS, Score, exposure, found_again, judge, split};
use crate::export::Conversation;
use crate::responses::{Flags, Responses};
use crate::shape::{Choice, Map, Method};
use serde::Serialize;

/// How well a predictor does.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Predictor {
    /// What it is called: `statement means`, `classic groups`, `classic axes` or `map`.
    pub name: &'static str,
    /// Mean over [`SEEDS`].
    #[serde(flatten)]
    pub score: Score,
}

/// The groups a method finds.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Grouping {
    /// The method.
    pub method: Method,
    /// Sizes; none where there are no distinct groups.
    pub groups: Vec<u32>,
    /// With a tenth of the responses dropped, for each of [`SEEDS`].
    pub found_again: [Again; SEEDS.len()],
    /// Mean of [`Again::agreement`].
    pub stability: f64,
    /// Mean of [`Again::agreement_all`].
    pub stability_all: f64,
    /// Mean of [`Again::compared`].
    pub compared: f64,
    /// The numbers of groups that were tried, where the method says.
    pub choice: Vec<Choice>,
}

/// What [`figures`] finds.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Figures {
    /// Participants with at least one response.
    pub participants: usize,
    /// Statements with at least one response.
    pub statements: usize,
    /// Responses.
    pub responses: usize,
    /// Responses that were hidden and asked for, with the first of [`SEEDS`].
    pub hidden: usize,
    /// Predictors, simplest first.
    pub predictors: Vec<Predictor>,
    /// Both methods.
    pub groupings: Vec<Grouping>,
    /// Who was asked what.
    pub exposure: Exposure,
}

type Predict = fn(&Responses, &[Pair]) -> Vec<f64>;

const PREDICTORS: [(&str, Predict); 4] = [
    ("statement means", super::statement_means),
    ("classic groups", super::classic_groups),
    ("classic axes", super::classic_positions),
    ("map", crate::predict),
];

type Mapping = fn(&Responses, &Flags) -> Map;

const METHODS: [(Method, Mapping); 2] =
    [(Method::Classic, crate::classic::map), (Method::Map, crate::map::map)];

/// How often [`figures`] says that a step is done.
pub const STEPS: usize = PREDICTORS.len() + METHODS.len();

/// All figures of a conversation, with those of both methods side by side. `step` is called after each of
/// [`STEPS`].
pub fn figures(conversation: &Conversation, mut step: impl FnMut()) -> Figures {
    let (responses, flags) = (&conversation.responses(), &conversation.flags());
    let predictors = PREDICTORS.map(|(name, predict)| {
        let score = judge(responses, flags, predict);
        step();
        Predictor { name, score }
    });
    let mut asked = Vec::new();
    let groupings = METHODS.map(|(method, map)| {
        let found = map(responses, flags);
        // Both methods count alike.
        asked = conversation.shown().into_iter().map(|statement| found.seen(statement)).collect();
        let found_again = found_again(responses, |responses| {
            let map = map(responses, flags);
            map.participants.iter().map(|participant| (participant.number, participant.group)).collect()
        });
        step();
        let mean = |what: fn(&Again) -> f64| found_again.iter().map(what).sum::<f64>() / SEEDS.len() as f64;
        Grouping {
            method,
            groups: found.groups.iter().map(|group| group.size).collect(),
            found_again,
            stability: mean(|again| again.agreement),
            stability_all: mean(|again| again.agreement_all),
            compared: mean(|again| again.compared),
            choice: found.findings.map(|findings| findings.choice).unwrap_or_default(),
        }
    });
    Figures {
        participants: responses.rows(),
        statements: responses.columns(),
        responses: responses.len(),
        hidden: split(responses, flags, SEEDS[0]).pairs.len(),
        predictors: predictors.to_vec(),
        groupings: groupings.to_vec(),
        exposure: exposure(&asked),
    }
}

/// Means over conversations in which something was hidden; none where that is no conversation.
pub fn mean(all: &[Figures]) -> Vec<Predictor> {
    let judged: Vec<&Figures> = all.iter().filter(|figures| figures.hidden > 0).collect();
    if judged.is_empty() {
        return Vec::new();
    }
    let of = |at: usize, what: fn(&Score) -> f64| {
        judged.iter().map(|figures| what(&figures.predictors[at].score)).sum::<f64>() / judged.len() as f64
    };
    (0..PREDICTORS.len())
        .map(|at| Predictor {
            name: PREDICTORS[at].0,
            score: Score {
                log_loss: of(at, |score| score.log_loss),
                calibration: of(at, |score| score.calibration),
                calibration_by_chance: of(at, |score| score.calibration_by_chance),
                accuracy: of(at, |score| score.accuracy),
            },
        })
        .collect()
}
