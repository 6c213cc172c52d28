-- Extent of a city's land (degrees), the instant of its newest event, and the past instant that the city is shown as of
-- where that event is so old that nobody keeps its records any more. By the store's clock: a wall's own may be wrong.
SELECT ST_XMin(box) AS west, ST_YMin(box) AS south, ST_XMax(box) AS east, ST_YMax(box) AS north, newest.data_to,
       CASE WHEN newest.data_to < now() - interval '28 days' THEN date_trunc('second', newest.data_to) END AS past_at
FROM (SELECT max(last_at) AS data_to FROM issue WHERE city_id = :city_id) AS newest, (
    SELECT ST_Extent(a.geom) AS box
    FROM area AS a
    WHERE a.city_id = :city_id AND a.parent_id IS NULL AND cardinality(a.path) = 1
      AND a.version = (SELECT max(version) FROM boundary_version WHERE city_id = :city_id)
) AS extent
