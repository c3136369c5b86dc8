//! Saying that words should not stand here.

use super::pieces::{Tone, ground_choice, notice, texts_shown};
use super::shell::{Frame, Script, page};
use crate::texts::Texts;
use maud::{Markup, html};
use store::{MAX_NOTE, Reported};

/// The form; `error` is why the last try was not taken.
pub(crate) fn form(frame: &Frame<'_>, texts: &Texts<'_>, note: &str, error: Option<&str>) -> Markup {
    let content = html! {
        p.crumb { a href=(texts.page) { "‹ " (texts.name) } }
        h1.small { "Report these words" }
        (texts_shown(texts))
        @if !texts.any() {
            (notice(Tone::Note, &html! { "There are no words here that could be erased." }))
        } @else {
            p { "Report them if they must not be public at all: the organisers can erase them. Disagreeing is no ground; say that with your answer." }
            @if let Some(error) = error { (notice(Tone::Problem, &html! { (error) })) }
            form.report method="post" action=(frame.here) {
                (ground_choice("What is wrong with them?", None))
                div.field {
                    label for="note" { "Anything the organisers should know" }
                    p.hint id="note-hint" { "You need not write anything. At most " (MAX_NOTE) " characters. Do not repeat the words themselves." }
                    textarea id="note" name="note" rows="4" dir="auto" aria-describedby="note-hint" { (note) }
                }
                button.button { "Send the report" }
            }
            p.quiet { "Only the organisers read it. It is not on the record, your name is not kept, and it is deleted once they have decided, after 180 days at the latest." }
        }
        p.stop { a href=(texts.page) { "Back" } }
    };
    page(frame, "Report these words", Script::None, &content)
}

/// What became of a report.
pub(crate) fn sent(frame: &Frame<'_>, texts: &Texts<'_>, reported: Reported) -> Markup {
    let content = html! {
        p.crumb { a href=(texts.page) { "‹ " (texts.name) } }
        h1.small { "Report these words" }
        @match reported {
            Reported::Kept => (notice(Tone::Done, &html! { "Your report waits for the organisers. If they erase the words, this page and the record will say so, and why." })),
            Reported::Enough => (notice(Tone::Done, &html! { "Others have reported the same. It waits for the organisers." })),
            Reported::Full => (notice(Tone::Problem, &html! { "More reports wait than can be kept, so yours was not. Tell the organisers directly." })),
        }
        p.stop { a href=(texts.page) { "Back" } }
    };
    page(frame, "Report these words", Script::None, &content)
}
