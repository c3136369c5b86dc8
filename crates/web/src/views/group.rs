//! One opinion group: who it is, everything that sets it apart, and what it holds against the rest.

use super::findings::{CHANCE, data, differences, differing, dissent_of, name};
use super::pieces::{count, pages, provenance_short, question_head, ways};
use super::question::as_of;
use super::shell::{Frame, Script, page as whole_page};
use super::statements::PER_PAGE;
use super::tally::line;
use crate::maps::Computed;
use crate::picture::{self, letter};
use assembly::Question;
use maud::{Markup, html};
use opinion::Group;

/// The page of the group at `index` of the map: of the statements that set it apart, page `page`, from 1. Nothing if there
/// is no such group or page.
pub(crate) fn group(
    frame: &Frame<'_>,
    question: &Question,
    computed: &Computed,
    index: usize,
    page: usize,
) -> Option<Markup> {
    let group = computed.map.groups.get(index)?;
    let base = frame.question(question.id());
    let all = differing(computed, group).div_ceil(PER_PAGE).max(1);
    if page == 0 || page > all {
        return None;
    }
    let places = (page - 1) * PER_PAGE..page * PER_PAGE;
    let content = html! {
        (question_head(frame, question))
        h1.small { "Group " (name(index)) }
        (provenance_short(question))
        p { (members(computed, group)) }
        (others(&base, computed, index))
        (as_of(computed, question, frame))
        section {
            h2 { "What sets it apart" }
            p.quiet { "From the other groups, the largest differences first. " (CHANCE) }
            (line())
            (differences(&base, question, computed, (index, group), places))
            (pages(page, all, |page| format!("{base}/map/group/{}?page={page}", letter(index))))
        }
        @if page == 1 {
            section { h2 { "What it holds against the rest" } (dissent_of(&base, question, computed, group)) }
        }
        section { (data(frame, question)) }
    };
    Some(whole_page(frame, &format!("Group {}", letter(index)), Script::None, &content))
}

/// How many are in the group.
fn members(computed: &Computed, group: &Group) -> String {
    let all = computed.map.participants.len();
    format!(
        "{} of {} {} it with a likelihood of 70 % or more.",
        group.size,
        count(all as u64, "participant", "participants"),
        if group.size == 1 { "belongs to" } else { "belong to" }
    )
}

/// The ways to the pages of the other groups.
fn others(base: &str, computed: &Computed, here: usize) -> Markup {
    html! {
        nav.orders aria-label="Groups" {
            ul {
                @for index in 0..computed.map.groups.len() {
                    li {
                        a href={ (base) "/map/group/" (letter(index)) } aria-current=[(index == here).then_some("true")] { "Group " (letter(index)) }
                    }
                }
            }
        }
        (ways(&[
            (format!("{base}/map"), "All groups, with the map"),
            (format!("{base}/summary"), "The report"),
        ]))
    }
}

/// That there is no group of that letter, or none any more: addresses of groups are passed on, and groups change.
pub(crate) fn gone(frame: &Frame<'_>, question: &Question, computed: &Computed, letter: &str) -> Markup {
    let base = frame.question(question.id());
    let content = html! {
        (question_head(frame, question))
        h1.small { "There is no group " (letter) }
        p { "Groups are found anew as people respond: this one is not there, or not any more. As things stand:" }
        p.sentence { (picture::sentence(&computed.map)) }
        (as_of(computed, question, frame))
        (ways(&[(format!("{base}/map"), "The map, with all groups"), (base, "Back to the question")]))
    };
    whole_page(frame, &format!("No group {letter}"), Script::None, &content)
}
