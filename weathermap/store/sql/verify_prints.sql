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
whole AS MATERIALIZED (
    SELECT issue_id, min(s) AS first_s,
           CAST(sum(n) AS bigint) AS n, CAST(sum(n * square) AS bigint) AS square, CAST(sum(n * cube) AS bigint) AS cube
    FROM printed
    GROUP BY issue_id
),
-- a unit that had an issue from its first count on, and has it still, counts all of it
kept AS (
    SELECT c.issue_id, c.unit_id, c.from_s, c.until_s, c.until_s IS NULL AND c.from_s <= w.first_s AS all_of_it
    FROM custody AS c JOIN whole AS w USING (issue_id)
    WHERE c.unit_id IS NOT NULL
),
-- by place, category and source first, then by holder: so that what is above and slices are sums of few rows
place AS (
    SELECT area, category, source, CAST(sum(n) AS bigint) AS n, CAST(sum(square) AS bigint) AS square, CAST(sum(cube) AS bigint) AS cube
    FROM fixed JOIN whole USING (issue_id)
    WHERE handed_over AND area IS NOT NULL
    GROUP BY area, category, source
),
single AS (
    SELECT a.subject_id, issue_id, w.n, w.square, w.cube
    FROM aside AS a JOIN whole AS w USING (issue_id)
    UNION ALL
    SELECT k.unit_id, issue_id, w.n, w.square, w.cube
    FROM kept AS k JOIN whole AS w USING (issue_id)
    WHERE k.all_of_it
    UNION ALL
    SELECT k.unit_id, issue_id, p.n, p.n * p.square, p.n * p.cube
    FROM kept AS k JOIN printed AS p USING (issue_id)
    WHERE NOT k.all_of_it AND p.s >= k.from_s AND (k.until_s IS NULL OR p.s < k.until_s)
    UNION ALL
    SELECT c.unit_id, b.issue_id, b.n, b.n * square, b.n * (square * x % 2147483647)
    FROM by_holder AS b
    JOIN named USING (measure)
    JOIN custody AS c ON c.issue_id = b.issue_id AND c.from_s = b.unit_from_s AND c.unit_id IS NOT NULL
    CROSS JOIN LATERAL (SELECT (b.s * 32 + number) % 2147483647 AS x) AS d
    CROSS JOIN LATERAL (SELECT x * x % 2147483647 AS square) AS e
),
-- what is coarse enough to have slices, and what is finer
upper AS MATERIALIZED (SELECT code, holder FROM chain WHERE holder IN (SELECT holder_id FROM tally_slice)),
lower AS MATERIALIZED (SELECT code, holder FROM chain WHERE holder NOT IN (SELECT holder_id FROM tally_slice)),
held AS MATERIALIZED (
    SELECT subject_id, category, source, CAST(sum(n) AS bigint) AS n, CAST(sum(square) AS bigint) AS square, CAST(sum(cube) AS bigint) AS cube
    FROM (
        SELECT upper.holder AS subject_id, category, source, n, square, cube FROM place JOIN upper ON upper.code = place.area
        UNION ALL
        SELECT s.subject_id, f.category, f.source, s.n, s.square, s.cube FROM single AS s JOIN fixed AS f USING (issue_id)
    ) AS every
    GROUP BY subject_id, category, source
)
SELECT subject_id, CAST(sum(n) AS bigint) AS n, CAST(sum(square) AS bigint) AS square, CAST(sum(cube) AS bigint) AS cube
FROM (
    SELECT subject_id, n, square, cube FROM held
    UNION ALL
    SELECT lower.holder, n, square, cube
    FROM (SELECT area, sum(n) AS n, sum(square) AS square, sum(cube) AS cube FROM place GROUP BY area) AS p
    JOIN lower ON lower.code = p.area
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
    ) AS other
    CROSS JOIN LATERAL (SELECT (s * 32 + number) % 2147483647 AS x) AS a
    CROSS JOIN LATERAL (SELECT x * x % 2147483647 AS square) AS b
) AS every
GROUP BY subject_id
