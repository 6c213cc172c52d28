-- Open the buckets that do not exist yet, with the sums of the bucket before.
INSERT INTO tally_prefix (subject_id, bucket, notified, rectified, due, on_time, late, long_overdue, red_overdue,
                          suspended, extended, failed, reopened, declared, covered, visits, detail)
SELECT b.subject_id, b.bucket,
       COALESCE(p.notified, 0), COALESCE(p.rectified, 0), COALESCE(p.due, 0), COALESCE(p.on_time, 0), COALESCE(p.late, 0),
       COALESCE(p.long_overdue, 0), COALESCE(p.red_overdue, 0), COALESCE(p.suspended, 0), COALESCE(p.extended, 0), COALESCE(p.failed, 0),
       COALESCE(p.reopened, 0), COALESCE(p.declared, 0), COALESCE(p.covered, 0), COALESCE(p.visits, 0), ''
FROM unnest(CAST(:subject AS int[]), CAST(:bucket AS int[])) AS b (subject_id, bucket)
LEFT JOIN LATERAL (
    SELECT * FROM tally_prefix AS before
    WHERE before.subject_id = b.subject_id AND before.bucket <= b.bucket
    ORDER BY before.bucket DESC
    LIMIT 1
) AS p ON true
ON CONFLICT (subject_id, bucket) DO NOTHING
