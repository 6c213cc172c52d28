-- What waits for a check on the spot, all at once: as visit_reason (0021) has it of one issue.
SELECT i.issue_id
FROM issue AS i
JOIN category AS c ON c.category_id = i.category_id
CROSS JOIN (
    SELECT 65536 * COALESCE((
        SELECT CAST(p.config #>> '{city,visit_share}' AS double precision)
        FROM pack_version AS p WHERE p.city_id = :city_id ORDER BY p.pack_version DESC LIMIT 1), 0.1) AS share) AS drawn
LEFT JOIN LATERAL (
    SELECT e.data, e.hash FROM issue_event AS e
    WHERE c.check_by <> 'visit' AND e.issue_id = i.issue_id AND e.move = 'feed_back' ORDER BY e.seq DESC LIMIT 1) AS f ON true
WHERE i.city_id = :city_id AND i.state = 'to_check'
  AND (c.check_by = 'visit' OR f.data IS NULL OR strpos(f.data, '"photos"') = 0 OR NOT CAST(f.data AS jsonb) ? 'photos'
       OR get_byte(f.hash, 0) * 256 + get_byte(f.hash, 1) < drawn.share)
