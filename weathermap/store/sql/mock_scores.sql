-- Observations of the visits that began in a window: passes and what applied, by area (all that hold the point) and by
-- standard.
WITH seen AS MATERIALIZED (
    SELECT o.standard, o.result, p.places
    FROM observation AS o
    JOIN visit AS v USING (visit_id)
    JOIN point AS p USING (point_id)
    WHERE p.city_id = :city_id AND v.started_at >= :since AND v.started_at <= :at AND o.result <> 'na'
)
SELECT 'area' AS kind, CAST(place AS text) AS name,
       count(*) FILTER (WHERE result = 'pass') AS passed, count(*) AS applicable
FROM seen CROSS JOIN LATERAL unnest(places) AS place
GROUP BY place
UNION ALL
SELECT 'standard', standard, count(*) FILTER (WHERE result = 'pass'), count(*)
FROM seen
GROUP BY standard
