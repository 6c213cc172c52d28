SELECT s.issue_id, s.seq, s.order_id, s.key, s.move, s.at, s.text, s.until, s.outcome, s.passed_at,
       CASE WHEN s.outcome IN ('to_check', 'in_term', 'late') THEN s.fed_back_at END AS fed_back_at,
       s.number, s.address, ST_X(s.geom) AS lon, ST_Y(s.geom) AS lat,
       p.role AS by_role, p.title AS by_title,
       c.code AS category, c.name AS category_name, c.name_en AS category_name_en,
       u.code AS unit, u.name AS unit_name, u.name_en AS unit_name_en,
       a.code AS area, a.name AS area_name, a.name_en AS area_name_en, a.level AS area_level,
       t.code AS place, t.name AS place_name, t.name_en AS place_name_en, t.level AS place_level
FROM chosen AS s
LEFT JOIN category AS c USING (category_id)
LEFT JOIN person AS p ON p.person_id = s.actor
LEFT JOIN unit AS u ON u.unit_id = s.unit_id
LEFT JOIN area AS a ON a.area_id = s.area_id
LEFT JOIN LATERAL (
    -- people know an area by its name: the finest above that is spoken of
    SELECT n.code, n.name, n.name_en, n.level
    FROM area AS n
    WHERE n.area_id = ANY (a.path) AND n.level = ANY (CAST(:levels AS text[]))
    ORDER BY array_position(a.path, n.area_id) DESC
    LIMIT 1
) AS t ON true
WHERE CAST(:after_key AS bigint) IS NULL OR (s.key, s.issue_id, s.seq) > (:after_key, :after_issue, :after_seq)
ORDER BY s.key, s.issue_id, s.seq
LIMIT :limit
