//! Where I stand: a sentence first, the map second, a table third.

use super::findings::{name, quoted};
use super::pieces::{Tone, count, notice, provenance_short, question_head, trio};
use super::question::as_of;
use super::shell::{Frame, Script, page};
use crate::maps::Computed;
use crate::picture::{self, You, letter};
use crate::standing::{FEW, Nearness, Standing};
use assembly::Question;
use maud::{Markup, html};

/// How many differences are named for each group.
const DIFFERENCES: usize = 3;

/// The page of where somebody stands; `standing` is theirs, if they take part.
pub(crate) fn stand(
    frame: &Frame<'_>,
    question: &Question,
    computed: &Computed,
    standing: Option<&Standing>,
) -> Markup {
    let base = frame.question(question.id());
    let content = html! {
        (question_head(frame, question))
        h1.small { "Where you stand" }
        (provenance_short(question))
        @match standing.filter(|standing| standing.responses > 0) {
            None => (notice(Tone::Note, &html! { "You have not responded to anything yet, so you stand nowhere. Respond to a few statements first." })),
            Some(standing) => {
                (trio(
                    &sentence(computed, question, standing),
                    &picture::draw(&computed.map, you(standing)),
                    &html! {
                        @if standing.position.is_some() {
                            "The ring is you; the dashed shape around it is where you stand with nine chances in ten, and it shrinks with every answer. "
                        }
                        (picture::caption(&computed.map))
                    },
                    &table(&base, question, standing, computed),
                ))
                (as_of(computed, question, frame))
            }
        }
        p.go { a.button href={ (base) "/respond" } { "Go on responding" } }
        p.stop {
            a href={ (base) "/map" } { "All opinion groups" } " · "
            a href={ "/" (frame.place.map_or("", |place| place.slug)) "/me" } { "Your answers" } " · "
            a href={ (base) "/stand.json" } { "This as data" } " · "
            a href=(base) { "Back to the question" }
        }
    };
    page(frame, "Where you stand", Script::None, &content)
}

fn you(standing: &Standing) -> Option<You> {
    Some(You { position: standing.position?, uncertainty: standing.uncertainty? })
}

/// "You stand in group B with 41 people; you differ on …".
fn sentence(computed: &Computed, question: &Question, standing: &Standing) -> Markup {
    let map = &computed.map;
    if standing.responses < FEW {
        return html! {
            "It is too early to say: respond to " (count((FEW - standing.responses) as u64, "more statement", "more statements"))
            ", and you will see where you stand."
        };
    }
    if map.groups.is_empty() {
        return html! { "There are no distinct opinion groups here. You" (compared(question, &standing.everybody, "of most people")) };
    }
    let people = |group: usize| {
        map.groups
            .get(group)
            .map_or_else(String::new, |group| count(u64::from(group.size), "participant", "participants"))
    };
    let near = |group: usize| standing.groups.get(group);
    match (standing.group, &standing.likely()[..]) {
        (Some(group), _) => html! {
            "You stand in group " (letter(group)) ", " (people(group)) ": you"
            @if let Some(near) = near(group) { (compared(question, near, "of most there")) }
        },
        (None, [(group, chance)]) => html! {
            "You are close to group " (letter(*group)) ", " (people(*group)) " (" (likelihood(*chance)) "): you"
            @if let Some(near) = near(*group) { (compared(question, near, "of most there")) }
        },
        (None, likely) => html! {
            "You stand between groups "
            @for (place, (group, chance)) in likely.iter().enumerate() {
                @if place > 0 { (if place + 1 == likely.len() { " and " } else { ", " }) }
                (letter(*group)) " (" (likelihood(*chance)) ")"
            }
            ". Whoever stands between groups counts like everybody else; with more answers it may get clearer."
        },
    }
}

fn likelihood(chance: f32) -> String {
    format!("{:.0} %", (chance * 100.0).round())
}

/// "take the side of most there on 4 of 5; you differ on “…”".
fn compared(question: &Question, near: &Nearness, whose: &str) -> Markup {
    html! {
        @if near.compared == 0 { " have not taken a side yet on anything that they did." }
        @else {
            " take the side " (whose) " on " (near.alike) " of " (near.compared)
            @match near.differ.first() {
                Some(first) => { "; you differ on “" (quoted(question, first.0)) "”" },
                None => ".",
            }
        }
    }
}

fn table(base: &str, question: &Question, standing: &Standing, computed: &Computed) -> Markup {
    let chances = standing.memberships.iter().copied().map(Some).chain(std::iter::repeat(None));
    html! {
        table {
            caption { "You and the others" }
            thead { tr {
                th scope="col" { "Group" }
                th.num scope="col" { "Participants" }
                @if !computed.map.groups.is_empty() { th.num scope="col" { "Likely yours" } }
                th.num scope="col" { "Same side" }
                th scope="col" { "You differ on" }
            } }
            tbody {
                @for ((index, (near, group)), chance) in standing.groups.iter().zip(&computed.map.groups).enumerate().zip(chances) {
                    tr {
                        th scope="row" { (name(index)) @if standing.group == Some(index) { " (yours)" } }
                        td.num { (group.size) }
                        td.num { (chance.map_or_else(|| "–".to_owned(), likelihood)) }
                        (against(base, question, near))
                    }
                }
                tr {
                    th scope="row" { "everybody" }
                    td.num { (computed.map.participants.len()) }
                    @if !computed.map.groups.is_empty() { td.num { "–" } }
                    (against(base, question, &standing.everybody))
                }
            }
        }
    }
}

fn against(base: &str, question: &Question, near: &Nearness) -> Markup {
    html! {
        td.num { @if near.compared == 0 { "–" } @else { (near.alike) " of " (near.compared) } }
        td { (differences(base, question, near)) }
    }
}

fn differences(base: &str, question: &Question, near: &Nearness) -> Markup {
    html! {
        @if near.differ.is_empty() { "nothing so far" }
        @else {
            ul.plain {
                @for no in near.differ.iter().take(DIFFERENCES) {
                    li { a href={ (base) "/s/" (no) } { (quoted(question, no.0)) } }
                }
            }
            @let more = near.differ.len().saturating_sub(DIFFERENCES);
            @if more > 0 { span.quiet { "and " (more) " more" } }
        }
    }
}
