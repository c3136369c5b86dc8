//! A problem as a page: what happened, what it means, what to do.

use super::shell::{Frame, Script, page};
use maud::{Markup, html};

/// The page of a problem.
pub(crate) fn problem(frame: &Frame<'_>, title: &str, sentences: &str) -> Markup {
    let content = html! {
        h1 { (title) }
        p.sentence { (sentences) }
        p { a.button href="/" { "Go to the start" } }
    };
    page(frame, title, Script::None, &content)
}
