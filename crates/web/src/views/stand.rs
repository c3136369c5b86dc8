//! Where I stand: a sentence first, the map second, a table third.

use super::findings::{name, quoted};
use super::pieces::{Tone, closing, count, notice, provenance_short, question_head, trio, ways};
use super::question::as_of;
use super::shell::{Frame, Script, page};
use crate::maps::Computed;
use crate::picture::{self, You, letter};
use crate::standing::{Nearness, Standing};
use assembly::Question;
use maud::{Markup, html};
use opinion::report::{per_cent, too_few_for_groups};

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
                        @if you(standing).is_some() {
                            "The ring is you; the dashed shape around it is where you stand with nine chances in ten, and it shrinks with every answer. "
                        }
                        (picture::caption(&computed.map))
                    },
                    &table(&base, question, standing, computed),
                ))
                p.quiet {
                    "Same side: on how many statements you take the side that more people there take. Only those count where you took a side "
                    "and they are not split evenly; passes are left out."
                }
                (as_of(computed, question, frame))
            }
        }
        p.go { a.button href={ (base) "/respond" } { "Go on responding" } }
        (ways(&[
            (format!("{base}/map"), "All opinion groups"),
            (format!("{base}/summary"), "The report"),
            (format!("/{}/me", frame.place.map_or("", |place| place.slug)), "Your answers"),
            (format!("{base}/stand.json"), "This as data"),
            (base, "Back to the question"),
        ]))
    };
    page(frame, "Where you stand", Script::None, &content)
}

/// No ring for whoever took no side: they would see it in the midst of a group.
fn you(standing: &Standing) -> Option<You> {
    if standing.sides == 0 {
        return None;
    }
    Some(You { position: standing.position?, uncertainty: standing.uncertainty? })
}

/// "Most likely you stand with group B (93 %), 41 participants. On 4 of 5 statements …".
fn sentence(computed: &Computed, question: &Question, standing: &Standing) -> Markup {
    let map = &computed.map;
    if let Some(more) = standing.too_early() {
        return html! {
            "You have said too little yet to tell where you stand: agree or disagree with "
            (count(more as u64, "more statement", "more statements"))
            ". You may pass as often as you like, but a pass says nothing about that."
        };
    }
    if map.groups.is_empty() {
        return html! {
            @if too_few_for_groups(map) { "There are too few responses to tell whether there are opinion groups. " }
            @else { "No division into opinion groups is sure enough to be shown here. " }
            (compared(question, &standing.everybody, ""))
        };
    }
    if let Some([first, second]) = standing.too_close() {
        return html! {
            "It is too close to tell whether you stand with group " (letter(first)) " or with group " (letter(second)) ". "
            @match (standing.groups.get(first), standing.groups.get(second)) {
                (Some(here), Some(there)) if here.compared > 0 && there.compared > 0 => {
                    "You take the side that more people take on " (here.alike) " of " (count(u64::from(here.compared), "statement", "statements"))
                    " in group " (letter(first)) ", and on " (there.alike) " of " (there.compared) " in group " (letter(second)) "."
                },
                _ => "With more answers it may get clearer.",
            }
        };
    }
    let group = |index: usize, chance: f32| {
        let people = map.groups.get(index).map_or(0, |group| group.size);
        html! { "group " (letter(index)) " (" (likelihood(chance)) "), " (count(u64::from(people), "participant", "participants")) ". " }
    };
    let near = |index: usize| html! { @if let Some(near) = standing.groups.get(index) { (compared(question, near, " there")) } };
    match (standing.group, &standing.likely()[..]) {
        (Some(_), [(index, chance), ..]) => {
            html! { "Most likely you stand with " (group(*index, *chance)) (near(*index)) }
        }
        (None, [(index, chance)]) => {
            html! { "You are closest to " (group(*index, *chance)) (near(*index)) }
        }
        (_, likely) => html! {
            "You stand between groups "
            @for (place, (group, chance)) in likely.iter().enumerate() {
                @if place > 0 { (if place + 1 == likely.len() { " and " } else { ", " }) }
                (letter(*group)) " (" (likelihood(*chance)) ")"
            }
            ". Whoever stands between groups counts like everybody else; with more answers it may get clearer."
        },
    }
}

/// Never none or all: where the numbers end, a model is not certain yet.
fn likelihood(chance: f32) -> String {
    format!("{} %", per_cent(f64::from(chance)).clamp(1, 99))
}

/// "On 4 of 6 statements you take the side that more people there take; you differ on 2, among them “…”."
fn compared(question: &Question, near: &Nearness, there: &str) -> Markup {
    html! {
        @if near.compared == 0 { "On nothing that you took a side on do more people" (there) " take one side than the other." }
        @else {
            "On " (near.alike) " of " (count(u64::from(near.compared), "statement", "statements"))
            " you take the side that more people" (there) " take"
            @match near.differ.first() {
                Some(first) => {
                    "; you differ on "
                    @if near.differ.len() > 1 { (near.differ.len()) ", among them " }
                    "“" (quoted(question, first.0)) (closing(question.talk().statement(*first)))
                },
                None => ".",
            }
        }
    }
}

/// Two rows for each group, so that what one differs on has the width of the table, also on a narrow screen.
fn table(base: &str, question: &Question, standing: &Standing, computed: &Computed) -> Markup {
    let map = &computed.map;
    // Nobody is told how likely a group is theirs as long as they are told that it is too early to say.
    let told = standing.too_early().is_none() && !map.groups.is_empty();
    let columns = if told { 4 } else { 3 };
    let chances = standing.memberships.iter().copied().map(Some).chain(std::iter::repeat(None));
    let row = |who: &Markup, size: usize, chance: Option<f32>, near: &Nearness| {
        html! {
            tbody {
                tr {
                    th scope="row" { (who) }
                    td.num { (size) }
                    @if told { td.num { (chance.map_or_else(|| "–".to_owned(), likelihood)) } }
                    td.num { @if near.compared == 0 { "–" } @else { (near.alike) " of " (near.compared) } }
                }
                tr.under { td colspan=(columns) { (differences(base, question, near)) } }
            }
        }
    };
    html! {
        table.close {
            caption { "You and the others" }
            thead { tr {
                th scope="col" { "Group" }
                th.num scope="col" { "Participants" }
                @if told { th.num scope="col" { "Likely yours" } }
                th.num scope="col" { "Same side" }
            } }
            @for ((index, (near, group)), chance) in standing.groups.iter().zip(&map.groups).enumerate().zip(chances) {
                @let yours = told && standing.group == Some(index) && standing.too_close().is_none();
                @let who = html! { (name(index)) @if yours { " (yours)" } };
                (row(&who, group.size as usize, chance, near))
            }
            (row(&html! { "everybody" }, map.participants.len(), None, &standing.everybody))
        }
    }
}

fn differences(base: &str, question: &Question, near: &Nearness) -> Markup {
    html! {
        @if near.differ.is_empty() { span.quiet { "You differ on nothing so far." } }
        @else {
            span.quiet { "You differ on:" }
            ul {
                @for no in near.differ.iter().take(DIFFERENCES) {
                    li { a href={ (base) "/s/" (no) } { (quoted(question, no.0)) } }
                }
            }
            @let more = near.differ.len().saturating_sub(DIFFERENCES);
            @if more > 0 { span.quiet { "and " (more) " more" } }
        }
    }
}
