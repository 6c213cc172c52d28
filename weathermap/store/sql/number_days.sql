-- Reserve public numbers: `counts` for each of `days`; returns the last number given out on each. A city's first
-- report makes it live: from then on a wall showed it.
WITH live AS (UPDATE city SET live_since = instant(CAST(:recorded AS bigint)) WHERE city_id = :city_id AND live_since IS NULL)
INSERT INTO issue_number_day AS d (city_id, day, last)
SELECT :city_id, day, n
FROM unnest(CAST(:days AS date[]), CAST(:counts AS int[])) AS wanted(day, n)
ORDER BY day
ON CONFLICT (city_id, day) DO UPDATE SET last = d.last + excluded.last
RETURNING d.day, d.last
