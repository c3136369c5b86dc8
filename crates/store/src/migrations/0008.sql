-- Changing the key that signs a record.

-- Vault. Keys that signed checkpoints before the one in `signing_key`, and still sign beside it until they are retired.
-- Erasure: the row is deleted when whoever runs the server retires the key; it names no person.
CREATE TABLE old_signing_key (
    assembly INTEGER NOT NULL REFERENCES assembly,
    since    INTEGER NOT NULL,           -- the entry that named the key; 0 is the founding
    seed     BLOB NOT NULL,
    PRIMARY KEY (assembly, since)
) STRICT, WITHOUT ROWID;
