-- What was not yet known at the instant :view_us, as `tally_late` holds it, for the subjects of one boundary version and,
-- with the newest, for the units. Points and red lines are read from the pack of today: not here.
SELECT subject_id, m.name AS measure, CAST(sum(d.n) AS bigint) AS n
FROM tally_late AS d
CROSS JOIN unnest(d.subjects) AS subject_id
JOIN unnest(CAST(:measures AS text[])) WITH ORDINALITY AS m (name, place) ON m.place = d.measure + 1
LEFT JOIN tally_slice AS slice USING (subject_id)
LEFT JOIN area AS a ON a.area_id = COALESCE(slice.holder_id, subject_id)
WHERE d.city_id = :city_id AND d.at <= instant(:view_us) AND d.recorded_at > instant(:view_us)
  AND m.name NOT IN ('declared', 'covered', 'visits', 'red_overdue')
  AND CASE WHEN a.area_id IS NULL THEN CAST(:until_us AS bigint) IS NULL ELSE a.version = :version END
GROUP BY subject_id, m.name
HAVING sum(d.n) <> 0
