-- Issues of a city in id order, locked, with their position.
SELECT issue_id, seq, hash, CAST(extract(epoch FROM last_at) * 1000000 AS bigint) AS last_us, ST_X(geom) AS lon, ST_Y(geom) AS lat
FROM issue
WHERE city_id = :city_id AND issue_id > :after
ORDER BY issue_id
LIMIT :limit
FOR UPDATE
