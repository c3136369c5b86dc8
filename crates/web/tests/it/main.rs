//! The real router over a real store in a folder of its own.

mod acts;
mod guards;
mod house;
mod pages;
mod record_files;
