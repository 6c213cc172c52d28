-- How many of the issues that a list asks for lie in each area, and how many each unit holds. What fell due stays with
-- who held it at its deadline, as in the list (issues_part.sql).
SELECT 'area' AS kind, place AS id, count(*) AS n
FROM chosen AS s CROSS JOIN LATERAL unnest(s.places) AS place
GROUP BY place
UNION ALL
SELECT 'unit', h.holder, count(*)
FROM (
    SELECT CASE
            WHEN :state IN ('due', 'on_time', 'late') AND EXISTS (
                SELECT FROM issue_event AS r
                WHERE r.issue_id = s.issue_id AND r.move = 'reassign' AND r.at >= s.deadline + interval '1 second')
            THEN holder_at(:city_id, s.issue_id, s.deadline + interval '1 second') ELSE s.unit_id END AS holder
    FROM chosen AS s
) AS h
WHERE h.holder IS NOT NULL
GROUP BY h.holder
UNION ALL
SELECT 'all', 0, count(*) FROM chosen
