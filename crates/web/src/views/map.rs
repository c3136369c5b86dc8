//! The opinion map: sentence, picture, table; the groups with what each holds; how far to trust it.

use super::findings::{all_about, common_ground, data, differences, dissent, name, slate, table};
use super::pieces::{count, provenance_short, question_head, trio};
use super::question::as_of;
use super::shell::{Frame, Script, page};
use super::trust::{care, exposure, for_those_who_check, published, why};
use crate::maps::Computed;
use crate::picture;
use assembly::Question;
use maud::{Markup, html};
use opinion::Map;
use opinion::report::too_few_for_groups;

/// How many statements each list shows.
const EACH: usize = 5;

/// The page of the map.
pub(crate) fn map(frame: &Frame<'_>, question: &Question, computed: &Computed) -> Markup {
    let base = frame.question(question.id());
    let slug = frame.place.map_or("", |place| place.slug);
    let map = &computed.map;
    let content = html! {
        (question_head(frame, question))
        h1.small { "Opinion groups" }
        (provenance_short(question))
        (trio(
            &html! { (picture::sentence(map)) },
            &picture::draw(map, None),
            &html! { (picture::caption(map)) },
            &table(computed, question),
        ))
        (as_of(computed, question, frame))
        p.go { a href={ (base) "/summary" } { "The report, for reading and printing" } " · " a href={ (base) "/stand" } { "Where you stand" } }
        @if map.groups.is_empty() && !map.participants.is_empty() { (no_groups(map)) }
        section { h2 { "Common ground" } (common_ground(&base, question, computed, EACH)) }
        @for (index, group) in map.groups.iter().enumerate() {
            section {
                h2 { "Group " (name(index)) ", " (count(u64::from(group.size), "participant", "participants")) }
                p.quiet { "What sets it apart from the other groups, the largest differences first; of all differences listed, at most one in twenty is there by chance." }
                (differences(&base, question, computed, (index, group), 0..EACH))
                (all_about(&base, computed, (index, group), EACH))
            }
        }
        section { h2 { "What a minority holds" } (dissent(&base, question, computed, EACH)) }
        section {
            h2 { "A selection that represents everybody" }
            p.quiet { "Chosen so that every part of the people has as many statements in it as its size calls for." }
            (slate(&base, question, computed))
        }
        section { h2 { "Who was asked what" } (exposure(&base, question)) }
        section { h2 { "What to be careful with" } (care(question, computed)) }
        section {
            h2 { "How this is computed" }
            p {
                "From responses alone, by our own method, called map, version " (map.version) "; nobody is named, weighted or left out by hand. "
                "The same responses give the same map on every computer."
            }
            (why(computed))
            (for_those_who_check(question, computed))
            p { "As a second opinion, the same responses " a href={ (base) "/map/classic" } { "the classic way, as Polis computes it" } "." }
        }
        section #published { h2 { "On the record" } (published(&base, slug, question)) (data(frame, question)) }
    };
    page(frame, "Opinion groups", Script::None, &content)
}

/// What it means that there are none.
fn no_groups(map: &Map) -> Markup {
    if too_few_for_groups(map) {
        return html! {
            section {
                h2 { "Too few responses to tell" }
                p {
                    "There may be opinion groups here, or none: too few people have responded to enough statements to tell. "
                    "Everybody counts in what follows, taken together."
                }
            }
        };
    }
    html! {
        section {
            h2 { "No distinct groups" }
            p {
                "People differ here, but not in camps: whoever agrees on one thing may disagree on the next. Dividing them into groups would "
                "say more about the division than about them, so none is made. Everybody counts in what follows, taken together."
            }
        }
    }
}
