//! The server that is copied from.

use crate::fail::Failed;
use crate::source::{Source, fetch};
use record::tile::{TilePath, TileSource};
use web::bundle::archive::MAX_FILE;

/// A record on a server. Shared by all threads.
pub struct Remote {
    agent: ureq::Agent,
    base: String,
}

impl Remote {
    /// The record at an address.
    ///
    /// # Errors
    ///
    /// A sentence, if there is none, or it is not an address.
    pub fn at(source: &Source) -> Result<Self, Failed> {
        match source {
            Source::Url { agent, base } => Ok(Self { agent: agent.clone(), base: base.clone() }),
            _ => Err(Failed::new(format!(
                "{} is a folder; a copy is made from a server. Give the address of the assembly.",
                source.name()
            ))),
        }
    }

    /// A file of the record, or `None` if the server has no such file.
    pub fn find(&self, path: &str) -> Result<Option<Vec<u8>>, Failed> {
        fetch(&self.agent, &format!("{}/{path}", self.base), MAX_FILE)
    }

    /// A file that a whole record has.
    pub fn file(&self, path: &str) -> Result<Vec<u8>, Failed> {
        self.find(path)?.ok_or_else(|| {
            Failed::new(format!(
                "The server has no file {}/{path}, which its signed head speaks of: the record is not whole. Try again \
                 later; what was copied so far is kept.",
                self.base
            ))
        })
    }
}

impl TileSource for Remote {
    type Error = Failed;

    fn tile(&self, path: TilePath) -> Result<Vec<u8>, Failed> {
        self.file(&path.to_string())
    }
}
