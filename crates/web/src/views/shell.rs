//! The page around every content: skip link, mark, way back, footer with address and record position.

use super::pieces::{Tone, notice};
use crate::assets::Assets;
use crate::when;
use assembly::{QuestionId, UnixMs};
use maud::{DOCTYPE, Markup, html};

/// What every page is told about where it stands.
pub(crate) struct Frame<'a> {
    /// The address of the server, without a slash at the end.
    pub public_url: &'a str,
    pub assets: &'a Assets,
    pub now: UnixMs,
    /// The address of this page on the server: `/garden/q/1`.
    pub here: &'a str,
    /// The assembly it belongs to.
    pub place: Option<Place<'a>>,
}

/// The assembly a page belongs to, and how far its record is.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    pub slug: &'a str,
    pub title: &'a str,
    /// Entries in the record.
    pub size: u64,
    /// The time of the last of them.
    pub at: UnixMs,
    /// Why nothing is added to it any more.
    pub halted: Option<&'a str>,
}

/// Scripts a page can do without, and is nicer with.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Script {
    None,
    /// Live numbers.
    Live,
    /// Keys, answers without loading, undo, counting characters.
    Respond,
}

impl Frame<'_> {
    /// The address of a question.
    pub fn question(&self, id: QuestionId) -> String {
        format!("/{}/q/{id}", self.place.map_or("", |place| place.slug))
    }
}

/// A whole page.
pub(crate) fn page(frame: &Frame<'_>, title: &str, script: Script, content: &Markup) -> Markup {
    let file = match script {
        Script::None => None,
        Script::Live => Some("live.js"),
        Script::Respond => Some("respond.js"),
    };
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) @if let Some(place) = frame.place { " · " (place.title) } }
                link rel="stylesheet" href=(frame.assets.address("style.css"));
                link rel="icon" type="image/svg+xml" href=(frame.assets.address("bell.svg"));
                @if let Some(file) = file { script type="module" src=(frame.assets.address(file)) {} }
            }
            body {
                a.skip href="#content" { "Skip to the content" }
                (header(frame))
                main #content tabindex="-1" {
                    @if let Some(why) = frame.place.and_then(|place| place.halted) {
                        (notice(Tone::Problem, &html! {
                            "Nothing is added to this record any more: " (why) " Everything can be read and checked as before."
                        }))
                    }
                    (content)
                }
                (footer(frame))
            }
        }
    }
}

fn header(frame: &Frame<'_>) -> Markup {
    html! {
        header.top {
            @match frame.place {
                Some(place) => {
                    a.mark href={ "/" (place.slug) } {
                        (bell()) span { bdi dir="auto" { (place.title) } }
                    }
                    nav aria-label="Assembly" {
                        a href={ "/" (place.slug) } { "Questions" }
                        a href={ "/" (place.slug) "/me" } { "Your answers" }
                    }
                }
                None => a.mark href="/" { (bell()) span { "Veche" } },
            }
        }
    }
}

/// The mark: the bell that called the assembly.
fn bell() -> Markup {
    html! {
        svg.bell viewBox="0 0 32 32" width="28" height="28" aria-hidden="true" focusable="false" {
            path d="M16 3a2 2 0 0 0-2 2v.6C9.6 6.6 7.5 10 7.5 14.5c0 5-1.3 7.6-3.4 9.5h23.8c-2.1-1.9-3.4-4.5-3.4-9.5 0-4.5-2.1-7.9-6.5-8.9V5a2 2 0 0 0-2-2z" {}
            circle cx="16" cy="27" r="2.6" {}
        }
    }
}

fn footer(frame: &Frame<'_>) -> Markup {
    html! {
        footer.foot {
            p.address { (frame.public_url) (frame.here) }
            @if let Some(place) = frame.place {
                p {
                    "Record: " (place.size) " entries, the last on "
                    time datetime=(when::machine(place.at)) { (when::absolute(place.at)) } ". "
                    a href={ "/" (place.slug) "/record/checkpoint" } { "Signed head" } " "
                    a href={ "/" (place.slug) "/record/key" } { "Key" }
                }
            }
            p { "Page of " time datetime=(when::machine(frame.now)) { (when::absolute(frame.now)) } "." }
            p.maker { "Veche: free software, AGPL 3. Nobody here has to be believed; everything can be checked." }
        }
    }
}
