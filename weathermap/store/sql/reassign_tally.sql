-- What the handing over of the issues in `moving` posts, as `Flow.handed_on` says it: for the new unit and its slices,
-- and the opposite for the one that held the issue. What counts at once is one posting for each unit, category and
-- source; what lies ahead stays with its issue, so that no posting is rewritten as one of many deadlines comes.
WITH stock AS (
    SELECT m.issue_id, m.old_unit, m.new_unit, i.category_id, i.source_id, i.state, i.extended,
           CAST(floor(extract(epoch FROM m.at)) AS bigint) AS now,
           CAST(floor(extract(epoch FROM i.deadline)) AS bigint) AS deadline,
           CAST(floor(extract(epoch FROM i.long_at)) AS bigint) AS long_at,
           CAST(floor(extract(epoch FROM i.red_at)) AS bigint) AS red_at
    FROM moving AS m
    JOIN issue AS i USING (issue_id)
    WHERE i.notified_at IS NOT NULL
),
taken AS (  -- by measure, as in weathermap/tally/measures.py
    SELECT s.*, f.at, f.measure, f.n
    FROM stock AS s
    CROSS JOIN LATERAL (
        SELECT now AS at, 0 AS measure, 1 AS n
        UNION ALL
        SELECT now, 8, 1 WHERE extended
        UNION ALL
        SELECT now, 7, 1 WHERE state = 'suspended'
        UNION ALL
        SELECT deadline, 2, 1 WHERE state <> 'suspended' AND deadline >= now
        UNION ALL
        SELECT now, 4, -1 WHERE state <> 'suspended' AND deadline < now
        UNION ALL
        SELECT greatest(long_at, now), 5, 1 WHERE state <> 'suspended' AND long_at IS NOT NULL
        UNION ALL
        SELECT greatest(red_at, now), 6, 1 WHERE state <> 'suspended' AND red_at IS NOT NULL
    ) AS f
),
posted AS (
    SELECT side.unit_id, t.category_id, t.source_id, CASE WHEN t.at > t.now THEN t.issue_id END AS issue_id,
           array_agg(t.at * 64 + t.measure * 2 + CASE WHEN t.n * side.sign < 0 THEN 1 ELSE 0 END
                     ORDER BY t.at * 64 + t.measure * 2 + CASE WHEN t.n * side.sign < 0 THEN 1 ELSE 0 END) AS entries
    FROM taken AS t
    CROSS JOIN LATERAL (VALUES (t.new_unit, 1), (t.old_unit, -1)) AS side (unit_id, sign)
    WHERE side.unit_id IS NOT NULL
    GROUP BY 1, 2, 3, 4
)
INSERT INTO tally_delta (city_id, subjects, entries)
SELECT :city_id, p.unit_id || ARRAY(
           SELECT s.subject_id FROM tally_slice AS s
           WHERE s.holder_id = p.unit_id AND (s.category_id = p.category_id OR s.source_id = p.source_id)
           ORDER BY s.source_id NULLS FIRST), p.entries
FROM posted AS p
