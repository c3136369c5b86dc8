//! What an opinion map found, piece by piece: every share with its interval, every list with what qualifies for it.

use super::pieces::{count, statement_words, ways};
use super::shell::Frame;
use super::tally::{exposure, live, plain, verb};
use crate::maps::Computed;
use crate::picture::{letter, number, sign};
use assembly::{Question, StatementNo};
use maud::{Markup, html};
use opinion::report::{Outside, at_least, per_cent, share as in_words, too_few_for_groups};
use opinion::{CommonGround, Difference, Dissent, Group, Share, Side, Slate};
use std::ops::Range;

/// How far a list of differences is to be trusted.
pub(crate) const CHANCE: &str = "The groups were found in these same responses, so that some difference is certain; of those listed, about one in \
     twenty would be there by chance if the groups had been known before.";
/// What the selection is.
pub(crate) const REPRESENTS: &str =
    "Chosen so that every part of the people has as many statements in it as its size calls for.";

/// The groups as a table.
pub(crate) fn table(computed: &Computed, question: &Question) -> Markup {
    let map = &computed.map;
    html! {
        table.close {
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
                @if map.groups.is_empty() {
                    @let why = if too_few_for_groups(map) { "too few responses to tell" } else { "no distinct groups" };
                    tr { th scope="row" { "everybody" } td.num { (map.participants.len()) } td { (why) } }
                } @else {
                    @let Outside { between, untold } = Outside::of(map);
                    @if between > 0 { tr { th scope="row" { "between groups" } td.num { (between) } td { "clearly in none" } } }
                    @if untold > 0 { tr { th scope="row" { "in no group" } td.num { (untold) } td { "responded to too little to tell" } } }
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

/// A statement with who says what to it in front, in the colour of the side they take, if they take one.
fn said(base: &str, question: &Question, side: Option<Side>, word: &Markup, number: u32) -> Markup {
    html! {
        p.said {
            span class={ "side " (side.map_or("", side_class)) } { (word) }
            " " a href={ (base) "/s/" (number) } { (quoted(question, number)) }
        }
    }
}

/// What the members of a group say to a statement, and how many of them said something.
fn of_members(computed: &Computed, index: usize, statement: u32, side: Side) -> Markup {
    let tally = computed.statement(statement).and_then(|on_map| on_map.groups.get(index)).copied();
    let size = computed.map.groups.get(index).map_or(0, |group| group.size);
    html! {
        @if let Some(tally) = tally {
            (plain(tally.into(), side))
            p.exposure { "answered by " (tally.seen) " of group " (letter(index)) "’s " (size) }
        }
    }
}

/// What everybody says to a statement, and how many were asked.
fn of_everybody(question: &Question, computed: &Computed, statement: u32, side: Side) -> Markup {
    html! {
        @if let Some(on_map) = computed.statement(statement) { (live(on_map.tally.into(), side)) }
        @if let Some(statement) = question.talk().statement(StatementNo(statement)) { (exposure(question, statement.tally())) }
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
            (more(base, found.len(), most, "common-ground"))
        }
    }
}

fn common_line(base: &str, question: &Question, computed: &Computed, common: &CommonGround) -> Markup {
    let groups = !common.groups.is_empty();
    html! {
        li.statement data-statement=(common.statement) {
            (said(base, question, Some(common.side), &html! { (alike(common.side, groups)) }, common.statement))
            (of_everybody(question, computed, common.statement, common.side))
            p.numbers {
                (share(&common.all)) " of all " (verb(common.side))
                @if groups { "; in every group at least " (at_least(common.least)) " %:" } @else { "." }
            }
            @if groups {
                ul.shares { @for (index, group) in common.groups.iter().enumerate() { li { (name(index)) " " (share(group)) } } }
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
                        @let side = (difference.effect > 0.0).then_some(difference.side);
                        (said(base, question, side, &html! { (differs(difference)) }, difference.statement))
                        (of_members(computed, index, difference.statement, difference.side))
                        p.numbers {
                            (share(&difference.here)) " " (verb(difference.side)) " in group " (name(index)) ", " (share(&difference.rest)) " of the other groups."
                        }
                    }
                }
            }
        }
    }
}

/// How a group differs, in front of a statement. Whoever agrees less often need not disagree: there is no mark for that.
fn differs(difference: &Difference) -> &'static str {
    match (difference.side, difference.effect > 0.0) {
        (side, true) => side_word(side),
        (Side::Agree, false) => "agrees less often:",
        (Side::Disagree, false) => "disagrees less often:",
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
                ol.statements { @for dissent in held.iter().take(most) { (dissent_line(base, question, computed, dissent, true)) } }
                (more(base, held.len(), most, "minority"))
            }
        }
    };
    html! {
        @if findings.dissent.is_empty() {
            p { "Nothing that is certain: no minority holds something firmly that fewer than half of the others hold." }
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

/// Something a minority holds; `named` says which, where that is not said before.
fn dissent_line(
    base: &str,
    question: &Question,
    computed: &Computed,
    dissent: &Dissent,
    named: bool,
) -> Markup {
    let group = dissent.group.and_then(|id| computed.map.groups.iter().position(|group| group.id == id));
    html! {
        li.statement {
            (said(
                base,
                question,
                Some(dissent.side),
                &html! {
                    @match group { Some(index) if named => { "Group " (name(index)) " " }, Some(_) => "", None => "A minority " }
                    (side_word(dissent.side))
                },
                dissent.statement,
            ))
            @match group {
                Some(index) => {
                    (of_members(computed, index, dissent.statement, dissent.side))
                    p.numbers { (share(&dissent.here)) " " (verb(dissent.side)) " in group " (name(index)) ", " (share(&dissent.against)) " of the other groups." }
                },
                None => {
                    (of_everybody(question, computed, dissent.statement, dissent.side))
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
            @let these = if statements.len() == 1 { "this one".to_owned() } else { format!("one or more of these {}", number(statements.len())) };
            p {
                "Of "
                @if (*participants as usize) < computed.map.participants.len() { (participants) " of " }
                (count(computed.map.participants.len() as u64, "participant", "participants")) ", " (share(&all.said_one))
                " said that they agree with " (these)
                @if statements.len() > 1 { ", and " (share(&all.said_two)) " with two or more" }
                "."
                // Where all were asked, what is to be expected is what they said.
                @if all.one > all.said_one.share || all.two > all.said_two.share {
                    " Not everybody was asked about all of them. If they had been, it would be about " (per_cent(all.one)) " %"
                    @if statements.len() > 1 { " and " (per_cent(all.two)) " %" } ", by what they said to other statements."
                }
            }
            ol.slate { @for number in statements { li { a href={ (base) "/s/" (number) } { (quoted(question, *number)) } } } }
            @if !groups.is_empty() {
                div.scroll tabindex="0" role="region" aria-label="Whom the selection represents" {
                    table.close {
                        caption { "Whom the selection represents: who agrees with one or more, and with two or more, of its statements" }
                        thead { tr { th scope="col" { "Group" } th scope="col" { "Agree with" } th.num scope="col" { "Said so" } th.num scope="col" { "If all were asked, about" } } }
                        @for (index, group) in groups.iter().enumerate() {
                            tbody {
                                tr { th scope="rowgroup" rowspan="2" { (name(index)) } td { "one" } td.num { (share(&group.said_one)) } td.num { (per_cent(group.one)) " %" } }
                                tr.under { td { "two" } td.num { (share(&group.said_two)) } td.num { (per_cent(group.two)) " %" } }
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
            p { "Nothing that is certain: it holds nothing firmly that fewer than half of the others hold." }
        } @else {
            p.quiet { "What more than half of it hold, and less than half of the others, both with 95 % certainty; firmest first." }
            ol.statements { @for dissent in held.iter().take(MOST) { (dissent_line(base, question, computed, dissent, false)) } }
            (more(base, held.len(), MOST, "minority"))
        }
    }
}

/// How much of a list the report, or the page of a group, tells at most: about 150 kB of HTML.
pub(crate) const MOST: usize = 100;

/// The way to those that are not listed here: to the report, in the section of this name, or from there to the data.
fn more(base: &str, all: usize, most: usize, section: &str) -> Markup {
    html! {
        @if all > MOST && most >= MOST { p.go { a href={ (base) "/map.json" } { "And " (all - most) " more, in the data" } } }
        @else if all > most { p.go { a href={ (base) "/summary#" (section) } { "All " (all) ", in the report" } } }
    }
}

/// Where the data of a map can be had.
pub(crate) fn data(frame: &Frame<'_>, question: &Question) -> Markup {
    let base = frame.question(question.id());
    html! {
        (ways(&[
            (format!("{base}/check"), "Check this result"),
            (format!("{base}/map.json"), "The map as data"),
            (format!("{base}/map.svg"), "The picture"),
            (format!("{base}.json"), "The numbers of the question"),
        ]))
    }
}
