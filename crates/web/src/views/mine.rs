//! What I did here: my acts, each with its receipt.

use super::pieces::{Tone, count, empty, notice, past, receipt, shape, statement_words, words};
use super::shell::{Frame, Script, page};
use assembly::talk::{Mark, Statement};
use assembly::{ParticipantNo, Question};
use maud::{Markup, html};

/// What somebody did in one question.
pub(crate) struct Part<'a> {
    pub question: &'a Question,
    pub participant: ParticipantNo,
}

/// The page of one's own acts. `erased` is the entry whose words were just erased, and the one that says so.
pub(crate) fn mine(frame: &Frame<'_>, parts: &[Part<'_>], erased: Option<(u64, u64)>) -> Markup {
    let content = html! {
        h1 { "Your answers" }
        @if let Some((entry, said_by)) = erased {
            (notice(Tone::Done, &html! { "Your words of entry " (entry) " are erased, and entry " (said_by) " says so. " (receipt(frame.place.map_or("", |place| place.slug), said_by)) }))
        }
        p { "This browser is known here by a cookie, and by nothing else. Clear it, and nobody can tell any more that these answers are yours." }
        @if parts.is_empty() {
            (empty(&html! { "You have not taken part in any question yet. " a href={ "/" (frame.place.map_or("", |place| place.slug)) } { "Look at the questions" } "." }))
        }
        @if !parts.is_empty() {
            section {
                h2 { "Your receipts" }
                p {
                    "Each of your acts is an entry of the public record, and has a receipt: it proves, without this server, that the entry "
                    "stands there. A receipt does not say how you answered; the entry with its number does, and everybody can read it."
                }
                p.go {
                    a href={ "/" (frame.place.map_or("", |place| place.slug)) "/me/receipts.tar" } download { "Download all your receipts" }
                    " (with the entries they are about, so keep the file to yourself)"
                }
            }
        }
        @for part in parts { (one(frame, part)) }
    };
    page(frame, "Your answers", Script::None, &content)
}

fn one(frame: &Frame<'_>, part: &Part<'_>) -> Markup {
    let base = frame.question(part.question.id());
    let talk = part.question.talk();
    let slug = frame.place.map_or("", |place| place.slug);
    let marks = talk.participant(part.participant).map_or(&[][..], |participant| participant.marks());
    let said: Vec<(&Mark, &Statement)> = marks
        .iter()
        .filter(|mark| mark.response().is_some())
        .filter_map(|mark| Some((mark, talk.statement(mark.statement())?)))
        .collect();
    let put: Vec<_> =
        talk.statements().iter().filter(|statement| statement.by() == Some(part.participant)).collect();
    html! {
        section {
            h2 { a href=(base) { (words(part.question.title())) } }
            p { "You are participant " (part.participant) " here. " a href={ (base) "/stand" } { "Where do I stand?" } }
            @if !put.is_empty() {
                h3 { (count(put.len() as u64, "statement", "statements")) " of yours" }
                ul.acts {
                    @for statement in put {
                        li { a href={ (base) "/s/" (statement.no()) } { (statement_words(statement)) } " " (act_receipt(slug, statement.entry()))
                            @if statement.words().is_some() { " " a.receipt href={ (base) "/s/" (statement.no()) "/erase" } { "Erase …" } }
                        }
                    }
                }
            }
            h3 { (count(said.len() as u64, "response", "responses")) }
            ul.acts {
                @for (mark, statement) in said {
                    @if let Some(response) = mark.response() {
                        li {
                            span class={ "side " (response.name()) } { (shape(response)) " " (past(response)) }
                            " " a href={ (base) "/s/" (statement.no()) "#answer" } { (statement_words(statement)) }
                            " " (act_receipt(slug, mark.entry()))
                        }
                    }
                }
            }
        }
    }
}

/// A receipt to keep as a file, and to look at and print.
fn act_receipt(slug: &str, entry: u64) -> Markup {
    html! {
        (receipt(slug, entry))
        " " a.receipt href={ "/" (slug) "/receipt/" (entry) } aria-label={ "Print or scan the receipt for entry " (entry) } { "Print or scan" }
    }
}
