//! The question page: where every link leads.

use super::findings::common_ground;
use super::pieces::{
    Tone, count, erased, moment, notice, provenance, since, statement_line, step_bar, times, ways, who_may,
    words,
};
use super::shell::{Frame, Script, page};
use super::tally::line;
use super::trust::{publishing, second_look};
use crate::maps::Computed;
use crate::order::{Order, division};
use crate::picture;
use crate::texts::field_name;
use assembly::question::Activity;
use assembly::{Field, Question, StatementNo};
use maud::{Markup, html};
use opinion::Method;

/// How many statements each list of the page shows.
const EACH: usize = 3;
/// How many statements the last list of the page shows.
const FIRST: usize = 8;

/// A reason longer than this, in characters, is folded. Two sentences fit well.
const WHY: usize = 300;

/// What the person looking has done in the question.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Own {
    pub responses: usize,
    pub stated: usize,
}

/// The question page. `listed` are the statements of the last list, in their order.
pub(crate) fn question(
    frame: &Frame<'_>,
    question: &Question,
    own: Own,
    computed: &Computed,
    listed: &[StatementNo],
) -> Markup {
    let base = frame.question(question.id());
    let open = question.allows(Activity::Respond, frame.now).is_ok();
    let content = html! {
        (step_bar(question, frame.now))
        // In this order on a phone; where there is room, the facts stand beside the rest.
        div.columns data-live={ (base) "/live" } {
            div.asked {
                h1 { (words(question.title())) }
                (provenance(&base, question))
                @for (field, erasure) in question.erased() {
                    p.quiet { (field_name(field)) ": " (erased(erasure)) }
                }
                @if let Some(why) = question.why() { (why_now(why)) }
                (doing(&base, own, open))
            }
            (beside(&base, question, frame))
            div.said-here {
                (totals(question, computed))
                (map_in_short(&base, question, computed, frame))
                (shared(&base, question, computed))
                (list("Most divided", division(&computed.map), &base, question, &computed.divided, Order::MostDivided))
                (statements(&base, question, listed))
            }
        }
    };
    page(frame, question.title(), Script::Live, &content)
}

/// Why it is asked now. Of a long text only the first paragraph: what there is to do stays in sight.
fn why_now(why: &str) -> Markup {
    let (lead, rest) = match why.trim().split_once('\n') {
        Some((lead, rest)) if why.chars().count() > WHY => (lead.trim_end(), rest.trim_start()),
        _ => (why, ""),
    };
    html! {
        p.why { (words(lead)) }
        @if !rest.is_empty() {
            details.more { summary { "Read on" } p { (words(rest)) } }
        }
    }
}

/// The one thing to do next, and what one has done.
fn doing(base: &str, own: Own, open: bool) -> Markup {
    let said = match (own.responses, own.stated) {
        (0, 0) => {
            "You have not said anything here yet. No account is needed; you can stop at any time.".to_owned()
        }
        (responses, stated) => {
            let responses = (responses > 0)
                .then(|| format!("responded to {}", count(responses as u64, "statement", "statements")));
            let stated =
                (stated > 0).then(|| format!("put {}", count(stated as u64, "statement", "statements")));
            let both: Vec<_> = responses.into_iter().chain(stated).collect();
            format!("You have {}.", both.join(" and "))
        }
    };
    html! {
        div.doing {
            @if open {
                p { a.button.next href={ (base) "/respond" } { "Say what you think" } }
            } @else {
                (notice(Tone::Note, &html! { "Responses are not open now. What was said stays here to be read and checked." }))
            }
            p.own {
                (said)
                @if own.responses > 0 { " " a href={ (base) "/stand" } { "Where do I stand?" } }
            }
        }
    }
}

fn totals(question: &Question, computed: &Computed) -> Markup {
    let talk = question.talk();
    html! {
        dl.totals {
            div { dt { "take part" } dd data-total="participants" { (talk.participants().len()) } }
            div { dt { "responses" } dd data-total="responses" { (talk.responses()) } }
            div { dt { "statements" } dd { (talk.statements().len()) } }
        }
        @let aside = talk.statements().iter().filter(|statement| statement.rejected()).count();
        // Only where the map is of the same moment.
        @let all = if computed.results.as_of == question.revision() { talk.participants().len() } else { 0 };
        @let silent = all.saturating_sub(computed.map.participants.len());
        @if aside > 0 || silent > 0 {
            p.quiet {
                @if silent > 0 { "Of those who take part, " (silent) (if silent == 1 { " has" } else { " have" }) " no response that stands: they are not among the participants below. " }
                @if aside > 0 { "Of the statements, " (aside) (if aside == 1 { " is" } else { " are" }) " set aside: nobody is asked about them, and they stay out of the opinion map." }
            }
        }
    }
}

fn map_in_short(base: &str, question: &Question, computed: &Computed, frame: &Frame<'_>) -> Markup {
    html! {
        section {
            h2 { "Opinion groups" }
            p { (picture::sentence(&computed.map)) (second_look(computed, &format!("{base}/map#care"))) }
            (as_of(computed, question, frame))
            (ways(&[
                (format!("{base}/map"), "See the map, the groups and what each holds"),
                (format!("{base}/summary"), "The report"),
            ]))
        }
    }
}

/// From which entries the opinion map is, and which entry published it.
pub(crate) fn as_of(computed: &Computed, question: &Question, frame: &Frame<'_>) -> Markup {
    let base = frame.question(question.id());
    html! {
        @if computed.results.map_as_of > 0 {
            p.quiet {
                // An entry's number is how many are before it.
                "Numbers as of entry " (computed.results.map_as_of.saturating_sub(1)) ", " (since(computed.at, frame.now))
                @if let Some(found) = computed.read_off {
                    "; groups found a moment earlier, at entry " (found.saturating_sub(1))
                }
                // What is published is by our own method.
                @let last = question.talk().maps().last().filter(|_| computed.map.method == Method::Map);
                @match (publishing(question, computed), last) {
                    (Some(published), _) => { ". " a href={ (base) "/map#published" } { "Published in entry " (published.entry) } "." },
                    (None, Some(last)) => { ". The last map was " a href={ (base) "/map#published" } { "published in entry " (last.entry) } "." },
                    (None, None) => ".",
                }
            }
        }
    }
}

/// What all groups see alike.
fn shared(base: &str, question: &Question, computed: &Computed) -> Markup {
    html! {
        @if !computed.map.participants.is_empty() {
            section {
                h2 { "Common ground" }
                (line())
                (common_ground(base, question, computed, EACH))
                p.go { a href={ (base) "/statements?order=" (Order::CommonGround.name()) } { "All by common ground" } }
            }
        }
    }
}

fn list(
    title: &str,
    about: &str,
    base: &str,
    question: &Question,
    order: &[StatementNo],
    more: Order,
) -> Markup {
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
                p.go { a href={ (base) "/statements?order=" (more.name()) } { "All by " (more.words().to_lowercase()) } }
            }
        }
    }
}

fn statements(base: &str, question: &Question, listed: &[StatementNo]) -> Markup {
    let talk = question.talk();
    let all = talk.statements().len();
    html! {
        section {
            h2 { "Statements" }
            @if all == 0 {
                p.empty {
                    "Nobody has put a statement yet. " a href={ (base) "/state" } { "Write the first one" } "."
                }
            } @else {
                ol.statements {
                    @for statement in listed.iter().take(FIRST).filter_map(|no| talk.statement(*no)) {
                        (statement_line(base, question, statement))
                    }
                }
                p.go { a href={ (base) "/statements" } { "All " (count(all as u64, "statement", "statements")) } }
            }
        }
    }
}

/// What stands beside: who decides, dates, how to check.
fn beside(base: &str, question: &Question, frame: &Frame<'_>) -> Markup {
    html! {
        aside.beside aria-label="About this question" {
            h2 { "Who decides" }
            p {
                @match question.decides() {
                    Some(text) => (words(text)),
                    None if question.erased().any(|(field, _)| field == Field::Decides) => "The words were erased.",
                    None => "Nobody has said who decides this, and nobody has promised to answer.",
                }
            }
            h2 { "Dates" }
            p { (times(question, Activity::Respond, frame.now)) }
            p.quiet { @if question.imported().is_some() { "Brought in on " } @else { "Asked on " } (moment(question.at())) "." }
            h2 { "Who may take part" }
            p {
                (who_may(question))
            }
            h2 { "Is this right?" }
            p { "Every response is on a public record. Nobody here has to be believed." }
            p.go { a href={ (base) "/check" } { "Check this result" } }
            p.stop { a href={ (base) "/report" } { "Report the words of this question" } }
        }
    }
}
