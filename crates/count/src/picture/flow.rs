//! Flow of transfers: one column per round, bands from whom votes leave to whom they go.

use super::rounds::{moves, tables};
use super::text::short;
use super::{Picture, escape, key, open, options_drawn};
use crate::outcome::{Move, Outcome, Round, Status};
use crate::sentence::{Words, say};
use std::collections::BTreeMap;

/// Width of a round, height of all votes, gap between options, in units of the drawing.
const STEP: f64 = 120.0;
const TALL: f64 = 300.0;
const GAP: f64 = 16.0;
const BAR: f64 = 10.0;

/// Height from which a flow is labelled with its number.
const LABELLED: f64 = 9.0;

/// Rounds and options drawn, the last round among them; the table has all.
const MOST_ROUNDS: usize = 30;
const MOST_OPTIONS: usize = 30;

/// Where an option's votes stand in a column.
#[derive(Clone, Copy)]
struct Place {
    top: f64,
    height: f64,
}

pub(super) fn picture(outcome: &Outcome, names: &[String], words: &Words) -> Option<Picture> {
    let caption = words.text("picture.flow");
    let all = outcome.rounds.len();
    // Their numbers from 0: the first ones and, after a gap, the last.
    let drawn: Vec<usize> = (0..all).filter(|i| i + 1 < MOST_ROUNDS.min(all) || i + 1 == all).collect();
    let rounds: Vec<&Round> = drawn.iter().filter_map(|i| outcome.rounds.get(*i)).collect();
    let first = rounds.first()?;
    let votes = |r: &Round, o: usize| r.tally(o).map_or(0.0, |t| t.votes.to_f64().max(0.0));
    let mut order: Vec<usize> = first.tallies.iter().map(|t| t.option).collect();
    let key = key([
        (drawn.len() < all)
            .then(|| words.say(&say!("picture.rounds_drawn", rounds = all, until = drawn.len() - 1), &[])),
        options_drawn(order.len().min(MOST_OPTIONS), order.len(), words),
    ]);
    let by_votes = |a: &usize, b: &usize| votes(first, *b).total_cmp(&votes(first, *a)).then(a.cmp(b));
    // Whoever wins is drawn, however few votes were theirs at first.
    order.sort_by(by_votes);
    order.sort_by_key(|o| !outcome.winners.contains(o));
    order.truncate(MOST_OPTIONS);
    order.sort_by(by_votes);
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
    for (i, (&number, round)) in drawn.iter().zip(&rounds).enumerate() {
        let x = label + i as f64 * step;
        svg.push_str(&format!("<text x=\"{x:.0}\" y=\"14\" font-size=\"12\">{}</text>", number + 1));
        if drawn.get(i + 1) == Some(&(number + 1)) {
            bands(&mut svg, moves(outcome, number), [x + BAR, x + step], [&places[i], &places[i + 1]], scale);
        } else if i + 1 < drawn.len() {
            let middle = x + (BAR + step) / 2.0;
            svg.push_str(&format!(
                "<text x=\"{middle:.0}\" y=\"14\" text-anchor=\"middle\" font-size=\"12\">⋯</text>\
                 <line x1=\"{middle:.0}\" x2=\"{middle:.0}\" y1=\"22\" y2=\"{:.0}\" stroke=\"currentColor\" stroke-dasharray=\"2 6\"/>",
                height - 8.0
            ));
        }
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
                    "<text x=\"{:.1}\" y=\"{middle:.1}\" font-size=\"12\">{sign}{}: {}</text>",
                    x + BAR + 6.0,
                    short(name, 18),
                    escape(&number)
                ));
            }
        }
    }
    svg.push_str("</svg>");
    Some(Picture { caption, svg, key, tables: tables(outcome, names, words) })
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

/// What stays and what moves between a round and the next.
fn bands(
    svg: &mut String,
    moves: &[Move],
    across: [f64; 2],
    [here, next]: [&BTreeMap<usize, Place>; 2],
    scale: f64,
) {
    let (mut left, mut right): (BTreeMap<usize, f64>, BTreeMap<usize, f64>) =
        (BTreeMap::new(), BTreeMap::new());
    for (option, place) in here {
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
        let (Some(from), Some(to)) = (here.get(&step.from), step.to.and_then(|o| next.get(&o))) else {
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
