-- Issues of a city in id order, with their position and the areas that hold them now.
SELECT issue_id, COALESCE(ST_X(geom), 'NaN') AS lon, COALESCE(ST_Y(geom), 'NaN') AS lat, places
FROM issue
WHERE city_id = :city_id
ORDER BY issue_id
