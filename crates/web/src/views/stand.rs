//! Where I stand: a sentence first, the map second, a table third.

use super::map::{name, quoted};
use super::pieces::{Tone, count, notice, provenance_short, question_head, trio};
use super::question::as_of;
use super::shell::{Frame, Script, page};
use crate::maps::Computed;
use crate::picture::{self, letter};
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
                    &picture::draw(&computed.map, Some(standing.participant.0)),
                    &html! { "The ring is you. " (picture::caption(&computed.map)) },
                    &table(&base, question, standing, computed),
                ))
                (as_of(computed, frame))
            }
        }
        p.go { a.button href={ (base) "/respond" } { "Go on responding" } }
        p.stop {
            a href={ (base) "/map" } { "All opinion groups" } " · "
            a href={ "/" (frame.place.map_or("", |place| place.slug)) "/me" } { "Your answers" } " · "
            a href=(base) { "Back to the question" }
        }
    };
    page(frame, "Where you stand", Script::None, &content)
}

/// "You stand in group B with 41 people; you differ on …".
fn sentence(computed: &Computed, question: &Question, standing: &Standing) -> Markup {
    let map = &computed.map;
    if map.groups.len() < 2 {
        return html! { "There are no distinct opinion groups yet. Your responses count all the same." };
    }
    let Some(home) = standing.home() else {
        let missing = (FEW as usize).saturating_sub(standing.responses).max(1);
        return html! {
            "It is too early to say: take a side on about " (missing) " more, and you will see which group you are close to."
        };
    };
    let size = map.groups.get(home).map_or(0, |group| group.size);
    let near = standing.groups.get(home);
    html! {
        @if standing.group == Some(home) { "You stand in group " } @else { "You are close to group " }
        (letter(home)) ", " (count(u64::from(size), "participant", "participants"))
        @if let Some(near) = near.filter(|near| near.compared > 0) {
            ": you take the side of most there on " (near.alike) " of " (near.compared)
            @match near.differ.first() {
                Some(first) => { "; you differ on “" (quoted(question, first.0)) "”" },
                None => ".",
            }
        } @else { "." }
    }
}

fn table(base: &str, question: &Question, standing: &Standing, computed: &Computed) -> Markup {
    html! {
        table {
            caption { "You and each opinion group" }
            thead { tr {
                th scope="col" { "Group" }
                th.num scope="col" { "Participants" }
                th.num scope="col" { "Same side" }
                th scope="col" { "You differ on" }
            } }
            tbody {
                @for (index, (near, group)) in standing.groups.iter().zip(&computed.map.groups).enumerate() {
                    tr {
                        th scope="row" { (name(index)) @if standing.group == Some(index) { " (yours)" } }
                        td.num { (group.size) }
                        td.num { @if near.compared == 0 { "–" } @else { (near.alike) " of " (near.compared) } }
                        td { (differences(base, question, near)) }
                    }
                }
            }
        }
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
