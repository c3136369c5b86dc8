//! Bars with the number an option needs.

use super::text::short;
use super::{Picture, Table, apart, escape, open, options_drawn};
use crate::outcome::{Outcome, Status};
use crate::sentence::Words;

const WIDTH: f64 = 400.0;
/// The longest bar. Beside it stand the numbers, where no line crosses them.
const LONGEST: f64 = 316.0;
const ROW: f64 = 40.0;

/// Options drawn; the table has all.
const MOST_BARS: usize = 40;

/// One round as bars, most votes first.
pub(super) fn picture(outcome: &Outcome, names: &[String], words: &Words, round: usize) -> Option<Picture> {
    let shown = outcome.rounds.get(round)?;
    let mut tallies: Vec<_> = shown.tallies.iter().collect();
    tallies.sort_by(|a, b| b.votes.cmp(&a.votes).then(a.option.cmp(&b.option)));
    let name = |o: usize| names.get(o).map_or("?", String::as_str);
    let needed = shown.threshold.as_ref().filter(|t| !t.is_zero());
    let largest = tallies
        .iter()
        .map(|t| t.votes.to_f64())
        .chain(needed.map(crate::Number::to_f64))
        .fold(0.0, f64::max)
        .max(f64::MIN_POSITIVE);
    let drawn = tallies.len().min(MOST_BARS);
    let height = drawn as f64 * ROW + 34.0;
    let set_apart: Vec<String> = names.iter().map(|name| apart(name)).collect();
    let title = words.say(&shown.title, &set_apart);
    let mut svg = open(WIDTH, height, &title);
    for (i, tally) in tallies.iter().take(MOST_BARS).enumerate() {
        let y = 8.0 + i as f64 * ROW;
        let long = (tally.votes.to_f64().max(0.0) / largest * LONGEST).max(1.0);
        let won = shown.elected.contains(&tally.option) || tally.status == Status::Elected;
        let (mark, opacity) = if won { ("✓ ", 0.85) } else { ("", 0.35) };
        svg.push_str(&format!(
            "<text x=\"2\" y=\"{:.1}\">{mark}{}</text><text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>\
             <rect x=\"2\" y=\"{:.1}\" width=\"{long:.1}\" height=\"10\" fill-opacity=\"{opacity}\"/>",
            y + 12.0,
            short(name(tally.option), 34),
            WIDTH - 2.0,
            y + 12.0,
            escape(&tally.votes.plain(2)),
            y + 17.0,
        ));
    }
    if let Some(needed) = needed {
        let x = 2.0 + needed.to_f64() / largest * LONGEST;
        let anchor = if x > LONGEST / 2.0 { "end" } else { "start" };
        svg.push_str(&format!(
            "<line x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"4\" y2=\"{:.1}\" stroke=\"currentColor\" stroke-dasharray=\"4 3\"/>\
             <text x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"{anchor}\">{} {}</text>",
            height - 22.0,
            height - 6.0,
            escape(&needed.plain(2)),
            escape(&words.text("picture.needed")),
        ));
    }
    svg.push_str("</svg>");
    let mut rows: Vec<Vec<String>> = tallies
        .iter()
        .map(|t| {
            let won = outcome.winners.contains(&t.option);
            vec![
                name(t.option).to_owned(),
                t.votes.plain(5),
                words.text(if won { "picture.elected" } else { "picture.not_elected" }),
            ]
        })
        .collect();
    rows.extend(needed.map(|needed| vec![words.text("picture.threshold"), needed.plain(5), String::new()]));
    let head = ["picture.option", "picture.votes", "picture.result"].map(|k| words.text(k)).to_vec();
    let key = options_drawn(drawn, tallies.len(), words);
    Some(Picture { caption: title, svg, key, tables: vec![Table { head, rows }] })
}

/// The order in which a committee was elected.
pub(super) fn order(outcome: &Outcome, names: &[String], words: &Words) -> Option<Picture> {
    let name = |o: usize| names.get(o).map_or("?", String::as_str);
    let mut svg = open(WIDTH, outcome.winners.len() as f64 * 24.0 + 12.0, &words.text("picture.order"));
    let mut rows = vec![];
    for (i, winner) in outcome.winners.iter().enumerate() {
        let value =
            outcome.rounds.get(i).and_then(|r| r.tally(*winner)).map_or(String::new(), |t| t.votes.plain(4));
        let y = 20.0 + i as f64 * 24.0;
        svg.push_str(&format!(
            "<text x=\"24\" y=\"{y:.0}\" text-anchor=\"end\">{}.</text><text x=\"32\" y=\"{y:.0}\">{}</text>\
             <text x=\"{:.0}\" y=\"{y:.0}\" text-anchor=\"end\">{}</text>",
            i + 1,
            short(name(*winner), 32),
            WIDTH - 2.0,
            escape(&value),
        ));
        rows.push(vec![name(*winner).to_owned(), (i + 1).to_string(), value]);
    }
    svg.push_str("</svg>");
    let head = ["picture.option", "picture.place", "picture.value"].map(|k| words.text(k)).to_vec();
    Some(Picture { caption: words.text("picture.order"), svg, key: None, tables: vec![Table { head, rows }] })
}
