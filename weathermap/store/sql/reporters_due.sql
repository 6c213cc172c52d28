-- Reporters of whom nothing waits any more: every issue that they reported ended before :before, every report of theirs
-- that came through a page is erased. `issues`: those that were merged or split, whose survivors and parts must be over too.
SELECT r.reporter_id,
       COALESCE((
           SELECT json_agg(i.issue_id) FROM issue_reporter AS x JOIN issue AS i USING (issue_id)
           WHERE x.reporter_id = r.reporter_id AND i.state IN ('merged', 'split')
       ), '[]') AS issues
FROM reporter AS r
WHERE r.city_id = :city_id AND r.created_at < :before
  AND NOT EXISTS (
      SELECT FROM issue_reporter AS x JOIN issue AS i USING (issue_id)
      WHERE x.reporter_id = r.reporter_id
        AND (i.last_at >= :before OR i.state NOT IN ('rectified', 'rejected', 'void', 'merged', 'split'))
  )
  AND NOT EXISTS (SELECT FROM snap AS s WHERE s.reporter_id = r.reporter_id AND s.erased_at IS NULL)
ORDER BY r.reporter_id
LIMIT :most
