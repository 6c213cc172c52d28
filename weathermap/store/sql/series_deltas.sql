-- Every delta of the subjects after the first second and up to the latest: whole buckets, and what is not folded yet.
SELECT p.subject_id, p.bucket, s.bucket_s, p.detail, NULL::bigint AS second, NULL::smallint AS measure, NULL::bigint AS n
FROM tally_subject AS s
JOIN tally_prefix AS p USING (subject_id)
WHERE s.subject_id = ANY (CAST(:subjects AS int[])) AND p.bucket BETWEEN :first / s.bucket_s AND :latest / s.bucket_s
UNION ALL
SELECT subject_id, NULL, NULL, NULL, e >> 6, CAST((e >> 1) & 31 AS smallint), 1 - 2 * (e & 1)
FROM tally_delta AS d
CROSS JOIN unnest(d.subjects) AS subject_id
CROSS JOIN unnest(d.entries) AS e
WHERE d.entries[1] BETWEEN -(CAST(2 AS bigint) << 60) AND CAST(:latest AS bigint) * 64 + 63 AND e <= CAST(:latest AS bigint) * 64 + 63
  AND d.city_id = :city_id AND d.subjects && CAST(:subjects AS int[]) AND subject_id = ANY (CAST(:subjects AS int[]))
