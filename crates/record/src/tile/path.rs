//! Where a tile or a bundle lies: `tile/<L>/<N>[.p/<W>]` and `tile/entries/<N>[.p/<W>]`.

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use super::{FULL_WIDTH, LEVELS, TILE_HEIGHT};
use crate::decimal;

/// The place of one tile, `tile/<L>/<N>` or at the right edge `tile/<L>/<N>.p/<W>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TilePath {
    level: u8,
    row: Row,
}

/// The place of one bundle of entries, `tile/entries/<N>` or at the end `tile/entries/<N>.p/<W>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BundlePath {
    row: Row,
}

/// Any file of the log but its checkpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FilePath {
    /// A tile of the tree.
    Tile(TilePath),
    /// A bundle of entries.
    Bundle(BundlePath),
}

impl TilePath {
    /// Tile number `index` of `level` (0 to 7), holding `width` (1 to 256) hashes.
    ///
    /// # Errors
    ///
    /// [`PathError`] if no log counted in 64 bits has such a tile.
    pub fn new(level: u8, index: u64, width: u16) -> Result<Self, PathError> {
        let row = Row::new(index, width)?;
        if level >= LEVELS || row.end()? > u64::MAX >> (level * TILE_HEIGHT) {
            return Err(PathError);
        }
        Ok(Self { level, row })
    }

    /// Level of the tile: its hashes are nodes of height `8 · level`.
    pub fn level(self) -> u8 {
        self.level
    }

    /// Height of its hashes in the tree.
    pub fn height(self) -> u8 {
        self.level * TILE_HEIGHT
    }

    /// Number of the tile in its level.
    pub fn index(self) -> u64 {
        self.row.index
    }

    /// Hashes in the tile, 1 to 256.
    pub fn width(self) -> u16 {
        self.row.width
    }

    /// The entries under it.
    pub fn entries(self) -> Range<u64> {
        let first = self.row.first();
        first << self.height()..(first + u64::from(self.row.width)) << self.height()
    }

    /// Whether it holds all 256 hashes, and so never changes.
    pub fn is_full(self) -> bool {
        self.row.width == FULL_WIDTH
    }
}

impl BundlePath {
    /// Bundle number `index`, holding `width` (1 to 256) entries.
    ///
    /// # Errors
    ///
    /// [`PathError`] if no log counted in 64 bits has such a bundle.
    pub fn new(index: u64, width: u16) -> Result<Self, PathError> {
        let row = Row::new(index, width)?;
        row.end()?;
        Ok(Self { row })
    }

    /// Number of the bundle.
    pub fn index(self) -> u64 {
        self.row.index
    }

    /// Entries in the bundle, 1 to 256.
    pub fn width(self) -> u16 {
        self.row.width
    }

    /// Number of its first entry.
    pub fn first_entry(self) -> u64 {
        self.row.first()
    }

    /// Numbers of its entries.
    pub fn entries(self) -> Range<u64> {
        self.row.first()..self.row.first() + u64::from(self.row.width)
    }

    /// Whether it holds all 256 entries, and so never changes.
    pub fn is_full(self) -> bool {
        self.row.width == FULL_WIDTH
    }
}

impl FilePath {
    /// The entries in it or under it.
    pub fn entries(self) -> Range<u64> {
        match self {
            Self::Tile(path) => path.entries(),
            Self::Bundle(path) => path.entries(),
        }
    }
}

impl fmt::Display for TilePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "tile/{}/{}", self.level, self.row)
    }
}

impl fmt::Display for BundlePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "tile/entries/{}", self.row)
    }
}

impl fmt::Display for FilePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tile(path) => path.fmt(f),
            Self::Bundle(path) => path.fmt(f),
        }
    }
}

impl FromStr for FilePath {
    type Err = PathError;

    fn from_str(text: &str) -> Result<Self, PathError> {
        let (kind, row) =
            text.strip_prefix("tile/").and_then(|rest| rest.split_once('/')).ok_or(PathError)?;
        let row: Row = row.parse()?;
        if kind == "entries" {
            return BundlePath::new(row.index, row.width).map(Self::Bundle);
        }
        let level = decimal::parse(kind).and_then(|level| u8::try_from(level).ok()).ok_or(PathError)?;
        TilePath::new(level, row.index, row.width).map(Self::Tile)
    }
}

impl FromStr for TilePath {
    type Err = PathError;

    fn from_str(text: &str) -> Result<Self, PathError> {
        match text.parse()? {
            FilePath::Tile(path) => Ok(path),
            FilePath::Bundle(_) => Err(PathError),
        }
    }
}

impl FromStr for BundlePath {
    type Err = PathError;

    fn from_str(text: &str) -> Result<Self, PathError> {
        match text.parse()? {
            FilePath::Bundle(path) => Ok(path),
            FilePath::Tile(_) => Err(PathError),
        }
    }
}

/// The part both kinds of path share: `<N>[.p/<W>]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Row {
    index: u64,
    width: u16,
}

impl Row {
    fn new(index: u64, width: u16) -> Result<Self, PathError> {
        if (1..=FULL_WIDTH).contains(&width) { Ok(Self { index, width }) } else { Err(PathError) }
    }

    /// Number of its first thing; [`Row::end`] has been checked when a path exists.
    fn first(self) -> u64 {
        self.index * u64::from(FULL_WIDTH)
    }

    /// How many things lie in this row and all before it.
    fn end(self) -> Result<u64, PathError> {
        self.index
            .checked_mul(u64::from(FULL_WIDTH))
            .and_then(|first| first.checked_add(u64::from(self.width)))
            .ok_or(PathError)
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Groups of three digits, most significant first; all but the last begin with an x.
        let groups = (1..=MAX_GROUPS).find(|&n| n == MAX_GROUPS || self.index < 1000_u64.pow(n)).unwrap_or(1);
        for group in (0..groups).rev() {
            let digits = self.index / 1000_u64.pow(group) % 1000;
            write!(f, "{}{digits:03}", if group > 0 { "x" } else { "" })?;
            if group > 0 {
                f.write_str("/")?;
            }
        }
        if self.width == FULL_WIDTH { Ok(()) } else { write!(f, ".p/{}", self.width) }
    }
}

impl FromStr for Row {
    type Err = PathError;

    fn from_str(text: &str) -> Result<Self, PathError> {
        let (number, width) = match text.split_once(".p/") {
            Some((number, width)) => {
                let width = decimal::parse(width).and_then(|width| u16::try_from(width).ok());
                (number, width.filter(|&width| width < FULL_WIDTH).ok_or(PathError)?)
            }
            None => (text, FULL_WIDTH),
        };
        let mut index: u64 = 0;
        let mut groups = number.split('/').peekable();
        let mut first = true;
        while let Some(group) = groups.next() {
            let last = groups.peek().is_none();
            let digits = if last { group } else { group.strip_prefix('x').ok_or(PathError)? };
            if digits.len() != 3 || !digits.bytes().all(|b| b.is_ascii_digit()) {
                return Err(PathError);
            }
            // A group of zeros in front would be a second path to the same tile.
            if first && !last && digits == "000" {
                return Err(PathError);
            }
            let value = digits.parse().map_err(|_| PathError)?;
            index = index.checked_mul(1000).and_then(|i| i.checked_add(value)).ok_or(PathError)?;
            first = false;
        }
        Self::new(index, width)
    }
}

/// Three-digit groups in the largest 64-bit number (20 digits).
const MAX_GROUPS: u32 = 7;

/// A path that names no file of a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("This is not the path of a file in a log. Paths look like tile/0/x001/234 or tile/entries/067.p/8.")]
pub struct PathError;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_written_as_the_specification_has_them() {
        for (path, level, index, width) in [
            ("tile/0/x001/x234/067", 0, 1_234_067, 256),
            ("tile/0/000", 0, 0, 256),
            ("tile/0/000.p/1", 0, 0, 1),
            ("tile/1/999.p/255", 1, 999, 255),
            ("tile/2/x001/000", 2, 1000, 256),
            ("tile/0/x072/x057/x594/x037/x927/935", 0, (1 << 56) - 1, 255),
        ] {
            let path = if index == (1 << 56) - 1 { format!("{path}.p/255") } else { path.to_owned() };
            let parsed: TilePath = path.parse().unwrap();
            assert_eq!((parsed.level(), parsed.index(), parsed.width()), (level, index, width), "{path}");
            assert_eq!(parsed.to_string(), path);
            let entries = path.replacen(&format!("/{level}/"), "/entries/", 1);
            let bundle: BundlePath = entries.parse().unwrap();
            assert_eq!((bundle.index(), bundle.width()), (index, width));
            assert_eq!(bundle.to_string(), entries);
        }
    }

    #[test]
    fn other_ways_to_write_a_path_are_refused() {
        for bad in [
            "",
            "tile",
            "tile/",
            "tile/0",
            "tile/0/",
            "/tile/0/000",
            "tile/0/000/",
            "tile/00/000",
            "tile/-1/000",
            "tile/8/000",
            "tile/64/000",
            "tile/0/0",
            "tile/0/0000",
            "tile/0/x000",
            "tile/0/x000/000",
            "tile/0/001/000",
            "tile/0/x001/x000",
            "tile/0/X001/000",
            "tile/0/+01",
            "tile/0/000.p",
            "tile/0/000.p/",
            "tile/0/000.p/0",
            "tile/0/000.p/01",
            "tile/0/000.p/256",
            "tile/0/000.p/1/",
            "tile/0/000.p/1.p/1",
            "tile/0/000?x",
            "tile/0/x072/x057/x594/x037/x927/935",
            "tile/0/x072/x057/x594/x037/x927/936",
            "tile/7/000.p/255 ",
            "tile/7/001",
            "tile/data/000",
            "tile/entries/x000/000",
            "tile/entries/x018/x446/x744/x073/x709/x551/616",
        ] {
            assert_eq!(bad.parse::<FilePath>(), Err(PathError), "{bad:?}");
        }
    }
}
