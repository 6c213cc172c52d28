-- The open issues whose term a rule gave and nobody named since, in id order: `term_us` is what the rule gave, by which it
-- is known; `held_us` the deadline as it stands, which suspensions may have moved on.
SELECT i.issue_id, i.number, s.code AS source, k.source_key, c.code AS category,
       micros(i.notified_at) AS notified_us, micros(i.deadline) AS held_us,
       micros(CAST(COALESCE(given.data ->> 'term', given.data ->> 'deadline') AS timestamptz)) AS term_us
FROM issue AS i
JOIN issue_key AS k ON k.city_id = i.city_id AND k.source_id = i.source_id AND k.issue_id = i.issue_id
JOIN source AS s ON s.source_id = i.source_id
JOIN category AS c ON c.category_id = i.category_id
CROSS JOIN LATERAL (
    SELECT e.move, CAST(e.data AS jsonb) AS data
    FROM issue_event AS e
    WHERE e.issue_id = i.issue_id AND (e.move IN ('dispatch', 'redate') OR (e.move = 'extend' AND CAST(e.data AS jsonb) ? 'deadline'))
    ORDER BY e.seq DESC
    LIMIT 1
) AS given
WHERE i.city_id = :city_id AND i.state IN ('handling', 'to_check', 'suspended')
  AND i.notified_at IS NOT NULL AND i.deadline IS NOT NULL AND given.move <> 'extend'
ORDER BY i.issue_id
