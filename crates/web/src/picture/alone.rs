//! The picture as a file: what a page says around it stands in it, as title and legend.

use super::words::count;
use super::{DARK, NOBODY, SIZE, caption, class, colour, drawing, letter, mark, round, sentence};
use maud::{Markup, PreEscaped, html};
use opinion::Map;
use opinion::report::{Outside, too_few_for_groups};

/// Characters that surely fit into a line of the title.
const LINE: usize = 52;
/// Lines of the title, at most.
const LINES: usize = 4;
/// Heights of a line of the title and of the legend.
const TITLE: f64 = 27.0;
const ROW: f64 = 24.0;
/// Room above and below the words.
const GAP: f64 = 12.0;

/// A sheet with the question (none if empty), the picture, and what the marks mean.
pub(super) fn sheet(map: &Map, question: &str) -> Markup {
    let title = lines(question);
    let rows = legend(map);
    let top = if title.is_empty() { 0.0 } else { GAP + TITLE * title.len() as f64 };
    let (width, below) = (SIZE.0, top + SIZE.1);
    let height = below + ROW * rows.len() as f64 + GAP;
    let name =
        if question.is_empty() { "Opinion map".to_owned() } else { format!("Opinion map: {question}") };
    html! {
        svg.map xmlns="http://www.w3.org/2000/svg" viewBox={ "0 0 " (width) " " (round(height)) } role="img"
            aria-labelledby="map-title map-desc" {
            title #map-title { (name) }
            desc #map-desc { (sentence(map)) " " (caption(map)) }
            style { (PreEscaped(DARK)) }
            rect.paper width=(width) height=(round(height)) fill="#faf8f4" {}
            // In the middle, lines stand well in either direction of writing.
            @for (at, line) in title.iter().enumerate() {
                text.words x=(round(width / 2.0)) y=(round(GAP + TITLE * (at as f64 + 0.75))) text-anchor="middle" font-size="21"
                    font-weight="600" font-family="serif" fill="#1c1b19" { (line) }
            }
            g transform={ "translate(0 " (round(top)) ")" } { (drawing(map, None)) }
            @for (at, (group, words)) in rows.iter().enumerate() {
                @let middle = below + ROW * (at as f64 + 0.5);
                @let index = group.unwrap_or(NOBODY);
                @let lines = matches!(index, 4 | 5);
                g class=(class(*group)) fill=(if lines { "none" } else { colour(index) }) stroke=[lines.then(|| colour(index))] stroke-width="2" {
                    path d=(mark(index, 5.0, 28.0, middle)) {}
                }
                text.words x="46" y=(round(middle + 5.0)) font-size="16" font-family="sans-serif" fill="#1c1b19" { (words) }
            }
        }
    }
}

/// What each mark means: of which group, and of how many.
fn legend(map: &Map) -> Vec<(Option<usize>, String)> {
    let people = |n: usize| count(n, "participant", "participants");
    let mut rows: Vec<(Option<usize>, String)> = (map.groups.iter().enumerate())
        .map(|(index, group)| {
            (Some(index), format!("Opinion group {}: {}", letter(index), people(group.size as usize)))
        })
        .collect();
    let all = map.participants.len();
    if map.groups.is_empty() {
        let why =
            if too_few_for_groups(map) { "too few responses to tell" } else { "no distinct opinion groups" };
        rows.extend((all > 0).then(|| (None, format!("{}: {why}", people(all)))));
        return rows;
    }
    let Outside { between, untold } = Outside::of(map);
    rows.extend((between > 0).then(|| (None, format!("between groups: {}", people(between)))));
    rows.extend((untold > 0).then(|| (None, format!("responded to too little to tell: {}", people(untold)))));
    rows
}

/// A text in lines that fit, cut off where there are too many.
fn lines(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= LINE => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.chars().take(LINE).collect()),
        }
    }
    if lines.len() > LINES {
        lines.truncate(LINES);
        lines.iter_mut().skip(LINES - 1).for_each(|last| last.push('…'));
    }
    lines
}
