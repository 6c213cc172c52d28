-- A demo's visits of citizens' rounds that stand in no round yet, by day in the city and point; `found`: what a round reported
-- there that day, as issue and category.
SELECT v.visit_id, p.code AS point, p.kind, (v.started_at AT TIME ZONE :zone)::date AS day, f.found
FROM visit AS v
JOIN point AS p USING (point_id)
CROSS JOIN LATERAL (
    SELECT COALESCE(json_agg(json_build_array(i.issue_id, c.code) ORDER BY i.issue_id), '[]') AS found
    FROM issue AS i
    JOIN source AS s USING (source_id)
    JOIN category AS c USING (category_id)
    WHERE i.point_id = v.point_id AND s.kind = 'round'
      AND (i.reported_at AT TIME ZONE :zone)::date = (v.started_at AT TIME ZONE :zone)::date
) AS f
WHERE v.city_id = :city_id AND v.kind = 'round' AND v.round_id IS NULL AND v.key ~ '^[0-9]{8}-.+-r$'
ORDER BY day, p.code
