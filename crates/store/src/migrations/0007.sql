-- What was done to keep the folder well.

-- Vault. The last time of each kind of work, and what it found. A row names no person. Erasure: the next work of the
-- same kind replaces it.
CREATE TABLE upkeep (
    work TEXT PRIMARY KEY,               -- fsck, backup, restore; `copy` stands in backups only
    at   INTEGER NOT NULL,               -- milliseconds since 1970
    said TEXT NOT NULL                   -- a sentence, or empty
) STRICT, WITHOUT ROWID;
