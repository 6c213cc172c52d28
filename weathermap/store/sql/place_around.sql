-- What lies around a point: areas of some levels within a box, cut to it and as simple as the picture is coarse; then the
-- declared points in it, which people know by name.
WITH here AS (
    SELECT ST_MakeEnvelope(:lon - :reach_lon, :lat - :reach_lat, :lon + :reach_lon, :lat + :reach_lat, 4326) AS box
)
SELECT a.level AS kind, a.name, a.name_en,
       ST_AsBinary(ST_ClipByBox2D(ST_SimplifyPreserveTopology(a.geom, :coarse), here.box)) AS shape
FROM area AS a, here
WHERE a.city_id = :city_id AND a.version = :version AND a.level = ANY(:levels) AND a.geom && here.box
UNION ALL
(SELECT '', p.name, p.name_en, ST_AsBinary(p.geom)
 FROM point AS p, here
 WHERE p.city_id = :city_id AND NOT p.retired AND p.geom && here.box
 ORDER BY p.geom <-> ST_SetSRID(ST_MakePoint(:lon, :lat), 4326)
 LIMIT :names)
