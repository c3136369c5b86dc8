//! The real router over a real store in a folder of its own.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod acts;
mod archive;
mod erase;
mod guards;
mod house;
mod maps;
mod pages;
mod receipt;
mod record_files;
mod socket;
