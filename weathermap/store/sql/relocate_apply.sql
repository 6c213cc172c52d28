-- Set the present areas of the issues in the temporary table `moved`.
UPDATE issue AS i
SET area_id = m.area_id, places = m.places, seq = m.seq, hash = m.hash, last_at = m.at,
    position = CASE WHEN m.area_id IS NOT NULL THEN 'located' WHEN i.position = 'located' THEN 'outside' ELSE i.position END
FROM moved AS m
WHERE i.issue_id = m.issue_id
