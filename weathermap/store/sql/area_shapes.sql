-- The shapes of a level's areas (WKB, EPSG:4326) and where their labels stand.
SELECT a.code, ST_AsBinary(a.geom) AS shape, ST_X(a.label) AS lon, ST_Y(a.label) AS lat
FROM area AS a
WHERE a.city_id = :city_id AND a.version = :version AND a.level = :level
ORDER BY a.code
