-- Empty the prefix rows of a city's units and of the areas of one boundary version, and of their slices.
DELETE FROM tally_prefix AS p
USING tally_subject AS t
LEFT JOIN tally_slice AS s ON s.subject_id = t.subject_id
LEFT JOIN area AS a ON a.area_id = COALESCE(s.holder_id, t.subject_id)
WHERE p.subject_id = t.subject_id AND t.city_id = :city_id AND (a.area_id IS NULL OR a.version = :version)
