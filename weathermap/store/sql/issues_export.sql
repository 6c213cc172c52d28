-- Follows `chosen` (issues_asof.sql, issues_part.sql): each issue that a list asks for as one row of a file, its instants
-- in the session's time zone, which is to be the city's (cheaper than naming it for each). With :guard a text that a
-- spreadsheet would take for a formula, or a reader for a comment, gets an apostrophe before it. Names are guarded where
-- they are few, and joined by hash (OFFSET 0): the planner expects few rows.
SELECT s.number, s.state, c.code AS category, c.name AS category_name, o.code AS source, o.name AS source_name,
       u.code AS unit, u.name AS unit_name, a.code AS area, a.name AS area_name,
       CAST(s.reported_at AS timestamp) AS reported_at, CAST(s.notified_at AS timestamp) AS notified_at,
       CAST(s.deadline AS timestamp) AS deadline, CAST(s.fed_back_at AS timestamp) AS fed_back_at,
       CAST(s.rectified_at AS timestamp) AS rectified_at,
       COALESCE(s.state = 'handling' AND s.fell_due AND s.fed_back_at IS NULL, false) AS overdue,
       CASE WHEN :guard AND ascii(s.address) IN (61, 43, 45, 64, 9, 13, 35) THEN '''' || s.address ELSE s.address END AS address,
       ST_X(s.geom) AS lon, ST_Y(s.geom) AS lat
FROM chosen AS s
JOIN (
    SELECT category_id, code, CASE WHEN :guard AND ascii(name) IN (61, 43, 45, 64, 9, 13, 35) THEN '''' || name ELSE name END AS name
    FROM category WHERE city_id = :city_id OFFSET 0
) AS c ON c.category_id = s.category_id
JOIN (
    SELECT source_id, code, CASE WHEN :guard AND ascii(name) IN (61, 43, 45, 64, 9, 13, 35) THEN '''' || name ELSE name END AS name
    FROM source WHERE city_id = :city_id OFFSET 0
) AS o ON o.source_id = s.source_id
LEFT JOIN (
    SELECT unit_id, code, CASE WHEN :guard AND ascii(name) IN (61, 43, 45, 64, 9, 13, 35) THEN '''' || name ELSE name END AS name
    FROM unit WHERE city_id = :city_id OFFSET 0
) AS u ON u.unit_id = s.unit_id
LEFT JOIN (
    SELECT area_id, code, CASE WHEN :guard AND ascii(name) IN (61, 43, 45, 64, 9, 13, 35) THEN '''' || name ELSE name END AS name
    FROM area WHERE city_id = :city_id OFFSET 0
) AS a ON a.area_id = s.area_id
