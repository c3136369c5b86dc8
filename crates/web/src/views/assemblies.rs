//! The list of assemblies, and one assembly with its questions.

use super::pieces::{count, empty, erased, step_bar, times, words};
use super::shell::{Frame, Script, page};
use assembly::question::Activity;
use assembly::{Field, State};
use maud::{Markup, html};
use serde::Serialize;

/// One assembly of the server in a list.
#[derive(Serialize)]
pub(crate) struct AssemblyLine {
    pub slug: String,
    pub title: String,
    /// How many questions it has.
    pub questions: usize,
}

/// The assemblies of this server.
pub(crate) fn list(frame: &Frame<'_>, assemblies: &[AssemblyLine]) -> Markup {
    let content = html! {
        h1 { "Assemblies" }
        @if assemblies.is_empty() {
            (empty(&html! { "There is no assembly here yet. Whoever runs this server founds one with " code { "veche import" } " or " code { "veche demo" } "." }))
        }
        ul.plain {
            @for AssemblyLine { slug, title, questions } in assemblies {
                li.entry {
                    h2 { a href={ "/" (slug) } { (words(title)) } }
                    p.quiet { (count(*questions as u64, "question", "questions")) }
                }
            }
        }
    };
    page(frame, "Assemblies", Script::None, &content)
}

/// One assembly: its questions, the newest first.
pub(crate) fn assembly(frame: &Frame<'_>, state: &State) -> Markup {
    let title = state.roll().title();
    let content = html! {
        h1 { (words(title)) }
        @if let Some(erasure) = state.erasure(0, Field::Title) { p.quiet { (erased(erasure)) } }
        @if state.questions().is_empty() {
            (empty(&html! { "No question has been asked here yet. Come back when the organisers have opened one." }))
        }
        ul.plain {
            @for question in state.questions().iter().rev() {
                li.entry {
                    h2 { a href=(frame.question(question.id())) { (words(question.title())) } }
                    (step_bar(question, frame.now))
                    p.quiet {
                        (count(question.talk().participants().len() as u64, "participant", "participants")) ", "
                        (count(question.talk().statements().len() as u64, "statement", "statements")) ". "
                        (times(question, Activity::Respond, frame.now))
                        @if question.simulated() { " Simulated participants." }
                        @if question.imported().is_some() { " Imported." }
                    }
                }
            }
        }
        section.beside-less {
            h2 { "Nobody here has to be believed" }
            p {
                "Everything said and counted here stands on a public record that nobody can rewrite. Check it with "
                code { "veche verify " (frame.public_url) "/" (frame.place.map_or("", |place| place.slug)) } "."
            }
            p {
                a href={ "/" (frame.place.map_or("", |place| place.slug)) "/bundle.tar" } download { "Take the whole record away" }
                ", as one file that can be checked anywhere, without a network."
            }
        }
        p.stop { a href={ "/" (frame.place.map_or("", |place| place.slug)) "/organise" } { "For organisers" } }
    };
    page(frame, title, Script::None, &content)
}
