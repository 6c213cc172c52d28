-- In whose hands issues are, by number; locked in id order. The first event says how the source names an issue.
SELECT i.issue_id, i.city_id, i.number, i.state, i.seq, i.unit_id, i.deadline,
       ARRAY(SELECT m.move FROM issue_event AS m WHERE m.issue_id = i.issue_id ORDER BY m.seq) AS moves,
       CAST(e.data AS jsonb) ->> 'source' AS source, CAST(e.data AS jsonb) ->> 'key' AS source_key,
       COALESCE((
           SELECT f.actor FROM issue_event AS f
           WHERE f.issue_id = i.issue_id AND f.move = 'feed_back' ORDER BY f.seq DESC LIMIT 1), 0) AS handler
FROM issue AS i
JOIN issue_event AS e ON e.issue_id = i.issue_id AND e.seq = 1
WHERE i.number = ANY(:numbers) AND i.city_id = :city_id
ORDER BY i.issue_id
FOR UPDATE OF i
