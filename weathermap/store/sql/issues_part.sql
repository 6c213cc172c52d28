-- Those issues of one part of issues_asof.sql that a list asks for. The parameters stand in the text as values when
-- it is planned: what CASE and IS NULL decide on them is decided before that, and what is left finds its index (0006).
SELECT s.*
FROM (
    SELECT p.*,
           p.state IN ('handling', 'to_check', 'rectified') AND p.deadline < instant(:at_us + 1000000) AS fell_due,
           -- judged in whole seconds, as the tallies are
           date_trunc('second', p.fed_back_at) <= p.deadline AS in_time
    FROM PART AS p
) AS s
WHERE CASE :state
        WHEN 'notified' THEN s.notified_at IS NOT NULL AND s.state NOT IN ('void', 'merged', 'split') AND s.newest >= instant(:from_us)
        WHEN 'rectified' THEN s.state = 'rectified' AND s.rectified_at >= instant(:from_us)
        WHEN 'open' THEN s.state IN ('handling', 'to_check', 'suspended')
        WHEN 'due' THEN s.fell_due AND s.deadline >= instant(:from_us)
        WHEN 'on_time' THEN s.fell_due AND s.in_time AND s.deadline >= instant(:from_us)
        WHEN 'late' THEN s.fell_due AND NOT s.in_time AND s.fed_back_at > s.deadline AND s.fed_back_at >= instant(:from_us)
        -- who has not fed back is being handled
        WHEN 'overdue' THEN s.state = 'handling' AND s.fell_due AND s.fed_back_at IS NULL
        WHEN 'long_overdue' THEN s.state = 'handling' AND s.fell_due AND s.fed_back_at IS NULL AND s.long_at < instant(:at_us + 1000000)
        WHEN 'red_overdue' THEN s.state = 'handling' AND s.fell_due AND s.fed_back_at IS NULL AND s.red_at < instant(:at_us + 1000000)
        WHEN 'suspended' THEN s.state = 'suspended'
        WHEN 'to_check' THEN s.state = 'to_check'
        WHEN 'to_check_photo' THEN s.state = 'to_check' AND visit_reason(:city_id, s.issue_id, s.category_id, instant(:at_us + 1000000)) = ''
        WHEN 'to_check_visit' THEN s.state = 'to_check' AND visit_reason(:city_id, s.issue_id, s.category_id, instant(:at_us + 1000000)) <> ''
        -- came back from a suspension by itself, and nothing was fed back since
        WHEN 'returned' THEN s.state = 'handling' AND EXISTS (
            SELECT FROM issue_event AS e
            WHERE e.issue_id = s.issue_id AND e.move = 'resume' AND e.at < instant(:at_us + 1000000) AND CAST(e.data AS jsonb) ? 'by_itself'
              AND NOT EXISTS (SELECT FROM issue_event AS x WHERE x.issue_id = e.issue_id AND x.seq > e.seq
                              AND x.move IN ('feed_back', 'suspend') AND x.at < instant(:at_us + 1000000)))
        -- what is extended or under order is open
        WHEN 'extended' THEN s.state IN ('handling', 'to_check', 'suspended') AND s.extended
        WHEN 'ordered' THEN s.state IN ('handling', 'to_check', 'suspended') AND s.issue_id IN (SELECT issue_id FROM supervised WHERE ordered)
        WHEN 'listed' THEN s.state IN ('handling', 'to_check', 'suspended') AND s.issue_id IN (SELECT issue_id FROM supervised WHERE listed)
        WHEN 'handed_back' THEN s.state = 'handling' AND s.issue_id IN (SELECT issue_id FROM requested WHERE move = 'hand_back')
        WHEN 'extension' THEN s.state = 'handling' AND s.issue_id IN (SELECT issue_id FROM requested WHERE move = 'ask_extension')
        WHEN 'suspension' THEN s.state = 'handling' AND s.issue_id IN (SELECT issue_id FROM requested WHERE move = 'ask_suspension')
        WHEN 'escalated' THEN s.state IN ('handling', 'to_check', 'suspended')
            AND s.issue_id IN (SELECT issue_id FROM requested WHERE move = 'escalate')
        WHEN 'to_reopen' THEN s.state = 'rectified' AND s.issue_id IN (SELECT issue_id FROM requested WHERE move = 'ask_reopen')
        WHEN 'reported' THEN s.state = 'reported'
        WHEN 'handling' THEN s.state = 'handling'
        WHEN 'rejected' THEN s.state = 'rejected'
        WHEN 'void' THEN s.state = 'void'
        WHEN 'merged' THEN s.state = 'merged'
        WHEN 'split' THEN s.state = 'split'
        WHEN 'unlocated' THEN s.area_id IS NULL AND s.notified_at IS NOT NULL AND s.state NOT IN ('void', 'merged', 'split') AND s.newest >= instant(:from_us)
        WHEN 'review' THEN s.review AND s.state NOT IN ('void', 'merged', 'split')
        WHEN 'ahead' THEN s.state = 'handling' AND s.fed_back_at IS NULL AND s.deadline >= instant(:at_us + 1000000)
            AND s.deadline >= instant(:from_us) AND s.deadline < instant(:until_us + 1000000)
        ELSE true
      END
  AND (CAST(:area_id AS int) IS NULL OR CASE
        WHEN CAST(:version AS int) IS NULL THEN s.places @> ARRAY[CAST(:area_id AS int)]
        ELSE EXISTS (  -- borders of that day: where the last event up to them says that it lay
            SELECT FROM (
                SELECT CAST(e.data AS jsonb) AS told
                FROM issue_event AS e
                WHERE e.issue_id = s.issue_id AND e.move IN ('report', 'relocate')
                  AND CAST(CAST(e.data AS jsonb) ->> 'version' AS int) <= :version
                ORDER BY e.seq DESC
                LIMIT 1) AS d
            JOIN area AS a ON a.city_id = :city_id AND a.version = :version AND a.path @> ARRAY[CAST(:area_id AS int)]
                AND CASE WHEN a.level = :finest THEN a.code = d.told ->> 'area'
                         WHEN a.level = :coarsest THEN d.told ->> 'area' IS NULL
                         ELSE a.code = d.told -> 'overlays' ->> a.level END)
      END)
  AND (CAST(:unit_id AS int) IS NULL OR CASE
        -- what fell due stays with who held it at its deadline
        WHEN :state IN ('due', 'on_time', 'late') THEN :unit_id = CASE
            WHEN EXISTS (SELECT FROM issue_event AS r WHERE r.issue_id = s.issue_id AND r.move = 'reassign' AND r.at >= s.deadline + interval '1 second')
            THEN holder_at(:city_id, s.issue_id, s.deadline + interval '1 second') ELSE s.unit_id END
        ELSE s.unit_id = :unit_id
      END)
  AND (CAST(:point AS text) IS NULL OR s.point_id = (SELECT point_id FROM point WHERE city_id = :city_id AND code = :point))
  AND (CAST(:category AS text) IS NULL OR s.category_id IN (
          SELECT category_id FROM category WHERE city_id = :city_id AND code = :category))
  AND (CAST(:special AS text) IS NULL OR s.category_id IN (
          SELECT category_id FROM category WHERE city_id = :city_id AND special = :special))
  AND (CAST(:source AS text) IS NULL OR s.source_id IN (
          SELECT source_id FROM source WHERE city_id = :city_id AND code = :source))
