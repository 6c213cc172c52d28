-- Reserve public numbers: `counts` for each of `days`; returns the last number given out on each.
INSERT INTO issue_number_day AS d (city_id, day, last)
SELECT :city_id, day, n
FROM unnest(CAST(:days AS date[]), CAST(:counts AS int[])) AS wanted(day, n)
ORDER BY day
ON CONFLICT (city_id, day) DO UPDATE SET last = d.last + excluded.last
RETURNING d.day, d.last
