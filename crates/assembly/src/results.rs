//! The result of a question as it is published: what the server shows, and what everybody who folds
//! the record again must find.
//!
//! Server and recount call the same two functions, [`Results::prepare`] and [`Prepared::compute`], so
//! a difference between them is a difference between records.

use crate::talk::Mapped;
use crate::{Question, QuestionId, StatementNo, UnixMs};
use opinion::map::Ground;
use opinion::{Flags, Map, Method, Responses};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

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
    /// How many entries of the record the map is computed from: the last of them changed a response.
    pub map_as_of: u64,
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
    pub method: Method,
    /// The version of the method.
    pub version: u32,
    /// The responses it was computed from, as `opinion::Responses::digest` writes them, in hexadecimal.
    pub responses_digest: String,
    /// SHA-256 over the canonical bytes of the map (`opinion::Map::canonical_bytes`), in hexadecimal.
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
    responses: Responses,
    flags: Flags,
    too_fast: BTreeSet<u32>,
}

impl MapResult {
    /// A map in short.
    pub fn of(map: &Map) -> Self {
        Self {
            method: map.method,
            version: map.version,
            responses_digest: map.digest.clone(),
            map_digest: map.own_digest(),
            groups: map.groups.iter().map(|group| group.size).collect(),
        }
    }

    /// The first difference to what somebody else found, as words; `None` if there is none.
    pub fn difference(&self, found: &MapResult) -> Option<String> {
        let MapResult { method, version, responses_digest, map_digest, groups } = self;
        if (method, version) != (&found.method, &found.version) {
            let (here, there) = (found.method.name(), method.name());
            return Some(format!(
                "made by method {there}, version {version}; this program knows {here}, version {}",
                found.version
            ));
        }
        if *responses_digest != found.responses_digest {
            let found = &found.responses_digest;
            return Some(format!("of other responses: published {responses_digest}, recounted {found}"));
        }
        if *groups != found.groups {
            return Some(format!("published groups of {groups:?}, recounted {:?}", found.groups));
        }
        (*map_digest != found.map_digest)
            .then(|| format!("published {map_digest}, recounted {}", found.map_digest))
    }
}

impl Results {
    /// Copies out of `question` what its result is computed from.
    pub fn prepare(question: &Question) -> Prepared {
        let talk = question.talk();
        let mut flags = Flags::new();
        for statement in talk.statements() {
            if statement.rejected() {
                flags.reject(statement.no().0);
            }
            if statement.meta() {
                flags.mark_meta(statement.no().0);
            }
        }
        let nothing = MapResult {
            method: Method::Map,
            version: 0,
            responses_digest: String::new(),
            map_digest: String::new(),
            groups: Vec::new(),
        };
        Prepared {
            results: Self::with_map(question, nothing),
            responses: talk.for_opinion(),
            flags,
            too_fast: talk.too_fast().map(|no| no.0).collect(),
        }
    }

    /// The result of `question` with a map that is known already: of the responses that stand.
    pub fn with_map(question: &Question, map: MapResult) -> Self {
        let talk = question.talk();
        Results {
            question: question.id(),
            as_of: question.revision(),
            participants: talk.participants().len() as u64,
            responders: talk.responders().len() as u64,
            responses: talk.responses(),
            events: talk.events(),
            map_as_of: talk.changed(),
            map,
            statements: talk.statements().iter().map(StatementResult::of).collect(),
        }
    }

    /// What an entry that publishes the map says.
    pub fn mapped(&self) -> Mapped {
        let Results { question, map_as_of: as_of, responses, .. } = *self;
        Mapped { question, as_of, responses, map: self.map.clone() }
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
            ("entries that the map is of", self.map_as_of, found.map_as_of),
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
        self.map.difference(&found.map).map(|difference| format!("opinion map: {difference}"))
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
    /// Computes the opinion map and with it the whole result: the work of this module.
    pub fn compute(self, method: Method) -> (Results, Map) {
        let (results, map, _) = self.compute_with_ground(method);
        (results, map)
    }

    /// The same, with the ground on which whoever responds after it finds their place; only our own method has one.
    pub fn compute_with_ground(self, method: Method) -> (Results, Map, Option<Ground>) {
        let Prepared { mut results, responses, flags, too_fast } = self;
        let (map, ground) = match method {
            Method::Classic => (opinion::classic::map(&responses, &flags), None),
            Method::Map => {
                let (map, ground) = opinion::map::map_and_ground(&responses, &flags, &too_fast);
                (map, Some(ground))
            }
        };
        results.map = MapResult::of(&map);
        (results, map, ground)
    }

    /// The result with a map that is read off the ground of an earlier one: for those who look while others respond. It
    /// takes a fraction of the time, and nobody else finds the same bytes.
    pub fn read_off(self, ground: &Ground, earlier: &Map) -> (Results, Map) {
        let Prepared { mut results, responses, flags, .. } = self;
        let map = ground.map(earlier, &responses, &flags);
        results.map = MapResult::of(&map);
        (results, map)
    }
}
