//! Flow of transfers: one column per round, bands from whom votes leave to whom they go.

use super::text::short;
use super::{Picture, Table, escape, open};
use crate::outcome::{Idle, Outcome, Round, Status};
use crate::sentence::Words;
use std::collections::BTreeMap;

/// Width of a round, height of all votes, gap between options, in units of the drawing.
const STEP: f64 = 120.0;
const TALL: f64 = 300.0;
const GAP: f64 = 16.0;
const BAR: f64 = 10.0;

/// Height from which a flow is labelled with its number.
const LABELLED: f64 = 9.0;

/// Rounds and options drawn; the table has all.
const MOST_ROUNDS: usize = 30;
const MOST_OPTIONS: usize = 30;

/// Where an option's votes stand in a column.
#[derive(Clone, Copy)]
struct Place {
    top: f64,
    height: f64,
}

pub(super) fn picture(outcome: &Outcome, names: &[String], words: &Words) -> Option<Picture> {
    let table = table(outcome, names, words);
    let caption = words.text("picture.flow");
    let rounds: Vec<&Round> = outcome.rounds.iter().take(MOST_ROUNDS).collect();
    let first = rounds.first()?;
    let mut order: Vec<usize> = first.tallies.iter().map(|t| t.option).collect();
    let votes = |r: &Round, o: usize| r.tally(o).map_or(0.0, |t| t.votes.to_f64().max(0.0));
    order.sort_by(|a, b| votes(first, *b).total_cmp(&votes(first, *a)).then(a.cmp(b)));
    order.truncate(MOST_OPTIONS);
    let total: f64 = first.tallies.iter().map(|t| t.votes.to_f64()).sum::<f64>().max(f64::MIN_POSITIVE);
    let scale = TALL / total;
    // Many rounds stand closer, so that a printed page still holds them.
    let step = if rounds.len() > 6 { STEP * 0.7 } else { STEP };
    let label = 180.0;
    let width = label + (rounds.len() - 1) as f64 * step + 240.0;
    let height = TALL + GAP * order.len() as f64 + 50.0;
    let mut svg = open(width, height, &caption);
    let places: Vec<BTreeMap<usize, Place>> =
        rounds.iter().map(|r| column(r, &order, scale, votes)).collect();
    for (i, round) in rounds.iter().enumerate() {
        let x = label + i as f64 * step;
        svg.push_str(&format!("<text x=\"{x:.0}\" y=\"14\" font-size=\"12\">{}</text>", i + 1));
        bands(&mut svg, outcome, i, [x + BAR, x + step], &places, scale);
        for (&option, place) in &places[i] {
            let status = round.tally(option).map(|t| t.status);
            let strong = status == Some(Status::Elected);
            svg.push_str(&format!(
                "<rect x=\"{x:.1}\" y=\"{:.1}\" width=\"{BAR}\" height=\"{:.1}\" fill-opacity=\"{}\"/>",
                place.top,
                place.height.max(1.0),
                if strong { 0.95 } else { 0.55 }
            ));
            let name = names.get(option).map_or("?", String::as_str);
            let middle = place.top + place.height / 2.0 + 4.0;
            if i == 0 {
                svg.push_str(&format!(
                    "<text x=\"{:.1}\" y=\"{middle:.1}\" text-anchor=\"end\" font-size=\"12\">{}</text>",
                    x - 6.0,
                    short(name, 20)
                ));
            }
            let mark = if round.elected.contains(&option) {
                "✓"
            } else if round.eliminated.contains(&option) {
                "✕"
            } else {
                ""
            };
            if !mark.is_empty() && i + 1 < rounds.len() {
                svg.push_str(&format!(
                    "<text x=\"{:.1}\" y=\"{middle:.1}\" font-size=\"12\">{mark}</text>",
                    x + BAR + 3.0
                ));
            }
            if i + 1 == rounds.len() {
                let sign = if outcome.winners.contains(&option) { "✓ " } else { "" };
                let number = round.tally(option).map_or(String::new(), |t| t.votes.plain(0));
                svg.push_str(&format!(
                    "<text x=\"{:.1}\" y=\"{middle:.1}\" font-size=\"12\">{sign}{} {}</text>",
                    x + BAR + 6.0,
                    short(name, 18),
                    escape(&number)
                ));
            }
        }
    }
    svg.push_str("</svg>");
    Some(Picture { caption, svg, key: None, table })
}

/// Options with votes from top to bottom, always in the same order.
fn column(
    round: &Round,
    order: &[usize],
    scale: f64,
    votes: impl Fn(&Round, usize) -> f64,
) -> BTreeMap<usize, Place> {
    let mut top = 26.0;
    let mut out = BTreeMap::new();
    for &option in order {
        let height = votes(round, option) * scale;
        if height > 0.0 {
            out.insert(option, Place { top, height });
            top += height + GAP;
        }
    }
    out
}

/// What stays and what moves between this round and the next. Rounds tell of their moves where these are made: a
/// Scottish stage shows where its votes came from, a round of instant runoff where its votes go.
fn bands(
    svg: &mut String,
    outcome: &Outcome,
    i: usize,
    across: [f64; 2],
    places: &[BTreeMap<usize, Place>],
    scale: f64,
) {
    let Some(next) = places.get(i + 1) else { return };
    let stage = matches!(outcome.rule, crate::Rule::ScottishStv(_));
    let moves = if stage { &outcome.rounds[i + 1].moves } else { &outcome.rounds[i].moves };
    let (mut left, mut right): (BTreeMap<usize, f64>, BTreeMap<usize, f64>) =
        (BTreeMap::new(), BTreeMap::new());
    for (option, place) in &places[i] {
        if let Some(to) = next.get(option) {
            let gone: f64 =
                moves.iter().filter(|m| m.from == *option).map(|m| m.votes.to_f64() * scale).sum();
            let stays = (place.height - gone).clamp(0.0, to.height);
            band(svg, across, place.top, to.top, stays, 0.12);
            left.insert(*option, stays);
            right.insert(*option, stays);
        }
    }
    for step in moves {
        let size = step.votes.to_f64() * scale;
        let (Some(from), Some(to)) = (places[i].get(&step.from), step.to.and_then(|o| next.get(&o))) else {
            continue;
        };
        let start = left.entry(step.from).or_default();
        let end = right.entry(step.to.unwrap_or(usize::MAX)).or_default();
        band(svg, across, from.top + *start, to.top + *end, size, 0.3);
        // A flow broad enough for its number says it where it arrives.
        if size >= LABELLED {
            svg.push_str(&format!(
                "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\" font-size=\"11\">+{}</text>",
                across[1] - 4.0,
                to.top + *end + size / 2.0 + 4.0,
                escape(&step.votes.plain(0))
            ));
        }
        *start += size;
        *end += size;
    }
}

fn band(svg: &mut String, [a, b]: [f64; 2], from: f64, to: f64, size: f64, opacity: f64) {
    if size < 0.2 {
        return;
    }
    let m = (a + b) / 2.0;
    svg.push_str(&format!(
        "<path d=\"M{a:.1} {from:.1}C{m:.1} {from:.1} {m:.1} {to:.1} {b:.1} {to:.1}V{:.1}C{m:.1} {:.1} {m:.1} {:.1} {a:.1} {:.1}Z\" fill-opacity=\"{opacity}\"/>",
        to + size,
        to + size,
        from + size,
        from + size
    ));
}

/// One row per option, one column per round.
fn table(outcome: &Outcome, names: &[String], words: &Words) -> Table {
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
    for kind in [
        Idle::Exhausted,
        Idle::Overvote,
        Idle::SkippedRanks,
        Idle::Repeated,
        Idle::Blank,
        Idle::Rounding,
        Idle::LastSurplus,
    ] {
        let cell = |r: &Round| r.idle.iter().find(|i| i.0 == kind).map(|i| i.1.plain(5));
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
