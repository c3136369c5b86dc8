//! Reading what is stored, as it is on the wire. Changes nothing, needs no lock: it also works on the
//! folder of a running server.

use crate::folder::DATABASE;
use crate::house::MissingText;
use crate::sql::{self, Error, signed};
use assembly::{Field, Opened, State};
use record::Hash;
use record::commitment::Salt;
use record::tile::{BundlePath, TilePath};
use rusqlite::{Connection, OptionalExtension as _};
use std::collections::BTreeSet;
use std::path::Path;

/// A read-only connection to the stored records.
pub struct Reader {
    pub(crate) db: Connection,
}

/// An assembly in a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    pub(crate) id: i64,
    /// The first part of its addresses.
    pub slug: String,
    /// The name under which its checkpoints are signed.
    pub origin: String,
}

impl Reader {
    /// Opens the folder for reading.
    ///
    /// # Errors
    ///
    /// If there is no database in it or it cannot be opened.
    pub fn open(folder: &Path) -> Result<Self, Error> {
        Ok(Self { db: sql::open_to_read(&folder.join(DATABASE))? })
    }

    /// The assemblies in the folder, in the order of founding.
    pub fn assemblies(&self) -> Result<Vec<Listed>, Error> {
        let mut query = self.db.prepare("SELECT id, slug, origin FROM assembly ORDER BY id")?;
        let rows = query
            .query_map([], |row| Ok(Listed { id: row.get(0)?, slug: row.get(1)?, origin: row.get(2)? }))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The last signed checkpoint, as served.
    pub fn checkpoint(&self, assembly: &Listed) -> Result<String, Error> {
        let mut query = self.db.prepare_cached("SELECT checkpoint FROM assembly WHERE id = ?1")?;
        Ok(query.query_row([assembly.id], |row| row.get(0))?)
    }

    /// The bytes of a tile, or `None` if the record has no such tile yet.
    pub fn tile(&self, assembly: &Listed, path: TilePath) -> Result<Option<Vec<u8>>, Error> {
        let sql = "SELECT hashes FROM tile WHERE assembly = ?1 AND level = ?2 AND n = ?3";
        let mut query = self.db.prepare_cached(sql)?;
        let key = (assembly.id, path.level(), signed(path.index()));
        let stored: Option<Vec<u8>> = query.query_row(key, |row| row.get(0)).optional()?;
        // The stored row may have grown since the checkpoint that the path belongs to.
        let length = usize::from(path.width()) * Hash::LEN;
        Ok(stored.and_then(|mut hashes| {
            (hashes.len() >= length).then(|| {
                hashes.truncate(length);
                hashes
            })
        }))
    }

    /// The bytes of a bundle of entries, or `None` if the record has no such bundle yet.
    pub fn bundle(&self, assembly: &Listed, path: BundlePath) -> Result<Option<Vec<u8>>, Error> {
        let sql = "SELECT entries FROM bundle WHERE assembly = ?1 AND n = ?2";
        let mut query = self.db.prepare_cached(sql)?;
        let stored: Option<Vec<u8>> =
            query.query_row((assembly.id, signed(path.index())), |row| row.get(0)).optional()?;
        Ok(stored.and_then(|mut entries| {
            entries.truncate(first_entries(&entries, path.width())?);
            Some(entries)
        }))
    }

    /// The words kept beside an entry.
    pub fn texts(&self, assembly: &Listed, entry: u64) -> Result<Vec<(Field, Opened)>, Error> {
        let sql = "SELECT entry, field, salt, words FROM text WHERE assembly = ?1 AND entry = ?2";
        let mut query = self.db.prepare_cached(sql)?;
        let rows = query.query_map((assembly.id, signed(entry)), StoredText::read)?;
        // What cannot be read belongs to no entry; the next start says so. SQLite believes its order of rows: where
        // a key was changed on disk, it may answer with the row beside the one that was asked for.
        let own = |text: StoredText| text.opened.filter(|_| text.entry == entry);
        Ok(rows.filter_map(|row| row.map(own).transpose()).collect::<Result<_, _>>()?)
    }

    /// The texts of `state` that are not kept although no entry says that they were erased. Looks which rows
    /// there are, not what is in them.
    pub(crate) fn missing_texts(
        &self,
        assembly: &Listed,
        state: &mut State,
    ) -> Result<Vec<MissingText>, Error> {
        // What was erased a moment ago may not be known to `state` yet.
        let sql = "SELECT entry, field FROM text WHERE assembly = ?1
                   UNION SELECT entry, field FROM scrub WHERE assembly = ?1";
        let mut query = self.db.prepare_cached(sql)?;
        let rows = query.query_map([assembly.id], |row| {
            let entry = u64::try_from(row.get::<_, i64>(0)?).unwrap_or(u64::MAX);
            Ok((entry, Field::named(row.get_ref(1)?.as_str().unwrap_or_default())))
        })?;
        let kept: BTreeSet<(u64, Option<Field>)> = rows.collect::<Result<_, _>>()?;
        let texts = state.texts_mut().filter(|(.., text)| text.erased().is_none());
        let mut missing: Vec<_> = texts
            .filter(|(entry, field, _)| !kept.contains(&(*entry, Some(*field))))
            .map(|(entry, field, _)| MissingText { entry, field })
            .collect();
        missing.sort_unstable_by_key(|text| (text.entry, text.field));
        Ok(missing)
    }
}

/// Where the first `count` entries of a stored row end; `None` if it holds fewer.
fn first_entries(row: &[u8], count: u16) -> Option<usize> {
    (0..count).try_fold(0, |at: usize, _| {
        let length = row.get(at..)?.first_chunk()?;
        let end = at + 2 + usize::from(u16::from_be_bytes(*length));
        (end <= row.len()).then_some(end)
    })
}

/// One row of the table of texts.
pub(crate) struct StoredText {
    pub entry: u64,
    /// `None` if no entry has a field of that name, or the words or their salt were damaged.
    pub opened: Option<(Field, Opened)>,
}

impl StoredText {
    pub fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<Self> {
        let entry: i64 = row.get(0)?;
        let field: String = row.get(1)?;
        let salt = row.get_ref(2)?.as_bytes().ok().and_then(|salt| salt.try_into().ok());
        let words = row.get_ref(3)?.as_bytes().ok().and_then(|words| std::str::from_utf8(words).ok());
        let opened = || Some((Field::named(&field)?, Opened { salt: Salt(salt?), text: words?.into() }));
        Ok(Self { entry: u64::try_from(entry).unwrap_or(u64::MAX), opened: opened() })
    }
}
