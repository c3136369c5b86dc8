//! The report: for reading from top to bottom, for printing, and for hanging on the board.

use super::findings::{
    CHANCE, MOST, REPRESENTS, all_about, common_ground, data, differences, differing, dissent, name, slate,
    table,
};
use super::pieces::{
    closing, count, moment, provenance_short, question_head, set_aside, statement_words, times, trio, ways,
    who_may, words,
};
use super::question::as_of;
use super::shell::{Frame, Script, page};
use super::tally::line;
use super::trust::{care, exposure, heard, nearest, second_look};
use crate::maps::Computed;
use crate::picture::{self, letter};
use assembly::Question;
use assembly::question::Activity;
use maud::{Markup, html};

/// How many differences each group shows.
const SOME: usize = 10;

/// The report on what was said to a question.
pub(crate) fn summary(frame: &Frame<'_>, question: &Question, computed: &Computed) -> Markup {
    let base = frame.question(question.id());
    let (map, results) = (&computed.map, &computed.results);
    let content = html! {
        (question_head(frame, question))
        h1 { (words(question.title())) }
        p.sentence {
            (count(map.participants.len() as u64, "participant", "participants")) " gave " (count(results.responses, "response", "responses")) " to "
            (count(question.talk().statements().len() as u64, "statement", "statements")) (set_aside(question)) ". " (in_short(question, computed))
        }
        (provenance_short(question))
        p.quiet {
            @if question.imported().is_some() { "Brought in on " } @else { "Asked on " } (moment(question.at())) ". "
            (times(question, Activity::Respond, frame.now))
        }
        p.quiet { @if question.imported().is_none() { "Who may take part: " } (who_may(question)) }
        (as_of(computed, question, frame))
        (ways(&[(format!("{base}/map"), "The map, with how it is found"), (format!("{base}/stand"), "Where you stand")]))
        section #common-ground { h2 { "What everybody shares" } (line()) (common_ground(&base, question, computed, MOST)) }
        section {
            h2 { "Where people differ, and who" }
            (trio(
                &html! { (picture::sentence(map)) (second_look(computed, "#care")) },
                &picture::draw(map, None),
                &html! { (picture::caption(map)) },
                &table(computed, question),
            ))
            @if map.groups.is_empty() { (nearest(computed)) }
            @else { p.quiet { "What sets each group apart from the others, the largest differences first. " (CHANCE) } }
            @for (index, group) in map.groups.iter().enumerate() {
                h3 { "Group " (name(index)) ", " (count(u64::from(group.size), "participant", "participants")) }
                (differences(&base, question, computed, (index, group), 0..SOME))
                @let more = differing(computed, group).saturating_sub(SOME);
                @if more > 0 { p.on-paper { (more) " more: " (frame.public_url) (base) "/map/group/" (letter(index)) } }
                (all_about(&base, computed, (index, group), SOME))
            }
        }
        section #minority { h2 { "What a minority holds" } (dissent(&base, question, computed, MOST)) }
        section { h2 { "A selection that represents everybody" } p.quiet { (REPRESENTS) } (slate(&base, question, computed)) }
        section { h2 { (heard(question)) } (exposure(&base, question, &question.talk().exposure())) }
        section #care { h2 { "What to be careful with" } (care(question, computed)) }
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
            Some((opinion::Side::Agree, statement)) => { "Surest of all, they agree: “" (statement_words(statement)) (closing(Some(statement))) },
            Some((opinion::Side::Disagree, statement)) => { "Surest of all, they disagree: “" (statement_words(statement)) (closing(Some(statement))) },
            None => "Nothing is certain yet that most of them share.",
        }
    }
}
