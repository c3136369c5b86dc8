//! What a server publishes of its questions, and what a recount finds in its place.

use crate::check::Problem;
use crate::fail::Failed;
use crate::source::Source;
use assembly::results::{MapResult, Results};
use assembly::{QuestionId, State};
use opinion::Method;
use serde::Deserialize;
use serde::de::IgnoredAny;
use std::collections::{BTreeMap, BTreeSet};

/// What is published, by whom it is asked for: nothing of it is believed.
#[derive(Default)]
pub struct Published {
    results: Vec<Results>,
    pages: Vec<MapPage>,
    /// Of which entries maps are that the record is said to publish: a hint, to find them in the first pass.
    hints: BTreeSet<(QuestionId, u64)>,
}

/// A map as a server gives it out.
struct MapPage {
    question: QuestionId,
    method: Method,
    as_of: u64,
    bytes: Vec<u8>,
}

impl Published {
    /// What the server publishes, or what a bundle says that it published; nothing for a folder.
    ///
    /// # Errors
    ///
    /// If it cannot be fetched or read.
    pub fn of(source: &Source, only: Option<QuestionId>) -> Result<Self, Failed> {
        let mut published = Self { results: results(source, only)?.unwrap_or_default(), ..Self::default() };
        for question in published.results.iter().map(|results| results.question).collect::<Vec<_>>() {
            published.add(source, question)?;
        }
        Ok(published)
    }

    /// The size of the record that the last of it is of.
    pub fn as_of(&self) -> u64 {
        let results = self.results.iter().map(|results| results.as_of);
        results.chain(self.pages.iter().map(|page| page.as_of)).max().unwrap_or(0)
    }

    fn add(&mut self, source: &Source, question: QuestionId) -> Result<(), Failed> {
        let page = |path: &str| source.page(&format!("/q/{question}{path}")).transpose();
        if let Some(maps) = page("/maps.json")? {
            let maps: MapList = read(&maps, "The list of published maps")?;
            self.hints.extend(maps.maps.into_iter().map(|map| (question, map.mapped.as_of)));
        }
        for (method, path) in [(Method::Map, "/map.json"), (Method::Classic, "/map/classic.json")] {
            if let Some(bytes) = page(path)? {
                let MapHead { as_of, .. } = read(&bytes, "An opinion map")?;
                self.pages.push(MapPage { question, method, as_of, bytes });
            }
        }
        Ok(())
    }

    /// How many results are published.
    pub fn len(&self) -> usize {
        self.results.len() + self.pages.len()
    }

    /// What has to be computed for the comparison.
    pub fn wanted(&self) -> Wanted {
        let mut wanted = Wanted::default();
        for results in &self.results {
            wanted.at(results.as_of).push(Want::Results(results.question, results.map.method));
        }
        for page in &self.pages {
            wanted.map(page.question, page.method, page.as_of);
        }
        for &(question, as_of) in &self.hints {
            wanted.map(question, Method::Map, as_of);
        }
        wanted
    }

    /// Where what is published and what was found part.
    pub fn differences(&self, found: &Found) -> Vec<Problem> {
        let mut differences = Vec::new();
        let mut say = |question: QuestionId, sentence: String| {
            differences.push(Problem { entry: None, sentence: format!("Question {question}: {sentence}.") });
        };
        for results in &self.results {
            match found.results.get(&results.question) {
                Some(ours) => {
                    if let Some(difference) = results.difference(ours) {
                        say(results.question, difference);
                    }
                }
                None => say(
                    results.question,
                    format!("the record never had {} entries with that question", results.as_of),
                ),
            }
        }
        for page in &self.pages {
            let MapPage { question, method, as_of, bytes } = page;
            let name = method.name();
            match found.map(*question, *method, *as_of) {
                // Before the first response there is an empty map, of no entries.
                None if *as_of == 0 => {}
                None => say(
                    *question,
                    format!(
                        "the {name} map is said to be of {as_of} entries, and no response is the last of them"
                    ),
                ),
                Some((_, ours)) if ours != bytes => say(
                    *question,
                    format!(
                        "the {name} map is given out in other bytes than the first {as_of} entries lead to"
                    ),
                ),
                Some(_) => {}
            }
        }
        differences
    }
}

/// What to compute, by the size of the record at which it is to be had.
#[derive(Default)]
pub struct Wanted(BTreeMap<u64, Vec<Want>>);

enum Want {
    Results(QuestionId, Method),
    Map(QuestionId, Method),
}

impl Wanted {
    fn at(&mut self, size: u64) -> &mut Vec<Want> {
        self.0.entry(size).or_default()
    }

    /// The map of a question after so many entries.
    pub fn map(&mut self, question: QuestionId, method: Method, as_of: u64) {
        let wants = self.at(as_of);
        let have = |want: &Want| matches!(want, Want::Map(of, by) if (*of, *by) == (question, method));
        if !wants.iter().any(have) {
            wants.push(Want::Map(question, method));
        }
    }

    /// Whether there is anything to compute.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Computes what is wanted of a state, if it is of such a size.
    pub fn look(&self, state: &State, found: &mut Found) {
        for want in self.0.get(&state.size()).into_iter().flatten() {
            let (Want::Results(id, method) | Want::Map(id, method)) = want;
            let Some(question) = state.question(*id) else { continue };
            match want {
                Want::Results(..) => {
                    found.results.insert(*id, Results::prepare(question).compute(*method).0);
                }
                Want::Map(..) if question.talk().changed() == state.size() => {
                    let (results, map) = Results::prepare(question).compute(*method);
                    let mut bytes =
                        format!("{{\"question\":{id},\"as_of\":{},\"map\":", state.size()).into_bytes();
                    bytes.extend(map.canonical_bytes());
                    bytes.push(b'}');
                    found.maps.insert((*id, method.name(), state.size()), (results.map, bytes));
                }
                Want::Map(..) => {}
            }
        }
    }
}

/// What was computed.
#[derive(Default)]
pub struct Found {
    pub results: BTreeMap<QuestionId, Results>,
    maps: BTreeMap<(QuestionId, &'static str, u64), (MapResult, Vec<u8>)>,
}

impl Found {
    /// The map of a question after so many entries, if there was one: in short, and as it is given out.
    pub fn map(&self, question: QuestionId, method: Method, as_of: u64) -> Option<&(MapResult, Vec<u8>)> {
        self.maps.get(&(question, method.name(), as_of))
    }
}

/// The results that a server publishes, or that a bundle says were published; `None` for a copy, which publishes none.
///
/// # Errors
///
/// If they cannot be fetched or read.
pub fn results(source: &Source, only: Option<QuestionId>) -> Result<Option<Vec<Results>>, Failed> {
    let wanted = |id: QuestionId| only.is_none_or(|only| only == id);
    if let Some(list) = source.results() {
        let mut list: Vec<Results> = read(&list?, "The list of results in the bundle")?;
        list.retain(|results| wanted(results.question));
        return Ok(Some(list));
    }
    let Some(list) = source.page(".json") else { return Ok(None) };
    let list: Assembly = read(&list?, "The list of questions")?;
    let ids = list.questions.into_iter().map(|question| question.question);
    let results = ids
        .filter(|id| wanted(*id))
        .filter_map(|id| source.page(&format!("/q/{id}.json")))
        .map(|page| Ok(read::<Numbers>(&page?, "The result of a question")?.results));
    results.collect::<Result<_, _>>().map(Some)
}

fn read<'a, T: Deserialize<'a>>(bytes: &'a [u8], what: &str) -> Result<T, Failed> {
    serde_json::from_slice(bytes)
        .map_err(|error| Failed::new(format!("{what} is not in the form this program knows: {error}.")))
}

#[derive(Deserialize)]
struct Assembly {
    questions: Vec<Listed>,
}

#[derive(Deserialize)]
struct Listed {
    question: QuestionId,
}

#[derive(Deserialize)]
struct Numbers {
    results: Results,
}

#[derive(Deserialize)]
struct MapHead {
    as_of: u64,
    #[serde(rename = "map")]
    _map: IgnoredAny,
}

#[derive(Deserialize)]
struct MapList {
    maps: Vec<assembly::talk::Published>,
}
