FROM stood AS s
JOIN issue AS i USING (issue_id)
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
        WHEN 'reported' THEN s.state = 'reported'
        WHEN 'rejected' THEN s.state = 'rejected'
        WHEN 'void' THEN s.state = 'void'
        WHEN 'unlocated' THEN i.area_id IS NULL AND s.notified_at IS NOT NULL AND s.state <> 'void' AND s.notified_at >= instant(:from_us)
        WHEN 'review' THEN i.review AND s.state <> 'void'
        ELSE true
      END
  AND (CAST(:area_id AS int) IS NULL OR i.places @> ARRAY[CAST(:area_id AS int)])
  AND (CAST(:unit_id AS int) IS NULL OR s.unit_id = :unit_id)
  AND (CAST(:category AS text) IS NULL OR i.category_id IN (
          SELECT category_id FROM category WHERE city_id = :city_id AND code = :category))
  AND (CAST(:special AS text) IS NULL OR i.category_id IN (
          SELECT category_id FROM category WHERE city_id = :city_id AND special = :special))
  AND (CAST(:source AS text) IS NULL OR i.source_id IN (
          SELECT source_id FROM source WHERE city_id = :city_id AND code = :source))
