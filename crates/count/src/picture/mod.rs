//! Pictures of a result, each beside its table. Text is set in the picture; nothing needs a legend, colour only
//! repeats what words say.

mod bars;
mod budget;
mod flow;
mod rounds;
mod text;

pub(crate) use text::quotes_apart;
pub use text::{apart, escape, harmless};

use crate::election::Election;
use crate::outcome::Outcome;
use crate::rule::Rule;
use crate::sentence::{Words, say};
use serde::{Deserialize, Serialize};

/// One picture and the same as tables.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Picture {
    /// What it shows, in one sentence.
    pub caption: String,
    /// The drawing: a complete `<svg>` element.
    pub svg: String,
    /// How to read it, where the drawing alone does not say, and what of it is not drawn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The same in words and numbers.
    pub tables: Vec<Table>,
}

/// Rows under column names. The first column names the row.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Table {
    /// Column names.
    pub head: Vec<String>,
    /// Cells, row by row.
    pub rows: Vec<Vec<String>>,
}

/// The pictures that suit a result, the most telling first.
pub fn pictures(election: &Election, outcome: &Outcome, words: &Words) -> Vec<Picture> {
    let names: Vec<String> = election.names().iter().map(|name| harmless(name)).collect();
    let mut out = vec![];
    if outcome.account.is_some() {
        out.extend(budget::picture(outcome, &names, words));
        return out;
    }
    let several = outcome.rounds.len() > 1;
    match &outcome.rule {
        Rule::RankedChoice(_) | Rule::ScottishStv(_) | Rule::Meek(_) if several => {
            out.extend(flow::picture(outcome, &names, words));
            out.extend(bars::picture(outcome, &names, words, 0));
        }
        Rule::Consent(_) => {}
        Rule::Committee(_) => out.extend(bars::order(outcome, &names, words)),
        _ => {
            for round in 0..outcome.rounds.len().min(2) {
                out.extend(bars::picture(outcome, &names, words, round));
            }
        }
    }
    out
}

/// The note below a drawing that does not hold all options.
fn options_drawn(drawn: usize, options: usize, words: &Words) -> Option<String> {
    let note = say!("picture.options_drawn", options = options, drawn = drawn);
    (drawn < options).then(|| words.say(&note, &[]))
}

/// What stands below a drawing, if anything does.
fn key(notes: impl IntoIterator<Item = Option<String>>) -> Option<String> {
    let notes: Vec<String> = notes.into_iter().flatten().collect();
    (!notes.is_empty()).then(|| notes.join(" "))
}

/// The opening of a drawing that can be read aloud and printed; colours follow the page.
fn open(width: f64, height: f64, title: &str) -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" width=\"{width:.0}\" role=\"img\" font-family=\"system-ui, sans-serif\" font-size=\"14\" fill=\"currentColor\"><title>{}</title>",
        escape(title)
    )
}
