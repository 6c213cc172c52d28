-- The heads of the chains that no root has sealed yet, by issue.
SELECT i.issue_id, i.seq, i.hash
FROM issue AS i
LEFT JOIN (SELECT issue_id, max(seq) AS seq FROM event_leaf WHERE city_id = :city_id GROUP BY issue_id) AS l USING (issue_id)
WHERE i.city_id = :city_id AND i.seq IS DISTINCT FROM l.seq
ORDER BY i.issue_id
