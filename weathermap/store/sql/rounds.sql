-- Citizens' rounds, the newest first, with what each has: members, points, visits, findings, findings rectified.
SELECT r.round_id, r.name, r.held_on, r.follow_up, n.name AS leader,
       (SELECT count(*) FROM round_member AS m WHERE m.round_id = r.round_id) AS members,
       (SELECT count(*) FROM round_point AS p WHERE p.round_id = r.round_id) AS points,
       (SELECT count(DISTINCT v.point_id) FROM visit AS v WHERE v.round_id = r.round_id) AS visited,
       f.found, f.rectified
FROM round AS r
LEFT JOIN person AS n USING (person_id)
CROSS JOIN LATERAL (
    SELECT count(DISTINCT i.issue_id) AS found,
           count(DISTINCT i.issue_id) FILTER (WHERE i.state = 'rectified') AS rectified
    FROM visit AS v
    JOIN observation AS o USING (visit_id)
    JOIN issue AS i ON i.issue_id = o.issue_id
    WHERE v.round_id = r.round_id
) AS f
WHERE r.city_id = :city_id AND (CAST(:round_id AS int) IS NULL OR r.round_id = :round_id)
ORDER BY r.held_on DESC, r.round_id DESC
LIMIT 200
