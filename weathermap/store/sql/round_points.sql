-- The points of a round by code, each with whether it was visited on it, and what was found there: number, state, category.
SELECT p.code, p.name, p.name_en, count(v.visit_id) AS visits,
       COALESCE(json_agg(json_build_array(i.number, i.state, c.name, c.name_en) ORDER BY i.number) FILTER (WHERE i.number IS NOT NULL), '[]')
           AS found
FROM round_point AS r
JOIN point AS p USING (point_id)
LEFT JOIN visit AS v ON v.round_id = r.round_id AND v.point_id = r.point_id
LEFT JOIN observation AS o ON o.visit_id = v.visit_id AND o.issue_id IS NOT NULL
LEFT JOIN issue AS i ON i.issue_id = o.issue_id
LEFT JOIN category AS c USING (category_id)
WHERE r.round_id = :round_id
GROUP BY p.point_id
ORDER BY p.code
