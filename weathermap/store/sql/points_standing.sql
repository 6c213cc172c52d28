-- Follows `chosen` (issues_asof.sql, issues_part.sql; state 'open'): every declared point as it stood at the instant. Its open issues are those of the
-- lists, its coverage and its day of declaration those of the tallies (visit/visits.py, tally/rebuild.py).
SELECT p.point_id, p.code, p.name, p.name_en, p.kind, u.code AS unit, p.places, ST_X(p.geom) AS lon, ST_Y(p.geom) AS lat, p.address,
       v.last AS last_visit, v.last IS NOT NULL AND instant(:at_us) < date_trunc('second', v.last) + interval '30 days' AS covered,
       COALESCE(s.open, 0) AS open, COALESCE(s.overdue, 0) AS overdue
FROM point AS p
JOIN city AS c USING (city_id)
LEFT JOIN unit AS u ON u.unit_id = p.unit_id
LEFT JOIN (
    SELECT point_id, count(*) AS open, count(*) FILTER (WHERE fell_due AND fed_back_at IS NULL) AS overdue
    FROM chosen
    WHERE point_id IS NOT NULL
    GROUP BY point_id
) AS s ON s.point_id = p.point_id
LEFT JOIN LATERAL (
    SELECT max(visit.started_at) AS last FROM visit
    WHERE visit.point_id = p.point_id AND visit.started_at < instant(:at_us + 1000000)
) AS v ON true
WHERE p.city_id = :city_id AND NOT p.retired
  AND CAST(COALESCE(p.declared_on, date '2000-01-01') AS timestamp) AT TIME ZONE c.timezone <= instant(:at_us)
  AND (CAST(:code AS text) IS NULL OR p.code = :code)
  AND (CAST(:kind AS text) IS NULL OR p.kind = :kind)
  AND (CAST(:within AS int) IS NULL OR p.places @> ARRAY[CAST(:within AS int)])
  AND (CAST(:keeper AS int) IS NULL OR p.unit_id = :keeper)
  AND (CAST(:covered AS boolean) IS NULL
       OR (v.last IS NOT NULL AND instant(:at_us) < date_trunc('second', v.last) + interval '30 days') = :covered)
  AND CASE :having WHEN 'open' THEN COALESCE(s.open, 0) > 0 WHEN 'overdue' THEN COALESCE(s.overdue, 0) > 0 ELSE true END
ORDER BY p.code
