-- Recounts every measure of every subject and second from the events, points and visits, and names the first
-- difference to what the tallies hold (detail of the prefix rows, and deltas not folded). No row: all agree.
-- For one boundary version, up to the instant :until_us (µs) at which the next took its place (NULL: the newest): an earlier
-- one holds what was recorded by then. Units, and what is read from the pack of today (points, red lines), go with the newest.
-- Shares nothing with the writer: intervals in which a clock runs instead of flows that move.
WITH RECURSIVE above (area_id, holder) AS (
    SELECT area_id, area_id FROM area WHERE city_id = :city_id
    UNION ALL
    SELECT above.area_id, area.parent_id FROM above JOIN area ON area.area_id = above.holder WHERE area.parent_id IS NOT NULL
),
event AS MATERIALIZED (
    SELECT e.issue_id, e.seq, e.move, floor(extract(epoch FROM e.at))::bigint AS s, CAST(e.data AS jsonb) AS data
    FROM issue_event AS e
    WHERE e.city_id = :city_id
      AND (CAST(:until_us AS bigint) IS NULL OR (e.issue_id, e.seq) NOT IN (
              SELECT issue_id, seq FROM event_late WHERE city_id = :city_id AND recorded_at >= instant(:until_us)))
),
fixed AS MATERIALIZED (
    SELECT issue_id,
           max(floor(extract(epoch FROM CAST(data ->> 'deadline' AS timestamptz)))::bigint - s) FILTER (WHERE move = 'dispatch') AS own_limit,
           (array_agg(data ->> 'area' ORDER BY seq DESC) FILTER (WHERE move IN ('report', 'relocate') AND (data ->> 'version')::int <= :version))[1] AS area,
           (array_agg(data -> 'overlays' ORDER BY seq DESC) FILTER (WHERE move IN ('report', 'relocate') AND (data ->> 'version')::int <= :version))[1] AS overlays,
           bool_or((data ->> 'version')::int <= :version) FILTER (WHERE move IN ('report', 'relocate')) AS lies,
           (array_agg(data ->> 'category' ORDER BY seq))[1] AS category,
           (array_agg(data ->> 'source' ORDER BY seq))[1] AS source,
           bool_or(move = 'dispatch') AS handed_over
    FROM event
    GROUP BY issue_id
),
-- who held an issue, from when until when
custody AS MATERIALIZED (
    SELECT e.issue_id, u.unit_id, e.s AS from_s, e.until_s
    FROM (
        SELECT issue_id, data ->> 'unit' AS unit, s, lead(s) OVER (PARTITION BY issue_id ORDER BY seq) AS until_s
        FROM event
        WHERE move IN ('dispatch', 'reassign') AND data ? 'unit'
    ) AS e
    LEFT JOIN unit AS u ON u.city_id = :city_id AND u.code = e.unit
    WHERE CAST(:until_us AS bigint) IS NULL
),
subject (issue_id, subject_id, from_s, until_s) AS MATERIALIZED (
    SELECT f.issue_id, above.holder, NULL::bigint, NULL::bigint
    FROM fixed AS f
    JOIN area AS a ON a.city_id = :city_id AND a.version = :version AND a.code = f.area AND a.level = :finest
    JOIN above ON above.area_id = a.area_id
    WHERE f.handed_over
    UNION ALL
    SELECT f.issue_id, a.area_id, NULL, NULL
    FROM fixed AS f
    JOIN area AS a ON a.city_id = :city_id AND a.version = :version AND a.level = :coarsest
    WHERE f.handed_over AND f.area IS NULL AND f.lies
    UNION ALL
    SELECT f.issue_id, a.area_id, NULL, NULL
    FROM fixed AS f
    CROSS JOIN LATERAL jsonb_each_text(f.overlays) AS o (level, code)
    JOIN area AS a ON a.city_id = :city_id AND a.version = :version AND a.level = o.level AND a.code = o.code
    WHERE f.handed_over
    UNION ALL
    SELECT issue_id, unit_id, from_s, until_s FROM custody WHERE unit_id IS NOT NULL
),
-- the same holders by the category and by the source of the issue, where the store counts these
counted AS MATERIALIZED (
    SELECT issue_id, subject_id, from_s, until_s FROM subject
    UNION ALL
    SELECT s.issue_id, t.subject_id, s.from_s, s.until_s
    FROM subject AS s
    JOIN fixed AS f USING (issue_id)
    JOIN category AS c ON c.city_id = :city_id AND c.code = f.category
    JOIN tally_slice AS t ON t.holder_id = s.subject_id AND t.category_id = c.category_id
    UNION ALL
    SELECT s.issue_id, t.subject_id, s.from_s, s.until_s
    FROM subject AS s
    JOIN fixed AS f USING (issue_id)
    JOIN source AS o ON o.city_id = :city_id AND o.code = f.source
    JOIN tally_slice AS t ON t.holder_id = s.subject_id AND t.source_id = o.source_id
),
-- the bundled deadline in force after each event
clocked AS (
    SELECT e.issue_id, e.seq, e.move, e.s,
           count(d.deadline) OVER w AS stretch,
           d.deadline
    FROM event AS e
    CROSS JOIN LATERAL (
        SELECT CASE WHEN e.move IN ('dispatch', 'extend', 'resume')
               THEN floor(extract(epoch FROM CAST(e.data ->> 'deadline' AS timestamptz)))::bigint END AS deadline
    ) AS d
    WINDOW w AS (PARTITION BY e.issue_id ORDER BY e.seq)
),
dated AS MATERIALIZED (
    SELECT issue_id, seq, move, s, first_value(deadline) OVER (PARTITION BY issue_id, stretch ORDER BY seq) AS deadline
    FROM clocked
),
running AS (  -- from, until: the stretches in which an issue has a deadline
    SELECT issue_id, deadline, s AS from_s, lead(s) OVER w AS until_s, move
    FROM dated
    WHERE move IN ('dispatch', 'suspend', 'resume', 'void') OR (move = 'extend' AND deadline IS NOT NULL)
    WINDOW w AS (PARTITION BY issue_id ORDER BY seq)
),
waiting AS (  -- the stretches of those in which there is no valid feedback
    SELECT issue_id, deadline, s AS from_s, lead(s) OVER w AS until_s, move
    FROM dated
    WHERE move IN ('dispatch', 'suspend', 'resume', 'void', 'feed_back', 'check_fail', 'reopen')
       OR (move = 'extend' AND deadline IS NOT NULL)
    WINDOW w AS (PARTITION BY issue_id ORDER BY seq)
),
answered AS (  -- the stretches in which a feedback holds
    SELECT issue_id, deadline, s AS from_s, lead(s) OVER w AS until_s, move
    FROM dated
    WHERE move IN ('feed_back', 'check_fail', 'reopen', 'void')
    WINDOW w AS (PARTITION BY issue_id ORDER BY seq)
),
extension AS (
    SELECT issue_id, move, s, lag(move) OVER w AS before
    FROM event
    WHERE move IN ('extend', 'check_pass', 'void')
    WINDOW w AS (PARTITION BY issue_id ORDER BY seq)
),
suspension AS (
    SELECT issue_id, move, s, lag(move) OVER w AS before
    FROM event
    WHERE move IN ('suspend', 'resume', 'void')
    WINDOW w AS (PARTITION BY issue_id ORDER BY seq)
),
flow (issue_id, s, measure, n) AS (
    SELECT issue_id, s, 'notified', 1 FROM event WHERE move = 'dispatch'
    UNION ALL
    SELECT v.issue_id, v.s, 'notified', -1 FROM event AS v JOIN fixed AS f USING (issue_id) WHERE v.move = 'void' AND f.handed_over
    UNION ALL
    SELECT issue_id, s, 'rectified', CASE move WHEN 'check_pass' THEN 1 ELSE -1 END FROM event WHERE move IN ('check_pass', 'reopen')
    UNION ALL
    SELECT issue_id, s, CASE move WHEN 'check_fail' THEN 'failed' ELSE 'reopened' END, 1 FROM event WHERE move IN ('check_fail', 'reopen')
    UNION ALL
    SELECT issue_id, s, 'suspended', CASE move WHEN 'suspend' THEN 1 ELSE -1 END FROM suspension WHERE move <> 'void' OR before = 'suspend'
    UNION ALL
    SELECT issue_id, s, 'extended', CASE move WHEN 'extend' THEN 1 ELSE -1 END FROM extension
    WHERE (move = 'extend' AND before IS DISTINCT FROM 'extend') OR (move <> 'extend' AND before = 'extend')
    UNION ALL
    SELECT r.issue_id, greatest(deadline, edge.s), 'due', edge.n
    FROM running AS r
    CROSS JOIN LATERAL (VALUES (r.from_s, 1), (r.until_s, -1)) AS edge (s, n)
    WHERE r.move NOT IN ('suspend', 'void') AND deadline IS NOT NULL AND edge.s IS NOT NULL
    UNION ALL
    SELECT w.issue_id, greatest(deadline + age.s, edge.s), age.measure, edge.n
    FROM waiting AS w
    JOIN fixed AS f USING (issue_id)
    JOIN category AS c ON c.city_id = :city_id AND c.code = f.category
    CROSS JOIN LATERAL (VALUES (w.from_s, 1), (w.until_s, -1)) AS edge (s, n)
    CROSS JOIN LATERAL (VALUES (greatest(f.own_limit, 864000), 'long_overdue'), (CASE WHEN c.red_line THEN 86400 END, 'red_overdue')) AS age (s, measure)
    WHERE w.move NOT IN ('suspend', 'void', 'feed_back') AND deadline IS NOT NULL AND edge.s IS NOT NULL AND age.s IS NOT NULL
    UNION ALL
    SELECT a.issue_id, greatest(deadline, edge.s), CASE WHEN a.from_s <= deadline THEN 'on_time' ELSE 'late' END, edge.n
    FROM answered AS a
    CROSS JOIN LATERAL (VALUES (a.from_s, 1), (a.until_s, -1)) AS edge (s, n)
    WHERE a.move = 'feed_back' AND deadline IS NOT NULL AND edge.s IS NOT NULL
),
-- as an issue is handed on, its stock goes with it: all of it from one unit to the next, at that second; of what is
-- overdue what fell due stays, so that `late` moves in its stead
moved (issue_id, from_s, s, measure, n) AS MATERIALIZED (
    SELECT c.issue_id, c.from_s, c.until_s, CASE WHEN f.measure IN ('due', 'on_time', 'late') THEN 'late' ELSE f.measure END,
           sum(CASE WHEN f.measure = 'due' THEN -f.n ELSE f.n END)
    FROM custody AS c
    JOIN flow AS f ON f.issue_id = c.issue_id AND f.s < c.until_s
    WHERE f.measure IN ('notified', 'due', 'on_time', 'late', 'long_overdue', 'red_overdue', 'suspended', 'extended')
    GROUP BY 1, 2, 3, 4
),
by_holder (issue_id, s, measure, n, unit_from_s) AS (
    SELECT issue_id, s, measure, -n, from_s FROM moved
    UNION ALL
    SELECT issue_id, s, measure, n, s FROM moved
),
declaration AS (
    SELECT p.point_id, floor(extract(epoch FROM COALESCE(p.declared_on, date '2000-01-01')::timestamp AT TIME ZONE c.timezone))::bigint AS from_s
    FROM point AS p JOIN city AS c USING (city_id)
    WHERE p.city_id = :city_id AND NOT p.retired
),
start AS (
    SELECT point_id, from_s, floor(extract(epoch FROM v.started_at))::bigint AS s
    FROM visit AS v JOIN declaration USING (point_id)
    WHERE v.city_id = :city_id
),
neighbour AS (
    SELECT point_id, from_s, s, lag(s) OVER w AS before_s, lead(s) OVER w AS after_s FROM start WINDOW w AS (PARTITION BY point_id ORDER BY s)
),
point_flow (point_id, s, measure, n) AS (
    SELECT point_id, s, 'visits', 1 FROM start
    UNION ALL
    SELECT point_id, greatest(s, from_s), 'covered', 1 FROM neighbour WHERE before_s IS NULL OR s > before_s + 2592000
    UNION ALL
    SELECT point_id, greatest(s + 2592000, from_s), 'covered', -1 FROM neighbour WHERE after_s IS NULL OR after_s > s + 2592000
    UNION ALL
    SELECT point_id, from_s, 'declared', 1 FROM declaration
),
recount AS (
    SELECT subject_id, s, measure, sum(n) AS n
    FROM (
        SELECT counted.subject_id, flow.s, flow.measure, flow.n
        FROM flow
        JOIN counted USING (issue_id)
        WHERE flow.s >= COALESCE(counted.from_s, flow.s) AND (counted.until_s IS NULL OR flow.s < counted.until_s)
        UNION ALL
        SELECT counted.subject_id, b.s, b.measure, b.n
        FROM by_holder AS b
        JOIN counted ON counted.issue_id = b.issue_id AND counted.from_s = b.unit_from_s
        UNION ALL
        SELECT held.subject_id, f.s, f.measure, f.n
        FROM point_flow AS f
        JOIN point AS p USING (point_id)
        CROSS JOIN LATERAL (SELECT unnest(p.places) AS subject_id UNION ALL SELECT p.unit_id WHERE p.unit_id IS NOT NULL) AS held
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
        WHERE t.city_id = :city_id
        UNION ALL
        SELECT subject_id, e >> 6, (e >> 1) & 31, 1 - 2 * (e & 1)
        FROM tally_delta AS d CROSS JOIN unnest(d.subjects) AS subject_id CROSS JOIN unnest(d.entries) AS e
        WHERE d.city_id = :city_id
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
