-- In whose hands issues are, by number, and all that a move goes on from; locked in id order, so that writers cannot
-- deadlock. `report`: its first event. `reason`: why what is to be checked wants a visit.
SELECT i.issue_id, i.city_id, i.number, i.state, i.seq, i.hash, i.last_at, i.notified_at, i.deadline, i.long_at,
       i.fed_back_at, i.rectified_at, i.suspended_at, i.extended, i.unit_id, i.person_id, i.places, i.category_id,
       i.source_id, c.code AS category, c.red_line,
       e.data AS report,
       COALESCE(u.code, (
           SELECT CAST(r.data AS jsonb) ->> 'route' FROM issue_event AS r
           WHERE i.unit_id IS NULL AND r.issue_id = i.issue_id AND r.move IN ('reassign', 'recategorise') ORDER BY r.seq DESC LIMIT 1
       ), i.receipt ->> 'unit') AS unit,
       ARRAY(SELECT m.move FROM issue_event AS m WHERE m.issue_id = i.issue_id ORDER BY m.seq) AS moves,
       COALESCE((
           SELECT f.actor FROM issue_event AS f
           WHERE f.issue_id = i.issue_id AND f.move = 'feed_back' ORDER BY f.seq DESC LIMIT 1), 0) AS handler,
       CASE WHEN i.number = ANY(CAST(:checked AS text[])) THEN visit_reason(i.city_id, i.issue_id, i.category_id, 'infinity') END AS reason,
       (SELECT max(p.pack_version) FROM pack_version AS p WHERE p.city_id = i.city_id) AS pack_version
FROM issue AS i
JOIN issue_event AS e ON e.issue_id = i.issue_id AND e.seq = 1
JOIN category AS c ON c.category_id = i.category_id
LEFT JOIN unit AS u ON u.unit_id = i.unit_id
WHERE i.number = ANY(CAST(:numbers AS text[])) AND i.city_id = :city_id
ORDER BY i.issue_id
FOR UPDATE OF i
