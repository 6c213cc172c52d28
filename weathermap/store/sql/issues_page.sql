SELECT s.issue_id, s.key, s.tie, s.number, s.state, s.reported_at, s.notified_at, s.deadline, s.fed_back_at, s.rectified_at,
       s.address, ST_X(s.geom) AS lon, ST_Y(s.geom) AS lat, s.flag, s.review, s.position, s.ordered, s.listed,
       c.code AS category, c.name AS category_name, c.name_en AS category_name_en, c.red_line,
       u.code AS unit, u.name AS unit_name, u.name_en AS unit_name_en,
       a.code AS area, a.name AS area_name, a.name_en AS area_name_en, a.level AS area_level,
       o.code AS source, o.name AS source_name, o.name_en AS source_name_en,
       s.fell_due AND s.fed_back_at IS NULL AS overdue
FROM chosen AS s
JOIN category AS c USING (category_id)
JOIN source AS o USING (source_id)
LEFT JOIN unit AS u ON u.unit_id = s.unit_id
LEFT JOIN area AS a ON a.area_id = s.area_id
WHERE CAST(:after_key AS bigint) IS NULL OR (s.key, s.tie) > (:after_key, :after_id)
ORDER BY s.key, s.tie
LIMIT :limit
