-- The issues of a city as they stood at an instant, in two parts: rows not touched since are taken as they are
-- (`unchanged`), the others are recomputed from their events (`replayed`). issues_part.sql chooses from each of them.
-- As it looked: without what was recorded only later.
WITH later AS MATERIALIZED (
    SELECT issue_id, seq
    FROM event_late
    WHERE :looked AND city_id = :city_id AND recorded_at > instant(:at_us) AND at < instant(:at_us + 1000000)
),
unchanged AS (
    SELECT i.issue_id, i.state, i.notified_at, i.deadline, i.long_at, i.red_at, i.fed_back_at, i.rectified_at,
           i.extended, i.unit_id, COALESCE(i.notified_at, i.reported_at) AS newest,
           i.number, i.reported_at, i.address, i.geom, i.flag, i.review, i.position, i.category_id, i.source_id, i.area_id, i.places, i.point_id
    FROM issue AS i
    WHERE i.city_id = :city_id AND i.last_at < instant(:at_us + 1000000)
      AND COALESCE(i.notified_at, i.reported_at) < instant(:at_us + 1000000)  -- follows, and is where an index begins
      AND i.issue_id NOT IN (SELECT issue_id FROM later)
),
touched AS (
    SELECT issue_id FROM issue
    WHERE city_id = :city_id AND last_at >= instant(:at_us + 1000000) AND reported_at < instant(:at_us + 1000000)
    UNION
    SELECT issue_id FROM later
),
replayed AS (
    SELECT i.issue_id, r.state, r.notified_at, r.deadline,
           r.deadline + greatest(r.first_deadline - r.notified_at, interval '10 days') AS long_at,
           CASE WHEN c.red_line THEN r.deadline + interval '24 hours' END AS red_at,
           r.fed_back_at, r.rectified_at, r.extended, u.unit_id,
           COALESCE(r.notified_at, i.reported_at) AS newest,
           i.number, i.reported_at, i.address, i.geom, i.flag, i.review, i.position, i.category_id, i.source_id, i.area_id, i.places, i.point_id
    FROM touched
    JOIN issue AS i USING (issue_id)
    JOIN category AS c ON c.category_id = i.category_id
    CROSS JOIN LATERAL (
        SELECT (array_agg(CASE e.move
                    WHEN 'report' THEN 'reported' WHEN 'reject' THEN 'rejected' WHEN 'restore' THEN 'reported' WHEN 'dispatch' THEN 'handling'
                    WHEN 'feed_back' THEN 'to_check' WHEN 'check_pass' THEN 'rectified' WHEN 'check_fail' THEN 'handling'
                    WHEN 'reopen' THEN 'handling' WHEN 'suspend' THEN 'suspended' WHEN 'resume' THEN 'handling'
                    WHEN 'extend' THEN 'handling' WHEN 'void' THEN 'void'
                    WHEN 'merge' THEN 'merged' WHEN 'split' THEN 'split' END ORDER BY e.seq DESC)
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
        WHERE e.issue_id = i.issue_id AND e.at < instant(:at_us + 1000000)
          AND NOT EXISTS (SELECT FROM later AS l WHERE l.issue_id = e.issue_id AND l.seq = e.seq)
    ) AS r
    LEFT JOIN unit AS u ON u.city_id = i.city_id AND u.code = r.unit  -- who held it then
    WHERE i.city_id = :city_id AND i.reported_at < instant(:at_us + 1000000) AND r.state IS NOT NULL
),
-- under a leader's order or a public listing that no passed check and no void has settled since
supervised AS MATERIALIZED (
    SELECT e.issue_id, bool_or(e.move = 'order') AS ordered, bool_or(e.move = 'list_publicly') AS listed
    FROM issue_event AS e
    WHERE e.city_id = :city_id AND e.move IN ('order', 'list_publicly') AND e.at < instant(:at_us + 1000000)
      AND (e.issue_id, e.seq) NOT IN (SELECT issue_id, seq FROM later)
      AND NOT EXISTS (
          SELECT FROM issue_event AS x
          WHERE x.issue_id = e.issue_id AND x.seq > e.seq AND x.move IN ('check_pass', 'void', 'merge', 'split') AND x.at < instant(:at_us + 1000000)
            AND (x.issue_id, x.seq) NOT IN (SELECT issue_id, seq FROM later))
    GROUP BY e.issue_id
),
-- what was asked of somebody else and no decision has answered since
requested AS MATERIALIZED (
    SELECT DISTINCT e.issue_id, e.move
    FROM issue_event AS e
    WHERE e.city_id = :city_id AND e.move IN ('hand_back', 'ask_extension', 'ask_suspension', 'escalate', 'ask_reopen')
      AND e.at < instant(:at_us + 1000000) AND (e.issue_id, e.seq) NOT IN (SELECT issue_id, seq FROM later)
      AND NOT EXISTS (
          SELECT FROM issue_event AS x
          WHERE x.issue_id = e.issue_id AND x.seq > e.seq AND x.at < instant(:at_us + 1000000)
            AND x.move IN ('refuse', 'reassign', 'extend', 'suspend', 'order', 'list_publicly', 'feed_back', 'reopen', 'void', 'merge', 'split')
            AND (x.issue_id, x.seq) NOT IN (SELECT issue_id, seq FROM later))
)
