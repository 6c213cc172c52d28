-- The beginning of a recount: what each issue counts by its events (`flow`), and whom it counts for (`counted`; units
-- from when until when, with what goes from one to the next in `by_holder`). It shares nothing with the writer: intervals
-- in which a clock runs instead of flows that move. For one boundary version, up to the instant :until_us (µs) at which
-- the next took its place (NULL: the newest); of what was recorded before :known_us (NULL: all). With :view_us only the
-- issues of which something was recorded late, after that instant.
WITH RECURSIVE above (area_id, holder) AS (
    SELECT area_id, area_id FROM area WHERE city_id = :city_id
    UNION ALL
    SELECT above.area_id, area.parent_id FROM above JOIN area ON area.area_id = above.holder WHERE area.parent_id IS NOT NULL
),
-- narrow, for it is walked many times: what moves say is taken out of their data once
event AS MATERIALIZED (
    SELECT issue_id, seq, move, s,
           CASE WHEN move IN ('dispatch', 'extend', 'redate', 'resume')
                THEN floor(date_part('epoch', CAST(data ->> 'deadline' AS timestamptz)))::bigint END AS deadline,
           CASE WHEN move IN ('dispatch', 'reassign') THEN data ? 'unit' END AS names_unit,
           CASE WHEN move IN ('dispatch', 'reassign') THEN data ->> 'unit' END AS unit,
           CASE WHEN move IN ('report', 'relocate') THEN CAST(data ->> 'version' AS int) END AS version,
           CASE WHEN move IN ('report', 'relocate') THEN data ->> 'area' END AS area,
           CASE WHEN move IN ('report', 'relocate') THEN NULLIF(data -> 'overlays', '{}') END AS overlays,
           CASE WHEN move IN ('report', 'recategorise') THEN data ->> 'category' END AS category,
           CASE WHEN move = 'report' THEN data ->> 'source' END AS source
    FROM (
        SELECT e.issue_id, e.seq, e.move, floor(date_part('epoch', e.at))::bigint AS s,
               CASE WHEN e.move IN ('report', 'relocate', 'recategorise', 'dispatch', 'reassign', 'extend', 'redate', 'resume')
                    THEN CAST(e.data AS jsonb) END AS data
        FROM issue_event AS e
        WHERE e.city_id = :city_id
          AND (CAST(:known_us AS bigint) IS NULL OR (e.issue_id, e.seq) NOT IN (
                  SELECT issue_id, seq FROM event_late WHERE city_id = :city_id AND recorded_at >= instant(:known_us)))
          AND (CAST(:view_us AS bigint) IS NULL OR e.issue_id IN (
                  SELECT issue_id FROM event_late WHERE city_id = :city_id AND recorded_at > instant(:view_us)))
        OFFSET 0  -- each is read once, not for each column
    ) AS e
),
-- what comes last is the last of an array made in the order of events: aggregates that sort for themselves take longer
fixed_each AS (
    SELECT issue_id,
           max(deadline - s) FILTER (WHERE move = 'dispatch') AS own_limit,
           array_agg(area) FILTER (WHERE version <= :version) AS areas,
           array_agg(overlays) FILTER (WHERE version <= :version) AS overlays,
           bool_or(version <= :version) AS lies,
           array_agg(category) FILTER (WHERE move IN ('report', 'recategorise')) AS categories,
           (array_agg(source))[1] AS source,
           bool_or(move = 'dispatch') AS handed_over
    FROM (SELECT * FROM event WHERE move IN ('report', 'relocate', 'recategorise', 'dispatch') ORDER BY issue_id, seq) AS e
    GROUP BY issue_id
),
fixed AS MATERIALIZED (
    SELECT issue_id, own_limit, areas[cardinality(areas)] AS area, overlays[cardinality(overlays)] AS overlays, lies,
           categories[cardinality(categories)] AS category, source, handed_over
    FROM fixed_each
),
-- who held an issue, from when until when
custody AS MATERIALIZED (
    SELECT e.issue_id, u.unit_id, e.s AS from_s, e.until_s
    FROM (
        SELECT issue_id, unit, s, lead(s) OVER (PARTITION BY issue_id ORDER BY seq) AS until_s
        FROM event
        WHERE names_unit
    ) AS e
    LEFT JOIN unit AS u ON u.city_id = :city_id AND u.code = e.unit
    WHERE CAST(:until_us AS bigint) IS NULL
),
-- a place's areas from the finest up
chain (code, holder) AS (
    SELECT a.code, above.holder
    FROM area AS a JOIN above ON above.area_id = a.area_id
    WHERE a.city_id = :city_id AND a.version = :version AND a.level = :finest
),
-- the areas beside the chain: overlays, and the city alone for what lies in none
aside (issue_id, subject_id) AS (
    SELECT f.issue_id, a.area_id
    FROM fixed AS f
    JOIN area AS a ON a.city_id = :city_id AND a.version = :version AND a.level = :coarsest
    WHERE f.handed_over AND f.area IS NULL AND f.lies
    UNION ALL
    SELECT f.issue_id, a.area_id
    FROM fixed AS f
    CROSS JOIN LATERAL jsonb_each_text(f.overlays) AS o (level, code)
    JOIN area AS a ON a.city_id = :city_id AND a.version = :version AND a.level = o.level AND a.code = o.code
    WHERE f.handed_over
),
subject (issue_id, subject_id, from_s, until_s) AS (
    SELECT f.issue_id, chain.holder, NULL::bigint, NULL::bigint
    FROM fixed AS f JOIN chain ON chain.code = f.area
    WHERE f.handed_over
    UNION ALL
    SELECT issue_id, subject_id, NULL, NULL FROM aside
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
-- the bundled deadline in force after each event that a clock heeds: of those so far the one of the highest number,
-- which stands above the 40 bits of its seconds
dated AS MATERIALIZED (
    SELECT issue_id, seq, move, s, max((CAST(seq AS bigint) << 40) + deadline) OVER w & ((CAST(1 AS bigint) << 40) - 1) AS deadline,
           -- whether it is suspended, and whether a feedback stands: a new date of the calendar changes neither
           sum(CASE move WHEN 'suspend' THEN 1 WHEN 'resume' THEN -1 ELSE 0 END) OVER w > 0 AS stopped,
           sum(CASE WHEN move = 'feed_back' THEN 1 WHEN move IN ('check_fail', 'reopen') THEN -1 ELSE 0 END) OVER w > 0 AS fed,
           max(s) FILTER (WHERE move = 'feed_back') OVER w AS fed_s
    FROM event
    WHERE move IN ('dispatch', 'extend', 'redate', 'suspend', 'resume', 'feed_back', 'check_fail', 'reopen', 'void', 'merge', 'split')
    WINDOW w AS (PARTITION BY issue_id ORDER BY seq)
),
running AS (  -- from, until: the stretches in which an issue has a deadline
    SELECT issue_id, deadline, s AS from_s, lead(s) OVER w AS until_s, move
    FROM dated
    WHERE move IN ('dispatch', 'suspend', 'resume', 'void', 'merge', 'split') OR (move = 'extend' AND deadline IS NOT NULL)
       OR (move = 'redate' AND NOT stopped)
    WINDOW w AS (PARTITION BY issue_id ORDER BY seq)
),
waiting AS (  -- the stretches of those in which there is no valid feedback
    SELECT issue_id, deadline, s AS from_s, lead(s) OVER w AS until_s, move
    FROM dated
    WHERE move IN ('dispatch', 'suspend', 'resume', 'void', 'merge', 'split', 'feed_back', 'check_fail', 'reopen')
       OR (move = 'extend' AND deadline IS NOT NULL) OR (move = 'redate' AND NOT stopped AND NOT fed)
    WINDOW w AS (PARTITION BY issue_id ORDER BY seq)
),
answered AS (  -- the stretches in which a feedback holds
    SELECT issue_id, deadline, s AS from_s, lead(s) OVER w AS until_s, move, fed_s
    FROM dated
    WHERE move IN ('feed_back', 'check_fail', 'reopen', 'void', 'merge', 'split') OR (move = 'redate' AND fed)
    WINDOW w AS (PARTITION BY issue_id ORDER BY seq)
),
extension AS (
    SELECT issue_id, move, s, lag(move) OVER w AS before
    FROM event
    WHERE move IN ('extend', 'check_pass', 'void', 'merge', 'split')
    WINDOW w AS (PARTITION BY issue_id ORDER BY seq)
),
suspension AS (
    SELECT issue_id, move, s, lag(move) OVER w AS before
    FROM event
    WHERE move IN ('suspend', 'resume', 'void', 'merge', 'split')
    WINDOW w AS (PARTITION BY issue_id ORDER BY seq)
),
flow (issue_id, s, measure, n) AS (
    SELECT issue_id, s, 'notified', 1 FROM event WHERE move = 'dispatch'
    UNION ALL
    SELECT v.issue_id, v.s, 'notified', -1 FROM event AS v JOIN fixed AS f USING (issue_id) WHERE v.move IN ('void', 'merge', 'split') AND f.handed_over
    UNION ALL
    SELECT issue_id, s, 'rectified', CASE move WHEN 'check_pass' THEN 1 ELSE -1 END FROM event WHERE move IN ('check_pass', 'reopen')
    UNION ALL
    SELECT issue_id, s, CASE move WHEN 'check_fail' THEN 'failed' ELSE 'reopened' END, 1 FROM event WHERE move IN ('check_fail', 'reopen')
    UNION ALL
    SELECT issue_id, s, 'suspended', CASE move WHEN 'suspend' THEN 1 ELSE -1 END FROM suspension WHERE move IN ('suspend', 'resume') OR before = 'suspend'
    UNION ALL
    SELECT issue_id, s, 'extended', CASE move WHEN 'extend' THEN 1 ELSE -1 END FROM extension
    WHERE (move = 'extend' AND before IS DISTINCT FROM 'extend') OR (move <> 'extend' AND before = 'extend')
    UNION ALL
    SELECT r.issue_id, greatest(deadline, edge.s), 'due', edge.n
    FROM running AS r
    CROSS JOIN LATERAL (VALUES (r.from_s, 1), (r.until_s, -1)) AS edge (s, n)
    WHERE r.move NOT IN ('suspend', 'void', 'merge', 'split') AND deadline IS NOT NULL AND edge.s IS NOT NULL
    UNION ALL
    SELECT w.issue_id, greatest(deadline + age.s, edge.s), age.measure, edge.n
    FROM waiting AS w
    JOIN fixed AS f USING (issue_id)
    JOIN category AS c ON c.city_id = :city_id AND c.code = f.category
    CROSS JOIN LATERAL (VALUES (w.from_s, 1), (w.until_s, -1)) AS edge (s, n)
    CROSS JOIN LATERAL (VALUES (greatest(f.own_limit, 864000), 'long_overdue'), (CASE WHEN c.red_line THEN 86400 END, 'red_overdue')) AS age (s, measure)
    WHERE w.move NOT IN ('suspend', 'void', 'merge', 'split', 'feed_back') AND deadline IS NOT NULL AND edge.s IS NOT NULL AND age.s IS NOT NULL
    UNION ALL
    SELECT a.issue_id, greatest(deadline, edge.s), CASE WHEN a.fed_s <= deadline THEN 'on_time' ELSE 'late' END, edge.n
    FROM answered AS a
    CROSS JOIN LATERAL (VALUES (a.from_s, 1), (a.until_s, -1)) AS edge (s, n)
    WHERE a.move IN ('feed_back', 'redate') AND deadline IS NOT NULL AND edge.s IS NOT NULL
),
-- as an issue is handed on, its stock goes with it: all of it from one unit to the next, at that second; of what is
-- overdue what fell due stays, so that `late` moves in its stead
moved (issue_id, from_s, s, measure, n) AS MATERIALIZED (
    SELECT c.issue_id, c.from_s, c.until_s, CASE WHEN f.measure IN ('due', 'on_time', 'late') THEN 'late' ELSE f.measure END,
           sum(CASE WHEN f.measure = 'due' THEN -f.n ELSE f.n END)
    FROM custody AS c
    JOIN flow AS f ON f.issue_id = c.issue_id AND f.s < c.until_s
    WHERE c.until_s IS NOT NULL AND f.measure IN ('notified', 'due', 'on_time', 'late', 'long_overdue', 'red_overdue', 'suspended', 'extended')
    GROUP BY 1, 2, 3, 4
),
by_holder (issue_id, s, measure, n, unit_from_s) AS (
    SELECT issue_id, s, measure, -n, from_s FROM moved
    UNION ALL
    SELECT issue_id, s, measure, n, s FROM moved
)
