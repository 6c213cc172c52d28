-- What lies around an issue: areas of the finest level and of the one above within reach, as drawn on its map.
SELECT a.level, a.code, a.name, a.name_en, a.area_id = i.area_id AS own,
       ST_AsBinary(ST_Intersection(a.geom, w.box)) AS shape
FROM issue AS i
CROSS JOIN LATERAL (SELECT ST_MakeEnvelope(
    ST_X(i.geom) - :lon, ST_Y(i.geom) - :lat, ST_X(i.geom) + :lon, ST_Y(i.geom) + :lat, 4326) AS box) AS w
JOIN area AS a ON a.city_id = i.city_id AND a.version = :version AND a.level = ANY(:levels) AND a.geom && w.box
WHERE i.issue_id = :issue_id AND NOT ST_IsEmpty(ST_Intersection(a.geom, w.box))
ORDER BY a.level, a.code
