//! All statements in several orders, and one statement with what each group says to it.

use super::findings::name;
use super::pieces::{
    Tone, buttons, closed, moment, notice, pages, past, provenance_short, question_head, receipt, shape,
    statement_line, statement_words, ways,
};
use super::shell::{Frame, Script, page};
use super::tally::{bar, exposure, line};
use crate::maps::Computed;
use crate::order::Order;
use assembly::question::Activity;
use assembly::talk::{Response, Statement};
use assembly::{Question, StatementNo};
use maud::{Markup, html};

/// Statements on one page of the list: about 25 kB of HTML.
pub(crate) const PER_PAGE: usize = 25;

/// A page of a list.
pub(crate) struct Leaf<'a> {
    pub order: Order,
    /// From 1.
    pub page: usize,
    /// How many there are.
    pub pages: usize,
    /// How many statements the whole list has.
    pub all: usize,
    /// Those of this page.
    pub statements: &'a [StatementNo],
}

/// A page of the list of statements.
pub(crate) fn list(frame: &Frame<'_>, question: &Question, leaf: &Leaf<'_>) -> Markup {
    let base = frame.question(question.id());
    let talk = question.talk();
    let content = html! {
        (question_head(frame, question))
        h1.small { (leaf.all) " statements" }
        (provenance_short(question))
        (orders(&base, leaf.order))
        @if leaf.all > 0 { (line()) }
        ol.statements start=((leaf.page - 1) * PER_PAGE + 1) data-live={ (base) "/live" } {
            @for statement in leaf.statements.iter().filter_map(|no| talk.statement(*no)) { (statement_line(&base, question, statement)) }
        }
        @if leaf.all == 0 { p.empty { "Nobody has put a statement yet. " a href={ (base) "/state" } { "Write the first one" } "." } }
        (pages(leaf.page, leaf.pages, |page| format!("{base}/statements?order={}&page={page}", leaf.order.name())))
    };
    page(frame, "Statements", Script::Live, &content)
}

fn orders(base: &str, current: Order) -> Markup {
    html! {
        nav.orders aria-label="Order" {
            ul {
                @for order in Order::ALL {
                    li {
                        a href={ (base) "/statements?order=" (order.name()) }
                            aria-current=[(order == current).then_some("true")] { (order.words()) }
                    }
                }
            }
        }
    }
}

/// One statement: `own` is what the person looking said to it, and the entry that says so.
pub(crate) fn one(
    frame: &Frame<'_>,
    question: &Question,
    statement: &Statement,
    computed: &Computed,
    own: Option<(Response, u64)>,
) -> Markup {
    let base = frame.question(question.id());
    let tally = statement.tally();
    let content = html! {
        (question_head(frame, question))
        h1.small { "Statement " (statement.no()) }
        (provenance_short(question))
        blockquote.said { (statement_words(statement)) }
        p.quiet {
            "Put " (moment(statement.at()))
            @if let Some(by) = statement.by() { " by participant " (by) }
            ", entry " (statement.entry()) "."
            @if statement.meta() { " It is about the people who respond and stays out of the opinion map." }
        }
        @if statement.rejected() {
            (notice(Tone::Note, &html! { "This statement was set aside where it comes from. It takes no responses and stays out of the opinion map; what was said to it stays." }))
        }
        @if statement.erased().is_some() {
            (notice(Tone::Note, &html! { "What was said to this statement before stays, and stays counted. Nobody is asked about it any more." }))
        } @else if statement.words().is_some() {
            p.stop { a href={ (base) "/s/" (statement.no()) "/report" } { "Report these words" } }
        }
        section data-live={ (base) "/live" } {
            h2 { "What everybody says" }
            div.statement data-statement=(statement.no()) { (bar(tally.into())) (exposure(question, tally)) }
            (line())
        }
        (by_group(computed, statement))
        (answer(frame, &base, question, statement, own))
        (ways(&[(format!("{base}/statements"), "All statements"), (format!("{base}/map"), "The opinion map")]))
    };
    page(frame, &format!("Statement {}", statement.no()), Script::Live, &content)
}

fn by_group(computed: &Computed, statement: &Statement) -> Markup {
    let Some(on_map) = computed.statement(statement.no().0).filter(|on_map| !on_map.groups.is_empty()) else {
        return html! {};
    };
    html! {
        section {
            h2 { "What each opinion group says" }
            div.scroll tabindex="0" role="region" aria-label="Responses by group" {
                table {
                    caption { "Responses by opinion group" }
                    thead { tr { th scope="col" { "Group" } th scope="col" { "Responses, and the share of the side that more of them take, with its 95 % interval" } } }
                    tbody {
                        @for (index, tally) in on_map.groups.iter().enumerate() {
                            tr { th scope="row" { (name(index)) } td.wide { (bar((*tally).into())) } }
                        }
                        @let rest = in_no_group(on_map);
                        @if rest.seen > 0 { tr { th scope="row" { "in no group" } td.wide { (bar(rest.into())) } } }
                    }
                }
            }
        }
    }
}

/// What those say who are in no group, so that the rows add up to everybody.
fn in_no_group(statement: &opinion::Statement) -> opinion::Tally {
    statement.groups.iter().fold(statement.tally, |rest, group| opinion::Tally {
        agree: rest.agree.saturating_sub(group.agree),
        disagree: rest.disagree.saturating_sub(group.disagree),
        pass: rest.pass.saturating_sub(group.pass),
        seen: rest.seen.saturating_sub(group.seen),
    })
}

fn answer(
    frame: &Frame<'_>,
    base: &str,
    question: &Question,
    statement: &Statement,
    own: Option<(Response, u64)>,
) -> Markup {
    let slug = frame.place.map_or("", |place| place.slug);
    let open = question.allows(Activity::Respond, frame.now).is_ok() && statement.takes_responses();
    html! {
        section #answer {
            h2 { "Your answer" }
            @if let Some((response, entry)) = own {
                p {
                    span aria-hidden="true" { (shape(response)) } " " (past(response)) " this. " (receipt(slug, entry))
                    @if open { " You may change it; the latest answer counts, and the earlier ones stay on the record." }
                }
            } @else if open { p { "You have not responded to it yet." } }
            @if open {
                (buttons(base, statement, own.map(|(response, _)| response), "statement"))
                @if own.is_some() {
                    form method="post" action={ (base) "/retract" } {
                        input type="hidden" name="statement" value=(statement.no());
                        input type="hidden" name="back" value="statement";
                        button.plain { "Take my answer back" }
                    }
                }
            } @else if closed(question, frame.now) { p { "The question is closed." } } @else { p { "It takes no responses now." } }
        }
    }
}
