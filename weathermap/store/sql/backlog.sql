-- Suspended issues and when they come back by themselves: at the end that was approved, at the latest after :days days.
SELECT i.issue_id, i.number, s.code AS source, CAST(first.data AS jsonb) ->> 'key' AS source_key, i.suspended_at,
       least(COALESCE(CAST(CAST(e.data AS jsonb) ->> 'until' AS timestamptz), 'infinity'),
             i.suspended_at + CAST(:days AS int) * interval '24 hours') AS back_at
FROM issue AS i
JOIN source AS s ON s.source_id = i.source_id
JOIN issue_event AS first ON first.issue_id = i.issue_id AND first.seq = 1
JOIN LATERAL (
    SELECT data FROM issue_event WHERE issue_id = i.issue_id AND move = 'suspend' ORDER BY seq DESC LIMIT 1
) AS e ON true
WHERE i.city_id = :city_id AND i.state = 'suspended'
ORDER BY back_at, i.issue_id
