-- What belongs to an issue: `duplicate`, merged into it; `part`, that it was split into; `whole`, that it is a part of.
SELECT 'duplicate' AS kin, d.number, d.state, d.reported_at, d.rectified_at, c.name AS category_name, c.name_en AS category_name_en,
       s.name AS source_name, s.name_en AS source_name_en, u.name AS unit_name, u.name_en AS unit_name_en
FROM issue AS i
JOIN issue_event AS e ON e.city_id = i.city_id AND e.move = 'merge' AND CAST(e.data AS jsonb) ->> 'into' = i.number
JOIN issue AS d ON d.issue_id = e.issue_id
JOIN category AS c ON c.category_id = d.category_id
JOIN source AS s ON s.source_id = d.source_id
LEFT JOIN unit AS u ON u.unit_id = d.unit_id
WHERE i.issue_id = :issue_id
UNION ALL
SELECT 'part', d.number, d.state, d.reported_at, d.rectified_at, c.name, c.name_en, s.name, s.name_en, u.name, u.name_en
FROM issue_event AS e
CROSS JOIN LATERAL jsonb_array_elements_text(CAST(e.data AS jsonb) -> 'parts') AS p (source_key)
JOIN issue AS i ON i.issue_id = e.issue_id
JOIN issue_key AS k ON k.city_id = i.city_id AND k.source_id = i.source_id AND k.source_key = p.source_key
JOIN issue AS d ON d.issue_id = k.issue_id
JOIN category AS c ON c.category_id = d.category_id
JOIN source AS s ON s.source_id = d.source_id
LEFT JOIN unit AS u ON u.unit_id = d.unit_id
WHERE e.issue_id = :issue_id AND e.move = 'split'
UNION ALL
SELECT 'whole', w.number, w.state, w.reported_at, w.rectified_at, c.name, c.name_en, s.name, s.name_en, u.name, u.name_en
FROM issue_event AS e
JOIN issue AS w ON w.number = split_part(CAST(e.data AS jsonb) ->> 'key', '/', 1) AND w.city_id = e.city_id AND w.state = 'split'
JOIN category AS c ON c.category_id = w.category_id
JOIN source AS s ON s.source_id = w.source_id
LEFT JOIN unit AS u ON u.unit_id = w.unit_id
WHERE e.issue_id = :issue_id AND e.seq = 1 AND strpos(CAST(e.data AS jsonb) ->> 'key', '/') > 0
ORDER BY 1, 2
