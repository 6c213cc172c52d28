-- Take the entries whose instant has come, the oldest postings first; what lies ahead is written back. Postings of
-- transactions not yet committed stay for later. `statement_timestamp` is one instant for the whole statement.
WITH taken AS (
    DELETE FROM tally_delta
    WHERE ctid = ANY (ARRAY(
        SELECT ctid FROM tally_delta
        WHERE entries[1] < CAST(floor(extract(epoch FROM statement_timestamp())) + 1 AS bigint) * 64
        ORDER BY entries[1]
        LIMIT :limit))
    RETURNING city_id, subjects, entries, CAST(floor(extract(epoch FROM statement_timestamp())) + 1 AS bigint) * 64 AS ahead
),
kept AS (
    INSERT INTO tally_delta (city_id, subjects, entries)
    SELECT city_id, subjects, ARRAY(SELECT e FROM unnest(entries) AS e WHERE e >= ahead ORDER BY e)
    FROM taken
    WHERE entries[cardinality(entries)] >= ahead
)
SELECT city_id, subjects, ARRAY(SELECT e FROM unnest(entries) AS e WHERE e < ahead) AS entries FROM taken
