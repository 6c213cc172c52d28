-- Extent of a city's land (degrees) and the instant of its newest event.
SELECT ST_XMin(box) AS west, ST_YMin(box) AS south, ST_XMax(box) AS east, ST_YMax(box) AS north,
       (SELECT max(last_at) FROM issue WHERE city_id = :city_id) AS data_to
FROM (
    SELECT ST_Extent(a.geom) AS box
    FROM area AS a
    WHERE a.city_id = :city_id AND a.parent_id IS NULL AND cardinality(a.path) = 1
      AND a.version = (SELECT max(version) FROM boundary_version WHERE city_id = :city_id)
) AS extent
