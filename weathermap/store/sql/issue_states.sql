-- Of the issues of one source with these keys those that are stored: place of the key, state, instant of rectification.
SELECT CAST(w.place - 1 AS int) AS place, i.state, micros(i.rectified_at) AS rectified_us
FROM unnest(CAST(:keys AS text[])) WITH ORDINALITY AS w (source_key, place)
JOIN issue_key AS k ON k.city_id = :city_id AND k.source_id = :source_id AND k.source_key = w.source_key
JOIN issue AS i ON i.issue_id = k.issue_id
