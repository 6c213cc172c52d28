-- How many of these keys of one source are stored.
SELECT count(*)
FROM unnest(CAST(:keys AS text[])) AS w (source_key)
JOIN issue_key AS k ON k.city_id = :city_id AND k.source_id = :source_id AND k.source_key = w.source_key
