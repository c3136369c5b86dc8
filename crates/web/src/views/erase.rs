//! "Erase your words?"

use super::pieces::{Tone, erased, notice, question_head, words};
use super::shell::{Frame, Script, page};
use assembly::Question;
use assembly::talk::Statement;
use maud::{Markup, html};

/// The page that asks once more before somebody erases their own statement.
pub(crate) fn confirm(frame: &Frame<'_>, question: &Question, statement: &Statement) -> Markup {
    let base = frame.question(question.id());
    let slug = frame.place.map_or("", |place| place.slug);
    let content = html! {
        (question_head(frame, question))
        h1.small { "Erase your words?" }
        @match (statement.words(), statement.erased()) {
            (_, Some(erasure)) => (notice(Tone::Note, &erased(erasure))),
            (None, None) => p { "These words are not here any more." },
            (Some(text), None) => {
                blockquote.said { (words(text)) }
                ul {
                    li { "These words are deleted here for good, and nobody can bring them back." }
                    li { "Statement " (statement.no()) " stays, without words, and says when they were erased and that its author asked for it." }
                    li { "What people answered to it stays and stays counted. Nobody is asked about it any more." }
                    li { "Copies of the record delete the words when they are updated. What somebody wrote down or photographed is out of reach." }
                }
                form method="post" action={ (base) "/s/" (statement.no()) "/erase" } {
                    button.button { "Erase these words" }
                }
            }
        }
        p.stop { a href={ "/" (slug) "/me" } { "Back to your answers" } }
    };
    page(frame, "Erase your words?", Script::None, &content)
}
