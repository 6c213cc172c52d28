-- What waits in a queue of the desk now, by the current rows alone, narrowed by the filters. The parameters stand in the
-- text as values when it is planned, so one state is left of the CASE; all that is asked for stands in issue_waiting.
SELECT i.issue_id,
       CASE :by WHEN 'reported' THEN i.reported_at WHEN 'suspended' THEN i.suspended_at ELSE i.deadline END AS burns
FROM issue AS i
WHERE i.city_id = :city_id
  AND CASE :state
        WHEN 'reported' THEN i.state = 'reported'
        WHEN 'handling' THEN i.state = 'handling'
        WHEN 'to_check' THEN i.state = 'to_check'
        WHEN 'to_check_photo' THEN i.state = 'to_check' AND i.issue_id NOT IN (SELECT issue_id FROM on_the_spot)
        WHEN 'to_check_visit' THEN i.state = 'to_check' AND i.issue_id IN (SELECT issue_id FROM on_the_spot)
        -- came back from a suspension by itself, and nothing was fed back since
        WHEN 'returned' THEN i.state = 'handling' AND i.issue_id IN (
            SELECT e.issue_id FROM issue_event AS e
            WHERE e.city_id = :city_id AND e.move = 'resume' AND CAST(e.data AS jsonb) ? 'by_itself' AND NOT EXISTS (
                SELECT FROM issue_event AS x
                WHERE x.issue_id = e.issue_id AND x.seq > e.seq AND x.move IN ('feed_back', 'suspend')))
        WHEN 'merged' THEN i.state = 'merged'
        WHEN 'split' THEN i.state = 'split'
        WHEN 'suspended' THEN i.state = 'suspended'
        -- who has not fed back is being handled
        WHEN 'overdue' THEN i.state = 'handling' AND i.deadline < instant(:now_us)
        WHEN 'open' THEN i.state IN ('handling', 'to_check', 'suspended')
        WHEN 'review' THEN i.state IN ('reported', 'handling', 'to_check', 'suspended') AND i.review
        WHEN 'ordered' THEN i.state IN ('handling', 'to_check', 'suspended') AND i.issue_id IN (
            SELECT e.issue_id FROM issue_event AS e
            WHERE e.city_id = :city_id AND e.move = 'order' AND NOT EXISTS (
                SELECT FROM issue_event AS x
                WHERE x.issue_id = e.issue_id AND x.seq > e.seq AND x.move IN ('check_pass', 'void', 'merge', 'split')))
        WHEN 'listed' THEN i.state IN ('handling', 'to_check', 'suspended') AND i.issue_id IN (
            SELECT e.issue_id FROM issue_event AS e
            WHERE e.city_id = :city_id AND e.move = 'list_publicly' AND NOT EXISTS (
                SELECT FROM issue_event AS x
                WHERE x.issue_id = e.issue_id AND x.seq > e.seq AND x.move IN ('check_pass', 'void', 'merge', 'split')))
        -- what was asked of somebody else and no decision has answered since
        ELSE CASE :request
                WHEN 'escalate' THEN i.state IN ('handling', 'to_check', 'suspended')
                WHEN 'ask_reopen' THEN i.state = 'rectified'
                ELSE i.state = 'handling'
            END AND i.issue_id = ANY (ARRAY(  -- few: looked up one by one, also among all that are rectified
            SELECT e.issue_id FROM issue_event AS e
            WHERE e.city_id = :city_id AND e.move = :request AND NOT EXISTS (
                SELECT FROM issue_event AS x
                WHERE x.issue_id = e.issue_id AND x.seq > e.seq AND x.move = ANY(:answers))))
      END
  AND (CAST(:unit_id AS int) IS NULL OR i.unit_id = :unit_id)
  AND (CAST(:category_id AS int) IS NULL OR i.category_id = :category_id)
  AND (CAST(:source_id AS int) IS NULL OR i.source_id = :source_id)
  AND (CAST(:area_id AS int) IS NULL OR i.places @> ARRAY[CAST(:area_id AS int)])
