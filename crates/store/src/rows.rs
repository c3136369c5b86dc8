//! Writing the rows of a record. Whoever calls has a transaction and knows that they belong together.

use crate::sql::signed;
use assembly::{Field, Opened};
use record::Hash;
use record::tile::TilePath;
use rusqlite::Connection;

type Result = rusqlite::Result<()>;

pub(crate) fn put_tile(db: &Connection, assembly: i64, path: TilePath, hashes: &[u8]) -> Result {
    let sql = "INSERT OR REPLACE INTO tile (assembly, level, n, hashes) VALUES (?1, ?2, ?3, ?4)";
    let row = (assembly, path.level(), signed(path.index()), hashes);
    db.prepare_cached(sql)?.execute(row).map(drop)
}

pub(crate) fn put_bundle(db: &Connection, assembly: i64, n: u64, entries: &[u8]) -> Result {
    let sql = "INSERT OR REPLACE INTO bundle (assembly, n, entries) VALUES (?1, ?2, ?3)";
    db.prepare_cached(sql)?.execute((assembly, signed(n), entries)).map(drop)
}

pub(crate) fn put_text(
    db: &Connection,
    assembly: i64,
    entry: u64,
    field: Field,
    Opened { salt, text }: &Opened,
) -> Result {
    let sql = "INSERT INTO text (assembly, entry, field, salt, words) VALUES (?1, ?2, ?3, ?4, ?5)";
    let row = (assembly, signed(entry), field.name(), salt.0, &**text);
    db.prepare_cached(sql)?.execute(row).map(drop)
}

/// The signed head. A second root for a size is refused by the table's key.
pub(crate) fn put_head(db: &Connection, assembly: i64, size: u64, root: Hash, checkpoint: &str) -> Result {
    db.prepare_cached("INSERT INTO signed_head (assembly, size, root) VALUES (?1, ?2, ?3)")?.execute((
        assembly,
        signed(size),
        root.0,
    ))?;
    db.prepare_cached("UPDATE assembly SET checkpoint = ?2 WHERE id = ?1")?
        .execute((assembly, checkpoint))
        .map(drop)
}
