-- Declared points with who keeps each, its visits since :month, the key of its last visit, and its open issues: number
-- and category.
SELECT p.code, p.person_id, COALESCE(m.visits, 0) AS visits, l.key AS last,
       COALESCE(o.open, '[]') AS open
FROM point AS p
LEFT JOIN (
    SELECT point_id, count(*) AS visits FROM visit WHERE city_id = :city_id AND started_at >= :month GROUP BY point_id
) AS m USING (point_id)
LEFT JOIN LATERAL (
    SELECT v.key FROM visit AS v WHERE v.point_id = p.point_id ORDER BY v.started_at DESC LIMIT 1
) AS l ON true
LEFT JOIN (
    SELECT i.point_id, json_agg(json_build_array(i.number, c.code) ORDER BY i.issue_id) AS open
    FROM issue AS i JOIN category AS c USING (category_id)
    WHERE i.city_id = :city_id AND i.point_id IS NOT NULL AND i.state IN ('reported', 'handling', 'to_check', 'suspended')
    GROUP BY i.point_id
) AS o ON o.point_id = p.point_id
WHERE p.city_id = :city_id AND NOT p.retired
ORDER BY p.code
