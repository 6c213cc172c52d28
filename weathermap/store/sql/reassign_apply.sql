-- Append a `reassign` event to each issue of the temporary table `moving`, sealed as `seal` does, and hand it over.
-- Compare-and-swap: only those whose last event is the one that was seen.
WITH sealed AS (
    SELECT i.issue_id, i.city_id, m.seq + 1 AS seq, m.at, m.data, m.new_unit, m.person_id,
           sha256(
               i.hash || int8send(i.issue_id) || int4send(m.seq + 1) || int8send(micros(m.at))
               || int4send(octet_length('reassign')) || convert_to('reassign', 'UTF8')
               || int8send(0) || sha256(convert_to(m.data, 'UTF8'))
           ) AS hash
    FROM moving AS m
    JOIN issue AS i ON i.issue_id = m.issue_id AND i.seq = m.seq
),
appended AS (
    INSERT INTO issue_event (issue_id, seq, city_id, at, move, actor, data, hash)
    SELECT issue_id, seq, city_id, at, 'reassign', 0, data, hash FROM sealed
)
UPDATE issue AS i
SET seq = s.seq, hash = s.hash, last_at = s.at,
    unit_id = CASE WHEN i.notified_at IS NOT NULL THEN s.new_unit END,
    person_id = CASE WHEN i.notified_at IS NOT NULL THEN s.person_id END
FROM sealed AS s
WHERE i.issue_id = s.issue_id
