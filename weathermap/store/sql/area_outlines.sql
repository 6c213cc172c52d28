-- The areas of a level on a grid of :pixels steps across the city, as one GeoJSON FeatureCollection.
WITH size AS (
    SELECT greatest(ST_XMax(box) - ST_XMin(box), ST_YMax(box) - ST_YMin(box)) / :pixels AS step
    FROM (SELECT ST_Extent(geom) AS box FROM area WHERE city_id = :city_id AND version = :version AND level = :level) AS extent
),
drawn AS (
    SELECT a.code, ST_Multi(ST_CollectionExtract(ST_SnapToGrid(a.geom, size.step), 3)) AS shape
    FROM area AS a, size
    WHERE a.city_id = :city_id AND a.version = :version AND a.level = :level
)
SELECT CAST(jsonb_build_object('type', 'FeatureCollection', 'features', COALESCE(jsonb_agg(jsonb_build_object(
           'type', 'Feature', 'properties', jsonb_build_object('code', code), 'geometry', CAST(ST_AsGeoJSON(shape, 4) AS jsonb))
           ORDER BY code), '[]')) AS text)
FROM drawn
WHERE NOT ST_IsEmpty(shape)
