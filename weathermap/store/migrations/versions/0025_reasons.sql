-- As 0021 has it, planned once a session instead of at every call: each check asks it, in the transaction that moves.
CREATE OR REPLACE FUNCTION visit_reason(city int, issue bigint, category int, before timestamptz) RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN (
        SELECT CASE
            WHEN c.check_by = 'visit' THEN 'category'
            WHEN f.data IS NULL OR NOT CAST(f.data AS jsonb) ? 'photos' THEN 'no_photo'
            WHEN get_byte(f.hash, 0) * 256 + get_byte(f.hash, 1) < 65536 * COALESCE((
                SELECT CAST(p.config #>> '{city,visit_share}' AS double precision)
                FROM pack_version AS p WHERE p.city_id = city ORDER BY p.pack_version DESC LIMIT 1), 0.1) THEN 'drawn'
            ELSE '' END
        FROM category AS c
        LEFT JOIN LATERAL (
            SELECT e.data, e.hash FROM issue_event AS e
            WHERE e.issue_id = issue AND e.move = 'feed_back' AND e.at < before ORDER BY e.seq DESC LIMIT 1) AS f ON true
        WHERE c.category_id = category);
END $$;
