-- Cosignatures of witnesses.

-- The newest head that enough witnesses have cosigned, as it is served: a head that was signed before, with their
-- signature lines below the record's own. They could be asked for again; kept so that a restart does not lose them.
CREATE TABLE cosigned_head (
    assembly   INTEGER PRIMARY KEY REFERENCES assembly,
    size       INTEGER NOT NULL,
    checkpoint TEXT NOT NULL,
    FOREIGN KEY (assembly, size) REFERENCES signed_head (assembly, size)
) STRICT;
