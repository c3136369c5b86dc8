//! The rounds of a count as tables.

use super::{Table, apart};
use crate::outcome::{Idle, Move, Outcome};
use crate::sentence::Words;
use crate::{Number, Rule};
use std::collections::BTreeMap;

/// The votes of every round, and what moved between them.
pub(super) fn tables(outcome: &Outcome, names: &[String], words: &Words) -> Vec<Table> {
    let moved = moved(outcome, names, words);
    [votes(outcome, names, words), moved].into_iter().filter(|table| !table.rows.is_empty()).collect()
}

/// What moved between a round, by its number from 0, and the next. Rounds tell of their moves where these are made: a
/// Scottish stage shows where its votes came from, a round of instant runoff where its votes go.
pub(super) fn moves(outcome: &Outcome, round: usize) -> &[Move] {
    let stage = usize::from(matches!(outcome.rule, Rule::ScottishStv(_)));
    outcome.rounds.get(round + stage).map_or(&[], |r| &r.moves)
}

/// One row for everyone whose votes move between two rounds, with those who get them.
fn moved(outcome: &Outcome, names: &[String], words: &Words) -> Table {
    let name = |option: Option<usize>| match option {
        Some(option) => names.get(option).map_or("?".to_owned(), |name| apart(name)),
        None => words.text("picture.nobody"),
    };
    let mut rows = vec![];
    for round in 1..outcome.rounds.len() {
        let mut by_giver: BTreeMap<Option<usize>, Vec<(&Number, Option<usize>)>> = BTreeMap::new();
        for Move { from, to, votes } in moves(outcome, round - 1) {
            // What comes back from nobody is written as less than nothing.
            let (from, to) = if *votes < Number::zero() { (*to, Some(*from)) } else { (Some(*from), *to) };
            by_giver.entry(from).or_default().push((votes, to));
        }
        for (from, mut parts) in by_giver {
            parts.sort_by(|a, b| b.0.cmp(a.0));
            // What would read as 0 is left out: a few of the decimals that votes are cut off to.
            let said = parts.iter().map(|(votes, to)| (votes.plain(5).replace('−', ""), name(*to)));
            let said = said.filter(|(votes, _)| votes != "0").map(|(votes, to)| format!("+{votes} {to}"));
            let to = said.collect::<Vec<_>>().join(" · ");
            if !to.is_empty() {
                rows.push(vec![format!("{round} → {}", round + 1), name(from), to]);
            }
        }
    }
    let head = ["picture.rounds", "picture.from", "picture.to"].map(|k| words.text(k)).to_vec();
    Table { head, rows }
}

/// One row per option and one for what is needed, one column per round.
fn votes(outcome: &Outcome, names: &[String], words: &Words) -> Table {
    let mut head = vec![words.text("picture.option")];
    head.extend((1..=outcome.rounds.len()).map(|n| n.to_string()));
    let Some(first) = outcome.rounds.first() else { return Table::default() };
    let mut rows = vec![];
    for tally in &first.tallies {
        let mut row = vec![names.get(tally.option).map_or("?", String::as_str).to_owned()];
        for round in &outcome.rounds {
            row.push(round.tally(tally.option).map_or("–".to_owned(), |t| {
                let mark = if round.elected.contains(&t.option) {
                    " ✓"
                } else if round.eliminated.contains(&t.option) {
                    " ✕"
                } else {
                    ""
                };
                format!("{}{mark}", t.votes.plain(5))
            }));
        }
        rows.push(row);
    }
    if outcome.rounds.iter().any(|r| r.threshold.is_some()) {
        let mut row = vec![words.text("picture.threshold")];
        row.extend(
            outcome.rounds.iter().map(|r| r.threshold.as_ref().map_or("–".to_owned(), |n| n.plain(5))),
        );
        rows.push(row);
    }
    for kind in [
        Idle::Exhausted,
        Idle::Overvote,
        Idle::SkippedRanks,
        Idle::Repeated,
        Idle::Blank,
        Idle::Rounding,
        Idle::LastSurplus,
    ] {
        let cell = |r: &crate::outcome::Round| r.idle.iter().find(|i| i.0 == kind).map(|i| i.1.plain(5));
        if outcome.rounds.iter().any(|r| cell(r).is_some()) {
            let mut row = vec![words.text(idle_key(kind))];
            row.extend(outcome.rounds.iter().map(|r| cell(r).unwrap_or_else(|| "0".to_owned())));
            rows.push(row);
        }
    }
    Table { head, rows }
}

fn idle_key(kind: Idle) -> &'static str {
    match kind {
        Idle::Exhausted => "idle.exhausted",
        Idle::Overvote => "idle.overvote",
        Idle::SkippedRanks => "idle.skipped",
        Idle::Repeated => "idle.repeated",
        Idle::Blank => "idle.blank",
        Idle::Rounding => "idle.rounding",
        Idle::LastSurplus => "idle.last_surplus",
    }
}
