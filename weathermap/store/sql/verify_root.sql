-- The first root that is not the root of its leaves, or does not seal the one before it. No row: all hold.
WITH RECURSIVE level (root_no, place, hash, width) AS (
    SELECT root_no, row_number() OVER w - 1,
           sha256(decode('00', 'hex') || int8send(issue_id) || int4send(seq) || hash),
           count(*) OVER (PARTITION BY root_no)
    FROM event_leaf
    WHERE city_id = :city_id
    WINDOW w AS (PARTITION BY root_no ORDER BY issue_id)
    UNION ALL
    SELECT root_no, place / 2, CASE WHEN next IS NULL THEN hash ELSE sha256(decode('01', 'hex') || hash || next) END,
           (width + 1) / 2
    FROM (SELECT *, lead(hash) OVER (PARTITION BY root_no ORDER BY place) AS next FROM level WHERE width > 1) AS below
    WHERE place % 2 = 0
),
chain AS (
    SELECT r.root_no, r.day, r.leaves, r.tree, r.hash, c.code,
           lag(r.hash) OVER (ORDER BY r.root_no) AS previous,
           row_number() OVER (ORDER BY r.root_no) AS place
    FROM event_root AS r
    JOIN city AS c USING (city_id)
    WHERE r.city_id = :city_id
)
SELECT c.root_no, c.day,
       CASE
           WHEN c.root_no <> c.place THEN format('root %s is missing', c.place)
           WHEN c.leaves <> COALESCE(n.leaves, 0) THEN format('it seals %s issues, %s are kept', c.leaves, COALESCE(n.leaves, 0))
           WHEN c.tree <> COALESCE(t.hash, sha256('')) THEN 'it is not the root of what it sealed'
           ELSE 'its hash does not seal it and the roots before it'
       END AS what
FROM chain AS c
LEFT JOIN level AS t ON t.root_no = c.root_no AND t.width = 1
LEFT JOIN (SELECT root_no, count(*) AS leaves FROM event_leaf WHERE city_id = :city_id GROUP BY root_no) AS n
    ON n.root_no = c.root_no
WHERE c.root_no <> c.place OR c.leaves <> COALESCE(n.leaves, 0) OR c.tree <> COALESCE(t.hash, sha256(''))
   OR c.hash <> sha256(
       COALESCE(c.previous, decode(repeat('00', 32), 'hex'))
       || int4send(octet_length(c.code)) || convert_to(c.code, 'UTF8') || int4send(c.root_no)
       || int4send(c.day - date '1970-01-01') || int8send(c.leaves) || c.tree)
ORDER BY c.root_no
LIMIT 1
