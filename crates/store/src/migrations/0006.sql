-- A sum over each row that says who is who: a bit that changes on disk must not turn one guest into another.
-- Rows from before are given theirs by the program (`vault::sum_up`), in the same transaction.
ALTER TABLE guest ADD COLUMN sum BLOB NOT NULL DEFAULT X'';
