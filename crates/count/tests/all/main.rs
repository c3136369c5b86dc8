//! All tests of the crate that need only its public face. One program, so that a change is linked once.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod agreement;
mod around;
mod bad_input;
mod budget_edges;
mod budgets;
mod committees;
mod common;
mod corpus;
mod edges;
mod explained;
mod file_edges;
mod laws;
mod meek;
mod pages;
mod ranked_choice;
mod ranked_edges;
mod reader_edges;
mod scottish;
mod told_edges;
mod traps;
mod words;
