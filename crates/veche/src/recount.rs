//! Recounting: the same fold as the server's over the record, and every published result compared: the numbers of
//! each question, its maps as they are given out, the maps that entries of the record published, and how likely each
//! statement was to be shown to whom.

mod behind;
mod published;
mod showings;

use crate::check::{Checked, Problem, check};
use crate::fail::Failed;
use crate::progress::Bar;
use crate::source::Source;
use crate::trust::Trust;
use assembly::results::{MapResult, Results};
use assembly::{QuestionId, State};
use behind::Behind;
use opinion::Method;
use published::{Found, Published, Want, results};
use record::EMPTY_ROOT;
use record::checkpoint::SignedCheckpoint;
use serde::Serialize;
use showings::Showings;
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
    /// How many maps that entries of the record published were computed again.
    pub maps: usize,
    /// How many such maps another version of the method made, so that this program cannot compute them.
    pub other_versions: usize,
    /// What became of the showings that the record notes.
    pub showings: Showings,
    /// Where a published result and ours part.
    pub differences: Vec<Problem>,
    /// What does not speak against a number, and yet has to be answered for by whoever runs the server: sentences.
    pub doubts: Vec<String>,
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
        let maps = match (self.maps, self.other_versions) {
            (0, 0) => String::new(),
            (maps, 0) => format!(
                "; {} on the record {} what {} responses give",
                plural(maps, "map"),
                is(maps),
                its(maps)
            ),
            (maps, others) => format!(
                "; of {} on the record, {others} {} made by another version of the method, which this program does not know",
                plural(maps + others, "map"),
                if others == 1 { "was" } else { "were" }
            ),
        };
        let showings = self.showings.words().map_or_else(String::new, |words| format!("; {words}"));
        let maps = format!("{maps}{showings}");
        match &self.differences[..] {
            [] if *compared == 0 => {
                format!("{counted}{maps}; there are no published results here to compare with.")
            }
            [] => format!("{counted}{maps}: the same as the {} published.", plural(*compared, "result")),
            [first, ..] => format!("{counted}, and they are not what was published: {}", first.sentence),
        }
    }
}

fn is(count: usize) -> &'static str {
    if count == 1 { "is" } else { "are" }
}

fn its(count: usize) -> &'static str {
    if count == 1 { "its" } else { "their" }
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
    let published = Published::of(source, only)?;
    let seed = wait_for(source, published.as_of())?;
    let mut behind = Behind::new(only, seed, published.wanted());
    let record = check(source, trust, |state, entry| behind.hear(state, entry))?;
    behind.catch_up();
    let Behind { mut found, judge, .. } = behind;
    let mut differences = published.differences(&found);
    let on_record: Vec<&assembly::talk::Published> =
        asked(&record.state, only).flat_map(|question| question.talk().maps()).collect();
    // What was published so long after the entries it is of that they were past, takes a second reading.
    let mut missing = BTreeMap::<u64, Vec<Want>>::new();
    for mapped in on_record.iter().map(|map| &map.mapped).filter(|mapped| knows(&mapped.map)) {
        if found.map(mapped.question, mapped.map.method, mapped.as_of).is_none() {
            missing.entry(mapped.as_of).or_default().push(Want::Map(mapped.question, mapped.map.method));
        }
    }
    if !missing.is_empty() && record.is_sound() {
        let again = check(source, trust, |state, _| {
            let wanted = missing.get(&state.size()).into_iter().flatten();
            wanted.for_each(|want| found.find(*want, state));
        })?;
        if again.size < record.size || !again.is_sound() {
            differences.push(Problem {
                entry: None,
                sentence: format!("Read a second time, the record was another one: {}", again.sentence()),
            });
        }
    }
    let (maps, others): (Vec<_>, Vec<_>) = on_record.into_iter().partition(|map| knows(&map.mapped.map));
    differences.extend(maps.iter().filter_map(|map| difference(map, &found)));
    let (maps, other_versions) = (maps.len(), others.len());
    let doubts = judge.doubts();
    differences.extend(judge.differences);
    let results = ours(&record.state, &found, only)?;
    let (compared, showings) = (published.len(), judge.showings);
    Ok(Recounted { record, results, compared, maps, other_versions, showings, differences, doubts })
}

/// Whether this program has the version of the method that made a map.
fn knows(map: &MapResult) -> bool {
    let version = match map.method {
        Method::Classic => opinion::classic::VERSION,
        Method::Map => opinion::map::VERSION,
    };
    map.version == version
}

/// What is wrong with a map on the record.
fn difference(map: &assembly::talk::Published, found: &Found) -> Option<Problem> {
    let mapped = &map.mapped;
    let why = match found.map(mapped.question, mapped.map.method, mapped.as_of) {
        Some(ours) => mapped.map.difference(ours)?,
        None => {
            format!("said to be of the first {} entries, and no response is the last of them", mapped.as_of)
        }
    };
    let sentence =
        format!("Question {}: the opinion map that entry {} published: {why}.", mapped.question, map.entry);
    Some(Problem { entry: Some(map.entry), sentence })
}

fn asked(state: &State, only: Option<QuestionId>) -> impl Iterator<Item = &assembly::Question> {
    state.questions().iter().filter(move |question| only.is_none_or(|id| question.id() == id))
}

/// Waits until the signed head covers `as_of` entries. Results are shown at once; a head may still be with the
/// witnesses. Where it does not come, the comparison says what is missing. Gives the root of the newest head, which nobody
/// knew while its entries were written.
fn wait_for(source: &Source, as_of: u64) -> Result<[u8; 32], Failed> {
    let began = Instant::now();
    let bar = Bar::new("Waiting for a signed head that covers the results, seconds", COVERED.as_secs());
    loop {
        // What cannot be read is the check's to say.
        let (size, root) = SignedCheckpoint::from_bytes(&source.checkpoint()?)
            .map_or((as_of, EMPTY_ROOT), |head| (head.checkpoint().size(), head.checkpoint().root()));
        if size >= as_of || began.elapsed() >= COVERED {
            bar.done();
            return Ok(root.0);
        }
        bar.set(began.elapsed().as_secs());
        std::thread::sleep(LOOK);
    }
}

/// Our results: those compared, and for questions without a published one, those of the whole record.
fn ours(state: &State, found: &Found, only: Option<QuestionId>) -> Result<Vec<Results>, Failed> {
    if let Some(id) = only.filter(|id| state.question(*id).is_none()) {
        return Err(Failed::new(format!("There is no question {id} in this record.")));
    }
    let whole = |question| Results::prepare(question).compute(Method::Map).0;
    Ok(asked(state, only)
        .map(|question| found.results.get(&question.id()).cloned().unwrap_or_else(|| whole(question)))
        .collect())
}

/// What is published, for whoever packs a bundle; `None` for a copy, which publishes nothing. A data folder belongs to a
/// server: what that publishes is computed here in the same way.
pub fn to_pack(source: &Source, only: Option<QuestionId>) -> Result<Option<Vec<Results>>, Failed> {
    if !matches!(source, Source::Data { .. }) {
        return results(source, only);
    }
    let state = check(source, &Trust::default(), |_, _| ())?.state;
    Ok(Some(asked(&state, only).map(|question| Results::prepare(question).compute(Method::Map).0).collect()))
}
