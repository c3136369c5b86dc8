//! Recounting: the same fold as the server's over the record, and every published result compared.

use crate::check::{Checked, Problem, check};
use crate::fail::Failed;
use crate::progress::Bar;
use crate::source::Source;
use crate::trust::Trust;
use assembly::results::Results;
use assembly::{QuestionId, State};
use record::checkpoint::SignedCheckpoint;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// The longest that a signed head may take to cover a published result. Where witnesses are asked, a server
/// publishes a head once they have signed it, and after a minute and ten seconds in any case.
const COVERED: Duration = Duration::from_secs(80);
/// How often it is looked whether it does.
const LOOK: Duration = Duration::from_millis(500);

/// What a recount found.
#[derive(Debug, Serialize)]
pub struct Recounted {
    /// What checking the record found.
    pub record: Checked,
    /// The results that follow from it.
    pub results: Vec<Results>,
    /// How many published results were compared. 0 for a folder that publishes none.
    pub compared: usize,
    /// Where a published result and ours part.
    pub differences: Vec<Problem>,
}

impl Recounted {
    /// Whether the record is sound and every published result is what it gives.
    pub fn is_sound(&self) -> bool {
        self.record.is_sound() && self.differences.is_empty()
    }

    /// What was found, in one sentence.
    pub fn sentence(&self) -> String {
        if !self.record.is_sound() {
            return self.record.sentence();
        }
        let Recounted { record, results, compared, .. } = self;
        let responses: u64 = results.iter().map(|results| results.responses).sum();
        let counted = format!(
            "{} responses to {} recounted from {} entries at {}{}",
            crate::check::thousands(responses),
            plural(results.len(), "question"),
            crate::check::thousands(record.size),
            record.place,
            match record.erased {
                0 => String::new(),
                1 => " (1 text was erased, with its entry)".into(),
                many => format!(" ({many} texts were erased, each with its entry)"),
            }
        );
        match &self.differences[..] {
            [] if *compared == 0 => {
                format!("{counted}; there are no published results here to compare with.")
            }
            [] => format!("{counted}: the same as the {} published.", plural(*compared, "result")),
            [first, ..] => format!("{counted}, and they are not what was published: {}", first.sentence),
        }
    }
}

fn plural(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

/// Recounts a record, all questions or one.
///
/// # Errors
///
/// If there is no record to recount, or no such question in it.
pub fn recount(source: &Source, trust: &Trust, only: Option<QuestionId>) -> Result<Recounted, Failed> {
    // What is published is fetched first: the record, fetched after it, is at least as long.
    let only = only.or(source.question());
    let published = published(source, only)?.unwrap_or_default();
    wait_for(source, published.iter().map(|results| results.as_of).max().unwrap_or(0))?;
    let mut found: BTreeMap<QuestionId, Results> = BTreeMap::new();
    let record = check(source, trust, |state| {
        for results in published.iter().filter(|results| results.as_of == state.size()) {
            if let Some(question) = state.question(results.question) {
                found.insert(results.question, Results::prepare(question).compute().0);
            }
        }
    })?;
    let mut differences = Vec::new();
    for results in &published {
        let sentence = match found.get(&results.question) {
            Some(ours) => results.difference(ours),
            None => Some(format!("the record never had {} entries with that question", results.as_of)),
        };
        differences.extend(sentence.map(|sentence| Problem {
            entry: None,
            sentence: format!("Question {}: {sentence}.", results.question),
        }));
    }
    let results = ours(&record.state, &found, only)?;
    Ok(Recounted { record, results, compared: published.len(), differences })
}

/// Waits until the signed head covers `as_of` entries. Results are shown at once; a head may still be with the
/// witnesses. Where it does not come, the comparison says what is missing.
fn wait_for(source: &Source, as_of: u64) -> Result<(), Failed> {
    let began = Instant::now();
    let bar = Bar::new("Waiting for a signed head that covers the results, seconds", COVERED.as_secs());
    loop {
        // What cannot be read is the check's to say.
        let size = SignedCheckpoint::from_bytes(&source.checkpoint()?)
            .map_or(as_of, |head| head.checkpoint().size());
        if size >= as_of || began.elapsed() >= COVERED {
            bar.done();
            return Ok(());
        }
        bar.set(began.elapsed().as_secs());
        std::thread::sleep(LOOK);
    }
}

/// Our results: those compared, and for questions without a published one, those of the whole record.
fn ours(
    state: &State,
    found: &BTreeMap<QuestionId, Results>,
    only: Option<QuestionId>,
) -> Result<Vec<Results>, Failed> {
    if let Some(id) = only.filter(|id| state.question(*id).is_none()) {
        return Err(Failed::new(format!("There is no question {id} in this record.")));
    }
    let questions = state.questions().iter().filter(|question| only.is_none_or(|id| question.id() == id));
    Ok(questions
        .map(|question| {
            found.get(&question.id()).cloned().unwrap_or_else(|| Results::prepare(question).compute().0)
        })
        .collect())
}

/// What the server publishes, or what a bundle says that it published; `None` for a copy, which publishes nothing.
fn published(source: &Source, only: Option<QuestionId>) -> Result<Option<Vec<Results>>, Failed> {
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
        .map(|page| Ok(read::<Published>(&page?, "The result of a question")?.results));
    results.collect::<Result<_, _>>().map(Some)
}

/// As `published`, for whoever packs a bundle. A data folder belongs to a server: what that publishes is computed here
/// in the same way.
pub fn to_pack(source: &Source, only: Option<QuestionId>) -> Result<Option<Vec<Results>>, Failed> {
    if !matches!(source, Source::Data { .. }) {
        return published(source, only);
    }
    let state = check(source, &Trust::default(), |_| ())?.state;
    let questions = state.questions().iter().filter(|question| only.is_none_or(|id| question.id() == id));
    Ok(Some(questions.map(|question| Results::prepare(question).compute().0).collect()))
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
struct Published {
    results: Results,
}
