-- The issues that somebody still has to handle, with what decides who: in id order, `unit_id` who holds each or, before
-- it is handed over, who would get it; `given`: the source or, since, a person named the unit; duties do not undo that.
SELECT i.issue_id, i.seq, micros(i.last_at) AS last_us, i.notified_at IS NOT NULL AS held, i.category_id, i.source_id,
       COALESCE(i.area_id, 0) AS area_id, COALESCE(p.kind, '') AS point_kind, COALESCE((
           SELECT CAST(e.data AS jsonb) ? 'named' FROM issue_event AS e
           WHERE e.issue_id = i.issue_id AND e.move IN ('dispatch', 'reassign') ORDER BY e.seq DESC LIMIT 1
       ), false) OR i.receipt ->> 'rule' = 'given' AS given,
       COALESCE(i.unit_id, routed.unit_id, 0) AS unit_id
FROM issue AS i
LEFT JOIN point AS p ON p.point_id = i.point_id
LEFT JOIN LATERAL (
    SELECT u.unit_id
    FROM unit AS u
    WHERE i.unit_id IS NULL AND u.city_id = i.city_id AND u.code = COALESCE((
        SELECT CAST(e.data AS jsonb) ->> 'route' FROM issue_event AS e
        WHERE e.issue_id = i.issue_id AND e.move IN ('reassign', 'recategorise') ORDER BY e.seq DESC LIMIT 1
    ), i.receipt ->> 'unit')
) AS routed ON true
WHERE i.city_id = :city_id AND i.state IN ('reported', 'handling', 'suspended')
ORDER BY i.issue_id
