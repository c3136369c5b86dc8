-- The record of each assembly, as it is on the wire, and the vault beside it.
-- Forward only: what stands here is never changed, a later migration changes it.

CREATE TABLE assembly (
    id         INTEGER PRIMARY KEY,
    slug       TEXT NOT NULL UNIQUE,   -- the first part of its addresses
    origin     TEXT NOT NULL,          -- the name under which checkpoints are signed
    checkpoint TEXT NOT NULL           -- the last signed head, as served
) STRICT;

-- Every head ever signed. The key refuses a second root for a size.
CREATE TABLE signed_head (
    assembly INTEGER NOT NULL REFERENCES assembly,
    size     INTEGER NOT NULL,
    root     BLOB NOT NULL,
    PRIMARY KEY (assembly, size)
) STRICT, WITHOUT ROWID;

-- Rows of up to 256 hashes (tlog-tiles). The right edge is rewritten as it grows.
CREATE TABLE tile (
    assembly INTEGER NOT NULL REFERENCES assembly,
    level    INTEGER NOT NULL,
    n        INTEGER NOT NULL,
    hashes   BLOB NOT NULL,
    PRIMARY KEY (assembly, level, n)
) STRICT;

-- Rows of up to 256 entries, each after its length (tlog-tiles).
CREATE TABLE bundle (
    assembly INTEGER NOT NULL REFERENCES assembly,
    n        INTEGER NOT NULL,
    entries  BLOB NOT NULL,
    PRIMARY KEY (assembly, n)
) STRICT;

-- The words behind commitments. Erasure: the row is deleted; an `erased` entry says so.
CREATE TABLE text (
    assembly INTEGER NOT NULL REFERENCES assembly,
    entry    INTEGER NOT NULL,
    field    TEXT NOT NULL,
    salt     BLOB NOT NULL,
    words    TEXT NOT NULL,
    PRIMARY KEY (assembly, entry, field)
) STRICT, WITHOUT ROWID;

-- The state at some size of the record: a cache, without any words. May be deleted at any time.
CREATE TABLE snapshot (
    assembly INTEGER PRIMARY KEY REFERENCES assembly,
    size     INTEGER NOT NULL,
    root     BLOB NOT NULL,
    format   TEXT NOT NULL,            -- of the program that wrote it; others ignore it
    state    BLOB NOT NULL
) STRICT;

-- Vault. The key that signs checkpoints. Erasure: never while the assembly lives; it names no person.
CREATE TABLE signing_key (
    assembly INTEGER PRIMARY KEY REFERENCES assembly,
    seed     BLOB NOT NULL
) STRICT;

-- Vault. Which guest is which participant. `token` is the SHA-256 of a random cookie, so the row
-- names nobody by itself. Erasure: the row is deleted when its owner asks; the counts stay true.
CREATE TABLE guest (
    assembly    INTEGER NOT NULL REFERENCES assembly,
    token       BLOB NOT NULL,
    question    INTEGER NOT NULL,
    participant INTEGER NOT NULL,
    PRIMARY KEY (assembly, token, question)
) STRICT, WITHOUT ROWID;
