-- Pairs of photos before and after that were not compared yet, the newest issues first: of those to be checked, or (:all) any.
SELECT DISTINCT i.issue_id, b.sha256 AS before, a.sha256 AS after
FROM issue AS i
JOIN photo_side AS b ON b.issue_id = i.issue_id AND NOT b.after
JOIN photo_side AS a ON a.issue_id = i.issue_id AND a.after AND a.sha256 <> b.sha256
WHERE (i.state = 'to_check' OR :all)
  AND NOT EXISTS (SELECT FROM photo_pair AS k WHERE k.before = b.sha256 AND k.after = a.sha256)
ORDER BY i.issue_id DESC, b.sha256, a.sha256
LIMIT :most
