//! What an opinion map found, piece by piece: every share with its interval, every list with what qualifies for it.

use super::pieces::{count, exposure, numbers, statement_words, strip};
use super::shell::Frame;
use crate::maps::Computed;
use crate::picture::{letter, sign};
use assembly::{Question, StatementNo};
use maud::{Markup, html};
use opinion::report::{at_least, per_cent, share as in_words, too_few_for_groups};
use opinion::{CommonGround, Difference, Dissent, Group, Share, Side, Slate};
use std::ops::Range;

/// The groups as a table.
pub(crate) fn table(computed: &Computed, question: &Question) -> Markup {
    let map = &computed.map;
    let rest = match map.method {
        opinion::Method::Classic => ("in no group", "too few responses so far"),
        opinion::Method::Map => ("between groups", "in none with a likelihood of 70 % or more"),
    };
    html! {
        table {
            caption { "Opinion groups" }
            thead { tr { th scope="col" { "Group" } th.num scope="col" { "Participants" } th scope="col" { "Typical of it" } } }
            tbody {
                @for (index, group) in map.groups.iter().enumerate() {
                    tr {
                        th scope="row" { (name(index)) }
                        td.num { (group.size) }
                        td {
                            @match group.representative.first() {
                                Some(first) => { (side_word(first.side)) " " (quoted(question, first.statement)) },
                                None if opinion::map::passes(map, index).is_some() => "passes more often than others",
                                None => "no statement alone",
                            }
                        }
                    }
                }
                @let placed: u32 = map.groups.iter().map(|group| group.size).sum();
                @let outside = map.participants.len().saturating_sub(placed as usize);
                @if map.groups.is_empty() {
                    @let why = if too_few_for_groups(map) { "too few responses to tell" } else { "no distinct groups" };
                    tr { th scope="row" { "everybody" } td.num { (outside) } td { (why) } }
                } @else if outside > 0 {
                    tr { th scope="row" { (rest.0) } td.num { (outside) } td { (rest.1) } }
                }
            }
        }
    }
}

/// A group's letter and mark.
pub(crate) fn name(index: usize) -> Markup {
    html! { span class={ "group g" (index) } { span aria-hidden="true" { (sign(index)) } " " (letter(index)) } }
}

/// The words of a statement by its number.
pub(crate) fn quoted(question: &Question, number: u32) -> Markup {
    match question.talk().statement(StatementNo(number)) {
        Some(statement) => statement_words(statement),
        None => html! { "statement " (number) },
    }
}

/// What a side does, in front of a statement.
pub(crate) fn side_word(side: Side) -> &'static str {
    match side {
        Side::Agree => "▲ agrees:",
        Side::Disagree => "▼ disagrees:",
    }
}

pub(crate) fn side_class(side: Side) -> &'static str {
    match side {
        Side::Agree => "agree",
        Side::Disagree => "disagree",
    }
}

/// What those who take a side do, as a verb for many.
fn verb(side: Side) -> &'static str {
    match side {
        Side::Agree => "agree",
        Side::Disagree => "disagree",
    }
}

/// Who sees something alike, in front of it.
fn alike(side: Side, groups: bool) -> &'static str {
    match (side, groups) {
        (Side::Agree, true) => "▲ All groups agree:",
        (Side::Disagree, true) => "▼ All groups disagree:",
        (Side::Agree, false) => "▲ Most agree:",
        (Side::Disagree, false) => "▼ Most disagree:",
    }
}

/// A share with its interval: "83 % (75–89 %)".
fn share(share: &Share) -> Markup {
    html! {
        span.share {
            @if share.seen == 0 { "nobody asked" } @else { (in_words(*share)) }
        }
    }
}

fn said(base: &str, question: &Question, side: Side, word: &Markup, number: u32) -> Markup {
    html! {
        p.said {
            span class={ "side " (side_class(side)) } { (word) }
            " " a href={ (base) "/s/" (number) } { (quoted(question, number)) }
        }
    }
}

/// The bar of one statement's tally.
fn tally(tally: &opinion::Tally) -> Markup {
    html! {
        @if tally.seen > 0 { (strip(tally.agree, tally.pass, tally.seen)) }
        p.numbers { (numbers(tally.agree, tally.disagree, tally.pass)) }
    }
}

/// What every group responds to alike, at most `most` of it.
pub(crate) fn common_ground(base: &str, question: &Question, computed: &Computed, most: usize) -> Markup {
    let Some(findings) = &computed.map.findings else { return html! {} };
    let found = &findings.common_ground;
    let who = if computed.map.groups.is_empty() { "of all" } else { "of every group" };
    html! {
        @if found.is_empty() {
            p { "Nothing yet: of no statement is it certain that more than half " (who) " see it alike." }
        } @else {
            p.quiet { "What more than half " (who) " see alike, with 95 % certainty; surest first." }
            ol.statements { @for common in found.iter().take(most) { (common_line(base, question, computed, common)) } }
            (more(found.len(), most))
        }
    }
}

fn common_line(base: &str, question: &Question, computed: &Computed, common: &CommonGround) -> Markup {
    let groups = !common.groups.is_empty();
    html! {
        li.statement data-statement=(common.statement) {
            (said(base, question, common.side, &html! { (alike(common.side, groups)) }, common.statement))
            @if let Some(on_map) = computed.statement(common.statement) { (tally(&on_map.tally)) }
            @if let Some(statement) = question.talk().statement(StatementNo(common.statement)) { (exposure(statement.tally())) }
            p.numbers {
                "At least " (at_least(common.least)) " % "
                @if groups {
                    (verb(common.side)) " in every group: "
                    @for (index, group) in common.groups.iter().enumerate() { @if index > 0 { " · " } span.share { (name(index)) " " (share(group)) } }
                    "."
                } @else { "of all " (verb(common.side)) "." }
            }
        }
    }
}

/// How many statements set a group apart.
pub(crate) fn differing(computed: &Computed, group: &Group) -> usize {
    of_group(computed, group).count()
}

fn of_group<'c>(computed: &'c Computed, group: &Group) -> impl Iterator<Item = &'c Difference> + use<'c> {
    let id = group.id;
    let all = computed.map.findings.iter().flat_map(|findings| &findings.differences);
    all.filter(move |difference| difference.group == id)
}

/// What sets a group apart from the rest: of all that does so, those at these places.
pub(crate) fn differences(
    base: &str,
    question: &Question,
    computed: &Computed,
    (index, group): (usize, &Group),
    places: Range<usize>,
) -> Markup {
    let all: Vec<&Difference> = of_group(computed, group).collect();
    html! {
        @if let Some([here, rest]) = opinion::map::passes(&computed.map, index) {
            p { "They pass on much: on " (share(&here)) " of what they responded to, the other groups on " (share(&rest)) "." }
        } @else if all.is_empty() { p { "Taken one by one, no statement sets this group apart with certainty." } }
        @if !all.is_empty() {
            ol.statements start=(places.start + 1) {
                @for difference in all.iter().take(places.end).skip(places.start) {
                    li.statement {
                        (said(base, question, difference.side, &html! { (differs(difference)) }, difference.statement))
                        @let here = computed.statement(difference.statement).and_then(|on_map| on_map.groups.get(index));
                        @if let Some(here) = here { (tally(here)) }
                        p.numbers {
                            (share(&difference.here)) " " (verb(difference.side)) " in group " (name(index)) ", " (share(&difference.rest)) " of the other groups."
                        }
                    }
                }
            }
        }
    }
}

/// How a group differs, in front of a statement.
fn differs(difference: &Difference) -> &'static str {
    match (difference.side, difference.effect > 0.0) {
        (side, true) => side_word(side),
        (Side::Agree, false) => "▲ agrees less often:",
        (Side::Disagree, false) => "▼ disagrees less often:",
    }
}

/// What minorities hold against the rest: at most `most` of what groups hold, and of what is held in no group.
pub(crate) fn dissent(base: &str, question: &Question, computed: &Computed, most: usize) -> Markup {
    let Some(findings) = &computed.map.findings else { return html! {} };
    let (of_groups, of_others): (Vec<&Dissent>, Vec<&Dissent>) =
        findings.dissent.iter().partition(|dissent| dissent.group.is_some());
    let told = |intro: &str, held: &[&Dissent]| {
        html! {
            @if !held.is_empty() {
                p.quiet { (intro) }
                ol.statements { @for dissent in held.iter().take(most) { (dissent_line(base, question, computed, dissent)) } }
                (more(held.len(), most))
            }
        }
    };
    html! {
        @if findings.dissent.is_empty() {
            p { "Nothing that is certain: no minority holds something firmly that most others reject." }
        }
        (told("What more than half of a smaller group hold, and less than half of the others, both with 95 % certainty; firmest first.", &of_groups))
        // A minority that is no group is those who say the opposite of what most say.
        (told(
            if computed.map.groups.is_empty() { "What at least one in ten say, while more than half say the opposite, both with 95 % certainty; the largest minority first." }
            else { "What no group holds, but at least one in ten of all, while more than half say the opposite, both with 95 % certainty; the largest minority first." },
            &of_others,
        ))
    }
}

fn dissent_line(base: &str, question: &Question, computed: &Computed, dissent: &Dissent) -> Markup {
    let group = dissent.group.and_then(|id| computed.map.groups.iter().position(|group| group.id == id));
    let on_map = computed.statement(dissent.statement);
    html! {
        li.statement {
            (said(
                base,
                question,
                dissent.side,
                &html! { @match group { Some(index) => { "Group " (name(index)) " " }, None => "A minority " } (side_word(dissent.side)) },
                dissent.statement,
            ))
            @match group {
                Some(index) => {
                    @if let Some(here) = on_map.and_then(|on_map| on_map.groups.get(index)) { (tally(here)) }
                    p.numbers { (share(&dissent.here)) " " (verb(dissent.side)) " in group " (name(index)) ", " (share(&dissent.against)) " of the other groups." }
                },
                None => {
                    @if let Some(on_map) = on_map { (tally(&on_map.tally)) }
                    p.numbers { (share(&dissent.here)) " " (verb(dissent.side)) "; " (share(&dissent.against)) " " (verb(dissent.side.opposite())) "." }
                },
            }
        }
    }
}

/// Statements that together represent everybody in proportion, with what they do for whom.
pub(crate) fn slate(base: &str, question: &Question, computed: &Computed) -> Markup {
    let Some(findings) = &computed.map.findings else { return html! {} };
    let Slate { statements, participants, all, groups } = &findings.slate;
    html! {
        @if statements.is_empty() { p { "There are too few responses to choose some." } }
        @else {
            p {
                "Of "
                @if (*participants as usize) < computed.map.participants.len() { "a fixed sample of " }
                (count(u64::from(*participants), "participant", "participants")) ", "
                (share(&all.said_one)) " said that they agree with at least one of these " (statements.len()) ", "
                (share(&all.said_two)) " with at least two. Most were not asked all of them: if everybody had been, it would be about "
                (per_cent(all.one)) " % and " (per_cent(all.two)) " %."
            }
            ol.slate { @for number in statements { li { a href={ (base) "/s/" (number) } { (quoted(question, *number)) } } } }
            @if !groups.is_empty() {
                div.scroll tabindex="0" role="region" aria-label="Whom the selection represents" {
                    table {
                        caption { "Whom the selection represents" }
                        thead { tr { th scope="col" { "Group" } th.num scope="col" { "Said so, of one or more" } th.num scope="col" { "Of two or more" } th.num scope="col" { "If all were asked, about" } } }
                        tbody {
                            @for (index, group) in groups.iter().enumerate() {
                                tr { th scope="row" { (name(index)) } td.num { (share(&group.said_one)) } td.num { (share(&group.said_two)) } td.num { (per_cent(group.one)) " % and " (per_cent(group.two)) " %" } }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The way to the page of a group, with how much more is told there.
pub(crate) fn all_about(
    base: &str,
    computed: &Computed,
    (index, group): (usize, &Group),
    told: usize,
) -> Markup {
    let more = differing(computed, group).saturating_sub(told);
    html! {
        p.go {
            a href={ (base) "/map/group/" (letter(index)) } {
                "All about group " (letter(index))
                @if more > 0 { ", with " (more) " more that " (if more == 1 { "sets" } else { "set" }) " it apart" }
            }
        }
    }
}

/// What a group holds against the rest.
pub(crate) fn dissent_of(base: &str, question: &Question, computed: &Computed, group: &Group) -> Markup {
    let all = computed.map.findings.iter().flat_map(|findings| &findings.dissent);
    let held: Vec<&Dissent> = all.filter(|dissent| dissent.group == Some(group.id)).collect();
    html! {
        @if held.is_empty() {
            p { "Nothing that is certain: it holds nothing firmly that most others reject." }
        } @else {
            p.quiet { "What more than half of it hold, and less than half of the others, both with 95 % certainty; firmest first." }
            ol.statements { @for dissent in held.iter().take(MOST_HELD) { (dissent_line(base, question, computed, dissent)) } }
            (more(held.len(), MOST_HELD))
        }
    }
}

/// How much of what a group holds against the rest its page tells.
const MOST_HELD: usize = 10;

/// That there are more than are listed here.
fn more(all: usize, most: usize) -> Markup {
    html! { @if all > most { p.quiet { "And " (all - most) " more, in the data." } } }
}

/// Where the data of a map can be had.
pub(crate) fn data(frame: &Frame<'_>, question: &Question) -> Markup {
    let base = frame.question(question.id());
    html! {
        p.go {
            a href={ (base) "/check" } { "Check this result" } " · "
            a href={ (base) "/map.json" } { "The map as data" } " · "
            a href={ (base) "/map.svg" } { "The picture" } " · "
            a href={ (base) ".json" } { "The numbers of the question" }
        }
    }
}
