-- Where the issues of a city lie and what their marks say: those open, or with :rectified those too. `area` is the finest
-- area that has weather, `deadline` and `red` are microseconds since 1970Z (0: none), `runs`: 1 while the deadline
-- counts, 2 rectified; `asked`: 1 under a leader's order, 2 publicly listed (issues_asof, `supervised`).
-- All NOT NULL and of one width each, so that a binary COPY of it is a table of fixed records.
WITH supervised AS MATERIALIZED (
    SELECT e.issue_id, bool_or(e.move = 'list_publicly') AS listed
    FROM issue_event AS e
    WHERE e.city_id = :city_id AND e.move IN ('order', 'list_publicly')
      AND NOT EXISTS (
          SELECT FROM issue_event AS x WHERE x.issue_id = e.issue_id AND x.seq > e.seq AND x.move IN ('check_pass', 'void', 'merge', 'split'))
    GROUP BY e.issue_id
)
SELECT i.issue_id, i.category_id, COALESCE(i.places[least(:depth, cardinality(i.places))], 0) AS area,
       ST_X(i.geom) AS lon, ST_Y(i.geom) AS lat,
       CAST(CASE WHEN i.state <> 'suspended' AND i.fed_back_at IS NULL THEN 1 ELSE 0 END AS smallint) AS runs,
       CAST(CASE WHEN s.issue_id IS NULL THEN 0 WHEN s.listed THEN 2 ELSE 1 END AS smallint) AS asked,
       COALESCE(micros(i.deadline), 0) AS deadline, COALESCE(micros(i.red_at), 0) AS red
FROM issue AS i
LEFT JOIN supervised AS s USING (issue_id)
WHERE i.city_id = :city_id AND i.rectified_at IS NULL AND i.state IN ('handling', 'to_check', 'suspended')
  AND i.area_id IS NOT NULL AND i.geom IS NOT NULL
UNION ALL
SELECT i.issue_id, i.category_id, COALESCE(i.places[least(:depth, cardinality(i.places))], 0), ST_X(i.geom), ST_Y(i.geom),
       CAST(2 AS smallint), CAST(0 AS smallint), 0, 0
FROM issue AS i
WHERE :rectified AND i.city_id = :city_id AND i.state = 'rectified' AND i.area_id IS NOT NULL AND i.geom IS NOT NULL
