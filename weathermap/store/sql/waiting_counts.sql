-- How many wait in every queue of the desk, in one pass: in all, and of one unit; of one area or the whole city.
WITH waiting AS (
    SELECT i.issue_id, i.state, i.unit_id, i.review, i.state = 'handling' AND i.deadline < instant(:now_us) AS overdue
    FROM issue AS i
    WHERE i.city_id = :city_id AND i.state IN ('reported', 'handling', 'to_check', 'suspended')
      AND (CAST(:area_id AS int) IS NULL OR i.places @> ARRAY[CAST(:area_id AS int)])
),
pending AS (
    SELECT DISTINCT e.issue_id, e.move
    FROM issue_event AS e
    WHERE e.city_id = :city_id
      AND e.move IN ('hand_back', 'ask_extension', 'ask_suspension', 'escalate', 'ask_reopen', 'order', 'list_publicly')
      AND NOT EXISTS (
        SELECT FROM issue_event AS x
        WHERE x.issue_id = e.issue_id AND x.seq > e.seq
          AND x.move = ANY(CASE WHEN e.move IN ('order', 'list_publicly') THEN ARRAY['check_pass', 'void', 'merge', 'split'] ELSE :answers END))
)
SELECT w.state, count(*) AS n, count(*) FILTER (WHERE w.unit_id = :unit_id) AS own,
       count(*) FILTER (WHERE w.overdue) AS overdue,
       count(*) FILTER (WHERE w.overdue AND w.unit_id = :unit_id) AS own_overdue,
       count(*) FILTER (WHERE w.review) AS review
FROM waiting AS w
GROUP BY w.state
UNION ALL
SELECT p.move, count(*), count(*) FILTER (WHERE w.unit_id = :unit_id), 0, 0, 0
FROM pending AS p
JOIN waiting AS w USING (issue_id)
WHERE p.move <> 'ask_reopen' AND (w.state = 'handling' OR w.state <> 'reported' AND p.move IN ('escalate', 'order', 'list_publicly'))
GROUP BY p.move
UNION ALL
SELECT p.move, count(*), 0, 0, 0, 0
FROM pending AS p
JOIN issue AS i USING (issue_id)
WHERE p.move = 'ask_reopen' AND i.state = 'rectified'
  AND (CAST(:area_id AS int) IS NULL OR i.places @> ARRAY[CAST(:area_id AS int)])
GROUP BY p.move
