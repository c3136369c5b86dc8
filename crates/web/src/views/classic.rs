//! The opinion map as Polis computes it, so that numbers can be compared.

use super::findings::{name, quoted, side_class, side_word, table};
use super::pieces::{count, provenance_short, question_head, statement_line, trio, ways};
use super::question::as_of;
use super::shell::{Frame, Script, page};
use super::tally::{interval, line, plain};
use crate::maps::Computed;
use crate::order::division;
use crate::picture::{self, letter};
use assembly::{Question, StatementNo};
use maud::{Markup, html};
use opinion::{Group, Representative};

/// How many statements of common ground and of division are listed here.
const EACH: usize = 5;

/// The page of the classic map.
pub(crate) fn classic(frame: &Frame<'_>, question: &Question, computed: &Computed) -> Markup {
    let base = frame.question(question.id());
    let map = &computed.map;
    let agreed = if map.groups.is_empty() {
        "What most see alike."
    } else {
        "What all opinion groups agree with most."
    };
    let content = html! {
        (question_head(frame, question))
        h1.small { "Opinion groups, the classic way" }
        p.quiet { "As Polis computes them, so that they can be compared with conversations held there. What counts here is " a href={ (base) "/map" } { "our own map" } ", which says where it is unsure." }
        (provenance_short(question))
        (trio(
            &html! { (picture::sentence(map)) },
            &picture::draw(map, None),
            &html! { (picture::caption(map)) },
            &table(computed, question),
        ))
        (as_of(computed, question, frame))
        (line())
        @for (index, group) in map.groups.iter().enumerate() { (holds(&base, question, computed, index, group)) }
        (list("Common ground", agreed, &base, question, &computed.common))
        (list("Most divided", division(map), &base, question, &computed.divided))
        section {
            h2 { "How this is computed" }
            p {
                "By the method of Polis, version " (map.version) ", from responses alone; nobody is named, weighted or left out by hand. "
                @if !map.deviations.is_empty() { "It departs from Polis in these points:" }
            }
            @if !map.deviations.is_empty() { ul { @for sentence in &map.deviations { li { (sentence) } } } }
            (ways(&[(format!("{base}/check"), "Check this result"), (format!("{base}/map/classic.json"), "This map as data")]))
        }
    };
    page(frame, "Opinion groups, the classic way", Script::None, &content)
}

fn holds(base: &str, question: &Question, computed: &Computed, index: usize, group: &Group) -> Markup {
    html! {
        section {
            h2 { "Group " (name(index)) ", " (count(u64::from(group.size), "participant", "participants")) }
            @if group.representative.is_empty() {
                p { "No statement sets this group apart from the others." }
            } @else {
                p.quiet { "What sets it apart from the others:" }
                ol.statements {
                    @for representative in &group.representative {
                        (representative_line(base, question, computed, index, representative))
                    }
                }
            }
        }
    }
}

fn representative_line(
    base: &str,
    question: &Question,
    computed: &Computed,
    index: usize,
    representative: &Representative,
) -> Markup {
    let tally = computed
        .statement(representative.statement)
        .and_then(|statement| statement.groups.get(index))
        .copied();
    html! {
        li.statement {
            p.said {
                span class={ "side " (side_class(representative.side)) } { (side_word(representative.side)) }
                " " a href={ (base) "/s/" (representative.statement) } { (quoted(question, representative.statement)) }
            }
            @if let Some(tally) = tally {
                div.tally {
                    (plain(tally.into(), representative.side))
                    @let size = computed.map.groups.get(index).map_or(0, |group| group.size);
                    p.exposure { "answered by " (tally.seen) " of group " (letter(index)) "’s " (size) }
                    p.numbers { (interval(tally.into(), representative.side)) " in this group" }
                }
            }
        }
    }
}

fn list(title: &str, about: &str, base: &str, question: &Question, order: &[StatementNo]) -> Markup {
    let talk = question.talk();
    html! {
        @if !order.is_empty() {
            section {
                h2 { (title) }
                p.quiet { (about) }
                ol.statements {
                    @for statement in order.iter().take(EACH).filter_map(|no| talk.statement(*no)) {
                        (statement_line(base, question, statement))
                    }
                }
            }
        }
    }
}
