-- Proposals that nobody need decide any more: the issue is done, runs by another deadline, or somebody made the move
-- without them.
UPDATE ladder_step AS l
SET state = 'settled', decided_at = :now
FROM issue AS i
WHERE l.city_id = :city_id AND l.state = 'open' AND i.issue_id = l.issue_id
  AND (i.state NOT IN ('handling', 'to_check', 'suspended') OR i.deadline IS DISTINCT FROM l.deadline
      OR EXISTS (SELECT FROM issue_event AS e WHERE e.issue_id = l.issue_id AND e.move = l.move AND e.at > l.noticed_at))
