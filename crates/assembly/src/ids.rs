//! Numbers that must not be confused with each other, each a type of its own.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Milliseconds since 1970-01-01 UTC.
pub type UnixMs = u64;

macro_rules! number {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub u32);

        impl $name {
            /// The place in a list that starts with number 1. `None` for 0, which numbers nothing.
            pub fn place(self) -> Option<usize> {
                (self.0 as usize).checked_sub(1)
            }

            /// The number of the thing at `place` in a list that starts with number 1.
            ///
            /// Lists are bounded by the record's 2³² entries; beyond that the last number is
            /// repeated, and `apply` refuses it as already taken.
            pub fn at_place(place: usize) -> Self {
                Self(u32::try_from(place).map_or(u32::MAX, |place| place.saturating_add(1)))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

number! {
    /// A question of an assembly, numbered from 1 in the order of opening.
    QuestionId
}
number! {
    /// A participant inside one question, numbered from 1 in the order of joining. Used only there:
    /// the same person has another number in another question.
    ParticipantNo
}
number! {
    /// A statement inside one question, numbered from 1 in the order it was put.
    StatementNo
}
number! {
    /// A member of the assembly, numbered from 1 in the order of admission.
    MemberNo
}
