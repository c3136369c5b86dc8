//! How many said what: the bar, its numbers, the share with its interval, and how many were asked.

use assembly::talk;
use maud::{Markup, html};
use opinion::report::{at_least, at_most, per_cent};
use opinion::{Share, Side};

/// How many said what.
#[derive(Clone, Copy)]
pub(crate) struct Said {
    agree: u32,
    disagree: u32,
    pass: u32,
}

impl From<talk::Tally> for Said {
    fn from(talk::Tally { agree, disagree, pass, .. }: talk::Tally) -> Self {
        Self { agree, disagree, pass }
    }
}

impl From<opinion::Tally> for Said {
    fn from(opinion::Tally { agree, disagree, pass, .. }: opinion::Tally) -> Self {
        Self { agree, disagree, pass }
    }
}

impl Said {
    fn all(self) -> u32 {
        self.agree + self.disagree + self.pass
    }

    fn on(self, side: Side) -> u32 {
        match side {
            Side::Agree => self.agree,
            Side::Disagree => self.disagree,
        }
    }

    /// The side that more people take; agreeing, where as many take either.
    pub fn more(self) -> Side {
        if self.disagree > self.agree { Side::Disagree } else { Side::Agree }
    }
}

/// What those who take a side do, as a verb for many.
pub(crate) fn verb(side: Side) -> &'static str {
    match side {
        Side::Agree => "agree",
        Side::Disagree => "disagree",
    }
}

/// A tally as a bar with its numbers, and the share of the side that more people take.
pub(crate) fn bar(said: Said) -> Markup {
    html! {
        div.tally {
            (live(said, said.more()))
            p.numbers data-n="interval" { (interval(said, said.more())) }
        }
    }
}

/// The bar and its numbers, in its order, where the share that is told stands beside them; they follow what is said
/// while somebody looks.
pub(crate) fn live(said: Said, side: Side) -> Markup {
    let Said { agree, disagree, pass } = said;
    html! {
        (strip(said, side))
        p.numbers {
            span.n-agree { "▲ " span data-n="agree" { (agree) } " agree" } " "
            span.n-pass { "● " span data-n="pass" { (pass) } " pass" } " "
            span.n-disagree { "▼ " span data-n="disagree" { (disagree) } " disagree" } " "
            span.n-all { "of " span data-n="all" { (said.all()) } }
        }
    }
}

/// The same of a group: as on the map.
pub(crate) fn plain(said: Said, side: Side) -> Markup {
    let Said { agree, disagree, pass } = said;
    html! {
        (strip(said, side))
        p.numbers {
            span.n-agree { "▲ " (agree) " agree" } " " span.n-pass { "● " (pass) " pass" } " "
            span.n-disagree { "▼ " (disagree) " disagree" } " " span.n-all { "of " (said.all()) }
        }
    }
}

/// The bar itself: agree, pass, disagree from left to right, and over it a thin line over the 95 % interval of the share
/// that takes the side told: agreement is measured from the left, disagreement from the right.
fn strip(said: Said, side: Side) -> Markup {
    let whole = said.all();
    if whole == 0 {
        return html! {};
    }
    let share = |part: u32| f64::from(part) * 100.0 / f64::from(whole);
    let Share { low, high, .. } = Share::of(said.on(side), whole);
    let at = |share: f64| {
        let from_left = if side == Side::Agree { share } else { 1.0 - share };
        tenth(from_left * 100.0)
    };
    html! {
        svg.bar data-side=(verb(side)) viewBox="0 0 100 12" preserveAspectRatio="none" aria-hidden="true" focusable="false" {
            rect.disagree x="0" y="0" width="100" height="12" {}
            rect.pass x="0" y="0" width=(tenth(share(said.agree + said.pass))) height="12" {}
            rect.agree x="0" y="0" width=(tenth(share(said.agree))) height="12" {}
            line.interval x1=(at(low)) x2=(at(high)) y1="6" y2="6" {}
        }
    }
}

/// What the line over the bars is: said once on every page that has some.
pub(crate) fn line() -> Markup {
    html! {
        p.quiet {
            "The thin line over a bar: if everybody had been asked, agreement (from the left) or disagreement (from the right), whichever "
            "is told with it in per cent, would end there 95 times of 100."
        }
    }
}

/// The share that takes a side with its 95 % interval, in words.
pub(crate) fn interval(said: Said, side: Side) -> String {
    let (part, whole) = (said.on(side), said.all());
    if whole == 0 {
        return "nobody has responded yet".to_owned();
    }
    let Share { share, low, high, .. } = Share::of(part, whole);
    let share = per_cent(share);
    format!("{share} % {} ({}–{} %)", verb(side), at_least(low), at_most(high))
}

/// "shown to 120, answered by 89". Of a question from elsewhere it is not known to whom a statement was shown.
pub(crate) fn exposure(question: &assembly::Question, tally: talk::Tally) -> Markup {
    html! {
        p.exposure {
            @if question.imported().is_none() { "shown to " span data-n="shown" { (tally.shown) } ", " }
            "answered by " span data-n="all" { (tally.responses()) }
        }
    }
}

fn tenth(value: f64) -> String {
    format!("{:.1}", value.clamp(0.0, 100.0))
}
