//! An opinion map in words for people.
