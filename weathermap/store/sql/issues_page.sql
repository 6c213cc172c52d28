SELECT s.issue_id, s.number, s.state, s.reported_at, s.notified_at, s.deadline, s.fed_back_at, s.rectified_at,
       s.address, ST_X(s.geom) AS lon, ST_Y(s.geom) AS lat, s.flag, s.review, s.position,
       COALESCE(v.ordered, false) AS ordered, COALESCE(v.listed, false) AS listed,
       c.code AS category, c.name AS category_name, c.name_en AS category_name_en, c.red_line,
       u.code AS unit, u.name AS unit_name, u.name_en AS unit_name_en,
       s.unit_id, (SELECT n.seq FROM issue AS n WHERE n.issue_id = s.issue_id) AS seq,
       a.code AS area, a.name AS area_name, a.name_en AS area_name_en, a.level AS area_level,
       o.code AS source, o.name AS source_name, o.name_en AS source_name_en,
       s.fell_due AND s.fed_back_at IS NULL AS overdue, s.key, s.tie
FROM (
    SELECT s.*,
           CASE WHEN :urgent THEN COALESCE(micros(s.deadline), 9000000000000000) ELSE -micros(s.newest) END AS key,
           CASE WHEN :urgent THEN s.issue_id ELSE -s.issue_id END AS tie
    FROM page AS s
) AS s
JOIN category AS c USING (category_id)
JOIN source AS o USING (source_id)
LEFT JOIN unit AS u ON u.unit_id = s.unit_id
LEFT JOIN area AS a ON a.area_id = s.area_id
-- under a leader's order or a public listing that no passed check and no void has settled since
LEFT JOIN LATERAL (
    SELECT bool_or(e.move = 'order') AS ordered, bool_or(e.move = 'list_publicly') AS listed
    FROM issue_event AS e
    WHERE e.issue_id = s.issue_id AND s.state IN ('handling', 'to_check', 'suspended')
      AND e.move IN ('order', 'list_publicly') AND e.at < instant(:at_us + 1000000)
      AND NOT EXISTS (
          SELECT FROM event_late AS l
          WHERE :looked AND l.issue_id = e.issue_id AND l.seq = e.seq AND l.recorded_at > instant(:at_us))
      AND NOT EXISTS (
          SELECT FROM issue_event AS x
          WHERE x.issue_id = e.issue_id AND x.seq > e.seq AND x.move IN ('check_pass', 'void', 'merge', 'split') AND x.at < instant(:at_us + 1000000)
            AND NOT EXISTS (
                SELECT FROM event_late AS l
                WHERE :looked AND l.issue_id = x.issue_id AND l.seq = x.seq AND l.recorded_at > instant(:at_us)))
) AS v ON true
ORDER BY s.key, s.tie
