-- A report posts one row: its subjects once, its deltas packed, found by the earliest. Rows stored before are kept so.
ALTER TABLE tally_delta RENAME TO tally_delta_before;
CREATE TABLE tally_delta (
    city_id  smallint NOT NULL,
    subjects int[] NOT NULL,                     -- every area and unit that it counts for
    entries  bigint[] NOT NULL                   -- ascending: second since 1970Z × 64 + measure × 2 + (1 if −1); may lie ahead
);
INSERT INTO tally_delta (city_id, subjects, entries)
SELECT city_id, subjects, array_fill(CAST(extract(epoch FROM at) AS bigint) * 64 + measure * 2 + CASE WHEN n < 0 THEN 1 ELSE 0 END, ARRAY[abs(n)])
FROM tally_delta_before
WHERE n <> 0;
DROP TABLE tally_delta_before;
CREATE INDEX tally_delta_first ON tally_delta ((entries[1]));
