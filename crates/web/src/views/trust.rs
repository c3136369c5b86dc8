//! How far an opinion map can be trusted: who was asked enough, what looks odd, why so many groups, who publishes it.

use super::findings::{quoted, side_class, side_word};
use super::pieces::{count, moment, taken_part_here};
use crate::maps::Computed;
use crate::order::{Order, by_talk};
use crate::picture::number;
use assembly::Question;
use assembly::question::Admits;
use assembly::talk::{Published, Statement};
use maud::{Markup, html};
use opinion::evaluate::{Exposure, LEAST_RESPONSES};
use opinion::map::{ERRORS, MOSTLY, ONE_IN, SMALLEST, STABLE, WORTH};
use opinion::next::{FLOOR, FLOOR_SHARE};
use opinion::report::{self, at_least, cut, fails, per_cent, tried};
use opinion::{CommonGround, Findings, Reason, Without};
use std::collections::BTreeSet;

/// How many statements that were not asked enough are named.
const NAMED: usize = 5;
/// How many published maps are listed.
const LISTED: usize = 10;

/// Which statements were not asked enough, and figures of exposure.
pub(crate) fn exposure(base: &str, question: &Question, figures: &Exposure) -> Markup {
    let talk = question.talk();
    let floor = floor(question);
    let all = talk.statements().iter().filter(|statement| statement.takes_responses()).count();
    let few: Vec<&Statement> = by_talk(talk, Order::LeastHeard, 0)
        .into_iter()
        .filter_map(|no| talk.statement(no))
        .filter(|statement| below(statement, floor))
        .collect();
    html! {
        p {
            @if all == 0 { "There are no statements that take responses" }
            @else if few.is_empty() { "Every statement has at least " (floor) " responses" }
            @else { (few.len()) " of " (count(all as u64, "statement", "statements")) (if few.len() == 1 { " has" } else { " have" }) " fewer than " (floor) " responses" }
            ". Each is to have " (FLOOR) ", or as many as " (100 / FLOOR_SHARE)
            " % of those who take part where that is more; until then it is shown more often than the others."
        }
        @if !few.is_empty() {
            ul {
                @for statement in few.iter().take(NAMED) {
                    li {
                        a href={ (base) "/s/" (statement.no()) } { (quoted(question, statement.no().0)) }
                        span.quiet {
                            @if question.imported().is_none() { " shown to " (statement.tally().shown) "," }
                            " answered by " (statement.tally().responses())
                        }
                    }
                }
            }
            @if few.len() > NAMED { p.go { a href={ (base) "/statements?order=least-heard" } { "All, the least heard first" } } }
        }
        @if figures.statements > 0 {
            p.quiet {
                "Half of the statements have " (figures.median) (if figures.median == 1.0 { " response" } else { " responses" }) " or more. "
                (age(figures.age_correlation))
            }
        }
    }
}

/// Whether late statements were asked as often as early ones.
fn age(correlation: f64) -> Markup {
    let said = match correlation {
        c if c <= -0.3 => "Earlier statements have more of them than later ones",
        c if c >= 0.3 => "Later statements have more of them than earlier ones",
        _ => "Early and late statements have about as many",
    };
    html! { (said) "." }
}

/// How many responses every statement is to have.
fn floor(question: &Question) -> u32 {
    let people = u32::try_from(question.talk().participants().len()).unwrap_or(u32::MAX);
    FLOOR.max(people.div_ceil(FLOOR_SHARE))
}

fn below(statement: &Statement, floor: u32) -> bool {
    statement.takes_responses() && statement.tally().responses() < floor
}

/// The heading over [`exposure`]: what it is about depends on what it says.
pub(crate) fn heard(question: &Question) -> &'static str {
    let floor = floor(question);
    match question.talk().statements().iter().any(|statement| below(statement, floor)) {
        true => "What too few people were asked about",
        false => "Who was asked what",
    }
}

/// How to read the numbers in the data, folded away: nobody needs it to take part.
pub(crate) fn for_those_who_check(computed: &Computed, asked: &Exposure) -> Markup {
    let Some(findings) = &computed.map.findings else { return html! {} };
    html! {
        details.more {
            summary { "For those who check" }
            ul {
                @for sentence in &findings.rules { li { (sentence) } }
                li {
                    "Rank correlation between how late a statement came and how many responses it has: "
                    (format!("{:+.2}", asked.age_correlation).replace('-', "−")) "."
                }
            }
        }
    }
}

/// Rows of responses that should be looked at, and what follows without them.
pub(crate) fn care(question: &Question, computed: &Computed) -> Markup {
    let Some(findings) = &computed.map.findings else { return html! {} };
    let of = |reason: Reason| findings.care.iter().filter(|care| care.reason == reason).count() as u64;
    let flags = [
        (of(Reason::StraightLining), "gave the same response to everything, where few would"),
        (of(Reason::NearlyIdentical), "gave nearly the same responses as somebody else"),
        (of(Reason::ImpossibleSpeed), "responded faster than anybody reads"),
    ];
    html! {
        @if findings.care.is_empty() {
            p { "No responses stand out: nobody responded faster than one can read, gave one answer to everything, or gave nearly the same answers as somebody else." }
        } @else {
            @let reasons = flags.iter().filter(|(number, _)| *number > 0).count();
            ul {
                @for (number, what) in flags {
                    @if number > 0 { li { (count(number, "participant", "participants")) " " (what) "." } }
                }
            }
            p {
                @if reasons > 1 { "That is " (count(flagged(findings) as u64, "participant", "participants")) " in all. " }
                "It is a reason to look, not a verdict. Nothing was removed: everything above is with their responses."
            }
            @if let Some(without) = &findings.without_flagged { (without_flagged(question, computed, findings, without)) }
        }
        p {
            "Whoever can take part many times can shape any result of this kind, by any method. The real defence is who may take part"
            "." @if question.imported().is_some() { " Who could take part where this was held is not known." }
            @if question.imported().is_none() || taken_part_here(question) { " Here, " (a_cookie(question)) }
        }
    }
}

/// What tells people apart here, as the end of a sentence.
pub(crate) fn a_cookie(question: &Question) -> &'static str {
    match question.admits() {
        Admits::Guests => "anyone with the link may take part, and a cookie is all that tells them apart.",
        Admits::Roll => "only people on the roll may take part.",
    }
}

/// How many participants' responses ask for a second look.
fn flagged(findings: &Findings) -> usize {
    findings.care.iter().map(|care| care.participant).collect::<BTreeSet<u32>>().len()
}

/// Behind the headline of a map: that it would be another one without those whose responses ask for a second look; `care`
/// is where more is said of them.
pub(crate) fn second_look(computed: &Computed, care: &str) -> Markup {
    let Some(findings) = &computed.map.findings else { return html! {} };
    let Some(without) = &findings.without_flagged else { return html! {} };
    let common = findings.common_ground.len();
    let other_groups = without.groups as usize != computed.map.groups.len();
    let [lost, gained] = [
        apart(&findings.common_ground, &without.common_ground).count(),
        apart(&without.common_ground, &findings.common_ground).count(),
    ];
    // Half of the common ground or more; with another number of groups it is bound to be another.
    let other_ground = !other_groups && 2 * (lost + gained) >= common.max(1);
    if !other_groups && !other_ground {
        return html! {};
    }
    let people = flagged(findings);
    html! {
        " Without the " (count(people as u64, "participant", "participants")) " "
        a href=(care) { "whose responses ask for a second look" } " "
        @if other_groups {
            (if without.groups == 1 { "there is " } else { "there are " }) (groups(without.groups as usize))
        }
        @if other_ground {
            @if lost > 0 { (lost) " of " (count(common as u64, "statement", "statements")) (if lost == 1 { " is" } else { " are" }) " not common ground" }
            @if lost > 0 && gained > 0 { ", and " }
            @if gained > 0 { (count(gained as u64, "statement more is", "statements more are")) " common ground" }
        }
        "."
    }
}

/// What is common ground here and not there. Not as the map says it, which may have been read off an earlier one.
fn apart<'c>(here: &'c [CommonGround], there: &'c [CommonGround]) -> impl Iterator<Item = &'c CommonGround> {
    let same = |a: &CommonGround, b: &CommonGround| (a.statement, a.side) == (b.statement, b.side);
    here.iter().filter(move |common| !there.iter().any(|other| same(common, other)))
}

fn groups(number: usize) -> String {
    match number {
        0 => "no distinct groups".to_owned(),
        number => count(number as u64, "group", "groups"),
    }
}

fn without_flagged(
    question: &Question,
    computed: &Computed,
    findings: &Findings,
    without: &Without,
) -> Markup {
    // With the side that people take: that all agree is another thing than that all disagree.
    let lost: Vec<_> = apart(&findings.common_ground, &without.common_ground).collect();
    let gained: Vec<_> = apart(&without.common_ground, &findings.common_ground).collect();
    let list = |title: &str, of: &[&CommonGround]| {
        html! {
            @if !of.is_empty() {
                p { (title) }
                ul {
                    @for common in of {
                        li {
                            span class={ "side " (side_class(common.side)) } { (side_word(common.side)) } " " (quoted(question, common.statement))
                        }
                    }
                }
            }
        }
    };
    html! {
        div.scroll tabindex="0" role="region" aria-label="With and without them" {
            table.close {
                caption { "The result with and without them" }
                thead { tr { th scope="col" { "What" } th scope="col" { "With" } th scope="col" { "Without" } } }
                tbody {
                    tr { th scope="row" { "Participants" } td { (computed.map.participants.len()) } td { (without.participants) } }
                    tr { th scope="row" { "Opinion groups" } td { (groups(computed.map.groups.len())) } td { (groups(without.groups as usize)) } }
                    tr { th scope="row" { "Common ground" } td { (findings.common_ground.len()) } td { (without.common_ground.len()) } }
                }
            }
        }
        // Groups can only be compared with groups.
        @if !computed.map.groups.is_empty() && without.groups > 0 { p { (as_before(without.agreement)) } }
        (list("Common ground only with them:", &lost))
        (list("Common ground only without them:", &gained))
        @if lost.is_empty() && gained.is_empty() { p { "Common ground is the same with and without them." } }
    }
}

/// How alike the groups are with and without some, in words: an adjusted Rand index.
fn as_before(agreement: f64) -> String {
    let said = match agreement {
        0.999.. => "The groups are the same without them",
        0.9.. => "Without them, nearly everybody is in a group with the same people",
        0.6.. => "Without them, most people are in a group with the same people",
        0.3.. => "Without them, the groups are partly other ones",
        _ => "Without them, the groups are other ones",
    };
    format!("{said} (likeness {}; 1 is the same, 0 is chance).", cut(agreement.max(0.0)))
}

/// Why there are as many groups as there are, or none.
pub(crate) fn why(computed: &Computed) -> Markup {
    let Some(findings) = &computed.map.findings else { return html! {} };
    let tried = tried(findings);
    html! {
        p {
            "A number of groups is shown only if the groups help to predict responses that were hidden, if nearly the same groups are "
            "found when a tenth of the responses is left out, if none is too small, and if most people clearly belong to one."
        }
        @if !tried.is_empty() {
            details.more {
                summary { "What was tried" }
                p { "A number of groups holds if all of this does:" }
                ul {
                    li { "Hidden responses are predicted better than by fewer groups, by more than " (ERRORS) " standard errors." }
                    li { "And by at least " (per_cent(WORTH)) " % of what the first division was better." }
                    li { "The groups are found again without a tenth of the responses: on a scale where 1 is the same groups and 0 is chance, at " (STABLE) " or more." }
                    li { "The smallest has at least " (SMALLEST) " participants, and " (100 / ONE_IN) " % of all." }
                    li { "At least " (per_cent(MOSTLY)) " % of those with " (LEAST_RESPONSES) " or more responses clearly belong to one." }
                }
                div.scroll tabindex="0" role="region" aria-label="Numbers of groups that were tried" {
                    table.close {
                        caption { "Numbers of groups that were tried. Better: in the prediction of hidden responses, ± a standard error. Clear: of those with " (LEAST_RESPONSES) " or more responses."
                            @if tried.iter().any(|(choice, _)| (choice.people as usize) < computed.map.participants.len()) { " Tried on a fixed sample of participants." } }
                        thead { tr {
                            th.num scope="col" { "Groups" } th.num scope="col" { "Better" } th.num scope="col" { "Found again" }
                            th.num scope="col" { "Smallest" } th.num scope="col" { "Clear" }
                        } }
                        @for (choice, first) in tried {
                            tbody {
                                tr {
                                    th.num scope="row" { (choice.groups) }
                                    td.num { (signed(choice.gain)) " ±" br; (format!("{:.3}", choice.error)) }
                                    td.num { (cut(choice.stability)) }
                                    td.num { (choice.smallest) }
                                    td.num { (at_least(choice.clear)) " %" }
                                }
                                tr.under { td colspan="5" {
                                    @match fails(choice, first) {
                                        None => "Holds.",
                                        Some(why) => { "Does not hold: " (why) "." },
                                    }
                                } }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Of a map without groups: what was nearest to be shown.
pub(crate) fn nearest(computed: &Computed) -> Markup {
    let found = computed.map.findings.as_ref().and_then(|findings| report::nearest(findings));
    html! {
        @if let Some((groups, why)) = found { p { "Nearest to it came " (number(groups as usize)) " groups: " (why) "." } }
    }
}

fn signed(value: f64) -> String {
    format!("{value:+.3}").replace('-', "−")
}

/// The entry that published a map, if one did.
pub(crate) fn publishing<'q>(question: &'q Question, computed: &Computed) -> Option<&'q Published> {
    let maps = question.talk().maps();
    maps.iter().rev().find(|published| published.mapped.map == computed.results.map)
}

/// The maps that are on the record.
pub(crate) fn published(base: &str, slug: &str, question: &Question) -> Markup {
    let maps = question.talk().maps();
    html! {
        p {
            "A map is put on the record with the first 20 responses, with every quarter more, once a day while responses come, and when "
            "no more can come. The entry holds the fingerprints of the responses and of the map, so that nobody can change what was shown; "
            "what is shown to people next rests on the last of these maps."
            @if question.imported().is_some() { " What is imported is brought in at once, so that its first map has all of it." }
        }
        @if maps.is_empty() { p { "None is on the record yet." } }
        @else {
            div.scroll tabindex="0" role="region" aria-label="Published maps" {
                table.close {
                    caption { "Published maps" @if maps.len() > LISTED { ", the last " (LISTED) " of " (maps.len()) } }
                    thead { tr {
                        th.num scope="col" { "Entry" } th.num scope="col" { "Responses" } th scope="col" { "Groups" } th scope="col" { "Receipt" }
                    } }
                    @for published in maps.iter().rev().take(LISTED) {
                        tbody {
                            tr {
                                th.num scope="row" { (published.entry) }
                                td.num { (published.mapped.responses) }
                                td { (sizes(&published.mapped.map.groups)) }
                                td {
                                    a href={ "/" (slug) "/record/receipt/" (published.entry) } download={ "receipt-" (published.entry) ".txt" }
                                        aria-label={ "Receipt for entry " (published.entry) } { "Receipt" }
                                }
                            }
                            tr.under { td colspan="4" { (moment(published.at)) } }
                        }
                    }
                }
            }
            p.go { a href={ (base) "/maps.json" } { "All of them as data" } }
        }
    }
}

fn sizes(groups: &[u32]) -> Markup {
    html! {
        @if groups.is_empty() { "none distinct" }
        @for (index, size) in groups.iter().enumerate() { @if index > 0 { ", " } (super::findings::name(index)) " " (size) }
    }
}
