//! Votes in, result and explanation out, for every counting rule.
//!
//! A [`Rule`] with every parameter, an [`Election`] with options and votes, and a [`Lot`] order go into [`count`];
//! an [`Outcome`] comes out: winners, every round, ties and what would be without the lot, and the [`Sentence`]s
//! that explain it. The same votes in any order give the same bytes. Nothing is decided by floating point.
//!
//! Every rule exists twice: fast in [`rules`], and in [`reference`](mod@reference) as the law or paper reads. Tests say they agree.
//!
//! What this is not: it opens no file, reads no clock, draws no lot and prints nothing. It knows nothing of
//! assemblies and records; whoever calls it does.

mod catalogue;
mod counting;
mod digest;
mod election;
pub mod files;
pub mod html;
pub mod limits;
mod lot;
mod margin;
mod number;
mod outcome;
pub mod picture;
pub mod reference;
pub mod report;
mod rule;
pub mod rules;
mod sentence;
mod way;
mod what_if;

pub use counting::count;
pub use digest::rule_digest;
pub use election::{BallotOption, Election, Form, OVERVOTE, Vote, Votes};
pub use files::{Read, Repair};
pub use lot::Lot;
pub use margin::{Margin, margin};
pub use number::Number;
pub use outcome::{
    Account, By, Fate, Idle, Line, Move, Outcome, Purpose, Refusal, Round, Status, Tally, Tie,
};
pub use rule::{Entry, Rule, Share};
pub use sentence::{Sentence, Value, Words};
pub use way::{WayStep, way};
pub use what_if::{Alternative, Survival, survival, what_if};
