-- The sums of each subject at each second: the last bucket at or before it, its detail if the second lies inside it,
-- and the entries not folded yet. One statement, so one snapshot: a delta is in exactly one of the two parts.
SELECT s.subject_id, i.second, p.bucket, s.bucket_s, NULL::smallint AS measure, NULL::bigint AS n,
       notified, rectified, due, on_time, late, long_overdue, red_overdue, suspended, extended, failed, reopened, declared, covered, visits,
       CASE WHEN p.bucket = i.second / s.bucket_s THEN p.detail END AS detail
FROM tally_subject AS s
CROSS JOIN unnest(CAST(:seconds AS bigint[])) AS i (second)
CROSS JOIN LATERAL (
    SELECT * FROM tally_prefix
    WHERE tally_prefix.subject_id = s.subject_id AND tally_prefix.bucket <= i.second / s.bucket_s
    ORDER BY tally_prefix.bucket DESC
    LIMIT 1
) AS p
WHERE s.subject_id = ANY (CAST(:subjects AS int[]))
UNION ALL
SELECT subject_id, e >> 6, NULL, NULL, CAST((e >> 1) & 31 AS smallint), 1 - 2 * (e & 1),
       NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
FROM tally_delta AS d
CROSS JOIN unnest(d.subjects) AS subject_id
CROSS JOIN unnest(d.entries) AS e
-- both ends are named, so that the planner takes the index whatever it knows of the few that wait
WHERE d.entries[1] BETWEEN -(CAST(2 AS bigint) << 60) AND CAST(:latest AS bigint) * 64 + 63 AND e <= CAST(:latest AS bigint) * 64 + 63
  AND d.city_id = :city_id AND d.subjects && CAST(:subjects AS int[]) AND subject_id = ANY (CAST(:subjects AS int[]))
