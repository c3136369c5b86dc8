//! The report: for reading from top to bottom, for printing, and for hanging on the board.

use super::findings::{all_about, common_ground, data, differences, dissent, name, slate, table};
use super::pieces::{count, moment, provenance_short, question_head, statement_words, trio, words};
use super::question::as_of;
use super::shell::{Frame, Script, page};
use super::trust::{care, exposure, heard};
use crate::maps::Computed;
use crate::picture;
use assembly::Question;
use maud::{Markup, html};

/// How many statements the common ground and the dissent show.
const MANY: usize = 10;
/// How many differences each group shows.
const SOME: usize = 5;

/// The report on what was said to a question.
pub(crate) fn summary(frame: &Frame<'_>, question: &Question, computed: &Computed) -> Markup {
    let base = frame.question(question.id());
    let (map, results) = (&computed.map, &computed.results);
    let content = html! {
        (question_head(frame, question))
        h1 { (words(question.title())) }
        p.sentence {
            (count(results.responders, "participant", "participants")) " gave " (count(results.responses, "response", "responses")) " to "
            (count(question.talk().statements().len() as u64, "statement", "statements")) ". " (in_short(question, computed))
        }
        (provenance_short(question))
        p.quiet { "Asked " (moment(question.at())) "." }
        (as_of(computed, question, frame))
        section { h2 { "What everybody shares" } (common_ground(&base, question, computed, MANY)) }
        section {
            h2 { "Where people differ, and who" }
            (trio(
                &html! { (picture::sentence(map)) },
                &picture::draw(map, None),
                &html! { (picture::caption(map)) },
                &table(computed, question),
            ))
            @for (index, group) in map.groups.iter().enumerate() {
                h3 { "Group " (name(index)) ", " (count(u64::from(group.size), "participant", "participants")) }
                (differences(&base, question, computed, (index, group), 0..SOME))
                (all_about(&base, computed, (index, group), SOME))
            }
        }
        section { h2 { "What a minority holds" } (dissent(&base, question, computed, MANY)) }
        section { h2 { "A selection that represents everybody" } (slate(&base, question, computed)) }
        section { h2 { (heard(question)) } (exposure(&base, question)) }
        section { h2 { "What to be careful with" } (care(question, computed)) }
        section {
            h2 { "How to check it" }
            p { "Every number here follows from the public record. On any computer with Veche:" }
            pre.code { code { "veche recount " (frame.public_url) "/" (frame.place.map_or("", |place| place.slug)) " --question " (question.id()) } }
            (data(frame, question))
        }
        section.signatures aria-hidden="true" {
            p { "Seen and signed:" }
            @for _ in 0..2 { div { p { "Name, office" } p { "Place, date" } } }
        }
    };
    page(frame, &format!("Report: {}", question.title()), Script::None, &content)
}

/// The surest common ground, in a sentence.
fn in_short(question: &Question, computed: &Computed) -> Markup {
    let first = computed.map.findings.as_ref().and_then(|findings| findings.common_ground.first());
    let first = first.and_then(|common| {
        let statement = question.talk().statement(assembly::StatementNo(common.statement))?;
        Some((common.side, statement))
    });
    html! {
        @match first {
            Some((opinion::Side::Agree, statement)) => { "Surest of all, they agree: “" (statement_words(statement)) "”" },
            Some((opinion::Side::Disagree, statement)) => { "Surest of all, they disagree: “" (statement_words(statement)) "”" },
            None => "Nothing is certain yet that most of them share.",
        }
    }
}
