//! What a server publishes of its questions, and what a recount finds in its place.

use crate::check::Problem;
use crate::fail::Failed;
use crate::source::Source;
use assembly::results::{MapResult, Results};
use assembly::{Question, QuestionId, State};
use opinion::{Map, Method};
use serde::Deserialize;
use serde::de::IgnoredAny;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What is published, by whom it is asked for: nothing of it is believed.
#[derive(Default)]
pub struct Published {
    results: Vec<Results>,
    pages: Vec<MapPage>,
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

    /// What has to be computed for the comparison, and at which size of the record.
    pub fn wanted(&self) -> Vec<(u64, Want)> {
        let results = self.results.iter().map(|one| (one.as_of, Want::Results(one.question, one.map.method)));
        let pages = self.pages.iter().map(|page| (page.as_of, Want::Page(page.question, page.method)));
        results.chain(pages).collect()
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
            match found.pages.get(&(*question, method.name(), *as_of)) {
                // Before the first response there is an empty map, of no entries.
                None if *as_of == 0 => {}
                None => say(
                    *question,
                    format!(
                        "the {name} map is said to be of {as_of} entries, and no response is the last of them"
                    ),
                ),
                Some(ours) if ours != bytes => say(
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

/// Something to compute when the fold has a certain size.
#[derive(Clone, Copy)]
pub enum Want {
    /// The result of a question.
    Results(QuestionId, Method),
    /// A map as it is given out.
    Page(QuestionId, Method),
    /// A map in short.
    Map(QuestionId, Method),
}

/// What was computed.
#[derive(Default)]
pub struct Found {
    pub results: BTreeMap<QuestionId, Results>,
    maps: BTreeMap<Key, MapResult>,
    pages: BTreeMap<Key, Vec<u8>>,
    /// The last map of each question and method, and how many entries it is of: as long as no response comes, it is the
    /// map of every size.
    last: BTreeMap<(QuestionId, &'static str), (u64, MapResult, Arc<Map>)>,
}

/// A map: of which question, by which method, of how many entries.
type Key = (QuestionId, &'static str, u64);

impl Found {
    /// Computes what is wanted of a state. Of a map there is nothing to be had unless a response was the last entry.
    pub fn find(&mut self, want: Want, state: &State) {
        let (Want::Results(id, method) | Want::Page(id, method) | Want::Map(id, method)) = want;
        let Some(question) = state.question(id) else { return };
        if let Want::Results(..) = want {
            let (map, _) = self.compute(question, method);
            self.results.insert(id, Results::with_map(question, map));
            return;
        }
        let Some(map) = self.find_map(question, method, state.size()) else { return };
        if let Want::Page(..) = want {
            let mut bytes = format!("{{\"question\":{id},\"as_of\":{},\"map\":", state.size()).into_bytes();
            bytes.extend(map.canonical_bytes());
            bytes.push(b'}');
            self.pages.insert((id, method.name(), state.size()), bytes);
        }
    }

    /// Computes the map of a question after so many entries, if a response was the last of them.
    pub fn find_map(&mut self, question: &Question, method: Method, size: u64) -> Option<Arc<Map>> {
        if question.talk().changed() != size {
            return None;
        }
        let (result, map) = self.compute(question, method);
        self.maps.insert((question.id(), method.name(), size), result);
        Some(map)
    }

    /// The map of a question after so many entries, in short, if it was found.
    pub fn map(&self, question: QuestionId, method: Method, as_of: u64) -> Option<&MapResult> {
        self.maps.get(&(question, method.name(), as_of))
    }

    fn compute(&mut self, question: &Question, method: Method) -> (MapResult, Arc<Map>) {
        let changed = question.talk().changed();
        let key = (question.id(), method.name());
        if let Some((_, result, map)) = self.last.get(&key).filter(|(of, ..)| *of == changed) {
            return (result.clone(), Arc::clone(map));
        }
        let (results, map) = Results::prepare(question).compute(method);
        let map = Arc::new(map);
        self.last.insert(key, (changed, results.map.clone(), Arc::clone(&map)));
        (results.map, map)
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
