//! Writes a contest with the table of its ballots.

use crate::election::{Election, Form, Vote};
use crate::files::text::{one_line, quoted};
use crate::outcome::Refusal;
use crate::rule::{Rule, Share};
use crate::rules::irv::{Mode, Overvotes, RankedChoice, TieBreak};
use serde_json::Value as Json;
use std::collections::HashSet;

/// The most cells in a table of ballots that is written.
const MAX_CELLS: usize = 50_000_000;

/// A contest and the table of its ballots, which lies beside it under the name `ballots`: the columns are `count`, then one
/// per rank, with the names of candidates.
///
/// # Errors
/// When there is no ranked-choice rule, or the format cannot hold these votes.
pub fn write(election: &Election, rule: Option<&Rule>, ballots: &str) -> Result<[String; 2], Refusal> {
    let Some(Rule::RankedChoice(rule)) = rule else {
        return Err(Refusal::new(
            "A contest of RCTab holds rankings with the options of ranked choice, and these votes were counted by another rule. Choose --rule irv or --rule ranked-choice-several, or write another format.",
        ));
    };
    if let Mode::BottomsUpShare(share) = rule.mode
        && whole_per_cent(share).is_none()
    {
        return Err(Refusal::new("RCTab knows thresholds in whole per cent only, and this one is not."));
    }
    if election.votes.form() != Form::Ranking {
        return Err(Refusal::new("A contest of RCTab holds rankings, and these votes are none."));
    }
    let names: Vec<String> =
        election.options.iter().map(|option| one_line(&option.name).trim().to_owned()).collect();
    let mut known = HashSet::from(["", "overvote", "undervote"]);
    if let Some(name) = names.iter().find(|name| !known.insert(name)) {
        return Err(Refusal::new(format!(
            "An option is called “{name}”, which is empty, means something else in RCTab's files or is what another is called. Give every option a name of its own."
        )));
    }
    // Between candidates at the same rank stands a character that is in none of their names.
    let mut free = "|/;~^".chars().chain('\u{e000}'..='\u{f8ff}');
    let Some(between) = free.find(|c| !names.iter().any(|name| name.contains(*c))) else {
        return Err(Refusal::new(
            "The names of the options leave no character to stand between two of them.",
        ));
    };
    let twice = |v: Vote<'_>| {
        let mut before = v.options.iter().zip(v.levels);
        let mut marks = before.clone().skip(1);
        marks.any(|mark| before.next() == Some(mark))
    };
    if election.votes.iter().any(twice) {
        return Err(Refusal::new(
            "A vote names somebody twice at one rank, which RCTab's ballots cannot tell from once.",
        ));
    }
    let ranks =
        election.votes.iter().filter_map(|vote| vote.levels.last().copied()).max().unwrap_or(1).max(1);
    let ranks = usize::try_from(ranks).unwrap_or(usize::MAX);
    if ranks.saturating_mul(election.votes.len().max(1)) > MAX_CELLS {
        return Err(Refusal::new(format!(
            "The table of ballots would have {ranks} columns for {} different votes, which is too large to be read anywhere.",
            election.votes.len()
        )));
    }
    let mut table = "count".to_owned();
    (1..=ranks).for_each(|rank| table.push_str(&format!(",rank{rank}")));
    table.push('\n');
    for vote in election.votes.canonical().iter() {
        table.push_str(&vote.weight.to_string());
        let mut marks = vote.options.iter().zip(vote.levels).peekable();
        for rank in 1..=vote.levels.last().copied().unwrap_or(0) {
            let mut cell = String::new();
            while let Some((option, _)) = marks.next_if(|(_, level)| **level <= rank) {
                if !cell.is_empty() {
                    cell.push(between);
                }
                cell.push_str(names.get(*option as usize).map_or("overvote", String::as_str));
            }
            table.push(',');
            table.push_str(&quoted(&cell, ','));
        }
        table.push('\n');
    }
    let candidates = names.iter().zip(&election.options);
    let contest = serde_json::json!({
        "outputSettings": {"contestName": one_line(&election.title)},
        "cvrFileSources": [{"filePath": ballots, "overvoteDelimiter": between}],
        "candidates": candidates
            .map(|(name, option)| serde_json::json!({"name": name, "excluded": option.withdrawn}))
            .collect::<Vec<Json>>(),
        "rules": rules(rule),
    });
    Ok([format!("{contest:#}\n"), table])
}

fn whole_per_cent(share: Share) -> Option<u64> {
    let (above, below) = (u128::from(share.numerator) * 100, u128::from(share.denominator));
    let whole = (below > 0 && above.is_multiple_of(below)).then(|| above / below)?;
    u64::try_from(whole).ok()
}

/// RCTab's names for the options of a ranked-choice rule, as a `rules` object of its configuration.
pub(super) fn rules(rule: &RankedChoice) -> Json {
    let (mode, percent) = match rule.mode {
        Mode::SingleWinner => ("singleWinnerMajority", None),
        Mode::SeveralPerRound => ("multiWinnerAllowMultipleWinnersPerRound", None),
        Mode::OnePerRound => ("multiWinnerAllowOnlyOneWinnerPerRound", None),
        Mode::BottomsUp => ("bottomsUp", None),
        Mode::BottomsUpShare(s) => ("bottomsUpUsingPercentageThreshold", whole_per_cent(s)),
        Mode::Passes => ("multiPassIrv", None),
    };
    let (ties, seed) = match rule.ties {
        TieBreak::Lot => ("useCandidateOrder", 0),
        TieBreak::PreviousRounds => ("previousRoundCountsThenAsk", 0),
        TieBreak::Seed(s) => ("random", s),
        TieBreak::PreviousRoundsThenSeed(s) => ("previousRoundCountsThenRandom", s),
        TieBreak::Shuffled(s) => ("generatePermutation", s),
    };
    let limit = |n: Option<u32>, word: &str| n.map_or_else(|| word.to_owned(), |n| n.to_string());
    serde_json::json!({
        "tiebreakMode": ties,
        "overvoteRule": match rule.overvotes {
            Overvotes::Skip => "alwaysSkipToNextRank",
            Overvotes::Stop => "exhaustImmediately",
            Overvotes::StopIfSeveralContinue => "exhaustIfMultipleContinuing",
        },
        "winnerElectionMode": mode,
        "randomSeed": seed.to_string(),
        "numberOfWinners": rule.winners.to_string(),
        "multiSeatBottomsUpPercentageThreshold": percent.map_or(String::new(), |p| p.to_string()),
        "decimalPlacesForVoteArithmetic": rule.decimals.to_string(),
        "minimumVoteThreshold": rule.minimum_votes.to_string(),
        "maxSkippedRanksAllowed": limit(rule.skipped_ranks, "unlimited"),
        "maxRankingsAllowed": limit(rule.most_ranks, "max"),
        "nonIntegerWinningThreshold": rule.fractional_threshold,
        "doesFirstRoundDetermineThreshold": rule.fixed_threshold,
        "hareQuota": rule.hare,
        "batchElimination": rule.batch,
        "continueUntilTwoCandidatesRemain": rule.until_two,
        "stopTabulationEarlyAfterRound": rule.stop_after.map_or(String::new(), |n| n.to_string()),
        "exhaustOnDuplicateCandidate": rule.stop_at_duplicate,
        "rulesDescription": "Veche",
    })
}
