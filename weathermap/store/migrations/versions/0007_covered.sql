-- A point counts as covered only from the day of its declaration: what was counted before it is moved to it, as postings
-- that the folder takes (12: the measure `covered`; entries as in 0003; 2,592,000 s: 30 days).
INSERT INTO tally_delta (city_id, subjects, entries)
WITH declaration AS (
    SELECT p.point_id, p.city_id, array_remove(p.places || p.unit_id, NULL) AS subjects,
           CAST(extract(epoch FROM CAST(p.declared_on AS timestamp) AT TIME ZONE c.timezone) AS bigint) AS from_s
    FROM point AS p JOIN city AS c USING (city_id)
    WHERE p.declared_on IS NOT NULL AND NOT p.retired
),
visited AS (
    SELECT point_id, CAST(floor(extract(epoch FROM started_at)) AS bigint) AS s FROM visit
),
neighbour AS (
    SELECT point_id, s, lag(s) OVER w AS before_s, lead(s) OVER w AS after_s FROM visited WINDOW w AS (PARTITION BY point_id ORDER BY s)
),
edge AS (
    SELECT point_id, s, 0 AS sign FROM neighbour WHERE before_s IS NULL OR s > before_s + 2592000
    UNION ALL
    SELECT point_id, s + 2592000, 1 FROM neighbour WHERE after_s IS NULL OR after_s > s + 2592000
)
SELECT d.city_id, d.subjects, array_agg(e.entry ORDER BY e.entry)
FROM edge
JOIN declaration AS d USING (point_id)
CROSS JOIN LATERAL (VALUES (s * 64 + 24 + 1 - sign), (from_s * 64 + 24 + sign)) AS e (entry)
WHERE s < from_s
GROUP BY d.point_id, d.city_id, d.subjects;
