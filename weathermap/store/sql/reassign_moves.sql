-- Where issues go and to whom, most first: those that new borders put into another area since the borders of version
-- :settled, and those in the temporary table `moving`. Areas of one :level; `open` counts those not rectified yet.
WITH told AS MATERIALIZED (
    SELECT c.issue_id, d.area AS before, d.version IS NOT NULL AS known
    FROM (
        SELECT issue_id FROM issue_event
        WHERE city_id = :city_id AND move = 'relocate' AND CAST(CAST(data AS jsonb) ->> 'version' AS int) > :settled
        UNION
        SELECT issue_id FROM moving
    ) AS c
    LEFT JOIN LATERAL (
        SELECT CAST(e.data AS jsonb) ->> 'area' AS area, CAST(e.data AS jsonb) ->> 'version' AS version
        FROM issue_event AS e
        WHERE e.issue_id = c.issue_id AND e.move IN ('report', 'relocate')
          AND CAST(CAST(e.data AS jsonb) ->> 'version' AS int) <= :settled
        ORDER BY e.seq DESC
        LIMIT 1
    ) AS d ON true
),
place AS MATERIALIZED (  -- each finest area of both versions with the area of the level that holds it
    SELECT f.version, f.area_id, f.code AS finest, a.code, a.name, a.name_en
    FROM area AS f
    JOIN area AS a ON a.area_id = ANY (f.path) AND a.level = :level
    WHERE f.city_id = :city_id AND f.version IN (:settled, :version) AND f.level = :finest
)
SELECT CASE WHEN t.known THEN old.code ELSE new.code END AS from_area,  -- what came since is nowhere else
       CASE WHEN t.known THEN old.name ELSE new.name END AS from_area_name, new.code AS to_area, new.name AS to_area_name,
       u.code AS from_unit, u.name AS from_unit_name, w.code AS to_unit, w.name AS to_unit_name,
       count(*) FILTER (WHERE i.state IN ('reported', 'handling', 'to_check', 'suspended')) AS open,
       count(*) AS issues,
       min(i.number) AS example
FROM told AS t
JOIN issue AS i USING (issue_id)
LEFT JOIN moving AS m USING (issue_id)
LEFT JOIN place AS new ON new.version = :version AND new.area_id = i.area_id
LEFT JOIN place AS old ON old.version = :settled AND old.finest = t.before
LEFT JOIN unit AS u ON u.unit_id = COALESCE(m.old_unit, i.unit_id)
LEFT JOIN unit AS w ON w.unit_id = COALESCE(m.new_unit, i.unit_id)
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
ORDER BY issues DESC, open DESC, 1, 3, 5, 7
