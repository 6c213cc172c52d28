-- Visits of a point today by others than :person_id, after the one whose key is :last ('' = none known), the newest
-- first, each with how much failed and the numbers of its issues.
SELECT v.key, v.started_at, n.name, n.title,
       count(o.standard) FILTER (WHERE o.result = 'fail') AS fails,
       COALESCE(array_agg(i.number ORDER BY i.number) FILTER (WHERE i.number IS NOT NULL), '{}') AS issues
FROM visit AS v
LEFT JOIN person AS n USING (person_id)
LEFT JOIN observation AS o USING (visit_id)
LEFT JOIN issue AS i ON i.issue_id = o.issue_id
WHERE v.point_id = :point_id AND v.started_at >= :midnight
  AND v.person_id IS DISTINCT FROM :person_id
  AND v.visit_id > COALESCE((SELECT k.visit_id FROM visit AS k WHERE k.point_id = :point_id AND k.key = :last), 0)
GROUP BY v.visit_id, n.name, n.title
ORDER BY v.visit_id DESC
LIMIT 5
