-- The print (see weathermap/tally/prints.py) of what each subject counts by the events, points and visits, less what waits
-- for the folder: that of its prefix rows. It follows verify_flows.sql and verify_points.sql, and leaves out of an earlier
-- boundary version what verify_tally.sql leaves out.
, named (measure, number) AS (
    SELECT name, place - 1 FROM unnest(CAST(:measures AS text[])) WITH ORDINALITY AS m (name, place)
    WHERE CAST(:until_us AS bigint) IS NULL OR name NOT IN ('declared', 'covered', 'visits', 'red_overdue')
),
-- what each issue counts, with its two powers
printed (issue_id, s, n, square, cube) AS MATERIALIZED (
    SELECT issue_id, s, n, square, square * x % 2147483647
    FROM flow
    JOIN named USING (measure)
    CROSS JOIN LATERAL (SELECT (s * 32 + number) % 2147483647 AS x) AS a
    CROSS JOIN LATERAL (SELECT x * x % 2147483647 AS square) AS b
    WHERE CAST(:until_us AS bigint) IS NULL OR s < :until_us / 1000000
),
whole AS (
    SELECT issue_id, CAST(sum(n) AS bigint) AS n, CAST(sum(n * square) AS bigint) AS square, CAST(sum(n * cube) AS bigint) AS cube
    FROM printed
    GROUP BY issue_id
),
-- by holder, category and source: so that slices are sums of few rows
held AS MATERIALIZED (
    SELECT subject_id, category, source, CAST(sum(n) AS bigint) AS n, CAST(sum(square) AS bigint) AS square, CAST(sum(cube) AS bigint) AS cube
    FROM (
        SELECT s.subject_id, s.issue_id, w.n, w.square, w.cube
        FROM subject AS s JOIN whole AS w USING (issue_id)
        WHERE s.from_s IS NULL
        UNION ALL
        SELECT s.subject_id, s.issue_id, p.n, p.n * p.square, p.n * p.cube
        FROM subject AS s JOIN printed AS p USING (issue_id)
        WHERE s.from_s IS NOT NULL AND p.s >= s.from_s AND (s.until_s IS NULL OR p.s < s.until_s)
        UNION ALL
        SELECT s.subject_id, s.issue_id, b.n, b.n * square, b.n * (square * x % 2147483647)
        FROM by_holder AS b
        JOIN named USING (measure)
        JOIN subject AS s ON s.issue_id = b.issue_id AND s.from_s = b.unit_from_s
        CROSS JOIN LATERAL (SELECT (b.s * 32 + number) % 2147483647 AS x) AS c
        CROSS JOIN LATERAL (SELECT x * x % 2147483647 AS square) AS d
    ) AS every
    JOIN fixed USING (issue_id)
    GROUP BY subject_id, category, source
)
SELECT subject_id, CAST(sum(n) AS bigint) AS n, CAST(sum(square) AS bigint) AS square, CAST(sum(cube) AS bigint) AS cube
FROM (
    SELECT subject_id, n, square, cube FROM held
    UNION ALL
    SELECT t.subject_id, n, square, cube
    FROM held
    JOIN category AS c ON c.city_id = :city_id AND c.code = held.category
    JOIN tally_slice AS t ON t.holder_id = held.subject_id AND t.category_id = c.category_id
    UNION ALL
    SELECT t.subject_id, n, square, cube
    FROM held
    JOIN source AS o ON o.city_id = :city_id AND o.code = held.source
    JOIN tally_slice AS t ON t.holder_id = held.subject_id AND t.source_id = o.source_id
    UNION ALL
    SELECT subject_id, n, n * square, n * (square * x % 2147483647)
    FROM (
        SELECT whom.subject_id, f.s, number, f.n
        FROM point_flow AS f
        JOIN named USING (measure)
        JOIN point AS p USING (point_id)
        CROSS JOIN LATERAL (SELECT unnest(p.places) AS subject_id UNION ALL SELECT p.unit_id WHERE p.unit_id IS NOT NULL) AS whom
        UNION ALL
        SELECT subject_id, e >> 6, number, -(1 - 2 * (e & 1))
        FROM tally_delta AS d
        CROSS JOIN unnest(d.subjects) AS subject_id
        CROSS JOIN unnest(d.entries) AS e
        JOIN named ON number = (e >> 1) & 31
        WHERE d.city_id = :city_id AND (CAST(:until_us AS bigint) IS NULL OR e >> 6 < :until_us / 1000000)
    ) AS single
    CROSS JOIN LATERAL (SELECT (s * 32 + number) % 2147483647 AS x) AS a
    CROSS JOIN LATERAL (SELECT x * x % 2147483647 AS square) AS b
) AS every
GROUP BY subject_id
