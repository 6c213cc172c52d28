-- The first event that a day's root sealed and that is gone or another now. `good`: the last before it that is as sealed.
SELECT l.issue_id, COALESCE(i.number, '?') AS number,
       CASE
           WHEN e.issue_id IS NULL THEN format('event %s is missing, which the root of %s sealed', l.seq, r.day)
           WHEN good.seq + 1 = l.seq THEN format('event %s was rewritten after the root of %s sealed it', l.seq, r.day)
           ELSE format('one of its events %s to %s was rewritten after the root of %s sealed them', good.seq + 1, l.seq, r.day)
       END AS what
FROM event_leaf AS l
JOIN event_root AS r USING (city_id, root_no)
LEFT JOIN issue_event AS e ON e.issue_id = l.issue_id AND e.seq = l.seq AND e.city_id = l.city_id
LEFT JOIN issue AS i ON i.issue_id = l.issue_id
LEFT JOIN LATERAL (
    SELECT COALESCE(max(g.seq), 0) AS seq
    FROM event_leaf AS g
    JOIN issue_event AS kept ON kept.issue_id = g.issue_id AND kept.seq = g.seq AND kept.hash = g.hash
    WHERE g.city_id = l.city_id AND g.issue_id = l.issue_id AND g.seq < l.seq
) AS good ON e.issue_id IS NOT NULL
WHERE l.city_id = :city_id AND e.hash IS DISTINCT FROM l.hash
ORDER BY l.issue_id, l.seq
LIMIT 1
