//! How far an opinion map can be trusted: who was asked enough, what looks odd, why so many groups, who publishes it.

use super::findings::quoted;
use super::pieces::{count, moment};
use crate::maps::Computed;
use crate::order::{Order, by_talk};
use assembly::Question;
use assembly::question::Admits;
use assembly::talk::{Published, Statement};
use maud::{Markup, html};
use opinion::next::{FLOOR, FLOOR_SHARE};
use opinion::report::at_least;
use opinion::{Choice, Reason, Without};

/// How many statements that were not asked enough are named.
const NAMED: usize = 5;
/// How many published maps are listed.
const LISTED: usize = 10;

/// Which statements were not asked enough, and figures of exposure.
pub(crate) fn exposure(base: &str, question: &Question) -> Markup {
    let talk = question.talk();
    let floor = floor(question);
    let all = talk.statements().iter().filter(|statement| statement.takes_responses()).count();
    let few: Vec<&Statement> = by_talk(talk, Order::LeastHeard, 0)
        .into_iter()
        .filter_map(|no| talk.statement(no))
        .filter(|statement| below(statement, floor))
        .collect();
    let figures = talk.exposure();
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
                        span.quiet { " shown to " (statement.tally().shown) ", " (statement.tally().responses()) " answered" }
                    }
                }
            }
            @if few.len() > NAMED { p.go { a href={ (base) "/statements?order=least-heard" } { "All, the least heard first" } } }
        }
        @if figures.statements > 0 {
            p.quiet {
                "Half of the statements have " (format!("{:.0}", figures.median)) " responses or more. "
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
pub(crate) fn for_those_who_check(question: &Question, computed: &Computed) -> Markup {
    let Some(findings) = &computed.map.findings else { return html! {} };
    html! {
        details.more {
            summary { "For those who check" }
            ul {
                @for sentence in &findings.rules { li { (sentence) } }
                li {
                    "Rank correlation between how late a statement came and how many responses it has: "
                    (format!("{:+.2}", question.talk().exposure().age_correlation).replace('-', "−")) "."
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
            ul {
                @for (number, what) in flags {
                    @if number > 0 { li { (count(number, "participant", "participants")) " " (what) "." } }
                }
            }
            p { "That is a reason to look, not a verdict. Nothing was removed: everything above is with their responses." }
            @if let Some(without) = &findings.without_flagged { (without_flagged(question, computed, without)) }
        }
        p {
            "Whoever can take part many times can shape any result of this kind, by any method. The real defence is who may take part: here "
            @match question.admits() {
                Admits::Guests => "anyone with the link, and a cookie is all that tells people apart.",
                Admits::Roll => "only people on the roll.",
            }
        }
    }
}

fn without_flagged(question: &Question, computed: &Computed, without: &Without) -> Markup {
    let list = |numbers: &[u32]| {
        html! { @for (place, number) in numbers.iter().enumerate() { @if place > 0 { "; " } "“" (quoted(question, *number)) "”" } }
    };
    let groups = |number: usize| match number {
        0 => "no distinct groups".to_owned(),
        number => count(number as u64, "group", "groups"),
    };
    html! {
        div.scroll tabindex="0" role="region" aria-label="With and without them" {
            table {
                caption { "The result with and without them" }
                thead { tr { td {} th scope="col" { "With" } th scope="col" { "Without" } } }
                tbody {
                    tr { th scope="row" { "Participants" } td { (computed.map.participants.len()) } td { (without.participants) } }
                    tr { th scope="row" { "Opinion groups" } td { (groups(computed.map.groups.len())) } td { (groups(without.groups as usize)) } }
                    tr {
                        th scope="row" { "Common ground" }
                        td { (computed.map.findings.as_ref().map_or(0, |findings| findings.common_ground.len())) }
                        td { (without.common_ground.len()) }
                    }
                }
            }
        }
        @if !without.lost.is_empty() { p { "Only common ground with them: " (list(&without.lost)) "." } }
        @if !without.gained.is_empty() { p { "Only common ground without them: " (list(&without.gained)) "." } }
        @if without.lost.is_empty() && without.gained.is_empty() { p { "Common ground is the same with and without them." } }
    }
}

/// Why there are as many groups as there are, or none.
pub(crate) fn why(computed: &Computed) -> Markup {
    let Some(findings) = &computed.map.findings else { return html! {} };
    let tried: Vec<&Choice> = findings.choice.iter().filter(|choice| choice.stability.is_finite()).collect();
    html! {
        p {
            "A number of groups is shown only if the groups help to predict responses that were hidden, if nearly the same groups are "
            "found when a tenth of the responses is left out, if none is too small, and if most people clearly belong to one."
        }
        @if !tried.is_empty() {
            details.more {
                summary { "What was tried" }
                div.scroll tabindex="0" role="region" aria-label="Numbers of groups that were tried" {
                    table {
                        caption { "Numbers of groups that were tried. Found again: 1 is the same groups, 0 is chance; 0.85 is needed." }
                        thead { tr {
                            th.num scope="col" { "Groups" } th.num scope="col" { "Better prediction" } th.num scope="col" { "Found again" }
                            th.num scope="col" { "Clear" } th.num scope="col" { "Smallest" } th scope="col" { "Holds" }
                        } }
                        tbody {
                            @for choice in tried {
                                tr {
                                    th.num scope="row" { (choice.groups) }
                                    td.num { (signed(choice.gain)) " ± " (format!("{:.3}", choice.error)) }
                                    td.num { (cut(choice.stability)) }
                                    td.num { (at_least(choice.clear)) " %" }
                                    td.num { (choice.smallest) }
                                    td { (if choice.holds { "yes" } else { "no" }) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Two decimals, cut down: what has to reach 0.85 does not look as if it did when it does not.
fn cut(value: f64) -> String {
    format!("{:.2}", (value * 100.0).floor() / 100.0)
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
        }
        @if maps.is_empty() { p { "None is on the record yet." } }
        @else {
            div.scroll tabindex="0" role="region" aria-label="Published maps" {
                table {
                    caption { "Published maps" @if maps.len() > LISTED { ", the last " (LISTED) " of " (maps.len()) } }
                    thead { tr {
                        th.num scope="col" { "Entry" } th scope="col" { "When" } th.num scope="col" { "Responses" }
                        th scope="col" { "Groups" } th scope="col" { "Receipt" }
                    } }
                    tbody {
                        @for published in maps.iter().rev().take(LISTED) {
                            tr {
                                th.num scope="row" { (published.entry) }
                                td { (moment(published.at)) }
                                td.num { (published.mapped.responses) }
                                td { (sizes(&published.mapped.map.groups)) }
                                td {
                                    a href={ "/" (slug) "/record/receipt/" (published.entry) } download={ "receipt-" (published.entry) ".txt" }
                                        aria-label={ "Receipt for entry " (published.entry) } { "Receipt" }
                                }
                            }
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
        @for (index, size) in groups.iter().enumerate() { @if index > 0 { " · " } (super::findings::name(index)) " " (size) }
    }
}
