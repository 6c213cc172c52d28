-- The present state of issues by (source, key), locked in id order so that writers cannot deadlock.
SELECT i.issue_id, i.state, i.seq, i.hash, i.last_at, i.notified_at, i.deadline, i.long_at, i.fed_back_at,
       i.rectified_at, i.suspended_at, i.extended, i.unit_id, i.person_id, i.places, i.category_id, i.source_id,
       COALESCE(u.code, (
           SELECT CAST(e.data AS jsonb) ->> 'route' FROM issue_event AS e
           WHERE i.unit_id IS NULL AND e.issue_id = i.issue_id AND e.move IN ('reassign', 'recategorise') ORDER BY e.seq DESC LIMIT 1
       ), i.receipt ->> 'unit') AS unit,
       CASE WHEN i.notified_at IS NULL THEN (
           SELECT CAST(e.data AS jsonb) ->> 'deadline' FROM issue_event AS e WHERE e.issue_id = i.issue_id AND e.seq = 1
       ) END AS given,
       s.code AS source, k.source_key, c.code AS category, c.red_line
FROM unnest(CAST(:sources AS text[]), CAST(:keys AS text[])) AS wanted(source, source_key)
JOIN source s ON s.city_id = :city_id AND s.code = wanted.source
CROSS JOIN LATERAL (  -- key by key: of a city that was just loaded the planner knows nothing, and would walk it for each key
    SELECT issue_id, source_key FROM issue_key
    WHERE city_id = :city_id AND source_id = s.source_id AND source_key = wanted.source_key
    OFFSET 0
) AS k
JOIN issue i ON i.issue_id = k.issue_id
JOIN category c ON c.category_id = i.category_id
LEFT JOIN unit u ON u.unit_id = i.unit_id
ORDER BY i.issue_id
FOR UPDATE OF i
