//! The result of a question as it is published: what the server shows, and what everybody who folds
//! the record again must find.
//!
//! Server and recount call the same two functions, [`Results::prepare`] and [`Prepared::compute`], so
//! a difference between them is a difference between records.

use crate::{Question, QuestionId, StatementNo, UnixMs};
use serde::{Deserialize, Serialize};

/// The result of a question at one size of the record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Results {
    /// Which question.
    pub question: QuestionId,
    /// How many entries of the record it is computed from: fold that many to find it again.
    pub as_of: u64,
    /// Participants, with those who only put statements.
    pub participants: u64,
    /// Participants who ever responded.
    pub responders: u64,
    /// Responses that stand.
    pub responses: u64,
    /// Responses ever given: with those that were changed or taken back.
    pub events: u64,
    /// The opinion map.
    pub map: MapResult,
    /// The statements, in the order of their numbers.
    pub statements: Vec<StatementResult>,
}

/// What was said to one statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatementResult {
    /// Its number.
    pub statement: StatementNo,
    /// Index of the entry that put it.
    pub entry: u64,
    /// When it was put, in milliseconds since 1970.
    pub at: UnixMs,
    /// Participants who agree.
    pub agree: u32,
    /// Participants who disagree.
    pub disagree: u32,
    /// Participants who passed.
    pub pass: u32,
    /// Participants to whom it was shown, those who responded included.
    pub shown: u32,
    /// Whether it was set aside.
    pub rejected: bool,
    /// Whether it is about the people who respond rather than the question.
    pub meta: bool,
}

/// An opinion map in short: enough to tell two maps apart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MapResult {
    /// How it was made.
    pub method: String,
    /// The version of the method.
    pub version: u32,
    /// The responses it was computed from, as `opinion::Responses::digest` writes them, in hexadecimal.
    pub responses_digest: String,
    /// SHA-256 over the whole map as JSON without spaces, in hexadecimal.
    pub map_digest: String,
    /// How many participants are in each opinion group, in the order of the groups.
    pub groups: Vec<u32>,
}

/// A result whose opinion map is still to be computed.
///
/// Taking it copies what is needed out of the state, so that the state need not be held while the map
/// is computed.
#[derive(Debug)]
pub struct Prepared {
    results: Results,
    responses: opinion::Responses,
    flags: opinion::Flags,
}

impl Results {
    /// Copies out of `question` what its result is computed from.
    pub fn prepare(question: &Question) -> Prepared {
        let talk = question.talk();
        let mut flags = opinion::Flags::new();
        for statement in talk.statements() {
            if statement.rejected() {
                flags.reject(statement.no().0);
            }
            if statement.meta() {
                flags.mark_meta(statement.no().0);
            }
        }
        let results = Results {
            question: question.id(),
            as_of: question.revision(),
            participants: talk.participants().len() as u64,
            responders: talk.responders().len() as u64,
            responses: talk.responses(),
            events: talk.events(),
            map: MapResult {
                method: String::new(),
                version: 0,
                responses_digest: String::new(),
                map_digest: String::new(),
                groups: Vec::new(),
            },
            statements: talk.statements().iter().map(StatementResult::of).collect(),
        };
        Prepared { results, responses: talk.for_opinion(), flags }
    }

    /// The first difference to what somebody else found, as a sentence; `None` if there is none.
    ///
    /// `self` is what was published, `found` what a recount gives.
    pub fn difference(&self, found: &Results) -> Option<String> {
        let totals = [
            ("question", u64::from(self.question.0), u64::from(found.question.0)),
            ("record size", self.as_of, found.as_of),
            ("participants", self.participants, found.participants),
            ("participants who responded", self.responders, found.responders),
            ("responses", self.responses, found.responses),
            ("responses ever given", self.events, found.events),
            ("statements", self.statements.len() as u64, found.statements.len() as u64),
        ];
        for (what, published, recounted) in totals {
            if published != recounted {
                return Some(format!("{what}: published {published}, recounted {recounted}"));
            }
        }
        for (published, recounted) in self.statements.iter().zip(&found.statements) {
            if published != recounted {
                return Some(format!(
                    "statement {} (entry {}): published {}, recounted {}",
                    recounted.statement,
                    recounted.entry,
                    published.sentence(),
                    recounted.sentence()
                ));
            }
        }
        (self.map != found.map).then(|| {
            format!(
                "opinion map: published groups {:?} ({}), recounted {:?} ({})",
                self.map.groups, self.map.map_digest, found.map.groups, found.map.map_digest
            )
        })
    }
}

impl StatementResult {
    fn of(statement: &crate::talk::Statement) -> Self {
        let tally = statement.tally();
        Self {
            statement: statement.no(),
            entry: statement.entry(),
            at: statement.at(),
            agree: tally.agree,
            disagree: tally.disagree,
            pass: tally.pass,
            shown: tally.shown,
            rejected: statement.rejected(),
            meta: statement.meta(),
        }
    }

    fn sentence(&self) -> String {
        let Self { agree, disagree, pass, shown, .. } = self;
        let aside = if self.rejected { ", set aside" } else { "" };
        let meta = if self.meta { ", about the participants" } else { "" };
        format!("{agree} agree, {disagree} disagree, {pass} pass, shown to {shown}{aside}{meta}")
    }
}

impl Prepared {
    /// Computes the opinion map and with it the whole result. The work of this module: 700,000
    /// responses take about a tenth of a second.
    pub fn compute(self) -> (Results, opinion::Map) {
        let Prepared { mut results, responses, flags } = self;
        let map = opinion::classic::map(&responses, &flags);
        results.map = MapResult {
            // One word, written as in the map's JSON.
            method: serde_json::to_value(map.method)
                .ok()
                .and_then(|method| method.as_str().map(str::to_owned))
                .unwrap_or_default(),
            version: map.version,
            responses_digest: map.digest.clone(),
            map_digest: map.own_digest(),
            groups: map.groups.iter().map(|group| group.size).collect(),
        };
        (results, map)
    }
}
