-- Citizens' reports for the office, what may be mischief first: those not dispatched yet, or (:spam) those marked as spam.
SELECT s.snap_id, s.follows, s.words, s.place_from, s.suspect, s.spam, s.sent_at, s.seq AS own_seq,
       s.reporter_id IS NOT NULL AS reachable, i.issue_id, i.number, i.state, i.seq, i.position,
       c.name AS category_name, c.name_en AS category_name_en,
       concat_ws(' ', o.name, a.name) AS area_name,
       concat_ws(', ', nullif(o.name_en, ''), nullif(a.name_en, '')) AS area_name_en,
       ARRAY(SELECT encode(p.sha256, 'hex') FROM photo AS p
             WHERE p.issue_id = s.issue_id AND p.seq = s.seq ORDER BY p.place) AS photos
FROM snap AS s
JOIN issue AS i ON i.issue_id = s.issue_id
JOIN category AS c ON c.category_id = i.category_id
LEFT JOIN area AS a ON a.area_id = i.area_id
LEFT JOIN area AS o ON o.area_id = a.parent_id
WHERE s.city_id = :city_id AND s.spam = :spam AND issue_within(i.places, :area)
  AND (:spam OR i.state = 'reported' OR (s.follows AND s.suspect <> '' AND i.state IN ('handling', 'to_check', 'suspended')))
ORDER BY s.suspect = '', s.sent_at
LIMIT :most
