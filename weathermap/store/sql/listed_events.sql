-- What was listed publicly, and what settled it: every such event up to the latest second, when it was recorded, and
-- what its issue counts for (in the borders of an earlier version where one is given).
SELECT e.issue_id, e.seq, e.move, CAST(floor(extract(epoch FROM e.at)) AS bigint) AS second,
       CAST(extract(epoch FROM l.recorded_at) AS bigint) AS recorded, place.subjects
FROM issue_event AS e
JOIN issue AS i ON i.issue_id = e.issue_id
LEFT JOIN event_late AS l ON l.issue_id = e.issue_id AND l.seq = e.seq
CROSS JOIN LATERAL (
    SELECT ARRAY(
        SELECT unnest(i.places) AS subject_id WHERE CAST(:version AS int) IS NULL
        UNION
        SELECT unnest(a.path)
        FROM (
            SELECT CAST(o.data AS jsonb) AS told
            FROM issue_event AS o
            WHERE o.issue_id = i.issue_id AND o.move IN ('report', 'relocate')
              AND CAST(CAST(o.data AS jsonb) ->> 'version' AS int) <= :version
            ORDER BY o.seq DESC
            LIMIT 1) AS d
        JOIN area AS a ON a.city_id = :city_id AND a.version = :version
            AND CASE WHEN a.level = :finest THEN a.code = d.told ->> 'area'
                     WHEN a.level = :coarsest THEN d.told ->> 'area' IS NULL
                     ELSE a.code = d.told -> 'overlays' ->> a.level END
        UNION
        SELECT i.unit_id WHERE i.unit_id IS NOT NULL) AS subjects
) AS place
WHERE e.city_id = :city_id AND e.at < instant(:latest_us) AND e.move IN ('list_publicly', 'check_pass', 'void', 'merge', 'split')
  AND e.issue_id IN (SELECT issue_id FROM issue_event WHERE city_id = :city_id AND move = 'list_publicly')
ORDER BY e.issue_id, e.seq
