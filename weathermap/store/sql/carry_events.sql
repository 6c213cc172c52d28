-- All events of the issues in `lying` that lie elsewhere, with what they count for in both borders: place after place, so
-- that what is counted together is of few places, and each issue's in order.
SELECT e.issue_id, e.move, e.data, floor(extract(epoch FROM e.at)) AS second, c.red_line,
       l.places, l.before, i.category_id, i.source_id
FROM lying AS l
JOIN issue AS i USING (issue_id)
JOIN issue_event AS e USING (issue_id)
JOIN category AS c ON c.category_id = i.category_id
WHERE l.data IS NOT NULL
ORDER BY l.places, e.issue_id, e.seq
