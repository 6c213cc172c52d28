-- Photos of issues before their first feedback, and of the last one and since: what a check by photo compares.
SELECT p.issue_id, encode(p.sha256, 'hex') AS digest, p.width, p.height, p.seq >= f.last_seq AS after
FROM photo AS p
JOIN LATERAL (
    SELECT min(e.seq) AS first_seq, max(e.seq) AS last_seq
    FROM issue_event AS e
    WHERE e.issue_id = p.issue_id AND e.move = 'feed_back'
) AS f ON p.seq < f.first_seq OR p.seq >= f.last_seq
WHERE p.issue_id = ANY(:ids)
  AND NOT EXISTS (SELECT FROM issue_event AS a WHERE a.issue_id = p.issue_id AND a.seq = p.seq AND a.move = 'answer')
ORDER BY p.issue_id, p.seq, p.place
