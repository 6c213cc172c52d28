SELECT i.issue_id, i.number, s.state, i.reported_at, s.notified_at, s.deadline, s.fed_back_at, s.rectified_at,
       i.address, ST_X(i.geom) AS lon, ST_Y(i.geom) AS lat, i.flag, i.review, i.position,
       c.code AS category, c.name AS category_name, c.name_en AS category_name_en, c.red_line,
       u.code AS unit, u.name AS unit_name, u.name_en AS unit_name_en,
       a.code AS area, a.name AS area_name, a.name_en AS area_name_en, a.level AS area_level,
       o.code AS source, o.name AS source_name, o.name_en AS source_name_en,
       s.fell_due AND s.fed_back_at IS NULL AS overdue
