//! The opinion map: sentence, picture, table; the groups with what each holds; how far to trust it.

use super::findings::{
    CHANCE, REPRESENTS, all_about, common_ground, data, differences, dissent, name, slate, table,
};
use super::pieces::{count, provenance_short, question_head, trio, ways};
use super::question::as_of;
use super::shell::{Frame, Script, page};
use super::tally::line;
use super::trust::{care, exposure, for_those_who_check, nearest, published, second_look, why};
use crate::maps::Computed;
use crate::picture;
use assembly::Question;
use maud::{Markup, html};
use opinion::report::too_few_for_groups;

/// How many statements each list shows.
const EACH: usize = 5;

/// The page of the map.
pub(crate) fn map(frame: &Frame<'_>, question: &Question, computed: &Computed) -> Markup {
    let base = frame.question(question.id());
    let slug = frame.place.map_or("", |place| place.slug);
    let map = &computed.map;
    let asked = question.talk().exposure();
    let content = html! {
        (question_head(frame, question))
        h1.small { "Opinion groups" }
        (provenance_short(question))
        (trio(
            &html! { (picture::sentence(map)) (second_look(computed, "#care")) },
            &picture::draw(map, None),
            &html! { (picture::caption(map)) },
            &table(computed, question),
        ))
        (as_of(computed, question, frame))
        (ways(&[
            (format!("{base}/summary"), "The report, for reading and printing"),
            (format!("{base}/stand"), "Where you stand"),
        ]))
        @if map.groups.is_empty() && !map.participants.is_empty() { (no_groups(&base, computed)) }
        section { h2 { "Common ground" } (line()) (common_ground(&base, question, computed, EACH)) }
        @for (index, group) in map.groups.iter().enumerate() {
            section {
                h2 { "Group " (name(index)) ", " (count(u64::from(group.size), "participant", "participants")) }
                p.quiet { "What sets it apart from the other groups, the largest differences first." @if index == 0 { " " (CHANCE) } }
                (differences(&base, question, computed, (index, group), 0..EACH))
                (all_about(&base, computed, (index, group), EACH))
            }
        }
        section { h2 { "What a minority holds" } (dissent(&base, question, computed, EACH)) }
        section {
            h2 { "A selection that represents everybody" }
            p.quiet { (REPRESENTS) }
            (slate(&base, question, computed))
        }
        section { h2 { "Who was asked what" } (exposure(&base, question, &asked)) }
        section #care { h2 { "What to be careful with" } (care(question, computed)) }
        section {
            h2 { "How this is computed" }
            p {
                "From responses alone, by our own method, called map, version " (map.version) "; nobody is named, weighted or left out by hand. "
                "The same responses give the same map on every computer."
            }
            (why(computed))
            (for_those_who_check(computed, &asked))
            p { "As a second opinion, the same responses " a href={ (base) "/map/classic" } { "the classic way, as Polis computes it" } "." }
        }
        section #published { h2 { "On the record" } (published(&base, slug, question)) (data(frame, question)) }
    };
    page(frame, "Opinion groups", Script::None, &content)
}

/// What it means that there are none.
fn no_groups(base: &str, computed: &Computed) -> Markup {
    if too_few_for_groups(&computed.map) {
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
                "No division of these people into opinion groups is sure enough to be shown. There may be groups that more responses would "
                "show, or none. Everybody counts in what follows, taken together."
            }
            (nearest(computed))
            p {
                a href={ (base) "/map/classic" } { "The classic way" }
                " shows groups nevertheless: it divides people whether they differ in groups or not."
            }
        }
    }
}
