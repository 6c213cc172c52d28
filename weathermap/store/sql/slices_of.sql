-- The slices of one holder with what they are slices of: 'category' with the special work it belongs to, or 'source'.
SELECT s.subject_id, CASE WHEN s.source_id IS NULL THEN 'category' ELSE 'source' END AS kind,
       COALESCE(c.code, o.code) AS code, COALESCE(c.name, o.name) AS name, COALESCE(c.name_en, o.name_en) AS name_en,
       COALESCE(c.special, '') AS special
FROM tally_slice AS s
LEFT JOIN category AS c ON c.category_id = s.category_id
LEFT JOIN source AS o ON o.source_id = s.source_id
WHERE s.holder_id = :holder_id AND (s.source_id IS NULL) = (:kind = 'category')
ORDER BY code
