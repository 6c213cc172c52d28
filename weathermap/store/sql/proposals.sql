-- Steps of the ladder that wait for a decision, the longest overdue first.
SELECT l.issue_id, l.step, l.move, l.noticed_at, l.reworked, l.deadline,
       i.number, i.seq, i.state, i.address, i.unit_id, i.notified_at, i.reported_at, i.fed_back_at,
       c.name AS category_name, c.name_en AS category_name_en, c.red_line,
       u.name AS unit_name, u.name_en AS unit_name_en, a.name AS area_name, a.name_en AS area_name_en
FROM ladder_step AS l
JOIN issue AS i USING (issue_id)
JOIN category AS c USING (category_id)
LEFT JOIN unit AS u ON u.unit_id = i.unit_id
LEFT JOIN area AS a ON a.area_id = i.area_id
WHERE l.city_id = :city_id AND l.state = 'open' AND l.step = ANY (CAST(:steps AS text[]))
  AND i.state = 'handling' AND i.deadline = l.deadline AND issue_within(i.places, :area)
ORDER BY l.deadline, l.issue_id
LIMIT :limit
