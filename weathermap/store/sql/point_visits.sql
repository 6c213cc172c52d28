-- The last visits of a point before an instant, the newest first, each with the visitor's title (never a name).
SELECT v.kind, v.started_at, v.ended_at, n.title
FROM visit AS v
LEFT JOIN person AS n USING (person_id)
WHERE v.point_id = :point_id AND v.started_at < instant(:at_us + 1000000)
ORDER BY v.started_at DESC
LIMIT :limit
