//! "Check this result": for whoever distrusts the people who run this server.

use super::pieces::{count, erased, moment, question_head, statement_words, taken_part_here, ways};
use super::shell::{Frame, Script, page};
use super::trust::{a_cookie, published};
use crate::maps::Computed;
use crate::picture;
use crate::texts::field_name;
use assembly::Question;
use assembly::results::Results;
use maud::{Markup, html};
use store::Vouching;

/// The page that says how to check a question's numbers. `key` is the record's verifier key, `changes` the entries by
/// which it changed, `vouching` who has signed its head.
pub(crate) fn check(
    frame: &Frame<'_>,
    question: &Question,
    computed: &Computed,
    key: &str,
    changes: &[u64],
    vouching: &Vouching,
) -> Markup {
    let slug = frame.place.map_or("", |place| place.slug);
    let place = format!("{}/{slug}", frame.public_url);
    let base = frame.question(question.id());
    let results = &computed.results;
    let content = html! {
        (question_head(frame, question))
        h1.small { "Check this result" }
        p.sentence {
            (results.responses) " responses by " (computed.map.participants.len()) " participants count" (to_set_aside(results))
            ". They follow from the first " (results.as_of) " entries of a public record, and anybody can count them again."
        }
        (commands(&place, question))
        (super::vouching::vouching(slug, key, changes, results.as_of, vouching))
        (by_hand(&base, slug, question, computed))
        section { h2 { "Opinion maps on the record" } (published(&base, slug, question)) }
        (erasures(&base, question))
        section {
            h2 { "What this cannot show" }
            ul {
                li { "Whether somebody was pressed to answer as they did." }
                @if question.imported().is_some() { li { "Whether one person took part twice: who could take part where this was held is not known." } }
                @if question.imported().is_none() || taken_part_here(question) {
                    li { "Whether one person took part here twice: " (a_cookie(question)) }
                }
                @if question.simulated() { li { "Anything about people: these participants are simulated." } }
                @if question.imported().is_some() { li { "What happened before the import: the record begins with what the imported files say." } }
                @if vouching.witnesses.is_empty() {
                    li { "Whether this server shows everybody the same record, as long as nobody compares heads." }
                } @else {
                    li { "Whether the witnesses are independent of whoever runs this server. Whom you trust, only you can say." }
                }
                li { "Who somebody is. The record holds numbers, no names; who is who is not on it." }
            }
        }
        @if let Some(imported) = question.imported() {
            section {
                h2 { "Where it comes from" }
                p { "Imported from " (imported.from) ". What was found out about the files: " (imported.format) "." }
                p { "Fingerprint of the files (SHA-256), for whoever has them: " code.long { (imported.digest) } }
            }
        }
        section {
            h2 { "Take it away" }
            p { a.button href={ (base) "/bundle.tar" } download { "Download the bundle" } }
            p {
                "One file with everything needed to check and recount this question without this server: all entries of the "
                "record, the texts and the result of this question, the signed head. On the same computer, or on one without a network:"
            }
            pre.code { code { "veche recount " (slug) "-question-" (question.id()) ".tar" } }
            p.quiet {
                "It is a plain archive (tar) with a README. The entries of other questions are in it, because otherwise nobody could see "
                "that no entry was left out; what people wrote there is not. "
                "With one command you keep a copy that stays up to date, and become a mirror: " code { "veche mirror " (place) " <folder>" } "."
            }
            (ways(&[
                (format!("{base}.json"), "The numbers of this question"),
                (format!("{base}/map.json"), "The opinion map"),
                (format!("{base}/map/classic.json"), "The classic map"),
                (format!("{base}/maps.json"), "What was published"),
                (format!("/{slug}/record/checkpoint"), "The signed head"),
                (format!("/{slug}/record/key"), "The key"),
                (format!("/{slug}/record/policy"), "The list of witnesses"),
                (format!("{base}/check.json"), "Who vouches for it"),
            ]))
            p.quiet { "Question asked " (moment(question.at())) ", entry " (question.entry()) "." }
        }
        section.signatures aria-hidden="true" { p { "Seen and signed:" } p.line {} p.line {} p.line {} }
    };
    page(frame, "Check this result", Script::None, &content)
}

/// How many of the responses are to statements that were set aside.
fn to_set_aside(results: &Results) -> String {
    let aside = results.statements.iter().filter(|result| result.rejected);
    match aside.map(|result| u64::from(result.agree + result.disagree + result.pass)).sum::<u64>() {
        0 => String::new(),
        1 => ", one of them to a statement that was set aside and stays out of the opinion map".to_owned(),
        n => format!(", {n} of them to statements that were set aside and stay out of the opinion map"),
    }
}

/// The words that were erased, so that nobody has to look for what is not there.
fn erasures(base: &str, question: &Question) -> Markup {
    let statements = question.talk().statements();
    let gone: Vec<_> = statements.iter().filter_map(|put| Some((put, put.erased()?))).collect();
    let own: Vec<_> = question.erased().collect();
    html! {
        section {
            h2 { "What was erased" }
            @if gone.is_empty() && own.is_empty() {
                p { "No words of this question were erased. Words that were missing without an entry that says so would be named by the command above." }
            } @else {
                p {
                    (count((gone.len() + own.len()) as u64, "text was erased", "texts were erased"))
                    ". The entries stay, and so does what was said to them; each erasing is an entry of its own."
                }
                ul {
                    @for (field, erasure) in own { li { (field_name(field)) ": " (erased(erasure)) } }
                    @for (put, erasure) in gone {
                        li { a href={ (base) "/s/" (put.no()) } { "Statement " (put.no()) } ": " (erased(erasure)) }
                    }
                }
            }
        }
    }
}

fn commands(place: &str, question: &Question) -> Markup {
    html! {
        section {
            h2 { "With one command" }
            p { "On any computer with Veche, whoever runs it:" }
            pre.code { code { "veche verify " (place) } }
            p { "reads the whole record and checks every signature, every entry and every text. It names the entry where something was changed." }
            pre.code { code { "veche recount " (place) " --question " (question.id()) } }
            p { "counts this question again from the record, and compares with every number on these pages. It names the first difference." }
        }
    }
}

/// The recipe for a pencil, with one statement as the example.
fn by_hand(base: &str, slug: &str, question: &Question, computed: &Computed) -> Markup {
    let example =
        computed.results.statements.iter().max_by_key(|result| result.agree + result.disagree + result.pass);
    html! {
        section {
            h2 { "By hand" }
            ol {
                li { "Open the entries, 256 to a file: " code { "/" (slug) "/record/tile/entries/000" } ", " code { "…/001" } " and so on; the last, shorter file ends in " code { ".p/" } " and its number of entries. Each entry is one line you can read." }
                li { "Take the lines of kind " code { "talk.responded" } " and " code { "talk.retracted" } " with " code { "\"question\":" (question.id()) } "." }
                li { "For each participant and statement keep the last line. If it is a retraction, strike it out." }
                li { "Count agree, disagree and pass for each statement. These are the numbers on the pages." }
            }
            @if let Some(result) = example {
                p {
                    "For example statement " (result.statement)
                    @if let Some(statement) = question.talk().statement(result.statement) { ", “" (statement_words(statement)) "”," }
                    " has " (result.agree) " agree, " (result.disagree) " disagree, " (result.pass) " pass. "
                    a href={ (base) "/s/" (result.statement) } { "See it" } "."
                }
            }
            @if !computed.map.groups.is_empty() {
                p {
                    "The opinion groups need a computer. " (picture::sentence(&computed.map))
                    " Fingerprint of the responses: " code.long { (computed.results.map.responses_digest) }
                }
            }
        }
    }
}
