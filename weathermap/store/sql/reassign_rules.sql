-- What the temporary table `moving` would do, by the duty that decides: from whom to whom, most first, with an example.
SELECT CAST(m.data AS jsonb) ->> 'duty' AS duty, u.code AS from_unit, u.name AS from_unit_name, u.name_en AS from_unit_en,
       w.code AS to_unit, w.name AS to_unit_name, w.name_en AS to_unit_en, count(*) AS issues, min(i.number) AS example,
       min(i.issue_id) AS example_id
FROM moving AS m
JOIN issue AS i USING (issue_id)
LEFT JOIN unit AS u ON u.unit_id = m.old_unit
LEFT JOIN unit AS w ON w.unit_id = m.new_unit
GROUP BY 1, 2, 3, 4, 5, 6, 7
ORDER BY issues DESC, 1, 2, 5
