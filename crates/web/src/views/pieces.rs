//! The pieces pages are set from.

use super::Frame;
use crate::texts::{Texts, Words, field_name};
use crate::when;
use assembly::moderation::{Erasure, Ground};
use assembly::question::{Activity, Step, StepName};
use assembly::talk::{Response, Statement, Tally};
use assembly::{Question, UnixMs};
use maud::{Markup, html};
use opinion::Share;
use opinion::report::{at_least, at_most, per_cent};

/// Words by people: shown as text, in their own direction, without effect on what stands around. A line end behind
/// them would leave a closing quotation mark alone on a line.
pub(crate) fn words(text: &str) -> Markup {
    html! { bdi.words dir="auto" { (text.trim()) } }
}

/// The words of a statement, or that they are gone.
pub(crate) fn statement_words(statement: &Statement) -> Markup {
    match statement.words() {
        Some(text) => words(text),
        None => match statement.erased() {
            Some(erasure) => erased(erasure),
            None => {
                html! { em { "(These words are missing, and no entry says that they were erased. Whoever runs this server has to explain that.)" } }
            }
        },
    }
}

/// What stands where words were.
pub(crate) fn erased(erasure: Erasure) -> Markup {
    html! { em.erased { "Erased on " (moment(erasure.at)) ": " (erasure.ground.words()) ". Entry " (erasure.entry) " says so." } }
}

/// The words that stand at an entry, or what became of them.
pub(crate) fn texts_shown(texts: &Texts<'_>) -> Markup {
    html! {
        @for (field, text) in &texts.fields {
            @if texts.fields.len() > 1 { p.quiet { (field_name(*field)) ":" } }
            blockquote.said {
                @match text {
                    Words::Here(text) => (words(text)),
                    Words::Erased(erasure) => (erased(*erasure)),
                    Words::Missing => em { "(These words are missing, and no entry says that they were erased.)" },
                }
            }
        }
    }
}

/// One of several grounds for erasing words.
pub(crate) fn ground_choice(legend: &str, hint: Option<&str>) -> Markup {
    html! {
        fieldset {
            legend { (legend) }
            @if let Some(hint) = hint { p.hint { (hint) } }
            @for ground in Ground::ALL {
                label.choice { input type="radio" name="ground" value=(ground.name()) required; " " (asked(ground)) }
            }
        }
    }
}

/// A ground as one is asked about it.
pub(crate) fn asked(ground: Ground) -> &'static str {
    match ground {
        Ground::PersonalDataOfAnother => "They hold personal data of somebody who did not agree to that",
        Ground::OwnRequest => "Whoever wrote them asks for it",
        Ground::RightsOfAnother => "The words belong to somebody else",
        Ground::Unlawful => "Publishing them is against the law",
        Ground::CourtOrder => "A court or an authority ordered it",
    }
}

/// A moment: absolute with weekday and zone.
pub(crate) fn moment(at: UnixMs) -> Markup {
    html! { time datetime=(when::machine(at)) { (when::absolute(at)) } }
}

/// What a notice is about; a word says so, too.
#[derive(Clone, Copy)]
pub(crate) enum Tone {
    Note,
    Done,
    Problem,
}

/// A notice: something to know, something that was done, or a problem.
pub(crate) fn notice(tone: Tone, content: &Markup) -> Markup {
    let (class, word) = match tone {
        Tone::Note => ("note", "Note"),
        Tone::Done => ("done", "Done"),
        Tone::Problem => ("problem", "Problem"),
    };
    html! {
        div class={ "notice " (class) } role=[matches!(tone, Tone::Problem).then_some("alert")] {
            p { strong { (word) ". " } (content) }
        }
    }
}

/// What there is to do where there is nothing yet.
pub(crate) fn empty(content: &Markup) -> Markup {
    html! { p.empty { (content) } }
}

/// Learn › Talk › Decide › Answer, with what is on now.
pub(crate) fn step_bar(question: &Question, now: UnixMs) -> Markup {
    html! {
        nav.steps aria-label={ "Steps of question " (question.id()) } {
            ol {
                @for name in StepName::ALL {
                    @let state = step_state(question, name, now);
                    li class=(state.class()) aria-current=[matches!(state, StepState::Now).then_some("step")] {
                        span.step { (name.name()) }
                        span.state { (state.words()) }
                    }
                }
            }
        }
    }
}

/// How far a step is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum StepState {
    Absent,
    Later,
    Now,
    Past,
}

impl StepState {
    fn class(self) -> &'static str {
        match self {
            StepState::Absent => "absent",
            StepState::Later => "later",
            StepState::Now => "now",
            StepState::Past => "past",
        }
    }

    fn words(self) -> &'static str {
        match self {
            StepState::Absent => "not planned",
            StepState::Later => "later",
            StepState::Now => "now",
            StepState::Past => "done",
        }
    }
}

fn step_state(question: &Question, name: StepName, now: UnixMs) -> StepState {
    let of_one = |step: &Step| {
        if step.opens > now {
            StepState::Later
        } else if step.closes.is_some_and(|closes| closes <= now) || closed(question, now) {
            StepState::Past
        } else {
            StepState::Now
        }
    };
    let mut states = question.steps().iter().filter(|step| step.step == name).map(of_one);
    let Some(first) = states.next() else { return StepState::Absent };
    states.fold(first, |best, next| if next == StepState::Now { next } else { best })
}

/// Whether a question was closed for good.
pub(crate) fn closed(question: &Question, now: UnixMs) -> bool {
    question.closed().is_some_and(|closed| closed <= now)
}

/// Until when, or since when, an activity is open, as a sentence.
pub(crate) fn times(question: &Question, activity: Activity, now: UnixMs) -> Markup {
    let with = |step: &&Step| step.activities.contains(&activity);
    let open = question
        .steps()
        .iter()
        .filter(with)
        .find(|step| step.opens <= now && step.closes.is_none_or(|closes| closes > now));
    let at = |word: &str, at: UnixMs| html! { (word) " " (moment(at)) " (" (when::relative(at, now)) ")." };
    if let Some(at_close) = question.closed().filter(|_| closed(question, now)) {
        return at("Closed on", at_close);
    }
    if let Some(step) = open {
        return step
            .closes
            .map_or_else(|| html! { "Open; no closing time is set." }, |closes| at("Open until", closes));
    }
    let next =
        question.steps().iter().filter(with).filter(|step| step.opens > now).map(|step| step.opens).min();
    if let Some(opens) = next {
        return at("Opens on", opens);
    }
    let last = question.steps().iter().filter(with).filter_map(|step| step.closes).max();
    last.map_or_else(|| html! { "Not open for responses." }, |closes| at("Closed on", closes))
}

/// How a response is marked: never by colour alone.
pub(crate) fn shape(response: Response) -> &'static str {
    match response {
        Response::Agree => "▲",
        Response::Disagree => "▼",
        Response::Pass => "●",
    }
}

/// The word on a button.
pub(crate) fn verb(response: Response) -> &'static str {
    match response {
        Response::Agree => "Agree",
        Response::Disagree => "Disagree",
        Response::Pass => "Pass / not sure",
    }
}

/// "You agreed with", and so on.
pub(crate) fn past(response: Response) -> &'static str {
    match response {
        Response::Agree => "You agreed with",
        Response::Disagree => "You disagreed with",
        Response::Pass => "You passed on",
    }
}

/// The three buttons, each as wide as the card. `back` says where to go on.
pub(crate) fn buttons(
    question: &str,
    statement: &Statement,
    standing: Option<Response>,
    back: &str,
) -> Markup {
    html! {
        form.respond method="post" action={ (question) "/respond" } {
            input type="hidden" name="statement" value=(statement.no());
            input type="hidden" name="back" value=(back);
            @for response in Response::ALL {
                button class={ "answer " (response.name()) } name="response" value=(response.name())
                    aria-pressed=[standing.map(|standing| if standing == response { "true" } else { "false" })] {
                    span.shape aria-hidden="true" { (shape(response)) } " " (verb(response))
                }
            }
        }
    }
}

/// Counts and shares of one tally as a bar with its numbers.
pub(crate) fn bar(tally: Tally) -> Markup {
    let whole = tally.responses();
    html! {
        div.tally {
            @if whole > 0 { (strip(tally.agree, tally.pass, whole)) }
            p.numbers { (numbers(tally.agree, tally.disagree, tally.pass)) }
        }
    }
}

/// The numbers of a bar, each with its shape and word.
pub(crate) fn numbers(agree: u32, disagree: u32, pass: u32) -> Markup {
    html! {
        span.n-agree { "▲ " span data-n="agree" { (agree) } " agree" } " · "
        span.n-disagree { "▼ " span data-n="disagree" { (disagree) } " disagree" } " · "
        span.n-pass { "● " span data-n="pass" { (pass) } " pass" } " of "
        span data-n="all" { (agree + disagree + pass) }
    }
}

/// The bar itself: agree, pass, disagree from left to right, and over it a thin line over the 95 %
/// interval of the share that agrees.
pub(crate) fn strip(agree: u32, pass: u32, whole: u32) -> Markup {
    let share = |part: u32| f64::from(part) * 100.0 / f64::from(whole.max(1));
    let Share { low, high, .. } = Share::of(agree, whole);
    let (a, p) = (share(agree), share(pass));
    html! {
        svg.bar viewBox="0 0 100 12" preserveAspectRatio="none" aria-hidden="true" focusable="false" {
            rect.disagree x="0" y="0" width="100" height="12" {}
            rect.pass x="0" y="0" width=(tenth(a + p)) height="12" {}
            rect.agree x="0" y="0" width=(tenth(a)) height="12" {}
            line.interval x1=(tenth(low * 100.0)) x2=(tenth(high * 100.0)) y1="6" y2="6" {}
        }
    }
}

/// "shown to 120, answered by 89".
pub(crate) fn exposure(tally: Tally) -> Markup {
    html! {
        p.exposure {
            "shown to " span data-n="shown" { (tally.shown) } ", answered by "
            span data-n="all" { (tally.responses()) }
        }
    }
}

/// The share that agrees with its 95 % interval, in words.
pub(crate) fn interval(agree: u32, whole: u32) -> Markup {
    let Share { share, low, high, .. } = Share::of(agree, whole);
    html! {
        @if whole == 0 { "nobody asked yet" }
        @else { (per_cent(share)) " % agree (" (at_least(low)) "–" (at_most(high)) " %)" }
    }
}

/// One line of a list of statements: words, bar, numbers.
pub(crate) fn statement_line(question: &str, statement: &Statement) -> Markup {
    let tally = statement.tally();
    html! {
        li.statement data-statement=(statement.no()) {
            p.said { a href={ (question) "/s/" (statement.no()) } { (statement_words(statement)) } }
            @if statement.rejected() { p.aside { "Set aside: takes no responses." } }
            @if statement.erased().is_some() { p.aside { "Takes no more responses." } }
            @if statement.meta() { p.aside { "About the people who respond." } }
            (bar(tally))
            (exposure(tally))
        }
    }
}

/// Where a receipt can be had.
pub(crate) fn receipt(slug: &str, entry: u64) -> Markup {
    html! {
        a.receipt href={ "/" (slug) "/record/receipt/" (entry) } download={ "receipt-" (entry) ".txt" } {
            "Receipt for entry " (entry)
        }
    }
}

/// A text field with its error under it.
pub(crate) struct Field<'a> {
    pub name: &'a str,
    pub label: &'a str,
    pub hint: &'a str,
    pub value: &'a str,
    pub limit: usize,
    pub error: Option<&'a str>,
}

/// The markup of a field.
pub(crate) fn field(field: &Field<'_>) -> Markup {
    let (name, hint, error) = (field.name, format!("{}-hint", field.name), format!("{}-error", field.name));
    let described = if field.error.is_some() { format!("{hint} {error}") } else { hint.clone() };
    html! {
        div.field {
            label for=(name) { (field.label) }
            p.hint id=(hint) { (field.hint) }
            // No maxlength: cutting off what somebody pastes would be silent. The server says it in words.
            input type="text" id=(name) name=(name) value=(field.value) dir="auto" autocomplete="off" required
                aria-describedby=(described) aria-invalid=[field.error.map(|_| "true")] data-limit=(field.limit);
            p.counter aria-live="polite" {}
            @if let Some(text) = field.error { p.error id=(error) { strong { "Problem. " } (text) } }
        }
    }
}

/// Sentence, picture, table: the same thing three times.
pub(crate) fn trio(sentence: &Markup, picture: &Markup, caption: &Markup, table: &Markup) -> Markup {
    html! {
        p.sentence { (sentence) }
        figure { (picture) figcaption { (caption) } }
        div.scroll tabindex="0" role="region" aria-label="The same as a table" { (table) }
    }
}

/// The question in small above its other pages, with the way back.
pub(crate) fn question_head(frame: &Frame<'_>, question: &Question) -> Markup {
    html! {
        p.crumb { a href=(frame.question(question.id())) { "‹ " (words(question.title())) } }
    }
}

/// The ways from one page of a list, counted from 1, to those beside it.
pub(crate) fn pages(page: usize, pages: usize, to: impl Fn(usize) -> String) -> Markup {
    html! {
        @if pages > 1 {
            nav.pages aria-label="Pages" {
                @if page > 1 { a rel="prev" href=(to(page - 1)) { "‹ Earlier" } }
                span { "Page " (page) " of " (pages) }
                @if page < pages { a rel="next" href=(to(page + 1)) { "Later ›" } }
            }
        }
    }
}

/// That participants are simulated or imported, in few words.
pub(crate) fn provenance_short(question: &Question) -> Markup {
    html! {
        @if question.simulated() { p.origin { strong { "Simulated: " } "these participants were made up by a program." } }
        @if let Some(imported) = question.imported() {
            p.origin { strong { "Imported" } " from " (imported.from) ", not said here." }
        }
    }
}

/// That participants are simulated or imported, and what that means.
pub(crate) fn provenance(question: &Question) -> Markup {
    html! {
        @if question.simulated() {
            (notice(Tone::Note, &html! {
                strong { "Simulated. " }
                "The participants of this question were made up by a program to show how it works. They are not people."
            }))
        }
        @if let Some(imported) = question.imported() {
            (notice(Tone::Note, &html! {
                "The statements and responses of this question were imported (" (imported.from) ")."
                @if let Some(source) = imported.source.as_ref().and_then(|source| source.words()) { " Source: " (words(source)) }
                " " span.quiet { (imported.format) }
            }))
        }
    }
}

fn tenth(value: f64) -> String {
    format!("{:.1}", value.clamp(0.0, 100.0))
}

/// "1 person", "41 people".
pub(crate) fn count(n: u64, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}
