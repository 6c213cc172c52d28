-- Issues that may be the same problem as one: of its category, under way or waiting, within :metres of it; the nearest
-- first. Without a position: at the same declared point.
SELECT o.number, o.state, o.reported_at, o.address, u.name AS unit_name, u.name_en AS unit_name_en,
       CAST(ST_Distance(CAST(i.geom AS geography), CAST(o.geom AS geography)) AS double precision) AS metres
FROM issue AS i
JOIN issue AS o ON o.city_id = i.city_id AND o.category_id = i.category_id AND o.issue_id <> i.issue_id
    AND (o.state IN ('handling', 'to_check', 'suspended') OR o.state = 'reported')
    AND (o.point_id = i.point_id OR (
        o.geom && ST_Expand(i.geom, :metres / 50000.0)
        AND ST_DWithin(CAST(i.geom AS geography), CAST(o.geom AS geography), :metres)))
LEFT JOIN unit AS u ON u.unit_id = o.unit_id
WHERE i.issue_id = :issue_id
ORDER BY metres NULLS LAST, o.issue_id
LIMIT 5
