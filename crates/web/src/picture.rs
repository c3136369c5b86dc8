//! The opinion map as a picture: an SVG that stands on a page or alone in a file.
//!
//! The axes are unlabelled on purpose: they are the two directions in which responses differ most, and
//! have no names. Colours are Okabe and Ito's, which colour-blind people keep apart; every group has its
//! own letter and its own mark as well. Geometry is in attributes, so no inline style is needed.

mod alone;
mod region;
mod words;

pub use words::{caption, number, sentence};

use maud::{Markup, html};
use opinion::Map;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// Above this many people, a mark stands for several: at about 15 to 30 bytes a mark the picture stays below
/// 50 kB.
const MOST_DOTS: usize = 1_500;
/// Width and height of the picture in its own units.
const SIZE: (f64, f64) = (640.0, 480.0);
/// Room left at the edges.
const MARGIN: f64 = 34.0;
/// Letters of the groups.
const LETTERS: [&str; 6] = ["A", "B", "C", "D", "E", "F"];
/// Okabe and Ito's colours, by group; style sheets may set others.
const COLOURS: [&str; 6] = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"];
/// What makes the picture dark where the screen is: the only thing that attributes cannot say. The colours are those of
/// the pages' style sheet. It is the same for every map, so that the server can allow this style and no other.
const DARK: &str = "@media (prefers-color-scheme: dark) {\
    .map { background: #161513 } .paper { fill: #161513 } .words { fill: #ece8e1 } .letter { fill: #ece8e1; stroke: #161513 } .none, .none path { fill: #aca598 } \
    .g0, .g0 path { fill: #5fb4e8 } .g1, .g1 path { fill: #f08b45 } .g2, .g2 path { fill: #3cc79d } .g3, .g3 path { fill: #e19cc4 } \
    .region.g4 path { fill: #e9b44a } .region.g5 path { fill: #8ccbf0 } .dots.g4 { stroke: #e9b44a } .dots.g5 { stroke: #8ccbf0 } }";
/// What a picture that stands alone may do: show itself, in this style (its SHA-256).
pub(crate) const POLICY: &str = "default-src 'none'; style-src 'sha256-lo/hKFixzZFq2ARCdj6eYqC9aKtgt95TqC6L9H9yxSs='; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
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

/// The opinion map as a file of its own, on paper of its own colour, with what a page would say around it.
pub fn standalone(map: &Map) -> String {
    of_question(map, "")
}

/// The same, under the question it is of.
pub fn of_question(map: &Map, question: &str) -> String {
    alone::sheet(map, question).into_string()
}

/// Where the person who looks at the map stands on it.
#[derive(Clone, Copy)]
pub struct You {
    /// On the map.
    pub position: [f64; 2],
    /// How surely: variance along x, covariance, variance along y.
    pub uncertainty: [f64; 3],
}

/// The opinion map as SVG. Around `you` there is a ring.
pub fn draw(map: &Map, you: Option<You>) -> Markup {
    let (width, height) = SIZE;
    html! {
        svg.map xmlns="http://www.w3.org/2000/svg" viewBox={ "0 0 " (width) " " (height) } role="img"
            aria-labelledby="map-title map-desc" {
            title #map-title { "Opinion map" }
            desc #map-desc { (sentence(map)) " " (caption(map)) }
            (drawing(map, you))
        }
    }
}

/// What is in the picture.
fn drawing(map: &Map, you: Option<You>) -> Markup {
    let view = View::of(map);
    html! {
        @if map.groups.is_empty() { (region(map, &view, None)) }
        @for index in 0..map.groups.len() { (region(map, &view, Some(index))) }
        (people(map, &view))
        @for index in 0..map.groups.len() {
            @let (x, y) = letter_at(map, &view, index);
            text.letter x=(round(x)) y=(round(y + 9.0)) text-anchor="middle" font-size="26" font-weight="700"
                font-family="serif" fill="#1c1b19" stroke="#faf8f4" stroke-width="4" paint-order="stroke" {
                (letter(index))
            }
        }
        @if let Some(you) = you { (you_are(&view, you)) }
    }
}

/// Where the letter of the group at `index` stands: in its midst; where that is where most of its people are, above them,
/// so that they can be seen.
fn letter_at(map: &Map, view: &View, index: usize) -> (f64, f64) {
    /// How far a letter reaches, and how far it moves.
    const REACH: f64 = 14.0;
    const AWAY: f64 = 26.0;
    let Some(group) = map.groups.get(index) else { return (0.0, 0.0) };
    let (x, y) = view.point(group.x, group.y);
    let under = map.participants.iter().filter(|person| person.group == Some(group.id)).filter(|person| {
        let place = view.point(person.x, person.y);
        (place.0 - x).hypot(place.1 - y) < REACH
    });
    match 2 * under.count() > group.size as usize {
        false => (x, y),
        true if y < 2.0 * AWAY => (x, y + AWAY),
        true => (x, y - AWAY),
    }
}

/// The soft region of a group, or of everybody: the shapes that hold half, and four fifths, of its people.
fn region(map: &Map, view: &View, index: Option<usize>) -> Markup {
    let group = index.and_then(|index| map.groups.get(index)).map(|group| group.id);
    let members = map.participants.iter().filter(|person| person.group == group);
    let points: Vec<(f64, f64)> = members.map(|person| view.point(person.x, person.y)).collect();
    let colour = colour(index.unwrap_or(NOBODY));
    let class = index.map_or_else(|| "region none".to_owned(), |index| format!("region g{index}"));
    html! {
        // Of each shape by itself: of both together, the one within the other would not be seen.
        g class=(class) fill-opacity="0.12" {
            @for path in region::outlines(&points, SIZE, [0.8, 0.5]) { path d=(path) fill=(colour) {} }
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

/// The marks: one for each person or, of many people, one for each place and group.
fn people(map: &Map, view: &View) -> Markup {
    let many = map.participants.len() > MOST_DOTS;
    let places = places(map, view, many);
    let most = places.iter().map(|place| place.people).max().unwrap_or(1);
    // People in no group first, so that they hide nobody; within a group, paler ones first.
    let mut layers: BTreeMap<(Option<usize>, bool), Vec<Place>> = BTreeMap::new();
    for place in places {
        layers.entry((place.group, !place.pale)).or_default().push(place);
    }
    let reach = dot(map.participants.len());
    html! {
        @for ((group, firm), places) in &layers {
            @let index = group.unwrap_or(NOBODY);
            // Where there are groups, people in none stand back.
            @let opacity = match (group, firm) {
                (None, _) if !map.groups.is_empty() => "0.4",
                (_, true) => "0.7",
                (_, false) => "0.3",
            };
            @let lines = matches!(index, 4 | 5);
            g class=(class(*group)) fill=(if lines { "none" } else { colour(index) }) fill-opacity=(opacity)
                stroke=[lines.then(|| colour(index))] stroke-opacity=(opacity) stroke-width="2" {
                @if many {
                    path d=(places.iter().map(|place| sized(index, most, place)).collect::<String>()) {}
                } @else {
                    // Marks of one path do not touch: where marks lie over each other, it is darker.
                    @for places in apart(places, 3.0 * reach) {
                        path d=(places.iter().map(|place| mark(index, reach, place.x.round(), place.y.round())).collect::<String>()) {}
                    }
                }
            }
        }
    }
}

/// So many marks over each other are as dark as they get: 1 − 0.7¹² is 0.986.
const MOST_HANDS: usize = 12;

/// Places that are drawn as one path, and the cells they lie in.
#[derive(Default)]
struct Hand {
    taken: BTreeSet<(i64, i64)>,
    places: Vec<Place>,
}

/// Deals places out so that no two of a hand are nearer than `width` to each other, as far as that can be seen.
fn apart(places: &[Place], width: f64) -> Vec<Vec<Place>> {
    let mut hands: Vec<Hand> = Vec::new();
    for place in places {
        let cell = ((place.x / width).floor() as i64, (place.y / width).floor() as i64);
        let near =
            |hand: &Hand| (-1..=1).any(|x| (-1..=1).any(|y| hand.taken.contains(&(cell.0 + x, cell.1 + y))));
        let free = hands.iter().position(|hand| !near(hand));
        let at = free.unwrap_or(hands.len().min(MOST_HANDS - 1));
        if at == hands.len() {
            hands.push(Hand::default());
        }
        if let Some(hand) = hands.get_mut(at) {
            hand.taken.insert(cell);
            hand.places.push(*place);
        }
    }
    hands.into_iter().map(|hand| hand.places).collect()
}

fn class(group: Option<usize>) -> String {
    match group {
        None => "dots none".to_owned(),
        Some(index @ (4 | 5)) => format!("dots lines g{index}"),
        Some(index) => format!("dots g{index}"),
    }
}

/// The mark of a place: its area stands for the number of people.
fn sized(index: usize, most: u32, place: &Place) -> String {
    let share = f64::from(place.people) / f64::from(most.max(1));
    mark(index, (LARGEST * share.sqrt()).max(SMALLEST), place.x, place.y)
}

/// The reach of a person's mark: the more there are, the smaller.
fn dot(people: usize) -> f64 {
    match people {
        ..600 => 3.4,
        600..1_500 => 2.6,
        _ => 2.0,
    }
}

/// The reach of the mark of many: the largest and the smallest.
const LARGEST: f64 = 6.5;
const SMALLEST: f64 = 0.9;
/// In place of a group's index: people who are in none.
const NOBODY: usize = 6;

/// Where marks stand: how wide a place for several people is.
const PLACE: f64 = 12.0;

/// What a mark stands for.
#[derive(Clone, Copy)]
struct Place {
    x: f64,
    y: f64,
    group: Option<usize>,
    /// They responded to few statements.
    pale: bool,
    people: u32,
}

fn places(map: &Map, view: &View, many: bool) -> Vec<Place> {
    let all = map.participants.iter().map(|person| {
        let (x, y) = view.point(person.x, person.y);
        let group = person.group.and_then(|id| map.groups.iter().position(|group| group.id == id));
        Place { x, y, group, pale: person.responses < PALE, people: 1 }
    });
    if !many {
        return all.collect();
    }
    // The mark stands where its people are in the mean, so that no grid shows.
    let mut gathered: BTreeMap<(i64, i64, Option<usize>), Place> = BTreeMap::new();
    for place in all {
        let cell = |at: f64| (at / PLACE).floor() as i64;
        let key = (cell(place.y), cell(place.x), place.group);
        let sum = gathered.entry(key).or_insert(Place { x: 0.0, y: 0.0, people: 0, pale: false, ..place });
        (sum.x, sum.y, sum.people) = (sum.x + place.x, sum.y + place.y, sum.people + 1);
    }
    let mean = |sum: f64, people: u32| sum / f64::from(people.max(1));
    gathered
        .into_values()
        .map(|sum| Place { x: mean(sum.x, sum.people), y: mean(sum.y, sum.people), ..sum })
        .collect()
}

/// Below this many responses a person is drawn paler.
const PALE: u32 = 12;

/// The person's own place: a ring with "you", and around it where they stand with nine chances in ten.
fn you_are(view: &View, you: You) -> Markup {
    let (x, y) = view.point(you.position[0], you.position[1]);
    // The word stands on the side with room.
    let (at, anchor) = if x > SIZE.0 - 110.0 { (x - 16.0, "end") } else { (x + 16.0, "start") };
    html! {
        g.you {
            @let (long, short, turn) = ellipse(you.uncertainty, view.scale);
            ellipse.unsure cx=(round(x)) cy=(round(y)) rx=(round(long)) ry=(round(short))
                transform={ "rotate(" (round(turn)) " " (round(x)) " " (round(y)) ")" } fill="#9b2c1f" fill-opacity="0.07"
                stroke="#9b2c1f" stroke-width="1.5" stroke-dasharray="5 4" {}
            circle.halo cx=(round(x)) cy=(round(y)) r="10" fill="none" stroke="#faf8f4" stroke-width="6" {}
            circle.ring cx=(round(x)) cy=(round(y)) r="10" fill="none" stroke="#9b2c1f" stroke-width="3" {}
            circle.point cx=(round(x)) cy=(round(y)) r="2.5" fill="#9b2c1f" {}
            text x=(round(at)) y=(round(y + 6.0)) text-anchor=(anchor) font-size="20" font-weight="700"
                font-family="sans-serif" fill="#9b2c1f" stroke="#faf8f4" stroke-width="4" paint-order="stroke" { "you" }
        }
    }
}

/// The ellipse that holds 90 % of where somebody may stand: its half axes in the picture's units, and how far it
/// is turned, in degrees, clockwise.
fn ellipse([xx, xy, yy]: [f64; 3], scale: f64) -> (f64, f64, f64) {
    /// √ of the 90 % point of χ² with two degrees of freedom.
    const REACH: f64 = 2.146;
    let middle = (xx + yy) / 2.0;
    let apart = ((xx - yy) / 2.0).hypot(xy);
    let half = |variance: f64| REACH * variance.max(0.0).sqrt() * scale;
    // The picture's y grows downwards.
    let turn = -(2.0 * xy).atan2(xx - yy).to_degrees() / 2.0;
    (half(middle + apart), half(middle - apart), turn)
}

/// The mark of a group around (x, y), as a path: circle, triangle, square, diamond, cross, plus; for nobody's, a
/// smaller circle. `r` is the radius of the circle; the others have about its area.
fn mark(index: usize, r: f64, x: f64, y: f64) -> String {
    let t = |part: f64| round(r * part);
    let (left, up) = (|part: f64| round(x - r * part), |part: f64| round(y - r * part));
    match index {
        1 => format!("M{} {}l{} {}h{}z", left(0.0), up(1.25), t(1.2), t(2.1), t(-2.4)),
        2 => format!("M{} {}h{}v{}h{}z", left(0.88), up(0.88), t(1.76), t(1.76), t(-1.76)),
        3 => format!(
            "M{} {}l{} {} {} {} {} {}z",
            left(0.0),
            up(1.25),
            t(1.25),
            t(1.25),
            t(-1.25),
            t(1.25),
            t(-1.25),
            t(-1.25)
        ),
        4 => format!("M{} {}l{} {}m0 {}l{} {}", left(0.9), up(0.9), t(1.8), t(1.8), t(-1.8), t(-1.8), t(1.8)),
        5 => format!("M{} {}h{}m{} {}v{}", left(1.1), up(0.0), t(2.2), t(-1.1), t(-1.1), t(2.2)),
        _ => {
            // An arc that ends beside its beginning: all of the circle but what nobody sees, in few bytes.
            let part = if index == NOBODY { 0.8 } else { 1.0 };
            format!("M{} {}a{r} {r} 0 1 0 .1 0", left(0.0), up(part), r = t(part))
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine as _;
    use sha2::{Digest as _, Sha256};

    #[test]
    fn a_picture_alone_is_dark_where_the_screen_is_and_may_be() {
        let hash = base64::engine::general_purpose::STANDARD.encode(Sha256::digest(DARK));
        assert!(POLICY.contains(&format!("style-src 'sha256-{hash}';")), "{hash}");
        let sheet = include_str!("../assets/style.css");
        let (_, dark) = sheet.split_once("prefers-color-scheme: dark").unwrap();
        let (dark, _) = dark.split_once("\n}\n").unwrap();
        for colour in DARK.split('#').skip(1).filter_map(|rest| rest.get(..6)) {
            assert!(dark.contains(colour), "#{colour} is on no dark page");
        }
    }
}
