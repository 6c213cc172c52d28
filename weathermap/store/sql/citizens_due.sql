-- Citizens' reports that may be erased: not yet erased, sent and last heard of before :before, where nobody works on the
-- issue. Whether a merged or split one is over as well, its survivor and parts say.
SELECT s.snap_id, i.issue_id, i.city_id, i.state, i.last_at
FROM snap AS s
JOIN issue AS i USING (issue_id)
WHERE s.city_id = :city_id AND s.erased_at IS NULL AND s.sent_at < :before AND i.last_at < :before
  AND i.state IN ('rectified', 'rejected', 'void', 'merged', 'split')
ORDER BY s.snap_id
LIMIT :most
