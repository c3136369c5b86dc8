//! One statement at a time, and the one that is missing.

use super::pieces::{
    Field, Tone, buttons, empty, field, notice, past, provenance_short, question_head, receipt, shape,
    statement_words, ways,
};
use super::shell::{Frame, Script, page};
use assembly::Question;
use assembly::question::Activity;
use assembly::talk::{MAX_STATEMENT, Response, Statement};
use maud::{Markup, html};

/// How many statements a round has; nobody is asked to look further ahead.
pub(crate) const ROUND: usize = 12;
/// After how many responses the page offers to show where one stands.
pub(crate) const ENOUGH: usize = 8;

/// What the page of one statement shows.
pub(crate) struct Card<'a> {
    /// The statement to respond to; none if all were.
    pub statement: Option<&'a Statement>,
    /// How many the person has responded to.
    pub answered: usize,
    /// How many there are to respond to.
    pub all: usize,
    /// What was just done.
    pub done: Option<Just<'a>>,
}

/// What was just done, with what takes it back.
pub(crate) struct Just<'a> {
    pub statement: &'a Statement,
    /// What stands now; none if it was taken back.
    pub response: Option<Response>,
    /// What stood before.
    pub before: Option<Response>,
    /// The entry that says what stands now.
    pub entry: Option<u64>,
}

/// "3 of about 12": rounds of twelve, so that five thousand statements do not look like a duty.
pub(crate) fn progress(answered: usize, all: usize) -> String {
    let next = (answered + 1).min(all.max(1));
    let about = next.div_ceil(ROUND) * ROUND;
    if about >= all { format!("{next} of {all}") } else { format!("{next} of about {about}") }
}

/// The page of one statement.
pub(crate) fn card(frame: &Frame<'_>, question: &Question, card: &Card<'_>) -> Markup {
    let base = frame.question(question.id());
    let content = html! {
        (question_head(frame, question))
        h1.small { "Say what you think" }
        (provenance_short(question))
        div #done aria-live="polite" { @if let Some(done) = &card.done { (just(frame, &base, done)) } }
        @match card.statement {
            Some(statement) => (one(&base, statement, card)),
            None => (none_left(&base, card)),
        }
        @if card.answered >= ENOUGH || card.statement.is_none() {
            section.after {
                @if card.answered > 0 {
                    h2 { "Where you stand" }
                    p { "You have responded to " (card.answered) " statements." }
                    p.go { a href={ (base) "/stand" } { "See where you stand" } }
                }
                @if question.allows(Activity::State, frame.now).is_ok() { (missing(&base, "", None)) }
            }
        }
        (ways(&[
            (base.clone(), "Stop here"),
            (format!("{base}/state"), "Write a statement"),
            (format!("/{}/me", frame.place.map_or("", |place| place.slug)), "Your answers"),
        ]))
    };
    page(frame, "Say what you think", Script::Respond, &content)
}

fn one(base: &str, statement: &Statement, card: &Card<'_>) -> Markup {
    html! {
        article.card #card data-base=(base) data-statement=(statement.no()) aria-labelledby="said" {
            p.progress #progress { (progress(card.answered, card.all)) }
            p.said #said aria-live="polite" { (statement_words(statement)) }
            (buttons(base, statement, None, "card"))
            p.stop { a #report href={ (base) "/s/" (statement.no()) "/report" } { "Report these words" } }
            p.keys #keys hidden {
                "Keys: " kbd { "A" } " agree, " kbd { "D" } " disagree, " kbd { "P" } " pass, " kbd { "U" } " undo. "
                button.plain type="button" { "Turn keys off" }
            }
        }
    }
}

fn none_left(base: &str, card: &Card<'_>) -> Markup {
    empty(&html! {
        @if card.all == 0 {
            "Nobody has put a statement yet. Write the first one below."
        } @else if card.answered == 0 {
            "There is no statement here for you to respond to yet. "
            a href=(base) { "Back to the question" } "."
        } @else {
            "You have responded to everything there is. " a href={ (base) "/stand" } { "See where you stand" } "."
        }
    })
}

/// What was just done, its receipt, and the button that takes it back.
fn just(frame: &Frame<'_>, base: &str, done: &Just<'_>) -> Markup {
    let slug = frame.place.map_or("", |place| place.slug);
    notice(
        Tone::Done,
        &html! {
            @match done.response {
                Some(response) => { span aria-hidden="true" { (shape(response)) } " " (past(response)) " " },
                None => "You took your answer back to ",
            }
            "“" (statement_words(done.statement)) "” "
            @if let Some(entry) = done.entry { (receipt(slug, entry)) }
            @if done.response.is_some() {
                form.undo method="post" action={ (base) @if done.before.is_some() { "/respond" } @else { "/retract" } } {
                    input type="hidden" name="statement" value=(done.statement.no());
                    input type="hidden" name="back" value="card";
                    @if let Some(before) = done.before { input type="hidden" name="response" value=(before.name()); }
                    button { "Undo" }
                }
            }
        },
    )
}

/// The page for putting a statement; `error` is why the last try was refused.
pub(crate) fn state(frame: &Frame<'_>, question: &Question, text: &str, error: Option<&str>) -> Markup {
    let base = frame.question(question.id());
    let content = html! {
        (question_head(frame, question))
        h1.small { "Write a statement" }
        @match question.allows(Activity::State, frame.now) {
            Ok(()) => (missing(&base, text, error)),
            Err(refusal) => {
                (notice(Tone::Problem, &html! { (error.unwrap_or(&refusal.to_string())) }))
                @if !text.is_empty() { p { "You wrote: " (super::pieces::words(text)) } }
            }
        }
        p.stop { a href=(base) { "Back to the question" } }
    };
    page(frame, "Write a statement", Script::Respond, &content)
}

/// "What is missing?"
fn missing(base: &str, text: &str, error: Option<&str>) -> Markup {
    let hint = format!(
        "One sentence that others can agree or disagree with, {MAX_STATEMENT} characters at most. It stays public, under a number, not a name."
    );
    html! {
        form.missing method="post" action={ (base) "/state" } {
            (field(&Field { name: "text", label: "What is missing? Write one sentence.", hint: &hint, value: text, limit: MAX_STATEMENT, error }))
            button.button { "Put it to everyone" }
        }
    }
}

/// What a statement just put leads to.
pub(crate) fn stated(frame: &Frame<'_>, question: &Question, statement: &Statement, entry: u64) -> Markup {
    let base = frame.question(question.id());
    let slug = frame.place.map_or("", |place| place.slug);
    let content = html! {
        (question_head(frame, question))
        h1.small { "Your statement is on the record" }
        (notice(Tone::Done, &html! {
            "“" (statement_words(statement)) "” is statement " (statement.no()) " now. Everybody will be shown it. "
            (receipt(slug, entry))
        }))
        p { a.button.next href={ (base) "/respond" } { "Go on" } }
        p.stop { a href=(base) { "Back to the question" } }
    };
    page(frame, "Your statement is on the record", Script::None, &content)
}
