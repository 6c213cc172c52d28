-- Set the areas of the issues in the temporary table `lying`. Where `data` is given an issue lies elsewhere: a `relocate`
-- event says so, sealed as `seal` does. It is no change of the issue: `last_at` stays.
WITH sealed AS (
    SELECT i.issue_id, i.city_id, i.seq + 1 AS seq, l.data,
           sha256(
               i.hash || int8send(i.issue_id) || int4send(i.seq + 1) || int8send(:now_us)
               || int4send(octet_length('relocate')) || convert_to('relocate', 'UTF8')
               || int8send(0) || sha256(convert_to(l.data, 'UTF8'))
           ) AS hash
    FROM lying AS l
    JOIN issue AS i USING (issue_id)
    WHERE l.data IS NOT NULL
),
appended AS (
    INSERT INTO issue_event (issue_id, seq, city_id, at, move, actor, data, hash)
    SELECT issue_id, seq, city_id, instant(:now_us), 'relocate', 0, data, hash FROM sealed
)
UPDATE issue AS i
SET area_id = l.area_id, places = l.places, seq = COALESCE(s.seq, i.seq), hash = COALESCE(s.hash, i.hash),
    position = CASE WHEN l.area_id IS NOT NULL THEN 'located' WHEN i.position = 'located' THEN 'outside' ELSE i.position END
FROM lying AS l
LEFT JOIN sealed AS s USING (issue_id)
WHERE i.issue_id = l.issue_id
