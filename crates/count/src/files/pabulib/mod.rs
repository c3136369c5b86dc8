//! Pabulib's `.pb`: participatory budgets (pabulib.org/format, arXiv 2012.06539).
//!
//! Age, sex and everything else about voters is dropped here and never kept.

mod meta;
mod write;

pub use write::{write, write_counted};

use super::text::{decimal, decode, fields, lines, rescale};
use super::{Read, Repairs};
use crate::election::{BallotOption, Election, Votes};
use crate::limits::{MAX_OPTIONS, MAX_POINTS};
use crate::outcome::Refusal;
use crate::rule::Rule;
use crate::rules::greedy::{Greedy, Overflow};
use meta::{Kind, Meta};
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};

/// What files write for a project that was taken off the list.
const WITHDRAWN_COST: i64 = 999_999_999;

/// Columns of votes that say something about the vote and not about the voter.
const VOTE_COLUMNS: [&str; 3] = ["voter_id", "vote", "points"];

/// Reads a `.pb` file.
///
/// # Errors
/// Line and reason.
pub fn read(bytes: &[u8]) -> Result<Read, Refusal> {
    let mut repairs = Repairs::default();
    let text = decode(bytes, &mut repairs)?;
    let mut file = File { repairs, ..File::default() };
    let mut records = Records { lines: lines(&text).peekable() };
    let mut section = Section::Before;
    let mut header: Option<usize> = None;
    while let Some((line, record)) = records.next(&mut file.repairs) {
        if record.iter().all(|f| f.trim().is_empty()) {
            continue;
        }
        if let Some(next) = Section::named(&record) {
            file.enter(line, section, next)?;
            (section, header) = (next, None);
        } else if section == Section::Before {
            return Err(Refusal::at(
                line,
                "A .pb file begins with a line META. This one does not; is it a .pb file?",
            ));
        } else if let Some(columns) = header {
            // A value of the head is all that follows its name; elsewhere one field more shifts all that follow.
            let filled = record.iter().rposition(|f| !f.trim().is_empty()).map_or(0, |last| last + 1);
            if section != Section::Meta && filled > columns {
                return Err(Refusal::at(
                    line,
                    format!(
                        "This line has {filled} fields, but there are only {columns} columns. Perhaps a “;” belongs to a name: put that name in quotation marks."
                    ),
                ));
            }
            file.record(line, section, &record)?;
        } else {
            let names: Vec<String> = record.iter().map(|f| f.trim().to_lowercase()).collect();
            file.header(line, section, &names)?;
            header = Some(names.len());
        }
    }
    if section != Section::Votes {
        return Err(Refusal::new(
            "The file ends before its VOTES section. It may have been cut off; fetch it again.",
        ));
    }
    file.finish()
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Section {
    Before,
    Meta,
    Projects,
    Votes,
}

impl Section {
    fn named(record: &[Cow<'_, str>]) -> Option<Section> {
        let (name, rest) = record.split_first()?;
        if rest.iter().any(|f| !f.trim().is_empty()) {
            return None;
        }
        match name.trim() {
            n if n.eq_ignore_ascii_case("META") => Some(Section::Meta),
            n if n.eq_ignore_ascii_case("PROJECTS") => Some(Section::Projects),
            n if n.eq_ignore_ascii_case("VOTES") => Some(Section::Votes),
            _ => None,
        }
    }
}

/// Records of one or (inside quotes) several lines.
struct Records<'a, I: Iterator<Item = (usize, &'a str)>> {
    lines: std::iter::Peekable<I>,
}

/// Lines one quoted field may span.
const MOST_LINES: usize = 50;

impl<'a, I: Iterator<Item = (usize, &'a str)> + Clone> Records<'a, I> {
    fn next(&mut self, repairs: &mut Repairs) -> Option<(usize, Vec<Cow<'a, str>>)> {
        let (line, first) = self.lines.next()?;
        if let Some(record) = fields(first, ';') {
            return Some((line, record));
        }
        let mut ahead = self.lines.clone();
        let mut joined = first.to_owned();
        for _ in 0..MOST_LINES {
            let Some((_, more)) = ahead.next() else { break };
            joined.push('\n');
            joined.push_str(more);
            if let Some(record) = fields(&joined, ';') {
                self.lines = ahead;
                return Some((line, record.into_iter().map(|f| Cow::Owned(f.into_owned())).collect()));
            }
        }
        repairs
            .at(line, "A quotation mark is opened and never closed. It was read as an ordinary character.");
        Some((line, first.split(';').map(Cow::Borrowed).collect()))
    }
}

#[derive(Default)]
struct File<'a> {
    repairs: Repairs,
    meta: Meta,
    columns: BTreeMap<String, usize>,
    options: Vec<BallotOption>,
    costs: Vec<(i64, u32)>,
    selected: Vec<Option<String>>,
    ids: HashMap<String, u32>,
    votes: Option<VoteReader<'a>>,
}

/// Options of a vote and the points of each, as units and decimals.
type Pointed = (Vec<u32>, Vec<(i64, u32)>);

struct VoteReader<'a> {
    kind: Kind,
    vote: usize,
    points: Option<usize>,
    /// Projects a vote may name.
    most: Option<usize>,
    /// Votes without points go straight to where they stay; points wait until all decimals are known.
    votes: Votes,
    entries: Vec<Pointed>,
    decimals: u32,
    /// By project, the line of the last vote that names it: one vote may name very many.
    named_in: Vec<usize>,
    /// Only to notice who is there twice.
    voters: HashSet<Cow<'a, str>>,
    again: Noticed,
    too_many: Noticed,
}

/// How many votes have something odd, and the line of the first.
#[derive(Default)]
struct Noticed(usize, usize);

impl Noticed {
    fn at(&mut self, line: usize) {
        self.0 += 1;
        self.1 = if self.0 == 1 { line } else { self.1 };
    }

    fn list(&self, repairs: &mut Repairs, what: &str, then: &str) {
        let votes = if self.0 == 1 { "vote" } else { "votes" };
        if self.0 > 0 {
            repairs.all(format!("{what}: {} {votes}, the first in line {}. {then}", self.0, self.1));
        }
    }
}

impl<'a> File<'a> {
    fn enter(&mut self, line: usize, now: Section, next: Section) -> Result<(), Refusal> {
        let follows = matches!(
            (now, next),
            (Section::Before, Section::Meta)
                | (Section::Meta, Section::Projects)
                | (Section::Projects, Section::Votes)
        );
        if follows {
            return Ok(());
        }
        Err(Refusal::at(
            line,
            "The sections of a .pb file are META, PROJECTS and VOTES, once each and in this order.",
        ))
    }

    fn header(&mut self, line: usize, section: Section, names: &[String]) -> Result<(), Refusal> {
        self.columns = names.iter().enumerate().map(|(i, n)| (n.clone(), i)).collect();
        let need = |name: &str| {
            self.columns
                .get(name)
                .copied()
                .ok_or_else(|| Refusal::at(line, format!("The column “{name}” is missing.")))
        };
        match section {
            Section::Projects => {
                need("project_id")?;
                need("cost")?;
            }
            Section::Votes => {
                let vote = need("vote")?;
                let kind = self.meta.kind()?;
                let points = if kind == Kind::Points { Some(need("points")?) } else { None };
                if points.is_none() && self.columns.contains_key("points") {
                    self.repairs.all("The column of points was not read: with this vote_type the projects named, or their places, decide.");
                }
                let dropped: Vec<&str> =
                    names.iter().map(String::as_str).filter(|n| !VOTE_COLUMNS.contains(n)).collect();
                if !dropped.is_empty() {
                    self.repairs.all(format!(
                        "What the file says about voters was left out: {}.",
                        dropped.join(", ")
                    ));
                }
                self.votes = Some(VoteReader {
                    kind,
                    vote,
                    points,
                    votes: Votes::new(kind.form()),
                    entries: vec![],
                    decimals: 0,
                    most: self.meta.most_marks(kind),
                    named_in: vec![],
                    voters: HashSet::new(),
                    again: Noticed::default(),
                    too_many: Noticed::default(),
                });
            }
            _ => {}
        }
        Ok(())
    }

    fn record(&mut self, line: usize, section: Section, record: &[Cow<'a, str>]) -> Result<(), Refusal> {
        match section {
            Section::Meta => {
                let Some((key, values)) = record.split_first() else { return Ok(()) };
                let value = values.join(";");
                let value = value.trim_end_matches(|c: char| c == ';' || c.is_whitespace()).trim_start();
                if value.contains(';') && values.first().is_some_and(|first| first.trim() != value) {
                    self.repairs.at(
                        line,
                        "The value holds a “;” outside quotation marks; it was read as part of it.",
                    );
                }
                self.meta.insert(key.trim().to_lowercase(), value.to_owned());
                Ok(())
            }
            Section::Projects => self.project(line, record),
            _ => self.vote(line, record),
        }
    }

    fn project(&mut self, line: usize, record: &[Cow<'_, str>]) -> Result<(), Refusal> {
        let get = |name: &str| self.columns.get(name).and_then(|i| record.get(*i)).map(|f| f.trim());
        let id = get("project_id").unwrap_or("").to_owned();
        if id.is_empty() {
            return Err(Refusal::at(line, "A project has no project_id."));
        }
        if self.options.len() >= MAX_OPTIONS {
            return Err(Refusal::at(line, format!("There are more than {MAX_OPTIONS} projects.")));
        }
        let written = get("cost").unwrap_or("");
        let Some(cost) = decimal(written).or_else(|| decimal(&written.replace(',', "."))) else {
            return Err(Refusal::at(
                line,
                format!(
                    "The cost of project {id} is “{written}”, which is not an amount of money with at most 6 decimals."
                ),
            ));
        };
        if cost.0 < 0 {
            return Err(Refusal::at(line, format!("The cost of project {id} is negative ({written}).")));
        }
        let name = get("name").filter(|n| !n.is_empty()).map_or_else(|| id.clone(), str::to_owned);
        let group = get("exclusive_group").filter(|g| !g.is_empty());
        let withdrawn = cost == (WITHDRAWN_COST, 0);
        let option = BallotOption {
            id: id.clone(),
            name,
            about: String::new(),
            cost: None,
            withdrawn,
            group: group.map(str::to_owned),
        };
        let selected = get("selected").map(str::to_owned);
        if written.contains(',') {
            self.repairs.at(line, format!("The cost “{written}” was read with a decimal point."));
        }
        if withdrawn {
            self.repairs.at(line, format!("Project {id} costs {WITHDRAWN_COST}: it counts as withdrawn."));
        }
        if self.ids.insert(id.clone(), self.options.len() as u32).is_some() {
            return Err(Refusal::at(line, format!("Project {id} is there twice.")));
        }
        self.costs.push(cost);
        self.selected.push(selected);
        self.options.push(option);
        Ok(())
    }

    fn vote(&mut self, line: usize, record: &[Cow<'a, str>]) -> Result<(), Refusal> {
        let Some(reader) = &mut self.votes else { return Ok(()) };
        let Some(field) = record.get(reader.vote) else {
            return Err(Refusal::at(
                line,
                "This line has no vote. The file may have been cut off; fetch it again.",
            ));
        };
        let points = match reader.points {
            None => vec![],
            Some(column) => {
                record.get(column).map_or(vec![], |f| f.split(',').filter(|p| !p.trim().is_empty()).collect())
            }
        };
        let voter = match self.columns.get("voter_id").and_then(|column| record.get(*column)) {
            Some(Cow::Borrowed(voter)) => Cow::Borrowed(voter.trim()),
            Some(Cow::Owned(voter)) => Cow::Owned(voter.trim().to_owned()),
            None => Cow::Borrowed(""),
        };
        if !voter.is_empty() && !reader.voters.insert(voter) {
            reader.again.at(line);
        }
        let mut options: Vec<u32> = Vec::with_capacity(8);
        let mut values = Vec::with_capacity(points.len());
        let mut marks = 0;
        for id in field.split(',').map(str::trim).filter(|id| !id.is_empty()) {
            let Some(&option) = self.ids.get(id) else {
                return Err(Refusal::at(
                    line,
                    format!("The vote names project “{id}”, which is not among the projects."),
                ));
            };
            let value = if reader.points.is_some() {
                let written = points.get(marks).copied().unwrap_or("");
                let Some(value) = decimal(written) else {
                    return Err(Refusal::at(line, format!("Project {id} has no number of points here.")));
                };
                reader.decimals = reader.decimals.max(value.1);
                Some(value)
            } else {
                None
            };
            marks += 1;
            if reader.named_in.len() <= option as usize {
                reader.named_in.resize(option as usize + 1, 0);
            }
            if std::mem::replace(&mut reader.named_in[option as usize], line) == line {
                self.repairs.at(line, format!("The vote names project {id} twice; it was counted once."));
                continue;
            }
            options.push(option);
            values.extend(value);
        }
        if reader.points.is_some() && points.len() != marks {
            return Err(Refusal::at(
                line,
                format!("The vote names {marks} projects but gives {} numbers of points.", points.len()),
            ));
        }
        if reader.kind == Kind::Choose1 && options.len() > 1 {
            self.repairs.at(
                line,
                "Only one project can be chosen, but the vote names several; it was counted for each.",
            );
        }
        if reader.most.is_some_and(|most| options.len() > most) {
            reader.too_many.at(line);
        }
        if reader.points.is_some() {
            reader.entries.push((options, values));
            return Ok(());
        }
        let ranked = reader.kind == Kind::Ordinal;
        let mut list: Vec<(u32, i32)> = options
            .into_iter()
            .enumerate()
            .map(|(i, o)| (o, if ranked { i as i32 + 1 } else { 1 }))
            .collect();
        reader.votes.push(1, &mut list).map_err(|r| Refusal::at(line, r.reason))
    }

    fn finish(mut self) -> Result<Read, Refusal> {
        let Some(reader) = self.votes.take() else {
            return Err(Refusal::new(
                "The file has no votes: after VOTES a line with the names of columns is needed.",
            ));
        };
        let (again, most) = ("The voter_id is also that of an earlier vote", reader.most.unwrap_or_default());
        reader.again.list(
            &mut self.repairs,
            again,
            "They were counted as the file has them; find out whether somebody voted twice.",
        );
        let too_many = format!("More projects are marked than the {most} that max_length allows");
        reader.too_many.list(&mut self.repairs, &too_many, "They were counted as they are.");
        let budget = self.meta.money(&self.costs, &self.options)?;
        let form = reader.kind.form();
        let mut election = Election::new(self.meta.title(), std::mem::take(&mut self.options), form);
        election.budget = budget.map(|b| b.0);
        election.money_decimals = budget.map_or(0, |b| b.1);
        let decimals = election.money_decimals;
        for (option, cost) in election.options.iter_mut().zip(&self.costs) {
            option.cost = rescale(*cost, decimals).and_then(|c| u64::try_from(c).ok());
        }
        let default = self.meta.default_score()?;
        Self::fill(&mut election, reader, default)?;
        self.meta.compare(&election, &mut self.repairs);
        let rule = self.meta.rule()?;
        let published = self.published(&rule);
        Ok(Read { election, rule, published, repairs: self.repairs.done() })
    }

    /// Votes with points, all in the same units. A project that a vote does not name gets `default` points.
    fn fill(election: &mut Election, reader: VoteReader<'_>, default: (i64, u32)) -> Result<(), Refusal> {
        election.votes = reader.votes;
        let decimals = if reader.kind == Kind::Points { reader.decimals.max(default.1) } else { 0 };
        election.score_decimals = decimals;
        let units = |value| {
            let units = rescale(value, decimals).filter(|u| u.abs() <= i64::from(MAX_POINTS));
            units.map(|u| u as i32).ok_or_else(|| {
                Refusal::new(format!("A vote gives more than {MAX_POINTS} points (in smallest units)."))
            })
        };
        for (options, values) in reader.entries {
            let mut marks: Vec<(u32, i32)> = Vec::with_capacity(options.len());
            for (option, value) in options.iter().zip(values) {
                marks.push((*option, units(value)?));
            }
            if default.0 != 0 {
                let given = units(default)?;
                let named: HashSet<u32> = options.into_iter().collect();
                let others = (0..election.options.len() as u32).filter(|o| !named.contains(o));
                marks.extend(others.map(|o| (o, given)));
            }
            election.votes.push(1, &mut marks)?;
        }
        Ok(())
    }

    /// Winners as published: 1, and 2 only where the rule itself tops up. Otherwise 2 and 3 mean other money or other reasons.
    fn published(&self, rule: &Option<Rule>) -> Option<Vec<usize>> {
        self.selected.iter().any(Option::is_some).then(|| {
            let tops_up = matches!(rule, Some(Rule::Greedy(Greedy { overflow: Overflow::TopUp(_), .. })));
            let won = |s: &Option<String>| match s.as_deref() {
                Some("1") => true,
                Some("2") => tops_up,
                _ => false,
            };
            self.selected.iter().enumerate().filter(|(_, s)| won(s)).map(|(i, _)| i).collect()
        })
    }
}
