//! A bundle on the disk ([`web::bundle`]), with its path in every sentence.

use crate::fail::Failed;
use std::fs::File;
use std::path::{Path, PathBuf};
use web::bundle::About;
use web::bundle::archive::{Archive, Name};

/// A bundle that was opened.
pub struct Bundle {
    path: PathBuf,
    archive: Archive<File>,
}

impl Bundle {
    /// Opens a bundle and looks through its list of files.
    ///
    /// # Errors
    ///
    /// A sentence, if it is not a bundle that Veche wrote, or not a whole one.
    pub fn open(path: &Path) -> Result<Self, Failed> {
        let file =
            File::open(path).map_err(|error| Failed::io(format!("Opening {}", path.display()), error))?;
        let archive = Archive::open(file).map_err(|sentence| of(path, &sentence))?;
        Ok(Self { path: path.to_owned(), archive })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What it says of itself.
    pub fn about(&self) -> &About {
        self.archive.about()
    }

    /// Files of texts in it.
    pub fn texts(&self) -> u64 {
        self.archive.texts()
    }

    /// What a file holds; `None` if there is none of that name.
    ///
    /// # Errors
    ///
    /// A sentence, if the bundle cannot be read.
    pub fn read(&self, name: Name) -> Result<Option<Vec<u8>>, Failed> {
        self.archive.read(name).map_err(|sentence| of(&self.path, &sentence))
    }
}

fn of(path: &Path, sentence: &str) -> Failed {
    Failed::new(format!("{}: {sentence}", path.display()))
}
