-- Put new marks and seals into the rows of reporters, after the key has changed.
UPDATE reporter AS r
SET mark = n.mark, sealed = n.sealed
FROM unnest(CAST(:ids AS bigint[]), CAST(:marks AS bytea[]), CAST(:seals AS bytea[])) AS n (reporter_id, mark, sealed)
WHERE r.reporter_id = n.reporter_id
