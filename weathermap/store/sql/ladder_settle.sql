-- Proposals that nobody need decide any more: the issue is done, or runs by another deadline.
UPDATE ladder_step AS l
SET state = 'settled', decided_at = :now
FROM issue AS i
WHERE l.city_id = :city_id AND l.state = 'open' AND i.issue_id = l.issue_id
  AND (i.state NOT IN ('handling', 'to_check', 'suspended') OR i.deadline IS DISTINCT FROM l.deadline)
