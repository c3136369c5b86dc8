//! The organisers' pages: signing in, reports, erasing.

use super::pieces::{Tone, asked, count, empty, ground_choice, moment, notice, texts_shown, words};
use super::shell::{Frame, Script, page};
use crate::texts::{Texts, Words, field_name};
use maud::{Markup, html};
use store::Report;

/// Everything reported about one entry.
pub(crate) struct Case<'a> {
    pub texts: Texts<'a>,
    pub reports: Vec<Report>,
}

/// What was just done.
pub(crate) enum Just {
    Erased { entry: u64, said_by: u64 },
    Kept { entry: u64 },
}

fn base(frame: &Frame<'_>) -> String {
    format!("/{}/organise", frame.place.map_or("", |place| place.slug))
}

/// What whoever is not signed in is told.
pub(crate) fn signed_out(frame: &Frame<'_>) -> Markup {
    let slug = frame.place.map_or("", |place| place.slug);
    let content = html! {
        h1 { "For organisers" }
        p { "You are not signed in as an organiser here, or your session has ended: it lasts twelve hours." }
        p { "Whoever runs this server makes a link for you with this command. It works once, within 15 minutes." }
        div.scroll tabindex="0" role="region" aria-label="The command" { pre { code { "veche organiser --data FOLDER --assembly " (slug) } } }
        p.stop { a href={ "/" (slug) } { "Back to the questions" } }
    };
    page(frame, "For organisers", Script::None, &content)
}

/// The page that a one-time link opens.
pub(crate) fn enter(frame: &Frame<'_>) -> Markup {
    let content = html! {
        h1 { "Sign in as an organiser" }
        p { "This link works once. Press the button in the browser you want to work with; it stays signed in for twelve hours." }
        // Without an address of its own, the form is sent to the page it stands on.
        form method="post" { button.button.next { "Sign in" } }
    };
    page(frame, "Sign in as an organiser", Script::None, &content)
}

/// What waits for a decision.
pub(crate) fn home(frame: &Frame<'_>, cases: &[Case<'_>], done: Option<Just>) -> Markup {
    let base = base(frame);
    let content = html! {
        h1 { "For organisers" }
        @match done {
            Some(Just::Erased { entry, said_by }) => (notice(Tone::Done, &html! { "The words of entry " (entry) " are erased, and entry " (said_by) " says so." })),
            Some(Just::Kept { entry }) => (notice(Tone::Done, &html! { "The words of entry " (entry) " stay. The reports about them are deleted." })),
            None => {}
        }
        h2 { "Reported words" }
        @if cases.is_empty() { (empty(&html! { "Nothing was reported. Whoever sees words that must not be public can report them at the statement." })) }
        @for case in cases { (one(&base, case)) }
        h2 { "Erase other words" }
        form method="get" action={ (base) "/erase" } {
            div.field {
                label for="entry" { "Number of the entry" }
                p.hint id="entry-hint" { "It stands on the page of the statement, and in its receipt. You see the words before anything is erased." }
                input type="text" inputmode="numeric" id="entry" name="entry" required autocomplete="off" aria-describedby="entry-hint";
            }
            button.button { "Show its words" }
        }
        p.quiet { "What you erase, you answer for: the entry stays, and the record says for ever that an organiser erased its words, when, and on which ground." }
        form method="post" action={ (base) "/leave" } { button.plain { "Sign out" } }
    };
    page(frame, "For organisers", Script::None, &content)
}

fn one(base: &str, case: &Case<'_>) -> Markup {
    let entry = case.texts.entry;
    html! {
        section.case {
            h3 { a href=(case.texts.page) { (case.texts.name) } ", entry " (entry) }
            (texts_shown(&case.texts))
            p { (count(case.reports.len() as u64, "report", "reports")) ":" }
            ul {
                @for report in &case.reports {
                    li {
                        (asked(report.ground)) ". " span.quiet { (moment(report.at)) }
                        @if !report.note.is_empty() { br; "“" (words(&report.note)) "”" }
                    }
                }
            }
            div.go {
                @if case.texts.any() { a.button href={ (base) "/erase?entry=" (entry) } { "Erase them …" } }
                form method="post" action={ (base) "/dismiss" } {
                    input type="hidden" name="entry" value=(entry);
                    button { "Let them stand" }
                }
            }
        }
    }
}

/// The words of an entry, and why they should go. `error` is why the last try was not taken.
pub(crate) fn erase(frame: &Frame<'_>, texts: &Texts<'_>, error: Option<&str>) -> Markup {
    let base = base(frame);
    let here: Vec<_> = texts.fields.iter().filter(|(_, words)| matches!(words, Words::Here(_))).collect();
    let content = html! {
        p.crumb { a href=(base) { "‹ For organisers" } }
        h1.small { "Erase the words of entry " (texts.entry) "?" }
        p { a href=(texts.page) { (texts.name) } ":" }
        (texts_shown(texts))
        @if here.is_empty() {
            (notice(Tone::Note, &html! { "There are no words here that could be erased." }))
        } @else {
            @if let Some(error) = error { (notice(Tone::Problem, &html! { (error) })) }
            form.report method="post" action={ (base) "/erase" } {
                input type="hidden" name="entry" value=(texts.entry);
                @if let [(field, _)] = here[..] {
                    input type="hidden" name="field" value=(field.name());
                } @else {
                    fieldset {
                        legend { "Which words?" }
                        @for (field, _) in &here {
                            label.choice { input type="radio" name="field" value=(field.name()) required; " " (field_name(*field)) }
                        }
                    }
                }
                (ground_choice("On which ground?", Some("This stands on the record for ever.")))
                button.button { "Erase these words" }
            }
            p.quiet { "The words are deleted here for good. The entry stays, with everything that was said to it, and a new entry says when an organiser erased its words and on which ground. Nobody can bring them back." }
        }
        p.stop { a href=(base) { "Back without erasing" } }
    };
    page(frame, "Erase words", Script::None, &content)
}
