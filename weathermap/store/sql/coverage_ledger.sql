-- The coverage ledger: declared points × months. :bounds: where each month begins, oldest first, then the end of the
-- last. `months`: visits in each. Narrowed by keeper (:person), daily group (:patrol), area (:within).
SELECT p.code, p.name, p.name_en, p.kind, ST_X(p.geom) AS lon, ST_Y(p.geom) AS lat,
       n.code AS person, n.name AS keeper, n.patrol, max(v.started_at) AS last_visit,
       ARRAY(
           SELECT count(w.point_id)
           FROM generate_subscripts(CAST(:bounds AS timestamptz[]), 1) AS month(k)
           LEFT JOIN visit AS w ON w.point_id = p.point_id
                AND w.started_at >= (CAST(:bounds AS timestamptz[]))[k]
                AND w.started_at < (CAST(:bounds AS timestamptz[]))[k + 1]
           WHERE k < array_length(CAST(:bounds AS timestamptz[]), 1)
           GROUP BY k
           ORDER BY k
       ) AS months
FROM point AS p
LEFT JOIN person AS n ON n.person_id = p.person_id
LEFT JOIN visit AS v ON v.point_id = p.point_id
WHERE p.city_id = :city_id AND NOT p.retired
  AND (CAST(:person AS text) IS NULL OR n.code = :person)
  AND (CAST(:patrol AS text) IS NULL OR n.patrol = :patrol)
  AND (CAST(:within AS int) IS NULL OR p.places @> ARRAY[CAST(:within AS int)])
GROUP BY p.point_id, n.person_id
ORDER BY p.code
