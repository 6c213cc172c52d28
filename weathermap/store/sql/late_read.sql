-- Late deltas of the subjects that had not been recorded at the first view, for what is asked up to the latest second.
SELECT subject_id, CAST(extract(epoch FROM d.at) AS bigint) AS second, CAST(extract(epoch FROM d.recorded_at) AS bigint) AS recorded,
       d.measure, d.n
FROM tally_late AS d
CROSS JOIN unnest(d.subjects) AS subject_id
WHERE d.city_id = :city_id AND d.recorded_at > to_timestamp(:first) AND d.at <= to_timestamp(:latest)
  AND d.subjects && CAST(:subjects AS int[]) AND subject_id = ANY (CAST(:subjects AS int[]))
