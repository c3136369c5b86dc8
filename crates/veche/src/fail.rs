//! What ends a command without success: a sentence for whoever typed it.

use std::fmt;

/// A sentence that says what happened, what it means and what to do.
#[derive(Debug)]
pub struct Failed(String);

impl Failed {
    /// With this sentence.
    pub fn new(sentence: impl Into<String>) -> Self {
        Self(sentence.into())
    }
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

macro_rules! from {
    ($($error:ty),+) => {
        $(impl From<$error> for Failed {
            fn from(error: $error) -> Self {
                Self(error.to_string())
            }
        })+
    };
}

from!(
    store::BackupError,
    store::RestoreError,
    store::OpenError,
    store::Failure,
    store::SqlError,
    store::RandomError
);

impl Failed {
    /// A file or a connection that does not do what it should: `doing` says what was tried.
    pub fn io(doing: impl fmt::Display, error: impl fmt::Display) -> Self {
        Self(format!("{doing} failed: {error}."))
    }
}
