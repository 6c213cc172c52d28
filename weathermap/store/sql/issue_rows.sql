-- Rows of the desk's lists, in the order of the ids given.
SELECT i.issue_id, i.number, i.seq, i.state, i.reported_at, i.notified_at, i.deadline, i.fed_back_at, i.rectified_at,
       i.suspended_at, i.address, i.review, i.category_id, i.source_id, i.unit_id, i.area_id, i.point_id,
       COALESCE(v.ordered, false) AS ordered, COALESCE(v.listed, false) AS listed
FROM unnest(CAST(:ids AS bigint[])) WITH ORDINALITY AS wanted (issue_id, place)
JOIN issue AS i USING (issue_id)
-- under a leader's order or a public listing that no passed check and no void has settled since
LEFT JOIN LATERAL (
    SELECT bool_or(e.move = 'order') AS ordered, bool_or(e.move = 'list_publicly') AS listed
    FROM issue_event AS e
    WHERE e.issue_id = i.issue_id AND i.state IN ('handling', 'to_check', 'suspended')
      AND e.move IN ('order', 'list_publicly')
      AND NOT EXISTS (
          SELECT FROM issue_event AS x
          WHERE x.issue_id = e.issue_id AND x.seq > e.seq AND x.move IN ('check_pass', 'void', 'merge', 'split'))
) AS v ON true
ORDER BY wanted.place
