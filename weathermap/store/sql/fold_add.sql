-- Each row at or after a changed bucket grows by the batch's running sums up to it; the deltas of a bucket join its detail.
UPDATE tally_prefix AS p
SET notified = p.notified + g.notified,
    rectified = p.rectified + g.rectified,
    due = p.due + g.due,
    on_time = p.on_time + g.on_time,
    late = p.late + g.late,
    long_overdue = p.long_overdue + g.long_overdue,
    red_overdue = p.red_overdue + g.red_overdue,
    suspended = p.suspended + g.suspended,
    extended = p.extended + g.extended,
    failed = p.failed + g.failed,
    reopened = p.reopened + g.reopened,
    declared = p.declared + g.declared,
    covered = p.covered + g.covered,
    visits = p.visits + g.visits,
    detail = p.detail || CASE WHEN g.bucket = p.bucket THEN g.detail ELSE '' END
FROM (
    SELECT *, lead(bucket) OVER (PARTITION BY subject_id ORDER BY bucket) AS next_bucket
    FROM unnest(
        CAST(:subject AS int[]), CAST(:bucket AS int[]),
        CAST(:notified AS int[]),
        CAST(:rectified AS int[]),
        CAST(:due AS int[]),
        CAST(:on_time AS int[]),
        CAST(:late AS int[]),
        CAST(:long_overdue AS int[]),
        CAST(:red_overdue AS int[]),
        CAST(:suspended AS int[]),
        CAST(:extended AS int[]),
        CAST(:failed AS int[]),
        CAST(:reopened AS int[]),
        CAST(:declared AS int[]),
        CAST(:covered AS int[]),
        CAST(:visits AS int[]),
        CAST(:detail AS bytea[])
    ) AS batch (subject_id, bucket, notified, rectified, due, on_time, late, long_overdue, red_overdue, suspended, extended, failed, reopened, declared, covered, visits, detail)
) AS g
WHERE p.subject_id = g.subject_id AND p.bucket >= g.bucket AND (g.next_bucket IS NULL OR p.bucket < g.next_bucket)
