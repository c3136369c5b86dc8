-- Erasing, and what organisers need for it.

-- Vault. Texts that were erased while copies of their words may still stand in pages or in the write-ahead log. A
-- row names no person. Erasure: the row is deleted once no file holds the words any more.
-- AUTOINCREMENT: numbers are never used twice, so "all up to this one" means what it says.
CREATE TABLE scrub (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    assembly INTEGER NOT NULL REFERENCES assembly,
    entry    INTEGER NOT NULL,
    field    TEXT NOT NULL
) STRICT;

-- Vault. What somebody said should not stand here. Who said it is not kept. Erasure: the row is deleted when an
-- organiser decides, be it to erase or to dismiss, when the words are erased in any other way, and at the
-- next start or report once it is 180 days old.
CREATE TABLE report (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    assembly INTEGER NOT NULL REFERENCES assembly,
    entry    INTEGER NOT NULL,
    ground   TEXT NOT NULL,
    note     TEXT NOT NULL,
    at       INTEGER NOT NULL            -- milliseconds since 1970
) STRICT;

-- Vault. One-time links by which organisers sign in. `token` is the SHA-256 of what the link holds. Erasure: the
-- row is deleted when the link is used, or at the next start or sign-in after it has expired.
CREATE TABLE organiser_link (
    assembly INTEGER NOT NULL REFERENCES assembly,
    token    BLOB NOT NULL,
    expires  INTEGER NOT NULL,           -- milliseconds since 1970
    PRIMARY KEY (assembly, token)
) STRICT, WITHOUT ROWID;

-- Vault. Browsers that are signed in as an organiser. `token` is the SHA-256 of the cookie. Erasure: the row is
-- deleted when they sign out, or at the next start or sign-in after it has expired.
CREATE TABLE organiser_session (
    assembly INTEGER NOT NULL REFERENCES assembly,
    token    BLOB NOT NULL,
    expires  INTEGER NOT NULL,           -- milliseconds since 1970
    PRIMARY KEY (assembly, token)
) STRICT, WITHOUT ROWID;
