//! Reading a bundle: one file that somebody took away, from which a record is checked.
//!
//! The file comes from anywhere. Nothing in it is unpacked or written to the disk; every header must be byte for byte
//! the one that Veche writes, every name one that a record of that size has, and each may stand there once. Memory:
//! the list of names and places, and one file of the record at a time.

use super::tar::{self, BLOCK, END};
use super::{ABOUT, About, CHECKPOINT, FOLDER, README, RESULTS};
use record::checkpoint::SignedCheckpoint;
use record::note::MAX_NOTE_BYTES;
use record::tile::{BundlePath, FULL_WIDTH, FilePath, TILE_HEIGHT, TilePath};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry as Place;
use std::fs::File;
use std::io::{Error, ErrorKind, Result as Read};
use std::os::unix::fs::FileExt as _;

/// The most files in a bundle: the tree and entries of a billion acts (two for 256 of them), or two million texts. At
/// about 60 bytes each their list takes half a gigabyte at worst.
const MAX_FILES: usize = 8_000_000;
/// The longest list of results, as for a page of the server.
pub const MAX_RESULTS: u64 = 256 << 20;
/// The longest of the two files that describe the bundle.
const MAX_WORDS: u64 = 64 << 10;
/// The largest file of a record: 256 entries of 65,535 bytes, each after two bytes of length.
pub const MAX_FILE: u64 = 256 * (65_535 + 2);

/// Bytes that are read here and there: a file on the disk, or what is in memory.
pub trait Bytes {
    /// How many there are.
    ///
    /// # Errors
    ///
    /// If the disk does not say.
    fn length(&self) -> Read<u64>;

    /// Those from `at` on, as many as fit.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::UnexpectedEof`] if there are fewer, or what the disk says.
    fn exact_at(&self, bytes: &mut [u8], at: u64) -> Read<()>;
}

impl Bytes for File {
    fn length(&self) -> Read<u64> {
        Ok(self.metadata()?.len())
    }

    fn exact_at(&self, bytes: &mut [u8], at: u64) -> Read<()> {
        self.read_exact_at(bytes, at)
    }
}

impl Bytes for &[u8] {
    fn length(&self) -> Read<u64> {
        Ok(self.len() as u64)
    }

    fn exact_at(&self, bytes: &mut [u8], at: u64) -> Read<()> {
        let from = usize::try_from(at).ok().and_then(|at| self.get(at..)?.get(..bytes.len()));
        bytes.copy_from_slice(from.ok_or(Error::from(ErrorKind::UnexpectedEof))?);
        Ok(())
    }
}

/// A bundle that was opened.
pub struct Archive<B> {
    bytes: B,
    /// Where each file begins, and its length.
    index: Index,
    about: About,
}

type Index = BTreeMap<Name, (u64, u64)>;

/// A file that a bundle can hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Name {
    /// The signed head.
    Checkpoint,
    /// What the bundle is of.
    About,
    /// The page in plain words.
    Readme,
    /// The published results.
    Results,
    /// Entries or a part of the tree.
    Row(FilePath),
    /// The words beside an entry.
    Text(u64),
}

impl Name {
    fn parse(name: &str) -> Option<Self> {
        let text = |number: &str| {
            let index: u64 = number.parse().ok()?;
            // One way to write a number, or one text could stand there twice.
            (index.to_string() == number).then_some(Name::Text(index))
        };
        match name {
            CHECKPOINT => Some(Name::Checkpoint),
            ABOUT => Some(Name::About),
            README => Some(Name::Readme),
            RESULTS => Some(Name::Results),
            _ => match name.strip_prefix("text/") {
                Some(number) => text(number),
                None => name.parse().ok().map(Name::Row),
            },
        }
    }

    fn longest(self) -> u64 {
        match self {
            Name::Checkpoint => MAX_NOTE_BYTES as u64,
            Name::About | Name::Readme => MAX_WORDS,
            Name::Results => MAX_RESULTS,
            Name::Row(_) | Name::Text(_) => MAX_FILE,
        }
    }

    /// Whether a record of `size` entries has such a file.
    fn is_of(self, size: u64) -> bool {
        let width = |nodes: u64, index: u64| {
            let before = index.checked_mul(u64::from(FULL_WIDTH));
            // At most 256, which fits.
            before.map_or(0, |before| nodes.saturating_sub(before).min(FULL_WIDTH.into()) as u16)
        };
        match self {
            Name::Row(FilePath::Tile(path)) => {
                let nodes = size >> (u32::from(path.level()) * u32::from(TILE_HEIGHT));
                TilePath::new(path.level(), path.index(), width(nodes, path.index())) == Ok(path)
            }
            Name::Row(FilePath::Bundle(path)) => {
                BundlePath::new(path.index(), width(size, path.index())) == Ok(path)
            }
            Name::Text(entry) => entry < size,
            _ => true,
        }
    }
}

impl<B: Bytes> Archive<B> {
    /// Opens a bundle and looks through its list of files.
    ///
    /// # Errors
    ///
    /// A sentence, if it is not a bundle that Veche wrote, or not a whole one.
    pub fn open(bytes: B) -> Result<Self, String> {
        let index = list(&bytes)?;
        let file = |name: Name| read(&bytes, &index, name);
        let whole = |name: Name, called: &str| {
            file(name)?.ok_or_else(|| {
                format!("It holds no file {called}, so it is not a whole bundle. Get it again.")
            })
        };
        let head = SignedCheckpoint::from_bytes(&whole(Name::Checkpoint, CHECKPOINT)?)
            .map_err(|error| format!("The signed head (checkpoint) cannot be read. {error}"))?;
        let size = head.checkpoint().size();
        if let Some(name) = index.keys().find(|name| !name.is_of(size)) {
            return Err(format!("It holds {name:?}, which a record of {size} entries does not have."));
        }
        let (about, readme) = (whole(Name::About, ABOUT)?, file(Name::Readme)?);
        let results = file(Name::Results)?;
        let about = About::read(&about, head.checkpoint(), readme.as_deref(), results.as_deref())?;
        Ok(Self { bytes, index, about })
    }

    /// What it says of itself.
    pub fn about(&self) -> &About {
        &self.about
    }

    /// The files in it, in the order of their names.
    pub fn names(&self) -> impl Iterator<Item = Name> {
        self.index.keys().copied()
    }

    /// Files of texts in it.
    pub fn texts(&self) -> u64 {
        self.index.range(Name::Text(0)..).count() as u64
    }

    /// What a file holds; `None` if there is none of that name.
    ///
    /// # Errors
    ///
    /// A sentence, if the bundle cannot be read.
    pub fn read(&self, name: Name) -> Result<Option<Vec<u8>>, String> {
        read(&self.bytes, &self.index, name)
    }
}

fn read(from: &impl Bytes, index: &Index, name: Name) -> Result<Option<Vec<u8>>, String> {
    let Some((at, length)) = index.get(&name).copied() else { return Ok(None) };
    // At most `Name::longest`, which was checked when the list was made.
    let mut bytes = vec![0; usize::try_from(length).unwrap_or(0)];
    from.exact_at(&mut bytes, at).map_err(|error| format!("It cannot be read: {error}."))?;
    Ok(Some(bytes))
}

/// The files of an archive. The error is a sentence that says what is wrong with it.
fn list(from: &impl Bytes) -> Result<Index, String> {
    let length = from.length().map_err(|error| format!("It cannot be read: {error}."))?;
    let block = BLOCK as u64;
    let mut index = Index::new();
    let mut at = 0;
    loop {
        let header: [u8; BLOCK] = exact(from, at)?;
        if header == [0; BLOCK] {
            break;
        }
        let header = tar::read(&header).ok_or_else(|| not_ours(at))?;
        let shown = header.name.escape_default();
        let name = header.name.strip_prefix(FOLDER).and_then(Name::parse);
        let name = name.ok_or_else(|| {
            format!("It holds a file “{shown}”, which no bundle has. Nothing was read from it.")
        })?;
        if header.size > name.longest() {
            return Err(format!(
                "Its file “{shown}” says that it is {} bytes long, which is more than it can be. Nothing was read from it.",
                header.size
            ));
        }
        let begins = at + block;
        let ends = begins + header.size;
        at = ends.next_multiple_of(block);
        if at > length {
            return Err(cut());
        }
        let mut rest = [0; BLOCK];
        let rest = rest.get_mut(..usize::try_from(at - ends).unwrap_or(0)).unwrap_or_default();
        from.exact_at(rest, ends).map_err(|error| format!("It cannot be read: {error}."))?;
        if rest.iter().any(|byte| *byte != 0) {
            return Err(format!(
                "After its file “{shown}” stand bytes that belong to nothing: it was changed there."
            ));
        }
        match index.entry(name) {
            Place::Vacant(place) => place.insert((begins, header.size)),
            Place::Occupied(_) => {
                return Err(format!(
                    "It holds the file “{shown}” twice, so two people could read two things in it. Nothing was read from it."
                ));
            }
        };
        if index.len() > MAX_FILES {
            return Err(format!("It holds more than {MAX_FILES} files, which is more than are read."));
        }
    }
    let end: [u8; END.len()] = exact(from, at)?;
    if end != END || length != at + END.len() as u64 {
        return Err("After its end stand bytes that belong to nothing: it was changed, or packed by another program. \
             Unpack it and check the folder instead."
            .into());
    }
    Ok(index)
}

fn exact<const N: usize>(from: &impl Bytes, at: u64) -> Result<[u8; N], String> {
    let mut bytes = [0; N];
    match from.exact_at(&mut bytes, at) {
        Ok(()) => Ok(bytes),
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => Err(cut()),
        Err(error) => Err(format!("It cannot be read: {error}.")),
    }
}

fn cut() -> String {
    "It ends before its end: it was cut off, perhaps while it was copied. Get it again.".into()
}

fn not_ours(at: u64) -> String {
    let what = match at {
        0 => "It is not a bundle that Veche wrote.".into(),
        at => format!("At byte {at} it is not what Veche writes: it was changed there."),
    };
    format!("{what} If another program packed it again, unpack it and check the folder instead.")
}
