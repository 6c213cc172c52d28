-- The unit that has most open issues.
SELECT unit_id
FROM issue
WHERE city_id = :city_id AND rectified_at IS NULL AND state = 'handling' AND unit_id IS NOT NULL
GROUP BY unit_id
ORDER BY count(*) DESC, unit_id
LIMIT 1
