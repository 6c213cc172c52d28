-- The first issue whose row says otherwise than its events about what `verify_issue` does not ask; or whose key is gone,
-- or that is gone from its key. No row: all agree.
WITH told AS (
    SELECT e.issue_id,
           min(e.at) FILTER (WHERE e.move = 'report') AS reported_at,
           min(e.data) FILTER (WHERE e.move = 'report') AS report,
           (array_agg(CASE WHEN e.move = 'suspend' THEN e.at END ORDER BY e.seq DESC)
               FILTER (WHERE e.move IN ('suspend', 'resume')))[1] AS suspended_at,
           COALESCE((array_agg(e.move = 'extend' ORDER BY e.seq DESC)
               FILTER (WHERE e.move IN ('extend', 'check_pass', 'void', 'merge', 'split')))[1], false) AS extended
    FROM issue_event AS e
    WHERE e.city_id = :city_id
    GROUP BY e.issue_id
)
SELECT COALESCE(i.issue_id, k.issue_id) AS issue_id, COALESCE(i.number, '?') AS number,
       CASE
           WHEN i.issue_id IS NULL THEN format('it is gone; its key at the source was %s', k.source_key)
           WHEN k.issue_id IS NULL THEN format('its key %s is gone', CAST(t.report AS jsonb) ->> 'key')
           WHEN i.reported_at <> t.reported_at THEN format('reported at %s, its events say %s', i.reported_at, t.reported_at)
           WHEN i.suspended_at IS DISTINCT FROM t.suspended_at THEN format('suspended at %s, its events say %s', i.suspended_at, t.suspended_at)
           WHEN i.extended <> t.extended THEN format('extended is %s, its events say %s', i.extended, t.extended)
           WHEN s.code IS DISTINCT FROM (CAST(t.report AS jsonb) ->> 'source') THEN format('source is %s, its events say %s', s.code, CAST(t.report AS jsonb) ->> 'source')
           ELSE 'its point is not where its events say'
       END AS what
FROM issue AS i
JOIN told AS t USING (issue_id)
JOIN source AS s ON s.source_id = i.source_id
FULL JOIN (SELECT * FROM issue_key WHERE city_id = :city_id) AS k
    ON k.issue_id = i.issue_id AND k.source_key = CAST(t.report AS jsonb) ->> 'key' AND k.source_id = i.source_id
WHERE (i.city_id = :city_id OR i.city_id IS NULL)
  AND (i.issue_id IS NULL OR k.issue_id IS NULL OR i.reported_at <> t.reported_at
       OR i.suspended_at IS DISTINCT FROM t.suspended_at OR i.extended <> t.extended
       OR s.code IS DISTINCT FROM (CAST(t.report AS jsonb) ->> 'source')
       OR ST_X(i.geom) IS DISTINCT FROM CAST(CAST(t.report AS jsonb) -> 'at' ->> 0 AS double precision)
       OR ST_Y(i.geom) IS DISTINCT FROM CAST(CAST(t.report AS jsonb) -> 'at' ->> 1 AS double precision))
ORDER BY 1
LIMIT 1
