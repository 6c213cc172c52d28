-- What lies ahead counts for the new borders alone: subjects of the old ones give way to their successors, if any.
UPDATE tally_delta AS d
SET subjects = ARRAY(
    SELECT CASE WHEN s.old_id IS NULL THEN u.id ELSE s.new_id END
    FROM unnest(d.subjects) WITH ORDINALITY AS u (id, place)
    LEFT JOIN successor AS s ON s.old_id = u.id
    WHERE s.old_id IS NULL OR s.new_id IS NOT NULL
    ORDER BY u.place)
WHERE d.city_id = :city_id
