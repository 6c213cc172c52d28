-- The first issue whose row says otherwise than its events about what `verify_issue` does not ask; or whose key is gone,
-- or that is gone from its key. No row: all agree.
-- What comes last is the last of an array made in the order of events, as in `verify_issue`.
WITH told_each AS (
    SELECT e.issue_id,
           min(e.at) FILTER (WHERE e.move = 'report') AS reported_at,
           (array_agg(e.data) FILTER (WHERE e.move = 'report'))[1] AS report,
           array_agg(CASE WHEN e.move = 'suspend' THEN e.at END) FILTER (WHERE e.move IN ('suspend', 'resume')) AS suspended,
           array_agg(e.move = 'extend')
               FILTER (WHERE e.move IN ('extend', 'check_pass', 'void', 'merge', 'split')) AS extended
    FROM (
        SELECT issue_id, move, at, CASE WHEN move = 'report' THEN CAST(data AS jsonb) END AS data
        FROM issue_event
        WHERE city_id = :city_id
        ORDER BY issue_id, seq
    ) AS e
    GROUP BY e.issue_id
),
told AS (
    SELECT issue_id, reported_at, report, suspended[cardinality(suspended)] AS suspended_at,
           COALESCE(extended[cardinality(extended)], false) AS extended
    FROM told_each
)
SELECT COALESCE(i.issue_id, k.issue_id) AS issue_id, COALESCE(i.number, '?') AS number,
       CASE
           WHEN i.issue_id IS NULL THEN format('it is gone; its key at the source was %s', k.source_key)
           WHEN k.issue_id IS NULL THEN format('its key %s is gone', t.report ->> 'key')
           WHEN i.reported_at <> t.reported_at THEN format('reported at %s, its events say %s', i.reported_at, t.reported_at)
           WHEN i.suspended_at IS DISTINCT FROM t.suspended_at THEN format('suspended at %s, its events say %s', i.suspended_at, t.suspended_at)
           WHEN i.extended <> t.extended THEN format('extended is %s, its events say %s', i.extended, t.extended)
           WHEN s.code IS DISTINCT FROM (t.report ->> 'source') THEN format('source is %s, its events say %s', s.code, t.report ->> 'source')
           ELSE 'its point is not where its events say'
       END AS what
FROM issue AS i
JOIN told AS t USING (issue_id)
JOIN source AS s ON s.source_id = i.source_id
FULL JOIN (SELECT * FROM issue_key WHERE city_id = :city_id) AS k
    ON k.issue_id = i.issue_id AND k.source_key = t.report ->> 'key' AND k.source_id = i.source_id
WHERE (i.city_id = :city_id OR i.city_id IS NULL)
  AND (i.issue_id IS NULL OR k.issue_id IS NULL OR i.reported_at <> t.reported_at
       OR i.suspended_at IS DISTINCT FROM t.suspended_at OR i.extended <> t.extended
       OR s.code IS DISTINCT FROM (t.report ->> 'source')
       OR ST_X(i.geom) IS DISTINCT FROM CAST(t.report -> 'at' ->> 0 AS double precision)
       OR ST_Y(i.geom) IS DISTINCT FROM CAST(t.report -> 'at' ->> 1 AS double precision))
ORDER BY 1
LIMIT 1
