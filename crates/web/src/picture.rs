//! The opinion map as a picture: an SVG that stands on a page or alone in a file.
//!
//! The axes are unlabelled on purpose: they are the two directions in which responses differ most, and
//! have no names. Colours are Okabe and Ito's, which colour-blind people keep apart; every group has its
//! own letter and its own mark as well. Geometry is in attributes, so no inline style is needed.

use maud::{Markup, html};
use opinion::Map;
use std::fmt::Write as _;

/// Above this many people, bunches are drawn instead of persons: at about 20 bytes a person the
/// picture stays below 30 kB.
const MOST_DOTS: usize = 1_500;
/// Width and height of the picture in its own units.
const SIZE: (f64, f64) = (640.0, 480.0);
/// Room left at the edges.
const MARGIN: f64 = 34.0;
/// Letters of the groups.
const LETTERS: [&str; 6] = ["A", "B", "C", "D", "E", "F"];
/// Okabe and Ito's colours, by group; style sheets may set others.
const COLOURS: [&str; 6] = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"];
/// Signs for the groups in running text.
const SIGNS: [&str; 6] = ["○", "△", "□", "◇", "✕", "+"];

/// The letter of the group at `index` of a map; after the sixth its number.
pub fn letter(index: usize) -> String {
    LETTERS.get(index).map_or_else(|| (index + 1).to_string(), |letter| (*letter).to_owned())
}

/// The sign of the group at `index` of a map.
pub fn sign(index: usize) -> &'static str {
    SIGNS.get(index).copied().unwrap_or("•")
}

/// The opinion map as a file of its own, on paper of its own colour.
pub fn standalone(map: &Map) -> String {
    svg(map, None, true).into_string()
}

/// The picture's caption: what is drawn, in one or two sentences.
pub fn caption(map: &Map) -> String {
    let drawn = if map.participants.len() > MOST_DOTS {
        "Each mark stands for several participants who respond alike: the larger, the more of them."
    } else {
        "Each mark is one participant; those who responded to few statements are paler."
    };
    format!(
        "{drawn} Near means responding alike. The shaded regions hold the inner four fifths of each group. The \
         directions have no names, and neither has the middle."
    )
}

/// The map in one sentence: how many groups, how many people in each.
pub fn sentence(map: &Map) -> String {
    let people = map.participants.len();
    let placed: u32 = map.groups.iter().map(|group| group.size).sum();
    let groups: Vec<_> = map
        .groups
        .iter()
        .enumerate()
        .map(|(index, group)| format!("group {} with {}", letter(index), group.size))
        .collect();
    let rest = people.saturating_sub(placed as usize);
    let few = match rest {
        0 => String::new(),
        1 => " One responded to too few statements to be placed in a group.".into(),
        _ => format!(" {rest} responded to too few statements to be placed in a group."),
    };
    match groups.len() {
        0 if people == 0 => "Nobody has responded yet.".into(),
        0 => format!(
            "{} responded, too few to find opinion groups.",
            count(people, "participant", "participants")
        ),
        1 => format!("{} form one opinion group.{few}", count(people, "participant", "participants")),
        n => format!("{people} participants form {n} opinion groups: {}.{few}", list(&groups)),
    }
}

/// The opinion map as SVG. `you` is the participant whose position is ringed.
pub fn draw(map: &Map, you: Option<u32>) -> Markup {
    svg(map, you, false)
}

fn svg(map: &Map, you: Option<u32>, paper: bool) -> Markup {
    let view = View::of(map);
    let (width, height) = SIZE;
    html! {
        svg.map xmlns="http://www.w3.org/2000/svg" viewBox={ "0 0 " (width) " " (height) } role="img"
            aria-labelledby="map-title map-desc" {
            title #map-title { "Opinion map" }
            desc #map-desc { (sentence(map)) " " (caption(map)) }
            @if paper { rect width=(width) height=(height) fill="#faf8f4" {} }
            @for index in 0..map.groups.len() { (region(map, &view, index)) }
            @if map.participants.len() > MOST_DOTS { (bunches(map, &view)) } @else { (people(map, &view)) }
            @for (index, group) in map.groups.iter().enumerate() {
                @let (x, y) = view.point(group.x, group.y);
                text.letter x=(round(x)) y=(round(y + 9.0)) text-anchor="middle" font-size="26" font-weight="700"
                    font-family="serif" fill="#1c1b19" stroke="#faf8f4" stroke-width="4" paint-order="stroke" {
                    (letter(index))
                }
            }
            @if let Some(person) = you.and_then(|you| map.participants.iter().find(|p| p.number == you)) {
                (ring(&view, person))
            }
        }
    }
}

/// From the map's numbers to places in the picture, one scale for both directions.
struct View {
    middle: (f64, f64),
    scale: f64,
}

impl View {
    /// Fits all but the outermost hundredth; those are drawn at the edge.
    fn of(map: &Map) -> Self {
        let range = |values: Vec<f64>| {
            let mut values = values;
            values.sort_by(f64::total_cmp);
            let skip = values.len() / 200;
            match (values.get(skip), values.get(values.len().wrapping_sub(1 + skip))) {
                (Some(low), Some(high)) => (*low, *high),
                _ => (0.0, 0.0),
            }
        };
        let (left, right) = range(map.participants.iter().map(|p| p.x).collect());
        let (bottom, top) = range(map.participants.iter().map(|p| p.y).collect());
        let fit =
            |room: f64, span: f64| if span > 0.0 { (room - 2.0 * MARGIN) / span } else { f64::INFINITY };
        let scale = fit(SIZE.0, right - left).min(fit(SIZE.1, top - bottom));
        Self {
            middle: ((left + right) / 2.0, (bottom + top) / 2.0),
            scale: if scale.is_finite() { scale } else { 1.0 },
        }
    }

    fn point(&self, x: f64, y: f64) -> (f64, f64) {
        let edge = MARGIN / 2.0;
        let x = SIZE.0 / 2.0 + (x - self.middle.0) * self.scale;
        let y = SIZE.1 / 2.0 - (y - self.middle.1) * self.scale;
        (x.clamp(edge, SIZE.0 - edge), y.clamp(edge, SIZE.1 - edge))
    }
}

/// The soft region of a group: the hull of the four fifths of its people nearest to its middle.
fn region(map: &Map, view: &View, index: usize) -> Markup {
    let Some(group) = map.groups.get(index) else { return html! {} };
    let mut points: Vec<_> = map
        .participants
        .iter()
        .filter(|person| person.group == Some(group.id))
        .map(|person| {
            let (dx, dy) = (person.x - group.x, person.y - group.y);
            (dx * dx + dy * dy, view.point(person.x, person.y))
        })
        .collect();
    points.sort_by(|a, b| a.0.total_cmp(&b.0));
    points.truncate((points.len() * 4).div_ceil(5));
    let hull = hull(points.into_iter().map(|(_, point)| point).collect());
    let mut path = String::new();
    for (at, (x, y)) in hull.iter().enumerate() {
        let _ = write!(path, "{}{} {}", if at == 0 { "M" } else { "L" }, round(*x), round(*y));
    }
    let colour = colour(index);
    html! {
        g class={ "region g" (index) } opacity="0.16" {
            path d={ (path) "Z" } fill=(colour) stroke=(colour) stroke-width="30" stroke-linejoin="round" {}
        }
    }
}

/// One mark a person: a path for each group and paleness, so that many people stay a small picture.
fn people(map: &Map, view: &View) -> Markup {
    let mut unplaced = String::new();
    let mut placed = vec![(String::new(), String::new()); map.groups.len()];
    for person in &map.participants {
        let (x, y) = view.point(person.x, person.y);
        match person.group.and_then(|id| map.groups.iter().position(|group| group.id == id)) {
            None => mark(&mut unplaced, 0, x, y),
            Some(index) => {
                let Some((firm, pale)) = placed.get_mut(index) else { continue };
                mark(if person.responses < PALE { pale } else { firm }, index, x, y);
            }
        }
    }
    html! {
        (dots("unplaced", 0, "#6f6b64", "0.45", 2.6, &unplaced))
        @for (index, (firm, pale)) in placed.iter().enumerate() {
            @for (path, opacity) in [(pale, "0.35"), (firm, "0.8")] {
                @if !path.is_empty() { (dots(&format!("dots g{index}"), index, colour(index), opacity, DOT, path)) }
            }
        }
    }
}

/// The radius of a person's mark.
const DOT: f64 = 3.6;

/// Many marks as one path. Circles are points of a thick round line, which takes a fifth of the bytes.
fn dots(class: &str, index: usize, colour: &str, opacity: &str, radius: f64, path: &str) -> Markup {
    let round_line = index == 0 || index > 5;
    html! {
        @if round_line {
            path class={ (class) " round" } d=(path) fill="none" stroke=(colour) stroke-opacity=(opacity)
                stroke-width=(round(radius * 2.0)) stroke-linecap="round" {}
        } @else {
            path class=(class) d=(path) fill=(colour) fill-opacity=(opacity) stroke=(colour) stroke-opacity=(opacity) {}
        }
    }
}

/// Below this many responses a person is drawn paler.
const PALE: u32 = 12;

/// One mark a bunch of people, its area in proportion to their number.
fn bunches(map: &Map, view: &View) -> Markup {
    let most = f64::from(map.bases.iter().map(|base| base.size).max().unwrap_or(1).max(1));
    html! {
        @for base in &map.bases {
            @if let Some(index) = map.groups.iter().position(|group| group.id == base.group) {
                @let (x, y) = view.point(base.x, base.y);
                @let radius = (18.0 * (f64::from(base.size) / most).sqrt()).max(2.5);
                circle class={ "dots g" (index) } cx=(round(x)) cy=(round(y)) r=(round(radius)) fill=(colour(index))
                    fill-opacity="0.45" stroke=(colour(index)) stroke-opacity="0.9" {}
                text.in x=(round(x)) y=(round(y + 4.0)) text-anchor="middle" font-size="12" { (sign(index)) }
            }
        }
    }
}

fn ring(view: &View, person: &opinion::Participant) -> Markup {
    let (x, y) = view.point(person.x, person.y);
    // The word stands on the side with room.
    let (at, anchor) = if x > SIZE.0 - 90.0 { (x - 16.0, "end") } else { (x + 16.0, "start") };
    html! {
        g.you {
            circle cx=(round(x)) cy=(round(y)) r="10" fill="none" stroke="#faf8f4" stroke-width="6" {}
            circle cx=(round(x)) cy=(round(y)) r="10" fill="none" stroke="#9b2c1f" stroke-width="3" {}
            circle cx=(round(x)) cy=(round(y)) r="2.5" fill="#9b2c1f" stroke="none" {}
            text x=(round(at)) y=(round(y + 6.0)) text-anchor=(anchor) font-size="18" font-weight="700"
                font-family="sans-serif" fill="#9b2c1f" stroke="#faf8f4" stroke-width="4" paint-order="stroke" { "you" }
        }
    }
}

/// The mark of a group around (x, y): circle, triangle, square, diamond, cross, plus.
fn mark(path: &mut String, index: usize, x: f64, y: f64) {
    // Whole units keep the path short: one of 640 is less than anybody sees.
    let (x, y) = (x.round(), y.round());
    let _ = match index {
        1 => write!(path, "M{x} {}l4.1 7.2h-8.2z", y - 4.0),
        2 => write!(path, "M{} {}h6v6h-6z", x - 3.0, y - 3.0),
        3 => write!(path, "M{x} {}l4 4-4 4-4-4z", y - 4.0),
        4 => write!(path, "M{} {}l6 6m0-6l-6 6", x - 3.0, y - 3.0),
        5 => write!(path, "M{} {y}h8m-4-4v8", x - 4.0),
        _ => write!(path, "M{x} {y}h0"),
    };
}

/// The convex hull by Andrew's monotone chain; up to two points are their own hull.
fn hull(mut points: Vec<(f64, f64)>) -> Vec<(f64, f64)> {
    points.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    points.dedup();
    if points.len() < 3 {
        return points;
    }
    let half = |points: &mut dyn Iterator<Item = (f64, f64)>| {
        let mut chain: Vec<(f64, f64)> = Vec::new();
        for point in points {
            while let [.., a, b] = chain[..] {
                if (b.0 - a.0) * (point.1 - a.1) - (b.1 - a.1) * (point.0 - a.0) > 0.0 {
                    break;
                }
                chain.pop();
            }
            chain.push(point);
        }
        chain.pop();
        chain
    };
    let mut lower = half(&mut points.iter().copied());
    lower.append(&mut half(&mut points.iter().rev().copied()));
    lower
}

fn colour(index: usize) -> &'static str {
    COLOURS.get(index).copied().unwrap_or("#6f6b64")
}

/// One decimal, without a trailing zero.
fn round(value: f64) -> Tenths {
    Tenths((value * 10.0).round() as i64)
}

#[derive(Clone, Copy)]
struct Tenths(i64);

impl std::fmt::Display for Tenths {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let (whole, tenth) = (self.0.unsigned_abs() / 10, self.0.unsigned_abs() % 10);
        if tenth == 0 { write!(f, "{sign}{whole}") } else { write!(f, "{sign}{whole}.{tenth}") }
    }
}

impl maud::Render for Tenths {
    fn render_to(&self, buffer: &mut String) {
        let _ = write!(buffer, "{self}");
    }
}

fn count(n: usize, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

/// "a, b and c".
fn list(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}
