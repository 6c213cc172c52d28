-- The first event whose place in the chain is broken, or whose issue does not end with it. No row: the chain is whole.
WITH sealed AS (
    SELECT e.issue_id, e.seq, e.hash,
           row_number() OVER w AS place,
           sha256(
               COALESCE(lag(e.hash) OVER w, decode(repeat('00', 32), 'hex'))
               || int8send(e.issue_id) || int4send(e.seq)
               || int8send(CAST(extract(epoch FROM e.at) * 1000000 AS bigint))
               || int4send(octet_length(e.move)) || convert_to(e.move, 'UTF8')
               || int8send(e.actor) || sha256(convert_to(e.data, 'UTF8'))
           ) AS expected,
           lead(e.seq) OVER w IS NULL AS is_head
    FROM issue_event AS e
    WHERE e.city_id = :city_id
    WINDOW w AS (PARTITION BY e.issue_id ORDER BY e.seq)
)
SELECT COALESCE(s.issue_id, i.issue_id) AS issue_id, s.seq,
       CASE
           WHEN s.issue_id IS NULL THEN 'event 1 is missing, and all after it'
           WHEN s.seq <> s.place THEN format('event %s is missing', s.place)
           WHEN s.hash <> s.expected THEN format('event %s is not what its hash seals', s.seq)
           WHEN i.issue_id IS NULL THEN format('event %s has no issue', s.seq)
           WHEN i.seq > s.seq THEN format('event %s is missing', s.seq + 1)
           WHEN i.seq < s.seq THEN format('event %s is there, its issue ends before it', i.seq + 1)
           ELSE format('event %s is not the one that the issue ends with', s.seq)
       END AS what,
       COALESCE(i.number, '?') AS number
FROM sealed AS s
FULL JOIN (SELECT issue_id, seq, hash, number FROM issue WHERE city_id = :city_id) AS i ON i.issue_id = s.issue_id
WHERE s.issue_id IS NULL OR i.issue_id IS NULL OR s.seq <> s.place OR s.hash <> s.expected
   OR (s.is_head AND (i.seq <> s.seq OR i.hash <> s.hash))
ORDER BY 1, 2
LIMIT 1
