//! RCTab: a contest's configuration (`.json`) with its candidates and rules, and ballots as CSV or as cast vote
//! records in the Common Data Format (NIST SP 1500-103).

mod write;

pub use write::write;

use super::text::{decode, fields, lines};
use super::{Read, Repairs};
use crate::election::{BallotOption, Election, Form, OVERVOTE};
use crate::limits::MAX_OPTIONS;
use crate::outcome::Refusal;
use crate::rule::{Rule, Share};
use crate::rules::irv::{Mode, Overvotes, RankedChoice, TieBreak, WRITE_INS};
use serde_json::Value as Json;
use std::collections::HashMap;

/// RCTab's names in “rules” that say nothing about the count, or moved from there to the sources of ballots.
const NOT_COUNTED: [&str; 5] = [
    "rulesDescription",
    "overvoteLabel",
    "undervoteLabel",
    "undeclaredWriteInLabel",
    "treatBlankAsUndeclaredWriteIn",
];

/// The files that hold the ballots of this contest, one per source: of each the names it could have, the likeliest
/// first.
pub fn wanted(bytes: &[u8]) -> Vec<Vec<String>> {
    let json: Json = serde_json::from_slice(bytes).unwrap_or_default();
    let sources = sources(&json);
    sources.iter().map(|source| names_of(source, sources.len() == 1)).collect()
}

/// Where the ballots come from; a contest that does not say has one source.
fn sources(json: &Json) -> &[Json] {
    match json["cvrFileSources"].as_array() {
        Some(sources) if !sources.is_empty() => sources,
        _ => &[Json::Null],
    }
}

/// Names that the file of a source could have, whose ballots may have been made into a table.
fn names_of(source: &Json, alone: bool) -> Vec<String> {
    let mut names = vec![];
    if let Some(path) = source["filePath"].as_str() {
        let file = path.rsplit(['/', '\\']).next().unwrap_or(path);
        names.push(file.to_owned());
        names.extend(
            file.rsplit_once('.').filter(|(_, e)| *e != "csv").map(|(stem, _)| format!("{stem}.csv")),
        );
    }
    if alone {
        names.push("ballots.csv".to_owned());
    }
    names
}

/// Reads a contest and, from `beside`, its ballots: of every source, or none.
///
/// # Errors
/// Line and reason.
pub fn read(bytes: &[u8], beside: &[(String, Vec<u8>)]) -> Result<Read, Refusal> {
    let json: Json = serde_json::from_slice(bytes)
        .map_err(|e| Refusal::at(e.line(), format!("This is not a contest of RCTab: {e}.")))?;
    if !json["rules"].is_object() || !json["candidates"].is_array() {
        return Err(Refusal::new("This is not a contest of RCTab: it has no “rules” or no “candidates”."));
    }
    let sources = sources(&json);
    let alone = sources.len() == 1;
    let labels: Vec<Labels> =
        sources.iter().map(|source| Labels::of(source, &json["rules"])).collect::<Result<_, _>>()?;
    let mut contest = Contest::new(&json, labels.iter().any(Labels::write_ins))?;
    let rule = contest.rule(&json["rules"])?;
    let mut taken: Vec<&str> = vec![];
    for (source, labels) in sources.iter().zip(labels) {
        let names = names_of(source, alone);
        let named = names.iter().find_map(|name| beside.iter().find(|(file, _)| file == name));
        // What is beside a contest with one source was found by one of its names.
        let Some((name, ballots)) = named.or_else(|| beside.first().filter(|_| alone)) else {
            return Err(Refusal::new(format!(
                "Ballots of the contest are missing, so it cannot be counted. One of these files is needed in the same folder: {}.",
                names.join(", ")
            )));
        };
        if taken.contains(&name.as_str()) {
            return Err(Refusal::new(format!(
                "Two sources of ballots (cvrFileSources) are the file “{name}”, which would be counted twice. Give each its own file name in the same folder, or leave one out."
            )));
        }
        taken.push(name);
        contest.labels = labels;
        let before = contest.repairs.list.len();
        let mut result = if name.to_lowercase().ends_with(".json") {
            contest.records(ballots)
        } else {
            contest.table(ballots)
        };
        if !alone {
            // Lines are those of one of several files.
            let said = contest.repairs.list.iter_mut().skip(before).map(|repair| &mut repair.what);
            for what in said.chain(result.as_mut().err().map(|refusal| &mut refusal.reason)) {
                *what = format!("In “{name}”: {what}");
            }
        }
        result?;
    }
    Ok(contest.finish(rule))
}

/// Labels of one file of ballots.
#[derive(Default)]
struct Labels {
    contest: String,
    overvote: String,
    skipped: String,
    write_in: String,
    delimiter: String,
    blank_is_write_in: bool,
}

impl Labels {
    /// What the source says; contests of older versions say it for all sources among the rules.
    fn of(source: &Json, rules: &Json) -> Result<Self, Refusal> {
        let label = |key: &str, once: &str| {
            [text(&source[key]), text(&rules[once])].into_iter().find(|l| !l.is_empty())
        };
        let blank = "treatBlankAsUndeclaredWriteIn";
        Ok(Labels {
            contest: text(&source["contestId"]),
            overvote: label("overvoteLabel", "overvoteLabel").unwrap_or_default(),
            skipped: label("skippedRankLabel", "undervoteLabel").unwrap_or_default(),
            write_in: label("undeclaredWriteInLabel", "undeclaredWriteInLabel").unwrap_or_default(),
            delimiter: text(&source["overvoteDelimiter"]),
            blank_is_write_in: flag(source, blank)? || flag(rules, blank)?,
        })
    }

    fn write_ins(&self) -> bool {
        !self.write_in.is_empty() || self.blank_is_write_in
    }
}

fn text(value: &Json) -> String {
    value.as_str().unwrap_or("").trim().to_owned()
}

/// An option that is on or off, and off where nothing is said.
fn flag(options: &Json, key: &str) -> Result<bool, Refusal> {
    match &options[key] {
        Json::Bool(on) => Ok(*on),
        Json::Null => Ok(false),
        Json::String(word) if word == "true" => Ok(true),
        Json::String(word) if word == "false" => Ok(false),
        other => Err(Refusal::new(format!(
            "“{key}” is {other}, which is neither true nor false. It could change the result; write true or false."
        ))),
    }
}

struct Contest {
    repairs: Repairs,
    election: Election,
    names: HashMap<String, u32>,
    /// Of the file of ballots that is being read.
    labels: Labels,
}

impl Contest {
    fn new(json: &Json, write_ins: bool) -> Result<Self, Refusal> {
        let mut options = vec![];
        let mut names = HashMap::new();
        for candidate in json["candidates"].as_array().into_iter().flatten().take(MAX_OPTIONS) {
            let name = text(&candidate["name"]);
            let number = options.len() as u32;
            let aliases = candidate["aliases"].as_array().into_iter().flatten().map(&text);
            for known in aliases.chain([name.clone(), text(&candidate["code"])]).filter(|n| !n.is_empty()) {
                if names.insert(known.clone(), number).is_some_and(|old| old != number) {
                    return Err(Refusal::new(format!("Two candidates are called “{known}”.")));
                }
            }
            let withdrawn = flag(candidate, "excluded")?;
            options.push(BallotOption { withdrawn, ..BallotOption::named(name) });
        }
        if options.is_empty() {
            return Err(Refusal::new("The contest has no candidates."));
        }
        if write_ins {
            names.insert(WRITE_INS.to_owned(), options.len() as u32);
            options.push(BallotOption::named(WRITE_INS));
        }
        let title = text(&json["outputSettings"]["contestName"]);
        let election = Election::new(title, options, Form::Ranking);
        Ok(Contest { repairs: Repairs::default(), election, names, labels: Labels::default() })
    }

    fn rule(&mut self, rules: &Json) -> Result<Rule, Refusal> {
        let word = |key: &str| rules[key].as_str().unwrap_or("").trim().to_owned();
        self.unknown(rules);
        let flag = |key: &str| flag(rules, key);
        let number = |key: &str, otherwise: u64| -> Result<u64, Refusal> {
            match &rules[key] {
                Json::Number(n) => n.as_u64(),
                Json::String(s) if s.trim().is_empty() => Some(otherwise),
                Json::String(s) => s.trim().parse().ok(),
                Json::Null => Some(otherwise),
                _ => None,
            }
            .ok_or_else(|| Refusal::new(format!("“{key}” should be a whole number, but is {}.", rules[key])))
        };
        let limited = |key: &str, words: &[&str]| -> Result<Option<u32>, Refusal> {
            if words.contains(&word(key).as_str()) {
                return Ok(None);
            }
            let unlimited = u64::from(u32::MAX);
            number(key, unlimited).map(|n| u32::try_from(n).ok().filter(|n| *n < u32::MAX))
        };
        let mode = match word("winnerElectionMode").as_str() {
            "singleWinnerMajority" | "standard" | "" => Mode::SingleWinner,
            "multiWinnerAllowMultipleWinnersPerRound" => Mode::SeveralPerRound,
            "multiWinnerAllowOnlyOneWinnerPerRound" => Mode::OnePerRound,
            "bottomsUp" => Mode::BottomsUp,
            "bottomsUpUsingPercentageThreshold" => {
                let percent = number("multiSeatBottomsUpPercentageThreshold", 0)?;
                Mode::BottomsUpShare(Share::of(percent, 100))
            }
            "multiPassIrv" => Mode::Passes,
            other => {
                return Err(Refusal::new(format!("The winnerElectionMode “{other}” is not one of RCTab's.")));
            }
        };
        let overvotes = match word("overvoteRule").as_str() {
            "alwaysSkipToNextRank" => Overvotes::Skip,
            "exhaustImmediately" => Overvotes::Stop,
            "exhaustIfMultipleContinuing" => Overvotes::StopIfSeveralContinue,
            other => return Err(Refusal::new(format!("The overvoteRule “{other}” is not one of RCTab's."))),
        };
        let seed =
            word("randomSeed").parse::<i64>().or_else(|_| number("randomSeed", 0).map(|n| n as i64))?;
        let ties = match word("tiebreakMode").as_str() {
            "random" => TieBreak::Seed(seed),
            "previousRoundCountsThenRandom" => TieBreak::PreviousRoundsThenSeed(seed),
            "generatePermutation" => TieBreak::Shuffled(seed),
            "useCandidateOrder" => TieBreak::Lot,
            "stopCountingAndAsk" | "interactive" => {
                self.repairs
                    .all("The contest asks a person to break ties; here the order of candidates does.");
                TieBreak::Lot
            }
            "previousRoundCountsThenAsk" | "previousRoundCountsThenInteractive" => {
                self.repairs.all("The contest asks a person to break ties that earlier rounds leave; here the order of candidates does.");
                TieBreak::PreviousRounds
            }
            other => return Err(Refusal::new(format!("The tiebreakMode “{other}” is not one of RCTab's."))),
        };
        let winners = u32::try_from(number("numberOfWinners", 1)?).unwrap_or(u32::MAX);
        self.election.seats = Some(winners);
        let stop_after = limited("stopTabulationEarlyAfterRound", &[])?.filter(|n| *n > 0);
        Ok(Rule::RankedChoice(RankedChoice {
            winners,
            mode,
            overvotes,
            skipped_ranks: limited("maxSkippedRanksAllowed", &["unlimited"])?,
            most_ranks: limited("maxRankingsAllowed", &["max"])?,
            stop_at_duplicate: flag("exhaustOnDuplicateCandidate")?,
            batch: flag("batchElimination")?,
            fixed_threshold: flag("doesFirstRoundDetermineThreshold")?,
            hare: flag("hareQuota")?,
            fractional_threshold: flag("nonIntegerWinningThreshold")?,
            decimals: u32::try_from(number("decimalPlacesForVoteArithmetic", 4)?).unwrap_or(u32::MAX),
            minimum_votes: number("minimumVoteThreshold", 0)?,
            until_two: flag("continueUntilTwoCandidatesRemain")?,
            stop_after,
            ties,
        }))
    }

    /// What is not one of RCTab's names for rules may be meant to change the count.
    fn unknown(&mut self, rules: &Json) {
        let known = write::rules(&RankedChoice::usual());
        for key in rules.as_object().into_iter().flatten().map(|(key, _)| key.as_str()) {
            if known.get(key).is_none() && !NOT_COUNTED.contains(&key) {
                self.repairs.one(None, format!("The rules of the contest have “{key}”, which this program does not know. It was left out; if it changes how RCTab counts, the result may differ."));
            }
        }
    }

    /// The option of this name; undeclared write-ins are called as the file of ballots says.
    fn named(&self, name: &str) -> Option<u32> {
        let write_in = !self.labels.write_in.is_empty() && name == self.labels.write_in;
        self.names.get(if write_in { WRITE_INS } else { name }).copied()
    }

    /// The option a cell names; `None`: nothing is marked there.
    fn cell(&self, line: usize, cell: &str) -> Result<Option<u32>, Refusal> {
        let cell = cell.trim();
        if cell.is_empty() && self.labels.blank_is_write_in {
            return Ok(self.names.get(WRITE_INS).copied());
        }
        if cell.is_empty() || cell == self.labels.skipped || cell == "undervote" {
            return Ok(None);
        }
        if cell == self.labels.overvote || cell == "overvote" {
            return Ok(Some(OVERVOTE));
        }
        match self.named(cell) {
            Some(option) => Ok(Some(option)),
            None => Err(Refusal::at(
                line,
                format!("The ballot names “{cell}”, who is not a candidate of this contest."),
            )),
        }
    }

    /// CSV with a head line: `count` (how many such ballots), then one column per rank. Other columns are left out.
    fn table(&mut self, bytes: &[u8]) -> Result<(), Refusal> {
        let text = decode(bytes, &mut self.repairs)?;
        let mut rows = lines(&text).filter(|(_, l)| !l.trim().is_empty());
        let (line, head) = rows.next().ok_or_else(|| Refusal::new("The file of ballots is empty."))?;
        let head = fields(head, ',').ok_or_else(|| Refusal::at(line, "A quotation mark is never closed."))?;
        let head: Vec<String> = head.iter().map(|f| f.trim().to_lowercase()).collect();
        let count = head.iter().position(|h| h == "count");
        let ranks: Vec<usize> = head
            .iter()
            .enumerate()
            .filter(|(_, h)| h.starts_with("rank") || h.starts_with("choice"))
            .map(|(i, _)| i)
            .collect();
        if ranks.is_empty() {
            return Err(Refusal::at(
                line,
                "The first line should name the columns: count, rank1, rank2 and so on.",
            ));
        }
        for (line, row) in rows {
            let row =
                fields(row, ',').ok_or_else(|| Refusal::at(line, "A quotation mark is never closed."))?;
            let weight = match count {
                None => 1,
                Some(c) => row.get(c).and_then(|f| f.trim().parse().ok()).ok_or_else(|| {
                    Refusal::at(
                        line,
                        "This line does not say how many such ballots there are: a whole number.",
                    )
                })?,
            };
            let mut marks = vec![];
            for (i, column) in ranks.iter().enumerate() {
                let cell = row.get(*column).map_or("", |f| f.as_ref());
                let parts: Vec<&str> = if self.labels.delimiter.is_empty() {
                    vec![cell]
                } else {
                    cell.split(self.labels.delimiter.as_str()).collect()
                };
                for part in parts {
                    if let Some(option) = self.cell(line, part)? {
                        marks.push((option, i as i32 + 1));
                    }
                }
            }
            marks.dedup();
            self.election.votes.push(weight, &mut marks).map_err(|r| Refusal::at(line, r.reason))?;
        }
        Ok(())
    }

    /// Cast vote records in the Common Data Format.
    fn records(&mut self, bytes: &[u8]) -> Result<(), Refusal> {
        let json: Json = serde_json::from_slice(bytes)
            .map_err(|e| Refusal::at(e.line(), format!("The cast vote records cannot be read: {e}.")))?;
        let (contests, selections) = cdf_names(&json);
        let wrong = |i: usize, what: &str| Refusal::new(format!("Cast vote record {} {what}.", i + 1));
        for (i, record) in json["CVR"].as_array().into_iter().flatten().enumerate() {
            let current = record["CurrentSnapshotId"].as_str();
            let snapshots: Vec<&Json> = record["CVRSnapshot"].as_array().into_iter().flatten().collect();
            let snapshot = snapshots
                .iter()
                .find(|s| current.is_some() && s["@id"].as_str() == current)
                .or(snapshots.first());
            let mut marks = vec![];
            for contest in snapshot.and_then(|s| s["CVRContest"].as_array()).into_iter().flatten() {
                let id = contest["ContestId"].as_str().unwrap_or("");
                let wanted = self.labels.contest.as_str();
                let same = wanted.is_empty() || id == wanted || contests.get(id).is_some_and(|n| n == wanted);
                if !same {
                    continue;
                }
                for selection in contest["CVRContestSelection"].as_array().into_iter().flatten() {
                    let id = selection["ContestSelectionId"].as_str().unwrap_or("");
                    let name = selections.get(id).map_or(id, String::as_str);
                    let option = match self.named(name) {
                        Some(option) => option,
                        None if name == "overvote" => OVERVOTE,
                        None => {
                            return Err(wrong(
                                i,
                                &format!("names “{name}”, who is not a candidate of this contest"),
                            ));
                        }
                    };
                    for position in selection["SelectionPosition"].as_array().into_iter().flatten() {
                        if position["HasIndication"].as_str() == Some("no") {
                            continue;
                        }
                        let rank = position["Rank"].as_u64().or(selection["Rank"].as_u64()).unwrap_or(1);
                        let rank = i32::try_from(rank).map_err(|_| wrong(i, "has a rank that is no rank"))?;
                        marks.push((option, rank));
                    }
                }
            }
            self.election.votes.push(1, &mut marks)?;
        }
        if json["CVR"].as_array().is_none_or(Vec::is_empty) {
            return Err(Refusal::new("The file of cast vote records holds no records."));
        }
        Ok(())
    }

    fn finish(self, rule: Rule) -> Read {
        Read { election: self.election, rule: Some(rule), published: None, repairs: self.repairs.done() }
    }
}

/// Names of contests, and of candidates by contest selection.
fn cdf_names(json: &Json) -> (HashMap<String, String>, HashMap<String, String>) {
    let text = |v: &Json| v.as_str().unwrap_or("").to_owned();
    let (mut contests, mut selections) = (HashMap::new(), HashMap::new());
    for election in json["Election"].as_array().into_iter().flatten() {
        let mut people = HashMap::new();
        for person in election["Candidate"].as_array().into_iter().flatten() {
            people.insert(text(&person["@id"]), text(&person["Name"]));
        }
        for contest in election["Contest"].as_array().into_iter().flatten() {
            contests.insert(text(&contest["@id"]), text(&contest["Name"]));
            for selection in contest["ContestSelection"].as_array().into_iter().flatten() {
                let person = text(&selection["CandidateIds"][0]);
                if selection["IsWriteIn"].as_bool() == Some(true) && !people.contains_key(&person) {
                    selections.insert(text(&selection["@id"]), WRITE_INS.to_owned());
                } else if let Some(name) = people.get(&person) {
                    selections.insert(text(&selection["@id"]), name.clone());
                }
            }
        }
    }
    (contests, selections)
}
