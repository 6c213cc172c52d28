-- Recounts every measure of every second of some subjects from the events, points and visits, and names the first
-- difference to what the tallies hold (detail of the prefix rows, and deltas not folded). No row: all agree.
-- It follows verify_flows.sql and verify_points.sql. An earlier boundary version holds what was recorded by its end; units,
-- and what is read from the pack of today (points, red lines), go with the newest.
, recount AS (
    SELECT subject_id, s, measure, sum(n) AS n
    FROM (
        SELECT counted.subject_id, flow.s, flow.measure, flow.n
        FROM flow
        JOIN counted USING (issue_id)
        WHERE counted.subject_id = ANY (CAST(:suspects AS int[]))
          AND flow.s >= COALESCE(counted.from_s, flow.s) AND (counted.until_s IS NULL OR flow.s < counted.until_s)
        UNION ALL
        SELECT counted.subject_id, b.s, b.measure, b.n
        FROM by_holder AS b
        JOIN counted ON counted.issue_id = b.issue_id AND counted.from_s = b.unit_from_s
        WHERE counted.subject_id = ANY (CAST(:suspects AS int[]))
        UNION ALL
        SELECT held.subject_id, f.s, f.measure, f.n
        FROM point_flow AS f
        JOIN point AS p USING (point_id)
        CROSS JOIN LATERAL (SELECT unnest(p.places) AS subject_id UNION ALL SELECT p.unit_id WHERE p.unit_id IS NOT NULL) AS held
        WHERE held.subject_id = ANY (CAST(:suspects AS int[]))
    ) AS every
    GROUP BY subject_id, s, measure
    HAVING sum(n) <> 0
),
named (measure, name) AS (
    SELECT place - 1, name FROM unnest(CAST(:measures AS text[])) WITH ORDINALITY AS m (name, place)
),
held AS (
    SELECT subject_id, s, name AS measure, sum(n) AS n
    FROM (
        SELECT p.subject_id, p.bucket::bigint * t.bucket_s + (packed >> 6) AS s, (packed >> 1) & 31 AS measure, 1 - 2 * (packed & 1) AS n
        FROM tally_prefix AS p
        JOIN tally_subject AS t USING (subject_id)
        CROSS JOIN LATERAL generate_series(0, length(p.detail) - 1, 4) AS place
        CROSS JOIN LATERAL (
            SELECT (get_byte(p.detail, place) << 24) | (get_byte(p.detail, place + 1) << 16)
                 | (get_byte(p.detail, place + 2) << 8) | get_byte(p.detail, place + 3) AS packed
        ) AS entry
        WHERE p.subject_id = ANY (CAST(:suspects AS int[]))
        UNION ALL
        SELECT subject_id, e >> 6, (e >> 1) & 31, 1 - 2 * (e & 1)
        FROM tally_delta AS d CROSS JOIN unnest(d.subjects) AS subject_id CROSS JOIN unnest(d.entries) AS e
        WHERE d.city_id = :city_id AND subject_id = ANY (CAST(:suspects AS int[]))
    ) AS every
    JOIN named USING (measure)
    GROUP BY subject_id, s, name
    HAVING sum(n) <> 0
)
SELECT subject_id, to_timestamp(s) AS at, measure, COALESCE(recount.n, 0) AS counted, COALESCE(held.n, 0) AS held,
       COALESCE(a.level || ' ' || a.code, 'unit ' || u.code) || COALESCE(' category ' || c.code, ' source ' || o.code, '') AS subject
FROM recount
FULL JOIN held USING (subject_id, s, measure)
LEFT JOIN tally_slice AS slice USING (subject_id)
LEFT JOIN area AS a ON a.area_id = COALESCE(slice.holder_id, subject_id)
LEFT JOIN unit AS u ON u.unit_id = COALESCE(slice.holder_id, subject_id)
LEFT JOIN category AS c ON c.category_id = slice.category_id
LEFT JOIN source AS o ON o.source_id = slice.source_id
WHERE recount.n IS DISTINCT FROM held.n
  AND CASE WHEN CAST(:until_us AS bigint) IS NULL THEN a.area_id IS NULL OR a.version = :version
           ELSE a.version = :version AND s < :until_us / 1000000 AND measure NOT IN ('declared', 'covered', 'visits', 'red_overdue') END
ORDER BY s, subject_id, measure
LIMIT 1
