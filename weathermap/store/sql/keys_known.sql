-- How many of these keys of one source are stored: looked up key by key, as in issue_tracks.sql.
SELECT count(*)
FROM unnest(CAST(:keys AS text[])) AS w (source_key)
CROSS JOIN LATERAL (
    SELECT 1 FROM issue_key AS k
    WHERE k.city_id = :city_id AND k.source_id = :source_id AND k.source_key = w.source_key
    OFFSET 0
) AS known
