-- What the numbers of a city's points stand on: the last fold, and how many deltas have come since. While both are the
-- same, no issue, visit or deadline has changed a point.
WITH bound AS (SELECT CAST(floor(extract(epoch FROM statement_timestamp())) + 1 AS bigint) * 64 AS ahead)
SELECT COALESCE((SELECT max(fold_id) FROM fold_log), 0) AS fold,
       (SELECT count(*) FROM tally_delta AS d CROSS JOIN unnest(d.entries) AS e
        WHERE d.city_id = :city_id AND d.entries[1] < ahead AND e < ahead) AS since
FROM bound
