-- The first prefix row whose sums are not the running sums of the details. No row: all agree.
WITH entry AS (
    SELECT p.subject_id, p.bucket, packed.measure, sum(packed.n) AS n
    FROM tally_prefix AS p
    JOIN tally_subject AS t USING (subject_id)
    CROSS JOIN LATERAL generate_series(0, length(p.detail) - 1, 4) AS place
    CROSS JOIN LATERAL (
        SELECT (((get_byte(p.detail, place + 2) << 8) | get_byte(p.detail, place + 3)) >> 1) & 31 AS measure,
               1 - 2 * (get_byte(p.detail, place + 3) & 1) AS n
    ) AS packed
    WHERE t.city_id = :city_id
    GROUP BY p.subject_id, p.bucket, packed.measure
),
run AS (
    SELECT m.subject_id, m.bucket, m.measure, m.total,
           sum(COALESCE(entry.n, 0)) OVER (PARTITION BY m.subject_id, m.measure ORDER BY m.bucket) AS expected
    FROM (
        SELECT p.subject_id, p.bucket, m.measure, m.total
        FROM tally_prefix AS p
        JOIN tally_subject AS t USING (subject_id)
        CROSS JOIN LATERAL (VALUES (0, p.notified),
            (1, p.rectified),
            (2, p.due),
            (3, p.on_time),
            (4, p.late),
            (5, p.long_overdue),
            (6, p.red_overdue),
            (7, p.suspended),
            (8, p.extended),
            (9, p.failed),
            (10, p.reopened),
            (11, p.declared),
            (12, p.covered),
            (13, p.visits)) AS m (measure, total)
        WHERE t.city_id = :city_id
    ) AS m
    LEFT JOIN entry USING (subject_id, bucket, measure)
)
SELECT subject_id, bucket, measure, total, expected
FROM run
WHERE total <> expected
ORDER BY subject_id, bucket, measure
LIMIT 1
