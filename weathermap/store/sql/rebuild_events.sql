-- All events of a city in order, with what their issue counts for now.
SELECT e.issue_id, e.move, e.data, floor(extract(epoch FROM e.at)) AS second, c.red_line,
       i.places, i.unit_id, i.category_id, i.source_id
FROM issue_event AS e
JOIN issue AS i ON i.issue_id = e.issue_id
JOIN category AS c ON c.category_id = i.category_id
WHERE e.city_id = :city_id
ORDER BY e.issue_id, e.seq
