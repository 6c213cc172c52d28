-- Open issues under a leader's order or a public listing at an instant, counted for each area and unit. As it looked:
-- without what was recorded only later.
WITH later AS MATERIALIZED (
    SELECT issue_id, seq
    FROM event_late
    WHERE :looked AND city_id = :city_id AND recorded_at > instant(:at_us) AND at < instant(:at_us + 1000000)
),
supervised AS (
    SELECT e.issue_id, bool_or(e.move = 'order') AS ordered, bool_or(e.move = 'list_publicly') AS listed
    FROM issue_event AS e
    WHERE e.city_id = :city_id AND e.move IN ('order', 'list_publicly') AND e.at < instant(:at_us + 1000000)
      AND (e.issue_id, e.seq) NOT IN (SELECT issue_id, seq FROM later)
      AND NOT EXISTS (
          SELECT FROM issue_event AS x
          WHERE x.issue_id = e.issue_id AND x.seq > e.seq AND x.move IN ('check_pass', 'void', 'merge', 'split') AND x.at < instant(:at_us + 1000000)
            AND (x.issue_id, x.seq) NOT IN (SELECT issue_id, seq FROM later))
    GROUP BY e.issue_id
)
SELECT subject_id, count(*) FILTER (WHERE s.ordered) AS ordered, count(*) FILTER (WHERE s.listed) AS listed
FROM supervised AS s
JOIN issue AS i USING (issue_id)
CROSS JOIN LATERAL (
    SELECT unnest(i.places) AS subject_id WHERE CAST(:version AS int) IS NULL
    UNION
    SELECT unnest(a.path)  -- borders of that day: where the last event up to them says that it lay
    FROM (
        SELECT CAST(e.data AS jsonb) AS told
        FROM issue_event AS e
        WHERE e.issue_id = i.issue_id AND e.move IN ('report', 'relocate')
          AND CAST(CAST(e.data AS jsonb) ->> 'version' AS int) <= :version
        ORDER BY e.seq DESC
        LIMIT 1) AS d
    JOIN area AS a ON a.city_id = :city_id AND a.version = :version
        AND CASE WHEN a.level = :finest THEN a.code = d.told ->> 'area'
                 WHEN a.level = :coarsest THEN d.told ->> 'area' IS NULL
                 ELSE a.code = d.told -> 'overlays' ->> a.level END
    UNION
    SELECT unit_id
    FROM (SELECT CASE WHEN EXISTS (
              SELECT FROM issue_event AS r
              WHERE r.issue_id = i.issue_id AND r.move = 'reassign' AND r.at >= instant(:at_us + 1000000))
          THEN holder_at(i.city_id, i.issue_id, instant(:at_us + 1000000)) ELSE i.unit_id END AS unit_id) AS holder
    WHERE unit_id IS NOT NULL
) AS place
GROUP BY subject_id
