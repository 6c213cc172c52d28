-- It follows verify_flows.sql: what declared points and their visits count.
, declaration AS (
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
)
