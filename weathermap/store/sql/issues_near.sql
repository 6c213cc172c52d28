-- Problems under way within :metres of a point, the nearest first: what a citizen may have seen as well. A picture only of
-- those that the office has looked at; what it has not, and may be mischief, is left out.
WITH here AS (
    SELECT ST_SetSRID(ST_MakePoint(:lon, :lat), 4326) AS point,
           ST_MakeEnvelope(:lon - :reach_lon, :lat - :reach_lat, :lon + :reach_lon, :lat + :reach_lat, 4326) AS box
),
found AS (
    SELECT i.issue_id, i.number, i.state, i.reported_at, i.category_id, i.geom, i.places
    FROM issue AS i, here
    WHERE i.city_id = :city_id AND i.state IN ('handling', 'to_check', 'suspended') AND i.geom && here.box
    UNION ALL
    SELECT i.issue_id, i.number, i.state, i.reported_at, i.category_id, i.geom, i.places
    FROM issue AS i, here
    WHERE i.city_id = :city_id AND i.state = 'reported' AND i.geom && here.box
      AND NOT EXISTS (SELECT FROM snap AS s WHERE s.issue_id = i.issue_id AND (s.spam OR s.suspect <> ''))
)
SELECT f.number, f.state, f.places, f.reported_at, c.name, c.name_en, ST_X(f.geom) AS lon, ST_Y(f.geom) AS lat,
       ST_Distance(CAST(f.geom AS geography), CAST(here.point AS geography)) AS metres,
       CASE WHEN f.state <> 'reported' THEN (
           SELECT encode(p.sha256, 'hex') FROM photo AS p
           WHERE p.issue_id = f.issue_id AND p.seq = 1 ORDER BY p.place LIMIT 1) END AS photo
FROM found AS f
CROSS JOIN here
JOIN category AS c ON c.category_id = f.category_id
WHERE ST_Distance(CAST(f.geom AS geography), CAST(here.point AS geography)) <= :metres
ORDER BY metres, f.issue_id
LIMIT :most
