-- The issues whose events between two instants moved a gate: how each stood at the first and at the last is replayed
-- from its events, as they were known at either. Only what was under way in between can have moved.
WITH candidate AS (
    SELECT issue_id FROM issue
    WHERE city_id = :city_id AND last_at >= instant(:from_us + 1000000) AND reported_at < instant(:at_us + 1000000)
    UNION
    SELECT issue_id FROM issue WHERE city_id = :city_id AND state IN ('handling', 'to_check', 'suspended')
    UNION
    SELECT issue_id FROM event_late WHERE :looked AND city_id = :city_id AND recorded_at > instant(:from_us)
),
under_way AS (
    SELECT i.issue_id
    FROM candidate
    JOIN issue AS i USING (issue_id)
    WHERE i.city_id = :city_id AND i.reported_at < instant(:at_us + 1000000)
      AND (CAST(:area_id AS int) IS NULL OR CASE
            WHEN CAST(:version AS int) IS NULL THEN i.places @> ARRAY[CAST(:area_id AS int)]
            ELSE EXISTS (
                SELECT FROM (
                    SELECT CAST(e.data AS jsonb) AS told
                    FROM issue_event AS e
                    WHERE e.issue_id = i.issue_id AND e.move IN ('report', 'relocate')
                      AND CAST(CAST(e.data AS jsonb) ->> 'version' AS int) <= :version
                    ORDER BY e.seq DESC
                    LIMIT 1) AS d
                JOIN area AS a ON a.city_id = :city_id AND a.version = :version AND a.path @> ARRAY[CAST(:area_id AS int)]
                    AND CASE WHEN a.level = :finest THEN a.code = d.told ->> 'area'
                             WHEN a.level = :coarsest THEN d.told ->> 'area' IS NULL
                             ELSE a.code = d.told -> 'overlays' ->> a.level END)
          END)
      AND (CAST(:unit_id AS int) IS NULL OR i.unit_id = :unit_id
           OR EXISTS (SELECT FROM issue_event AS e WHERE e.issue_id = i.issue_id AND e.move = 'reassign'))
),
replayed AS (
    SELECT u.issue_id, m.k, COALESCE(holder.unit_id = :unit_id, CAST(:unit_id AS int) IS NULL) AS held,
           COALESCE(dated.unit_id = :unit_id, CAST(:unit_id AS int) IS NULL) AS held_when_due, holder.unit_id,
           r.state, r.notified_at, r.deadline, r.fed_back_at, r.rectified_at, m.us,
           r.deadline + greatest(r.first_deadline - r.notified_at, interval '10 days') AS long_at,
           r.extended,
           r.state IN ('handling', 'to_check', 'rectified') AND r.deadline < instant(m.us + 1000000) AS fell_due,
           date_trunc('second', r.fed_back_at) <= r.deadline AS in_time
    FROM under_way AS u
    CROSS JOIN (VALUES (0, CAST(:from_us AS bigint)), (1, CAST(:at_us AS bigint))) AS m (k, us)
    CROSS JOIN LATERAL (
        SELECT (array_agg(CASE e.move
                    WHEN 'report' THEN 'reported' WHEN 'reject' THEN 'rejected' WHEN 'restore' THEN 'reported' WHEN 'feed_back' THEN 'to_check'
                    WHEN 'check_pass' THEN 'rectified' WHEN 'suspend' THEN 'suspended' WHEN 'void' THEN 'void'
                    WHEN 'merge' THEN 'merged' WHEN 'split' THEN 'split'
                    ELSE 'handling' END ORDER BY e.seq DESC)
                    FILTER (WHERE e.move IN (
                        'report', 'reject', 'restore', 'dispatch', 'feed_back', 'check_pass', 'check_fail', 'reopen', 'suspend', 'resume', 'extend', 'void', 'merge', 'split')))[1] AS state,
               max(e.at) FILTER (WHERE e.move = 'dispatch') AS notified_at,
               (array_agg(CAST(CAST(e.data AS jsonb) ->> 'deadline' AS timestamptz) ORDER BY e.seq DESC)
                    FILTER (WHERE e.move = 'dispatch' OR (e.move IN ('extend', 'redate', 'resume') AND CAST(e.data AS jsonb) ? 'deadline')))[1] AS deadline,
               min(CAST(CAST(e.data AS jsonb) ->> 'deadline' AS timestamptz)) FILTER (WHERE e.move = 'dispatch') AS first_deadline,
               (array_agg(CAST(e.data AS jsonb) ->> 'unit' ORDER BY e.seq DESC)
                    FILTER (WHERE e.move IN ('dispatch', 'reassign') AND CAST(e.data AS jsonb) ? 'unit'))[1] AS unit,
               (array_agg(CASE WHEN e.move = 'feed_back' THEN e.at END ORDER BY e.seq DESC)
                    FILTER (WHERE e.move IN ('feed_back', 'check_fail', 'reopen')))[1] AS fed_back_at,
               (array_agg(CASE WHEN e.move = 'check_pass' THEN e.at END ORDER BY e.seq DESC)
                    FILTER (WHERE e.move IN ('check_pass', 'reopen')))[1] AS rectified_at,
               -- since the last of these: one that was reopened may be extended again
               COALESCE((array_agg(e.move = 'extend' ORDER BY e.seq DESC)
                    FILTER (WHERE e.move IN ('extend', 'check_pass', 'void', 'merge', 'split')))[1], false) AS extended
        FROM issue_event AS e
        WHERE e.issue_id = u.issue_id AND e.at < instant(m.us + 1000000)
          AND NOT (:looked AND EXISTS (
              SELECT FROM event_late AS l WHERE l.issue_id = e.issue_id AND l.seq = e.seq AND l.recorded_at > instant(m.us)))
    ) AS r
    LEFT JOIN unit AS holder ON holder.city_id = :city_id AND holder.code = r.unit
    -- what fell due stays with who held it at its deadline
    CROSS JOIN LATERAL (
        SELECT CASE WHEN CAST(:unit_id AS int) IS NOT NULL AND r.deadline < instant(m.us + 1000000)
               AND EXISTS (SELECT FROM issue_event AS e WHERE e.issue_id = u.issue_id AND e.move = 'reassign')
               THEN holder_at(:city_id, u.issue_id, r.deadline + interval '1 second') ELSE holder.unit_id END AS unit_id
    ) AS dated
),
judged AS (
    SELECT *,
           held AND COALESCE(fell_due AND fed_back_at IS NULL, false) AS is_overdue,
           held AND COALESCE(fell_due AND fed_back_at IS NULL AND long_at < instant(us + 1000000), false) AS is_long,
           held_when_due AND COALESCE(fell_due AND in_time, false) AS is_kept,
           held_when_due AND COALESCE(fell_due AND in_time IS NOT TRUE, false) AS is_missed,
           held AND COALESCE(state = 'suspended' OR extended, false) AS is_apart
    FROM replayed
),
chosen AS (
    SELECT s.issue_id, s.state, s.notified_at, s.deadline, s.fed_back_at, s.rectified_at, s.fell_due,
           s.unit_id, COALESCE(s.notified_at, i.reported_at) AS newest,
           i.number, i.reported_at, i.address, i.geom, i.flag, i.review, i.position, i.category_id, i.source_id, i.area_id
    FROM judged AS s
    JOIN judged AS b ON b.issue_id = s.issue_id AND b.k = 0
    JOIN issue AS i ON i.issue_id = s.issue_id
    WHERE s.k = 1
      AND CASE :state
            WHEN 'turned_overdue' THEN s.is_overdue AND NOT b.is_overdue
            WHEN 'left_overdue' THEN b.is_overdue AND NOT s.is_overdue
            WHEN 'turned_long' THEN s.is_long AND NOT b.is_long
            WHEN 'left_long' THEN b.is_long AND NOT s.is_long
            WHEN 'turned_missed' THEN s.is_missed AND NOT b.is_missed
            WHEN 'turned_kept' THEN s.is_kept AND NOT b.is_kept
            WHEN 'turned_apart' THEN s.is_apart AND NOT b.is_apart
            WHEN 'left_apart' THEN b.is_apart AND NOT s.is_apart
          END
)
