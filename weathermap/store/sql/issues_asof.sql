-- The issues of a city as they stood at an instant: rows not touched since are taken as they are, the others are
-- recomputed from their events. Filters in the order of their power; newest first, by keyset.
-- As it looked: without what was recorded only later.
WITH later AS MATERIALIZED (
    SELECT issue_id, seq
    FROM event_late
    WHERE :looked AND city_id = :city_id AND recorded_at > instant(:at_us) AND at < instant(:at_us + 1000000)
),
unchanged AS (
    SELECT i.issue_id, i.state, i.notified_at, i.deadline, i.long_at, i.red_at, i.fed_back_at, i.rectified_at,
           i.extended, i.unit_id
    FROM issue AS i
    WHERE i.city_id = :city_id AND i.last_at < instant(:at_us + 1000000) AND i.issue_id NOT IN (SELECT issue_id FROM later)
),
replayed AS (
    SELECT i.issue_id, r.state, r.notified_at, r.deadline,
           r.deadline + greatest(r.first_deadline - r.notified_at, interval '10 days') AS long_at,
           CASE WHEN c.red_line THEN r.deadline + interval '24 hours' END AS red_at,
           r.fed_back_at, r.rectified_at, r.extended, CASE WHEN r.notified_at IS NOT NULL THEN i.unit_id END AS unit_id
    FROM issue AS i
    JOIN category AS c ON c.category_id = i.category_id
    CROSS JOIN LATERAL (
        SELECT (array_agg(CASE e.move
                    WHEN 'report' THEN 'reported' WHEN 'reject' THEN 'rejected' WHEN 'dispatch' THEN 'handling'
                    WHEN 'feed_back' THEN 'to_check' WHEN 'check_pass' THEN 'rectified' WHEN 'check_fail' THEN 'handling'
                    WHEN 'reopen' THEN 'handling' WHEN 'suspend' THEN 'suspended' WHEN 'resume' THEN 'handling'
                    WHEN 'extend' THEN 'handling' WHEN 'void' THEN 'void' END ORDER BY e.seq DESC)
                    FILTER (WHERE e.move NOT IN ('relocate', 'urge', 'order', 'list_publicly')))[1] AS state,
               max(e.at) FILTER (WHERE e.move = 'dispatch') AS notified_at,
               (array_agg(CAST(CAST(e.data AS jsonb) ->> 'deadline' AS timestamptz) ORDER BY e.seq DESC)
                    FILTER (WHERE e.move = 'dispatch' OR (e.move IN ('extend', 'resume') AND CAST(e.data AS jsonb) ? 'deadline')))[1] AS deadline,
               min(CAST(CAST(e.data AS jsonb) ->> 'deadline' AS timestamptz)) FILTER (WHERE e.move = 'dispatch') AS first_deadline,
               (array_agg(CASE WHEN e.move = 'feed_back' THEN e.at END ORDER BY e.seq DESC)
                    FILTER (WHERE e.move IN ('feed_back', 'check_fail', 'reopen')))[1] AS fed_back_at,
               (array_agg(CASE WHEN e.move = 'check_pass' THEN e.at END ORDER BY e.seq DESC)
                    FILTER (WHERE e.move IN ('check_pass', 'reopen')))[1] AS rectified_at,
               bool_or(e.move = 'extend') AND NOT bool_or(e.move IN ('check_pass', 'void')) AS extended
        FROM issue_event AS e
        WHERE e.issue_id = i.issue_id AND e.at < instant(:at_us + 1000000)
          AND NOT EXISTS (SELECT FROM later AS l WHERE l.issue_id = e.issue_id AND l.seq = e.seq)
    ) AS r
    WHERE i.city_id = :city_id AND i.reported_at < instant(:at_us + 1000000) AND r.state IS NOT NULL
      AND (i.last_at >= instant(:at_us + 1000000) OR i.issue_id IN (SELECT issue_id FROM later))
),
stood AS (
    SELECT s.*,
           s.state IN ('handling', 'to_check', 'rectified') AND s.deadline < instant(:at_us + 1000000) AS fell_due,
           -- judged in whole seconds, as the tallies are
           date_trunc('second', s.fed_back_at) <= s.deadline AS in_time
    FROM (SELECT * FROM unchanged UNION ALL SELECT * FROM replayed) AS s
),
-- under a leader's order or a public listing that no passed check and no void has settled since
supervised AS MATERIALIZED (
    SELECT e.issue_id, bool_or(e.move = 'order') AS ordered, bool_or(e.move = 'list_publicly') AS listed
    FROM issue_event AS e
    WHERE e.city_id = :city_id AND e.move IN ('order', 'list_publicly') AND e.at < instant(:at_us + 1000000)
      AND (e.issue_id, e.seq) NOT IN (SELECT issue_id, seq FROM later)
      AND NOT EXISTS (
          SELECT FROM issue_event AS x
          WHERE x.issue_id = e.issue_id AND x.seq > e.seq AND x.move IN ('check_pass', 'void') AND x.at < instant(:at_us + 1000000)
            AND (x.issue_id, x.seq) NOT IN (SELECT issue_id, seq FROM later))
    GROUP BY e.issue_id
),
chosen AS (
    SELECT s.*, COALESCE(v.ordered, false) AS ordered, COALESCE(v.listed, false) AS listed, i.number, i.reported_at, i.address, i.geom, i.flag, i.review, i.position, i.category_id, i.source_id, i.area_id,
           -- urgent states by deadline, the most urgent first; all else newest first
           CASE WHEN :urgent THEN COALESCE(micros(s.deadline), 9000000000000000)
                ELSE -micros(COALESCE(s.notified_at, i.reported_at)) END AS key,
           CASE WHEN :urgent THEN s.issue_id ELSE -s.issue_id END AS tie
    FROM stood AS s
    JOIN issue AS i USING (issue_id)
    LEFT JOIN supervised AS v USING (issue_id)
    WHERE CASE :state
            WHEN 'notified' THEN s.notified_at IS NOT NULL AND s.state <> 'void' AND s.notified_at >= instant(:from_us)
            WHEN 'rectified' THEN s.state = 'rectified' AND s.rectified_at >= instant(:from_us)
            WHEN 'open' THEN s.state IN ('handling', 'to_check', 'suspended')
            WHEN 'due' THEN s.fell_due AND s.deadline >= instant(:from_us)
            WHEN 'on_time' THEN s.fell_due AND s.in_time AND s.deadline >= instant(:from_us)
            WHEN 'late' THEN s.fell_due AND NOT s.in_time AND s.fed_back_at >= instant(:from_us)
            WHEN 'overdue' THEN s.fell_due AND s.fed_back_at IS NULL
            WHEN 'long_overdue' THEN s.fell_due AND s.fed_back_at IS NULL AND s.long_at < instant(:at_us + 1000000)
            WHEN 'red_overdue' THEN s.fell_due AND s.fed_back_at IS NULL AND s.red_at < instant(:at_us + 1000000)
            WHEN 'suspended' THEN s.state = 'suspended'
            WHEN 'extended' THEN s.extended
            WHEN 'to_check' THEN s.state = 'to_check'
            WHEN 'ordered' THEN v.ordered
            WHEN 'listed' THEN v.listed
            WHEN 'reported' THEN s.state = 'reported'
            WHEN 'rejected' THEN s.state = 'rejected'
            WHEN 'void' THEN s.state = 'void'
            WHEN 'unlocated' THEN i.area_id IS NULL AND s.notified_at IS NOT NULL AND s.state <> 'void' AND s.notified_at >= instant(:from_us)
            WHEN 'review' THEN i.review AND s.state <> 'void'
            WHEN 'ahead' THEN s.state = 'handling' AND s.fed_back_at IS NULL AND s.deadline >= instant(:at_us + 1000000)
                AND s.deadline >= instant(:from_us) AND s.deadline < instant(:until_us + 1000000)
            ELSE true
          END
      AND (CAST(:area_id AS int) IS NULL OR CASE
            WHEN CAST(:version AS int) IS NULL THEN i.places @> ARRAY[CAST(:area_id AS int)]
            ELSE EXISTS (  -- borders of that day: where the event says that it lay within them
                SELECT FROM issue_event AS e
                CROSS JOIN LATERAL (SELECT CAST(e.data AS jsonb) AS told) AS d
                JOIN area AS a ON a.city_id = :city_id AND a.version = :version AND a.path @> ARRAY[CAST(:area_id AS int)]
                    AND CASE WHEN a.level = :finest THEN a.code = d.told ->> 'area'
                             WHEN a.level = :coarsest THEN d.told ->> 'area' IS NULL
                             ELSE a.code = d.told -> 'overlays' ->> a.level END
                WHERE e.issue_id = s.issue_id AND e.move IN ('report', 'relocate') AND CAST(d.told ->> 'version' AS int) = :version)
          END)
      AND (CAST(:unit_id AS int) IS NULL OR s.unit_id = :unit_id)
      AND (CAST(:point AS text) IS NULL OR i.point_id = (SELECT point_id FROM point WHERE city_id = :city_id AND code = :point))
      AND (CAST(:category AS text) IS NULL OR i.category_id IN (
              SELECT category_id FROM category WHERE city_id = :city_id AND code = :category))
      AND (CAST(:special AS text) IS NULL OR i.category_id IN (
              SELECT category_id FROM category WHERE city_id = :city_id AND special = :special))
      AND (CAST(:source AS text) IS NULL OR i.source_id IN (
              SELECT source_id FROM source WHERE city_id = :city_id AND code = :source))
)
