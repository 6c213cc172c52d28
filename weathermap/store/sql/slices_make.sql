-- Make the slices that a city lacks, each with its buckets: of a day, of ten days those of units, which are many.
WITH holder AS (
    SELECT area_id AS holder_id FROM area
    WHERE city_id = :city_id AND version = :version AND level = ANY (CAST(:levels AS text[]))
    UNION ALL
    SELECT unit_id FROM unit WHERE city_id = :city_id
),
wanted AS (
    SELECT h.holder_id, c.category_id, NULL::int AS source_id
    FROM holder AS h CROSS JOIN category AS c WHERE c.city_id = :city_id
    UNION ALL
    SELECT h.holder_id, NULL, o.source_id
    FROM holder AS h CROSS JOIN source AS o WHERE o.city_id = :city_id
),
made AS (
    INSERT INTO tally_slice (city_id, holder_id, category_id, source_id)
    SELECT :city_id, holder_id, category_id, source_id FROM wanted
    ORDER BY holder_id, category_id, source_id
    ON CONFLICT DO NOTHING
    RETURNING subject_id, holder_id
)
INSERT INTO tally_subject (subject_id, city_id, bucket_s)
SELECT made.subject_id, :city_id, CASE WHEN unit.unit_id IS NULL THEN 86400 ELSE 864000 END
FROM made LEFT JOIN unit ON unit.unit_id = made.holder_id
